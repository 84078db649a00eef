//! Topic branches by their names: `prodev flow switch`, `rename`, `delete`, `log` and `diff`.

use super::world::{World as _, flow, refused, same, with_both_readers, with_remote};
use crate::sandbox::Sandbox;

/// A feature with a commit that is nowhere else; develop is checked out.
fn feature() -> Sandbox {
    flow().git("switch -q -c feature/login").commit("login.txt", "login\n").git("switch -q develop")
}

#[test]
fn the_beginning_of_a_name_is_enough_72() {
    let world = || feature().git("branch feature/logout").git("branch bugfix/typo").git("branch release/1.0.0");
    for (given, branch) in [
        ("feature/login", "feature/login"),
        ("login", "feature/login"),
        ("logi", "feature/login"),
        ("ty", "bugfix/typo"),
        ("rel", "release/1.0.0"),
        ("1", "release/1.0.0"),
        ("main", "main"),
        ("m", "main"),
    ] {
        with_both_readers(world, |sandbox| {
            let run = sandbox.honest(&format!("flow switch {given}"));
            assert_eq!((run.json()["branch"].as_str(), &*sandbox.head()), (Some(branch), branch), "{given}");
        });
    }
    let sandbox = world();
    sandbox.run("flow feature checkout logo").succeeds().stderr_is("Switched to `feature/logout`\n");
    sandbox
        .run("flow switch logout")
        .succeeds()
        .changed_nothing()
        .stderr_is("`feature/logout` is checked out already\n");
}

#[test]
fn names_that_can_be_several_are_listed_72() {
    let sandbox = feature().git("branch feature/logout").git("branch bugfix/login");
    let said = "error: `log` can be 3 branches: `bugfix/login`, `feature/login`, `feature/logout`\nhint: give more of its name\n";
    refused(sandbox.run("flow switch log"), 2, said);
    let said = "error: `login` can be 2 branches: `bugfix/login`, `feature/login`\nhint: give more of its name\n";
    refused(sandbox.run("flow switch login"), 2, said);
    sandbox.run("flow feature switch login").succeeds();
    assert_eq!(sandbox.head(), "feature/login");
    let said = "error: there is no branch `lgin`\nhint: did you mean `bugfix/login`?\n";
    refused(sandbox.run("flow switch lgin"), 1, said);
    let said = "error: which branch? there is nobody here to ask\n\
                hint: name it: `prodev flow switch BRANCH`; `prodev flow list` shows those that there are\n";
    refused(sandbox.run("flow switch"), 2, said);
}

#[test]
fn a_switch_loses_nothing_72() {
    let sandbox = feature().file(".git/info/exclude", "login.txt\n").file("login.txt", "mine\n");
    let said = "error: switching to `feature/login` would overwrite `login.txt`, which Git does not have\n\
                hint: move what is there to another place\n";
    refused(sandbox.run("flow switch login"), 1, said);
    sandbox.write("login.txt", "login\n");
    sandbox.write("base.txt", "mine\n");
    sandbox.run("flow switch login").succeeds();
    assert_eq!(sandbox.read("base.txt"), "mine\n");

    // A hook after the checkout cannot undo it.
    let sandbox = feature().hook("post-checkout", "exit 1");
    sandbox.run("flow switch login").succeeds();
    let sandbox = feature().git("worktree add -q ../tmp/other feature/login");
    let said = "error: `feature/login` is checked out in `[TMP]/other`\nhint: go there: `cd [TMP]/other`\n";
    refused(sandbox.run("flow switch login"), 1, said);
    let sandbox = with_remote().git("push -q origin develop:refs/heads/feature/theirs");
    let said =
        "error: `feature/theirs` is on `origin` alone\nhint: work on it with `prodev flow track feature/theirs`\n";
    refused(sandbox.run("flow switch theirs"), 1, said);
}

