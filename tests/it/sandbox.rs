//! A world of its own for one test: a directory to work in, a home, an environment without surprises, and the real binary.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

pub(crate) const PRODEV: &str = env!("CARGO_BIN_EXE_prodev");

/// When every commit in a sandbox is made.
const DATE: &str = "2025-01-01T12:00:00+00:00";

/// How long a command may take before the test gives up on it.
const PATIENCE: Duration = Duration::from_mins(1);

/// Four folders: `work`, where commands run (`[DIR]` in their output), `home` (`[HOME]`), `tmp` (`[TMP]`) and `cache`.
/// Everything but the cache counts as state.
pub(crate) struct Sandbox {
    root: tempfile::TempDir,
    environment: Vec<(String, String)>,
}

#[allow(dead_code, reason = "a toolbox: not every tool is in use at every time")]
impl Sandbox {
    /// An empty directory that is no repository.
    pub(crate) fn new() -> Self {
        let root = tempfile::Builder::new().prefix("prodev-test-").tempdir().unwrap();
        for folder in ["work", "home", "tmp", "cache"] {
            fs::create_dir(root.path().join(folder)).unwrap();
        }
        Self { root, environment: Vec::new() }
    }

    /// A repository on `main` with one commit, which holds nothing.
    #[track_caller]
    pub(crate) fn repo() -> Self {
        Self::new().git("init -q -b main").git("commit -q --allow-empty -m Start")
    }

