//! Shell functions in a text: what is given by place in them is theirs, and not the recipe's.

/// The text with blanks in place of the bodies of functions; newlines stay.
pub(super) fn without(text: &str) -> String {
    let mut rest = text.to_owned();
    let mut from = 0;
    while let Some((start, end)) = next(&rest, from) {
        let blank: String = rest[start..end]
            .chars()
            .map(|c| if c == '\n' { "\n".to_owned() } else { " ".repeat(c.len_utf8()) })
            .collect();
        rest.replace_range(start..end, &blank);
        from = end;
    }
    rest
}

/// The body of the first function behind `from`, from brace to brace.
fn next(text: &str, from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    while let Some(found) = text[at..].find('{').map(|found| at + found) {
        at = found + 1;
        let before = text[..found].trim_end();
        let begins = before.strip_suffix(')').and_then(|head| head.trim_end().strip_suffix('(')).map_or_else(
            || {
                let line = before.rsplit(['\n', ';', '&', '|']).next().unwrap_or_default();
                line.split_whitespace().next() == Some("function") && line.split_whitespace().count() == 2
            },
            |head| head.trim_end().ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-'),
        );
        let is_group = text[at..].starts_with([' ', '\t', '\n']);
        if begins && is_group && !is_inside_quotes(&text[..found]) {
            return Some((found, end(text, at)));
        }
    }
    None
}

fn is_inside_quotes(before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.matches('\'').count() % 2 == 1 || line.trim_start().starts_with('#')
}

/// Where the group that is open at `at` ends.
fn end(text: &str, at: usize) -> usize {
    let mut depth = 1_usize;
    let mut is_edge = true;
    let mut quote: Option<char> = None;
    let mut all = text[at..].char_indices().peekable();
    while let Some((offset, c)) = all.next() {
        match (quote, c) {
            (Some('\n'), '\n') => quote = None,
            (None | Some('"'), '\\') => {
                all.next();
            }
            (Some(open), c) if open == c => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '#') if is_edge => quote = Some('\n'),
            (None, '{') if is_edge => depth += 1,
            (None, '}') if is_edge => {
                depth -= 1;
                if depth == 0 {
                    return at + offset + 1;
                }
            }
            _ => {}
        }
        is_edge = c.is_whitespace() || ";&|(){}".contains(c);
        // The braces of `${x}` are none of a group.
        if c == '$' && all.next_if(|(_, c)| *c == '{').is_some() {
            for (_, c) in all.by_ref() {
                if c == '}' {
                    break;
                }
            }
            is_edge = false;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn bodies_of_functions_are_taken_out() {
        let cases = [
            ("f() { echo $1; }; echo $2", "f()             ; echo $2"),
            ("f() {\n  if { a; }; then echo \"}\" '}' ${1} # }\n  fi\n}\necho $2", "f()  \n\n\n\necho $2"),
            ("function f { echo $1; }\n$2", "function f              \n$2"),
            ("{ echo $1; }", "{ echo $1; }"),
            ("echo ${1}", "echo ${1}"),
            ("awk 'f() { print $1 }' $2", "awk 'f() { print $1 }' $2"),
            ("f ( )\n{\necho $1\n}", "f ( )\n\n\n"),
            ("f() { ü; ", "f()       "),
        ];
        for (text, expected) in cases {
            let found = without(text);
            assert_eq!(found.len(), text.len(), "{text}");
            let tidy =
                |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_end().to_owned();
            assert_eq!(tidy(&found), tidy(expected), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_moves(text in r##"([fx (){}'"#$\n;ü]|\(\) \{ ){0,30}"##) {
            proptest::prop_assert_eq!(without(&text).len(), text.len());
        }
    }
}
