//! How it is written down what was put into files: one list per component, as the digests are kept.

use serde::{Deserialize, Serialize};

use super::{Done, Format, What};
use crate::plan::path::TreePath;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Records {
    #[serde(default)]
    contribution: Vec<Record>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    to: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lines: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    format: Option<Format>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    keys: Vec<String>,
    /// As JSON: TOML knows no null.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    inserted: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    replaced: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tables: Option<usize>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    file: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order: Option<usize>,
}

/// The list of one component.
///
/// # Errors
/// What TOML cannot hold.
pub(in crate::scaffold) fn text(done: &[&Done]) -> Result<String, ::toml::ser::Error> {
    let record = |done: &&Done| {
        let (lines, format, keys, value) = match &done.what {
            What::Lines(lines) => (Some(lines.clone()), None, Vec::new(), None),
            What::Key { format, keys, value } => (None, Some(*format), keys.clone(), Some(value.to_string())),
        };
        Record {
            to: done.to.to_string(),
            lines,
            format,
            keys,
            value,
            inserted: done.inserted.clone(),
            replaced: done.replaced.clone(),
            tables: Some(done.tables).filter(|tables| *tables > 0),
            file: done.file,
            order: Some(done.order).filter(|order| *order > 0),
        }
    };
    ::toml::to_string(&Records { contribution: done.iter().map(record).collect() })
}

/// Reads what `text` wrote, or somebody else.
///
/// # Errors
/// What is wrong with it.
pub(in crate::scaffold) fn parse(text: &str, owner: Option<&str>) -> Result<Vec<Done>, String> {
    let records: Records = ::toml::from_str(text).map_err(|error| error.message().replace('\n', " "))?;
    let done = records.contribution.into_iter().map(|record| {
        let to = TreePath::new(&record.to).map_err(|why| format!("the path `{}` {why}", record.to.escape_debug()))?;
        let value = record.value.as_deref().map(serde_json::from_str).transpose();
        let what = match (record.lines, record.format, value) {
            (Some(lines), None, Ok(None)) => What::Lines(lines),
            (None, Some(format), Ok(Some(value))) if !record.keys.is_empty() => {
                What::Key { format, keys: record.keys, value }
            }
            _ => return Err(format!("what was put into `{to}` is neither lines nor a key")),
        };
        Ok(Done {
            to,
            owner: owner.map(ToOwned::to_owned),
            what,
            inserted: record.inserted,
            replaced: record.replaced,
            tables: record.tables.unwrap_or_default(),
            file: record.file,
            order: record.order.unwrap_or_default(),
        })
    });
    done.collect()
}
