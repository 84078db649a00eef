//! The .env files that recipes get.

use crate::sandbox::Sandbox;

const SAY: &str = "run = 'echo ${A-none} ${B-none} ${C-none}; true'\n";

fn project(config: &str) -> Sandbox {
    Sandbox::new().file("prodev.toml", config)
}

fn layered(config: &str) -> Sandbox {
    project(config)
        .file(".env", "A=1\nB=${A}b\n")
        .file(".env.local", "C=local\n")
        .file(".env.prod", "A=prod\n")
        .file(".env.test", "A=test\n")
}

#[test]
fn the_layers_are_loaded_where_somebody_speaks_of_them() {
    layered(&format!("[recipes.x]\ndotenv = true\n{SAY}")).run("run x").succeeds().stdout_is("1 1b local\n");
    layered(&format!("[env]\n[recipes.x]\n{SAY}")).run("run x").succeeds().stdout_is("1 1b local\n");
    layered(&format!("[env]\n[recipes.x]\ndotenv = false\n{SAY}"))
        .run("run x")
        .succeeds()
        .stdout_is("none none none\n");
    layered(&format!("[recipes.x]\n{SAY}")).run("run x").succeeds().stdout_is("none none none\n");
    project(&format!("[env]\n[recipes.x]\n{SAY}")).run("run x").succeeds().stdout_is("none none none\n");
}

#[test]
fn a_recipe_gets_the_files_that_it_names() {
    let sandbox = layered(&format!(
        "[recipes.x]\ndotenv = ['sub/ci.env', 'more.env']\n{SAY}[recipes.y]\ndotenv = 'sub/ci.env'\n{SAY}"
    ))
    .file("sub/ci.env", "A=ci\nB=ci\n")
    .file("more.env", "B=more\n");
    sandbox.run("run -j1 x y").succeeds().stdout_is("ci more none\nci ci none\n");
    sandbox.run("-C sub run y").succeeds().stdout_is("ci ci none\n");
    let sandbox = sandbox.env("A", "outer");
    sandbox.run("run y").succeeds().stdout_is("outer ci none\n");
}

#[test]
fn the_environment_wins_over_files_and_the_recipe_over_both() {
    let config = format!(
        "[env]\n[recipes.x]\nparams = [{{ name = 'C', default = 'param' }}]\nenv = {{ B = 'own', C = 'own' }}\n{SAY}"
    );
    let sandbox = layered(&config).env("A", "outer").env("B", "outer").env("C", "outer");
    sandbox.run("run x").succeeds().stdout_is("outer own param\n");
    let sandbox = layered(&config.replace("[env]", "[env]\noverride = true")).env("A", "outer");
    sandbox.run("run x").succeeds().stdout_is("1 own param\n");
    let taken = "[env]\n[recipes.x]\nrequires = { env = ['A'] }\nenv = { D = { from = 'A' } }\nrun = 'echo $D; true'\n";
    layered(taken).run("run x").succeeds().stdout_is("1\n");
}

#[test]
fn the_profile_is_that_of_the_command_the_recipe_the_environment_or_the_configuration() {
    let config = format!("[env]\nprofile = 'prod'\n[recipes.x]\n{SAY}[recipes.y]\nprofile = 'test'\n{SAY}");
    let sandbox = layered(&config).file(".env.own", "A=own\n");
    sandbox.run("run -j1 x y").succeeds().stdout_is("prod 1b local\ntest 1b local\n");
    sandbox.run("run -j1 --profile own x y").succeeds().stdout_is("own 1b local\nown 1b local\n");
    let sandbox = sandbox.env("PRODEV_PROFILE", "own");
    sandbox.run("run -j1 x y").succeeds().stdout_is("own 1b local\ntest 1b local\n");
    sandbox.run("run --profile a/b x").exits(120).changed_nothing();
}

#[test]
fn nothing_runs_where_a_file_cannot_be_read() {
    let config = "[recipes.all]\nneeds = ['first', 'x']\n[recipes.first]\nrun = 'touch ran'\n[recipes.x]\nneeds = ['first']\ndotenv = DOTENV\nrun = 'touch ran'\n";
    let broken = |dotenv: &str| project(&config.replace("DOTENV", dotenv));
    let sandbox = broken("true").file(".env", "A=1\nB='open hunter2\n");
    let told = "error: a quote that is not closed\n --> .env:2:1\nhint: close the quote\n";
    sandbox.run("run all").fails(122, told).changed_nothing();
    sandbox.run("--dry-run run all").exits(122).changed_nothing();
    sandbox.run("run first").succeeds();
    broken("'ci.env'")
        .run("run all")
        .fails(122, "error: there is no file `ci.env`\nhint: make it, or take it out of the recipe's `dotenv`\n")
        .changed_nothing();
    let last = "[recipes.x]\nrun = 'touch ran'\nfinally = { recipe = 'y' }\n[recipes.y]\ndotenv = 'ci.env'\nrun = 'touch ran'\n";
    project(last).run("run x").exits(122).changed_nothing();
    let sealed = broken("true").file(".env", "A=encrypted:AAAABBBBAAAABBBBAAAABBBBAAAABBBB\n");
    let run = sealed.run("run all").exits(122).changed_nothing();
    assert!(run.stderr.starts_with("error: "), "{run}");
}

#[test]
fn declared_secrets_are_masked() {
    let config = "[env.vars.TOKEN]\nsecret = true\n[env.vars.OTHER]\nsecret = true\n[recipes.x]\nrun = 'echo <$TOKEN> <$OTHER> $PLAIN; cat'\n";
    let config = config.replace("<$TOKEN> <$OTHER>", "\"<$TOKEN> <$OTHER>\"");
    let sandbox =
        project(&config).file(".env", "TOKEN=hunter2hunter2\nPLAIN=plain-and-long\n").env("OTHER", "outer-secret");
    let run = sandbox.run_with_input(&["run", "x"], "typed hunter2hunter2\n").succeeds();
    assert_eq!(run.stdout, "<********> <********> plain-and-long\ntyped ********\n", "{run}");
}

#[test]
fn a_recipe_of_a_directory_gets_the_layers_of_that_directory() {
    let sandbox = project("[env]\n[recipes.x]\nrun = 'echo $A; true'\n")
        .file(".env", "A=root\n")
        .file("api/prodev.toml", "[env]\n[recipes.x]\nrun = 'echo $A; true'\n")
        .file("api/.env", "A=api\n")
        .file("web/prodev.toml", "[recipes.x]\nrun = 'echo $A; true'\n")
        .file("web/.env", "A=not-read\n");
    sandbox.run("run -j1 x api::x web::x").succeeds().stdout_is("root\napi\nroot\n");
}
