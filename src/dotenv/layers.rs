//! Which files there are, in which order they count, and what all of them say together.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use super::cipher;
use super::commands::Commands;
use super::dialect::rules;
use super::evaluate::{Around, Assignment, Reading, What, evaluate_with};
use super::keyring::{self, Places};
use super::lexer::parse;
use super::mask;
use super::schema;
use super::seals::Seals;
use super::store::name_of;
use super::syntax::Why;
use crate::config::discover;
use crate::config::environment::{Convention, Dialect, Environment, Order};
use crate::ctx::{self, Ctx};
use crate::error::{Exit, Failure, Place, Problem, Spots, fail};

/// What stands for the profile in the names of files.
const PROFILE: &str = "{profile}";

/// Which files are read, and how
#[derive(clap::Args, Debug, Clone, Default)]
pub(super) struct LayerArgs {
    /// Read this file and no others; later ones win
    #[arg(short, long = "file", value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    files: Vec<PathBuf>,
    /// Read the files of a profile, too
    #[arg(long, value_name = "NAME", conflicts_with = "files")]
    profile: Option<String>,
    /// How the files are read: `default`, `compose`, `dotenv`, `dotenv-expand`, `dotenvx`, `python`, `node`, `docker`, `dotenvy`, `direnv` or `sh`
    #[arg(long, value_name = "DIALECT", hide_possible_values = true)]
    dialect: Option<Dialect>,
    /// Let the files win over the environment
    #[arg(long = "override")]
    overrides: bool,
    /// Where the private keys are; `.env.keys` beside each file without
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    keys_file: Option<PathBuf>,
    /// Run the commands of values, `$(…)`, in dialects that have them: dotenvx, dotenv-expand and sh
    #[arg(long)]
    pub(super) allow_commands: bool,
    /// What cannot be read is passed over.
    #[arg(skip)]
    is_lenient: bool,
}

/// A file that was read.
#[derive(Debug)]
pub(super) struct Layer {
    /// As the user would name it.
    pub(super) shown: String,
    path: PathBuf,
    source: Vec<u8>,
    /// Where its lines end.
    line_ends: Vec<usize>,
    /// Which of the seals are its own.
    seals: Range<usize>,
    pub(super) reading: Reading,
}

/// What all files say.
#[derive(Debug)]
pub(super) struct Layers {
    pub(super) files: Vec<Layer>,
    pub(super) dialect: Dialect,
    pub(super) config: Environment,
    /// What prodev was started with.
    pub(super) environment: HashMap<String, String>,
    /// The files win over the environment.
    pub(super) overrides: bool,
    /// The files were named one by one.
    pub(super) is_named: bool,
    /// The declared defaults of what is not set.
    pub(super) defaults: Vec<Assignment>,
    pub(super) profile: Option<String>,
    /// The directory whose declarations hold.
    pub(super) folder: PathBuf,
    /// All files that have a say, whether they are there or not.
    pub(super) watched: Vec<PathBuf>,
    /// Files that cannot be read at all, where that is passed over.
    pub(super) unread: Vec<String>,
    /// What stands where a file cannot be read.
    pub(super) doubtful: Vec<String>,
    keys_file: Option<PathBuf>,
    is_lenient: bool,
    seals: Seals,
}

/// Which values of a name are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// The one that counts.
    Last,
    /// Those that it overrides, too.
    Every,
}

impl LayerArgs {
    /// Reads all files.
    ///
    /// # Errors
    /// Where a file that was named is not there, or cannot be read as the dialect reads it.
    pub(super) fn read(&self, ctx: &Ctx) -> Result<Layers, Failure> {
        self.read_in(&ctx.dir, ctx)
    }

