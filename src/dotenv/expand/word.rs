//! The value of a dotenvy line: quotes, escapes and references of one word, decoded in one go.

use super::{Fault, LARGEST, Names};

enum Reference {
    None,
    Bare(String),
    Braced(String),
}

/// Decodes the value `text`.
///
/// # Errors
/// Where a blank stands outside of quotes, a backslash stands before something else than `\ ' " $ n` or a space, or a quote or brace is open.
pub(in super::super) fn word(text: &str, names: &mut dyn Names) -> Result<String, Fault> {
    let mut result = String::with_capacity(text.len());
    let mut reference = Reference::None;
    let (mut is_single, mut is_double, mut is_escaped, mut is_over) = (false, false, false, false);
    for found in text.chars() {
        if result.len() > LARGEST {
            return Err(Fault::Endless);
        }
        if is_over {
            match found {
                ' ' | '\t' => continue,
                '#' => break,
                _ => return Err(Fault::Blank),
            }
        }
        if is_escaped {
            match found {
                '\\' | '\'' | '"' | '$' | ' ' => result.push(found),
                'n' => result.push('\n'),
                _ => return Err(Fault::Escape),
            }
            is_escaped = false;
            continue;
        }
        if is_single {
            if found == '\'' {
                is_single = false;
            } else {
                result.push(found);
            }
            continue;
        }
        match &mut reference {
            Reference::Bare(name) | Reference::Braced(name) if found.is_alphanumeric() => {
                name.push(found);
                continue;
            }
            Reference::Bare(name) if found == '{' && name.is_empty() => {
                reference = Reference::Braced(String::new());
                continue;
            }
            Reference::Bare(name) => {
                // The character that ends a name is text, even if it is a quote.
                result.push_str(&names.find(name).unwrap_or_default());
                reference = if found == '$' { Reference::Bare(String::new()) } else { Reference::None };
                if found != '$' {
                    result.push(found);
                }
                continue;
            }
            Reference::Braced(name) => {
                if found == '}' {
                    result.push_str(&names.find(name).unwrap_or_default());
                    reference = Reference::None;
                } else {
                    name.push(found);
                }
                continue;
            }
            Reference::None => {}
        }
        match found {
            '$' => reference = Reference::Bare(String::new()),
            '"' => is_double = !is_double,
            '\\' => is_escaped = true,
            '\'' if !is_double => is_single = true,
            ' ' | '\t' if !is_double => is_over = true,
            _ => result.push(found),
        }
    }
    match reference {
        Reference::Braced(_) => return Err(Fault::Malformed),
        Reference::Bare(name) => result.push_str(&names.find(&name).unwrap_or_default()),
        Reference::None => {}
    }
    if is_single || is_double { Err(Fault::Malformed) } else { Ok(result) }
}
