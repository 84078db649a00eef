//! What merges, squashed commits and tags say, unless the user says it.

use super::Request;
use super::look::Look;
use crate::flow::script;
use crate::flow::see::Seen;

/// The text with what stands in braces put in, ending with a line break.
pub(super) fn fill(text: &str, pairs: &[(&str, &str)]) -> String {
    let mut filled = String::new();
    let mut rest = text;
    // One pass: a branch may be called `{target}`.
    while let Some(at) = rest.find('{') {
        filled.push_str(&rest[..at]);
        rest = &rest[at..];
        let named =
            pairs.iter().find_map(|(name, value)| Some((*value, rest[1..].strip_prefix(name)?.strip_prefix('}')?)));
        let (value, after) = named.unwrap_or(("{", &rest[1..]));
        filled.push_str(value);
        rest = after;
    }
    filled.push_str(rest);
    if !filled.ends_with('\n') {
        filled.push('\n');
    }
    filled
}

pub(super) fn merge_message(
    seen: &Seen,
    request: &Request,
    look: &Look,
    into: &str,
    number: usize,
    tag: Option<&str>,
) -> String {
    // As Git says it itself.
    let onto = if matches!(into, "main" | "master") { String::new() } else { format!(" into {into}") };
    let pairs =
        [("branch", request.branch.as_str()), ("kind", &request.kind.name), ("name", &request.name), ("target", into)];
    if let Some(message) = request.message.clone().filter(|_| number == 0 && tag.is_none()) {
        return message;
    }
    if let Some(text) = &seen.rules.flow.merge_message {
        return fill(text, &pairs);
    }
    match (number, tag) {
        (0, _) => format!("Merge branch '{}'{onto}\n", request.branch),
        (_, Some(tag)) => format!("Merge tag '{tag}'{onto}\n"),
        (_, None) => {
            let first = look.targets.first().map(|target| target.name.as_str()).unwrap_or_default();
            format!("Merge branch '{first}'{onto}\n")
        }
    }
}

pub(super) fn squash_message(seen: &Seen, request: &Request, look: &Look, into: &str) -> anyhow::Result<String> {
    if let Some(message) = request.message.clone().filter(|_| !request.tag) {
        return Ok(message);
    }
    let pairs =
        [("branch", request.branch.as_str()), ("kind", &request.kind.name), ("name", &request.name), ("target", into)];
    if let Some(text) = &seen.rules.flow.squash_message {
        return Ok(fill(text, &pairs));
    }
    let target = look.targets.first().map(|target| target.id);
    let own = seen.repository.range(&[look.tip], &target.into_iter().collect::<Vec<_>>())?;
    let commits = seen.repository.commits(&own)?;
    Ok(match commits.as_slice() {
        [one] => fill(&one.message, &[]),
        all => {
            let lines: Vec<String> = all.iter().rev().map(|commit| format!("* {}\n", commit.subject())).collect();
            format!("Squash branch '{}' into {into}\n\n{}", request.branch, lines.concat())
        }
    })
}

pub(super) fn tag_message(seen: &Seen, request: &Request, tag: &str, version: &str) -> anyhow::Result<String> {
    let name = format!("filter-flow-{}-finish-tag-message", request.kind.name);
    let text = match (&request.message, &seen.rules.flow.tag_message) {
        (Some(message), _) => message.clone(),
        (None, Some(text)) => fill(text, &[("version", version), ("tag", tag), ("branch", &request.branch)]),
        (None, None) => {
            let mut kind = request.kind.name.clone();
            if let Some(first) = kind.get_mut(0..1) {
                first.make_ascii_uppercase();
            }
            format!("{kind} {version}\n")
        }
    };
    let filtered = script::message(seen, &name, &text, tag)?;
    Ok(if filtered.ends_with('\n') { filtered } else { filtered + "\n" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_braces_is_put_in_once() {
        let pairs = [("branch", "feature/{target}"), ("target", "develop")];
        let cases = [
            ("{branch} into {target}", "feature/{target} into develop\n"),
            ("{other} { {target\n", "{other} { {target\n"),
            ("{{target}}", "{develop}\n"),
            ("", "\n"),
        ];
        for (text, expected) in cases {
            assert_eq!(fill(text, &pairs), expected);
        }
    }
}
