//! All files of a project, and every variable that they speak of.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::reads::{Way, is_loud};
use super::source::{self, Kind};
use crate::config::discover::{self, FILE_NAME};
use crate::config::environment::VariableType;
use crate::config::secrecy;
use crate::ctx::Ctx;
use crate::error::{Failure, Place, fail};

/// Larger files are written by programs.
const LARGEST: u64 = 2 * 1024 * 1024;

/// A comment with this lets the line off.
const PARDON: &str = "prodev:allow";

/// A place that reads a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Seen {
    pub(in super::super) name: String,
    pub(in super::super) file: String,
    pub(in super::super) place: Place,
    pub(in super::super) default: Option<String>,
    /// The code cannot go on without it.
    pub(in super::super) is_needed: bool,
    /// In the tests of the project.
    pub(in super::super) is_test: bool,
    pub(in super::super) is_pardoned: bool,
}

/// What was seen.
#[derive(Debug, Default)]
pub(in super::super) struct Survey {
    pub(in super::super) reads: Vec<Seen>,
    /// Names that the code sets, for itself or for what it starts.
    pub(in super::super) set: HashSet<String>,
    /// What else seems to read one of the names that were known before, in files whose language is not.
    pub(in super::super) mentions: Vec<Seen>,
    /// Everything that may be the name of a variable, in capitals.
    pub(in super::super) words: HashSet<String>,
    pub(in super::super) files: usize,
}

impl Seen {
    pub(in super::super) fn line(&self) -> usize {
        self.place.line
    }
}

impl Survey {
    /// Reads all files below `folder` that Git does not ignore, or those of `paths` alone. Of names that are `known` to be variables it is not
    /// asked how they are spelled.
    ///
    /// # Errors
    /// Where a path is not there.
    pub(in super::super) fn of(
        folder: &Path,
        paths: &[PathBuf],
        known: &HashSet<String>,
        ctx: &Ctx,
    ) -> Result<Self, Failure> {
        let mut files = Vec::new();
        for path in paths {
            let full = ctx.resolve(path);
            if !full.exists() {
                return Err(fail(format!("there is no file or folder `{}`", path.display())).hint("leave it out"));
            }
            files.extend(walk(&full));
        }
        if paths.is_empty() {
            files = walk(folder);
        }
        files.sort_unstable();
        files.dedup();
        let dir = ctx.dir.as_path();
        let look = |path: &PathBuf| file(path, folder, dir, known);
        let surveys: Vec<Self> = files.par_iter().with_min_len(8).filter_map(look).collect();
        let mut all = Self::default();
        for one in surveys {
            all.reads.extend(one.reads);
            all.set.extend(one.set);
            all.mentions.extend(one.mentions);
            all.words.extend(one.words);
            all.files += 1;
        }
        Ok(all)
    }

    /// The variables that are read outside of tests, each with its places.
    pub(in super::super) fn names(&self) -> BTreeMap<&str, Vec<&Seen>> {
        let mut names: BTreeMap<&str, Vec<&Seen>> = BTreeMap::new();
        for seen in self.reads.iter().filter(|seen| !seen.is_test) {
            names.entry(&seen.name).or_default().push(seen);
        }
        names
    }
}

/// The files below `root` that Git does not ignore, without those of folders that have declarations of their own.
fn walk(root: &Path) -> Vec<PathBuf> {
    let top = root.to_owned();
    let walk = ignore::WalkBuilder::new(root)
        .hidden(false)
        .ignore(false)
        .require_git(false)
        .filter_entry(move |entry| {
            let name = entry.file_name();
            let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            let is_left_out = name == ".git" || name == ".prodev" || name == "node_modules";
            !is_left_out && (!is_folder || entry.path() == top || !speaks_for_itself(entry.path()))
        })
        .build();
    let is_file = |entry: &ignore::DirEntry| entry.file_type().is_some_and(|kind| kind.is_file());
    walk.flatten().filter(is_file).map(ignore::DirEntry::into_path).collect()
}

/// Whether a folder has an `[env]` of its own.
fn speaks_for_itself(folder: &Path) -> bool {
    let Ok(text) = std::fs::read_to_string(folder.join(FILE_NAME)) else { return false };
    text.lines().any(|line| line.trim_start().starts_with("[env]") || line.trim_start().starts_with("[env."))
}

