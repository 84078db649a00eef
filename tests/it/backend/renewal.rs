//! Components that come and go in a project which is in use, and a template that moves on under its user's edits.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use super::bench::Bench;
use super::generation;
use super::live;
use super::project::{NAME, Project};
use super::report::{Report, Verdict, broken, ensure};
use super::selection::{COMPONENTS, Selection};
use crate::sandbox::Sandbox;

/// How many rows there are of what every project has, and of what most have.
const ROWS: &str = "from django.apps import apps\n\
                    print(*(apps.get_model(label).objects.count() for label in ('accounts.User', 'catalog.Product') \
                    if apps.is_installed('apps.' + label.split('.')[0].lower())))";

/// Each of `names` is added to a project that has been in use without it, and removed again.
pub(super) fn components(report: &Report, bench: &Bench, names: &[&str]) {
    let work: Vec<&str> = COMPONENTS.iter().map(|(name, _)| *name).filter(|name| names.contains(name)).collect();
    super::in_pairs(work, |name| {
        report.check("default, renewed", &format!("added and removed: {name}"), || there_and_back(bench, name));
    });
}

/// What must be said to be rid of a component's tables, by component, as `template.toml` has it.
fn ways_to_undo() -> BTreeMap<String, String> {
    let manifest: toml::Table = include_str!("../../../templates/django-api/template.toml").parse().unwrap();
    let components = manifest["components"].as_table().unwrap().iter();
    components.filter_map(|(name, it)| Some((name.clone(), it.get("tables")?.as_str()?.to_owned()))).collect()
}

fn there_and_back(bench: &Bench, name: &str) -> Verdict {
    // What requires it has to go with it, and to come again; what it requires comes along, and stays until it is gone.
    let with: Vec<&str> = Selection::dependents(name).into_iter().chain([name]).collect();
    let required = COMPONENTS.iter().find(|(it, _)| *it == name).map_or(&[][..], |(_, requires)| requires);
    let default = Selection::default();
    let has = |it: &&str| default.components.iter().any(|had| had == it);
    let left_out: Vec<&str> = with.iter().copied().filter(has).collect();
    let added: Vec<&str> = required
        .iter()
        .filter(|it| !has(it))
        .chain(with.iter().filter(|it| **it == name || has(it)))
        .copied()
        .collect();

    let project = Project::new(Sandbox::new(), default.less(&left_out));
    let flags = project.selection.flags.join(" ");
    project.sandbox.run(&format!("new django-api {NAME} --defaults {flags}")).succeeds();
    let git = |words: &[&str]| project.sandbox.ask_git(&[&["-C", NAME], words].concat());
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "feat: begin"]);
    bench.install(&project, &project.dir, "requirements/dev.txt")?;
    project.manage("migrate --verbosity 0")?;
    live::populate(&project, &[])?;
    let (before, rows) = (state(&project), project.python(ROWS, &[])?);

    for it in [name].iter().chain(&added) {
        project.prodev(&format!("add {it}"), 0)?;
    }
    bench.fill(&project, &project.dir, "requirements/dev.txt")?;
    project.manage("migrate --verbosity 0")?;
    project.manage("check --fail-level WARNING")?;
    project.manage("makemigrations --check --dry-run")?;
    project.manage("test --parallel 2 --noinput")?;
    if name == "example" {
        project.manage("seed_catalog --products 5")?;
    }
    let between = project.python(ROWS, &[])?;
    // What was left out comes with a table of its own, which is empty.
    ensure(between.starts_with(rows.trim_end()), || format!("rows: {rows}, and with {name}: {between}"))?;

    let undo = ways_to_undo();
    let tables: Vec<&str> = added.iter().copied().filter(|it| undo.contains_key(*it)).collect();
    if !tables.is_empty() {
        // Refused while nobody has said what becomes of its tables.
        let whole = state(&project);
        let said = project.prodev(&format!("remove {}", added.join(" ")), 4)?.stderr;
        ensure(state(&project) == whole, || "a refusal has changed something".to_owned())?;
        for it in tables.iter().rev() {
            ensure(said.contains(&undo[*it]), || format!("`{}` is not named:\n{said}", undo[*it]))?;
            project.run(&format!("{} --verbosity 0", undo[*it]))?;
        }
    }
    project.prodev(&format!("remove {} --keep-tables", added.join(" ")), 0)?;
    let after = state(&project);
    let differ: Vec<&String> =
        before.keys().chain(after.keys()).filter(|it| before.get(*it) != after.get(*it)).collect();
    ensure(differ.is_empty(), || format!("the tree is not what it was: {differ:?}"))?;
    ensure(git(&["status", "--porcelain"]).is_empty(), || git(&["status", "--porcelain"]))?;
    project.manage("check --fail-level WARNING")?;
    project.manage("makemigrations --check --dry-run")?;
    let left = project.manage("migrate --plan")?;
    ensure(left.stdout.contains("No planned migration operations"), || left.to_string())?;
    let end = project.python(ROWS, &[])?;
    ensure(end == rows, || format!("rows: {rows}, and at the end {end}"))
}

/// Every file with its mode, but for what is written once and what the tools leave.
fn state(project: &Project) -> BTreeMap<String, (u32, Vec<u8>)> {
    let mut files = generation::files(project);
    let tools = ["db.sqlite3", ".mypy_cache", ".ruff_cache", ".coverage"];
    files.retain(|path, _| {
        path != ".env" && !tools.iter().any(|tool| path.starts_with(tool)) && !path.contains("__pycache__")
    });
    files
}

