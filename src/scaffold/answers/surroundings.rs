//! What defaults may look at beside the answers: who the user is, and what lies in the folder that a project goes to.

use std::path::Path;

use crate::config::user::{Author, User};
use crate::git;

/// A folder with more than this is no project of which defaults could say much.
const MOST: usize = 5000;

/// The names of the files right inside the folder, sorted; none where there is no folder, or it cannot be read.
pub(in crate::scaffold) fn project_files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().take(MOST);
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    let mut names: Vec<String> = files.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}

/// Who the user is: the own configuration says it, or else what Git knows in `folder`.
pub(in crate::scaffold) fn author(user: &User, folder: &Path) -> Author {
    let (name, email) = git::author(folder);
    Author { name: user.author.name.clone().or(name), email: user.author.email.clone().or(email) }
}
