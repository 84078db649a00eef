//! References as Go's `os.Expand` has them, with direnv's `${X:-default}`.

use super::{LARGEST, Names};

/// Replaces all references in `text`. `of_file` finds what the file has set, `names` what is set around it.
pub(in super::super) fn go(text: &str, of_file: &mut dyn Names, names: &mut dyn Names) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('$') {
        result.push_str(&rest[..start]);
        rest = &rest[start + 1..];
        if rest.is_empty() || result.len() > LARGEST {
            result.push('$');
            break;
        }
        let (name, length) = name(rest);
        match (name, length) {
            ("", 0) => result.push('$'),
            ("", _) => {}
            (name, _) => result.push_str(&value(name, of_file, names)),
        }
        rest = &rest[length..];
    }
    result.push_str(rest);
    result
}

fn value(inside: &str, of_file: &mut dyn Names, names: &mut dyn Names) -> String {
    let (name, default) = inside.split_once(":-").unwrap_or((inside, ""));
    of_file
        .find(name)
        .or_else(|| names.find(name).filter(|value| !value.is_empty()))
        .unwrap_or_else(|| default.to_owned())
}

/// The name behind a dollar, and how much of `text` it takes; an empty name that takes something is dropped with it.
fn name(text: &str) -> (&str, usize) {
    let bytes = text.as_bytes();
    let is_special = |byte: u8| byte.is_ascii_digit() || b"*#$@!?-".contains(&byte);
    if bytes[0] == b'{' {
        if bytes.len() > 2 && is_special(bytes[1]) && bytes[2] == b'}' {
            return (&text[1..2], 3);
        }
        return match text.find('}') {
            Some(1) => ("", 2),
            Some(end) => (&text[1..end], end + 1),
            None => ("", 1),
        };
    }
    if is_special(bytes[0]) {
        return (&text[..1], 1);
    }
    let length = bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    (&text[..length], length)
}
