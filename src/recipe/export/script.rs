//! Steps of recipes as texts for `sh -eu`, with values that are known only where they run.

use std::fmt::Write as _;

use super::workflow::{Job, Step};
use crate::config::value::{Command, Scalar};
use crate::plan::process::quoted;
use crate::recipe::call::Value;
use crate::recipe::reference;
use crate::recipe::scope::Scope;
use crate::recipe::script::{Program, Step as Ours, item};
use crate::recipe::shell::{Shell, Way};

/// A variable that is found out when the job runs.
#[derive(Debug)]
pub(super) struct Dynamic {
    pub(super) name: String,
    text: String,
    /// The directory that its program runs in, from the root.
    dir: Option<String>,
}

impl Dynamic {
    /// What a program prints.
    pub(super) fn printed(name: &str, command: &Command, dir: String) -> Self {
        let command = match command {
            Command::Script(text) => format!("sh -euc {}", quoted(text)),
            Command::Words(words) => words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "),
        };
        Self { name: name.to_owned(), text: command, dir: Some(dir) }
    }

    /// What another variable holds.
    pub(super) fn taken(name: &str, from: &str, default: Option<&Scalar>) -> Self {
        let text = match default {
            Some(default) => format!(
                "if [ \"${{{from}+x}}\" ]; then {name}=${from}; else {name}={}; fi",
                quoted(&default.to_string())
            ),
            None => format!("{name}=${{{from}?}}"),
        };
        Self { name: name.to_owned(), text, dir: None }
    }

    /// A text with others in it.
    pub(super) fn made(name: &str, value: &str, names: &[String]) -> Self {
        Self { name: name.to_owned(), text: format!("{name}={}", word(value, names)), dir: None }
    }

    fn line(&self, from: &str) -> String {
        let Self { name, text, dir } = self;
        match dir {
            None => format!("{text}\nexport {name}\n"),
            Some(dir) => {
                let way = way(from, dir);
                let go = if way.is_empty() { String::new() } else { format!("cd {} && ", quoted(&way)) };
                format!("{name}=$({go}{text})\nexport {name}\n")
            }
        }
    }
}

/// The way from one directory to another, both seen from the root.
fn way(from: &str, to: &str) -> String {
    let parts = |path: &str| {
        path.split('/').filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).collect::<Vec<_>>()
    };
    let (from, to) = (parts(from), parts(to));
    let same = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    let up = from[same..].iter().map(|_| "..".to_owned());
    up.chain(to[same..].iter().cloned()).collect::<Vec<_>>().join("/")
}

/// Whether a text holds a reference to one of `names`.
pub(super) fn speaks_of(text: &str, names: &[String]) -> bool {
    reference::references(text).iter().any(|it| names.iter().any(|name| name == it.name))
}

/// A word for a shell, in which references to `names` are variables.
fn word(text: &str, names: &[String]) -> String {
    if !speaks_of(text, names) {
        return quoted(text);
    }
    let mut made = String::new();
    let mut from = 0;
    for found in reference::references(text).iter().filter(|it| names.iter().any(|name| name == it.name)) {
        if found.range.start > from {
            made.push_str(&quoted(&text[from..found.range.start]));
        }
        let _ = write!(made, "\"${{{}}}\"", found.name.replace('-', "_"));
        from = found.range.end;
    }
    if from < text.len() {
        made.push_str(&quoted(&text[from..]));
    }
    made
}

/// Writes the steps of one job.
pub(super) struct Writer<'a, 'b, 'c> {
    pub(super) scope: &'a Scope<'b, 'c>,
    pub(super) dynamic: &'a [Dynamic],
    /// What references can speak of: variables that are found out later, and axes.
    pub(super) names: &'a [String],
    /// The directory of the recipe, from the root.
    pub(super) home: &'a str,
}

