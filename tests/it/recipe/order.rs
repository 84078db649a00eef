//! What waits for what.

use super::Says as _;
use crate::sandbox::Sandbox;

const LOG: &str = "run = 'echo {{ n }} >>log'";

/// Recipes that write their names, and whatever else `config` says.
fn sandbox(config: &str) -> Sandbox {
    let recipe = |name: &str| format!("[recipes.{name}]\nrun = 'echo {name} >>log'\n");
    let plain: String = ["a", "b", "c"].map(recipe).concat();
    Sandbox::new().file("prodev.toml", &format!("{plain}{config}"))
}

#[track_caller]
fn logs(config: &str, words: &str, log: &str) {
    let sandbox = sandbox(config);
    sandbox.run(words).succeeds();
    assert_eq!(sandbox.read("log").split_whitespace().collect::<Vec<_>>().join(" "), log, "{words}\n{config}");
}

#[test]
fn needs_come_before_and_what_follows_after() {
    logs("[recipes.x]\nneeds = ['b', 'a']\nafter = ['c']\nrun = 'echo x >>log'\n", "run -j1 x", "b a x c");
    logs("[recipes.x]\nneeds = ['b', 'a']\nordered = true\nrun = 'echo x >>log'\n", "run -j8 x", "b a x");
    logs("[recipes.x]\nneeds = ['b', 'a']\nrun = 'echo x >>log'\n", "run --no-deps x", "x");
    logs("", "run -j8 c b a", "c b a");
    logs("[recipes.x]\nneeds = ['a']\nafter = ['b']\nrun = 'echo x >>log'\n", "run -j8 x c", "a x b c");
}

#[test]
fn an_ordered_need_brings_its_own_needs_later() {
    let config = "[recipes.clean]\nrun = 'sleep 0.1; echo clean >>log'\n[recipes.build]\nneeds = ['a']\nrun = 'echo build >>log'\n\
                  [recipes.x]\nneeds = ['clean', 'build']\nordered = true\n";
    logs(config, "run -j8 x", "clean a build");
}

#[test]
fn a_call_runs_once_for_each_set_of_arguments() {
    let call = |n: u8| format!("{{ recipe = 'n', with = {{ n = {n} }} }}");
    let config = format!(
        "[recipes.n]\nparams = ['n']\n{LOG}\n[recipes.x]\nneeds = [{one}, {two}, 'y']\nordered = true\n[recipes.y]\nneeds = [{one}]\nrun = 'echo y >>log'\n",
        one = call(1),
        two = call(2)
    );
    logs(&config, "run -j8 x", "1 2 y");
}

#[test]
fn repeated_recipes_run_for_each_value() {
    logs(
        "[recipes.x]\nmatrix = { i = [1, 2], j = ['a', 'b'] }\nrun = 'echo {{ i }}{{ j }} >>log'\n",
        "run -j1 x",
        "1a 1b 2a 2b",
    );
    logs("[recipes.x]\nfor_each = ['p', 'q']\nrun = 'echo $item >>log'\n", "run -j1 x", "p q");
    logs(
        "[recipes.x]\nfor_each = { name = 'l', lines = 'printf \"u\\nv\\n\"' }\nrun = 'echo {{ l }} >>log'\n",
        "run -j1 x",
        "u v",
    );
    let sandbox = sandbox(
        "[recipes.x]\nfor_each = { name = 'f', files = ['src/**/*.c', '!**/skip.c'] }\nrun = 'echo {{ f }} >>log'\n",
    )
    .file("src/b.c", "")
    .file("src/d/a.c", "")
    .file("src/skip.c", "")
    .file("src/x.h", "");
    sandbox.run("run -j1 x").succeeds();
    assert_eq!(sandbox.read("log"), "src/b.c\nsrc/d/a.c\n");
}

