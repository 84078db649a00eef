//! What prodev keeps of templates outside of projects, each under the source that it is from, and how some of it is removed by name.

use std::path::PathBuf;

use serde_json::Value as Json;

use crate::error::{Exit, Failure, Problem, nearest};
use crate::outcome::{Change, Outcome, object};
use crate::plan::{OldFolder, Plan, Step};

/// How it is said that something is not there.
pub(super) struct Words<'a> {
    /// Of one, before what was meant.
    pub(super) missing: &'a str,
    /// Of several.
    pub(super) summary: &'a str,
    /// Where it is told what there is.
    pub(super) list: &'a str,
}

/// Those of `all` that were typed; all of them where nothing was. `forms` are the sources that somebody may mean by what they typed, the likeliest first.
///
/// # Errors
/// Exit 2: what is of none of them.
pub(super) fn chosen<T>(
    typed: &[String],
    all: Vec<T>,
    source: impl Fn(&T) -> &str,
    forms: impl Fn(&str) -> anyhow::Result<Vec<String>>,
    words: &Words,
) -> anyhow::Result<Vec<T>> {
    let mut wanted = Vec::new();
    let mut problems = Vec::new();
    for typed in typed {
        let forms = forms(typed)?;
        let known = || all.iter().map(&source);
        if let Some(meant) = known().find(|source| forms.iter().any(|form| form == source)) {
            wanted.push(meant.to_owned());
            continue;
        }
        let meant = forms.first().unwrap_or(typed);
        let problem = Problem::new(format!("{} `{meant}`", words.missing));
        problems.push(match nearest(meant, known()) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => problem.hint(words.list),
        });
    }
    if !problems.is_empty() {
        return Err(Failure::of(words.summary, problems).exit(Exit::Usage).into());
    }
    let is_wanted = |one: &T| typed.is_empty() || wanted.iter().any(|wanted| wanted == source(one));
    Ok(all.into_iter().filter(is_wanted).collect())
}

/// The end of these folders, each with how it is called.
pub(super) fn removal(folders: impl IntoIterator<Item = (PathBuf, String)>, done: String, json: Json) -> Outcome {
    let steps = folders.into_iter().map(|(path, shown)| Step::Remove(OldFolder { path, shown }));
    Outcome::Change(Box::new(Change { plan: Plan::new(steps), done, json: object(json), ..Change::default() }))
}
