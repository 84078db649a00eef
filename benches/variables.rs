//! The rows of .env files: read, changed, decrypted and checked, beside those who do the same.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::contest::{Contestant, Reach, Row};
use crate::rows::{answering, find};

const MEGABYTE: u64 = 1_000_000;

/// A line of the files: every name once, in the order of the alphabet, so that no linter has anything to say.
fn line(text: &mut String, number: usize) {
    let _ = match number % 3 {
        0 => writeln!(text, "KEY_{number:06}=value-{number}"),
        1 => writeln!(text, "KEY_{number:06}=https://host-{number}.example.org/path"),
        _ => writeln!(text, "KEY_{number:06}=\"two words {number}\""),
    };
}

fn keys(count: usize) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        line(&mut text, number);
        text
    })
}

/// A folder with a `.env`.
fn folder(path: &Path, text: &str) -> String {
    fs::create_dir_all(path).unwrap();
    fs::write(path.join(".env"), text).unwrap();
    path.to_string_lossy().into_owned()
}

/// All rows of this room. Files are written to `scratch`.
pub(crate) fn all(prodev: &Path, scratch: &Path) -> Vec<Row> {
    let small = folder(&scratch.join("env-30"), &keys(30));
    let many = scratch.join("env-files");
    for number in 0..1000 {
        let name = format!("{:02}/.env.part-{number}", number / 50);
        fs::create_dir_all(many.join(&name).parent().unwrap()).unwrap();
        fs::write(many.join(name), keys(12)).unwrap();
    }
    let many = many.to_string_lossy().into_owned();
    let wide = folder(&scratch.join("env-10000"), &keys(10_000));
    let long = folder(&scratch.join("env-60000"), &keys(60_000));
    let sealed = folder(&scratch.join("env-sealed"), &keys(1000));
    let encrypt = Command::new(prodev).args(["-C", &sealed, "env", "encrypt", "-q"]).status().unwrap();
    assert!(encrypt.success(), "the values of a bench could not be encrypted");
    let ours = |folder: &str, args: &[&str]| {
        answering("prodev", Some(prodev.to_owned()), &[&["-C", folder, "env"], args].concat())
    };
    let file = |folder: &str| format!("{folder}/.env");
    let python = |args: &[&str]| answering("python-dotenv", find("dotenv"), args);
    let dotenvx = |args: &[&str]| answering("dotenvx", find("dotenvx"), args);
    let linter = |args: &[&str]| answering("dotenv-linter", find("dotenv-linter"), args);
    let row = |name, what: &str, runs, contestants: Vec<Contestant>, reach| Row {
        name,
        what: what.to_owned(),
        runs,
        contestants,
        reach,
    };
    let wall = |millis| vec![Reach::Wall(Duration::from_millis(millis))];
    let light = || vec![Reach::Wall(Duration::from_millis(3)), Reach::Memory(8 * MEGABYTE)];
    let check = |folder: &str, name, what, runs, millis, args: &[&str]| {
        let theirs = linter(&["check", "-q", "--skip-updates", "-r", folder]);
        row(name, what, runs, vec![ours(folder, &[&["check", "-q"], args].concat()), theirs], wall(millis))
    };
    vec![
        row(
            "env-run",
            "a program with the variables of a file of 30",
            50,
            vec![
                ours(&small, &["run", "--", "true"]),
                python(&["-f", &file(&small), "run", "--", "true"]),
                dotenvx(&["run", "-q", "-f", &file(&small), "--", "true"]),
            ],
            light(),
        ),
        row(
            "env-get",
            "one of 30 variables",
            50,
            vec![
                ours(&small, &["get", "KEY_000020"]),
                python(&["-f", &file(&small), "get", "KEY_000020"]),
                dotenvx(&["get", "KEY_000020", "-f", &file(&small)]),
                answering("direnv", find("direnv"), &["dotenv", "json", &file(&small)]),
            ],
            light(),
        ),
        row(
            "env-set",
            "one of 30 variables gets another value, locked and flushed",
            30,
            vec![
                // A path that is another one each time.
                ours(&small, &["set", "KEY_000020", "[OUT]", "-q", "--insecure-argument"]),
                python(&["-f", &file(&small), "set", "KEY_000020", "[OUT]"]),
                dotenvx(&["set", "KEY_000020", "[OUT]", "--plain", "-f", &file(&small)]),
            ],
            wall(6),
        ),
        row(
            "env-sealed-run",
            "a program with 1,000 encrypted variables",
            10,
            vec![ours(&sealed, &["run", "--", "true"]), dotenvx(&["run", "-q", "-f", &file(&sealed), "--", "true"])],
            wall(120),
        ),
        row(
            "env-sealed-get",
            "one of 1,000 encrypted variables",
            30,
            vec![ours(&sealed, &["get", "KEY_000020"]), dotenvx(&["get", "KEY_000020", "-f", &file(&sealed)])],
            wall(5),
        ),
        check(&small, "env-check", "a file of 30 lines", 50, 2, &[]),
        check(&many, "env-check-files", "1,000 files in 20 folders", 20, 40, &["-r"]),
        check(&wide, "env-check-keys", "a file of 10,000 variables", 20, 20, &[]),
        check(&long, "env-check-lines", "a file of 60,000 lines", 10, 150, &[]),
    ]
}