#[test]
fn what_failed_decides() {
    let config = "[recipes.f]\nrun = 'exit 5'\n[recipes.g]\nneeds = ['f']\nrun = 'echo g >>log'\n[recipes.x]\nneeds = ['g', 'a']\nrun = 'echo x >>log'\n";
    let world = sandbox(config);
    world.run("run -j1 x").exits(5);
    assert!(!world.exists("log"), "something ran after a failure");
    let world = sandbox(config);
    world.run("run -j1 --keep-going x").exits(5).says(
        "==> f\n==> a\nerror: `f` failed with exit code 5 after TIME\n  --> prodev.toml:8: exit 5\n1 done, 1 failed, 2 not run to their end in TIME\n",
    );
}

#[test]
fn an_error_that_is_ignored_is_none() {
    logs(
        "[recipes.f]\nignore_errors = true\nrun = 'exit 5'\n[recipes.x]\nneeds = ['f']\nrun = 'echo x >>log'\n",
        "run x",
        "x",
    );
}

#[test]
fn a_recipe_whose_condition_does_not_hold_is_left_out() {
    for (when, runs) in [
        ("os == 'linux'", true),
        ("os == 'windows'", false),
        ("env.NOTHING", false),
        ("mode == 'on'", true),
        ("not (mode == 'on')", false),
    ] {
        let config = format!(
            "[vars]\nmode = 'on'\n[recipes.f]\nwhen = \"{when}\"\nneeds = ['a']\nrun = 'echo f >>log'\n[recipes.x]\nneeds = ['f']\nrun = 'echo x >>log'\n"
        );
        logs(&config, "run -j1 x", if runs { "a f x" } else { "x" });
    }
}

#[test]
fn a_recipe_waits_for_changes_since_a_commit() {
    let sandbox = Sandbox::new()
        .file(
            "prodev.toml",
            "[recipes.x]\nwhen = { changed = { paths = ['docs/**'], since = 'HEAD' } }\nrun = 'echo ran'\n",
        )
        .git("init -q -b main")
        .git("add .")
        .git("commit -q -m Start");
    sandbox.run("run x").succeeds().stdout_is("").stderr_is("`x` was skipped: nothing has changed in `docs/**`\n");
    sandbox.write("docs/new.md", "");
    sandbox.run("run x").succeeds().stdout_is("ran\n");
}

#[test]
fn recipes_with_a_lock_do_not_run_beside_each_other() {
    let body = "run = 'mkdir busy; sleep 0.05; rmdir busy'";
    let config = format!(
        "[recipes.p]\nlock = 'db'\n{body}\n[recipes.q]\nlock = ['db']\n{body}\n[recipes.x]\nneeds = ['p', 'q', 'r']\n[recipes.r]\nlock = 'db'\n{body}\n"
    );
    sandbox(&config).run("run -j8 x").succeeds();
}

#[test]
fn opposite_orders_are_told() {
    let config = "[recipes.p]\nneeds = ['a', 'b']\nordered = true\n[recipes.q]\nneeds = ['b', 'a']\nordered = true\n[recipes.x]\nneeds = ['p', 'q']\n";
    sandbox(config)
        .run("run x")
        .fails(
            120,
            "error: these recipes wait for each other: `a`, `b`\nhint: `ordered = true` and `after` of several recipes ask for opposite orders\n",
        )
        .changed_nothing();
}

#[test]
fn ten_thousand_recipes_in_a_chain_are_no_problem() {
    use std::fmt::Write as _;
    let mut config = "[recipes.r0]\nwhen = 'false'\nrun = 'true'\n".to_owned();
    for at in 1..10_000 {
        let _ = write!(config, "[recipes.r{at}]\nneeds = ['r{}']\n", at - 1);
    }
    Sandbox::new().file("prodev.toml", &config).run("run r9999").succeeds();
}

#[test]
fn a_recipe_that_is_skipped_holds_no_lock() {
    let config = "[recipes.first]\nlock = 'db'\ninputs = ['in']\noutputs = ['out']\nrun = 'cp in out'\n\
                  [recipes.second]\nlock = 'db'\nneeds = ['first']\nrun = 'echo second'\n";
    let sandbox = Sandbox::new().file("in", "1").file("prodev.toml", config);
    sandbox.run("run second").succeeds();
    let again = sandbox.run("run --timeout 20s second").succeeds();
    assert!(again.stderr.contains("`first` was skipped: nothing has changed\n"), "{again}");
    assert_eq!(again.stdout, "second\n");
}
