//! The same project on real servers: PostgreSQL and Redis on ports of their own, with data that goes when they go.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;

use super::ci;
use super::live::{self, Kind, Process, Server, converse, free_port};
use super::operations;
use super::project::{Project, Said, finish};
use super::report::{Fault, Report, Verdict, ensure};
use super::suite::{PRODUCTION, tests_run};
use crate::proof;

/// What the selection is called in the report.
const NAME: &str = "full on servers";

/// With what Prometheus would come.
const METRICS_TOKEN: &str = "only-for-the-proof";

/// Both servers.
struct Services {
    folder: tempfile::TempDir,
    programs: PathBuf,
    postgres: Process,
    postgres_port: u16,
    _redis: Process,
    redis_port: u16,
}

impl Services {
    fn start() -> Result<Self, Fault> {
        let programs = postgres_programs()?;
        let folder = tempfile::Builder::new().prefix("prodev-services-").tempdir().unwrap();
        // PostgreSQL runs as somebody else and has to reach its data.
        let all = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(folder.path(), all).unwrap();
        let data = folder.path().join("postgres");
        std::fs::create_dir(&data).unwrap();
        if is_root() {
            say(plain("chown", &["postgres", &data.to_string_lossy()]))?;
        }
        let mut initdb = as_postgres(&programs.join("initdb"));
        initdb.args(["--username", "app", "--auth", "trust", "--encoding", "UTF8", "--no-sync", "--pgdata"]).arg(&data);
        say(initdb)?;
        let (postgres_port, redis_port) = (free_port(), free_port());
        let postgres = start_postgres(&programs, folder.path(), postgres_port)?;
        let log = folder.path().join("redis.log");
        let port = redis_port.to_string();
        let redis =
            plain("redis-server", &["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        let redis = Process::start(redis, &log)?;
        let services = Self { folder, programs, postgres, postgres_port, _redis: redis, redis_port };
        say(services.client("createdb", &["app"]))?;
        Ok(services)
    }

    /// A client program of PostgreSQL.
    fn client(&self, program: &str, args: &[&str]) -> Command {
        let mut command = plain(self.programs.join(program), &["-h", "127.0.0.1", "-U", "app", "-p"]);
        command.arg(self.postgres_port.to_string()).args(args);
        command
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("DATABASE_URL", format!("postgres://app:app@127.0.0.1:{}/app", self.postgres_port)),
            ("REDIS_URL", format!("redis://127.0.0.1:{}", self.redis_port)),
        ]
    }

    fn stop_postgres(&mut self) {
        // Open connections are ended, not waited for.
        self.postgres.stop(Signal::INT);
    }

    fn restart_postgres(&mut self) -> Verdict {
        self.postgres = start_postgres(&self.programs, self.folder.path(), self.postgres_port)?;
        Ok(())
    }

    /// Where PostgreSQL writes each statement.
    fn statements(&self) -> PathBuf {
        self.folder.path().join("postgres.log")
    }
}

fn start_postgres(programs: &Path, folder: &Path, port: u16) -> Result<Process, Fault> {
    let mut command = as_postgres(&programs.join("postgres"));
    command.arg("-D").arg(folder.join("postgres")).arg("-p").arg(port.to_string());
    for setting in ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "log_statement=all"] {
        command.args(["-c", setting]);
    }
    let mut process = Process::start(command, &folder.join("postgres.log"))?;
    let mut answer = String::new();
    for _ in 0..300 {
        let port = port.to_string();
        let probe = plain(programs.join("pg_isready"), &["-h", "127.0.0.1", "-U", "app", "-p", &port]);
        match say(probe) {
            Ok(_) => return Ok(process),
            Err(fault) => answer = format!("{fault:?}"),
        }
        if !process.is_running() {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let log = std::fs::read_to_string(folder.join("postgres.log")).unwrap_or_default();
    Err(Fault::Broken(format!("PostgreSQL does not start: {answer}\n{log}")))
}

/// Where PostgreSQL's programs are; Debian keeps the server's out of `PATH`.
fn postgres_programs() -> Result<PathBuf, Fault> {
    let debian =
        std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|it| it.path().join("bin"));
    // What is on `PATH` may be no more than a link.
    let path = proof::find("initdb").and_then(|path| Some(path.canonicalize().ok()?.parent()?.to_owned()));
    let missing = |what: &str| Fault::Missing(format!("{what} is not on this machine"));
    if proof::find("redis-server").is_none() {
        return Err(missing("redis-server"));
    }
    if is_root() && proof::find("setpriv").is_none() {
        return Err(missing("setpriv, without which root cannot start PostgreSQL,"));
    }
    path.into_iter().chain(debian).find(|bin| bin.join("pg_isready").is_file()).ok_or_else(|| missing("PostgreSQL"))
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// PostgreSQL refuses to be root.
fn as_postgres(program: &Path) -> Command {
    if !is_root() {
        return plain(program, &[]);
    }
    let mut command = plain("setpriv", &["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    command.arg(program);
    command
}

/// A command with nothing of this machine's environment but `PATH`.
fn plain(program: impl AsRef<std::ffi::OsStr>, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.args(args).env_clear().env("PATH", path).env("LC_ALL", "C.UTF-8").current_dir("/").stdin(Stdio::null());
    command
}

fn say(command: Command) -> Result<Said, Fault> {
    let shown = format!("{command:?}");
    finish(command, &shown)?.succeeds()
}

/// The checks of a project on real servers; `tests` is how many ran without them.
pub(super) fn prove(report: &Report, project: &Project, tests: usize) {
    let mut services = None;
    report.check(NAME, "PostgreSQL and Redis start", || {
        services = Some(Services::start()?);
        Ok(())
    });
    let Some(mut services) = services else { return };
    let variables = services.variables();
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, &**value)).collect();

    report.check(NAME, "the same tests pass, none left out", || {
        let said = project.run_with("python manage.py test --noinput", &variables)?;
        let ran = tests_run(&said)?;
        ensure(ran == tests && !said.stderr.contains("skipped="), || format!("{ran} tests and not {tests}:\n{said}"))
    });
    ci::prove(report, NAME, project, [("5432", services.postgres_port), ("6379", services.redis_port)]);
    report.check(NAME, "the test database is dropped", || {
        let query = "SELECT datname FROM pg_database WHERE datname LIKE 'test%'";
        let said = say(services.client("psql", &["-At", "-c", query, "app"]))?;
        ensure(said.stdout.trim().is_empty(), || said.to_string())
    });

    let mut production: Vec<(&str, &str)> = PRODUCTION.to_vec();
    production.extend([("DJANGO_ALLOWED_HOSTS", "localhost,127.0.0.1"), ("DJANGO_SSL_REDIRECT", "false")]);
    production.push(("METRICS_TOKEN", METRICS_TOKEN));
    production.extend(&variables);
    let ready = report.check(NAME, "migrates and gathers static files for production", || {
        project.run_with("python manage.py migrate --verbosity 0", &production)?;
        project.run_with("python manage.py collectstatic --noinput --verbosity 0", &production)?;
        live::populate(project, &production)
    });
    if ready {
        operations::prove(report, NAME, project, &services.programs, &production);
        converse_in_production(report, project, &mut services, &production);
    }
    script(report, project, "background.py", &[], &variables);
    script(report, project, "pipeline.py", &[if proof::everything() { "1000000" } else { "100000" }], &variables);
}

/// A script of ours that runs in the project's environment and says what held.
fn script(report: &Report, project: &Project, name: &str, args: &[&str], variables: &[(&str, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/backend").join(name);
    let mut words = vec![script.to_string_lossy().into_owned(), folder.path().to_string_lossy().into_owned()];
    words.extend(args.iter().map(ToString::to_string));
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut command = project.command(project.path(".venv/bin/python"), &words);
    command.env("DJANGO_SETTINGS_MODULE", "config.settings.dev").envs(variables.iter().copied());
    let said = finish(command, name);
    if let Ok(said) = &said {
        live::tell(report, NAME, said, "", String::new);
    }
    report.check(NAME, &format!("{name} ends well"), || said?.succeeds().map(drop));
}

fn converse_in_production(report: &Report, project: &Project, services: &mut Services, production: &[(&str, &str)]) {
    let more = json!({ "redis": services.redis_port, "statements": services.statements(), "metrics": METRICS_TOKEN });
    let mut server = match Server::start(project, Kind::Gunicorn, production) {
        Ok(server) => server,
        Err(fault) => return report.add(NAME, "live: the server starts", Err(fault), Duration::ZERO),
    };
    for phase in ["serving", "services", "after"] {
        converse(report, NAME, project, &mut server, phase, &more);
    }
    services.stop_postgres();
    converse(report, NAME, project, &mut server, "down", &more);
    report.check(NAME, "PostgreSQL starts again", || services.restart_postgres());
    converse(report, NAME, project, &mut server, "up", &more);
}
