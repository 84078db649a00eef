//! The changelog of a release: what stands under *Unreleased* becomes the version, and conventional commits come to it, grouped. Pure text; what
//! the user wrote, comments included, stays as it is.

use std::fmt::Write as _;

use git_conventional::Commit;

/// What a version is called in the changelog.
#[derive(Debug, Clone, Copy)]
pub(super) struct Version<'a> {
    pub(super) number: &'a str,
    pub(super) tag: &'a str,
    /// `2025-01-31`.
    pub(super) date: &'a str,
}

/// The headings of [Keep a Changelog](https://keepachangelog.com), in its order.
const GROUPS: [&str; 6] = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];

/// A line under a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    group: &'static str,
    text: String,
}

/// What messages, oldest first, say to those who read changelogs: features, fixes and what breaks. The rest is the project's own business.
pub(super) fn entries<'a>(messages: impl IntoIterator<Item = &'a str>) -> Vec<Entry> {
    let mut found: Vec<Entry> = Vec::new();
    for message in messages {
        let Ok(commit) = Commit::parse(message.trim()) else { continue };
        let group = match commit.type_().as_str().to_ascii_lowercase().as_str() {
            "feat" | "feature" => "Added",
            "fix" | "bugfix" | "hotfix" => "Fixed",
            "security" => "Security",
            "deprecate" | "deprecated" => "Deprecated",
            "remove" | "removed" => "Removed",
            "perf" | "revert" => "Changed",
            _ if commit.breaking() => "Changed",
            _ => continue,
        };
        let scope = commit.scope().map(|scope| format!("**{scope}:** ")).unwrap_or_default();
        let breaking = if commit.breaking() { "**Breaking:** " } else { "" };
        let mut text = format!("- {breaking}{scope}{}", commit.description().trim());
        if let Some(why) = commit.breaking_description().filter(|why| *why != commit.description()) {
            let _ = write!(text, ": {}", why.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        let entry = Entry { group, text };
        if !found.contains(&entry) {
            found.push(entry);
        }
    }
    found
}

/// The changelog with the version in it; `None` where nothing is left to do. Where it has a heading of that version already, the text below that is
/// the user's, and only `later` comes to it.
pub(super) fn release(old: Option<&str>, version: Version, entries: &[Entry], later: &[Entry]) -> Option<String> {
    let text = old.filter(|text| !text.trim().is_empty()).unwrap_or("# Changelog\n\n## [Unreleased]\n");
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let plain = text.replace("\r\n", "\n");
    let made = released(&plain, version, entries, later)?;
    Some(if newline == "\n" { made } else { made.replace('\n', newline) })
}

fn released(text: &str, version: Version, entries: &[Entry], later: &[Entry]) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let headings = headings(&lines);
    if let Some(at) = headings.iter().position(|heading| is_version(heading.title, version)) {
        let (start, end) = section(&lines, &headings, at);
        let body = joined(&lines[start..end], headings[at].level, later);
        let is_news = later.iter().any(|entry| !lines[start..end].iter().any(|line| line.trim() == entry.text));
        return is_news.then(|| assembled(&lines, (start, end), None, body).join("\n") + "\n");
    }
    let unreleased = headings.iter().position(|heading| heading.name().eq_ignore_ascii_case("unreleased"));
    let (level, brackets) = match unreleased.map(|at| headings[at]) {
        Some(heading) => (heading.level, heading.title.starts_with('[')),
        None => headings
            .iter()
            .find(|heading| heading.level == 2)
            .map_or((2, true), |heading| (2, heading.title.starts_with('['))),
    };
    let name = if brackets { format!("[{}]", version.number) } else { version.number.to_owned() };
    let title = format!("{} {name} - {}", "#".repeat(level), version.date);
    // From where to where the version's own text goes.
    let (start, end) = if let Some(at) = unreleased {
        section(&lines, &headings, at)
    } else {
        let first = headings.iter().find(|heading| heading.level == 2).map(|heading| heading.line);
        let at = first.unwrap_or_else(|| links_from(&lines));
        (at, at)
    };
    let body = joined(&lines[start..end], level, entries);
    let mut out = assembled(&lines, (start, end), Some(title), body);
    link(&mut out, version);
    Some(out.join("\n") + "\n")
}

/// From where to where the text below a heading goes: to the next that is not below it, or to the links that end all.
fn section(lines: &[&str], headings: &[Heading], at: usize) -> (usize, usize) {
    let Heading { line, level, .. } = headings[at];
    let next = headings[at + 1..].iter().find(|heading| heading.level <= level).map(|heading| heading.line);
    (line + 1, next.unwrap_or_else(|| links_from(lines)).max(line + 1))
}

/// The lines with other ones from `start` to `end`, and one empty line between each part and the next.
fn assembled(lines: &[&str], (start, end): (usize, usize), title: Option<String>, body: Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = lines[..start].iter().map(|line| (*line).to_owned()).collect();
    while out.last().is_some_and(|line| line.trim().is_empty()) {
        out.pop();
    }
    let rest = lines[end..].iter().skip_while(|line| line.trim().is_empty()).map(|line| (*line).to_owned());
    for part in [title.into_iter().collect(), body, rest.collect::<Vec<_>>()] {
        if !out.is_empty() && !part.is_empty() {
            out.push(String::new());
        }
        out.extend(part);
    }
    out
}

#[derive(Debug, Clone, Copy)]
struct Heading<'a> {
    line: usize,
    level: usize,
    title: &'a str,
}