impl Writer<'_, '_, '_> {
    pub(super) fn step(&self, step: &Ours) -> Step {
        let recipe = self.scope.entry.recipe;
        let dir = [Some(self.home), recipe.dir.as_deref(), step.dir.as_deref()];
        let dir: Vec<&str> = dir.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        let dir = way("", &dir.join("/"));
        let mut body = self.program(&step.program);
        // A program is run for a variable only where that is spoken of; a later one can speak of those before it.
        let mut wanted = vec![false; self.dynamic.len()];
        for at in (0..self.dynamic.len()).rev() {
            let it = &self.dynamic[at];
            let mut later = self.dynamic.iter().zip(&wanted).skip(at + 1).filter(|(_, is_wanted)| **is_wanted);
            wanted[at] = it.dir.is_none()
                || mentions(&body, &it.name)
                || later.any(|(later, _)| mentions(&later.text, &it.name));
        }
        let mut text = String::new();
        for (found, _) in self.dynamic.iter().zip(wanted).filter(|(_, is_wanted)| *is_wanted) {
            text.push_str(&found.line(&dir));
        }
        if let Program::Text { .. } = step.program {
            let many = self
                .scope
                .values
                .iter()
                .filter_map(|value| if let Value::Many(values) = value { Some(values) } else { None });
            for (at, value) in many.flatten().enumerate().filter(|(at, _)| mentions(&body, &item(at + 1))) {
                let _ = writeln!(text, "export {}={}", item(at + 1), word(value, self.names));
            }
        }
        for (name, value) in &step.env {
            let _ = writeln!(text, "export {name}={}", word(value, self.names));
        }
        if !body.ends_with('\n') {
            body.push('\n');
        }
        Step { name: step.shown.clone(), text: text + &body, dir, ignores_errors: step.ignores_errors }
    }

    fn program(&self, program: &Program) -> String {
        let line = |words: &[String]| words.iter().map(|text| word(text, self.names)).collect::<Vec<_>>().join(" ");
        match program {
            Program::Words(words) => line(words),
            Program::File { path, shell, arguments } => {
                let root = &self.scope.catalog.project.dir;
                let from = [Some(self.home), self.scope.entry.recipe.dir.as_deref()];
                let from: Vec<&str> = from.into_iter().flatten().filter(|part| !part.is_empty()).collect();
                let path = path.strip_prefix(root).map_or_else(
                    |_| path.to_string_lossy().into_owned(),
                    |path| format!("./{}", way(&from.join("/"), &path.to_string_lossy())),
                );
                let mut words = shell.as_ref().map(|shell| shell.words.clone()).unwrap_or_default();
                words.push(path);
                words.extend(arguments.iter().cloned());
                line(&words)
            }
            Program::Text { shell, text, arguments } => Self::text(shell, text, &line(arguments)),
        }
    }

    fn text(shell: &Shell, text: &str, arguments: &str) -> String {
        let takes = ["$@", "$*", "$#", "$1", "$2", "$3", "$4", "${1", "${@"].iter().any(|it| text.contains(it));
        if shell.words == ["sh", "-eu"] {
            return if takes { format!("set -- {arguments}\n{text}") } else { text.to_owned() };
        }
        let words: Vec<String> = shell.words.iter().map(|word| quoted(word)).collect();
        match shell.way() {
            Way::Word => format!("{} {} {} {arguments}", words.join(" "), quoted(text), quoted(shell.name()))
                .trim_end()
                .to_owned(),
            Way::File(at) => {
                let mut words = words;
                let file = "\"$prodev_script\"".to_owned();
                if at < words.len() {
                    words[at] = file;
                } else {
                    words.push(file);
                }
                let mut end = "PRODEV".to_owned();
                while text.lines().any(|line| line == end) {
                    end.push('_');
                }
                let newline = if text.ends_with('\n') { "" } else { "\n" };
                let name = shell.extension();
                let make = if name.is_empty() { "mktemp".to_owned() } else { format!("mktemp --suffix={name}") };
                format!(
                    "prodev_script=$({make})\ntrap 'rm -f \"$prodev_script\"' EXIT\ncat >\"$prodev_script\" <<'{end}'\n{text}{newline}{end}\n{}",
                    format!("{} {arguments}", words.join(" ")).trim_end()
                )
            }
        }
    }
}

pub(super) fn mentions(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        !text[..at].chars().next_back().is_some_and(is_word)
            && !text[at + name.len()..].chars().next().is_some_and(is_word)
    })
}

/// How the environment of a whole script is made, where no engine makes it.
pub(super) fn exports(job: &Job) -> String {
    job.env.iter().map(|(name, value)| format!("export {name}={}\n", quoted(value))).collect::<Vec<_>>().concat()
}

/// All steps as one script for `sh -eu` in the root.
pub(super) fn whole(job: &Job) -> String {
    if let [only] = job.steps.as_slice()
        && !only.ignores_errors
    {
        return format!("{}{}", go(&only.dir), only.text);
    }
    job.steps.iter().map(apart).collect()
}

/// A step in a shell of its own.
pub(super) fn apart(step: &Step) -> String {
    if step.ignores_errors {
        // What stands before `||` would not stop at errors.
        return format!("sh -euc {} || true\n", quoted(&format!("{}{}", go(&step.dir), step.text)));
    }
    format!("(\n{}{})\n", go(&step.dir), step.text)
}

fn go(dir: &str) -> String {
    if dir.is_empty() { String::new() } else { format!("cd {}\n", quoted(dir)) }
}
