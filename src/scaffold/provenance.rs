//! Where the template of a project was last taken from on this machine. The project's own record of it comes with a clone, a pull or an archive, and so may
//! be somebody else's idea.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::ctx::Ctx;
use crate::error::{Exit, fail};
use crate::plan::{Memory, Step};

#[derive(Serialize, Deserialize)]
struct Note {
    project: String,
    template: String,
    source: String,
}

const HEAD: &str = "# Where prodev last took the template of a project from. Remove this file, and it asks no more whether another source is meant.\n\n";

/// Notes are short.
const LARGEST: u64 = 1 << 20;

fn file(root: &Path, name: &str) -> Option<PathBuf> {
    let key = format!("{}\n{name}", root.display());
    Some(Ctx::memories()?.join("sources").join(format!("{}.toml", &blake3::hash(key.as_bytes()).to_hex()[..32])))
}

fn last(root: &Path, name: &str) -> Option<String> {
    let file = file(root, name)?;
    let meta = file.symlink_metadata().ok()?;
    let text = (meta.is_file() && meta.len() < LARGEST).then(|| std::fs::read_to_string(file).ok())??;
    toml::from_str(&text).ok().map(|note: Note| note.source)
}

/// Asks whether `source` is meant, where the template `name` was last taken from another one. Nothing has been fetched by then.
///
/// # Errors
/// Exit 4 where it is not, or nobody is there to ask.
pub(super) fn check(ctx: &Ctx, root: &Path, name: &str, source: &str) -> anyhow::Result<()> {
    let Some(last) = last(root, name).filter(|last| last != source) else { return Ok(()) };
    let changed = format!("the template `{name}` is to come from `{source}`, and was last taken from `{last}` here");
    if ctx.ui.is_yes() {
        ctx.ui.note(&changed);
        return Ok(());
    }
    if ctx.ui.is_interactive() && ctx.ui.agree(&changed, "Take it from there?")? {
        return Ok(());
    }
    Err(fail(changed)
        .hint(format!("see who changed `source` in `.prodev/{name}/state.toml`; where that is right, add `--yes`"))
        .exit(Exit::Refused)
        .into())
}

/// Writes down where it was taken from, once all else is done.
pub(super) fn remember(root: &Path, name: &str, source: &str) -> Option<Step> {
    if last(root, name).as_deref() == Some(source) {
        return None;
    }
    let note = Note { project: root.display().to_string(), template: name.to_owned(), source: source.to_owned() };
    let text = format!("{HEAD}{}", toml::to_string(&note).ok()?);
    Some(Step::Memory(Memory::Note { path: file(root, name)?, text }))
}