impl Heading<'_> {
    /// `Unreleased` of `[Unreleased](url)`.
    fn name(&self) -> &str {
        match self.title.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((name, _)) => name.trim(),
            None => self.title,
        }
    }
}

/// The headings outside of code and comments.
fn headings<'a>(lines: &[&'a str]) -> Vec<Heading<'a>> {
    let (mut in_code, mut in_comment) = (false, false);
    let mut found = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let trimmed = line.trim_start();
        if !in_comment && (trimmed.starts_with("```") || trimmed.starts_with("~~~")) {
            in_code = !in_code;
        }
        let was_comment = in_comment;
        if !in_code {
            let mut rest = *line;
            while let Some(at) = rest.find(if in_comment { "-->" } else { "<!--" }) {
                rest = &rest[at + 3..];
                in_comment = !in_comment;
            }
        }
        let level = line.bytes().take_while(|byte| *byte == b'#').count();
        if in_code || was_comment || !(1..=6).contains(&level) || !line[level..].starts_with(' ') {
            continue;
        }
        found.push(Heading { line: number, level, title: line[level..].trim() });
    }
    found
}

/// Whether a heading is that of the version: `1.2.0`, `[v1.2.0] - 2025-01-31`.
fn is_version(title: &str, version: Version) -> bool {
    let first = title.split_whitespace().next().unwrap_or_default();
    let name = first.trim_start_matches('[').split([']', '(']).next().unwrap_or_default();
    name == version.number || name == version.tag
}

/// The first of the link definitions that end the text; the end where there are none.
fn links_from(lines: &[&str]) -> usize {
    let is_link = |line: &str| line.starts_with('[') && line.contains("]: ");
    let mut at = lines.len();
    while at > 0 && (is_link(lines[at - 1]) || lines[at - 1].trim().is_empty()) {
        at -= 1;
    }
    if lines[at..].iter().any(|line| is_link(line)) { at } else { lines.len() }
}

