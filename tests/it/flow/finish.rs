//! `prodev flow finish` of topic branches: what it makes, what it refuses, and that a refusal changes nothing.

use super::world::{CONFLICT, World as _, conflicting, flow, refused, same, with_remote};
use crate::sandbox::Sandbox;

/// A feature with a commit, checked out.
fn feature() -> Sandbox {
    flow().git("switch -q -c feature/login").commit("login.txt", "login\n")
}

#[test]
fn several_commits_become_a_merge_27() {
    let sandbox = feature().commit("login.txt", "more\n");
    let (develop, tip) = (sandbox.say("rev-parse develop"), sandbox.say("rev-parse HEAD"));
    sandbox.honest("flow finish");
    assert_eq!(sandbox.head(), "develop");
    assert_eq!(sandbox.say("log -1 --format=%P"), format!("{develop} {tip}"));
    assert_eq!(sandbox.say("log -1 --format=%s"), "Merge branch 'feature/login' into develop");
    assert!(!sandbox.has("feature/login"));
    assert!(!sandbox.exists(".git/prodev"));
}

#[test]
fn one_commit_becomes_a_merge_28() {
    let sandbox = feature();
    sandbox
        .run("flow finish")
        .succeeds()
        .stderr_is("Finished `feature/login`: it is in `develop`, the branch is gone\n");
    assert_eq!(sandbox.say("rev-list --count --merges main..develop"), "1");
}

#[test]
fn no_commit_changes_nothing_but_the_branch_29() {
    let sandbox = flow().git("switch -q -c feature/login");
    let before = sandbox.say("rev-parse develop");
    sandbox.run("flow finish").succeeds();
    assert_eq!(sandbox.say("rev-parse develop"), before);
    assert_eq!((sandbox.head(), sandbox.has("feature/login")), ("develop".to_owned(), false));
}

#[test]
fn the_branch_is_the_one_that_is_checked_out_or_named_30() {
    let sandbox = feature().git("switch -q develop");
    refused(
        sandbox.run("flow finish"),
        1,
        "error: `develop` is no topic branch\nhint: name one: `prodev flow list` shows them\n",
    );
    refused(
        sandbox.run("flow finish logn"),
        1,
        "error: there is no branch `logn`\nhint: did you mean `feature/login`?\n",
    );
    sandbox.run("flow finish login").succeeds();
}

#[test]
fn changes_and_files_in_the_way_are_obstacles_31() {
    let sandbox = feature();
    sandbox.write("base.txt", "changed\n");
    let said = "error: `base.txt` is changed and not committed\nhint: commit what is changed, or put it aside with `git stash`\n";
    refused(sandbox.run("flow finish"), 1, said);
    let sandbox = feature().git("switch -q develop").commit("new.txt", "theirs\n").git("switch -q feature/login");
    sandbox.write("harmless.txt", "mine\n");
    sandbox.write("new.txt", "mine\n");
    let said = "error: the finish would overwrite `new.txt`, which Git does not have\nhint: move what is there to another place\n";
    refused(sandbox.run("flow finish"), 1, said);
    std::fs::remove_file(sandbox.path("new.txt")).unwrap();
    sandbox.run("flow finish").succeeds();
    assert_eq!(sandbox.read("harmless.txt"), "mine\n");
}

#[test]
fn a_conflict_is_foreseen_and_changes_nothing_32() {
    let said = "error: `feature/login` and `develop` conflict in `base.txt`\n\
                hint: bring `develop` in and resolve it there: `prodev flow update feature/login`\n";
    refused(conflicting(flow()).run("flow finish"), 1, said);
    refused(conflicting(flow()).run("flow finish --dry-run"), 1, said);
}

#[test]
fn what_is_advised_against_a_conflict_helps_32() {
    let sandbox = conflicting(flow());
    sandbox.run("flow update feature/login").exits(3);
    sandbox.write("base.txt", "both\n");
    let sandbox = sandbox.git("add base.txt");
    sandbox.run("flow update --continue").succeeds();
    sandbox.run("flow finish feature/login").succeeds();
    assert_eq!(sandbox.say("show develop:base.txt"), "both");
}

