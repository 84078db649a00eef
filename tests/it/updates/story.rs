//! A project and its template, and what became of both: the stage for all tests of updates.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::sandbox::{Run, Sandbox};

/// A file, a link, or nothing.
#[derive(Clone, Copy)]
pub(super) enum Be<'a> {
    Text(&'a str),
    Bytes(&'a [u8]),
    Script(&'a str),
    Link(&'a str),
    Gone,
}

/// A template in `../tpl`, and the project `shop` that was made from it.
pub(super) struct Story {
    pub(super) sandbox: Sandbox,
}

pub(super) const NUMBERS: &str = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n";

impl Story {
    /// A template with these files; `more` follows on `[template]` in its `template.toml`.
    #[track_caller]
    pub(super) fn of(more: &str, files: &[(&str, Be)]) -> Self {
        let sandbox = Sandbox::new().env("SOURCE_DATE_EPOCH", "1735732800");
        let story = Self { sandbox };
        story.manifest("1.0.0", more);
        // A template that has nothing to generate is none.
        story.sandbox.write("../tpl/files/always", "always\n");
        for (path, be) in files {
            story.template(path, *be);
        }
        story
    }

    /// The project, in a repository with one commit.
    #[track_caller]
    pub(super) fn made(self, flags: &str) -> Self {
        self.sandbox.run(&format!("new ../tpl shop --defaults {flags}")).succeeds();
        self.sandbox.ask_git(&["-C", "shop", "add", "."]);
        self.sandbox.ask_git(&["-C", "shop", "commit", "-q", "-m", "Generate"]);
        self
    }

    /// The project, outside of Git.
    #[track_caller]
    pub(super) fn made_without_git(self) -> Self {
        self.sandbox.run("new ../tpl shop --defaults --no-git").succeeds();
        self
    }

    #[track_caller]
    pub(super) fn manifest(&self, version: &str, more: &str) {
        let text = format!("[template]\nname = \"tpl\"\nversion = \"{version}\"\n{more}");
        self.sandbox.write("../tpl/template.toml", text);
    }

    #[track_caller]
    pub(super) fn template(&self, path: &str, be: Be) {
        self.put(&format!("../tpl/files/{path}"), be);
    }

    #[track_caller]
    pub(super) fn user(&self, path: &str, be: Be) {
        self.put(&format!("shop/{path}"), be);
    }

    #[track_caller]
    fn put(&self, path: &str, be: Be) {
        let at = self.sandbox.path(path);
        if at.symlink_metadata().is_ok() {
            if at.is_dir() && !at.is_symlink() {
                std::fs::remove_dir_all(&at).unwrap();
            } else {
                std::fs::remove_file(&at).unwrap();
            }
        }
        match be {
            Be::Text(text) => self.sandbox.write(path, text),
            Be::Bytes(bytes) => self.sandbox.write(path, bytes),
            Be::Script(text) => {
                self.sandbox.write(path, text);
                std::fs::set_permissions(&at, std::fs::Permissions::from_mode(0o755)).unwrap();
            }
            Be::Link(target) => {
                std::fs::create_dir_all(at.parent().unwrap()).unwrap();
                std::os::unix::fs::symlink(target, &at).unwrap();
            }
            Be::Gone => {}
        }
    }

    /// Moves a file or a folder of the user's.
    #[track_caller]
    pub(super) fn moves(&self, from: &str, to: &str) {
        let to = self.sandbox.path(&format!("shop/{to}"));
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::rename(self.sandbox.path(&format!("shop/{from}")), to).unwrap();
    }

    #[track_caller]
    pub(super) fn commit(&self) {
        self.sandbox.ask_git(&["-C", "shop", "add", "-A"]);
        self.sandbox.ask_git(&["-C", "shop", "commit", "-q", "-m", "Change"]);
    }

    pub(super) fn run(&self, words: &str) -> Run<'_> {
        self.sandbox.run(&format!("-C shop {words}"))
    }

    pub(super) fn read(&self, path: &str) -> String {
        self.sandbox.read(&format!("shop/{path}"))
    }

    pub(super) fn exists(&self, path: &str) -> bool {
        self.sandbox.exists(&format!("shop/{path}"))
    }

    pub(super) fn path(&self, path: &str) -> std::path::PathBuf {
        self.sandbox.path(&format!("shop/{path}"))
    }

    pub(super) fn is_executable(&self, path: &str) -> bool {
        mode(&self.path(path)) & 0o111 != 0
    }

    /// The update goes through: nothing is lost, nothing is open.
    #[track_caller]
    pub(super) fn updates(&self) -> Run<'_> {
        let run = self.run("update --defaults").succeeds();
        self.run("update --check").exits(0);
        run
    }

    /// The update stops, at conflicts of these kinds in these files.
    #[track_caller]
    pub(super) fn stops(&self, conflicts: &[(&str, &str)]) -> Run<'_> {
        let run = self.run("update --defaults --json").exits(3);
        let json = run.json();
        let told: Vec<(String, String)> = json["conflicts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| (it["path"].as_str().unwrap().to_owned(), it["kind"].as_str().unwrap().to_owned()))
            .collect();
        let expected: Vec<(String, String)> =
            conflicts.iter().map(|(path, kind)| ((*path).to_owned(), (*kind).to_owned())).collect();
        assert_eq!(told, expected, "{run}");
        for (path, _) in conflicts {
            assert!(run.stderr.contains(&format!("  {path}: ")), "{run}");
        }
        run
    }

    /// What Git's short status says of the project's own files.
    pub(super) fn status(&self) -> Vec<String> {
        let said = self.sandbox.ask_git(&["-C", "shop", "status", "--porcelain", "--untracked-files=all"]);
        said.lines().filter(|line| !line.contains(".prodev/")).map(ToOwned::to_owned).collect()
    }

    /// All files of the project and the index, for comparing before and after.
    pub(super) fn state(&self) -> Vec<String> {
        let mut all: Vec<String> = self
            .sandbox
            .snapshot("shop")
            .into_iter()
            .filter(|(path, _)| !path.starts_with(".git/"))
            .map(|(path, what)| format!("{path} {what}"))
            .collect();
        if self.exists(".git") {
            all.push(self.sandbox.ask_git(&["-C", "shop", "ls-files", "--stage"]));
            all.push(self.sandbox.ask_git(&["-C", "shop", "for-each-ref"]));
        }
        all
    }
}

pub(super) fn mode(path: &Path) -> u32 {
    path.symlink_metadata().unwrap().permissions().mode() & 0o777
}
