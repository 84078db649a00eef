//! Data languages, with every value as a quoted text, so that none of them takes `yes` or `1e3` for something else.

use std::fmt::Write as _;

use super::{Pair, Refusal, each, is_shell_name};

/// The most bytes of a Kubernetes object's data.
const KUBERNETES_MOST: usize = 1024 * 1024;

/// A text in double quotes: YAML's, and JSON's, too.
fn quoted(value: &str) -> String {
    let mut text = String::with_capacity(value.len() + 2);
    text.push('"');
    for found in value.chars() {
        match found {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            // What YAML does not print, and line ends of its own.
            found
                if found.is_control()
                    || matches!(found, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}') =>
            {
                let _ = write!(text, "\\u{:04x}", u32::from(found));
            }
            found => text.push(found),
        }
    }
    text.push('"');
    text
}

pub(super) fn yaml(pairs: &[Pair]) -> String {
    if pairs.is_empty() {
        return "{}\n".to_owned();
    }
    each(pairs, |name, value| format!("{}: {}\n", quoted(name), quoted(value)))
}

pub(super) fn refuse_compose(pair: &Pair) -> Option<Refusal> {
    (pair.0.is_empty() || pair.0.contains(['=', '$'])).then_some("is no name that Compose can have")
}

/// Compose replaces references in what it reads: a dollar is doubled.
pub(super) fn compose(pairs: &[Pair]) -> String {
    if pairs.is_empty() {
        return "environment: {}\n".to_owned();
    }
    let line = |name: &str, value: &str| format!("  {}: {}\n", quoted(name), quoted(&value.replace('$', "$$")));
    format!("environment:\n{}", each(pairs, line))
}

pub(super) fn refuse_kubernetes(pair: &Pair) -> Option<Refusal> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    if pair.0.is_empty() || pair.0.len() > 253 || !pair.0.bytes().all(is_plain) {
        return Some("is no key that Kubernetes can have");
    }
    (pair.1.len() > KUBERNETES_MOST).then_some("is larger than the 1 MiB that Kubernetes takes")
}

/// Whether a Kubernetes object can have this name.
pub(super) fn is_object_name(name: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = [name.bytes().next(), name.bytes().next_back()];
    name.len() <= 253
        && ends.iter().all(|byte| byte.is_some_and(is_inner))
        && name.bytes().all(|byte| is_inner(byte) || matches!(byte, b'-' | b'.'))
}

pub(super) fn kubernetes(kind: &str, field: &str, name: &str, pairs: &[Pair]) -> String {
    let mut text = format!("apiVersion: v1\nkind: {kind}\nmetadata:\n  name: {}\n", quoted(name));
    if kind == "Secret" {
        text.push_str("type: Opaque\n");
    }
    if pairs.is_empty() {
        let _ = writeln!(text, "{field}: {{}}");
    } else {
        let _ = writeln!(text, "{field}:");
    }
    for (name, value) in pairs {
        let _ = writeln!(text, "  {}: {}", quoted(name), quoted(value));
    }
    text
}

pub(super) fn refuse_terraform(pair: &Pair) -> Option<Refusal> {
    (!is_shell_name(pair.0)).then_some("is no name that Terraform can have")
}

/// HCL's templates begin with `${` and `%{`.
pub(super) fn terraform(pairs: &[Pair]) -> String {
    let text = |value: &str| quoted(value).replace("${", "$${").replace("%{", "%%{");
    each(pairs, |name, value| format!("{name} = {}\n", text(value)))
}

/// Nix knows four escapes, and takes every other character as it is.
pub(super) fn nix(pairs: &[Pair]) -> String {
    let text = |value: &str| {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$");
        value.replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t")
    };
    let lines: String = each(pairs, |name, value| format!("  \"{}\" = \"{}\";\n", text(name), text(value)));
    format!("{{\n{lines}}}\n")
}
