//! A real nginx with `WebDAV`, set up as `docs/cache.md` says.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::{RESTORED, fresh, is_restored, runs_and_says, shared};
use crate::proof;

/// It ends with the test.
struct Nginx {
    folder: tempfile::TempDir,
    port: u16,
    child: Child,
}

impl Nginx {
    /// `None` where there is none: then the test has said so, and ends.
    fn start() -> Option<Self> {
        let usual = PathBuf::from("/usr/sbin/nginx");
        let program = proof::find("nginx").or_else(|| usual.is_file().then_some(usual));
        let program = program.or_else(|| proof::have("results shared through nginx", &["nginx"]).then(PathBuf::new))?;
        let folder = tempfile::Builder::new().prefix("prodev-nginx-").tempdir().unwrap();
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        fs::create_dir(folder.path().join("results")).unwrap();
        fs::write(folder.path().join("users"), "ci:{PLAIN}s3cret-word\n").unwrap();
        let place = folder.path().display().to_string();
        let server = documented()
            .replace("listen 8080;", &format!("listen 127.0.0.1:{port};"))
            .replace("/var/lib/prodev-cache", &format!("{place}/results"))
            .replace("/etc/nginx/prodev-cache.users", &format!("{place}/users"));
        let user = if rustix::process::geteuid().is_root() { "user root;" } else { "" };
        let temporary = ["fastcgi", "proxy", "scgi", "uwsgi"].map(|kind| format!("{kind}_temp_path {place}/{kind};"));
        let configuration = format!(
            "daemon off; worker_processes 1; pid {place}/pid; error_log {place}/error.log; {user}\n\
             events {{ worker_connections 64; }}\nhttp {{ access_log {place}/access.log; {}\n{server}\n}}\n",
            temporary.concat()
        );
        fs::write(folder.path().join("nginx.conf"), configuration).unwrap();
        let mut command = Command::new(program);
        command.arg("-p").arg(folder.path()).arg("-c").arg(folder.path().join("nginx.conf"));
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let nginx = Self { folder, port, child };
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(start.elapsed() < Duration::from_secs(30), "nginx does not start: {}", nginx.read("error.log"));
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(nginx)
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder.path().join(path)).unwrap_or_default()
    }

    /// The files that it keeps in a folder.
    fn kept(&self, folder: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder.path().join("results").join(folder)).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        // Its workers end with it when it is asked, and only then.
        let _ = kill_process(pid, Signal::TERM);
        let _ = self.child.wait();
    }
}

/// The configuration that the documentation gives.
fn documented() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cache.md");
    let text = fs::read_to_string(path).unwrap();
    let (_, rest) = text.split_once("```nginx\n").expect("the documentation shows how to set it up");
    rest.split_once("```").unwrap().0.to_owned()
}

const WRITER: &str = "username_env = 'CACHE_USER'\npassword_env = 'CACHE_PASSWORD'";

#[test]
fn two_clones_share_results() {
    let Some(nginx) = Nginx::start() else { return };
    let config = shared(&nginx.url(), WRITER);
    let writer = || fresh(&config).env("CACHE_USER", "ci").env("CACHE_PASSWORD", "s3cret-word");
    // Anybody may read; who may not write hears of it.
    runs_and_says(
        &fresh(&config),
        "warning: nothing is sent to the remote cache: it refuses it (401)\nhint: set `CACHE_USER`, `CACHE_PASSWORD`\n",
    );
    assert!(nginx.kept("cas").is_empty());
    runs_and_says(&writer(), "");
    is_restored(&fresh(&config), "run join");
    is_restored(&writer(), "run join");
    let log = nginx.read("access.log");
    assert!(log.contains("PUT /ac/") && !log.contains("s3cret"), "{log}");

    // Content is under its own name, and the result is what others make of it.
    let (content, results) = (nginx.kept("cas"), nginx.kept("ac"));
    assert_eq!((content.len(), results.len()), (1, 1));
    let sum = "38164fbd17603d73f696b8b4d72664d735bb6a7c88577687fd2ae33fd6964153";
    assert_eq!((content[0].file_name().unwrap().to_str(), fs::read(&content[0]).unwrap()), (Some(sum), b"AB".to_vec()));
    is_read_by_others(&results[0], sum);

    // nginx looks at nothing that it is given.
    fs::write(&content[0], "XY").unwrap();
    let said = format!(
        "warning: what the remote cache has of `join` is of no use: it comes with something else than it should: `cas/{sum}`\n"
    );
    runs_and_says(&writer(), &said);
    is_restored(&fresh(&config), "run join");
}

