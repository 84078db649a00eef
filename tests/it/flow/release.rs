//! `prodev flow finish` of releases and hotfixes: several branches and a tag, all or nothing.

use super::world::{World as _, flow, refused, same, with_remote};
use crate::sandbox::Sandbox;

fn release() -> Sandbox {
    flow().git("switch -q -c release/1.0.0").commit("version.txt", "1.0.0\n")
}

#[test]
fn a_release_goes_to_production_and_back_53() {
    let sandbox = release();
    let (main, develop, tip) =
        (sandbox.say("rev-parse main"), sandbox.say("rev-parse develop"), sandbox.say("rev-parse HEAD"));
    sandbox.honest("flow finish");
    assert_eq!(sandbox.say("log -1 --format=%P main"), format!("{main} {tip}"));
    assert_eq!(sandbox.say("cat-file -t 1.0.0"), "tag");
    assert_eq!(sandbox.say("rev-parse 1.0.0^{commit}"), sandbox.say("rev-parse main"));
    assert_eq!(sandbox.say("log -1 --format=%P develop"), format!("{develop} {}", sandbox.say("rev-parse main")));
    assert_eq!(sandbox.say("log -1 --format=%s develop"), "Merge tag '1.0.0' into develop");
    assert_eq!((sandbox.head(), sandbox.has("release/1.0.0")), ("develop".to_owned(), false));
}

#[test]
fn a_tag_elsewhere_is_an_obstacle_54() {
    let sandbox = release().git("tag 1.0.0 develop");
    let run = sandbox.run("flow finish").exits(1).changed_nothing();
    assert!(run.stderr.starts_with("error: the tag `1.0.0` exists already, at "), "{run}");
    // On a merge that is made already, it is as good as done.
    let sandbox =
        release().git("switch -q main").git("merge -q --no-ff --no-edit release/1.0.0").git("tag -a -m done 1.0.0");
    let sandbox = sandbox.git("switch -q release/1.0.0");
    let tag = sandbox.say("rev-parse 1.0.0");
    sandbox.run("flow finish").succeeds();
    assert_eq!(sandbox.say("rev-parse 1.0.0"), tag);
    assert_eq!(sandbox.say("merge-base --is-ancestor main develop"), "");
}

/// Conflicts with main in `base.txt`, or with develop.
fn conflicting(with: &str) -> Sandbox {
    flow()
        .git("switch -q -c release/1.0.0")
        .commit("base.txt", "release\n")
        .git(&format!("switch -q {with}"))
        .commit("base.txt", "other\n")
        .git("switch -q release/1.0.0")
}

#[test]
fn a_release_conflict_is_gone_through_or_taken_back_55() {
    for with in ["main", "develop"] {
        let sandbox = conflicting(with);
        let before = sandbox.essence();
        let run = sandbox.run("flow finish").exits(1).changed_nothing();
        assert!(
            run.stderr.contains("hint: go into the conflict with `prodev flow finish release/1.0.0 --resolve`\n"),
            "{run}"
        );
        sandbox.run("flow finish --resolve").exits(3);
        assert_eq!(sandbox.has("1.0.0"), with == "develop");
        sandbox.run("flow finish --abort").succeeds();
        same(&format!("after --abort of a conflict with {with}"), &sandbox.essence(), &before);
        sandbox.run("flow finish --resolve").exits(3);
        sandbox.write("base.txt", "both\n");
        sandbox.ask_git(&["add", "base.txt"]);
        sandbox.run("flow finish --continue").succeeds();
        assert_eq!(sandbox.say("rev-parse 1.0.0^{commit}"), sandbox.say("rev-parse main"), "{with}");
        assert_eq!(sandbox.say("merge-base --is-ancestor main develop"), "");
        assert!(!sandbox.has("release/1.0.0") && sandbox.head() == "develop");
    }
}

#[test]
fn messages_are_kept_to_the_byte_or_refused_56() {
    let message = "It's \"1.0\" — `größer` $(touch x)\n\n# no comment\n  indented  \n\n\n-- \nend";
    let sandbox = release();
    sandbox.run_args(&["flow", "finish", "-m", message]).succeeds();
    assert_eq!(sandbox.say("for-each-ref --format=%(contents) refs/tags/1.0.0").trim_end(), message);
    assert!(!sandbox.exists("x"));
    let sandbox = release().file("../tmp/message", message);
    sandbox.run("flow finish --message-file ../tmp/message").succeeds();
    assert_eq!(sandbox.say("for-each-ref --format=%(contents) refs/tags/1.0.0").trim_end(), message);
    let said = "error: the message is empty\nhint: say what is finished: `-m TEXT`\n";
    refused(release().run_args(&["flow", "finish", "-m", " \n"]), 2, said);
    let sandbox = release().file("../tmp/empty", "\n");
    refused(sandbox.run("flow finish --message-file ../tmp/empty"), 2, said);
}

