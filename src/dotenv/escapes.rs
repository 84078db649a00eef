//! What backslashes in quoted values stand for.

use std::borrow::Cow;

use super::dialect::Escapes;

/// The text with its escapes replaced. Compose's `\$` becomes `$$`, which is a dollar to the references that are looked for next.
pub(super) fn decode(text: &str, escapes: Escapes) -> Cow<'_, str> {
    if !text.contains('\\') {
        return text.into();
    }
    match escapes {
        Escapes::None => text.into(),
        Escapes::Feed => text.replace("\\n", "\n").into(),
        Escapes::Lines => text.replace("\\n", "\n").replace("\\r", "\r").into(),
        Escapes::LinesAndTab => text.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t").into(),
        Escapes::QuoteAnywhere => text.replace("\\'", "'").into(),
        Escapes::Direnv => {
            let text = text.replace("\\n", "\n").replace("\\r", "\r");
            pairs(&text, |found, result| {
                if found == '$' {
                    result.push('\\');
                }
                result.push(found);
            })
            .into()
        }
        Escapes::Compose => compose(text).into(),
        Escapes::Quote => pairs(text, |found, result| keep(found == '\'', found, found, result)).into(),
        Escapes::Python => pairs(text, |found, result| match control(found) {
            Some(value) => result.push(value),
            None => keep(matches!(found, '\\' | '\'' | '"'), found, found, result),
        })
        .into(),
        Escapes::PythonSingle => {
            pairs(text, |found, result| keep(matches!(found, '\\' | '\''), found, found, result)).into()
        }
    }
}

/// Puts `value` in, or the escape as it was written.
fn keep(is_escape: bool, value: char, found: char, result: &mut String) {
    if is_escape {
        result.push(value);
    } else {
        result.push('\\');
        result.push(found);
    }
}

/// Hands each character behind a backslash to `escape`; a backslash at the end stays.
fn pairs(text: &str, escape: impl Fn(char, &mut String)) -> String {
    let mut result = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(found) = characters.next() {
        match (found, found == '\\') {
            (found, false) => result.push(found),
            _ => match characters.next() {
                Some(next) => escape(next, &mut result),
                None => result.push('\\'),
            },
        }
    }
    result
}

fn control(letter: char) -> Option<char> {
    Some(match letter {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        _ => return None,
    })
}

fn compose(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        result.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(found) = rest.chars().next() else {
            result.push('\\');
            break;
        };
        let mut length = found.len_utf8();
        match found {
            '$' => result.push_str("$$"),
            '"' | '\\' => result.push(found),
            '0' => {
                let digits = rest[1..].bytes().take(3).take_while(u8::is_ascii_digit).count();
                length = 1 + digits;
                let octal = &rest[1..length];
                let value =
                    if digits == 3 { u32::from_str_radix(octal, 8).ok().filter(|value| *value < 256) } else { None };
                if let Some(value) = value.and_then(char::from_u32) {
                    result.push(value);
                } else {
                    result.push('\\');
                    result.push_str(octal);
                }
            }
            found => match control(found) {
                Some(value) => result.push(value),
                None => keep(false, found, found, &mut result),
            },
        }
        rest = &rest[length..];
    }
    result.push_str(rest);
    result
}
