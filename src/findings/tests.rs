//! Every format, held against what its readers take.

use serde_json::Value;

use super::*;

/// Findings of every kind, with what each format has to escape.
fn everything() -> Verdict {
    let place = Place::of("a b/<c>,:%.env", "ok\nKEY=\"x\" & 'y'\n", &(3..6));
    let mut findings = Findings::default();
    let error = |object, message: &str| Finding::new("branch-name", Severity::Error, object, message);
    findings.add(error(Object::Branch("feat&<x>".to_owned()), "`feat` is no \"kind\", 100%").hint("rename it\nnow"));
    findings.add(Finding::new("tag-order", Severity::Warn, Object::Tag("v1\u{1}".to_owned()), "is\tlower"));
    findings.add(error(
        Object::Commit { id: "0123456789abcdef0123456789abcdef01234567".to_owned(), subject: "Fix]]>".to_owned() },
        "no type",
    ));
    findings.add(error(Object::File(".env".to_owned()), "is not there"));
    findings.add(error(Object::Place(place), "is in quotes"));
    findings.add(Finding::new("policy", Severity::Off, Object::Tag("t".to_owned()), "is never told"));
    findings.skip("direct-commit", "PRODEV_SKIP names it");
    findings.skip("direct-commit", "PRODEV_SKIP names it");
    Verdict { findings, rules: vec![("branch-name", "Names"), ("tag-order", "Versions grow")], ..Verdict::default() }
}

fn told(format: Format) -> String {
    Verdict { format, ..everything() }.told().0
}

#[test]
fn people_read_what_where_and_what_to_do() {
    let verdict = everything();
    assert_eq!((verdict.findings.errors(), verdict.findings.warnings(), verdict.is_good()), (4, 1, false));
    let (text, said) = verdict.told();
    let plain = anstream::adapter::strip_str(&text).to_string();
    assert_eq!(
        plain,
        "error: branch `feat&<x>`: `feat` is no \"kind\", 100% [branch-name]\nhint: rename it\nnow\n\
         warning: tag `v1`: is\tlower [tag-order]\n\
         error: commit `0123456` (Fix]]>): no type [branch-name]\n\
         error: `.env`: is not there [branch-name]\n\
         error: is in quotes [branch-name]\n --> a b/<c>,:%.env:2:1\n2 | KEY=\"x\" & 'y'\n  | ^^^\n"
    );
    assert_eq!(said, ["skipped direct-commit: PRODEV_SKIP names it", "4 errors, 1 warning"]);
}

#[test]
fn where_nothing_is_found_it_is_said_once() {
    let verdict = Verdict { good: Some("all is well".to_owned()), ..Verdict::default() };
    assert!(verdict.is_good());
    assert_eq!(verdict.told(), (String::new(), vec!["all is well".to_owned()]));
    for format in [Format::Sarif, Format::Gitlab, Format::Junit] {
        assert!(!Verdict { format, ..Verdict::default() }.told().0.is_empty(), "{format:?} needs a document");
    }
}

#[test]
fn github_gets_one_line_per_finding() {
    let text = told(Format::Github);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 6);
    assert_eq!(
        lines[0],
        "::error title=branch-name::branch `feat&<x>`: `feat` is no \"kind\", 100%25%0Ahint: rename it%0Anow"
    );
    assert_eq!(lines[4], "::error file=a b/<c>%2C%3A%25.env,line=2,col=1,title=branch-name::is in quotes");
    assert_eq!(lines[5], "::notice title=skipped::direct-commit: PRODEV_SKIP names it");
}

#[test]
fn gitlab_gets_a_list_with_unique_fingerprints() {
    let issues: Vec<Value> = serde_json::from_str(&told(Format::Gitlab)).unwrap();
    let mut prints: Vec<&str> = issues.iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
    prints.sort_unstable();
    prints.dedup();
    assert_eq!(prints.len(), 5);
    assert_eq!(issues[1]["severity"], "minor");
    assert_eq!(issues[4]["location"], json!({ "path": "a b/<c>,:%.env", "lines": { "begin": 2 } }));
    for issue in &issues {
        assert!(["description", "check_name"].iter().all(|key| issue[key].is_string()), "{issue}");
    }
}

#[test]
fn sarif_points_at_rules_and_places() {
    let log: Value = serde_json::from_str(&told(Format::Sarif)).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 5);
    assert_eq!(results[1]["ruleIndex"], 1);
    assert_eq!(results[4]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "a%20b/%3Cc%3E%2C%3A%25.env");
    assert_eq!(
        results[4]["locations"][0]["physicalLocation"]["region"],
        json!({ "startLine": 2, "startColumn": 1, "endColumn": 4 })
    );
}

/// What the standard asks of a log, and code hosts of one that they take: every result in a file of the repository, at a line.
#[test]
fn sarif_is_what_code_hosts_take() {
    let log: Value = serde_json::from_str(&told(Format::Sarif)).unwrap();
    assert_eq!((&log["version"], log["runs"].as_array().unwrap().len()), (&json!("2.1.0"), 1));
    assert!(log["$schema"].as_str().unwrap().ends_with("/sarif-schema-2.1.0.json"));
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert!(driver["name"].is_string());
    let rules: Vec<&str> =
        driver["rules"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    let mut unique = rules.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), rules.len());
    for result in run["results"].as_array().unwrap() {
        let rule = result["ruleId"].as_str().unwrap();
        if let Some(index) = result.get("ruleIndex") {
            assert_eq!(rules[usize::try_from(index.as_u64().unwrap()).unwrap()], rule);
        }
        assert!(["none", "note", "warning", "error"].contains(&result["level"].as_str().unwrap()), "{result}");
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        assert!(!uri.starts_with('/') && !uri.contains([' ', '<', '>', '"', '\\']), "{uri}");
        assert!(place["region"]["startLine"].as_u64().unwrap() >= 1, "{result}");
        assert!(result["partialFingerprints"].as_object().unwrap().values().all(Value::is_string));
    }
    for notice in run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap() {
        assert!(notice["message"]["text"].is_string());
    }
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn json_says_all_of_it() {
    let data = everything().data();
    assert_eq!(data["errors"], 4);
    assert_eq!(
        data["findings"][0]["object"],
        json!({ "kind": "branch", "name": "feat&<x>" }),
        "the object keeps what it is"
    );
    assert_eq!(data["findings"][1]["hint"], Value::Null);
    assert_eq!(data["skipped"], json!([{ "what": "direct-commit", "reason": "PRODEV_SKIP names it" }]));
}

#[test]
fn junit_holds_nothing_that_xml_cannot() {
    let text = told(Format::Junit);
    assert!(text.contains("tests=\"6\" failures=\"4\" errors=\"0\" skipped=\"1\""), "{text}");
    assert!(text.contains("name=\"branch `feat&amp;&lt;x&gt;`\""), "{text}");
    assert!(text.contains("name=\"tag `v1\u{fffd}`\""), "{text}");
    let document = roxmltree::Document::parse(&text).unwrap();
    let cases = document.descendants().filter(|node| node.has_tag_name("testcase"));
    assert_eq!(cases.count(), 6);
}
