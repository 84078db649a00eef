//! Findings as SARIF. <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use serde_json::{Map, Value, json};

use super::{Finding, Findings, Object};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn render(findings: &Findings, rules: &[(&'static str, &'static str)]) -> String {
    let descriptions = rules.iter().map(|(id, doc)| json!({ "id": id, "shortDescription": { "text": doc } }));
    let mut run = json!({
        "tool": { "driver": {
            "name": env!("CARGO_PKG_NAME"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": descriptions.collect::<Vec<Value>>(),
        } },
        // Columns elsewhere in this program count characters, too.
        "columnKind": "unicodeCodePoints",
        "results": findings.list.iter().map(|finding| result(finding, rules)).collect::<Vec<Value>>(),
    });
    if !findings.skips.is_empty() {
        let notes = findings.skips.iter().map(
            |skip| json!({ "level": "note", "message": { "text": format!("skipped {}: {}", skip.what, skip.reason) } }),
        );
        run["invocations"] =
            json!([{ "executionSuccessful": true, "toolExecutionNotifications": notes.collect::<Vec<_>>() }]);
    }
    format!("{:#}\n", json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [run] }))
}

fn result(finding: &Finding, rules: &[(&'static str, &'static str)]) -> Value {
    let hint = finding.hint.as_ref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
    let mut result = json!({
        "ruleId": finding.rule,
        "level": if finding.is_error() { "error" } else { "warning" },
        "message": { "text": format!("{}{hint}", finding.sentence()) },
        "locations": [location(&finding.object)],
        "partialFingerprints": { "prodev/v1": finding.fingerprint() },
    });
    if let Some(index) = rules.iter().position(|(id, _)| *id == finding.rule) {
        result["ruleIndex"] = index.into();
    }
    result
}

fn location(object: &Object) -> Value {
    let physical = |path: &str, region: Value| json!({ "artifactLocation": { "uri": uri(path) }, "region": region });
    // Code hosts refuse results that are in no file. What is in none is told at the file that holds the rules.
    let logical = |kind: &str, name: &str| {
        json!({
            "physicalLocation": physical("prodev.toml", json!({ "startLine": 1 })),
            "logicalLocations": [{ "name": name, "kind": kind }],
        })
    };
    match object {
        Object::Branch(name) => logical("branch", name),
        Object::Tag(name) => logical("tag", name),
        Object::Commit { id, .. } => logical("commit", id),
        Object::File(path) => json!({ "physicalLocation": physical(path, json!({ "startLine": 1 })) }),
        Object::Place(place) => {
            let mut region = Map::new();
            region.insert("startLine".to_owned(), place.line.into());
            region.insert("startColumn".to_owned(), place.column.into());
            if !place.is_hidden() {
                region.insert("endColumn".to_owned(), (place.column + place.width).into());
            }
            json!({ "physicalLocation": physical(&place.file, region.into()) })
        }
    }
}

/// A path as a relative (or `file:`) reference: everything but letters, digits and a few marks is escaped.
fn uri(path: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    let escaped: String = path.bytes().map(escape).collect();
    if path.starts_with('/') { format!("file://{escaped}") } else { escaped }
}
