//! What `prodev env export` prints, given to those that it is for: the programs themselves where the machine has them, else a reader by their documented
//! grammar. All awkward values; what a format cannot carry is left out only where the format itself refuses it.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};

use serde_json::Value;

use crate::proof;
use crate::sandbox::Sandbox;

/// Values that are hard to carry, by name.
fn awkward() -> BTreeMap<String, String> {
    let values: Vec<String> = serde_json::from_str(include_str!("../../dotenv/values.json")).unwrap();
    values.into_iter().enumerate().map(|(number, value)| (format!("V{number}"), value)).collect()
}

/// A sandbox whose environment has the values, and whose file `values` names them: a name without a value takes the environment's.
fn holding(values: &BTreeMap<String, String>) -> Sandbox {
    let names: Vec<&str> = values.keys().map(String::as_str).collect();
    let sandbox = Sandbox::new().file("values", &(names.join("\n") + "\n"));
    values.iter().fold(sandbox, |sandbox, (name, value)| sandbox.env(name, value))
}

/// Exports all that the format carries: those that it refuses alone, together, are `expected`, and nothing is printed of them.
#[track_caller]
fn export(sandbox: &Sandbox, format: &str, is_refused: impl Fn(&str) -> bool) -> BTreeMap<String, String> {
    let (refused, carried): (BTreeMap<_, _>, BTreeMap<_, _>) =
        awkward().into_iter().partition(|(_, value)| is_refused(value));
    for name in refused.keys() {
        sandbox.run(&format!("env export --format {format} -f values --only {name}")).exits(1).stdout_is("");
    }
    let only: Vec<&str> = carried.keys().map(String::as_str).collect();
    let run = sandbox.run(&format!("env export --format {format} -f values --only {}", only.join(","))).succeeds();
    sandbox.write("out", &run.stdout);
    carried
}

/// What a program prints.
#[track_caller]
fn ask(sandbox: &Sandbox, program: &str, args: &[&str]) -> Vec<u8> {
    let mut command = sandbox.tool(program);
    for name in awkward().keys() {
        command.env_remove(name);
    }
    let output = command.args(args).output().unwrap();
    assert!(output.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn as_texts(values: &Value) -> BTreeMap<String, String> {
    serde_json::from_value(values.clone()).unwrap_or_else(|error| panic!("{error}: {values}"))
}

/// Answers as docker's daemon would, and hands over what containers are to be made of.
fn daemon(socket: &Path) -> Receiver<Value> {
    let listener = UnixListener::bind(socket).unwrap();
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Some((path, body)) = request(&mut stream.unwrap()) else { break };
            if path.contains("/containers/create") {
                sender.send(serde_json::from_slice(&body).unwrap()).unwrap();
            }
        }
    });
    receiver
}

/// One request, answered; `None` where nobody asked for anything.
fn request(stream: &mut UnixStream) -> Option<(String, Vec<u8>)> {
    let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut part).unwrap();
        bytes.extend(&part[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            if count == 0 {
                return None;
            }
            continue;
        };
        let length =
            head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
        if body.len() < length.unwrap_or(0_usize) {
            continue;
        }
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let (status, answer) =
            if path.contains("create") { ("201 Created", "{\"Id\": \"0\"}") } else { ("200 OK", "{}") };
        let answer = if head.starts_with("HEAD") { "" } else { answer };
        let length = answer.len();
        write!(
            stream,
            "HTTP/1.1 {status}\r\nApi-Version: 1.47\r\nOstype: linux\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{answer}"
        )
        .unwrap();
        return Some((path, body.as_bytes().to_vec()));
    }
}

#[test]
fn docker_gives_containers_what_is_exported_for_it() {
    let sandbox = holding(&awkward());
    let expected = export(&sandbox, "docker", |value| value.contains('\n') || value.ends_with('\r'));
    // By its documented grammar: a line each, and all behind the first `=`.
    let text = sandbox.read("out");
    let read = text.lines().filter_map(|line| line.split_once('='));
    assert_eq!(read.map(|(name, value)| (name.to_owned(), value.to_owned())).collect::<BTreeMap<_, _>>(), expected);
    if !proof::may("that docker reads an export", &["docker"]) {
        return;
    }
    let socket = sandbox.root().join("d");
    let made = daemon(&socket);
    let host = format!("unix://{}", socket.display());
    ask(&sandbox, "docker", &["--host", &host, "create", "--pull", "never", "--env-file", "out", "image"]);
    drop(UnixStream::connect(&socket).unwrap());
    let made = made.recv().unwrap();
    let given = made["Env"].as_array().unwrap().iter().map(|pair| pair.as_str().unwrap().split_once('=').unwrap());
    assert_eq!(given.map(|(name, value)| (name.to_owned(), value.to_owned())).collect::<BTreeMap<_, _>>(), expected);
}

