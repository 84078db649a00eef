//! Records that somebody else wrote, to do harm: whatever is in them, the project is left alone, nothing outside is read or written, and it is
//! said at once what is wrong.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::story::Be::{Bytes, Gone, Link, Text};
use super::story::{Be, NUMBERS, Story};
use crate::sandbox::PRODEV;

fn changed() -> Story {
    let story = Story::of("[components.x]\nfiles = ['x']\n", &[("f", Text(NUMBERS)), ("x", Text("x\n"))]).made("");
    story.manifest("1.1.0", "[components.x]\nfiles = ['x']\n");
    story.template("f", Text("its\n"));
    story
}

const COMMANDS: [&str; 7] =
    ["update", "update --check", "update --dry-run", "update --record-only", "diff", "add x", "remove x"];

/// Every command says what is wrong with its place and what to do, in a few lines, and touches nothing.
#[track_caller]
fn refused(story: &Story, what: &str) {
    for words in COMMANDS {
        let run = story.run(words).changed_nothing();
        assert!(matches!(run.code, Some(1 | 2)), "{what}: {run}");
        assert!(run.stderr.starts_with("error: ") && run.stderr.contains("\nhint: "), "{what}: {run}");
        assert!(run.stderr.lines().count() <= 12 && !run.stderr.contains("panicked"), "{what}: {run}");
    }
    // Others are not held up by it.
    story.run("template list").succeeds();
}

