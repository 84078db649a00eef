//! Results that a team shares: several clones of a project, each with a machine of its own, and a server between them.

mod answers;
mod ending;
mod hostile;
mod nginx;
mod server;
mod sharing;

use self::server::Server;
use super::{joins, made, runs};
use crate::sandbox::{Run, Sandbox};

/// The recipe that joins, and where results are shared.
fn shared(url: &str, more: &str) -> String {
    format!("[settings.cache.remote]\nurl = \"{url}\"\n{more}\n{}", joins(""))
}

/// A clone of the project, on a machine that has never seen it.
fn fresh(config: &str) -> Sandbox {
    Sandbox::new().file("prodev.toml", config).file("src/a", "A").file("src/b", "B")
}

/// A server that has the result of the recipe.
fn filled() -> Server {
    let server = Server::keeping();
    let sandbox = fresh(&shared(&server.url(), ""));
    sandbox.run("run join").succeeds().stdout_is("joined\n").stderr_is("");
    assert_eq!((made(&sandbox).as_str(), runs(&sandbox)), ("AB", 1));
    assert_eq!(server.names("/ac/").len(), 1, "{:?}", server.requests());
    server
}

/// What a clone says whose result came from the server.
const RESTORED: &str = "`join` was skipped: what it makes was brought back from the remote cache\n";

/// It has not run, and has all that it makes.
#[track_caller]
fn is_restored(sandbox: &Sandbox, words: &str) {
    sandbox.run(words).succeeds().stdout_is("joined\n").stderr_is(RESTORED);
    assert_eq!((made(sandbox).as_str(), runs(sandbox)), ("AB", 0));
}

/// It has run, and said this.
#[track_caller]
fn runs_and_says<'a>(sandbox: &'a Sandbox, said: &str) -> Run<'a> {
    let before = runs(sandbox);
    let run = sandbox.run("run join").succeeds().stdout_is("joined\n").stderr_is(said);
    assert_eq!((made(sandbox).as_str(), runs(sandbox)), ("AB", before + 1));
    run
}
