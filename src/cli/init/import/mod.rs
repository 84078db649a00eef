//! `prodev init --import`: recipes of other runners. What one of them says and prodev does not know is never guessed at: such a recipe
//! hands over to the runner that it comes from, and the report says why.

mod includes;
mod just;
mod lines;
mod make;
mod mise;
mod package;
mod place;
mod task;
mod write;

use std::collections::HashSet;
use std::path::{Component, Path};

use crate::config::check::refuse_recipe;
use crate::config::parameter::{FullParameter, Parameter};
use crate::config::project;
use crate::config::recipe::{Need, Recipe, Run};
use crate::config::value::{Map, OneOrMany};
use crate::config::variable::Variable;
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, fail};

pub(super) use write::write;

/// What another runner's file holds, as recipes.
#[derive(Debug, Default)]
pub(super) struct Imported {
    /// The file as the user named it.
    pub(super) shown: String,
    pub(super) recipes: Map<Recipe>,
    pub(super) vars: Map<Variable>,
    /// What could not be carried over, and why.
    pub(super) left: Vec<String>,
}

/// What a reader of one format makes of a file.
#[derive(Debug, Default)]
struct Brought {
    recipes: Map<Recipe>,
    vars: Map<Variable>,
    /// Recipes that are not carried over, each with the reason: they are handed over.
    handed: Vec<(String, String)>,
    /// What the runner itself calls a recipe, where that is something else.
    called: Map<String>,
    /// What else is not.
    left: Vec<String>,
    /// What runs where nothing is named.
    default: Option<String>,
}

/// A runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Runner {
    Just,
    Task,
    Make,
    Npm,
    Mise,
}

impl Runner {
    /// By the name of its file.
    fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_lowercase();
        let ends = |end: &str| name.ends_with(end);
        match name.as_str() {
            "justfile" | ".justfile" => Some(Self::Just),
            "package.json" => Some(Self::Npm),
            "mise.toml" | ".mise.toml" => Some(Self::Mise),
            "makefile" | "gnumakefile" => Some(Self::Make),
            _ if ends(".just") => Some(Self::Just),
            _ if ends(".mk") => Some(Self::Make),
            _ if name.starts_with("taskfile") && (ends(".yml") || ends(".yaml")) => Some(Self::Task),
            _ => None,
        }
    }

    /// The words that run `recipe` in it.
    fn words(self, path: &Path, recipe: &str) -> Vec<String> {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let (program, flag, usual): (&str, &str, &[&str]) = match self {
            Self::Just => ("just", "--justfile", &["justfile", "Justfile", ".justfile"]),
            Self::Task => ("task", "--taskfile", &["Taskfile.yml", "Taskfile.yaml", "taskfile.yml", "taskfile.yaml"]),
            Self::Make => ("make", "-f", &["Makefile", "makefile", "GNUmakefile"]),
            Self::Npm => ("npm", "", &["package.json"]),
            Self::Mise => ("mise", "", &["mise.toml", ".mise.toml"]),
        };
        let mut words = vec![program.to_owned()];
        if matches!(self, Self::Npm | Self::Mise) {
            words.push("run".to_owned());
        } else if !usual.contains(&name) {
            words.extend([flag.to_owned(), name.to_owned()]);
        }
        words.push(recipe.to_owned());
        if self == Self::Npm {
            words.push("--".to_owned());
        }
        words
    }
}

/// Reads the file that `--import` names, for a `prodev.toml` in `home`.
///
/// # Errors
/// A file that is not there or cannot be read, and one that no reader is for (exit 2).
pub(super) fn read(file: &Path, home: &Path, ctx: &Ctx) -> Result<Imported, Failure> {
    let shown = file.display().to_string();
    let path = ctx.resolve(file);
    let Some(runner) = Runner::of(&path) else {
        return Err(fail(format!("`{shown}` is no file that can be imported"))
            .hint("name a justfile, Taskfile.yml, Makefile, package.json or mise.toml")
            .exit(Exit::Usage));
    };
    let text = std::fs::read_to_string(&path).map_err(|error| {
        let failure = fail(format!("`{shown}` could not be read")).cause(error.to_string());
        failure.hint("name another file").exit(Exit::Usage)
    })?;
    let folder = path.parent().unwrap_or(home);
    let brought = match runner {
        Runner::Just => just::read(&path, folder)?,
        Runner::Task => task::read(&shown, &text, &path)?,
        Runner::Make => make::read(&text, folder),
        Runner::Npm => package::read(&shown, &text)?,
        Runner::Mise => mise::read(&shown, &text)?,
    };
    let mut imported = settled(brought, &Place { runner, path: &path, shown: &shown, way: way(home, folder) });
    for left in &mut imported.left {
        *left = place::located(left, runner, &text);
    }
    let mut told = HashSet::new();
    imported.left.retain(|left| told.insert(left.clone()));
    Ok(imported)
}

