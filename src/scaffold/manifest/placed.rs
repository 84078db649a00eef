//! Values of `template.toml` that know where in the file they stand, so that what turns out wrong with them later can be shown.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

/// A string that knows where in the file it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) text: String,
    /// Bytes of `template.toml`, quotes included.
    pub(crate) span: std::ops::Range<usize>,
}

impl Text {
    /// A text whose place was lost; it is searched where it must be shown.
    pub(super) fn unplaced(text: &str) -> Self {
        Self { text: text.to_owned(), span: 0..0 }
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = toml::Spanned::<String>::deserialize(deserializer)?;
        Ok(Self { span: spanned.span(), text: spanned.into_inner() })
    }
}

impl JsonSchema for Text {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Text".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string" })
    }
}

/// Any value of TOML that is no date, with its place.
#[derive(Debug, Clone)]
pub(crate) struct Literal {
    pub(crate) value: toml::Value,
    pub(crate) span: std::ops::Range<usize>,
}

impl Literal {
    /// A value whose place was lost.
    pub(super) fn unplaced(value: impl Into<toml::Value>) -> Self {
        Self { value: value.into(), span: 0..0 }
    }
}

impl<'de> Deserialize<'de> for Literal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = toml::Spanned::<toml::Value>::deserialize(deserializer)?;
        Ok(Self { span: spanned.span(), value: spanned.into_inner() })
    }
}

impl JsonSchema for Literal {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Literal".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["string", "number", "boolean", "array", "object"] })
    }
}

/// For schemas: a value that is no list and no table.
pub(super) struct Scalar;

impl JsonSchema for Scalar {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Scalar".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["string", "number", "boolean"] })
    }
}
