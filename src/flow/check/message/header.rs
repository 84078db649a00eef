//! The first line of a message: `type(scope): subject`. <https://www.conventionalcommits.org/en/v1.0.0/>

use git_conventional::{Commit, ErrorKind};

use super::Fault;
use crate::config::message::{Case, Message};
use crate::config::rule::Rule;
use crate::error::{listed, nearest};

/// Holds the first of `lines` against `spec`, from the byte `start` on.
pub(super) fn check(spec: &Message, lines: &[&str], start: usize, faults: &mut Vec<Fault>) {
    let first = lines.first().copied().unwrap_or_default();
    let subject = if spec.conventional {
        match parse(first, start) {
            Ok(header) => {
                kind(spec, lines, &header, start, faults);
                scope(spec, lines, &header, start, faults);
                header.description
            }
            Err((message, hint)) => {
                let fault = Fault::of_line(Rule::MessageHeader, lines, 0, message).at(start..first.len());
                faults.push(fault.hint(hint.unwrap_or_else(|| example(spec, &first[start..]))));
                return;
            }
        }
    } else {
        &first[start..]
    };
    wording(spec, lines, subject, faults);
}

struct Header<'a> {
    kind: &'a str,
    scope: Option<&'a str>,
    description: &'a str,
}

/// Message and hint of what is wrong.
type Wrong = (String, Option<String>);

fn parse(first: &str, start: usize) -> Result<Header<'_>, Wrong> {
    let line = &first[start..];
    let commit = Commit::parse(line).map_err(|error| {
        let message = match error.kind() {
            ErrorKind::MissingType => "the first line does not begin with a type",
            ErrorKind::InvalidScope => "the scope is empty or not closed",
            ErrorKind::MissingDescription => "there is no subject after the type",
            _ => "the first line is not `type(scope): subject`",
        };
        (message.to_owned(), None)
    })?;
    let (kind, scope, description) = (commit.type_().as_str(), commit.scope(), commit.description());
    let header = Header { kind, scope: scope.map(|scope| scope.as_str()), description };
    // The library lets the space go; the specification does not.
    let before = &line[..line.len() - description.len()];
    if !before.ends_with(' ') {
        return Err((
            "there is no space after the colon".to_owned(),
            Some(format!("write `{} {description}`", before.trim_end())),
        ));
    }
    Ok(header)
}

/// What the line could look like.
fn example(spec: &Message, line: &str) -> String {
    let kind = ["fix", "feat"].into_iter().find(|kind| spec.types.iter().any(|known| known == kind));
    let kind = kind.or(spec.types.first().map(String::as_str)).unwrap_or("fix");
    let subject = line.split_once(": ").map_or(line, |(_, subject)| subject).trim();
    let subject = if subject.is_empty() { "what it does" } else { subject };
    format!("write it as `{kind}: {subject}`, with one of the types {}", listed(&spec.types))
}

fn kind(spec: &Message, lines: &[&str], header: &Header, start: usize, faults: &mut Vec<Fault>) {
    if spec.types.iter().any(|kind| kind == header.kind) {
        return;
    }
    let fault = Fault::of_line(Rule::MessageType, lines, 0, format!("`{}` is no type of this project", header.kind));
    let hint = match nearest(header.kind, spec.types.iter().map(String::as_str)) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("types are {}", listed(&spec.types)),
    };
    faults.push(fault.at(start..start + header.kind.len()).hint(hint));
}

fn scope(spec: &Message, lines: &[&str], header: &Header, start: usize, faults: &mut Vec<Fault>) {
    let after = start + header.kind.len();
    let Some(scope) = header.scope else {
        if spec.scope_required {
            let fault = Fault::of_line(Rule::MessageScope, lines, 0, "there is no scope").at(start..after);
            let scope = spec.scopes.first().map_or("scope", String::as_str);
            faults.push(fault.hint(format!("write it as `{}({scope}): …`", header.kind)));
        }
        return;
    };
    // Several can be named at a time.
    for part in scope.split([',', '/']).map(str::trim) {
        if !spec.scopes.is_empty() && !spec.scopes.iter().any(|known| known == part || known == scope) {
            let fault = Fault::of_line(Rule::MessageScope, lines, 0, format!("`{part}` is no scope of this project"));
            let hint = match nearest(part, spec.scopes.iter().map(String::as_str)) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("scopes are {}", listed(&spec.scopes)),
            };
            faults.push(fault.at(after + 1..after + 1 + scope.len()).hint(hint));
        }
    }
}

fn wording(spec: &Message, lines: &[&str], subject: &str, faults: &mut Vec<Fault>) {
    let first = lines.first().copied().unwrap_or_default();
    let at = first.len() - subject.len();
    if let Some(letter) = subject.chars().next() {
        let (is_wrong, word, right) = match spec.case {
            Case::Any => (false, "", letter.to_string()),
            Case::Lower => (letter.is_uppercase(), "capital", letter.to_lowercase().to_string()),
            Case::Upper => (letter.is_lowercase(), "small", letter.to_uppercase().to_string()),
        };
        if is_wrong {
            let message = format!("the subject begins with a {word} letter");
            let fault = Fault::of_line(Rule::MessageCase, lines, 0, message).at(at..at + letter.len_utf8());
            let rest = &subject[letter.len_utf8()..];
            faults.push(fault.hint(format!("write it as `{}{right}{rest}`", &first[..at])));
        }
    }
    if subject.ends_with('.') && !subject.ends_with("...") {
        let fault = Fault::of_line(Rule::MessageFullStop, lines, 0, "the subject ends with a full stop");
        faults.push(fault.at(first.len() - 1..first.len()).hint("leave it out"));
    }
}
