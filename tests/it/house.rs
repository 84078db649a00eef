//! The house rules that no compiler knows, read off the sources. `ARCHITECTURE.md` says why they are.

use std::fs;
use std::path::Path;

/// The rooms by floor, from the roof down. Imports point down: never up, never sideways.
const FLOORS: [&[&str]; 10] = [
    &["main"],
    &["cli"],
    &["hooks"],
    &["scaffold", "flow", "dotenv", "recipe"],
    &["ctx", "outcome"],
    &["plan", "findings"],
    &["git"],
    &["config"],
    &["ui"],
    &["error"],
];

/// The longest file, in lines.
const LONGEST: usize = 500;

/// A source file.
struct Source {
    /// From the project's root.
    path: String,
    /// As it was written.
    text: String,
    /// The same lines without comments, the insides of strings, and the test module at the end; nothing of a `tests.rs`.
    code: String,
}

impl Source {
    /// What this file belongs to: the first part of its path in `src`.
    fn room(&self) -> Option<&str> {
        let inside = self.path.strip_prefix("src/")?;
        inside.split('/').next().map(|name| name.trim_end_matches(".rs")).filter(|name| *name != "build")
    }

    /// Where the lines of `text` stand that `is_wrong` finds fault with.
    fn lines<'a>(&'a self, text: &'a str, is_wrong: impl Fn(&str) -> bool + 'a) -> impl Iterator<Item = String> + 'a {
        let wrong = text.lines().enumerate().filter(move |(_, line)| is_wrong(line));
        wrong.map(|(index, line)| format!("{}:{}: {}", self.path, index + 1, line.trim()))
    }
}

fn sources(folders: &[&str]) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = folders.iter().flat_map(|folder| ignore::WalkBuilder::new(root.join(folder)).build());
    let files =
        files.map(|entry| entry.unwrap().into_path()).filter(|path| path.extension().is_some_and(|it| it == "rs"));
    let sources = files.map(|path| {
        let text = fs::read_to_string(&path).unwrap();
        let path = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        let code = if path.ends_with("/tests.rs") { String::new() } else { code(&text) };
        Source { path, text, code }
    });
    let mut sources: Vec<Source> = sources.collect();
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!sources.is_empty(), "no sources in {folders:?}");
    sources
}

/// Takes comments, the insides of strings and the test module out of a file, and leaves its lines where they are.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let parts = regex::Regex::new(
        r#"(?x) //[^\n]*  |  (?s:/\*.*?\*/)  |  b?r\#"(?s:.*?)"\#  |  b?r"[^"]*"  |  b?"(?:[^"\\]|\\(?s:.))*"  |  b?'(?:[^'\\\n]|\\[^\n]+?)'"#,
    );
    let blank = |found: &regex::Captures| {
        let lines = "\n".repeat(found[0].matches('\n').count());
        if found[0].starts_with('/') { lines } else { format!("\"{lines}\"") }
    };
    parts.unwrap().replace_all(text, blank).into_owned()
}

/// Fails with every offence, and what to do about them.
#[track_caller]
fn nothing_wrong(what_to_do: &str, offences: impl IntoIterator<Item = String>) {
    let offences: Vec<String> = offences.into_iter().collect();
    assert!(offences.is_empty(), "{what_to_do}\n  {}\n", offences.join("\n  "));
}

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// The rooms that a file's code names after `crate::`, grouped imports included, each with its line.
fn imports(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let line = code[..at].matches('\n').count() + 1;
        let rest = &code[at + "crate::".len()..];
        let names = if rest.starts_with('{') { first_names(rest) } else { vec![first_word(rest)] };
        found.extend(names.into_iter().map(|name| (line, name)));
    }
    found
}

