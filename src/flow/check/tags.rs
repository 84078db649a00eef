//! Tags that are versions, or look as if they were meant to be.

use std::cmp::Ordering;

use semver::Version;

use crate::flow::rules::Rules;

/// The version that a tag is; `None` where it is none that anybody meant.
pub(super) fn version(rules: &Rules, tag: &str) -> Option<Version> {
    rules.version(tag)
}

/// What is wrong with the name of a tag that is meant to be a version, and what it could be called instead.
pub(super) fn fault(rules: &Rules, tag: &str) -> Option<(String, String)> {
    if version(rules, tag).is_some() || !is_meant(rules, tag) {
        return None;
    }
    let prefix = rules.flow.tag_prefix.as_str();
    let example = format!("versions are tagged as `{prefix}1.2.3`");
    let bare = tag.strip_prefix(prefix).unwrap_or(tag);
    let message = if bare.len() == tag.len() && !prefix.is_empty() {
        format!("the prefix `{prefix}` is missing")
    } else {
        format!("`{bare}` is no semantic version")
    };
    let numbers = bare.trim_start_matches(['v', 'V']);
    let better = [numbers.to_owned(), format!("{numbers}.0"), format!("{numbers}.0.0")];
    let better = better.into_iter().find(|text| Version::parse(text).is_ok());
    Some((message, better.map_or(example, |better| format!("tag it as `{prefix}{better}`"))))
}

/// Whether it looks like a version: numbers with dots between them, or a number after the prefix.
fn is_meant(rules: &Rules, tag: &str) -> bool {
    let begins = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let prefix = rules.flow.tag_prefix.as_str();
    if !prefix.is_empty() && tag.strip_prefix(prefix).is_some_and(begins) {
        return true;
    }
    let bare = tag.strip_prefix(['v', 'V']).unwrap_or(tag);
    let (first, rest) = bare.split_once('.').unwrap_or((bare, ""));
    begins(bare) && first.bytes().all(|byte| byte.is_ascii_digit()) && begins(rest)
}

/// Whether moving or deleting it would change a version.
pub(super) fn is_version(rules: &Rules, tag: &str) -> bool {
    version(rules, tag).is_some() || is_meant(rules, tag)
}

/// Versions in their order, without what does not count in it.
pub(super) fn compare(one: &Version, other: &Version) -> Ordering {
    one.cmp_precedence(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::flow::Flow;
    use crate::flow::rules::Origin;

    #[test]
    fn tags_that_are_meant_to_be_versions_are_known() {
        let rules =
            |prefix: &str| Rules::of(&Flow { tag_prefix: prefix.to_owned(), ..Flow::default() }, Origin::Policy);
        let cases = [
            ("", "1.2.3", None),
            ("", "1.2.3-rc.1+x", None),
            ("", "nightly", None),
            ("", "2024-01-01", None),
            ("", "1.2", Some("tag it as `1.2.0`")),
            ("", "v1.2.3", Some("tag it as `1.2.3`")),
            ("", "1.2.3.4", Some("versions are tagged as `1.2.3`")),
            ("", "01.2.3", Some("versions are tagged as `1.2.3`")),
            ("v", "v1.2.3", None),
            ("v", "version", None),
            ("v", "v1", Some("tag it as `v1.0.0`")),
            ("v", "1.2.3", Some("tag it as `v1.2.3`")),
            ("api-", "api-1.2", Some("tag it as `api-1.2.0`")),
            ("api-", "web-1.2", None),
        ];
        for (prefix, tag, expected) in cases {
            let hint = fault(&rules(prefix), tag).map(|(_, hint)| hint);
            assert_eq!(hint.as_deref(), expected, "{prefix:?} {tag}");
        }
    }
}
