//! `[vars]`: found out when they are first used, and once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Stdio};

use super::catalog::{Catalog, Declared};
use crate::config::value::Command as Source;
use crate::config::variable::Variable;
use crate::ctx;
use crate::error::{ENVIRONMENT, Exit, Failure, fail, nearest};

/// The values of variables, as far as they are known.
#[derive(Debug, Default)]
pub(super) struct Variables {
    /// `--set`.
    given: HashMap<String, String>,
    /// By the namespace that declares them, and the name.
    known: RefCell<HashMap<(String, String), String>>,
    mode: Mode,
}

/// Whether programs may be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Mode {
    /// To find values out.
    #[default]
    Run,
    /// Nothing is run: such a variable stands for itself.
    Name,
    /// Nothing of this machine is looked at, its environment neither.
    Export,
}

impl Variables {
    /// With `NAME=VALUE`s from the command line.
    ///
    /// # Errors
    /// Where one is none, or names a variable that nobody declares (exit 2).
    pub(super) fn new(given: &[String], catalog: &Catalog, mode: Mode) -> Result<Self, Failure> {
        let known = || catalog.project.files.iter().flat_map(|file| file.part.vars.keys().map(String::as_str));
        let mut values = HashMap::new();
        for text in given {
            let Some((name, value)) = text.split_once('=') else {
                return Err(fail(format!("`--set {text}` has no value"))
                    .exit(Exit::Usage)
                    .hint("write `--set NAME=VALUE`"));
            };
            if !known().any(|known| known == name) {
                let failure = fail(format!("there is no variable `{name}`")).exit(Exit::Usage);
                return Err(match nearest(name, known()) {
                    Some(near) => failure.hint(format!("did you mean `{near}`?")),
                    None => failure.hint("`[vars]` of prodev.toml declares variables"),
                });
            }
            if mode == Mode::Export && is_secret(name, catalog) {
                return Err(fail(format!("`{name}` is a secret, which no workflow may hold"))
                    .exit(Exit::Usage)
                    .hint(format!("leave out `--set {name}`: the jobs take it from where they run")));
            }
            values.insert(name.to_owned(), value.to_owned());
        }
        Ok(Self { given: values, known: RefCell::default(), mode })
    }

    /// The value of a variable.
    ///
    /// # Errors
    /// Where the program that prints it fails, or the environment does not have it (exit 122).
    pub(super) fn value(&self, name: &str, declared: Declared) -> Result<String, Failure> {
        if let Some(value) = self.given.get(name) {
            return Ok(value.clone());
        }
        if self.is_dynamic(name, declared) {
            return Ok(format!("{{{{ {name} }}}}"));
        }
        let key = (declared.file.namespace.clone(), name.to_owned());
        if let Some(value) = self.known.borrow().get(&key) {
            return Ok(value.clone());
        }
        let value = match declared.variable {
            Variable::Plain(value) => value.to_string(),
            Variable::Full(full) => match (&full.value, &full.env, &full.run) {
                (Some(value), ..) => value.to_string(),
                (_, Some(env), _) => {
                    match ctx::variable(env).or_else(|| full.default.as_ref().map(ToString::to_string)) {
                        Some(value) => value,
                        None => {
                            return Err(fail(format!("the variable `{name}` is not known: `{env}` is not set"))
                                .exit(Exit::Own(ENVIRONMENT))
                                .hint(format!("set it, or use `--set {name}=VALUE`")));
                        }
                    }
                }
                (_, _, Some(source)) if self.mode == Mode::Run => {
                    ask(name, source, declared.file.path.parent().unwrap_or(Path::new("/")))?
                }
                _ => return Ok(format!("{{{{ {name} }}}}")),
            },
        };
        self.known.borrow_mut().insert(key, value.clone());
        Ok(value)
    }

    /// Whether programs may be run to find something out.
    pub(super) fn may_run(&self) -> bool {
        self.mode == Mode::Run
    }

    /// Whether conditions and the environment are left to where it will run.
    pub(super) fn is_for_export(&self) -> bool {
        self.mode == Mode::Export
    }

    /// Whether its value is known only where it will run, or is to be known nowhere else.
    pub(super) fn is_dynamic(&self, name: &str, declared: Declared) -> bool {
        let is_elsewhere = matches!(declared.variable, Variable::Full(full) if full.value.is_none() || full.secret);
        self.mode == Mode::Export && is_elsewhere && !self.given.contains_key(name)
    }

    /// Whether a program would have to be run for it.
    pub(super) fn is_costly(&self, name: &str, declared: Declared) -> bool {
        let runs = matches!(declared.variable, Variable::Full(full) if full.run.is_some());
        runs && !self.given.contains_key(name)
    }
}

/// Whether a variable of this name is declared as a secret anywhere.
fn is_secret(name: &str, catalog: &Catalog) -> bool {
    let declared = catalog.project.files.iter().filter_map(|file| file.part.vars.get(name));
    declared.into_iter().any(|variable| matches!(variable, Variable::Full(full) if full.secret))
}

/// What the program prints, without the newlines at its end.
fn ask(name: &str, source: &Source, dir: &Path) -> Result<String, Failure> {
    let shown = match source {
        Source::Script(text) => text.trim().to_owned(),
        Source::Words(words) => words.join(" "),
    };
    let wrong = |cause: String| {
        fail(format!("the variable `{name}` could not be found out"))
            .cause(cause)
            .exit(Exit::Own(ENVIRONMENT))
            .hint(format!("see what `{shown}` says, or use `--set {name}=VALUE`"))
    };
    let output = capture(source, dir).map_err(|error| wrong(format!("`{shown}`: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.trim_end().lines().last().map(|line| format!(": {line}")).unwrap_or_default();
        return Err(wrong(format!("`{shown}` failed with {}{last}", output.status)));
    }
    let value = String::from_utf8(output.stdout).map_err(|_| wrong(format!("`{shown}` printed what is not UTF-8")))?;
    if value.contains('\0') {
        return Err(wrong(format!("`{shown}` printed a NUL")));
    }
    Ok(value.trim_end_matches(['\n', '\r']).to_owned())
}

/// Runs a program to read what it prints.
///
/// # Errors
/// Where it cannot be started.
pub(super) fn capture(source: &Source, dir: &Path) -> std::io::Result<std::process::Output> {
    let (program, arguments) = match source {
        Source::Script(text) => ("sh", vec!["-eu", "-c", text.as_str()]),
        Source::Words(words) => {
            let (program, rest) = words.split_first().map_or(("", &[][..]), |(program, rest)| (program.as_str(), rest));
            (program, rest.iter().map(String::as_str).collect())
        }
    };
    command(program).args(arguments).current_dir(dir).stdin(Stdio::null()).output()
}

#[allow(clippy::disallowed_methods, reason = "recipes start programs: that is what they are for")]
fn command(program: &str) -> Command {
    Command::new(program)
}
