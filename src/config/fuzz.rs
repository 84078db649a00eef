//! Whatever a file holds, it is read or refused: nothing panics, and every problem has a place that exists.

use proptest::prelude::*;

use super::document;
use super::project;
use super::user::User;

/// Values of all types, and names that mean something somewhere.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "\\PC{0,6}".prop_map(|text| toml::Value::String(text).to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<bool>().prop_map(|value| value.to_string()),
        Just("1.5".to_owned()),
        Just("2026-01-01".to_owned()),
        prop_oneof![Just("'test'"), Just("'a::b'"), Just("'10s'"), Just("'['"), Just("'{x}'"), Just("'*'")]
            .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            proptest::collection::btree_map(key(), inner, 0..4).prop_map(|map| {
                let pairs: Vec<String> = map.into_iter().map(|(key, value)| format!("{key} = {value}")).collect();
                format!("{{ {} }}", pairs.join(", "))
            }),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] = &[
        "flow",
        "env",
        "recipes",
        "vars",
        "hooks",
        "settings",
        "include",
        "kinds",
        "bases",
        "message",
        "release",
        "rules",
        "run",
        "needs",
        "params",
        "name",
        "default",
        "type",
        "values",
        "pattern",
        "prefix",
        "parent",
        "merge_into",
        "files",
        "path",
        "with",
        "recipe",
        "check",
        "finally",
        "when",
        "requires",
        "matrix",
        "for_each",
        "retry",
        "schedule",
        "cron",
        "test",
        "pre-commit",
        "min",
        "max",
        "choices",
        "variadic",
        "alias",
        "after",
        "env",
        "from",
        "feature",
        "a",
    ];
    prop_oneof![
        9 => proptest::sample::select(KNOWN).prop_map(str::to_owned),
        1 => "[\\w ]{1,4}".prop_map(|text| toml_edit::Key::new(text).to_string()),
    ]
}

/// A document of tables three keys deep.
fn source() -> impl Strategy<Value = String> {
    let table = (proptest::collection::vec(key(), 1..4), proptest::collection::btree_map(key(), value(), 0..5));
    proptest::collection::vec(table, 0..5).prop_map(|tables| {
        let table = |(header, pairs): (Vec<String>, std::collections::BTreeMap<String, String>)| {
            let pairs: Vec<String> = pairs.into_iter().map(|(key, value)| format!("{key} = {value}")).collect();
            format!("[{}]\n{}\n", header.join("."), pairs.join("\n"))
        };
        tables.into_iter().map(table).collect()
    })
}

fn look(source: &str) {
    let checked = project::check("prodev.toml", source);
    let read = document::read::<User>("config.toml", source);
    for failure in [checked.err(), read.err()].into_iter().flatten() {
        let lines = source.lines().count().max(1) + 1;
        let places = failure.place.iter().chain(failure.problems.iter().filter_map(|problem| problem.place.as_ref()));
        for place in places {
            assert!(place.line <= lines, "{place} in {source}");
        }
        assert!(!failure.message.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_document_is_read_or_refused(source in source()) {
        look(&source);
    }

    #[test]
    fn any_text_is_read_or_refused(source in "(?s).{0,200}") {
        look(&source);
    }
}