#[test]
fn a_branch_is_renamed_with_all_that_refers_to_it_70() {
    let world = || {
        feature()
            .git("config gitflow.branch.feature/login.base main")
            .git("config branch.feature/login.description Users")
            .git("branch feature/top feature/login")
            .git("config gitflow.branch.feature/top.base feature/login")
    };
    with_both_readers(world, |sandbox| {
        let tip = sandbox.say("rev-parse feature/login");
        let run = sandbox.honest("flow rename sign-in login");
        assert_eq!((&run.json()["branch"], &run.json()["was"]), (&"feature/sign-in".into(), &"feature/login".into()));
        assert_eq!((sandbox.say("rev-parse feature/sign-in"), sandbox.has("feature/login")), (tip, false));
        assert_eq!(sandbox.say("config gitflow.branch.feature/sign-in.base"), "main");
        assert_eq!(sandbox.say("config branch.feature/sign-in.description"), "Users");
        assert_eq!(sandbox.say("config gitflow.branch.feature/top.base"), "feature/sign-in");
        assert!(!sandbox.say("config --list").contains("feature/login"));
        assert_eq!(sandbox.head(), "develop");
        // Its log tells still how it began.
        assert!(sandbox.say("reflog feature/sign-in").contains("Change login.txt"));
    });
}

#[test]
fn the_branch_that_is_checked_out_can_be_renamed_70() {
    let sandbox = feature().git("switch -q feature/login");
    sandbox.write("base.txt", "mine\n");
    sandbox.run("flow rename bugfix/login").succeeds().stderr_is("Renamed `feature/login` to `bugfix/login`\n");
    assert_eq!((sandbox.head(), sandbox.read("base.txt")), ("bugfix/login".to_owned(), "mine\n".to_owned()));
    let sandbox = feature().git("worktree add -q ../tmp/other feature/login");
    sandbox.run("flow feature rename sign-in login").succeeds();
    assert_eq!(sandbox.say("-C ../tmp/other symbolic-ref --short HEAD"), "feature/sign-in");
}

#[test]
fn what_is_published_is_renamed_there_too_70() {
    let world = || {
        with_remote()
            .git("switch -q -c feature/login")
            .commit("login.txt", "1\n")
            .git("push -q -u origin feature/login")
    };
    with_both_readers(world, |sandbox| {
        let run = sandbox.honest("flow rename sign-in");
        assert_eq!(run.json()["remote"], "origin");
        assert_eq!(sandbox.say("rev-parse --abbrev-ref @{u}"), "origin/feature/sign-in");
        let there = sandbox.say("ls-remote origin");
        assert!(there.contains("feature/sign-in") && !there.contains("feature/login"), "{there}");
    });
    let sandbox = world();
    sandbox.run("flow rename sign-in --local").succeeds();
    assert!(sandbox.say("ls-remote origin").contains("feature/login"));
    assert_eq!(sandbox.say("rev-parse --abbrev-ref @{u}"), "origin/feature/login");
}

