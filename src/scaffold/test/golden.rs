//! What answer sets gave before: `tests/NAME/PATH.golden` beside `template.toml`. The ending keeps a `.gitignore` or a `Cargo.toml` among them from
//! being one. Files that are written but once, which may hold secrets, are not among them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context as _;

use crate::error::fail;
use crate::plan::path::TreePath;
use crate::plan::tree::{Action, Content, Entry, difference};
use crate::scaffold::render::Rendering;

const ENDING: &str = ".golden";

/// Deeper is no answer set.
const DEEPEST: usize = 200;

/// What is compared of a rendering.
pub(super) fn kept(rendering: &Rendering) -> BTreeMap<String, Content> {
    let kept = rendering.files.iter().filter(|file| !file.once);
    kept.map(|file| (file.path.to_string(), file.content.clone())).collect()
}

/// What is different from what came out before; `None` where nothing is there to compare with.
///
/// # Errors
/// Where that cannot be read.
pub(super) fn compare(root: &Path, name: &str, rendering: &Rendering) -> anyhow::Result<Option<Vec<(String, String)>>> {
    let folder = root.join("tests").join(name);
    if !folder.is_dir() {
        return Ok(None);
    }
    let (before, now) = (read(&folder)?, kept(rendering));
    let mut problems = Vec::new();
    for (path, content) in &now {
        match before.get(path) {
            Some(before) if before == content => {}
            Some(before) => {
                problems.push((format!("`{path}` is different"), difference(path, Some(before), Some(content))?));
            }
            None => problems.push((format!("`{path}` is new"), String::new())),
        }
    }
    let gone = before.keys().filter(|path| !now.contains_key(*path));
    problems.extend(gone.map(|path| (format!("`{path}` does not come out any more"), String::new())));
    Ok(Some(problems))
}

/// What makes that of `tests/NAME/` which a rendering gives.
///
/// # Errors
/// Where what is there cannot be read, or a path is too long.
pub(super) fn entries(root: &Path, name: &str, rendering: &Rendering) -> anyhow::Result<Vec<Entry>> {
    let before = read(&root.join("tests").join(name))?;
    let now = kept(rendering);
    let path = |inner: &str| {
        let path = format!("tests/{name}/{inner}{ENDING}");
        TreePath::new(&path).map_err(|why| fail(format!("the path `{path}` {why}")).hint("give it a shorter name"))
    };
    let mut entries = Vec::new();
    for (inner, content) in &now {
        let action = match before.get(inner) {
            None => Action::Create,
            Some(before) if before == content => Action::Keep,
            Some(before) => Action::Replace(before.digest()),
        };
        entries.push(Entry { path: path(inner)?, content: content.clone(), action });
    }
    for (inner, content) in before.iter().filter(|(inner, _)| !now.contains_key(*inner)) {
        entries.push(Entry { path: path(inner)?, content: content.clone(), action: Action::Remove(content.digest()) });
    }
    Ok(entries)
}

fn read(folder: &Path) -> anyhow::Result<BTreeMap<String, Content>> {
    let mut found = BTreeMap::new();
    walk(folder, "", 0, &mut found)?;
    Ok(found)
}

fn walk(folder: &Path, prefix: &str, depth: usize, found: &mut BTreeMap<String, Content>) -> anyhow::Result<()> {
    if !folder.is_dir() || depth > DEEPEST {
        return Ok(());
    }
    let cannot = || format!("could not read `{}`", folder.display());
    for entry in fs::read_dir(folder).with_context(cannot)? {
        let entry = entry.with_context(cannot)?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        if entry.file_type().with_context(cannot)?.is_dir() {
            walk(&entry.path(), &format!("{prefix}{name}/"), depth + 1, found)?;
        } else if let Some(inner) = name.strip_suffix(ENDING) {
            let content = Content::at(&entry.path()).with_context(cannot)?;
            found.insert(format!("{prefix}{inner}"), content);
        }
    }
    Ok(())
}
