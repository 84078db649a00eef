//! All files at once: read and judged side by side, and told in order.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::files::{self, Candidate, Unreadable};
use super::lint::{Severities, lint, settle, told};
use super::pardon::Pardons;
use super::portable;
use super::rules::Rule;
use super::settings::{self, Settings};
use super::subject::Look;
use crate::config::environment::{Dialect, Environment};
use crate::config::value::Severity;
use crate::ctx::{self, Ctx};
use crate::dotenv::declared;
use crate::dotenv::layers::{LayerArgs, configured};
use crate::dotenv::lexer::parse;
use crate::dotenv::scan;
use crate::findings::{Finding, Findings, Object};
use crate::git::Contents;

/// Below this many files a second thread costs more than it brings.
const FILES_PER_TASK: usize = 8;

/// A folder with files to check, and what counts in it.
#[derive(Debug)]
pub(super) struct Folder {
    /// Where what is configured for it stands, and whose code is the project's.
    pub(super) root: PathBuf,
    pub(super) config: Environment,
    /// The project's own first.
    pub(super) dialects: Vec<Dialect>,
    pub(super) compared: Vec<Dialect>,
    pub(super) severities: Severities,
    /// Names that a reference in one of its files can find elsewhere.
    pub(super) known: HashSet<String>,
}

/// A file with what is in it.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) candidate: Candidate,
    pub(super) bytes: Result<Vec<u8>, Unreadable>,
}

/// What is asked of all files.
#[derive(Debug, Clone, Copy)]
pub(super) struct Survey<'a> {
    pub(super) settings: &'a Settings,
    pub(super) is_portable: bool,
    /// Whose declarations hold, too, where no file was named: all files together are judged then.
    pub(super) profile: Option<&'a str>,
    pub(super) is_named: bool,
}

/// A file as it was judged.
struct Judged {
    findings: Findings,
    pardons: Pardons,
    /// The lines, from 0, whose names are not told.
    untold: HashSet<usize>,
}

