//! Findings for people: severity, object, message, rule; the line that is meant; what to do.

use std::fmt::Write as _;

use super::{Finding, Findings, Object};
use crate::ui::{snippet, style};

pub(super) fn render(findings: &Findings) -> String {
    let mut text = String::new();
    findings.list.iter().for_each(|finding| one(&mut text, finding));
    text
}

fn one(text: &mut String, finding: &Finding) {
    let (word, style) = if finding.is_error() { ("error", style::ERROR) } else { ("warning", style::WARNING) };
    let (sentence, rule, dim) = (finding.sentence(), &finding.rule, style::DIM);
    let _ = writeln!(text, "{style}{word}:{style:#} {sentence} {dim}[{rule}]{dim:#}");
    if let Object::Place(place) = &finding.object {
        snippet(text, place);
    }
    if let Some(hint) = &finding.hint {
        let _ = writeln!(text, "{}hint:{:#} {hint}", style::HINT, style::HINT);
    }
}

/// `2 errors, 1 warning`.
pub(super) fn summary(findings: &Findings) -> String {
    let count = |count: usize, one: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        more => Some(format!("{more} {one}s")),
    };
    let parts = [count(findings.errors(), "error"), count(findings.warnings(), "warning")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