fn pipe(story: &Story, path: &str) {
    let at = story.path(path);
    story.user(path, Gone);
    rustix::fs::mknodat(rustix::fs::CWD, at, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
}

#[test]
fn nothing_hangs_at_what_is_no_file() {
    let folder = ".prodev/tpl";
    for path in ["state.toml", "base/f.base", "base/more", "digests/_shared.txt", "digests/more", "contributions"] {
        let story = changed();
        pipe(&story, &format!("{folder}/{path}"));
        refused(&story, path);
        let story = changed();
        story.user(&format!("{folder}/{path}"), Gone);
        let at = story.path(&format!("{folder}/{path}"));
        // A socket's name must be short.
        let _socket = std::os::unix::net::UnixListener::bind(story.sandbox.path("s")).unwrap();
        fs::rename(story.sandbox.path("s"), at).unwrap();
        refused(&story, path);
    }
    for device in ["/dev/zero", "/dev/tty", "/dev/stdin", "/proc/self/mem"] {
        for path in ["state.toml", "digests/_shared.txt", "base/f.base"] {
            let story = changed();
            story.user(&format!("{folder}/{path}"), Link(device));
            refused(&story, device);
        }
    }
}

#[test]
fn folders_and_files_in_each_others_place_are_told() {
    let folder = ".prodev/tpl";
    for path in ["base", "digests", "contributions"] {
        for be in [Text("x\n"), Link("/etc"), Link("../../.git")] {
            let story = changed();
            story.user(&format!("{folder}/{path}"), be);
            refused(&story, path);
        }
    }
    for path in ["state.toml", "base/f.base", "digests/_shared.txt"] {
        let story = changed();
        story.user(&format!("{folder}/{path}"), Gone);
        story.user(&format!("{folder}/{path}/inner"), Text("x\n"));
        refused(&story, path);
    }
}

#[test]
fn garbage_is_told_as_such() {
    let noise: Vec<u8> = (0..=255u8).cycle().take(100_000).collect();
    let deep = format!("x = {}{}\n", "[".repeat(50_000), "]".repeat(50_000));
    let cases: [(&str, Be); 8] = [
        ("state.toml", Bytes(&noise)),
        ("state.toml", Bytes(b"\xff\xfe")),
        ("state.toml", Text("")),
        ("state.toml", Text(&deep)),
        ("digests/_shared.txt", Bytes(&noise)),
        ("digests/x.txt", Bytes(b"\0\0\0\n")),
        ("contributions/_shared.toml", Bytes(&noise)),
        ("contributions/_shared.toml", Text(&deep)),
    ];
    for (path, be) in cases {
        let story = changed();
        story.user(&format!(".prodev/tpl/{path}"), be);
        refused(&story, path);
    }
}

#[test]
fn what_a_state_says_is_checked_before_it_is_used() {
    for (from, to) in [
        ("version = \"1.0.0\"", "version = 1"),
        ("name = \"tpl\"", "name = [\"tpl\"]"),
        ("name = \"tpl\"", "name = \"tpl\"\nevil = true"),
        ("source = \"../../tpl\"", "source = \"\""),
        ("source = \"../../tpl\"", "source = \"--upload-pack=touch x\""),
        ("source = \"../../tpl\"", "source = \"ext::sh -c 'touch x'\""),
        ("source = \"../../tpl\"", "source = \"\\u0000\""),
    ] {
        let story = changed();
        let state = story.read(".prodev/tpl/state.toml");
        assert!(state.contains(from), "{state}");
        story.user(".prodev/tpl/state.toml", Text(&state.replace(from, to)));
        for words in ["update --yes", "update --check --yes", "add x --yes"] {
            let run = story.run(words).changed_nothing();
            assert!(matches!(run.code, Some(1 | 2)) && run.stderr.contains("error: "), "{to}: {run}");
            assert!(!run.stderr.contains("panicked"), "{to}: {run}");
        }
    }
}

#[test]
fn versions_and_folders_of_a_state_lead_nowhere() {
    // A version that is none, or one that only text can be, is old; a folder is a word in texts, and no path.
    for (from, to) in [
        ("version = \"1.0.0\"", "version = \"../../evil\""),
        ("version = \"1.0.0\"", "version = \"$(touch evil)\""),
        ("version = \"1.0.0\"", "version = \"1.0.0\"\nfolder = \"../../evil\""),
        ("version = \"1.0.0\"", "version = \"1.0.0\"\ncreated = \"yesterday\""),
    ] {
        let story = changed();
        let state = story.read(".prodev/tpl/state.toml");
        story.user(".prodev/tpl/state.toml", Text(&state.replace(from, to)));
        let run = story.run("update");
        assert!(matches!(run.code, Some(0..=2)) && !run.stderr.contains("panicked"), "{to}: {run}");
        for change in run.changes() {
            let is_own =
                ["work/shop/f", "work/shop/.prodev/", "home/.local/"].iter().any(|own| change[2..].starts_with(own));
            assert!(is_own, "{to}: {change}");
        }
    }
}

#[test]
fn the_name_of_a_record_is_no_way_out() {
    let story = changed();
    for name in ["..", ".", "a/b", "--help", "journal", "update", "-x", "tpl/../tpl", ""] {
        for words in ["update", "diff"] {
            let run = story.sandbox.run_args(&["-C", "shop", words, &format!("--template={name}")]).changed_nothing();
            assert!(run.code == Some(2) && run.stderr.starts_with("error: "), "{name}: {run}");
        }
    }
    // Folders with such names are nobody's records.
    story.user(".prodev/-x/state.toml", Text("x"));
    story.user(".prodev/journal/state.toml", Text("x"));
    story.updates();
}

#[test]
fn records_that_are_too_large_or_too_deep_are_refused_at_once() {
    // Sparse files: they take no room, and would take as much memory. Not compared before and after, which would read them.
    let answer = |story: &Story, words: &str| {
        let output = story.sandbox.command(PRODEV).args(["-C", "shop"]).args(words.split(' ')).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        story.sandbox.normalise(&output.stderr)
    };
    let story = changed();
    fs::File::create(story.path(".prodev/tpl/base/f.base")).unwrap().set_len(4 << 30).unwrap();
    for words in ["update", "diff", "add x"] {
        let said = answer(&story, words);
        assert!(said.starts_with("error: `.prodev/tpl/base/f.base` is nothing that prodev wrote\n"), "{said}");
    }
    let story = changed();
    fs::File::create(story.path(".prodev/tpl/state.toml")).unwrap().set_len(1 << 30).unwrap();
    let said = answer(&story, "update");
    assert!(said.starts_with("error: `.prodev/tpl/state.toml` is no file that prodev wrote\n"), "{said}");
    let story = changed();
    let mut deep = story.path(".prodev/tpl/base");
    for _ in 0..250 {
        deep.push("d");
    }
    fs::create_dir_all(&deep).unwrap();
    refused(&story, "deep");
}

#[test]
fn what_cannot_be_read_or_written_is_told() {
    // Root may do everything.
    if rustix::process::geteuid().is_root() {
        return;
    }
    let mode = |story: &Story, path: &str, mode: u32| {
        fs::set_permissions(story.path(path), fs::Permissions::from_mode(mode)).unwrap();
    };
    for path in ["state.toml", "base/f.base", "digests/_shared.txt", "base", "digests"] {
        let story = changed();
        mode(&story, &format!(".prodev/tpl/{path}"), 0o000);
        for words in COMMANDS {
            let run = story.run(words);
            assert!(matches!(run.code, Some(1 | 2)) && run.stderr.starts_with("error: "), "{path}: {run}");
        }
        mode(&story, &format!(".prodev/tpl/{path}"), 0o755);
    }
    // Read-only folders: refused, or the whole of it.
    for path in ["", ".prodev", ".prodev/tpl", ".prodev/tpl/base"] {
        let story = changed();
        let before = story.state();
        let was = super::story::mode(&story.path(path));
        mode(&story, path, 0o555);
        let run = story.run("update");
        mode(&story, path, was);
        assert_eq!(run.code, Some(1), "{path}: {run}");
        assert!(run.stderr.starts_with("error: "), "{path}: {run}");
        assert_eq!(story.state(), before, "{path}");
        story.updates();
    }
}
