//! A file that is about to be changed: locked, read, changed as a draft, held against what every dialect made of it before, and handed on as a step.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use super::cipher::PublicKey;
use super::draft::Draft;
use super::evaluate::{Around, Assignment, Reading, evaluate};
use super::keyfile::KeyFile;
use super::keyring::{self, KEYS_FILE, Keyring, Places};
use super::layers::configured;
use crate::config::environment::{Dialect, Environment};
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, Problem, Spots, fail, nearest};
use crate::plan::original::{Original, Protected};
use crate::plan::{Privacy, Replacement, Step};

/// Which files a command changes.
#[derive(clap::Args, Debug, Clone, Default)]
pub(super) struct FileArgs {
    /// The file; more than one by several of these; `.env` without
    #[arg(short, long = "file", value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    files: Vec<PathBuf>,
    /// The file of a profile, `.env.NAME`
    #[arg(long, value_name = "NAME", conflicts_with = "files")]
    profile: Option<String>,
    /// How prodev reads the file
    #[arg(long, value_name = "DIALECT", hide_possible_values = true)]
    dialect: Option<Dialect>,
    /// Where the private keys are; `.env.keys` beside the file without
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    keys_file: Option<PathBuf>,
    /// Replace a file that is read-only or belongs to somebody else, too
    #[arg(long)]
    force: bool,
}

/// A file under its lock.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) shown: String,
    pub(super) path: PathBuf,
    pub(super) draft: Draft,
    pub(super) environment: Environment,
    /// Everybody who reads the file; prodev itself first.
    pub(super) dialects: Vec<Dialect>,
    original: Original,
    places: Places,
    protected: Protected,
}

impl FileArgs {
    /// The files, absolute and as they are shown.
    pub(super) fn paths(&self, ctx: &Ctx) -> Result<Vec<(PathBuf, String)>, Failure> {
        let names: Vec<PathBuf> = match &self.profile {
            Some(profile) if profile.contains('/') || profile.is_empty() => {
                return Err(fail(format!("`{profile}` cannot be a profile's name"))
                    .exit(Exit::Usage)
                    .hint("name the file with `--file`"));
            }
            Some(profile) => vec![format!(".env.{profile}").into()],
            None if self.files.is_empty() => vec![".env".into()],
            None => self.files.clone(),
        };
        let mut paths: Vec<(PathBuf, String)> = Vec::new();
        for name in names {
            let path = ctx.resolve(&name);
            if !paths.iter().any(|(known, _)| *known == path) {
                paths.push((path, name.display().to_string()));
            }
        }
        Ok(paths)
    }

    /// The one file that is named and `other`, which `flag` names, both under their locks.
    ///
    /// # Errors
    /// As `open_one`, and where both are the same file.
    pub(super) fn open_beside(&self, other: &Path, flag: &str, ctx: &Ctx) -> anyhow::Result<(Store, Store)> {
        let mut paths = self.paths(ctx)?;
        paths.push((ctx.resolve(other), other.display().to_string()));
        let same = |(path, _): &(PathBuf, String)| path.canonicalize().ok();
        if paths.len() != 2 || same(&paths[0]).is_some_and(|path| Some(path) == same(&paths[1])) {
            return Err(fail("two different files are needed")
                .exit(Exit::Usage)
                .hint(format!("name one with `--file`, and the other with `{flag}`"))
                .into());
        }
        let originals = Original::take_all(&paths)?;
        let stores =
            paths.into_iter().zip(originals).map(|((path, shown), original)| self.store(path, shown, original, ctx));
        let mut stores = stores.collect::<Result<Vec<Store>, Failure>>()?.into_iter();
        match (stores.next(), stores.next()) {
            (Some(own), Some(other)) => Ok((own, other)),
            _ => Err(fail("two different files are needed").exit(Exit::Usage).into()),
        }
    }

    /// Locks and reads the files, whether they are there or not.
    ///
    /// # Errors
    /// Where the configuration or a file cannot be read.
    pub(super) fn open(&self, ctx: &Ctx) -> anyhow::Result<Vec<Store>> {
        let paths = self.paths(ctx)?;
        let originals = Original::take_all(&paths)?;
        let stores =
            paths.into_iter().zip(originals).map(|((path, shown), original)| self.store(path, shown, original, ctx));
        Ok(stores.collect::<Result<_, Failure>>()?)
    }

    /// The one file that is named.
    ///
    /// # Errors
    /// As `open`, and where several are named.
    pub(super) fn open_one(&self, ctx: &Ctx) -> anyhow::Result<Store> {
        let mut stores = self.open(ctx)?;
        match (stores.pop(), stores.is_empty()) {
            (Some(store), true) => Ok(store),
            _ => Err(fail("one file at a time").exit(Exit::Usage).hint("give one `--file`").into()),
        }
    }

