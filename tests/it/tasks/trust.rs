//! Whose commands run: those of prodev's own templates, of sources that the user names, and what they agree to.

use super::stage::{log, logs, manifest, template};
use crate::terminal::Terminal;

const REFUSED: &str = "error: `../tpl` runs a command on this machine, and is not trusted\n  `echo ran >> log`\n\
                       hint: `--trust` runs this, `--no-tasks` leaves it out\n\
                       hint: to trust whoever made the template: `[trust] sources` in your own configuration\n";

#[test]
fn without_trust_and_without_a_terminal_nothing_is_done() {
    let sandbox = template(&logs("ran"));
    for flags in ["", " --yes", " --defaults --no-input"] {
        let run = sandbox.run(&format!("new ../tpl shop{flags}"));
        run.fails(4, REFUSED).changed_nothing();
    }
    let run = sandbox.run("new ../tpl shop --json").exits(4).changed_nothing();
    assert_eq!(run.json()["error"]["exit"], 4);
}

#[test]
fn a_dry_run_needs_no_trust_and_shows_the_commands() {
    let sandbox = template(&format!("{}{}", logs("first"), logs("second")));
    let run = sandbox.run("new ../tpl shop --no-git --dry-run").succeeds().changed_nothing();
    assert_eq!(
        run.stdout,
        "create    a\nrecord    .prodev/ (5 files)\nrun       echo first >> log\nrun       echo second >> log\n"
    );
    run.stderr_is(
        "`../tpl` runs commands on this machine; that needs `--trust`:\n  echo first >> log\n  echo second >> log\n\
         nothing was changed (--dry-run)\n",
    );
    sandbox.run("new ../tpl shop --no-git").exits(4).changed_nothing();
}

#[test]
fn consent_is_for_the_commands_that_were_shown() {
    // What runs hangs on an answer, on a component, and on what prodev does: each of these is another thing to agree to.
    let more = "[questions.mode]\ndefault = 'plain'\n[components.extra]\nfiles = ['extra']\n\
                [[tasks]]\nrun = 'echo plain >> log'\nwhen = \"mode == 'plain'\"\n\
                [[tasks]]\nrun = 'echo fancy >> log'\nwhen = \"mode == 'fancy'\"\n\
                [[tasks]]\nrun = 'echo added >> log'\non = ['add']\n\
                [[tasks]]\nrun = ['sh', '-c', 'echo \"$1\" >> log', 'x', '{{ mode }}']\nwhen = \"mode != 'plain'\"\n\
                [[tasks]]\nrun = 'echo plain >> log'\ndir = 'sub'\nwhen = \"mode == 'sub'\"\n";
    let sandbox = template(more).file("../tpl/files/extra", "x").file("../tpl/files/sub/b", "x");
    let Some(terminal) = Terminal::start(&sandbox, "new ../tpl shop --no-git --defaults") else { return };
    terminal.sees("  echo plain >> log\n").sees("Do you trust it?").types("y").exits(0);
    // What was shown runs, elsewhere, too.
    sandbox.run("new ../tpl again --no-git --defaults").succeeds();
    // What was not shown is asked about.
    for (command, not_shown) in [
        ("new ../tpl other --no-git --set mode=fancy", "`echo fancy >> log`"),
        ("new ../tpl other --no-git --set mode=sub", "`cd sub && echo plain >> log`"),
        ("-C shop add extra", "`echo added >> log`"),
    ] {
        let run = sandbox.run(command).exits(4).changed_nothing();
        assert!(run.stderr.contains(not_shown), "{run}");
    }
    assert_eq!(log(&sandbox), ["plain"]);
}

#[test]
fn what_was_agreed_to_is_listed_and_revoked() {
    let sandbox = template(&format!("{}{}", logs("first"), "[[tasks]]\nrun = \"a\\nb\"\nwhen = 'false'\n"));
    sandbox.run("template trust list").succeeds().stdout_is("").changed_nothing();
    sandbox.run("template trust revoke").succeeds().stderr_is("you agreed to no command\n").changed_nothing();
    let Some(terminal) = Terminal::start(&sandbox, "new ../tpl shop --no-git --defaults") else { return };
    terminal.sees("Do you trust it?").types("y").exits(0);
    sandbox.write("../home/.config/prodev/config.toml", "[trust]\nsources = ['gh:acme/']\n");
    let tpl = format!("{}/tpl 1.0.0\n", sandbox.root().display());
    sandbox.run("template trust list").succeeds().changed_nothing().stdout_is(&format!(
        "{tpl}  echo first >> log\n\
         gh:acme/\n  whatever it runs (`[trust] sources` in your own configuration)\n",
    ));
    let json = sandbox.run("template trust list --json").succeeds().json();
    assert_eq!(json["agreed"][0]["commands"], serde_json::json!(["echo first >> log"]));
    assert_eq!((&json["agreed"][0]["version"], &json["sources"][0]), (&"1.0.0".into(), &"gh:acme/".into()));
    sandbox.run("template trust revoke ../tlp").changed_nothing().fails(
        2,
        "error: you agreed to no command of `../tlp`\nhint: `prodev template trust list` shows what you agreed to\n",
    );
    sandbox
        .run("template trust revoke ../tpl --dry-run")
        .succeeds()
        .stdout_is(&format!("remove    {tpl}"))
        .changed_nothing();
    sandbox.run("new ../tpl other --no-git --defaults").succeeds();
    sandbox.run("template trust revoke ../tpl").succeeds().stderr_is("a command is not trusted any more\n");
    sandbox.run("new ../tpl third --no-git --defaults").exits(4).changed_nothing();
    sandbox.run("template trust revoke").succeeds().stderr_is("you agreed to no command\n").changed_nothing();
}

