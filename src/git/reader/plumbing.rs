//! Reading through the `git` program: what libgit2 cannot open, and what it would read otherwise.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};

use super::{Backend, Head, Place, Ref, Settings, Signature};
use crate::git::commit::Commit;
use crate::git::graph::Link;
use crate::git::id::Id;
use crate::git::shell;
use crate::git::worktree::{Change, Flag, parse_changes};

pub(super) struct Plumbing {
    dir: PathBuf,
}

impl Plumbing {
    /// `None` where there is no repository.
    ///
    /// # Errors
    /// What Git says of one that it does not read.
    pub(super) fn open(dir: &Path) -> anyhow::Result<Option<(Place, Self)>> {
        let backend = Self { dir: dir.to_owned() };
        let asked = ["rev-parse", "--path-format=absolute", "--git-dir", "--git-common-dir", "--is-inside-work-tree"];
        let output = shell::read(dir, &asked, b"")?;
        if !output.is_success {
            // Exit 128 alone says nothing: this is the one message that means "nowhere".
            return if output.said.contains("not a git repository") { Ok(None) } else { Err(output.failure(&asked)) };
        }
        let text = String::from_utf8(output.stdout).context("the path of the repository is not UTF-8")?;
        let [git_dir, common_dir, inside] = text.lines().collect::<Vec<_>>()[..] else {
            return Err(anyhow!("`git rev-parse` answered something else than it was asked"));
        };
        let work_tree = if inside == "true" {
            let top = backend.ask(&["rev-parse", "--show-toplevel"])?;
            Some(PathBuf::from(String::from_utf8(top)?.trim_end_matches('\n')))
        } else {
            None
        };
        let place = Place { dir: dir.to_owned(), git_dir: git_dir.into(), common_dir: common_dir.into(), work_tree };
        Ok(Some((place, backend)))
    }

    /// For a repository that somebody else has opened.
    pub(super) fn at(place: &Place) -> Self {
        Self { dir: place.dir.clone() }
    }

    /// What Git makes of the signatures of these commits.
    pub(super) fn signatures(&self, ids: &[Id]) -> anyhow::Result<Vec<Signature>> {
        let text = self.ask_with(&["log", "--no-walk=unsorted", "--stdin", "--format=%G?"], &lines(ids, ""))?;
        let grades: Vec<Signature> = text
            .split(|byte| *byte == b'\n')
            .filter_map(|line| line.first())
            .map(|grade| match grade {
                // Good, of unknown validity, or made while it was still valid.
                b'G' | b'U' | b'X' | b'Y' => Signature::Good,
                b'B' => Signature::Bad,
                b'R' => Signature::Revoked,
                _ => Signature::Unknown,
            })
            .collect();
        if grades.len() == ids.len() { Ok(grades) } else { Err(anyhow!("`git log` answered in another form")) }
    }

    /// What Git makes of the signature of a tag; `None` where it has none.
    pub(super) fn tag_signature(&self, tag: Id) -> anyhow::Result<Option<Signature>> {
        let Some(text) = self.try_to_ask(&["cat-file", "tag", &tag.to_string()])? else { return Ok(None) };
        let text = String::from_utf8_lossy(&text);
        let is_signed =
            ["-----BEGIN PGP SIGNATURE-----", "-----BEGIN SSH SIGNATURE-----", "-----BEGIN SIGNED MESSAGE-----"];
        if !is_signed.iter().any(|mark| text.contains(mark)) {
            return Ok(None);
        }
        let output = shell::read(&self.dir, &["verify-tag", "--raw", &tag.to_string()], b"")?;
        Ok(Some(if output.is_success {
            Signature::Good
        } else if output.said.contains("BADSIG") || output.said.contains("incorrect signature") {
            Signature::Bad
        } else {
            Signature::Unknown
        }))
    }

    /// The refs that these patterns mean; all, where there is none.
    fn refs_below(&self, patterns: &[&str]) -> anyhow::Result<Vec<Ref>> {
        let format = "--format=%(refname)%00%(objectname)%00%(*objectname)%00%(symref)";
        let text = self.ask(&[&["for-each-ref", format], patterns].concat())?;
        let refs = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(|line| {
            let fields: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
            let [name, id, peeled, symbolic] = fields[..] else { return None };
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let id = Id::parse(id)?;
            let symbolic = (!symbolic.is_empty()).then(|| text(symbolic));
            Some(Ref { name: text(name), id, peeled: Id::parse(peeled).unwrap_or(id), symbolic })
        });
        let mut refs = refs.collect::<Option<Vec<Ref>>>().context("`git for-each-ref` answered in another form")?;
        refs.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(refs)
    }

    /// What `git` answers; it must succeed.
    fn ask(&self, arguments: &[&str]) -> anyhow::Result<Vec<u8>> {
        self.ask_with(arguments, b"")
    }

    fn ask_with(&self, arguments: &[&str], input: &[u8]) -> anyhow::Result<Vec<u8>> {
        let output = shell::read(&self.dir, arguments, input)?;
        if output.is_success { Ok(output.stdout) } else { Err(output.failure(arguments)) }
    }

    /// What `git` answers; `None` where it does not succeed.
    fn try_to_ask(&self, arguments: &[&str]) -> anyhow::Result<Option<Vec<u8>>> {
        let output = shell::read(&self.dir, arguments, b"")?;
        Ok(output.is_success.then_some(output.stdout))
    }
}

impl Backend for Plumbing {
    fn head(&self) -> anyhow::Result<Head> {
        let id = self.resolve("HEAD")?;
        match self.try_to_ask(&["symbolic-ref", "--quiet", "HEAD"])? {
            Some(name) => {
                let name = String::from_utf8_lossy(&name);
                let name = name.trim_end_matches('\n');
                Ok(Head::Branch(name.strip_prefix("refs/heads/").unwrap_or(name).to_owned(), id))
            }
            None => Ok(Head::Detached(id.context("it points nowhere")?)),
        }
    }

