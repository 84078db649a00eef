//! prodev killed for real, at moments that nobody chose; two of it at once; a disk that is really full.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::templates::{different, names, project, with_plain_template, with_template};
use crate::proof;
use crate::sandbox::{PRODEV, Sandbox};

/// How many files the large template has.
const FILES: usize = 120;

fn with_large_template() -> Sandbox {
    let sandbox = with_template(&[]);
    for number in 0..FILES {
        let path = format!("../tpl/files/folder{}/file{number}.txt.jinja", number % 20);
        sandbox.write(&path, "{% for i in range(50) %}line {{ i }}\n{% endfor %}");
    }
    sandbox
}

/// A project folder with an older version of each file.
fn with_old_project() -> Sandbox {
    let sandbox = with_large_template();
    for number in 0..FILES {
        sandbox.write(&format!("shop/folder{}/file{number}.txt", number % 20), "mine\n");
    }
    sandbox
}

fn start(sandbox: &Sandbox, words: &str) -> Child {
    let mut command = sandbox.command(PRODEV);
    command.args(words.split_whitespace()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: Duration) -> Duration {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        limit.mul_f64(f64::from(u32::try_from(self.0 >> 40).unwrap()) / f64::from(1_u32 << 24))
    }
}

/// Kills runs at random moments, and looks at what is left each time.
fn kill_many(prepare: fn() -> Sandbox, words: &str, rounds: usize) {
    let sandbox = prepare();
    let before = project(&sandbox, ".");
    let begun = Instant::now();
    sandbox.run(words).succeeds();
    let whole = begun.elapsed();
    let after = project(&sandbox, ".");
    let mut dice = Dice(42);
    let mut killed = 0;
    for round in 0..rounds {
        restore(&sandbox, &before);
        let litter = names(&sandbox, ".").len();
        let signal = [Signal::KILL, Signal::INT, Signal::TERM][round % 3];
        let mut child = start(&sandbox, words);
        std::thread::sleep(dice.below(whole));
        let running = child.try_wait().unwrap().is_none();
        let _ = kill_process(Pid::from_child(&child), signal);
        let output = child.wait_with_output().unwrap();
        wait_for_orphans(&sandbox);
        let said = sandbox.normalise(&output.stderr);
        if !output.status.success() && running {
            killed += 1;
        }
        if signal == Signal::KILL {
            let place = if sandbox.exists("shop") { "shop" } else { "." };
            sandbox.run(&format!("-C {place} template list")).succeeds();
        } else if !output.status.success() {
            // Before its first line of code a program cannot answer a signal.
            let early = std::os::unix::process::ExitStatusExt::signal(&output.status).is_some();
            assert!(output.status.code() == Some(130) || early, "round {round}: {:?} {said}", output.status);
        }
        let mut then = project(&sandbox, ".");
        // What a killed run left beside the project is swept by the next one; others leave nothing.
        then.retain(|path, _| !path.contains(".prodev-"));
        let more = names(&sandbox, ".").len() - usize::from(sandbox.exists("shop"));
        let had = litter - usize::from(before.contains_key("shop"));
        assert!(signal == Signal::KILL || more <= had, "round {round}, {signal:?}: {:?}", names(&sandbox, "."));
        let between = different(&then, &before);
        assert!(then == before || then == after, "round {round}, {signal:?}: {said}\n{between}");
        assert!(then == after || !output.status.success(), "round {round}: it succeeded and did nothing");
        assert!(then == before || output.status.success() || signal == Signal::KILL, "round {round}: {signal:?}");
    }
    assert!(killed > rounds / 4, "only {killed} of {rounds} runs were killed");
    restore(&sandbox, &before);
    sandbox.run(words).succeeds();
    assert_eq!(project(&sandbox, "."), after, "something of a killed run is left");
}

