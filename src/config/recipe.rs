//! `[recipes.NAME]`: what a recipe is made of.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::condition::{Requires, When};
use super::parameter::Parameter;
use super::repeat::{ForEach, Retry};
use super::schedule::Schedule;
use super::strict::table;
use super::value::{Command, Duration, Glob, Map, OneOrMany, Scalar};
use super::variable::{Dotenv, EnvironmentValue};

// What few recipes have lies apart, so that each of many is half as large.
/// A recipe: a script, what it needs, when and how it runs
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a key of the file")]
pub(crate) struct Recipe {
    /// What it is for, in a line; shown in the list
    pub(crate) doc: Option<String>,
    /// What it runs: a text for a shell, a list of words for no shell, or a list of steps
    pub(crate) run: Option<Run>,
    /// A script file to run in place of `run`
    pub(crate) script: Option<String>,
    /// The shell or interpreter: a name like `bash`, or its words like `["python3", "-"]`
    pub(crate) shell: Option<OneOrMany<String>>,
    /// What it can be given on the command line
    pub(crate) params: Vec<Parameter>,
    /// Recipes that run before it, side by side
    pub(crate) needs: Vec<Need>,
    /// Run `needs` one after another, in the order given
    pub(crate) ordered: bool,
    /// Recipes that run after it has succeeded
    pub(crate) after: Vec<Need>,
    /// What runs at the end in any case: after success, failure, timeout and Ctrl-C
    pub(crate) finally: Option<Box<Finally>>,
    /// When it runs at all: an expression, or conditions that must all hold
    pub(crate) when: Option<Box<When>>,
    /// Tools and variables that must be there
    pub(crate) requires: Option<Box<Requires>>,
    /// Ask before it runs: `true`, or the question
    pub(crate) confirm: Option<Confirm>,
    /// The directory to run in, from the directory of this file
    pub(crate) dir: Option<String>,
    /// Environment variables for it
    pub(crate) env: Map<EnvironmentValue>,
    /// Whether it sees all of `[vars]` (`true`), or only those that its text names
    pub(crate) vars: Option<bool>,
    /// Load the .env layers (`true`), not (`false`), or these files
    pub(crate) dotenv: Option<Dotenv>,
    /// The profile whose .env layers it gets
    pub(crate) profile: Option<String>,
    /// Leave it out of lists, and let only other recipes run it
    pub(crate) private: bool,
    /// Other names for it
    pub(crate) alias: OneOrMany<String>,
    /// The heading that it is listed under
    pub(crate) group: Option<String>,
    /// Say nothing of its start and end
    pub(crate) quiet: bool,
    /// It talks with the user: it gets the terminal and the keys
    pub(crate) interactive: bool,
    /// How long it may take
    pub(crate) timeout: Option<Duration>,
    /// How long it may take to end when it is told to
    pub(crate) grace: Option<Duration>,
    /// How often to try again: a number, or how
    pub(crate) retry: Option<Box<Retry>>,
    /// Names that only one running recipe can hold, or as many as `[settings.pools]` says
    pub(crate) lock: OneOrMany<String>,
    /// Run it once for each combination of these values
    pub(crate) matrix: Map<Vec<Scalar>>,
    /// Run it once for each of these
    pub(crate) for_each: Option<Box<ForEach>>,
    /// Its failure is no failure of the run
    pub(crate) ignore_errors: bool,
    /// Leave what it starts running when it ends
    pub(crate) detach: bool,
    /// What happens to programs that are left when it has succeeded
    pub(crate) survivors: Option<Survivors>,
    /// Share the number of jobs with `make` and its like
    pub(crate) jobserver: bool,
    /// Files that it reads; when none has changed since it last succeeded, it is skipped
    pub(crate) inputs: Vec<Glob>,
    /// Files that it makes; they are kept, and restored where they are missing
    pub(crate) outputs: Vec<Glob>,
    /// Where its outputs are kept
    pub(crate) cache: Option<Cache>,
    /// When it runs by itself: a line as cron reads it, or more
    pub(crate) schedule: Option<Box<Schedule>>,
}

/// What a recipe runs
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Run {
    /// A text for the shell, in one process
    Script(String),
    /// A program and its arguments, without a shell
    Words(Vec<String>),
    /// One step after another
    Steps(Vec<Step>),
}

/// One of several steps
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Step {
    /// A program and its arguments, without a shell
    Words(Vec<String>),
    /// A step with more to say
    Full(#[serde(deserialize_with = "table")] FullStep),
}

/// A step: what to run, and how
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FullStep {
    /// A text for the shell, or a list of words for no shell
    pub(crate) run: Command,
    /// What it is called in output and in failures
    #[serde(default)]
    pub(crate) name: Option<String>,
    /// The directory to run in, from the directory of the recipe
    #[serde(default)]
    pub(crate) dir: Option<String>,
    /// Environment variables for it
    #[serde(default)]
    pub(crate) env: Map<Scalar>,
    /// Go on when it fails
    #[serde(default)]
    pub(crate) ignore_errors: bool,
}

/// A recipe that another needs
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Need {
    /// Its name
    Name(String),
    /// Its name and arguments
    Call(#[serde(deserialize_with = "table")] Call),
}

/// A recipe with arguments
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    /// Its name
    pub(crate) recipe: String,
    /// Values for its parameters, by name; a variadic one takes a list
    #[serde(default)]
    pub(crate) with: Map<OneOrMany<Scalar>>,
}

/// What runs at the end
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Finally {
    /// A text for the shell
    Script(String),
    /// A program and its arguments, without a shell
    Words(Vec<String>),
    /// More to say
    Full(#[serde(deserialize_with = "table")] FullFinally),
}

/// What runs at the end, with a limit of its own
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FullFinally {
    /// A text for the shell, or a list of words for no shell
    pub(crate) run: Option<Command>,
    /// A recipe to run
    pub(crate) recipe: Option<String>,
    /// Values for the recipe's parameters
    pub(crate) with: Map<OneOrMany<Scalar>>,
    /// How long it may take
    pub(crate) timeout: Option<Duration>,
}

/// Whether to ask, or the question
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Confirm {
    /// Whether to ask
    Plain(bool),
    /// The question
    Question(String),
}

/// What happens to programs that a recipe leaves behind
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Survivors {
    /// They are named and stay
    #[default]
    Keep,
    /// They are killed
    Kill,
}

/// Where outputs are kept
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Cache {
    /// Nowhere: the recipe is skipped or runs
    Off,
    /// On this machine
    Local,
    /// On this machine and in the remote cache
    Remote,
}
