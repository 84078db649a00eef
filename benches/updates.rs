//! What it takes to bring a project up to its template, and to say that there is nothing to bring.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::contest::{Contestant, Reach, Row, Work};
use crate::projects::{self, Edition, Maker};
use crate::rows::find;

/// Who updates, and the words for it and for a check.
const UPDATERS: [(&str, &[&str], &[&str]); 3] = [
    ("prodev", &["-C", "[OUT]", "update", "--defaults", "-q"], &["-C", "[OUT]", "update", "--check"]),
    ("copier", &["update", "--defaults", "--quiet", "[OUT]"], &["check-update", "[OUT]"]),
    ("cruft", &["update", "--skip-apply-ask", "--project-dir", "[OUT]"], &["check", "--project-dir", "[OUT]"]),
];

/// The rows that are wanted: others' projects need not be made.
pub(crate) fn rows(prodev: &Path, scratch: &Path, is_wanted: &dyn Fn(&str) -> bool) -> Vec<Row> {
    let rows: [(&'static str, usize, Edition, u64); 4] = [
        ("update-100", 100, Edition::Old, 150),
        ("update-1000", 1000, Edition::Old, 1000),
        ("update-check-100", 100, Edition::Newest, 30),
        ("update-check-1000", 1000, Edition::Newest, 30),
    ];
    let wanted = rows.into_iter().filter(|(name, ..)| is_wanted(name));
    wanted.map(|(name, files, edition, millis)| row(name, files, edition, millis, prodev, scratch)).collect()
}

fn row(name: &'static str, files: usize, edition: Edition, millis: u64, prodev: &Path, scratch: &Path) -> Row {
    let contestants = UPDATERS.map(|(who, update, check)| {
        let path = if who == "prodev" { Some(prodev.to_owned()) } else { find(who) };
        let place = scratch.join(name).join(who);
        let project: Option<PathBuf> =
            path.as_ref().map(|program| projects::project(&place, files, &Maker { name: who, program }, edition));
        let (words, work) = match edition {
            Edition::Old => (update, project.map(Work::Updates)),
            Edition::Newest => (check, project.map(Work::AnswersOn)),
        };
        Contestant {
            name: who,
            path,
            args: words.iter().map(ToString::to_string).collect(),
            work: work.unwrap_or(Work::Answers),
        }
    });
    Row {
        name,
        what: match edition {
            Edition::Old => format!("a project of {files} files, all of which its template changed, updated"),
            Edition::Newest => format!("the word that a project of {files} files is up to date"),
        },
        runs: if files < 500 { 10 } else { 5 },
        contestants: contestants.into(),
        reach: vec![Reach::Wall(Duration::from_millis(millis))],
    }
}
