//! Names and messages that mean harm: they are made as they stand or refused, and never run anything nor become an option.

use crate::sandbox::{PRODEV, Sandbox};

use super::world::{World as _, flow, refused, with_remote};

/// Parts that shells, Git and command lines take for something else.
const PARTS: [&str; 36] = [
    "--force",
    "-x",
    "--",
    "-",
    "--help",
    "--output=PWNED",
    "-mPWNED",
    "$(touch PWNED)",
    "`touch PWNED`",
    "; touch PWNED;",
    "| touch PWNED",
    "&& touch PWNED",
    "> PWNED",
    "'",
    "\"",
    "\\",
    "\n",
    "\r",
    "\t",
    " ",
    "..",
    "~",
    "^",
    ":",
    "@{",
    "{target}",
    "*",
    "?",
    "[a]",
    "!",
    "%s",
    "é",
    "漢字",
    "\u{202e}",
    "\u{1b}[31m",
    "x",
];

/// Numbers in no order, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % below
    }

    fn text(&mut self) -> String {
        (0..=self.next(4)).map(|_| PARTS[self.next(PARTS.len())]).collect()
    }
}

/// Whether anything ran, or was written where it should not be.
fn is_harmed(sandbox: &Sandbox) -> bool {
    ["PWNED", "../PWNED", "../home/PWNED", "../tmp/PWNED"].iter().any(|path| sandbox.exists(path))
}

fn refs(sandbox: &Sandbox) -> String {
    sandbox.ask_git(&["for-each-ref", "--format=%(refname)"])
}

#[test]
fn hostile_names_and_messages_are_data_16_20_56() {
    let sandbox = flow();
    let mut numbers = Numbers(1);
    let (mut made, mut refused) = (0, 0);
    for number in 0..if crate::proof::is_short() { 220 } else { 2_000 } {
        let (name, message) = (numbers.text(), numbers.text());
        let what = format!("number {number}: name {name:?}, message {message:?}");
        let before = refs(&sandbox);
        let output = sandbox.command(PRODEV).args(["flow", "start", "feature", "--", &name]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!is_harmed(&sandbox), "{what}\n{said}");
        if !output.status.success() {
            refused += 1;
            let _ = sandbox.run_with_input(&["flow", "check", "--message", "-"], &message);
            assert!(!is_harmed(&sandbox), "{what}");
            assert!(matches!(output.status.code(), Some(1 | 2)) && said.starts_with("error: "), "{what}\n{said}");
            assert_eq!(refs(&sandbox), before, "{what}\n{said}");
            continue;
        }
        made += 1;
        let branch = format!("feature/{}", name.strip_prefix("feature/").unwrap_or(&name));
        assert_eq!(sandbox.head(), branch, "{what}");
        sandbox.ask_git(&["commit", "-q", "--allow-empty", "-m", "Work"]);
        let output = sandbox.command(PRODEV).args(["flow", "finish", "-m", &message]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!is_harmed(&sandbox), "{what}\n{said}");
        if message.trim().is_empty() {
            assert_eq!(output.status.code(), Some(2), "{what}\n{said}");
            sandbox.ask_git(&["switch", "-q", "develop"]);
            sandbox.ask_git(&["update-ref", "-d", &format!("refs/heads/{branch}")]);
            continue;
        }
        assert!(output.status.success(), "{what}\n{said}");
        let stored = sandbox.command("git").args(["cat-file", "commit", "develop"]).output().unwrap().stdout;
        let stored = String::from_utf8(stored).unwrap();
        let stored = stored.split_once("\n\n").unwrap().1;
        let expected = if message.ends_with('\n') { message.clone() } else { format!("{message}\n") };
        assert_eq!(stored, expected, "{what}");
        assert_eq!(refs(&sandbox), before, "{what}");
    }
    assert!(made > 20 && refused > 50 && made + refused >= 220, "{made} were made, {refused} refused");
}

