//! What holds for all templates: a component that is added and removed again was never there.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::story::Be::Text;
use super::story::Story;

const NAMES: [&str; 4] = ["one", "two", "three", "four"];

/// A component: whom it requires, its files, and what it puts elsewhere.
#[derive(Debug, Clone)]
struct Part {
    requires: Option<usize>,
    files: Vec<&'static str>,
    fills: bool,
    lines: bool,
    keys: Vec<&'static str>,
}

fn part() -> impl Strategy<Value = Part> {
    let files = prop::sample::subsequence(vec!["a", "dir/b", "dir/deep/c", "{{ name }}/d"], 1..4);
    let keys = prop::sample::subsequence(vec!["x", "y", "t.x", "t.u.v", "t.u.w"], 0..4);
    (prop::option::of(0..4_usize), files, any::<bool>(), any::<bool>(), keys)
        .prop_map(|(requires, files, fills, lines, keys)| Part { requires, files, fills, lines, keys })
}

/// The user's own files that components put something into.
fn own() -> impl Strategy<Value = (&'static str, &'static str)> {
    let json = vec![
        "{}\n",
        "{\n  \"a\": 1\n}\n",
        "{\n  \"t\": {\n    \"z\": 1\n  }\n}\n",
        "{\n\t\"t\": {\n\t\t\"u\": {}\n\t}\n}",
    ];
    let toml = vec!["", "# mine\na = 1\n", "[t]\nz = 1\n\n[last]\n", "a = 1 # no newline"];
    let yaml =
        vec!["", "# mine\na: 1\n", "t:\n    z: 1\nlast: [1]\n", "t:\n  u:\nlast: |\n  text\n", "a: 1 # no newline"];
    prop_oneof![
        prop::sample::select(json).prop_map(|text| ("own.json", text)),
        prop::sample::select(toml).prop_map(|text| ("own.toml", text)),
        prop::sample::select(yaml).prop_map(|text| ("own.yaml", text)),
    ]
}

// Each case starts the program several times, so that there are few; `PROPTEST_CASES` makes them more.
proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 16, failure_persistence: None, max_shrink_iters: 30, ..ProptestConfig::default() })]

    #[test]
    fn what_is_added_and_removed_again_was_never_there(
        parts in prop::collection::vec(part(), 4),
        (path, text) in own(),
        lines in prop::sample::select(vec!["", "mine\n", "mine", "a\r\nb\r\n"]),
        wanted in prop::sample::subsequence(vec![0_usize, 1, 2, 3], 1..4),
        one_by_one: bool,
    ) {
        let mut manifest = "[questions.name]\ndefault = \"folder\"\n".to_owned();
        let mut keys = String::new();
        for (number, part) in parts.iter().enumerate() {
            let name = NAMES[number];
            // Whom it requires stands before it, so that there is no circle.
            let requires = part.requires.filter(|it| *it < number).map(|it| format!("requires = [\"{}\"]\n", NAMES[it]));
            let _ = write!(manifest, "[components.{name}]\nfiles = [\"**/{name}_*\"]\n{}", requires.unwrap_or_default());
            if part.lines {
                let _ = write!(keys, "[[contributions]]\nto = \"own.txt\"\ncomponent = \"{name}\"\ntext = \"{name}\\nof it\"\n");
            }
            for key in &part.keys {
                let _ = write!(keys, "[[contributions]]\nto = \"{path}\"\ncomponent = \"{name}\"\nkeys.{key}.{name} = {number}\n");
            }
        }
        let story = Story::of(&format!("{manifest}{keys}"), &[("shared.jinja", Text("[\n    {{ slot(\"s\") }}\n]\n"))]);
        for (number, part) in parts.iter().enumerate() {
            let name = NAMES[number];
            for file in &part.files {
                let (folder, file) = file.rsplit_once('/').map_or((String::new(), *file), |(folder, file)| (format!("{folder}/"), file));
                story.template(&format!("{folder}{name}_{file}"), Text(name));
            }
            if part.fills {
                story.sandbox.write(&format!("../tpl/fragments/s/{name}.txt"), format!("{name},\n"));
            }
        }
        story.user(path, Text(text));
        story.user("own.txt", Text(lines));
        story.sandbox.run("new ../tpl shop --defaults --no-git --overwrite skip").succeeds();
        let before = story.state();
        let wanted: Vec<&str> = wanted.iter().map(|number| NAMES[*number]).collect();
        let run = story.run(&format!("add --json {}", wanted.join(" "))).succeeds().json();
        let now: Vec<&str> = run["components"].as_array().into_iter().flatten().filter_map(|it| it.as_str()).collect();
        if one_by_one {
            // Nothing requires what stands behind it.
            now.iter().rev().for_each(|name| drop(story.run(&format!("remove {name}")).succeeds()));
        } else {
            story.run(&format!("remove {}", now.join(" "))).succeeds();
        }
        prop_assert_eq!(story.state(), before, "{:?} of {}{}", wanted, manifest, keys);
    }
}
