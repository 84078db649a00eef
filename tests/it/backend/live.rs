//! A running project, and the conversation with it: servers are started here, `live.py` talks to them.

use std::fmt::Write as _;
use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::project::{Project, Said, finish, last};
use super::report::{Fault, Report, Verdict, broken};

/// Who may log in: e-mail address and password.
const USERS: [(&str, &str, &str); 3] = [
    ("admin", "admin@example.org", "plum-rainy-lantern-41"),
    ("ada", "ada@example.org", "quiet-copper-river-72"),
    ("bob", "bob@example.org", "amber-windy-saddle-93"),
];

/// A program that may ask for OAuth 2.0 tokens in Ada's name: its id and its secret.
const PROGRAM: [&str; 2] = ["proof", "velvet-harbour-61-candle"];

/// More requests than the conversation needs, unless throttling is what it is about.
const UNTHROTTLED: [(&str, &str); 4] = [
    ("API_THROTTLE_ANON", "100000/min"),
    ("API_THROTTLE_USER", "100000/min"),
    ("API_THROTTLE_LOGIN", "100000/min"),
    ("LOG_FORMAT", "json"),
];

/// How many requests the throttled server takes.
const LIMIT: usize = 3;

/// A process that ends with the value.
pub(super) struct Process(Child);

impl Process {
    /// Starts a program whose output goes to a file.
    pub(super) fn start(mut command: Command, log: &Path) -> Result<Self, Fault> {
        let file = File::create(log).unwrap();
        command.stdout(file.try_clone().unwrap()).stderr(file);
        let child = command.spawn().map_err(|error| Fault::Broken(format!("{command:?}: {error}")))?;
        Ok(Self(child))
    }

    pub(super) fn is_running(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }

    /// Asks it to end, and insists after a while.
    pub(super) fn stop(&mut self, signal: Signal) {
        let start = Instant::now();
        while self.is_running() {
            if start.elapsed() > Duration::from_secs(15) {
                let _ = self.0.kill();
            } else if start.elapsed() < Duration::from_millis(50) {
                let pid = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw).unwrap();
                let _ = kill_process(pid, signal);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop(Signal::TERM);
    }
}

/// A port of this machine that nobody listens on.
pub(super) fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// Which server runs the project.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Django's own, with the settings of development.
    Runserver,
    /// What the image starts, with the settings that the variables name.
    Gunicorn,
}

/// A running project.
pub(super) struct Server {
    process: Process,
    pub(super) base: String,
    log: PathBuf,
}

impl Server {
    pub(super) fn start(project: &Project, kind: Kind, variables: &[(&str, &str)]) -> Result<Self, Fault> {
        let address = format!("127.0.0.1:{}", free_port());
        let python = project.path(".venv/bin/python");
        let mut command = match kind {
            Kind::Runserver => project.command(python, &["manage.py", "runserver", "--noreload", &address]),
            Kind::Gunicorn => {
                let gunicorn = project.path(".venv/bin/gunicorn");
                project.command(gunicorn, &["--config", "config/gunicorn.conf.py", "config.wsgi"])
            }
        };
        command.envs(UNTHROTTLED).env("GUNICORN_BIND", &address).envs(variables.iter().copied());
        let log = project.sandbox.root().join(format!("{}.log", address.replace(':', "-")));
        let process = Process::start(command, &log)?;
        Ok(Self { process, base: format!("http://{address}"), log })
    }

    pub(super) fn log(&self) -> String {
        last(&std::fs::read_to_string(&self.log).unwrap_or_default())
    }
}

