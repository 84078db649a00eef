//! The cache of fetched repositories: listed, cleaned, shared by two at once, and whole after a kill.

use std::os::unix::process::CommandExt as _;
use std::process::Stdio;

use super::origin::{SHOWN, manifest, mirror, publish, published, url};
use crate::sandbox::PRODEV;

#[test]
fn what_was_fetched_is_listed_and_removed() {
    let sandbox = published();
    sandbox.run("template cache list").succeeds().stdout_is("");
    sandbox.run("template cache clean").succeeds().stderr_is("the cache is empty\n");
    sandbox.run_args(&["template", "show", &url(&sandbox)]).succeeds();
    let listed = sandbox.run("template cache list").succeeds().changed_nothing();
    assert!(listed.stdout.starts_with(SHOWN) && listed.stdout.ends_with("  fetched just now\n"), "{listed}");
    let json = sandbox.run("template cache list --json").succeeds().json();
    assert_eq!(json["mirrors"][0]["source"], SHOWN);
    assert!(json["mirrors"][0]["bytes"].as_u64().is_some_and(|bytes| bytes > 100), "{json}");
    assert!(json["mirrors"][0]["fetched"].as_str().is_some_and(|time| time.ends_with('Z')), "{json}");

    sandbox
        .run("template cache clean gh:acme/web")
        .fails(
            2,
            "error: nothing was fetched from `https://github.com/acme/web`\nhint: `prodev template cache list` shows what was\n",
        );
    let dry = sandbox.run("template cache clean --dry-run").succeeds();
    assert_eq!(dry.stdout, format!("remove    {SHOWN}\n"));
    assert!(mirror(&sandbox).exists());
    let run = sandbox.run_args(&["template", "cache", "clean", &url(&sandbox)]).succeeds();
    assert!(run.stderr.starts_with(&format!("removed `{SHOWN}` from the cache: ")), "{run}");
    sandbox.run("template cache list").succeeds().stdout_is("");
    sandbox.run_args(&["new", &url(&sandbox), "p", "--no-git"]).succeeds();
}

#[test]
fn two_at_once_fetch_it_once_each_or_together_and_both_have_it() {
    let sandbox = published();
    let runs: Vec<_> = (0..4)
        .map(|index| {
            sandbox
                .command(PRODEV)
                .args(["new", &url(&sandbox), &format!("p{index}"), "--no-git"])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for run in runs {
        let output = run.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert!((0..4).all(|index| sandbox.read(&format!("p{index}/out")) == "one\n"));
    mirror(&sandbox);
}

#[test]
fn a_mirror_that_a_killed_git_left_locked_is_made_anew() {
    let sandbox = published();
    sandbox.run_args(&["new", &url(&sandbox), "p", "--no-git"]).succeeds();
    let mirror = mirror(&sandbox);
    for lock in ["packed-refs.lock", "refs/tags/v1.1.0.lock", "refs/prodev/head.lock"] {
        std::fs::create_dir_all(mirror.join(lock).parent().unwrap()).unwrap();
        std::fs::write(mirror.join(lock), "").unwrap();
    }
    std::fs::create_dir(mirror.with_extension("new-0123456789abcdef")).unwrap();
    publish(&sandbox, &[("template.toml", &manifest("1.1.0")), ("files/out", "new\n")], Some("v1.1.0"));
    let run = sandbox.run_args(&["new", &url(&sandbox), "q", "--no-git"]).succeeds();
    assert_eq!(run.stderr, format!("fetching `{SHOWN}`\ncreated `q`: 1 file from tpl 1.1.0\n"));
    assert_eq!(sandbox.read("q/out"), "new\n");
    let left: Vec<_> =
        std::fs::read_dir(mirror.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left.len(), 2, "the mirror and its lock, but {left:?}");
}

#[test]
fn a_kill_while_it_fetches_leaves_nothing_that_is_in_the_way() {
    let sandbox = published();
    // Says that it was reached, and then keeps `git` waiting.
    sandbox.write("../home/ssh", "#!/bin/sh\necho > \"$HOME/reached\"\ncat > /dev/null\n");
    std::fs::set_permissions(sandbox.path("../home/ssh"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let address = format!("ssh://git@example.org{}/origin.git", sandbox.home().display());
    let mut run = sandbox
        .command(PRODEV)
        .env("GIT_SSH_COMMAND", sandbox.home().join("ssh"))
        .args(["new", &address, "p", "--no-git"])
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap();
    while !sandbox.exists("../home/reached") {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    rustix::process::kill_process_group(rustix::process::Pid::from_child(&run), rustix::process::Signal::KILL).unwrap();
    run.wait().unwrap();
    assert!(!sandbox.exists("p"));
    sandbox.write("../home/ssh", "#!/bin/sh\nfor last; do :; done\nexec sh -c \"$last\"\n");
    let stub = sandbox.home().join("ssh").display().to_string();
    let sandbox = sandbox.env("GIT_SSH_COMMAND", &stub);
    sandbox.run_args(&["new", &address, "p", "--no-git"]).succeeds();
    assert_eq!(sandbox.read("p/out"), "one\n");
    mirror(&sandbox);
}
