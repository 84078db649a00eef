//! `[flow.message]`: a message, held against what messages look like.

mod clean;
mod header;
mod trailers;

use std::ops::Range;

use regex::Regex;

pub(super) use self::clean::{Line, Reading};
use crate::config::message::Message;
use crate::config::rule::Rule;
use crate::config::value::Pattern;

/// Something wrong in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) rule: Rule,
    /// The index of the line.
    pub(super) line: usize,
    /// Which bytes of the line are meant.
    pub(super) range: Range<usize>,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

/// What is known about a message beside its text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct About<'a> {
    /// Name and mail.
    pub(super) author: Option<(&'a str, &'a str)>,
    /// Where it is committed: it may name the ticket.
    pub(super) branch: Option<&'a str>,
}

/// The specification, with its patterns compiled.
pub(super) struct Judge<'a> {
    spec: &'a Message,
    ignore: Vec<Regex>,
    ignore_authors: Vec<Regex>,
    trailers: Vec<(&'a str, Regex)>,
    ticket: Option<Regex>,
}

impl Fault {
    /// One that is about the whole of a line.
    fn of_line(rule: Rule, lines: &[&str], line: usize, message: impl Into<String>) -> Self {
        let range = 0..lines.get(line).map_or(0, |line| line.len());
        Self { rule, line, range, message: message.into(), hint: None }
    }

