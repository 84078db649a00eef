//! Tables of what is found, over whole documents.

use std::path::Path;

use crate::config::document;
use crate::config::project::{self, Project};
use crate::error::Problem;

/// Each problem as `line:column message (hint)`.
fn problems(source: &str) -> Vec<String> {
    let Err(failure) = project::check("prodev.toml", source) else { return Vec::new() };
    let all_explained = failure.problems.iter().all(|problem| problem.hint.is_some()) && !failure.problems.is_empty();
    assert!(all_explained || !failure.hints.is_empty(), "without a hint: {failure:?}");
    let mut problems = failure.problems;
    if problems.is_empty() {
        problems.push(Problem {
            message: failure.message,
            place: failure.place,
            // What is said where nothing better is known is not repeated here.
            hint: failure.hints.into_iter().find(|hint| hint != document::HINT),
        });
    }
    let text = |problem: Problem| {
        let place = problem.place.map(|place| format!("{}:{} ", place.line, place.column)).unwrap_or_default();
        let hint = problem.hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
        format!("{place}{}{hint}", problem.message)
    };
    problems.into_iter().map(text).collect()
}

#[test]
fn nothing_is_wrong_without_a_file() {
    let folder = tempfile::tempdir().expect("there is a temporary directory");
    std::fs::create_dir(folder.path().join(".git")).expect("a directory can be made");
    let project = Project::load_for(folder.path(), None, &[]).expect("there is nothing to read");
    assert!(project.files.is_empty());
    assert_eq!(project.dir, folder.path());
    let failure = Project::load_for(folder.path(), Some(Path::new("/nowhere/x.toml")), &[]).expect_err("it was named");
    assert_eq!(failure.message, "there is no file `/nowhere/x.toml`");
}

#[test]
fn recipes_are_held_against_each_other() {
    let cases: [(&str, &[&str]); 9] = [
        (
            "[recipes.lint]\nrun = 'x'\n[recipes.test]\nneeds = ['lnit', { recipe = 'db', with = { prt = 1 } }]\n\
             [recipes.db]\nparams = ['port']\nrun = 'x'\n",
            &[
                "4:10 `lnit` is no recipe (did you mean `lint`?)",
                "4:18 the recipe `db` needs its parameter `port` (write `{ recipe = \"db\", with = { port = … } }`)",
                "4:44 the recipe `db` has no parameter `prt` (did you mean `port`?)",
            ],
        ),
        (
            "[recipes.a]\nneeds = ['b']\n[recipes.b]\nneeds = ['c']\n[recipes.c]\nneeds = ['b']\n[recipes.d]\nneeds = ['d']\n",
            &["4:9 these recipes need each other in a circle: b → c → b", "8:9 the recipe `d` needs itself"],
        ),
        (
            "[recipes.a]\nneeds = ['b']\nafter = ['b']\n[recipes.b]\nrun = 'x'\n",
            &["2:9 these recipes need each other in a circle: a → b → a"],
        ),
        ("[recipes.a]\nrun = 'x'\nafter = ['b']\n[recipes.b]\nneeds = ['a']\nrun = 'y'\n", &[]),
        (
            "[recipes.a]\nrun = 'x'\nalias = ['b', 'c']\n[recipes.b]\nrun = 'y'\n",
            &["4:10 `b` is already another name of `a`"],
        ),
        (
            "[recipes.a]\nparams = ['x']\nrun = 'x'\nschedule = '@daily'\n",
            &["4:12 the recipe `a` needs its parameter `x` (write `{ recipe = \"a\", with = { x = … } }`)"],
        ),
        (
            "[hooks]\npre-commit = ['tset', { check = 'flow', run = 'x' }]\npost-commit = { check = 'flow' }\n[recipes.test]\nrun = 'x'\n",
            &[
                "2:15 `tset` is no recipe (did you mean `test`?)",
                "2:33 a step can have only one of `run` and `check`",
                "3:25 the policy has nothing to check in `post-commit` (it belongs to `pre-commit`, `pre-merge-commit`, \
                 `commit-msg`, `pre-push`, `pre-receive`, `update`)",
            ],
        ),
        ("[flow]\nbefore_finish = ['x']\n", &["2:18 `x` is no recipe"]),
        (
            "[recipes.a]\nparams = [{ name = 'v', flag = true }, { name = 'n', type = 'int', option = true }]\nrun = 'x'\n\
          [recipes.b]\nneeds = [{ recipe = 'a', with = { v = 'maybe', n = 'x' } }]\n",
            &[
                "5:39 `v` of `a` cannot be `maybe`: it must be `true` or `false`",
                "5:52 `n` of `a` cannot be `x`: it must be a whole number",
            ],
        ),
    ];
    for (source, expected) in cases {
        assert_eq!(problems(source), expected, "{source}");
    }
}

