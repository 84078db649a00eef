//! Where `eval` reads what a recipe was given. What stands in single quotes is not looked at: there `eval` finds the name of a variable, and takes
//! its value as it is.

use crate::config::parameter::{FullParameter, Manner};
use crate::recipe::catalog::Entry;
use crate::recipe::reference::references;

/// The places of `eval`s in a text, each with what it reads.
pub(super) fn evals(entry: &Entry, text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut start = 0;
    let outside = super::functions::without(text);
    for line in text.split_inclusive('\n') {
        for (at, _) in line.match_indices("eval") {
            let is_word = line[..at].chars().next_back().is_none_or(|c| c.is_whitespace() || ";&|({".contains(c))
                && line[at + 4..].starts_with([' ', '\t']);
            let is_remark = line[..at].trim_start().starts_with('#');
            if is_word
                && !is_remark
                && let Some(what) =
                    read(&entry.params, &command(&line[at + 4..]), outside[start + at..].starts_with("eval"))
            {
                found.push((start + at, what));
            }
        }
        start += line.len();
    }
    found
}

/// What a shell looks at of the words behind `eval`: up to the end of the command, without what is quoted from it.
fn command(text: &str) -> String {
    let mut seen = String::new();
    let mut is_double = false;
    // Parentheses that are open: what stands in `$( )` has commands of its own.
    let mut depth = 0_usize;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let is_bare = !is_double && depth == 0;
        match c {
            '\\' => {
                rest.next();
                continue;
            }
            '\'' if !is_double => {
                rest.by_ref().find(|c| *c == '\'');
                continue;
            }
            '"' => is_double = !is_double,
            '(' => depth += 1,
            ')' | ';' | '|' if is_bare => break,
            ')' => depth = depth.saturating_sub(1),
            '&' if is_bare && rest.peek() == Some(&'&') => break,
            _ => {}
        }
        seen.push(c);
    }
    seen
}

/// The first of what was given that `text` speaks of; by place only where the arguments are the recipe's, and not a function's.
fn read(params: &[FullParameter], text: &str, has_arguments: bool) -> Option<String> {
    let speaks = |name: &str| {
        text.match_indices(&format!("${name}"))
            .any(|(at, form)| !text[at + form.len()..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
            || text
                .match_indices(&format!("${{{name}"))
                .any(|(at, form)| !text[at + form.len()..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
    };
    let named = params
        .iter()
        .find(|param| speaks(&param.name.replace('-', "_")) || references(text).iter().any(|it| it.name == param.name));
    let positional: Vec<&FullParameter> =
        params.iter().filter(|param| matches!(param.manner(), Manner::Positional | Manner::Variadic)).collect();
    let numbered = || {
        (1..=positional.len()).find(|number| speaks(&number.to_string())).and_then(|number| positional.get(number - 1))
    };
    if let Some(param) = named.or_else(|| numbered().filter(|_| has_arguments).copied()) {
        return Some(format!("the value of `{}`", param.name));
    }
    if !has_arguments {
        return None;
    }
    let all = ["$@", "$*", "${@", "${*"].into_iter().find(|sign| text.contains(sign))?;
    (!positional.is_empty()).then(|| format!("`{}`", all.replace('{', "")))
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn a_command_ends_where_the_shell_ends_it() {
        let cases = [
            (" \"$a\" && z=\"$y\"", " \"$a\" "),
            (" \"$(ssh-agent)\" || $y", " \"$(ssh-agent)\" "),
            (" \"a; $x\"; $y", " \"a; $x\""),
            (" \"$(a | b; c \"$x\")\" | d", " \"$(a | b; c \"$x\")\" "),
            (" 'x=\"$y\"' $z", "  $z"),
            (" \"\\$x $y\"", " \"x $y\""),
            (" \"it's $x\"", " \"it's $x\""),
            (" $x) y", " $x"),
            (" é\\", " é"),
        ];
        for (text, expected) in cases {
            assert_eq!(command(text), expected, "{text}");
        }
    }
}