/// A project of an older version of the template, with its user's edits, is brought to a newer one.
pub(super) fn updates(report: &Report, bench: &Bench) {
    let name = "default, renewed";
    let mut found = None;
    report.check(name, "updated: edits are kept, and what is new comes", || {
        found = Some(updated(bench)?);
        Ok(())
    });
    let Some(project) = found else { return };
    report.check(name, "updated: tests pass afterwards", || {
        project.manage("migrate --verbosity 0")?;
        project.manage("makemigrations --check --dry-run")?;
        project.manage("test --parallel 2 --noinput").map(drop)
    });
    report.check(name, "updated: a conflict is shown, and taken back", || conflict(&project));
}

/// The template's own copy, as any author would have it.
const TEMPLATE: &str = "template";

fn updated(bench: &Bench) -> Result<Project, super::report::Fault> {
    let project = Project::new(Sandbox::new(), Selection::default());
    let sandbox = &project.sandbox;
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/django-api"), &sandbox.path(TEMPLATE));
    sandbox.run(&format!("new ./{TEMPLATE} {NAME} --defaults")).succeeds();
    let git = |words: &[&str]| sandbox.ask_git(&[&["-C", NAME], words].concat());
    bench.install(&project, &project.dir, "requirements/dev.txt")?;

    // The user's: a function at the end of a file, a line in the middle of another, a setting, a file of their own.
    edit(&project, "apps/catalog/services.py", |text| format!("{text}\n\ndef of_mine() -> int:\n    return 42\n"))?;
    edit(&project, "README.md", |text| {
        text.replacen("## First steps", "## Before all else\n\nMine.\n\n## First steps", 1)
    })?;
    edit(&project, "config/settings/project.py", |text| format!("{text}\nOF_MINE = 42\n"))?;
    sandbox.write(&format!("{NAME}/apps/mine.py"), "MINE = 1\n");
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "feat: begin"]);

    // The template's: another text beside the user's, a file more, a requirement that is looser.
    let file = |path: &str| format!("{TEMPLATE}/files/{path}");
    let change = |path: &str, from: &str, to: &str| {
        let text = sandbox.read(path);
        ensure(text.contains(from), || format!("`{path}` has no `{from}` any more"))?;
        sandbox.write(path, text.replacen(from, to, 1));
        Ok(())
    };
    change(&format!("{TEMPLATE}/template.toml"), "version = \"0.1.0\"", "version = \"0.2.0\"")?;
    change(&file("README.md.jinja"), "## Where things are", "## Where all the things are")?;
    change(&file("apps/catalog/services.py"), "\"\"\"Everything that writes", "\"\"\"All that writes")?;
    sandbox.write(&file("apps/core/newer.py"), "\"\"\"New in this version.\"\"\"\n");
    sandbox.write(&file("config/settings/project.py"), "# Another start, for new projects alone.\n");

    project.prodev("update --check", 1)?;
    project.prodev("update", 0)?;
    for (path, parts) in [
        ("apps/catalog/services.py", &["def of_mine() -> int:", "\"\"\"All that writes"][..]),
        ("README.md", &["## Before all else\n\nMine.\n", "## Where all the things are"]),
        ("config/settings/project.py", &["OF_MINE = 42", "Your own settings"]),
        ("apps/core/newer.py", &["New in this version."]),
        ("apps/mine.py", &["MINE = 1"]),
    ] {
        let text = project.read(path)?;
        for part in parts {
            ensure(text.contains(part), || format!("`{path}` has no `{part}`:\n{text}"))?;
        }
    }
    project.prodev("update --check", 0)?;
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "feat: update"]);
    Ok(project)
}

/// Both sides change the same line.
fn conflict(project: &Project) -> Verdict {
    let sandbox = &project.sandbox;
    edit(project, "README.md", |text| text.replacen("## Where all the things are", "## My map", 1))?;
    sandbox.ask_git(&["-C", NAME, "commit", "--quiet", "--all", "--message", "docs: draw a map"]);
    for (path, from, to) in [
        ("template.toml", "version = \"0.2.0\"", "version = \"0.3.0\""),
        ("files/README.md.jinja", "## Where all the things are", "## Where everything is"),
    ] {
        let path = format!("{TEMPLATE}/{path}");
        sandbox.write(&path, sandbox.read(&path).replacen(from, to, 1));
    }
    let before = project.read("README.md")?;
    project.prodev("update", 3)?;
    let text = project.read("README.md")?;
    let shown = ["<<<<<<<", "## My map", "=======", "## Where everything is", ">>>>>>>"];
    ensure(shown.iter().all(|part| text.contains(part)), || text)?;
    project.prodev("update --abort", 0)?;
    ensure(project.read("README.md")? == before, || "the abort has left something behind".to_owned())
}

fn edit(project: &Project, path: &str, how: impl Fn(String) -> String) -> Verdict {
    let text = project.read(path)?;
    let new = how(text.clone());
    if new == text {
        return broken(format!("there is nothing in `{path}` to edit as a user would"));
    }
    project.sandbox.write(&format!("{NAME}/{path}"), new);
    Ok(())
}

fn copy(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-R").arg(from).arg(to).status().unwrap();
    assert!(status.success(), "the template could not be copied");
}
