//! The records of a project as they are read: somebody else may have written them, so nothing in them is believed before it is checked.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::digests::{self, Line};
use super::{Based, Recorded, State};
use crate::error::{Exit, Failure, Place, Problem, fail, listed, nearest};
use crate::git::merge;
use crate::plan::path::{STATE_FOLDER, TreePath, link_stays_inside};
use crate::plan::tree::Content;
use crate::scaffold::check;
use crate::scaffold::contribution::{self, Done};

/// As for a template in a folder.
const MOST_FILES: usize = 100_000;
const MOST_BYTES: u64 = 1 << 30;

/// No list of answers is larger.
const LARGEST_STATE: u64 = 16 << 20;

/// A project that was generated.
#[derive(Debug)]
pub(in crate::scaffold) struct Found {
    /// Its folder, without links on the way.
    pub(in crate::scaffold) root: PathBuf,
    /// The name of the records that are meant.
    pub(in crate::scaffold) name: String,
}

/// The names of all records in a project, sorted.
pub(in crate::scaffold) fn names(root: &Path) -> Vec<String> {
    let entries = fs::read_dir(root.join(STATE_FOLDER)).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().join("state.toml").symlink_metadata().is_ok())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| check::is_record_name(name))
        .collect();
    names.sort_unstable();
    names
}

/// What the records `name` say, for whoever needs no more than that; `None` where they cannot be read.
pub(in crate::scaffold) fn glance(root: &Path, name: &str) -> Option<State> {
    let shown = format!("{STATE_FOLDER}/{name}/state.toml");
    state(&root.join(&shown), &shown).ok()
}

/// The folder of the project around `dir`; where there is none, a change that is open may be of any folder around it.
pub(in crate::scaffold) fn project(dir: &Path) -> &Path {
    let is_project = |folder: &&Path| !names(folder).is_empty();
    dir.ancestors().find(is_project).unwrap_or_else(|| dir.ancestors().last().unwrap_or(dir))
}

/// The project around `dir`, and which of its templates is meant.
///
/// # Errors
/// Exit 2: there is none, or it has several and none was named.
pub(in crate::scaffold) fn find(dir: &Path, wanted: Option<&str>) -> Result<Found, Failure> {
    let Some((root, names)) =
        dir.ancestors().map(|folder| (folder, names(folder))).find(|(_, names)| !names.is_empty())
    else {
        return Err(fail("this is no project that prodev generated")
            .hint("go to its folder; or link it to a template with `prodev adopt TEMPLATE`")
            .exit(Exit::Usage));
    };
    let name = match (wanted, names.as_slice()) {
        (Some(wanted), _) if names.iter().any(|name| name == wanted) => wanted.to_owned(),
        (Some(wanted), _) => {
            let failure = fail(format!("this project has no template `{wanted}`")).exit(Exit::Usage);
            return Err(match nearest(wanted, names.iter().map(String::as_str)) {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => failure.hint(format!("it has {}", listed(&names))),
            });
        }
        (None, [only]) => only.clone(),
        (None, several) => {
            return Err(fail(format!("this project comes from several templates: {}", listed(several)))
                .hint(format!("say which one: `--template {}`", several[0]))
                .exit(Exit::Usage));
        }
    };
    Ok(Found { root: root.to_owned(), name })
}

/// # Errors
/// Records that lie elsewhere: whoever writes there writes into somebody else's files.
pub(in crate::scaffold) fn no_link(root: &Path, name: &str) -> Result<(), Failure> {
    for folder in [STATE_FOLDER.to_owned(), format!("{STATE_FOLDER}/{name}")] {
        if root.join(&folder).symlink_metadata().is_ok_and(|meta| meta.is_symlink()) {
            return Err(fail(format!("`{folder}` is a link, and prodev keeps its records in the project itself"))
                .hint(format!("put the folder that it leads to in its place, or remove the link: `rm {folder}`")));
        }
    }
    Ok(())
}

