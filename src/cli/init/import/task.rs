//! Taskfiles (version 3): what is said of a task in ways that prodev has as well.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;

use super::includes;
use super::lines::{self, BY_PLACE, Foreign, Line, held, named, reference, scalar};
use super::{Brought, unreadable};
use crate::config::check::refuse_variable;
use crate::config::parameter::{FullParameter, Parameter};
use crate::config::recipe::{Call, Confirm, Need, Recipe, Run};
use crate::config::value::{Command, Glob, Map, OneOrMany, Scalar};
use crate::config::variable::{Dotenv, EnvironmentValue, FullVariable, Variable};
use crate::error::Failure;
use crate::recipe::{Held, Piece, carry};

/// Names that task itself gives a meaning.
const SPECIAL: [&str; 12] = [
    "TASK",
    "ALIAS",
    "ROOT_DIR",
    "TASKFILE",
    "TASKFILE_DIR",
    "TASK_DIR",
    "CHECKSUM",
    "TIMESTAMP",
    "TASK_VERSION",
    "ITEM",
    "EXIT_CODE",
    "CLI_ARGS_LIST",
];

/// Why a command is left to task: its shell is much like bash, wherever it runs.
const BEYOND_SH: &str = "`sh` reads it otherwise than the shell of task";

/// # Errors
/// Where it is no YAML.
pub(super) fn read(shown: &str, text: &str, path: &Path) -> Result<Brought, Failure> {
    let file: Value = serde_saphyr::from_str(text).map_err(|error| unreadable(shown, error))?;
    let mut reader = File { whole: &file, vars: HashMap::new(), out: Brought::default() };
    reader.file();
    reader.included(path);
    Ok(reader.out)
}

struct File<'a> {
    whole: &'a Value,
    /// What the names of the whole file stand for.
    vars: HashMap<String, Result<Vec<Piece>, String>>,
    out: Brought,
}

/// The names of one task, and what they stand for: its own variables and parameters.
type Own = Vec<(String, Vec<Piece>)>;

