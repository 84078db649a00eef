//! What lies in the folder that a project goes to, for defaults: `'Cargo.toml' in project_files`.

use std::path::Path;

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
