//! The project as it is on disk: what stands at the paths that the template has, and where else the user may have moved it to. Links are never
//! followed, and what is no plain file of the project's own is not read.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::git::{self, shell};
use crate::plan::path::{STATE_FOLDER, TreePath};
use crate::plan::tree::Content;

/// What stands at a path.
#[derive(Debug)]
pub(in crate::scaffold) enum Here {
    File(Content),
    Folder,
    /// A pipe, a socket, or what cannot be read.
    Other,
}

/// Why nothing may be written at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::scaffold) struct Blocked {
    /// The part of the path that is the reason.
    pub(in crate::scaffold) at: String,
    pub(in crate::scaffold) why: String,
}

/// The project.
#[derive(Debug)]
pub(in crate::scaffold) struct Ours {
    root: PathBuf,
    here: HashMap<TreePath, Here>,
    blocked: HashMap<TreePath, Blocked>,
    /// The user's own files that were looked at, sorted.
    extra: Vec<TreePath>,
}

/// A file that is larger is not looked for elsewhere.
const LARGEST_CANDIDATE: u64 = 1 << 20;

/// So many are looked at, and so much of them.
const MOST_CANDIDATES: usize = 20_000;
const MOST_BYTES: u64 = 256 << 20;

/// Folders of other people's files, where no repository says what is ignored.
const FOREIGN: [&str; 8] = [".git", STATE_FOLDER, ".venv", "__pycache__", "build", "dist", "node_modules", "target"];

impl Ours {
    /// Looks at `paths` in the project.
    pub(in crate::scaffold) fn read(root: &Path, paths: &BTreeSet<&TreePath>) -> Self {
        let mut ours = Self { root: root.to_owned(), here: HashMap::new(), blocked: HashMap::new(), extra: Vec::new() };
        let mut folders: HashMap<String, Option<Blocked>> = HashMap::new();
        for path in paths {
            ours.look(path, &mut folders);
        }
        ours.filtered(paths);
        ours
    }

    pub(in crate::scaffold) fn content(&self, path: &TreePath) -> Option<&Content> {
        match self.here.get(path)? {
            Here::File(content) => Some(content),
            Here::Folder | Here::Other => None,
        }
    }

    pub(in crate::scaffold) fn here(&self, path: &TreePath) -> Option<&Here> {
        self.here.get(path)
    }

    pub(in crate::scaffold) fn blocked(&self, path: &TreePath) -> Option<Blocked> {
        self.blocked.get(path).cloned()
    }

    pub(super) fn extra(&self) -> &[TreePath] {
        &self.extra
    }

