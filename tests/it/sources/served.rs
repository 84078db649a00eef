//! Repositories behind a real server: `git http-backend` over HTTPS, and `git daemon`, which is refused.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::origin::{publish, published};
use crate::proof;
use crate::sandbox::{PRODEV, Sandbox};

/// A server, which ends with the value.
struct Server {
    child: Child,
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves what is published; `None` where a program for that is missing. A file `mark` in the cache keeps it from stopping in the first pack.
fn serve(sandbox: &Sandbox) -> Option<Server> {
    if !proof::have("how templates are fetched over HTTPS", &["python3", "openssl"]) {
        return None;
    }
    let cache = sandbox.root().join("cache");
    let (certificate, key, mark) = (cache.join("cert.pem"), cache.join("key.pem"), cache.join("mark"));
    let made = sandbox
        .command("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    sandbox.write("../home/.gitconfig", format!("[http]\n\tsslCAInfo = {}\n", certificate.display()));
    let mut child = Command::new("python3")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/sources/serve.py"))
        .args([sandbox.home(), certificate, key, mark])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut port = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
    Some(Server { child, address: format!("https://localhost:{}/origin.git", port.trim()) })
}

#[test]
fn a_template_comes_over_https_and_is_there_without_a_network_afterwards() {
    let sandbox = published();
    sandbox.write("../cache/mark", "");
    let Some(server) = serve(&sandbox) else { return };
    sandbox.run_args(&["new", &server.address, "p", "--no-git"]).succeeds();
    publish(&sandbox, &[("template.toml", &super::origin::manifest("1.1.0")), ("files/out", "two\n")], Some("v1.1.0"));
    sandbox.run("-C p update").succeeds();
    assert_eq!(sandbox.read("p/out"), "two\n");
    let address = server.address.clone();
    drop(server);
    let run = sandbox.run_args(&["new", &address, "q", "--no-git"]).succeeds();
    assert!(run.stderr.contains("warning: "), "{run}");
    assert_eq!(sandbox.read("q/out"), "two\n");
    // What is trusted for one host is not for another name of it.
    sandbox.run_args(&["new", &address.replace("localhost", "127.0.0.1"), "r"]).exits(1).changed_nothing();
}

#[test]
fn a_fetch_that_is_stopped_in_the_middle_leaves_nothing_that_counts() {
    for signal in [Signal::INT, Signal::TERM, Signal::KILL] {
        let sandbox = published();
        let Some(server) = serve(&sandbox) else { return };
        let mut command = sandbox.command(PRODEV);
        command.args(["new", &server.address, "p", "--no-git"]).stdin(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let start = Instant::now();
        while !sandbox.root().join("cache/mark").exists() {
            assert!(start.elapsed() < Duration::from_secs(20), "the server never began a pack");
        }
        kill_process(Pid::from_child(&child), signal).unwrap();
        let status = child.wait().unwrap();
        assert_eq!(status.code(), (signal != Signal::KILL).then_some(130), "{signal:?}");
        assert!(!sandbox.exists("p"));
        // Half a mirror is none: without a network there is nothing.
        let run = sandbox.run_args(&["template", "show", "--json", &server.address.replace("origin.git", "gone.git")]);
        run.exits(1).changed_nothing();
        sandbox.run_args(&["new", &server.address, "p", "--no-git"]).succeeds();
        assert_eq!(sandbox.read("p/out"), "one\n");
    }
}

#[test]
fn the_protocol_of_git_daemon_is_refused_before_anything_is_asked() {
    let sandbox = published();
    let run = sandbox.run("new git://127.0.0.1:1/origin.git p");
    run.fails(
        2,
        "error: templates are not fetched with `git`\n\
         hint: use an address with `https://`, `ssh://` or `file://`, or `git@host:owner/name`\n",
    )
    .changed_nothing();
    // Nor where the user's own rules turn an address into one of it.
    let rule = "[url \"git://127.0.0.1:1/\"]\n\tinsteadOf = https://acme.example/\n";
    sandbox.write("../home/.gitconfig", rule);
    let run = sandbox.run("new https://acme.example/origin.git p").exits(1).changed_nothing();
    assert!(run.stderr.contains("transport 'git' not allowed"), "{run}");
}
