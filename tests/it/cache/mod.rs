//! Recipes that run only when they must: `prodev run` with `inputs` and `outputs`, and `prodev cache`.

mod remote;
mod rows;
mod store;

use crate::sandbox::{Run, Sandbox};

/// A recipe that joins what is in `src` into `out/all`, and what else it says.
fn joins(more: &str) -> String {
    format!(
        "[recipes.join]\ninputs = [\"src/**\"]\noutputs = [\"out/\"]\n{more}\
         run = '''\necho ran >> ../cache/runs\nmkdir -p out\n[ ! -e before ] || sh ./before\ncat src/* > out/all\n[ ! -e behind ] || sh ./behind\necho joined\n'''\n"
    )
}

/// A project in which it has run once.
fn ready() -> Sandbox {
    let sandbox = Sandbox::new().file("prodev.toml", &joins("")).file("src/a", "A").file("src/b", "B");
    sandbox.run("run join").succeeds().stdout_is("joined\n");
    assert_eq!((made(&sandbox).as_str(), runs(&sandbox)), ("AB", 1));
    sandbox
}

fn made(sandbox: &Sandbox) -> String {
    std::fs::read_to_string(sandbox.path("out/all")).unwrap_or_default()
}

/// How often the recipe has run.
fn runs(sandbox: &Sandbox) -> usize {
    std::fs::read_to_string(sandbox.path("../cache/runs")).unwrap_or_default().lines().count()
}

/// Runs it: it must run, and make `text`.
#[track_caller]
fn runs_again(sandbox: &Sandbox, text: &str) {
    let before = runs(sandbox);
    sandbox.run("run join").succeeds().stdout_is("joined\n");
    assert_eq!((made(sandbox).as_str(), runs(sandbox)), (text, before + 1));
}

/// Runs it: it must not run, and `text` be there all the same. What it said is said again.
#[track_caller]
fn does_not_run<'a>(sandbox: &'a Sandbox, text: &str) -> Run<'a> {
    let before = runs(sandbox);
    let run = sandbox.run("run join").succeeds().stdout_is("joined\n");
    assert_eq!((made(sandbox).as_str(), runs(sandbox)), (text, before));
    run
}
