//! What holds for every template: it never panics, never writes outside, succeeds or leaves nothing, and always makes the same bytes.

use std::os::unix::fs::PermissionsExt as _;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::templates::{project, tree, with_template};
use crate::sandbox::Sandbox;

/// Each case runs prodev a few times.
const CASES: u32 = 40;

fn config() -> ProptestConfig {
    ProptestConfig { cases: CASES, failure_persistence: None, max_shrink_iters: 50, ..ProptestConfig::default() }
}

/// Pieces that names and texts are put together from: harmless ones, and what breaks engines and file systems.
fn piece() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "a",
        "b",
        "A",
        ".",
        "..",
        "/",
        "\\",
        ".git",
        ".prodev",
        "git~1",
        ":",
        " ",
        "~",
        "-",
        "\u{200c}",
        "ä",
        "a\u{308}",
        "\n",
        "{{",
        "}}",
        "{{ x }}",
        "{{ y }}",
        "{{ item }}",
        "{% if x %}",
        "{% endif %}",
        "{#",
        "#}",
        "{{ x.upper() }}",
        "{{ missing }}",
        ".jinja",
        "'",
        "\"",
        "%",
        "{{ components.c }}",
        "{{ slot('s') }}",
        "{{ now() }}",
    ])
    .prop_map(ToOwned::to_owned)
}

fn text(most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..most).prop_map(|pieces| pieces.concat())
}

/// A name that a template's own file system takes.
fn stored_name() -> impl Strategy<Value = String> {
    text(5).prop_filter("no file has this name", |name| {
        let plain = |segment: &str| !segment.is_empty() && segment != "." && segment != ".." && segment.len() < 200;
        name.split('/').all(plain) && !name.contains('\0')
    })
}

fn rule() -> impl Strategy<Value = String> {
    let glob = prop::sample::select(vec!["**", "*", "a*", "**/*.jinja", "[", "{{*", "b/**"]);
    let key = prop::sample::select(vec![
        "when = 'x'",
        "when = 'components.c'",
        "when = 'missing'",
        "once = true",
        "exclude = true",
        "verbatim = true",
        "executable = true",
        "skip_if_exists = true",
        "for_each = \"['1', '2']\"",
        "for_each = '[x, y]'",
        "for_each = 'x'",
        "delimiters = { variable = ['[[', ']]'] }",
    ]);
    (glob, key).prop_map(|(glob, key)| format!("[[files]]\nmatch = '{glob}'\n{key}\n"))
}

/// Writes a template as far as the file system lets it be written.
fn lay(sandbox: &Sandbox, files: &[(String, String)], rules: &[String]) {
    let head = "[template]\nname = 'tpl'\nversion = '1.0.0'\n[questions.x]\ntype = 'text'\ndefault = 'x'\n[questions.y]\ntype = 'text'\ndefault = 'y'\n[components.c]\n";
    sandbox.write("../tpl/template.toml", format!("{head}{}", rules.concat()));
    sandbox.write("../tpl/fragments/s/c", "from c\n");
    for (name, content) in files {
        let path = sandbox.path("../tpl/files").join(name);
        if path.parent().is_some_and(|folder| std::fs::create_dir_all(folder).is_ok()) {
            let _ = std::fs::write(path, content);
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_template_succeeds_or_leaves_nothing(
        files in prop::collection::vec((stored_name(), text(8)), 1..5),
        rules in prop::collection::vec(rule(), 0..3),
        x in text(4),
        y in text(3),
        with in any::<bool>(),
    ) {
        let sandbox = with_template(&[]).file("old/a", "mine").file("old/b/c", "mine").file("../home/own", "own");
        lay(&sandbox, &files, &rules);
        let mut set = vec![format!("--set=x={x}"), format!("--set=y={y}")];
        set.extend(with.then(|| "--with=c".to_owned()));
        let set: Vec<&str> = set.iter().map(String::as_str).collect();
        for (dir, more) in [("shop", &["--no-git"][..]), ("old", &["--no-git", "--overwrite=force"]), ("again", &["--git"])] {
            let args = [&["new", "../tpl", dir, "--json"][..], more, &set].concat();
            let outside = everything_but(&sandbox, dir);
            let promised = sandbox.run_args(&[&args[..], &["--dry-run"]].concat());
            let before = tree(&sandbox, "..");
            let run = sandbox.run_args(&args);
            prop_assert!(!run.stderr.contains("panicked"), "{}", run);
            prop_assert_eq!(everything_but(&sandbox, dir), outside);
            if run.stdout.is_empty() {
                prop_assert!(run.stderr.contains("error: "), "{}", run);
                prop_assert_eq!(tree(&sandbox, ".."), before);
                prop_assert_eq!(&promised.stdout, "", "the dry run promised what could not be: {}", run);
                prop_assert_eq!(&promised.stderr, &run.stderr);
            } else {
                prop_assert_eq!(&promised.json()["steps"], &run.json()["steps"]);
            }
        }
        same_bytes(&sandbox, &set)?;
    }

    #[test]
    fn files_come_out_byte_for_byte(
        files in prop::collection::btree_map("[a-z]{1,3}(/[A-Z ü]{1,3})?", (prop::collection::vec(any::<u8>(), 0..200), any::<bool>()), 1..6),
        crlf in prop::collection::vec("[a-z {}%]{0,10}", 1..5),
    ) {
        let sandbox = with_template(&[]);
        for (path, (bytes, executable)) in &files {
            let path = sandbox.path("../tpl/files/bytes").join(path);
            prop_assume!(std::fs::create_dir_all(path.parent().unwrap()).is_ok());
            prop_assume!(std::fs::write(&path, bytes).is_ok());
            let mode = if *executable { 0o755 } else { 0o644 };
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        std::os::unix::fs::symlink("../bytes", sandbox.path("../tpl/files/bytes/link")).unwrap();
        let windows: Vec<String> = crlf.iter().map(|line| format!("{{{{ {line:?} }}}}\r\n")).collect();
        sandbox.write("../tpl/files/windows.jinja", windows.concat());
        std::fs::create_dir(sandbox.path("old")).unwrap();
        for dir in ["shop", "old"] {
            sandbox.run(&format!("new ../tpl {dir} --no-git")).succeeds();
            prop_assert_eq!(tree(&sandbox, &format!("{dir}/bytes")), tree(&sandbox, "../tpl/files/bytes"));
            let lines = crlf.join("\r\n") + "\r\n";
            prop_assert_eq!(sandbox.read(&format!("{dir}/windows")), lines);
        }
    }
}

/// All of the sandbox but one folder in the working directory.
fn everything_but(sandbox: &Sandbox, dir: &str) -> std::collections::BTreeMap<String, String> {
    let mut all = tree(sandbox, "..");
    // Where a template came from is remembered for the user.
    let is_memory = |path: &str| path == "home/.local" || path.starts_with("home/.local/state");
    all.retain(|path, _| {
        path != &format!("work/{dir}") && !path.starts_with(&format!("work/{dir}/")) && !is_memory(path)
    });
    all
}

/// Two more runs, and the one before: all the same.
fn same_bytes(sandbox: &Sandbox, set: &[&str]) -> Result<(), TestCaseError> {
    if !sandbox.exists("shop") {
        return Ok(());
    }
    let first = project(sandbox, "shop");
    std::fs::remove_dir_all(sandbox.path("shop")).unwrap();
    sandbox.run_args(&[&["new", "../tpl", "shop", "--no-git"][..], set].concat()).succeeds();
    prop_assert_eq!(project(sandbox, "shop"), first);
    Ok(())
}