#[test]
fn a_recipe_is_held_against_itself() {
    let cases: [(&str, &[&str]); 12] = [
        ("[recipes.a]\ndoc = 'x'\n", &["1:10 the recipe `a` does nothing (give it `run`, `script` or `needs`)"]),
        (
            "[recipes.'a b']\nrun = 'x'\n",
            &["1:10 `a b` cannot be a recipe: write it with letters, digits, `_`, `-`, `.` and `:` alone"],
        ),
        ("[recipes.a]\nrun = []\n", &["2:7 `run` names no program"]),
        ("[recipes.a]\nrun = 'x'\nscript = 'y'\n", &["3:10 `run` and `script` exclude each other"]),
        ("[recipes.a]\nrun = [['x'], { run = [] }]\n", &["2:23 `run` names no program"]),
        ("[recipes.a]\nrun = 'x'\noutputs = ['../x']\n", &["3:12 `../x` is outside of the recipe's directory"]),
        (
            "[recipes.a]\nrun = 'x'\nmatrix = { py = [], os = ['a', 'a'] }\n",
            &["3:17 `py` has no values, so the recipe would never run", "3:26 `os` has the value `a` twice"],
        ),
        (
            "[recipes.a]\nrun = 'x'\nretry = { times = 2, backoff = 0.5 }\n",
            &["3:32 `backoff` is 1 or more", "3:32 `backoff` multiplies `delay`, which is not there"],
        ),
        ("[recipes.a]\nrun = 'x'\nfinally = { timeout = '5s' }\n", &["3:1 `finally` needs one of `run`, `recipe`"]),
        (
            "[recipes.a]\nrun = 'x'\nschedule = { on = 'daily', cron = '@daily' }\n",
            &["3:19 `schedule` can have only one of `cron` and `on`"],
        ),
        (
            "[recipes.a]\nrun = 'x'\nenv = { A = { default = 'x' }, 'B C' = 1 }\n",
            &[
                "3:9 `A` needs one of `value`, `from`",
                "3:25 `default` is for a variable that has `from`",
                "3:32 `B C` cannot be an environment variable: begin it with a letter or `_`, and write it with letters, digits, `_`, `.` and `-` alone",
            ],
        ),
        (
            "[vars]\nPATH = 'x'\na = { run = 'x', env = 'Y' }\n",
            &[
                "2:1 `PATH` cannot be a variable: `PATH` already means something to shells and programs",
                "3:24 the variable `a` can have only one of `run` and `env`",
            ],
        ),
    ];
    for (source, expected) in cases {
        assert_eq!(problems(source), expected, "{source}");
    }
}

#[test]
fn parameters_can_be_read_back_from_a_command_line() {
    let cases: [(&str, &[&str]); 9] = [
        (
            "[{ name = 'a', default = 'x' }, 'b']",
            &["`b` must be given, but `a` before it need not be (give it a default, or put it first)"],
        ),
        (
            "[{ name = 'a', variadic = true }, 'b']",
            &["`b` can never be given: `a` before it takes all that follows (make it an option, or put it first)"],
        ),
        ("['a-b', 'a_b']", &["`a-b` and `a_b` are the same variable"]),
        (
            "['IFS']",
            &[
                "`IFS` cannot be a parameter: `IFS` already means something to shells and programs (choose another name, as `ifs_name`)",
            ],
        ),
        (
            "[{ name = 'a', choices = ['x', 'y'], default = 'z' }]",
            &["the default of `a` cannot be `z`: it must be `x`, `y`"],
        ),
        ("[{ name = 'a', type = 'int', choices = [1, 'x'] }]", &["`x` cannot be a choice: it must be a whole number"]),
        (
            "[{ name = 'a', flag = true, option = true }, { name = 'b', short = 'v' }]",
            &["a parameter cannot be both `flag` and `option`", "`short` is for flags and options"],
        ),
        (
            "[{ name = 'a', flag = true, short = 'v' }, { name = 'b', flag = true, short = 'v' }]",
            &["`-v` is already `--a`"],
        ),
        (
            "[{ name = 'a', variadic = true, at_least = 2, at_most = 1 }]",
            &["`at_least` is greater than `at_most` (2 and 1)"],
        ),
    ];
    for (params, expected) in cases {
        let found = problems(&format!("[recipes.r]\nrun = 'x'\nparams = {params}\n"));
        let found: Vec<&str> = found.iter().map(|line| line.split_once(' ').map_or("", |(_, rest)| rest)).collect();
        assert_eq!(found, expected, "{params}");
    }
}

