//! `prodev env check`: which files, which rules, in which forms, and what is never told.

use std::os::unix::fs::symlink;

use crate::sandbox::Sandbox;

const FOUND: &str = "\
error: `PORT` is set in line 1 already; this value counts [duplicated-key]
 --> .env:2:1
2 | PORT=81 
  | ^^^^
hint: take one of them out
warning: blanks at the end of the line [trailing-whitespace]
 --> .env:2:8
2 | PORT=81 
  |        ^
hint: take them out: docker makes them a part of the value
warning: blanks around the `=` of `TOKEN` [space-character]
 --> .env:3:6
3 | TOKEN = ********
  |      ^^^
hint: write `TOKEN=` and the value right behind it: a shell takes `TOKEN` for a command
warning: `TOKEN` has blanks and no quotes [value-without-quotes]
 --> .env:3:9
hint: put the value into quotes: dotenvy and direnv refuse it, and a shell runs it
";

fn sandbox() -> Sandbox {
    Sandbox::new().file(".env", "PORT=80\nPORT=81 \nTOKEN = abc def\n")
}

#[test]
fn findings_are_told_with_their_lines_and_without_values() {
    let sandbox = sandbox();
    sandbox.run("env check").exits(1).stdout_is(FOUND).stderr_is("1 error, 3 warnings\n").changed_nothing();
    sandbox.run("env check .env").exits(1).stdout_is(FOUND);
    sandbox.run("env check --skip DuplicatedKey -q").succeeds();
    sandbox.run("env check --skip duplicated-key --strict").exits(1).stderr_is("3 errors\n");
    sandbox.run("env check --only duplicated-key --show-secrets").exits(1).stderr_is("1 error\n");
    let shown = sandbox.run("env check --only value-without-quotes --show-secrets").succeeds();
    assert!(shown.stdout.contains("3 | TOKEN = abc def\n"), "{shown}");
    for format in ["json", "sarif", "github", "gitlab", "junit"] {
        let run = sandbox.run(&format!("env check --format {format}")).exits(1);
        assert!(!run.stdout.contains("abc"), "{run}");
        assert!(run.stdout.contains("space-character"), "{run}");
    }
    let json = sandbox.run("env check --json").exits(1).json();
    assert_eq!(json["looked_at"], 1);
    assert_eq!(json["findings"][0]["rule"], "duplicated-key");
    assert_eq!(json["findings"][0]["object"]["line"], 2);
    assert_eq!((&json["errors"], &json["warnings"]), (&1.into(), &3.into()));
    sandbox.write(".env", "PORT=80\n");
    sandbox.run("env check").succeeds().stdout_is("").stderr_is("nothing wrong in 1 file\n");
    Sandbox::new().run("env check").succeeds().stdout_is("").stderr_is("there are no .env files here\n");
}

#[test]
fn rules_are_weighed_in_the_configuration() {
    let sandbox = sandbox().file(
        "prodev.toml",
        "[env.lint]\nDuplicatedKey = \"off\"\nspace-character = \"error\"\nunordered-key = \"warn\"\n",
    );
    sandbox.run("env check").exits(1).stderr_is("1 error, 2 warnings\n");
    sandbox.write("prodev.toml", "[env.lint]\nduplicate-key = \"off\"\n");
    sandbox.run("env check").fails(
        2,
        "error: `[env.lint]` has no rule `duplicate-key`\n --> prodev.toml:2:1\n2 | duplicate-key = \"off\"\n  | ^^^^^^^^^^^^^\n\
         hint: did you mean `duplicated-key`?\n",
    );
    sandbox.write("prodev.toml", "");
    sandbox
        .run("env check --only LowercaseKy")
        .fails(2, "error: there is no rule `LowercaseKy`\nhint: did you mean `LowercaseKey`?\n");
    sandbox
        .run("env check nowhere")
        .fails(1, "error: there is no file or folder `nowhere`\nhint: name another, or none\n");
}

