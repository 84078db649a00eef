//! Results that somebody has put there to harm: nothing is written that the recipe could not have made.

use super::{filled, fresh, shared};
use crate::cache::{made, runs};

/// A field of bytes.
fn field(name: u8, bytes: &[u8]) -> Vec<u8> {
    let mut field = vec![name << 3 | 2];
    let mut length = bytes.len();
    while length > 0x7f {
        field.push(length.to_le_bytes()[0] | 0x80);
        length >>= 7;
    }
    field.push(length.to_le_bytes()[0]);
    field.extend(bytes);
    field
}

/// An output file with the content `AB`.
fn file(path: &str) -> Vec<u8> {
    let digest = field(2, &[field(1, HASH.as_bytes()), vec![0x10, 2]].concat());
    let mode = field(7, &field(3, &[0x08, 0xa4, 0x03]));
    let path = if path.is_empty() { Vec::new() } else { field(1, path.as_bytes()) };
    field(2, &[path, digest, mode].concat())
}

/// That of `AB`.
const HASH: &str = "38164fbd17603d73f696b8b4d72664d735bb6a7c88577687fd2ae33fd6964153";

/// The result with a seal that fits: whoever wants to harm knows how to make one.
fn sealed(result: &[u8]) -> Vec<u8> {
    use sha2::Digest as _;
    let seal = sha2::Sha256::digest(result);
    let name = "type.googleapis.com/prodev.cache.v1.Details";
    let details = [field(1, name.as_bytes()), field(2, &field(2, &seal))].concat();
    [result, &field(9, &field(11, &details))].concat()
}

fn link(path: &str, target: &str) -> Vec<u8> {
    let target = if target.is_empty() { Vec::new() } else { field(2, target.as_bytes()) };
    field(12, &[field(1, path.as_bytes()), target].concat())
}

#[test]
fn nothing_is_written_where_the_recipe_writes_nothing() {
    let server = filled();
    let name = server.names("/ac/").remove(0);
    let hostile: Vec<(&str, Vec<u8>)> = vec![
        ("up", file("../evil")),
        ("up and down", file("out/../../evil")),
        ("absolute", file("/tmp/prodev-evil")),
        ("in .git", file("out/.git/hooks/post-checkout")),
        ("in .GIT", file("out/.GIT/config")),
        ("in .prodev", file(".prodev/journal/x")),
        ("the configuration", file("prodev.toml")),
        ("an input", file("src/a")),
        ("no name", file("")),
        ("a folder's name", file("out/")),
        ("a null", file("out/a\0b")),
        ("a line", file("out/a\nwarning: all is well")),
        ("an escape", file("out/\x1b[2Jx")),
        ("twice", [file("out/all"), file("out/all")].concat()),
        ("twice by case", [file("out/all"), file("out/ALL")].concat()),
        ("a file and a folder", [file("out/all"), file("out/all/x")].concat()),
        ("a link in the way", [file("out/all/a"), link("out/all", "../src")].concat()),
        ("a link out", link("out/all", "../../evil")),
        ("a link to the root", link("out/all", "/etc/passwd")),
        ("a link over links", [link("out/d", "."), link("out/all", "d/../../../evil")].concat()),
        ("a link to .git", link("out/all", "../.git/config")),
        ("an empty link", link("out/all", "")),
        ("directories", field(3, &field(1, b"out"))),
        ("very many", file("out/all").repeat(100_001)),
        ("very many of nothing", [0x12, 0x00].repeat(1_000_000)),
    ];
    for (case, bytes) in hostile {
        server.change(&name, |own| *own = sealed(&bytes));
        let sandbox = fresh(&shared(&server.url(), "mode = 'read-only'"));
        let run = sandbox.run("run join").succeeds();
        let warning = "warning: what the remote cache has of `join` is of no use: it ";
        assert!(
            !run.stderr.contains("damaged") && run.stderr.starts_with(warning) && run.stderr.lines().count() == 1,
            "{case}: {run}"
        );
        assert!(!run.stderr.contains(['\x1b', '\0']), "{case}: {run}");
        assert_eq!((made(&sandbox).as_str(), runs(&sandbox)), ("AB", 1), "{case}");
        assert_eq!(sandbox.list(), ["out/all", "prodev.toml", "src/a", "src/b"], "{case}");
        assert!(!sandbox.exists("../evil") && !std::path::Path::new("/tmp/prodev-evil").exists(), "{case}");
    }
}

/// What lies in the project decides where a path leads, not only what came.
#[test]
fn nothing_is_written_through_a_link_that_is_there() {
    let server = filled();
    let sandbox = fresh(&shared(&server.url(), "mode = 'read-only'"));
    std::fs::create_dir(sandbox.path("../tmp/elsewhere")).unwrap();
    std::os::unix::fs::symlink(sandbox.path("../tmp/elsewhere"), sandbox.path("out")).unwrap();
    let run = sandbox.run("run join").succeeds();
    assert!(
        run.stderr.starts_with(
            "warning: `join` runs, as what was kept cannot be brought back: `out/all` lies behind a link or a file\n"
        ),
        "{run}"
    );
    assert_eq!(runs(&sandbox), 1);
}

#[test]
fn a_mode_is_never_more_than_one_of_a_plain_file() {
    let server = filled();
    let name = server.names("/ac/").remove(0);
    let file = |mode: &[u8]| {
        let digest = field(2, &[field(1, HASH.as_bytes()), vec![0x10, 2]].concat());
        field(2, &[field(1, b"out/all"), digest, vec![0x20, 1], field(7, &field(3, mode))].concat())
    };
    // 0o6777 counts as 0o777, and is sealed as that.
    let mut bytes = sealed(&file(&[0x08, 0xff, 0x03]));
    bytes.splice(..file(&[0x08, 0xff, 0x03]).len(), file(&[0x08, 0xff, 0x1b]));
    server.change(&name, |own| *own = bytes);
    let sandbox = fresh(&shared(&server.url(), "mode = 'read-only'"));
    sandbox.run("run join").succeeds().stderr_is(super::RESTORED);
    let mode =
        std::fs::metadata(sandbox.path("out/all")).map(|meta| std::os::unix::fs::MetadataExt::mode(&meta)).unwrap();
    assert_eq!(mode & 0o7777, 0o777);
}