    fn at(mut self, range: Range<usize>) -> Self {
        self.range = range;
        self
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl<'a> Judge<'a> {
    pub(super) fn new(spec: &'a Message) -> Self {
        let compiled = |patterns: &[Pattern]| patterns.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect();
        let whole = |pattern: &Pattern| Regex::new(&format!("^(?:{})$", &**pattern)).ok();
        Self {
            spec,
            ignore: compiled(&spec.ignore),
            ignore_authors: compiled(&spec.ignore_authors),
            trailers: spec.trailers.iter().filter_map(|(token, it)| Some((token.as_str(), whole(it)?))).collect(),
            ticket: spec.ticket.as_ref().and_then(|pattern| Regex::new(pattern).ok()),
        }
    }

    /// What is wrong with a clean message of no merge.
    pub(super) fn faults(&self, lines: &[&str], about: About) -> Vec<Fault> {
        let first = lines.first().copied().unwrap_or_default();
        if self.is_ignored(first, about) || is_revert(lines) {
            return Vec::new();
        }
        if lines.iter().all(|line| line.trim().is_empty()) {
            return vec![Fault::of_line(Rule::MessageHeader, lines, 0, "the message is empty")];
        }
        let mut faults = Vec::new();
        let subject = marks(first, lines, &mut faults);
        let is_wip = faults.iter().any(|fault| fault.rule == Rule::MessageWip);
        if !is_wip {
            header::check(self.spec, lines, first.len() - subject.len(), &mut faults);
        }
        self.length(lines, &mut faults);
        if lines.get(1).is_some_and(|line| !line.is_empty()) {
            let fault = Fault::of_line(Rule::MessageBlankLine, lines, 1, "the second line is not blank");
            faults.push(fault.hint("put a blank line between the first line and what explains it"));
        }
        let (start, trailers) = trailers::find(lines);
        self.body(lines, start, &mut faults);
        self.trailers(lines, &trailers, &mut faults);
        self.sign_off(lines, &trailers, about, &mut faults);
        self.ticket(lines, about, &mut faults);
        faults
    }

    fn is_ignored(&self, first: &str, about: About) -> bool {
        let author = about.author.map(|(name, mail)| format!("{name} <{mail}>")).unwrap_or_default();
        self.ignore.iter().any(|pattern| pattern.is_match(first))
            || self.ignore_authors.iter().any(|pattern| about.author.is_some() && pattern.is_match(&author))
    }

    fn length(&self, lines: &[&str], faults: &mut Vec<Fault>) {
        let first = lines.first().copied().unwrap_or_default();
        let (length, most) = (first.chars().count(), self.spec.max_length);
        if length > most {
            let start = first.char_indices().nth(most).map_or(0, |(at, _)| at);
            let message = format!("the first line has {length} characters, {most} are allowed");
            let fault = Fault::of_line(Rule::MessageLength, lines, 0, message).at(start..first.len());
            faults.push(fault.hint("say it shorter, and the rest in the body"));
        }
    }

    /// The body is what comes between the first line and the trailers.
    fn body(&self, lines: &[&str], trailers: usize, faults: &mut Vec<Fault>) {
        let body = 1..trailers.max(1).min(lines.len());
        if self.spec.body.required && lines[body.clone()].iter().all(|line| line.trim().is_empty()) {
            let fault = Fault::of_line(Rule::MessageBody, lines, 0, "there is no body");
            faults.push(fault.hint("say why, after a blank line"));
        }
        let Some(most) = self.spec.body.max_length else { return };
        let mut is_code = false;
        for index in body {
            let line = lines[index];
            let is_fence = line.starts_with("```") || line.starts_with("~~~");
            is_code ^= is_fence;
            let let_alone =
                is_code || is_fence || line.starts_with("    ") || line.starts_with('\t') || line.contains("://");
            let length = line.chars().count();
            if length > most && !let_alone {
                let start = line.char_indices().nth(most).map_or(0, |(at, _)| at);
                let message = format!("a line of the body has {length} characters, {most} are allowed");
                let fault = Fault::of_line(Rule::MessageBody, lines, index, message).at(start..line.len());
                faults.push(fault.hint(format!("break it before character {most}")));
            }
        }
    }

    fn trailers(&self, lines: &[&str], found: &[trailers::Trailer], faults: &mut Vec<Fault>) {
        for (token, pattern) in &self.trailers {
            let mut named = found.iter().filter(|trailer| trailer.token.eq_ignore_ascii_case(token)).peekable();
            if named.peek().is_none() {
                let message = format!("the trailer `{token}` is missing");
                let fault = Fault::of_line(Rule::MessageTrailer, lines, 0, message);
                faults.push(fault.hint(format!("end the message with a blank line and `{token}: …`")));
            }
            for trailer in named.filter(|trailer| !pattern.is_match(&trailer.value)) {
                let given = &self.spec.trailers[*token];
                let message = format!("`{}` is no value for the trailer `{token}`", trailer.value);
                let fault = Fault::of_line(Rule::MessageTrailer, lines, trailer.line, message);
                faults.push(fault.hint(format!("it must match `{}`", &**given)));
            }
        }
    }

    fn sign_off(&self, lines: &[&str], found: &[trailers::Trailer], about: About, faults: &mut Vec<Fault>) {
        if !self.spec.sign_off {
            return;
        }
        let signed: Vec<&trailers::Trailer> =
            found.iter().filter(|trailer| trailer.token.eq_ignore_ascii_case("Signed-off-by")).collect();
        let by = |mail: &str| {
            signed.iter().any(|trailer| {
                let (_, rest) = trailer.value.rsplit_once('<').unwrap_or_default();
                rest.trim_end_matches('>').eq_ignore_ascii_case(mail)
            })
        };
        let message = match about.author {
            _ if signed.is_empty() => "nobody has signed off".to_owned(),
            Some((name, mail)) if !by(mail) => format!("the author `{name} <{mail}>` has not signed off"),
            _ => return,
        };
        let fault = Fault::of_line(Rule::MessageSignOff, lines, 0, message);
        faults.push(fault.hint("commit with `git commit --signoff`"));
    }

    fn ticket(&self, lines: &[&str], about: About, faults: &mut Vec<Fault>) {
        let (Some(ticket), Some(given)) = (&self.ticket, &self.spec.ticket) else { return };
        if lines.iter().any(|line| ticket.is_match(line)) {
            return;
        }
        let message = format!("no ticket like `{}` is named", &**given);
        let fault = Fault::of_line(Rule::MessageTicket, lines, 0, message);
        let of_branch = about.branch.and_then(|branch| ticket.find(branch)).map(|found| found.as_str().to_owned());
        faults.push(match of_branch {
            Some(name) => fault
                .hint(format!("the branch is about `{name}`: end the message with a blank line and `Refs: {name}`")),
            None => fault.hint("end the message with a blank line and `Refs: …`"),
        });
    }
}

/// Finds what is to be squashed and what is not done yet; gives the first line without the marks of the former.
fn marks<'a>(first: &'a str, lines: &[&str], faults: &mut Vec<Fault>) -> &'a str {
    let mut subject = first;
    while let Some(rest) = ["fixup! ", "squash! ", "amend! "].iter().find_map(|mark| subject.strip_prefix(mark)) {
        subject = rest;
    }
    if subject.len() < first.len() {
        let mark = first.split(' ').next().unwrap_or_default();
        let fault = Fault::of_line(Rule::MessageFixup, lines, 0, format!("`{mark}` is still to be squashed"));
        faults.push(fault.at(0..mark.len()).hint("squash it with `git rebase -i --autosquash`"));
    }
    if let Some(word) = wip(subject) {
        let start = first.len() - subject.len();
        let fault = Fault::of_line(Rule::MessageWip, lines, 0, format!("`{word}` says that it is not done yet"));
        faults.push(fault.at(start..start + word.len()).hint("finish it, and say what it does"));
    }
    subject
}

/// Whether it is what `git revert` writes, which nobody has to write otherwise.
fn is_revert(lines: &[&str]) -> bool {
    let first = lines.first().copied().unwrap_or_default();
    let quotes = ["Revert \"", "Reapply \""].iter().any(|start| first.starts_with(start)) && first.ends_with('"');
    quotes && lines.iter().any(|line| line.starts_with("This reverts commit "))
}

/// The words that say that something is not done yet, as they stand at the beginning.
fn wip(subject: &str) -> Option<&str> {
    let inner = subject.trim_start_matches(['[', '(']);
    let start = subject.len() - inner.len();
    ["wip", "work in progress"].iter().find_map(|word| {
        let head = inner.get(..word.len()).filter(|head| head.eq_ignore_ascii_case(word))?;
        let rest = &inner[head.len()..];
        // Not the beginning of another word; a scope may follow.
        let ends = rest.chars().next().is_none_or(|c| !c.is_alphanumeric() && c != '-' && c != '_');
        ends.then(|| &subject[start..start + head.len()])
    })
}

#[cfg(test)]
mod tests;
