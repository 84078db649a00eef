//! How tasks run: where, with what, in which order, and what is said where one fails.

use super::stage::{log, logs, manifest, template};

#[test]
fn tasks_run_once_in_order_when_all_files_are_there() {
    let sandbox = template(&format!("{}{}", logs("first"), logs("second")));
    sandbox.honest("new ../tpl shop --no-git --trust");
    assert_eq!(log(&sandbox), ["first", "second"]);
    let sandbox = template(&format!("{}{}", logs("first"), logs("second")));
    sandbox.run("new ../tpl shop --no-git --trust").succeeds().stdout_is("").stderr_is(
        "when the files are there, the template runs:\n  echo first >> log\n  echo second >> log\n\
         run echo first >> log\nrun echo second >> log\ncreated `shop`: 1 file from tpl 1.0.0\n",
    );
}

#[test]
fn a_plan_lists_the_commands_behind_the_files() {
    let sandbox = template(&logs("first"));
    sandbox
        .run("new ../tpl shop --no-git --trust --dry-run")
        .succeeds()
        .stdout_is("create    a\nrecord    .prodev/ (5 files)\nrun       echo first >> log\n")
        .changed_nothing();
}

#[test]
fn tasks_are_in_no_record_and_in_no_first_commit() {
    let sandbox = template("[[tasks]]\nrun = \"git log --format=%s > log\"\n");
    sandbox.run("new ../tpl shop --git --trust").succeeds();
    // The commit was there when the task ran, and what the task made is the user's to look at.
    assert_eq!(log(&sandbox), ["Start from a template"]);
    assert_eq!(sandbox.ask_git(&["-C", "shop", "status", "--porcelain"]), "?? log");
}

#[test]
fn answers_reach_commands_as_data() {
    let evil = "$(touch harm) `touch harm`; touch harm 'x\" --force";
    let more = format!(
        "[questions.title]\ndefault = {evil:?}\n\
         [[tasks]]\nrun = [\"sh\", \"-c\", \"printf '%s|' \\\"$@\\\" >> log\", \"x\", \"{{{{ title }}}}\", \"a b\"]\n\
         [[tasks]]\nrun = \"printf '%s' \\\"$TITLE\\\" >> log\"\nenv = {{ TITLE = \"{{{{ title }}}}!\" }}\n"
    );
    let sandbox = template(&more);
    sandbox.run("new ../tpl shop --no-git --trust").succeeds();
    assert_eq!(sandbox.read("shop/log"), format!("{evil}|a b|{evil}!"));
    assert!(!sandbox.exists("shop/harm"));
}

#[test]
fn an_answer_in_a_script_is_refused_and_other_braces_are_not() {
    let more = "[questions.title]\ndefault = 'x'\n[[tasks]]\nrun = \"echo {{ title }}\"\n";
    template(more)
        .run("new ../tpl shop --no-git --trust")
        .fails(
            2,
            "error: `title` would be a part of the script, where it could be a command\n \
             --> ../tpl/template.toml:7:7\n7 | run = \"echo {{ title }}\"\n  |       ^^^^^^^^^^^^^^^^^^\n\
             hint: hand it over as data: `env = { title = \"{{ title }}\" }`, and `\"$title\"` in the script\n",
        )
        .changed_nothing();
    let sandbox = template("[[tasks]]\nrun = \"printf '%s' '{{.Names}} {{ other }}' > log\"\n");
    sandbox.run("new ../tpl shop --no-git --trust").succeeds();
    assert_eq!(sandbox.read("shop/log"), "{{.Names}} {{ other }}");
}

#[test]
fn a_task_runs_where_and_when_it_says() {
    let more = "[questions.dir]\ndefault = 'back end'\n[questions.mode]\ndefault = 'plain'\n\
                [[files]]\nmatch = 'b'\n[components.docker]\n\
                [[tasks]]\nrun = \"basename \\\"$PWD\\\" >> ../log\"\ndir = \"{{ dir }}\"\n\
                [[tasks]]\nrun = \"echo docker >> log\"\nwhen = \"components.docker\"\n\
                [[tasks]]\nrun = \"echo fancy >> log\"\nwhen = \"mode == 'fancy'\"\n\
                [[tasks]]\nrun = \"echo updated >> log\"\non = [\"update\", \"add\"]\n";
    let sandbox = template(more).file("../tpl/files/{{ dir }}/x", "").file("../tpl/files/b", "");
    sandbox.run("new ../tpl shop --no-git --trust --with docker").succeeds();
    assert_eq!(log(&sandbox), ["back end", "docker"]);
}

