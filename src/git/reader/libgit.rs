//! Reading through libgit2: no process, a tenth of a millisecond to start.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context as _, anyhow};
use git2::{ErrorCode, ObjectType, Oid, Sort};

use super::opened::Opened;
use super::source;
use super::{Backend, Head, Place, Plumbing, Ref, Settings};
use crate::git::commit::Commit;
use crate::git::graph::{Graph, Link};
use crate::git::id::Id;
use crate::git::worktree::{Change, Flag};

pub(super) struct Libgit {
    repository: Rc<git2::Repository>,
    /// For what libgit2 would read otherwise than Git does.
    plumbing: Plumbing,
    is_shallow: bool,
}

impl Libgit {
    /// `None` where there is no repository. An error is no last word: Git may read what libgit2 cannot.
    pub(super) fn open(dir: &Path) -> anyhow::Result<Option<(Place, Self)>> {
        let opened = match Opened::again(dir) {
            Some(opened) => opened,
            None => match fresh(dir)? {
                Some(opened) => opened,
                None => return Ok(None),
            },
        };
        let Opened { repository, place } = opened;
        // Replaced objects and grafted parents are seen by Git alone.
        let is_rewritten =
            place.common_dir.join("refs/replace").is_dir() || place.common_dir.join("info/grafts").is_file();
        if is_rewritten {
            return Err(anyhow!("libgit2 would read this repository otherwise than Git does"));
        }
        let plumbing = Plumbing::at(&place);
        let is_shallow = repository.is_shallow();
        Ok(Some((place, Self { repository, plumbing, is_shallow })))
    }

    fn odb(&self) -> anyhow::Result<git2::Odb<'_>> {
        self.repository.odb().map_err(|error| short(&error))
    }
}

impl Backend for Libgit {
    fn head(&self) -> anyhow::Result<Head> {
        let head = self.repository.find_reference("HEAD").map_err(|error| short(&error))?;
        if let Some(target) = head.symbolic_target_bytes() {
            let name = String::from_utf8_lossy(target);
            let id = self.repository.refname_to_id(&name).ok().and_then(|oid| Id::of(oid.as_bytes()));
            return Ok(Head::Branch(name.strip_prefix("refs/heads/").unwrap_or(&name).to_owned(), id));
        }
        let target = head.target().context("it points nowhere")?;
        Ok(Head::Detached(Id::of(target.as_bytes()).context("it points nowhere")?))
    }

    fn refs(&self) -> anyhow::Result<Vec<Ref>> {
        let mut refs = Vec::new();
        for reference in self.repository.references().map_err(|error| short(&error))? {
            // Broken ones are none, as for Git, which warns of them.
            let Ok(reference) = reference else { continue };
            refs.extend(read(&reference)?);
        }
        refs.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(refs)
    }

    fn look_up(&self, name: &str) -> anyhow::Result<Option<Ref>> {
        match self.repository.find_reference(name) {
            Ok(reference) => read(&reference),
            Err(_) => Ok(None),
        }
    }

    fn resolve(&self, revision: &str) -> anyhow::Result<Option<Id>> {
        let found = self.repository.revparse_single(revision).and_then(|object| object.peel_to_commit());
        match found {
            Ok(commit) => Ok(Id::of(commit.id().as_bytes())),
            // Git knows ways to name a commit that libgit2 does not.
            Err(_) => self.plumbing.resolve(revision),
        }
    }

    fn settings(&self) -> anyhow::Result<Settings> {
        if source::is_configured_by_variables() {
            return self.plumbing.settings();
        }
        let config =
            self.repository.config().and_then(|mut config| config.snapshot()).map_err(|error| short(&error))?;
        let mut entries = config.entries(None).map_err(|error| short(&error))?;
        let mut list = Vec::new();
        while let Some(entry) = entries.next() {
            let entry = entry.map_err(|error| short(&error))?;
            let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
            let value = entry.has_value().then(|| String::from_utf8_lossy(entry.value_bytes()).into_owned());
            list.push((entry.level() as i32, name, value));
        }
        // Git reads the machine's file first and the repository's last.
        list.sort_by_key(|(level, ..)| *level);
        Ok(Settings::of(list.into_iter().map(|(_, name, value)| (name, value))))
    }

    fn links(&self, tips: &[Id]) -> anyhow::Result<Vec<Link>> {
        let odb = self.odb()?;
        let mut seen: HashSet<Id> = tips.iter().copied().collect();
        let mut left: Vec<Id> = seen.iter().copied().collect();
        let mut links = Vec::new();
        while let Some(id) = left.pop() {
            let Some((parents, time)) = with_commit(&odb, id, Commit::links)? else {
                if self.is_shallow {
                    continue;
                }
                return Err(anyhow!("the commit `{id}` is not there"));
            };
            left.extend(parents.iter().filter(|parent| seen.insert(**parent)));
            links.push((id, parents, time));
        }
        Ok(links)
    }

