//! A release and a hotfix write the version and the changelog before they are merged, as a part of the deed.

use super::world::{World as _, flow, refused, same};
use crate::sandbox::Sandbox;

const POLICY: &str = "[flow]\ntag_prefix = \"v\"\n[flow.release]\nchangelog = \"CHANGELOG.md\"\n\
                      files = [{ path = \"Cargo.toml\", pattern = '^version = \"(.+)\"' }, { path = \"src/v.py\", pattern = \"VERSION = '(?P<version>.*)'\" }]\n";

const CHANGELOG: &str = "# Changelog\n\n## [Unreleased]\n\n<!-- a note -->\n\n### Added\n\n- by hand\n";

/// A release of 1.1.0 after 1.0.0, with a feature and a fix in it.
fn release() -> Sandbox {
    let sandbox = flow()
        .file("prodev.toml", POLICY)
        .file("Cargo.toml", "[package]\nname = \"a\"\nversion = \"1.0.0\"\n\n[dependencies.b]\nversion = \"1.0.0\"\n")
        .file("src/v.py", "VERSION = '1.0.0'\n")
        .file("CHANGELOG.md", CHANGELOG)
        .git("add .");
    sandbox.ask_git(&["commit", "-q", "-m", "feat: in the last version"]);
    let sandbox = sandbox.git("tag -a -m one v1.0.0").git("branch -f main develop");
    for message in ["feat(api): let users in", "fix: a bug", "chore: tidy"] {
        sandbox.ask_git(&["commit", "-q", "--allow-empty", "-m", message]);
    }
    sandbox.git("switch -q -c release/1.1.0")
}

#[test]
fn version_and_changelog_are_a_commit_of_the_release() {
    let sandbox = release();
    let promised = sandbox.run("flow finish --dry-run").succeeds().changed_nothing();
    assert!(
        promised.stdout.starts_with(
            "commit    Cargo.toml, src/v.py, CHANGELOG.md on release/1.1.0\nswitch    main\nmerge     release/1.1.0 into main\ntag       v1.1.0 on main\n"
        ),
        "{promised}"
    );
    assert!(
        promised.stdout.contains("\n-version = \"1.0.0\"\n+version = \"1.1.0\"\n \n [dependencies.b]\n"),
        "{promised}"
    );
    sandbox.honest("flow finish");
    assert_eq!(
        sandbox.read("Cargo.toml"),
        "[package]\nname = \"a\"\nversion = \"1.1.0\"\n\n[dependencies.b]\nversion = \"1.0.0\"\n"
    );
    assert_eq!(sandbox.read("src/v.py"), "VERSION = '1.1.0'\n");
    let text = sandbox.read("CHANGELOG.md");
    let (before, date) = text.split_once("## [1.1.0] - ").unwrap();
    assert_eq!(before, "# Changelog\n\n## [Unreleased]\n\n");
    assert_eq!(
        date.split_once('\n').unwrap().1,
        "\n<!-- a note -->\n\n### Added\n\n- by hand\n- **api:** let users in\n\n### Fixed\n\n- a bug\n"
    );
    assert_eq!(sandbox.say("log -1 --format=%s v1.1.0^2"), "chore: release 1.1.0");
    assert_eq!(sandbox.say("show --stat --format= --name-only v1.1.0^2"), "CHANGELOG.md\nCargo.toml\nsrc/v.py");
    assert_eq!(sandbox.say("rev-parse develop^{tree}"), sandbox.say("rev-parse main^{tree}"));
    assert_eq!(sandbox.say("status --porcelain"), "");
}

