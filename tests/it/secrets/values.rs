//! `prodev env set` and `unset`: what is written, what is refused, and that nothing besides changes.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

use crate::sandbox::{PRODEV, Sandbox};

fn awkward() -> Vec<String> {
    serde_json::from_str(include_str!("../../data/dotenv/awkward-values.json")).unwrap()
}

#[test]
fn a_value_is_set_and_set_again_and_nothing_besides_changes() {
    let sandbox = Sandbox::new().file(".env", "# top\r\nexport A = \"1\" # why\r\n\r\nB=2");
    sandbox.honest("env set A 2").stderr_is("set `A` in `.env`\n");
    assert_eq!(sandbox.read(".env"), "# top\r\nexport A = \"2\" # why\r\n\r\nB=2");
    sandbox.run("env set A 2").succeeds().stderr_is("`A` has this value in `.env` already\n").changed_nothing();
    sandbox.honest("env set C x").stderr_is("added `C` to `.env`\n");
    assert_eq!(sandbox.read(".env"), "# top\r\nexport A = \"2\" # why\r\n\r\nB=2\r\nC=x");
    let document = sandbox.run("env set C y --json").succeeds().json();
    assert_eq!(document["files"][0], serde_json::json!({ "file": ".env", "state": "changed", "encrypted": false }));
}

