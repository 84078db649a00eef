//! Messages and what is wrong with them.

use proptest::prelude::*;

use super::*;
use crate::config::message::{Body, Case};

/// The rules that `text` is against.
fn against(spec: &Message, text: &str) -> Vec<&'static str> {
    let lines: Vec<&str> = text.lines().collect();
    let about = About { author: Some(("Ada", "ada@example.org")), branch: Some("feature/SHOP-7-login") };
    Judge::new(spec).faults(&lines, about).iter().map(|fault| fault.rule.name()).collect()
}

#[test]
fn conventional_messages() {
    let spec = Message::default();
    let long = format!("fix: {}", "é".repeat(68));
    let cases: [(&str, &[&str]); 26] = [
        ("fix: a", &[]),
        ("feat(api)!: a thing", &[]),
        ("fix: a\n\nbody\n", &[]),
        ("fix: a\nbody", &["message-blank-line"]),
        ("Fix the thing", &["message-header"]),
        ("fix:a", &["message-header"]),
        ("fix: ", &["message-header"]),
        ("fix(: a", &["message-header"]),
        ("fix(): a", &["message-header"]),
        (": a", &["message-header"]),
        ("feet: a", &["message-type"]),
        ("Feat: a", &["message-type"]),
        ("fix: a.", &["message-full-stop"]),
        ("fix: and so on...", &[]),
        (&long, &["message-length"]),
        (&long[..long.len() - 2], &[]),
        ("fixup! fix: a", &["message-fixup"]),
        ("fixup! squash! nothing", &["message-fixup", "message-header"]),
        ("amend! fix: a\n\nfix: b", &["message-fixup"]),
        ("WIP: a", &["message-wip"]),
        ("[wip] a", &["message-wip"]),
        ("wipe: a", &["message-type"]),
        ("Revert \"fix: a\"\n\nThis reverts commit 0123.", &[]),
        ("Revert \"fix: a\"", &["message-header"]),
        ("Merge branch 'feature/a' into develop", &["message-header"]),
        ("", &["message-header"]),
    ];
    for (text, expected) in cases {
        assert_eq!(against(&spec, text), expected, "{text:?}");
    }
}

/// A specification, a message, and the rules that it is against.
type Row<'a> = (Message, &'a str, &'a [&'a str]);

#[test]
fn every_key_of_the_table_does_something() {
    let text = |pattern: &str| -> Pattern { serde_json::from_value(pattern.into()).unwrap() };
    let base = Message::default;
    let scoped = || Message { scopes: vec!["api".to_owned(), "web".to_owned()], ..base() };
    let cases: [Row; 24] = [
        (Message { conventional: false, ..base() }, "Fix it", &[]),
        (Message { types: vec!["x".to_owned()], ..base() }, "fix: a", &["message-type"]),
        (scoped(), "fix(api): a", &[]),
        (scoped(), "fix(api,web): a", &[]),
        (scoped(), "fix(db): a", &["message-scope"]),
        (scoped(), "fix: a", &[]),
        (Message { scope_required: true, ..scoped() }, "fix: a", &["message-scope"]),
        (Message { max_length: 6, ..base() }, "fix: ab", &["message-length"]),
        (Message { case: Case::Lower, ..base() }, "fix: Äh", &["message-case"]),
        (Message { case: Case::Upper, ..base() }, "fix: äh", &["message-case"]),
        (Message { case: Case::Upper, ..base() }, "fix: 1st", &[]),
        (Message { body: Body { required: true, max_length: None }, ..base() }, "fix: a", &["message-body"]),
        (Message { body: Body { required: true, max_length: None }, ..base() }, "fix: a\n\nA: b", &["message-body"]),
        (Message { body: Body { required: true, max_length: None }, ..base() }, "fix: a\n\nwhy", &[]),
        (
            Message { body: Body { required: false, max_length: Some(3) }, ..base() },
            "fix: a\n\nlong",
            &["message-body"],
        ),
        (
            Message { body: Body { required: false, max_length: Some(3) }, ..base() },
            "fix: a\n\n    code\n\n```\ncode\n```\nhttp://x.y\n\nSome: trailer",
            &[],
        ),
        (Message { trailers: [("Refs".to_owned(), text("#[0-9]+"))].into(), ..base() }, "fix: a", &["message-trailer"]),
        (Message { trailers: [("Refs".to_owned(), text("#[0-9]+"))].into(), ..base() }, "fix: a\n\nrefs: #1", &[]),
        (
            Message { trailers: [("Refs".to_owned(), text("#[0-9]+"))].into(), ..base() },
            "fix: a\n\nRefs: #1x",
            &["message-trailer"],
        ),
        (Message { sign_off: true, ..base() }, "fix: a\n\nSigned-off-by: Bo <bo@x>", &["message-sign-off"]),
        (Message { sign_off: true, ..base() }, "fix: a\n\nSigned-off-by: Ada L <ADA@example.org>", &[]),
        (Message { ticket: Some(text("SHOP-[0-9]+")), ..base() }, "fix: a", &["message-ticket"]),
        (Message { ignore: vec![text("^Bump ")], ..base() }, "Bump x", &[]),
        (Message { ignore_authors: vec![text("^Ada <")], ..base() }, "Bump x", &[]),
    ];
    for (spec, text, expected) in cases {
        assert_eq!(against(&spec, text), expected, "{text:?} {spec:?}");
    }
}

#[test]
fn hints_can_be_taken() {
    let spec = Message { case: Case::Lower, ..Message::default() };
    let hint = |text: &str| Judge::new(&spec).faults(&[text], About::default())[0].hint.clone().unwrap();
    assert!(hint("Fix the thing").starts_with("write it as `fix: Fix the thing`"));
    assert_eq!(hint("feet: a"), "did you mean `feat`?");
    assert_eq!(hint("fix(x)!:a"), "write `fix(x)!: a`");
    assert_eq!(hint("fix: Add"), "write it as `fix: add`");
    let spec = Message { ticket: serde_json::from_value("SHOP-[0-9]+".into()).unwrap(), ..Message::default() };
    let about = About { branch: Some("feature/SHOP-7-login"), ..About::default() };
    let fault = &Judge::new(&spec).faults(&["fix: a"], about)[0];
    assert!(fault.hint.as_ref().unwrap().contains("`Refs: SHOP-7`"));
}

proptest! {
    #[test]
    fn any_message_has_faults_that_lie_in_it(lines in prop::collection::vec("\\PC{0,90}", 0..6)) {
        let spec = Message {
            case: Case::Lower, sign_off: true, max_length: 10,
            body: Body { required: true, max_length: Some(5) },
            ..Message::default()
        };
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        for fault in Judge::new(&spec).faults(&lines, About::default()) {
            if let Some(line) = lines.get(fault.line) {
                prop_assert!(line.get(fault.range.clone()).is_some(), "{:?}", fault);
            }
        }
    }
}