#[test]
fn hostile_versions_and_tag_messages_are_data_20_56() {
    let sandbox = flow();
    let mut numbers = Numbers(7);
    for number in 0..40 {
        let message = format!("{}{}", numbers.text(), numbers.text());
        let version = format!("1.0.{number}");
        let branch = format!("release/{version}");
        sandbox.ask_git(&["switch", "-q", "-c", &branch, "develop"]);
        let output = sandbox.command(PRODEV).args(["flow", "finish", "-m", &message]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!is_harmed(&sandbox), "{message:?}\n{said}");
        if message.trim().is_empty() {
            sandbox.ask_git(&["switch", "-q", "develop"]);
            continue;
        }
        assert!(output.status.success(), "{message:?}\n{said}");
        let stored = sandbox.command("git").args(["cat-file", "tag", &version]).output().unwrap().stdout;
        let stored = String::from_utf8(stored).unwrap();
        let expected = if message.ends_with('\n') { message.clone() } else { format!("{message}\n") };
        assert_eq!(stored.split_once("\n\n").unwrap().1, expected, "{message:?}");
    }
}

#[test]
fn a_name_that_looks_like_an_option_is_none_16() {
    for name in ["--force", "-f", "--abort", "--help", "-"] {
        let sandbox = flow();
        let run = sandbox.run_args(&["flow", "start", "feature", "--", name]);
        let stderr = run.stderr.clone();
        assert!(run.to_string().contains("--- exit 0") && stderr.contains(&format!("feature/{name}")), "{run}");
        assert_eq!(sandbox.head(), format!("feature/{name}"));
        let branch = format!("feature/{name}");
        sandbox.run_args(&["flow", "finish", "--", &branch]).succeeds();
        assert_eq!(sandbox.head(), "develop");
        let policy = sandbox.run_args(&["flow", "check", "--branch", &format!("--{name}")]);
        assert!(!policy.stderr.contains("panicked"), "{policy}");
    }
}

#[test]
fn the_lock_of_another_git_is_left_alone() {
    let world = || {
        with_remote()
            .git("push -q origin develop:refs/heads/feature/theirs")
            .git("switch -q -c feature/login")
            .commit("login.txt", "login\n")
            .git("switch -q develop")
            .commit("more.txt", "more\n")
            .git("switch -q feature/login")
    };
    // Before anything is begun.
    for words in
        ["switch develop", "rename sign-in", "delete login --force", "track theirs", "update", "update --rebase"]
    {
        let sandbox = world().file(".git/index.lock", "");
        let said = "error: `[DIR]/.git/index.lock` is there: another Git may be at work\n\
                    hint: if none is, remove it: `rm [DIR]/.git/index.lock`\n";
        refused(sandbox.run(&format!("flow {words}")), 1, said);
        assert!(sandbox.exists(".git/index.lock"), "{words}");
    }
    // While it is under way, and when it is gone on with.
    for (on, command, words) in [
        ("develop", "switch", "switch login"),
        ("feature/login", "delete", "delete login --force"),
        ("feature/login", "update", "update"),
    ] {
        let sandbox = world().git(&format!("switch -q {on}"));
        let sandbox = sandbox.hook(&format!("pre-flow-feature-{command}"), ": >.git/index.lock");
        let before = sandbox.say("for-each-ref");
        let said = format!(
            "error: `[DIR]/.git/index.lock` is there: another Git may be at work\n  caused by: the {command} of `feature/login` waits half-way\n\
             hint: when it has ended, go on with `prodev flow {command} --continue`, or take all back with `--abort`\n\
             hint: if none is, remove it: `rm [DIR]/.git/index.lock`\n"
        );
        let run = sandbox.run(&format!("flow {words}")).exits(1).stderr_is(&said).to_string();
        assert!(sandbox.exists(".git/index.lock"), "{words}\n{run}");
        for next in ["--abort", "--continue"] {
            sandbox.run(&format!("flow {command} {next}")).fails(1, &said).changed_nothing();
        }
        std::fs::remove_file(sandbox.path(".git/index.lock")).unwrap();
        sandbox.run(&format!("flow {command} --abort")).succeeds();
        assert_eq!((sandbox.say("for-each-ref"), sandbox.exists(".git/prodev/flow")), (before, false), "{words}");
    }
}

