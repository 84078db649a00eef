//! `prodev config` and `prodev init`: which files are read, what is wrong in them, what is written for a project.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use crate::sandbox::Sandbox;

const SMALL: &str = "[settings]\ngrace = \"5s\"\n\n[recipes.test]\nrun = \"./test.sh\"\n";

/// Every section and nearly every key; nothing in it is wrong.
const LARGE: &str = include_str!("config/large.toml");

#[test]
fn each_value_is_shown_with_its_line() {
    let sandbox = Sandbox::repo().file("prodev.toml", SMALL);
    let run = sandbox.run("config show --origin").succeeds().changed_nothing();
    run.stderr_is("").stdout_is(
        "[settings]\n\
         keep_going = false  # default\n\
         grace = \"5s\"  # prodev.toml:2\n\
         survivors = \"keep\"  # default\n\
         history = 100  # default\n\n\
         [recipes.test]\n\
         run = \"./test.sh\"  # prodev.toml:5\n",
    );
    let json = sandbox.run("config show --json").succeeds().json();
    assert_eq!(json["directory"], "[DIR]");
    assert_eq!(json["values"]["recipes"]["test"], json!({ "run": "./test.sh" }));
    assert_eq!(json["origins"]["settings.grace"], json!({ "file": "prodev.toml", "line": 2 }));
    assert_eq!(json["origins"]["settings.history"], Value::Null);
}

#[test]
fn what_is_shown_means_the_same() {
    let sandbox = Sandbox::repo().file("prodev.toml", LARGE);
    let shown = sandbox.run("config show").succeeds().stderr_is("").stdout;
    assert!(shown.contains("prodev = "), "{shown}");
    let sandbox = Sandbox::repo().file("prodev.toml", &shown);
    sandbox.run("config show").succeeds().stdout_is(&shown);
}

#[test]
fn without_a_file_the_defaults_hold() {
    let shown = "[settings]\nkeep_going = false\ngrace = \"10s\"\nsurvivors = \"keep\"\nhistory = 100\n";
    Sandbox::repo()
        .run("config show")
        .succeeds()
        .stdout_is(shown)
        .stderr_is("there is no prodev.toml here: these are the defaults (`prodev init` writes one)\n");
}

#[test]
fn secrets_are_hidden() {
    let text = "[vars]\nkey = { value = \"open sesame\", secret = true }\n\
                [env.vars.TOKEN]\nsecret = true\ndefault = \"open sesame\"\n\
                [recipes.a]\nrun = \"x\"\nenv = { TOKEN = { value = \"open sesame\", secret = true } }\n";
    let sandbox = Sandbox::repo().file("prodev.toml", text);
    for command in ["config show", "config show --json", "config show --origin"] {
        let run = sandbox.run(command).succeeds();
        assert!(!run.stdout.contains("sesame"), "{run}");
        assert_eq!(run.stdout.matches("********").count(), 3, "{run}");
    }
}

#[test]
fn all_problems_of_all_files_are_told_at_once() {
    let sandbox = Sandbox::repo()
        .file("prodev.toml", "[recipies.a]\nrun = 'x'\n[settings]\njobs = 0\ngrace = 'soon'\nhistory = -1\n")
        .file("api/prodev.toml", "[flow]\nmain = 'x'\n[recipes.a]\nrunn = 'x'\n");
    sandbox
        .run("-C api config show")
        .fails(
            2,
            "error: the configuration has 6 problems\n\
             \x20 ../prodev.toml:1:2: unknown key `recipies` (did you mean `recipes`?)\n\
             \x20 ../prodev.toml:4:8: `settings.jobs` must be at least 1, not 0\n\
             \x20 ../prodev.toml:5:9: `soon` is no duration like `10s`, `1m30s`, `2h` or `30d`\n\
             \x20 ../prodev.toml:6:11: `settings.history` must be at least 0, not -1\n\
             \x20 prodev.toml:1:2: `[flow]` belongs to the root file of the project\n\
             \x20 prodev.toml:4:1: unknown key `runn` in `recipes.a` (did you mean `run`?)\n\
             hint: `prodev config schema` describes what can stand where\n",
        )
        .changed_nothing();
}

