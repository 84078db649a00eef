//! Encrypting and decrypting files: what changes, what stays, who is refused.

use std::os::unix::fs::PermissionsExt as _;

use crate::sandbox::Sandbox;

const PLAIN: &str =
    "# top\nA=\"x\\ny\"\nexport B=hunter2 # why\nC_PLAIN=shown\nE=a#b\nF=\"two\nlines\"\nG=\nH='it\\'s $x'";

fn encrypted() -> Sandbox {
    let sandbox = Sandbox::new().file(".env", PLAIN);
    sandbox.honest("env encrypt");
    sandbox
}

/// The lines of a file that are no part of its head.
fn body(sandbox: &Sandbox) -> Vec<String> {
    sandbox.read(".env").lines().skip(3).map(str::to_owned).collect()
}

#[test]
fn values_are_encrypted_where_they_stand_and_come_back_byte_for_byte() {
    let sandbox = encrypted();
    let text = sandbox.read(".env");
    let lines = body(&sandbox);
    let is = |index: usize, begin: &str, end: &str| lines[index].starts_with(begin) && lines[index].ends_with(end);
    assert!(
        text.starts_with("# Values that begin with `encrypted:`") && text.contains("\nDOTENV_PUBLIC_KEY=\"0"),
        "{text}"
    );
    assert!(is(0, "# top", "") && is(1, "A=\"encrypted:", "\"") && is(2, "export B=encrypted:", " # why"), "{text}");
    assert!(is(3, "C_PLAIN=shown", "") && is(4, "E=encrypted:", "") && is(5, "F=\"encrypted:", "\""), "{text}");
    assert!(is(6, "G=", "") && is(7, "H='encrypted:", "'") && !text.contains("hunter2"), "{text}");
    let mode = |path: &str| sandbox.path(path).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(".env"), mode(".env.keys")), (0o644, 0o600));
    let keys = sandbox.read(".env.keys");
    assert!(keys.contains("\n# .env\nDOTENV_PRIVATE_KEY=") && keys.lines().last().unwrap().len() == 19 + 64, "{keys}");

    sandbox.run("env encrypt").succeeds().stderr_is("nothing to encrypt in `.env`\n").changed_nothing();
    sandbox.run("env decrypt --stdout").succeeds().stdout_is(PLAIN).changed_nothing();
    sandbox.honest("env decrypt").stderr_is("decrypted 5 values in `.env`\n");
    assert_eq!(sandbox.read(".env"), PLAIN);
    sandbox.run("env decrypt").succeeds().stderr_is("nothing is encrypted in `.env`\n").changed_nothing();
    // Encrypted again, it is for the same key.
    sandbox.run("env encrypt").succeeds();
    assert_eq!(sandbox.read(".env.keys"), keys);
}

#[test]
fn only_what_changes_gets_a_new_ciphertext() {
    let sandbox = encrypted();
    let before = body(&sandbox);
    sandbox.run_with_input(&["env", "set", "B", "-"], "hunter2").succeeds().changed_nothing();
    sandbox.run_with_input(&["env", "set", "B", "-"], "hunter3").succeeds().stderr_is("set `B` in `.env`, encrypted\n");
    sandbox.run("env set NEW value").succeeds();
    sandbox.run("env set OPEN value --plain").succeeds();
    let after = body(&sandbox);
    let changed: Vec<usize> = (0..before.len()).filter(|index| before[*index] != after[*index]).collect();
    assert_eq!(changed, [2]);
    assert!(after[8].starts_with("NEW=\"encrypted:") && after[9] == "OPEN=value", "{after:?}");
    sandbox.run("env decrypt NEW").succeeds();
    assert_eq!(body(&sandbox)[8], "NEW=\"value\"");
}

#[test]
fn without_the_key_nothing_is_decrypted_and_the_key_is_named() {
    let sandbox = encrypted();
    let keys = sandbox.read(".env.keys");
    std::fs::remove_file(sandbox.path(".env.keys")).unwrap();
    sandbox
        .run("env decrypt")
        .fails(
            5,
            "error: the key `DOTENV_PRIVATE_KEY` is missing, which decrypts `A` and 4 more\n\
             hint: put `DOTENV_PRIVATE_KEY=…` into `.env.keys`, or set it in the environment\n",
        )
        .changed_nothing();
    let run = sandbox.run("env encrypt").exits(5).changed_nothing();
    assert!(run.stderr.contains("and nobody here has the key `DOTENV_PRIVATE_KEY`"), "{run}");
    sandbox.run("env rotate").exits(5).changed_nothing();
    // To set a value the public key is enough.
    sandbox.run("env set B x").succeeds();

    sandbox.write(".env.keys", format!("DOTENV_PRIVATE_KEY={}\n", "1".repeat(64)));
    let run = sandbox.run("env decrypt B").exits(5).changed_nothing();
    assert!(
        run.stderr
            .starts_with("error: no key `DOTENV_PRIVATE_KEY` decrypts `B`\n  caused by: the file is encrypted for 0"),
        "{run}"
    );
    sandbox.write(".env.keys", "DOTENV_PRIVATE_KEY=12\n");
    let run = sandbox.run("env decrypt B").exits(5).changed_nothing();
    assert!(run.stderr.starts_with("error: `DOTENV_PRIVATE_KEY` in .env.keys is no private key\n"), "{run}");

    let (_, key) = keys.trim_end().rsplit_once('=').unwrap();
    // Any of several will do, wherever they come from.
    std::fs::remove_file(sandbox.path(".env.keys")).unwrap();
    let sandbox = sandbox.env("DOTENV_PRIVATE_KEY", &format!("{},{key}", "1".repeat(64)));
    sandbox.run("env decrypt").succeeds();
}

