//! `env run` and recipes start nothing with an environment that is not what is declared; defaults reach the program.

use crate::sandbox::Sandbox;

const DECLARED: &str = "\
[env.vars.PORT]
type = \"port\"
default = 8000
doc = \"Where the server listens\"

[env.vars.URL]
type = \"url\"
default = \"http://localhost:${PORT}/\"

[env.vars.KEY]
required = true
secret = true
min_length = 8

[env.vars.MODE]
type = \"enum\"
values = [\"a\", \"b\"]

[env.vars.TLS]
type = \"bool\"

[env.vars.CERT]
when = \"TLS and profile == 'production'\"
";

fn project(env: &str) -> Sandbox {
    Sandbox::repo().file("prodev.toml", DECLARED).file(".env", env)
}

const SHOW: [&str; 6] = ["env", "run", "--", "sh", "-c", "echo \"$PORT $URL $KEY $MODE\""];

#[test]
fn defaults_reach_the_program() {
    let sandbox = project("KEY=longenough\n");
    sandbox.run_args(&SHOW).succeeds().stdout_is("8000 http://localhost:8000/ longenough \n").stderr_is("");
    sandbox.write(".env", "KEY=longenough\nPORT=81\nURL=\n");
    sandbox.run_args(&SHOW).succeeds().stdout_is("81 http://localhost:81/ longenough \n");
    sandbox.run("env get URL").succeeds().stdout_is("http://localhost:81/\n");
    let run = sandbox.run_args(&["env", "run", "-f", ".env", "--only", "URL,KEY", "--", "sh", "-c", "echo $URL"]);
    run.succeeds().stdout_is("http://localhost:81/\n");
    // Files that are named are asked for what they say.
    sandbox.run("env list -f .env").succeeds().stdout_is("KEY=********\nPORT=81\nURL=\n");
    let sandbox = sandbox.env("PORT", "90");
    sandbox.run_args(&SHOW).succeeds().stdout_is("90 http://localhost:90/ longenough \n");
}

#[test]
fn an_environment_that_is_not_as_declared_starts_nothing_and_all_problems_are_told() {
    let sandbox = project("PORT=http\nMODE=c\nTLS=true\n").file(".env.production", "KEY=hunter2\n");
    let told = "error: the environment is not what is declared
  .env:1:1: `PORT` cannot be `http`: it must be a port from 1 to 65535
  .env:2:1: `MODE` cannot be `c`: it must be one of `a`, `b`
  .env.production:1:1: `KEY` cannot have this value: it must have at least 8 characters
  prodev.toml:22:11: `CERT` is not set, and must be where `TLS and profile == 'production'` (set it: `prodev env set CERT`)
";
    let run = sandbox.run("env run --profile production -- touch made").exits(122).stdout_is("").changed_nothing();
    assert_eq!(run.stderr, told);
    sandbox.run("env run -- touch made").exits(122).changed_nothing();
    sandbox.run("env run --only TLS -- sh -c true").succeeds();
}

#[test]
fn recipes_are_judged_alike() {
    let sandbox = project("KEY=longenough\n");
    let recipes = "[recipes.show]\nrun = 'echo $PORT $URL'\n[recipes.free]\ndotenv = false\nrun = 'echo free'\n";
    sandbox.write("prodev.toml", format!("{DECLARED}{recipes}"));
    sandbox.run("run show").succeeds().stdout_is("8000 http://localhost:8000/\n");
    sandbox.write(".env", "MODE=c\n");
    let run = sandbox.run("run show").exits(122).stdout_is("").changed_nothing();
    assert!(run.stderr.contains(".env:1:1: `MODE` cannot be `c`: it must be one of `a`, `b`"), "{run}");
    assert!(run.stderr.contains("`KEY` is not set, and must be"), "{run}");
    sandbox.run("run free").succeeds().stdout_is("free\n");
    let sandbox = sandbox.env("KEY", "longenough").env("MODE", "a");
    sandbox.run("run show").succeeds();
}

#[test]
fn an_explanation_shows_the_declaration() {
    let sandbox = project("KEY=longenough\n");
    sandbox.run("env explain PORT").succeeds().stdout_is(
        "PORT = 8000\n  from its declared default\n  declared at prodev.toml:1: port, `8000` without it\n    Where the server listens\n",
    );
    sandbox.run("env explain MODE").succeeds().stdout_is("MODE is not set\n  declared at prodev.toml:15: `a` or `b`\n");
    sandbox
        .run("env explain KEY")
        .succeeds()
        .stdout_is("KEY = ********\n  from .env:1, read as `default`\n  declared at prodev.toml:10: string of at least 8 characters, required, secret\n");
    let explained = sandbox.run("env explain URL --json").succeeds().json();
    assert_eq!(explained["is_default"], true);
    assert_eq!(explained["declaration"]["type"], "url");
}