#[test]
fn a_newer_file_says_which_prodev_it_needs() {
    let text = "[something-new]\nx = 1\n[settings]\nprodev = '>=99.3'\n";
    let sandbox = Sandbox::repo().file("prodev.toml", text);
    let version = env!("CARGO_PKG_VERSION");
    sandbox.run("config show").fails(
        2,
        &format!(
            "error: `prodev.toml` needs prodev >= 99.3 (this is {version})\n --> prodev.toml:4:10\n4 | prodev = '>=99.3'\n  |          ^^^^^^^^\n\
             hint: install prodev >= 99.3\n"
        ),
    );
}

#[test]
fn a_list_is_no_table() {
    for text in
        ["settings = ['>=0.1']\n", "flow = ['gitflow']\n", "[recipes]\na = ['Doc']\n", "[flow]\nmessage = [true]\n"]
    {
        let sandbox = Sandbox::repo().file("prodev.toml", text);
        let run = sandbox.run("config show").exits(2);
        assert!(run.stderr.contains("must be a table, not a list"), "{run}");
    }
}

#[test]
fn the_root_file_is_the_outermost_in_the_repository() {
    let sandbox = Sandbox::new()
        .file("prodev.toml", "[recipes.outside]\nrun = 'x'\n")
        .file("repo/prodev.toml", "[recipes.lint]\nrun = 'x'\n")
        .file("repo/api/v2/prodev.toml", "[recipes.test]\nneeds = ['lint']\n[vars]\nport = 1\n")
        .git("init -q repo");
    let shown = "[settings]\nkeep_going = false\ngrace = \"10s\"\nsurvivors = \"keep\"\nhistory = 100\n\n\
                 [vars]\n\"api::v2::port\" = 1\n\n[recipes.lint]\nrun = \"x\"\n\n[recipes.\"api::v2::test\"]\nneeds = [\"lint\"]\n";
    sandbox.run("-C repo/api/v2 config show").succeeds().stdout_is(shown);
    sandbox.run("-C repo/api/v2 config path").succeeds().stderr_is("").stdout_is(
        "root    [DIR]/repo/prodev.toml\n\
         nested  [DIR]/repo/api/v2/prodev.toml\n\
         user    [HOME]/.config/prodev/config.toml  (not there)\n",
    );
    let files = sandbox.run("-C repo/api/v2 config path --json").succeeds().json();
    assert_eq!(files["files"][1]["namespace"], "api::v2");
    assert_eq!(files["files"][2]["exists"], false);
}

#[test]
fn outside_of_a_repository_the_root_is_above() {
    let sandbox = Sandbox::new().file("prodev.toml", SMALL).file("a/b/c", "");
    let run = sandbox.run("-C a/b config path").succeeds();
    assert!(run.stdout.starts_with("root    [DIR]/prodev.toml\n"), "{run}");
}

#[test]
fn nested_files_elsewhere_are_read_when_they_are_spoken_of() {
    let sandbox = Sandbox::repo()
        .file("prodev.toml", "[recipes.test]\nneeds = ['api::test']\n")
        .file("api/prodev.toml", "[recipes.test]\nneeds = ['::web::build']\n")
        .file("web/prodev.toml", "[recipes.build]\nrun = 'x'\n");
    let json = sandbox.run("config show --json").succeeds().json();
    let recipes: Vec<&String> = json["values"]["recipes"].as_object().unwrap().keys().collect();
    assert_eq!(recipes, ["test", "api::test", "web::build"]);
    sandbox.write("web/prodev.toml", "[recipes.biuld]\nrun = 'x'\n");
    sandbox.run("config show").fails(
        2,
        "error: `::web::build` is no recipe\n --> api/prodev.toml:2:10\n2 | needs = ['::web::build']\n  |          ^^^^^^^^^^^^^^\n\
         hint: did you mean `web::biuld`?\n",
    );
}

