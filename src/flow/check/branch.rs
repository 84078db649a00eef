//! `prodev flow check --branch`: the name of a branch, and what it was probably meant to be.

use regex::Regex;

use super::{Court, names};
use crate::config::check::refuse_whole_branch;
use crate::config::rule::Rule;
use crate::error::{listed, nearest};
use crate::findings::{Object, Verdict};
use crate::flow::rules::{Role, Rules};
use crate::git::Repository;
use crate::plan::process::quoted;

/// What people call the kinds elsewhere.
const ALIASES: [(&str, &str); 12] = [
    ("feat", "feature"),
    ("features", "feature"),
    ("topic", "feature"),
    ("fix", "bugfix"),
    ("fixes", "bugfix"),
    ("bug", "bugfix"),
    ("rel", "release"),
    ("releases", "release"),
    ("hot", "hotfix"),
    ("hot-fix", "hotfix"),
    ("hotfixes", "hotfix"),
    ("lts", "support"),
];

/// Checks `name`, or the branch that is worked on.
pub(super) fn check(
    court: &mut Court,
    name: Option<&str>,
    repository: Option<&Repository>,
    verdict: &mut Verdict,
) -> anyhow::Result<()> {
    let name = match (name, repository) {
        (Some(name), _) => Some(name.strip_prefix("refs/heads/").unwrap_or(name).to_owned()),
        (None, Some(repository)) => names::current(repository)?,
        (None, None) => names::of_ci(),
    };
    verdict.json.insert("branch".to_owned(), name.clone().into());
    if let Some(name) = name {
        judge(court, &name);
    } else {
        let reason = "HEAD is detached, and no variable of a CI names a branch";
        court.findings.skip(Rule::BranchName.name(), reason);
    }
    Ok(())
}

/// Holds one name against the rules.
pub(super) fn judge(court: &mut Court, name: &str) {
    if !court.asks(Rule::BranchName) {
        return;
    }
    if let Some((message, hint)) = fault(court.rules, name) {
        court.find(Rule::BranchName, Object::Branch(name.to_owned()), message, Some(hint));
    }
}

/// What is wrong with a name, and what to do.
fn fault(rules: &Rules, name: &str) -> Option<(String, String)> {
    let rename = |better: &str| format!("rename it with `git branch -m {} {}`", quoted(name), quoted(better));
    if let Some(reason) = refuse_whole_branch(name) {
        return Some((format!("it cannot be a branch: {reason}"), "choose another name".to_owned()));
    }
    let kinds = || format!("kinds are {}", prefixes(rules));
    match rules.role(name) {
        Role::Base(_) => None,
        Role::Topic(kind, rest) => {
            let pattern = kind.pattern.as_deref()?;
            let fits = Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|regex| regex.is_match(rest));
            if fits {
                return None;
            }
            let message = format!("`{rest}` is no name for a branch of the kind `{}`", kind.name);
            // What differs in letters' size or in what stands between words is easily put right.
            let better = [rest.to_lowercase(), rest.to_lowercase().replace([' ', '_'], "-")];
            let regex = Regex::new(&format!("^(?:{pattern})$")).ok();
            let better = better.into_iter().find(|name| regex.as_ref().is_some_and(|regex| regex.is_match(name)));
            let hint = match better {
                Some(better) => rename(&format!("{}{better}", kind.prefix)),
                None => format!("the name must match `{pattern}`"),
            };
            Some((message, hint))
        }
        Role::Unknown => {
            let message = format!("it has the prefix of no kind ({})", prefixes(rules));
            let hint = suggestion(rules, name).map_or_else(kinds, |better| rename(&better));
            Some((message, hint))
        }
    }
}

fn prefixes(rules: &Rules) -> String {
    listed(rules.kinds.iter().map(|kind| &kind.prefix))
}

/// What the branch was probably meant to be called.
fn suggestion(rules: &Rules, name: &str) -> Option<String> {
    let bases: Vec<&str> = rules.bases.iter().map(|base| base.name.as_str()).collect();
    let separator = |c: char| matches!(c, '/' | '-' | '_' | ':');
    let Some((head, rest)) = name.split_once(separator).filter(|(head, rest)| !head.is_empty() && !rest.is_empty())
    else {
        let near = nearest(name, bases.iter().copied()).map(str::to_owned);
        return near.or_else(|| Some(format!("{}{name}", rules.kinds.first()?.prefix)));
    };
    let small = head.to_lowercase();
    let kind = |wanted: &str| rules.kinds.iter().find(|kind| kind.name == wanted);
    let alias = ALIASES.iter().find(|(alias, _)| *alias == small).and_then(|(_, name)| kind(name));
    let near = || kind(nearest(&small, rules.kinds.iter().map(|kind| kind.name.as_str()))?);
    let by_prefix = || {
        let bare = |kind: &&crate::flow::kind::Kind| kind.prefix.trim_end_matches(separator) == small;
        rules.kinds.iter().find(bare)
    };
    let kind = by_prefix().or_else(|| kind(&small)).or(alias).or_else(near);
    match kind {
        Some(kind) => Some(format!("{}{rest}", kind.prefix)),
        None => Some(format!("{}{name}", rules.kinds.first()?.prefix)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::flow::Flow;
    use crate::flow::rules::Origin;

    #[test]
    fn wrong_names_are_told_what_they_were_meant_to_be() {
        let text = r#"{ "kinds": { "feature": { "pattern": "[a-z0-9-]+" }, "docs": { "prefix": "doc-" } } }"#;
        let flow: Flow = serde_json::from_str(text).unwrap();
        let rules = Rules::of(&flow, Origin::Policy);
        let cases = [
            ("main", None),
            ("develop", None),
            ("feature/login-2", None),
            ("doc-x", None),
            ("Feature/login", Some("git branch -m Feature/login feature/login")),
            ("feat/login", Some("git branch -m feat/login feature/login")),
            ("fix-login", Some("git branch -m fix-login bugfix/login")),
            ("featrue/login", Some("git branch -m featrue/login feature/login")),
            ("docs/x", Some("git branch -m docs/x doc-x")),
            ("developp", Some("git branch -m developp develop")),
            ("login", Some("git branch -m login feature/login")),
            ("me/login", Some("git branch -m me/login feature/me/login")),
            ("feature/Login_Page", Some("git branch -m feature/Login_Page feature/login-page")),
            ("feature/ä", Some("the name must match `[a-z0-9-]+`")),
            ("a$(x)", Some("git branch -m 'a$(x)' 'feature/a$(x)'")),
            ("a..b", Some("choose another name")),
            ("-x", Some("choose another name")),
        ];
        for (name, expected) in cases {
            let hint = fault(&rules, name).map(|(_, hint)| hint);
            match expected {
                None => assert_eq!(hint, None, "{name}"),
                Some(part) => assert!(hint.as_ref().is_some_and(|hint| hint.contains(part)), "{name}: {hint:?}"),
            }
        }
    }
}
