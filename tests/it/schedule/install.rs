//! `prodev schedule install` and `uninstall`: the user's crontab and systemd's timers, and all that is not prodev's in them.

use super::{project, recipe, with_program};
use crate::proof;
use crate::sandbox::{PRODEV, Sandbox};

/// What cron's own `crontab` does with `-l`, `-r` and `-`, in the sandbox's home.
const CRONTAB: &str = r#"table=$HOME/table
case $1 in
-l) [ -e "$table" ] || { echo "no crontab for ada" >&2; exit 1; }; cat "$table" ;;
-r) rm "$table" ;;
-) new=$(cat; echo .); new=${new%.}
   case $new in *[!"
"]) echo '"-":1: premature EOF' >&2; exit 1 ;; esac
   printf %s "$new" > "$table" ;;
*) exit 2 ;;
esac
"#;

/// Notes what it is told.
const SYSTEMCTL: &str = "echo \"$*\" >> \"$HOME/told\"\n";

fn with_cron(recipes: &str) -> Sandbox {
    with_program(project(recipes), "crontab", CRONTAB)
}

fn daily() -> String {
    recipe("backup", "\"30 4 * * *\"")
}

/// The line that calls prodev in a sandbox.
fn line(times: &str, name: &str) -> String {
    format!("{times} PATH=[CACHE]/bin:/usr/bin:/bin {PRODEV} -C [DIR] schedule fire {name}\n")
}

fn block(lines: &str) -> String {
    format!(
        "# BEGIN prodev schedules of [DIR] (`prodev schedule install` writes this)\n{lines}# END prodev schedules of [DIR]\n"
    )
}

fn table(sandbox: &Sandbox) -> String {
    sandbox.normalise(&std::fs::read(sandbox.path("../home/table")).unwrap_or_default())
}

#[test]
fn lines_of_the_user_stay_byte_for_byte() {
    let sandbox = with_cron(&daily());
    let mine = "# mine\nMAILTO=ada@example.org\n\n5 * * * *\techo 100\\% \u{e4}  \n";
    sandbox.write("../home/table", mine);
    let run = sandbox.honest("schedule install");
    assert_eq!(run.changes(), ["~ home/table"]);
    assert_eq!(table(&sandbox), format!("{mine}{}", block(&line("30 4 * * *", "backup"))));
    // What the user adds below stays below.
    let more = format!("{}0 0 * * * true\n", std::fs::read_to_string(sandbox.path("../home/table")).unwrap());
    sandbox.write("../home/table", &more);
    sandbox.write("prodev.toml", recipe("backup", "\"@daily\"") + &recipe("poll", "\"*/5 * * * *\""));
    sandbox.honest("schedule install");
    let lines = line("@daily", "backup") + &line("*/5 * * * *", "poll");
    assert_eq!(table(&sandbox), format!("{mine}{}0 0 * * * true\n", block(&lines)));
    sandbox.honest("schedule uninstall");
    assert_eq!(table(&sandbox), format!("{mine}0 0 * * * true\n"));
}

#[test]
fn what_is_there_already_is_not_written_again() {
    let sandbox = with_cron(&daily());
    sandbox.run("schedule install").succeeds().stderr_is("cron starts 1 recipes of this project by itself\n");
    sandbox.run("schedule install").succeeds().changed_nothing().stderr_is("cron has all of it already\n");
    sandbox.run("schedule uninstall").succeeds().stderr_is("nothing starts by itself any more\n");
    assert!(!sandbox.exists("../home/table"), "there was none before");
    sandbox.run("schedule uninstall").succeeds().changed_nothing().stderr_is("nothing of this project is installed\n");
}

#[test]
fn what_the_user_did_in_between_is_not_lost() {
    let sandbox = with_cron(&daily());
    // Somebody saves another table while prodev thinks: between its first and its second look.
    let script = CRONTAB.replace("-l)", "-l) echo >> \"$HOME/../cache/looks\"; [ $(wc -l < \"$HOME/../cache/looks\") = 2 ] && echo '# new' > \"$table\";");
    let sandbox = with_program(sandbox, "crontab", &script);
    let run = sandbox.run("schedule install");
    run.fails(
        1,
        "error: your crontab was changed while prodev was working\nhint: look at it with `crontab -l`, and run the command again\n",
    );
    assert_eq!(table(&sandbox), "# new\n");
}

#[test]
fn a_crontab_that_refuses_is_told() {
    let sandbox = with_program(
        project(&daily()),
        "crontab",
        "echo 'You (ada) are not allowed to use this program (crontab)' >&2\nexit 1\n",
    );
    sandbox.run("schedule install").changed_nothing().fails(
        1,
        "error: `crontab -l` failed\n  caused by: You (ada) are not allowed to use this program (crontab)\n\
         hint: see whether you may use cron: `crontab -l`\n",
    );
    let sandbox = with_cron(&daily());
    sandbox.write(
        "../home/table",
        format!(
            "{}\n",
            "# BEGIN prodev schedules of DIR (`prodev schedule install` writes this)"
                .replace("DIR", &sandbox.dir().display().to_string())
        ),
    );
    let run = sandbox.run("schedule install").changed_nothing().exits(1);
    assert!(
        run.stderr.starts_with("error: the marks of prodev's block in your crontab do not belong together\n"),
        "{run}"
    );
}

