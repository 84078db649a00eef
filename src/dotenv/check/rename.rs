//! `--fix --unsafe`: names that get another form, in all files of a folder that speak of them or in none.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::entries::RESERVED;
use super::lint::{Severities, lint};
use super::meaning::around;
use super::mend::{fitting, is_same_but_for};
use super::rules::Rule;
use super::subject::{Edit, Look};
use crate::config::environment::Dialect;
use crate::dotenv::dialect::rules;
use crate::dotenv::evaluate::evaluate_all;
use crate::dotenv::lexer::parse;
use crate::dotenv::syntax::{Document, Quote, Span, Value};

/// How often it is tried which of several names cannot be changed.
const TRIES: usize = 64;

/// A file of the folder.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) look: Look<'a>,
    pub(super) bytes: &'a [u8],
}

/// All that has a say in what a name can be called.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'a> {
    /// Those that are mended.
    pub(super) files: &'a [Source<'a>],
    /// The folder's other .env files, which stay as they are.
    pub(super) others: &'a [Source<'a>],
    /// Where the project reads a name, in its code, scripts, Compose files and recipes: a place for each name that it reads.
    pub(super) readers: &'a HashMap<String, String>,
    /// A file that nobody can look into.
    pub(super) unread: Option<&'a str>,
    pub(super) severities: &'a Severities,
    /// Everybody who reads the files.
    pub(super) dialects: &'a [Dialect],
    pub(super) names: &'a [&'a str],
}

/// Which names get which, and which stay in spite of what the rules say.
#[derive(Debug, Default)]
pub(super) struct Renames {
    names: HashMap<String, Renamed>,
    /// Names that stay, each with the reason.
    pub(super) kept: BTreeMap<String, String>,
}

/// What becomes of a name, and by which rules.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Renamed {
    name: String,
    rules: Vec<Rule>,
}

/// A file in which names were changed.
#[derive(Debug, Default)]
pub(super) struct Changed {
    pub(super) bytes: Vec<u8>,
    /// What the changed names were found by.
    pub(super) rules: Vec<Rule>,
    /// How many references were changed with them.
    pub(super) references: usize,
}

impl Renames {
    /// What can be renamed: where every file then says the same of the new names as it said of the old ones.
    pub(super) fn of(scene: Scene) -> Self {
        let mut renames = Self::default();
        let wanted = wanted(&scene, &mut renames.kept);
        if wanted.is_empty() {
            return renames;
        }
        let inside: Vec<Spoken> = scene.files.iter().map(Spoken::of).collect();
        let outside: Vec<Spoken> = scene.others.iter().map(Spoken::of).collect();
        let mut taken: HashMap<&str, usize> = HashMap::new();
        for renamed in wanted.values() {
            *taken.entry(&renamed.name).or_default() += 1;
        }
        let mut free: Vec<(&String, &Renamed)> = Vec::new();
        for (old, renamed) in &wanted {
            let new = renamed.name.as_str();
            let is_there = |spoken: &Spoken| spoken.has(new);
            let reason = if RESERVED.contains(&new) {
                Some(format!("`{new}` changes how every program behaves"))
            } else if scene.files.iter().any(|file| file.look.config.vars.contains_key(old)) {
                Some("it is declared so".to_owned())
            } else if let Some(place) = scene.readers.get(old) {
                Some(format!("`{place}` reads it by this name: change both by hand"))
            } else if taken[new] > 1 || inside.iter().chain(&outside).any(is_there) {
                Some(format!("`{new}` is there, too"))
            } else if let Some(other) = outside.iter().find(|spoken| spoken.has(old)) {
                Some(format!("`{}` has it, too, and is not to be mended: name that file as well", other.shown))
            } else {
                scene.unread.map(|shown| format!("`{shown}` may have it, too, and cannot be read"))
            };
            match reason {
                Some(reason) => drop(renames.kept.insert(old.clone(), reason)),
                None => free.push((old, renamed)),
            }
        }
        let fits = |chosen: &[(&String, &Renamed)]| {
            let names = chosen.iter().map(|(old, renamed)| ((*old).clone(), (*renamed).clone())).collect();
            let tried = Self { names, kept: BTreeMap::new() };
            scene.files.iter().all(|file| tried.holds(file, scene.dialects))
        };
        let fit = fitting(&free, &mut TRIES.clone(), &fits);
        renames.names = fit.iter().map(|(old, renamed)| ((*old).clone(), (*renamed).clone())).collect();
        for (old, _) in free.iter().filter(|(old, _)| !renames.names.contains_key(*old)) {
            let reason = "what refers to it would not be read alike by everybody afterwards";
            renames.kept.insert((*old).clone(), reason.to_owned());
        }
        renames
    }

