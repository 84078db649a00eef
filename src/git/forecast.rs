//! What a merge would come to, without anything that is changed: `git merge-tree`, whose objects go to a folder that is thrown away.

use std::fmt::Write as _;

use anyhow::{Context as _, anyhow};

use super::shell;
use super::{Id, Repository};
use crate::error::{Failure, fail};

/// A place for objects that never reach the repository.
pub(crate) struct Forecaster<'a> {
    repository: &'a Repository,
    objects: Option<tempfile::TempDir>,
}

/// What a merge comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Forecast {
    /// This tree.
    Clean(Id),
    /// These paths conflict.
    Conflict(Vec<String>),
}

impl<'a> Forecaster<'a> {
    pub(crate) fn new(repository: &'a Repository) -> Self {
        Self { repository, objects: None }
    }

    /// What merging `from` into `into` comes to.
    ///
    /// # Errors
    /// Where Git cannot tell.
    pub(crate) fn merge(&mut self, into: Id, from: Id) -> anyhow::Result<Forecast> {
        let (into, from) = (into.to_string(), from.to_string());
        let arguments = ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", &into, &from];
        let answer = self.run(&arguments, b"")?;
        let mut fields = answer.stdout.split(|byte| *byte == 0).filter(|field| !field.is_empty());
        let tree = fields.next().and_then(Id::parse);
        match (tree, answer.is_success) {
            (Some(tree), true) => Ok(Forecast::Clean(tree)),
            (Some(_), false) => {
                let mut paths: Vec<String> = fields.map(|path| String::from_utf8_lossy(path).into_owned()).collect();
                paths.dedup();
                Ok(Forecast::Conflict(paths))
            }
            // A merge driver that dies, say.
            (None, _) => Err(fail("it cannot be seen whether the merge would conflict")
                .cause(answer.said.trim_end())
                .hint(format!("`git merge-tree --write-tree {into} {from}` must work"))
                .into()),
        }
    }

    /// The paths of `into` that merging `from` into it would change, clean or not.
    ///
    /// # Errors
    /// Where Git cannot tell.
    pub(crate) fn news(&mut self, into: Id, from: Id) -> anyhow::Result<Vec<String>> {
        let (into, from) = (into.to_string(), from.to_string());
        let answer =
            self.run(&["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", &into, &from], b"")?;
        let tree = answer.stdout.split(|byte| *byte == 0).next().and_then(Id::parse);
        let tree = tree.with_context(|| format!("`git merge-tree` failed: {}", answer.said.trim_end()))?.to_string();
        let paths = self.must(&["diff-tree", "-r", "-z", "--name-only", "--no-renames", &into, &tree], b"")?;
        Ok(paths.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
    }

    /// What putting what `tip` has and `onto` has not on top of `onto` comes to, commit by commit. The first that conflicts decides.
    ///
    /// # Errors
    /// Where Git cannot tell.
    pub(crate) fn rebase(&mut self, onto: Id, tip: Id) -> anyhow::Result<Forecast> {
        // What is there already in another commit is left out, as are merges.
        let both = format!("{onto}...{tip}");
        let arguments =
            ["rev-list", "--reverse", "--topo-order", "--cherry-pick", "--right-only", "--no-merges", &both];
        let picked = self.must(&arguments, b"")?;
        let mut tree = format!("{onto}^{{tree}}");
        for commit in picked.lines() {
            // What stands there so far, as a commit beside the one that is picked: a merge of the two is the pick.
            let parent = format!("{commit}^");
            let Ok(parent) = self.must(&["rev-parse", "--verify", "--quiet", &parent], b"") else { continue };
            let here = self.must(&["commit-tree", "-m", "forecast", "-p", &parent, &tree], b"")?;
            let ids = [here.as_str(), commit].map(|id| Id::parse(id.as_bytes()).context("`git` named no commit"));
            let [here, commit] = ids;
            match self.merge(here?, commit?)? {
                Forecast::Clean(id) => tree = id.to_string(),
                conflict @ Forecast::Conflict(_) => return Ok(conflict),
            }
        }
        let tree = self.must(&["rev-parse", "--verify", &tree], b"")?;
        Ok(Forecast::Clean(Id::parse(tree.as_bytes()).context("`git rev-parse` named no tree")?))
    }

    /// A commit of `tree` with these parents, which only this forecaster knows.
    ///
    /// # Errors
    /// Where Git cannot make it.
    pub(crate) fn commit(&mut self, tree: Id, parents: [Id; 2]) -> anyhow::Result<Id> {
        let [tree, one, two] = [tree, parents[0], parents[1]].map(|id| id.to_string());
        let answer = self.run(&["commit-tree", "-m", "forecast", "-p", &one, "-p", &two, &tree], b"")?;
        Id::parse(answer.stdout.trim_ascii()).ok_or_else(|| anyhow!("`git commit-tree` answered in another form"))
    }

    /// The commit that changing these files (path and text) on top of `tip` would make, which only this forecaster knows.
    ///
    /// # Errors
    /// Where Git cannot make it.
    pub(crate) fn edit(&mut self, tip: Id, files: &[(&str, &str)]) -> anyhow::Result<Id> {
        let parent = tip.to_string();
        let mut entries = String::new();
        for (path, text) in files {
            let blob = self.must(&["hash-object", "-w", "--stdin"], text.as_bytes())?;
            let _ = write!(entries, "100644 {blob}\t{path}\0");
        }
        self.must(&["read-tree", &parent], b"")?;
        self.must(&["update-index", "-z", "--index-info"], entries.as_bytes())?;
        let tree = self.must(&["write-tree"], b"")?;
        let commit = self.must(&["commit-tree", "-m", "forecast", "-p", &parent, &tree], b"")?;
        Id::parse(commit.as_bytes()).ok_or_else(|| anyhow!("`git commit-tree` answered in another form"))
    }

    /// Whether a commit can be signed as Git is configured: one that nobody will see is.
    ///
    /// # Errors
    /// The failure that it is, with what the signing program said.
    pub(crate) fn sign(&mut self, tree: Id) -> anyhow::Result<Result<(), Failure>> {
        let tree = tree.to_string();
        let arguments = ["commit-tree", "-S", "-m", "forecast", &tree];
        let answer = self.run(&arguments, b"")?;
        if answer.is_success {
            return Ok(Ok(()));
        }
        match answer.failure(&arguments).downcast::<Failure>() {
            Ok(failure) => Ok(Err(failure)),
            Err(other) => Err(other),
        }
    }

    /// Runs a `git` that must succeed, and gives the line that it printed.
    fn must(&mut self, arguments: &[&str], input: &[u8]) -> anyhow::Result<String> {
        let answer = self.run(arguments, input)?;
        if !answer.is_success {
            return Err(answer.failure(arguments)).context("could not see what a change would come to");
        }
        Ok(String::from_utf8_lossy(answer.stdout.trim_ascii()).into_owned())
    }

    fn run(&mut self, arguments: &[&str], input: &[u8]) -> anyhow::Result<shell::Answer> {
        if self.objects.is_none() {
            let folder = tempfile::Builder::new().prefix("prodev-forecast-").tempdir();
            self.objects = Some(folder.context("could not make a folder for the forecast of a merge")?);
        }
        let objects = self.objects.as_ref().context("the folder for the forecast is gone")?;
        let dir = self.repository.work_tree().unwrap_or(self.repository.git_dir());
        shell::read_into(dir, objects.path(), &self.repository.common_dir().join("objects"), arguments, input)
    }
}
