//! `prodev env scan`: what is found in files, in the index and in history, and how that is told.

use crate::sandbox::Sandbox;

/// A token of GitHub. It does not stand here as a whole, since other tools read this file, too.
fn token() -> String {
    format!("ghp_{}", "k3Jd92lQmXzP71vRtYbW5sHcN8aEfG4uLo0i")
}

fn line() -> String {
    format!("a\nkey = {}\n", token())
}

const FOUND: &str = "error: a token of GitHub [github-token]\n --> notes.txt:2:7\n\
                     hint: take it out, and have it replaced where it was issued\n";

#[test]
fn files_are_judged_by_their_place_and_their_secrets_are_not_shown() {
    let sandbox = Sandbox::repo().file("notes.txt", &line()).file("clean/a.txt", "nothing\n");
    let run = sandbox.run("env scan").exits(1).stdout_is(FOUND).stderr_is("1 error\n").changed_nothing();
    assert!(!run.stdout.contains(&token()));
    sandbox.run("env scan clean").succeeds().stdout_is("").stderr_is("no secrets in 1 file\n");
    sandbox.run("-C clean env scan").exits(1).stdout_is(&FOUND.replace("notes.txt", "../notes.txt"));
    for format in ["json", "sarif", "github", "gitlab", "junit"] {
        let run = sandbox.run(&format!("env scan --format {format}")).exits(1);
        assert!(run.stdout.contains("notes.txt") && run.stdout.contains("github-token"), "{run}");
        assert!(!format!("{run}").contains(&token()), "{run}");
    }
    let document = sandbox.run("env scan --json").exits(1).json();
    assert_eq!(document["findings"][0]["rule"], "github-token");
    assert_eq!(document["findings"][0]["object"]["line"], 2);
    assert_eq!(document["looked_at"], 2);
}

#[test]
fn what_git_ignores_is_left_alone_unless_git_has_it() {
    let sandbox = Sandbox::repo().file(".gitignore", "*.txt\nnode_modules\n").file("notes.txt", &line());
    sandbox.write("node_modules/x.js", line());
    sandbox.run("env scan").succeeds().stderr_is("no secrets in 1 file\n");
    let sandbox = sandbox.git("add -f notes.txt");
    sandbox.run("env scan").exits(1).stdout_is(FOUND);
}

#[test]
fn binary_files_and_pardoned_lines_are_left_alone() {
    Sandbox::repo()
        .file("bin", &format!("\0{}", line()))
        .file("ok.txt", &format!("{} # prodev:allow\n", token()))
        .run("env scan")
        .succeeds();
}

#[test]
fn only_what_is_staged_counts_with_staged() {
    let sandbox = Sandbox::repo().file("notes.txt", &line());
    sandbox.run("env scan --staged").succeeds().stderr_is("no secrets in 0 staged files\n");
    let sandbox = sandbox.git("add notes.txt");
    // What is in the working tree by now is not what would be committed.
    sandbox.write("notes.txt", "clean\n");
    sandbox.run("env scan --staged").exits(1).stdout_is(FOUND);
    sandbox.run("env scan").succeeds();
}

#[test]
fn history_is_told_with_the_commit_that_added_it() {
    let sandbox = Sandbox::repo().file("notes.txt", "a\nb\n").git("add .").git("commit -qm One");
    sandbox.write("notes.txt", format!("a\nb\n{}", line()));
    let sandbox = sandbox.git("commit -qam Two").git("tag two");
    sandbox.write("notes.txt", "a\nb\n");
    let sandbox = sandbox.git("commit -qam Three");
    let two = sandbox.ask_git(&["rev-parse", "two"]);
    let expected = format!(
        "error: a token of GitHub, added by commit `{}` [github-token]\n --> notes.txt:4:7\n\
         hint: have it replaced where it was issued: whoever has the history has it\n",
        &two[..10]
    );
    for words in ["--all", "--range main~2..", "--range main~2..two"] {
        sandbox.run(&format!("env scan {words}")).exits(1).stdout_is(&expected);
    }
    sandbox.run("env scan --range two..main").succeeds().stderr_is("no secrets in 1 commit\n");
    sandbox.run("env scan").succeeds();
    sandbox
        .run("env scan --range main")
        .fails(
            2,
            "error: `main` is no range of commits\n\
             hint: write `A..B`: what B has and A has not, such as `origin/main..HEAD`\n",
        )
        .changed_nothing();
    let run = sandbox.run("env scan --range nowhere..main").exits(1);
    assert!(run.stderr.starts_with("error: `nowhere` is no commit here\n"), "{run}");
}