#[test]
fn a_tag_prefix_like_a_branch_prefix_confuses_nobody_57() {
    let sandbox = release().file("prodev.toml", "[flow]\ntag_prefix = \"release/\"\n");
    sandbox.run("flow finish").succeeds();
    assert_eq!(sandbox.say("rev-parse refs/tags/release/1.0.0^{commit}"), sandbox.say("rev-parse main"));
    assert!(!sandbox.has("refs/heads/release/1.0.0"));
}

#[test]
fn a_release_can_do_without_tag_commits_or_merge_58() {
    let sandbox = release();
    sandbox.run("flow finish --no-tag").succeeds();
    assert_eq!(sandbox.say("tag"), "");
    assert_eq!(sandbox.say("log -1 --format=%s develop"), "Merge branch 'main' into develop");
    let sandbox = release().commit("version.txt", "1.0.0!\n");
    sandbox.run("flow finish --squash").succeeds();
    assert_eq!(sandbox.say("log -1 --format=%p main").split(' ').count(), 1);
    assert_eq!(sandbox.say("merge-base --is-ancestor main develop"), "");
    let sandbox = flow().git("switch -q -c release/1.0.0");
    sandbox.run("flow finish").succeeds();
    assert_eq!(sandbox.say("rev-parse 1.0.0^{commit}"), sandbox.say("rev-parse main"));
    let sandbox = release().file("prodev.toml", "[flow.kinds.release]\nmerge_into = [\"main\"]\n");
    let develop = sandbox.say("rev-parse develop");
    sandbox.run("flow finish").succeeds();
    assert_eq!(sandbox.say("rev-parse develop"), develop);
}

#[test]
fn a_hotfix_goes_into_the_open_release_59() {
    let world = || flow().git("branch release/2.0.0").git("switch -q -c hotfix/1.0.1 main").commit("fix.txt", "fix\n");
    let sandbox = world();
    sandbox.honest("flow finish");
    for branch in ["main", "release/2.0.0", "develop"] {
        assert!(sandbox.say(&format!("ls-tree --name-only {branch}")).contains("fix.txt"), "{branch}");
    }
    assert_eq!(sandbox.head(), "develop");
    let sandbox = world().file("prodev.toml", "[flow]\nhotfix_into_release = false\n");
    sandbox.run("flow finish").succeeds();
    assert!(!sandbox.say("ls-tree --name-only release/2.0.0").contains("fix.txt"));
}

#[test]
fn a_hotfix_of_a_support_branch_stays_there_60() {
    let sandbox = flow().git("branch support/1.x main").file(".git/info/exclude", "prodev.toml\n");
    sandbox.write("prodev.toml", "[flow.kinds.hotfix]\nseveral = true\n");
    sandbox.run("flow start hotfix 1.0.1 support/1.x").succeeds();
    let sandbox = sandbox.commit("fix.txt", "fix\n");
    let (main, develop) = (sandbox.say("rev-parse main"), sandbox.say("rev-parse develop"));
    sandbox.run("flow finish").succeeds();
    assert_eq!(sandbox.say("rev-parse 1.0.1^{commit}"), sandbox.say("rev-parse support/1.x"));
    assert_eq!((sandbox.say("rev-parse main"), sandbox.say("rev-parse develop")), (main, develop));
}