    /// The same, as it is seen from `dir`.
    pub(super) fn read_in(&self, dir: &Path, ctx: &Ctx) -> Result<Layers, Failure> {
        let (folder, config) = configured(dir, ctx)?;
        let dialect = self.dialect.unwrap_or(config.dialect);
        if self.allow_commands && !rules(dialect).commands {
            return Err(fail(format!("files read as `{}` have no commands that could be allowed", name_of(dialect)))
                .exit(Exit::Usage)
                .hint("leave `--allow-commands` out, or name a dialect that has them: `--dialect dotenvx`, `dotenv-expand` or `sh`"));
        }
        let mut chosen = None;
        let mut watched = Vec::new();
        let paths = if self.files.is_empty() {
            let profile = self.profile(&config)?;
            chosen.clone_from(&profile);
            let names = names(&config.order, profile.as_deref());
            watched.extend(names.iter().map(|name| folder.join(name)));
            let paths: Vec<PathBuf> = watched.iter().filter(|path| path.is_file()).cloned().collect();
            if let Some(profile) = profile.filter(|_| self.profile.is_some())
                && !paths.iter().any(|path| path.to_string_lossy().contains(&profile))
            {
                ctx.ui.warn(&format!("there is no file for the profile `{profile}`"));
            }
            paths
        } else {
            watched.extend(self.files.iter().map(|file| ctx.resolve(file)));
            watched.clone()
        };
        watched.extend(ctx.config()?.files.iter().map(|file| file.path.clone()));
        watched.extend(schema::paths(&config, &folder));
        let mut layers = Layers {
            files: Vec::new(),
            dialect,
            overrides: self.overrides || config.overrides,
            config,
            environment: ctx::environment()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
            is_named: !self.files.is_empty(),
            defaults: Vec::new(),
            profile: chosen,
            folder,
            watched,
            unread: Vec::new(),
            doubtful: Vec::new(),
            keys_file: self.keys_file.clone(),
            is_lenient: self.is_lenient,
            seals: Seals::default(),
        };
        let commands = self.allow_commands.then_some(Commands { dir: &ctx.dir });
        for path in paths {
            match source(&path, ctx) {
                Ok(source) => layers.add(path, source, commands, ctx)?,
                Err(_) if self.is_lenient => layers.unread.push(discover::shown(&path, &ctx.dir)),
                Err(failure) => return Err(failure),
            }
        }
        layers.complete()?;
        let of_files = layers.files.iter().flat_map(|layer| &layer.reading.assignments);
        let made = mask::made_of_secrets(of_files.chain(&layers.defaults), &layers.config);
        layers.config.made_of_secrets = made;
        Ok(layers)
    }

    fn profile(&self, config: &Environment) -> Result<Option<String>, Failure> {
        let profile =
            self.profile.clone().or_else(|| ctx::variable("PRODEV_PROFILE")).or_else(|| config.profile.clone());
        if let Some(wrong) = profile.as_ref().filter(|name| name.is_empty() || name.contains(['/', '\0'])) {
            return Err(fail(format!("`{wrong}` cannot be a profile's name"))
                .exit(Exit::Usage)
                .hint("name it as in `.env.NAME`: `--profile production`"));
        }
        Ok(profile)
    }
}

/// A file's bytes.
pub(super) fn source(path: &Path, ctx: &Ctx) -> Result<Vec<u8>, Failure> {
    let shown = discover::shown(path, &ctx.dir);
    std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => fail(format!("there is no file `{shown}`")).hint("name another with `-f FILE`"),
        _ => fail(format!("cannot read `{shown}`")).cause(error.to_string()),
    })
}

/// The directory whose files count, and what is configured for a file or directory: by the nearest `prodev.toml` on the way to it that speaks of
/// .env files.
pub(super) fn configured(path: &Path, ctx: &Ctx) -> Result<(PathBuf, Environment), Failure> {
    let project = ctx.config()?;
    let speaking = project.files.iter().filter_map(|file| Some((file.path.parent()?, file.part.env.as_ref()?)));
    let around = speaking.filter(|(folder, _)| path.starts_with(folder));
    let nearest = around.max_by_key(|(folder, _)| folder.components().count());
    let (folder, mut environment) = nearest.map_or_else(
        || (project.dir.clone(), Environment::default()),
        |(folder, environment)| (folder.to_owned(), environment.clone()),
    );
    schema::extend(&mut environment, &folder, ctx)?;
    Ok((folder, environment))
}

/// The files of an order, the one that wins last.
fn names(order: &Order, profile: Option<&str>) -> Vec<String> {
    let names: Vec<&str> = match order {
        Order::Files(files) => files.iter().map(String::as_str).collect(),
        Order::Convention(Convention::Default | Convention::Vite) => {
            vec![".env", ".env.local", ".env.{profile}", ".env.{profile}.local"]
        }
        // Both leave the local file out in tests, so that everybody's tests see the same.
        Order::Convention(Convention::Nextjs) if profile == Some("test") => {
            vec![".env", ".env.{profile}", ".env.{profile}.local"]
        }
        Order::Convention(Convention::Nextjs) => vec![".env", ".env.{profile}", ".env.local", ".env.{profile}.local"],
        Order::Convention(Convention::Flow) if profile == Some("test") => {
            vec![".env.defaults", ".env", ".env.{profile}", ".env.{profile}.local"]
        }
        Order::Convention(Convention::Flow) => {
            vec![".env.defaults", ".env", ".env.local", ".env.{profile}", ".env.{profile}.local"]
        }
        Order::Convention(Convention::Compose) => vec![".env"],
    };
    names
        .into_iter()
        .filter_map(|name| match profile {
            Some(profile) => Some(name.replace(PROFILE, profile)),
            None => (!name.contains(PROFILE)).then(|| name.to_owned()),
        })
        .collect()
}

