//! Where in a file stands what could not be carried over: its line, as far as a look at the text can tell.

use regex::Regex;

use super::Runner;

/// `left` with the line of what it begins with, the name between the first backquotes.
pub(super) fn located(left: &str, runner: Runner, text: &str) -> String {
    let name = left.split('`').nth(1).filter(|name| !name.is_empty());
    match name.and_then(|name| line(name, left.starts_with("the variable "), runner, text)) {
        Some(line) => format!("{left} (line {line})"),
        None => left.to_owned(),
    }
}

/// The line, from 1.
fn line(name: &str, is_variable: bool, runner: Runner, text: &str) -> Option<usize> {
    let it = regex::escape(name.trim_end_matches(':'));
    let (section, patterns): (&str, Vec<String>) = match runner {
        Runner::Make if is_variable => {
            ("", vec![format!(r"^(export +|override +)*{it}\s*[:+?!]*="), format!(r"^define +{it}\b")])
        }
        Runner::Make => (
            "",
            vec![
                format!(r"^([^\t#:=]*\s)?{it}(\s[^:=]*)?:"),
                format!(r"^\s*{it}\s*$"),
                format!(r"^\s*(else\s+)?ifn?eq\b.*\$[({{]{it}[)}}]"),
            ],
        ),
        Runner::Just if is_variable => ("", vec![format!(r"^(export +)?{it}\s*:=")]),
        Runner::Just => {
            ("", vec![format!(r"^@?{it}(\s[^=]*)?:([^=]|$)"), format!(r"^(alias|mod\??) +{it}\b"), format!(r"^{it}\b")])
        }
        Runner::Task => {
            let section = match name.ends_with(':') {
                true => "",
                false if is_variable => r"^vars:",
                false => r"^tasks:",
            };
            let indent = if name.ends_with(':') { "" } else { r#"\s+["']?"# };
            (section, vec![format!(r#"^{indent}{it}["']?\s*:"#)])
        }
        Runner::Npm => (r#""scripts"\s*:"#, vec![format!(r#""{it}"\s*:"#)]),
        Runner::Mise => {
            ("", vec![format!(r#"^\s*\[tasks\."?{it}"?\]"#), format!(r"^\s*{it}\s*$"), format!(r#"^"?{it}"?\s*="#)])
        }
    };
    let section = Regex::new(section).ok()?;
    let start = text.lines().position(|line| section.is_match(line))?;
    patterns.iter().find_map(|pattern| {
        let pattern = Regex::new(pattern).ok()?;
        Some(start + text.lines().skip(start).position(|line| pattern.is_match(line))? + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_has_its_line() {
        let make = "X = 1\nall: b\n\techo b:\n-include x.mk\ndefine D\nendef\na b : c ; d\n";
        let just = "v := `a`\n@go x: y\n    z\nalias w := go\nmod m\nset tempdir := 'x'\n";
        let task = "version: 3\nincludes:\n  d: x\nvars:\n  a: 1\ntasks:\n  a:\n    cmds: [x]\n  'b:c': y\nset: [x]\n";
        let cases = [
            (Runner::Make, make, "`all` calls make: x", Some(2)),
            (Runner::Make, make, "`b` calls make: x", Some(7)),
            (Runner::Make, make, "the variable `X`: x", Some(1)),
            (Runner::Make, make, "the variable `D`: x", Some(5)),
            (Runner::Make, make, "`-include x.mk`", Some(4)),
            (Runner::Make, make, "`none`", None),
            (Runner::Just, just, "`go` calls just: x", Some(2)),
            (Runner::Just, just, "the variable `v`: x", Some(1)),
            (Runner::Just, just, "the alias `w`", Some(4)),
            (Runner::Just, just, "the module `m`: x", Some(5)),
            (Runner::Task, task, "`a` calls task: x", Some(7)),
            (Runner::Task, task, "`b:c` calls task: x", Some(9)),
            (Runner::Task, task, "the variable `a`: x", Some(5)),
            (Runner::Task, task, "`set:`", Some(10)),
            (Runner::Npm, "{\n\"a\": 1,\n\"scripts\": {\n\"a\": 1}}", "`a` calls npm", Some(4)),
            (Runner::Mise, "[tools]\n[tasks.a]\n[tasks.\"b:c\"]\n", "`[tools]`", Some(1)),
            (Runner::Mise, "[tools]\n[tasks.a]\n[tasks.\"b:c\"]\n", "`b:c` calls mise", Some(3)),
        ];
        for (runner, text, left, expected) in cases {
            let line = expected.map(|line| format!(" (line {line})")).unwrap_or_default();
            assert_eq!(located(left, runner, text), format!("{left}{line}"));
        }
    }
}
