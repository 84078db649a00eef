//! `[flow]`: branches that exist, prefixes that can be told apart, patterns that hold what they must.

use std::collections::BTreeMap;

use super::Findings;
use super::names;
use super::recipes::leaves;
use crate::config::flow::Flow;
use crate::config::message::Message;

/// What is wrong in `[flow]`.
pub(in crate::config) fn check(flow: &Flow, findings: &mut Findings) {
    findings.within(&["flow"], |findings| {
        branches(flow, findings);
        kinds(flow, findings);
        bases(flow, findings);
        release(flow, findings);
        texts(flow, findings);
        if let Some(message) = &flow.message {
            findings.within(&["message"], |findings| messages(message, findings));
        }
    });
}

fn branches(flow: &Flow, findings: &mut Findings) {
    let named = [("main", Some(flow.main.as_str())), ("develop", flow.develop.as_deref())];
    for (key, branch) in named {
        if let Some((branch, reason)) = branch.and_then(|branch| Some((branch, names::refuse_whole_branch(branch)?))) {
            findings.add(&[key], format!("`{branch}` cannot be a branch: {reason}"));
        }
    }
    if flow.develop() == Some(&flow.main) {
        let key = if flow.develop.is_some() { "develop" } else { "main" };
        let finding = findings.add(&[key], format!("`main` and `develop` are both `{}`", flow.main));
        finding.hint("for one branch alone use `preset = \"github\"` and leave `develop` out");
    }
    if let Some(reason) = names::refuse_branch(&flow.tag_prefix).filter(|_| !flow.tag_prefix.is_empty()) {
        findings.add(&["tag_prefix"], format!("`{}` cannot begin a tag: {reason}", flow.tag_prefix));
    }
    if flow.remote.is_empty() || names::refuse_whole_branch(&flow.remote).is_some() {
        findings.add(&["remote"], format!("`{}` cannot be a remote", flow.remote));
    }
}

fn kinds(flow: &Flow, findings: &mut Findings) {
    let kinds = flow.kinds();
    let long_lived = flow.long_lived();
    let mut prefixes: BTreeMap<&str, &str> = BTreeMap::new();
    // The file's own kinds come last: what clashes is then told where the user wrote it.
    let (given, preset): (Vec<_>, Vec<_>) = kinds.iter().partition(|(name, _)| flow.kinds.contains_key(name.as_str()));
    for (name, kind) in preset.into_iter().chain(given) {
        findings.within(&["kinds", name], |findings| {
            if !name.starts_with(|c: char| c.is_ascii_alphabetic())
                || !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
            {
                let message = format!("`{name}` cannot be a kind: begin it with a letter, and write it with letters, digits, `-` and `_` alone");
                findings.add(&[], message);
            }
            let prefix = kind.prefix.as_deref().unwrap_or_default();
            if let Some(reason) = names::refuse_branch(prefix) {
                findings.add(&["prefix"], format!("`{prefix}` cannot begin a branch: {reason}"));
            }
            if let Some(other) = prefixes.insert(prefix, name) {
                findings.add(&["prefix"], format!("the kinds `{other}` and `{name}` have the same prefix `{prefix}`"));
            }
            let known =
                || long_lived.iter().copied().chain(kinds.keys().map(String::as_str).filter(|kind| kind != name));
            // What the file does not say comes from what it does, and is told there.
            let given = flow.kinds.get(name);
            if let Some(parent) =
                given.and_then(|kind| kind.parent.as_deref()).filter(|parent| !known().any(|name| name == *parent))
            {
                findings.add(&["parent"], unknown(parent)).suggest(parent, known());
            }
            for (index, target) in given.iter().flat_map(|kind| &kind.merge_into).flatten().enumerate() {
                if !known().any(|name| name == target) {
                    findings.add(&["merge_into", &index.to_string()], unknown(target)).suggest(target, known());
                }
                if given.iter().flat_map(|kind| &kind.merge_into).flatten().take(index).any(|other| other == target) {
                    findings.add(&["merge_into", &index.to_string()], format!("`{target}` is named twice"));
                }
            }
            // A preset may have versions that stay on branches of their own.
            let is_said = given.is_some_and(|given| given.tag == Some(true) || given.merge_into.is_some());
            if is_said && kind.tag == Some(true) && kind.merge_into.as_ref().is_some_and(Vec::is_empty) {
                findings.add(&["tag"], "there is nothing to tag: `merge_into` is empty");
            }
        });
    }
}

fn unknown(branch: &str) -> String {
    format!("`{branch}` is no long-lived branch and no kind")
}

