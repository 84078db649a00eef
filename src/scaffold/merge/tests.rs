//! Random trees, changed on both sides: no line of anybody's is lost.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::plan::tree::Mode;

/// What a side does to one of its files.
#[derive(Debug, Clone)]
enum Edit {
    Nothing,
    /// Lines are put in behind the line of that number, and others taken out, by their numbers.
    Lines {
        behind: Vec<usize>,
        without: Vec<usize>,
    },
    Deleted,
    Moved(&'static str),
}

const PATHS: [&str; 6] = ["a", "dir/b", "dir/c", "dir/deep/d", "e.txt", "new/f"];
const ELSEWHERE: [&str; 4] = ["dir/moved", "other/moved", "moved", "new/f"];

fn edit() -> impl Strategy<Value = Edit> {
    let numbers = || prop::collection::vec(0..14_usize, 0..3);
    prop_oneof![
        2 => Just(Edit::Nothing),
        5 => (numbers(), numbers()).prop_map(|(behind, without)| Edit::Lines { behind, without }),
        1 => Just(Edit::Deleted),
        1 => prop::sample::select(&ELSEWHERE[..]).prop_map(Edit::Moved),
    ]
}

type Texts = BTreeMap<String, String>;

fn joined(lines: &[String]) -> String {
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}

/// A tree with these edits, in which every new line names the side.
fn edited(base: &Texts, edits: &[Edit], side: &str, moved: &mut BTreeMap<String, String>) -> Texts {
    let mut tree = Texts::new();
    for (number, ((path, text), edit)) in base.iter().zip(edits).enumerate() {
        match edit {
            Edit::Nothing => drop(tree.insert(path.clone(), text.clone())),
            Edit::Deleted => {}
            Edit::Moved(to) if tree.contains_key(*to) || base.contains_key(*to) => {
                tree.insert(path.clone(), text.clone());
            }
            Edit::Moved(to) => {
                moved.insert((*to).to_owned(), path.clone());
                tree.insert((*to).to_owned(), text.clone());
            }
            Edit::Lines { behind, without } => {
                let mut lines = Vec::new();
                for (at, line) in text.lines().enumerate() {
                    if !without.contains(&at) {
                        lines.push(line.to_owned());
                    }
                    if behind.contains(&at) {
                        lines.push(format!("{side} {number} {at}"));
                    }
                }
                tree.insert(path.clone(), joined(&lines));
            }
        }
    }
    tree
}

fn path(text: &str) -> TreePath {
    TreePath::new(text).expect("a harmless path")
}

fn content(text: &str) -> Content {
    Content::File { bytes: Arc::new(text.as_bytes().to_vec()), mode: Mode::Plain }
}

/// The project after the merge.
fn merged(base: &Texts, ours: &Texts, theirs: &Texts, moved: &BTreeMap<String, String>) -> (Texts, Merge) {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in ours {
        let at = folder.path().join(path);
        std::fs::create_dir_all(at.parent().expect("a folder")).expect("a folder");
        #[allow(clippy::disallowed_methods, reason = "a test makes its own project")]
        std::fs::write(at, text).expect("a file");
    }
    let key = |path: &String| moved.get(path).unwrap_or(path).clone();
    let base: BTreeMap<TreePath, Based> = base
        .iter()
        .map(|(at, text)| (path(at), Based { content: content(text), key: at.clone(), owner: None }))
        .collect();
    let rendered: Vec<RenderedFile> = theirs
        .iter()
        .map(|(at, text)| RenderedFile {
            path: path(at),
            content: content(text),
            key: key(at),
            owner: None,
            once: false,
            skip_if_exists: false,
        })
        .collect();
    let theirs = rendered.iter().map(|file| (file.path.clone(), file)).collect();
    let paths = base.keys().chain(rendered.iter().map(|file| &file.path)).collect();
    let mut here = Ours::read(folder.path(), &paths);
    here.search(&paths);
    let input = Input {
        base: &base,
        ours: &here,
        theirs: &theirs,
        declared: &[],
        old_name: "tpl 1",
        new_name: "tpl 2",
        markers: Markers::Two,
    };
    let merge = merge(&input).expect("a merge");
    let mut result = ours.clone();
    for gone in merge.removes.keys() {
        result.remove(gone.as_str());
    }
    for (at, content) in &merge.writes {
        let Content::File { bytes, .. } = content else { continue };
        result.insert(at.to_string(), String::from_utf8_lossy(bytes).into_owned());
    }
    (result, merge)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_line_is_lost(lengths in prop::collection::vec(0..14_usize, 5), user in prop::collection::vec(edit(), 5), template in prop::collection::vec(edit(), 5)) {
        let lines = |number: usize, length: usize| joined(&(0..length).map(|at| format!("base {number} {at}")).collect::<Vec<_>>());
        let base: Texts = PATHS.iter().zip(&lengths).enumerate().map(|(number, (path, length))| ((*path).to_owned(), lines(number, *length))).collect();
        let mut moved = BTreeMap::new();
        let ours = edited(&base, &user, "user", &mut BTreeMap::new());
        let theirs = edited(&base, &template, "template", &mut moved);
        let (result, merge) = merged(&base, &ours, &theirs, &moved);
        let has = |tree: &Texts, line: &str| tree.values().any(|text| text.lines().any(|it| it == line));
        for (who, tree) in [("user", &ours), ("template", &theirs)] {
            for line in tree.values().flat_map(|text| text.lines()) {
                let was_agreed = has(&base, line) && !(has(&ours, line) && has(&theirs, line));
                prop_assert!(was_agreed || has(&result, line), "{who} lost `{line}`\nbase {base:?}\nours {ours:?}\ntheirs {theirs:?}\nresult {result:?}");
            }
        }
        // What one side did is there as it is; whoever did nothing has no conflict.
        if ours == base {
            prop_assert_eq!(&result, &theirs);
            prop_assert!(merge.conflicts.is_empty());
        }
        if theirs == base {
            prop_assert_eq!(&result, &ours);
            prop_assert!(merge.conflicts.is_empty());
        }
    }
}
