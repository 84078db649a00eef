//! Paths inside a generated tree, proven harmless once and then trusted by their type.

use std::fmt;
use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization as _;

/// A relative path of plain segments, separated by `/`: it cannot leave the tree that it is joined to, nor reach into `.git`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TreePath(String);

/// Longer names are refused by every file system in use.
pub(crate) const LONGEST_NAME: usize = 255;
const LONGEST_PATH: usize = 4096;

/// The folder of prodev's own records in a project.
pub(crate) const STATE_FOLDER: &str = ".prodev";

impl TreePath {
    /// Checks a path that a template (or anybody else who is not trusted) gave.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence that begins with the path: "leaves the project".
    pub(crate) fn new(text: &str) -> Result<Self, &'static str> {
        let path = Self::own(text)?;
        if folded(path.segments().next().unwrap_or_default()) == STATE_FOLDER {
            return Err("lies in `.prodev/`, which is prodev's own");
        }
        Ok(path)
    }

    /// The same for prodev's own files, which may lie in `.prodev/`.
    ///
    /// # Errors
    /// As `new`.
    pub(crate) fn own(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() {
            return Err("is empty");
        }
        if text.len() > LONGEST_PATH {
            return Err("is longer than any file system allows");
        }
        if text.chars().any(char::is_control) {
            return Err("has a control character in it");
        }
        if text.contains('\\') {
            return Err("has a backslash in it");
        }
        if text.starts_with('/') || has_drive(text) {
            return Err("is absolute");
        }
        for segment in text.split('/') {
            check_segment(segment)?;
        }
        Ok(Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }

    /// Where it lies below `root`.
    pub(crate) fn below(&self, root: &Path) -> PathBuf {
        root.join(&self.0)
    }

    /// The folders that it lies in, outermost first.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices('/').map(|(at, _)| &self.0[..at])
    }

    /// The form in which two paths are the same to a file system that ignores case, or how an accent is composed (APFS does both).
    pub(crate) fn folded(&self) -> String {
        folded(&self.0)
    }
}

impl fmt::Display for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn check_segment(segment: &str) -> Result<(), &'static str> {
    match segment {
        "" => return Err("has an empty segment"),
        "." => return Err("has a segment `.`"),
        ".." => return Err("leaves the project"),
        _ => {}
    }
    if segment.len() > LONGEST_NAME {
        return Err("has a name that is longer than any file system allows");
    }
    // What NTFS and HFS+ take for `.git`: other case, a stream after a colon, dots and blanks at the end, invisible characters, the short name.
    let plain = folded(segment);
    let plain = plain.split(':').next().unwrap_or_default().trim_end_matches(['.', ' ']);
    if plain == ".git" || plain == "git~1" {
        return Err("reaches into `.git`");
    }
    Ok(())
}

fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    // Up and down again: `ſ` and `S`, `ς` and `Σ` are the same to some file systems.
    let plain = text.nfd().filter(|c| !is_invisible(*c)).flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    // The other case of a character may be composed.
    plain.nfd().collect()
}

/// The code points that HFS+ leaves out when it compares names.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
}

fn has_drive(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.next() == Some(':')
}

/// Whether a symbolic link at `at` that points to `target` stays inside the tree.
pub(crate) fn link_stays_inside(at: &TreePath, target: &str) -> bool {
    if target.is_empty()
        || target.starts_with('/')
        || target.contains('\\')
        || target.contains('\0')
        || has_drive(target)
    {
        return false;
    }
    let mut depth = at.segments().count() - 1;
    let mut is_down = false;
    for segment in target.split('/') {
        match segment {
            "" | "." => {}
            // What was gone down through may be a link itself, and going up from there is not going back.
            ".." if depth == 0 || is_down => return false,
            ".." => depth -= 1,
            name if check_segment(name).is_err() => return false,
            _ => is_down = true,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn harmless_paths_pass() {
        for path in ["a", "a/b.txt", ".gitignore", ".github/workflows/ci.yml", "ä ö/ü", "...", "a..b", ".gitx", "-rf"]
        {
            assert_eq!(TreePath::new(path).map(|p| p.0), Ok(path.to_owned()));
        }
    }

    #[test]
    fn attacks_are_refused() {
        let attacks = [
            "",
            "/etc/passwd",
            "../x",
            "a/../../x",
            "a/..",
            "./a",
            "a//b",
            "a/",
            "C:/x",
            "c:x",
            "a\\b",
            "..\\x",
            ".git/config",
            ".GIT/hooks/pre-commit",
            "sub/.git/config",
            ".git.",
            ".git ",
            ".git::$INDEX_ALLOCATION/x",
            "GIT~1/config",
            ".g\u{200c}it/config",
            ".git\u{feff}/x",
            ".prodev/state",
            ".PRODEV/x",
            "a\0b",
            "a\nb",
            "\u{7f}",
        ];
        for path in attacks {
            assert!(TreePath::new(path).is_err(), "{path:?} was let through");
        }
        assert!(TreePath::new(&"x".repeat(256)).is_err());
        assert!(TreePath::new(&"x/".repeat(3000)).is_err());
    }

    #[test]
    fn links_stay_inside() {
        let at = |text| TreePath::new(text).expect("a harmless path");
        assert!(link_stays_inside(&at("a/b/link"), "../../README.md"));
        assert!(link_stays_inside(&at("link"), "./a/b"));
        for (path, target) in [
            ("link", ".."),
            ("a/link", "../../x"),
            ("link", "/etc/passwd"),
            ("link", "a/../b"),
            ("link", ".git/config"),
            ("link", ""),
            ("a/link", "b/../../../c"),
            ("link", "C:/x"),
            ("link", "..\\x"),
        ] {
            assert!(!link_stays_inside(&at(path), target), "{path} -> {target} was let through");
        }
    }

    proptest! {
        #[test]
        fn an_accepted_path_stays_below_its_root(text in "[a./\\\\:\u{200c}g-i~1t]{0,12}") {
            if let Ok(path) = TreePath::new(&text) {
                let joined = path.below(Path::new("/root/tree"));
                prop_assert!(joined.starts_with("/root/tree"));
                prop_assert!(joined.components().all(|part| part.as_os_str() != ".." && part.as_os_str() != ".git"));
            }
        }
    }
}
