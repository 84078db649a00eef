//! Files and fragments that no selection of components and no answer generates.

use super::texts::rules_of;
use crate::config::value::Severity;
use crate::findings::{Finding, Findings, Object};
use crate::scaffold::render::{glob, names_of};
use crate::scaffold::source::{SourceFile, Template};

pub(super) fn look(template: &Template, findings: &mut Findings) {
    let mut tell = |part: &str, file: &SourceFile, why: String| {
        let object = Object::File(template.file(part, &file.path));
        let finding = Finding::new("unreachable-file", Severity::Warn, object, format!("nobody gets this: {why}"));
        findings.add(finding.hint("take it out, or what keeps it back"));
    };
    // What a base has, its heir may well keep back: others get it.
    let own = |part: &'static str| move |file: &&SourceFile| !template.is_inherited(part, &file.path);
    for file in template.files.iter().filter(own("files")) {
        if let Some(why) = kept_back(template, file) {
            tell("files", file, why);
        }
    }
    for file in template.fragments.iter().filter(own("fragments")) {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        let owners: Vec<&str> = name.split('.').next().unwrap_or_default().split('+').collect();
        let apart = owners
            .iter()
            .find_map(|one| owners.iter().find(|other| conflict(template, one, other)).map(|other| (one, other)));
        if let Some((one, other)) = apart {
            tell("fragments", file, format!("`{one}` and `{other}` are never together"));
        } else if let Some(owner) = owners.iter().find(|owner| is_impossible(template, owner)) {
            tell("fragments", file, format!("`{owner}` cannot be selected"));
        }
    }
}

fn kept_back(template: &Template, file: &SourceFile) -> Option<String> {
    let rules = rules_of(template, file);
    if rules.iter().rev().find_map(|rule| rule.exclude) == Some(true) {
        return Some("a rule excludes it".to_owned());
    }
    if rules.iter().any(|rule| rule.when.as_ref().is_some_and(|when| when.text.trim() == "false")) {
        return Some("its `when` never holds".to_owned());
    }
    let names = names_of(&file.path);
    let fits = |text: &String| {
        let matcher = glob(text).map(|glob| glob.compile_matcher());
        matcher.is_ok_and(|matcher| names.iter().any(|name| matcher.is_match(name)))
    };
    let mut owners = template.manifest.components.iter().filter(|(_, component)| component.files.iter().any(fits));
    let (owner, _) = owners.find(|(name, _)| is_impossible(template, name))?;
    Some(format!("`{owner}` cannot be selected"))
}

/// Whether a component is never there: it, or what it requires, cannot be with something that is always there, or with another of these.
fn is_impossible(template: &Template, name: &str) -> bool {
    let components = &template.manifest.components;
    let mut all = vec![name];
    all.extend(components.iter().filter(|(_, component)| component.required).map(|(name, _)| name.as_str()));
    let mut at = 0;
    while let Some(component) = all.get(at).and_then(|name| components.get(*name)) {
        at += 1;
        for required in &component.requires {
            if !all.contains(&required.as_str()) && components.contains_key(required) {
                all.push(required);
            }
        }
    }
    all.iter().any(|one| all.iter().any(|other| conflict(template, one, other)))
}

fn conflict(template: &Template, one: &str, other: &str) -> bool {
    let components = &template.manifest.components;
    let says = |one: &str, other: &str| {
        components.get(one).is_some_and(|component| component.conflicts.iter().any(|name| name == other))
    };
    one != other && (says(one, other) || says(other, one))
}
