//! Encrypted values, read: only what is asked for is decrypted, its text is taken as it is, and without the key nothing is printed.

use crate::sandbox::Sandbox;

/// `PW` and `PORT` are encrypted; `URL` is made of `PW`.
fn encrypted() -> Sandbox {
    let sandbox = Sandbox::new().file(".env", "PW='a$HOME \\$b $(id)'\nPORT=81\nNONE=''\nPLAIN=open\n");
    sandbox.run("env encrypt PW PORT").succeeds();
    sandbox.write(".env", sandbox.read(".env") + "URL=\"db:${PW}@${PORT}\"\n");
    let file = sandbox.read(".env");
    assert!(!file.contains("PORT=81") && !file.contains("$HOME") && file.matches("encrypted:").count() >= 2, "{file}");
    sandbox
}

const PW: &str = "a$HOME \\$b $(id)";

#[test]
fn values_are_decrypted_wherever_they_are_read() {
    let sandbox = encrypted();
    sandbox.run("env get PW").succeeds().stdout_is(&format!("{PW}\n")).stderr_is("").changed_nothing();
    sandbox.run("env get URL").stdout_is(&format!("db:{PW}@81\n"));
    assert_eq!(sandbox.run("env get PORT --json").json()["value"], "81");
    let list = sandbox.run("env list --show-secrets").succeeds().changed_nothing();
    assert!(list.stdout.ends_with(&format!("PW={PW}\nPORT=81\nNONE=\nPLAIN=open\nURL=db:{PW}@81\n")), "{list}");
    let list = sandbox.run("env list").succeeds();
    assert!(list.stdout.ends_with("PW=********\nPORT=81\nNONE=\nPLAIN=********\nURL=********\n"), "{list}");
    sandbox
        .run("env export --format docker --only PORT,URL")
        .succeeds()
        .stdout_is(&format!("PORT=81\nURL=db:{PW}@81\n"))
        .changed_nothing();
    sandbox
        .run_args(&["env", "run", "--", "sh", "-c", "echo \"$PORT $URL\""])
        .succeeds()
        .stdout_is(&format!("81 db:{PW}@81\n"))
        .changed_nothing();
    let explained = sandbox.run("env explain URL --show-secrets").succeeds();
    assert!(explained.stdout.starts_with(&format!("URL = db:{PW}@81\n")), "{explained}");
    sandbox.write("other", "PORT=82\n");
    let differences = sandbox.run("env diff .env other").exits(1);
    assert!(differences.stdout.contains("~ PORT: 81 -> 82\n"), "{differences}");
    sandbox.write("other", "PORT=81\n");
    assert!(!sandbox.run("env diff .env other").exits(1).stdout.contains("PORT"));
}

#[test]
fn decrypted_text_is_never_interpolated_in_any_dialect() {
    let sandbox = encrypted();
    for dialect in ["default", "compose", "dotenv-expand", "dotenvx", "python", "direnv"] {
        let run = sandbox.run(&format!("env get PW --dialect {dialect}"));
        run.succeeds().stdout_is(&format!("{PW}\n"));
        let run = sandbox.run(&format!("env get URL --dialect {dialect}"));
        run.succeeds().stdout_is(&format!("db:{PW}@81\n"));
    }
}

#[test]
fn an_empty_value_counts_as_empty_for_references_and_needs_its_key_itself() {
    let sandbox = Sandbox::new().file(".env", "A=x\n");
    sandbox.run("env encrypt").succeeds();
    sandbox.run_args(&["env", "set", "A", ""]).succeeds();
    sandbox.write(".env.local", "B=${A:-nothing}\n");
    assert!(sandbox.read(".env").contains("A=\"encrypted:") || sandbox.read(".env").contains("A=encrypted:"));
    sandbox.run("env get A").succeeds().stdout_is("\n");
    sandbox.run("env get B").succeeds().stdout_is("nothing\n");
    sandbox.run("env get B --dialect dotenvx").succeeds().stdout_is("nothing\n");
    std::fs::remove_file(sandbox.path(".env.keys")).unwrap();
    sandbox.run("env get A").exits(5).stdout_is("");
}

#[test]
fn without_the_key_nothing_is_printed_and_the_key_is_named() {
    let sandbox = encrypted();
    std::fs::remove_file(sandbox.path(".env.keys")).unwrap();
    let missing = |which: &str| {
        format!(
            "error: the key `DOTENV_PRIVATE_KEY` is missing, which decrypts {which}\n\
             hint: put `DOTENV_PRIVATE_KEY=…` into `.env.keys`, or set it in the environment\n"
        )
    };
    sandbox.run("env get PW").fails(5, &missing("`PW`")).stdout_is("").changed_nothing();
    sandbox.run("env get URL").fails(5, &missing("`PW` and 1 more")).stdout_is("");
    sandbox.run("env list --show-secrets").fails(5, &missing("`PW` and 1 more")).stdout_is("");
    sandbox.run("env list").fails(5, &missing("`PORT`")).stdout_is("");
    sandbox.run("env explain PORT").fails(5, &missing("`PORT`")).stdout_is("");
    sandbox.run("env export --format json").fails(5, &missing("`PW` and 1 more")).stdout_is("");
    sandbox.run("env diff .env .env --show-secrets").fails(5, &missing("`PW` and 1 more")).stdout_is("");
    sandbox.run("env run -- touch made").fails(122, &missing("`PW` and 1 more")).changed_nothing();

    sandbox.write(".env.keys", format!("DOTENV_PRIVATE_KEY={}\n", "1".repeat(64)));
    for (command, code) in [("env get URL", 5), ("env list --show-secrets", 5), ("env run -- touch made", 122)] {
        let run = sandbox.run(command).exits(code).stdout_is("").changed_nothing();
        assert!(run.stderr.starts_with("error: no key `DOTENV_PRIVATE_KEY` decrypts `PW` and 1 more\n"), "{run}");
    }
}

