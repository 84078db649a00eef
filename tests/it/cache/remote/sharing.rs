//! What is shared: results of the same inputs, in every mode, and secrets of nobody.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::server::{Reply, Server};
use super::{filled, fresh, is_restored, runs_and_says, shared};
use crate::cache::{made, runs};
use crate::sandbox::Sandbox;

#[test]
fn another_clone_does_not_run_what_one_has_run() {
    let server = filled();
    let sandbox = fresh(&shared(&server.url(), ""));
    let json = sandbox.run("run --json join").succeeds().json();
    assert_eq!(json["recipes"][0]["result"], "skipped", "{json}");
    assert_eq!(json["recipes"][0]["reason"], "what it makes was brought back from the remote cache");
    assert_eq!((made(&sandbox).as_str(), runs(&sandbox)), ("AB", 0));
    let history = sandbox.run("run --history --json").succeeds().json();
    let reason = &history["runs"][0]["recipes"][0]["reason"];
    assert_eq!(reason, "what it makes was brought back from the remote cache", "{history}");
    // Now it is here as well: nobody is asked again.
    let asked = server.requests().len();
    fs::remove_dir_all(sandbox.path("out")).unwrap();
    sandbox.run("run join").succeeds().stderr_is("`join` was skipped: what it makes was brought back\n");
    sandbox.run("run join").succeeds().stderr_is("`join` was skipped: nothing has changed\n");
    assert_eq!(server.requests().len(), asked);
}

#[test]
fn content_comes_before_the_result_that_names_it() {
    let server = filled();
    let requests = server.requests();
    let puts: Vec<&str> = requests.iter().filter_map(|request| request.strip_prefix("PUT /team")).collect();
    assert!(puts.len() == 2 && puts[0].starts_with("/cas/") && puts[1].starts_with("/ac/"), "{requests:?}");
    assert!(requests[0].starts_with("GET /team/ac/"), "{requests:?}");
    let request = &server.all()[1];
    assert_eq!((request.body.as_slice(), request.header("content-length")), (&b"AB"[..], Some("2")));
    assert_eq!(request.header("expect"), None, "no server has to be waited for");
}

#[test]
fn other_inputs_are_another_result() {
    let server = filled();
    let sandbox = fresh(&shared(&server.url(), ""));
    sandbox.write("src/a", "X");
    sandbox.run("run join").succeeds().stderr_is("");
    assert_eq!((made(&sandbox).as_str(), runs(&sandbox), server.names("/ac/").len()), ("XB", 1, 2));
    sandbox.write("src/a", "A");
    sandbox.run("run join").succeeds().stderr_is(super::RESTORED);
    assert_eq!((made(&sandbox).as_str(), runs(&sandbox)), ("AB", 1));
}