impl Survey<'_> {
    /// Everything that is wrong in these files.
    ///
    /// # Errors
    /// Where the configuration or Git's index cannot be read.
    pub(super) fn all(self, candidates: Vec<Candidate>, ctx: &Ctx) -> anyhow::Result<Findings> {
        let read = read(candidates);
        let folders = folders(&read, self.settings, ctx)?;
        let tracked = Tracked::of(&read, ctx)?;
        let names = settings::other_names();
        let judged: Vec<Judged> = read
            .par_iter()
            .with_min_len(FILES_PER_TASK)
            .map(|file| self.file(file, &folders[parent(&file.candidate.path)], &tracked, &names))
            .collect();
        let mut findings = Findings::default();
        let mut pardons = HashMap::new();
        for (one, file) in judged.into_iter().zip(&read) {
            findings.append(one.findings);
            pardons.insert(file.candidate.shown.as_str(), (one.pardons, one.untold));
        }
        self.declared(&read, &folders, &pardons, ctx, &mut findings)?;
        Ok(findings)
    }

    fn file(&self, file: &Read, folder: &Folder, tracked: &Tracked, names: &[&str]) -> Judged {
        let mut findings = Findings::default();
        let bytes = match &file.bytes {
            Ok(bytes) => bytes,
            Err(Unreadable(reason)) => {
                let object = Object::File(file.candidate.shown.clone());
                let said = format!("it cannot be checked: {reason}");
                let severity = folder.severities.of(Rule::UnreadableFile);
                findings.add(Finding::new(Rule::UnreadableFile.id(), severity, object, said));
                return Judged { findings, pardons: Pardons::default(), untold: HashSet::new() };
            }
        };
        let said = tracked.finding(&file.candidate, bytes, &folder.config);
        if let Some(finding) = said {
            findings.add(self.weighed(finding, folder));
        }
        let look = folder.look(&file.candidate, self.settings);
        let (subject, mut marks, pardons) = lint(bytes, look, &folder.severities, names);
        if self.is_portable && folder.severities.of(Rule::NotPortable) != Severity::Off {
            portable::marks(&subject, &folder.compared, &mut marks);
            settle(&subject, &mut marks, &folder.severities, &pardons);
        }
        findings.append(told(&subject, &marks, &folder.severities));
        let mut untold = HashSet::new();
        if !folder.config.vars.is_empty() {
            let entries =
                subject.document.entries().filter(|entry| subject.is_dubious(entry) || !subject.is_told(entry));
            untold.extend(entries.map(|entry| subject.line_of(entry.span.start)));
        }
        Judged { findings, pardons, untold }
    }

    /// A finding of another room with the severity that it has here.
    fn weighed(&self, finding: Finding, folder: &Folder) -> Finding {
        Finding { severity: self.settings.severity(&finding.rule, finding.severity, &folder.config), ..finding }
    }

    /// What is against the declarations: in all files that count together, and in each other one that is no example.
    fn declared(
        &self,
        read: &[Read],
        folders: &HashMap<&Path, Folder>,
        pardons: &HashMap<&str, (Pardons, HashSet<usize>)>,
        ctx: &Ctx,
        findings: &mut Findings,
    ) -> anyhow::Result<()> {
        let mut found: Vec<Finding> = Vec::new();
        let mut done: HashSet<String> = HashSet::new();
        let (folder, config) = configured(&ctx.dir, ctx)?;
        let dialect = Some(self.settings.dialects(&config)[0]);
        if !self.is_named && !config.vars.is_empty() {
            match LayerArgs::of_profile(self.profile, dialect).without_the_unreadable().read(ctx) {
                Ok(layers) => {
                    // Why they cannot be read is among the findings, in its place.
                    if !layers.unread.is_empty() {
                        let reason = format!("{} cannot be read", crate::error::listed(&layers.unread));
                        findings.skip("what is missing", reason);
                    }
                    done.extend(layers.files.iter().map(|layer| layer.shown.clone()));
                    found.extend(declared::findings(&layers, ctx));
                }
                Err(failure) => findings.skip("the declarations", failure.message),
            }
        }
        for file in read {
            let Candidate { path, shown } = &file.candidate;
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let own = &folders[parent(path)];
            if done.contains(shown) || own.config.vars.is_empty() || file.bytes.is_err() || files::is_example(name) {
                continue;
            }
            match LayerArgs::of_file(path, Some(own.dialects[0])).without_the_unreadable().read_in(path, ctx) {
                Ok(layers) => found.extend(declared::findings_of_part(&layers, ctx)),
                Err(failure) => findings.skip(format!("the declarations for `{shown}`"), failure.message),
            }
        }
        let own = folders.get(folder.as_path());
        for finding in found {
            let (file, line) = match &finding.object {
                Object::Place(place) => (place.file.as_str(), place.line.saturating_sub(1)),
                _ => ("", 0),
            };
            let of_file = pardons.get(file);
            if of_file.is_some_and(|(pardons, _)| pardons.holds(&finding.rule, line)) {
                continue;
            }
            let severity =
                self.settings.severity(&finding.rule, finding.severity, own.map_or(&config, |own| &own.config));
            let finding = if of_file.is_some_and(|(_, untold)| untold.contains(&line)) {
                let what = declared::rules().find(|(rule, _)| *rule == finding.rule).map(|(_, what)| what.to_owned());
                Finding { message: what.unwrap_or_default(), hint: None, ..finding }
            } else {
                finding
            };
            findings.add(Finding { severity, ..finding });
        }
        Ok(())
    }
}

/// Reads files side by side.
pub(super) fn read(candidates: Vec<Candidate>) -> Vec<Read> {
    candidates
        .into_par_iter()
        .with_min_len(FILES_PER_TASK)
        .map(|candidate| Read { bytes: files::read(&candidate.path), candidate })
        .collect()
}