#[test]
fn a_remote_that_refuses_a_name_is_asked_again_or_all_is_taken_back_70() {
    let world = with_remote()
        .git("switch -q -c feature/login")
        .commit("login.txt", "1\n")
        .git("push -q -u origin feature/login");
    let before = world.essence();
    let hook = "../tmp/origin.git/hooks/pre-receive";
    world.write(hook, "#!/bin/sh\necho closed today >&2\nexit 1\n");
    std::fs::set_permissions(world.path(hook), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let run = world.run("flow rename sign-in").exits(1);
    assert!(run.stderr.starts_with("error: `origin` did not take the push; nothing was changed there\n"), "{run}");
    world
        .run("flow rename --abort")
        .succeeds()
        .stderr_is("Took the rename of `feature/login` back: all is as it was\n");
    same("after --abort", &world.essence(), &before);
    world.run("flow rename sign-in").exits(1);
    let said = "error: the rename of `feature/login` is under way\nhint: complete it with `prodev flow rename --continue`\n\
                hint: or take it back with `prodev flow rename --abort`\n";
    for words in ["flow switch develop", "flow start feature x", "flow update", "flow delete x", "flow publish"] {
        refused(world.run(words), 1, said);
    }
    std::fs::remove_file(world.path(hook)).unwrap();
    world
        .run("flow rename --continue")
        .succeeds()
        .stderr_is("Renamed `feature/login` to `feature/sign-in`, here and on `origin`\n");
    assert_eq!(world.head(), "feature/sign-in");
    assert!(!world.say("ls-remote origin").contains("feature/login"));
}

#[test]
fn a_name_that_is_taken_or_cannot_be_is_no_new_one_70() {
    let sandbox = with_remote()
        .git("push -q origin develop:refs/heads/feature/theirs")
        .git("branch feature/login")
        .git("branch feature/a");
    let hint = "hint: choose another name\n";
    for (name, code, said) in [
        ("a", 1, "there is a branch `feature/a` already"),
        ("theirs", 1, "`feature/theirs` is on `origin` already"),
        ("login", 1, "`feature/login` is called that already"),
        ("a..b", 2, "`feature/a..b` cannot be a branch: `..`, `//`, `/.` and `@{` cannot be in it"),
    ] {
        refused(sandbox.run(&format!("flow rename {name} feature/login")), code, &format!("error: {said}\n{hint}"));
    }
    let said = "error: `develop` is no topic branch\nhint: what it is called is part of the model: `prodev flow config` shows it\n";
    refused(sandbox.run("flow rename x develop"), 1, said);
}

#[test]
fn a_merged_branch_is_deleted_and_another_is_not_71() {
    with_both_readers(feature, |sandbox| {
        let said = "error: `feature/login` has 1 commit that `develop` does not have\n\
                    hint: bring it in: `prodev flow finish feature/login`\n\
                    hint: or throw it away: `prodev flow delete feature/login --force`\n";
        refused(sandbox.run("flow delete login"), 1, said);
        sandbox.ask_git(&["config", "gitflow.branch.feature/login.base", "develop"]);
        sandbox.ask_git(&["merge", "-q", "--no-ff", "--no-edit", "feature/login"]);
        assert_eq!(sandbox.honest("flow delete login").json()["merged"], "develop");
        assert!(!sandbox.has("feature/login") && !sandbox.say("config --list").contains("feature/login"));
    });
    // Squashed is merged, too.
    let sandbox = feature().git("merge -q --squash feature/login").git("commit -q -m Squashed");
    let tip = sandbox.say("rev-parse --short=8 feature/login");
    sandbox.run("flow feature delete login").succeeds().stderr_is(&format!(
        "Deleted `feature/login` (it was at {tip})\n\nBring it back with: git branch feature/login {tip}\n"
    ));
    let sandbox = feature();
    let tip = sandbox.say("rev-parse --short=8 feature/login");
    sandbox.run("flow delete login --force").succeeds().stderr_is(&format!(
        "Deleted `feature/login` (it was at {tip})\n\nBring it back with: git branch feature/login {tip}\n"
    ));
}

#[test]
fn what_was_brought_in_and_taken_out_again_is_not_merged_71() {
    let sandbox = feature().git("cherry-pick -x feature/login").git("revert --no-edit HEAD");
    let said = "error: `feature/login` has 1 commit that `develop` does not have\n\
                hint: bring it in: `prodev flow finish feature/login`\n\
                hint: or throw it away: `prodev flow delete feature/login --force`\n";
    refused(sandbox.run("flow delete login"), 1, said);
    // Put in again, it is there.
    let sandbox = sandbox.git("revert --no-edit HEAD");
    sandbox.run("flow delete login").succeeds();
}

#[test]
fn whoever_stands_on_a_deleted_branch_comes_to_its_parent_71() {
    let sandbox = feature().git("switch -q feature/login");
    sandbox.write("base.txt", "mine\n");
    let said = "error: `base.txt` is changed and not committed\nhint: commit what is changed, or put it aside with `git stash`\n";
    refused(sandbox.run("flow delete login --force"), 1, said);
    let sandbox = sandbox.git("restore base.txt").git("config gitflow.branch.feature/login.base main");
    sandbox.honest("flow delete login --force");
    assert_eq!((sandbox.head(), sandbox.exists("login.txt")), ("main".to_owned(), false));
}

#[test]
fn long_lived_branches_are_never_deleted_71() {
    let sandbox = feature();
    for name in ["main", "develop"] {
        for force in ["", " --force"] {
            let said = format!(
                "error: `{name}` is a long-lived branch of the model: it stays\nhint: `prodev flow list` shows the branches that can go\n"
            );
            refused(sandbox.run(&format!("flow delete {name}{force}")), 1, &said);
        }
    }
    let sandbox = feature().git("worktree add -q ../tmp/other feature/login");
    let said = "error: `feature/login` is checked out in `[TMP]/other`\nhint: take that away first: `git worktree remove [TMP]/other`\n";
    refused(sandbox.run("flow delete login --force"), 1, said);
}

#[test]
fn the_remote_branch_goes_where_that_is_wanted_71() {
    let world = || {
        with_remote()
            .git("switch -q -c feature/login")
            .commit("login.txt", "1\n")
            .git("push -q -u origin feature/login")
            .git("switch -q develop")
            .git("merge -q --no-ff --no-edit feature/login")
    };
    let sandbox = world();
    let tip = sandbox.say("rev-parse --short=8 feature/login");
    sandbox.run("flow delete login").succeeds().stderr_is(&format!(
        "Deleted `feature/login` (it was at {tip})\n\n\
         It is still on `origin`; take it away there with: git push origin :feature/login\n"
    ));
    with_both_readers(world, |sandbox| {
        sandbox.honest("flow delete login --remote");
        assert!(!sandbox.say("ls-remote origin").contains("feature/login"));
    });
    // Gone there already, there is nothing to delete, and nothing else is pushed.
    let sandbox = world();
    sandbox.ask_git(&["push", "-q", "origin", ":feature/login"]);
    sandbox.ask_git(&["update-ref", "refs/remotes/origin/feature/login", "feature/login"]);
    let there = sandbox.say("ls-remote origin");
    sandbox.run("flow delete login --remote").succeeds();
    assert_eq!((sandbox.say("ls-remote origin"), sandbox.has("refs/heads/feature/login")), (there, false));
    // What others have pushed to it meanwhile is not thrown away.
    let sandbox = world().hook("pre-flow-feature-delete", "git push -q origin develop:feature/login");
    let run = sandbox.run("flow delete login --remote").exits(1);
    assert!(run.stderr.starts_with("error: `origin` did not take the push; nothing was changed there\n"), "{run}");
    assert!(sandbox.say("ls-remote origin").contains("feature/login") && sandbox.has("feature/login"));
    sandbox.run("flow delete --abort").succeeds();
}

#[test]
fn what_a_branch_brings_is_shown() {
    with_both_readers(feature, |sandbox| {
        let id = sandbox.say("rev-parse --short=8 feature/login");
        sandbox
            .run("flow log login")
            .succeeds()
            .changed_nothing()
            .stdout_is(&format!("{id} Change login.txt  Ada Lovelace, 2025-01-01\n"));
        let shown = sandbox.run("flow log login --json").succeeds().json();
        assert_eq!(
            (&shown["parent"], &shown["commits"][0]["subject"]),
            (&"develop".into(), &"Change login.txt".into())
        );
        let shown = sandbox.run("flow diff login").succeeds().changed_nothing().stdout;
        assert!(
            shown.starts_with("diff --git a/login.txt b/login.txt\nnew file mode 100644\n")
                && shown.ends_with("\n+login\n"),
            "{shown}"
        );
        let shown = sandbox.run("flow feature diff login --json").succeeds().json();
        assert_eq!(shown["files"], serde_json::json!([{ "path": "login.txt", "added": 1, "removed": 0 }]));
        sandbox
            .run("flow diff login --stat")
            .succeeds()
            .stdout_is(" login.txt | 1 +\n 1 file changed, 1 insertion(+)\n");
        assert_eq!(sandbox.run("flow log --json").succeeds().json()["parent"], "main");
        let said = "error: `main` has no parent to be held against\nhint: look at all of it: `git log main`\n";
        refused(sandbox.run("flow log main"), 1, said);
    });
}

#[test]
fn names_are_data_for_every_command_16_20() {
    for name in ["--force", "$(touch x)", "a;touch${IFS}x", "`touch`", "-"] {
        let branch = format!("feature/{name}");
        if name.contains(' ') {
            let sandbox = feature();
            for command in ["switch", "track", "publish", "update", "delete", "log", "diff"] {
                let run = sandbox.run_args(&["flow", command, "--", name]);
                run.exits(1).changed_nothing();
            }
            sandbox.run_args(&["flow", "rename", "--", name, "login"]).exits(2).changed_nothing();
            continue;
        }
        let sandbox = with_remote();
        sandbox.ask_git(&["branch", &branch, "develop"]);
        sandbox.run_args(&["flow", "switch", "--", name]).succeeds();
        assert_eq!(sandbox.head(), branch);
        let sandbox = sandbox.commit("one.txt", "1\n");
        for command in ["log", "diff", "publish", "update"] {
            sandbox.run_args(&["flow", command, "--", name]).succeeds();
        }
        let renamed = format!("{name}2");
        sandbox.run_args(&["flow", "rename", "--", &renamed, name]).succeeds();
        sandbox.run_args(&["flow", "delete", "--force", "--", &renamed]).succeeds();
        sandbox.run_args(&["flow", "track", "--", &renamed]).succeeds();
        assert_eq!(sandbox.head(), format!("feature/{renamed}"));
        assert!(!sandbox.exists("x"), "{name} was run");
    }
    let sandbox = feature();
    for command in ["switch", "track", "publish", "update", "delete", "log", "diff"] {
        for name in ["a\nb", "", "\u{1b}[31m", "--"] {
            let run = sandbox.run_args(&["flow", command, "--", name]).changed_nothing();
            assert!(!run.stderr.contains('\u{1b}') && run.stderr.contains("error: "), "{command} {name:?}\n{run}");
        }
    }
}

#[test]
fn repositories_of_other_formats_are_worked_in_82() {
    for format in ["--object-format=sha256", "--ref-format=reftable"] {
        let sandbox = Sandbox::new();
        let made = sandbox.command("git").args(["init", "-q", "-b", "main", format]).output().unwrap();
        if !made.status.success() {
            // A Git of before that format.
            continue;
        }
        sandbox.run("flow init").succeeds();
        let sandbox = sandbox.git("add prodev.toml").git("commit -q -m Policy");
        sandbox.run("flow start feature login").succeeds();
        let sandbox = sandbox.commit("login.txt", "1\n").git("switch -q develop").commit("more.txt", "more\n");
        sandbox.run("flow update login").succeeds();
        sandbox.run("flow rename sign-in").succeeds();
        assert_eq!(sandbox.head(), "feature/sign-in", "{format}");
        assert!(sandbox.run("flow status").succeeds().stdout.contains("ready: prodev flow finish\n"), "{format}");
        sandbox.run("flow switch develop").succeeds();
        sandbox.run("flow delete sign --force").exits(1);
        sandbox.run("flow delete sign-in --force").succeeds();
        assert_eq!(sandbox.say("branch --format=%(refname:short)"), "develop\nmain", "{format}");
    }
}
