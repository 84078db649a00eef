//! JSON as people write it: with comments and trailing commas, in their own form.

use jsonc_parser::cst::{CstInputValue, CstObject, CstRootNode};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::Value as Json;

pub(super) fn read(text: &str) -> Result<Json, String> {
    Ok(parsed(text)?.to_serde_value().unwrap_or(Json::Null))
}

fn parsed(text: &str) -> Result<CstRootNode, String> {
    let options = ParseOptions { allow_loose_object_property_names: false, ..ParseOptions::default() };
    CstRootNode::parse(text, &options).map_err(|error| format!("it is no JSON: {error}"))
}

/// The object that holds the last of `keys`; those around it are made where they are missing.
fn holder(root: &CstRootNode, keys: &[String]) -> Option<CstObject> {
    let (_, above) = keys.split_last()?;
    above.iter().try_fold(root.object_value_or_create()?, |object, key| object.object_value_or_create(key))
}

pub(super) fn insert(text: &str, keys: &[String], value: &Json) -> Result<String, String> {
    if let Some(new) = insert_in_line(text, keys, value) {
        return Ok(new);
    }
    let root = parsed(text)?;
    let (Some(object), Some(last)) = (holder(&root, keys), keys.last()) else {
        return Err("there is no object to put it in".to_owned());
    };
    object.append(last, input(value));
    Ok(root.to_string())
}

/// An object on one line stays on one line.
fn insert_in_line(text: &str, keys: &[String], value: &Json) -> Option<String> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default()).ok()?;
    let mut object = parsed.value.as_ref()?.as_object()?;
    let mut missing = keys;
    while let (Some(inner), true) = (object.get_object(missing.first()?), missing.len() > 1) {
        (object, missing) = (inner, &missing[1..]);
    }
    let last = object.properties.last()?;
    if text[object.range.start..object.range.end].contains('\n') {
        return None;
    }
    let (first, below) = missing.split_first()?;
    let nested =
        below.iter().rev().fold(value.clone(), |value, key| Json::Object([(key.clone(), value)].into_iter().collect()));
    let member = format!(", {}: {nested}", Json::String(first.clone()));
    Some(format!("{}{member}{}", &text[..last.range.end], &text[last.range.end..]))
}

pub(super) fn remove(text: &str, keys: &[String]) -> Result<String, String> {
    let root = parsed(text)?;
    let found = holder(&root, keys).and_then(|object| object.get(keys.last()?));
    found.ok_or("it is not there")?.remove();
    Ok(root.to_string())
}

fn input(value: &Json) -> CstInputValue {
    match value {
        Json::Null => CstInputValue::Null,
        Json::Bool(flag) => CstInputValue::Bool(*flag),
        Json::Number(number) => CstInputValue::Number(number.to_string()),
        Json::String(text) => CstInputValue::String(text.clone()),
        Json::Array(items) => CstInputValue::Array(items.iter().map(input).collect()),
        Json::Object(map) => {
            CstInputValue::Object(map.iter().map(|(key, value)| (key.clone(), input(value))).collect())
        }
    }
}
