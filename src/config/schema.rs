//! The JSON Schema of a configuration: for editors, and to hold documents against.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// The schema of `T` (JSON Schema 2020-12). TOML knows no null, so the schema does not either.
pub(crate) fn of<T: JsonSchema>() -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value();
    take_null_away(&mut schema);
    schema
}

fn take_null_away(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if map.get("default").is_some_and(Value::is_null) {
                map.remove("default");
            }
            if let Some(default) = map.get_mut("default") {
                prune(default);
            }
            if let Some(Value::Array(types)) = map.get_mut("type") {
                types.retain(|name| name != "null");
                if let [one] = types.as_slice() {
                    let one = one.clone();
                    map.insert("type".to_owned(), one);
                }
            }
            if let Some(Value::Array(variants)) = map.get_mut("anyOf") {
                variants.retain(|variant| variant.get("type").is_none_or(|name| name != "null"));
                if let [Value::Object(one)] = variants.as_slice() {
                    let one = one.clone();
                    map.remove("anyOf");
                    for (key, value) in one {
                        map.entry(key).or_insert(value);
                    }
                }
            }
            map.values_mut().for_each(take_null_away);
        }
        Value::Array(items) => items.iter_mut().for_each(take_null_away),
        _ => {}
    }
}

/// Takes out of a default what is not there: an editor that writes it down would write `null`.
fn prune(default: &mut Value) {
    if let Value::Object(map) = default {
        map.retain(|_, value| !value.is_null());
        map.values_mut().for_each(prune);
    }
}