/// The user's own text with the entries added, each below the heading of its group, where that is there already.
fn joined(own: &[&str], level: usize, entries: &[Entry]) -> Vec<String> {
    let mut body: Vec<String> = own.iter().map(|line| (*line).to_owned()).collect();
    let trim = |body: &mut Vec<String>| {
        while body.last().is_some_and(|line| line.trim().is_empty()) {
            body.pop();
        }
        let blank = body.iter().take_while(|line| line.trim().is_empty()).count();
        body.drain(..blank);
    };
    trim(&mut body);
    let marks = "#".repeat(level + 1);
    for group in GROUPS {
        let new: Vec<String> = entries
            .iter()
            .filter(|entry| entry.group == group && !body.iter().any(|line| line.trim() == entry.text))
            .map(|entry| entry.text.clone())
            .collect();
        if new.is_empty() {
            continue;
        }
        let heading = format!("{marks} {group}");
        let at = body.iter().position(|line| line.trim_end().eq_ignore_ascii_case(&heading));
        if let Some(at) = at {
            let next = body[at + 1..].iter().position(|line| line.starts_with('#')).map(|next| at + 1 + next);
            let mut end = next.unwrap_or(body.len());
            while end > at + 1 && body[end - 1].trim().is_empty() {
                end -= 1;
            }
            let gap = if end == at + 1 { vec![String::new()] } else { Vec::new() };
            body.splice(end..end, gap.into_iter().chain(new));
        } else {
            if !body.is_empty() {
                body.push(String::new());
            }
            body.extend([heading, String::new()]);
            body.extend(new);
        }
    }
    body
}