#[test]
fn a_conflict_that_is_wanted_waits_32() {
    let sandbox = conflicting(flow());
    sandbox.run("flow finish --resolve").fails(3, CONFLICT);
    assert_eq!(sandbox.say("diff --name-only --diff-filter=U"), "base.txt");
    assert!(sandbox.exists(".git/prodev/flow/journal.json"));
    sandbox.run("flow finish --continue").fails(3, CONFLICT);
}

#[test]
fn a_resolved_conflict_goes_on_33_34() {
    for (name, next) in [("continue", "flow finish --continue"), ("again", "flow finish feature/login")] {
        for commit in [false, true] {
            let sandbox = conflicting(flow());
            let tips = (sandbox.say("rev-parse develop"), sandbox.say("rev-parse feature/login"));
            sandbox.run("flow finish --resolve").exits(3);
            sandbox.write("base.txt", "both\n");
            let sandbox = sandbox.git("add base.txt");
            if commit {
                sandbox.ask_git(&["commit", "-q", "--no-edit"]);
            }
            sandbox.run(next).succeeds();
            assert_eq!(sandbox.say("log -1 --format=%P develop"), format!("{} {}", tips.0, tips.1), "{name}");
            assert_eq!(sandbox.say("log -1 --format=%s"), "Merge branch 'feature/login' into develop", "{name}");
            assert!(!sandbox.has("feature/login") && !sandbox.exists(".git/prodev"), "{name}");
        }
    }
}

#[test]
fn a_merge_that_was_given_up_starts_over_35() {
    let sandbox = conflicting(flow());
    sandbox.run("flow finish --resolve").exits(3);
    sandbox.ask_git(&["merge", "--abort"]);
    sandbox.run("flow finish feature/login").fails(3, CONFLICT);
    sandbox.run("flow finish --abort").succeeds();
}

#[test]
fn an_aborted_conflict_leaves_no_trace_36() {
    let sandbox = conflicting(flow());
    sandbox.write("notes.txt", "not known to Git\n");
    let sandbox = sandbox
        .file(".git/info/exclude", "ignored\n")
        .file("ignored", "1\n")
        .git("update-index --assume-unchanged develop.txt");
    let before = sandbox.essence();
    sandbox.run("flow finish --resolve").exits(3);
    sandbox.write("base.txt", "half resolved\n");
    sandbox
        .run("flow finish --abort")
        .succeeds()
        .stderr_is("Took the finish of `feature/login` back: all is as it was\n");
    same("after --abort", &sandbox.essence(), &before);
}

#[test]
fn nothing_to_continue_is_no_change_37() {
    let said = "error: no finish is under way here\nhint: begin one with `prodev flow finish`\n";
    refused(feature().run("flow finish --continue"), 1, said);
    refused(feature().run("flow finish --abort"), 1, said);
    let sandbox = conflicting(flow()).git("branch feature/other develop");
    sandbox.run("flow finish --resolve").exits(3);
    let said = "error: the finish of `feature/login` is under way\nhint: complete it with `prodev flow finish --continue`\n\
                hint: or take it back with `prodev flow finish --abort`\n";
    refused(sandbox.run("flow finish feature/other"), 1, said);
}

#[test]
fn a_squash_is_one_commit_with_its_message_38() {
    let sandbox = feature().commit("login.txt", "more\n");
    let develop = sandbox.say("rev-parse develop");
    sandbox.run_args(&["flow", "finish", "--squash", "-m", "Let users in"]).succeeds();
    assert_eq!(sandbox.say("log -1 --format=%P%n%B"), format!("{develop}\nLet users in"));
    assert_eq!(sandbox.read("login.txt"), "more\n");
    assert!(!sandbox.has("feature/login"));
    let sandbox = feature().commit("login.txt", "more\n");
    sandbox.run("flow finish --squash").succeeds();
    let message = "Squash branch 'feature/login' into develop\n\n* Change login.txt\n* Change login.txt";
    assert_eq!(sandbox.say("log -1 --format=%B"), message);
}

