//! What a template's `CHANGELOG.md` says of the versions between two: sections with a heading such as `## [1.2.0] - 2025-01-01`.

use semver::Version;

/// More is for the file itself to tell.
const MOST_LINES: usize = 100;

/// The sections of all versions after `old` up to `new`, as they stand; `None` where there are none.
pub(super) fn between(text: &str, old: &Version, new: &Version) -> Option<String> {
    let mut lines: Vec<&str> = Vec::new();
    let mut is_wanted = false;
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            is_wanted = version(heading).is_some_and(|version| version > *old && version <= *new);
        } else if line.starts_with("# ") || is_reference(line) {
            is_wanted = false;
        }
        if is_wanted {
            lines.push(line);
        }
    }
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        lines.push("…");
    }
    let text = lines.join("\n").trim().to_owned();
    let harmless: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    (!harmless.is_empty()).then_some(harmless)
}

/// The version that a heading names.
fn version(heading: &str) -> Option<Version> {
    let word = heading.split_whitespace().next()?;
    let word = word.trim_matches(['[', ']', '(', ')', ':', ',']);
    Version::parse(word.strip_prefix('v').unwrap_or(word)).ok()
}

/// `[1.2.0]: https://…`, which belongs to no section.
fn is_reference(line: &str) -> bool {
    line.starts_with('[') && line.contains("]: ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Changelog\n\nAll.\n\n## [Unreleased]\n\n- later\n\n## [1.2.0] - 2025-02-01\n\n### Added\n\n- two\n\n\
                        ## v1.1.0\n\n- one\n\n## 1.0.0\n\n- start\n\n[1.2.0]: https://example.org\n";

    #[test]
    fn the_versions_in_between_are_told() {
        for (old, new, expected) in [
            ("1.0.0", "1.2.0", Some("## [1.2.0] - 2025-02-01\n\n### Added\n\n- two\n\n## v1.1.0\n\n- one")),
            ("1.1.0", "1.2.0", Some("## [1.2.0] - 2025-02-01\n\n### Added\n\n- two")),
            ("0.9.0", "1.0.0", Some("## 1.0.0\n\n- start")),
            ("1.2.0", "1.2.0", None),
            ("1.2.0", "2.0.0", None),
        ] {
            let version = |text: &str| Version::parse(text).expect("a version");
            assert_eq!(between(TEXT, &version(old), &version(new)).as_deref(), expected, "{old} to {new}");
        }
    }
}