    /// The same together with the files of keys, each once, all under their locks.
    ///
    /// # Errors
    /// As `open`.
    pub(super) fn open_with_keys(&self, ctx: &Ctx) -> anyhow::Result<(Vec<Store>, Vec<KeyFile>)> {
        let paths = self.paths(ctx)?;
        let mut all = paths.clone();
        for (path, _) in &paths {
            let places = self.places(path, &Environment::default(), ctx);
            if !all[paths.len()..].iter().any(|(known, _)| *known == places.file) {
                all.push((places.file, places.shown));
            }
        }
        let mut originals = Original::take_all(&all)?;
        let keys = originals.split_off(paths.len());
        let keys = all
            .drain(paths.len()..)
            .zip(keys)
            .map(|((path, shown), original)| KeyFile::new(path, shown, original))
            .collect();
        let stores =
            paths.into_iter().zip(originals).map(|((path, shown), original)| self.store(path, shown, original, ctx));
        Ok((stores.collect::<Result<_, Failure>>()?, keys))
    }

    /// Reads the files that are there: those named, else all .env files of the folder.
    ///
    /// # Errors
    /// As `open`.
    pub(super) fn look(&self, ctx: &Ctx) -> anyhow::Result<Vec<Store>> {
        if !self.files.is_empty() || self.profile.is_some() {
            return self.open(ctx);
        }
        let entries = std::fs::read_dir(&ctx.dir).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let mut files: Vec<PathBuf> = names
            .filter(|name| {
                (name == ".env" || name.starts_with(".env.")) && name != KEYS_FILE && ctx.dir.join(name).is_file()
            })
            .map(PathBuf::from)
            .collect();
        files.sort_unstable();
        if files.is_empty() { Ok(Vec::new()) } else { Self { files, ..self.clone() }.open(ctx) }
    }

    pub(super) fn protected(&self) -> Protected {
        if self.force { Protected::Force } else { Protected::Respect }
    }

    fn store(&self, path: PathBuf, shown: String, original: Original, ctx: &Ctx) -> Result<Store, Failure> {
        let (_, environment) = configured(&path, ctx)?;
        let dialect = self.dialect.unwrap_or(environment.dialect);
        let mut dialects = vec![dialect];
        dialects.extend(environment.dialects.iter().copied().filter(|other| *other != dialect));
        let places = self.places(&path, &environment, ctx);
        let protected = self.protected();
        let draft = Draft::new(original.bytes().unwrap_or_default(), dialect);
        Ok(Store { shown, path, draft, environment, dialects, original, places, protected })
    }

    fn places(&self, path: &Path, environment: &Environment, ctx: &Ctx) -> Places {
        Places::of(path, self.keys_file.as_deref(), environment, ctx)
    }
}

impl Store {
    /// Whether there is a file.
    pub(super) fn is_there(&self) -> bool {
        self.original.bytes().is_some()
    }

    /// The dialect that prodev reads the file in.
    pub(super) fn dialect(&self) -> Dialect {
        self.dialects[0]
    }

    /// Whether every dialect could read `draft` in the place of the file.
    ///
    /// # Errors
    /// All places that the first one that cannot finds.
    pub(super) fn check(mut self, draft: Draft) -> Result<(), Failure> {
        self.draft = draft;
        for dialect in &self.dialects {
            read(&self.draft, *dialect).map_err(|problems| self.unreadable(problems, *dialect))?;
        }
        Ok(())
    }

    /// What the file says by itself, references to other files or the environment left empty.
    ///
    /// # Errors
    /// All places that cannot be read.
    pub(super) fn reading(&self) -> Result<Reading, Failure> {
        read(&self.draft, self.dialect()).map_err(|problems| self.unreadable(problems, self.dialect()))
    }

    /// The same of a file that has all of `keys`; `otherwise` is the advice where no name is like the one that it lacks.
    ///
    /// # Errors
    /// As [`Store::reading`], and where a key is not in the file.
    pub(super) fn reading_with(&self, keys: &[String], otherwise: &str) -> Result<Reading, Failure> {
        let reading = self.reading()?;
        let known = || reading.assignments.iter().map(|one| one.key.as_str());
        let Some(missing) = keys.iter().find(|key| !known().any(|name| name == **key)) else { return Ok(reading) };
        let failure = fail(format!("`{missing}` is not in `{}`", self.shown));
        Err(match nearest(missing, known()) {
            Some(name) => failure.hint(format!("did you mean `{name}`?")),
            None => failure.hint(otherwise),
        })
    }

