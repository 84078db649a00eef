//! Findings as workflow commands, which GitHub Actions turns into annotations.
//! <https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions>

use std::fmt::Write as _;

use super::Findings;

pub(super) fn render(findings: &Findings) -> String {
    let mut text = String::new();
    for finding in &findings.list {
        let command = if finding.is_error() { "error" } else { "warning" };
        let mut properties = String::new();
        if let Some((file, line, column)) = finding.object.spot() {
            let _ = write!(properties, "file={},line={line},col={column},", property(file));
        }
        let _ = write!(properties, "title={}", property(&finding.rule));
        let hint = finding.hint.as_ref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
        let _ = writeln!(text, "::{command} {properties}::{}", message(&format!("{}{hint}", finding.sentence())));
    }
    for skip in &findings.skips {
        let _ = writeln!(text, "::notice title=skipped::{}", message(&format!("{}: {}", skip.what, skip.reason)));
    }
    text
}

/// What a message must not hold as it is: the runner takes one line for one command.
fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