#[test]
fn only_what_is_asked_for_is_decrypted() {
    let sandbox = encrypted();
    std::fs::rename(sandbox.path(".env.keys"), sandbox.path("keys")).unwrap();
    sandbox.run("env get PLAIN").succeeds().stdout_is("open\n");
    sandbox.run("env export --format sh --only PLAIN").succeeds().stdout_is("export PLAIN='open'\n");
    sandbox.run("env explain PW").succeeds();
    sandbox.run("env diff .env .env --keys").succeeds();
    sandbox.run_args(&["env", "run", "--only", "PLAIN", "--", "sh", "-c", "echo $PLAIN$PW"]).stdout_is("open\n");
    // The one that counts is in a later file.
    sandbox.write(".env.local", "PW=new\n");
    sandbox.run("env get PW").succeeds().stdout_is("new\n");
    sandbox.run("env get URL").exits(5);
    sandbox.run("env get URL --keys-file keys").succeeds().stdout_is(&format!("db:{PW}@81\n"));
    let sandbox = sandbox.env("PORT", "1").env("PW", "mine").env("URL", "mine");
    sandbox.run_args(&["env", "run", "--", "sh", "-c", "echo $PORT"]).succeeds().stdout_is("1\n");
}

#[test]
fn ciphertext_of_the_environment_is_not_handed_on() {
    let ciphertext = format!("encrypted:{}", "A".repeat(200));
    let sandbox = Sandbox::new().file(".env", "A=1\nB=2\n").env("A", &ciphertext);
    let run = sandbox.run("env get A").exits(5).stdout_is("");
    assert!(run.stderr.starts_with("error: `A` is still encrypted\n"), "{run}");
    sandbox.run("env get B").succeeds().stdout_is("2\n");
    sandbox.run("env run -- true").exits(122);
}

#[test]
fn a_thousand_values_of_two_files_are_decrypted_with_their_own_keys() {
    let line = |name: &str, at: usize| format!("{name}{at}=\"value {at}\"");
    let lines = |name: &str| (0..500).map(|at| line(name, at)).collect::<Vec<_>>().join("\n");
    let sandbox = Sandbox::new().file(".env", &lines("A")).file(".env.production", &lines("B"));
    sandbox.run("env encrypt -f .env -f .env.production").succeeds();
    let run = sandbox.run("env export --format json --profile production").succeeds();
    let all: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    for at in 0..500 {
        assert_eq!(
            (&all[format!("A{at}")], &all[format!("B{at}")]),
            (&format!("value {at}").into(), &format!("value {at}").into())
        );
    }
}

#[test]
fn a_recipe_gets_decrypted_values_or_does_not_begin() {
    let sandbox = encrypted();
    sandbox.write("prodev.toml", "[recipes.show]\ndotenv = true\nrun = 'echo \"$PORT $URL\" > shown'\n");
    sandbox.run("run show").succeeds();
    assert_eq!(sandbox.read("shown"), format!("81 db:{PW}@81\n"));
    std::fs::remove_file(sandbox.path(".env.keys")).unwrap();
    std::fs::remove_file(sandbox.path("shown")).unwrap();
    let run = sandbox.run("run show").exits(122);
    assert!(run.stderr.contains("the key `DOTENV_PRIVATE_KEY` is missing"), "{run}");
    assert!(!sandbox.exists("shown"));
}

#[test]
fn two_files_are_compared_with_the_keys_of_a_third() {
    let sandbox = Sandbox::new().file(".env", "PORT=81\n").file("other", "PORT=82\n");
    sandbox.run("env encrypt").succeeds();
    std::fs::rename(sandbox.path(".env.keys"), sandbox.path("keys")).unwrap();
    let without = sandbox.run("env diff .env other").exits(5).changed_nothing();
    assert_eq!(without.stdout, "", "{without}");
    let run = sandbox.run("env diff .env other --keys-file keys").exits(1).changed_nothing();
    assert!(run.stdout.ends_with("~ PORT: 81 -> 82\n"), "{run}");
    sandbox.run("env diff .env other --keys-file nowhere").exits(5).changed_nothing();
    let names = sandbox.run("env diff .env other --keys").exits(1);
    assert!(!names.stdout.contains(" PORT"), "{names}");
}