    fn range(&self, include: &[Id], exclude: &[Id]) -> anyhow::Result<Vec<Id>> {
        if self.is_shallow {
            // libgit2's own walk stumbles over the end of a shallow clone.
            return self.shallow_range(include, exclude);
        }
        let mut walk = self.repository.revwalk().map_err(|error| short(&error))?;
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::TIME).map_err(|error| short(&error))?;
        for id in include {
            walk.push(oid(*id)?).map_err(|error| short(&error))?;
        }
        for id in exclude {
            walk.hide(oid(*id)?).map_err(|error| short(&error))?;
        }
        walk.map(|found| {
            let found = found.map_err(|error| short(&error))?;
            Id::of(found.as_bytes()).context("an id of unknown length")
        })
        .collect()
    }

    fn merge_bases(&self, one: Id, other: Id) -> anyhow::Result<Vec<Id>> {
        if self.is_shallow {
            return self.plumbing.merge_bases(one, other);
        }
        match self.repository.merge_bases(oid(one)?, oid(other)?) {
            Ok(found) => found.iter().map(|id| Id::of(id.as_bytes()).context("an id of unknown length")).collect(),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(Vec::new()),
            Err(error) => Err(short(&error)),
        }
    }

    fn commits(&self, ids: &[Id]) -> anyhow::Result<Vec<Commit>> {
        let odb = self.odb()?;
        let one = |id: &Id| {
            let commit = with_commit(&odb, *id, |bytes| Commit::parse(*id, bytes))?;
            commit.with_context(|| format!("the commit `{id}` is not there"))
        };
        ids.iter().map(one).collect()
    }

    fn file(&self, commit: Id, path: &str) -> anyhow::Result<Option<Vec<u8>>> {
        let tree = self.repository.find_commit(oid(commit)?).and_then(|commit| commit.tree());
        let entry = match tree.and_then(|tree| tree.get_path(Path::new(path))) {
            Ok(entry) => entry,
            Err(error) if error.code() == ErrorCode::NotFound => return self.plumbing.file(commit, path),
            Err(error) => return Err(short(&error)),
        };
        match self.repository.find_blob(entry.id()) {
            Ok(blob) => Ok(Some(blob.content().to_vec())),
            // A partial clone fetches it now.
            Err(_) => self.plumbing.file(commit, path),
        }
    }

    fn reflog(&self, name: &str) -> anyhow::Result<Vec<(Id, String)>> {
        let log = match self.repository.reflog(name) {
            Ok(log) => log,
            Err(error) if error.code() == ErrorCode::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(short(&error)),
        };
        let text = |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
        Ok(log
            .iter()
            .filter_map(|entry| Some((Id::of(entry.id_new().as_bytes())?, text(entry.message_bytes()))))
            .collect())
    }

    fn changes(&self, from: Id, to: Id) -> anyhow::Result<Vec<Change>> {
        let compare = || -> Result<Vec<Change>, git2::Error> {
            let tree = |id: Id| self.repository.find_object(Oid::from_bytes(id.as_bytes())?, None)?.peel_to_tree();
            let (old, new) = (tree(from)?, tree(to)?);
            let diff = self.repository.diff_tree_to_tree(Some(&old), Some(&new), None)?;
            let change = |delta: git2::DiffDelta| {
                let (old, new) = (delta.old_file(), delta.new_file());
                let path = new.path_bytes().or_else(|| old.path_bytes()).unwrap_or_default();
                Change {
                    path: String::from_utf8_lossy(path).into_owned(),
                    new: Id::of(new.id().as_bytes()).filter(|id| !id.is_zero()),
                    was_there: !old.id().is_zero(),
                }
            };
            Ok(diff.deltas().map(change).collect())
        };
        compare().map_err(|error| short(&error))
    }

    fn flagged(&self) -> anyhow::Result<Vec<(String, Flag)>> {
        // Asked of `git` where libgit2 cannot read the index.
        let Ok(mut index) = self.repository.index() else { return self.plumbing.flagged() };
        // It is the one that was read when somebody asked before.
        index.read(false).map_err(|error| short(&error))?;
        let flag = |entry: git2::IndexEntry| {
            let is_skipped = entry.flags_extended & git2::IndexEntryExtendedFlag::SKIP_WORKTREE.bits() != 0;
            // https://git-scm.com/docs/index-format: the highest bit is that of `--assume-unchanged`.
            let is_assumed = entry.flags & 0x8000 != 0;
            let path = String::from_utf8_lossy(&entry.path).into_owned();
            match (is_skipped, is_assumed) {
                (true, _) => Some((path, Flag::SkipWorktree)),
                (_, true) => Some((path, Flag::AssumeUnchanged)),
                _ => None,
            }
        };
        Ok(index.iter().filter_map(flag).collect())
    }

    fn has_pseudo_ref(&self, _: &str) -> bool {
        // Where libgit2 can read, pseudo-refs are files, which have been looked at.
        false
    }
}

