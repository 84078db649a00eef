//! What a template cannot do, and what is noticed before it does nothing: secrets, links, globs, terminals.

use std::os::unix::fs::{PermissionsExt as _, symlink};

use crate::draft::{draft, generate};

const ONCE: &str = "[[files]]\nmatch = ['.env', 'notes']\nonce = true\n";

#[test]
fn only_a_once_file_makes_secrets_whatever_it_calls_itself() {
    for forged in
        ["{% set __once = true %}{{ random_secret() }}", "{% with __once = {} %}{{ random_secret() }}{% endwith %}"]
    {
        let sandbox = draft("").file("t/files/out.jinja", forged);
        let run = generate(&sandbox, "").exits(1).changed_nothing();
        assert!(run.stderr.contains("`random_secret` works in `once` files only"), "{run}");
    }
}

#[test]
fn a_file_that_holds_a_secret_is_for_its_owner_alone() {
    for text in [
        "A={{ random_secret (20) }}\n",
        "{% set make = random_secret %}A={{ make(20) }}\n",
        "A={{ word }}\n",
        "A={{ word | upper | lower }}\n",
    ] {
        let sandbox = draft(&format!("[questions.word]\ntype = 'secret'\ndefault = 'hunter2'\n{ONCE}"))
            .file("t/files/.env.jinja", text)
            .file("t/files/notes.jinja", "yours: {{ template.name }}\n");
        generate(&sandbox, "").succeeds();
        let mode = |path: &str| sandbox.path(path).metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode("p/.env"), 0o600, "{text}");
        assert_eq!(mode("p/notes") & 0o044, 0o044, "a file of the user's own without a secret is an ordinary one");
    }
}

#[test]
fn links_are_named_as_files_are_and_lead_nowhere_else() {
    let sandbox = draft("[questions.package]\ndefault = 'shop'\n").file("t/files/{{ package }}/main.py", "");
    symlink("{{ package }}/main.py", sandbox.path("t/files/latest")).unwrap();
    generate(&sandbox, "").succeeds();
    assert_eq!(std::fs::read_link(sandbox.path("p/latest")).unwrap().to_str(), Some("shop/main.py"));

    for target in ["{{ package }}/../../x", "inner/../../../etc/passwd", "{{ '..' }}/x"] {
        let sandbox = draft("[questions.package]\ndefault = 'shop'\n").file("t/files/a", "");
        symlink(target, sandbox.path("t/files/latest")).unwrap();
        let run = generate(&sandbox, "").exits(1).changed_nothing();
        assert!(run.stderr.contains("points out of the project"), "{run}");
    }
}

#[test]
fn globs_that_fit_no_file_are_told() {
    let sandbox = draft("[components.a]\nfiles = ['nope/**']\n[[files]]\nmatch = 'out.txt'\nonce = true\n")
        .file("t/files/out.jinja", "");
    generate(&sandbox, "")
        .fails(
            2,
            "error: `t/template.toml` has 2 problems\n  \
             t/template.toml:5:10: `nope/**` matches no file in `files/` (`*` stays within a folder, `**` crosses them)\n  \
             t/template.toml:7:9: `out.txt` matches no file in `files/` (`*` stays within a folder, `**` crosses them)\n",
        )
        .changed_nothing();
    // With the suffix or without: both are the file's names.
    let rule = "[[files]]\nmatch = 'out.jinja'\nverbatim = true\n";
    let sandbox = draft(rule).file("t/files/out.jinja", "{{ x }}");
    generate(&sandbox, "").succeeds();
    assert_eq!(sandbox.read("p/out.jinja"), "{{ x }}");
}

#[test]
fn a_template_that_makes_nothing_is_refused() {
    generate(&draft(""), "")
        .fails(1, "error: `t/files/` has nothing to generate\nhint: put there what a project is to have\n")
        .changed_nothing();
}

#[test]
fn failures_carry_no_escape_sequences_of_a_template() {
    let sandbox = draft("").file("t/files/out.jinja", "{{ fail('a\u{1b}]0;owned\u{7}b') }}");
    let run = generate(&sandbox, "").exits(1).changed_nothing();
    assert!(run.stderr.contains("a]0;ownedb") && !run.stderr.contains('\u{1b}'), "{run}");
}
