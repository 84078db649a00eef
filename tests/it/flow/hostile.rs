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
    for number in 0..220 {
        let (name, message) = (numbers.text(), numbers.text());
        let what = format!("number {number}: name {name:?}, message {message:?}");
        let before = refs(&sandbox);
        let output = sandbox.command(PRODEV).args(["flow", "start", "feature", "--", &name]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!is_harmed(&sandbox), "{what}\n{said}");
        if !output.status.success() {
            refused += 1;
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
    assert!(made > 20 && refused > 50, "{made} were made, {refused} refused");
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
        let run = sandbox.run(&format!("flow {words}")).exits(1);
        assert!(sandbox.exists(".git/index.lock"), "{words}\n{run}");
        sandbox.run(&format!("flow {command} --abort"));
        assert!(sandbox.exists(".git/index.lock"), "{words}\n{run}");
        std::fs::remove_file(sandbox.path(".git/index.lock")).unwrap();
        sandbox.run(&format!("flow {command} --abort"));
        assert_eq!((sandbox.say("for-each-ref"), sandbox.exists(".git/prodev/flow")), (before, false), "{words}");
    }
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
