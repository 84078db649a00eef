//! `mise.toml`: its tasks.

use toml::Value;

use super::lines::{self, BY_PLACE, Foreign, Line, held, named};
use super::{Brought, unreadable};
use crate::config::check::refuse_variable;
use crate::config::recipe::{Confirm, Need, Recipe, Run};
use crate::config::value::{Glob, OneOrMany, Scalar};
use crate::config::variable::{EnvironmentValue, Variable};
use crate::error::Failure;
use crate::recipe::{Held, Piece, carry};

/// # Errors
/// Where it is no TOML.
pub(super) fn read(shown: &str, text: &str) -> Result<Brought, Failure> {
    let file: toml::Table = toml::from_str(text).map_err(|error| unreadable(shown, error.message()))?;
    let mut out = Brought::default();
    for (key, _) in file.iter().filter(|(key, _)| !matches!(key.as_str(), "tasks" | "vars" | "env" | "min_version")) {
        out.left.push(format!("`[{key}]`"));
    }
    for (key, value) in file.get("vars").and_then(Value::as_table).into_iter().flatten() {
        match plain(value).filter(|text| !text.contains("{{") && refuse_variable(key).is_none()) {
            Some(text) => {
                out.vars.insert(key.clone(), Variable::Plain(Scalar::Text(text)));
            }
            None => out.left.push(format!("the variable `{key}`")),
        }
    }
    let mut env = Vec::new();
    for (key, value) in file.get("env").and_then(Value::as_table).into_iter().flatten() {
        match plain(value).filter(|text| !text.contains("{{")) {
            Some(text) => env.push((key.clone(), text)),
            None => out.left.push(format!("`{key}` of `[env]`")),
        }
    }
    let is_whole_env = !out.left.iter().any(|left| left.ends_with("of `[env]`"));
    for (task, value) in file.get("tasks").and_then(Value::as_table).into_iter().flatten() {
        let made =
            if is_whole_env { recipe(value, &env, &out) } else { Err("`[env]` could not be carried over".to_owned()) };
        let made = made.unwrap_or_else(|reason| {
            out.handed.push((task.clone(), reason));
            let doc = value.get("description").and_then(Value::as_str).map(str::to_owned);
            Recipe { doc, ..Recipe::default() }
        });
        out.recipes.insert(task.clone(), made);
    }
    Ok(out)
}

fn recipe(task: &Value, env: &[(String, String)], out: &Brought) -> Result<Recipe, String> {
    let mut made = Recipe::default();
    for (key, value) in env {
        made.env.insert(key.clone(), EnvironmentValue::Plain(Scalar::Text(value.clone())));
    }
    let empty = toml::Table::new();
    let (table, run) = match task {
        Value::Table(table) => (table, table.get("run")),
        other => (&empty, Some(other)),
    };
    let mut shell = Foreign::of(&["sh", "-e"]);
    for (key, value) in table {
        let text = value.as_str().map(str::to_owned);
        let list = || texts(value).ok_or_else(|| format!("`{key}`"));
        match key.as_str() {
            "run" | "quiet" | "silent" => {}
            "description" => made.doc = text,
            "depends" => made.needs = list()?.into_iter().map(Need::Name).collect(),
            "depends_post" => made.after = list()?.into_iter().map(Need::Name).collect(),
            "alias" => made.alias = OneOrMany::Many(list()?),
            "hide" => made.private = value.as_bool().unwrap_or_default(),
            "raw" => made.interactive = value.as_bool().unwrap_or_default(),
            "confirm" => made.confirm = text.map(Confirm::Question),
            "dir" if text.as_ref().is_some_and(|dir| !dir.contains("{{")) => made.dir = text,
            "sources" => made.inputs = list()?.into_iter().map(Glob::given).collect(),
            "outputs" => made.outputs = list()?.into_iter().map(Glob::given).collect(),
            "shell" => {
                let words: Vec<String> =
                    text.iter().flat_map(|text| text.split_whitespace()).map(str::to_owned).collect();
                let (program, flags) = words.split_first().ok_or("`shell`")?;
                shell = Foreign::named(program, flags);
            }
            "env" => {
                for (name, value) in value.as_table().into_iter().flatten() {
                    let text = plain(value)
                        .filter(|text| !text.contains("{{"))
                        .ok_or_else(|| format!("`{name}` of its `env`"))?;
                    made.env.insert(name.clone(), EnvironmentValue::Plain(Scalar::Text(text)));
                }
            }
            _ => return Err(format!("`{key}`")),
        }
    }
    if made
        .needs
        .iter()
        .chain(&made.after)
        .any(|need| matches!(need, Need::Name(name) if name.contains([' ', '*', '{', ':'])))
    {
        return Err("how it needs another".to_owned());
    }
    let commands = run.map(|run| texts(run).ok_or("`run` with more than texts")).transpose()?.unwrap_or_default();
    let mut found = Vec::new();
    let last = commands.len().saturating_sub(1);
    for (at, command) in commands.iter().enumerate() {
        if command.starts_with("#!") {
            return Err("a text for another interpreter".to_owned());
        }
        if lines::speaks_of_places(command) {
            return Err(BY_PLACE.to_owned());
        }
        let mut pieces = pieces(command.trim_end(), out)?;
        // What is given to a task stands behind its last command.
        if at == last && !command.trim_end().contains('\n') {
            pieces.extend([Piece::text(" "), named("args", Held::Many { is_alone: true })]);
            made.params.push(lines::rest("args"));
        }
        found.push(Line { text: carry(&pieces)?, ignores: false });
    }
    lines::give(&mut made, found, &shell);
    if made.run.is_none() && made.needs.is_empty() {
        made.run = Some(Run::Script("true".to_owned()));
    }
    Ok(made)
}

/// A text with `{{vars.name}}` in it.
fn pieces(text: &str, out: &Brought) -> Result<Vec<Piece>, String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, inner)) = rest.split_once("{{") {
        let (inner, after) = inner.split_once("}}").ok_or("braces without an end")?;
        found.push(Piece::text(before));
        let inner = inner.trim();
        let declared = inner.strip_prefix("vars.").and_then(|name| Some((name, out.vars.get(name)?)));
        let Some((variable, Variable::Plain(value))) = declared else { return Err(format!("`{{{{{inner}}}}}`")) };
        found.push(named(variable, held(&value.to_string())));
        rest = after;
    }
    if rest.contains("{%") || text.contains("{%") {
        return Err("a template's tags".to_owned());
    }
    found.push(Piece::text(rest));
    Ok(found)
}

/// One text or a list of them.
fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Array(all) => all.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(bool) => Some(bool.to_string()),
        _ => None,
    }
}
