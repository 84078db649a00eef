//! Findings as a Code Quality report. <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>

use serde_json::{Value, json};

use super::Findings;

pub(super) fn render(findings: &Findings) -> String {
    let issues = findings.list.iter().map(|finding| {
        // Every issue must be in a file. What is in none is told at the file that holds the rules.
        let (file, line, _) = finding.object.spot().unwrap_or(("prodev.toml", 1, 1));
        json!({
            "description": finding.sentence(),
            "check_name": finding.rule,
            "fingerprint": finding.fingerprint(),
            "severity": if finding.is_error() { "major" } else { "minor" },
            "location": { "path": file, "lines": { "begin": line } },
        })
    });
    format!("{:#}\n", issues.collect::<Value>())
}