#[test]
fn what_a_template_runs_is_shown_before_it_is_used() {
    let more = "[[tasks]]\nrun = ['uv', 'sync']\ndir = 'x'\n[[tasks]]\nrun = \"a\\nb\"\non = ['new', 'update']\n\
                [[migrations]]\nversion = '1.0.0'\nrun = 'c'\nwhen = 'true'\n";
    let run = template(more).run("template show ../tpl").succeeds().stdout;
    let said = "\nCommands (--trust, --no-tasks)\n  new           uv sync in x\n  new, update   a\n                b\n  to 1.0.0      c where true\n";
    assert!(run.ends_with(said), "{run}");
}

#[test]
fn the_tasks_can_be_left_out() {
    let sandbox = template(&logs("ran"));
    sandbox.run("new ../tpl shop --no-git --no-tasks").succeeds().stderr_is(
        "left out, as `--no-tasks` says; to have it done later, run in `shop`:\n  echo ran >> log\n\
             created `shop`: 1 file from tpl 1.0.0\n",
    );
    assert!(!sandbox.exists("shop/log"));
    sandbox.run("new ../tpl other --no-tasks --trust").exits(2);
}

#[test]
fn trust_on_the_command_line_is_for_once() {
    let sandbox = template(&logs("ran"));
    sandbox.run("new ../tpl shop --no-git --trust").succeeds();
    sandbox.run("new ../tpl other --no-git").exits(4).changed_nothing();
    assert!(!sandbox.exists("../home/.local/state/prodev/trust"));
}

#[test]
fn a_source_in_the_users_configuration_is_trusted() {
    for (entry, code) in [("~/../", 4), ("~/tpl", 4), ("ROOT/tpl", 0), ("ROOT/", 0), ("ROOT/t", 4), ("gh:acme/", 4)] {
        let sandbox = template(&logs("ran"));
        let entry = entry.replace("ROOT", &sandbox.root().display().to_string());
        sandbox.write("../home/.config/prodev/config.toml", format!("[trust]\nsources = ['{entry}']\n"));
        let run = sandbox.run("new ../tpl shop --no-git").exits(code);
        assert_eq!(sandbox.exists("shop/log"), code == 0, "{entry}: {run}");
    }
}

#[test]
fn who_agrees_at_a_terminal_is_not_asked_again_until_something_is_different() {
    let sandbox = template(&logs("ran"));
    let Some(terminal) = Terminal::start(&sandbox, "new ../tpl shop --no-git --defaults --yes") else { return };
    terminal.sees("`../tpl` wants to run a command on this machine:\n  echo ran >> log\n").sees("Do you trust it?");
    assert!(!sandbox.exists("shop"));
    terminal.types("y").exits(0);
    assert_eq!(log(&sandbox), ["ran"]);
    // Elsewhere, too, and without a terminal.
    sandbox.run("new ../tpl other --no-git").succeeds();
    assert_eq!(sandbox.read("other/log"), "ran\n");
    // One byte of what is generated is enough: a task may run it.
    sandbox.write("../tpl/files/a", "two\n");
    sandbox.run("new ../tpl third --no-git").exits(4).changed_nothing();
    sandbox.write("../tpl/files/a", "one\n");
    manifest(&sandbox, "1.0.0", &logs("other"));
    sandbox.run("new ../tpl third --no-git").exits(4).changed_nothing();
    // The same template elsewhere is somebody else's.
    manifest(&sandbox, "1.0.0", &logs("ran"));
    std::fs::rename(sandbox.path("../tpl"), sandbox.path("../moved")).unwrap();
    sandbox.run("new ../moved third --no-git").exits(4).changed_nothing();
}

#[test]
fn who_does_not_agree_has_nothing() {
    for key in ["n", "Enter", "C-c"] {
        let sandbox = template(&logs("ran"));
        let Some(terminal) = Terminal::start(&sandbox, "new ../tpl shop --no-git --defaults") else { return };
        terminal.sees("Do you trust it?").presses(key).exits(if key == "C-c" { 130 } else { 4 });
        assert!(!sandbox.exists("shop"), "{key}");
        assert!(!sandbox.exists("../home/.local/state/prodev/trust"), "{key}");
    }
}

#[test]
fn an_update_asks_for_what_the_new_version_runs() {
    let sandbox = template("");
    sandbox.run("new ../tpl shop --no-git").succeeds();
    manifest(&sandbox, "1.1.0", "[[tasks]]\nrun = 'echo ran >> log'\non = ['update']\n");
    sandbox.run("-C shop update").exits(4).changed_nothing();
    let run = sandbox.run("-C shop update --no-tasks").succeeds();
    let said = "left out, as `--no-tasks` says; to have it done later, run in `shop`:\n  \
                export PRODEV_NEW_VERSION=1.1.0 PRODEV_OLD_VERSION=1.0.0\n  echo ran >> log\n";
    assert!(run.stderr.contains(said), "{run}");
    assert!(!sandbox.exists("shop/log"));
    // It was left out for good: the project is of the new version now.
    sandbox.run("-C shop update --trust").succeeds().changed_nothing();
}
