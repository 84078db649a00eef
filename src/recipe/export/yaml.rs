//! Texts as YAML reads them.

/// In one line: JSON is YAML.
pub(super) fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The name of a job or a variable: bare where no reader takes it for something else than a text, as those of YAML 1.1 take `n`, `on` and `yes`.
pub(super) fn name(name: &str) -> String {
    let taken = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    if taken.iter().any(|it| name.eq_ignore_ascii_case(it)) || name.starts_with(|c: char| c.is_ascii_digit()) {
        return text(name);
    }
    name.to_owned()
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

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn a_name_is_never_taken_for_something_else() {
        let cases = [
            ("test", "test"),
            ("PATH", "PATH"),
            ("n", "\"n\""),
            ("On", "\"On\""),
            ("NULL", "\"NULL\""),
            ("1-up", "\"1-up\""),
        ];
        for (typed, expected) in cases {
            assert_eq!(name(typed), expected);
        }
    }
}
