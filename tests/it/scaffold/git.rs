//! What `prodev new` does with Git: a repository where there is none, a first commit where it is wanted, and nobody's hooks.

use super::templates::{names, project, with_plain_template, with_template};
use crate::sandbox::{PRODEV, Sandbox};

/// All hooks that a client may run.
const HOOKS: [&str; 12] = [
    "applypatch-msg",
    "commit-msg",
    "fsmonitor-watchman",
    "post-applypatch",
    "post-checkout",
    "post-commit",
    "post-index-change",
    "post-rewrite",
    "pre-commit",
    "prepare-commit-msg",
    "reference-transaction",
    "pre-auto-gc",
];

/// Hooks that fail and leave a mark, in a folder of the user's.
fn hooks(sandbox: &Sandbox, folder: &str) {
    for hook in HOOKS {
        let path = format!("{folder}/{hook}");
        sandbox.write(&path, format!("#!/bin/sh\necho {hook} >> '{}'\nexit 1\n", sandbox.home().join("ran").display()));
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(sandbox.path(&path), mode).unwrap();
    }
}

#[test]
fn a_repository_is_made_without_a_commit() {
    let sandbox = with_plain_template().file("../home/.gitconfig", "[init]\ndefaultBranch = trunk\n");
    let run = sandbox.honest("new ../tpl shop");
    let steps = run.json()["steps"].as_array().unwrap().clone();
    assert!(steps.contains(&serde_json::json!({ "action": "init", "path": ".git" })));
    assert_eq!(sandbox.ask_git(&["-C", "shop", "symbolic-ref", "HEAD"]), "refs/heads/trunk");
    assert_eq!(sandbox.ask_git(&["-C", "shop", "for-each-ref"]), "");
}

#[test]
fn without_a_configured_name_the_branch_is_main() {
    let sandbox = with_plain_template();
    sandbox.run("new ../tpl shop").succeeds();
    assert_eq!(sandbox.ask_git(&["-C", "shop", "symbolic-ref", "HEAD"]), "refs/heads/main");
}

#[test]
fn no_git_makes_no_repository() {
    let sandbox = with_plain_template();
    sandbox.honest("new ../tpl shop --no-git");
    assert!(!sandbox.exists("shop/.git"));
    sandbox.run("new ../tpl other --no-git --git").exits(2).changed_nothing();
}

#[test]
fn inside_a_repository_none_is_made() {
    let sandbox = with_plain_template().git("init -q .");
    sandbox.honest("new ../tpl shop");
    assert!(!sandbox.exists("shop/.git"));
    assert!(!sandbox.exists(".git/prodev"));
    sandbox.file("own", "").run("new ../tpl . --overwrite skip").succeeds();
}

#[test]
fn a_first_commit_inside_a_repository_is_refused() {
    let sandbox = with_plain_template().git("init -q .");
    let run = sandbox.run("new ../tpl shop --git").exits(2).changed_nothing();
    assert!(run.stderr.contains("in a Git repository already"), "{run}");
}

#[test]
fn the_first_commit_holds_what_was_generated_and_git_does_not_ignore() {
    let table = [
        ("template.toml", "[[files]]\nmatch = '.env'\nonce = true\n"),
        ("files/.gitignore.jinja", ".env\nbuild/\n"),
        ("files/.env.jinja", "KEY={{ random_secret() }}\n"),
        ("files/a file.txt", "a\n"),
        ("files/build/x", "x\n"),
        ("files/-n", "n\n"),
        ("files/:(glob)*", "glob\n"),
    ];
    for existing in [false, true] {
        let sandbox = with_template(&table);
        if existing {
            std::fs::create_dir(sandbox.path("shop")).unwrap();
        }
        sandbox.honest("new ../tpl shop --git");
        let tracked = sandbox.ask_git(&["-C", "shop", "-c", "core.quotePath=false", "ls-files"]);
        assert_eq!(
            tracked.lines().collect::<Vec<_>>(),
            [
                "-n",
                ".gitignore",
                ".prodev/.gitattributes",
                ".prodev/.gitignore",
                ".prodev/tpl/base/-n.base",
                ".prodev/tpl/base/.gitignore.base",
                ".prodev/tpl/base/:(glob)*.base",
                ".prodev/tpl/base/a file.txt.base",
                ".prodev/tpl/base/build/x.base",
                ".prodev/tpl/digests/_shared.txt",
                ".prodev/tpl/state.toml",
                ":(glob)*",
                "a file.txt",
            ]
        );
        assert_eq!(sandbox.ask_git(&["-C", "shop", "status", "--porcelain"]), "");
        assert_eq!(sandbox.ask_git(&["-C", "shop", "rev-list", "--count", "HEAD"]), "1");
        let author = sandbox.ask_git(&["-C", "shop", "log", "-1", "--format=%an <%ae>"]);
        assert_eq!(author, "Ada Lovelace <ada@example.org>");
        assert!(sandbox.exists("shop/.env"));
    }
}