#[test]
fn a_rebase_that_conflicts_goes_on_or_back_39() {
    let world = || {
        flow()
            .git("switch -q -c feature/login")
            .commit("a.txt", "a\n")
            .commit("base.txt", "ours\n")
            .commit("c.txt", "c\n")
            .git("switch -q develop")
            .commit("base.txt", "theirs\n")
            .git("switch -q feature/login")
    };
    let sandbox = world();
    let before = sandbox.essence();
    sandbox.run("flow finish --rebase").exits(1).changed_nothing();
    sandbox.run("flow finish --rebase --resolve").exits(3);
    sandbox.run("flow finish --abort").succeeds();
    same("after --abort", &sandbox.essence(), &before);
    sandbox.run("flow finish --rebase --resolve").exits(3);
    sandbox.write("base.txt", "both\n");
    sandbox.ask_git(&["add", "base.txt"]);
    sandbox.run("flow finish --continue").succeeds();
    assert_eq!(
        sandbox.say("log --format=%s main..develop"),
        "Change c.txt\nChange base.txt\nChange a.txt\nChange base.txt\nDevelop"
    );
    assert!(!sandbox.has("feature/login"));
}

#[test]
fn fast_forward_only_needs_a_target_that_stood_still_40() {
    let sandbox = feature();
    let tip = sandbox.say("rev-parse HEAD");
    sandbox.run("flow finish --ff-only").succeeds();
    assert_eq!(sandbox.say("rev-parse develop"), tip);
    let sandbox = feature().git("switch -q develop").commit("x", "x").git("switch -q feature/login");
    let said = "error: `develop` has moved since `feature/login` left it\n\
                hint: bring it in with `git merge develop`, or finish with `--rebase`\n";
    refused(sandbox.run("flow finish --ff-only"), 1, said);
}

#[test]
fn a_branch_that_is_kept_stays_41() {
    let sandbox = feature();
    sandbox.run("flow finish --keep").succeeds();
    assert!(sandbox.has("feature/login"));
    let published = || {
        with_remote()
            .git("switch -q -c feature/login")
            .commit("login.txt", "login\n")
            .git("push -q -u origin feature/login")
    };
    let sandbox = published();
    sandbox.run("flow finish --keep --push").succeeds();
    assert!(sandbox.has("feature/login") && sandbox.say("ls-remote origin").contains("feature/login"));
    let sandbox = published();
    sandbox.run("flow finish --push").succeeds();
    assert!(!sandbox.has("feature/login") && !sandbox.say("ls-remote origin").contains("feature/login"));
}

#[test]
fn a_topic_that_is_behind_its_remote_is_refused_42() {
    let sandbox = with_remote().git("switch -q -c feature/login").commit("login.txt", "1\n").commit("login.txt", "2\n");
    let sandbox = sandbox.git("push -q -u origin feature/login").git("reset -q --hard HEAD~1");
    let run = sandbox.run("flow finish").exits(1).changed_nothing();
    assert!(run.stderr.starts_with("error: `feature/login` is behind `origin/feature/login`\nhint: "), "{run}");
    let sandbox = sandbox.commit("login.txt", "other\n");
    let run = sandbox.run("flow finish").exits(1).changed_nothing();
    assert!(run.stderr.starts_with("error: `feature/login` and `origin/feature/login` have diverged\n"), "{run}");
    // Ahead of the remote, or gone there, it is finished.
    let sandbox = with_remote()
        .git("switch -q -c feature/login")
        .commit("login.txt", "1\n")
        .git("push -q -u origin feature/login");
    let sandbox = sandbox.commit("login.txt", "2\n").git("push -q origin :feature/login");
    sandbox.run("flow finish").succeeds();
}

#[test]
fn a_target_that_is_behind_its_remote_is_refused_43() {
    let sandbox = with_remote().commit("more.txt", "more\n").git("push -q").git("reset -q --hard HEAD~1");
    let sandbox = sandbox.git("switch -q -c feature/login").commit("login.txt", "1\n");
    let run = sandbox.run("flow finish").exits(1).changed_nothing();
    assert!(run.stderr.starts_with("error: `develop` is behind `origin/develop`\nhint: "), "{run}");
}

