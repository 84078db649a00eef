//! A table whose keys come from a list of known names, each with a word of explanation.

use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};

use super::value::Map;

/// The list of names.
pub(crate) trait Names {
    /// What one of them is, with its article.
    const WHAT: &'static str;

    /// Each name, and what it is for.
    fn all() -> impl Iterator<Item = (&'static str, &'static str)>;
}

/// Values by known names, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Named<N, T> {
    map: Map<T>,
    #[serde(skip)]
    names: PhantomData<N>,
}

impl<N, T> Default for Named<N, T> {
    fn default() -> Self {
        Map::new().into()
    }
}

impl<N, T> From<Map<T>> for Named<N, T> {
    fn from(map: Map<T>) -> Self {
        Self { map, names: PhantomData }
    }
}

impl<N, T> std::ops::Deref for Named<N, T> {
    type Target = Map<T>;

    fn deref(&self) -> &Map<T> {
        &self.map
    }
}

impl<'de, N: Names, T: Deserialize<'de>> Deserialize<'de> for Named<N, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = Map::<T>::deserialize(deserializer)?;
        match map.keys().find(|key| N::all().all(|(name, _)| name != key.as_str())) {
            Some(key) => Err(de::Error::custom(format!("`{key}` is not {}", N::WHAT))),
            None => Ok(map.into()),
        }
    }
}

impl<N: Names, T: JsonSchema> JsonSchema for Named<N, T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Named{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut properties = serde_json::Map::new();
        for (name, doc) in N::all() {
            let mut schema = generator.subschema_for::<T>();
            schema.insert("description".to_owned(), doc.into());
            properties.insert(name.to_owned(), schema.to_value());
        }
        json_schema!({ "type": "object", "properties": properties, "additionalProperties": false })
    }
}