    /// Sets a variable for all commands from here on.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a file, and the folders above it.
    #[track_caller]
    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        self.write(path, text);
        self
    }

    /// Runs git, which must succeed. The words are split at spaces.
    #[track_caller]
    pub(crate) fn git(self, words: &str) -> Self {
        self.ask_git(&words.split_whitespace().collect::<Vec<_>>());
        self
    }

    /// Runs prodev. The words are split at spaces.
    #[track_caller]
    pub(crate) fn run(&self, words: &str) -> Run<'_> {
        self.run_args(&words.split_whitespace().collect::<Vec<_>>())
    }

    /// Runs prodev with arguments that must not be split.
    #[track_caller]
    pub(crate) fn run_args(&self, args: &[&str]) -> Run<'_> {
        self.run_with_input(args, "")
    }

    /// Runs prodev with `input` on its stdin.
    #[track_caller]
    pub(crate) fn run_with_input(&self, args: &[&str], input: &str) -> Run<'_> {
        let before = self.state();
        let mut command = assert_cmd::Command::from_std(self.command(PRODEV));
        let output = command.args(args).write_stdin(input).timeout(PATIENCE).output().unwrap();
        Run {
            sandbox: self,
            command: format!("prodev {}", args.join(" ")),
            code: output.status.code(),
            stdout: self.normalise(&output.stdout),
            stderr: self.normalise(&output.stderr),
            before,
        }
    }

    /// A command's dry run changes nothing and promises exactly what the real run then reports, which changes something.
    #[track_caller]
    pub(crate) fn honest(&self, words: &str) -> Run<'_> {
        let promised = self.run(&format!("--dry-run --json {words}")).succeeds().changed_nothing().json();
        let run = self.run(&format!("--json {words}")).succeeds();
        let done = run.json();
        assert_eq!(promised["dry_run"], true, "`{words} --dry-run` does not call itself a dry run");
        assert_eq!(done["dry_run"], false, "`{words}` calls itself a dry run");
        assert_eq!(promised["steps"], done["steps"], "`{words}` did something else than its dry run promised");
        assert!(!run.changes().is_empty(), "`{words}` succeeded and changed nothing");
        run
    }

    /// A program that sees this sandbox and nothing else of the machine but `PATH`.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.dir()).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        for (name, folder) in [("HOME", "home"), ("TMPDIR", "tmp"), ("XDG_CACHE_HOME", "cache")] {
            command.env(name, self.root().join(folder));
        }
        for (name, folder) in
            [("XDG_CONFIG_HOME", ".config"), ("XDG_DATA_HOME", ".local/share"), ("XDG_STATE_HOME", ".local/state")]
        {
            command.env(name, self.home().join(folder));
        }
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "Ada Lovelace");
            command.env(format!("GIT_{role}_EMAIL"), "ada@example.org");
            command.env(format!("GIT_{role}_DATE"), DATE);
        }
        command.envs([
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("LC_ALL", "C.UTF-8"),
            ("TZ", "UTC"),
        ]);
        // With it all scenarios go through that way of reading repositories.
        if let Some(reader) = std::env::var_os("PRODEV_TEST_GIT") {
            command.env("PRODEV_TEST_GIT", reader);
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// A program of a toolchain that this machine has (`python3`, `cargo`): in spite of the sandbox's home it finds its parts, its
    /// cache, and its way to the network.
    pub(crate) fn tool(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = self.command(program);
        let home = PathBuf::from(std::env::var_os("HOME").unwrap_or_default());
        for (name, folder) in [
            ("CARGO_HOME", ".cargo"),
            ("RUSTUP_HOME", ".rustup"),
            ("PIP_CACHE_DIR", ".cache/pip"),
            ("UV_CACHE_DIR", ".cache/uv"),
        ] {
            command.env(name, home.join(folder));
        }
        let lent = ["CARGO_HOME", "CARGO_HTTP_", "CARGO_NET_", "RUSTUP_", "PIP_", "UV_", "SSL_CERT_"];
        command.envs(std::env::vars_os().filter(|(name, _)| {
            let name = name.to_string_lossy();
            lent.iter().any(|prefix| name.starts_with(prefix)) || name.to_uppercase().ends_with("_PROXY")
        }));
        command
    }

    /// The folder that all of the sandbox is in, without symbolic links on the way.
    pub(crate) fn root(&self) -> PathBuf {
        self.root.path().canonicalize().unwrap()
    }

    /// Where commands run.
    pub(crate) fn dir(&self) -> PathBuf {
        self.root().join("work")
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.root().join("home")
    }

    /// A path in the working directory; `../home/…` reaches the home.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.dir().join(path)
    }

    #[track_caller]
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[track_caller]
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path))
            .unwrap_or_else(|error| panic!("`{path}`: {error}\n{}", self.list().join("\n")))
    }

    pub(crate) fn exists(&self, path: &str) -> bool {
        self.path(path).symlink_metadata().is_ok()
    }

    /// The paths of all that is in the working directory and no folder, without `.git`, sorted.
    pub(crate) fn list(&self) -> Vec<String> {
        let tree = Tree::of(&self.dir());
        let files = tree.0.into_iter().filter(|(path, what)| !what.starts_with("folder") && !path.starts_with(".git/"));
        files.map(|(path, _)| path).collect()
    }

    /// All that is in a folder, by path: what it is, its mode, and its content.
    #[track_caller]
    pub(crate) fn snapshot(&self, path: &str) -> BTreeMap<String, String> {
        Tree::of(&self.path(path)).0
    }

    /// What git says; it must succeed.
    #[track_caller]
    pub(crate) fn ask_git(&self, args: &[&str]) -> String {
        let output = self.command("git").args(args).output().unwrap();
        let said = format!("{}{}", self.normalise(&output.stdout), self.normalise(&output.stderr));
        assert!(output.status.success(), "git {}\n{said}", args.join(" "));
        said.trim_end().to_owned()
    }

    /// The branch that is checked out.
    #[track_caller]
    pub(crate) fn head(&self) -> String {
        self.ask_git(&["symbolic-ref", "--short", "HEAD"])
    }

    /// All that commands must leave alone when they refuse. A cache may be filled at any time.
    fn state(&self) -> Tree {
        let mut tree = Tree::of(self.root.path());
        tree.0.retain(|path, _| !path.starts_with("cache/"));
        tree
    }

    /// Text with the sandbox's own paths replaced.
    pub(crate) fn normalise(&self, text: &[u8]) -> String {
        let mut text = String::from_utf8_lossy(text).into_owned();
        for root in [self.root(), self.root.path().to_owned()] {
            for (folder, name) in [("work", "[DIR]"), ("home", "[HOME]"), ("tmp", "[TMP]"), ("cache", "[CACHE]")] {
                text = text.replace(&*root.join(folder).to_string_lossy(), name);
            }
        }
        text
    }
}

/// A command that has run, and the sandbox as it was before.
pub(crate) struct Run<'a> {
    sandbox: &'a Sandbox,
    command: String,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    before: Tree,
}

#[allow(dead_code, reason = "a toolbox: not every tool is in use at every time")]
impl Run<'_> {
    #[track_caller]
    pub(crate) fn succeeds(self) -> Self {
        assert_eq!(self.code, Some(0), "exit code of {self}");
        self
    }

    /// It exits with `code` and says exactly `stderr`, and nothing on stdout.
    #[track_caller]
    pub(crate) fn fails(self, code: i32, stderr: &str) -> Self {
        self.exits(code).stderr_is(stderr).stdout_is("")
    }

    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "exit code of {self}");
        self
    }

    #[track_caller]
    pub(crate) fn stdout_is(self, text: &str) -> Self {
        same("stdout", &self.command, &self.stdout, text);
        self
    }

    #[track_caller]
    pub(crate) fn stderr_is(self, text: &str) -> Self {
        same("stderr", &self.command, &self.stderr, text);
        self
    }

    /// The one JSON document on stdout.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let document: Value =
            serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("not one JSON document: {error}\n{self}"));
        assert_eq!(document["version"], 1, "version of the JSON of {self}");
        document
    }

    /// Not one path, byte, mode, link or ref of the sandbox is different.
    #[track_caller]
    pub(crate) fn changed_nothing(self) -> Self {
        let changes = self.changes();
        assert!(changes.is_empty(), "changed:\n{}\n{self}", changes.join("\n"));
        self
    }

    /// What is different in the sandbox: `+ path` is new, `- path` is gone, `~ path` is other than before.
    /// The paths start with `work/`, `home/` or `tmp/`.
    pub(crate) fn changes(&self) -> Vec<String> {
        self.before.changes(&self.sandbox.state())
    }
}