#[test]
fn the_remote_topic_goes_when_its_target_has_arrived_44() {
    let sandbox = with_remote()
        .git("switch -q -c feature/login")
        .commit("login.txt", "1\n")
        .git("push -q -u origin feature/login");
    let run = sandbox.run("flow finish").succeeds();
    assert!(run.stderr.ends_with("Push it: git push --atomic origin develop :feature/login\n"), "{run}");
    assert!(sandbox.say("ls-remote origin").contains("feature/login"));
}

#[test]
fn a_hook_that_refuses_is_told_as_one_and_all_is_taken_back_45_46() {
    let sandbox = feature()
        .hook("pre-merge-commit", "exit 0")
        .hook("commit-msg", "grep -q Ticket \"$1\" || { echo 'no ticket named' >&2; exit 1; }");
    let before = sandbox.essence();
    sandbox.run("flow finish").fails(
        1,
        "error: the hook `commit-msg` refused the merge into `develop`\n  caused by: no ticket named\n\
         hint: write a message that it takes: `-m TEXT`, or `merge_message` in `[flow]`\n",
    );
    same("after the refusal", &sandbox.essence(), &before);
    let sandbox = sandbox.file("prodev.toml", "[flow]\nmerge_message = \"Finish {name}\\n\\nTicket: 1\"\n");
    sandbox.run("flow finish").succeeds();
    assert_eq!(sandbox.say("log -1 --format=%B"), "Finish login\n\nTicket: 1");

    let sandbox = feature().hook("commit-msg", "exit 0").hook("pre-merge-commit", "echo 'not today' >&2; exit 1");
    let before = sandbox.essence();
    let run = sandbox.run("flow finish").exits(1);
    assert!(
        run.stderr.starts_with(
            "error: the hook `pre-merge-commit` refused the merge into `develop`\n  caused by: not today\n"
        ),
        "{run}"
    );
    same("after the refusal", &sandbox.essence(), &before);

    // The key is there when it is looked for, and gone when it is needed.
    let sandbox = feature().git("config commit.gpgsign true").git("config gpg.program ../tmp/sign");
    let signer = "#!/bin/sh\n[ -e ../tmp/used ] && exit 1\ntouch ../tmp/used\ncat >/dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\necho signature\n";
    sandbox.write("../tmp/sign", signer);
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(sandbox.path("../tmp/sign"), executable).unwrap();
    let before = sandbox.essence();
    let run = sandbox.run("flow finish").exits(1);
    assert!(run.stderr.starts_with("error: the merge into `develop` could not be signed\n"), "{run}");
    same("after the refusal", &sandbox.essence(), &before);
}

#[test]
fn what_is_configured_to_be_signed_is_signed_47() {
    let sandbox = flow();
    let key = sandbox.path("../home/key");
    let key = key.to_str().unwrap();
    assert!(
        sandbox.command("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f", key]).status().unwrap().success()
    );
    let sandbox = sandbox.git("config gpg.format ssh").git("config commit.gpgsign true").git("config tag.gpgSign true");
    sandbox.ask_git(&["config", "user.signingkey", key]);
    let sandbox = sandbox.git("switch -q -c release/1.0.0").commit("v.txt", "1\n");
    sandbox.run("flow finish").succeeds();
    for object in ["main", "develop", "1.0.0"] {
        assert!(sandbox.say(&format!("cat-file -p {object}")).contains("BEGIN SSH SIGNATURE"), "{object}");
    }
}

#[test]
fn drivers_filters_and_renamed_folders_come_out_as_git_makes_them_48() {
    let sandbox = flow()
        .file(".gitattributes", "*.list merge=union\n*.up filter=up\n")
        .git("config merge.directoryRenames true")
        .git("config filter.up.clean cat")
        .git("config filter.up.smudge cat")
        .commit("a.list", "0\n")
        .commit("old/one", "1\n2\n3\n4\n5\n6\n")
        .git("add .gitattributes")
        .git("commit -q -m Attributes")
        .git("switch -q -c feature/login")
        .commit("a.list", "0\nfeature\n")
        .commit("old/two", "new\n")
        .commit("x.up", "up\n")
        .git("switch -q develop")
        .commit("a.list", "0\ndevelop\n")
        .git("mv old new")
        .git("commit -q -m Move");
    let plain = super::world::copy_of(&sandbox).git("merge -q --no-ff --no-edit feature/login");
    sandbox.run("flow finish login").succeeds();
    assert_eq!(sandbox.say("rev-parse HEAD^{tree}"), plain.say("rev-parse HEAD^{tree}"));
}

