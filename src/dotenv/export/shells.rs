//! Lines that a shell evaluates: every value is quoted so that nothing in it means anything.

use super::{Pair, Refusal, each, is_shell_name};

pub(super) fn refuse(pair: &Pair) -> Option<Refusal> {
    (!is_shell_name(pair.0)).then_some("is no name that a shell can have")
}

pub(super) fn refuse_pwsh(pair: &Pair) -> Option<Refusal> {
    if pair.1.is_empty() {
        return Some("is empty, which removes a variable in PowerShell");
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    (pair.0.is_empty() || !pair.0.bytes().all(is_plain)).then_some("is no name that PowerShell can have")
}

pub(super) fn sh(pairs: &[Pair]) -> String {
    each(pairs, |name, value| format!("export {name}='{}'\n", value.replace('\'', "'\\''")))
}

pub(super) fn fish(pairs: &[Pair]) -> String {
    let quoted = |value: &str| value.replace('\\', "\\\\").replace('\'', "\\'");
    each(pairs, |name, value| format!("set -gx {name} '{}'\n", quoted(value)))
}

pub(super) fn pwsh(pairs: &[Pair]) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        text.push_str("${env:");
        text.push_str(name);
        text.push_str("} = '");
        for found in value.chars() {
            text.push(found);
            // PowerShell takes four typographic quotes for the plain one, and each is doubled by itself.
            if matches!(found, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}') {
                text.push(found);
            }
        }
        text.push_str("'\n");
    }
    text
}