/// Where a file is, as seen from the one that is written.
struct Place<'a> {
    runner: Runner,
    path: &'a Path,
    shown: &'a str,
    /// From the directory of prodev.toml to that of the file; empty where it is the same.
    way: String,
}

/// Names that can be, needs that are there, directories as seen from here.
fn settled(mut brought: Brought, place: &Place) -> Imported {
    let handed: Vec<(String, String)> = std::mem::take(&mut brought.handed);
    for (name, reason) in handed {
        hand_over(&mut brought, &name, &reason, place);
    }
    name(&mut brought);
    let unfit: Vec<(String, String)> = brought
        .recipes
        .iter()
        .filter_map(|(name, recipe)| Some((name.clone(), unfit(name, recipe, &brought.vars)?)))
        .collect();
    for (name, reason) in unfit {
        hand_over(&mut brought, &name, &reason, place);
    }
    loop {
        let lost = brought.recipes.iter().find_map(|(name, recipe)| {
            let mut needs = recipe.needs.iter().chain(&recipe.after);
            let reason = needs.find_map(|need| lost(need, &brought.recipes))?;
            Some((name.clone(), reason))
        });
        let lost = lost.or_else(|| Some((circular(&brought.recipes)?, "it needs itself".to_owned())));
        let Some((name, reason)) = lost else { break };
        hand_over(&mut brought, &name, &reason, place);
    }
    if let Some(default) = brought.default.filter(|name| name != "default") {
        let mut aliases = brought.recipes.values().flat_map(|recipe| recipe.alias.as_slice());
        let is_taken = brought.recipes.contains_key("default") || aliases.any(|alias| alias == "default");
        if let Some(recipe) = brought.recipes.get_mut(&default).filter(|_| !is_taken) {
            let mut alias = recipe.alias.as_slice().to_vec();
            alias.push("default".to_owned());
            recipe.alias = if alias.len() == 1 { OneOrMany::One(alias.remove(0)) } else { OneOrMany::Many(alias) };
        }
    }
    if !place.way.is_empty() {
        for recipe in brought.recipes.values_mut() {
            recipe.dir = Some(recipe.dir.as_ref().map_or(place.way.clone(), |dir| format!("{}/{dir}", place.way)));
            // Paths of files are seen from the directory of prodev.toml.
            for glob in recipe.inputs.iter_mut().chain(&mut recipe.outputs) {
                *glob = crate::config::value::Glob::given(format!("{}/{}", place.way, &**glob));
            }
        }
    }
    let Brought { recipes, vars, left, .. } = brought;
    Imported { shown: place.shown.to_owned(), recipes, vars, left }
}

/// Takes out what has no name that a recipe can have, and other names that are taken.
fn name(brought: &mut Brought) {
    let (recipes, left) = (&mut brought.recipes, &mut brought.left);
    recipes.retain(|name, _| match refuse_recipe(name) {
        None => true,
        Some(reason) => {
            left.push(format!("`{name}`: {reason}"));
            false
        }
    });
    let mut taken: Vec<String> = recipes.keys().cloned().collect();
    for recipe in recipes.values_mut() {
        let (kept, lost): (Vec<String>, Vec<String>) = recipe.alias.as_slice().iter().cloned().partition(|alias| {
            let is_free = refuse_recipe(alias).is_none() && !taken.contains(alias);
            taken.push(alias.clone());
            is_free
        });
        left.extend(lost.into_iter().map(|alias| format!("the alias `{alias}`")));
        recipe.alias = match <[String; 1]>::try_from(kept) {
            Ok([one]) => OneOrMany::One(one),
            Err(several) => OneOrMany::Many(several),
        };
    }
}