#[test]
fn a_first_commit_leaves_what_else_lies_in_the_folder_uncommitted() {
    let sandbox = with_plain_template().file("shop/own.txt", "own");
    sandbox.run("new ../tpl shop --git --overwrite skip").succeeds();
    assert_eq!(sandbox.ask_git(&["-C", "shop", "status", "--porcelain"]), "?? own.txt");
}

#[test]
fn no_hook_runs() {
    let sandbox = with_plain_template();
    hooks(&sandbox, "../home/template/hooks");
    hooks(&sandbox, "../home/hooks");
    let home = sandbox.home();
    let in_template = format!("[init]\ntemplateDir = {}/template\n", home.display());
    let everywhere = format!("{in_template}[core]\nhooksPath = {}/hooks\n", home.display());
    for (name, config) in [("one", in_template), ("two", everywhere)] {
        sandbox.write("../home/.gitconfig", config);
        sandbox.run(&format!("new ../tpl {name} --git")).succeeds();
        let ran = std::fs::read_to_string(home.join("ran")).unwrap_or_default();
        assert_eq!(ran, "", "hooks ran");
        assert_eq!(sandbox.ask_git(&["-C", name, "rev-list", "--count", "HEAD"]), "1");
        assert!(sandbox.exists(&format!("{name}/.git/hooks/pre-commit")), "the user's own hooks belong there");
    }
}

#[test]
fn a_git_that_is_told_to_look_elsewhere_looks_here() {
    for more in ["", " --git"] {
        let sandbox = with_plain_template().git("init -q elsewhere").git("-C elsewhere commit -q --allow-empty -m One");
        let elsewhere = sandbox.path("elsewhere");
        let before = sandbox.snapshot("elsewhere");
        let sandbox = sandbox
            .env("GIT_DIR", &elsewhere.join(".git").to_string_lossy())
            .env("GIT_WORK_TREE", &elsewhere.to_string_lossy())
            .env("GIT_INDEX_FILE", &elsewhere.join(".git/index").to_string_lossy())
            .env("GIT_OBJECT_DIRECTORY", &elsewhere.join(".git/objects").to_string_lossy());
        sandbox.run(&format!("new ../tpl shop{more}")).succeeds();
        assert_eq!(sandbox.snapshot("elsewhere"), before);
        assert!(sandbox.exists("shop/.git/HEAD"));
    }
}

#[test]
fn without_git_only_no_git_works() {
    let sandbox = with_plain_template().env("PATH", "/nowhere");
    sandbox
        .run("new ../tpl shop")
        .fails(1, "error: there is no `git` on this machine\nhint: install Git, or use `--no-git`\n")
        .changed_nothing();
    sandbox.run("new ../tpl shop --git").exits(1).changed_nothing();
    sandbox.run("new ../tpl shop --no-git").succeeds();
}