impl Layers {
    /// Reads one more file, which sees what the others have set.
    fn add(&mut self, path: PathBuf, source: Vec<u8>, commands: Option<Commands>, ctx: &Ctx) -> Result<(), Failure> {
        let shown = discover::shown(&path, &ctx.dir);
        let first = self.seals.len();
        let mut earlier = IndexMap::new();
        for layer in &self.files {
            let values = layer.reading.values();
            earlier.extend(values.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned()))));
        }
        let around = Around {
            environment: &self.environment,
            earlier: &earlier,
            overrides: self.overrides,
            seals: Some(&self.seals),
        };
        let document = parse(&source, self.dialect);
        let (reading, troubles) = evaluate_with(&document, self.dialect, &around, commands);
        if self.is_lenient {
            let doubtful = document.items_in_doubt(&troubles.iter().map(|one| one.span.clone()).collect::<Vec<_>>());
            self.doubtful.extend(doubtful);
        } else if !troubles.is_empty() {
            let text = String::from_utf8_lossy(&source);
            let places = Spots::of(&shown, &text);
            let problems = troubles.into_iter().map(|trouble| {
                // The line may hold a secret, so that only its place is told.
                let place = places.at(&trouble.span).hide();
                Problem { message: trouble.message, place: Some(place), hint: hint(&trouble.what) }
            });
            return Err(Failure::of(format!("`{shown}` cannot be read"), problems.collect()));
        }
        let line_ends = source.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at).collect();
        let seals = first..self.seals.len();
        self.files.push(Layer { shown, path, source, line_ends, seals, reading });
        Ok(())
    }

    /// Makes the declared defaults of what nobody sets.
    fn complete(&mut self) -> Result<(), Failure> {
        if self.config.vars.values().all(|variable| variable.default.is_none()) {
            return Ok(());
        }
        let files = self.files.iter().flat_map(|layer| layer.reading.values());
        let of_files: HashMap<&str, &str> = files.filter_map(|(name, value)| Some((name, value?))).collect();
        let of_environment = self.environment.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let set: HashMap<&str, &str> = if self.overrides {
            of_environment.chain(of_files).collect()
        } else {
            of_files.into_iter().chain(of_environment).collect()
        };
        self.defaults = schema::defaults(&self.config, &set).map_err(|problems| {
            let failure = Failure::of("not all declared defaults can be read", problems).exit(Exit::Usage);
            failure.hint("a `$` in a default refers to another variable; write `$$` for a dollar")
        })?;
        Ok(())
    }

    /// Decrypts what is asked for: the values that count, or with `Which::Every` those that are overridden, too, and what they were made of.
    /// Others stay ciphertext, and must not be shown.
    ///
    /// # Errors
    /// Exit 5 where a key is missing or wrong.
    pub(super) fn reveal(&mut self, which: Which, is_asked: &dyn Fn(&str) -> bool, ctx: &Ctx) -> Result<(), Failure> {
        let mut asked: IndexMap<(&str, usize), &str> = IndexMap::new();
        let wins = |name: &str| !self.overrides && !self.is_named && self.environment.contains_key(name);
        let assignments = self.files.iter().flat_map(|layer| &layer.reading.assignments);
        for (index, one) in assignments.enumerate().filter(|(_, one)| is_asked(&one.key)) {
            let (place, value) = match which {
                Which::Every => (index, one.value.as_deref()),
                Which::Last => (0, one.value.as_deref().filter(|_| !wins(&one.key))),
            };
            asked.insert((&one.key, place), value.unwrap_or_default());
        }
        for one in self.defaults.iter().filter(|one| is_asked(&one.key)) {
            asked.insert((&one.key, usize::MAX), one.value.as_deref().unwrap_or_default());
        }
        let numbers: BTreeSet<usize> = asked.values().flat_map(|value| self.seals.numbers(value)).collect();
        let plain = self.decrypt(&numbers, ctx)?;
        let files = self.files.iter_mut().flat_map(|layer| &mut layer.reading.assignments);
        for value in files.chain(&mut self.defaults).filter_map(|one| one.value.as_mut()) {
            if self.seals.is_in(value) {
                *value = self.seals.open(value, &plain);
            }
        }
        let variables = self.variables();
        let mut left = variables.values().filter(|one| is_asked(one.name));
        match left.find(|one| one.value.is_some_and(cipher::is_encrypted)) {
            None => Ok(()),
            Some(one) => Err(fail(format!("`{}` is still encrypted", one.name))
                .cause("its value comes from the environment, or was encrypted twice")
                .exit(Exit::Key)
                .hint("take it out of the environment, or set it again")),
        }
    }

    /// Whether something of a value is still to be decrypted.
    pub(super) fn is_sealed(&self, value: &str) -> bool {
        self.seals.is_in(value)
    }

    /// The plain texts of some encrypted values.
    fn decrypt(&self, numbers: &BTreeSet<usize>, ctx: &Ctx) -> Result<HashMap<usize, String>, Failure> {
        let mut plain = HashMap::new();
        for layer in &self.files {
            let own: Vec<_> = numbers
                .range(layer.seals.clone())
                .filter_map(|number| Some((*number, self.seals.get(*number)?)))
                .collect();
            if own.is_empty() {
                continue;
            }
            let (_, environment) = configured(&layer.path, ctx)?;
            let places = Places::of(&layer.path, self.keys_file.as_deref(), &environment, ctx);
            let document = parse(&layer.source, self.dialect);
            let keyring = keyring::of_file(&document, &layer.path, &layer.shown, places)?;
            let values: Vec<(&str, &str)> =
                own.iter().map(|(_, sealed)| (sealed.key.as_str(), sealed.ciphertext.as_str())).collect();
            for ((number, sealed), bytes) in own.iter().zip(keyring.decrypt_all(&values)?) {
                let text = String::from_utf8(bytes).map_err(|_| {
                    fail(format!("`{}` is no text", sealed.key)).exit(Exit::Key).hint("leave it out, or set it again")
                })?;
                plain.insert(*number, text);
            }
        }
        Ok(plain)
    }
}

