//! What holds before a single line of Python runs: the same bytes every time, no residue, no secret, no network.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use regex::Regex;

use super::project::{Check, NAME, Project};
use super::report::{Fault, Report, Verdict, ensure};
use super::selection::Selection;
use crate::sandbox::{PRODEV, Sandbox};

/// Written once and never again: these may differ between two generations.
const ONCE: &str = ".env";

/// Generates a project and checks what can be seen of it; `None` where there is none to go on with.
pub(super) fn prove(report: &Report, selection: &Selection) -> Option<Project> {
    let name = &selection.name;
    let project = Project::new(Sandbox::new(), selection.clone());
    let found = report.check(name, "generates without network, Python or Docker", || without_network(&project));
    if !found {
        return None;
    }
    let checks: [Check; 6] = [
        ("has what was selected and nothing else", is_complete),
        ("same answers, same bytes", same_bytes),
        ("no residue of the template", no_residue),
        ("no secret in the tree, none for git to take", no_secret),
        ("its prodev.toml is valid", own_settings_are_valid),
        ("leaves nothing but the project behind", leaves_nothing_behind),
    ];
    for (check, run) in checks {
        report.check(name, check, || run(&project));
    }
    Some(project)
}

/// Selections that cannot be: refused, and nothing written.
pub(super) fn refuses(report: &Report) {
    report.check("none", "an impossible selection is refused before writing", || {
        let sandbox = Sandbox::new();
        let new = format!("new django-api {NAME} --defaults");
        for (flags, complaint) in [
            ("--preset minimal --with openapi --no-deps", "error: `openapi` requires `rest`, which is not selected\n"),
            ("--without rest", "error: `openapi` requires `rest`, which `--without` leaves out\n"),
        ] {
            let run = sandbox.run(&format!("{new} {flags}")).exits(2).changed_nothing();
            ensure(run.stderr.starts_with(complaint), || run.to_string())?;
        }
        Ok(())
    });
}

/// Generates in a network namespace of its own, with nothing on `PATH` but git.
fn without_network(project: &Project) -> Verdict {
    let sandbox = &project.sandbox;
    let bin = sandbox.home().join("bin");
    std::fs::create_dir(&bin).unwrap();
    let git = crate::proof::find("git").ok_or(Fault::Missing("git is not on PATH".to_owned()))?;
    std::os::unix::fs::symlink(git, bin.join("git")).unwrap();

    let cut_off = [&["unshare", "-rn"][..], &["unshare", "-n"]].into_iter().find(|words| {
        let probe = Command::new(words[0]).args(&words[1..]).arg("true").output();
        probe.is_ok_and(|output| output.status.success())
    });
    let mut words: Vec<&str> = cut_off.unwrap_or_default().to_vec();
    words.extend([PRODEV, "new", "django-api", NAME, "--defaults"]);
    words.extend(project.selection.flags.iter().map(String::as_str));
    let program = crate::proof::find(words[0]).unwrap_or_else(|| words[0].into());
    let mut command = sandbox.command(program);
    command.args(&words[1..]).env("PATH", &bin);
    super::project::finish(command, &words.join(" "))?.succeeds()?;
    if cut_off.is_none() {
        return Err(Fault::Bonus("generated, but `unshare -n` does not work here: the network was not cut off".into()));
    }
    Ok(())
}

/// What a component must bring, and must not be there without it.
const MARKS: [(&str, &str); 20] = [
    ("core", "config/settings/components/core.py"),
    ("rest", "config/settings/components/rest.py"),
    ("openapi", "config/settings/components/openapi.py"),
    ("oauth2", "config/settings/components/oauth2.py"),
    ("auth-jwt", "config/settings/components/auth_jwt.py"),
    ("auth-token", "config/settings/components/auth_token.py"),
    ("cache", "config/settings/components/cache.py"),
    ("example", "config/settings/components/example.py"),
    ("graphql", "config/settings/components/graphql.py"),
    ("signals", "config/settings/components/signals.py"),
    ("celery", "config/celery.py"),
    ("beat", "config/settings/components/beat.py"),
    ("cron", "deploy/cron/app.crontab"),
    ("pipelines", "config/settings/components/pipelines.py"),
    ("analytics", "config/settings/components/analytics.py"),
    ("docker", "compose.yaml"),
    ("kubernetes", "deploy/k8s/base/web.yaml"),
    ("ci-github", ".github/workflows/ci.yml"),
    ("ci-jenkins", "Jenkinsfile"),
    ("scripts", "scripts/setup.sh"),
];

fn is_complete(project: &Project) -> Verdict {
    for path in ["manage.py", "pyproject.toml", "README.md", "prodev.toml", ".env", ".env.example", ".gitignore"] {
        ensure(project.path(path).is_file(), || format!("there is no `{path}`"))?;
    }
    for (component, mark) in MARKS {
        let tests = format!("tests/{}", component.replace('-', "_"));
        for path in [mark, &tests] {
            let selected = project.has(component);
            ensure(project.path(path).exists() == selected, || {
                format!("`{path}` belongs to `{component}`, which is selected: {selected}")
            })?;
        }
    }
    let known: toml::Table = project.read(".prodev/django-api/state.toml")?.parse().unwrap();
    let recorded =
        known["components"].as_table().unwrap().iter().filter(|(_, is_selected)| is_selected.as_bool() == Some(true));
    let recorded: Vec<&str> = recorded.map(|(name, _)| name.as_str()).collect();
    let mut selected: Vec<&str> = project.selection.components.iter().map(String::as_str).collect();
    let mut sorted = recorded.clone();
    sorted.sort_unstable();
    selected.sort_unstable();
    ensure(sorted == selected, || format!("recorded are {recorded:?}"))
}