/// The rows of what is read beside the files themselves: declarations, and everything else that a project has.
pub(crate) fn around(prodev: &Path, scratch: &Path) -> [Row; 2] {
    let declared = declared(&scratch.join("env-declared"), 100);
    let tracked = tracked(&scratch.join("env-tracked"), 1000);
    let ours =
        |folder: &str, what: &str| answering("prodev", Some(prodev.to_owned()), &["-C", folder, "env", what, "-q"]);
    let row = |name, what: &str, runs, contestants: Vec<Contestant>, millis| Row {
        name,
        what: what.to_owned(),
        runs,
        contestants,
        reach: vec![Reach::Wall(Duration::from_millis(millis))],
    };
    [
        row(
            "env-schema",
            "a file held against declarations of 100 variables",
            30,
            vec![
                ours(&declared, "check"),
                answering("varlock", find("varlock"), &["load", "--format", "json", "--path", &declared]),
            ],
            5,
        ),
        row(
            "env-scan",
            "secrets looked for in 1,000 files that Git has",
            20,
            vec![
                ours(&tracked, "scan"),
                answering("gitleaks", find("gitleaks"), &["dir", "--no-banner", "--log-level", "error", &tracked]),
            ],
            60,
        ),
    ]
}

/// A folder with a `.env` and declarations of all its variables, in the language that varlock reads, too.
fn declared(path: &Path, count: usize) -> String {
    let types = [
        ("string(minLength=2)", "value"),
        ("port", "8080"),
        ("url", "https://host.example.org/path"),
        ("email", "ada@example.org"),
        ("boolean", "true"),
        ("enum(red, green, blue)", "green"),
        ("number(min=1, max=9)", "5"),
        ("semver", "1.2.3"),
    ];
    let (mut schema, mut values) =
        ("# @defaultSensitive=false @defaultRequired=true\n# ---\n".to_owned(), String::new());
    for (number, (kind, value)) in (0..count).zip(types.iter().cycle()) {
        let _ = writeln!(schema, "# @type={kind}\nKEY_{number:06}=\n");
        let _ = writeln!(values, "KEY_{number:06}={value}");
    }
    let folder = folder(path, &values);
    fs::write(path.join(".env.schema"), schema).unwrap();
    folder
}

/// A repository of source files in which nobody has left a secret.
fn tracked(path: &Path, files: usize) -> String {
    let git = |words: &str| {
        let done = Command::new("git").current_dir(path).args(words.split(' ')).status().unwrap();
        assert!(done.success(), "git {words}");
    };
    fs::create_dir_all(path).unwrap();
    git("init -q");
    for number in 0..files {
        let place = path.join(format!("part_{:02}/module_{number:04}.py", number / 20));
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        let lines = (0..40).fold(String::new(), |mut text, line| {
            let _ = match line % 4 {
                0 => writeln!(text, "def task_{number}_{line}(request, store):"),
                1 => writeln!(text, "    entry = store.get(\"part/{number}/{line}\")"),
                2 => writeln!(text, "    token = request.headers.get(\"X-Token\", entry.token)"),
                _ => writeln!(text, "    return {{\"owner\": entry.owner, \"token\": token, \"port\": PORT}}\n"),
            };
            text
        });
        fs::write(place, lines).unwrap();
    }
    git("add .");
    path.to_string_lossy().into_owned()
}
