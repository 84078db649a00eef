//! The `git` program: what must fire hooks, sign, or make a repository as this machine's Git makes them.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};

use anyhow::Context as _;

use crate::error::{Failure, fail};

/// Variables that point a `git` at another repository than the one in its directory; set in hooks.
/// (`git rev-parse --local-env-vars` lists them. Two of its names are missing here: `GIT_CONFIG_PARAMETERS` and `GIT_CONFIG_COUNT` hold what the
/// user set for this call with `git -c` or by variables, such as a name or a key, and point nowhere.)
pub(crate) const LOCAL_VARIABLES: [&str; 14] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// Runs `git` in `place`, with `input` on its stdin, and gives what it printed.
///
/// # Errors
/// Where there is no `git`, or it fails: with the last lines of what it said.
pub(super) fn git(place: Place, arguments: &[&str], input: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut command = elsewhere();
    if let Some(repository) = place.repository {
        command.env("GIT_DIR", repository).env("GIT_WORK_TREE", place.folder);
    }
    // Not even `git init` runs hooks: the user's own may be copied into it, and say no to what they do not know.
    let mut child = command
        .env("GIT_LITERAL_PATHSPECS", "1")
        .current_dir(place.folder)
        .args(["-c", "core.hooksPath=/dev/null"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| fail("could not run `git`").cause(error.to_string()).hint("install Git, or use `--no-git`"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A `git` that does not read its input says why itself.
        let _ = stdin.write_all(input);
    }
    let output = child.wait_with_output().context("could not wait for `git`")?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said.trim_end().lines().collect();
    let last = lines[lines.len().saturating_sub(4)..].join("\n");
    let what = arguments.iter().find(|argument| !argument.starts_with('-')).copied().unwrap_or_default();
    Err(fail(format!("`git {what}` failed")).cause(last).into())
}

/// What a `git` that only reads has answered.
pub(super) struct Answer {
    pub(super) is_success: bool,
    pub(super) stdout: Vec<u8>,
    /// What it said on stderr.
    pub(super) said: String,
}

impl Answer {
    /// The failure that it is.
    pub(super) fn failure(&self, arguments: &[&str]) -> anyhow::Error {
        let said = self.said.trim_end();
        let lines: Vec<&str> = said.lines().collect();
        let last = lines[lines.len().saturating_sub(4)..].join("\n");
        fail(format!("`git {}` failed", arguments.first().copied().unwrap_or_default())).cause(last).into()
    }
}

/// Runs a `git` that only reads, in `dir`, as somebody there would run it: with all that Git's variables say.
///
/// # Errors
/// Where there is no `git`.
pub(super) fn read(dir: &Path, arguments: &[&str], input: &[u8]) -> anyhow::Result<Answer> {
    answer(&mut command(), dir, arguments, input)
}

/// The same for one that makes objects: they go to `objects`, and those of the repository, in `real`, are seen too.
///
/// # Errors
/// Where there is no `git`.
pub(super) fn read_into(
    dir: &Path,
    objects: &Path,
    real: &Path,
    arguments: &[&str],
    input: &[u8],
) -> anyhow::Result<Answer> {
    let mut command = command();
    let given = variable("GIT_ALTERNATE_OBJECT_DIRECTORIES");
    let others = given.iter().flat_map(std::env::split_paths).chain([real.to_owned()]);
    let others = std::env::join_paths(others).context("the repository's path cannot be among others")?;
    command.env("GIT_OBJECT_DIRECTORY", objects).env("GIT_ALTERNATE_OBJECT_DIRECTORIES", others);
    // Nor may it touch the index.
    command.env("GIT_INDEX_FILE", objects.join("index"));
    answer(&mut command, dir, arguments, input)
}

fn answer(command: &mut Command, dir: &Path, arguments: &[&str], input: &[u8]) -> anyhow::Result<Answer> {
    command
        // It must not even refresh the index, nor speak another language than ours.
        .envs([("GIT_OPTIONAL_LOCKS", "0"), ("LC_ALL", "C"), ("GIT_TERMINAL_PROMPT", "0")])
        .current_dir(dir)
        .args(arguments);
    let output = fed(spawned(command, input)?, input)?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok(Answer { is_success: output.status.success(), stdout: output.stdout, said })
}

/// Starts a `git` that `input` will be [`fed`] to.
///
/// # Errors
/// Where there is none.
pub(super) fn spawned(command: &mut Command, input: &[u8]) -> Result<Child, Failure> {
    let stdin = if input.is_empty() { Stdio::null() } else { Stdio::piped() };
    let spawned = command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    spawned.map_err(|error| fail("could not run `git`").cause(error.to_string()).hint("install Git 2.39 or newer"))
}

/// Waits for a `git`, and hands it `input` meanwhile. What it does with that is its own business.
///
/// # Errors
/// Where it cannot be waited for.
pub(super) fn fed(mut child: Child, input: &[u8]) -> anyhow::Result<Output> {
    // https://man7.org/linux/man-pages/man7/pipe.7.html: so much is written at once, or not at all.
    const AT_ONCE: usize = 4096;
    let stdin = child.stdin.take();
    let feed = |stdin: Option<ChildStdin>| stdin.map(|mut stdin| stdin.write_all(input));
    let output = if input.len() <= AT_ONCE {
        feed(stdin);
        child.wait_with_output()
    } else {
        std::thread::scope(|scope| {
            // It answers before it has read everything, so that both must go on at a time.
            scope.spawn(|| feed(stdin));
            child.wait_with_output()
        })
    };
    output.context("could not wait for `git`")
}

/// A `git` that knows nothing of the repository that prodev itself may have been started by.
pub(super) fn elsewhere() -> Command {
    let mut command = command();
    for name in LOCAL_VARIABLES {
        command.env_remove(name);
    }
    command
}

#[allow(clippy::disallowed_methods, reason = "the one place that starts `git`")]
pub(super) fn command() -> Command {
    Command::new("git")
}

/// Whether there is a `git` to run.
pub(crate) fn is_installed() -> bool {
    search_path().iter().any(|folder| folder.join("git").is_file())
}

/// The folders in which programs are looked for.
pub(super) fn search_path() -> Vec<PathBuf> {
    variable("PATH").iter().flat_map(std::env::split_paths).collect()
}

#[allow(clippy::disallowed_methods, reason = "what is handed on to `git` is this file's business")]
fn variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}

/// A working tree, and where its repository is if that is not in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) repository: Option<&'a Path>,
}

