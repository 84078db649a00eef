//! What a template runs: `[[tasks]]`, and `[[migrations]]` of projects that are older.

use std::fmt;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::{Literal, Text};

/// A command that is run in the project when all its files are there.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Task {
    pub(crate) run: Run,
    /// Expression: false, and it is not run.
    pub(crate) when: Option<Text>,
    /// The folder of the project that it runs in, a text with `{{ … }}`; the project's own where it is missing.
    pub(crate) dir: Option<Text>,
    /// Variables for it, texts with `{{ … }}`: the way in which answers reach a script.
    #[serde(default)]
    pub(crate) env: IndexMap<String, Text>,
    /// The commands of prodev after which it is run.
    #[serde(default = "when_new")]
    pub(crate) on: Vec<Occasion>,
}

/// A command for projects that are updated past a version.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Migration {
    /// The version that needs it: it is run where a project of an older one comes to this or a newer one.
    pub(crate) version: Text,
    /// Whether it is run before the new files are there, or after.
    #[serde(default)]
    pub(crate) stage: Stage,
    pub(crate) run: Run,
    /// Expression: false, and it is not run.
    pub(crate) when: Option<Text>,
    /// The folder of the project that it runs in, a text with `{{ … }}`; the project's own where it is missing.
    pub(crate) dir: Option<Text>,
    /// Variables for it, texts with `{{ … }}`: the way in which answers reach a script.
    #[serde(default)]
    pub(crate) env: IndexMap<String, Text>,
}

/// When a migration is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Stage {
    /// In the project as it is, before the new version is merged into it.
    Before,
    /// When the new version is there, and its conflicts are resolved.
    #[default]
    After,
}

/// The commands of prodev that can have tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Occasion {
    New,
    Update,
    Add,
    Remove,
    Adopt,
}

impl fmt::Display for Occasion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::New => "new",
            Self::Update => "update",
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Adopt => "adopt",
        })
    }
}

fn when_new() -> Vec<Occasion> {
    vec![Occasion::New]
}

/// What is run.
#[derive(Debug, Clone, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Run {
    /// A text for `sh`, taken as it is.
    Script(Text),
    /// A program and its arguments, each a text with `{{ … }}` that comes out as one word; no shell.
    Words(Vec<Text>),
}

impl<'de> Deserialize<'de> for Run {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Literal { value, span } = Literal::deserialize(deserializer)?;
        let wrong = || serde::de::Error::custom("a command is a text, or a list of words that is not empty");
        let text = |text: &str| Text { text: text.to_owned(), span: span.clone() };
        match value {
            toml::Value::String(script) => Ok(Self::Script(text(&script))),
            toml::Value::Array(words) if !words.is_empty() => {
                let words = words.iter().map(|word| word.as_str().map(text)).collect::<Option<Vec<Text>>>();
                words.map(Self::Words).ok_or_else(wrong)
            }
            _ => Err(wrong()),
        }
    }
}

/// What tasks and migrations have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deed<'a> {
    pub(crate) run: &'a Run,
    pub(crate) when: Option<&'a Text>,
    pub(crate) dir: Option<&'a Text>,
    pub(crate) env: &'a IndexMap<String, Text>,
}

impl Task {
    pub(crate) fn deed(&self) -> Deed<'_> {
        Deed { run: &self.run, when: self.when.as_ref(), dir: self.dir.as_ref(), env: &self.env }
    }
}

impl Migration {
    pub(crate) fn deed(&self) -> Deed<'_> {
        Deed { run: &self.run, when: self.when.as_ref(), dir: self.dir.as_ref(), env: &self.env }
    }
}

impl<'a> Deed<'a> {
    /// All that is rendered of it: a script is not.
    pub(crate) fn texts(self) -> impl Iterator<Item = &'a Text> {
        let words = match self.run {
            Run::Script(_) => &[][..],
            Run::Words(words) => words,
        };
        words.iter().chain(self.dir).chain(self.env.values())
    }
}
