//! One step started: its program found, its text written to a file, its environment made.

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;

use rustix::process::Pid;

use super::jobserver::VARIABLE;
use super::locks::HELD;
use crate::config::variable::{EnvironmentValue, Variable};
use crate::ctx;
use crate::error::Failure;
use crate::git;
use crate::plan::processes::MARK;
use crate::recipe::Loaded;
use crate::recipe::call::Value;
use crate::recipe::layered::Layered;
use crate::recipe::reference;
use crate::recipe::scope::Scope;
use crate::recipe::script::{self, Program, Step};
use crate::recipe::shell::{Shell, Way};
use crate::ui::Secrets;

/// What all steps of a run share.
pub(super) struct Stage<'a> {
    /// The environment that prodev was started with, without what points a `git` elsewhere.
    environment: Vec<(OsString, OsString)>,
    path: OsString,
    found: RefCell<HashMap<String, PathBuf>>,
    scratch: OnceCell<tempfile::TempDir>,
    scripts: std::cell::Cell<usize>,
    invocation_dir: PathBuf,
    layered: &'a Layered<'a>,
    pub(super) secrets: RefCell<Secrets>,
    /// Secrets that are too short to be hidden, and that nobody was told of yet.
    pub(super) unhidden: RefCell<Vec<String>>,
    told: RefCell<HashSet<String>>,
    /// Where the jobserver is, for recipes that ask for it.
    pub(super) jobserver: RefCell<Option<String>>,
    /// What the step's job holds.
    pub(super) locks: RefCell<String>,
}

/// Why a step could not be started.
#[derive(Debug)]
pub(super) struct NotStarted {
    pub(super) code: u8,
    pub(super) message: String,
}

/// Where a step's streams go.
pub(super) struct Streams {
    pub(super) stdin: Stdio,
    pub(super) stdout: Stdio,
    pub(super) stderr: Stdio,
}

/// A step that runs.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) pid: Pid,
    /// Where its shell writes the line that failed, where it can.
    pub(super) line_file: Option<PathBuf>,
    pub(super) script: Option<PathBuf>,
}

