//! The variables of the layers against their declarations: what is wrong, where it stands, and what a program would be started with in spite of it.

use std::path::Path;

use super::cipher;
use super::layers::Layers;
use super::schema::{self, Given, Judge, RULES, Violation, is_nothing};
use crate::config::tree::Tree;
use crate::config::value::Severity;
use crate::ctx::Ctx;
use crate::error::{ENVIRONMENT, Exit, Failure, Place, Problem};
use crate::findings::{Finding, Object};

/// Everything that is against the declarations in any of the files, overridden or not, and what is missing in all of them and in the environment.
pub(super) fn findings(layers: &Layers, ctx: &Ctx) -> Vec<Finding> {
    let mut given = of_files(layers);
    given.extend(of_environment(layers));
    if !layers.unread.is_empty() {
        return told(layers, judge(layers, |judge| judge.part(&given)), ctx);
    }
    let mut found = judge(layers, |judge| judge.whole(&given));
    // What a file has where it cannot be read is not missing, though nobody knows its value.
    let is_there = |name: &str| layers.doubtful.iter().any(|text| text.contains(name));
    found.retain(|one| one.at.is_some() || !is_there(&one.name));
    told(layers, found, ctx)
}

/// The same of files that are not all that there are: what is missing is not looked for.
pub(super) fn findings_of_part(layers: &Layers, ctx: &Ctx) -> Vec<Finding> {
    let given = of_files(layers);
    told(layers, judge(layers, |judge| judge.part(&given)), ctx)
}

/// Whether a program can be started with the variables that it is to have.
///
/// # Errors
/// All problems at once, exit 122.
pub(super) fn refuse(layers: &Layers, is_wanted: impl Fn(&str) -> bool, ctx: &Ctx) -> Result<(), Failure> {
    if layers.config.vars.is_empty() {
        return Ok(());
    }
    let variables = layers.for_program();
    let of_layers = variables.values().map(|variable| Given {
        name: variable.name,
        value: variable.value,
        at: variable.places.last().filter(|_| !variable.is_of_environment && !variable.is_default).and_then(|place| {
            let layer = layers.files.iter().position(|layer| std::ptr::eq(layer, place.0))?;
            Some((layer, place.1.span.clone()))
        }),
    });
    let mut given: Vec<Given> = of_layers.collect();
    given.extend(of_environment(layers).filter(|one| !variables.contains_key(one.name)));
    given.retain(|one| is_wanted(one.name));
    let mut violations = judge(layers, |judge| judge.whole(&given));
    violations.retain(|one| one.severity == Severity::Error && is_wanted(&one.name));
    if violations.is_empty() {
        return Ok(());
    }
    let problems = told(layers, violations, ctx).into_iter().map(|finding| {
        let place = match finding.object {
            Object::Place(place) => Some(place),
            _ => None,
        };
        Problem { message: finding.message, place, hint: finding.hint }
    });
    let failure = Failure::of("the environment is not what is declared", problems.collect());
    Err(failure.exit(Exit::Own(ENVIRONMENT)))
}

/// The rules, for formats that tell of them.
pub(super) fn rules() -> impl Iterator<Item = (&'static str, &'static str)> {
    RULES.into_iter()
}

fn judge(layers: &Layers, ask: impl Fn(&Judge) -> Vec<Violation>) -> Vec<Violation> {
    let exists = |path: &str| layers.folder.join(path).exists();
    ask(&Judge { environment: &layers.config, profile: layers.profile.as_deref(), exists: &exists })
}

fn of_files(layers: &Layers) -> Vec<Given<'_>> {
    let files = layers.files.iter().enumerate();
    let given = files.flat_map(|(index, layer)| {
        layer.reading.assignments.iter().map(move |one| Given {
            name: &one.key,
            value: one.value.as_deref().filter(|value| !layers.is_sealed(value) && !cipher::is_encrypted(value)),
            at: Some((index, one.span.clone())),
        })
    });
    given.collect()
}

/// What the environment says of variables that are declared, where it has a word.
fn of_environment(layers: &Layers) -> impl Iterator<Item = Given<'_>> {
    let variables = layers.config.vars.iter();
    variables.filter_map(|(name, variable)| {
        let value = layers.environment.get(name).filter(|value| !is_nothing(variable, value))?;
        let is_of_files =
            || layers.files.iter().any(|layer| layer.reading.assignments.iter().any(|one| one.key == *name));
        if layers.overrides && is_of_files() {
            return None;
        }
        Some(Given { name, value: Some(value), at: None })
    })
}

fn told(layers: &Layers, violations: Vec<Violation>, ctx: &Ctx) -> Vec<Finding> {
    let mut declarations = None;
    let tell = |violation: Violation| {
        let Violation { rule, severity, name, message, hint, at } = violation;
        let object = if let Some((layer, span)) = at {
            Object::Place(layers.files[layer].place(&span))
        } else {
            let place = declarations.get_or_insert_with(|| Declarations::of(&layers.folder, ctx)).place(&name);
            place.map_or_else(|| Object::File(".env".to_owned()), Object::Place)
        };
        let finding = Finding::new(rule, severity, object, message);
        if let Some(hint) = hint { finding.hint(hint) } else { finding }
    };
    violations.into_iter().map(tell).collect()
}

/// Where variables are declared.
pub(super) struct Declarations<'a> {
    files: Vec<Tree<'a>>,
    schemas: Vec<schema::Read>,
}

impl<'a> Declarations<'a> {
    /// Of a folder, where the nearest file that speaks of variables has them.
    pub(super) fn of(folder: &Path, ctx: &'a Ctx) -> Self {
        let files = ctx.config().map(|project| project.files.as_slice()).unwrap_or_default();
        let speaking = files.iter().filter(|file| file.part.env.is_some() && file.path.parent() == Some(folder));
        let own = speaking.clone().find_map(|file| file.part.env.clone()).unwrap_or_default();
        Self {
            files: speaking.map(|file| Tree::of(&file.shown, &file.source)).collect(),
            // What is wrong in them was said when they were joined.
            schemas: schema::read(&own, folder, ctx).unwrap_or_default(),
        }
    }

    /// The place of a variable's declaration.
    pub(super) fn place(&self, name: &str) -> Option<Place> {
        let path = ["env", "vars", name];
        let of_project = || self.files.iter().find_map(|tree| tree.line(&path).and_then(|_| tree.key_place(&path)));
        of_project().or_else(|| self.schemas.iter().find_map(|read| read.place(name)))
    }
}
