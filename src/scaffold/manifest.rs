//! `template.toml` as a template's author writes it. What it means is found out elsewhere; what it says wrong is found here.

mod extends;
mod placed;
mod shapes;
mod task;

use std::fmt;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

pub(crate) use extends::Extends;
pub(crate) use placed::{Literal, Text};
pub(crate) use task::{Deed, Migration, Occasion, Run, Stage, Task};

use super::contribution::Format;

/// A template's description of itself.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "A prodev template", description = "template.toml: what a template is, asks and has")]
pub(crate) struct Manifest {
    pub(crate) template: About,
    /// What is asked, in this order.
    #[serde(default)]
    pub(crate) questions: IndexMap<String, Question>,
    /// Values that follow from answers: expressions, never asked.
    #[serde(default)]
    pub(crate) computed: IndexMap<String, Text>,
    /// Parts that can be switched on and off, in the order in which they fill slots.
    #[serde(default)]
    pub(crate) components: IndexMap<String, Component>,
    /// Named selections of components.
    #[serde(default)]
    pub(crate) presets: IndexMap<String, Vec<String>>,
    /// Rules for files, by glob; later ones override earlier ones.
    #[serde(default)]
    pub(crate) files: Vec<Rule>,
    /// Files and folders that have another name than in older versions.
    #[serde(default)]
    pub(crate) renames: Vec<Rename>,
    /// Commands that are run in the project when all files are there, in this order; only where the template is trusted.
    #[serde(default)]
    pub(crate) tasks: Vec<Task>,
    /// Commands for projects of an older version, run when they are updated; only where the template is trusted.
    #[serde(default)]
    pub(crate) migrations: Vec<Migration>,
    /// What is put into files that are not the template's own.
    #[serde(default)]
    pub(crate) contributions: Vec<Contribution>,
    #[serde(default)]
    pub(crate) messages: Messages,
}

/// The template itself.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct About {
    /// Its name: lowercase letters, digits and dashes. Also the folder of its state, `.prodev/NAME/`.
    pub(crate) name: Text,
    /// One line about it.
    #[serde(default)]
    pub(crate) description: String,
    /// Its version, semantic.
    #[schemars(with = "String")]
    pub(crate) version: semver::Version,
    /// The oldest prodev that can render it (looked at before all else, see `source`).
    #[schemars(with = "Option<String>")]
    pub(crate) min_prodev: Option<semver::Version>,
    /// The template that it is made from: what is here too, by its name, is taken from here.
    pub(crate) extends: Option<Extends>,
}

/// One question.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    /// What kind of value answers it.
    #[serde(default, rename = "type")]
    pub(crate) kind: Kind,
    /// The question, a text with `{{ … }}`; the name where it is missing.
    pub(crate) prompt: Option<Text>,
    /// A line of explanation, a text with `{{ … }}`.
    pub(crate) help: Option<Text>,
    /// An example, shown where there is no default.
    pub(crate) placeholder: Option<Text>,
    /// The answer that is taken where no other is given; a string with `{{ … }}` is rendered.
    pub(crate) default: Option<Literal>,
    /// For `choice` and `multi`.
    pub(crate) choices: Option<Choices>,
    /// Expression: false, and it is not asked.
    pub(crate) when: Option<Text>,
    /// Regular expression that the whole text must match.
    pub(crate) pattern: Option<Text>,
    /// Least value, number of characters, or number of items.
    pub(crate) min: Option<f64>,
    /// Greatest value, number of characters, or number of items.
    pub(crate) max: Option<f64>,
    /// What must hold for `value`.
    #[serde(default)]
    pub(crate) validator: Validators,
}

/// The kinds of questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    #[default]
    String,
    Text,
    Int,
    Float,
    Bool,
    Choice,
    Multi,
    Path,
    Json,
    Yaml,
    Secret,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::String => "string",
            Self::Text => "text",
            Self::Int => "int",
            Self::Float => "float",
            Self::Bool => "bool",
            Self::Choice => "choice",
            Self::Multi => "multi",
            Self::Path => "path",
            Self::Json => "json",
            Self::Yaml => "yaml",
            Self::Secret => "secret",
        };
        f.write_str(name)
    }
}

/// The choices of a question: fixed, or an expression that yields them.
#[derive(Debug, Clone, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Choices {
    Dynamic(Text),
    Fixed(Vec<Option_>),
}

/// One choice.
#[derive(Debug, Clone, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Option_ {
    Full(FullOption),
    Plain(#[schemars(with = "placed::Scalar")] Literal),
}

impl Option_ {
    pub(crate) fn value(&self) -> &Literal {
        match self {
            Self::Full(full) => &full.value,
            Self::Plain(value) => value,
        }
    }
}

/// A choice with everything that can be said of it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FullOption {
    pub(crate) value: Literal,
    /// What is shown instead of the value, a text with `{{ … }}`.
    pub(crate) label: Option<Text>,
    /// Expression: a text (or true) is the reason why it cannot be taken.
    pub(crate) disabled: Option<Text>,
}

/// One condition or several.
#[derive(Debug, Clone, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Validators {
    One(Validator),
    Several(Vec<Validator>),
}

