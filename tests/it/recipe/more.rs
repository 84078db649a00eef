//! A recipe chosen from the list, recipes of one's own file, graphs as images, locks between prodevs, and files that win over the environment.

use std::fs;

use super::tree::{Running, until};
use crate::sandbox::Sandbox;
use crate::terminal::Terminal;

#[test]
fn a_recipe_is_chosen_from_the_list() {
    let config = "[recipes.build]\ndoc = 'Build it'\nrun = 'echo built'\n[recipes.test]\nrun = 'echo tested'\n[recipes.hidden]\nprivate = true\nrun = 'true'\n";
    let sandbox = Sandbox::new().file("prodev.toml", config);
    let said = "error: there is nobody here to choose a recipe\nhint: name one: `prodev run --list` shows them\n";
    sandbox.run("run --choose").fails(120, said).changed_nothing();
    let Some(terminal) = Terminal::start(&sandbox, "run --choose") else { return };
    terminal.sees("Which recipe?").sees("Build it").types("tes").presses("Enter");
    terminal.exits(0);
    let screen = terminal.screen();
    assert!(screen.contains("\ntested") && !screen.contains("hidden"), "{screen}");
}

#[test]
fn recipes_of_ones_own_run_in_any_directory() {
    let sandbox = Sandbox::new().file("prodev.toml", "[recipes.here]\nrun = 'true'\n");
    let run = sandbox.run("run -g where").exits(120).changed_nothing();
    assert!(
        run.stderr.starts_with("error: there is no file `") && run.stderr.contains("prodev/recipes.toml`\n"),
        "{run}"
    );
    fs::create_dir_all(sandbox.home().join(".config/prodev")).unwrap();
    let own = "[recipes.where]\ndoc = 'Tell where'\nparams = ['x']\nrun = 'pwd; echo {{ x }}'\n";
    fs::write(sandbox.home().join(".config/prodev/recipes.toml"), own).unwrap();
    let run = sandbox.run("run -g where 'y'").succeeds();
    assert!(run.stdout.ends_with("\n'y'\n") && run.stdout.starts_with("[DIR]\n"), "{run}");
    sandbox.run("run --global --list").succeeds().stdout_is("where X  Tell where\n");
    sandbox.run("run --list").succeeds().stdout_is("here\n");
    sandbox.run("-C .. run -g where z").succeeds();
    // A shell completes them, too, and not the project's.
    let complete = |words: &[&str]| {
        let mut command = sandbox.command(crate::sandbox::PRODEV);
        let output = command.env("COMPLETE", "fish").args(["--", "prodev", "run"]).args(words).output().unwrap();
        let answer = String::from_utf8(output.stdout).unwrap();
        answer.lines().map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(complete(&["--global", "w"]), ["where"]);
    assert_eq!(complete(&["--jobs", "2", "-g", "h"]), [""; 0]);
    assert_eq!(complete(&["h"]), ["here"]);
}

#[test]
fn a_graph_is_an_image() {
    let config = "[recipes.a]\nrun = 'true'\n[recipes.b]\nneeds = ['a']\nparams = [{ name = 'x', default = '<&\"' }]\nrun = 'true'\n\
                  [recipes.c]\nneeds = ['b', { recipe = 'b', with = { x = '2' } }]\n";
    let sandbox = Sandbox::new().file("prodev.toml", config);
    let run = sandbox.run("run --graph=svg c").succeeds().changed_nothing();
    let image = roxmltree::Document::parse(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run}"));
    let texts: Vec<&str> =
        image.descendants().filter(|it| it.has_tag_name("text")).filter_map(|it| it.text()).collect();
    assert_eq!(texts, ["a", "b [x=<&\"]", "b [x=2]", "c"]);
    assert_eq!(image.descendants().filter(|it| it.has_tag_name("path")).count(), 4);
}

const LOCKED: &str = "[settings.pools]\ntwo = 2\n\
    [recipes.a]\nlock = 'db'\nrun = 'touch \"$1.begun\"; while [ ! -e \"$1.go\" ]; do sleep 0.02; done'\nparams = ['n']\n\
    [recipes.p]\nlock = ['two']\nrun = 'touch \"$1.begun\"; while [ ! -e \"$1.go\" ]; do sleep 0.02; done'\nparams = ['n']\n\
    [recipes.outer]\nlock = 'db'\nrun = 'touch inner.go; \"$PRODEV\" run a inner'\n";

#[test]
fn a_lock_holds_for_all_prodevs_of_a_project() {
    let sandbox = Sandbox::new().file("prodev.toml", LOCKED);
    let first = Running::start(&sandbox, "run a 1");
    first.waits_for(&["1.begun"]);
    let second = Running::start(&sandbox, "run a 2");
    let third = Running::start(&sandbox, "run a 3");
    sandbox.write("2.go", "");
    sandbox.write("3.go", "");
    // One that is waited for can be interrupted, and begins nothing.
    third.executor();
    third.sends(rustix::process::Signal::INT);
    assert_eq!(third.ends(), 130);
    assert!(!sandbox.exists("2.begun") && !sandbox.exists("3.begun"));
    // Who is killed lets go.
    first.sends(rustix::process::Signal::KILL);
    assert_eq!(first.ends(), 137);
    assert_eq!(second.ends(), 0);
    assert!(sandbox.exists("2.begun"));
}

#[test]
fn a_pool_lets_in_as_many_as_it_says() {
    let sandbox = Sandbox::new().file("prodev.toml", LOCKED);
    let [one, two, three] = ["run p 1", "run p 2", "run p 3"].map(|words| Running::start(&sandbox, words));
    let begun = || (1..=3).filter(|at| sandbox.exists(&format!("{at}.begun"))).count();
    until("two have begun", || begun() == 2);
    for at in 1..=3 {
        sandbox.write(&format!("{at}.go"), "");
    }
    assert_eq!([one.ends(), two.ends(), three.ends()], [0, 0, 0]);
    assert_eq!(begun(), 3);
}

#[test]
fn a_recipe_does_not_wait_for_its_own_lock() {
    let sandbox = Sandbox::new().file("prodev.toml", LOCKED).env("PRODEV", crate::sandbox::PRODEV);
    sandbox.run("run outer").succeeds();
    assert!(sandbox.exists("inner.begun"));
}

#[test]
fn files_win_over_the_environment_where_that_is_asked_for() {
    let config = "[env]\n[recipes.show]\nrun = 'echo \"$X\"'\n";
    let sandbox = Sandbox::new().file("prodev.toml", config).file(".env", "X=file\n").env("X", "environment");
    sandbox.run("run show").succeeds().stdout_is("environment\n");
    sandbox.run("run --override show").succeeds().stdout_is("file\n");
}

#[test]
fn make_shares_the_number_of_jobs() {
    if !crate::proof::have("recipes share their jobs with make", &["make"]) {
        return;
    }
    // Each target counts those that run beside it.
    let makefile =
        "all: a b c d\na b c d:\n\t@touch run.$(NAME).$@; ls run.* | wc -l >>counts; sleep 0.2; rm run.$(NAME).$@\n";
    let config = "[recipes.x]\njobserver = true\nrun = 'make NAME=x'\n[recipes.y]\njobserver = true\nrun = 'make NAME=y'\n\
                  [recipes.kill]\njobserver = true\ntimeout = '300ms'\ngrace = '100ms'\nignore_errors = true\nrun = 'make NAME=k'\n\
                  [recipes.after]\nneeds = ['kill', 'x']\nordered = true\n";
    let sandbox = Sandbox::new().file("prodev.toml", config).file("Makefile", makefile);
    let most = |words: &str| {
        let run = sandbox.run(words).succeeds();
        assert!(!run.stderr.contains("jobserver"), "{run}");
        let counts = sandbox.read("counts");
        fs::remove_file(sandbox.path("counts")).unwrap();
        counts.lines().map(|line| line.trim().parse::<usize>().unwrap()).max().unwrap()
    };
    assert_eq!(most("run -j3 --parallel x y"), 3);
    assert_eq!(most("run -j1 x"), 1);
    // What a killed make held is there again.
    most("run -j2 after");
    fs::read_dir(sandbox.dir())
        .unwrap()
        .flatten()
        .filter(|it| it.file_name().to_string_lossy().starts_with("run."))
        .for_each(|it| {
            fs::remove_file(it.path()).unwrap();
        });
    // Inside of another make, its jobserver is the one.
    sandbox.write("outer.mk", format!("all:\n\t+@'{}' run -j8 --parallel x y\n", crate::sandbox::PRODEV));
    let output = sandbox.command("make").args(["-j2", "-f", "outer.mk"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let counts = sandbox.read("counts");
    assert_eq!(counts.lines().map(|line| line.trim().parse::<usize>().unwrap()).max(), Some(2), "{output:?}");
}