#[test]
fn a_new_file_is_for_its_owner_alone() {
    let sandbox = Sandbox::new();
    sandbox.honest("env set A 1 --profile test");
    assert_eq!(sandbox.read(".env.test"), "A=1\n");
    assert_eq!(sandbox.path(".env.test").metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn awkward_values_come_from_the_command_line_and_from_stdin() {
    for value in awkward() {
        let before = "# top\nA=1 # a\nKEY=old # why\n\nB=${A}\n";
        let sandbox = Sandbox::new().file(".env", before);
        sandbox.run_args(&["env", "set", "KEY", "--", &value]).succeeds();
        let text = sandbox.read(".env");
        assert!(text.starts_with("# top\nA=1 # a\nKEY=") && text.ends_with(" # why\n\nB=${A}\n"), "{value:?}: {text}");
        // The same value again is no change, so it was read back as it was.
        sandbox.run_with_input(&["env", "set", "KEY", "-"], &value).succeeds().changed_nothing();
    }
}

#[test]
fn values_that_look_like_flags_are_values() {
    for value in ["-dash", "--flag", "--dry-run", "-n"] {
        let sandbox = Sandbox::new();
        sandbox.run_args(&["env", "set", "KEY", "--", value]).succeeds();
        assert_eq!(sandbox.read(".env"), format!("KEY={value}\n"));
    }
}

#[test]
fn all_dialects_of_the_project_read_what_is_written() {
    let sandbox = Sandbox::new().file("prodev.toml", "[env]\ndialects = ['python', 'docker']\n");
    sandbox.run_args(&["env", "set", "A", "it's"]).succeeds();
    assert_eq!(sandbox.read(".env"), "A=it's\n");
    sandbox
        .run_args(&["env", "set", "A", "two\nlines"])
        .fails(
            1,
            "error: the value of `A` cannot be written: `docker` has no way to write it\n\
             hint: encode it, in base64 say, or take the dialect out of `[env] dialects`\n",
        )
        .changed_nothing();
}

#[test]
fn what_is_wrong_is_refused_before_anything_changes() {
    let sandbox = Sandbox::new()
        .file(".env", "A=1\nB='open\n")
        .file(".env.ok", "A=1\n")
        .file("prodev.toml", "[env.vars.TOKEN]\nsecret = true\n");
    let cases: [(&[&str], i32, &str); 6] = [
        (
            &["env", "set", "A=1"],
            2,
            "error: a name has no `=` in it\nhint: put a blank between name and value: `prodev env set A VALUE`\n",
        ),
        (
            &["env", "set", "1A", "x"],
            2,
            "error: `1A` cannot be the name of a variable\nhint: begin it with a letter or `_`, and write it with letters, digits, `_`, `.` and `-` alone\n",
        ),
        (
            &["env", "set", "TOKEN", "hunter2"],
            2,
            "error: `TOKEN` is a secret, and other users and the shell's history see what stands on a command line\n\
             hint: let it be asked for with `prodev env set TOKEN`, or give it to `prodev env set TOKEN -` on stdin\n",
        ),
        (
            &["env", "set", "A"],
            2,
            "error: the value of `A` is missing\nhint: give it as `prodev env set A VALUE`, or on stdin to `prodev env set A -`\n",
        ),
        (
            &["env", "set", "A", "2"],
            1,
            "error: a quote that is not closed\n --> .env:2:1\n\
             hint: mend the file, or name its dialect with `--dialect`; `default` was used\n",
        ),
        (
            &["env", "unset", "C", "-f", ".env.ok"],
            1,
            "error: `C` is not in `.env.ok`\nhint: `prodev env list` says what is there\n",
        ),
    ];
    for (args, code, said) in cases {
        sandbox.run_args(args).fails(code, said).changed_nothing();
    }
    sandbox.run("env set TOKEN hunter2 --insecure-argument -f .env.ok").succeeds();
    sandbox.run_with_input(&["env", "set", "TOKEN", "-", "-f", ".env.ok"], "hunter3").succeeds();
    let nul = sandbox.run_with_input(&["env", "set", "A", "-", "-f", ".env.ok"], "a\0b").exits(1).changed_nothing();
    assert!(nul.stderr.starts_with("error: the value of `A` has a NUL in it"), "{nul}");
}

#[test]
fn variables_go_with_their_lines_unless_somebody_refers_to_them() {
    let sandbox = Sandbox::new().file(".env", "# a\nA=1\nURL=http://${HOST}\nHOST=x\nA=2 # b\nC=\"x\ny\"\n");
    sandbox.honest("env unset A C").stderr_is("took `A`, `C` out of `.env`\n");
    assert_eq!(sandbox.read(".env"), "# a\nURL=http://${HOST}\nHOST=x\n");
    sandbox
        .run("env unset HOST")
        .fails(
            1,
            "error: `URL` in `.env` refers to `HOST`\n\
             hint: take it out too, or give it a value of its own: `prodev env set URL`\n",
        )
        .changed_nothing();
    sandbox.run("env unset HOTS").fails(1, "error: `HOTS` is not in `.env`\nhint: did you mean `HOST`?\n");
    sandbox.run("env unset HOST URL").succeeds();
    assert_eq!(sandbox.read(".env"), "# a\n");
}

#[test]
fn of_fifty_writers_none_is_lost() {
    let sandbox = Sandbox::new().file(".env", "A=1\n");
    let children: Vec<_> = (0..50)
        .map(|number| {
            let mut command = sandbox.command(PRODEV);
            command.args(["-q", "env", "set", &format!("KEY_{number}"), &number.to_string()]);
            command.spawn().unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let text = sandbox.read(".env");
    assert_eq!(text.lines().count(), 51, "{text}");
    assert_eq!(sandbox.list(), [".env"]);
}

#[test]
fn protected_files_need_force_and_links_are_followed() {
    let sandbox = Sandbox::new().file("real/env", "A=1\n");
    symlink("real/env", sandbox.path(".env")).unwrap();
    std::fs::set_permissions(sandbox.path("real/env"), std::fs::Permissions::from_mode(0o440)).unwrap();
    sandbox
        .run("env set A 2")
        .fails(1, "error: `.env` is read-only\nhint: make it writable with `chmod u+w .env`, or add `--force`\n")
        .changed_nothing();
    sandbox.honest("env set A 2 --force");
    assert!(sandbox.path(".env").symlink_metadata().unwrap().is_symlink());
    let meta = sandbox.path("real/env").metadata().unwrap();
    assert_eq!((sandbox.read("real/env").as_str(), meta.mode() & 0o777), ("A=2\n", 0o440));
}

#[test]
fn another_name_of_the_file_is_told() {
    let sandbox = Sandbox::new().file(".env", "A=1\n");
    std::fs::hard_link(sandbox.path(".env"), sandbox.path("other")).unwrap();
    let told = "warning: `.env` has one other name, which keeps the old content\n";
    let run = sandbox.run("env set A 2 --dry-run").succeeds();
    assert!(run.stderr.starts_with(told), "{run}");
    let run = sandbox.run("env set A 2").succeeds();
    assert!(run.stderr.starts_with(told), "{run}");
    assert_eq!(sandbox.read("other"), "A=1\n");
}
