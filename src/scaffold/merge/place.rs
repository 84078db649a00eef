//! Places for what has none: where a folder or somebody's file stands in the way, the template's side lies beside it.

use super::{BESIDE, Conflict, Dispute, Here, Merge, Ours};
use crate::plan::path::TreePath;

/// A free name beside `path`.
pub(super) fn beside(path: &TreePath, ours: &Ours, merge: &Merge) -> TreePath {
    free(&|ending| format!("{path}{ending}"), path, ours, merge)
}

/// A free name for `path` where `at`, a folder above it or itself, is in the way.
pub(super) fn beside_folder(path: &TreePath, at: &str, ours: &Ours, merge: &Merge) -> TreePath {
    let rest = path.as_str().strip_prefix(at).unwrap_or_default().to_owned();
    free(&|ending| format!("{at}{ending}{rest}"), path, ours, merge)
}

fn free(name: &dyn Fn(&str) -> String, path: &TreePath, ours: &Ours, merge: &Merge) -> TreePath {
    let mut number = 1;
    loop {
        let ending = if number == 1 { BESIDE.to_owned() } else { format!("{BESIDE}-{number}") };
        // Only a path that is too long is refused here, and its own name is then the best there is.
        let Ok(candidate) = TreePath::new(&name(&ending)) else { return path.clone() };
        if !ours.exists(candidate.as_str()) && !merge.writes.contains_key(&candidate) {
            return candidate;
        }
        number += 1;
    }
}

/// Moves aside what would be written where something stands that stays.
pub(super) fn settle(ours: &Ours, merge: &mut Merge) {
    let paths: Vec<TreePath> = merge.writes.keys().cloned().collect();
    for path in paths {
        let Some(at) = obstacle(&path, ours, merge) else { continue };
        let Some(content) = merge.writes.remove(&path) else { continue };
        let to = beside_folder(&path, &at, ours, merge);
        merge.writes.insert(to.clone(), content);
        match merge.conflicts.iter_mut().find(|conflict| conflict.path == path) {
            Some(conflict) => conflict.beside = Some(to),
            None => {
                merge.conflicts.push(Conflict { path, kind: Dispute::InTheWay, beside: Some(to), stages: Vec::new() });
            }
        }
    }
}

/// What stands in the way of a file: a file where a folder is needed, or a folder with something in it.
fn obstacle(path: &TreePath, ours: &Ours, merge: &Merge) -> Option<String> {
    for folder in path.folders() {
        let Ok(above) = TreePath::new(folder) else { continue };
        let is_file = matches!(ours.here(&above), Some(Here::File(_) | Here::Other));
        if is_file && !merge.removes.contains_key(&above) || merge.writes.contains_key(&above) {
            return Some(folder.to_owned());
        }
    }
    if let Some(at) = ours.stranger(path) {
        return Some(at.to_owned());
    }
    if matches!(ours.here(path), Some(Here::Folder)) {
        let stays = |file: &String| TreePath::new(file).map_or(true, |file| !merge.removes.contains_key(&file));
        if ours.inside(path).iter().any(stays) {
            return Some(path.to_string());
        }
    }
    None
}