#[test]
fn a_push_is_all_or_nothing_61() {
    let sandbox = with_remote().git("switch -q -c release/1.0.0").commit("version.txt", "1.0.0\n");
    let before = sandbox.essence();
    let remote = sandbox.say("ls-remote origin");
    let hook = "#!/bin/sh\nif [ \"$1\" = refs/heads/main ]; then echo 'main is protected' >&2; exit 1; fi\n";
    sandbox.write("../tmp/origin.git/hooks/update", hook);
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(sandbox.path("../tmp/origin.git/hooks/update"), executable).unwrap();
    let run = sandbox.run("flow finish --push").exits(1);
    assert!(run.stderr.starts_with("error: `origin` did not take the push; nothing was changed there\n"), "{run}");
    assert!(run.stderr.contains("hint: push again with `prodev flow finish --continue`\n"), "{run}");
    assert_eq!(sandbox.say("ls-remote origin"), remote);
    assert!(sandbox.has("refs/tags/1.0.0"));
    let taken_back = super::world::copy_of(&sandbox);
    std::fs::remove_file(sandbox.path("../tmp/origin.git/hooks/update")).unwrap();
    sandbox.run("flow finish release/1.0.0").succeeds();
    assert_eq!(sandbox.say("rev-parse main"), sandbox.say("-C ../tmp/origin.git rev-parse main"));
    drop(taken_back);
    let sandbox = with_remote().git("switch -q -c release/1.0.0").commit("version.txt", "1.0.0\n");
    sandbox.write("../tmp/origin.git/hooks/update", hook);
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(sandbox.path("../tmp/origin.git/hooks/update"), executable).unwrap();
    sandbox.run("flow finish --push").exits(1);
    sandbox.run("flow finish --abort").succeeds();
    same("after --abort of a push that was refused", &sandbox.essence(), &before);
}

#[test]
fn only_what_was_made_is_pushed_62() {
    let sandbox =
        with_remote().git("tag mine").git("branch unrelated").git("switch -q -c release/1.0.0").commit("v", "1\n");
    sandbox.run("flow finish --push").succeeds();
    let refs = sandbox.say("-C ../tmp/origin.git for-each-ref --format=%(refname)");
    assert_eq!(refs, "refs/heads/develop\nrefs/heads/main\nrefs/tags/1.0.0");
}

#[test]
fn a_stale_lock_is_seen_before_anything_64() {
    let sandbox = release().file(".git/index.lock", "");
    let run = sandbox.run("flow finish").exits(1).changed_nothing();
    assert!(run.stderr.starts_with("error: `[DIR]/.git/index.lock` is there: another Git may be at work\n"), "{run}");
}

#[test]
fn two_finishes_at_once_do_not_mix_65() {
    let sandbox =
        release().hook("pre-merge-commit", "touch ../tmp/inside; while [ -e ../tmp/inside ]; do sleep 0.05; done");
    let mut first = sandbox.command(crate::sandbox::PRODEV).args(["flow", "finish"]).spawn().unwrap();
    while !sandbox.exists("../tmp/inside") {
        std::thread::yield_now();
    }
    let run = sandbox.run("flow finish release/1.0.0");
    let said = run.exits(1).stderr;
    std::fs::remove_file(sandbox.path("../tmp/inside")).unwrap();
    let mut again = 0;
    let status = loop {
        match first.try_wait().unwrap() {
            Some(status) => break status,
            // The second merge waits, too.
            None if sandbox.exists("../tmp/inside") => {
                again += 1;
                let _ = std::fs::remove_file(sandbox.path("../tmp/inside"));
            }
            None => std::thread::yield_now(),
        }
    };
    assert!(said.starts_with("error: another prodev is at work in this repository\n"), "{said}");
    assert!(status.success() && again <= 1);
    assert_eq!(sandbox.say("status --porcelain"), "");
    assert!(sandbox.has("refs/tags/1.0.0") && !sandbox.has("refs/heads/release/1.0.0"));
}

#[test]
fn production_that_moved_meanwhile_is_merged_66() {
    let sandbox = release().git("switch -q main").commit("urgent.txt", "urgent\n").git("switch -q release/1.0.0");
    sandbox.run("flow finish").succeeds();
    for branch in ["main", "develop"] {
        let files = sandbox.say(&format!("ls-tree --name-only {branch}"));
        assert!(files.contains("urgent.txt") && files.contains("version.txt"), "{branch}: {files}");
    }
    assert_eq!(sandbox.say("tag"), "1.0.0");
}

#[test]
fn what_others_moved_is_not_taken_back() {
    let sandbox = conflicting("develop");
    sandbox.run("flow finish --resolve").exits(3);
    let (main, other) = (sandbox.say("rev-parse main"), sandbox.say("rev-parse develop"));
    sandbox.ask_git(&["update-ref", "refs/heads/main", &other]);
    let run = sandbox.run("flow finish --abort").exits(1).changed_nothing();
    let said = format!("error: `main` is at {}, and was left at {}: somebody else moved it\n", &other[..8], &main[..8]);
    assert!(run.stderr.starts_with(&said), "{run}");
    let hint = format!("`git branch main-kept {other} && git update-ref refs/heads/main {main}`");
    assert!(run.stderr.contains(&hint), "{run}");
}
