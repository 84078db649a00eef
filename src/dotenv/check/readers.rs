//! Who reads the names that `--fix --unsafe` would have otherwise: a name that the code speaks of stays as it is.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use super::survey::{Folder, Read, parent};
use crate::ctx::Ctx;
use crate::dotenv::lexer::parse;
use crate::dotenv::usage::Survey;

/// A place that reads a name, by the project's folder and the name.
pub(super) type Readers = HashMap<PathBuf, HashMap<String, String>>;

/// Looks for the names of all files that could get another form.
///
/// # Errors
/// Where the project cannot be looked through.
pub(super) fn of(seen: &[Read], folders: &HashMap<&std::path::Path, Folder>, ctx: &Ctx) -> anyhow::Result<Readers> {
    let mut names: HashMap<PathBuf, HashSet<String>> = HashMap::new();
    for file in seen {
        let Ok(bytes) = &file.bytes else { continue };
        let folder = &folders[parent(&file.candidate.path)];
        let document = parse(bytes, folder.dialects[0]);
        let keys = document.entries().map(|entry| document.text(&entry.key).into_owned());
        let is_odd = |name: &String| {
            name.bytes().any(|byte| !(byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'))
        };
        names.entry(folder.root.clone()).or_default().extend(keys.filter(|name| is_odd(name) && !name.is_empty()));
    }
    let mut readers = Readers::new();
    for (root, names) in names.into_iter().filter(|(_, names)| !names.is_empty()) {
        let survey = Survey::of(&root, &[], &names, ctx)?;
        let own: &mut HashMap<String, String> = readers.entry(root).or_default();
        for one in survey.reads.iter().chain(&survey.mentions).filter(|one| names.contains(&one.name)) {
            own.entry(one.name.clone()).or_insert_with(|| format!("{}:{}", one.file, one.line()));
        }
    }
    Ok(readers)
}
