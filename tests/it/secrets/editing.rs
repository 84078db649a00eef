//! `prodev env edit`, with scripts for an editor.

use std::os::unix::fs::PermissionsExt as _;

use crate::sandbox::Sandbox;

/// An editor that runs a script on the file `$1`, and keeps a copy of what it saw.
fn with_editor(script: &str, env: &str) -> Sandbox {
    let sandbox = Sandbox::new()
        .file(".env", env)
        .file("../tmp/editor", &format!("#!/bin/sh\ncp \"$1\" ../tmp/seen\nls -l \"$1\" > ../tmp/ls\n{script}\n"));
    std::fs::set_permissions(sandbox.path("../tmp/editor"), std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::create_dir(sandbox.path("../home/run")).unwrap();
    let (editor, memory) = (sandbox.path("../tmp/editor"), sandbox.path("../home/run"));
    sandbox.env("EDITOR", &editor.to_string_lossy()).env("XDG_RUNTIME_DIR", &memory.to_string_lossy())
}

fn leaves_nothing(sandbox: &Sandbox) {
    assert_eq!(std::fs::read_dir(sandbox.path("../home/run")).unwrap().count(), 0);
}

#[test]
fn plain_files_are_saved_as_they_were_edited() {
    let sandbox = with_editor("printf 'B=2' >> \"$1\"", "A=1\n");
    sandbox.run("env edit").succeeds().stderr_is("saved `.env`\n");
    assert_eq!(sandbox.read(".env"), "A=1\nB=2");
    assert!(sandbox.read("../tmp/ls").starts_with("-rw-------"));
    leaves_nothing(&sandbox);
    let sandbox = with_editor("true", "A=1\n");
    sandbox.run("env edit").succeeds().stderr_is("`.env` is as it was\n");
    assert_eq!(sandbox.read(".env"), "A=1\n");
}

#[test]
fn encrypted_values_are_seen_plain_and_only_changed_ones_are_encrypted_again() {
    let env = "A=\"x\\ny\"\nexport B=hunter2 # why\nC_PLAIN=shown\n";
    let sandbox =
        with_editor("sed -i 's/hunter2/hunter3/' \"$1\"; echo NEW=secret >> \"$1\"; echo N_PLAIN=p >> \"$1\"", env);
    sandbox.run("env encrypt").succeeds();
    let before: Vec<String> = sandbox.read(".env").lines().map(str::to_owned).collect();
    sandbox.run("env edit").succeeds().stderr_is("saved `.env`\n");
    assert!(sandbox.read("../tmp/seen").ends_with(env));
    let after: Vec<String> = sandbox.read(".env").lines().map(str::to_owned).collect();
    let changed: Vec<usize> = (0..before.len()).filter(|index| before[*index] != after[*index]).collect();
    assert_eq!(changed, [4]);
    assert!(after[4].starts_with("export B=encrypted:") && after[4].ends_with(" # why"), "{after:?}");
    assert!(after[6].starts_with("NEW=encrypted:") && after[7] == "N_PLAIN=p", "{after:?}");
    leaves_nothing(&sandbox);
    sandbox.run("env decrypt").succeeds();
    assert_eq!(sandbox.read(".env"), env.replace("hunter2", "hunter3") + "NEW=secret\nN_PLAIN=p\n");
}

#[test]
fn what_cannot_be_read_or_was_changed_meanwhile_is_not_saved() {
    let sandbox = with_editor("echo \"B='open\" >> \"$1\"", "A=1\n");
    let run = sandbox.run("env edit").exits(1);
    assert!(run.stderr.starts_with("error: a quote that is not closed\n --> .env:2:"), "{run}");
    assert_eq!(sandbox.read(".env"), "A=1\n");
    leaves_nothing(&sandbox);
    let sandbox = with_editor("echo B=2 >> \"$1\"; echo C=3 >> .env", "A=1\n");
    let run = sandbox.run("env edit").exits(1);
    assert!(run.stderr.starts_with("error: `.env` changed while you edited it, and was left as it is\n"), "{run}");
    assert_eq!(sandbox.read(".env"), "A=1\nC=3\n");
    leaves_nothing(&sandbox);
    let sandbox = with_editor("exit 3", "A=1\n");
    let run = sandbox.run("env edit").exits(1);
    assert!(run.stderr.contains("did not work\n  caused by: exit status: 3\n"), "{run}");
    leaves_nothing(&sandbox);
}

#[test]
fn decrypted_text_goes_to_memory_alone_and_somebody_has_to_edit() {
    let sandbox = with_editor("true", "A=1\n");
    sandbox.run("env encrypt").succeeds();
    let sandbox = sandbox.env("XDG_RUNTIME_DIR", "");
    let run = sandbox.run("env edit").exits(1).changed_nothing();
    assert!(
        run.stderr.starts_with("error: decrypted values are edited in `$XDG_RUNTIME_DIR` alone, and that is not set\n"),
        "{run}"
    );
    Sandbox::new()
        .file(".env", "A=1\n")
        .run("env edit")
        .fails(2, "error: there is nobody here to edit\nhint: set `EDITOR`, or change single values with `prodev env set KEY`\n")
        .changed_nothing();
}
