//! A small template for one test, in the folder `t` of a sandbox, and what is generated from it in `p`.

use crate::sandbox::{Run, Sandbox};

/// The first lines of every draft's `template.toml`: what a test adds begins on line 4.
const HEAD: &str = "[template]\nname = \"t\"\nversion = \"1.0.0\"\n";

/// A template that has nothing but this `template.toml`, without its `[template]`.
pub(crate) fn draft(manifest: &str) -> Sandbox {
    let sandbox = Sandbox::new().file("t/template.toml", &format!("{HEAD}{manifest}"));
    std::fs::create_dir_all(sandbox.path("t/files")).unwrap();
    sandbox
}

/// Generates without a repository; the words are split at spaces.
#[track_caller]
pub(crate) fn generate<'a>(sandbox: &'a Sandbox, words: &str) -> Run<'a> {
    generate_args(sandbox, &words.split_whitespace().collect::<Vec<_>>())
}

#[track_caller]
pub(crate) fn generate_args<'a>(sandbox: &'a Sandbox, args: &[&str]) -> Run<'a> {
    sandbox.run_args(&[&["new", "t", "p", "--no-git"], args].concat())
}

/// The file `out` of a project that is generated with these arguments and taken away again.
#[track_caller]
pub(crate) fn out(sandbox: &Sandbox, args: &[&str]) -> String {
    generate_args(sandbox, args).succeeds();
    let text = sandbox.read("p/out");
    std::fs::remove_dir_all(sandbox.path("p")).unwrap();
    text
}