/// A percent sign ends the command for cron, and blanks and quotes are the shell's.
#[test]
fn names_and_paths_are_what_they_are() {
    let sandbox = with_program(Sandbox::new().file("a %b'c/prodev.toml", &daily()), "crontab", CRONTAB);
    sandbox.run_args(&["-C", "a %b'c", "schedule", "install"]).succeeds();
    let line = table(&sandbox).lines().nth(1).unwrap().to_owned();
    assert!(line.contains(r"-C '[DIR]/a \%b'\''c' schedule fire backup"), "{line}");
    let run = sandbox.run_args(&["-C", "a %b'c", "schedule", "install"]).succeeds().changed_nothing();
    assert_eq!(run.stderr, "cron has all of it already\n");
}

#[test]
fn a_line_that_cron_would_cut_is_refused() {
    let sandbox = with_cron(&daily());
    let path = format!("{}:/usr/bin:/{}", sandbox.root().join("cache/bin").display(), "x".repeat(900));
    let run = sandbox.env("PATH", &path);
    let run = run.run("schedule install").changed_nothing().exits(1);
    assert!(run.stderr.starts_with("error: `backup`: cron cuts off lines as long as its"), "{run}");
}

/// Killed before or after the one call that changes something, the table is whole.
#[test]
fn a_kill_leaves_the_table_whole() {
    for fault in ["1", "2"] {
        let sandbox = with_cron(&daily()).env("PRODEV_TEST_FAULT", fault);
        sandbox.write("../home/table", "# mine\n");
        let _ = sandbox.run("schedule install");
        let whole = [String::from("# mine\n"), format!("# mine\n{}", block(&line("30 4 * * *", "backup")))];
        assert!(whole.contains(&table(&sandbox)), "{}", table(&sandbox));
    }
}

#[test]
fn timers_come_and_go_with_what_they_start() {
    let sandbox = with_program(project(&(daily() + &recipe("poll", "\"*/5 * * * *\""))), "systemctl", SYSTEMCTL);
    let run = sandbox.honest("schedule install --with systemd");
    let changes = run.changes();
    assert_eq!(
        changes.iter().filter(|change| change.contains("+ home/.config/systemd/user/prodev-")).count(),
        4,
        "{changes:?}"
    );
    let told = sandbox.read("../home/told");
    assert!(
        told.starts_with("--user daemon-reload\n--user enable prodev-") && told.contains("--user restart prodev-"),
        "{told}"
    );
    sandbox
        .run("schedule install --with systemd")
        .succeeds()
        .changed_nothing()
        .stderr_is("systemd has all of it already\n");
    // One goes, one changes, and what is not prodev's stays.
    sandbox.write("../home/.config/systemd/user/prodev-mine.timer", "mine");
    sandbox.write("prodev.toml", recipe("poll", "\"*/6 * * * *\""));
    sandbox.write("../home/told", "");
    let run = sandbox.honest("schedule install --with systemd");
    let kinds: Vec<&str> = run.changes().iter().map(|change| if change.starts_with('-') { "-" } else { "~" }).collect();
    assert_eq!(kinds, ["-", "-", "~", "~"], "{:?}", run.changes());
    assert!(sandbox.read("../home/told").starts_with("--user disable --now prodev-backup-"));
    sandbox.honest("schedule uninstall --with systemd");
    let left: Vec<String> = sandbox.snapshot("../home/.config/systemd/user").into_keys().collect();
    assert_eq!(left, ["prodev-mine.timer"]);
}

#[test]
fn without_systemd_it_is_said() {
    let sandbox =
        with_program(project(&daily()), "systemctl", "echo 'Failed to connect to bus: No medium found' >&2\nexit 1\n");
    let run = sandbox.run("schedule install --with systemd").exits(1);
    run.stderr_is(
        "error: `systemctl --user daemon-reload` failed\n  caused by: Failed to connect to bus: No medium found\n\
         hint: see whether your systemd answers: `systemctl --user status`\n",
    );
    let sandbox = project(&daily()).env("PATH", "/nowhere");
    sandbox.run("schedule install --with crontab").changed_nothing().fails(
        1,
        "error: could not run `crontab`\n  caused by: No such file or directory (os error 2)\n\
         hint: install cron, or use systemd's timers: `prodev schedule install --with systemd`\n",
    );
}

#[test]
fn there_must_be_something_to_install() {
    let sandbox = with_cron("[recipes.a]\nrun = \"true\"\n");
    sandbox.run("schedule install").changed_nothing().fails(
        1,
        "error: no recipe here has a schedule\nhint: give one to a recipe in prodev.toml: `schedule = \"30 2 * * *\"`\n",
    );
}

/// The machine's own cron, with the table of a user that nobody uses. Only root can, and only CI should.
#[test]
fn the_real_crontab_keeps_what_it_is_given() {
    let is_root = rustix::process::geteuid().is_root();
    if !is_root || !proof::can_run("that cron's own crontab reads the block", &["crontab"]) {
        return;
    }
    let real = proof::find("crontab").unwrap();
    let sandbox = with_program(project(&daily()), "crontab", &format!("exec {} -u games \"$@\"\n", real.display()));
    let crontab = |argument: &str| std::process::Command::new(&real).args(["-u", "games", argument]).output().unwrap();
    if crontab("-l").status.success() {
        proof::skipped("that cron's own crontab reads the block", "the user `games` has a crontab");
        return;
    }
    sandbox.run("schedule install").succeeds();
    let kept = sandbox.normalise(&crontab("-l").stdout);
    sandbox.run("schedule install").succeeds().stderr_is("cron has all of it already\n");
    sandbox.run("schedule uninstall").succeeds();
    let gone = !crontab("-l").status.success();
    let _ = crontab("-r");
    assert_eq!(kept, block(&line("30 4 * * *", "backup")));
    assert!(gone, "there was none before");
}