#[test]
fn each_command_of_prodev_runs_the_tasks_that_are_its_own() {
    let task = |name: &str| format!("[[tasks]]\nrun = \"echo {name} >> log\"\non = [\"{name}\"]\n");
    let more: String = ["new", "add", "remove", "update", "adopt"].map(task).concat();
    let more = format!("[components.extra]\nfiles = ['extra']\n{more}");
    let sandbox = template(&more).file("../tpl/files/extra", "x");
    sandbox.run("new ../tpl shop --no-git --trust").succeeds();
    sandbox.run("-C shop add extra --trust").succeeds();
    sandbox.run("-C shop add extra --trust").succeeds();
    sandbox.run("-C shop remove extra --trust").succeeds();
    manifest(&sandbox, "1.1.0", &more);
    sandbox.run("-C shop update --trust").succeeds();
    sandbox.run("-C shop update --trust").succeeds();
    assert_eq!(log(&sandbox), ["new", "add", "remove", "update"]);
    sandbox.write("old/own", "");
    sandbox.run("-C old adopt ../../tpl --defaults --trust").succeeds();
    assert_eq!(sandbox.read("old/log"), "adopt\n");
}

#[test]
fn a_task_that_fails_ends_it_and_says_what_is_left() {
    let sandbox = template(&format!("{}[[tasks]]\nrun = ['sh', '-c', 'exit 7']\n{}", logs("first"), logs("last")));
    let run = sandbox.run("new ../tpl shop --no-git --trust --quiet");
    let run = run.fails(
        1,
        "error: the task `sh -c 'exit 7'` failed\n  caused by: it ended with exit code 7\n\
         hint: `shop` is written, and stays; what is left to run there: `sh -c 'exit 7'`, then `echo last >> log`\n",
    );
    assert!(run.changes().contains(&"+ work/shop/a".to_owned()), "{run}");
    assert_eq!(log(&sandbox), ["first"]);
}

#[test]
fn a_program_or_a_folder_that_is_not_there_is_named() {
    for (more, cause) in [
        ("run = ['no-such-program']\n", "there is no program `no-such-program`"),
        ("run = ['./no-such-program']\n", "there is no program `./no-such-program`"),
        ("run = 'true'\ndir = 'nowhere'\n", "there is no folder `nowhere`"),
    ] {
        let run = template(&format!("[[tasks]]\n{more}"));
        let run = run.run("new ../tpl shop --no-git --trust --quiet").exits(1);
        assert!(run.stderr.contains(&format!("  caused by: {cause}\n")), "{run}");
    }
}

#[test]
fn what_tasks_print_is_no_answer_and_git_is_the_projects_own() {
    let sandbox = template("[[tasks]]\nrun = \"echo printed; git rev-parse --show-toplevel\"\n");
    let sandbox = sandbox.env("GIT_DIR", "/elsewhere").env("GIT_INDEX_FILE", "/elsewhere/index");
    let run = sandbox.run("new ../tpl shop --trust --json").succeeds();
    assert_eq!(run.json()["tasks"][0]["runs"], true);
    assert!(run.stderr.contains("\nprinted\n[DIR]/shop\n"), "{run}");
}

#[test]
fn what_a_command_cannot_be_is_told_with_its_place() {
    for (more, message) in [
        ("run = ''\n", "a command is a text that is not empty"),
        ("run = []\n", "a command is a text, or a list of words that is not empty"),
        ("run = ['']\n", "the first word of a command is a program"),
        ("run = 'x'\ndir = '../elsewhere'\n", "the folder `../elsewhere` leaves the project"),
        ("run = 'x'\ndir = '/etc'\n", "the folder `/etc` is absolute"),
        (
            "run = 'x'\nenv = { PATH = '.' }\n",
            "`PATH` cannot be a variable of a task: `PATH` already means something to shells and programs",
        ),
        ("run = 'x'\nwhen = 'a b'\n", "`a b` is no expression: unexpected input after expression"),
        ("run = \"x \\u202e y\"\n", "a command with `\\u{202e}` in it cannot be shown as it is"),
        ("run = ['{{ nobody }}']\n", "`nobody` is undefined"),
        ("run = 'x'\non = ['install']\n", "cannot be `install`: it is `new`, `update`, `add`, `remove` or `adopt`"),
    ] {
        let run = template(&format!("[[tasks]]\n{more}"));
        let run = run.run("new ../tpl shop --no-git --trust").exits(2).changed_nothing();
        assert!(run.stderr.contains(message), "{message}: {run}");
        assert!(run.stderr.contains("--> ../tpl/template.toml:"), "{run}");
    }
}
