//! The same files through dotenvx itself, both ways. It is a program for Node, and asked for in the registry of npm.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::proof;
use crate::sandbox::Sandbox;

/// The version that was compared with.
const PEER: &str = "@dotenvx/dotenvx@2.38.2";

/// Installs the peer once; `None` where that is not possible: then the test has said so.
fn dotenvx() -> Option<PathBuf> {
    if !proof::can_run("files that dotenvx reads and writes", &["node", "npm"]) {
        return None;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/proof/dotenvx");
    let program = folder.join("node_modules/.bin/dotenvx");
    if !program.is_file() {
        std::fs::create_dir_all(&folder).unwrap();
        let mut npm = Command::new("npm");
        let done = npm
            .args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"])
            .arg(&folder)
            .arg(PEER)
            .output()
            .unwrap();
        if !done.status.success() || !program.is_file() {
            assert!(!proof::required(), "dotenvx cannot be installed: {}", String::from_utf8_lossy(&done.stderr));
            proof::skipped("files that dotenvx reads and writes", "it cannot be installed from npm");
            return None;
        }
    }
    Some(program)
}

fn ask(sandbox: &Sandbox, program: &Path, args: &[&str]) -> String {
    let output = sandbox.command(program).args(args).output().unwrap();
    assert!(output.status.success(), "dotenvx {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn dotenvx_reads_what_prodev_encrypted_and_the_other_way_round() {
    let Some(program) = dotenvx() else { return };
    let mut values: Vec<String> = serde_json::from_str(include_str!("../../data/dotenv/awkward-values.json")).unwrap();
    // dotenvx tries to decrypt what it has decrypted once more, and fails.
    values.retain(|value| value != "encrypted:abc");
    let sandbox = Sandbox::new().file(".env", "FIRST=1\n");
    sandbox.run("env encrypt").succeeds();
    for (number, value) in values.iter().enumerate() {
        sandbox.run_args(&["env", "set", &format!("KEY_{number}"), "--", value]).succeeds();
    }
    let read: serde_json::Value = serde_json::from_str(&ask(&sandbox, &program, &["get"])).unwrap();
    for (number, value) in values.iter().enumerate() {
        assert_eq!(read[format!("KEY_{number}")], **value, "KEY_{number}");
    }

    // And a file that dotenvx began, all in one process: it takes half a second to start.
    let sandbox =
        Sandbox::new().file(".env", "FIRST=1\n").file("values.json", &serde_json::to_string(&values).unwrap());
    let library = program.parent().unwrap().with_file_name("@dotenvx").join("dotenvx");
    let script = "const x = require(process.argv[1]), values = require('./values.json');\n\
                  (async () => { for (const [number, value] of values.entries())\n\
                  if (value) await x.set(`KEY_${number}`, value, { path: '.env' }); })();";
    ask(&sandbox, Path::new("node"), &["-e", script, &library.to_string_lossy()]);
    assert!(sandbox.read(".env").matches("encrypted:").count() >= 39, "{}", sandbox.read(".env"));
    sandbox.run("env decrypt").succeeds();
    for (number, value) in values.iter().enumerate().filter(|(_, value)| !value.is_empty()) {
        // Set again, a value that was read right is no change.
        sandbox
            .run_args(&["env", "set", &format!("KEY_{number}"), "--plain", "--", value])
            .succeeds()
            .changed_nothing();
    }
}
