//! Versions in files: found by a pattern, replaced, with not a byte besides. Pure.

use std::ops::Range;

use regex::RegexBuilder;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Bumped {
    /// It has this text now.
    New(String),
    /// It has the version already.
    Same,
    /// The pattern is nowhere in it.
    Nowhere,
}

/// Puts `version` where `pattern` finds one for the first time. `^` and `$` are the ends of lines.
pub(super) fn bump(text: &str, pattern: &str, version: &str) -> Bumped {
    let Some(place) = place(text, pattern) else { return Bumped::Nowhere };
    if &text[place.clone()] == version {
        return Bumped::Same;
    }
    let mut new = text.to_owned();
    new.replace_range(place, version);
    Bumped::New(new)
}

/// Where the version is: the group `version`, or else the first that took part.
fn place(text: &str, pattern: &str) -> Option<Range<usize>> {
    // Patterns were compiled when the configuration was read.
    let pattern = RegexBuilder::new(pattern).multi_line(true).build().ok()?;
    let found = pattern.captures(text)?;
    let group = found.name("version").or_else(|| found.iter().skip(1).flatten().next());
    group.map(|group| group.range())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_version_is_replaced() {
        let cargo = "[package]\nname = \"a\"\nversion = \"1.0.0\"\n[dependencies.b]\nversion = \"1.0.0\"\n";
        let cases = [
            (cargo, "^version = \"(.+)\"", Bumped::New(cargo.replacen("1.0.0", "1.1.0", 1))),
            (cargo, "^version = '(.+)'", Bumped::Nowhere),
            ("v: 1.1.0\n", "v: (.*)", Bumped::Same),
            ("a 1.0 b", "(a) (?P<version>[0-9.]+)", Bumped::New("a 1.1.0 b".to_owned())),
            ("b2", "a(1)|b(2)", Bumped::New("b1.1.0".to_owned())),
            ("", "x()", Bumped::Nowhere),
        ];
        for (text, pattern, expected) in cases {
            assert_eq!(bump(text, pattern, "1.1.0"), expected, "{pattern}");
        }
        // What is put in is no replacement text with groups of its own.
        assert_eq!(bump("1", "(1)", "$0"), Bumped::New("$0".to_owned()));
    }
}
