//! The records of a project as they are written.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use super::{Origin, State, contributions_of, digests, once_mark, record, source};
use crate::error::{Failure, fail};
use crate::plan::path::{STATE_FOLDER, TreePath};
use crate::plan::tree::{Action, Content, Entry, Mode};
use crate::scaffold::answers::Answers;
use crate::scaffold::components::Selection;
use crate::scaffold::contribution::{self, Done};
use crate::scaffold::render::{RenderedFile, Rendering, collisions};
use crate::scaffold::source::Template;

const HEAD: &str = "# Written by prodev: which template this project comes from, and the answers behind it.\n\
                    # Commit it with `base/` beside it; an update needs both.\n\n";

/// Git and its web pages are told that these files are nobody's to read or convert.
const ATTRIBUTES: &str = "* -text linguist-generated\n\
                          # Of two branches that both changed the template's part, prodev finds out what they make together.\n\
                          /*/base/** merge=union\n\
                          /*/digests/** merge=union\n";

/// The project's own rules may leave out what the base needs, such as `.env.*` its `.env.example`: git takes all of it, except a
/// journal, which holds a change that is under way.
const IGNORED: &str = "!*\n/journal/\n/update/\n/kept-*/\n";

/// What is written down.
pub(in crate::scaffold) struct Made<'a> {
    /// Under which name.
    pub(in crate::scaffold) name: &'a str,
    pub(in crate::scaffold) template: &'a Template,
    pub(in crate::scaffold) selection: &'a Selection,
    pub(in crate::scaffold) answers: &'a Answers,
    pub(in crate::scaffold) rendering: &'a Rendering,
    /// What was put into files that are not the template's own.
    pub(in crate::scaffold) contributions: &'a [Done],
    pub(in crate::scaffold) now: jiff::Timestamp,
    /// The name that the project's folder has, or had when it was made.
    pub(in crate::scaffold) dir_name: &'a str,
    /// The project's folder.
    pub(in crate::scaffold) destination: &'a Path,
}

/// The records of a project, for the folder `.prodev/NAME/`.
///
/// # Errors
/// A path that is too long with the ending of its record.
pub(in crate::scaffold) fn records(made: &Made) -> Result<Vec<Entry>, Failure> {
    let Made { name, template, selection, answers, rendering, .. } = made;
    let kept: Vec<&RenderedFile> = rendering.files.iter().filter(|file| !file.once).collect();
    let table = |wanted: &dyn Fn(&str) -> bool| -> toml::Table {
        let stored = answers.stored.iter().filter(|(name, _)| wanted(name));
        stored
            .filter_map(|(name, value)| {
                Some((name.clone(), record(template.manifest.questions.get(name)?.kind, value)?))
            })
            .collect()
    };
    let state = State {
        template: Origin {
            name: template.manifest.template.name.text.clone(),
            source: source(&template.origin, made.destination),
            reference: template.origin.commit().and_then(|commit| commit.reference.clone()),
            commit: template.origin.commit().map(|commit| commit.id.clone()),
            version: template.manifest.template.version.to_string(),
            folder: template.asks_for("dir_name").then(|| made.dir_name.to_owned()),
            created: rendering.has_now.then(|| made.now.to_string()),
            bases: template.pins(|origin| source(origin, made.destination)),
        },
        components: template.manifest.components.keys().map(|it| (it.clone(), selection.has(it))).collect(),
        answers: table(&|name| !answers.unasked.contains(name)),
        unasked: table(&|name| answers.unasked.contains(name)),
    };
    let folder = format!("{STATE_FOLDER}/{name}");
    let mut entries = vec![
        entry(&format!("{STATE_FOLDER}/.gitattributes"), plain(ATTRIBUTES))?,
        entry(&format!("{STATE_FOLDER}/.gitignore"), plain(IGNORED))?,
        entry(&format!("{folder}/state.toml"), plain(&text(&state)?))?,
    ];
    let mut lists: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in &rendering.files {
        let line = if file.once {
            digests::once(&once_mark(&file.path))
        } else {
            digests::line(&file.path, &file.content, &file.key)
        };
        lists.entry(digests::name(file.owner.as_deref())).or_default().push(line);
    }
    for (list, lines) in lists {
        entries.push(entry(&format!("{folder}/digests/{list}"), plain(&digests::text(&lines)))?);
    }
    let mut put_in: BTreeMap<String, Vec<&Done>> = BTreeMap::new();
    for done in made.contributions {
        put_in.entry(contributions_of(done.owner.as_deref())).or_default().push(done);
    }
    for (list, done) in put_in {
        let text = contribution::text(&done).map_err(unfit)?;
        entries.push(entry(&format!("{folder}/contributions/{list}"), plain(&text))?);
    }
    for file in kept {
        entries.push(entry(&format!("{folder}/base/{}.base", file.path), file.content.clone())?);
    }
    let problems = collisions(entries.iter().map(|entry| (&entry.path, "its record")));
    if !problems.is_empty() {
        return Err(Failure::of("the records of some files would lie on each other", problems)
            .hint("give the file or the folder whose name ends in `.base` another name"));
    }
    Ok(entries)
}

/// `state.toml`, with an empty line between two components: Git joins changes of lines only where they do not touch.
fn text(state: &State) -> Result<String, Failure> {
    #[derive(serde::Serialize)]
    struct Head<'a> {
        template: &'a Origin,
    }
    #[derive(serde::Serialize)]
    struct Tail<'a> {
        #[serde(skip_serializing_if = "toml::Table::is_empty")]
        answers: &'a toml::Table,
        #[serde(skip_serializing_if = "toml::Table::is_empty")]
        unasked: &'a toml::Table,
    }
    let mut text = HEAD.to_owned();
    text.push_str(&toml::to_string_pretty(&Head { template: &state.template }).map_err(unfit)?);
    if !state.components.is_empty() {
        text.push_str("\n[components]\n");
    }
    for (number, (name, is_on)) in state.components.iter().enumerate() {
        let _ = writeln!(text, "{}{name} = {is_on}", if number == 0 { "" } else { "\n" });
    }
    let tail = toml::to_string_pretty(&Tail { answers: &state.answers, unasked: &state.unasked }).map_err(unfit)?;
    if !tail.is_empty() {
        let _ = write!(text, "\n{tail}");
    }
    Ok(text)
}

#[allow(clippy::needless_pass_by_value, reason = "`map_err` hands it over")]
fn unfit(error: toml::ser::Error) -> Failure {
    fail("the answers cannot be written as TOML")
        .cause(error.to_string())
        .hint("take what TOML cannot hold out of the answers")
}

fn plain(text: &str) -> Content {
    Content::File { bytes: Arc::new(text.as_bytes().to_vec()), mode: Mode::Plain }
}

fn entry(path: &str, content: Content) -> Result<Entry, Failure> {
    let path = TreePath::own(path).map_err(|why| {
        fail(format!("the record `{path}` {why}"))
            .hint("give the file, or the template's record (`--as NAME`), a shorter name")
    })?;
    Ok(Entry { path, content, action: Action::Create })
}