#[test]
fn a_merge_is_looked_at_for_what_it_adds_itself() {
    let sandbox = Sandbox::repo().file("a", "1\n").git("add .").git("commit -qm A").git("switch -qc side");
    sandbox.write("b", "1\n");
    let sandbox = sandbox.git("add .").git("commit -qm B").git("switch -q main");
    sandbox.write("c", "1\n");
    let sandbox = sandbox.git("add .").git("commit -qm C").git("merge -q --no-commit --no-ff side");
    sandbox.write("notes.txt", line());
    let sandbox = sandbox.git("add .").git("commit -qm Merge");
    let run = sandbox.run("env scan --all").exits(1);
    assert_eq!(run.stdout.matches("github-token").count(), 1, "{run}");
}

#[test]
fn a_tracked_env_file_is_an_error_with_the_commands_that_mend_it() {
    let sandbox = Sandbox::repo().file(".env", "DEBUG=1\n").file("api/.env.keys", "").file(".env.example", "DEBUG=\n");
    sandbox.run("env scan").succeeds();
    let sandbox = sandbox.git("add .");
    let told = "error: `.env`: Git has this .env file [env-tracked]\n\
                hint: run `git rm --cached -- .env` and `echo .env >> .gitignore`, commit both, and replace the secrets in it: the history keeps \
                the old ones\n\
                error: `api/.env.keys`: Git has this file of private keys [env-keys-tracked]\n\
                hint: run `git rm --cached -- api/.env.keys` and `echo .env.keys >> .gitignore`, commit both, and encrypt with new keys \
                (`prodev env rotate`): the history keeps the old ones\n";
    sandbox.run("env scan").exits(1).stdout_is(told);
    sandbox.run("env scan --staged").exits(1).stdout_is(told);
    // The commands that it names do mend it.
    sandbox.ask_git(&["rm", "-q", "--cached", "--", ".env"]);
    sandbox.ask_git(&["rm", "-q", "--cached", "--", "api/.env.keys"]);
    sandbox.write(".gitignore", ".env\n.env.keys\n");
    sandbox.run("env scan").succeeds();
}

#[test]
fn an_encrypted_env_file_is_meant_to_be_in_git() {
    let public = format!("DOTENV_PUBLIC_KEY=\"02{}\"\nDEBUG=1\n", "ab".repeat(32));
    Sandbox::repo().file(".env", &public).git("add .").run("env scan").succeeds();
}

#[test]
fn rules_are_switched_off_in_the_configuration() {
    let lint = "[env.lint]\ngithub-token = 'off'\nenv-tracked = 'warn'\n";
    Sandbox::repo()
        .file("prodev.toml", lint)
        .file("notes.txt", &line())
        .file(".env", "A=1\n")
        .git("add .")
        .run("env scan")
        .succeeds()
        .stderr_is("1 warning\n");
}

#[test]
fn without_a_repository_all_files_are_looked_at() {
    let sandbox = Sandbox::new().file("notes.txt", &line());
    sandbox.run("env scan").exits(1).stdout_is(FOUND);
    sandbox
        .run("env scan --staged")
        .fails(1, "error: there is no Git repository here\nhint: leave `--staged`, `--range` and `--all` out\n");
    let run = sandbox.run("env scan nowhere").exits(1).changed_nothing();
    assert!(run.stderr.starts_with("error: there is no file or folder `nowhere`\n"), "{run}");
}

#[test]
fn the_projects_own_secrets_are_found_by_their_value() {
    let sandbox = Sandbox::repo()
        .file(".gitignore", ".env\n")
        .file("prodev.toml", "[env.vars.PHRASE]\nsecret = true\n")
        .file(".env", "PHRASE='correct horse battery'\nDEBUG=development\n")
        .file("notes.txt", "x correct horse battery y development\n")
        .file("b64", "Y29ycmVjdCBob3JzZSBiYXR0ZXJ5\n");
    sandbox.run("env scan").exits(1).stdout_is(
        "error: the value of `PHRASE` in base64 [declared-secret]\n --> b64:1:1\n\
         hint: take it out, and have it replaced where it was issued\n\
         error: the value of `PHRASE` [declared-secret]\n --> notes.txt:1:3\n\
         hint: take it out, and have it replaced where it was issued\n",
    );
}