    fn refs(&self) -> anyhow::Result<Vec<Ref>> {
        self.refs_below(&[])
    }

    fn look_up(&self, name: &str) -> anyhow::Result<Option<Ref>> {
        // The folder of that name, where it is one, comes along.
        Ok(self.refs_below(&["--", name])?.into_iter().find(|one| one.name == name))
    }

    fn resolve(&self, revision: &str) -> anyhow::Result<Option<Id>> {
        let commit = format!("{revision}^{{commit}}");
        let found = self.try_to_ask(&["rev-parse", "--quiet", "--verify", "--end-of-options", &commit])?;
        Ok(found.and_then(|id| Id::parse(id.trim_ascii())))
    }

    fn settings(&self) -> anyhow::Result<Settings> {
        let text = self.ask(&["config", "--list", "-z"])?;
        let entries = text.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()).map(|entry| {
            let entry = String::from_utf8_lossy(entry);
            match entry.split_once('\n') {
                Some((key, value)) => (key.to_owned(), Some(value.to_owned())),
                None => (entry.into_owned(), None),
            }
        });
        Ok(Settings::of(entries))
    }

    fn links(&self, tips: &[Id]) -> anyhow::Result<Vec<Link>> {
        let text = self.ask_with(&["rev-list", "--parents", "--timestamp", "--stdin"], &lines(tips, ""))?;
        let links = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(|line| {
            let mut words = line.split(|byte| *byte == b' ');
            let time = std::str::from_utf8(words.next()?).ok()?.parse().ok()?;
            let id = Id::parse(words.next()?)?;
            Some((id, words.map(Id::parse).collect::<Option<_>>()?, time))
        });
        links.collect::<Option<_>>().context("`git rev-list` answered in another form")
    }

    fn range(&self, include: &[Id], exclude: &[Id]) -> anyhow::Result<Vec<Id>> {
        let input = [lines(include, ""), lines(exclude, "^")].concat();
        let text = self.ask_with(&["rev-list", "--topo-order", "--stdin"], &input)?;
        let ids = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(Id::parse);
        ids.collect::<Option<_>>().context("`git rev-list` answered in another form")
    }

    fn merge_bases(&self, one: Id, other: Id) -> anyhow::Result<Vec<Id>> {
        // It fails where there are none.
        let text = self.try_to_ask(&["merge-base", "--all", &one.to_string(), &other.to_string()])?.unwrap_or_default();
        let ids = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(Id::parse);
        ids.collect::<Option<_>>().context("`git merge-base` answered in another form")
    }

    fn commits(&self, ids: &[Id]) -> anyhow::Result<Vec<Commit>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let text = self.ask_with(&["cat-file", "--batch"], &lines(ids, ""))?;
        let mut rest = text.as_slice();
        ids.iter()
            .map(|id| {
                let end = rest.iter().position(|byte| *byte == b'\n').context("`git cat-file` stopped early")?;
                let head = String::from_utf8_lossy(&rest[..end]).into_owned();
                let length = match head.split(' ').collect::<Vec<_>>()[..] {
                    [_, "commit", length] => length.parse::<usize>()?,
                    [_, "missing"] => return Err(anyhow!("the commit `{id}` is not there")),
                    _ => return Err(anyhow!("`{id}` is no commit")),
                };
                let body = rest.get(end + 1..end + 1 + length).context("`git cat-file` stopped early")?;
                rest = rest.get(end + 2 + length..).unwrap_or_default();
                Commit::parse(*id, body).with_context(|| format!("the commit `{id}` is damaged"))
            })
            .collect()
    }

    fn file(&self, commit: Id, path: &str) -> anyhow::Result<Option<Vec<u8>>> {
        self.try_to_ask(&["cat-file", "blob", &format!("{commit}:{path}")])
    }

    fn reflog(&self, name: &str) -> anyhow::Result<Vec<(Id, String)>> {
        let text =
            self.try_to_ask(&["log", "-g", "--format=%H %gs", "--end-of-options", name, "--"])?.unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let entry =
            |line: &str| line.split_once(' ').and_then(|(id, text)| Some((Id::parse(id.as_bytes())?, text.to_owned())));
        Ok(text.lines().filter_map(entry).collect())
    }

    fn changes(&self, from: Id, to: Id) -> anyhow::Result<Vec<Change>> {
        let (from, to) = (from.to_string(), to.to_string());
        let text = self.ask(&["diff-tree", "-r", "-z", "--raw", "--no-renames", &from, &to])?;
        parse_changes(&text).context("`git diff-tree` answered in another form")
    }

    fn flagged(&self) -> anyhow::Result<Vec<(String, Flag)>> {
        let text = self.ask(&["ls-files", "-v", "-z"])?;
        let entries = text.split(|byte| *byte == 0).filter_map(|entry| {
            let (mark, path) = entry.split_at_checked(2)?;
            let flag = match mark[0] {
                b'S' | b's' => Flag::SkipWorktree,
                mark if mark.is_ascii_lowercase() => Flag::AssumeUnchanged,
                _ => return None,
            };
            Some((String::from_utf8_lossy(path).into_owned(), flag))
        });
        Ok(entries.collect())
    }

    fn has_pseudo_ref(&self, name: &str) -> bool {
        self.resolve(name).is_ok_and(|found| found.is_some())
    }
}

/// One id a line, each after `mark`.
fn lines(ids: &[Id], mark: &str) -> Vec<u8> {
    ids.iter().flat_map(|id| format!("{mark}{id}\n").into_bytes()).collect()
}
