//! Which file is which: the same one in the template as it was, in the project, and in the template as it is now, whatever it is called there.
//!
//! The template's renames are declared, or follow from the file that it comes from; likeness is asked of the user's renames alone.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::similar::Lines;
use super::{Input, Thread};
use crate::plan::path::TreePath;
use crate::plan::tree::Content;

/// All files, and the folders that were renamed as a whole.
pub(super) struct Kin {
    pub(super) threads: Vec<Thread>,
    pub(super) template_folders: Folders,
    pub(super) user_folders: Folders,
    /// The user's files that were found to be one of the template's.
    pub(super) candidates_used: HashSet<TreePath>,
}

/// Folders that were renamed: from where, to where.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Folders(Vec<(String, String)>);

impl Folders {
    /// Where a path lies when its folder was renamed.
    pub(super) fn follow(&self, path: &TreePath) -> Option<TreePath> {
        let inside = |from: &str| path.as_str().strip_prefix(from)?.strip_prefix('/').map(ToOwned::to_owned);
        let (_, to, rest) = self
            .0
            .iter()
            .filter_map(|(from, to)| Some((from.len(), to, inside(from)?)))
            .max_by_key(|(length, _, _)| *length)?;
        TreePath::new(&format!("{to}/{rest}")).ok()
    }

    /// What renamed files tell of their folders: one was renamed where nothing is left in it, and most went the same way.
    fn of<'a>(renames: impl Iterator<Item = (&'a TreePath, &'a TreePath)>, is_left: &dyn Fn(&str) -> bool) -> Self {
        let mut votes: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
        for (from, to) in renames {
            let (mut from, mut to): (Vec<&str>, Vec<&str>) = (from.segments().collect(), to.segments().collect());
            let mut common = 0;
            while from.last() == to.last() && from.len() > 1 && to.len() > 1 {
                from.pop();
                to.pop();
                common += 1;
            }
            if common > 0 {
                *votes.entry(from.join("/")).or_default().entry(to.join("/")).or_default() += 1;
            }
        }
        let mut folders = Vec::new();
        for (from, ways) in votes {
            let most = ways.values().copied().max().unwrap_or_default();
            let mut best = ways.into_iter().filter(|(_, count)| *count == most);
            if let (Some((to, _)), None) = (best.next(), best.next())
                && !is_left(&from)
            {
                folders.push((from, to));
            }
        }
        Self(folders)
    }
}

impl Kin {
    pub(super) fn find(input: &Input) -> Self {
        let to_theirs = to_theirs(input);
        let template_folders = {
            let moved = to_theirs.iter().filter(|(from, to)| from != to).map(|(from, to)| (*from, *to));
            Folders::of(moved, &|folder| input.theirs.keys().any(|path| is_inside(path, folder)))
        };
        let (to_ours, candidates_used) = to_ours(input);
        let user_folders = {
            let moved = to_ours.iter().filter(|(from, to)| *from != to).map(|(from, to)| (*from, to));
            let stayed: Vec<&TreePath> =
                to_ours.iter().filter(|(from, to)| *from == to).map(|(from, _)| *from).collect();
            Folders::of(moved, &|folder| stayed.iter().any(|path| is_inside(path, folder)))
        };
        let mut threads: Vec<Thread> = input
            .base
            .keys()
            .map(|base| Thread {
                base: Some(base.clone()),
                ours: to_ours.get(base).cloned(),
                theirs: to_theirs.get(base).map(|path| (*path).clone()),
            })
            .collect();
        let claimed: HashSet<&TreePath> = to_theirs.values().copied().collect();
        let theirs = input.theirs.keys().filter(|path| !claimed.contains(path));
        threads.extend(theirs.map(|path| {
            let is_own = input.ours.content(path).is_some() && !candidates_used.contains(path);
            Thread { base: None, ours: is_own.then(|| path.clone()), theirs: Some(path.clone()) }
        }));
        Self { threads, template_folders, user_folders, candidates_used }
    }
}

fn is_inside(path: &TreePath, folder: &str) -> bool {
    path.as_str().strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Where the files of the old template are in the new one.
fn to_theirs<'a>(input: &Input<'a>) -> BTreeMap<&'a TreePath, &'a TreePath> {
    let mut found: BTreeMap<&TreePath, &TreePath> = BTreeMap::new();
    let mut claimed: HashSet<&TreePath> = HashSet::new();
    for (from, to) in input.declared {
        let inside = |path: &TreePath| -> Option<TreePath> {
            if path == from {
                return Some(to.clone());
            }
            let rest = path.as_str().strip_prefix(from.as_str())?.strip_prefix('/')?;
            TreePath::new(&format!("{to}/{rest}")).ok()
        };
        for base in input.base.keys() {
            let Some(to) = inside(base) else { continue };
            if let Some((to, _)) = input.theirs.get_key_value(&to)
                && !claimed.contains(to)
            {
                found.insert(base, to);
                claimed.insert(to);
            }
        }
    }
    for base in input.base.keys() {
        if let Some((to, _)) = input.theirs.get_key_value(base)
            && !found.contains_key(base)
            && claimed.insert(to)
        {
            found.insert(base, to);
        }
    }
    let by_key: HashMap<&str, &TreePath> = input.theirs.iter().map(|(path, file)| (file.key.as_str(), path)).collect();
    for (base, based) in input.base {
        if let Some(to) = by_key.get(based.key.as_str())
            && !found.contains_key(base)
            && claimed.insert(to)
        {
            found.insert(base, to);
        }
    }
    found
}

