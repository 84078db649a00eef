//! All rules over one file.

use super::pardon::Pardons;
use super::rules::{Mend, Rule};
use super::subject::{Look, Mark, Subject};
use super::{entries, layout, order, references};
use crate::config::value::Severity;
use crate::dotenv::lexer::parse;
use crate::dotenv::syntax::{Item, Why};
use crate::findings::{Finding, Findings, Object};

/// Which rules count, and how much.
#[derive(Debug, Clone, Default)]
pub(super) struct Severities {
    /// By the number of the rule.
    levels: Vec<Severity>,
}

impl Severities {
    pub(super) fn new(levels: impl Iterator<Item = Severity>) -> Self {
        Self { levels: levels.collect() }
    }

    pub(super) fn of(&self, rule: Rule) -> Severity {
        self.levels.get(rule as usize).copied().unwrap_or(rule.about().severity)
    }
}

/// What the rules find in a file: in the order of the file, without what is off or pardoned.
pub(super) fn lint<'a>(
    source: &'a [u8],
    look: Look<'a>,
    severities: &Severities,
    known: &[&str],
) -> (Subject<'a>, Vec<Mark>, Pardons) {
    let subject = Subject::new(parse(source, look.dialect), look);
    let mut found = Vec::new();
    let pardons = Pardons::of(&subject, known, &mut found);
    layout::marks(&subject, &mut found);
    entries::marks(&subject, &mut found);
    references::marks(&subject, &mut found);
    order::marks(&subject, &mut found);
    for mark in &mut found {
        // What may be a part of a value becomes no name.
        let is_renamed = mark.rule == Rule::KeyWithoutValue;
        let is_other = |item: &Item| matches!(item, Item::Entry(entry) if !subject.is_plain(entry));
        if is_renamed && subject.item_of(mark.span.start).is_some_and(is_other) {
            mark.edits.clear();
        }
    }
    settle(&subject, &mut found, severities, &pardons);
    (subject, found, pardons)
}

/// Leaves out what is off or pardoned, and puts the rest in the order of the file.
pub(super) fn settle(subject: &Subject, found: &mut Vec<Mark>, severities: &Severities, pardons: &Pardons) {
    // What stands behind a quote that nothing closes may be a part of the value, and behind bytes that are no text anything.
    let is_end = |why: Why| matches!(why, Why::Unterminated | Why::Encoding);
    let unclosed = subject.document.broken().find(|broken| is_end(broken.why));
    if let Some(line) = unclosed.map(|broken| subject.line_of(broken.span.start)) {
        found.retain(|mark| subject.line_of(mark.span.start) <= line);
    }
    found.retain(|mark| {
        severities.of(mark.rule) != Severity::Off && !pardons.holds(mark.rule.id(), subject.line_of(mark.span.start))
    });
    found.sort_by_key(|mark| (mark.span.start, mark.rule));
}

/// Marks as they are told.
pub(super) fn told(subject: &Subject, marks: &[Mark], severities: &Severities) -> Findings {
    let mut findings = Findings::default();
    for mark in marks {
        let place = subject.place(&mark.span);
        let (message, hint) = subject.words(mark);
        let mut finding =
            Finding::new(mark.rule.id(), severities.of(mark.rule), Object::Place(place), message.to_owned());
        finding.hint = hint.map(str::to_owned);
        findings.add(finding);
    }
    findings
}

/// Whether `--fix` (with `--unsafe` where `is_unsafe`) is for what this rule finds.
pub(super) fn is_mended(rule: Rule, is_unsafe: bool) -> bool {
    match rule.about().mend {
        Mend::Nobody => false,
        Mend::Fix => true,
        Mend::Unsafe => is_unsafe,
    }
}
