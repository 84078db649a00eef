//! Findings as a `JUnit` report: one case per finding, a failure where it is an error. Where nothing was found there is one case that passed.

use std::fmt::Write as _;

use super::{Finding, Findings, Skip};

pub(super) fn render(findings: &Findings) -> String {
    let (errors, skipped) = (findings.errors(), findings.skips.len());
    let cases = (findings.list.len() + skipped).max(1);
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"prodev\" tests=\"{cases}\" failures=\"{errors}\" errors=\"0\">\n  \
         <testsuite name=\"prodev\" tests=\"{cases}\" failures=\"{errors}\" errors=\"0\" skipped=\"{skipped}\">\n"
    );
    findings.list.iter().for_each(|finding| case(&mut text, finding));
    findings.skips.iter().for_each(|skip| skipped_case(&mut text, skip));
    if findings.list.is_empty() && findings.skips.is_empty() {
        text.push_str("    <testcase classname=\"prodev\" name=\"nothing found\"/>\n");
    }
    text.push_str("  </testsuite>\n</testsuites>\n");
    text
}

fn case(text: &mut String, finding: &Finding) {
    let Finding { rule, object, message, hint, .. } = finding;
    let hint = hint.as_ref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
    let details = escaped(&format!("{}{hint}", finding.sentence()));
    let (rule, object, message) = (escaped(rule), escaped(&object.to_string()), escaped(message));
    let _ = write!(text, "    <testcase classname=\"{rule}\" name=\"{object}\"");
    if let Some((file, line, _)) = finding.object.spot() {
        let _ = write!(text, " file=\"{}\" line=\"{line}\"", escaped(file));
    }
    let _ = if finding.is_error() {
        writeln!(text, "><failure type=\"{rule}\" message=\"{message}\">{details}</failure></testcase>")
    } else {
        writeln!(text, "><system-out>warning: {details}</system-out></testcase>")
    };
}

fn skipped_case(text: &mut String, skip: &Skip) {
    let (what, reason) = (escaped(&skip.what), escaped(&skip.reason));
    let _ =
        writeln!(text, "    <testcase classname=\"prodev\" name=\"{what}\"><skipped message=\"{reason}\"/></testcase>");
}

/// As it can stand in an attribute or between tags. XML has no way to write most control characters at all.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\n' => safe.push_str("&#10;"),
            '\t' => safe.push_str("&#9;"),
            '\u{0}'..'\u{20}' | '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}