/// Every file with its mode and content, by path.
pub(super) fn files(project: &Project) -> BTreeMap<String, (u32, Vec<u8>)> {
    let walk = ignore::WalkBuilder::new(&project.dir).standard_filters(false).build();
    let files = walk.map(|entry| entry.unwrap().into_path()).filter(|path| path.is_file());
    let named = files.map(|path| {
        let name = path.strip_prefix(&project.dir).unwrap().to_string_lossy().into_owned();
        let mode = path.metadata().unwrap().permissions().mode() & 0o7777;
        (name, (mode, std::fs::read(&path).unwrap()))
    });
    named.filter(|(name, _)| !name.starts_with(".git/") && !name.starts_with(".venv/")).collect()
}

fn same_bytes(project: &Project) -> Verdict {
    let again = Project::new(Sandbox::new(), project.selection.clone());
    let flags = again.selection.flags.join(" ");
    again.sandbox.run(&format!("new django-api {NAME} --defaults {flags}")).succeeds();
    let (first, second) = (files(project), files(&again));
    let paths = first.keys().chain(second.keys());
    let differ: Vec<&String> = paths.filter(|path| *path != ONCE && first.get(*path) != second.get(*path)).collect();
    ensure(differ.is_empty(), || format!("they differ: {differ:?}"))?;
    ensure(first[ONCE] != second[ONCE], || format!("two projects have the same secrets in `{ONCE}`"))
}

fn no_residue(project: &Project) -> Verdict {
    // Django's and Grafana's own templates have such braces, and the slots there are written with brackets.
    let plain = Regex::new(r"\{\{|\{%|\{#|\bslot\(").unwrap();
    let page = Regex::new(r"\[\[|\[%|\[#|\bslot\(").unwrap();
    let workflow = Regex::new(r"\$\{\{[^{}]*\}\}").unwrap();
    let mut residue = Vec::new();
    for (path, (_, content)) in files(project) {
        if path.starts_with(".prodev/") {
            continue;
        }
        let text = String::from_utf8_lossy(&content).into_owned();
        let (mark, text) = match &*path {
            _ if path.contains("/templates/") || path.ends_with("/dashboard.json") => (&page, text),
            _ if path.starts_with(".github/") => (&plain, workflow.replace_all(&text, "").into_owned()),
            _ => (&plain, text),
        };
        let lines = text.lines().enumerate().filter(|(_, line)| mark.is_match(line));
        residue.extend(lines.map(|(index, line)| format!("{path}:{}: {line}", index + 1)));
        if path.contains(".jinja") || path.contains("{{") {
            residue.push(path);
        }
    }
    ensure(residue.is_empty(), || residue.join("\n"))
}

fn no_secret(project: &Project) -> Verdict {
    let own = project.read(ONCE)?;
    let pairs = own.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    let mut secrets: Vec<Regex> = pairs
        .filter(|(_, value)| value.len() >= 16)
        .map(|(_, value)| Regex::new(&regex::escape(value)).unwrap())
        .collect();
    ensure(!secrets.is_empty(), || format!("`{ONCE}` has no generated secret:\n{own}"))?;
    for form in [
        r"-----BEGIN [A-Z ]*PRIVATE KEY",
        r"django-insecure-[A-Za-z0-9]",
        r"(?i)\b\w*(secret|password|token|key)\w*\s*[=:]\s*[\x22']?[A-Za-z0-9+/_-]{40,}",
    ] {
        secrets.push(Regex::new(form).unwrap());
    }
    let found = files(project).into_iter().filter(|(path, (_, content))| {
        let text = String::from_utf8_lossy(content);
        path != ONCE && secrets.iter().any(|secret| secret.is_match(&text))
    });
    let found: Vec<String> = found.map(|(path, _)| path).collect();
    ensure(found.is_empty(), || format!("secrets are in {found:?}"))?;

    let listed = project.sandbox.ask_git(&["-C", NAME, "ls-files", "--others", "--cached", "--exclude-standard"]);
    let taken: BTreeSet<String> = listed.lines().map(str::to_owned).collect();
    let should: BTreeSet<String> = files(project).into_keys().filter(|path| path != ONCE).collect();
    let differ: Vec<&String> = taken.symmetric_difference(&should).collect();
    ensure(differ.is_empty(), || format!("git would take, or leave out, against expectation: {differ:?}"))
}

fn own_settings_are_valid(project: &Project) -> Verdict {
    let run = project.sandbox.run(&format!("-C {NAME} config show"));
    let text = run.to_string();
    ensure(text.contains("--- exit 0\n"), || text)?;
    run.changed_nothing();
    Ok(())
}

fn leaves_nothing_behind(project: &Project) -> Verdict {
    let left = std::fs::read_dir(project.sandbox.dir()).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name != NAME).collect();
    ensure(left.is_empty(), || format!("beside the project there is {left:?}"))
}