/// Reads the records `name` of the project in `root`.
///
/// # Errors
/// What is missing, was changed, or is nothing that prodev would write. Nothing of it is used then.
pub(in crate::scaffold) fn read(root: &Path, name: &str) -> anyhow::Result<Recorded> {
    no_link(root, name)?;
    let folder = format!("{STATE_FOLDER}/{name}");
    let shown = format!("{folder}/state.toml");
    let state = state(&root.join(&shown), &shown)?;
    let mut walk = Walk { root, found: BTreeMap::new(), bytes: 0 };
    for part in ["base", "digests", "contributions"] {
        walk.folder(&format!("{folder}/{part}"), 0)?;
    }
    walk.file(&shown)?;
    let files = walk.found;
    let (lines, once) = lines(&files, &folder)?;
    let contributions = contributions(&files, &folder)?;
    let mut base = BTreeMap::new();
    let mut joined = Vec::new();
    let mut problems = Vec::new();
    let prefix = format!("{folder}/base/");
    for (path, content) in &files {
        let Some(inner) = path.as_str().strip_prefix(&prefix) else { continue };
        let of = inner.strip_suffix(".base").and_then(|inner| TreePath::new(inner).ok());
        let Some((of, known)) = of.and_then(|of| Some((of.clone(), lines.get(&of)?))) else {
            problems.push(Problem::new(format!("`{path}` is no record that prodev wrote")));
            continue;
        };
        if let Content::Link(target) = content
            && !link_stays_inside(&of, target)
        {
            problems.push(Problem::new(format!("`{path}` is a link out of the project")));
            continue;
        }
        let (kind, digest) = digests::kind_and_digest(content);
        let is_same = known.iter().any(|it| it.kind == kind && it.digest == digest);
        let bytes = if let Content::File { bytes, .. } = content { bytes.as_slice() } else { b"" };
        if merge::has_markers(bytes) && !is_same {
            problems.push(Problem::new(format!("`{path}` has conflict markers in it")));
        } else if known.len() > 1 {
            joined.push(of.clone());
        } else if !is_same {
            problems.push(Problem::new(format!("`{path}` is not as prodev wrote it")));
        }
        let first = &known[0];
        base.insert(of, Based { content: content.clone(), key: first.key.clone(), owner: first.owner.clone() });
    }
    for path in lines.keys().filter(|path| !base.contains_key(*path)) {
        // What is there and wrong has been told.
        if !files.keys().any(|file| file.as_str() == format!("{prefix}{path}.base")) {
            problems.push(Problem::new(format!("`{prefix}{path}.base` is missing")));
        }
    }
    if !problems.is_empty() {
        return Err(broken(name, problems).into());
    }
    Ok(Recorded { name: name.to_owned(), state, base, once, contributions, joined, files })
}

fn broken(name: &str, problems: Vec<Problem>) -> Failure {
    Failure::of(format!("the records of `{name}` were changed by somebody else than prodev"), problems).hint(format!(
        "restore them, in a repository with `git checkout HEAD -- {STATE_FOLDER}/{name}`; without them nothing can tell your changes from the template's"
    ))
}

/// What the lists say of one file.
struct Known {
    digest: String,
    kind: char,
    key: String,
    owner: Option<String>,
}

type Lines = HashMap<TreePath, Vec<Known>>;

fn lines(files: &BTreeMap<TreePath, Content>, folder: &str) -> anyhow::Result<(Lines, Vec<String>)> {
    let mut lines: Lines = HashMap::new();
    let mut once = Vec::new();
    let prefix = format!("{folder}/digests/");
    for (path, content) in files {
        let Some(name) = path.as_str().strip_prefix(&prefix) else { continue };
        let Content::File { bytes, .. } = content else {
            return Err(fail(format!("`{path}` is a link")).hint("restore the file that prodev wrote").into());
        };
        let text = String::from_utf8_lossy(bytes);
        for line in text.lines().filter(|line| !line.is_empty()) {
            match digests::parse(line) {
                Some(Line::Once(mark)) => once.push(mark),
                Some(Line::Kept { digest, kind, path, key }) => {
                    let known = Known { digest, kind, key, owner: digests::owner(name) };
                    lines.entry(path).or_default().push(known);
                }
                None => {
                    return Err(fail(format!("`{path}` has a line that prodev did not write"))
                        .hint("restore the file; where Git left conflict markers in it, keep the lines of both sides")
                        .into());
                }
            }
        }
    }
    Ok((lines, once))
}

