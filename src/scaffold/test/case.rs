//! An answer set of a template: `tests/NAME.toml`.

use std::path::Path;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::document;
use crate::config::user::Author;
use crate::error::{Exit, Failure, Problem, fail, listed, nearest};
use crate::scaffold::answers::{self, AnswerFile, Answers, Asking, Given, Inquiry};
use crate::scaffold::components::{self, Selection, Wishes};
use crate::scaffold::render::{self, Rendering};
use crate::scaffold::source::Template;
use crate::scaffold::values;
use crate::ui::{Ui, Volume};

/// The instant at which all of them are made.
const NOW: &str = "2025-01-01T00:00:00Z";

/// What stands in the file.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct File {
    /// Answers by the question's name; the others have their defaults.
    #[schemars(with = "IndexMap<String, serde_json::Value>")]
    answers: toml::Table,
    with: Vec<String>,
    without: Vec<String>,
    preset: Option<String>,
    /// The name of the project's folder.
    dir: Option<String>,
    /// It must not render, and say this.
    fails: Option<String>,
}

/// One of them.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: String,
    file: String,
    answers: IndexMap<String, serde_json::Value>,
    wishes: Wishes,
    pub(super) dir: String,
    pub(super) fails: Option<String>,
}

/// What came of one.
#[derive(Debug)]
pub(super) struct Rendered {
    pub(super) selection: Selection,
    pub(super) answers: Answers,
    pub(super) rendering: Rendering,
}

/// The answer sets of the template in `root`, sorted by name; of `only` these, where it names some.
///
/// # Errors
/// None at all; names that there are not; files that cannot be read.
pub(super) fn read(root: &Path, shown: &str, only: &[String]) -> anyhow::Result<Vec<Case>> {
    let entries = std::fs::read_dir(root.join("tests")).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".toml").map(ToOwned::to_owned)).collect();
    names.sort_unstable();
    if names.is_empty() {
        return Err(fail(format!("`{shown}/tests/` has no answer sets"))
            .hint("an empty `tests/default.toml` is one: all defaults")
            .exit(Exit::Usage)
            .into());
    }
    let unknown: Vec<Problem> = only
        .iter()
        .filter(|name| !names.contains(name))
        .map(|name| {
            let problem = Problem::new(format!("there is no answer set `{name}`"));
            match nearest(name, names.iter().map(String::as_str)) {
                Some(near) => problem.hint(format!("did you mean `{near}`?")),
                None => problem.hint(format!("there are {}", listed(&names))),
            }
        })
        .collect();
    if !unknown.is_empty() {
        return Err(Failure::of("some answer sets are not there", unknown).exit(Exit::Usage).into());
    }
    let (mut cases, mut problems) = (Vec::new(), Vec::new());
    for name in names.into_iter().filter(|name| only.is_empty() || only.contains(name)) {
        let path = root.join("tests").join(format!("{name}.toml"));
        let file = format!("{shown}/tests/{name}.toml");
        let text = std::fs::read_to_string(&path)
            .map_err(|error| fail(format!("could not read `{file}`")).cause(error.to_string()))?;
        match document::read::<File>(&file, &text) {
            Ok(read) => cases.push(Case::new(name, file, read)),
            Err(Failure { message, place, problems: several, .. }) if several.is_empty() => {
                problems.push(Problem { message, place, hint: None });
            }
            Err(failure) => problems.extend(failure.problems),
        }
    }
    if problems.is_empty() {
        return Ok(cases);
    }
    Err(Failure::of("some answer sets have problems", problems).exit(Exit::Usage).into())
}

impl Case {
    fn new(name: String, file: String, read: File) -> Self {
        let File { answers, with, without, preset, dir, fails } = read;
        let answers = answers.iter().map(|(name, value)| (name.clone(), values::from_toml(value))).collect();
        let wishes = Wishes { with, without, preset, only: None, ..Wishes::default() };
        Self { name, file, answers, wishes, dir: dir.unwrap_or_else(|| "project".to_owned()), fails }
    }

    /// When it is made.
    pub(super) fn now() -> anyhow::Result<jiff::Timestamp> {
        Ok(NOW.parse()?)
    }

    /// The same for another version of the template: without what that does not know.
    pub(super) fn known_to(&self, template: &Template) -> Self {
        let manifest = &template.manifest;
        let known = |names: &[String]| -> Vec<String> {
            names.iter().filter(|name| manifest.components.contains_key(*name)).cloned().collect()
        };
        Self {
            name: self.name.clone(),
            file: self.file.clone(),
            answers: self
                .answers
                .iter()
                .filter(|(name, _)| manifest.questions.contains_key(*name))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            wishes: Wishes {
                with: known(&self.wishes.with),
                without: known(&self.wishes.without),
                preset: self.wishes.preset.clone().filter(|preset| manifest.presets.contains_key(preset)),
                ..Wishes::default()
            },
            dir: self.dir.clone(),
            fails: None,
        }
    }

    /// Renders it, and asks nobody.
    ///
    /// # Errors
    /// Whatever `prodev new` would say.
    pub(super) fn render(&self, template: &Template) -> anyhow::Result<Rendered> {
        let jinja = render::engine(template, Self::now()?)?;
        let selection = components::select(&template.manifest, &self.wishes)?;
        let given = Given { files: vec![AnswerFile::plain(&self.file, self.answers.clone())], ..Given::default() };
        let inquiry = Inquiry {
            template,
            jinja: &jinja,
            selection: &selection,
            dir_name: &self.dir,
            dir: &self.dir,
            author: &Author::default(),
            project_files: &[],
            ui: &Ui::new(Volume::Quiet, true, false),
            asking: Asking::Nothing,
        };
        let answers = answers::answer(&inquiry, &given)?;
        let rendering = render::render(template, jinja, &selection, &answers, &self.dir)?;
        Ok(Rendered { selection, answers, rendering })
    }
}

/// A failure in a few lines.
pub(super) fn words(error: &anyhow::Error) -> String {
    let Some(failure) = error.downcast_ref::<Failure>() else { return format!("{error:#}") };
    let place =
        |place: &Option<crate::error::Place>| place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
    let mut lines = vec![format!("{}{}", place(&failure.place), failure.message)];
    lines.extend(failure.problems.iter().map(|problem| format!("{}{}", place(&problem.place), problem.message)));
    lines.extend(failure.cause.clone());
    lines.join("\n")
}
