//! Compose's references: `$X`, `${X}` and six operators whose words have references themselves; `$$` is a dollar.

use super::{DEEPEST, Fault, LARGEST, Names, name_length};

/// Replaces all references in `text`.
///
/// # Errors
/// Where a reference is malformed, or a variable is required and not set.
pub(in super::super) fn template(text: &str, names: &mut dyn Names) -> Result<String, Fault> {
    replaced(text, names, DEEPEST)
}

fn replaced(text: &str, names: &mut dyn Names, depth: usize) -> Result<String, Fault> {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    // Where the last brace of the line that is read stands; a line without another one is not searched again and again.
    while let Some(start) = rest.find('$') {
        result.push_str(&rest[..start]);
        rest = &rest[start + 1..];
        match rest.as_bytes().first() {
            Some(b'$') => {
                result.push('$');
                rest = &rest[1..];
            }
            Some(b'{') => {
                let (value, length) = braced(&rest[1..], names, depth)?;
                result.push_str(&value);
                rest = &rest[1 + length..];
            }
            _ => match name_length(rest) {
                0 => result.push('$'),
                length => {
                    result.push_str(&names.find(&rest[..length]).unwrap_or_default());
                    rest = &rest[length..];
                }
            },
        }
        if result.len() > LARGEST {
            return Err(Fault::Endless);
        }
    }
    result.push_str(rest);
    Ok(result)
}

/// The value of the reference whose inside begins `text`, and how long it is with its brace.
fn braced(text: &str, names: &mut dyn Names, depth: usize) -> Result<(String, usize), Fault> {
    let length = name_length(text);
    if length == 0 || depth == 0 {
        return Err(Fault::Malformed);
    }
    let (name, rest) = text.split_at(length);
    if rest.starts_with('}') {
        return Ok((names.find(name).unwrap_or_default(), length + 1));
    }
    let colon = usize::from(rest.starts_with(':'));
    let operator = *rest.as_bytes().get(colon).filter(|byte| b"-+?".contains(byte)).ok_or(Fault::Malformed)?;
    let inside = &rest[colon + 1..];
    let (word, end) = word(inside).ok_or(Fault::Malformed)?;
    let value = names.find(name);
    let is_there = value.as_ref().is_some_and(|value| colon == 0 || !value.is_empty());
    let value = match operator {
        b'-' if is_there => value.unwrap_or_default(),
        b'+' if !is_there => value.unwrap_or_default(),
        b'-' | b'+' => replaced(word, names, depth - 1)?,
        _ => {
            // Read as the parser reads it, but told as it stands: a value in it may be a secret.
            replaced(word, names, depth - 1)?;
            if !is_there {
                return Err(Fault::Required { name: name.to_owned(), message: word.to_owned() });
            }
            value.unwrap_or_default()
        }
    };
    Ok((value, length + colon + 1 + end))
}

/// The word behind an operator, and where reading goes on: it ends at the brace that closes as many as were opened, or else at the last
/// one of the line.
fn word(text: &str) -> Option<(&str, usize)> {
    let bytes = text.as_bytes();
    let mut open = 1_usize;
    let mut last = None;
    let mut at = 0;
    while at < bytes.len() && bytes[at] != b'\n' {
        if bytes[at] == b'}' {
            open -= 1;
            last = Some(at);
            if open == 0 {
                return Some((&text[..at], at + 1));
            }
        } else if bytes[at..].starts_with(b"${") {
            open += 1;
            at += 1;
        }
        at += 1;
    }
    last.map(|at| (&text[..at], at + 1))
}
