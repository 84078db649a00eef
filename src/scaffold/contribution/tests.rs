//! Components that come and go, in every order: when all are gone, a file is what it was, to the byte.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// What one component brings to the only file.
fn parts(owner: usize, shape: &Shape) -> Vec<Contribution> {
    let whole = |part| Contribution {
        to: TreePath::new("own").expect("it is a path"),
        owner: Some(format!("c{owner}")),
        part,
        create: shape.create,
    };
    let keys = shape.keys.iter().map(|(path, is_shared)| {
        let own = if *is_shared { "all".to_owned() } else { format!("k{owner}") };
        let keys = path.split('.').map(ToOwned::to_owned).chain([own]).collect();
        Part::Key {
            format: shape.format,
            keys,
            value: if *is_shared { json!("same") } else { json!([owner, {"a": "b"}]) },
        }
    });
    let lines = shape.lines.iter().map(|(text, place)| Part::Lines {
        text: text.replace('N', &owner.to_string()),
        // What several bring is in one place.
        place: if text.contains('N') { place.clone() } else { Place::End },
    });
    let mut all: Vec<Contribution> = keys.chain(lines).map(whole).collect();
    let mut known = Vec::new();
    all.retain(|it| {
        !known.contains(&What::of(&it.part).words()) && {
            known.push(What::of(&it.part).words());
            true
        }
    });
    all
}