impl std::fmt::Display for Run<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let code = self.code.map_or("none".to_owned(), |code| code.to_string());
        write!(f, "`{}`\n--- exit {code}\n--- stdout\n{}\n--- stderr\n{}\n", self.command, self.stdout, self.stderr)
    }
}

/// Compares text, and shows it as it reads rather than escaped.
#[track_caller]
fn same(what: &str, command: &str, is: &str, should: &str) {
    assert!(is == should, "{what} of `{command}` is\n{is}<end>\nand should be\n{should}<end>\n({is:?})");
}

/// What a folder holds, by path: what it is, its mode, and its content. Times are not part of it.
struct Tree(BTreeMap<String, String>);

impl Tree {
    fn of(root: &Path) -> Self {
        let mut tree = Self(BTreeMap::new());
        tree.add(root, "");
        tree
    }

    fn add(&mut self, folder: &Path, prefix: &str) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{prefix}{}", path.file_name().unwrap().to_string_lossy());
            let meta = path.symlink_metadata().unwrap();
            let mode = meta.permissions().mode() & 0o7777;
            let what = if meta.is_symlink() {
                format!("link to {}", fs::read_link(&path).unwrap().display())
            } else if meta.is_dir() {
                self.add(&path, &format!("{name}/"));
                format!("folder {mode:o}")
            } else if meta.is_file() {
                format!("file {mode:o} {}", digest(&path))
            } else {
                format!("special {mode:o}")
            };
            self.0.insert(name, what);
        }
    }

    fn changes(&self, after: &Self) -> Vec<String> {
        let gone = self.0.keys().filter(|path| !after.0.contains_key(*path)).map(|path| format!("- {path}"));
        let there = after.0.iter().filter_map(|(path, what)| match self.0.get(path) {
            None => Some(format!("+ {path}")),
            Some(before) if before != what => Some(format!("~ {path}")),
            Some(_) => None,
        });
        gone.chain(there).collect()
    }
}

/// Of the content; an unreadable file has none, and is the same as long as it stays unreadable.
fn digest(path: &Path) -> String {
    match fs::read(path) {
        Ok(bytes) => blake3::hash(&bytes).to_hex().to_string(),
        Err(error) => error.kind().to_string(),
    }
}

#[test]
fn a_sandbox_sees_every_kind_of_change() {
    let sandbox = Sandbox::repo().file("a/b", "1").file("same", "1");
    let before = sandbox.state();
    sandbox.write("a/b", "2");
    sandbox.write("new", "");
    fs::set_permissions(sandbox.path("same"), fs::Permissions::from_mode(0o600)).unwrap();
    std::os::unix::fs::symlink("b", sandbox.path("a/link")).unwrap();
    sandbox.write("../cache/filled", "");
    sandbox.ask_git(&["tag", "v1"]);
    let changes = before.changes(&sandbox.state());
    assert_eq!(
        changes,
        ["+ work/.git/refs/tags/v1", "~ work/a/b", "+ work/a/link", "+ work/new", "~ work/same"],
        "the snapshot missed something"
    );
    assert_eq!(sandbox.list(), ["a/b", "a/link", "new", "same"]);
}

#[test]
fn a_sandbox_makes_the_same_commits_every_time() {
    let commit = || Sandbox::repo().ask_git(&["rev-parse", "HEAD"]);
    assert_eq!(commit(), commit());
}

#[test]
fn a_command_that_answers_changes_nothing() {
    let run = Sandbox::repo().run("completions bash --json").succeeds().changed_nothing().json();
    assert_eq!(run["shell"], "bash");
}

#[test]
fn a_command_that_refuses_says_why_and_changes_nothing() {
    Sandbox::new().run("-C nowhere completions bash").fails(2, "error: `nowhere` is no directory\n").changed_nothing();
}

#[test]
fn a_command_that_changes_something_keeps_its_promise() {
    let sandbox = Sandbox::repo();
    assert_eq!(sandbox.honest("init").changes(), ["+ work/prodev.toml"]);
}
