//! Hooks of Git that do more than look: they rewrite messages, add files, make commits. A finish comes out as with Git, or is taken back.

use super::world::{World as _, flow, same};
use crate::sandbox::Sandbox;

/// A feature of one commit; develop has moved.
fn feature() -> Sandbox {
    flow()
        .git("switch -q -c feature/login")
        .commit("login.txt", "login\n")
        .git("switch -q develop")
        .commit("other.txt", "other\n")
        .git("switch -q feature/login")
}

#[test]
fn a_hook_may_rewrite_every_message() {
    for hook in ["commit-msg", "prepare-commit-msg"] {
        for strategy in ["", " --squash", " --rebase"] {
            let sandbox = feature().hook(hook, "echo >>\"$1\"; echo 'Ticket: 1' >>\"$1\"");
            sandbox.run(&format!("flow finish{strategy}")).succeeds();
            if strategy != " --rebase" {
                let message = sandbox.say("log -1 --format=%B develop");
                assert!(message.trim_end().ends_with("Ticket: 1"), "{hook}{strategy}: {message}");
            }
            assert_eq!((sandbox.head().as_str(), sandbox.has("refs/heads/feature/login")), ("develop", false));
            assert!(!sandbox.exists(".git/prodev"), "{hook}{strategy}");
        }
    }
}

#[test]
fn what_a_hook_commits_on_top_is_part_of_it_and_goes_back_with_it() {
    let once = |what: &str| format!("[ -e ../tmp/once ] && exit 0; : >../tmp/once; {what}");
    for (strategy, hook, what) in [
        ("", "post-merge", "git commit -q --allow-empty -m Bumped"),
        (" --squash", "post-commit", "git commit -q --allow-empty -m Bumped"),
        (" --squash", "post-commit", "git commit -q --amend -m Amended"),
    ] {
        let sandbox = feature().hook(hook, &once(what));
        sandbox.run(&format!("flow finish{strategy}")).succeeds();
        let subject = sandbox.say("log -1 --format=%s develop");
        assert!(subject == "Bumped" || subject == "Amended", "{strategy} {hook}: {subject}");
        assert_eq!(sandbox.say("show develop:login.txt"), "login", "{strategy} {hook}");
    }
    // What comes after it fails: all is as it was.
    let sandbox = flow().git("switch -q -c release/1.0.0").commit("v.txt", "1\n");
    let refuse = "case $(git symbolic-ref --short HEAD) in develop) exit 1; esac";
    let sandbox =
        sandbox.hook("post-merge", &once("git commit -q --allow-empty -m Bumped")).hook("pre-merge-commit", refuse);
    let before = sandbox.essence();
    sandbox.run("flow finish").exits(1);
    same("after the refusal", &sandbox.essence(), &before);
}

#[test]
fn a_driver_that_dies_is_told_of() {
    let sandbox = flow()
        .file(".gitattributes", "base.txt merge=bad\n")
        .git("add .gitattributes")
        .git("commit -q -m Attributes")
        .git("switch -q -c feature/login")
        .commit("base.txt", "ours\n")
        .git("switch -q develop")
        .commit("base.txt", "theirs\n")
        .git("switch -q feature/login");
    sandbox.ask_git(&["config", "merge.bad.driver", "exit 200"]);
    let run = sandbox.run("flow finish").exits(1);
    assert!(
        run.stderr.starts_with("error: it cannot be seen whether the merge would conflict\n  caused by: "),
        "{run}"
    );
    assert!(run.stderr.contains("\nhint: `git merge-tree --write-tree "), "{run}");
    run.changed_nothing();
}

#[test]
fn hooks_are_found_wherever_git_looks_for_them_81() {
    let said = "error: the hook `commit-msg` refused the merge into `develop`\n  caused by: no\n\
                hint: write a message that it takes: `-m TEXT`, or `merge_message` in `[flow]`\n";
    let refuse = |sandbox: &Sandbox, folder: &str| {
        let path = format!("{folder}/commit-msg");
        sandbox.write(&path, "#!/bin/sh\necho no >&2\nexit 1\n");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(sandbox.path(&path), mode).unwrap();
    };
    for (key, path, folder) in [
        ("--local", "../tmp/hooks", "../tmp/hooks"),
        ("--global", "~/hooks", "../home/hooks"),
        ("--local", ".git/husky/_", ".git/husky/_"),
    ] {
        let sandbox = feature();
        sandbox.ask_git(&["config", key, "core.hooksPath", path]);
        refuse(&sandbox, folder);
        sandbox.run("flow finish").fails(1, said);
        // From a linked worktree as well, where the path is one.
        let sandbox = sandbox.git("switch -q main").git("worktree add -q ../tmp/linked feature/login");
        if path.starts_with('~') {
            sandbox.run("-C ../tmp/linked flow finish").fails(1, said);
        }
    }
}