#[test]
fn a_target_in_another_worktree_is_merged_there_49() {
    let sandbox = feature().git("worktree add -q ../tmp/develop develop");
    sandbox.honest("flow finish");
    assert!(sandbox.exists("../tmp/develop/login.txt"));
    assert_eq!(sandbox.say("-C ../tmp/develop status --porcelain"), "");
    assert!(!sandbox.has("feature/login"));
    let sandbox = feature().git("worktree add -q ../tmp/develop develop");
    sandbox.write("../tmp/develop/base.txt", "changed\n");
    let run = sandbox.run("flow finish").exits(1).changed_nothing();
    assert!(run.stderr.starts_with("error: `develop` is checked out in `[TMP]/develop`, which is changed\n"), "{run}");
}

#[test]
fn a_topic_in_another_worktree_is_freed_50() {
    let sandbox = feature().git("switch -q develop").git("worktree add -q ../tmp/login feature/login");
    sandbox.run("flow finish login").succeeds();
    assert!(!sandbox.has("feature/login"));
    let sandbox = feature().git("switch -q develop").git("worktree add -q ../tmp/login feature/login");
    sandbox.write("../tmp/login/base.txt", "changed\n");
    let run = sandbox.run("flow finish login").exits(1).changed_nothing();
    assert!(run.stderr.contains("which is changed"), "{run}");
}

#[test]
fn a_topic_on_a_topic_goes_to_its_base_51() {
    let sandbox = feature();
    sandbox.run("flow start feature part feature/login").succeeds();
    let sandbox = sandbox.commit("part.txt", "part\n");
    sandbox.run("flow finish").succeeds();
    assert_eq!((sandbox.head(), sandbox.exists("part.txt")), ("feature/login".to_owned(), true));
    sandbox.run("flow start feature wrong main").succeeds();
    let sandbox = sandbox.commit("wrong.txt", "wrong\n");
    let run = sandbox.run("flow finish").exits(1).changed_nothing();
    assert!(run.stderr.starts_with("error: a feature may not be merged into `main`, which it started from\n"), "{run}");
}

#[test]
fn what_a_pull_request_has_merged_is_only_cleaned_up_52() {
    for squash in [false, true] {
        let sandbox = with_remote()
            .git("switch -q -c feature/login")
            .commit("login.txt", "1\n")
            .commit("login.txt", "2\n")
            .git("push -q -u origin feature/login")
            .git("clone -q ../tmp/origin.git ../tmp/forge")
            .git("-C ../tmp/forge switch -q develop");
        let merge = if squash {
            "-C ../tmp/forge merge -q --squash origin/feature/login"
        } else {
            "-C ../tmp/forge merge -q --no-ff origin/feature/login"
        };
        let sandbox = sandbox.git(merge);
        if squash {
            sandbox.ask_git(&["-C", "../tmp/forge", "commit", "-q", "-m", "Login (#1)"]);
        }
        let sandbox = sandbox.git("-C ../tmp/forge push -q origin develop :feature/login");
        sandbox.run("flow finish").succeeds();
        assert_eq!(
            sandbox.say("rev-parse develop"),
            sandbox.say("-C ../tmp/forge rev-parse develop"),
            "squash: {squash}"
        );
        assert!(!sandbox.has("feature/login"));
    }
}

#[test]
fn the_word_order_of_git_flow_works() {
    let sandbox = flow();
    sandbox.run("flow feature start login").succeeds();
    let sandbox = sandbox.commit("login.txt", "1\n");
    sandbox.run("flow feature list").succeeds().stdout_is("* feature/login  1 ahead of develop, 0 behind\n");
    sandbox.run("--json flow feature finish login").succeeds();
    assert_eq!(sandbox.head(), "develop");
}