#[test]
fn files_are_found_whether_git_ignores_them_or_not() {
    let sandbox = Sandbox::repo()
        .file(".gitignore", ".env*\nbuild/\n")
        .file(".env", "a=1\n")
        .file(".env.example", "b=1\n")
        .file(".env.keys", "c=1\n")
        .file(".envrc", "d=1\n")
        .file("api/test.env", "e=1\n")
        .file("api/.env.local", "f=1\n")
        .file("build/.env", "g=1\n");
    let files = |words: &str| -> Vec<String> {
        let json = sandbox.run(words).json();
        let list = json["findings"].as_array().unwrap();
        list.iter().map(|one| one["object"]["file"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(files("env check --json"), [".env", ".env.example"]);
    assert_eq!(files("env check --json -r"), [".env", ".env.example", "api/.env.local", "api/test.env"]);
    assert_eq!(files("env check --json api"), ["api/.env.local", "api/test.env"]);
    assert_eq!(files("env check --json build/.env .env.keys build"), ["build/.env", ".env.keys"]);
    assert_eq!(files("-C api env check --json ../.env"), ["../.env"]);
}

#[test]
fn a_file_that_git_has_is_an_error_with_what_mends_it() {
    let sandbox = Sandbox::repo().file(".env", "PORT=1\n").git("add .env");
    sandbox.run("env check").exits(1).stdout_is(
        "error: `.env`: Git has this .env file [env-tracked]\n\
         hint: run `git rm --cached -- .env` and `echo .env >> .gitignore`, commit both, and replace the secrets in it: \
         the history keeps the old ones\n",
    );
    sandbox.run("env check --skip env-tracked").succeeds();
    sandbox.write("prodev.toml", "[env.lint]\nenv-tracked = \"off\"\n");
    sandbox.run("env check").succeeds();
}

#[test]
fn what_cannot_be_read_is_a_finding() {
    let sandbox = Sandbox::new().file(".env", "PORT=1\n");
    symlink("loop.env", sandbox.path("loop.env")).unwrap();
    std::fs::create_dir(sandbox.path("folder.env")).unwrap();
    assert!(sandbox.command("mkfifo").arg("pipe.env").status().unwrap().success());
    std::fs::File::create(sandbox.path("large.env")).unwrap().set_len(200_000_000).unwrap();
    let run = sandbox.run("env check").exits(1).stderr_is("3 errors\n").stdout_is(
        "error: `large.env`: it cannot be checked: it is larger than 32 MiB [unreadable-file]\n\
         error: `loop.env`: it cannot be checked: Too many levels of symbolic links (os error 40) [unreadable-file]\n\
         error: `pipe.env`: it cannot be checked: it is no file [unreadable-file]\n",
    );
    assert_eq!(run.changes(), Vec::<String>::new());
    sandbox.run("env check pipe.env --format sarif").exits(1);
    let odd = Sandbox::new().file("--force", "a=1\n");
    odd.run("env check -- --force").succeeds().stderr_is("1 warning\n");
}

const DIFFERENT: &str = "\
error: `DB_PW` is read differently: `compose` reads one value; `python` reads another one from the 3rd character on [not-portable]
 --> .env:1:1
hint: all of them read it alike as the same in single quotes, where its `$` stands for itself (`--show-secrets` shows it)
error: `LOG_LEVEL` is read differently: `compose` reads `${X}`; `python` reads nothing [not-portable]
 --> .env:2:1
2 | LOG_LEVEL='${X}'
  | ^^^^^^^^^^^^^^^^
hint: there is no spelling of `LOG_LEVEL` that all of them read alike: give it another value, or set it elsewhere
error: this is read differently: `compose` refuses the file; `python` reads a name without a value [not-portable]
 --> .env:4:1
hint: write `NAME=value`, or put a `#` in front
";

#[test]
fn what_dialects_read_differently_is_found_and_not_told() {
    let sandbox = Sandbox::new().file(".env", "DB_PW=pa$word\nLOG_LEVEL='${X}'\nA=1\n%\nB=\"x y\"\n");
    let words = "env check --portable --only not-portable --dialect compose --dialect python";
    sandbox.run(words).exits(1).stdout_is(DIFFERENT).stderr_is("3 errors\n").changed_nothing();
    let shown = sandbox.run(&format!("{words} --show-secrets")).exits(1);
    for text in
        ["`compose` reads `pa`; `python` reads `pa$word`", "hint: all of them read it alike as `DB_PW='pa$word'`\n"]
    {
        assert!(shown.stdout.contains(text), "{shown}");
    }
    sandbox.write("prodev.toml", "[env]\ndialects = [\"compose\", \"python\"]\n");
    sandbox.run("env check --portable --only not-portable").exits(1).stdout_is(DIFFERENT);
    sandbox.run("env check --only not-portable").succeeds();
    sandbox.write("prodev.toml", "");
    let all = sandbox.run("env check --portable --only not-portable").exits(1);
    assert!(all.stdout.contains("`default`, `compose`"), "{all}");
    sandbox.write(".env", "A='b'\nB=\"x y\"\n");
    sandbox.run("env check --portable").succeeds();
}

#[test]
fn every_awkward_value_that_has_a_spelling_gets_it() {
    let values: Vec<String> = serde_json::from_str(include_str!("../../data/dotenv/awkward-values.json")).unwrap();
    let dialects = "--dialect compose --dialect python --dialect dotenv --dialect dotenvx";
    let mut without = Vec::new();
    for value in &values {
        let sandbox = Sandbox::new();
        sandbox.write("prodev.toml", "[env]\ndialect = \"python\"\n");
        let args = ["env", "set", "KEY", "-", "--dialect", "compose"];
        sandbox.run_with_input(&args, value).succeeds();
        let check = format!("env check --portable --only not-portable {dialects}");
        let fix = sandbox.run(&format!("{check} --fix --unsafe"));
        drop(fix);
        let left = sandbox.run(&format!("{check} --json")).json();
        if left["errors"] != 0 {
            without.push(value.as_str());
            continue;
        }
        for dialect in ["compose", "python", "dotenv", "dotenvx"] {
            let read = sandbox.run(&format!("env get KEY -f .env --dialect {dialect}")).succeeds();
            assert_eq!(read.stdout, format!("{value}\n"), "{dialect}");
        }
    }
    assert_eq!(without, ["${FOO}"]);
}

#[test]
fn what_is_mended_changes_no_value() {
    let text = "\u{feff}# top \r\n A = x y  # why\r\n\r\n\r\nexport B=\"1\"\r\na=1\r\nC=\"p \n\n\n q\"";
    let sandbox = Sandbox::new().file(".env", text);
    sandbox
        .run("env check --fix --dry-run")
        .succeeds()
        .changed_nothing()
        .stdout_is("replace   .env\n")
        .stderr_is(
            "would mend 7 findings in `.env`: 1 byte-order-mark, 1 ending-blank-line, 1 extra-blank-line, 1 leading-character, \
             1 space-character, 1 trailing-whitespace, 1 value-without-quotes\n\
             1 finding would be left\nnothing was changed (--dry-run)\n",
        );
    sandbox.honest("env check --fix");
    assert_eq!(sandbox.read(".env"), "# top\r\nA=\"x y\"  # why\r\n\r\nexport B=\"1\"\r\na=1\r\nC=\"p \n\n\n q\"\r\n");
    sandbox
        .run("env check --fix")
        .succeeds()
        .changed_nothing()
        .stderr_is("nothing was mended\n1 finding left: see it with `prodev env check`\n");
    sandbox.write(".env", "A=1 \n");
    sandbox.run("env check --fix --dialect default --dialect docker").succeeds().changed_nothing();
    let fine = Sandbox::new().file(".env", "A=\"b\n");
    fine.run("env check --fix").exits(1).changed_nothing();
    fine.run("env check --fix --dry-run")
        .succeeds()
        .changed_nothing()
        .stdout_is("")
        .stderr_is("nothing would be mended\n1 finding would be left\nnothing was changed (--dry-run)\n");
}

#[test]
fn what_changes_a_meaning_is_mended_where_that_is_asked_for_and_shown() {
    let sandbox = Sandbox::new().file(".env", "PORT=1\napi-key=abc\nPORT=2\n");
    let diff = "diff --git a/.env b/.env\n--- a/.env\n+++ b/.env\n@@ -1,3 +1,3 @@\n-PORT=1\n-api-key=********\n+# PORT=1\n+API_KEY=********\n PORT=2\n";
    let told = format!(
        "{diff}mended 3 findings in `.env`, 3 of them with another meaning now: 1 duplicated-key, 1 incorrect-delimiter, 1 lowercase-key\n"
    );
    sandbox.run("env check --fix").exits(1).changed_nothing();
    sandbox.run("env check --unsafe").exits(2).changed_nothing();
    let dry = sandbox.run("env check --fix --unsafe --dry-run").succeeds().changed_nothing();
    assert!(dry.stderr.starts_with(diff), "{dry}");
    sandbox.run("env check --fix --unsafe").succeeds().stdout_is("").stderr_is(&told);
    assert_eq!(sandbox.read(".env"), "# PORT=1\nAPI_KEY=abc\nPORT=2\n");
    sandbox.run("env check --fix --unsafe").succeeds().changed_nothing();
}

#[test]
fn a_protected_file_and_its_kind_stay() {
    let sandbox = Sandbox::new().file("real", "A=1 \n");
    symlink("real", sandbox.path(".env")).unwrap();
    sandbox.run("env check --fix").succeeds();
    assert_eq!(sandbox.read("real"), "A=1\n");
    assert!(sandbox.path(".env").symlink_metadata().unwrap().is_symlink());
    sandbox.write("real", "A=1 \n");
    assert!(sandbox.command("chmod").args(["400", "real"]).status().unwrap().success());
    let refused = sandbox.run("env check --fix").exits(1).changed_nothing();
    assert!(refused.stderr.starts_with("error: `.env` is read-only\n"), "{refused}");
    sandbox.run("env check --fix --force").succeeds();
    assert_eq!(sandbox.read("real"), "A=1\n");
}

#[test]
fn declarations_are_part_of_the_verdict() {
    let sandbox = Sandbox::new()
        .file("prodev.toml", "[env.vars.PORT]\ntype = \"port\"\nrequired = true\n[env.vars.MODE]\nrequired = true\n")
        .file(".env", "PORT=x\n")
        .file(".env.example", "PORT=\n");
    let json = sandbox.run("env check --json").exits(1).json();
    let rules: Vec<&str> =
        json["findings"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["invalid-value", "missing-variable"]);
    sandbox.run("env check --skip SchemaViolation").succeeds();
    sandbox.run("env check --json .env --only invalid-value").exits(1);
    sandbox.write(".env", "# dotenv-linter:off SchemaViolation\nPORT=x\n");
    sandbox.run("env check .env").succeeds();
}

#[test]
fn what_cannot_be_read_hides_no_verdict() {
    let schema = "[env.vars.PORT]\ntype = \"port\"\n[env.vars.N]\ntype = \"int\"\n[env.vars.GONE]\nrequired = true\n[env.vars.IN]\nrequired = true\n";
    let sandbox = Sandbox::new()
        .file("prodev.toml", schema)
        .file(".env", "PORT=x\n%%%\nIN=${\n")
        .file(".env.local", "N=y\nZ=\"\n");
    let rules = |sandbox: &Sandbox| -> Vec<String> {
        let json = sandbox.run("env check --json --only SchemaViolation").exits(1).json();
        let list = json["findings"].as_array().unwrap();
        let told = |one: &serde_json::Value| one["message"].as_str().unwrap().to_owned();
        let mut skipped: Vec<String> =
            json["skipped"].as_array().into_iter().flatten().map(ToString::to_string).collect();
        skipped.extend(list.iter().map(told));
        skipped
    };
    let both =
        ["`PORT` cannot be `x`: it must be a port from 1 to 65535", "`N` cannot be `y`: it must be a whole number"];
    assert_eq!(rules(&sandbox), [both[0], both[1], "`GONE` is not set, and must be"]);
    // What is in a file that nobody can open may well be there.
    std::fs::remove_file(sandbox.path(".env.local")).unwrap();
    symlink(".", sandbox.path("folder")).unwrap();
    sandbox.write(".env", "PORT=x\n");
    let json = sandbox.run("env check --json").exits(1).json();
    assert_eq!(json["errors"], 3, "{json}");
}