impl<'a> Place<'a> {
    /// With its repository in it.
    pub(crate) fn of(folder: &'a Path) -> Self {
        Self { folder, repository: None }
    }
}

/// Makes a repository. The branch is called as the user's Git calls it; where it says nothing, or what cannot be a branch, `main`.
pub(crate) fn init(folder: &Path) -> anyhow::Result<()> {
    // Asked of `git`, since libgit2 does not know all the places where that may be said. It fails where nothing is.
    let named = git(Place::of(folder), &["config", "--get", "init.defaultBranch"], b"").unwrap_or_default();
    let named = String::from_utf8(named).unwrap_or_default();
    let branch =
        Some(named.trim_end_matches('\n')).filter(|name| git2::Branch::name_is_valid(name).is_ok_and(|valid| valid));
    let branch = branch.unwrap_or("main");
    git(Place::of(folder), &["init", "--quiet", &format!("--initial-branch={branch}")], b"")
        .context("could not make a repository")?;
    Ok(())
}

/// Commits those of `paths` that Git does not ignore. No hook runs: nobody has trusted the generated ones yet.
pub(crate) fn first_commit(place: Place, paths: &HashSet<&str>, message: &str) -> anyhow::Result<()> {
    // To add an ignored path (a generated `.env`) would be an error, so Git is asked first.
    let untracked = git(place, &["ls-files", "--others", "--exclude-standard", "-z"], b"")?;
    let wanted: Vec<&[u8]> = untracked
        .split(|byte| *byte == 0)
        .filter(|path| std::str::from_utf8(path).is_ok_and(|path| paths.contains(path)))
        .collect();
    git(place, &["add", "--pathspec-from-file=-", "--pathspec-file-nul"], &wanted.join(&0))?;
    git(place, &["commit", "--quiet", "--no-verify", "-m", message], b"")?;
    Ok(())
}