#[test]
fn the_policy_is_held_against_itself() {
    let cases: [(&str, &[&str]); 10] = [
        (
            "[flow.kinds.docs]\nprefix = 'feature/'\n",
            &["2:10 the kinds `feature` and `docs` have the same prefix `feature/`"],
        ),
        (
            "[flow.kinds.docs]\nparent = 'developp'\n",
            &["2:10 `developp` is no long-lived branch and no kind (did you mean `develop`?)"],
        ),
        (
            "[flow]\nmain = 'master'\n[flow.kinds.hotfix]\nmerge_into = ['main', 'develop']\n",
            &[
                "4:15 `main` is no long-lived branch and no kind (known are `master`, `develop`, `feature`, `bugfix`, `release`, `support`)",
            ],
        ),
        (
            "[flow]\nmain = 'develop'\n",
            &[
                "2:8 `main` and `develop` are both `develop` (for one branch alone use `preset = \"github\"` and leave `develop` out)",
            ],
        ),
        (
            "[flow.bases]\na = { parent = 'b' }\nb = { parent = 'a' }\n",
            &["2:16 these branches follow each other in a circle: a → b → a"],
        ),
        (
            "[[flow.release.files]]\npath = '../x'\npattern = 'version'\n",
            &[
                "2:8 `../x` is no path inside the repository",
                "3:11 `version` has no group (put the version in parentheses, as in `version = \"(.+)\"`)",
            ],
        ),
        (
            "[flow]\ntag_message = 'Release {verison}'\n",
            &["2:15 `{verison}` stands for nothing here (did you mean `version`?)"],
        ),
        (
            "[flow.message]\ntypes = []\ntrailers = { 'a b' = 'x' }\n",
            &[
                "2:9 a conventional message needs a type, and there is none (leave `types` out for the usual ones, or set `conventional = false`)",
                "3:22 `a b` cannot be a trailer: write it with letters, digits and `-` alone",
            ],
        ),
        ("[flow.kinds.docs]\ntag = true\nmerge_into = []\n", &["2:7 there is nothing to tag: `merge_into` is empty"]),
        (
            "[flow]\nmain = 'master'\npreset = 'github'\n[flow.kinds.release]\ntag = true\n[flow.bases.staging]\naccepts = ['feature', 'master']\n",
            &[],
        ),
    ];
    for (source, expected) in cases {
        assert_eq!(problems(source), expected, "{source}");
    }
}

#[test]
fn declared_variables_are_held_against_their_type() {
    let cases: [(&str, &[&str]); 7] = [
        ("type = 'int'\ndefault = '3600'\nmin = 1", &[]),
        ("type = 'int'\ndefault = 'many'", &["3:11 `default` cannot be `many`: it must be a whole number"]),
        ("type = 'enum'", &["2:8 an `enum` needs `values` (add `values = [\"a\", \"b\"]`)"]),
        (
            "values = ['a']\nschemes = 'http'",
            &["2:10 `values` is for variables of type `enum`", "3:11 `schemes` is for variables of type `url`"],
        ),
        ("type = 'duration'\nmin = '1h'\nmax = '5m'", &["3:7 `min` is greater than `max` (1h and 5m)"]),
        ("type = 'port'\nexample = 70000", &["3:11 `example` cannot be `70000`: it must be a port from 1 to 65535"]),
        ("type = 'url'\nexample = 'https://${HOST}/'", &[]),
    ];
    for (keys, expected) in cases {
        assert_eq!(problems(&format!("[env.vars.X]\n{keys}\n")), expected, "{keys}");
    }
}

#[test]
fn secrets_are_neither_in_messages_nor_in_lines() {
    let cases = [
        ("[env.vars.PORT]\ntype = 'int'\nsecret = true\ndefault = 'hunter2'\n", "it must be a whole number"),
        ("[env.vars.PORT]\ntype = 'list'\nitems = 'int'\nsecret = true\nexample = '1,hunter2'\n", "does not fit"),
        ("[env.vars]\nPORT = { type = 'intt', secret = true, default = 'hunter2' }\n", "`intt`"),
        ("[env.vars.PORT]\nsecret = true\ndefualt = 'hunter2'\n", "`defualt`"),
        ("[env.vars.PORT]\nsecret = true\ndefault = hunter2\n", ""),
        ("[vars]\nA = { value = 'hunter2', secret = true, valeu = 1 }\n", "`vars.A`"),
        (
            "[recipes.a]\nrun = 'x'\nparams = [{ name = 'b', secret = true, type = 'int', default = 'hunter2' }]\n",
            "it must be a whole number",
        ),
        (
            "[[recipes.a.params]]\nname = 'b'\nsecret = true\nchoices = ['hunter2']\ndefault = 'x'\n[recipes.a]\nrun = 'x'\n",
            "",
        ),
        (
            "[recipes.a]\nrun = 'x'\nparams = [{ name = 'b', secret = true, choices = ['hunter2'], default = 'hunter2!' }]\n",
            "`choices`",
        ),
        (
            "[recipes.a]\nrun = 'x'\nparams = [{ name = 'b', secret = true, type = 'int' }]\n\
             [recipes.c]\nneeds = ['d', { recipe = 'a', with = { b = 'hunter2' } }]\n",
            "it must be a whole number",
        ),
        (
            "[recipes.a]\nrun = 'x'\nparams = [{ name = 'b', secret = true }]\n\
             [recipes.c]\nneeds = [{ recipe = 'a', wiht = 1, with = { b = 'hunter2' } }]\n",
            "`wiht`",
        ),
    ];
    for (source, expected) in cases {
        let failure = project::check("prodev.toml", source).expect_err("something is wrong");
        let all = format!("{failure:?}");
        assert!(!all.contains("hunter2") && all.contains(expected), "{source}\n{all}");
    }
}