fn file(path: &Path, folder: &Path, dir: &Path, known: &HashSet<String>) -> Option<Survey> {
    if path.metadata().ok()?.len() > LARGEST {
        return None;
    }
    let relative = path.strip_prefix(folder).unwrap_or(path);
    let first_line = || {
        use std::io::Read as _;
        let mut start = [0; 128];
        let count = std::fs::File::open(path).and_then(|mut file| file.read(&mut start)).unwrap_or_default();
        String::from_utf8_lossy(&start[..count]).lines().next().unwrap_or_default().to_owned()
    };
    let kind = Kind::of(relative, first_line)?;
    let source = String::from_utf8(std::fs::read(path).ok()?).ok()?;
    let shown = discover::shown(path, dir);
    let mut survey = Survey::default();
    let is_test = source::is_test(relative);
    let mut lines = Lines { source: &source, at: 0, line: 1 };
    let is_configuration = path.file_name().is_some_and(|name| name == FILE_NAME);
    let odd: HashSet<String> = known.iter().filter(|name| !is_loud(name)).cloned().collect();
    if !odd.is_empty() && (kind == Kind::Other || is_configuration) {
        let seen = source::mentions(&source, &odd).into_iter().map(|read| Seen {
            place: lines.place(&shown, read.at, read.name.len()),
            name: read.name,
            file: shown.clone(),
            default: None,
            is_needed: false,
            is_test,
            is_pardoned: false,
        });
        survey.mentions.extend(seen);
    }
    if is_configuration {
        configuration(&source, &mut survey);
        return Some(survey);
    }
    for read in source::reads(kind, &source, known) {
        if read.way == Way::Set {
            survey.set.insert(read.name);
            continue;
        }
        let place = lines.place(&shown, read.at, read.name.len());
        let is_pardoned = place.text.contains(PARDON);
        let is_secret = |default: &String| secrecy::is_secret(&read.name, VariableType::String, default);
        // A default that is a secret stands in that line.
        let place = if read.default.as_ref().is_some_and(is_secret) { place.hide() } else { place };
        survey.reads.push(Seen {
            name: read.name,
            file: shown.clone(),
            place,
            is_needed: read.way == Way::Read && read.default.is_none(),
            default: read.default,
            is_test,
            is_pardoned,
        });
    }
    source::words(kind, &source, |word| {
        // Settings classes spell a variable `database_url`.
        survey.words.insert(word.to_ascii_uppercase());
    });
    Some(survey)
}

/// The words of a `prodev.toml` that use a variable: all but those that declare or describe one.
fn configuration(source: &str, survey: &mut Survey) {
    for line in source.lines().map(str::trim_start) {
        if ["#", "[env.vars.", "doc "].iter().any(|start| line.starts_with(start)) {
            continue;
        }
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let found = line.split(|c: char| !is_word(c)).filter(|word| word.len() > 1);
        survey.words.extend(found.map(str::to_ascii_uppercase));
        // What a recipe sets for what it starts.
        for (at, _) in line.match_indices('=') {
            let name = line[..at].rsplit(|c: char| !is_word(c)).next().unwrap_or_default();
            if is_loud(name) {
                survey.set.insert(name.to_owned());
            }
        }
    }
}

/// Places in the order in which they come, without counting lines from the start for each.
struct Lines<'a> {
    source: &'a str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn place(&mut self, file: &str, at: usize, width: usize) -> Place {
        if at < self.at {
            (self.at, self.line) = (0, 1);
        }
        self.line += self.source[self.at..at].matches('\n').count();
        self.at = at;
        let start = self.source[..at].rfind('\n').map_or(0, |end| end + 1);
        let end = self.source[at..].find('\n').map_or(self.source.len(), |end| at + end);
        let text = self.source[start..end].trim_end_matches('\r');
        // Past a quote, a dollar or a brace, to the name itself.
        Place {
            file: file.to_owned(),
            line: self.line,
            column: self.source[start..at].chars().count() + 1,
            text: text.to_owned(),
            width,
        }
    }
}