/// What another implementation of protocol buffers reads in a result, where Python has one.
fn is_read_by_others(result: &Path, sum: &str) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/cache/action.py");
    let named = std::env::var("PRODEV_TEST_PROTOBUF").ok();
    let pythons = named.as_deref().into_iter().chain(["python3", "/usr/bin/python3"]);
    let has = |python: &&str| {
        let output = Command::new(python).args(["-c", "import google.protobuf"]).output();
        output.is_ok_and(|output| output.status.success())
    };
    let Some(python) = pythons.into_iter().find(has) else {
        proof::skipped("results read by another implementation of protocol buffers", "python3 has no `protobuf`");
        return;
    };
    let output = Command::new(python).arg(script).arg("read").arg(result).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    said["execution_metadata"]["virtual_execution_duration"].take();
    let expected = serde_json::json!({
        "output_files": [{
            "path": "out/all", "digest": { "hash": sum, "size_bytes": "2" }, "node_properties": { "unix_mode": 0o644 },
        }],
        // `joined` and the end of the line.
        "stdout_raw": "am9pbmVkCg==",
        "execution_metadata": { "worker": "prodev", "virtual_execution_duration": null },
    });
    assert_eq!(said, expected);
}

#[test]
fn large_files_are_shared_too() {
    let Some(nginx) = Nginx::start() else { return };
    let config = shared(&nginx.url(), WRITER);
    let large: Vec<u8> = (0..20_000_000_u32).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    let clone = || {
        let sandbox = fresh(&config).env("CACHE_USER", "ci").env("CACHE_PASSWORD", "s3cret-word");
        sandbox.write("src/a", &large);
        sandbox
    };
    clone().run("run join").succeeds().stderr_is("");
    let other = clone();
    other.run("run join").succeeds().stderr_is(RESTORED);
    assert!(fs::read(other.path("out/all")).unwrap() == [&large[..], b"B"].concat());
}

#[test]
fn the_server_is_told_of_and_asked_on_request() {
    let Some(nginx) = Nginx::start() else { return };
    let url = nginx.url();
    let sandbox = fresh(&shared(&url, WRITER)).env("CACHE_USER", "ci").env("CACHE_PASSWORD", "s3cret-word");
    let told = sandbox.run("cache status").succeeds().changed_nothing();
    assert!(told.stdout.ends_with(&format!("remote     {url} (read-write, basic credentials)\n")), "{told}");
    assert_eq!(nginx.read("access.log"), "", "nobody was asked");
    let told = sandbox.run("cache status --check").succeeds().changed_nothing();
    assert!(told.stdout.ends_with("           it answers\n"), "{told}");
    let json = sandbox.run("cache status --check --json").succeeds().json();
    let expected = serde_json::json!({ "url": url, "mode": "read-write", "credentials": "basic", "answers": true, "problem": null });
    assert_eq!(json["remote"], expected);
    drop(nginx);
    let told = sandbox.run("cache status --check").exits(1);
    assert!(told.stdout.contains("           it cannot be reached: Failed to connect to 127.0.0.1 port "), "{told}");
    let json = sandbox.run("cache status --check --json").exits(1).json();
    assert_eq!(json["remote"]["answers"], false, "{json}");
    let json = sandbox.run("cache status --json").succeeds().json();
    assert_eq!(
        (&json["remote"]["answers"], &json["remote"]["problem"]),
        (&serde_json::Value::Null, &serde_json::Value::Null)
    );

    let off = sandbox.env("PRODEV_CACHE_MODE", "off");
    let told = off.run("cache status --check").succeeds();
    assert!(told.stdout.ends_with(&format!("remote     {url} (off)\n           it is not asked\n")), "{told}");
    let none = crate::sandbox::Sandbox::new();
    none.run("cache status --check").fails(
        2,
        "error: there is no remote cache to ask\nhint: name one: `url` of `[settings.cache.remote]` in prodev.toml\n",
    );
    assert_eq!(none.run("cache status --json").succeeds().json()["remote"], serde_json::Value::Null);
}