#[test]
fn a_hotfix_does_it_too_and_one_that_was_done_by_hand_is_left_alone() {
    let sandbox = release().git("switch -q main").git("branch -q -D release/1.1.0").git("switch -q -c hotfix/1.0.1");
    let sandbox = sandbox.file("CHANGELOG.md", "# Changelog\n\n## [1.0.1] - today\n\n- mine\n").git("add .");
    sandbox.ask_git(&["commit", "-q", "-m", "fix: urgent"]);
    sandbox.run("flow finish").succeeds();
    assert!(sandbox.say("show main:Cargo.toml").contains("version = \"1.0.1\""));
    assert_eq!(sandbox.say("show main:CHANGELOG.md"), "# Changelog\n\n## [1.0.1] - today\n\n- mine");
}

#[test]
fn a_branch_that_is_checked_out_nowhere_or_elsewhere_is_changed_all_the_same() {
    let sandbox = release().git("switch -q develop");
    sandbox.honest("flow finish release/1.1.0");
    assert_eq!(sandbox.read("src/v.py"), "VERSION = '1.1.0'\n");
    let sandbox = release().git("switch -q develop").git("worktree add -q ../tmp/release release/1.1.0");
    sandbox.run("flow finish release/1.1.0").succeeds();
    assert_eq!(sandbox.say("show main:src/v.py"), "VERSION = '1.1.0'");
}

#[test]
fn a_file_without_a_version_is_refused() {
    let sandbox = release().file("src/v.py", "VERSION = 1\n").git("commit -q -a -m Break");
    let said = "error: there is no version in `src/v.py`: nothing matches `VERSION = '(?P<version>.*)'`\n\
                hint: make the pattern fit in `[flow.release]`\n";
    refused(sandbox.run("flow finish"), 1, said);
    let sandbox = release().git("rm -q src/v.py").git("commit -q -m Remove");
    let said = "error: `src/v.py` is not in `release/1.1.0`\nhint: name another file in `[flow.release]`, or commit this one\n";
    refused(sandbox.run("flow finish --dry-run"), 1, said);
    let sandbox = release().git("rm -q --cached CHANGELOG.md").git("commit -q -m Remove");
    let said = "error: `CHANGELOG.md` is there, and Git does not have it\nhint: commit it on `release/1.1.0`: `git add CHANGELOG.md`\n";
    refused(sandbox.run("flow finish"), 1, said);
    // All at once.
    let sandbox = release().git("rm -q src/v.py").file("Cargo.toml", "none\n").git("commit -q -a -m Remove");
    let run = sandbox.run("flow finish").exits(1).changed_nothing();
    assert!(run.stderr.starts_with("error: `release/1.1.0` cannot be finished\n"), "{run}");
    for said in ["there is no version in `Cargo.toml`", "`src/v.py` is not in `release/1.1.0`"] {
        assert!(run.stderr.contains(said), "{run}");
    }
    let sandbox = release().git("update-index --skip-worktree src/v.py");
    let run = sandbox.run("flow finish").exits(1).changed_nothing();
    assert!(run.stderr.contains("hint: take it in again: `git update-index --no-skip-worktree src/v.py`\n"), "{run}");
}

#[test]
fn a_folder_that_leads_elsewhere_is_not_written_to() {
    let sandbox = release().git("rm -q -r src").git("commit -q -m Remove");
    std::fs::create_dir(sandbox.path("../tmp/outside")).unwrap();
    sandbox.write("../tmp/outside/v.py", "VERSION = '1.0.0'\n");
    std::os::unix::fs::symlink("../tmp/outside/v.py", sandbox.path("v.py")).unwrap();
    sandbox.write("prodev.toml", POLICY.replace("src/v.py", "v.py"));
    let sandbox = sandbox.git("add .").git("commit -q -m Link");
    let before = sandbox.essence();
    sandbox.run("flow finish").exits(1);
    same("after the refusal", &sandbox.essence(), &before);
    assert_eq!(sandbox.read("../tmp/outside/v.py"), "VERSION = '1.0.0'\n");
}