/// A killed prodev's `git` goes on for a moment.
fn wait_for_orphans(sandbox: &Sandbox) {
    let works_here = || {
        let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let mut folders = processes.filter_map(|process| std::fs::read_link(process.path().join("cwd")).ok());
        folders.any(|folder| folder.starts_with(sandbox.root()))
    };
    for _ in 0..100 {
        if !works_here() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Makes the working directory what it was: nothing, or the old project.
fn restore(sandbox: &Sandbox, before: &std::collections::BTreeMap<String, String>) {
    let shop = sandbox.path("shop");
    if shop.exists() {
        std::fs::remove_dir_all(&shop).unwrap();
    }
    if before.contains_key("shop") {
        for number in 0..FILES {
            sandbox.write(&format!("shop/folder{}/file{number}.txt", number % 20), "mine\n");
        }
    }
}

#[test]
fn a_new_project_is_whole_or_not_there_when_it_is_killed() {
    kill_many(with_large_template, "new ../tpl shop --no-git", 30);
}

#[test]
fn an_old_project_is_as_before_or_as_after_when_it_is_killed() {
    kill_many(with_old_project, "new ../tpl shop --no-git --overwrite force", 30);
}

#[test]
fn a_first_commit_is_there_with_everything_or_not_at_all_when_it_is_killed() {
    kill_many(with_large_template, "new ../tpl shop --git", 12);
}

#[test]
fn of_two_at_once_one_makes_the_folder() {
    for round in 0..12 {
        let sandbox = with_large_template();
        let runs = [start(&sandbox, "new ../tpl shop --no-git"), start(&sandbox, "new ../tpl shop --no-git")];
        let outputs = runs.map(|run| run.wait_with_output().unwrap());
        let winners = outputs.iter().filter(|output| output.status.success()).count();
        let said = outputs.map(|output| sandbox.normalise(&output.stderr));
        assert_eq!(winners, 1, "round {round}: {said:?}");
        assert!(said.iter().any(|said| said.contains("error: `") && said.contains("hint: ")), "{said:?}");
        assert_eq!(names(&sandbox, "."), ["shop"], "round {round}");
        let undisturbed = with_large_template();
        undisturbed.run("new ../tpl shop --no-git").succeeds();
        assert_eq!(without_source(&sandbox), without_source(&undisturbed));
    }
}

#[test]
fn of_two_at_once_in_one_folder_one_does_it_all() {
    for round in 0..5 {
        let sandbox = with_old_project();
        let words = "new ../tpl shop --no-git --overwrite force";
        let runs = [start(&sandbox, words), start(&sandbox, words)];
        let outputs = runs.map(|run| run.wait_with_output().unwrap());
        let winners = outputs.iter().filter(|output| output.status.success()).count();
        let said = outputs.map(|output| sandbox.normalise(&output.stderr));
        assert_eq!(winners, 1, "round {round}: {said:?}");
        let undisturbed = with_old_project();
        undisturbed.run(words).succeeds();
        assert_eq!(without_source(&sandbox), without_source(&undisturbed), "round {round}: {said:?}");
    }
}

/// The project without its state file, which names the template's folder.
fn without_source(sandbox: &Sandbox) -> std::collections::BTreeMap<String, String> {
    let mut tree = project(sandbox, "shop");
    tree.retain(|path, _| !path.ends_with("/state.toml"));
    tree
}

#[test]
fn a_signal_during_a_question_or_an_answer_ends_it() {
    let sandbox = with_plain_template();
    let child = start(&sandbox, "new ../tpl shop --answers /dev/stdin --no-git");
    let code = child.wait_with_output().unwrap().status.code();
    assert!(code.is_some(), "an empty file of answers");
    // A pipe that never ends: prodev waits in the middle of its work.
    assert!(sandbox.command("mkfifo").arg(sandbox.path("pipe")).status().unwrap().success());
    let child = start(&sandbox, "new ../tpl other --answers pipe --no-git");
    std::thread::sleep(Duration::from_millis(300));
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(130));
    assert!(!sandbox.exists("other"));
}

/// Runs a shell script in a mount namespace of its own, with a small file system at `disk`. `None` where that is not allowed.
fn on_a_small_disk(sandbox: &Sandbox, script: &str) -> Option<std::process::Output> {
    if !proof::have("a disk that is full", &["unshare", "mount", "sh"]) {
        return None;
    }
    std::fs::create_dir_all(sandbox.path("disk")).unwrap();
    let mut mount = sandbox.command("unshare");
    mount.args(["-rm", "sh", "-c", "mount -t tmpfs -o size=256k none disk"]);
    if !mount.status().is_ok_and(|status| status.success()) {
        proof::skipped("a disk that is full", "mounting is not allowed");
        return None;
    }
    let script = format!("mount -t tmpfs -o size=256k none disk && {script}");
    let mut command: Command = sandbox.command("unshare");
    Some(command.args(["-rm", "sh", "-c", &script]).output().unwrap())
}

#[test]
fn a_disk_that_is_really_full_leaves_nothing() {
    let sandbox = with_large_template();
    sandbox.write("../tpl/files/large", vec![b'x'; 200_000]);
    let list = "ls -AR disk";
    for (prepare, dir) in [("true", "disk/shop"), ("mkdir disk/shop && echo mine > disk/shop/own", "disk/shop")] {
        let script = format!(
            "{prepare} && {list} >&2; '{PRODEV}' new ../tpl {dir} --no-git --overwrite force; code=$?; {list}; exit $code"
        );
        let Some(output) = on_a_small_disk(&sandbox, &script) else { return };
        let said = sandbox.normalise(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("error: could not "), "{said}");
        let after = String::from_utf8(output.stdout).unwrap();
        assert!(said.starts_with(&after), "left:\n{after}\n{said}");
    }
}