#[test]
fn a_lock_in_the_midst_of_a_finish_is_waited_for_64() {
    let world = || with_remote().git("switch -q -c release/1.0.0").commit("v.txt", "1\n");
    let lock = |sandbox: &Sandbox| std::fs::remove_file(sandbox.path(".git/refs/heads/develop.lock")).unwrap();
    for next in ["flow finish release/1.0.0", "flow finish --continue"] {
        let sandbox = world().hook("post-merge", "[ -e ../tmp/once ] || : >../tmp/once >.git/refs/heads/develop.lock");
        let run = sandbox.run("flow finish").exits(1);
        let said = "error: `[DIR]/.git/refs/heads/develop.lock` is there: another Git may be at work\n  \
                    caused by: the finish of `release/1.0.0` waits half-way\n";
        assert!(run.stderr.starts_with(said), "{run}");
        lock(&sandbox);
        sandbox.run(next).succeeds();
        assert_eq!(sandbox.say("rev-parse 1.0.0^{commit}"), sandbox.say("rev-parse main"));
        sandbox.say("merge-base --is-ancestor main develop");
        assert!(!sandbox.has("refs/heads/release/1.0.0") && !sandbox.exists(".git/prodev/flow"));
    }
}

#[test]
fn what_was_resolved_is_kept_where_a_hook_refuses_it_33() {
    let sandbox = flow().git("switch -q -c feature/login").commit("base.txt", "ours\n").git("switch -q develop");
    let sandbox = sandbox.commit("base.txt", "theirs\n").git("switch -q feature/login");
    sandbox.run("flow finish --resolve").exits(3);
    sandbox.write("base.txt", "both\n");
    let sandbox = sandbox.git("add base.txt").hook("commit-msg", "echo 'not like this' >&2; exit 1");
    let run = sandbox.run("flow finish --continue").exits(1);
    assert!(run.stderr.starts_with("error: the hook `commit-msg` refused the merge into `develop`\n"), "{run}");
    assert_eq!(sandbox.read("base.txt"), "both\n");
    std::fs::remove_file(sandbox.path(".git/hooks/commit-msg")).unwrap();
    sandbox.run("flow finish --continue").succeeds();
    assert_eq!(sandbox.say("show develop:base.txt"), "both");
}

#[test]
fn remotes_and_prefixes_are_quoted_in_lines_to_paste_20() {
    let sandbox = flow().git("switch -q -c feature/login").commit("login.txt", "1\n");
    let sandbox = sandbox
        .file(".git/info/exclude", "prodev.toml\n")
        .file("prodev.toml", "[flow]\nremote = \"a;b\"\ntag_prefix = \"v;\"\n");
    for words in ["finish --push", "finish --pr", "publish", "track x", "delete login --remote --force"] {
        let run = sandbox.run(&format!("flow {words}")).exits(1).changed_nothing();
        assert!(run.stderr.contains("hint: add it with `git remote add 'a;b' URL`\n"), "{run}");
    }
    let sandbox = sandbox
        .git("init -q --bare ../tmp/origin.git")
        .git("remote add a;b ../tmp/origin.git")
        .git("push -q a;b main develop");
    let run = sandbox.run("flow finish").succeeds();
    assert!(run.stderr.ends_with("Push it: git push --atomic 'a;b' develop\n"), "{run}");
}

#[test]
fn lines_to_paste_run_nothing_that_a_name_says() {
    let sandbox = with_remote();
    let name = "$(touch${IFS}PWNED)";
    let run = sandbox.run_args(&["flow", "start", "feature", name]).succeeds();
    assert!(run.stderr.ends_with(&format!("prodev flow finish 'feature/{name}'\n")), "{run}");
    let sandbox = sandbox.commit("one.txt", "1\n");
    for (words, line) in [
        (&["flow", "start", "feature", name][..], format!("`prodev flow switch 'feature/{name}'`")),
        (&["flow", "delete", name][..], format!("`prodev flow delete 'feature/{name}' --force`")),
        (&["flow", "delete", name, "--force"][..], format!("git branch 'feature/{name}' ")),
    ] {
        let run = sandbox.run_args(words);
        assert!(run.stderr.contains(&line), "{line}\n{run}");
    }
}