/// The rows of one phase of the conversation; `more` is what its checks need to know beyond the project.
pub(super) fn converse(
    report: &Report,
    selection: &str,
    project: &Project,
    server: &mut Server,
    phase: &str,
    more: &Value,
) {
    let name = format!("live: {phase}");
    let users = USERS.map(|(who, email, password)| (who.to_owned(), json!([email, password])));
    let mut task = json!({
        "phase": phase,
        "base": server.base,
        "log": server.log,
        "components": project.selection.components,
        "users": serde_json::Map::from_iter(users),
        "program": PROGRAM,
        "limit": LIMIT,
    });
    task.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/backend/live.py");
    let command = project.command("python3", &[&script.to_string_lossy(), &task.to_string()]);
    let said = match finish(command, "live.py") {
        Ok(said) => said,
        Err(fault) => return report.add(selection, &name, Err(fault), Duration::ZERO),
    };
    tell(report, selection, &said, "live: ", || server.log());
    if said.code != Some(0) || !server.process.is_running() {
        report.add(selection, &name, broken(format!("{said}\nthe server says:\n{}", server.log())), Duration::ZERO);
    }
}

/// The rows that a script has printed, one a line; `log` is what a failure shows beside its own words.
pub(super) fn tell(report: &Report, selection: &str, said: &Said, prefix: &str, log: impl Fn() -> String) {
    for line in said.stdout.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let check = format!("{prefix}{}", row["check"].as_str().unwrap());
        let verdict = row["fault"].as_str().map_or(Ok(()), |fault| broken(format!("{fault}\n{}", log())));
        report.add(selection, &check, verdict, Duration::from_secs_f64(row["seconds"].as_f64().unwrap()));
    }
}

/// Makes the users, and rows where there is a catalog.
pub(super) fn populate(project: &Project, variables: &[(&str, &str)]) -> Verdict {
    let mut code = String::from("from apps.accounts.models import User\n");
    for (who, email, password) in USERS {
        let kind = if who == "admin" { "superuser" } else { "user" };
        let _ = writeln!(code, "User.objects.create_{kind}({email:?}, {password:?})");
    }
    if project.has("oauth2") {
        let [name, secret] = PROGRAM;
        let _ = writeln!(
            code,
            "from oauth2_provider.models import Application\n\
             Application.objects.create(name={name:?}, client_id={name:?}, client_secret={secret:?}, client_type='confidential', \
             authorization_grant_type='client-credentials', user=User.objects.get(email='ada@example.org'))"
        );
    }
    project.python(&code, variables)?;
    if project.has("example") {
        project.run_with("python manage.py seed_catalog --products 60", variables)?;
    }
    Ok(())
}

/// All conversations with a project that has no service: a SQLite file, the cache in memory.
pub(super) fn prove(report: &Report, project: &Project) {
    let name = &project.selection.name;
    let nothing = json!({});
    if !report.check(name, "live: users are made", || populate(project, &[])) {
        return;
    }
    let mut server = None;
    report.check(name, "live: the server starts", || {
        server = Some(Server::start(project, Kind::Runserver, &[])?);
        Ok(())
    });
    let Some(mut server) = server else { return };
    converse(report, name, project, &mut server, "serving", &nothing);

    let (database, aside) = (project.path("db.sqlite3"), project.path("db.sqlite3.aside"));
    std::fs::rename(&database, &aside).unwrap();
    std::fs::create_dir(&database).unwrap();
    converse(report, name, project, &mut server, "down", &nothing);
    std::fs::remove_dir(&database).unwrap();
    std::fs::rename(&aside, &database).unwrap();
    converse(report, name, project, &mut server, "up", &nothing);
    converse(report, name, project, &mut server, "after", &nothing);
    drop(server);

    if project.has("rest") {
        let rate = format!("{LIMIT}/min");
        let rates = ["API_THROTTLE_ANON", "API_THROTTLE_USER", "API_THROTTLE_LOGIN"].map(|it| (it, &*rate));
        match Server::start(project, Kind::Runserver, &rates) {
            Ok(mut server) => converse(report, name, project, &mut server, "throttled", &nothing),
            Err(fault) => report.add(name, "live: throttled", Err(fault), Duration::ZERO),
        }
    }
}
