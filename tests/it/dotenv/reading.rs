//! Listing, getting, explaining and comparing: layers, profiles, dialects, and values that are not shown.

use crate::sandbox::Sandbox;

fn layers() -> Sandbox {
    Sandbox::new()
        .file(".env", "PORT=80\nURL=\"http://${HOST:-h}:$PORT\"\nPW='a$b'\n")
        .file(".env.local", "PORT=81\n")
        .file(".env.production", "PORT=443\nHOST=shop\n")
        .file(".env.production.local", "PW=\"x\ny\"\n")
}

#[test]
fn later_files_win_and_the_environment_has_the_last_word() {
    let sandbox = layers();
    sandbox.run("env get PORT").succeeds().stdout_is("81\n").stderr_is("").changed_nothing();
    sandbox.run("env get PORT --profile production").stdout_is("443\n");
    sandbox.run("env get URL --profile production").stdout_is("http://h:80\n");
    sandbox.run("env get PORT -f .env.production -f .env").stdout_is("80\n");
    let sandbox = sandbox.env("PORT", "1").env("PRODEV_PROFILE", "production");
    sandbox.run("env get PORT").stdout_is("1\n");
    sandbox.run("env get PORT --override").stdout_is("443\n");
    sandbox.run("env get PORT -f .env").stdout_is("80\n");
    sandbox.run("env get URL -f .env").stdout_is("http://h:1\n");
    sandbox.run("env get URL -f .env --override").stdout_is("http://h:80\n");
}

#[test]
fn conventions_have_their_own_order() {
    let sandbox = layers().file("prodev.toml", "[env]\norder = \"nextjs\"\n");
    sandbox.run("env get PORT --profile production").stdout_is("81\n");
    sandbox
        .write("prodev.toml", "[env]\norder = [\"a.env\", \"{profile}.env\"]\nprofile = \"b\"\ndialect = \"python\"\n");
    sandbox.write("a.env", "A=1\nB=$A\n");
    sandbox.write("b.env", "C=${A}\n");
    sandbox.run("env list --show-secrets").stdout_is("A=1\nB=$A\nC=1\n");
    sandbox.write("sub/x", "");
    sandbox.run("-C sub env get C").stdout_is("1\n");
}

#[test]
fn values_are_shown_only_where_they_are_harmless_or_asked_for() {
    let sandbox = layers();
    sandbox.run("env list").succeeds().stdout_is("PORT=81\nURL=********\nPW=********\n").changed_nothing();
    sandbox.run("env list --show-secrets").stdout_is("PORT=81\nURL=http://h:80\nPW=a$b\n");
    let list = sandbox.run("env list --json").json();
    assert_eq!(list["variables"][2]["value"], "********");
    assert_eq!(list["variables"][0]["file"], ".env.local");
    assert_eq!(sandbox.run("env get PW --json").json()["value"], "********");
    assert_eq!(sandbox.run("env get PW --json --show-secrets").json()["value"], "a$b");
    sandbox.write("prodev.toml", "[env.vars.PORT]\nsecret = true\n[env.vars.URL]\n");
    // What is made of a secret would show it.
    sandbox.run("env list").stdout_is("PORT=********\nURL=********\nPW=********\n");
    sandbox.write("prodev.toml", "[env.vars.PORT]\n[env.vars.URL]\n");
    sandbox.run("env list").stdout_is("PORT=81\nURL=http://h:80\nPW=********\n");
}

#[test]
fn a_value_is_explained() {
    layers().run("env explain PORT --profile production").succeeds().changed_nothing().stdout_is(
        "PORT = 443\n  from .env.production:1, read as `default`\n  overrides .env.local:1: 81\n  overrides .env:1: 80\n",
    );
    layers().run("env explain URL --show-secrets").stdout_is(
        "URL = http://h:80\n  from .env:2, read as `default`\n  made of `HOST`, which is not set\n  \
         made of `PORT`, which the same file sets\n",
    );
    let explained = layers().run("env explain PW --profile production --json").json();
    assert_eq!(explained["file"], ".env.production.local");
    assert_eq!(explained["value"], "********");
    assert_eq!(explained["overrode"][0]["line"], 3);
}

