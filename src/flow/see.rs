//! What the commands look at: the repository, what is checked out, the branches, and the rules that hold.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use super::check::policy_here;
use super::kind::{Kind, Point};
use super::rules::{Role, Rules};
use crate::config::check::refuse_whole_branch;
use crate::ctx::{Ctx, Recovery};
use crate::error::{Exit, Failure, fail, first_of, listed, nearest};
use crate::git::{self, Actor, Change, Head, Id, Operation, Repository, Untracked, dirt};

/// A repository, read for one command.
pub(super) struct Seen {
    pub(super) repository: Repository,
    pub(super) rules: Rules,
    pub(super) head: Head,
    /// Whether nothing at all may be changed, not even what is known of a remote.
    pub(super) is_dry: bool,
    /// The bases that were written down, by branch.
    recorded: OnceCell<HashMap<String, String>>,
    /// Branches that the remote, when it was asked, did not have any more.
    pub(super) gone: BTreeSet<String>,
    /// Whether the remote was asked, and answered.
    pub(super) is_asked: bool,
}

/// What a branch is measured against, and brings in when it is updated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parent {
    /// Its short name.
    pub(super) name: String,
    /// Its full one: that of the remote where it is there alone.
    pub(super) full: String,
    pub(super) id: Id,
}

/// A remote that was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// It answered, or there is none to ask.
    Yes,
    /// It could not be reached.
    Offline,
}

impl Seen {
    pub(super) fn of(ctx: &Ctx) -> anyhow::Result<Self> {
        let repository = Repository::open(&ctx.dir)?;
        let rules = policy_here(ctx, Some(&repository))?;
        let head = repository.head()?;
        Ok(Self {
            repository,
            rules,
            head,
            is_dry: ctx.recovery == Recovery::Refuse,
            recorded: OnceCell::new(),
            gone: BTreeSet::new(),
            is_asked: false,
        })
    }

    /// The top of the working tree.
    pub(super) fn top(&self) -> Result<&Path, Failure> {
        self.repository.work_tree().ok_or_else(|| {
            fail("this repository is bare: it has no working tree")
                .hint("make one with `git worktree add PATH BRANCH`, and work there")
        })
    }

    pub(super) fn branch(&self, name: &str) -> anyhow::Result<Option<Id>> {
        Ok(self.repository.find(&format!("refs/heads/{name}"))?.map(|found| found.peeled))
    }

    /// Where a branch is at the remote, as it was last seen.
    pub(super) fn at_remote(&self, name: &str) -> anyhow::Result<Option<Id>> {
        let full = format!("refs/remotes/{}/{name}", self.rules.remote());
        Ok(self.repository.find(&full)?.map(|found| found.peeled))
    }

    /// Whether the remote, when it was asked, did not have a branch any more that it once had.
    pub(super) fn is_gone(&self, name: &str) -> bool {
        self.gone.contains(name)
    }

    /// Whether the remote is configured.
    pub(super) fn has_remote(&self) -> anyhow::Result<bool> {
        let key = format!("remote.{}.url", self.rules.remote());
        Ok(self.repository.settings()?.get(&key).is_some())
    }

    /// Whether all of `old` is in `new`.
    pub(super) fn contains(&self, new: Id, old: Id) -> anyhow::Result<bool> {
        Ok(new == old || self.repository.range(&[old], &[new])?.is_empty())
    }

    /// Whether a branch has, or once had, all of `id`, as far back as its reflog goes.
    ///
    /// # Errors
    /// Where Git cannot be run.
    pub(super) fn has_ever_had(&self, branch: &str, id: Id) -> anyhow::Result<bool> {
        if let Some(tip) = self.branch(branch)?
            && self.contains(tip, id)?
        {
            return Ok(true);
        }
        let dir = self.repository.work_tree().unwrap_or(self.repository.git_dir());
        let name = format!("refs/heads/{branch}");
        let said = Actor::new(dir).run(&["log", "--walk-reflogs", "--format=%H", &name, "--"], b"")?;
        let places: BTreeSet<&[u8]> = said.stdout.split(|byte| *byte == b'\n').collect();
        // What an old entry names may be gone.
        let had = |place: Id| self.contains(place, id).unwrap_or(false);
        Ok(places.into_iter().filter_map(Id::parse).any(had))
    }

