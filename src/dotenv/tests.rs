//! The dialects held against what the real parsers made of some hundred small files, recorded in `tests/dotenv`; and their switches held against the
//! table in the documents.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::PathBuf;

use clap::ValueEnum as _;
use indexmap::IndexMap;
use serde_json::Value;

use super::evaluate::{Around, evaluate};
use super::lexer::parse;
use crate::config::environment::Dialect;

/// Each dialect, the name of its column, and the cases that are read otherwise on purpose.
const COLUMNS: [(Dialect, &str, &[&str]); 9] = [
    (Dialect::Compose, "compose", &[]),
    (Dialect::Dotenv, "dotenv", &[]),
    (Dialect::DotenvExpand, "dotenv-expand", &[]),
    // It guesses UTF-16 from the mark in front; no other parser does, and the file is refused elsewhere or empty.
    (Dialect::Dotenvx, "dotenvx", &["enc-utf16le"]),
    (Dialect::Python, "python", &[]),
    (Dialect::Node, "node", &[]),
    (Dialect::Docker, "docker", &[]),
    (Dialect::Dotenvy, "dotenvy", &[]),
    (Dialect::Direnv, "direnv", &[]),
];

fn file(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/dotenv").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The bytes of a case.
fn input(case: &Value) -> Vec<u8> {
    if let Some(text) = case["input"].as_str() {
        return text.as_bytes().to_vec();
    }
    if let Some(bytes) = case["bytes"].as_array() {
        return bytes.iter().map(|byte| u8::try_from(byte.as_u64().unwrap()).unwrap()).collect();
    }
    let repeat = &case["input_repeat"];
    let text = |name: &str| repeat[name].as_str().unwrap_or_default();
    let count = usize::try_from(repeat["count"].as_u64().unwrap()).unwrap();
    format!("{}{}{}", text("prefix"), text("unit").repeat(count), text("suffix")).into_bytes()
}

/// What a dialect makes of a file, as the columns have it.
fn read(source: &[u8], dialect: Dialect) -> Option<BTreeMap<String, Value>> {
    let environment: HashMap<String, String> = [
        ("HOME", "/nonexistent"),
        ("FOO", "fromenv"),
        ("EMPTYENV", ""),
        ("LC_ALL", "C.UTF-8"),
        ("PATH", "/usr/bin:/bin"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let around = Around { environment: &environment, earlier: &IndexMap::new(), overrides: false, seals: None };
    let reading = evaluate(&parse(source, dialect), dialect, &around).ok()?;
    Some(reading.values().into_iter().map(|(key, value)| (key.to_owned(), shown(value))).collect())
}

fn shown(value: Option<&str>) -> Value {
    match value {
        Some(text) if text.chars().count() > 4000 => serde_json::json!({ "len": text.chars().count() }),
        Some(text) => text.into(),
        None => Value::Null,
    }
}

fn expected(column: &Value) -> Option<BTreeMap<String, Value>> {
    let values = column["values"].as_object()?;
    let value = |value: &Value| match value["len"].as_u64() {
        Some(length) => serde_json::json!({ "len": length }),
        None => value.clone(),
    };
    Some(values.iter().map(|(key, one)| (key.clone(), value(one))).collect())
}

fn differences(cases: &str, dialect: Dialect, column: &str) -> (usize, Vec<(String, String)>) {
    let mut found = Vec::new();
    let mut count = 0;
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        if case[column].is_null() {
            continue;
        }
        count += 1;
        let source = input(&case);
        let (is, should) = (read(&source, dialect), expected(&case[column]));
        let runs = |text: &str| text.contains("$(");
        // The parser runs a program there. It is refused here, which counts as the same.
        let is_command =
            is.is_none() && runs(&String::from_utf8_lossy(&source)) && super::dialect::rules(dialect).commands;
        if is != should && !is_command {
            let mut text = String::new();
            let _ = write!(
                text,
                "{column} {:?}\n    is     {is:?}\n    should {should:?}",
                String::from_utf8_lossy(&source)
            );
            text = text.chars().take(900).collect();
            found.push((case["id"].as_str().unwrap_or_default().to_owned(), text));
        }
    }
    (count, found)
}

#[test]
fn dialects_read_what_their_parsers_read() {
    let cases = file("cases.jsonl");
    let mut report = String::new();
    for (dialect, column, exceptions) in COLUMNS {
        let (_, found) = differences(&cases, dialect, column);
        let unexpected = found.iter().filter(|(id, _)| !exceptions.contains(&id.as_str()));
        unexpected.for_each(|(id, text)| {
            let _ = writeln!(report, "{id}: {text}");
        });
        let ids: Vec<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
        for exception in exceptions.iter().filter(|exception| !ids.contains(exception)) {
            let _ = writeln!(report, "{column} reads `{exception}` as the parser does: it is no exception any more");
        }
    }
    assert!(report.is_empty(), "{report}");
}

/// A second collection, from each parser's documented rules, and a third one, made up at random; both were read for the first time when the dialects
/// stood.
#[test]
fn dialects_read_what_they_were_not_made_from() {
    let mut report = String::new();
    for name in ["more.jsonl", "random.jsonl"] {
        let cases = file(name);
        for (dialect, column, _) in COLUMNS {
            let (count, found) = differences(&cases, dialect, column);
            for (id, text) in &found {
                let _ = writeln!(report, "{id} (of {count}): {text}");
            }
        }
    }
    assert!(report.is_empty(), "{report}");
}

/// How much of each collection is read as its parser reads it, whatever exceptions are named; where a program would run, a refusal is right.
#[test]
fn dialects_reach_what_is_promised_of_them() {
    for name in ["cases.jsonl", "more.jsonl", "random.jsonl"] {
        let cases = file(name);
        for (dialect, column, _) in COLUMNS {
            let (count, found) = differences(&cases, dialect, column);
            let missing = if matches!(dialect, Dialect::Node | Dialect::Dotenvy | Dialect::Direnv) { 3 } else { 1 };
            assert!(count > 0 || dialect == Dialect::Compose, "{name} has nothing of {column}");
            assert!(
                found.len() * 100 <= missing * count,
                "{column} reads {} of {count} otherwise in {name}",
                found.len()
            );
        }
    }
}

/// A shell does far more with a file than assign: what is refused here would run there. What is read is read alike.
#[test]
fn what_is_read_as_shell_is_what_a_shell_assigns() {
    let (_, mut found) = differences(&file("cases.jsonl"), Dialect::Sh, "sh");
    found.extend(differences(&file("more.jsonl"), Dialect::Sh, "sh").1);
    let wrong: Vec<&str> =
        found.iter().filter(|(_, text)| !text.contains("is     None")).map(|(_, text)| text.as_str()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Any other recorded cases, by a file that the environment names.
#[test]
fn dialects_read_what_else_was_recorded() {
    #[allow(clippy::disallowed_methods, reason = "a test asks which file to read")]
    let Ok(path) = std::env::var("PRODEV_TEST_DOTENV_CASES") else { return };
    let cases = std::fs::read_to_string(path).unwrap();
    let mut report = String::new();
    for (dialect, column, _) in COLUMNS {
        let (count, found) = differences(&cases, dialect, column);
        let _ = writeln!(report, "== {column}: {} of {count} differ", found.len());
        found.iter().take(12).for_each(|(_, text)| {
            let _ = writeln!(report, "{text}");
        });
    }
    assert!(report.lines().all(|line| !line.starts_with("== ") || line.contains(": 0 of")), "{report}");
}

#[test]
fn what_a_failed_value_referred_to_is_its_own() {
    for (dialect, source) in [
        (Dialect::Dotenvy, "A=${X}\\q\nB=1\n"),
        (Dialect::Default, "A=$X${\nB=1\n"),
        (Dialect::DotenvExpand, "A=$A${A}x\nB=1\n"),
    ] {
        let around = Around { environment: &HashMap::new(), earlier: &IndexMap::new(), overrides: false, seals: None };
        let (reading, troubles) = super::evaluate::evaluate_all(&parse(source.as_bytes(), dialect), dialect, &around);
        assert!(!troubles.is_empty(), "{source:?}");
        let last = reading.assignments.last().unwrap();
        assert_eq!((last.key.as_str(), last.references.as_slice()), ("B", [].as_slice()), "{source:?}");
    }
}

#[test]
fn node_takes_indented_comments_for_comments_only_behind_some_lines() {
    // What Node 24.21 makes of them.
    let cases: [(&str, &[(&str, &str)]); 9] = [
        ("A=1\n #x=1\nB=2\n", &[("A", "1"), ("B", "2")]),
        ("A=1 # c\n #x=1\nB=2\n", &[("A", "1"), ("B", "2")]),
        ("A=\"1\n #x=1\nB=2\n", &[("A", "\"1"), ("B", "2")]),
        ("= #x=1\nB=2\n", &[("B", "2")]),
        ("= x=1\nB=2\n", &[("B", "2"), ("x", "1")]),
        ("A=\"1\"\n #x=1\nB=2\n", &[("#x", "1"), ("A", "1"), ("B", "2")]),
        ("A=\n #x=1\nB=2", &[("#x", "1"), ("A", ""), ("B", "2")]),
        ("#c\n #x=1\nB=2", &[("#x", "1"), ("B", "2")]),
        ("=\"a\" #x=1\nB=2", &[("\"a\" #x", "1"), ("B", "2")]),
    ];
    for (source, expected) in cases {
        let expected = expected.iter().map(|(key, value)| ((*key).to_owned(), Value::from(*value))).collect();
        assert_eq!(read(source.as_bytes(), Dialect::Node), Some(expected), "{source:?}");
    }
}

/// Holds the part of a document between `<!-- NAME -->` and `<!-- /NAME -->` against `text`.
#[allow(clippy::disallowed_methods, reason = "a test writes documents itself")]
pub(super) fn held(document: &str, name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(document);
    let is = std::fs::read_to_string(&path).unwrap_or_default();
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = is.split_once(&begin).unwrap_or_else(|| panic!("{document} has no {begin}"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{document} has no {end}"));
    let should = format!("{before}{begin}{text}{end}{after}");
    if std::env::var_os("PRODEV_BLESS").is_some() {
        std::fs::write(&path, &should).unwrap_or_else(|error| panic!("{document}: {error}"));
    } else {
        assert!(is == should, "{document} is not up to date: run the test with PRODEV_BLESS=1");
    }
}

/// `AfterBlank` as `after blank`.
fn words(name: &str) -> String {
    let mut text = String::new();
    for (at, c) in name.char_indices() {
        if c.is_ascii_uppercase() && at > 0 && !name[..at].ends_with(['(', ' ']) {
            text.push(' ');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

#[test]
fn the_documents_have_the_switches_of_the_dialects() {
    // As the switches are declared, so that none is forgotten: a name, a colon, a value.
    let declared = |dialect: Dialect| -> Vec<(String, String)> {
        let text = format!("{:?}", super::dialect::rules(dialect));
        let inner = text.trim_start_matches("Rules { ").trim_end_matches(" }").to_owned();
        let mut pairs: Vec<(String, String)> = Vec::new();
        for part in inner.split(", ") {
            match part.split_once(": ") {
                Some((name, value)) => pairs.push((name.replace('_', " "), value.to_owned())),
                None => pairs.iter_mut().last().map_or((), |(_, last)| last.extend([", ", part])),
            }
        }
        pairs
    };
    let shown = |name: &str, value: &str| match (name, value) {
        ("quotes", "[]") => "none".to_owned(),
        ("quotes", list) => {
            let bytes = list.trim_matches(['[', ']']).split(", ").filter_map(|byte| byte.parse::<u8>().ok());
            let quotes: Vec<String> = bytes.map(|byte| char::from(byte).to_string()).collect();
            format!("`` {} ``", quotes.join(" "))
        }
        (_, "true") => "yes".to_owned(),
        (_, "false") => "no".to_owned(),
        (_, "None") => "none".to_owned(),
        (_, value) => words(value.trim_start_matches("Some(").trim_end_matches(')')),
    };
    let dialects = Dialect::value_variants();
    let names = dialects.iter().map(|dialect| super::store::name_of(*dialect));
    let mut text =
        format!("| switch | {} |\n|---|", names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" | "));
    text += &"---|".repeat(dialects.len());
    text.push('\n');
    let all: Vec<Vec<(String, String)>> = dialects.iter().map(|dialect| declared(*dialect)).collect();
    for (index, (name, _)) in all[0].iter().enumerate() {
        let cells: Vec<String> = all.iter().map(|one| shown(name, &one[index].1)).collect();
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
    }
    held("docs/env.md", "switches", &text);
}