impl<'a> Stage<'a> {
    pub(super) fn new(invocation_dir: &Path, layered: &'a Layered<'a>) -> Self {
        let environment: Vec<(OsString, OsString)> = ctx::environment()
            .filter(|(name, _)| !git::shell::LOCAL_VARIABLES.iter().any(|local| name == local) && name != MARK)
            .collect();
        // Known from the start: whether output must pass through prodev hangs on there being any.
        let mut secrets = Secrets::default();
        for secret in layered.secrets() {
            secrets.add(&secret);
        }
        let path = environment.iter().find(|(name, _)| name == "PATH").map(|(_, value)| value.clone());
        Self {
            environment,
            path: path.unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into()),
            found: RefCell::default(),
            scratch: OnceCell::new(),
            scripts: std::cell::Cell::new(0),
            invocation_dir: invocation_dir.to_owned(),
            layered,
            secrets: RefCell::new(secrets),
            unhidden: RefCell::default(),
            told: RefCell::default(),
            jobserver: RefCell::default(),
            locks: RefCell::default(),
        }
    }

    /// Starts a step.
    ///
    /// # Errors
    /// With the code that a shell would end with: 126 and 127; 122 where the environment cannot be made.
    pub(super) fn start(
        &self,
        scope: &Scope,
        step: &Step,
        mark: &str,
        streams: Streams,
    ) -> Result<Started, NotStarted> {
        let dir = Self::dir(scope, step)?;
        let added = self.added(scope, step, mark)?;
        let mut line_file = None;
        let mut script = None;
        let words = match &step.program {
            Program::Words(words) => words.clone(),
            Program::File { path, shell, arguments } => {
                let mut words = shell.as_ref().map(|shell| shell.words.clone()).unwrap_or_default();
                words.push(path.to_string_lossy().into_owned());
                words.extend(arguments.iter().cloned());
                words
            }
            Program::Text { shell, text, arguments } => {
                let (words, file, lines) = self.prepare(shell, text, arguments)?;
                (script, line_file) = (file, lines);
                words
            }
        };
        let Some((program, arguments)) = words.split_first() else {
            return Err(NotStarted { code: 127, message: "there is no program to run".to_owned() });
        };
        let own_path = added.iter().find(|(name, _)| name == "PATH").map(|(_, value)| value.as_str());
        let found = self.find(program, &dir, own_path)?;
        let child = command(&found)
            .args(arguments)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .envs(added.iter().map(|(name, value)| (name, value)))
            .current_dir(&dir)
            .stdin(streams.stdin)
            .stdout(streams.stdout)
            .stderr(streams.stderr)
            .spawn();
        match child {
            Ok(child) => {
                let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
                let pid = pid.ok_or(NotStarted { code: 126, message: "the process has no number".to_owned() })?;
                Ok(Started { pid, line_file, script })
            }
            Err(error) => Err(not_started(program, &dir, &error)),
        }
    }

    fn dir(scope: &Scope, step: &Step) -> Result<PathBuf, NotStarted> {
        let mut dir = scope.entry.home();
        if let Some(own) = &scope.entry.recipe.dir {
            dir.push(scope.expand(own).map_err(|failure| unknown(&failure))?);
        }
        if let Some(own) = &step.dir {
            dir.push(own);
        }
        Ok(dir)
    }

    /// What a step's environment has beside that of prodev.
    fn added(&self, scope: &Scope, step: &Step, mark: &str) -> Result<Vec<(String, String)>, NotStarted> {
        let failed = |failure: Failure| unknown(&failure);
        let mut added = self.layered(scope).map_err(failed)?.variables.clone();
        for (name, declared) in scope.catalog.variables(&scope.entry.file.namespace) {
            let is_seen = scope.entry.recipe.vars != Some(false) && !scope.variables.is_costly(name, declared);
            if !is_seen && !Self::mentions(scope, step, name) {
                continue;
            }
            let value = scope.variables.value(name, declared).map_err(failed)?;
            if matches!(declared.variable, Variable::Full(full) if full.secret) {
                self.hide(name, &value);
            }
            added.push((name.to_owned(), value));
        }
        for (name, value) in &scope.entry.recipe.env {
            if let Some(text) = self.own_value(scope, name, value)? {
                added.push((name.clone(), text));
            }
        }
        added.extend(scope.own_environment());
        if let Program::Text { .. } = step.program {
            let many = scope
                .values
                .iter()
                .filter_map(|value| if let Value::Many(values) = value { Some(values) } else { None });
            added.extend(many.flatten().enumerate().map(|(at, value)| (script::item(at + 1), value.clone())));
        }
        added.extend(step.env.iter().cloned());
        for (param, value) in scope.entry.params.iter().zip(scope.values).filter(|(param, _)| param.secret) {
            if let Value::One(value) = value {
                self.hide(&param.name, value);
            }
        }
        added.push(("PRODEV_INVOCATION_DIR".to_owned(), self.invocation_dir.to_string_lossy().into_owned()));
        added.push((MARK.to_owned(), mark.to_owned()));
        if let Some(flags) = self.jobserver.borrow().as_ref().filter(|_| scope.entry.recipe.jobserver) {
            added.push((VARIABLE.to_owned(), flags.clone()));
        }
        let locks = self.locks.borrow();
        if !locks.is_empty() {
            added.push((HELD.to_owned(), locks.clone()));
        }
        Ok(added)
    }

    /// Gets to know the secrets of a step before it is started.
    pub(super) fn learn(&self, scope: &Scope, step: &Step) {
        let is_secret = |declared: &Variable| matches!(declared, Variable::Full(full) if full.secret);
        let declared = scope.catalog.variables(&scope.entry.file.namespace);
        let has_secrets = scope.entry.params.iter().any(|param| param.secret)
            || scope.entry.recipe.env.values().any(|it| matches!(it, EnvironmentValue::Full(full) if full.secret))
            || declared.iter().any(|(_, it)| is_secret(it.variable));
        if has_secrets {
            // What is wrong with it is told when it is started.
            let _ = self.added(scope, step, "");
        }
    }

    /// Keeps a value out of all output.
    fn hide(&self, name: &str, value: &str) {
        if !self.secrets.borrow_mut().add(value) && self.told.borrow_mut().insert(name.to_owned()) {
            self.unhidden.borrow_mut().push(name.to_owned());
        }
    }

    pub(super) fn own_value(
        &self,
        scope: &Scope,
        name: &str,
        value: &EnvironmentValue,
    ) -> Result<Option<String>, NotStarted> {
        let failed = |failure: Failure| unknown(&failure);
        match value {
            EnvironmentValue::Plain(value) => scope.expand(&value.to_string()).map(Some).map_err(failed),
            EnvironmentValue::Full(full) => {
                let layered = self.layered(scope).map_err(failed)?;
                let of = |name: &str| layered.get(name).map(str::to_owned).or_else(|| ctx::variable(name));
                let found = match (&full.value, full.from.as_deref().and_then(of)) {
                    (Some(value), _) => Some(scope.expand(&value.to_string()).map_err(failed)?),
                    (None, Some(found)) => Some(found),
                    (None, None) => match &full.default {
                        Some(default) => Some(scope.expand(&default.to_string()).map_err(failed)?),
                        None => None,
                    },
                };
                match found {
                    Some(text) => {
                        if full.secret {
                            self.hide(name, &text);
                        }
                        Ok(Some(text))
                    }
                    None => Err(NotStarted {
                        code: crate::error::ENVIRONMENT,
                        message: format!(
                            "`{name}` is taken from `{}`, which is not set",
                            full.from.as_deref().unwrap_or_default()
                        ),
                    }),
                }
            }
        }
    }

    /// The .env layers of a recipe.
    fn layered(&self, scope: &Scope) -> Result<Rc<Loaded>, Failure> {
        let loaded = self.layered.of(scope.entry, scope.catalog)?;
        for secret in &loaded.secrets {
            self.secrets.borrow_mut().add(secret);
        }
        Ok(loaded)
    }

    /// Whether a variable is spoken of that a recipe does not see anyway: it costs a program to find out, or the recipe wants no others.
    pub(super) fn mentions(scope: &Scope, step: &Step, name: &str) -> bool {
        let is_in = |text: &str| {
            text.match_indices(name).any(|(at, _)| {
                let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
                !text[..at].chars().next_back().is_some_and(is_word)
                    && !text[at + name.len()..].chars().next().is_some_and(is_word)
            })
        };
        (match &step.program {
            Program::Text { text, .. } => is_in(text),
            Program::File { path, .. } => fs::read_to_string(path).is_ok_and(|text| is_in(&text)),
            Program::Words(_) => false,
        }) || step.env.iter().any(|(_, value)| reference::references(value).iter().any(|it| it.name == name))
            || scope.entry.recipe.env.contains_key(name)
    }

    /// The words that run a text: its shell and its file, and where the shell can tell it, a place for the line that fails.
    fn prepare(&self, shell: &Shell, text: &str, arguments: &[String]) -> Result<Prepared, NotStarted> {
        let mut words = shell.words.clone();
        let at = match shell.way() {
            Way::Word => {
                words.push(text.to_owned());
                words.push(shell.name().to_owned());
                words.extend(arguments.iter().cloned());
                return Ok((words, None, None));
            }
            Way::File(at) => at,
        };
        let wrong = |error: std::io::Error| NotStarted {
            code: 126,
            message: format!("its text could not be written: {error}"),
        };
        let folder = if let Some(folder) = self.scratch.get() {
            folder
        } else {
            let folder = tempfile::Builder::new().prefix("prodev-run-").tempdir().map_err(wrong)?;
            self.scratch.get_or_init(|| folder)
        };
        let number = self.scripts.replace(self.scripts.get() + 1);
        let path = folder.path().join(format!("{number}{}", shell.extension()));
        let line_file =
            (shell.name() == "bash" && !has_trap(text)).then(|| folder.path().join(format!("{number}.line")));
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(wrong)?;
        if let Some(lines) = &line_file {
            // In front of the first line, so that the others keep their numbers. The path holds no quotes: it is a temporary one.
            write!(file, "set -E; trap 'printf %s \"$LINENO\" >\"{}\"' ERR; ", lines.display()).map_err(wrong)?;
        }
        file.write_all(text.as_bytes()).map_err(wrong)?;
        let shown = path.to_string_lossy().into_owned();
        if at < words.len() {
            words[at] = shown;
        } else {
            words.push(shown);
        }
        words.extend(arguments.iter().cloned());
        Ok((words, Some(path), line_file))
    }

    /// Where a program is.
    fn find(&self, program: &str, dir: &Path, own_path: Option<&str>) -> Result<PathBuf, NotStarted> {
        if program.contains('/') {
            return Ok(dir.join(program));
        }
        if let Some(found) = self.found.borrow().get(program).filter(|_| own_path.is_none()) {
            return Ok(found.clone());
        }
        let path = own_path.map_or_else(|| self.path.clone(), OsString::from);
        let mut candidates = std::env::split_paths(&path).map(|folder| dir.join(folder).join(program));
        match candidates.find(|path| script::is_executable(path)) {
            Some(found) => {
                if own_path.is_none() && found.is_absolute() {
                    self.found.borrow_mut().insert(program.to_owned(), found.clone());
                }
                Ok(found)
            }
            None => Err(NotStarted { code: 127, message: format!("there is no program `{program}` on `PATH`") }),
        }
    }
}

