//! The image, built and run, where an engine answers that can have what it stands on: more than a machine must have.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::bench::Bench;
use super::live::free_port;
use super::project::{Project, Said, finish};
use super::report::{Fault, Report, Verdict, broken, ensure};

/// What the image is called, beside all that others may have.
const IMAGE: &str = "prodev-proof";

/// Where the container finds everything but a database.
const VARIABLES: [&str; 3] = [
    "DJANGO_SECRET_KEY=Wm3pJ8sKq1Lx7Rb5Tn9Vc2Yd4Zf6Gh0Ej-Qa_Us.Io.Pk.Mz-Xv",
    "DJANGO_ALLOWED_HOSTS=api.example.org",
    "DATABASE_URL=postgres://app:none@127.0.0.1:1/app",
];

/// What answers here.
enum Engine {
    Docker,
    Buildah,
    None,
}

pub(super) fn prove(report: &Report, bench: &Bench, project: &Project) {
    let name = &project.selection.name;
    let engine = engine();
    let without = || Fault::Bonus("no Docker engine answers".to_owned());
    let built = report.check(name, "the image builds", || build(project, &engine));
    report.check(name, "the container is not root, writes nowhere but to /tmp, and ends when told", || {
        if !matches!(engine, Engine::Docker) || !built {
            return Err(without());
        }
        container(project)
    });
    report.check(name, "Compose comes up, all healthy", || {
        if !matches!(engine, Engine::Docker) || !built {
            return Err(without());
        }
        compose(bench, project)
    });
}

fn engine() -> Engine {
    let answers = |words: &[&str]| said(words).is_some_and(|output| output.status.success());
    if answers(&["docker", "info"]) {
        Engine::Docker
    } else if answers(&["buildah", "info"]) {
        Engine::Buildah
    } else {
        Engine::None
    }
}

/// With the machine's own environment: where the engine is may be said there.
fn said(words: &[&str]) -> Option<std::process::Output> {
    Command::new(words[0]).args(&words[1..]).stdin(Stdio::null()).output().ok()
}

/// A command of the engine in the project's folder, which must succeed.
fn run(project: &Project, words: &[&str]) -> Result<Said, Fault> {
    ask(project, words)?.succeeds()
}

fn ask(project: &Project, words: &[&str]) -> Result<Said, Fault> {
    let mut command = project.command(words[0], &words[1..]);
    command.envs(std::env::var_os("DOCKER_HOST").map(|host| ("DOCKER_HOST", host)));
    finish(command, &words.join(" "))
}

/// Whether the engine has an image, or can have it.
fn has(program: &str, image: &str) -> bool {
    let answers = |words: &[&str]| said(words).is_some_and(|output| output.status.success());
    answers(&[program, "inspect", "--type", "image", image]) || answers(&[program, "pull", "--quiet", image])
}

fn build(project: &Project, engine: &Engine) -> Verdict {
    let dockerfile = project.read("docker/Dockerfile")?;
    let base = dockerfile.lines().find_map(|line| line.strip_prefix("FROM ")?.split(' ').next());
    let Some(base) = base else { return broken("the Dockerfile has no base") };
    let words: &[&str] = match engine {
        Engine::Docker => &["docker", "build", "--network", "host"],
        Engine::Buildah => &["buildah", "bud", "--network", "host"],
        Engine::None => return Err(Fault::Bonus("neither a Docker engine nor buildah answers".to_owned())),
    };
    if !has(words[0], base) {
        return Err(Fault::Bonus(format!("{} cannot have the image {base}", words[0])));
    }
    run(project, &[words, &["-f", "docker/Dockerfile", "-t", IMAGE, "."]].concat()).map(drop)
}

/// A container that is taken away with the value.
struct Container(String);

impl Drop for Container {
    fn drop(&mut self) {
        let _ = said(&["docker", "rm", "--force", &self.0]);
    }
}

fn container(project: &Project) -> Verdict {
    let mut words = vec!["docker", "run", "--detach", "--read-only", "--tmpfs", "/tmp", "--network", "none"];
    words.extend(["--cap-drop", "ALL", "--security-opt", "no-new-privileges"]);
    words.extend(VARIABLES.iter().flat_map(|variable| ["--env", variable]));
    words.push(IMAGE);
    let container = Container(run(project, &words)?.stdout.trim().to_owned());
    let inside = |script: &str| run(project, &["docker", "exec", &container.0, "sh", "-c", script]);

    let ask = "python -c \"import urllib.request as r; print(r.urlopen('http://127.0.0.1:8000/health/live').status)\"";
    let start = Instant::now();
    while inside(ask).is_err() {
        if start.elapsed() > Duration::from_mins(1) {
            return broken(run(project, &["docker", "logs", &container.0])?.to_string());
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    let user = inside("id -u")?.stdout;
    ensure(user == "10001\n", || format!("it runs as {user}"))?;
    let wrote = inside("touch /app/x /usr/x /var/x 2>/dev/null; ls /app/x /usr/x /var/x 2>/dev/null; true")?.stdout;
    ensure(wrote.is_empty(), || format!("it wrote {wrote}"))?;
    inside("touch /tmp/x")?;
    run(project, &["docker", "stop", "--time", "10", &container.0])?;
    // 137 were a container that had to be killed.
    let code = run(project, &["docker", "inspect", "--format", "{{.State.ExitCode}}", &container.0])?.stdout;
    ensure(code == "0\n", || format!("it ended with {code}"))
}

/// Takes away what Compose has started.
struct Started<'a>(&'a Project, String);

impl Drop for Started<'_> {
    fn drop(&mut self) {
        let _ = ask(self.0, &[&self.1, "down", "--volumes", "--timeout", "15"]);
    }
}

fn compose(bench: &Bench, project: &Project) -> Verdict {
    let text = project.read("compose.yaml")?;
    let images = text.lines().filter_map(|line| line.trim().strip_prefix("image: "));
    for image in images.filter(|image| !image.starts_with('"')) {
        if !has("docker", image) {
            return Err(Fault::Bonus(format!("docker cannot have the image {image}")));
        }
    }
    // The image is there already, built with a way to the network that Compose would not give it.
    run(project, &["docker", "tag", IMAGE, super::project::NAME])?;
    let program = bench.validator(project, "docker-compose")?.to_string_lossy().into_owned();
    let started = Started(project, program.clone());
    let port = free_port();
    let mut command = project.command(&program, &["up", "--detach", "--no-build", "--wait", "--wait-timeout", "180"]);
    command.envs(std::env::var_os("DOCKER_HOST").map(|host| ("DOCKER_HOST", host)));
    command.env("WEB_PORT", port.to_string()).env("DJANGO_ALLOWED_HOSTS", "127.0.0.1,localhost");
    let said = finish(command, "docker-compose up")?;
    if said.code != Some(0) {
        let logs = ask(project, &[&program, "logs", "--tail", "20"])?;
        return broken(format!("{said}\n{logs}"));
    }
    let address = format!("http://127.0.0.1:{port}/health/ready");
    let words = ["curl", "--fail", "--silent", "--show-error", "--noproxy", "*", &*address];
    let answer = run(project, &words)?;
    drop(started);
    ensure(answer.stdout.contains("ok"), || answer.to_string())
}