#[test]
fn a_conflict_of_what_it_writes_is_foreseen_too() {
    let sandbox = release().git("switch -q develop");
    let other = sandbox.read("Cargo.toml").replacen("1.0.0", "2.0.0-dev", 1);
    let sandbox = sandbox.file("Cargo.toml", &other).git("commit -q -a -m Ahead").git("switch -q release/1.1.0");
    let run = sandbox.run("flow finish").exits(1).changed_nothing();
    assert!(run.stderr.starts_with("error: `release/1.1.0` and `develop` conflict in `Cargo.toml`\n"), "{run}");
    let before = sandbox.essence();
    sandbox.run("flow finish --resolve").exits(3);
    sandbox.run("flow finish --abort").succeeds();
    same("after --abort", &sandbox.essence(), &before);
}

#[test]
fn a_hook_that_refuses_the_commit_takes_it_back() {
    let sandbox = release().hook("pre-commit", "echo 'not like this' >&2; exit 1");
    let before = sandbox.essence();
    let run = sandbox.run("flow finish").exits(1);
    assert!(
        run.stderr.starts_with(
            "error: the hook `pre-commit` refused the commit into `release/1.1.0`\n  caused by: not like this\n"
        ),
        "{run}"
    );
    same("after the refusal", &sandbox.essence(), &before);
}

#[test]
fn line_ends_stay_as_the_working_tree_has_them() {
    let sandbox = release().git("config core.autocrlf true").git("rm -q -r --cached .").git("reset -q --hard");
    assert!(sandbox.read("src/v.py").ends_with("\r\n"));
    sandbox.run("flow finish").succeeds();
    assert_eq!(sandbox.read("src/v.py"), "VERSION = '1.1.0'\r\n");
    assert_eq!(sandbox.say("show main:src/v.py"), "VERSION = '1.1.0'");
    assert_eq!(sandbox.say("status --porcelain"), "");
}

#[test]
fn it_can_be_killed_at_every_step_of_its_own() {
    let world = release();
    let before = world.essence();
    let whole = super::world::copy_of(&world);
    whole.run("flow finish release/1.1.0").succeeds();
    let after = whole.essence();
    let ways = ["flow finish release/1.1.0", "flow finish --continue", "flow finish --abort"];
    let mut step = 1;
    loop {
        // The next way at each step: every change is made of several.
        let next = ways[step % ways.len()];
        let sandbox = super::world::copy_of(&world);
        let mut command = sandbox.command(crate::sandbox::PRODEV);
        command.args(["flow", "finish"]).env("PRODEV_TEST_FAULT", step.to_string());
        if command.output().unwrap().status.success() {
            break;
        }
        let run = sandbox.run(next);
        let nothing = run.stderr.contains("no finish is under way");
        let mut is = sandbox.essence();
        // Killed before it had begun or after it had ended, there is nothing to go on with.
        let has_ended = nothing && is["git HEAD"] == after["git HEAD"];
        let goes_back = (nothing && !has_ended) || (!nothing && next.ends_with("--abort"));
        let mut expected = if goes_back { before.clone() } else { after.clone() };
        if nothing {
            // A folder without a journal in it means nothing to anybody.
            for state in [&mut is, &mut expected] {
                state.remove("git prodev/flow");
            }
        }
        same(&format!("killed at step {step}, then `{next}`\n{run}"), &is, &expected);
        step += 1;
    }
    assert!(step > 30, "it has {step} steps");
}

#[test]
fn a_hook_that_refuses_the_version_is_told_of_with_the_key_of_its_message() {
    let sandbox = release().hook("commit-msg", "grep -q Ticket \"$1\" || { echo 'no ticket named' >&2; exit 1; }");
    let said = "error: the hook `commit-msg` refused the commit into `release/1.1.0`\n  caused by: no ticket named\n\
                hint: write a message that it takes: `message` in `[flow.release]`\n";
    let before = sandbox.essence();
    sandbox.run("flow finish").fails(1, said);
    same("after the refusal", &sandbox.essence(), &before);
}