    /// The new names.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.values().map(|renamed| renamed.name.as_str())
    }

    /// The file with the new names.
    pub(super) fn changed(&self, source: &[u8], dialect: Dialect) -> Changed {
        if self.names.is_empty() {
            return Changed { bytes: source.to_vec(), ..Changed::default() };
        }
        let document = parse(source, dialect);
        let named = referred(&document, dialect);
        let mut changed = Changed::default();
        let mut edits: Vec<Edit> = Vec::new();
        for entry in document.entries() {
            if let Some(renamed) = self.names.get(&*document.text(&entry.key)) {
                edits.push(Edit { span: entry.key.clone(), text: renamed.name.clone() });
                changed.rules.extend(&renamed.rules);
            }
            let Some(value) = &entry.value else { continue };
            for span in references(&document, value, dialect) {
                let name = document.text(&span);
                // `${a-b}` speaks of `a` for most.
                let whole = || named.iter().find(|name| source[span.start..].starts_with(name.as_bytes()));
                let found = whole().map_or(&*name, String::as_str);
                if let Some(renamed) = self.names.get(found) {
                    edits.push(Edit { span: span.start..span.start + found.len(), text: renamed.name.clone() });
                    changed.references += 1;
                }
            }
        }
        let mut at = 0;
        for edit in edits {
            changed.bytes.extend(&source[at..edit.span.start]);
            changed.bytes.extend(edit.text.as_bytes());
            at = edit.span.end;
        }
        changed.bytes.extend(&source[at..]);
        changed
    }

    /// Whether all read of the changed file what they read of the old one, apart from the names.
    fn holds(&self, file: &Source, dialects: &[Dialect]) -> bool {
        let changed = self.changed(file.bytes, file.look.dialect);
        let named = |name: &str| self.names.get(name).map_or_else(|| name.to_owned(), |renamed| renamed.name.clone());
        is_same_but_for(file.bytes, &changed.bytes, dialects, &named)
    }
}

/// The names that the rules would have otherwise, everywhere where they stand.
fn wanted(scene: &Scene, kept: &mut BTreeMap<String, String>) -> BTreeMap<String, Renamed> {
    let mut found: BTreeMap<String, Vec<Rule>> = BTreeMap::new();
    let mut differing: HashSet<String> = HashSet::new();
    for file in scene.files {
        let (subject, marks, _) = lint(file.bytes, file.look, scene.severities, scene.names);
        let mut rules: HashMap<usize, Vec<Rule>> = HashMap::new();
        for mark in marks.iter().filter(|mark| matches!(mark.rule, Rule::LowercaseKey | Rule::IncorrectDelimiter)) {
            rules.entry(mark.span.start).or_default().push(mark.rule);
        }
        for entry in subject.document.entries() {
            let is_name = subject.is_plain(entry) && !subject.is_dubious(entry);
            let own = rules.remove(&entry.key.start).filter(|_| is_name).unwrap_or_default();
            let key = subject.document.text(&entry.key).into_owned();
            match found.get(&key) {
                Some(known) if *known != own => drop(differing.insert(key)),
                Some(_) => {}
                None => drop(found.insert(key, own)),
            }
        }
    }
    let mut wanted = BTreeMap::new();
    for (old, rules) in found {
        if differing.contains(&old) {
            kept.insert(old, "not each of its lines may be changed".to_owned());
            continue;
        }
        let mut name = old.clone();
        if rules.contains(&Rule::IncorrectDelimiter) {
            name = name.replace(|c: char| !(c.is_ascii_alphanumeric() || c == '_'), "_");
        }
        if rules.contains(&Rule::LowercaseKey) {
            name = name.to_ascii_uppercase();
        }
        if name != old && !name.starts_with(|c: char| c.is_ascii_digit()) {
            wanted.insert(old, Renamed { name, rules });
        }
    }
    wanted
}

/// The names of which a file speaks.
struct Spoken<'a> {
    shown: &'a str,
    names: HashSet<String>,
}

impl<'a> Spoken<'a> {
    fn of(source: &Source<'a>) -> Self {
        let document = parse(source.bytes, source.look.dialect);
        let mut names = referred(&document, source.look.dialect);
        for entry in document.entries() {
            names.insert(document.text(&entry.key).into_owned());
            let spans = entry.value.iter().flat_map(|value| references(&document, value, source.look.dialect));
            names.extend(spans.map(|span| document.text(&span).into_owned()));
        }
        Self { shown: source.look.shown, names }
    }

    fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }
}

/// The names with other characters than letters, digits and `_` that values refer to in this dialect.
fn referred(document: &Document, dialect: Dialect) -> HashSet<String> {
    let nothing = HashMap::new();
    let (reading, _) = evaluate_all(document, dialect, &around(&nothing));
    let references = reading.assignments.into_iter().flat_map(|one| one.references);
    let is_odd = |name: &String| !name.is_empty() && name.contains(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    references.map(|reference| reference.name).filter(is_odd).collect()
}

/// Where a value has the name of a reference, as most dialects read it.
fn references(document: &Document, value: &Value, dialect: Dialect) -> Vec<Span> {
    if value.quote == Quote::Single && !rules(dialect).expand_single {
        return Vec::new();
    }
    let bytes = document.source;
    let mut spans = Vec::new();
    let mut at = value.span.start;
    while at < value.span.end {
        match bytes[at] {
            b'\\' => at += 1,
            b'$' if bytes.get(at + 1) == Some(&b'$') => at += 1,
            b'$' => {
                let start = at + 1 + usize::from(bytes.get(at + 1) == Some(&b'{'));
                let rest = bytes.get(start..value.span.end).unwrap_or_default();
                let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
                if length > 0 {
                    spans.push(start..start + length);
                }
                at = start + length - 1;
            }
            _ => {}
        }
        at += 1;
    }
    spans
}
