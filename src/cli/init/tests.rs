//! Whole projects of several kinds: what is written for them is read back without a problem.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;

use super::{Role, Survey, look, text};
use crate::config::project;

/// Names and contents.
type Files<'a> = &'a [(&'a str, &'a str)];

/// Makes the files, and writes down what is found.
fn written(files: Files, seen: Option<&Survey>) -> String {
    let folder = tempfile::tempdir().expect("there is a temporary directory");
    for (name, content) in files {
        make(folder.path(), name, content);
    }
    let source = text::write(&look(folder.path(), seen), Role::Root);
    let checked = project::check("prodev.toml", &source);
    assert!(checked.is_ok(), "{checked:?}\n{source}");
    let nested = text::write(&look(folder.path(), None), Role::Nested);
    let checked = project::check_nested("api/prodev.toml", &nested);
    assert!(checked.is_ok(), "{checked:?}\n{nested}");
    source
}

#[allow(clippy::disallowed_methods, reason = "a test makes the project that it looks at")]
fn make(folder: &Path, name: &str, content: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("it is in the folder")).expect("a directory can be made");
    std::fs::write(path, content).expect("a file can be written");
}

#[test]
fn a_django_project_is_understood() {
    let files = [
        ("manage.py", ""),
        ("pyproject.toml", "[tool.ruff]\n[dependency-groups]\ndev = [\"pytest-django\", \"mypy>=1\"]\n"),
        ("uv.lock", ""),
        ("compose.yaml", ""),
        (".env.example", "# Signs sessions\nSECRET_KEY=change-me\nDEBUG=true\nPORT=8000\n"),
        (".env", "SECRET_KEY=real\nEXTRA=hidden-value\n"),
    ];
    let source = written(&files, None);
    let expected = r#"# What prodev knows of this project. `prodev config show` tells what follows from it,
# and `prodev config schema` describes every key.

[settings]
prodev = ">=0.1.0"

# The variables of .env.example and .env and what they may be.
[env]
dialects = ["compose"]  # who reads the files

[env.vars.SECRET_KEY]
doc = "Signs sessions"
type = "string"
secret = true

[env.vars.DEBUG]
type = "bool"
example = "true"

[env.vars.PORT]
type = "port"
example = "8000"

[env.vars.EXTRA]
type = "string"

# Recipes: commands by name.
# From manage.py:
[recipes.dev]
doc = "Serve on http://localhost:8000 and reload on changes"
run = "uv run python manage.py runserver"

[recipes.migrate]
doc = "Bring the database up to date"
run = "uv run python manage.py migrate"

[recipes.test]
doc = "Run the tests"
run = "uv run python manage.py test"

# From pyproject.toml:
[recipes.lint]
doc = "Look for mistakes"
run = "uv run ruff check ."

[recipes.format]
doc = "Format the code"
run = "uv run ruff format ."

[recipes.typecheck]
doc = "Check the types"
run = "uv run mypy ."
"#;
    assert_eq!(source, expected.replace(">=0.1.0", &format!(">={}", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn projects_of_every_kind_are_written_down_rightly() {
    let owned = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let seen = Survey {
        head: Some("main".to_owned()),
        branches: owned(&["main", "master", "develop", "feat/a", "docs/b", "dependabot/npm/x", "1x/y", "HEAD/z"]),
        tags: owned(&["v1.0.0", "v1.1.0"]),
        subjects: owned(&["feat: a", "fix: b", "deps: c", "docs: d", "chore(ui)!: e"]),
        hooks_path: Some("a\nb".to_owned()),
        ..Survey::default()
    };
    let cases: [(Files, &[&str]); 6] = [
        (&[], &["# [recipes.test]"]),
        (&[("Cargo.toml", "[workspace]\n")], &["run = \"cargo test --workspace\""]),
        (&[("go.mod", "module x\n")], &["run = \"go vet ./...\""]),
        (
            &[
                (
                    "package.json",
                    r#"{"scripts": {"test": "vitest", "a b": "x", "lint:css": "{{ x }}"}, "devDependencies": {"vite": "1"}}"#,
                ),
                (".env", "VITE_X=1"),
            ],
            &["[recipes.\"lint:css\"]", "order = \"vite\"", "run = \"npm run test\""],
        ),
        (&[("Makefile", ".PHONY: test\ntest: ## Run the \"tests\"\n\tx\n")], &["doc = 'Run the \"tests\"'"]),
        (
            &[("justfile", ""), ("lefthook.yml", "")],
            &["# Git hooks: lefthook (lefthook.yml) runs them.", "# Recipes: just (justfile)"],
        ),
    ];
    for (files, expected) in cases {
        let source = written(files, Some(&seen));
        let all = [
            "main = \"main\"  # `master` is there too",
            "prefix = \"feat/\"  # 1 branch",
            "tag_prefix = \"v\"",
            "\"deps\"",
            "[flow.kinds.docs]",
        ];
        for line in expected.iter().chain(&all) {
            assert!(source.contains(line), "{line}\n{source}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever a repository and its files hold, what is written can be read.
    #[test]
    fn what_is_written_can_be_read(
        branches in proptest::collection::vec("[a-z]{1,4}/[a-z.]{0,4}|\\PC{1,12}", 0..6),
        tags in proptest::collection::vec("\\PC{0,3}[0-9]\\.[0-9]\\.[0-9]", 0..3),
        env in "(?s).{0,80}",
        names in proptest::collection::btree_map("\\PC{0,8}", "\\PC{0,80}", 0..4),
        make in "(?s).{0,80}",
    ) {
        let package = serde_json::json!({ "scripts": BTreeMap::clone(&names) }).to_string();
        let seen = Survey { branches, tags, ..Survey::default() };
        written(&[("package.json", &package), (".env.example", &env), ("Makefile", &make)], Some(&seen));
    }

    /// Whatever another runner's file holds, what is carried over can be read.
    #[test]
    fn what_is_imported_can_be_read(
        name in prop::sample::select(vec!["Makefile", "Taskfile.yml", "package.json", "mise.toml"]),
        words in proptest::collection::vec(prop::sample::select(WORDS.to_vec()), 0..24),
        noise in "(?s).{0,20}",
        at in 0..24_usize,
    ) {
        let mut text = words.concat();
        if let Some((start, _)) = text.char_indices().nth(at) {
            text.insert_str(start, &noise);
        }
        imported(name, &text);
        // As the text of commands.
        let quoted = serde_json::Value::from(text.as_str());
        let whole = match name {
            "Taskfile.yml" => format!("tasks:\n  a: {{ cmds: [{quoted}, {quoted}], vars: {{ X: {quoted} }} }}\n"),
            "package.json" => format!("{{\"scripts\": {{\"a\": {quoted}, {quoted}: \"x\"}}}}"),
            "mise.toml" => format!("tasks.a = {}\n[vars]\nx = 'y'\n", toml_edit::Value::from(text.as_str())),
            _ => format!("a: b\n\t{}\nb:\n\t@x\n", text.replace('\n', "\n\t")),
        };
        imported(name, &whole);
    }
}

/// What files of runners are made of.
const WORDS: [&str; 24] = [
    "a:",
    " b",
    "\n",
    "\t",
    "\"",
    "'",
    "$(X)",
    "$$y",
    "{{.X}}",
    "{{vars.x}}",
    "{{ x }}",
    "X = 1 2",
    "\n\t@echo ",
    "\\\n",
    "#",
    ";",
    "cd /",
    ".PHONY: a",
    "$@",
    "${Z}",
    "<<EOF\n",
    "EOF\n",
    "''",
    "\u{7f}",
];

/// Imports a file; what comes of it is read back, and its references are what they should be.
fn imported(name: &str, text: &str) {
    let folder = tempfile::tempdir().expect("there is a temporary directory");
    make(folder.path(), name, text);
    let ui = crate::ui::Ui::new(crate::ui::Volume::Quiet, true, false);
    let ctx = crate::ctx::Ctx::new(Some(folder.path()), None, ui).expect("the directory is there");
    let Ok(imported) = super::import::read(Path::new(name), folder.path(), &ctx) else { return };
    let found = super::Found { imported: Some(imported), ..super::Found::default() };
    let source = text::write(&found, Role::Root);
    let checked = project::check("prodev.toml", &source);
    assert!(checked.is_ok(), "{checked:?}\n{name}\n{text}\n---\n{source}");
    make(folder.path(), "prodev.toml", &source);
    let project = crate::config::project::Project::load_for(folder.path(), None, &[]).expect("it can be read");
    let judged = crate::recipe::judge(&project);
    assert!(judged.is_ok(), "{judged:?}\n{name}\n{text}\n---\n{source}");
}