#[derive(Debug, Clone)]
struct Shape {
    format: Format,
    create: bool,
    keys: Vec<(&'static str, bool)>,
    lines: Vec<(&'static str, Place)>,
}

fn format() -> impl Strategy<Value = Format> {
    prop_oneof![Just(Format::Json), Just(Format::Toml), Just(Format::Yaml)]
}

fn shapes(format: Format) -> impl Strategy<Value = Vec<Shape>> {
    let key =
        (prop::sample::select(vec!["x", "y", "t.x", "t.u", "t.u.v", "t.u.w", "last.x"]), prop::bool::weighted(0.2));
    let keys = prop::collection::vec(key, 1..4);
    let shape = (any::<bool>(), keys).prop_map(move |(create, keys)| Shape { format, create, keys, lines: Vec::new() });
    prop::collection::vec(shape, 2..5)
}

/// Lines in a text that has no keys.
fn line_shapes() -> impl Strategy<Value = Vec<Shape>> {
    let place = prop_oneof![
        3 => Just(Place::End),
        1 => Just(Place::After("mark".to_owned())),
        1 => Just(Place::Before("mark".to_owned())),
    ];
    let line = (prop::sample::select(vec!["line N\n", "two N\nof N\n", "every\n", "a\nb N\n"]), place);
    let shape = (any::<bool>(), prop::collection::vec(line, 1..3));
    let shape = shape.prop_map(|(create, lines)| Shape { format: Format::Json, create, keys: Vec::new(), lines });
    prop::collection::vec(shape, 2..5)
}

/// A file of the user's.
fn own(format: Format) -> impl Strategy<Value = Option<String>> {
    let texts: Vec<&'static str> = match format {
        Format::Json => vec![
            "{}",
            "{}\n",
            "{ }\n",
            "{\n}\n",
            "{\n  \"a\": 1\n}\n",
            "{\"a\": {\"b\": 1}, \"t\": {}}",
            "{\n  \"t\": {\n    \"z\": 1, // of z\n  },\n}\n",
            "{\n\t\"t\": {\n\t\t\"u\": {}\n\t}\n}",
            "// head\n{\n    \"t\": {\"u\": {\"v\": {}}},\n    \"last\": {\n    }\n}\n// foot",
        ],
        Format::Toml => vec![
            "",
            "\n",
            "# mine",
            "# mine\na = 1\n",
            "[t]\nz = 1\n\n[last]\n",
            "a = 1 # no newline",
            "t = { z = 1 }\n",
            "t.u.z = 1",
            "[t.u]\n\n\n# foot",
            "[t]\n[t.u]\n[last]",
        ],
        Format::Yaml => vec![
            "",
            "\n",
            "---\n",
            "# mine",
            "# mine\na: 1\n",
            "t:\n    z: 1\nlast: [1]\n",
            "t:\n  u:\nlast: |\n  text\n",
            "a: 1 # no newline",
            "t:\n  u: {}\nlast:",
            "t:\n  # of u\n  u:\n    v:\n      z: 1\n\n\n# foot",
            "last: |+\n  text\n\n",
            "last: >\n  text",
            "a: 1\n...\n",
        ],
    };
    prop::option::weighted(
        0.9,
        (prop::sample::select(texts), prop::bool::weighted(0.2))
            .prop_map(|(text, is_windows)| if is_windows { text.replace('\n', "\r\n") } else { text.to_owned() }),
    )
}

fn own_text() -> impl Strategy<Value = Option<String>> {
    let texts =
        vec!["", "\n", "a", "a\nb", "  mark", "a\n  # mark\nb\n", "every\n", "a\r\nmark\r\n", "a\r\nb", "b\n\n"];
    prop::option::weighted(0.9, prop::sample::select(texts).prop_map(ToOwned::to_owned))
}

/// A file, and what is recorded of it, as the records keep it.
struct World {
    text: Option<String>,
    records: BTreeMap<Option<String>, String>,
}

impl World {
    fn settle(&mut self, wanted: &[Contribution]) -> Vec<Dispute> {
        let read = |(owner, text): (&Option<String>, &String)| parse(text, owner.as_deref()).expect("it was written");
        let old: Vec<Done> = self.records.iter().flat_map(read).collect();
        let new: Vec<&Contribution> = wanted.iter().collect();
        let path = TreePath::new("own").expect("it is a path");
        let settled = settle(&path, self.text.as_deref(), &old.iter().collect::<Vec<_>>(), &new);
        assert!(is_settled(&settled.done, wanted), "all is recorded, in one order");
        let mut owners: BTreeMap<Option<String>, Vec<&Done>> = BTreeMap::new();
        for done in &settled.done {
            owners.entry(done.owner.clone()).or_default().push(done);
        }
        self.records = owners.iter().map(|(owner, done)| (owner.clone(), text(done).expect("TOML holds it"))).collect();
        self.text = settled.text;
        settled.disputes
    }
}

/// Switches components on and off, and holds what is there against what is wanted.
fn come_and_go(own: Option<String>, shapes: &[Shape], switches: &[usize]) -> Result<(), TestCaseError> {
    let mut world = World { text: own.clone(), records: BTreeMap::new() };
    let mut on = vec![false; shapes.len()];
    let mut log = Vec::new();
    let all_off = |on: &[bool]| (0..on.len()).filter(|at| on[*at]).collect::<Vec<_>>();
    let mut switches: Vec<usize> = switches.iter().map(|at| at % shapes.len()).collect();
    switches.extend(shapes.iter().enumerate().map(|(at, _)| at + shapes.len()));
    for switch in switches {
        // The last ones only switch off.
        let (at, to) = if switch >= shapes.len() { (switch - shapes.len(), false) } else { (switch, !on[switch]) };
        if on[at] == to {
            continue;
        }
        on[at] = to;
        let wanted: Vec<Contribution> = all_off(&on).into_iter().flat_map(|at| parts(at, &shapes[at])).collect();
        let disputes = world.settle(&wanted);
        log.push(format!("{at} {to}: {:?}", world.text));
        for contribution in &wanted {
            let words = What::of(&contribution.part).words();
            let is_there = world
                .text
                .as_ref()
                .is_some_and(|text| What::of(&contribution.part).is_there(&text.replace("\r\n", "\n")));
            let is_known = |done: &Done| done.is_of(contribution) && done.is_nothing();
            let read =
                |(owner, text): (&Option<String>, &String)| parse(text, owner.as_deref()).expect("it was written");
            let has_no_place = world.records.iter().flat_map(read).any(|done| is_known(&done));
            prop_assert!(is_there || has_no_place || !disputes.is_empty(), "{words} is missing: {log:#?}");
        }
        let before = world.text.clone();
        world.settle(&wanted);
        prop_assert_eq!(&world.text, &before, "twice is once: {:#?}", log);
    }
    prop_assert_eq!(world.text, own, "{:#?}", log);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn keys_that_came_and_went_were_never_there(
        (own, shapes) in format().prop_flat_map(|format| (own(format), shapes(format))),
        switches in prop::collection::vec(0..12_usize, 1..10),
    ) {
        come_and_go(own, &shapes, &switches)?;
    }

    #[test]
    fn lines_that_came_and_went_were_never_there(
        own in own_text(),
        shapes in line_shapes(),
        switches in prop::collection::vec(0..12_usize, 1..10),
    ) {
        come_and_go(own, &shapes, &switches)?;
    }
}

fn lines(owner: &str, text: &str) -> Contribution {
    let part = Part::Lines { text: text.to_owned(), place: Place::End };
    Contribution { to: TreePath::new("own").unwrap(), owner: Some(owner.to_owned()), part, create: true }
}

#[track_caller]
fn settled(text: Option<&str>, old: &[Done], new: &[Contribution]) -> Settled {
    let path = TreePath::new("own").unwrap();
    settle(&path, text, &old.iter().collect::<Vec<_>>(), &new.iter().collect::<Vec<_>>())
}

#[test]
fn what_two_components_bring_stays_for_the_second() {
    let both = [lines("a", "dist/\n"), lines("b", "dist/\n")];
    let all = settled(Some("mine"), &[], &both);
    assert_eq!(all.text.as_deref(), Some("mine\ndist/\n"));
    let second = settled(all.text.as_deref(), &all.done, &both[1..]);
    assert_eq!(second.text.as_deref(), Some("mine\ndist/\n"));
    assert_eq!(settled(second.text.as_deref(), &second.done, &[]).text.as_deref(), Some("mine"));
}

#[test]
fn another_form_of_lines_that_the_user_changed_is_not_put_in_beside_them() {
    let old = settled(Some("mine\n"), &[], &[lines("a", "first line\nsecond line\n")]);
    let edited = "mine\nfirst line\nsecond, and mine\n";
    let now = settled(Some(edited), &old.done, &[lines("a", "first line\nsecond line\nthird line\n")]);
    assert_eq!(now.text.as_deref(), Some(edited));
    let why = "3 lines: you changed what was there before, which these lines are to take the place of";
    assert_eq!(now.disputes[0].why, why);
    assert_eq!(now.notes, ["`own` keeps what you made of 2 lines"]);
    // Nobody's lines that look alike are in the way.
    let gone = settled(Some("mine\nsecond line, once\n"), &old.done, &[lines("a", "other\n")]);
    assert_eq!(gone.text.as_deref(), Some("mine\nsecond line, once\nother\n"));
}

#[test]
fn what_is_known_of_a_file_stays_known_while_it_is_no_text() {
    let new = [lines("a", "dist/\n")];
    let all = settled(Some("mine\n"), &[], &new);
    let path = TreePath::new("own").unwrap();
    let old: Vec<&Done> = all.done.iter().collect();
    let refused = Settled::refused(&path, "it is no text", &old, &[&new[0]]);
    assert_eq!(refused.done, all.done);
    assert!(refused.disputes.is_empty() && refused.notes.is_empty());
    let refused = Settled::refused(&path, "it is no text", &old, &[]);
    assert_eq!(refused.notes, ["`own` keeps the line `dist/`: it is no text"]);
}

#[test]
fn what_had_no_file_for_two_components_is_not_put_in_for_the_second_later() {
    let every = |owner: &str| Contribution { create: false, ..lines(owner, "every\n") };
    let wanted = [every("a"), every("b"), lines("c", "own\n")];
    let first = settled(None, &[], &wanted[..1]);
    let all = settled(first.text.as_deref(), &first.done, &wanted);
    assert_eq!(all.text.as_deref(), Some("own\n"));
    assert_eq!(settled(all.text.as_deref(), &all.done, &wanted).text.as_deref(), Some("own\n"));
}
