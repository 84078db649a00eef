//! `prodev env example --infer`: declarations for variables that have none, from `.env`, `.env.example` and the code. Values of secrets go nowhere.

use std::fmt::Write as _;
use std::path::Path;

use indexmap::IndexMap;
use serde_json::json;

use super::blocks::blocks;
use super::cipher;
use super::draft::Draft;
use super::keyring::is_key_name;
use super::layers::configured;
use super::mask;
use super::schema::type_name;
use super::store::read;
use super::usage::{self, Survey};
use crate::config::discover::{self, FILE_NAME};
use crate::config::environment::{Dialect, Environment, EnvironmentVariable, VariableType};
use crate::config::{project, secrecy};
use crate::ctx::Ctx;
use crate::error::fail;
use crate::outcome::{Change, Outcome, object};
use crate::plan::original::{Original, Protected};
use crate::plan::{Plan, Privacy, Replacement, Step};

/// Files that are read, those first whose values are made up.
const FILES: [(&str, bool); 2] = [(".env.example", true), (".env", false)];

/// What is known of a variable.
#[derive(Debug, Default)]
struct Clues {
    /// Values that it has, or would have.
    values: Vec<String>,
    doc: Option<String>,
    example: Option<String>,
    /// What code takes where it is not set.
    default: Option<String>,
    /// A value that cannot be looked at, or is a secret already.
    is_closed: bool,
    is_read: bool,
    /// Some code has nothing to take in its place.
    is_needed: bool,
}

/// Proposes, or with `writes` makes them part of `prodev.toml`.
pub(super) fn infer(writes: bool, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let (folder, environment) = configured(&ctx.dir, ctx)?;
    let mut clues = clues(&folder, environment.dialect, ctx)?;
    clues.retain(|name, _| !environment.vars.contains_key(name) && !is_key_name(name));
    let mut text = String::new();
    let mut names = Vec::new();
    for (name, clues) in &clues {
        if !text.is_empty() {
            text.push('\n');
        }
        declaration(&mut text, name, clues);
        names.push(name.clone());
    }
    if !writes {
        if names.is_empty() {
            ctx.ui.note("every variable is declared");
        }
        return Ok(Outcome::answer(text.clone(), json!({ "declared": names, "toml": text })));
    }
    let path = folder.join(FILE_NAME);
    let shown = discover::shown(&path, &ctx.dir);
    let taken = Original::take_all(&[(path, shown.clone())])?.pop();
    let original = taken.ok_or_else(|| fail(format!("cannot read `{shown}`")))?;
    let before = String::from_utf8_lossy(original.bytes().unwrap_or_default()).into_owned();
    let gap = if before.is_empty() {
        ""
    } else if before.ends_with('\n') {
        "\n"
    } else {
        "\n\n"
    };
    let after = if names.is_empty() { before.clone() } else { format!("{before}{gap}{text}") };
    project::check(&shown, &after).map_err(|failure| {
        fail(format!("the declarations cannot be added to `{shown}` as they are"))
            .cause(failure.message)
            .hint("print them with `prodev env example --infer`, and put them in by hand")
    })?;
    let replacement = Replacement::new(&original, after.into_bytes(), Privacy::Ordinary, Protected::Respect)?;
    let done = match names.len() {
        0 => "every variable is declared".to_owned(),
        1 => format!("declared 1 variable in `{shown}`"),
        count => format!("declared {count} variables in `{shown}`"),
    };
    let json = object(json!({ "declared": names, "file": shown }));
    let plan = Plan::new(replacement.map(Step::Replace));
    Ok(Outcome::Change(Box::new(Change { plan, done, json, ..Change::default() })))
}

fn clues(folder: &Path, dialect: Dialect, ctx: &Ctx) -> anyhow::Result<IndexMap<String, Clues>> {
    let mut all: IndexMap<String, Clues> = IndexMap::new();
    for (file, is_example) in FILES {
        let Ok(bytes) = std::fs::read(folder.join(file)) else { continue };
        let draft = Draft::new(&bytes, dialect);
        let Ok(reading) = read(&draft, dialect) else {
            ctx.ui.warn(&format!("`{file}` cannot be read, and is left out; see `prodev env check`"));
            continue;
        };
        for one in &reading.assignments {
            let clues = all.entry(one.key.clone()).or_default();
            let Some(value) = one.value.as_ref().filter(|value| !value.is_empty()) else { continue };
            if !one.references.is_empty() || cipher::is_encrypted(value) {
                clues.is_closed = true;
            } else {
                if is_example {
                    clues.example = Some(value.clone());
                }
                clues.values.push(value.clone());
            }
        }
        // Comments of somebody's own file may hold what nobody else should read.
        for block in blocks(&draft).into_iter().filter(|_| is_example) {
            let comments = String::from_utf8_lossy(&draft.bytes()[block.comments]).into_owned();
            let lines = comments.lines().map(|line| line.trim().trim_start_matches('#').trim());
            let lines: Vec<&str> = lines.filter(|line| !line.is_empty() && !line.contains('=')).collect();
            let doc = lines.join(" ");
            if !doc.is_empty() && secrecy::is_harmless_comment(&doc) {
                all.entry(block.key).or_default().doc = Some(doc);
            }
        }
    }
    let survey = Survey::of(folder, &[], &all.keys().cloned().collect(), ctx)?;
    for (name, places) in survey.names() {
        if usage::is_well_known(name) || survey.set.contains(name) && !all.contains_key(name) {
            continue;
        }
        let clues = all.entry(name.to_owned()).or_default();
        clues.is_read = true;
        clues.is_needed = places.iter().any(|seen| seen.is_needed);
        clues.default = places.iter().find_map(|seen| seen.default.clone());
    }
    Ok(all)
}

