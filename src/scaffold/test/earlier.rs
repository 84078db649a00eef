//! Whether a project of the version before comes to this one: generated from that version's tag somewhere aside, left as it is, and updated.

use std::collections::BTreeSet;
use std::path::Path;

use super::case::Case;
use crate::ctx::Ctx;
use crate::git;
use crate::plan::tree::{Action, Aside, Entry};
use crate::scaffold::components::{self, Wishes};
use crate::scaffold::merge::{Merge, Ours, contributions};
use crate::scaffold::renew::{self, Renewal, Subject, Wish};
use crate::scaffold::source::{self, Age, Finder, Template, Wanted};
use crate::scaffold::state::{self, Made};
use crate::ui::{Ui, Volume};

/// The tag of the newest version that is older than the template, or the template's own where that is tagged already; `None` where there is no
/// repository, or no version.
///
/// # Errors
/// Where the repository cannot be read.
pub(super) fn version(root: &Path, template: &Template) -> anyhow::Result<Option<String>> {
    let Some(top) = top(root) else { return Ok(None) };
    let have = &template.manifest.template.version;
    let tags = git::survey(top)?.unwrap_or_default().tags;
    let mut versions: Vec<(semver::Version, String)> = tags
        .into_iter()
        .filter_map(|tag| Some((semver::Version::parse(tag.strip_prefix('v').unwrap_or(&tag)).ok()?, tag)))
        .filter(|(version, _)| version <= have && version.pre.is_empty())
        .collect();
    versions.sort();
    let older = versions.iter().rev().find(|(version, _)| version < have);
    Ok(older.or(versions.last()).map(|(_, tag)| tag.clone()))
}

/// The top of the working tree around the template.
fn top(root: &Path) -> Option<&Path> {
    root.ancestors().find(|folder| git::directory(folder).is_some())
}

/// The template in the version `tag`; `None` where there is no repository.
///
/// # Errors
/// Where that version has none, or it cannot be read.
pub(super) fn old(root: &Path, tag: &str, age: Age) -> anyhow::Result<Option<Template>> {
    let Some(top) = top(root) else { return Ok(None) };
    let inner = root.strip_prefix(top).unwrap_or(Path::new("")).display().to_string();
    let folder = if inner.is_empty() { String::new() } else { format!("//{inner}") };
    let address = format!("file://{}{folder}", top.display());
    let wanted = Wanted { source: &address, reference: Some(tag), pre: false, pins: &[] };
    source::find(wanted, Finder { dir: root, age, ui: None }).map(Some)
}

/// What is wrong with the update of a project that `case` gives in the version `tag`.
///
/// # Errors
/// Where one of the two does not render.
pub(super) fn update(
    case: &Case,
    root: &Path,
    tag: &str,
    (dir, source): (&Path, &str),
) -> anyhow::Result<Vec<(String, String)>> {
    let Some(old) = old(root, tag, Age::Any)? else { return Ok(Vec::new()) };
    let case = case.known_to(&old);
    let rendered = case.render(&old)?;
    let name = old.manifest.template.name.text.clone();
    let aside = Aside::new(&case.dir)?;
    // There is nobody's file to put something into, but for those that are made for it.
    let mut grafts = Merge::default();
    let ours = Ours::read(aside.root(), &BTreeSet::new());
    let done = contributions::settle(&[], &rendered.rendering.contributions, &ours, &mut grafts);
    let records = state::records(&Made {
        name: &name,
        template: &old,
        selection: &rendered.selection,
        answers: &rendered.answers,
        rendering: &rendered.rendering,
        contributions: &done,
        now: Case::now()?,
        dir_name: &case.dir,
        destination: aside.root(),
    })?;
    let files = rendered.rendering.files.iter().map(|file| Entry {
        path: file.path.clone(),
        content: file.content.clone(),
        action: Action::Create,
    });
    aside.fill(files.chain(records).chain(renew::files(&grafts, &ours)).collect())?;

    let ctx = Ctx::new(Some(aside.root()), None, Ui::new(Volume::Quiet, true, false))?;
    let now = source::find(Wanted::newest(source), Finder { dir, age: Age::Any, ui: None })?;
    let recorded = state::read(aside.root(), &name)?;
    let subject = Subject::new(aside.root().to_owned(), recorded, now)?;
    let only = Some(subject.selected());
    let selection = components::select(&subject.template.manifest, &Wishes { only, ..Wishes::default() })?;
    let rendered = subject.render(&ctx, &selection, &Wish { defaults: true, ..Wish::default() })?;
    let renewed = renew::renew(&Renewal::of(&subject, &selection, &rendered))?;
    let told =
        renewed.merge.conflicts.iter().map(|it| {
            (format!("a project of {tag} has a conflict in `{}`: {}", it.path, it.kind.words()), String::new())
        });
    Ok(told.collect())
}