#[test]
fn kubectl_makes_objects_of_what_is_exported_for_it() {
    if !proof::may("that kubectl reads an export", &["kubectl"]) {
        return;
    }
    let sandbox = holding(&awkward());
    for (format, field) in [("k8s-secret", "stringData"), ("k8s-configmap", "data")] {
        let expected = export(&sandbox, format, |_| false);
        let object = ask(&sandbox, "kubectl", &["label", "--local", "-f", "out", "a=b", "-o", "json"]);
        let object: Value = serde_json::from_slice(&object).unwrap();
        assert_eq!(as_texts(&object[field]), expected, "{format}");
    }
}

#[test]
fn python_reads_yaml_of_the_old_version_alike() {
    let has_yaml = proof::find("python3").is_some()
        && Sandbox::new().tool("python3").args(["-c", "import yaml"]).output().is_ok_and(|it| it.status.success());
    if !has_yaml {
        proof::skipped("that PyYAML reads an export", "there is no PyYAML");
        return;
    }
    let sandbox = holding(&awkward());
    let script = "import yaml, json; print(json.dumps(yaml.safe_load(open('out', encoding='utf-8', newline=''))))";
    let expected = export(&sandbox, "yaml", |_| false);
    assert_eq!(as_texts(&serde_json::from_slice(&ask(&sandbox, "python3", &["-c", script])).unwrap()), expected);
    let expected = export(&sandbox, "compose", |_| false);
    let object: Value = serde_json::from_slice(&ask(&sandbox, "python3", &["-c", script])).unwrap();
    let undoubled = as_texts(&object["environment"]).into_iter().map(|(name, value)| (name, value.replace("$$", "$")));
    assert_eq!(undoubled.collect::<BTreeMap<_, _>>(), expected);
}

#[test]
fn nix_evaluates_what_is_exported_for_it() {
    let sandbox = holding(&awkward());
    let expected = export(&sandbox, "nix", |_| false);
    // By its documented grammar: in double quotes, a backslash before `"`, `\`, `$`, and `n`, `r`, `t` for three characters.
    let mut read = BTreeMap::new();
    let text = sandbox.read("out");
    let mut rest = text.strip_prefix("{\n").unwrap();
    while let Some(line) = rest.strip_prefix("  ") {
        let (name, behind) = nix_text(line);
        let (value, behind) = nix_text(behind.strip_prefix(" = ").unwrap());
        rest = behind.strip_prefix(";\n").unwrap();
        read.insert(name, value);
    }
    assert_eq!((rest, &read), ("}\n", &expected));
    if proof::may("that nix reads an export", &["nix-instantiate"]) {
        let said = ask(&sandbox, "nix-instantiate", &["--eval", "--strict", "--json", "out", "--store", "dummy://"]);
        assert_eq!(as_texts(&serde_json::from_slice(&said).unwrap()), expected);
    }
}

fn nix_text(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.strip_prefix('"').unwrap().char_indices();
    while let Some((at, found)) = characters.next() {
        match found {
            '"' => return (value, &text[at + 2..]),
            '$' => assert!(!text[at + 2..].starts_with('{'), "{text}"),
            _ => {}
        }
        value.push(if found == '\\' {
            match characters.next().unwrap().1 {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                other => other,
            }
        } else {
            found
        });
    }
    panic!("no end: {text}")
}

#[test]
fn powershell_runs_what_is_exported_for_it() {
    let sandbox = holding(&awkward());
    let expected = export(&sandbox, "pwsh", str::is_empty);
    // By its documented grammar: a text in single quotes, of which there are five, each doubled where it is meant.
    let text = sandbox.read("out");
    let mut read = BTreeMap::new();
    let mut rest = text.as_str();
    while let Some(behind) = rest.strip_prefix("${env:") {
        let (name, behind) = behind.split_once("} = '").unwrap();
        let mut value = String::new();
        let mut characters = behind.char_indices().peekable();
        let end = loop {
            let (at, found) = characters.next().unwrap();
            if matches!(found, '\'' | '\u{2018}'..='\u{201b}') {
                let is_doubled =
                    characters.peek().is_some_and(|(_, next)| matches!(next, '\'' | '\u{2018}'..='\u{201b}'));
                if !is_doubled {
                    break at + found.len_utf8();
                }
                characters.next();
            }
            value.push(found);
        };
        read.insert(name.to_owned(), value);
        rest = behind[end..].strip_prefix('\n').unwrap();
    }
    assert_eq!((rest, &read), ("", &expected));
    if proof::may("that PowerShell reads an export", &["pwsh"]) {
        sandbox.write("out.ps1", text + "\n[Environment]::GetEnvironmentVariables() | ConvertTo-Json\n");
        let all: BTreeMap<String, Value> =
            serde_json::from_slice(&ask(&sandbox, "pwsh", &["-NoProfile", "-File", "out.ps1"])).unwrap();
        let given = all.into_iter().filter(|(name, _)| expected.contains_key(name));
        let given = given.map(|(name, value)| (name, value.as_str().unwrap_or_default().to_owned()));
        assert_eq!(given.collect::<BTreeMap<_, _>>(), expected);
    }
}