    /// The local branches of a kind, by their whole names.
    pub(super) fn open(&self, kind: &Kind) -> anyhow::Result<Vec<String>> {
        let of_kind = |name: &&str| matches!(self.rules.role(name), Role::Topic(of, _) if of.name == kind.name);
        Ok(self.repository.branches()?.map(|(name, _)| name).filter(of_kind).map(str::to_owned).collect())
    }

    /// The branch that git-flow or prodev wrote down as the one that `branch` was started from.
    pub(super) fn recorded_base(&self, branch: &str) -> anyhow::Result<Option<String>> {
        Ok(self.recorded_bases()?.get(branch).cloned())
    }

    /// All of them, by branch.
    pub(super) fn recorded_bases(&self) -> anyhow::Result<&HashMap<String, String>> {
        if let Some(recorded) = self.recorded.get() {
            return Ok(recorded);
        }
        let pairs = self.repository.settings()?.below("gitflow.branch.");
        let base = |(key, value): (String, String)| {
            let branch = key.strip_prefix("gitflow.branch.")?.strip_suffix(".base")?;
            Some((branch.to_owned(), value))
        };
        Ok(self.recorded.get_or_init(|| pairs.into_iter().filter_map(base).collect()))
    }

    /// A branch of that name: the local one, else the remote's.
    pub(super) fn known(&self, name: &str) -> anyhow::Result<Option<Parent>> {
        for full in [format!("refs/heads/{name}"), format!("refs/remotes/{}/{name}", self.rules.remote())] {
            if let Some(found) = self.repository.find(&full)? {
                return Ok(Some(Parent { name: name.to_owned(), id: found.peeled, full }));
            }
        }
        Ok(None)
    }

