//! Files of `NAME=value` that other programs read by their own rules.

use std::fmt::Write as _;

use super::{Pair, Refusal, each, is_shell_name};

/// How many variables GitLab takes from one report.
pub(super) const GITLAB_MOST: usize = 150;

/// What docker's reader holds of one line.
const DOCKER_LINE: usize = 64 * 1024;

pub(super) fn refuse_docker(pair: &Pair) -> Option<Refusal> {
    let (name, value) = pair;
    if name.is_empty() || name.starts_with('#') || name.contains([' ', '\t', '\n', '\r', '=']) {
        return Some("is no name that docker can have");
    }
    if value.contains('\n') || value.ends_with('\r') {
        return Some("has a line end, which an env file for docker cannot carry");
    }
    (name.len() + value.len() + 2 > DOCKER_LINE).then_some("is longer than the 64 KiB that docker reads of a line")
}

pub(super) fn refuse_gitlab(pair: &Pair) -> Option<Refusal> {
    let (name, value) = pair;
    if !is_shell_name(name) {
        return Some("is no name that GitLab can have");
    }
    if value.contains(['\n', '\r']) {
        return Some("has a line end, which a report for GitLab cannot carry");
    }
    if value.trim() != *value {
        return Some("has blanks at its ends, which GitLab cuts off");
    }
    value.starts_with(['"', '\'']).then_some("begins with a quote, which GitLab takes for one")
}

pub(super) fn lines(pairs: &[Pair]) -> String {
    each(pairs, |name, value| format!("{name}={value}\n"))
}

pub(super) fn refuse_systemd(pair: &Pair) -> Option<Refusal> {
    if !is_shell_name(pair.0) {
        return Some("is no name that systemd can have");
    }
    let is_wrong = |found: char| found.is_control() && !matches!(found, '\n' | '\t');
    pair.1.contains(is_wrong).then_some("has a control character, which systemd drops the variable for")
}

/// In double quotes systemd takes a backslash before four characters; line ends stand as they are.
pub(super) fn systemd(pairs: &[Pair]) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        let _ = write!(text, "{name}=\"");
        for found in value.chars() {
            if matches!(found, '"' | '\\' | '`' | '$') {
                text.push('\\');
            }
            text.push(found);
        }
        text.push_str("\"\n");
    }
    text
}

pub(super) fn refuse_github(pair: &Pair) -> Option<Refusal> {
    let name = pair.0.to_ascii_uppercase();
    if !is_shell_name(pair.0) {
        return Some("is no name that GitHub can have");
    }
    if name.starts_with("GITHUB_") || name.starts_with("RUNNER_") || name == "NODE_OPTIONS" || name == "CI" {
        return Some("is a name that GitHub keeps for itself");
    }
    pair.1.replace("\r\n", "\n").contains('\r').then_some("has a carriage return, which GitHub takes for a line end")
}

/// Every value between delimiters that nobody can guess, so that none can end early and set another variable.
pub(super) fn github(pairs: &[Pair]) -> anyhow::Result<String> {
    let mut text = String::new();
    for (name, value) in pairs {
        let mut random = [0_u8; 16];
        getrandom::fill(&mut random).map_err(|error| anyhow::anyhow!("cannot get random bytes: {error}"))?;
        let delimiter: String = random.iter().fold("prodev_".to_owned(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        let _ = write!(text, "{name}<<{delimiter}\n{value}\n{delimiter}\n");
    }
    Ok(text)
}

/// What makes the runner hide a value in logs: each of its lines, since logs have lines.
pub(super) fn github_masks(value: &str) -> impl Iterator<Item = String> {
    let lines = value.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| format!("::add-mask::{}", line.replace('%', "%25").replace('\r', "%0D")))
}
