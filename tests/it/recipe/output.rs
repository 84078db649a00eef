//! What becomes of the output of recipes.

use crate::sandbox::Sandbox;

const TWO: &str = r#"
[recipes.x]
needs = ["one", "three"]
[recipes.one]
run = 'printf a1; sleep 0.1; echo a2; echo err >&2; touch one; while [ ! -e three ]; do sleep 0.01; done'
[recipes.three]
run = 'printf b1; while [ ! -e one ]; do sleep 0.01; done; printf b2; touch three'
"#;

#[test]
fn lines_of_recipes_side_by_side_stay_whole() {
    let sandbox = Sandbox::new().file("prodev.toml", TWO);
    let run = sandbox.run("run -j2 x").succeeds();
    let mut lines: Vec<&str> = run.stdout.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["one   | a1a2", "three | b1b2"]);
    assert!(run.stderr.starts_with("one   | err\n"), "{run}");
}

#[test]
fn blocks_of_recipes_side_by_side_stay_whole() {
    let sandbox = Sandbox::new().file("prodev.toml", TWO);
    let run = sandbox.run("run -j2 --output group x").succeeds();
    let blocks = ["--- one\na1a2\n", "--- three\nb1b2\n"];
    assert!(blocks.iter().all(|block| run.stdout.contains(block)), "{run}");
}

#[test]
fn github_folds_and_annotates() {
    let config = TWO.replace("touch three'", "touch three; exit 3'");
    let sandbox = Sandbox::new().file("prodev.toml", &config).env("GITHUB_ACTIONS", "true").env("CI", "true");
    let run = sandbox.run("run -j2 --keep-going x").exits(3);
    assert!(run.stdout.contains("::group::three\nb1b2\n::endgroup::\n"), "{run}");
    assert!(run.stderr.contains("::error file=prodev.toml,line=7,title=three::failed with exit code 3\n"), "{run}");
}

#[test]
fn a_recipe_alone_speaks_for_itself() {
    let sandbox = Sandbox::new().file("prodev.toml", "[recipes.version]\nneeds = ['prepare']\nrun = 'echo 1.2.3'\n[recipes.prepare]\nrun = 'true'\n[recipes.in]\nrun = 'cat -'\n");
    sandbox.run("run version").succeeds().stdout_is("1.2.3\n");
    sandbox.run_with_input(&["run", "in"], "typed").succeeds().stdout_is("typed").stderr_is("");
    sandbox.run("--quiet run version").succeeds().stdout_is("1.2.3\n").stderr_is("");
}

#[test]
fn a_report_is_the_only_thing_on_stdout() {
    let sandbox = Sandbox::new().file("prodev.toml", "[recipes.x]\nrun = 'echo out; exit 3'\n");
    let run = sandbox.run("--json run x").exits(3);
    let json = run.json();
    assert_eq!((&json["code"], &json["recipes"][0]["result"]), (&3.into(), &"failed".into()));
    assert!(run.stderr.starts_with("out\n"), "{run}");
}

#[test]
fn timings_are_told_and_drawn() {
    let sandbox = Sandbox::new().file("prodev.toml", TWO);
    let run = sandbox.run("run -j2 --timings=trace.json x").succeeds();
    assert!(run.stderr.contains("recipe      start    seconds  result\n"), "{run}");
    let trace: serde_json::Value = serde_json::from_str(&sandbox.read("trace.json")).unwrap();
    let lanes: Vec<_> = trace["traceEvents"].as_array().unwrap().iter().map(|event| event["tid"].clone()).collect();
    assert_eq!(lanes, [1, 2]);
    // Without a file there is the table alone.
    let run = sandbox.run("run --timings x").succeeds();
    assert!(run.stderr.contains("seconds  result\n"), "{run}");
}

#[test]
fn timings_that_cannot_be_written_are_told_before_anything_runs() {
    let sandbox = Sandbox::new().file("prodev.toml", "[recipes.x]\nrun = 'touch ran'\n").file("dir/a", "");
    let said = "error: the timings cannot be written to `[DIR]/no/trace.json`\n  \
                caused by: there is no directory `[DIR]/no`\nhint: name another file: `--timings=FILE`\n";
    sandbox.run("run --timings=no/trace.json x").fails(120, said).changed_nothing();
    let said = "error: the timings cannot be written to `[DIR]/dir`\n  caused by: it is a directory\n\
                hint: name another file: `--timings=FILE`\n";
    sandbox.run("run --timings=dir x").fails(120, said).changed_nothing();
}

#[test]
fn secrets_are_masked_in_what_is_passed_on() {
    let config = "[recipes.x]\nparams = [{ name = 't', secret = true }]\nrun = 'printf %s \"$t\" | cut -c1-5 | tr -d \"\\n\"; sleep 0.2; echo; echo \"<$t>\"'\n";
    let sandbox = Sandbox::new().file("prodev.toml", config);
    let run = sandbox.run("run --output prefix x hunter2hunter2").succeeds();
    assert_eq!(run.stdout, "x | hunte\nx | <********>\n");
}