impl Layer {
    /// The place of a span. The line may hold a secret, so that it is not shown.
    pub(super) fn place(&self, span: &Range<usize>) -> Place {
        let line = self.line_ends.partition_point(|end| *end < span.start);
        let start = line.checked_sub(1).map_or(0, |before| self.line_ends[before] + 1);
        let before = String::from_utf8_lossy(&self.source[start..span.start]);
        Place {
            file: self.shown.clone(),
            line: line + 1,
            column: before.chars().count() + 1,
            text: String::new(),
            width: 0,
        }
    }

    /// The line of an assignment, counted from one.
    pub(super) fn line(&self, assignment: &Assignment) -> usize {
        self.line_ends.partition_point(|end| *end < assignment.span.start) + 1
    }
}

fn hint(what: &What) -> Option<String> {
    let hint = match what {
        What::Line(Why::Colon) => "write `=`, or a blank after the colon",
        What::Line(Why::AfterQuote) => "put all of the value into the quotes, or a `#` before what is a comment",
        What::Line(Why::Unterminated) => "close the quote",
        What::Line(Why::NoSeparator | Why::Line | Why::KeyBlank) => "write `NAME=value`, or put a `#` in front",
        What::Line(Why::Key) => "rename it, or read the file as its own tool does with `--dialect NAME`",
        What::Value(super::expand::Fault::Malformed) => "put the value into single quotes, or write `$$` for a dollar",
        What::Value(super::expand::Fault::Command) => {
            "give the result instead, or run it: `prodev env run --allow-commands -- COMMAND`"
        }
        What::Value(super::expand::Fault::Failed(_)) => "run it by itself, and see what it says",
        _ => return None,
    };
    Some(hint.to_owned())
}

impl LayerArgs {
    /// What a recipe wants: the files of a profile, or these alone.
    pub(super) fn of_recipe(profile: Option<&str>, files: Vec<PathBuf>, overrides: bool) -> Self {
        Self { files, profile: profile.map(str::to_owned), overrides, ..Self::default() }
    }

    /// The files that are read in `dir`, whether they are there or not.
    ///
    /// # Errors
    /// Where the configuration cannot be read.
    pub(super) fn paths_in(&self, dir: &Path, ctx: &Ctx) -> Result<Vec<PathBuf>, Failure> {
        let (folder, config) = configured(dir, ctx)?;
        let names =
            if self.files.is_empty() { names(&config.order, self.profile(&config)?.as_deref()) } else { Vec::new() };
        let files = self.files.iter().map(|file| ctx.resolve(file));
        Ok(names.iter().map(|name| folder.join(name)).chain(files).chain(schema::paths(&config, &folder)).collect())
    }

    /// All files of a profile.
    pub(super) fn of_profile(profile: Option<&str>, dialect: Option<Dialect>) -> Self {
        Self { profile: profile.map(str::to_owned), dialect, ..Self::default() }
    }

    /// One file alone.
    pub(super) fn of_file(file: &Path, dialect: Option<Dialect>) -> Self {
        Self { files: vec![file.to_owned()], dialect, ..Self::default() }
    }

    /// The same, without what cannot be read of the files.
    pub(super) fn without_the_unreadable(self) -> Self {
        Self { is_lenient: true, ..self }
    }

    /// The same, with the private keys in this file.
    pub(super) fn with_keys(self, keys_file: Option<PathBuf>) -> Self {
        Self { keys_file, ..self }
    }
}