/// Why prodev would refuse a recipe, if so: it is written down without the others, and read.
fn unfit(name: &str, recipe: &Recipe, vars: &Map<Variable>) -> Option<String> {
    let mut alone = Recipe { needs: Vec::new(), after: Vec::new(), ..recipe.clone() };
    if alone.run.is_none() {
        alone.run = Some(Run::Script("true".to_owned()));
    }
    let recipes = std::iter::once((name.to_owned(), alone)).collect();
    let mut text = String::new();
    write(&mut text, &Imported { shown: String::new(), recipes, vars: vars.clone(), left: Vec::new() });
    let judged = project::alone("prodev.toml", &text).and_then(|project| crate::recipe::judge(&project));
    let failure = judged.err()?;
    Some(failure.problems.into_iter().next().map_or(failure.message, |problem| problem.message))
}

/// A recipe that needs itself, by way of others or not.
fn circular(recipes: &Map<Recipe>) -> Option<String> {
    let needs = |name: &str| recipes.get(name).into_iter().flat_map(|it| it.needs.iter().chain(&it.after)).map(needed);
    let reaches_itself = |start: &String| {
        let mut seen: Vec<&str> = Vec::new();
        let mut open: Vec<&str> = needs(start).collect();
        while let Some(name) = open.pop() {
            if name == start {
                return true;
            }
            if !seen.contains(&name) {
                seen.push(name);
                open.extend(needs(name));
            }
        }
        false
    };
    recipes.keys().find(|name| reaches_itself(name)).cloned()
}

/// Why a need cannot be called, if so.
fn lost(need: &Need, recipes: &Map<Recipe>) -> Option<String> {
    let name = needed(need);
    let Some(recipe) = recipes.get(name) else { return Some(format!("it needs `{name}`, which is not here")) };
    let Need::Call(call) = need else { return None };
    let takes = |key: &String| recipe.params.iter().any(|param| param.name() == key);
    (!call.with.keys().all(takes)).then(|| format!("it gives something to `{name}`, which was not carried over"))
}

fn needed(need: &Need) -> &str {
    match need {
        Need::Name(name) => name,
        Need::Call(call) => &call.recipe,
    }
}

/// The recipe calls the runner that it comes from.
fn hand_over(brought: &mut Brought, name: &str, reason: &str, place: &Place) {
    let old = brought.recipes.get(name).cloned().unwrap_or_default();
    if refuse_recipe(name).is_some() {
        // What stands among the recipes is reported when it is taken out, with what is wrong with its name.
        if !brought.recipes.contains_key(name) {
            brought.left.push(format!("`{name}`: {reason}"));
        }
        return;
    }
    let own = brought.called.get(name).map_or(name, String::as_str);
    let mut words = place.runner.words(place.path, own);
    words.push("{{ args }}".to_owned());
    let recipe = Recipe {
        doc: old.doc,
        alias: old.alias,
        group: old.group,
        private: old.private,
        run: Some(Run::Words(words)),
        vars: own_surroundings(&brought.vars),
        params: vec![Parameter::Full(Box::new(FullParameter {
            name: "args".to_owned(),
            variadic: true,
            ..FullParameter::default()
        }))],
        ..Recipe::default()
    };
    brought.recipes.insert(name.to_owned(), recipe);
    let program = place.runner.words(place.path, name).remove(0);
    brought.left.push(format!("`{name}` calls {program}: {reason}"));
}

/// What calls another runner sees none of the variables that are declared here: that runner has them already, and may ask whether its caller has.
fn own_surroundings(vars: &Map<Variable>) -> Option<bool> {
    (!vars.is_empty()).then_some(false)
}

/// The way from `home` to `folder` with `/`; both are absolute.
fn way(home: &Path, folder: &Path) -> String {
    let same = home.components().zip(folder.components()).take_while(|(one, other)| one == other).count();
    let up = home.components().skip(same).map(|_| "..".to_owned());
    let down = folder.components().skip(same).filter_map(|part| match part {
        Component::Normal(name) => name.to_str().map(str::to_owned),
        _ => None,
    });
    up.chain(down).collect::<Vec<_>>().join("/")
}

/// A file that is not what it should be.
fn unreadable(shown: &str, cause: impl std::fmt::Display) -> Failure {
    fail(format!("`{shown}` could not be read")).cause(cause.to_string()).hint("mend the file first").exit(Exit::Usage)
}
