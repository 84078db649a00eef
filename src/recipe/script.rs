//! What a recipe runs, made ready: words for no shell, or a text for its shell in which every `{{ name }}` has become a reference.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::call::Value;
use super::language::Language;
use super::reference::{self, Reference};
use super::scope::Scope;
use super::shell::{self, Shell};
use crate::config::recipe::{Finally, Run, Step as ConfigStep};
use crate::config::value::{Command, Map, Scalar};
use crate::ctx;
use crate::error::Failure;

/// One program to run.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) program: Program,
    /// From the directory of the recipe.
    pub(super) dir: Option<String>,
    /// Beside the environment of the recipe.
    pub(super) env: Vec<(String, String)>,
    pub(super) ignores_errors: bool,
    /// What it is called in failures: its name, else its first line.
    pub(super) shown: String,
    /// Where it stands in its file: keys from the recipe on.
    pub(super) path: Vec<String>,
    /// The call whose names it sees, where that is another than the job's own.
    pub(super) callee: Option<Rc<Callee>>,
}

/// A call that a `finally` makes.
#[derive(Debug)]
pub(super) struct Callee {
    pub(super) entry: usize,
    pub(super) values: Vec<Value>,
    pub(super) axes: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
pub(super) enum Program {
    /// A program and its arguments.
    Words(Vec<String>),
    /// A text for a shell, and the arguments that it finds in `"$@"`.
    Text { shell: Shell, text: String, arguments: Vec<String> },
    /// A file of the project, with the shell that it needs if it is not a program itself.
    File { path: PathBuf, shell: Option<Shell>, arguments: Vec<String> },
}

/// What `run` or `script` of the recipe are to this call.
///
/// # Errors
/// Where a variable cannot be found out.
pub(super) fn main(scope: &Scope) -> Result<Vec<Step>, Failure> {
    let recipe = scope.entry.recipe;
    if let Some(script) = &recipe.script {
        let path = scope.entry.home().join(scope.expand(script)?);
        let shell =
            recipe.shell.as_ref().map(|_| shell_of(scope)).or_else(|| (!is_executable(&path)).then(|| shell_of(scope)));
        let program = Program::File { path, shell, arguments: scope.arguments() };
        return Ok(vec![plain(program, script.clone(), &["script"])]);
    }
    match &recipe.run {
        None => Ok(Vec::new()),
        Some(Run::Script(text)) => Ok(vec![plain(of_text(scope, text)?, first_line(text), &["run"])]),
        Some(Run::Words(words)) => Ok(vec![plain(of_words(scope, words)?, words.join(" "), &["run"])]),
        Some(Run::Steps(steps)) => {
            steps.iter().enumerate().map(|(index, step)| of_step(scope, step, &index.to_string())).collect()
        }
    }
}

/// What `finally` is, where it is no recipe.
///
/// # Errors
/// As [`main`].
pub(super) fn finally(scope: &Scope) -> Result<Option<Step>, Failure> {
    let step = match scope.entry.recipe.finally.as_deref() {
        None => return Ok(None),
        Some(Finally::Script(text)) => plain(of_text(scope, text)?, first_line(text), &["finally"]),
        Some(Finally::Words(words)) => plain(of_words(scope, words)?, words.join(" "), &["finally"]),
        Some(Finally::Full(full)) => match &full.run {
            None => return Ok(None),
            Some(command) => plain(of_command(scope, command)?, shown(command), &["finally", "run"]),
        },
    };
    Ok(Some(step))
}

fn of_step(scope: &Scope, step: &ConfigStep, index: &str) -> Result<Step, Failure> {
    match step {
        ConfigStep::Words(words) => Ok(plain(of_words(scope, words)?, words.join(" "), &["run", index])),
        ConfigStep::Full(full) => Ok(Step {
            program: of_command(scope, &full.run)?,
            dir: full.dir.as_deref().map(|dir| scope.expand(dir)).transpose()?,
            env: scalars(scope, &full.env)?,
            ignores_errors: full.ignore_errors,
            shown: full.name.clone().unwrap_or_else(|| shown(&full.run)),
            path: ["run", index, "run"].map(str::to_owned).into(),
            callee: None,
        }),
    }
}

fn plain(program: Program, shown: String, path: &[&str]) -> Step {
    let path = path.iter().map(|key| (*key).to_owned()).collect();
    Step { program, dir: None, env: Vec::new(), ignores_errors: false, shown, path, callee: None }
}

fn scalars(scope: &Scope, map: &Map<Scalar>) -> Result<Vec<(String, String)>, Failure> {
    map.iter().map(|(name, value)| Ok((name.clone(), scope.expand(&value.to_string())?))).collect()
}

fn shell_of(scope: &Scope) -> Shell {
    Shell::of(scope.entry.recipe.shell.as_ref(), scope.catalog.project.policy.settings.shell.as_ref())
}

fn of_command(scope: &Scope, command: &Command) -> Result<Program, Failure> {
    match command {
        Command::Script(text) => of_text(scope, text),
        Command::Words(words) => of_words(scope, words),
    }
}

fn of_words(scope: &Scope, words: &[String]) -> Result<Program, Failure> {
    let mut expanded = Vec::with_capacity(words.len());
    for word in words {
        expanded.extend(scope.expand_word(word)?);
    }
    Ok(Program::Words(expanded))
}

fn of_text(scope: &Scope, text: &str) -> Result<Program, Failure> {
    let shell = shell_of(scope);
    if shell.language() == Language::Posix
        && let Some(words) = shell::simple(text)
    {
        let mut expanded = Vec::with_capacity(words.len());
        for word in words {
            expanded.extend(scope.expand_word(word)?);
        }
        return Ok(Program::Words(expanded));
    }
    let text = compile(scope, shell.language(), text)?;
    Ok(Program::Text { shell, text, arguments: scope.arguments() })
}

/// The text with references to variables in place of `{{ name }}`. No value is ever part of it, but for `{{ name | raw }}`.
fn compile(scope: &Scope, language: Language, text: &str) -> Result<String, Failure> {
    let mut compiled = String::with_capacity(text.len());
    let mut from = 0;
    for Reference { range, name, is_raw } in reference::references(text) {
        let Some(value) = scope.get(name)? else { continue };
        compiled.push_str(&text[from..range.start]);
        from = range.end;
        match value {
            value if is_raw => compiled.push_str(&value.joined()),
            Value::One(_) => compiled.push_str(&language.reference(&name.replace('-', "_"))),
            Value::Many(values) => {
                let references: Vec<String> = (1..=values.len()).map(|at| language.reference(&item(at))).collect();
                compiled.push_str(&references.join(" "));
            }
        }
    }
    compiled.push_str(&text[from..]);
    Ok(compiled)
}

/// The variable that holds the `at`th (from 1) value of the variadic parameter, where the text asks for them. `"$@"` will not do: in a
/// function it is the function's.
pub(super) fn item(at: usize) -> String {
    format!("PRODEV_ITEM_{at}")
}

/// The command as a person knows it.
fn shown(command: &Command) -> String {
    match command {
        Command::Script(text) => first_line(text),
        Command::Words(words) => words.join(" "),
    }
}

/// The first line that does something.
pub(super) fn first_line(text: &str) -> String {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let first = lines.next().unwrap_or_default();
    if lines.next().is_some() { format!("{first} …") } else { first.to_owned() }
}

pub(super) fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// Where a program is that goes by its name, or by its path.
pub(super) fn on_path(name: &str) -> Option<PathBuf> {
    if name.contains('/') {
        return Some(PathBuf::from(name)).filter(|path| is_executable(path));
    }
    let path = ctx::variable("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| is_executable(path))
}