/// The first word of each item of a group in braces.
fn first_names(group: &str) -> Vec<String> {
    let mut depth = 0;
    let mut names = Vec::new();
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        match (character, depth) {
            ('{' | ',', 1) => names.push(first_word(group[at + 1..].trim_start())),
            (_, 0) => break,
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

#[test]
fn imports_point_down() {
    let mut wrong = Vec::new();
    for source in sources(&["src"]) {
        let Some(from) = source.room() else { continue };
        for (line, to) in imports(&source.code) {
            let verdict = match (floor(from), floor(&to)) {
                _ if from == to => continue,
                (Some(above), Some(below)) if above < below => continue,
                (Some(above), Some(below)) if above == below => "sideways",
                (Some(_), Some(_)) => "up",
                _ => "to or from a room that is not in FLOORS",
            };
            wrong.push(format!("{}:{line}: `{from}` imports `{to}`: {verdict}", source.path));
        }
    }
    nothing_wrong(
        "imports point down the list FLOORS in tests/it/house.rs. Move what both need to a lower floor, let `cli` join two rooms' \
         plans, or add a new room to FLOORS and to the map in src/main.rs:",
        wrong,
    );
}

#[test]
fn nobody_leaves_a_room_by_the_window() {
    let wrong = sources(&["src"]).into_iter().flat_map(|source| {
        let door = source.path.matches('/').count() == 1 || source.path.ends_with("/mod.rs");
        let deep = source.path.matches('/').count() > 2;
        let outside = move |line: &str| {
            (line.contains("super::super::") && !deep) || (door && !deep && line.starts_with("use super::"))
        };
        source.lines(&source.code, outside).collect::<Vec<_>>()
    });
    nothing_wrong(
        "write `crate::room` instead of climbing out of a room with `super::`, so that imports can be read:",
        wrong,
    );
}

#[test]
fn the_map_names_every_room() {
    let map = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/main.rs")).unwrap();
    let sources = sources(&["src"]);
    let rooms: std::collections::BTreeSet<&str> = sources.iter().filter_map(Source::room).collect();
    let map: Vec<&str> = map.lines().filter(|line| line.starts_with("//! - ")).collect();
    let named = |room: &str| map.iter().any(|line| line.contains(&format!("`{room}`")));
    let missing = rooms.into_iter().filter(|room| *room != "main" && !named(room));
    nothing_wrong(
        "add a line to the map at the top of src/main.rs, `//! - `room`: what it is for`, on its floor:",
        missing.map(ToOwned::to_owned),
    );
}

#[test]
fn every_file_says_what_lives_in_it() {
    let silent = sources(&["src", "tests", "benches"]).into_iter().filter(|source| !source.text.starts_with("//! "));
    nothing_wrong(
        "open the file with `//!` and one or two sentences: what lives here, what does not:",
        silent.map(|source| source.path),
    );
}

#[test]
fn files_are_short() {
    let long = sources(&["src", "tests", "benches"]).into_iter().filter_map(|source| {
        let lines = source.text.lines().count();
        (lines > LONGEST).then(|| format!("{}: {lines} lines", source.path))
    });
    nothing_wrong(&format!("split these files by noun; no file is longer than {LONGEST} lines:"), long);
}

#[test]
fn nothing_panics() {
    let panics = regex::Regex::new(r"\.unwrap\(\)|\.unwrap_err\(\)|\bpanic!|\btodo!|\bunimplemented!").unwrap();
    let wrong = sources(&["src"])
        .into_iter()
        .flat_map(|source| source.lines(&source.code, |line| panics.is_match(line)).collect::<Vec<_>>());
    nothing_wrong(
        "return a Failure or an anyhow error; where an invariant holds, `expect` it with the invariant as its text:",
        wrong,
    );
}

#[test]
fn only_ui_speaks() {
    let speaks = regex::Regex::new(r"\be?print(ln)?!|\bdbg!").unwrap();
    let wrong = sources(&["src"])
        .into_iter()
        .filter(|source| source.room().is_some())
        .flat_map(|source| source.lines(&source.code, |line| speaks.is_match(line)).collect::<Vec<_>>());
    nothing_wrong("hand an answer back in the Outcome, or speak through `ctx.ui`:", wrong);
}

#[test]
fn only_cli_applies_a_plan() {
    let elsewhere =
        sources(&["src"]).into_iter().filter(|source| !matches!(source.room(), Some("cli" | "plan") | None));
    let wrong =
        elsewhere.flat_map(|source| source.lines(&source.code, |line| line.contains(".apply(")).collect::<Vec<_>>());
    nothing_wrong(
        "hand the plan back in the Outcome; `cli` applies it, after showing it (the name `apply` is kept for that):",
        wrong,
    );
}

#[test]
fn only_git_knows_git2() {
    let elsewhere = sources(&["src"]).into_iter().filter(|source| source.room() != Some("git"));
    let git2 = |line: &str| line.contains("git2::") || line.contains("use git2");
    let wrong = elsewhere.flat_map(|source| source.lines(&source.code, git2).collect::<Vec<_>>());
    nothing_wrong("ask src/git for what you need, in its own types; no git2 type leaves that room:", wrong);
}

#[test]
fn visibility_speaks() {
    let bare = |line: &str| line.trim_start().starts_with("pub ");
    let wrong = sources(&["src"]).into_iter().flat_map(|source| source.lines(&source.code, bare).collect::<Vec<_>>());
    nothing_wrong(
        "say who may use it: nothing (this file), `pub(super)` (this room) or `pub(crate)` (the door):",
        wrong,
    );
}

#[test]
fn nothing_is_put_off() {
    let marks = regex::Regex::new(&["TO", "DO|FIX", "ME|X", "XX"].concat()).unwrap();
    let wrong = sources(&["src", "tests", "benches"])
        .into_iter()
        .flat_map(|source| source.lines(&source.text, |line| marks.is_match(line)).collect::<Vec<_>>());
    nothing_wrong("do it now, or open an issue and take the mark out of the file:", wrong);
}

#[test]
fn the_reader_of_sources_is_not_fooled() {
    let text = "let a = \"crate::cli // no\"; // crate::cli\nlet b = r#\"crate::\n\"cli\"#; let c = '\"'; let d = '\\''; crate::ui::x\n\
                fn f<'a>(x: &'a str) {}\n/* crate::cli\n*/ use crate::{git::{self, plan}, error};\n#[cfg(test)]\nmod tests { crate::cli }\n";
    let names: Vec<(usize, String)> = imports(&code(text));
    let expected = [(3, "ui"), (6, "git"), (6, "error")].map(|(line, name)| (line, name.to_owned()));
    assert_eq!(names, expected);
}