/// Those of `paths` that Git neither has nor ignores: the next `git add .` would take them.
pub(crate) fn untracked(folder: &Path, paths: &[&str]) -> anyhow::Result<Vec<String>> {
    let found =
        git(Place::of(folder), &[&["ls-files", "--others", "--exclude-standard", "-z", "--"], paths].concat(), b"")?;
    let found = String::from_utf8(found).context("the paths are not UTF-8")?;
    Ok(found.split_terminator('\0').map(str::to_owned).collect())
}

/// Whether a commit could name who wrote and who made it.
pub(crate) fn check_identity(folder: &Path) -> Result<(), Failure> {
    let known = |name| git(Place::of(folder), &["var", name], b"").map(drop);
    known("GIT_AUTHOR_IDENT").and_then(|()| known("GIT_COMMITTER_IDENT")).map_err(|error| {
        fail("Git does not know who you are, so it cannot make the first commit")
            .cause(error.downcast_ref::<Failure>().and_then(|failure| failure.cause.clone()).unwrap_or_default())
            .hint("run `git config --global user.name NAME` and `git config --global user.email ADDRESS`")
    })
}

/// An entry of the index that says whose content it is.
#[derive(Debug)]
pub(crate) struct IndexEntry<'a> {
    /// As seen from the folder.
    pub(crate) path: &'a str,
    pub(crate) mode: &'static str,
    pub(crate) blob: String,
    /// 1, 2 or 3.
    pub(crate) stage: u8,
}

/// What `restore_index` has to be told so that the index says again of `paths` what it says now.
pub(crate) fn index_entries(folder: &Path, paths: &[&str]) -> anyhow::Result<String> {
    let (prefix, no_blob) = bearings(folder)?;
    let entries = git(
        Place::of(folder),
        &[&["--literal-pathspecs", "ls-files", "--stage", "--full-name", "-z", "--"], paths].concat(),
        b"",
    )?;
    let entries = String::from_utf8(entries).context("the paths are not UTF-8")?;
    let mut info = String::new();
    for path in paths {
        let _ = write!(info, "0 {no_blob}\t{prefix}{path}\0");
    }
    Ok(info + &entries)
}

/// Tells the index what `index_entries` wrote down.
pub(crate) fn restore_index(folder: &Path, entries: &str) -> anyhow::Result<()> {
    git(Place::of(folder), &["update-index", "-z", "--index-info"], entries.as_bytes()).map(drop)
}

/// Says of paths that they are unmerged.
pub(crate) fn put_unmerged(folder: &Path, entries: &[IndexEntry]) -> anyhow::Result<()> {
    let (prefix, no_blob) = bearings(folder)?;
    let mut info = String::new();
    for entry in entries {
        // With the unmerged entries in it the merged one would be a contradiction.
        let _ = write!(info, "0 {no_blob}\t{prefix}{}\0", entry.path);
    }
    for IndexEntry { path, mode, blob, stage } in entries {
        let _ = write!(info, "{mode} {blob} {stage}\t{prefix}{path}\0");
    }
    restore_index(folder, &info)
}

/// Stores files as blobs, byte for byte, and names them.
pub(crate) fn store_blobs(folder: &Path, files: &[std::path::PathBuf]) -> anyhow::Result<Vec<String>> {
    let list: Vec<&str> = files.iter().filter_map(|file| file.to_str()).collect();
    let names = git(
        Place::of(folder),
        &["hash-object", "-w", "--no-filters", "--stdin-paths"],
        (list.join("\n") + "\n").as_bytes(),
    )?;
    let names = String::from_utf8(names).context("`git hash-object` named no blobs")?;
    Ok(names.lines().map(str::to_owned).collect())
}

