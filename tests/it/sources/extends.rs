//! Templates that extend others: what comes from where, in which state, and how far they reach.

use super::origin::{author, cut, publish, url};
use crate::sandbox::Sandbox;

const BASE: &str = "[template]\nname = 'base'\nversion = '1.0.0'\n\
    [questions.title]\ndefault = 'Base'\n[questions.port]\ntype = 'int'\ndefault = 80\n\
    [computed]\nslug = 'title | slugify'\n\
    [components.cache]\ntitle = 'Cache'\nfiles = ['cache/**']\n\
    [presets]\nfull = ['cache']\n\
    [[files]]\nmatch = 'local.env'\nonce = true\n\
    [messages]\nafter = 'made by {{ template.name }}'\n";

const HEIR: &str = "[template]\nname = 'heir'\nversion = '2.0.0'\nextends = '../base'\n\
    [questions.title]\ndefault = 'Heir'\n[computed]\nport = '8080'\n\
    [components.docker]\nrequires = ['cache']\nfiles = ['Dockerfile']\n";

/// A base and its heir, in folders beside each other.
fn family() -> Sandbox {
    Sandbox::new()
        .env("SOURCE_DATE_EPOCH", "1735732800")
        .file("../base/template.toml", BASE)
        .file("../base/files/README.md.jinja", "{% include 'head' %}{{ slug }} on {{ port }}\n{{ slot('notes') }}\n")
        .file("../base/files/cache/on", "")
        .file("../base/files/local.env", "A=1\n")
        .file("../base/files/kept", "base\n")
        .file("../base/files/other.jinja", "base\n")
        .file("../base/includes/head", "# {{ title }}\n")
        .file("../base/fragments/notes/cache.md", "base cache\n")
        .file("../heir/template.toml", HEIR)
        .file("../heir/files/other", "heir\n")
        .file("../heir/files/Dockerfile", "")
        .file("../heir/fragments/notes/cache.md.jinja", "heir cache\n")
        .file("../heir/fragments/notes/docker.md", "docker\n")
}

