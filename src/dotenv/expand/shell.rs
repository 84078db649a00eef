//! The right side of a shell's assignment: quotes, backslashes, `~`, and parameters with their operators, and commands.

use super::{DEEPEST, Fault, LARGEST, Names, command_end, name_length};

/// Decodes the word `text`.
///
/// # Errors
/// Where it has a command, a special parameter that only a shell knows, a malformed reference, or requires what is not set.
pub(in super::super) fn shell(text: &str, names: &mut dyn Names) -> Result<String, Fault> {
    decode(text, names, DEEPEST, true)
}

fn decode(text: &str, names: &mut dyn Names, depth: usize, has_tilde: bool) -> Result<String, Fault> {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    let mut is_double = false;
    let mut is_start = has_tilde;
    while let Some(found) = rest.chars().next() {
        let after = &rest[found.len_utf8()..];
        rest = after;
        let was_start = std::mem::take(&mut is_start);
        match found {
            '\'' if !is_double => {
                let end = after.find('\'').ok_or(Fault::Malformed)?;
                result.push_str(&after[..end]);
                rest = &after[end + 1..];
            }
            '"' => is_double = !is_double,
            '\\' => {
                let Some(next) = after.chars().next() else {
                    result.push('\\');
                    break;
                };
                rest = &after[next.len_utf8()..];
                if is_double && !matches!(next, '$' | '`' | '"' | '\\' | '\n') {
                    result.push('\\');
                }
                if next != '\n' {
                    result.push(next);
                }
            }
            '`' => {
                let (command, length) = ticked(after, is_double).ok_or(Fault::Malformed)?;
                result.push_str(&names.run(&command)?);
                rest = &after[length..];
            }
            // A shell cannot hold one, and drops it.
            '\0' => {}
            '~' if was_start && !is_double && (after.is_empty() || after.starts_with(['/', ':'])) => {
                result.push_str(&names.find("HOME").unwrap_or_else(|| "~".to_owned()));
            }
            '$' => {
                let (value, length) = parameter(after, names, depth)?;
                result.push_str(&value);
                rest = &after[length..];
            }
            ':' => {
                result.push(':');
                is_start = has_tilde && !is_double;
            }
            other => result.push(other),
        }
        if result.len() > LARGEST {
            return Err(Fault::Endless);
        }
    }
    Ok(result)
}

/// The command between backticks, whose first one is passed, and how long it is with the second one.
fn ticked(text: &str, is_double: bool) -> Option<(String, usize)> {
    let mut command = String::new();
    let mut is_escaped = false;
    for (at, found) in text.char_indices() {
        if is_escaped {
            if !(matches!(found, '`' | '$' | '\\') || is_double && found == '"') {
                command.push('\\');
            }
            command.push(found);
            is_escaped = false;
        } else if found == '\\' {
            is_escaped = true;
        } else if found == '`' {
            return Some((command, at + 1));
        } else {
            command.push(found);
        }
    }
    None
}

/// The value of what follows a dollar, and how long it is.
fn parameter(text: &str, names: &mut dyn Names, depth: usize) -> Result<(String, usize), Fault> {
    let length = name_length(text);
    if length > 0 {
        return Ok((names.find(&text[..length]).unwrap_or_default(), length));
    }
    match text.chars().next() {
        // `$((1 + 1))` is a sum, which is none of a file's business.
        Some('(') if text.starts_with("((") => Err(Fault::Command),
        Some('(') => {
            let whole = format!("${text}");
            let end = command_end(&whole, 0).ok_or(Fault::Malformed)? - 1;
            Ok((names.run(&text[1..end - 1])?, end))
        }
        Some('{') => braced(&text[1..], names, depth).map(|(value, length)| (value, length + 1)),
        Some('@' | '*' | '1'..='9') => Ok((String::new(), 1)),
        Some('#' | '?') => Ok(("0".to_owned(), 1)),
        Some(special @ ('$' | '!' | '-' | '0')) => Err(Fault::Special(special)),
        _ => Ok(("$".to_owned(), 0)),
    }
}

fn braced(text: &str, names: &mut dyn Names, depth: usize) -> Result<(String, usize), Fault> {
    let length = name_length(text);
    if length == 0 || depth == 0 {
        return Err(Fault::Malformed);
    }
    let (name, rest) = text.split_at(length);
    let value = names.find(name);
    if rest.starts_with('}') {
        return Ok((value.unwrap_or_default(), length + 1));
    }
    let colon = usize::from(rest.starts_with(':'));
    let operator = *rest.as_bytes().get(colon).filter(|byte| b"-+?".contains(byte)).ok_or(Fault::Malformed)?;
    let inside = &rest[colon + 1..];
    let end = closing(inside).ok_or(Fault::Malformed)?;
    let is_there = value.as_ref().is_some_and(|value| colon == 0 || !value.is_empty());
    let word = &inside[..end];
    let value = match operator {
        b'-' | b'?' if is_there => value.unwrap_or_default(),
        b'+' if !is_there => String::new(),
        b'?' => {
            decode(word, names, depth - 1, false)?;
            return Err(Fault::Required { name: name.to_owned(), message: word.to_owned() });
        }
        _ => decode(word, names, depth - 1, true)?,
    };
    Ok((value, length + colon + 1 + end + 1))
}

/// The place of the brace that closes, past quotes and inner braces.
fn closing(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut open, mut is_double, mut at) = (1_usize, false, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'"' => is_double = !is_double,
            b'\'' if !is_double => at += 1 + text[at + 1..].find('\'')?,
            b'$' if bytes.get(at + 1) == Some(&b'{') => {
                open += 1;
                at += 1;
            }
            b'}' => {
                open -= 1;
                if open == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}
