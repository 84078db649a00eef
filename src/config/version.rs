//! Whether this prodev is one that a file was written for.

use semver::{Version, VersionReq};

use super::tree::Tree;
use crate::error::{Exit, Failure, fail};

/// This program's version.
pub(crate) const OURS: &str = env!("CARGO_PKG_VERSION");

/// Looks at `[settings] prodev` alone, whatever else the document holds: a file for a newer prodev has keys that this one does not know.
///
/// # Errors
/// Where the file needs another version.
pub(super) fn check(file: &str, source: &str) -> Result<(), Failure> {
    let tree = Tree::of(file, source);
    let path = ["settings", "prodev"];
    // A malformed requirement is reported with everything else.
    let Some(wanted) = tree.text(&path).and_then(|text| VersionReq::parse(&text).ok()) else { return Ok(()) };
    if is_met(&wanted, OURS) {
        return Ok(());
    }
    let wanted = spaced(&wanted);
    let mut failure = fail(format!("`{file}` needs prodev {wanted} (this is {OURS})"))
        .exit(Exit::Usage)
        .hint(format!("install prodev {wanted}"));
    failure.place = tree.place(&path);
    Err(failure)
}

/// Whether a prodev of version `ours` has what `wanted` asks for.
fn is_met(wanted: &VersionReq, ours: &str) -> bool {
    // A pre-release of 0.3.0 has what 0.3.0 has; the requirement alone would refuse it.
    Version::parse(ours)
        .is_ok_and(|ours| wanted.matches(&ours) || wanted.matches(&Version::new(ours.major, ours.minor, ours.patch)))
}

/// `>= 0.3, < 1` rather than `>=0.3, <1`.
fn spaced(wanted: &VersionReq) -> String {
    let part = |part: &semver::Comparator| {
        let text = part.to_string();
        let (operator, version) = text.split_at(text.find(|c: char| c.is_alphanumeric() || c == '*').unwrap_or(0));
        if matches!(operator, "<" | "<=" | ">" | ">=" | "=") { format!("{operator} {version}") } else { text.clone() }
    };
    wanted.comparators.iter().map(part).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_file_says_what_it_needs() {
        let failure = check("prodev.toml", "[settings]\nprodev = '>=99.3'\n[new]\nx = 1\n").expect_err("this is newer");
        assert_eq!(failure.message, format!("`prodev.toml` needs prodev >= 99.3 (this is {OURS})"));
        assert_eq!(failure.place.map(|place| (place.line, place.column)), Some((2, 10)));
        assert_eq!(check("prodev.toml", "[settings]\nprodev = '>=0.0.1'\n"), Ok(()));
        assert_eq!(check("prodev.toml", "[settings]\nprodev = 'x'\n"), Ok(()));
    }

    #[test]
    fn a_pre_release_is_as_good_as_its_release() {
        let wanted = VersionReq::parse(">=0.3").expect("this is a requirement");
        for (ours, met) in [("0.3.0-dev", true), ("0.3.0", true), ("0.2.9", false)] {
            assert_eq!(is_met(&wanted, ours), met, "{ours}");
        }
    }
}