#[test]
fn a_program_gives_the_key_only_where_nobody_else_has_it() {
    let sandbox = encrypted();
    sandbox.write("prodev.toml", "[env]\nkey_command = 'echo \"$PRODEV_KEY_NAME\" >> asked; cat key'\n");
    sandbox.run("env decrypt --stdout").succeeds();
    assert!(!sandbox.exists("asked"));
    let (_, key) =
        sandbox.read(".env.keys").trim_end().rsplit_once('=').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    std::fs::remove_file(sandbox.path(".env.keys")).unwrap();
    let run = sandbox.run("env decrypt").exits(5);
    assert!(run.stderr.starts_with("error: `echo \"$PRODEV_KEY_NAME\" >> asked; cat key` failed\n"), "{run}");
    sandbox.write("key", key);
    sandbox.run("env decrypt").succeeds();
    assert_eq!(sandbox.read(".env"), PLAIN);
    assert_eq!(sandbox.read("asked"), "DOTENV_PRIVATE_KEY\nDOTENV_PRIVATE_KEY\n");
}

#[test]
fn a_new_pair_of_keys_is_saved_before_the_file_is_written() {
    let sandbox = encrypted();
    let (before, old) = (body(&sandbox), sandbox.read(".env.keys"));
    let steps = sandbox.run("--dry-run --json env rotate").succeeds().changed_nothing().json();
    assert_eq!(steps["steps"][0]["path"], ".env.keys");
    assert_eq!(steps["steps"][1]["path"], ".env");
    sandbox.run("env rotate").succeeds().stderr_is("encrypted 5 values afresh in `.env`\n");
    let after = body(&sandbox);
    assert_eq!((0..before.len()).filter(|index| before[*index] != after[*index]).collect::<Vec<_>>(), [1, 2, 4, 5, 7]);
    let (_, old) = old.trim_end().rsplit_once('=').unwrap();
    let keys = sandbox.read(".env.keys");
    assert!(keys.trim_end().ends_with(&format!(",{old}")), "{keys}");
    sandbox.run("env rotate --forget").succeeds();
    let keys = sandbox.read(".env.keys");
    assert!(!keys.contains(old) && !keys.contains(','), "{keys}");
    sandbox.run("env decrypt").succeeds();
    assert_eq!(sandbox.read(".env"), PLAIN);
    let run = sandbox.run("env rotate").exits(1).changed_nothing();
    assert!(run.stderr.starts_with("error: `.env` is not encrypted\n"), "{run}");
}

#[test]
fn what_would_stay_readable_is_refused_or_told() {
    let sandbox = Sandbox::new().file(".env", "A=hunter#oops\nB=1\n");
    sandbox
        .run("env encrypt --dialect dotenv")
        .fails(
            1,
            "error: what follows the value of `A` would stay readable\n --> .env:1:9\n\
             hint: put quotes around the value, or a blank in front of the `#`\n",
        )
        .changed_nothing();
    let sandbox = Sandbox::new().file(".env", "A=1\n#OLD=hunter2\nB=${A}/x\n");
    let run = sandbox.run("env encrypt").succeeds();
    assert!(run.stderr.starts_with("`B` refers to other variables, and stays as it is\nline 5 of `.env` is a comment with a value, and stays readable\n"), "{run}");
}

#[test]
fn keys_are_told_without_the_secret_half() {
    let sandbox = encrypted();
    sandbox.write(".env.production", "A=1\n");
    sandbox.run("env encrypt --profile production").succeeds();
    let keys = sandbox.read(".env.keys");
    assert!(keys.contains("\n# .env.production\nDOTENV_PRIVATE_KEY_PRODUCTION="), "{keys}");
    let document = sandbox.run("env keys --json").succeeds().changed_nothing().json();
    assert_eq!(document["keys"][0]["file"], ".env");
    assert_eq!(document["keys"][1]["private"]["name"], "DOTENV_PRIVATE_KEY_PRODUCTION");
    assert_eq!(document["keys"][1]["private"]["from"], ".env.keys");
    assert!(document["keys"][1]["private"]["key"].is_null());
    let run = sandbox.run("env keys --show-secrets -f .env").succeeds();
    assert!(run.stdout.contains(keys.lines().nth(3).unwrap().split_once('=').unwrap().1), "{run}");
    sandbox
        .run("-C ../home env keys")
        .succeeds()
        .stdout_is("")
        .stderr_is("no .env file here has a public key (`prodev env encrypt` makes one)\n");
}

#[test]
fn several_files_share_one_file_of_keys() {
    let sandbox = Sandbox::new().file(".env", "A=1\n").file(".env.local", "B=2\n");
    sandbox.honest("env encrypt -f .env -f .env.local");
    let keys = sandbox.read(".env.keys");
    assert!(keys.contains("DOTENV_PRIVATE_KEY=") && keys.contains("DOTENV_PRIVATE_KEY_LOCAL="), "{keys}");
    sandbox.honest("env rotate -f .env -f .env.local --forget");
    sandbox.honest("env decrypt -f .env -f .env.local");
    assert_eq!((sandbox.read(".env").as_str(), sandbox.read(".env.local").as_str()), ("A=1\n", "B=2\n"));
}
