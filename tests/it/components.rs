//! Components of a template: what is selected, completed and refused, and what is recorded of it.

use crate::draft::{draft, generate, generate_args};
use crate::sandbox::Sandbox;

const MANIFEST: &str = r#"
[questions.name]
default = "Shop"
[questions.port]
type = "int"
default = 8000
[questions.ratio]
type = "float"
default = 2
[questions.features]
type = "multi"
default = ["b", "a"]
[questions.extra]
when = "components.celery"
[questions.data]
type = "json"
default = { a = 1, b = [true] }
[questions.holes]
type = "json"
default = "{{ {'a': none} }}"
[questions.text]
type = "yaml"
default = "yes"
[questions.password]
type = "secret"
default = "open sesame"
[computed]
slug = "name | slugify"
[components.core]
title = "The shop"
required = true
[components.rest]
default = true
files = ["rest.py"]
[components.openapi]
default = true
requires = ["rest"]
files = ["openapi.py"]
[components.cache]
title = "Caching"
[components.celery]
requires = ["cache", "rest"]
files = ["celery/**"]
[components.cron]
conflicts = ["celery"]
[presets]
minimal = []
full = ["openapi", "celery"]
[[files]]
match = ".env"
once = true
"#;

fn shop() -> Sandbox {
    draft(MANIFEST)
        .file("t/files/out.jinja", "{% for name, on in components.items() if on %}{{ name }} {% endfor %}")
        .file("t/files/rest.py", "")
        .file("t/files/openapi.py", "")
        .file("t/files/celery/app.py", "")
        .file("t/files/.env.jinja", "PASSWORD={{ password }}\n")
}

#[test]
fn flags_and_presets_select_components() {
    for (flags, components, files) in [
        ("", "core rest openapi ", "openapi.py rest.py"),
        ("--with cache", "core rest openapi cache ", "openapi.py rest.py"),
        ("--without rest,openapi", "core ", ""),
        ("--without openapi --with cron,cache", "core rest cache cron ", "rest.py"),
        ("--preset minimal", "core ", ""),
        ("--preset minimal --with openapi --with cache", "core rest openapi cache ", "openapi.py rest.py"),
        ("--preset full --set extra=x", "core rest openapi cache celery ", "celery/app.py openapi.py rest.py"),
        ("--with core", "core rest openapi ", "openapi.py rest.py"),
    ] {
        let sandbox = shop();
        generate(&sandbox, flags).succeeds();
        assert_eq!(sandbox.read("p/out"), components, "{flags}");
        let files_there: Vec<&str> = ["celery/app.py", "openapi.py", "rest.py"]
            .into_iter()
            .filter(|file| sandbox.exists(&format!("p/{file}")))
            .collect();
        assert_eq!(files_there.join(" "), files, "{flags}");
    }
}

#[test]
fn what_comes_along_is_said_and_reported() {
    let sandbox = shop();
    let run = sandbox.run("new t p --no-git --preset minimal --with celery --set extra=x --json").succeeds();
    assert_eq!(
        run.stderr,
        "`cache` comes along: `celery` requires it\n`rest` comes along: `celery` requires it\n\
         created `p`: 4 files from t 1.0.0 with core, rest, cache, celery\n"
    );
    let report = run.json();
    assert_eq!(
        report["added"],
        serde_json::json!([
            { "component": "cache", "required_by": "celery" },
            { "component": "rest", "required_by": "celery" }
        ])
    );
    assert_eq!(report["components"], serde_json::json!(["core", "rest", "cache", "celery"]));
    assert_eq!(report["template"]["name"], "t");
    assert_eq!(report["answers"]["ratio"], 2.0);
    assert!(!run.stdout.contains("sesame") && report["answers"].get("password").is_none());
}