/// A condition on an answer.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Validator {
    /// Expression that must be true.
    pub(crate) expr: Text,
    /// What is said where it is not, a text with `{{ … }}`.
    pub(crate) message: Text,
}

impl Default for Validators {
    fn default() -> Self {
        Self::Several(Vec::new())
    }
}

impl Validators {
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Validator> {
        match self {
            Self::One(one) => std::slice::from_ref(one).iter(),
            Self::Several(several) => several.iter(),
        }
    }
}

/// A part of a template.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Component {
    /// A few words about it.
    #[serde(default)]
    pub(crate) title: String,
    /// A sentence about it.
    #[serde(default)]
    pub(crate) description: String,
    /// Always selected.
    #[serde(default)]
    pub(crate) required: bool,
    /// Selected where nobody says otherwise.
    #[serde(default)]
    pub(crate) default: bool,
    /// Components that it cannot do without.
    #[serde(default)]
    pub(crate) requires: Vec<String>,
    /// Components that it cannot be with.
    #[serde(default)]
    pub(crate) conflicts: Vec<String>,
    /// Globs of the files that are its own.
    #[serde(default)]
    pub(crate) files: Vec<String>,
    /// It keeps data in tables: the command that takes these out of a database, to be shown before the component is removed.
    pub(crate) tables: Option<String>,
}

/// What holds for the files that a glob matches.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// One glob or several, over the path inside `files/`, before rendering and without `.jinja`.
    #[serde(rename = "match")]
    pub(crate) globs: Globs,
    /// Expression: false, and they are not generated.
    pub(crate) when: Option<Text>,
    /// Never generated.
    pub(crate) exclude: Option<bool>,
    /// Written only where it is absent, in no state, never updated.
    pub(crate) once: Option<bool>,
    /// Left alone where it exists already.
    pub(crate) skip_if_exists: Option<bool>,
    /// Copied as it is, even if it ends in `.jinja`.
    pub(crate) verbatim: Option<bool>,
    /// Sets or clears the executable bits.
    pub(crate) executable: Option<bool>,
    /// Expression that yields a list: one file per item.
    pub(crate) for_each: Option<Text>,
    /// The item's name; `item` where it is missing.
    #[serde(rename = "as")]
    pub(crate) item: Option<String>,
    pub(crate) delimiters: Option<Delimiters>,
}

/// A file or folder of the project that has another name from a version on.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rename {
    /// The first version in which it has its new name.
    pub(crate) since: Text,
    /// Where it was in the project, a text with `{{ … }}`.
    pub(crate) from: Text,
    /// Where it is now, a text with `{{ … }}`.
    pub(crate) to: Text,
}

/// Lines or keys for a file that is not the template's own.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Contribution {
    /// The file in the project, a text with `{{ … }}`; where it comes out empty there is nothing to put in.
    pub(crate) to: Text,
    /// The component that it belongs to; without one it is everybody's.
    pub(crate) component: Option<Text>,
    /// Expression: false, and it is not put in.
    pub(crate) when: Option<Text>,
    /// Whole lines, a text with `{{ … }}`.
    pub(crate) text: Option<Text>,
    /// Lines go behind the only line that has this in it; at the end where neither this nor `before` is given.
    pub(crate) after: Option<Text>,
    /// Lines go before the only line that has this in it.
    pub(crate) before: Option<Text>,
    /// Keys and their values, in tables as deep as need be; strings are texts with `{{ … }}`.
    #[schemars(with = "Option<std::collections::BTreeMap<String, serde_json::Value>>")]
    pub(crate) keys: Option<Literal>,
    /// How the file is written; otherwise its name tells.
    pub(crate) format: Option<Format>,
    /// The file is made where it is missing.
    #[serde(default)]
    pub(crate) create: bool,
}

/// A glob, or several.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Globs {
    One(String),
    Several(Vec<String>),
}

impl Globs {
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, String> {
        match self {
            Self::One(one) => std::slice::from_ref(one).iter(),
            Self::Several(several) => several.iter(),
        }
    }
}

/// Other delimiters than Jinja's own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Delimiters {
    #[serde(default = "Delimiters::variable")]
    pub(crate) variable: (String, String),
    #[serde(default = "Delimiters::block")]
    pub(crate) block: (String, String),
    #[serde(default = "Delimiters::comment")]
    pub(crate) comment: (String, String),
}

impl Delimiters {
    fn variable() -> (String, String) {
        ("{{".to_owned(), "}}".to_owned())
    }

    fn block() -> (String, String) {
        ("{%".to_owned(), "%}".to_owned())
    }

    fn comment() -> (String, String) {
        ("{#".to_owned(), "#}".to_owned())
    }
}

impl Default for Delimiters {
    fn default() -> Self {
        Self { variable: Self::variable(), block: Self::block(), comment: Self::comment() }
    }
}

/// What is said to the user.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Messages {
    /// Before the first question, a text with `{{ … }}`.
    pub(crate) before: Option<Text>,
    /// When all is done, a text with `{{ … }}`.
    pub(crate) after: Option<Text>,
}