impl Libgit {
    fn shallow_range(&self, include: &[Id], exclude: &[Id]) -> anyhow::Result<Vec<Id>> {
        let graph = Graph::of(&self.links(&[include, exclude].concat())?);
        let nodes = |ids: &[Id]| ids.iter().filter_map(|id| graph.node(*id)).collect::<Vec<_>>();
        let hidden = graph.ancestors(nodes(exclude));
        let seen = graph.ancestors(nodes(include));
        Ok(seen.nodes().filter(|node| !hidden.contains(*node)).map(|node| graph.id(node)).collect())
    }
}

/// Opens the repository that `dir` is in, for this time and the next ones.
fn fresh(dir: &Path) -> anyhow::Result<Option<Opened>> {
    let opened = match source::path("GIT_DIR", dir) {
        Some(git_dir) => git2::Repository::open(git_dir),
        None => git2::Repository::discover(dir),
    };
    let repository = match opened {
        Ok(repository) => repository,
        Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
        Err(error) => return Err(short(&error)),
    };
    if source::path("GIT_COMMON_DIR", dir).is_some() {
        return Err(anyhow!("libgit2 would read this repository otherwise than Git does"));
    }
    add_stores(&repository, &source::object_dirs(dir))?;
    let work_tree = work_tree(&repository, dir);
    let common_dir = absolute(repository.commondir(), dir);
    let place = Place { dir: dir.to_owned(), git_dir: absolute(repository.path(), dir), common_dir, work_tree };
    let opened = Opened { repository: Rc::new(repository), place };
    opened.keep();
    Ok(Some(opened))
}

/// The raw bytes of a commit through `read`; `None` where it is not there.
fn with_commit<T>(odb: &git2::Odb, id: Id, read: impl FnOnce(&[u8]) -> Option<T>) -> anyhow::Result<Option<T>> {
    let object = match odb.read(oid(id)?) {
        Ok(object) => object,
        Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
        Err(error) => return Err(short(&error)),
    };
    if object.kind() != ObjectType::Commit {
        return Err(anyhow!("`{id}` is no commit"));
    }
    read(object.data()).map(Some).with_context(|| format!("the commit `{id}` is damaged"))
}

/// What a reference is; `None` where it is broken.
fn read(reference: &git2::Reference) -> anyhow::Result<Option<Ref>> {
    let name = String::from_utf8_lossy(reference.name_bytes()).into_owned();
    let symbolic = reference.symbolic_target_bytes().map(|name| String::from_utf8_lossy(name).into_owned());
    let Some(target) = reference.target().or_else(|| reference.resolve().ok()?.target()) else { return Ok(None) };
    let peeled = match reference.target_peel() {
        Some(peeled) => peeled,
        // Only tags point at something else than commits.
        None if name.starts_with("refs/tags/") => {
            let Ok(object) = reference.peel(ObjectType::Any) else { return Ok(None) };
            let is_tag = object.kind() == Some(ObjectType::Tag);
            if is_tag { object.peel(ObjectType::Any).map_err(|error| short(&error))?.id() } else { object.id() }
        }
        None => target,
    };
    let ids = Id::of(target.as_bytes()).zip(Id::of(peeled.as_bytes()));
    Ok(ids.map(|(id, peeled)| Ref { name, id, peeled, symbolic }))
}

/// Objects are looked up in `stores`, too.
fn add_stores(repository: &git2::Repository, stores: &[PathBuf]) -> anyhow::Result<()> {
    if stores.is_empty() {
        return Ok(());
    }
    let odb = repository.odb().map_err(|error| short(&error))?;
    for path in stores {
        let path = path.to_str().context("the path of an object store is not UTF-8")?;
        odb.add_disk_alternate(path).map_err(|error| short(&error))?;
    }
    Ok(())
}

fn work_tree(repository: &git2::Repository, dir: &Path) -> Option<PathBuf> {
    if let Some(path) = source::path("GIT_WORK_TREE", dir) {
        return Some(path);
    }
    // With `GIT_DIR` alone, Git takes the current directory for the top of the working tree.
    if source::variable("GIT_DIR").is_some() && !repository.is_bare() && !repository.is_worktree() {
        let is_configured = repository.config().is_ok_and(|config| config.get_string("core.worktree").is_ok());
        return if is_configured { repository.workdir().map(|path| absolute(path, dir)) } else { Some(dir.to_owned()) };
    }
    repository.workdir().map(|path| absolute(path, dir))
}

fn absolute(path: &Path, dir: &Path) -> PathBuf {
    // libgit2 ends folders with a slash, which nobody wants to see.
    dir.join(path).components().collect()
}

fn oid(id: Id) -> anyhow::Result<Oid> {
    Oid::from_bytes(id.as_bytes()).map_err(|error| short(&error))
}

/// What libgit2 says, without its class and code.
fn short(error: &git2::Error) -> anyhow::Error {
    anyhow!("{}", error.message().split(';').next().unwrap_or_default().trim().to_owned())
}