#[test]
fn files_are_included_under_a_name() {
    let sandbox = Sandbox::repo()
        .file(
            "prodev.toml",
            "include = ['tools/a.toml', { path = 'tools/b.toml', namespace = 'b' }, { path = 'mine.toml', optional = true }]\n\
             [recipes.test]\nneeds = ['lint', 'b::lint']\n",
        )
        .file("tools/a.toml", "[recipes.lint]\nrun = 'x'\n")
        .file("tools/b.toml", "[recipes.lint]\nrun = 'y'\n");
    let shown = sandbox.run("config show --origin").succeeds();
    assert!(shown.stdout.contains("[recipes.\"b::lint\"]\nrun = \"y\"  # tools/b.toml:2\n"), "{shown}");
    let cases = [
        (
            "tools/a.toml",
            "include = ['b.toml']\n",
            "tools/b.toml",
            "include = ['a.toml']\n",
            "`a.toml` includes itself",
        ),
        (
            "tools/a.toml",
            "include = ['../../x.toml']\n",
            "tools/b.toml",
            "",
            "`../../x.toml` is outside of the project",
        ),
        ("tools/a.toml", "include = ['x.toml']\n", "tools/b.toml", "", "there is no file `x.toml` to include"),
        (
            "tools/a.toml",
            "[env]\nprofile = 'x'\n",
            "tools/b.toml",
            "[recipes.lint]\nrun = 'y'\n",
            "`[env]` belongs to the `prodev.toml` of a directory",
        ),
    ];
    for (first, text, second, other, message) in cases {
        sandbox.write(first, text);
        sandbox.write(second, other);
        let run = sandbox.run("config show").exits(2);
        assert!(run.stderr.contains(message), "{run}");
    }
}

#[test]
fn another_file_can_be_named() {
    let sandbox = Sandbox::repo()
        .file("prodev.toml", "broken")
        .file("other/conf.toml", SMALL)
        .env("PRODEV_CONFIG", "other/conf.toml");
    let shown = sandbox.run("config show --origin").succeeds();
    assert!(shown.stdout.contains("# other/conf.toml:2\n"), "{shown}");
    sandbox.run("--config none.toml config show").fails(
        2,
        "error: there is no file `none.toml`\nhint: make one with `prodev init`, or name another with `--config FILE`\n",
    );
}

#[test]
fn files_of_every_make_are_read_or_refused_clearly() {
    let sandbox = Sandbox::repo();
    for right in ["\u{feff}[settings]\r\ngrace = \"5s\"\r\n", "[settings]\ngrace = \"5s\""] {
        sandbox.write("prodev.toml", right);
        let run = sandbox.run("config show --origin").succeeds();
        assert!(run.stdout.contains("grace = \"5s\"  # prodev.toml:2\n"), "{run}");
    }
    sandbox.write("prodev.toml", b"# gr\xfc\xdfe\n");
    sandbox.run("config show").fails(
        2,
        "error: `prodev.toml` is not UTF-8\n --> prodev.toml:1:5\n1 | # gr\u{fffd}\u{fffd}e\n  |     ^\nhint: save it as UTF-8\n",
    );
    fs::File::create(sandbox.path("prodev.toml")).unwrap().set_len(5 * 1024 * 1024).unwrap();
    sandbox.run("config show").fails(
        2,
        "error: `prodev.toml` is larger than 4 MiB\nhint: a configuration is a short text; is this the right file?\n",
    );
    fs::remove_file(sandbox.path("prodev.toml")).unwrap();
    symlink("elsewhere.toml", sandbox.path("prodev.toml")).unwrap();
    let run = sandbox.run("config show").exits(2);
    assert!(run.stderr.starts_with("error: there is no file `prodev.toml`\n"), "{run}");
    sandbox.write("elsewhere.toml", SMALL);
    sandbox.run("config show").succeeds();
}

#[test]
fn the_file_of_somebody_else_is_refused() {
    let sandbox = Sandbox::repo().file("prodev.toml", SMALL);
    let Ok(()) = std::os::unix::fs::chown(sandbox.path("prodev.toml"), Some(12345), None) else {
        return; // Only root can give a file away; CI is root.
    };
    sandbox
        .run("config show")
        .fails(
            4,
            "error: `prodev.toml` belongs to another user (uid 12345)\n\
             hint: read it, and where you trust it name it: `--config prodev.toml`\n",
        )
        .changed_nothing();
    sandbox.run("config show --config prodev.toml").succeeds();
}