/// Where `folder` lies in its working tree (empty, or ending with `/`), and how the repository writes that there is no object.
fn bearings(folder: &Path) -> anyhow::Result<(String, String)> {
    let said = git(Place::of(folder), &["rev-parse", "--show-prefix", "--show-object-format"], b"")?;
    let said = String::from_utf8(said).context("the path is not UTF-8")?;
    let (prefix, format) = said.trim_end_matches('\n').rsplit_once('\n').unwrap_or_default();
    Ok((prefix.to_owned(), "0".repeat(if format == "sha256" { 64 } else { 40 })))
}

/// Those of `paths` between which and the disk a filter stands, such as that of Git LFS.
pub(crate) fn filtered(folder: &Path, paths: &[&str]) -> anyhow::Result<Vec<String>> {
    let said = git(Place::of(folder), &["check-attr", "--stdin", "-z", "filter"], paths.join("\0").as_bytes())?;
    let said = String::from_utf8(said).context("the paths are not UTF-8")?;
    let words: Vec<&str> = said.split_terminator('\0').collect();
    let is_set = |answer: &&[&str]| answer.len() == 3 && !matches!(answer[2], "unspecified" | "unset");
    Ok(words.chunks(3).filter(is_set).map(|answer| answer[0].to_owned()).collect())
}

/// The files in `folder` that Git has, and those that it would take: all but ignored ones.
pub(crate) fn own_files(folder: &Path) -> anyhow::Result<Vec<String>> {
    let said = git(Place::of(folder), &["ls-files", "--cached", "--others", "--exclude-standard", "-z"], b"")?;
    let said = String::from_utf8_lossy(&said).into_owned();
    Ok(said.split_terminator('\0').map(str::to_owned).collect())
}

/// The files in `folder` that Git has.
pub(crate) fn tracked(folder: &Path) -> anyhow::Result<HashSet<String>> {
    let said = git(Place::of(folder), &["ls-files", "--cached", "-z"], b"")?;
    let said = String::from_utf8_lossy(&said).into_owned();
    Ok(said.split_terminator('\0').map(str::to_owned).collect())
}

/// The files in `folder` whose staged content is neither what was committed nor what is on disk, so that a change would take it out of sight;
/// and those that are unmerged.
pub(crate) fn half_staged(folder: &Path) -> anyhow::Result<HashSet<String>> {
    let (prefix, _) = bearings(folder)?;
    let arguments =
        ["--no-optional-locks", "status", "--porcelain", "-z", "--no-renames", "--untracked-files=no", "--", "."];
    let said = git(Place::of(folder), &arguments, b"")?;
    let said = String::from_utf8_lossy(&said).into_owned();
    // Two letters: the index beside the last commit, the disk beside the index.
    let is_half = |entry: &&str| {
        let mut letters = entry.chars();
        let (index, disk) = (letters.next().unwrap_or(' '), letters.next().unwrap_or(' '));
        index == 'U' || disk == 'U' || (index != ' ' && disk != ' ')
    };
    let paths = said.split_terminator('\0').filter(is_half).filter_map(|entry| entry.get(3..));
    Ok(paths.map(|path| path.strip_prefix(&prefix).unwrap_or(path).to_owned()).collect())
}

/// The files in `folder` that are unmerged.
pub(crate) fn unmerged(folder: &Path) -> anyhow::Result<Vec<String>> {
    let said = git(Place::of(folder), &["ls-files", "--unmerged", "-z"], b"")?;
    let said = String::from_utf8_lossy(&said).into_owned();
    let mut paths: Vec<String> =
        said.split_terminator('\0').filter_map(|entry| Some(entry.split_once('\t')?.1.to_owned())).collect();
    paths.dedup();
    Ok(paths)
}
