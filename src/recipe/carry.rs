//! Texts of other runners, which paste values into a shell's words, as texts of ours, in which names are references to variables.

use super::context::{Context, contexts};
use super::reference::references;

/// A part of such a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    Name { name: String, held: Held },
}

/// What stands behind a name, and so how it can be spoken of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Held {
    /// A value that is one word.
    Word,
    /// A text that is meant to be several words, or to be read by the shell.
    Words,
    /// A variadic parameter; `is_alone` where the recipe has no other positional one, so that `$*` is this one.
    Many { is_alone: bool },
    /// A variable of the environment, which may be unset, and what it is then.
    Environment(String),
}

impl Piece {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }
}

/// The text with references in place of names.
///
/// # Errors
/// Why no reference can stand in a place, as it reads after `because`.
pub(crate) fn carry(pieces: &[Piece]) -> Result<String, String> {
    let mut text = String::new();
    let mut spots = Vec::new();
    let mut names = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(part) => text.push_str(part),
            Piece::Name { name, held } => {
                let start = text.len();
                text.push_str("{{ x }}");
                spots.push((start, text.len()));
                names.push((name, held));
            }
        }
    }
    if references(&text).len() != names.len() {
        return Err("it has braces like those of a reference".to_owned());
    }
    let mut carried = String::with_capacity(text.len());
    let mut from = 0;
    for (((start, end), (name, held)), context) in spots.iter().zip(names).zip(contexts(&text, &spots)) {
        carried.push_str(&text[from..*start]);
        from = *end;
        // Quotes that would hold nothing are left out.
        let is_quoted = context == Context::SingleQuotes && text[..*start].ends_with('\'');
        if is_quoted {
            carried.pop();
        }
        if context == Context::Plain && matches!(held, Held::Many { .. }) && !is_word(&text, *start, *end) {
            return Err(format!("`{name}` is several words and part of another"));
        }
        let spoken = spoken(name, held, context, &text)?;
        let spoken = if is_quoted { &spoken[1..] } else { &spoken };
        if context == Context::SingleQuotes && text[from..].starts_with('\'') {
            carried.push_str(&spoken[..spoken.len() - 1]);
            from += 1;
        } else {
            carried.push_str(spoken);
        }
    }
    carried.push_str(&text[from..]);
    Ok(carried)
}

fn spoken(name: &str, held: &Held, context: Context, text: &str) -> Result<String, String> {
    let variable = match held {
        Held::Environment(default) => format!("${{{name}-{default}}}"),
        Held::Many { is_alone: true } => "$*".to_owned(),
        Held::Many { .. } if context != Context::Plain => return Err(format!("`{name}` is several words in quotes")),
        _ => format!("${{{}}}", name.replace('-', "_")),
    };
    Ok(match (context, held) {
        (Context::Plain, Held::Environment(_)) => format!("\"{variable}\""),
        (Context::Plain, Held::Words) => format!("{{{{ {name} | raw }}}}"),
        (Context::Plain, _) => format!("{{{{ {name} }}}}"),
        (Context::SingleQuotes, _) if text.contains("$'") => return Err(format!("`{name}` stands in `$'…'`")),
        (Context::SingleQuotes, _) => format!("'\"{variable}\"'"),
        (Context::Heredoc, _) if ["<<'", "<<-'", "<<\"", "<<-\"", "<<\\"].iter().any(|it| text.contains(it)) => {
            return Err(format!("`{name}` stands in a here-document that expands nothing"));
        }
        (Context::Literal, _) => return Err(format!("`{name}` stands behind a backslash")),
        (Context::Comment, _) => name.to_owned(),
        _ => variable,
    })
}

fn is_word(text: &str, start: usize, end: usize) -> bool {
    let is_edge = |c: char| c.is_whitespace() || ";&|()<>".contains(c);
    text[..start].chars().next_back().is_none_or(is_edge) && text[end..].chars().next().is_none_or(is_edge)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `<x>` is a word, `<x*>` several, `<x+>` a variadic parameter, `<x?>` of the environment.
    fn pieces(text: &str) -> Vec<Piece> {
        let mut found = Vec::new();
        for (at, part) in text.split(['<', '>']).enumerate() {
            if at % 2 == 0 {
                found.push(Piece::text(part));
                continue;
            }
            let (name, held) = match part.split_at(part.len() - 1) {
                (name, "*") => (name, Held::Words),
                (name, "+") => (name, Held::Many { is_alone: true }),
                (name, "?") => (name, Held::Environment(String::new())),
                _ => (part, Held::Word),
            };
            found.push(Piece::Name { name: name.to_owned(), held });
        }
        found
    }

    #[test]
    fn names_are_spoken_of_as_their_place_allows() {
        let cases = [
            ("echo <x>", Some("echo {{ x }}")),
            ("echo <a-b>.txt", Some("echo {{ a-b }}.txt")),
            ("echo \"<a-b> <y?>\"", Some("echo \"${a_b} ${y-}\"")),
            ("echo 'it is <x>' <x>", Some("echo 'it is '\"${x}\" {{ x }}")),
            ("echo '<x>' '<x>, yes'", Some("echo \"${x}\" \"${x}\"', yes'")),
            ("cc <f*> \"<f*>\"", Some("cc {{ f | raw }} \"${f}\"")),
            ("echo <r+> \"<r+>\"", Some("echo {{ r }} \"$*\"")),
            ("echo a<r+>", None),
            ("echo <y?>", Some("echo \"${y-}\"")),
            ("echo $((<x> + 1)) # <x>", Some("echo $((${x} + 1)) # x")),
            ("echo {{ y }} <x>", None),
            ("docker ps --format '{{.Names}}'", Some("docker ps --format '{{.Names}}'")),
        ];
        for (text, expected) in cases {
            assert_eq!(carry(&pieces(text)).ok().as_deref(), expected, "{text}");
        }
    }
}