/// Where the files of the old template are in the project; and which of the user's own files these are.
fn to_ours<'a>(input: &Input<'a>) -> (BTreeMap<&'a TreePath, TreePath>, HashSet<TreePath>) {
    let mut found: BTreeMap<&TreePath, TreePath> = BTreeMap::new();
    let mut missing: Vec<&TreePath> = Vec::new();
    for path in input.base.keys() {
        if input.ours.content(path).is_some() {
            found.insert(path, path.clone());
        } else if input.ours.blocked(path).is_none() {
            missing.push(path);
        }
    }
    let added = input.theirs.keys().filter(|path| !input.base.contains_key(path) && input.ours.content(path).is_some());
    let mut candidates: Vec<&TreePath> = input.ours.extra().iter().chain(added).collect();
    candidates.sort();
    candidates.dedup();
    let mut used: HashSet<TreePath> = HashSet::new();
    if missing.is_empty() || candidates.is_empty() {
        return (found, used);
    }
    for (path, to) in exact(input, &missing, &candidates) {
        used.insert(to.clone());
        found.insert(path, to);
    }
    let lines = |content: Option<&Content>| match content {
        Some(Content::File { bytes, .. }) => Some(Lines::of(bytes)),
        _ => None,
    };
    let texts: Vec<(&TreePath, Lines)> =
        candidates.iter().filter_map(|path| Some((*path, lines(input.ours.content(path))?))).collect();
    let mut pairs: Vec<(usize, &TreePath, &TreePath)> = Vec::new();
    for path in missing.iter().filter(|path| !found.contains_key(*path)) {
        let Some(own) = input.base.get(*path).and_then(|based| lines(Some(&based.content))) else { continue };
        pairs.extend(
            texts
                .iter()
                .filter(|(to, _)| is_possible(input, path, to))
                .filter_map(|(to, text)| Some((own.likeness(text)?, *path, *to))),
        );
    }
    pairs.sort_by(|a, b| (b.0, a.1, a.2).cmp(&(a.0, b.1, b.2)));
    for (_, path, to) in pairs {
        if !found.contains_key(path) && used.insert(to.clone()) {
            found.insert(path, to.clone());
        }
    }
    by_folder(input, &missing, &candidates, &mut found, &mut used);
    (found, used)
}

/// A file that the template has under that name, too, is only taken for the same where both are of one component.
fn is_possible(input: &Input, path: &TreePath, to: &TreePath) -> bool {
    match (input.base.get(path), input.theirs.get(to)) {
        (Some(based), Some(file)) => based.owner == file.owner,
        _ => true,
    }
}

/// Files that were moved as they are. Two that are alike tell nothing.
fn exact<'a>(input: &Input<'a>, missing: &[&'a TreePath], candidates: &[&TreePath]) -> Vec<(&'a TreePath, TreePath)> {
    let mut by_digest: HashMap<blake3::Hash, (Vec<&'a TreePath>, Vec<&TreePath>)> = HashMap::new();
    let worth = |content: &Content| match content {
        Content::File { bytes, .. } => bytes.iter().any(|byte| !byte.is_ascii_whitespace()),
        Content::Link(_) => true,
    };
    for path in missing {
        if let Some(based) = input.base.get(*path).filter(|based| worth(&based.content)) {
            by_digest.entry(based.content.digest()).or_default().0.push(path);
        }
    }
    for path in candidates {
        if let Some(content) = input.ours.content(path)
            && let Some(entry) = by_digest.get_mut(&content.digest())
        {
            entry.1.push(path);
        }
    }
    let mut pairs = Vec::new();
    for (from, to) in by_digest.into_values() {
        if let ([from], [to]) = (from.as_slice(), to.as_slice())
            && is_possible(input, from, to)
        {
            pairs.push((*from, (*to).clone()));
        }
    }
    pairs
}

/// Small files go where the folder went that they were in.
fn by_folder<'a>(
    input: &Input<'a>,
    missing: &[&'a TreePath],
    candidates: &[&TreePath],
    found: &mut BTreeMap<&'a TreePath, TreePath>,
    used: &mut HashSet<TreePath>,
) {
    let folders = {
        let stayed: Vec<&TreePath> = found.iter().filter(|(from, to)| *from == to).map(|(from, _)| *from).collect();
        let moved = found.iter().filter(|(from, to)| *from != to).map(|(from, to)| (*from, to));
        Folders::of(moved, &|folder| stayed.iter().any(|path| is_inside(path, folder)))
    };
    for path in missing {
        if found.contains_key(path) {
            continue;
        }
        if let Some(to) = folders.follow(path).filter(|to| candidates.contains(&to))
            && is_possible(input, path, &to)
            && used.insert(to.clone())
        {
            found.insert(path, to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> TreePath {
        TreePath::new(text).expect("a harmless path")
    }

    #[test]
    fn folders_follow_from_their_files() {
        let moves = [("a/x.py", "b/x.py"), ("a/y/z.py", "b/y/z.py"), ("c/x", "d/x"), ("c/y", "e/y"), ("top", "t/top2")];
        let moves: Vec<(TreePath, TreePath)> = moves.iter().map(|(from, to)| (path(from), path(to))).collect();
        let folders = Folders::of(moves.iter().map(|(from, to)| (from, to)), &|_| false);
        assert_eq!(folders.0, [("a".to_owned(), "b".to_owned())]);
        assert_eq!(folders.follow(&path("a/new.py")), Some(path("b/new.py")));
        assert_eq!(folders.follow(&path("ab/new.py")), None);
        let folders = Folders::of(moves.iter().map(|(from, to)| (from, to)), &|folder| folder == "a");
        assert_eq!(folders, Folders::default());
    }
}