/// The words, the file of the text, and the file for the line that fails.
type Prepared = (Vec<String>, Option<PathBuf>, Option<PathBuf>);

/// Whether a script minds its own errors.
fn has_trap(text: &str) -> bool {
    text.lines().any(|line| line.contains("trap") && line.contains("ERR"))
}

fn unknown(failure: &Failure) -> NotStarted {
    let cause = failure.cause.as_deref().map(|cause| format!(": {cause}")).unwrap_or_default();
    NotStarted { code: failure.exit.beside_a_child(), message: format!("{}{cause}", failure.message) }
}

fn not_started(program: &str, dir: &Path, error: &std::io::Error) -> NotStarted {
    if !dir.is_dir() {
        return NotStarted { code: 126, message: format!("there is no directory `{}`", dir.display()) };
    }
    match error.kind() {
        ErrorKind::NotFound => NotStarted { code: 127, message: format!("there is no program `{program}`") },
        ErrorKind::ArgumentListTooLong => NotStarted {
            code: 126,
            message: format!("the arguments of `{program}` are longer than the system allows; put them into a file"),
        },
        _ => NotStarted { code: 126, message: format!("`{program}` could not be started: {error}") },
    }
}

#[allow(clippy::disallowed_methods, reason = "recipes start programs: that is what they are for")]
fn command(program: &Path) -> Command {
    Command::new(program)
}