impl File<'_> {
    fn file(&mut self) {
        const KNOWN: [&str; 10] =
            ["version", "vars", "env", "dotenv", "tasks", "silent", "output", "interval", "run", "includes"];
        for (key, _) in object(self.whole).filter(|(key, _)| !KNOWN.contains(&key.as_str())) {
            self.out.left.push(format!("`{key}:`"));
        }
        // What sets shells and methods for all tasks changes them all.
        let general = ["set", "shopt", "method"].into_iter().find(|key| self.whole.get(key).is_some());
        for (key, value) in object(&self.whole["vars"]) {
            let pieces = self.variable(key, value);
            if let Err(reason) = &pieces {
                self.out.left.push(format!("the variable `{key}`: {reason}"));
            }
            self.vars.insert(key.clone(), pieces);
        }
        for (task, value) in object(&self.whole["tasks"]) {
            let made = general.map_or_else(|| self.task(task, value), |key| Err(format!("`{key}:` of the file")));
            let made = made.unwrap_or_else(|reason| {
                self.out.handed.push((task.clone(), reason));
                let mut named = Recipe { doc: doc(value), ..Recipe::default() };
                named.private = value["internal"].as_bool().unwrap_or_default();
                named
            });
            self.out.recipes.insert(task.clone(), made);
        }
    }

    /// Tasks of other files are run by task, which knows what those say of them.
    fn included(&mut self, path: &Path) {
        let (tasks, left) = includes::tasks(self.whole, path);
        self.out.left.extend(left);
        for task in tasks {
            if self.out.recipes.contains_key(&task.name) {
                continue;
            }
            let named = Recipe { doc: task.doc, alias: OneOrMany::Many(task.aliases), ..Recipe::default() };
            self.out.recipes.insert(task.name.clone(), named);
            self.out.handed.push((task.name, format!("it is in `{}`", task.of)));
        }
    }

    fn variable(&mut self, key: &str, value: &Value) -> Result<Vec<Piece>, String> {
        if let Some(reason) = refuse_variable(key) {
            return Err(reason);
        }
        if let Some(command) = value.get("sh").and_then(Value::as_str) {
            let pieces = self.pieces(command, &Vec::new())?;
            if lines::is_beyond_sh(&written(&pieces)) {
                return Err(BEYOND_SH.to_owned());
            }
            let text = carry(&pieces)?;
            if text.contains("{{") {
                return Err("a command with values in it".to_owned());
            }
            let full = FullVariable { run: Some(Command::Script(text)), ..FullVariable::default() };
            self.out.vars.insert(key.to_owned(), Variable::Full(full));
            return Ok(vec![named(key, Held::Word)]);
        }
        let text = plain(value).ok_or("it is neither a text nor a command")?;
        let pieces = self.pieces(&text, &Vec::new())?;
        let Some(text) = lines::constant(&pieces) else { return Ok(pieces) };
        let held = held(&text);
        self.out.vars.insert(key.to_owned(), Variable::Plain(scalar(text)));
        Ok(vec![named(key, held)])
    }

    /// A text with `{{.NAME}}` in it.
    fn pieces(&self, text: &str, own: &Own) -> Result<Vec<Piece>, String> {
        let mut found = Vec::new();
        let mut rest = text;
        while let Some((before, inner)) = rest.split_once("{{") {
            let (inner, after) = inner.split_once("}}").ok_or("braces without an end")?;
            found.push(Piece::text(before));
            let words: Vec<&str> = inner.split_whitespace().collect();
            match words.as_slice() {
                [variable] if variable.starts_with('.') => found.extend(self.name(&variable[1..], None, own)?),
                [variable, "|", "default", default] if variable.starts_with('.') => {
                    found.extend(self.name(&variable[1..], Some(default.trim_matches(['"', '\'', '`'])), own)?);
                }
                _ => return Err(format!("`{{{{{inner}}}}}`")),
            }
            rest = after;
        }
        found.push(Piece::text(rest));
        Ok(found)
    }

    fn name(&self, wanted: &str, default: Option<&str>, own: &Own) -> Result<Vec<Piece>, String> {
        if let Some((_, pieces)) = own.iter().find(|(known, _)| known == wanted) {
            return Ok(pieces.clone());
        }
        match self.vars.get(wanted) {
            Some(Ok(pieces)) => return Ok(pieces.clone()),
            Some(Err(reason)) => return Err(format!("`{wanted}`: {reason}")),
            None if wanted == "USER_WORKING_DIR" => {
                return Ok(vec![named("PRODEV_INVOCATION_DIR", Held::Environment(String::new()))]);
            }
            None if SPECIAL.contains(&wanted) || wanted.starts_with("CLI_") || wanted.contains('.') => {
                return Err(format!("`{{{{.{wanted}}}}}`"));
            }
            None => {}
        }
        // What nobody declares is given on the command line as `NAME=…`, or taken from the environment.
        let default = default.unwrap_or_default();
        if !default.chars().all(|c| c.is_ascii_alphanumeric() || "_-./:@,+%".contains(c)) {
            return Err(format!("the default of `{wanted}`"));
        }
        Ok(vec![named(wanted, Held::Environment(default.to_owned()))])
    }

    fn task(&self, called: &str, task: &Value) -> Result<Recipe, String> {
        const KNOWN: [&str; 19] = [
            "cmds",
            "cmd",
            "deps",
            "desc",
            "summary",
            "vars",
            "env",
            "dotenv",
            "dir",
            "sources",
            "generates",
            "requires",
            "aliases",
            "internal",
            "silent",
            "interactive",
            "ignore_error",
            "prompt",
            "label",
        ];
        let mut made = Recipe { doc: doc(task), ..Recipe::default() };
        let mut own = Own::new();
        self.parameters(called, task, &mut own, &mut made);
        if task.is_string() || task.is_array() {
            self.surroundings(task, &own, &mut made)?;
            self.commands(task, &mut own, &mut made)?;
            return Ok(made);
        }
        if let Some((key, _)) = object(task).find(|(key, _)| !KNOWN.contains(&key.as_str())) {
            return Err(format!("`{key}:`"));
        }
        for required in task["requires"]["vars"].as_array().into_iter().flatten() {
            let param = required.as_str().ok_or("`requires:` with more than names")?;
            if !own.iter().any(|(known, _)| known == param) {
                let env = Some(param.to_owned());
                let full = FullParameter {
                    name: param.to_owned(),
                    option: true,
                    required: true,
                    env,
                    ..FullParameter::default()
                };
                made.params.push(Parameter::Full(Box::new(full)));
                own.push((param.to_owned(), vec![named(param, Held::Word)]));
            }
        }
        // A task's own variables win over what it is given.
        for (key, value) in object(&task["vars"]) {
            let text = plain(value).ok_or_else(|| format!("its variable `{key}`"))?;
            let pieces = self.pieces(&text, &own)?;
            own.insert(0, (key.clone(), pieces));
        }
        made.private = task["internal"].as_bool().unwrap_or_default();
        made.interactive = task["interactive"].as_bool().unwrap_or_default();
        made.ignore_errors = task["ignore_error"].as_bool().unwrap_or_default();
        made.alias = OneOrMany::Many(texts(&task["aliases"]).ok_or("`aliases:`")?);
        made.confirm = match &task["prompt"] {
            Value::Null => None,
            Value::String(question) => Some(Confirm::Question(question.clone())),
            _ => return Err("`prompt:` of several questions".to_owned()),
        };
        if let Some(dir) = task["dir"].as_str() {
            made.dir = Some(self.constant(dir, &own)?);
        }
        self.surroundings(task, &own, &mut made)?;
        for (key, globs) in [("sources", &mut made.inputs), ("generates", &mut made.outputs)] {
            for glob in texts(&task[key]).ok_or_else(|| format!("`{key}:` with `exclude`"))? {
                globs.push(Glob::given(self.constant(&glob, &own)?));
            }
        }
        for dep in task["deps"].as_array().into_iter().flatten() {
            made.needs.push(self.need(dep, &own)?);
        }
        let commands = if task["cmd"].is_null() { &task["cmds"] } else { &task["cmd"] };
        self.commands(commands, &mut own, &mut made)?;
        if made.run.is_none() && made.needs.is_empty() {
            made.run = Some(Run::Script("true".to_owned()));
        }
        Ok(made)
    }

    /// The environment of the file and of the task, which may be no table.
    fn surroundings(&self, task: &Value, own: &Own, made: &mut Recipe) -> Result<(), String> {
        for (key, value) in object(&self.whole["env"]).chain(object(&task["env"])) {
            let text = plain(value).ok_or_else(|| format!("the variable `{key}` of its environment"))?;
            made.env.insert(key.clone(), EnvironmentValue::Plain(Scalar::Text(self.constant(&text, own)?)));
        }
        let dotenv: Vec<String> =
            texts(&self.whole["dotenv"]).into_iter().chain(texts(&task["dotenv"])).flatten().collect();
        if !dotenv.is_empty() {
            made.dotenv =
                Some(if dotenv == [".env"] { Dotenv::Layers(true) } else { Dotenv::Files(OneOrMany::Many(dotenv)) });
        }
        Ok(())
    }

    /// What other tasks give this one are its parameters, which can come from the environment as well.
    fn parameters(&self, called: &str, task: &Value, own: &mut Own, made: &mut Recipe) {
        let mut given = Vec::new();
        for other in self.whole["tasks"].as_object().into_iter().flatten().map(|(_, other)| other) {
            let calls = [&other["deps"], &other["cmds"]].into_iter().filter_map(Value::as_array).flatten();
            for (key, _) in calls.filter(|call| call["task"] == called).flat_map(|call| object(&call["vars"])) {
                if !given.contains(key) {
                    given.push(key.clone());
                }
            }
        }
        let text = task.to_string();
        for param in given {
            let general = match self.vars.get(&param) {
                Some(Ok(_)) => Some(format!("{{{{ {param} }}}}")),
                _ => None,
            };
            let default =
                regex::Regex::new(&format!(r#"\.{}\s*\|\s*default\s+\\?["'`]?([^"'`\s}}\\]*)"#, regex::escape(&param)));
            let default = default.ok().and_then(|used| Some(used.captures(&text)?[1].to_owned()));
            let default = general.or(default).unwrap_or_default();
            let held = if default.is_empty() { Held::Words } else { held(&default) };
            let full = FullParameter {
                name: param.clone(),
                option: true,
                env: (!default.contains("{{")).then(|| param.clone()),
                default: Some(scalar(default)),
                ..FullParameter::default()
            };
            made.params.push(Parameter::Full(Box::new(full)));
            own.push((param.clone(), vec![named(&param, held)]));
        }
    }

    fn constant(&self, text: &str, own: &Own) -> Result<String, String> {
        let mut all = String::new();
        for piece in self.pieces(text, own)? {
            match piece {
                Piece::Text(text) => all.push_str(&text),
                Piece::Name { name, held: Held::Word | Held::Words } => all.push_str(&reference(&name)),
                Piece::Name { name, .. } => return Err(format!("`{{{{.{name}}}}}` where no shell reads it")),
            }
        }
        Ok(all)
    }

    fn need(&self, dep: &Value, own: &Own) -> Result<Need, String> {
        if let Some(task) = dep.as_str() {
            return Ok(Need::Name(task.to_owned()));
        }
        if let Some((key, _)) = object(dep).find(|(key, _)| !matches!(key.as_str(), "task" | "vars" | "silent")) {
            return Err(format!("`{key}:` of what it needs"));
        }
        let recipe = dep["task"].as_str().ok_or("what it needs has no name")?.to_owned();
        let mut with: Map<OneOrMany<Scalar>> = Map::new();
        for (key, value) in object(&dep["vars"]) {
            let text = plain(value).ok_or_else(|| format!("`{key}` for `{recipe}`"))?;
            with.insert(key.clone(), OneOrMany::One(Scalar::Text(self.constant(&text, own)?)));
        }
        Ok(if with.is_empty() { Need::Name(recipe) } else { Need::Call(Call { recipe, with }) })
    }

    fn commands(&self, commands: &Value, own: &mut Own, made: &mut Recipe) -> Result<(), String> {
        let one = [commands.clone()];
        let all = match commands {
            Value::Null => &[][..],
            Value::Array(all) => all,
            _ => &one,
        };
        if serde_json::to_string(all).unwrap_or_default().contains("CLI_ARGS") {
            own.push(("CLI_ARGS".to_owned(), vec![named("args", Held::Many { is_alone: true })]));
            made.params.push(lines::rest("args"));
        }
        let mut found = Vec::new();
        for (at, command) in all.iter().enumerate() {
            if command.get("task").is_some() {
                let need = self.need(command, own)?;
                let is_first = at == made.needs.len() && found.is_empty();
                let is_last = all[at..].iter().all(|rest| rest.get("task").is_some());
                if is_first && task_deps_are_empty(made, at) {
                    made.needs.push(need);
                    made.ordered = made.needs.len() > 1;
                } else if is_last && !made.ignore_errors {
                    made.after.push(need);
                } else {
                    return Err("a task between its commands".to_owned());
                }
                continue;
            }
            if let Some((key, _)) =
                object(command).find(|(key, _)| !matches!(key.as_str(), "cmd" | "silent" | "ignore_error"))
            {
                return Err(format!("`{key}:` of a command"));
            }
            let text = command.as_str().or_else(|| command["cmd"].as_str()).ok_or("a command that is no text")?;
            let ignores = command.get("ignore_error").and_then(Value::as_bool).unwrap_or_default();
            let pieces = self.pieces(text, own)?;
            if lines::is_beyond_sh(&written(&pieces)) {
                return Err(BEYOND_SH.to_owned());
            }
            if lines::speaks_of_places(text) {
                return Err(BY_PLACE.to_owned());
            }
            found.push(Line { text: carry(&pieces)?, ignores });
        }
        // Several tasks after another would run side by side.
        if made.after.len() > 1 {
            return Err("several tasks behind its commands".to_owned());
        }
        // Its own shell stops at errors, and not at variables that are not set.
        lines::give(made, found, &Foreign::of(&["sh", "-e"]));
        Ok(())
    }
}

/// Whether all that is needed up to now came from the first `at` commands, which run one after another.
fn task_deps_are_empty(made: &Recipe, at: usize) -> bool {
    made.needs.len() == at
}

/// The text as the file has it, with a word for each name.
fn written(pieces: &[Piece]) -> String {
    let texts = pieces.iter().map(|piece| match piece {
        Piece::Text(text) => text.as_str(),
        Piece::Name { .. } => "x",
    });
    texts.collect()
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn doc(task: &Value) -> Option<String> {
    let text = task.get("desc").or_else(|| task.get("summary"))?.as_str()?;
    text.lines().next().map(str::to_owned)
}

/// A list of texts; `None` where there is something else in it.
fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array().into_iter().flatten().map(|item| item.as_str().map(str::to_owned)).collect()
}

/// A scalar as text.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(bool) => Some(bool.to_string()),
        _ => None,
    }
}
