//! `extends`: the template that another is made from.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::{Literal, Text};

/// A source, or a table with `source` and `ref`.
#[derive(Debug, Clone)]
pub(crate) struct Extends {
    pub(crate) source: Text,
    /// The tag, branch or commit of a repository.
    pub(crate) reference: Option<String>,
}

/// For schemas: how it is written.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "only its schema is looked at")]
enum Shape {
    Source(String),
    Full(Full),
}

/// The same with a version.
#[derive(JsonSchema, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is looked at")]
struct Full {
    /// Where it is: a built-in name, `gh:OWNER/NAME`, an address, or a folder beside this one.
    source: String,
    /// The tag, branch or commit of a repository; the newest version where it is missing.
    r#ref: Option<String>,
}

impl JsonSchema for Extends {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Extends".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Shape::json_schema(generator)
    }
}

impl<'de> Deserialize<'de> for Extends {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Literal { value, span } = Literal::deserialize(deserializer)?;
        let wrong = || serde::de::Error::custom("a template is named by a text, or a table with `source` and `ref`");
        let (source, reference) = match &value {
            toml::Value::String(source) => (Some(source.as_str()), None),
            toml::Value::Table(table) => {
                if table.keys().any(|key| !matches!(key.as_str(), "source" | "ref")) {
                    return Err(wrong());
                }
                let reference = table.get("ref").map(|reference| reference.as_str().ok_or_else(wrong)).transpose()?;
                (table.get("source").and_then(toml::Value::as_str), reference)
            }
            _ => (None, None),
        };
        let source = source.filter(|source| !source.is_empty()).ok_or_else(wrong)?;
        Ok(Self { source: Text { text: source.to_owned(), span }, reference: reference.map(ToOwned::to_owned) })
    }
}