#[test]
fn an_heir_has_all_of_its_base_and_counts_where_both_have_something() {
    let sandbox = family();
    sandbox.honest("new ../heir shop --no-git --with docker");
    let files: Vec<String> = sandbox.list().into_iter().filter(|path| !path.contains(".prodev")).collect();
    assert_eq!(
        files,
        ["shop/Dockerfile", "shop/README.md", "shop/cache/on", "shop/kept", "shop/local.env", "shop/other"]
    );
    assert_eq!(sandbox.read("shop/README.md"), "# Heir\nheir on 8080\nheir cache\ndocker\n");
    assert_eq!(sandbox.read("shop/other"), "heir\n");
    let state = sandbox.read("shop/.prodev/heir/state.toml");
    assert!(state.contains("source = \"../../heir\"\nversion = \"2.0.0\"\n"), "{state}");
    assert!(state.contains("\n[[template.bases]]\nsource = \"../../base\"\nversion = \"1.0.0\"\n"), "{state}");
    // What the heir computes is not asked.
    sandbox.run("new ../heir other --set port=1").exits(2).changed_nothing();
    let run = sandbox.run("new ../heir other --no-git --preset full").succeeds();
    assert!(run.stderr.ends_with("\n\nmade by heir\n"), "{run}");
    let shown = sandbox.run("template show ../heir --json").succeeds().json();
    assert_eq!(shown["template"]["extends"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_base_is_updated_with_its_heir() {
    let sandbox = family();
    sandbox.run("new ../heir shop --no-git").succeeds();
    sandbox.run("-C shop update --check").succeeds();
    sandbox.write("../base/files/kept", "newer\n");
    sandbox.run("-C shop update --check").exits(1);
    sandbox.run("-C shop update").succeeds();
    assert_eq!(sandbox.read("shop/kept"), "newer\n");
    sandbox.run("-C shop add docker").succeeds();
    assert!(sandbox.exists("shop/cache/on") && sandbox.exists("shop/Dockerfile"));
    sandbox.run("-C shop diff").succeeds();
}

#[test]
fn what_is_wrong_is_told_in_the_file_that_it_stands_in() {
    let sandbox = family();
    sandbox.write("../base/template.toml", BASE.replace("title | slugify", "titel | slugify"));
    let run = sandbox.run("new ../heir shop").exits(2).changed_nothing();
    assert!(
        run.stderr.contains("`titel` is undefined; did you mean `title`?")
            || run.stderr.contains("../base/template.toml:10:9\n"),
        "{run}"
    );
    assert!(run.stderr.contains(" --> ../base/template.toml:10:9\n10 | slug = 'titel | slugify'\n"), "{run}");
    let sandbox = family();
    sandbox.write("../base/files/kept.jinja", "{{ nobody }}\n");
    sandbox.write("../heir/files/own.jinja", "\n{{ nobody }}\n");
    std::fs::remove_file(sandbox.path("../base/files/kept")).unwrap();
    let run = sandbox.run("new ../heir shop").exits(1).changed_nothing();
    assert!(run.stderr.contains("../base/files/kept.jinja:1:4"), "{run}");
    assert!(run.stderr.contains("../heir/files/own.jinja:2:4"), "{run}");
}

#[test]
fn circles_towers_and_what_is_not_there_are_named() {
    let sandbox = family();
    sandbox.write("../base/template.toml", BASE.replace("'1.0.0'\n", "'1.0.0'\nextends = '../heir'\n"));
    sandbox
        .run("new ../heir shop")
        .fails(
            2,
            "error: templates extend each other in a circle\n --> ../base/template.toml:4:11\n\
             4 | extends = '../heir'\n  |           ^^^^^^^^^\n\
             \x20 caused by: `../heir` extends `../base` extends `../heir`\nhint: let one of them stand on its own\n",
        )
        .changed_nothing();
    let sandbox = Sandbox::new();
    for at in 0..12 {
        let text = format!("[template]\nname = 't'\nversion = '1.0.0'\nextends = '../t{}'\n", at + 1);
        sandbox.write(&format!("../t{at}/template.toml"), text);
    }
    let run = sandbox.run("new ../t0 shop").exits(2).changed_nothing();
    assert!(run.stderr.starts_with("error: more than 8 templates extend each other\n"), "{run}");
    for (extends, message) in [
        ("'../nowhere'", "could not open `../nowhere`"),
        ("'pyhton-cli'", "there is no template `pyhton-cli`"),
        ("'ext::sh -c x'", "templates are not fetched with `ext`"),
        (
            "{ source = '../base', ref = 'v1' }",
            "there is no version of `../base` to choose: it is where the template is",
        ),
        ("{ source = '../base', tag = 'v1' }", "unknown key `tag`"),
        ("''", "a template is named by a text, or a table with `source` and `ref`"),
        ("7", "`template.extends`"),
    ] {
        let sandbox = family();
        sandbox.write("../heir/template.toml", HEIR.replace("'../base'", extends));
        let run = sandbox.run("new ../heir shop").changed_nothing();
        assert!(run.stderr.contains(message), "{message}: {run}");
    }
}

#[test]
fn trust_covers_the_base_too() {
    let sandbox = family();
    sandbox.write("../base/template.toml", format!("{BASE}[[tasks]]\nrun = 'echo base >> log'\n"));
    sandbox.write("../heir/template.toml", format!("{HEIR}[[tasks]]\nrun = 'echo heir >> log'\n"));
    let trust = |entries: &[&str]| {
        let entries: Vec<String> = entries.iter().map(|it| format!("'{}/{it}'", sandbox.root().display())).collect();
        sandbox.write("../home/.config/prodev/config.toml", format!("[trust]\nsources = [{}]\n", entries.join(", ")));
    };
    sandbox.run("new ../heir shop").exits(4).changed_nothing();
    for entries in [&["heir"][..], &["base"]] {
        trust(entries);
        sandbox.run("new ../heir shop").exits(4).changed_nothing();
    }
    trust(&["heir", "base"]);
    sandbox.run("new ../heir shop --no-git").succeeds();
    assert_eq!(sandbox.read("shop/log"), "base\nheir\n");
}

#[test]
fn renames_and_migrations_of_a_base_go_by_its_own_versions() {
    let sandbox = family();
    sandbox.write("../heir/template.toml", HEIR.replace("'2.0.0'", "'9.0.0'"));
    sandbox.run("new ../heir shop --no-git").succeeds();
    sandbox.write("shop/kept", "mine\n");
    let base = format!(
        "{}[[renames]]\nsince = '1.1.0'\nfrom = 'kept'\nto = 'moved'\n\
         [[migrations]]\nversion = '1.1.0'\nrun = 'echo base >> log'\n",
        BASE.replace("'1.0.0'", "'1.1.0'")
    );
    sandbox.write("../base/template.toml", base);
    std::fs::rename(sandbox.path("../base/files/kept"), sandbox.path("../base/files/moved")).unwrap();
    let heir = format!("{HEIR}[[migrations]]\nversion = '9.1.0'\nrun = 'echo heir >> log'\n");
    sandbox.write("../heir/template.toml", heir.replace("'2.0.0'", "'9.1.0'"));
    sandbox.run("-C shop update --trust").succeeds();
    assert_eq!((sandbox.read("shop/moved"), sandbox.read("shop/log")), ("mine\n".into(), "base\nheir\n".into()));
    assert!(!sandbox.exists("shop/kept"));
}

#[test]
fn a_template_of_a_repository_extends_a_folder_of_the_same_commit() {
    let sandbox = Sandbox::new();
    let files = |text: &str| {
        publish(
            &sandbox,
            &[
                (
                    "base/template.toml",
                    "[template]\nname = 'base'\nversion = '1.0.0'\n[components.extra]\nfiles = ['extra']\n",
                ),
                ("base/files/out", text),
                ("base/files/extra", text),
                ("web/template.toml", "[template]\nname = 'web'\nversion = '1.0.0'\nextends = '../base'\n"),
                ("web/files/web", ""),
            ],
            None,
        );
    };
    files("one\n");
    author(&sandbox, &["tag", "v1.0.0"]);
    author(&sandbox, &["push", "-q", "--tags", "origin"]);
    let source = format!("{}//web", url(&sandbox));
    sandbox.run_args(&["new", &source, "shop", "--no-git"]).succeeds();
    assert_eq!(sandbox.read("shop/out"), "one\n");
    files("two\n");
    cut(&sandbox);
    // At the commit that is recorded, without a network.
    sandbox.run("-C shop add extra").succeeds();
    assert_eq!(sandbox.read("shop/extra"), "one\n");
    for (extends, message) in
        [("../../elsewhere", "`../../elsewhere` leaves the repository"), ("/etc", "there is no folder `/etc`")]
    {
        let sandbox = Sandbox::new();
        let text = format!("[template]\nname = 'web'\nversion = '1.0.0'\nextends = '{extends}'\n");
        publish(&sandbox, &[("web/template.toml", &text), ("web/files/a", "")], None);
        let run = sandbox.run_args(&["new", &format!("{}//web", url(&sandbox)), "shop", "--no-git"]).changed_nothing();
        assert!(run.stderr.contains(message) || extends == "/etc", "{run}");
        assert!(!sandbox.exists("shop"));
    }
}

#[test]
fn a_base_in_another_repository_is_recorded_by_its_commit() {
    let sandbox = Sandbox::new();
    let base = |version: &str, text: &str| {
        let toml = format!("[template]\nname = 'base'\nversion = '{version}'\n[components.extra]\nfiles = ['extra']\n");
        publish(
            &sandbox,
            &[("template.toml", &toml), ("files/out", text), ("files/extra", text)],
            Some(&format!("v{version}")),
        );
    };
    base("1.0.0", "one\n");
    let heir = format!("[template]\nname = 'heir'\nversion = '1.0.0'\nextends = '{}'\n", url(&sandbox));
    sandbox.write("../heir/template.toml", heir);
    sandbox.run("new ../heir shop --no-git").succeeds();
    let state = sandbox.read("shop/.prodev/heir/state.toml");
    let commit = author(&sandbox, &["rev-parse", "v1.0.0"]);
    assert!(state.contains(&format!("ref = \"v1.0.0\"\ncommit = \"{commit}\"\nversion = \"1.0.0\"\n")), "{state}");
    base("2.0.0", "two\n");
    sandbox.run("-C shop add extra").succeeds();
    assert_eq!(sandbox.read("shop/extra"), "one\n");
    sandbox.run("-C shop update").succeeds();
    assert_eq!((sandbox.read("shop/extra"), sandbox.read("shop/out")), ("two\n".into(), "two\n".into()));
    let state = sandbox.read("shop/.prodev/heir/state.toml");
    assert!(state.contains("ref = \"v2.0.0\"\n"), "{state}");
}

#[test]
fn a_built_in_template_can_be_extended() {
    let sandbox = Sandbox::new();
    sandbox.write("../heir/template.toml", "[template]\nname = 'heir'\nversion = '1.0.0'\nextends = 'python-cli'\n");
    sandbox.write("../heir/files/OWNERS", "us\n");
    sandbox.run("new ../heir tool --no-git --defaults --set project_name=Tool").succeeds();
    assert!(sandbox.exists("tool/OWNERS") && sandbox.exists("tool/pyproject.toml"));
    let state = sandbox.read("tool/.prodev/heir/state.toml");
    assert!(state.contains("[[template.bases]]\nsource = \"builtin:python-cli\"\n"), "{state}");
    // Of another version than this prodev's there is none to be had.
    sandbox.write(
        "tool/.prodev/heir/state.toml",
        state
            .replace("source = \"builtin:python-cli\"\nversion = \"", "source = \"builtin:python-cli\"\nversion = \"9"),
    );
    let run = sandbox.run("-C tool remove docker").exits(1).changed_nothing();
    assert!(run.stderr.contains("this project is of `builtin:python-cli` 9"), "{run}");
}

#[test]
fn an_heir_contributes_beside_its_base() {
    let sandbox = family();
    let contribution = |line: &str| format!("\n[[contributions]]\nto = '.gitignore'\ncreate = true\ntext = '{line}'\n");
    sandbox.write("../base/template.toml", format!("{BASE}{}", contribution("/base/")));
    sandbox.write("../heir/template.toml", format!("{HEIR}{}", contribution("/heir/")));
    sandbox.run("new ../heir shop --no-git").succeeds();
    assert_eq!(sandbox.read("shop/.gitignore"), "/base/\n/heir/\n");
    sandbox.write("../heir/template.toml", format!("{HEIR}{}", contribution("{{ nobody }}")));
    let run = sandbox.run("new ../heir other --no-git").changed_nothing();
    assert!(run.stderr.contains("../heir/template.toml:"), "{run}");
    sandbox.write("../heir/template.toml", HEIR);
    sandbox.write("../base/template.toml", format!("{BASE}{}", contribution("{{ nobody }}")));
    let run = sandbox.run("new ../heir other --no-git").changed_nothing();
    assert!(run.stderr.contains("../base/template.toml:"), "{run}");
}

#[test]
fn a_base_may_drop_what_its_heir_leaves_out() {
    let sandbox = family();
    let rule = "[[files]]\nmatch = 'kept'\nexclude = true\n";
    sandbox.write("../heir/template.toml", format!("{HEIR}{rule}"));
    sandbox.run("new ../heir shop --no-git").succeeds();
    assert!(!sandbox.exists("shop/kept"));
    assert!(!sandbox.run("template lint ../heir").stdout.contains("stale-glob"));
    std::fs::remove_file(sandbox.path("../base/files/kept")).unwrap();
    sandbox.run("-C shop update").succeeds();
    sandbox.run("new ../heir other --no-git").succeeds();
    let run = sandbox.run("template lint ../heir");
    assert!(run.stdout.contains("`kept` matches no file in `files/`") && run.stdout.contains("stale-glob"), "{run}");
    // Whoever extends nothing has only itself to blame.
    sandbox.write("../base/template.toml", format!("{BASE}{rule}"));
    sandbox.run("new ../base third --no-git").exits(2).changed_nothing();
}
