//! References as dotenv-expand and dotenvx replace them: the first that is found, then from the front again, until none is left or a
//! value came out that is to be taken as it is.

use super::{Fault, LARGEST, Names, name_length};

/// Which names hold values that were written literally.
pub(in super::super) trait Literals {
    /// The value of a name that was written in single quotes.
    fn literal(&self, name: &str) -> Option<&str>;
}

/// Replaces references in `text` until none is left.
///
/// # Errors
/// Where that does not end.
pub(in super::super) fn repeated(text: &str, names: &mut dyn Names, literals: &dyn Literals) -> Result<String, Fault> {
    let mut text = text.to_owned();
    // Replacing begins anew each time, so that the work is bounded and not the number of references.
    let mut budget = 8 * LARGEST;
    let mut from = 0;
    while let Some((start, end)) = reference(&text, from) {
        let inside = text[start..end].trim_start_matches('$').trim_start_matches('{').trim_end_matches('}');
        let (name, operator, word) = parts(inside);
        let name = name.to_owned();
        let found = names.find(&name);
        let is_full = found.as_ref().is_some_and(|value| !value.is_empty());
        let value = match operator {
            ":-" if !is_full => word.to_owned(),
            "-" if found.is_none() => word.to_owned(),
            ":+" => {
                if is_full {
                    word.to_owned()
                } else {
                    String::new()
                }
            }
            "+" => {
                if found.is_some() {
                    word.to_owned()
                } else {
                    String::new()
                }
            }
            _ => found.clone().unwrap_or_default(),
        };
        let matched = text[start..end].to_owned();
        // The first place where the same text stands, which may be an escaped one before.
        let place = text.find(&matched).unwrap_or(start);
        let value = special(&value, &text, place, place + matched.len());
        budget = budget.checked_sub(text.len() + value.len() + 64).ok_or(Fault::Endless)?;
        text.replace_range(place..place + matched.len(), &value);
        if text.len() > LARGEST {
            return Err(Fault::Endless);
        }
        let is_literal = literals.literal(&name).is_some_and(has_reference);
        if found.as_deref() == Some(&text) || is_literal {
            break;
        }
        // What stands before the place holds no reference, unless one is completed now: by a brace, or a name behind a dollar.
        let before = &text.as_bytes()[..place];
        let brace =
            before.iter().rposition(|byte| matches!(byte, b'{' | b'}')).filter(|at| before[*at] == b'{' && *at > 0);
        from = before.iter().rposition(|byte| *byte == b'$').unwrap_or(place).min(brace.map_or(place, |at| at - 1));
        if !text.is_char_boundary(from) {
            from = 0;
        }
    }
    Ok(text)
}

/// JavaScript's `replace` gives a meaning to some dollars in what it puts in.
fn special(value: &str, text: &str, start: usize, end: usize) -> String {
    if !value.contains('$') {
        return value.to_owned();
    }
    let mut result = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('$') {
        result.push_str(&rest[..at]);
        let (put, length) = match rest.as_bytes().get(at + 1) {
            Some(b'$') => ("$", 2),
            Some(b'&') => (&text[start..end], 2),
            Some(b'`') => (&text[..start], 2),
            Some(b'\'') => (&text[end..], 2),
            _ => ("$", 1),
        };
        result.push_str(put);
        rest = &rest[at + length..];
    }
    result.push_str(rest);
    result
}

/// The first reference from `from` on: `${…}` without braces inside, or `$NAME`, without a backslash before it.
fn reference(text: &str, from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    while let Some(found) = text.get(at..)?.find('$').map(|found| at + found) {
        let is_escaped = found > 0 && text.as_bytes()[found - 1] == b'\\';
        let rest = &text[found + 1..];
        if !is_escaped {
            if let Some(inside) = rest.strip_prefix('{')
                && let Some(length) = inside.find(['{', '}']).filter(|length| *length > 0)
                && inside.as_bytes()[length] == b'}'
            {
                return Some((found, found + 2 + length + 1));
            }
            let length = name_length(rest);
            if length > 0 {
                return Some((found, found + 1 + length));
            }
        }
        at = found + 1;
    }
    None
}

/// Name, operator and word of what stands in braces.
fn parts(inside: &str) -> (&str, &str, &str) {
    let operator = inside.char_indices().find_map(|(at, _)| {
        [":+", "+", ":-", "-"].into_iter().find(|operator| inside[at..].starts_with(operator)).map(|found| (at, found))
    });
    match operator {
        Some((at, operator)) => (&inside[..at], operator, &inside[at + operator.len()..]),
        // Without an operator the parser splits at the word `null`, into which JavaScript turns the operator that is not there.
        None => (inside.split("null").next().unwrap_or_default(), "", ""),
    }
}

/// Whether a literal value looks like it had references, escaped or not.
fn has_reference(text: &str) -> bool {
    text.match_indices('$').any(|(at, _)| {
        let rest = &text[at + 1..];
        name_length(rest) > 0
            || rest.strip_prefix('{').is_some_and(|inside| inside.find('}').is_some_and(|end| end > 0))
    })
}