#[test]
fn files_are_valid_by_the_schema_when_prodev_takes_them() {
    let sandbox = Sandbox::repo();
    let schema: Value = serde_json::from_str(&sandbox.run("config schema").succeeds().stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let right = [SMALL, LARGE, "", "[recipes.a]\nrun = [['x', 'y'], { run = 'z', name = 'n' }]\n"];
    let wrong = [
        "[recipes.a]\nrnu = 'x'\n",
        "[recipes.a]\nrun = 3\n",
        "[flow.rules]\nno-such-rule = 'off'\n",
        "[flow.rules]\ndirection = 'loud'\n",
        "[hooks]\npre-comit = 'x'\n",
        "[settings]\njobs = 0\n",
        "flow = ['gitflow']\n",
        "[recipes]\na = ['Doc']\n",
        "[[recipes.a.params]]\nflag = true\n",
        "[env]\ndialects = ['perl']\n",
    ];
    for (text, is_right) in right.iter().map(|text| (text, true)).chain(wrong.iter().map(|text| (text, false))) {
        sandbox.write("prodev.toml", text);
        sandbox.run("config show").exits(if is_right { 0 } else { 2 });
        let value: Value = toml::from_str(text).unwrap();
        assert_eq!(
            validator.is_valid(&value),
            is_right,
            "{text}\n{:?}",
            validator.iter_errors(&value).collect::<Vec<_>>()
        );
    }
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let user: Value = serde_json::from_str(&sandbox.run("config schema --user").succeeds().stdout).unwrap();
    let file: Value =
        toml::from_str("[author]\nname = 'Ada'\n[templates]\nwork = 'gh:acme/{}'\n[answers]\nx = 1\n").unwrap();
    assert!(jsonschema::validator_for(&user).unwrap().is_valid(&file));
}

#[test]
fn everything_in_the_schema_is_described() {
    for flag in ["", " --user", " --nested"] {
        let schema: Value =
            serde_json::from_str(&Sandbox::new().run(&format!("config schema{flag}")).succeeds().stdout).unwrap();
        for key in ["$schema", "$id", "title", "description"] {
            assert!(schema[key].as_str().is_some_and(|text| !text.is_empty()), "{flag}: {key}");
        }
        assert!(!schema.to_string().contains(":null"), "TOML knows no null, and an editor would write it");
        let mut bare = Vec::new();
        undescribed(&schema, "", &mut bare);
        assert!(bare.is_empty(), "without a description: {bare:#?}");
    }
}

fn undescribed(schema: &Value, path: &str, bare: &mut Vec<String>) {
    match schema {
        Value::Object(map) => {
            for (name, property) in map.get("properties").and_then(Value::as_object).into_iter().flatten() {
                if property.get("description").is_none() {
                    bare.push(format!("{path}/{name}"));
                }
            }
            for (key, inner) in map {
                undescribed(inner, &format!("{path}/{key}"), bare);
            }
        }
        Value::Array(items) => items.iter().for_each(|inner| undescribed(inner, path, bare)),
        _ => {}
    }
}

#[test]
fn a_project_gets_a_file() {
    let sandbox = Sandbox::repo()
        .file("package.json", r#"{"scripts": {"test": "vitest run"}}"#)
        .file(".env.example", "API_TOKEN=change-me\nPORT=3000\n")
        .git("tag v1.2.0")
        .git("branch feat/login");
    let run = sandbox.honest("init");
    assert_eq!(run.changes(), ["+ work/prodev.toml"]);
    assert_eq!(run.json()["recipes"], json!(["test"]));
    assert_eq!(
        sandbox.read("prodev.toml"),
        format!(
            r#"# What prodev knows of this project. `prodev config show` tells what follows from it,
# and `prodev config schema` describes every key.

[settings]
prodev = ">={}"

# How branches come together. Branches and messages are held against it.
[flow]
preset = "github"  # topic branches on main; "gitflow" adds develop and releases
main = "main"
tag_prefix = "v"

[flow.kinds.feature]
prefix = "feat/"  # 1 branch

# The variables of .env.example and what they may be.
[env]

[env.vars.API_TOKEN]
type = "string"
secret = true

[env.vars.PORT]
type = "port"
example = "3000"

# Recipes: commands by name.
# From package.json:
[recipes.test]
doc = "vitest run"
run = "npm run test"
"#,
            env!("CARGO_PKG_VERSION")
        )
    );
    sandbox.run("config show").succeeds().stderr_is("");
}

#[test]
fn a_file_that_is_there_is_let_alone() {
    let sandbox = Sandbox::repo().file("prodev.toml", SMALL).file("sub/x", "");
    let said = "error: there is a `prodev.toml` already\nhint: see what it says with `prodev config show`\n";
    sandbox.run("init").fails(1, said).changed_nothing();
    sandbox.run("init --dry-run").fails(1, said).changed_nothing();
    let sandbox = sandbox.file("sub/prodev.toml", "");
    sandbox.run("-C sub init").fails(1, said).changed_nothing();
}

#[test]
fn the_first_file_goes_to_the_top_of_the_repository() {
    let sandbox = Sandbox::repo().file("sub/Cargo.toml", "").file("Makefile", ".PHONY: all\nall:\n");
    let run = sandbox.run("-C sub init").succeeds().stderr_is(
        "found Makefile\nwrote `../prodev.toml`\n\nLook it through, then try\n  prodev config show\n\
         It is the root file of the whole repository. For one of this directory alone, now try\n  prodev init\n",
    );
    assert_eq!(run.changes(), ["+ work/prodev.toml"]);
}

#[test]
fn below_a_root_file_a_nested_one_is_written() {
    let sandbox = Sandbox::repo()
        .file("prodev.toml", SMALL)
        .file("services/api/go.mod", "module example.org/x\n")
        .file("services/api/.env.example", "PORT=3000\n");
    let run = sandbox.honest("-C services/api init");
    assert_eq!(run.changes(), ["+ work/services/api/prodev.toml"]);
    assert_eq!((&run.json()["file"], &run.json()["kind"]), (&json!("prodev.toml"), &json!("nested")));
    assert_eq!(
        sandbox.read("services/api/prodev.toml"),
        r#"# What prodev knows of this directory, beside the root file of the project.
# `prodev config schema --nested` describes every key.

# The variables of .env.example and what they may be.
[env]

[env.vars.PORT]
type = "port"
example = "3000"

# Recipes: commands by name.
# From go.mod:
[recipes.build]
doc = "Build it"
run = "go build ./..."

[recipes.test]
doc = "Run the tests"
run = "go test ./..."

[recipes.lint]
doc = "Look for mistakes"
run = "go vet ./..."
"#
    );
    let shown = sandbox.run("-C services/api config show").succeeds().stderr_is("").stdout;
    assert!(shown.contains("services::api::build"), "{shown}");
    let said = "error: there is a `prodev.toml` already\nhint: see what it says with `prodev config show`\n";
    sandbox.run("-C services/api init").fails(1, said).changed_nothing();
}

#[test]
fn outside_of_git_a_file_is_written_too() {
    let sandbox = Sandbox::new().file("go.mod", "module example.org/x\n");
    let run = sandbox.honest("init");
    assert_eq!(run.changes(), ["+ work/prodev.toml"]);
    assert!(!sandbox.read("prodev.toml").contains("[flow]"));
    sandbox.run("config show").succeeds();
}

#[test]
fn a_repository_that_cannot_be_read_is_told() {
    let sandbox = Sandbox::new().file(".git", "gitdir: nowhere\n");
    let run = sandbox.run("init").succeeds();
    assert!(run.stderr.contains("could not read the repository"), "{run}");
    assert!(run.stderr.contains("branches and tags are not looked at"), "{run}");
    sandbox.run("config show").succeeds();
}

#[test]
fn a_secret_that_is_wrong_is_not_shown() {
    let source = "[env.vars.PORT]\ntype = \"int\"\nsecret = true\ndefault = \"hunter2\"\n";
    Sandbox::repo().file("prodev.toml", source).run("config show").fails(
        2,
        "error: `default` cannot be `********`: it must be a whole number\n \
         --> prodev.toml:4:11\n4 | default = ********\n  |           ^^^^^^^^\n\
         hint: `prodev config schema` describes what can stand where\n",
    );
}