#[test]
fn selections_that_cannot_be_are_refused() {
    for (flags, complaint) in [
        (
            "--with celry --without chace --preset ful",
            "error: the selection of components is wrong\n  \
             this template has no component `celry` (did you mean `celery`?)\n  \
             this template has no component `chace` (did you mean `cache`?)\n  \
             this template has no preset `ful` (did you mean `full`?)\n",
        ),
        (
            "--with cache --without cache",
            "error: the component `cache` stands in both `--with` and `--without`\nhint: leave one of the two out\n",
        ),
        (
            "--without core",
            "error: every project of this template has the component `core`\nhint: leave out `--without core`\n",
        ),
        (
            "--without rest",
            "error: `openapi` requires `rest`, which `--without` leaves out\n\
             hint: leave both out: `--without rest,openapi`\n",
        ),
        (
            "--with celery --without cache",
            "error: `celery` requires `cache`, which `--without` leaves out\n\
             hint: leave both out: `--without cache,celery`\n",
        ),
        (
            "--preset minimal --with celery --no-deps",
            "error: the selection of components is wrong\n  \
             `celery` requires `cache`, which is not selected (add it with `--with cache`, or leave out `--no-deps`)\n  \
             `celery` requires `rest`, which is not selected (add it with `--with rest`, or leave out `--no-deps`)\n",
        ),
        (
            "--with celery,cron",
            "error: the components `cron` and `celery` cannot be in one project\n\
             hint: choose one: `--without celery` or `--without cron`\n",
        ),
        (
            "--without core,rest --with celery,cron",
            "error: the selection of components is wrong\n  \
             every project of this template has the component `core` (leave out `--without core`)\n  \
             `openapi` requires `rest`, which `--without` leaves out (leave both out: `--without rest,openapi,celery`)\n  \
             the components `cron` and `celery` cannot be in one project (choose one: `--without celery` or `--without cron`)\n",
        ),
        ("--preset zzz", "error: this template has no preset `zzz`\nhint: it has `minimal`, `full`\n"),
    ] {
        generate(&shop(), flags).fails(2, complaint).changed_nothing();
    }
    generate(&draft(""), "--with cache").fails(2, "error: this template has no component `cache`\nhint: it has none\n");
}

#[test]
fn the_state_holds_what_is_needed_and_no_secret() {
    let sandbox = shop();
    generate_args(&sandbox, &["--with", "cache", "--as", "first"]).succeeds();
    let state = sandbox.read("p/.prodev/first/state.toml");
    assert_eq!(
        state,
        "# Written by prodev: which template this project comes from, and the answers behind it.\n\
             # Commit it with `base/` beside it; an update needs both.\n\n\
             [template]\nname = \"t\"\nsource = \"../t\"\nversion = \"1.0.0\"\n\n\
             [components]\ncore = true\n\nrest = true\n\nopenapi = true\n\ncache = true\n\ncelery = false\n\ncron = false\n\n\
             [answers]\nname = \"Shop\"\nport = 8000\nratio = 2.0\nfeatures = [\n    \"b\",\n    \"a\",\n]\n\
             holes = '{\"a\":null}'\ntext = '\"yes\"'\n\n\
             [answers.data]\na = 1\nb = [true]\n"
    );
    assert!(sandbox.read("p/.prodev/.gitattributes").starts_with("* -text linguist-generated\n"));
    let base: Vec<String> =
        sandbox.list().into_iter().filter(|path| path.starts_with("p/.prodev/first/base/")).collect();
    assert_eq!(base, ["openapi.py", "out", "rest.py"].map(|file| format!("p/.prodev/first/base/{file}.base")));
    assert_eq!(sandbox.read("p/.prodev/first/base/out.base"), sandbox.read("p/out"));
    assert_eq!(sandbox.read("p/.env"), "PASSWORD=open sesame\n");
}

#[test]
fn the_same_answers_give_the_same_bytes() {
    let sandbox = shop();
    for (folder, flags) in [
        ("a", ["--with", "cache,cron", "--set", "features=a,b", "--set", "ratio=3"]),
        ("b", ["--with", "cron,cache", "--set", "ratio=3.0", "--set", "features=a, b"]),
    ] {
        sandbox.run_args(&[&["new", "t", folder, "--no-git"], &flags[..]].concat()).succeeds();
    }
    for file in [".prodev/t/state.toml", "out"] {
        assert_eq!(sandbox.read(&format!("a/{file}")), sandbox.read(&format!("b/{file}")), "{file}");
    }
}
