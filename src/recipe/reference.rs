//! `{{ name }}` in a text: where it stands, and what takes its place. Whatever else looks like it passes through byte for byte.

use std::ops::Range;

/// A `{{ NAME }}` or `{{ NAME | raw }}`, whether the name is known or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference<'a> {
    /// From brace to brace.
    pub(super) range: Range<usize>,
    pub(super) name: &'a str,
    /// The value itself is to be pasted.
    pub(super) is_raw: bool,
}

/// All references in `text`, from left to right.
pub(super) fn references(text: &str) -> Vec<Reference<'_>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("{{").map(|at| from + at) {
        match parse(text, at) {
            Some(reference) => {
                from = reference.range.end;
                found.push(reference);
            }
            // `{{{ x }}` holds a reference from its second brace on.
            None => from = at + 1,
        }
    }
    found
}

fn parse(text: &str, at: usize) -> Option<Reference<'_>> {
    let inner = &text[at + 2..];
    let end = inner.find("}}")?;
    let words: Vec<&str> = inner[..end].split('|').map(|word| word.trim_matches([' ', '\t'])).collect();
    let (name, is_raw) = match words.as_slice() {
        [name] => (*name, false),
        [name, "raw"] => (*name, true),
        _ => return None,
    };
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let is_name = begins && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    is_name.then(|| Reference { range: at..at + 2 + end + 2, name, is_raw })
}

/// `text` with values in place of references; what `value` does not know stays as it is.
///
/// # Errors
/// What `value` refuses.
pub(super) fn expand<E>(text: &str, mut value: impl FnMut(&str) -> Result<Option<String>, E>) -> Result<String, E> {
    if !text.contains("{{") {
        return Ok(text.to_owned());
    }
    let mut expanded = String::with_capacity(text.len());
    let mut from = 0;
    for Reference { range, name, .. } in references(text) {
        if let Some(value) = value(name)? {
            expanded.push_str(&text[from..range.start]);
            expanded.push_str(&value);
            from = range.end;
        }
    }
    expanded.push_str(&text[from..]);
    Ok(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_told_from_what_looks_like_them() {
        let cases: [(&str, &[(&str, bool)]); 10] = [
            ("a {{ b }} c", &[("b", false)]),
            ("{{b}}{{ c-d }}", &[("b", false), ("c-d", false)]),
            ("{{ b | raw }}", &[("b", true)]),
            ("{{b|raw}}", &[("b", true)]),
            ("docker ps --format '{{.Names}}'", &[]),
            ("{{ b | upper }}", &[]),
            ("{{{ b }}", &[("b", false)]),
            ("${{ github.ref }} {{ 1a }} {{ }}", &[]),
            ("{{ a\n}}", &[]),
            ("{{ {{ ä {{ b }}", &[("b", false)]),
        ];
        for (text, expected) in cases {
            let found: Vec<(&str, bool)> = references(text).iter().map(|found| (found.name, found.is_raw)).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn values_are_never_looked_at_again() {
        let value = |name: &str| Ok::<_, ()>((name == "a").then(|| "{{ a }} $b".to_owned()));
        assert_eq!(expand("<{{ a }}> {{ b }} {{.C}}", value), Ok("<{{ a }} $b> {{ b }} {{.C}}".to_owned()));
    }

    proptest::proptest! {
        #[test]
        fn without_known_names_nothing_changes(text in "[{}| ab.\n$]{0,40}") {
            proptest::prop_assert_eq!(expand(&text, |_| Ok::<_, ()>(None)), Ok(text.clone()));
        }
    }
}
