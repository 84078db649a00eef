//! `prodev flow init`: a repository gets the branches of its model, and the model is written down.

use super::world::{World as _, flow, refused, with_both_readers, with_remote};
use crate::sandbox::Sandbox;
use crate::terminal::Terminal;

const POLICY: &str = "# Git-Flow: which branches there are and how they come together. `prodev flow config` shows all that follows from it.\n\
                      [flow]\npreset = \"gitflow\"\nmain = \"main\"\ndevelop = \"develop\"\n";

fn unborn() -> Sandbox {
    Sandbox::new().git("init -q -b main")
}

/// A clone of a repository with main and develop, in which only main is a local branch.
fn clone() -> Sandbox {
    with_remote().git("remote set-head origin main").git("switch -q main").git("branch -q -D develop")
}

#[test]
fn a_repository_without_a_commit_gets_an_empty_one_1() {
    with_both_readers(
        || unborn().file("added.txt", "1\n").git("add added.txt").file("other.txt", "2\n"),
        |sandbox| {
            let run = sandbox.honest("flow init");
            assert_eq!(run.json()["created"], serde_json::json!(["main", "develop"]));
            assert_eq!(sandbox.say("rev-parse main"), sandbox.say("rev-parse develop"));
            assert_eq!(sandbox.say("log --format=%s%n%T"), "Initial commit\n4b825dc642cb6eb9a060e54bf8d69288fbee4904");
            assert_eq!(sandbox.head(), "develop");
            assert_eq!(sandbox.say("status --porcelain"), "A  added.txt\n?? other.txt\n?? prodev.toml");
            assert_eq!(sandbox.read("prodev.toml"), POLICY);
        },
    );
    let run = unborn();
    run.run("flow init").succeeds().stderr_is(
        "Set up for gitflow: `main`, `develop`\n\n\
         Commit it on `develop`: git add prodev.toml && git commit -m 'Say which branches there are'\n",
    );
}

#[test]
fn the_branch_that_was_chosen_for_the_first_commit_is_production_1() {
    let sandbox = Sandbox::new().git("init -q -b trunk");
    sandbox.run("flow init --preset github").succeeds();
    assert_eq!((sandbox.head(), sandbox.say("branch --format=%(refname:short)")), ("trunk".into(), "trunk".into()));
    let sandbox = Sandbox::new().git("init -q -b master");
    sandbox.honest("flow init --main main --preset gitlab");
    assert_eq!((sandbox.head(), sandbox.say("branch --format=%(refname:short)")), ("main".into(), "main".into()));
}

#[test]
fn nobody_is_no_author_2() {
    let sandbox = unborn().git("config user.useConfigOnly true");
    let nobody = ["AUTHOR", "COMMITTER"].iter().fold(sandbox, |sandbox, role| {
        sandbox.env(&format!("GIT_{role}_NAME"), "").env(&format!("GIT_{role}_EMAIL"), "")
    });
    for words in ["flow init", "flow init --dry-run"] {
        let run = nobody.run(words).exits(1).changed_nothing();
        assert!(
            run.stderr.starts_with("error: Git does not know who you are, so it cannot make the first commit\n"),
            "{run}"
        );
        assert!(run.stderr.ends_with("`git config --global user.email ADDRESS`\n"), "{run}");
    }
}

#[test]
fn outside_of_a_repository_one_is_made_where_that_is_wanted_3() {
    let sandbox = Sandbox::new();
    let said = "error: `[DIR]` is not in a Git repository\nhint: make one, and set it up: `prodev flow init --git`\n";
    refused(sandbox.run("flow init"), 1, said);
    sandbox.honest("flow init --git --main production");
    assert_eq!((sandbox.head(), sandbox.has("production")), ("develop".into(), true));
}

#[test]
fn what_there_is_is_adopted_4() {
    with_both_readers(
        || Sandbox::repo().git("branch -m master"),
        |sandbox| {
            sandbox.honest("flow init --defaults");
            assert_eq!(sandbox.say("branch --format=%(refname:short)"), "develop\nmaster");
            assert!(sandbox.read("prodev.toml").contains("main = \"master\"\n"));
            assert_eq!(sandbox.head(), "master");
        },
    );
    let sandbox = Sandbox::repo().git("branch master");
    let said = "error: `main` and `master` are both there: which is in production?\nhint: say it: `prodev flow init --main main`\n";
    refused(sandbox.run("flow init --defaults"), 2, said);
    sandbox.run("flow init --main master --tag-prefix v").succeeds();
    assert!(sandbox.has("main"));
    let sandbox = Sandbox::repo().git("branch -m trunk").git("branch feature/x");
    let said = "error: there is neither `main` nor `master`: which branch is in production?\nhint: say it: `prodev flow init --main BRANCH`\n";
    refused(sandbox.run("flow init"), 2, said);
    let said = "error: there is no branch `main`\nhint: make it where production is: `git branch main COMMIT`\n\
                hint: or say what it is called: `--main BRANCH`\n";
    refused(sandbox.run("flow init --main main"), 1, said);
    let sandbox = Sandbox::repo().git("tag v1.0.0").git("tag v1.1.0");
    sandbox.run("flow init").succeeds();
    assert!(sandbox.read("prodev.toml").ends_with("tag_prefix = \"v\"\n"));
}