    /// What `branch` belongs to: the base that was written down, else what its kind or its own configuration says.
    pub(super) fn parent(&self, branch: &str) -> anyhow::Result<Option<Parent>> {
        let mut names: Vec<String> = self.recorded_base(branch)?.into_iter().collect();
        match self.rules.role(branch) {
            Role::Topic(kind, _) => names.extend(self.at_point(&kind.parent)?),
            Role::Base(base) => names.extend(base.parent.clone()),
            Role::Unknown => names.push(self.rules.trunk().to_owned()),
        }
        for name in names.iter().filter(|name| *name != branch) {
            if let Some(found) = self.known(name)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The kind of that name.
    pub(super) fn kind(&self, name: &str) -> Result<&Kind, Failure> {
        self.rules.kind(name).ok_or_else(|| {
            let kinds: Vec<&str> = self.rules.kinds.iter().map(|kind| kind.name.as_str()).collect();
            let failure = fail(format!("there is no kind `{name}`")).exit(Exit::Usage);
            match nearest(name, kinds.iter().copied()) {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => failure.hint(format!("the kinds are {}", kinds.join(", "))),
            }
        })
    }

    /// The topic branch that is meant: by its whole name, by its name in a kind, or the one that is checked out.
    pub(super) fn topic(&self, given: Option<&str>, kind: Option<&str>) -> anyhow::Result<String> {
        let kind = kind.map(|name| self.kind(name)).transpose()?;
        let Some(given) = given else {
            return match (self.head.branch(), kind) {
                (Some(name), None) if matches!(self.rules.role(name), Role::Topic(..)) => Ok(name.to_owned()),
                (Some(name), Some(kind)) if matches!(self.rules.role(name), Role::Topic(of, _) if of == kind) => {
                    Ok(name.to_owned())
                }
                (Some(name), _) => Err(fail(format!("`{name}` is no topic branch"))
                    .hint("name one: `prodev flow list` shows them")
                    .into()),
                (None, _) => {
                    Err(fail("no branch is checked out").hint("name one: `prodev flow list` shows them").into())
                }
            };
        };
        if kind.is_none() && self.branch(given)?.is_some() {
            return Ok(given.to_owned());
        }
        let kinds: Vec<&Kind> = kind.map_or_else(|| self.rules.kinds.iter().collect(), |kind| vec![kind]);
        let names: BTreeSet<String> = kinds.iter().map(|kind| kind.branch(given)).collect();
        let mut found = Vec::new();
        for name in names {
            if self.branch(&name)?.is_some() {
                found.push(name);
            }
        }
        match found.as_slice() {
            [one] => Ok(one.clone()),
            [] => {
                let all: Vec<&str> = self.repository.branches()?.map(|(name, _)| name).collect();
                let bare = |name: &&str| match self.rules.role(name) {
                    Role::Topic(_, bare) => bare.to_owned(),
                    _ => String::new(),
                };
                let near = nearest(given, all.iter().copied()).map(str::to_owned).or_else(|| {
                    let bares: Vec<String> = all.iter().map(bare).collect();
                    let near = nearest(given, bares.iter().map(String::as_str))?;
                    let at = bares.iter().position(|bare| bare == near)?;
                    Some(all[at].to_owned())
                });
                let failure = fail(format!("there is no branch `{given}`"));
                let hint = near.map_or_else(
                    || "`prodev flow list` shows those that there are".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                Err(failure.hint(hint).into())
            }
            several => Err(fail(format!("`{given}` can be several branches: {}", listed(several)))
                .exit(Exit::Usage)
                .hint("give its whole name")
                .into()),
        }
    }

    /// The branch that is meant: as `topic`, but the one that is checked out may be any.
    pub(super) fn meant(&self, given: Option<&str>, kind: Option<&str>) -> anyhow::Result<String> {
        match (given, kind, self.head.branch()) {
            (None, None, Some(name)) if self.head.commit().is_some() => Ok(name.to_owned()),
            _ => self.topic(given, kind),
        }
    }

    /// Where the other worktree is in which `branch` is checked out.
    pub(super) fn elsewhere(&self, branch: &str) -> anyhow::Result<Option<PathBuf>> {
        let others = self.repository.other_worktrees()?;
        Ok(others.into_iter().find(|tree| tree.branch.as_deref() == Some(branch)).map(|tree| tree.path))
    }

    /// Where these branches are at the remote, as it says itself, by their short names; nothing is written down. Where it cannot be reached, the last
    /// that was said.
    pub(super) fn ask(&self, branches: &[&str]) -> anyhow::Result<Result<BTreeMap<String, Id>, String>> {
        let full: Vec<String> = branches.iter().map(|branch| format!("refs/heads/{branch}")).collect();
        let dir = self.repository.work_tree().unwrap_or(self.repository.git_dir());
        let short = |(name, id): (String, Id)| Some((name.strip_prefix("refs/heads/")?.to_owned(), id));
        let said = Actor::new(dir).at_remote(self.rules.remote(), &full)?;
        Ok(said.map(|there| there.into_iter().filter_map(short).collect()))
    }

    /// Asks the remote where its branches are, and writes that down. Nothing happens in a dry run.
    pub(super) fn fetch(&mut self, branches: &[&str], ctx: &Ctx) -> anyhow::Result<Asked> {
        if self.is_dry || !self.has_remote()? {
            return Ok(Asked::Yes);
        }
        let remote = self.rules.remote().to_owned();
        let mut specs = Vec::new();
        for branch in branches {
            if self.at_remote(branch)?.is_some() {
                specs.push(format!("+refs/heads/{branch}:refs/remotes/{remote}/{branch}"));
            }
        }
        let dir = self.repository.work_tree().unwrap_or(self.repository.git_dir()).to_owned();
        loop {
            let mut arguments = vec!["fetch", "--quiet", "--no-write-fetch-head", "--", &remote];
            arguments.extend(specs.iter().map(String::as_str));
            let said = Actor::new(&dir).run(&arguments, b"")?;
            if said.is_success() {
                break;
            }
            // A branch that was deleted there (after a pull request, say) is none any more.
            let gone = specs.iter().position(|spec| {
                let name = spec.trim_start_matches('+').split(':').next().unwrap_or_default();
                said.words.contains(&format!("couldn't find remote ref {name}"))
            });
            let Some(at) = gone else {
                let last = said.last(1);
                ctx.ui.warn(&format!("`{remote}` cannot be reached, so what is known of it may be old: {last}"));
                return Ok(Asked::Offline);
            };
            let spec = specs.remove(at);
            let name = spec.trim_start_matches("+refs/heads/").split(':').next().unwrap_or_default();
            self.gone.insert(name.to_owned());
            if specs.is_empty() {
                break;
            }
        }
        self.repository = Repository::open(&dir)?;
        self.is_asked = true;
        Ok(Asked::Yes)
    }

    /// The branch that a point stands for, if there is one: for a kind, its only open branch.
    pub(super) fn at_point(&self, point: &Point) -> anyhow::Result<Vec<String>> {
        match point {
            Point::Branch(name) => Ok(vec![name.clone()]),
            Point::Kind(name) => self.rules.kind(name).map_or_else(|| Ok(Vec::new()), |kind| self.open(kind)),
        }
    }

    /// What Git is in the middle of here, as a failure.
    pub(super) fn no_operation(&self) -> Result<(), Failure> {
        let (name, command) = match self.repository.operation() {
            None | Some(Operation::Bisect) => return Ok(()),
            Some(Operation::Merge) => ("merge", "merge"),
            Some(Operation::Rebase(_)) => ("rebase", "rebase"),
            Some(Operation::CherryPick) => ("cherry-pick", "cherry-pick"),
            Some(Operation::Revert) => ("revert", "revert"),
            Some(Operation::Mailbox) => ("`git am`", "am"),
        };
        Err(fail(format!("a {name} is in progress here"))
            .hint(format!("end it with `git {command} --continue` or `git {command} --abort`")))
    }
}

/// Why `branch` cannot be made, if so: Git would refuse the name, or another branch is in its way.
pub(super) fn refuse_name(branch: &str, others: &[&str]) -> Result<(), Failure> {
    if let Some(reason) = refuse_whole_branch(branch) {
        return Err(fail(format!("`{branch}` cannot be a branch: {reason}"))
            .exit(Exit::Usage)
            .hint("choose another name"));
    }
    // As Git writes `NAME.lock` beside each part of the path; file systems take 255 bytes.
    let is_wrong = |part: &str| part.len() > 250 || part.strip_suffix(".lock").is_some() || part.starts_with('.');
    if branch.split('/').any(is_wrong) {
        return Err(fail(format!(
            "`{branch}` cannot be a branch: a part of it is too long, begins with `.` or ends with `.lock`"
        ))
        .exit(Exit::Usage)
        .hint("choose another name"));
    }
    let blocks = |other: &&&str| {
        other.strip_prefix(branch).is_some_and(|rest| rest.starts_with('/'))
            || branch.strip_prefix(**other).is_some_and(|rest| rest.starts_with('/'))
    };
    match others.iter().find(blocks) {
        Some(other) => Err(fail(format!("`{branch}` cannot be beside the branch `{other}`"))
            .cause("Git keeps a branch as a file, and those below it in a folder of that name")
            .hint("choose another name")),
        None => Ok(()),
    }
}

/// What of a working tree a checkout would lose.
#[derive(Debug, Default)]
pub(super) struct Obstacles {
    /// Changed tracked paths.
    pub(super) changed: Vec<String>,
    /// Paths that Git does not know, or ignores.
    pub(super) strange: Vec<String>,
    /// Ignored ones that hold just what the checkout would write.
    pub(super) same: Vec<String>,
}

/// What stands in the way in `top` where `changes` are checked out one after the other over what is there.
pub(super) fn obstacles(top: &Path, changes: &[Change]) -> anyhow::Result<Obstacles> {
    if changes.is_empty() {
        return Ok(Obstacles::default());
    }
    obstacles_beside(top, changes, dirt(top, Untracked::Leave)?.changed)
}

/// The same where it is known already which tracked paths are changed.
pub(super) fn obstacles_beside(top: &Path, changes: &[Change], dirty: Vec<String>) -> anyhow::Result<Obstacles> {
    let mut found = Obstacles::default();
    let touched: BTreeSet<&str> = changes.iter().map(|change| change.path.as_str()).collect();
    found.changed = dirty.into_iter().filter(|path| touched.contains(path.as_str())).collect();
    let first_time: BTreeSet<&str> =
        changes.iter().filter(|change| change.was_there).map(|it| it.path.as_str()).collect();
    let new = changes.iter().filter(|change| change.new.is_some() && !first_time.contains(change.path.as_str()));
    let mut seen = BTreeSet::new();
    for change in new.filter(|change| seen.insert(change.path.as_str())) {
        let Some(there) = in_the_way(top, &change.path) else { continue };
        if found.changed.contains(&change.path) {
            continue;
        }
        let same = there == top.join(&change.path) && change.new == digest(top, &change.path)?;
        if same && git::is_ignored(top, &change.path)? {
            found.same.push(change.path.clone());
        } else {
            let shown = there.strip_prefix(top).unwrap_or(&there);
            found.strange.push(shown.to_string_lossy().into_owned());
        }
    }
    Ok(found)
}

/// What stands where a file is to be: itself, or a file where a folder must be.
fn in_the_way(top: &Path, path: &str) -> Option<PathBuf> {
    let mut at = top.to_owned();
    for part in Path::new(path) {
        at.push(part);
        let meta = at.symlink_metadata().ok()?;
        if !meta.is_dir() {
            return Some(at);
        }
    }
    // A folder: Git takes an empty one away.
    std::fs::read_dir(&at).is_ok_and(|mut entries| entries.next().is_some()).then_some(at)
}

fn digest(top: &Path, path: &str) -> anyhow::Result<Option<Id>> {
    if !top.join(path).symlink_metadata().is_ok_and(|meta| meta.is_file()) {
        return Ok(None);
    }
    let said = Actor::new(top).run(&["hash-object", "--", path], b"")?;
    Ok(Id::parse(said.stdout.trim_ascii()))
}

impl Obstacles {
    /// The failure that they are, if any.
    pub(super) fn refuse(&self, what: &str) -> Result<(), Failure> {
        let shown = |paths: &[String]| first_of(paths, 4);
        if !self.changed.is_empty() {
            return Err(fail(format!("{what} would overwrite changes in {}", shown(&self.changed)))
                .hint("commit them, or put them aside with `git stash`"));
        }
        if !self.strange.is_empty() {
            return Err(fail(format!("{what} would overwrite {}, which Git does not have", shown(&self.strange)))
                .hint("move what is there to another place"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn a_name_that_is_let_through_is_one_to_git(name in "(--?[a-z]{0,6}|[ -~]{0,12}|.{0,8}|\\$\\(.{0,6}\\)|[a-z./@{}~^:-]{0,10})") {
            let branch = format!("feature/{name}");
            if refuse_name(&branch, &[]).is_ok() {
                let wrong = [" ", "..", "~", "^", ":", "?", "*", "[", "\\", "@{", "//"];
                prop_assert!(!wrong.iter().any(|wrong| branch.contains(wrong)), "{branch:?}");
                prop_assert!(!branch.contains(|c: char| c.is_ascii_control()), "{branch:?}");
                let parts_are_fit = branch.split('/').all(|part| {
                    !part.is_empty() && !part.starts_with('.') && part.strip_suffix(".lock").is_none()
                });
                prop_assert!(parts_are_fit && !branch.ends_with('.'), "{branch:?}");
            }
        }
    }
}