/// Files of all kinds, what was said on both streams, and in which order.
#[test]
fn all_of_it_is_as_it_was() {
    const RECIPE: &str = "[recipes.make]\ninputs = [\"src/**\"]\noutputs = [\"out/\", \"report.txt\"]\nrun = '''\nmkdir -p out/deep\n\
        printf 'a\\nb\\n' > out/deep/text\nprintf '\\000\\377' > out/bytes\n: > out/empty\n: > out/other-empty\nprintf '#!/bin/sh\\n' > out/tool\n\
        ln -sf deep/text out/link\ncp out/deep/text report.txt\nchmod 755 out/tool\nchmod 600 report.txt\nchmod 444 out/bytes\n\
        for i in $(seq 30); do printf '%01000d' $i > out/deep/$i; done\n\
        echo one; sleep 0.1; echo two >&2; sleep 0.1; echo three\n'''\n";
    let server = Server::keeping();
    let config = format!("[settings.cache.remote]\nurl = '{}'\n{RECIPE}", server.url());
    let (one, other) = (fresh(&config), fresh(&config));
    one.run("run make").succeeds().stdout_is("one\nthree\n").stderr_is("two\n");
    let run = other.run("run make").succeeds().stdout_is("one\nthree\n");
    run.stderr_is("two\n`make` was skipped: what it makes was brought back from the remote cache\n");
    assert_eq!(one.snapshot("out"), other.snapshot("out"));
    assert_eq!(other.snapshot("out").len(), 37, "{:?}", other.list());
    let mode = |path: &str| fs::symlink_metadata(other.path(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!([mode("out/tool"), mode("report.txt"), mode("out/bytes")], [0o755, 0o600, 0o444]);
    // Nothing is sent twice, and what is empty not at all: some servers do not keep it.
    let requests = server.requests();
    assert!(!requests.iter().any(|request| request.contains("e3b0c44298fc")), "{requests:?}");
    let puts: Vec<_> = requests.iter().filter(|request| request.starts_with("PUT")).collect();
    assert_eq!(puts.len(), 30 + 3 + 1, "{puts:?}");
    assert_eq!(
        requests.iter().filter(|request| request.starts_with("PUT")).collect::<std::collections::HashSet<_>>().len(),
        34
    );
    // In the order in which it was said.
    let log = other.run("run --json make").succeeds().stderr;
    assert!(log.starts_with("one\ntwo\nthree\n"), "{log}");
}

#[test]
fn a_mode_says_what_it_is_used_for() {
    let server = filled();
    let count = |server: &Server, method: &str| server.all().iter().filter(|request| request.method == method).count();
    let reads = server.instead(|_| Reply::Kept);
    let sandbox = fresh(&shared(&reads.url(), "mode = 'read-only'"));
    is_restored(&sandbox, "run join");
    sandbox.write("src/a", "X");
    sandbox.run("run join").succeeds().stderr_is("");
    assert_eq!((count(&reads, "GET"), count(&reads, "PUT")), (3, 0));

    let writes = server.instead(|_| Reply::Kept);
    let sandbox = fresh(&shared(&writes.url(), "mode = 'write-only'"));
    runs_and_says(&sandbox, "");
    assert_eq!((count(&writes, "GET"), count(&writes, "PUT")), (0, 2));

    let off = server.instead(|_| Reply::Kept);
    runs_and_says(&fresh(&shared(&off.url(), "mode = 'off'")), "");
    // The environment has the last word, for CI.
    runs_and_says(&fresh(&shared(&off.url(), "")).env("PRODEV_CACHE_MODE", "off"), "");
    assert_eq!(off.requests(), [""; 0]);
    let sandbox = fresh(&shared(&off.url(), "mode = 'off'")).env("PRODEV_CACHE_MODE", "read-only");
    is_restored(&sandbox, "run join");
    fresh(&shared(&off.url(), ""))
        .env("PRODEV_CACHE_MODE", "readonly")
        .run("run join")
        .fails(120, "error: `PRODEV_CACHE_MODE` is `readonly`\nhint: did you mean `read-only`?\n")
        .changed_nothing();
}

#[test]
fn a_recipe_can_stay_at_home() {
    let server = filled();
    for more in ["cache = 'local'", "cache = 'off'"] {
        let config = shared(&server.url(), "").replace("outputs =", &format!("{more}\noutputs ="));
        let asked = server.requests().len();
        runs_and_says(&fresh(&config), "");
        assert_eq!(server.requests().len(), asked, "{more}");
    }
    let config = shared(&server.url(), "").replace("outputs =", "cache = 'remote'\noutputs =");
    is_restored(&fresh(&config), "run join");
    // What is to run in any case is not asked for, but others may have it.
    let sandbox = fresh(&shared(&server.url(), ""));
    let asked = server.requests().len();
    sandbox.run("run --force join").succeeds();
    assert_eq!((runs(&sandbox), server.requests().len()), (1, asked + 2));
}

#[test]
fn a_script_is_told_by_its_content_wherever_it_lies() {
    let server = Server::keeping();
    let recipe = "[recipes.join]\ninputs = ['src/**']\noutputs = ['out/']\nscript = 'tools/join'\n";
    let config = format!("[settings.cache.remote]\nurl = '{}'\n{recipe}", server.url());
    let script = "mkdir -p out\ncat src/* > out/all\necho ran >> ../cache/runs\necho joined\n";
    let clone = || fresh(&config).file("tools/join", script);
    runs_and_says(&clone(), "");
    is_restored(&clone(), "run join");
}

#[test]
fn secrets_stay_unless_the_team_has_a_key() {
    let server = Server::keeping();
    let config = |more: &str| {
        let secret = "env = { TOKEN = { from = 'TOKEN', secret = true } }\n";
        shared(&server.url(), more).replace("outputs =", &format!("{secret}outputs ="))
    };
    let clone = |more: &str, token: &str| fresh(&config(more)).env("TOKEN", token);
    runs_and_says(&clone("", "s3cret-value"), "");
    assert_eq!(server.requests(), [""; 0], "keys of secrets are good for one machine");
    let explained = clone("", "s3cret-value").run("run --explain join").succeeds().stderr;
    assert!(explained.starts_with("`join` is kept on this machine alone: it knows secrets\n"), "{explained}");
    let wanted = fresh(&config("").replace("outputs =", "cache = 'remote'\noutputs =")).env("TOKEN", "s3cret-value");
    runs_and_says(
        &wanted,
        "warning: `join` is kept on this machine alone: it knows secrets\n\
         hint: name the variable with a key of the team: `key_env` of `[settings.cache.remote]`\n",
    );
    let key = "key_env = 'TEAM_KEY'";
    runs_and_says(&clone(key, "s3cret-value"), "");
    assert_eq!(server.requests(), [""; 0]);
    let keyed = |token: &str, key_value: &str| clone(key, token).env("TEAM_KEY", key_value);
    runs_and_says(&keyed("s3cret-value", "k"), "");
    is_restored(&keyed("s3cret-value", "k"), "run join");
    runs_and_says(&keyed("another-value", "k"), "");
    runs_and_says(&keyed("s3cret-value", "other"), "");
    assert_eq!(server.names("/ac/").len(), 3);
    for request in server.all() {
        let text = format!("{request:?} {}", String::from_utf8_lossy(&request.body));
        assert!(!text.contains("s3cret-value"), "{text}");
    }
}

#[test]
fn many_recipes_are_asked_for_at_once() {
    let server = Server::keeping();
    let names: Vec<String> = (0..12).map(|at| format!("'r{at}'")).collect();
    let recipe = |at: usize| {
        format!(
            "[recipes.r{at}]\ninputs = ['src/**']\noutputs = ['out/{at}']\n\
             run = 'mkdir -p out; echo {at} > out/{at}; echo said {at}; echo ran >> ../cache/runs'\n"
        )
    };
    let recipes: Vec<String> = (0..12).map(recipe).collect();
    let url = server.url();
    let all = names.join(", ");
    let config =
        format!("[settings.cache.remote]\nurl = '{url}'\n[recipes.all]\nneeds = [{all}]\n{}", recipes.concat());
    let (one, other) = (fresh(&config), fresh(&config));
    one.run("run all").succeeds();
    let run = other.run("run all").succeeds();
    assert_eq!((runs(&one), runs(&other)), (12, 0), "{run}");
    assert_eq!(one.snapshot("out"), other.snapshot("out"));
    let restored = run.stderr.matches("was brought back from the remote cache").count();
    assert_eq!((restored, run.stdout.matches("said ").count()), (12, 12), "{run}");
}

#[test]
fn a_need_that_was_fetched_is_the_one_that_was_made() {
    let server = Server::keeping();
    let config = format!(
        "{}[recipes.last]\nneeds = ['join']\ninputs = ['src/**', 'out/**']\noutputs = ['end']\nrun = 'wc -c < out/all > end; echo ran >> ../cache/runs'\n",
        shared(&server.url(), "")
    );
    let (one, other) = (fresh(&config), fresh(&config));
    one.run("run last").succeeds();
    other.run("run last").succeeds();
    assert_eq!((runs(&one), runs(&other)), (2, 0));
    assert_eq!(one.read("end"), other.read("end"));
}

#[test]
fn two_runs_at_once_do_not_hurt_each_other() {
    let server = Server::keeping();
    let sandboxes: Vec<Sandbox> = (0..4).map(|_| fresh(&shared(&server.url(), ""))).collect();
    std::thread::scope(|scope| {
        for sandbox in &sandboxes {
            scope.spawn(move || sandbox.run("run join").succeeds());
            scope.spawn(move || sandbox.run("run join").succeeds());
        }
    });
    for sandbox in &sandboxes {
        assert_eq!(made(sandbox), "AB");
        sandbox.run("run join").succeeds().stderr_is("`join` was skipped: nothing has changed\n");
    }
    is_restored(&fresh(&shared(&server.url(), "")), "run join");
}
