//! What a command hands back to `cli`: an answer, a verdict, or a change to apply. Nothing here prints or writes.

use crate::config::recipe::Need;
use crate::error::Exit;
use crate::findings::Verdict;
use crate::plan::{Memory, Plan};

/// What is left to do when a command has decided.
pub(crate) enum Outcome {
    /// Something to print.
    Answer(Answer),
    /// What was found wrong; a failure where an error is among it.
    Verdict(Box<Verdict>),
    /// Something to do, shown first under `--dry-run`.
    Change(Box<Change>),
    /// Other programs have run: the code that this one ends with, and the report for `--json`.
    Ran { code: u8, json: serde_json::Map<String, serde_json::Value> },
    /// The same, where all has been told already.
    Ended(u8),
    /// A program that takes the place of this one.
    Child(Box<Child>),
}

/// A program, and the environment that it gets.
#[derive(Debug)]
pub(crate) struct Child {
    /// The program, then its arguments; never empty.
    pub(crate) command: Vec<std::ffi::OsString>,
    /// The variables to set; what else is in the environment stays.
    pub(crate) variables: Vec<(String, String)>,
    /// Nothing else stays in the environment.
    pub(crate) is_clean: bool,
    /// What its output must not show; prodev stays in between where there is something.
    pub(crate) masked: Vec<String>,
    /// Files that it is started anew for when they change; absolute. prodev stays where there are some.
    pub(crate) watched: Vec<std::path::PathBuf>,
}

/// Text for people and the same as data. Style it freely: `ui` takes the styles away where they do not belong.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// Ends with a newline unless it is empty.
    pub(crate) text: String,
    /// An object; `ui` adds `"version": 1`.
    pub(crate) json: serde_json::Map<String, serde_json::Value>,
    /// How the program ends where the answer itself is one of two: `Some(Failed)` for a yes that scripts wait for.
    pub(crate) exit: Option<Exit>,
}

/// A plan, and how to speak of it.
#[derive(Debug, Default)]
pub(crate) struct Change {
    pub(crate) plan: Plan,
    /// What is said before anything is done (which components came along, say).
    pub(crate) before: Vec<String>,
    /// What is said when it is done: one line, then what the user might do next.
    pub(crate) done: String,
    pub(crate) after: Option<String>,
    /// What is printed on stdout when it is done; `--json` has it among its fields.
    pub(crate) answer: Option<String>,
    /// Recipes that must succeed first. Whoever applies the plan runs them, and asks for it again: they may have changed what it was made from.
    pub(crate) recipes: Vec<Need>,
    /// What `--json` reports beside the steps.
    pub(crate) json: serde_json::Map<String, serde_json::Value>,
    /// What the dry run shows of files.
    pub(crate) preview: Preview,
    /// How the program ends when all is done, where that is not the end of it.
    pub(crate) exit: Option<Exit>,
    /// What the user has to agree to before anything is done.
    pub(crate) consent: Option<Consent>,
    /// What comes before all of it.
    pub(crate) first: Option<First>,
    /// What a dry run says beside the steps.
    pub(crate) rehearsal: Option<String>,
}

/// Steps that change what the plan was made from: when they are done, the change is decided anew.
pub(crate) struct First {
    /// What is said before.
    pub(crate) before: Vec<String>,
    pub(crate) plan: Plan,
    pub(crate) again: Again,
}

/// Decides what is to be done, once more.
pub(crate) type Again = Box<dyn FnOnce() -> anyhow::Result<Change>>;

impl std::fmt::Debug for First {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("First").field("plan", &self.plan).finish_non_exhaustive()
    }
}

/// Commands of somebody else's that would run on this machine, and that nobody has agreed to yet.
#[derive(Debug)]
pub(crate) struct Consent {
    /// Whose they are, in words: a name in backticks, or what it is.
    pub(crate) whose: String,
    /// Each as it would be typed.
    pub(crate) commands: Vec<String>,
    /// What is written down where the user agrees at a terminal, of each of them.
    pub(crate) approvals: Vec<Memory>,
    /// What else can be done about it where nobody is there to agree.
    pub(crate) hint: Option<&'static str>,
}

/// How much a dry run shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Preview {
    /// A line for each step.
    #[default]
    Lines,
    /// And what will be different in each file.
    Diff,
}

impl Outcome {
    /// An answer of text and an object that `json!` made.
    pub(crate) fn answer(text: impl Into<String>, json: serde_json::Value) -> Self {
        Self::Answer(Answer { text: text.into(), json: object(json), exit: None })
    }
}

/// The object in `value`; anything else under the key `value`.
pub(crate) fn object(value: serde_json::Value) -> serde_json::Map<String, serde_json::Value> {
    match value {
        serde_json::Value::Object(map) => map,
        other => std::iter::once(("value".to_owned(), other)).collect(),
    }
}
