//! The digests of a project's base: one line per file, in one list per component, so that two branches which each add one touch different lists.
//!
//! A line is `DIGEST KIND PATH`, or `once MARK` for a file that is written but once and has no record; after a tab comes the file's path in the
//! template where that is another. Lines stand apart, as Git joins changes only where they do not touch.

use crate::plan::path::TreePath;
use crate::plan::tree::{Content, Mode};

/// What a list says of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    Kept { digest: String, kind: char, path: TreePath, key: String },
    Once(String),
}

/// How the list of a component is called.
pub(super) fn name(owner: Option<&str>) -> String {
    match owner {
        // No component can have that name.
        None => "_shared.txt".to_owned(),
        Some(owner) => format!("{owner}.txt"),
    }
}

/// Whose list that is.
pub(super) fn owner(name: &str) -> Option<String> {
    name.strip_suffix(".txt").filter(|name| *name != "_shared").map(ToOwned::to_owned)
}

pub(super) fn line(path: &TreePath, content: &Content, key: &str) -> String {
    let (kind, digest) = kind_and_digest(content);
    let key = if key == path.as_str() { String::new() } else { format!("\t{key}") };
    format!("{digest} {kind} {path}{key}")
}

pub(super) fn once(mark: &str) -> String {
    format!("once {mark}")
}

pub(super) fn text(lines: &[String]) -> String {
    let mut text = lines.join("\n\n");
    text.push('\n');
    text
}

/// `None` where it is no line of a list.
pub(super) fn parse(line: &str) -> Option<Line> {
    if let Some(mark) = line.strip_prefix("once ") {
        return Some(Line::Once(mark.to_owned()));
    }
    let (digest, rest) = line.split_once(' ')?;
    let (kind, rest) = rest.split_once(' ')?;
    let (path, key) = rest.split_once('\t').unwrap_or((rest, rest));
    let kind = kind.chars().next().filter(|_| kind.len() == 1)?;
    if digest.len() != 64 || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let path = TreePath::new(path).ok()?;
    Some(Line::Kept { digest: digest.to_owned(), kind, path, key: key.to_owned() })
}

/// What a file is, in a letter, and its digest.
pub(super) fn kind_and_digest(content: &Content) -> (char, String) {
    let kind = match content {
        Content::File { mode: Mode::Executable, .. } => 'x',
        Content::File { .. } => 'f',
        Content::Link(_) => 'l',
    };
    (kind, content.digest().to_hex().to_string())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_line_reads_back_as_it_was_written(path in "[a-z ]{1,5}(/[a-zä]{1,5}){0,2}", key in "[a-z{} /]{1,9}", bytes: Vec<u8>) {
            let path = TreePath::new(&path).expect("a harmless path");
            let content = Content::File { bytes: Arc::new(bytes), mode: Mode::Executable };
            let (kind, digest) = kind_and_digest(&content);
            prop_assert_eq!(parse(&line(&path, &content, &key)), Some(Line::Kept { digest, kind, path, key }));
        }
    }

    #[test]
    fn what_is_no_line_is_none() {
        for line in ["", "abc", "abc f", "abc f ../x", "abc ff x", "abc f /x", "<<<<<<< HEAD"] {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}