#[test]
fn files_are_compared_by_name_and_value() {
    let sandbox = Sandbox::new().file("a", "A=1\nB=2\nPORT=1\n").file("b", "B=2\nPORT=2\nC=3\n");
    sandbox
        .run("env diff a b")
        .exits(1)
        .stdout_is("- A=********\n~ PORT: 1 -> 2\n+ C=********\n")
        .stderr_is("")
        .changed_nothing();
    sandbox.run("env diff a b --keys").exits(1).stdout_is("- A\n+ C\n");
    sandbox.run("env diff a a").succeeds().stdout_is("");
    let sandbox = Sandbox::new().file("a", "A=1\n").file("b", "A=2\n");
    sandbox.run("env diff a b").exits(1).stdout_is("~ A: the values differ\n");
}

#[test]
fn a_name_that_is_not_there_is_refused() {
    layers().run("env get POTR").changed_nothing().fails(
        1,
        "error: `POTR` is not set\n  caused by: it is not in `.env`, `.env.local`\nhint: did you mean `PORT`?\n",
    );
    Sandbox::new()
        .run("env get A -f none")
        .fails(1, "error: there is no file `none`\nhint: name another with `-f FILE`\n");
}

#[test]
fn everything_that_is_wrong_is_told_at_once_without_the_lines() {
    let sandbox = Sandbox::new().file(".env", "A=1\nPASSWORD:secret\nB=\"secret\"x\nC=${secret\n");
    let run = sandbox.run("env list").exits(1).changed_nothing();
    assert!(!run.stderr.contains("secret"), "{run}");
    for place in [".env:2:1", ".env:3:1", ".env:4:3"] {
        assert!(run.stderr.contains(place), "{run}");
    }
    sandbox.run("env get C --dialect node").stdout_is("${secret\n");
}

#[test]
fn names_that_are_none_are_told_so_that_they_can_be_read() {
    let sandbox = Sandbox::new().file(".env", "MY_KEY=1\n");
    let list = "hint: see which there are with `prodev env list`\n";
    let long = "x".repeat(300);
    for (name, shown, hint) in [
        ("", "", list),
        ("--force", "--force", list),
        ("A\nB", "A\\nB", list),
        ("a\u{1b}[31mb", "a\\u{1b}[31mb", list),
        ("a\u{202e}b", "a\\u{202e}b", list),
        (long.as_str(), &format!("{}…", &long[..100]), list),
        ("MYKEY", "MYKEY", "hint: did you mean `MY_KEY`?\n"),
        ("A=hunter2", "A", "hint: leave `=` and what follows it out: `A`\n"),
        ("$(x)=hunter2", "$(x)", list),
    ] {
        let said = format!("error: `{shown}` is not set\n  caused by: it is not in `.env`\n{hint}");
        sandbox.run_args(&["env", "get", "--", name]).fails(1, &said);
        sandbox.run_args(&["env", "explain", "--", name]).fails(1, &said);
    }
    sandbox.write(".env", "a\u{1b}[1m\u{202e}=\u{202e}x\n");
    let run = sandbox.run("env list --dialect docker --show-secrets").succeeds();
    run.stdout_is("a\\u{1b}[1m\\u{202e}=\\u{202e}x\n");
    sandbox.write("other", "");
    let run = sandbox.run("env diff .env other --dialect docker --show-secrets").exits(1);
    run.stdout_is("- a\\u{1b}[1m\\u{202e}=\\u{202e}x\n");
}

#[test]
fn a_message_for_people_is_told_and_the_rest_of_a_password_is_not() {
    let sandbox = Sandbox::new();
    let said = |value: &str| {
        sandbox.write(".env", format!("TOKEN=hunter2hunter2\nA={value}\n"));
        let runs = ["env get A", "env run -- true", "env run --json -- true"].map(|words| sandbox.run(words));
        assert!(
            runs.iter().all(|run| !run.stderr.contains("hunter2") && !run.stdout.contains("hunter2")),
            "{}",
            runs[1]
        );
        runs[0].stderr.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(said("${X:?set it in the shell}"), "error: `A` needs `X`: set it in the shell");
    for value in ["${X:?}", "${X:?$TOKEN is wrong}", "${X?word}", "pa${X:?hunter2hunter2 x}"] {
        assert_eq!(said(value), "error: `A` needs `X`, which is not set", "{value}");
    }
}