fn declaration(text: &mut String, name: &str, clues: &Clues) {
    let given = clues.values.iter().chain(&clues.default).filter(|value| !value.is_empty());
    let kinds: Vec<VariableType> = given.map(|value| kind(name, value)).collect();
    // Where they disagree, only a text is all of them.
    let kind = match kinds.split_first() {
        Some((first, rest)) if rest.iter().all(|other| other == first) => *first,
        _ => VariableType::String,
    };
    let is_named = clues.values.iter().chain(&clues.default).any(|value| secrecy::is_secret(name, kind, value))
        || secrecy::is_secret(name, kind, "");
    // What is hidden as long as nothing is declared stays so, unless no value has anything to tell.
    let is_hidden = mask::is_hidden(name, &Environment::default())
        && (clues.is_closed || clues.values.iter().any(|value| !secrecy::is_harmless(name, kind, value)));
    let is_secret = is_named || is_hidden;
    let quoted = |value: &str| toml_edit::Value::from(value).to_string();
    let key = toml_edit::Key::new(name).to_string();
    let _ = writeln!(text, "[env.vars.{}]", key.trim());
    let _ = writeln!(text, "type = \"{}\"", type_name(kind));
    if is_secret {
        text.push_str("secret = true\n");
    }
    let default = clues
        .default
        .as_deref()
        .filter(|default| !default.is_empty() && !is_secret && secrecy::is_harmless(name, kind, default));
    match default {
        Some(default) => {
            let _ = writeln!(text, "default = {}", quoted(&default.replace('$', "$$")));
        }
        None if clues.is_read && clues.is_needed => text.push_str("required = true\n"),
        None => {}
    }
    let example = clues.example.as_deref().filter(|example| !is_secret && secrecy::is_harmless(name, kind, example));
    if let Some(example) = example.filter(|example| Some(*example) != default) {
        let _ = writeln!(text, "example = {}", quoted(example));
    }
    if let Some(doc) = &clues.doc {
        let _ = writeln!(text, "doc = {}", quoted(doc));
    }
}

/// The type that a value is surely of.
fn kind(name: &str, value: &str) -> VariableType {
    let fits = |kind| EnvironmentVariable { kind, ..EnvironmentVariable::default() }.refuse(value).is_none();
    let is_word = matches!(value.to_ascii_lowercase().as_str(), "true" | "false" | "yes" | "no" | "on" | "off");
    match () {
        () if is_word => VariableType::Bool,
        () if (name == "PORT" || name.ends_with("_PORT")) && fits(VariableType::Port) => VariableType::Port,
        () if fits(VariableType::Int) => VariableType::Int,
        () if fits(VariableType::Float) => VariableType::Float,
        () if value.contains("://") && !value.contains(',') && fits(VariableType::Url) => VariableType::Url,
        () if value.contains('@') && fits(VariableType::Email) && !value.contains(':') => VariableType::Email,
        () if fits(VariableType::Uuid) => VariableType::Uuid,
        () if fits(VariableType::Ip) => VariableType::Ip,
        () => VariableType::String,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_those_that_values_surely_have() {
        use VariableType::{Bool, Email, Float, Int, Ip, Port, String, Url, Uuid};
        for (name, value, expected) in [
            ("DEBUG", "False", Bool),
            ("PORT", "8000", Port),
            ("WORKERS", "4", Int),
            ("RATIO", "0.5", Float),
            ("SITE", "https://a.b/c", Url),
            ("SITES", "https://a.b,https://c.d", String),
            ("FROM", "a@b.c", Email),
            ("ID", "123e4567-e89b-12d3-a456-426614174000", Uuid),
            ("BIND", "127.0.0.1", Ip),
            ("MODE", "x", String),
        ] {
            assert_eq!(kind(name, value), expected, "{name}={value}");
        }
    }

    #[test]
    fn secrets_are_declared_and_not_repeated() {
        let clues = Clues { values: vec!["hunter2".to_owned()], is_read: true, is_needed: true, ..Clues::default() };
        let mut text = String::new();
        declaration(&mut text, "DB_PASSWORD", &clues);
        assert_eq!(text, "[env.vars.DB_PASSWORD]\ntype = \"string\"\nsecret = true\nrequired = true\n");
    }

    #[test]
    fn what_is_hidden_stays_so() {
        for (name, value, is_secret) in [
            ("LOGIN", "hunter2hunter2", true),
            ("URLZ", "https://x.y/?api_key=abcdef", true),
            ("ACCOUNT", "4915112345678", true),
            ("WORKERS", "4", false),
            ("APP_HOST", "db_internal", false),
            ("SITE", "https://example.org/api", false),
        ] {
            let mut text = String::new();
            declaration(&mut text, name, &Clues { values: vec![value.to_owned()], ..Clues::default() });
            assert_eq!(text.contains("secret = true"), is_secret, "{text}");
        }
        let mut text = String::new();
        declaration(&mut text, "MADE", &Clues { is_closed: true, ..Clues::default() });
        assert!(text.contains("secret = true"), "{text}");
    }
}
