//! What the project's own commands say of it: installation, checks, migrations, its tests, types and style.

use std::collections::BTreeMap;
use std::path::Path;

use super::bench::Bench;
use super::project::{Check, Project, Said, finish};
use super::report::{Fault, Report, Verdict, broken, ensure};

/// What production needs to start.
pub(super) const PRODUCTION: [(&str, &str); 4] = [
    ("DJANGO_SETTINGS_MODULE", "config.settings.prod"),
    ("DJANGO_SECRET_KEY", "Wm3pJ8sKq1Lx7Rb5Tn9Vc2Yd4Zf6Gh0Ej-Qa_Us.Io.Pk.Mz-Xv"),
    ("DJANGO_ALLOWED_HOSTS", "api.example.org"),
    ("DATABASE_URL", "postgres://app:none@127.0.0.1:1/app"),
];

/// Installs the project; nothing can be said of it where that fails.
pub(super) fn install(report: &Report, bench: &Bench, project: &Project) -> bool {
    let name = &project.selection.name;
    report.check(name, "installs from its own files, all pinned", || installs(bench, project))
}

/// The checks of every selection. Says how many tests ran.
pub(super) fn prove(report: &Report, project: &Project) -> usize {
    let name = &project.selection.name;
    let checks: [Check; 10] = [
        ("imports and requirements are the same", requirements_match),
        ("formatted, and nothing to lint", |project| {
            project.run("ruff format --check .")?;
            project.run("ruff check .").map(drop)
        }),
        ("layers: services know nothing of views", layers),
        ("system check", |project| project.manage("check --fail-level WARNING").map(drop)),
        ("deployment check with production's variables", |project| {
            project.run_with("python manage.py check --deploy --fail-level WARNING", &PRODUCTION).map(drop)
        }),
        ("migrations are complete", |project| project.manage("makemigrations --check --dry-run").map(drop)),
        ("migrates", |project| project.manage("migrate --verbosity 0").map(drop)),
        ("tests pass in any order, and in parallel", |project| {
            project.manage("test --shuffle --parallel 2 --noinput").map(drop)
        }),
        ("production refuses what is fit for development only", production_refuses),
        ("a wrong variable is one line that names it", wrong_variable),
    ];
    for (check, run) in checks {
        report.check(name, check, || run(project));
    }
    let mut tests = 0;
    report.check(name, "tests pass and reach 90 % of the code", || {
        tests = tests_pass(project)?;
        Ok(())
    });
    report.check(name, "git ignores what the tools have left", || ignored(project));
    tests
}

/// Types and known security mistakes, where everything is selected.
pub(super) fn prove_full(report: &Report, project: &Project) {
    let name = &project.selection.name;
    report.check(name, "types", || project.run("mypy .").map(drop));
    report.check(name, "no known security mistake", || {
        project.run("bandit -q -c pyproject.toml -ll -r apps config").map(drop)
    });
}

/// They are kept, and it would be seen if they were not.
fn layers(project: &Project) -> Verdict {
    let words = "lint-imports --no-cache --no-logo";
    project.run(words)?;
    let path = project.path("apps/accounts/services.py");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{text}\n\nfrom apps.accounts import admin\n")).unwrap();
    let said = project.ask(words, &[]);
    std::fs::write(&path, text).unwrap();
    let said = said?;
    ensure(said.code != Some(0) && said.stdout.contains("BROKEN"), || format!("a broken layer is not seen: {said}"))
}

fn installs(bench: &Bench, project: &Project) -> Verdict {
    bench.install(project, &project.dir, "requirements/dev.txt")?;
    let constraints = project.read("requirements/constraints.txt")?;
    let pinned: BTreeMap<&str, &str> =
        constraints.lines().filter_map(|line| line.split(';').next().unwrap().trim().split_once("==")).collect();
    let script = "import importlib.metadata as m\nfor d in m.distributions(): print(d.metadata['Name'], d.version)";
    let listed = finish(project.command(project.path(".venv/bin/python"), &["-c", script]), "list of packages")?;
    for (name, version) in listed.succeeds()?.stdout.lines().filter_map(|line| line.split_once(' ')) {
        let name = name.to_lowercase().replace(['_', '.'], "-");
        if !["pip", "setuptools"].contains(&&*name) {
            let pin = pinned.get(&*name);
            ensure(pin == Some(&version), || format!("{name} {version} is installed, and pinned is {pin:?}"))?;
        }
    }
    Ok(())
}

fn requirements_match(project: &Project) -> Verdict {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/backend/imports.py");
    let python = project.path(".venv/bin/python");
    let said = finish(project.command(python, &[&script.to_string_lossy()]), "imports.py")?.succeeds()?;
    ensure(said.stdout.is_empty(), || said.stdout.clone())
}

/// Runs the tests under coverage and says how many ran; every selected component must have brought some.
fn tests_pass(project: &Project) -> Result<usize, Fault> {
    let said = project.run("coverage run manage.py test --verbosity 2 --noinput")?;
    for component in &project.selection.components {
        let package = format!("(tests.{}.", component.replace('-', "_"));
        ensure(said.stderr.contains(&package), || format!("no test of `{component}` ran:\n{said}"))?;
    }
    project.run("coverage report --fail-under 90")?;
    tests_run(&said)
}

/// Git would take what was generated, and nothing that has come into being since.
fn ignored(project: &Project) -> Verdict {
    let said = project.run("git ls-files --others --exclude-standard")?;
    let generated = |path: &&str| {
        let once = ["config/settings/project.py", "requirements/project.txt"].contains(path);
        let base = project.path(&format!(".prodev/django-api/base/{path}.base"));
        once || path.starts_with(".prodev/") || base.is_file()
    };
    let strange: Vec<&str> = said.stdout.lines().filter(|path| !generated(path)).collect();
    ensure(strange.is_empty(), || format!("git would take {strange:?}"))
}

/// How many tests Django says it ran.
pub(super) fn tests_run(said: &Said) -> Result<usize, Fault> {
    let count = said.stderr.lines().find_map(|line| line.strip_prefix("Ran ")?.split(' ').next()?.parse().ok());
    count.map_or_else(|| broken(format!("how many tests ran?\n{said}")), Ok)
}

fn production_refuses(project: &Project) -> Verdict {
    for (variable, value) in [
        ("DJANGO_SECRET_KEY", ""),
        ("DJANGO_SECRET_KEY", "short"),
        ("DJANGO_DEBUG", "true"),
        ("DJANGO_ALLOWED_HOSTS", "*"),
        ("DJANGO_ALLOWED_HOSTS", ""),
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "sqlite:///db.sqlite3"),
    ] {
        let variables: Vec<_> = PRODUCTION.into_iter().chain([(variable, value)]).collect();
        project.ask("python manage.py check", &variables)?.refuses(variable)?;
    }
    // The server itself refuses as well, and as clearly.
    let variables: Vec<_> = PRODUCTION.into_iter().chain([("DJANGO_SECRET_KEY", "")]).collect();
    let words = "gunicorn --config config/gunicorn.conf.py --bind 127.0.0.1:0 config.wsgi";
    project.ask(words, &variables)?.refuses("DJANGO_SECRET_KEY")
}

fn wrong_variable(project: &Project) -> Verdict {
    for (variable, value) in [("DATABASE_URL", "nonsense"), ("DATABASE_URL", "foo://host/name"), ("LOG_LEVEL", "loud")]
    {
        let said = project.ask("python manage.py check", &[(variable, value)])?;
        said.refuses(variable)?;
        ensure(!said.stderr.contains(value), || format!("the value is shown:\n{said}"))?;
    }
    Ok(())
}
