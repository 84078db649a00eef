//! TOML, with everything that is not touched as it was.

use serde_json::Value as Json;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use crate::scaffold::values;

pub(super) fn read(text: &str) -> Result<Json, String> {
    let table: ::toml::Table = text.parse().map_err(|error: ::toml::de::Error| no_toml(error.message()))?;
    Ok(values::from_toml(&::toml::Value::Table(table)))
}

fn no_toml(why: &str) -> String {
    format!("it is no TOML: {}", why.lines().next().unwrap_or_default())
}

fn parsed(text: &str) -> Result<DocumentMut, String> {
    text.parse().map_err(|error: toml_edit::TomlError| no_toml(error.message()))
}

pub(super) fn insert(text: &str, keys: &[String], value: &Json) -> Result<String, String> {
    let mut document = parsed(text)?;
    let (last, above) = keys.split_last().ok_or("no key is named")?;
    let is_empty = document.is_empty();
    let mut is_inline = false;
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for (number, key) in above.iter().enumerate() {
        if !table.contains_key(key) {
            let mut new = Table::new();
            // A table that only holds another has no header of its own.
            new.set_implicit(number + 1 < above.len());
            if !is_empty {
                new.decor_mut().set_prefix("\n");
            }
            table.insert(key, Item::Table(new));
        }
        let item = table.get_mut(key).ok_or("there is no table to put it in")?;
        is_inline = item.is_inline_table();
        table = item.as_table_like_mut().ok_or("there is no table to put it in")?;
    }
    let mut new = input(value)?;
    // What stands between the last value and the bracket goes with the bracket.
    if let Some((_, Item::Value(before))) = table.iter_mut().last()
        && is_inline
    {
        let between = before.decor().suffix().cloned().unwrap_or_default();
        before.decor_mut().set_suffix("");
        new.decor_mut().set_suffix(between);
    }
    table.insert(last, Item::Value(new));
    let new = document.to_string();
    // A last line without a newline keeps that, where nothing was put behind it.
    let is_ended = !text.is_empty() && !text.ends_with('\n') && !new.starts_with(text);
    Ok(if is_ended { new.strip_suffix('\n').map(ToOwned::to_owned).unwrap_or(new) } else { new })
}

pub(super) fn remove(text: &str, keys: &[String]) -> Result<String, String> {
    let mut document = parsed(text)?;
    let (last, above) = keys.split_last().ok_or("no key is named")?;
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for key in above {
        table = table.get_mut(key).and_then(Item::as_table_like_mut).ok_or("it is not there")?;
    }
    table.remove(last).ok_or("it is not there")?;
    Ok(document.to_string())
}

fn input(value: &Json) -> Result<Value, String> {
    Ok(match value {
        Json::Null => return Err("TOML has no null".to_owned()),
        Json::Bool(flag) => (*flag).into(),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole.into(),
            (None, Some(number)) => number.into(),
            (None, None) => return Err("the number is too large for TOML".to_owned()),
        },
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => Value::Array(items.iter().map(input).collect::<Result<Array, String>>()?),
        Json::Object(map) => {
            let mut table = InlineTable::new();
            for (key, value) in map {
                table.insert(key, input(value)?);
            }
            Value::InlineTable(table)
        }
    })
}