#[test]
fn a_second_time_changes_nothing_and_force_just_what_is_said_5() {
    let sandbox = flow();
    sandbox.run("flow init").succeeds();
    sandbox.run("flow init").succeeds().changed_nothing().stderr_is("All is there: `main`, `develop`\n");
    sandbox.run("flow init --main main --prefix feature=feature/").succeeds().changed_nothing();
    let said = "error: prodev.toml says otherwise already: `flow.kinds.feature.prefix`\n\
                hint: see what it says with `prodev flow config`\nhint: change it with `--force`\n";
    refused(sandbox.run("flow init --prefix feature=feat/"), 1, said);
    let run = sandbox.honest("flow init --force --prefix feature=feat/");
    assert_eq!(run.changes(), ["~ work/prodev.toml"]);
    assert_eq!(sandbox.read("prodev.toml"), format!("{POLICY}\n[flow.kinds.feature]\nprefix = \"feat/\"\n"));
    sandbox.run("flow start feature x").succeeds();
    assert_eq!(sandbox.head(), "feat/x");
}

#[test]
fn what_the_file_says_stays_as_it_is_5() {
    let sandbox = flow().file("prodev.toml", "# mine\n[vars]\na = \"b\"  # so\n\n[recipes.test]\nrun = \"true\"\n");
    sandbox.honest("flow init --preset github");
    let file = sandbox.read("prodev.toml");
    assert!(
        file.starts_with("# mine\n[vars]\na = \"b\"  # so\n\n[recipes.test]\nrun = \"true\"\n\n# Git-Flow: "),
        "{file}"
    );
    assert!(file.ends_with("[flow]\npreset = \"github\"\nmain = \"main\"\n"), "{file}");
    std::fs::set_permissions(sandbox.path("prodev.toml"), std::os::unix::fs::PermissionsExt::from_mode(0o444)).unwrap();
    let run = sandbox.run("flow init --force --preset gitlab").exits(1).changed_nothing();
    assert!(run.stderr.starts_with("error: `prodev.toml` is read-only\n"), "{run}");
    let sandbox = flow().file("prodev.toml", "[flow\n");
    sandbox.run("flow init --force --main x").exits(2).changed_nothing();
}

#[test]
fn changes_that_are_not_committed_stay_6() {
    let sandbox =
        flow().git("branch -q -D main").git("branch -m main").file("base.txt", "mine\n").file("new.txt", "mine\n");
    sandbox.run("flow init").succeeds();
    assert_eq!((sandbox.read("base.txt"), sandbox.read("new.txt")), ("mine\n".into(), "mine\n".into()));
    assert_eq!(sandbox.say("status --porcelain"), " M base.txt\n?? new.txt\n?? prodev.toml");
}

#[test]
fn what_git_flow_configured_is_written_down_7() {
    let sandbox = Sandbox::repo()
        .git("branch next")
        .git("config gitflow.branch.master main")
        .git("config gitflow.branch.develop next")
        .git("config gitflow.prefix.feature feat-")
        .git("config gitflow.prefix.versiontag v")
        .git("config gitflow.feature.finish.squash true");
    let before = sandbox.run("flow config --json").succeeds().json();
    let run = sandbox.honest("flow init");
    assert_eq!(run.changes(), ["+ work/prodev.toml"]);
    let mut after = sandbox.run("flow config --json").succeeds().json();
    assert_eq!((&before["from"], &after["from"]), (&"avh".into(), &"policy".into()));
    after["from"] = "avh".into();
    assert_eq!(after, before);

    let sandbox = flow()
        .git("config gitflow.branch.main.type base")
        .git("config gitflow.branch.develop.type base")
        .git("config gitflow.branch.develop.parent main")
        .git("config gitflow.branch.develop.autoUpdate true")
        .git("config gitflow.branch.hotfix.type topic")
        .git("config gitflow.branch.hotfix.parent main")
        .git("config gitflow.branch.hotfix.prefix fix/")
        .git("config gitflow.branch.hotfix.downstreamStrategy rebase")
        .git("config gitflow.branch.hotfix.tag true");
    let before = sandbox.run("flow config --json").succeeds().json();
    sandbox.run("flow init").succeeds();
    let after = sandbox.run("flow config --json").succeeds().json();
    assert_eq!(after["kinds"]["hotfix"], before["kinds"]["hotfix"]);
}

#[test]
fn a_fresh_clone_with_a_policy_needs_no_init_8() {
    let sandbox = clone().file("prodev.toml", POLICY);
    sandbox.run("flow start feature login").succeeds();
    assert_eq!(sandbox.head(), "feature/login");
}

