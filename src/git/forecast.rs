//! What a merge would come to, without anything that is changed: `git merge-tree`, whose objects go to a folder that is thrown away.

use anyhow::{Context as _, anyhow};

use super::shell;
use super::{Id, Repository};

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
        let answer = self.run(&arguments)?;
        let mut fields = answer.stdout.split(|byte| *byte == 0).filter(|field| !field.is_empty());
        let tree = fields.next().and_then(Id::parse);
        match (tree, answer.is_success) {
            (Some(tree), true) => Ok(Forecast::Clean(tree)),
            (Some(_), false) => {
                let mut paths: Vec<String> = fields.map(|path| String::from_utf8_lossy(path).into_owned()).collect();
                paths.dedup();
                Ok(Forecast::Conflict(paths))
            }
            (None, _) => Err(answer.failure(&arguments)).context("could not see whether the merge would conflict"),
        }
    }

    /// A commit of `tree` with these parents, which only this forecaster knows.
    ///
    /// # Errors
    /// Where Git cannot make it.
    pub(crate) fn commit(&mut self, tree: Id, parents: [Id; 2]) -> anyhow::Result<Id> {
        let [tree, one, two] = [tree, parents[0], parents[1]].map(|id| id.to_string());
        let answer = self.run(&["commit-tree", "-m", "forecast", "-p", &one, "-p", &two, &tree])?;
        Id::parse(answer.stdout.trim_ascii()).ok_or_else(|| anyhow!("`git commit-tree` answered in another form"))
    }

    fn run(&mut self, arguments: &[&str]) -> anyhow::Result<shell::Answer> {
        if self.objects.is_none() {
            let folder = tempfile::Builder::new().prefix("prodev-forecast-").tempdir();
            self.objects = Some(folder.context("could not make a folder for the forecast of a merge")?);
        }
        let objects = self.objects.as_ref().context("the folder for the forecast is gone")?;
        let dir = self.repository.work_tree().unwrap_or(self.repository.git_dir());
        shell::read_into(dir, objects.path(), &self.repository.common_dir().join("objects"), arguments)
    }
}
