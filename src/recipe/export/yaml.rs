//! Texts as YAML reads them.

/// In one line: JSON is YAML.
pub(super) fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Over several lines where they are plain, each behind `indent` blanks.
pub(super) fn block(value: &str, indent: usize) -> String {
    let is_plain = !value.starts_with([' ', '\t', '\n'])
        && value.ends_with('\n')
        && !value.ends_with("\n\n")
        && !value.chars().any(|c| {
            (c.is_control() && c != '\n' && c != '\t')
                || c == '\u{feff}'
                || c == '\u{2028}'
                || c == '\u{2029}'
                || c == '\u{85}'
        });
    if !is_plain {
        return text(value);
    }
    let blanks = " ".repeat(indent);
    let lines = value.lines().map(|line| if line.is_empty() { String::new() } else { format!("{blanks}{line}") });
    format!("|\n{}", lines.collect::<Vec<_>>().join("\n"))
}