#[test]
fn github_sets_what_is_exported_for_it() {
    let sandbox = holding(&awkward());
    let expected = export(&sandbox, "github", |value| value.replace("\r\n", "\n").contains('\r'));
    // By its runner's rules: lines end with LF or CR LF; `NAME<<END`, then lines up to one that is `END`, joined by the line end that each had.
    let text = sandbox.read("out");
    let mut lines = text.split_inclusive('\n');
    let mut read = BTreeMap::new();
    while let Some(line) = lines.next() {
        let (name, end) = line.trim_end_matches('\n').split_once("<<").unwrap();
        let value: String = lines.by_ref().take_while(|line| line.trim_end_matches(['\n', '\r']) != end).collect();
        read.insert(name.to_owned(), value.strip_suffix('\n').unwrap_or_default().to_owned());
    }
    assert_eq!(read, expected);
}

#[test]
fn gitlab_takes_what_is_exported_for_it() {
    let sandbox = holding(&awkward());
    let is_refused =
        |value: &str| value.contains(['\n', '\r']) || value.trim() != value || value.starts_with(['"', '\'']);
    let expected = export(&sandbox, "gitlab", is_refused);
    // By its documented rules: a line is a name, `=`, and the value as it stands, without blanks at its ends.
    let text = sandbox.read("out");
    let read = text.lines().map(|line| line.split_once('=').unwrap());
    assert_eq!(
        read.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect::<BTreeMap<_, _>>(),
        expected
    );
}

#[test]
fn every_dialect_reads_what_is_exported_in_it() {
    for dialect in [
        "default",
        "compose",
        "dotenv",
        "dotenv-expand",
        "dotenvx",
        "python",
        "node",
        "docker",
        "dotenvy",
        "direnv",
        "sh",
    ] {
        let sandbox = holding(&awkward());
        sandbox.write("prodev.toml", format!("[env]\ndialects = [\"{dialect}\"]\n"));
        let words = "env export --format dotenv -f values --dialect compose";
        let mut carried = awkward();
        // Both have to read it alike: compose is how the names came in.
        carried.retain(|name, _| sandbox.run(&format!("{words} --only {name}")).code == Some(0));
        let least = if matches!(dialect, "docker" | "direnv") { 10 } else { 30 };
        assert!(carried.len() >= least, "{dialect} carries only {carried:?}");
        let only: Vec<&str> = carried.keys().map(String::as_str).collect();
        let run = sandbox.run(&format!("{words} --only {}", only.join(","))).succeeds();
        sandbox.write("out", &run.stdout);
        for reader in [dialect, "compose"] {
            let json = sandbox.run(&format!("env export --format json -f out --dialect {reader}")).succeeds();
            assert_eq!(as_texts(&serde_json::from_str(&json.stdout).unwrap()), carried, "{reader} of {dialect}");
        }
        match dialect {
            "node" if proof::may("that node reads an export", &["node"]) => {
                let script =
                    "console.log(JSON.stringify(require('util').parseEnv(require('fs').readFileSync('out', 'utf8'))))";
                let said = ask(&sandbox, "node", &["-e", script]);
                assert_eq!(as_texts(&serde_json::from_slice(&said).unwrap()), carried, "node itself");
            }
            "sh" => {
                sandbox.write(
                    "dump.py",
                    "import os,json; print(json.dumps({k: v for k, v in os.environ.items() if k[0] == 'V'}))",
                );
                if proof::have("that sh reads an export", &["python3"]) {
                    let said = ask(&sandbox, "sh", &["-c", "set -a; . ./out; python3 dump.py"]);
                    assert_eq!(as_texts(&serde_json::from_slice(&said).unwrap()), carried, "sh itself");
                }
            }
            "direnv" if proof::may("that direnv reads an export", &["direnv"]) => {
                let said = ask(&sandbox, "direnv", &["dotenv", "json", "out"]);
                assert_eq!(as_texts(&serde_json::from_slice(&said).unwrap()), carried, "direnv itself");
            }
            _ => {}
        }
    }
}