/// Moves a definition as `[unreleased]: https://…/compare/1.1.0...HEAD` on, and adds that of the version.
fn link(lines: &mut Vec<String>, version: Version) {
    let found = lines.iter().position(|line| line.to_ascii_lowercase().starts_with("[unreleased]: "));
    let Some(at) = found else { return };
    let Some((url, head)) = lines[at].clone().rsplit_once("...").map(|(url, head)| (url.to_owned(), head.to_owned()))
    else {
        return;
    };
    let Some((front, old)) = url.rsplit_once('/') else { return };
    if old.is_empty() || old == version.tag || !front.contains("/compare") {
        return;
    }
    let label_end = front.find("]: ").map_or(0, |at| at + 3);
    lines[at] = format!("{front}/{}...{head}", version.tag);
    lines.insert(at + 1, format!("[{}]: {}/{old}...{}", version.number, &front[label_end..], version.tag));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VERSION: Version = Version { number: "1.2.0", tag: "v1.2.0", date: "2025-01-31" };

    fn made(old: Option<&str>, messages: &[&str]) -> String {
        release(old, VERSION, &entries(messages.iter().copied()), &[]).expect("a new version")
    }

    #[test]
    fn there_is_one_where_there_was_none() {
        let text = made(None, &["feat(api): let users in", "chore: tidy", "fix: a bug", "docs!: drop the old page"]);
        assert_eq!(
            text,
            "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2025-01-31\n\n### Added\n\n- **api:** let users in\n\n### Changed\n\n\
             - **Breaking:** drop the old page\n\n### Fixed\n\n- a bug\n"
        );
    }

    #[test]
    fn the_unreleased_section_becomes_the_version_with_all_that_is_in_it() {
        let old = "# Changelog\n\nAll of it.\n\n## [Unreleased]\n\n<!-- ## [1.2.0] is no heading -->\n\nA word first.\n\n### Fixed\n\n- by hand\n\n\
                   ## [1.1.0] - 2024-01-01\n\n- old\n\n[unreleased]: https://x.org/o/r/compare/v1.1.0...HEAD\n[1.1.0]: https://x.org/o/r/releases/v1.1.0\n";
        let text = made(Some(old), &["fix: by machine", "fix: by machine", "feat: new"]);
        assert_eq!(
            text,
            "# Changelog\n\nAll of it.\n\n## [Unreleased]\n\n## [1.2.0] - 2025-01-31\n\n<!-- ## [1.2.0] is no heading -->\n\nA word first.\n\n\
             ### Fixed\n\n- by hand\n- by machine\n\n### Added\n\n- new\n\n## [1.1.0] - 2024-01-01\n\n- old\n\n\
             [unreleased]: https://x.org/o/r/compare/v1.2.0...HEAD\n[1.2.0]: https://x.org/o/r/compare/v1.1.0...v1.2.0\n\
             [1.1.0]: https://x.org/o/r/releases/v1.1.0\n"
        );
    }

    #[test]
    fn without_such_a_section_the_version_comes_first() {
        let text = made(Some("# Changes\n\nWords.\n\n## 1.1.0 - 2024-01-01\n\n- old\n"), &["feat: new"]);
        assert_eq!(
            text,
            "# Changes\n\nWords.\n\n## 1.2.0 - 2025-01-31\n\n### Added\n\n- new\n\n## 1.1.0 - 2024-01-01\n\n- old\n"
        );
        assert_eq!(made(Some("# Changes\n"), &[]), "# Changes\n\n## [1.2.0] - 2025-01-31\n");
    }

    #[test]
    fn a_version_that_is_there_is_left_alone() {
        for title in ["## 1.2.0", "## [1.2.0] - 2025-01-01", "## [v1.2.0](https://x.org)", "# v1.2.0 (today)"] {
            assert_eq!(release(Some(&format!("{title}\n\n- by hand\n")), VERSION, &[], &[]), None, "{title}");
        }
    }

    #[test]
    fn what_comes_later_comes_to_the_version_that_is_there() {
        let old = "# Changelog\n\n## [1.2.0] - 2025-01-01\n\n### Added\n\n- by hand\n\n## 1.1.0\n\n- old\n";
        let later = entries(["feat: more", "feat: by hand", "fix: a bug"]);
        let text = release(Some(old), VERSION, &[], &later).expect("news");
        assert_eq!(
            text,
            "# Changelog\n\n## [1.2.0] - 2025-01-01\n\n### Added\n\n- by hand\n- more\n\n### Fixed\n\n- a bug\n\n## 1.1.0\n\n- old\n"
        );
        assert_eq!(release(Some(&text), VERSION, &[], &later), None);
    }

    #[test]
    fn one_empty_line_stands_before_the_links() {
        let old =
            "# Changelog\n\n## [Unreleased]\n\n- one\n\n\n[unreleased]: https://x.org/o/r/compare/v1.1.0...HEAD\n";
        let text = made(Some(old), &["feat: new"]);
        assert_eq!(
            text,
            "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2025-01-31\n\n- one\n\n### Added\n\n- new\n\n\
             [unreleased]: https://x.org/o/r/compare/v1.2.0...HEAD\n[1.2.0]: https://x.org/o/r/compare/v1.1.0...v1.2.0\n"
        );
    }

    #[test]
    fn line_ends_stay_what_they_are() {
        let text = made(Some("# Changelog\r\n\r\n## Unreleased\r\n\r\n- one\r\n"), &["feat: two"]);
        assert!(!text.replace("\r\n", "").contains('\n') && text.contains("## 1.2.0 - 2025-01-31\r\n\r\n- one\r\n"));
    }

    proptest! {
        #[test]
        fn no_line_of_the_user_is_lost(lines in prop::collection::vec("(## Unreleased|## 1\\.0|### Fixed|```|<!--|-->|- [a-z]{1,4}|[a-z ]{0,6}|\\[a\\]: b)", 0..14)) {
            let old = lines.join("\n");
            if let Some(new) = release(Some(&old), VERSION, &entries(["feat: machine", "fix!: other"]), &[]) {
                let count = |text: &str, line: &str| text.lines().filter(|it| *it == line).count();
                for line in old.lines().filter(|line| !line.trim().is_empty()) {
                    prop_assert!(count(&new, line) >= count(&old, line), "{line:?} is gone:\n{new}");
                }
                prop_assert!(new.contains("1.2.0") && new.contains("- machine"));
                // Inside of what is no heading to Markdown, nothing is found again; everywhere else it is.
                let is_plain = !old.contains("```") && !old.contains("<!--");
                prop_assert!(!is_plain || release(Some(&new), VERSION, &[], &[]).is_none());
            }
        }
    }
}