/// The folders that the files are in.
pub(super) fn folders<'a>(
    read: &'a [Read],
    settings: &Settings,
    ctx: &Ctx,
) -> anyhow::Result<HashMap<&'a Path, Folder>> {
    let mut folders: HashMap<&Path, Folder> = HashMap::new();
    let mut around: Option<HashSet<String>> = None;
    let mut by_folder: HashMap<&Path, Vec<&Read>> = HashMap::new();
    for file in read {
        by_folder.entry(parent(&file.candidate.path)).or_default().push(file);
    }
    for (path, files) in by_folder {
        let (root, config) = configured(&files[0].candidate.path, ctx)?;
        let own = || files.iter().copied();
        let mut known = HashSet::new();
        // Whoever refers to nothing need not know what there is.
        if own().any(|one| one.bytes.as_ref().is_ok_and(|bytes| bytes.contains(&b'$'))) {
            known.clone_from(around.get_or_insert_with(environment));
            known.extend(config.vars.keys().cloned());
            known.extend(names(path, own(), &config));
        }
        let (dialects, compared) = (settings.dialects(&config), settings.compared(&config));
        let severities = settings.severities(&config);
        folders.insert(path, Folder { root, config, dialects, compared, severities, known });
    }
    Ok(folders)
}

/// The folder that a file is in.
pub(super) fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

fn environment() -> HashSet<String> {
    ctx::environment().filter_map(|(name, _)| name.into_string().ok()).collect()
}

/// The names that the files of a folder set.
fn names<'a>(folder: &Path, own: impl Iterator<Item = &'a Read>, config: &Environment) -> HashSet<String> {
    let read: HashMap<&Path, &Read> = own.map(|one| (one.candidate.path.as_path(), one)).collect();
    let mut names = HashSet::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if !entry.file_name().to_str().is_some_and(|name| files::is_env_file(name) && !files::is_example(name)) {
            continue;
        }
        let more;
        let bytes = if let Some(one) = read.get(path.as_path()) {
            one.bytes.as_deref().unwrap_or_default()
        } else {
            more = files::read(&path).unwrap_or_default();
            more.as_slice()
        };
        let document = parse(bytes, config.dialect);
        names.extend(document.entries().map(|entry| document.text(&entry.key).into_owned()));
    }
    names
}

impl Folder {
    pub(super) fn look<'a>(&'a self, candidate: &'a Candidate, settings: &Settings) -> Look<'a> {
        let name = candidate.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        Look {
            shown: &candidate.shown,
            dialect: self.dialects[0],
            config: &self.config,
            known: &self.known,
            is_example: files::is_example(name),
            show_secrets: settings.show_secrets,
        }
    }
}

/// Which files Git has.
struct Tracked {
    paths: HashSet<PathBuf>,
    /// Folders without symbolic links on the way.
    folders: HashMap<PathBuf, PathBuf>,
}

impl Tracked {
    fn of(read: &[Read], ctx: &Ctx) -> anyhow::Result<Self> {
        let none = Self { paths: HashSet::new(), folders: HashMap::new() };
        let Some(contents) = Contents::open(&ctx.dir)? else { return Ok(none) };
        let paths: HashSet<PathBuf> = contents
            .tracked()?
            .into_iter()
            .filter(|path| path.rsplit('/').next().is_some_and(|name| name.contains("env")))
            .map(|path| contents.top().join(path))
            .collect();
        if paths.is_empty() {
            return Ok(none);
        }
        let folders: HashSet<&Path> = read.iter().map(|file| parent(&file.candidate.path)).collect();
        let folders =
            folders.into_iter().filter_map(|path| Some((path.to_owned(), path.canonicalize().ok()?))).collect();
        Ok(Self { paths, folders })
    }

    fn finding(&self, candidate: &Candidate, bytes: &[u8], config: &Environment) -> Option<Finding> {
        let folder = self.folders.get(parent(&candidate.path))?;
        let path = folder.join(candidate.path.file_name()?);
        let finding = self.paths.contains(&path).then(|| scan::tracked(&candidate.shown, bytes, &[config]))??;
        (finding.severity != Severity::Off).then_some(finding)
    }
}