fn contributions(files: &BTreeMap<TreePath, Content>, folder: &str) -> anyhow::Result<Vec<Done>> {
    let mut done = Vec::new();
    let prefix = format!("{folder}/contributions/");
    for (path, content) in files {
        let Some(name) = path.as_str().strip_prefix(&prefix) else { continue };
        let wrong = |why: String| {
            fail(format!("`{path}` is not as prodev wrote it"))
                .cause(why)
                .hint(format!("restore it, in a repository with `git checkout HEAD -- {path}`"))
        };
        let (Content::File { bytes, .. }, Some(owner)) = (content, name.strip_suffix(".toml")) else {
            return Err(wrong("it is no list of contributions".to_owned()).into());
        };
        let owner = Some(owner).filter(|owner| *owner != "_shared");
        done.extend(contribution::parse(&String::from_utf8_lossy(bytes), owner).map_err(wrong)?);
    }
    Ok(done)
}

fn state(path: &Path, shown: &str) -> anyhow::Result<State> {
    let meta = path.symlink_metadata().with_context(|| format!("could not read `{shown}`"))?;
    if !meta.is_file() || meta.len() > LARGEST_STATE {
        return Err(fail(format!("`{shown}` is no file that prodev wrote")).hint("restore it").into());
    }
    let unread = |error: std::io::Error| {
        fail(format!("could not read `{shown}`"))
            .cause(error.to_string())
            .hint(format!("restore it, in a repository with `git checkout HEAD -- {shown}`"))
    };
    let text = fs::read_to_string(path).map_err(unread)?;
    if merge::has_markers(text.as_bytes()) {
        return Err(fail(format!("`{shown}` has conflict markers in it"))
            .hint("resolve them, and run the command again")
            .exit(Exit::Usage)
            .into());
    }
    toml::from_str(&text).map_err(|error| {
        let place = Place::of(shown, &text, &error.span().unwrap_or(0..0));
        fail(format!("`{shown}` cannot be read: {}", error.message().replace('\n', " ")))
            .at(place)
            .hint(format!("restore it, in a repository with `git checkout HEAD -- {shown}`"))
            .exit(Exit::Usage)
            .into()
    })
}

/// Reads the records without following a link.
struct Walk<'a> {
    root: &'a Path,
    found: BTreeMap<TreePath, Content>,
    bytes: u64,
}

/// Deeper is no project.
const DEEPEST: usize = 200;

impl Walk<'_> {
    fn folder(&mut self, inner: &str, depth: usize) -> anyhow::Result<()> {
        let path = self.root.join(inner);
        let Ok(meta) = path.symlink_metadata() else { return Ok(()) };
        if !meta.is_dir() || depth > DEEPEST {
            return Err(fail(format!("`{inner}` is no folder that prodev made")).hint("restore it").into());
        }
        for entry in fs::read_dir(&path).with_context(|| format!("could not read `{inner}`"))? {
            let entry = entry.with_context(|| format!("could not read `{inner}`"))?;
            let name = entry.file_name();
            let inner = format!("{inner}/{}", name.to_string_lossy());
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.folder(&inner, depth + 1)?;
            } else {
                self.file(&inner)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, inner: &str) -> anyhow::Result<()> {
        let unfit = || fail(format!("`{inner}` is nothing that prodev wrote")).hint("restore the records");
        let path = TreePath::own(inner).map_err(|_| unfit())?;
        let at = path.below(self.root);
        let meta = at.symlink_metadata().with_context(|| format!("could not read `{inner}`"))?;
        self.bytes += meta.len();
        if self.found.len() >= MOST_FILES || self.bytes > MOST_BYTES || !(meta.is_file() || meta.is_symlink()) {
            return Err(unfit().into());
        }
        let content = Content::at(&at).with_context(|| format!("could not read `{inner}`"))?;
        self.found.insert(path, content);
        Ok(())
    }
}
