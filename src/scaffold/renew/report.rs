//! What is said of a renewed project: what the template brings, which renames were followed, and what somebody has to decide.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::{Renewal, Renewed, conflict_json};
use crate::error::Exit;
use crate::outcome::{Change, Preview, object};
use crate::plan::path::TreePath;
use crate::plan::tree::{Action, Content};
use crate::plan::{Plan, Step};
use crate::scaffold::render::RenderedFile;
use crate::scaffold::{new, provenance, state};
use crate::ui::style::GOOD;

/// What a command says of itself.
pub(in crate::scaffold) struct Words {
    /// Before anything is done.
    pub(in crate::scaffold) before: Vec<String>,
    /// How it ended, in the past tense: "updated", without the project's name.
    pub(in crate::scaffold) verb: &'static str,
    /// What follows the name: "from tpl 1.0.0 to 1.1.0".
    pub(in crate::scaffold) what: String,
    /// What `--json` tells beside the rest.
    pub(in crate::scaffold) json: Json,
}

/// Turns a renewed project into a change.
pub(in crate::scaffold) fn change(renewal: &Renewal, renewed: Renewed, words: Words) -> Change {
    let root = &renewal.subject.root;
    let Renewed { tree, merge, brings } = renewed;
    let variables = new_variables(renewal, root);
    let mut before = words.before;
    let count = |paths: &[TreePath], what: &str| (!paths.is_empty()).then(|| format!("{} {what}", paths.len()));
    let counts: Vec<String> =
        [count(&brings.added, "new"), count(&brings.changed, "changed"), count(&brings.removed, "removed")]
            .into_iter()
            .flatten()
            .collect();
    if !counts.is_empty() {
        before.push(format!("files of the template: {}", counts.join(", ")));
    }
    before.extend(merge.followed.iter().map(|it| {
        let whose = if it.by == "you" { "you renamed" } else { "the template renamed" };
        format!("{whose} `{}` to `{}`: followed", it.from, it.to)
    }));
    before.extend(merge.notes.iter().cloned());
    if !variables.is_empty() {
        before.push(format!("new variables, not in your `.env`: {}", variables.join(", ")));
    }
    let surfaces = new::surfaces::surfaces(renewal.rendering);
    // What is put into a file of the user's can make that run something, too.
    let put = renewal.rendering.contributions.iter().map(|it| &it.to).filter(|to| merge.writes.contains_key(to));
    let changed: BTreeSet<&str> = brings.added.iter().chain(&brings.changed).chain(put).map(TreePath::as_str).collect();
    let surfaces: Vec<(String, &'static str)> =
        surfaces.into_iter().filter(|(path, _)| changed.contains(path.as_str())).collect();
    if !surfaces.is_empty() && !renewal.subject.template.is_builtin() {
        before.push("among them are files that run something; look at them before you use them:".to_owned());
        before.extend(surfaces.iter().map(|(path, why)| format!("  {path}: {why}")));
    }
    let own = tree.entries.iter().filter(|entry| !super::is_record(&entry.path));
    let (mut created, mut replaced, mut removed) = (0, 0, 0);
    for entry in own {
        match entry.action {
            Action::Create => created += 1,
            Action::Replace(_) => replaced += 1,
            Action::Remove(_) => removed += 1,
            Action::Keep => {}
        }
    }
    let done: Vec<String> = [(created, "created"), (replaced, "changed"), (removed, "removed")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let done = if done.is_empty() { "your files stay as they are".to_owned() } else { done.join(", ") };
    let shown = root.file_name().unwrap_or_default().to_string_lossy();
    let conflicts: Vec<Json> = merge.conflicts.iter().map(conflict_json).collect();
    let mut json = object(words.json);
    json.extend(object(json!({
        "directory": root.display().to_string(),
        "brings": {
            "added": paths(&brings.added),
            "changed": paths(&brings.changed),
            "removed": paths(&brings.removed),
        },
        "followed": merge.followed,
        "questions": renewal.answers.new,
        "variables": variables,
        "runs": surfaces.iter().map(|(path, _)| path).collect::<Vec<_>>(),
        "conflicts": conflicts,
    })));
    let has_conflicts = !merge.conflicts.is_empty();
    let lines: Vec<String> = merge
        .conflicts
        .iter()
        .map(|it| {
            let beside = it.beside.as_ref().map(|at| format!("; the template's is in `{at}`"));
            format!("  {}: {}{}", it.path, it.kind.words(), beside.unwrap_or_default())
        })
        .collect();
    let lines = lines.join("\n");
    let said = format!("conflicts that it would stop at:\n{lines}");
    let rehearsal = has_conflicts.then_some(said);
    let after = has_conflicts.then(|| {
        format!(
            "Conflicts:\n{lines}\nResolve them, then\n  prodev update --continue\nor take it all back with\n  prodev update --abort"
        )
    });
    Change {
        plan: Plan::new(std::iter::once(Step::Tree(tree)).chain(remember(renewal))),
        before,
        done: format!(
            "{GOOD}{}{GOOD:#} `{shown}` {}: {done}{}",
            words.verb,
            words.what,
            match merge.conflicts.len() {
                0 => String::new(),
                1 => ", 1 conflict".to_owned(),
                many => format!(", {many} conflicts"),
            }
        ),
        after,
        rehearsal,
        json,
        preview: Preview::Diff,
        exit: has_conflicts.then_some(Exit::Conflict),
        ..Change::default()
    }
}

/// What is handed back where the project is as it should be already: a change of nothing, so that scripts read one form.
pub(in crate::scaffold) fn nothing(renewal: &Renewal, renewed: Renewed, json: Json, done: String) -> Change {
    let words = Words { before: Vec::new(), verb: "", what: String::new(), json };
    let change = change(renewal, renewed, words);
    Change { plan: Plan::new(remember(renewal)), before: Vec::new(), done, after: None, rehearsal: None, ..change }
}

/// Where the template was taken from, for the next time.
fn remember(renewal: &Renewal) -> Option<Step> {
    let Renewal { subject, .. } = renewal;
    let source = state::source(&subject.template.origin, &subject.root);
    provenance::remember(&subject.root, &subject.recorded.name, &source)
}

fn paths(paths: &[TreePath]) -> Vec<&str> {
    paths.iter().map(TreePath::as_str).collect()
}

/// The variables that the template's `.env` or `.env.example` names now, that its example did not name before, and that the user's `.env` does not have.
fn new_variables(renewal: &Renewal, root: &std::path::Path) -> Vec<String> {
    let own = std::fs::read_to_string(root.join(".env")).unwrap_or_default();
    let mut known: BTreeSet<String> = names(&own).collect();
    let base = &renewal.subject.recorded.base;
    for (path, based) in base.iter().filter(|(path, _)| is_example(path.as_str())) {
        let _ = path;
        known.extend(names(&text(&based.content)));
    }
    let mut found = BTreeSet::new();
    // What is written but once is not brought again: who has it learns here what is new in it.
    let has_own = root.join(".env").is_file();
    let asked = |file: &&RenderedFile| {
        let path = file.path.as_str();
        if file.once { has_own && path == ".env" } else { is_example(path) }
    };
    for file in renewal.rendering.files.iter().filter(asked).map(|file| &file.content) {
        found.extend(names(&text(file)).filter(|name| !known.contains(name)));
    }
    found.into_iter().collect()
}

fn is_example(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.starts_with(".env") && ["example", "sample", "template"].iter().any(|word| name.contains(word))
}

fn text(content: &Content) -> String {
    match content {
        Content::File { bytes, .. } => String::from_utf8_lossy(bytes).into_owned(),
        Content::Link(_) => String::new(),
    }
}

/// The names that lines of the form `NAME=…` give values to.
fn names(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter_map(|line| {
        let line = line.trim().trim_start_matches("export ");
        let (name, _) = line.split_once('=')?;
        let name = name.trim();
        let is_name = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !name.as_bytes()[0].is_ascii_digit();
        is_name.then(|| name.to_owned())
    })
}