fn bases(flow: &Flow, findings: &mut Findings) {
    let long_lived = flow.long_lived();
    let kinds = flow.kinds();
    for (name, base) in &flow.bases {
        findings.within(&["bases", name], |findings| {
            if let Some(reason) = names::refuse_whole_branch(name) {
                findings.add(&[], format!("`{name}` cannot be a branch: {reason}"));
            }
            if let Some(parent) = base.parent.as_deref().filter(|parent| !long_lived.contains(parent)) {
                let finding = findings.add(&["parent"], format!("`{parent}` is no long-lived branch"));
                finding.suggest(parent, long_lived.iter().copied().filter(|other| other != name));
            }
            let known = || long_lived.iter().copied().chain(kinds.keys().map(String::as_str));
            for (index, from) in base.accepts.iter().flatten().enumerate() {
                if !known().any(|name| name == from) {
                    findings.add(&["accepts", &index.to_string()], unknown(from)).suggest(from, known());
                }
            }
            if let Some(path) = ancestry_cycle(flow, name) {
                findings.add(&["parent"], format!("these branches follow each other in a circle: {path}"));
            }
        });
    }
}

/// The way from `name` back to itself, told at the first of its members only.
fn ancestry_cycle(flow: &Flow, name: &str) -> Option<String> {
    let mut way = vec![name];
    loop {
        let parent = flow.bases.get(*way.last()?)?.parent.as_deref()?;
        if parent == name {
            way.push(parent);
            let first = flow.bases.keys().find(|key| way.contains(&key.as_str()))?;
            return (first == name).then(|| way.join(" → "));
        }
        if way.contains(&parent) {
            return None;
        }
        way.push(parent);
    }
}

fn release(flow: &Flow, findings: &mut Findings) {
    findings.within(&["release"], |findings| {
        for (index, file) in flow.release.files.iter().enumerate() {
            findings.within(&["files", &index.to_string()], |findings| {
                if leaves(&file.path) || file.path.is_empty() {
                    findings.add(&["path"], format!("`{}` is no path inside the repository", file.path));
                }
                let groups = regex_syntax::parse(&file.pattern).map(|tree| tree.properties().explicit_captures_len());
                if groups == Ok(0) {
                    let finding = findings.add(&["pattern"], format!("`{}` has no group", &*file.pattern));
                    finding.hint("put the version in parentheses, as in `version = \"(.+)\"`");
                }
            });
        }
        if let Some(changelog) = flow.release.changelog.as_deref().filter(|path| leaves(path) || path.is_empty()) {
            findings.add(&["changelog"], format!("`{changelog}` is no path inside the repository"));
        }
    });
}

/// What can stand in braces in a message, by its key.
fn texts(flow: &Flow, findings: &mut Findings) {
    let branch: &[&str] = &["branch", "kind", "name", "target"];
    let version: &[&str] = &["version", "tag", "branch"];
    let cases: [(&[&str], &Option<String>, &[&str]); 4] = [
        (&["merge_message"], &flow.merge_message, branch),
        (&["squash_message"], &flow.squash_message, branch),
        (&["tag_message"], &flow.tag_message, version),
        (&["release", "message"], &flow.release.message, version),
    ];
    for (path, text, known) in cases {
        let Some(text) = text else { continue };
        if text.trim().is_empty() {
            findings.add(path, "an empty message is refused by Git").hint("leave it out for the usual one");
        }
        for name in text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name) {
            if !known.contains(&name) {
                findings
                    .add(path, format!("`{{{name}}}` stands for nothing here"))
                    .suggest(name, known.iter().copied());
            }
        }
    }
}

fn messages(message: &Message, findings: &mut Findings) {
    if message.conventional && message.types.is_empty() {
        let finding = findings.add(&["types"], "a conventional message needs a type, and there is none");
        finding.hint("leave `types` out for the usual ones, or set `conventional = false`");
    }
    for (key, list) in [("types", &message.types), ("scopes", &message.scopes)] {
        for (index, word) in list.iter().enumerate() {
            let place = [key, &index.to_string()];
            if word.is_empty() || word.contains(|c: char| c.is_whitespace() || "():!".contains(c)) {
                findings.add(&place, format!("`{word}` cannot stand in the first line of a message"));
            }
            if list[..index].contains(word) {
                findings.add(&place, format!("`{word}` is named twice"));
            }
        }
    }
    if message.max_length == 0 {
        findings
            .add(&["max_length"], "no message is that short")
            .hint("turn the rule off with `message-length = \"off\"` in `[flow.rules]`");
    }
    for token in message.trailers.keys() {
        if token.is_empty() || !token.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            findings.add(
                &["trailers", token],
                format!("`{token}` cannot be a trailer: write it with letters, digits and `-` alone"),
            );
        }
    }
}