    fn unreadable(&self, problems: Vec<(usize, usize, String)>, dialect: Dialect) -> Failure {
        let source = String::from_utf8_lossy(self.draft.bytes());
        let places = Spots::of(&self.shown, &source);
        // What stands there may be a secret.
        let problem =
            |(start, end, message): (usize, usize, String)| Problem::new(message).at(places.at(&(start..end)).hide());
        let problems: Vec<Problem> = problems.into_iter().map(problem).collect();
        let summary = format!("`{}` cannot be read in the dialect `{}`", self.shown, name_of(dialect));
        Failure::of(summary, problems)
            .hint(format!("mend the file, or name its dialect with `--dialect`; `{}` was used", name_of(dialect)))
    }

    /// The public key, where the file has one: its name and itself.
    pub(super) fn public_key(&self) -> Result<Option<(String, PublicKey)>, Failure> {
        keyring::public_key(&self.draft.document(), &self.path, &self.shown)
    }

    /// The private keys for what is encrypted in the file.
    pub(super) fn keyring(&self) -> Result<Keyring, Failure> {
        keyring::of_file(&self.draft.document(), &self.path, &self.shown, self.places.clone())
    }

    pub(super) fn places(&self) -> &Places {
        &self.places
    }

    /// Holds the draft against what each dialect read before. `touched` may be other than before, and what refers to it.
    ///
    /// # Errors
    /// The first variable that would change besides.
    pub(super) fn verify(&self, touched: &[&str]) -> Result<(), Failure> {
        let before = Draft::new(self.original.bytes().unwrap_or_default(), self.dialect());
        self.verify_since(&before, touched)
    }

    /// The same against an earlier draft.
    ///
    /// # Errors
    /// As `verify`.
    pub(super) fn verify_since(&self, before: &Draft, touched: &[&str]) -> Result<(), Failure> {
        for dialect in &self.dialects {
            let Ok(was) = read(before, *dialect) else {
                // A file that somebody cannot read, nobody can damage for them; prodev itself has read it.
                continue;
            };
            let is = read(&self.draft, *dialect).map_err(|problems| self.unreadable(problems, *dialect))?;
            let touched = dependents(touched, &was.assignments, &is.assignments);
            let (was, is) = (plain(&was, &touched), plain(&is, &touched));
            let differs = |(name, value): &(&str, Option<&str>)| is.get(name) != Some(value);
            let changed = was.iter().map(|(name, value)| (*name, *value)).find(differs).map(|(name, _)| name);
            let changed = changed.or_else(|| is.keys().find(|name| !was.contains_key(*name)).copied());
            if let Some(name) = changed {
                return Err(fail(format!(
                    "`{name}` in `{}` would be read otherwise by `{}` afterwards",
                    self.shown,
                    name_of(*dialect)
                ))
                .hint("put quotes around its value first"));
            }
        }
        Ok(())
    }

    /// The step that makes the draft the file's content; nothing where it is that already.
    ///
    /// # Errors
    /// Where the file is protected.
    pub(super) fn step(&self) -> Result<Option<Step>, Failure> {
        self.step_for(Privacy::Private)
    }

    /// The same, where others may read a file that is new.
    ///
    /// # Errors
    /// As `step`.
    pub(super) fn step_for(&self, privacy: Privacy) -> Result<Option<Step>, Failure> {
        let bytes = self.draft.bytes().to_vec();
        Ok(Replacement::new(&self.original, bytes, privacy, self.protected)?.map(Step::Replace))
    }
}

/// What `draft` says in a dialect, or what cannot be read: where, and why.
pub(super) fn read(draft: &Draft, dialect: Dialect) -> Result<Reading, Vec<(usize, usize, String)>> {
    let document = super::lexer::parse(draft.bytes(), dialect);
    let around = Around { environment: &HashMap::new(), earlier: &IndexMap::new(), overrides: false, seals: None };
    evaluate(&document, dialect, &around)
        .map_err(|troubles| troubles.into_iter().map(|it| (it.span.start, it.span.end, it.message)).collect())
}

/// `names`, and everything that refers to one of them, at whatever remove.
fn dependents(names: &[&str], was: &[Assignment], is: &[Assignment]) -> HashSet<String> {
    let mut all: HashSet<String> = names.iter().map(|name| (*name).to_owned()).collect();
    loop {
        let refers =
            |one: &&Assignment| !all.contains(&one.key) && one.references.iter().any(|it| all.contains(&it.name));
        let more: Vec<String> = was.iter().chain(is).filter(refers).map(|one| one.key.clone()).collect();
        if more.is_empty() {
            return all;
        }
        all.extend(more);
    }
}

fn plain<'a>(reading: &'a Reading, without: &HashSet<String>) -> IndexMap<&'a str, Option<&'a str>> {
    reading.values().into_iter().filter(|(name, _)| !without.contains(*name)).collect()
}

/// A dialect by the name that it has on the command line.
pub(super) fn name_of(dialect: Dialect) -> String {
    serde_json::to_value(dialect).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}