    /// Where something stands on the way to `path`, or in its place, that nobody has looked at: ignored by Git, too large, or no file at all.
    pub(super) fn stranger<'a>(&self, path: &'a TreePath) -> Option<&'a str> {
        let is_known = |at: &str| TreePath::new(at).is_ok_and(|at| self.here.contains_key(&at));
        let stands = |folder: &&str| {
            let at = self.root.join(folder);
            match at.symlink_metadata() {
                Ok(meta) if meta.is_dir() => at.join(".git").symlink_metadata().is_ok(),
                Ok(_) => !is_known(folder),
                Err(_) => false,
            }
        };
        let in_place = self.exists(path.as_str()) && !self.here.contains_key(path);
        path.folders().find(stands).or_else(|| in_place.then(|| path.as_str()))
    }

    /// Whether something is there, looked at or not.
    pub(super) fn exists(&self, path: &str) -> bool {
        self.root.join(path).symlink_metadata().is_ok()
    }

    /// The files in a folder and the folders in it.
    pub(super) fn inside(&self, folder: &TreePath) -> Vec<String> {
        let mut files = Vec::new();
        walk(&self.root, folder.as_str(), &mut files, &|_| true);
        files
    }

    fn look(&mut self, path: &TreePath, folders: &mut HashMap<String, Option<Blocked>>) {
        for folder in path.folders() {
            if let Some(known) = folders.get(folder) {
                if let Some(blocked) = known {
                    self.blocked.insert(path.clone(), blocked.clone());
                    return;
                }
                continue;
            }
            let at = self.root.join(folder);
            let blocked = match at.symlink_metadata() {
                Ok(meta) if meta.is_symlink() => Some(format!("`{folder}` is a link")),
                Ok(meta) if meta.is_dir() && at.join(".git").symlink_metadata().is_ok() => {
                    Some(format!("`{folder}` is a repository of its own"))
                }
                Ok(meta) if !meta.is_dir() => {
                    // It may go to make room.
                    if let (Ok(inner), Ok(content)) = (TreePath::new(folder), Content::at(&at)) {
                        self.here.insert(inner, Here::File(content));
                    }
                    None
                }
                _ => None,
            };
            let blocked = blocked.map(|why| Blocked { at: folder.to_owned(), why });
            folders.insert(folder.to_owned(), blocked.clone());
            if let Some(blocked) = blocked {
                self.blocked.insert(path.clone(), blocked);
                return;
            }
        }
        let at = path.below(&self.root);
        let Ok(meta) = at.symlink_metadata() else { return };
        if meta.is_dir() && at.join(".git").symlink_metadata().is_ok() {
            let why = format!("`{path}` is a repository of its own");
            self.blocked.insert(path.clone(), Blocked { at: path.to_string(), why });
        } else if meta.is_dir() {
            self.here.insert(path.clone(), Here::Folder);
        } else {
            let here = Content::at(&at).map_or(Here::Other, Here::File);
            if matches!(here, Here::Other) {
                let why = format!("`{path}` is no file that can be read");
                self.blocked.insert(path.clone(), Blocked { at: path.to_string(), why });
            }
            self.here.insert(path.clone(), here);
        }
    }

    /// Files that Git keeps elsewhere and puts a stand-in in their place: what is on disk may be either.
    fn filtered(&mut self, paths: &BTreeSet<&TreePath>) {
        let mut folders: HashSet<&str> = paths.iter().flat_map(|path| path.folders()).collect();
        folders.insert("");
        let has_filters = folders.iter().any(|folder| {
            fs::read_to_string(self.root.join(folder).join(".gitattributes")).is_ok_and(|text| text.contains("filter="))
        });
        if !has_filters || !git::is_inside(&self.root) {
            return;
        }
        let list: Vec<&str> = paths.iter().map(|path| path.as_str()).collect();
        for path in shell::filtered(&self.root, &list).unwrap_or_default() {
            if let Ok(path) = TreePath::new(&path) {
                let why = format!("a filter of Git's stands between `{path}` and what is on disk");
                self.blocked.insert(path.clone(), Blocked { at: path.to_string(), why });
            }
        }
    }

    /// Reads the user's own files beside `known`: those that Git has or would take, or outside of Git all but other people's.
    pub(in crate::scaffold) fn search(&mut self, known: &BTreeSet<&TreePath>) {
        let listed = if git::is_inside(&self.root) { shell::own_files(&self.root).ok() } else { None };
        let listed = listed.unwrap_or_else(|| {
            let mut files = Vec::new();
            walk(&self.root, "", &mut files, &|name| !FOREIGN.contains(&name));
            files
        });
        let mut bytes = 0;
        for path in listed {
            let Ok(path) = TreePath::new(&path) else { continue };
            if known.contains(&path) || self.extra.len() >= MOST_CANDIDATES || bytes >= MOST_BYTES {
                continue;
            }
            let at = path.below(&self.root);
            let Ok(meta) = at.symlink_metadata() else { continue };
            if meta.len() > LARGEST_CANDIDATE || !(meta.is_file() || meta.is_symlink()) {
                continue;
            }
            bytes += meta.len();
            if let Ok(content) = Content::at(&at) {
                self.here.insert(path.clone(), Here::File(content));
                self.extra.push(path);
            }
        }
        self.extra.sort();
    }
}

/// The files below a folder, without following a link or entering another repository.
fn walk(root: &Path, folder: &str, files: &mut Vec<String>, wanted: &dyn Fn(&str) -> bool) {
    for entry in fs::read_dir(root.join(folder)).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let inner = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && wanted(name) && !entry.path().join(".git").exists() {
            walk(root, &inner, files, wanted);
        } else if !is_folder {
            files.push(inner);
        }
    }
}
