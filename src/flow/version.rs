//! Versions: the latest that is tagged, and the next.

use semver::Version;

use super::rules::Rules;

/// The latest version among tags.
pub(super) fn latest<'a>(rules: &Rules, tags: impl IntoIterator<Item = &'a str>) -> Option<Version> {
    tags.into_iter().filter_map(|tag| rules.version(tag)).max()
}

/// What `patch`, `minor` and `major` mean after `latest`; `None` for any other word.
pub(super) fn next(word: &str, latest: Option<&Version>) -> Option<Version> {
    let last = latest.cloned().unwrap_or(Version::new(0, 0, 0));
    // A pre-release of a version comes before it: the next patch of 1.2.0-rc.1 is 1.2.0.
    let is_pre = !last.pre.is_empty();
    Some(match word {
        "patch" if is_pre => Version::new(last.major, last.minor, last.patch),
        "patch" => Version::new(last.major, last.minor, last.patch + 1),
        "minor" if is_pre && last.patch == 0 => Version::new(last.major, last.minor, 0),
        "minor" => Version::new(last.major, last.minor + 1, 0),
        "major" if is_pre && last.minor == 0 && last.patch == 0 => Version::new(last.major, 0, 0),
        "major" => Version::new(last.major + 1, 0, 0),
        _ => return None,
    })
}

/// Whether `branch` ends with a version, and `word` asks for one to be computed.
pub(super) fn is_of(word: &str, branch: &str) -> bool {
    let last = branch.rsplit('/').next().unwrap_or_default();
    next(word, None).is_some() && Version::parse(last).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_version_follows_the_latest() {
        let cases = [
            (Some("1.2.3"), "1.2.4", "1.3.0", "2.0.0"),
            (None, "0.0.1", "0.1.0", "1.0.0"),
            (Some("1.2.0-rc.1"), "1.2.0", "1.2.0", "2.0.0"),
            (Some("2.0.0-rc.1"), "2.0.0", "2.0.0", "2.0.0"),
            (Some("1.2.3-rc.1"), "1.2.3", "1.3.0", "2.0.0"),
        ];
        for (last, patch, minor, major) in cases {
            let last = last.map(|text| Version::parse(text).unwrap());
            for (word, expected) in [("patch", patch), ("minor", minor), ("major", major)] {
                assert_eq!(next(word, last.as_ref()).unwrap().to_string(), expected, "{last:?} {word}");
            }
        }
        assert_eq!(next("1.0", None), None);
    }
}