#[test]
fn without_a_name_there_is_no_first_commit_and_nothing_else() {
    let sandbox = with_plain_template().file("../home/.gitconfig", "[user]\nuseConfigOnly = true\n");
    let before = sandbox.snapshot("..");
    for dir in ["shop", "a/b"] {
        for more in [&["--dry-run"][..], &[]] {
            let mut command = sandbox.command(PRODEV);
            for role in ["AUTHOR", "COMMITTER"] {
                command.env_remove(format!("GIT_{role}_NAME")).env_remove(format!("GIT_{role}_EMAIL"));
            }
            let output = command.args(["new", "../tpl", dir, "--git"]).args(more).output().unwrap();
            let said = sandbox.normalise(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{said}");
            assert!(said.contains("Git does not know who you are") && said.contains("hint: run `git config"), "{said}");
            assert_eq!(sandbox.snapshot(".."), before);
        }
    }
}

#[test]
fn a_commit_that_fails_leaves_nothing() {
    for existing in [false, true] {
        let config = "[commit]\ngpgSign = true\n[gpg]\nprogram = /nowhere/gpg\n";
        let sandbox = with_plain_template().file("../home/.gitconfig", config);
        if existing {
            std::fs::create_dir(sandbox.path("shop")).unwrap();
        }
        let run = sandbox.run("new ../tpl shop --git").exits(1).changed_nothing();
        assert!(run.stderr.contains("error: "), "{run}");
    }
}

#[test]
fn a_worktree_and_a_submodule_are_repositories() {
    let sandbox = with_plain_template().git("init -q main").git("-C main commit -q --allow-empty -m One");
    let sandbox = sandbox.git("-C main worktree add -q ../linked -b linked");
    let before = project(&sandbox, "main");
    sandbox.run("new ../tpl linked --overwrite skip").succeeds();
    sandbox.run("new ../tpl linked/inner").succeeds();
    assert!(!sandbox.exists("linked/inner/.git"));
    assert_eq!(project(&sandbox, "main"), before);
    assert_eq!(names(&sandbox, "linked"), [".git", ".prodev", "a.txt", "bin", "inner", "link", "sub"]);
}

/// A template with a secret that no `.gitignore` covers, and a `once` file without one.
fn with_secret() -> Sandbox {
    with_template(&[
        ("template.toml", "[[files]]\nmatch = '{.env,own.txt}'\nonce = true\n"),
        ("files/.env.jinja", "KEY={{ random_secret(8) }}\n"),
        ("files/own.txt", "own\n"),
    ])
}

const WARNING: &str = "warning: `.env` holds secrets, and Git does not ignore it: add it to `.gitignore`\n";

#[test]
fn a_secret_is_never_committed_ignored_or_not() {
    for existing in [false, true] {
        let sandbox = with_secret();
        if existing {
            std::fs::create_dir(sandbox.path("shop")).unwrap();
        }
        let run = sandbox.run("new ../tpl shop --git").succeeds();
        assert!(run.stderr.contains(WARNING), "{run}");
        assert_eq!(sandbox.ask_git(&["-C", "shop", "status", "--porcelain"]), "?? .env");
        assert!(sandbox.ask_git(&["-C", "shop", "ls-files"]).contains("own.txt"), "what holds no secret is committed");
    }
}

#[test]
fn a_secret_that_git_does_not_ignore_is_told_of() {
    let run = with_secret();
    let run = run.run("new ../tpl shop").succeeds();
    assert!(run.stderr.contains(WARNING), "{run}");
    let sandbox = with_secret().git("init -q .").file(".gitignore", "/ignored/\n");
    let run = sandbox.run("new ../tpl seen").succeeds();
    assert!(run.stderr.contains(WARNING), "{run}");
    for words in ["new ../tpl ignored", "-C .. new tpl outside --no-git"] {
        let run = sandbox.run(words).succeeds();
        assert!(!run.stderr.contains("warning"), "{run}");
    }
}

#[test]
fn who_commits_must_be_known_beforehand_too() {
    let sandbox = with_plain_template().file("../home/.gitconfig", "[user]\nuseConfigOnly = true\n");
    for role in ["AUTHOR", "COMMITTER"] {
        for more in [&["--dry-run"][..], &[]] {
            let mut command = sandbox.command(PRODEV);
            command.env_remove(format!("GIT_{role}_NAME")).env_remove(format!("GIT_{role}_EMAIL"));
            let output = command.args(["new", "../tpl", "shop", "--git"]).args(more).output().unwrap();
            let said = sandbox.normalise(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{said}");
            assert!(said.contains("Git does not know who you are"), "{said}");
            assert!(!sandbox.exists("shop"));
        }
    }
}

#[test]
fn the_branch_is_called_as_git_says_wherever_it_is_told() {
    for (name, branch) in [("trunk", "trunk"), ("a..b", "main"), ("-x", "main"), ("", "main")] {
        let sandbox = with_plain_template().file("elsewhere", &format!("[init]\ndefaultBranch = \"{name}\"\n"));
        let global = sandbox.path("elsewhere").to_string_lossy().into_owned();
        let sandbox = sandbox.env("GIT_CONFIG_GLOBAL", &global);
        sandbox.run("new ../tpl shop").succeeds();
        let head = sandbox.read("shop/.git/HEAD");
        assert_eq!(head, format!("ref: refs/heads/{branch}\n"), "for {name:?}");
    }
}