#[test]
fn a_develop_that_only_the_remote_has_is_tracked_9() {
    with_both_readers(clone, |sandbox| {
        let run = sandbox.honest("flow init");
        assert_eq!(
            run.json()["steps"][1],
            serde_json::json!({ "action": "create", "path": "develop on origin/develop" })
        );
        assert_eq!(sandbox.say("rev-parse develop"), sandbox.say("rev-parse origin/develop"));
        assert_eq!(sandbox.say("config branch.develop.merge"), "refs/heads/develop");
    });
    let sandbox = unborn().git("init -q --bare ../tmp/origin.git").git("remote add origin ../tmp/origin.git");
    sandbox.ask_git(&["commit", "-q", "--allow-empty", "-m", "There"]);
    sandbox.ask_git(&["push", "-q", "origin", "main"]);
    let sandbox = sandbox.git("update-ref -d refs/heads/main");
    let said = "error: nothing is checked out here yet, and `origin` has a `main`\nhint: begin with what is there: `git switch main`\n";
    refused(sandbox.run("flow init"), 1, said);
}

#[test]
fn a_bare_repository_is_read_and_not_worked_in_10() {
    with_both_readers(
        || {
            let sandbox = flow().git("branch feature/login").git("clone -q --bare . ../tmp/bare.git");
            sandbox.git("-C ../tmp/bare.git remote remove origin")
        },
        |sandbox| {
            let bare = "-C ../tmp/bare.git flow";
            sandbox.run(&format!("{bare} list --names")).succeeds().changed_nothing().stdout_is("feature/login\n");
            sandbox.run(&format!("{bare} config")).succeeds().changed_nothing();
            sandbox.run(&format!("{bare} log develop")).succeeds().changed_nothing();
            let said = "error: this repository is bare: it has no working tree\n\
                        hint: make one with `git worktree add PATH BRANCH`, and work there\n";
            for words in [
                "init",
                "switch login",
                "track x",
                "update login",
                "rename x login",
                "delete login",
                "start feature x",
                "finish login",
            ] {
                refused(sandbox.run(&format!("{bare} {words}")), 1, said);
            }
        },
    );
}

#[test]
fn what_cannot_be_is_told_by_its_flag() {
    let sandbox = flow();
    for (words, said) in [
        (
            "--main a..b",
            "error: `a..b` cannot be a branch: `..`, `//`, `/.` and `@{` cannot be in it\nhint: choose another name: `--main BRANCH`\n",
        ),
        ("--prefix featur=f/", "error: there is no kind `featur`\nhint: did you mean `feature`?\n"),
        (
            "--prefix feature=a~",
            "error: `a~` cannot be a prefix: blanks, control characters and `~^:?*[\\` cannot be in it\nhint: choose another one, as in `--prefix feature=feature/`\n",
        ),
        (
            "--develop main",
            "error: `main` cannot be both: what is in production, and what is developed\nhint: name another branch with `--develop`, or take `--preset github`, which has none\n",
        ),
    ] {
        refused(sandbox.run(&format!("flow init {words}")), 2, said);
    }
    for name in ["--force", "-x"] {
        sandbox.run_args(&["flow", "init", "--main", name]).exits(2).changed_nothing();
    }
}

#[test]
fn on_a_terminal_it_asks() {
    let sandbox = Sandbox::repo().git("branch master");
    let Some(terminal) = Terminal::start(&sandbox, "flow init") else { return };
    terminal.sees("Model").presses("Enter").sees("Production branch").presses("Down").presses("Enter");
    terminal.sees("Development branch").types("next").presses("Enter").exits(0);
    let file = sandbox.read("prodev.toml");
    assert!(file.ends_with("[flow]\npreset = \"gitflow\"\nmain = \"master\"\ndevelop = \"next\"\n"), "{file}");

    let sandbox = flow().git("config gitflow.branch.master main").git("config gitflow.branch.develop develop");
    let Some(terminal) = Terminal::start(&sandbox, "flow init") else { return };
    terminal.sees("Write what git-flow has configured down").types("n").exits(0);
    assert!(!sandbox.exists("prodev.toml"));

    let sandbox = flow().git("branch feature/login");
    let Some(terminal) = Terminal::start(&sandbox, "flow switch") else { return };
    terminal.sees("Branch").types("log").presses("Enter").sees("Switched to `feature/login`").exits(0);
    assert_eq!(sandbox.head(), "feature/login");
}

#[test]
fn the_policy_is_committed_where_features_start_1() {
    let sandbox = Sandbox::repo().file("base.txt", "base\n").git("add .").git("commit -q -m Base");
    sandbox.run("flow init").succeeds().stderr_is(
        "Set up for gitflow: `main`, `develop`\n\n\
         Commit it on `develop`: git switch develop && git add prodev.toml && git commit -m 'Say which branches there are'\n",
    );
    for words in ["switch -q develop", "add prodev.toml", "commit -q -m Policy"] {
        sandbox.ask_git(&words.split(' ').collect::<Vec<_>>());
    }
    assert_eq!(sandbox.ask_git(&["log", "--format=%s", "main..develop"]), "Policy");
}
