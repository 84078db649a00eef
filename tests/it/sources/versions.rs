//! Which version of a repository a template is, what is recorded of it, and that it works without a network.

use super::origin::{SHOWN, author, cut, manifest, publish, published, url};
use crate::sandbox::Sandbox;

/// What the project `folder` says of its template.
fn state(sandbox: &Sandbox, folder: &str) -> toml::Table {
    let text = sandbox.read(&format!("{folder}/.prodev/tpl/state.toml"));
    text.parse::<toml::Table>().unwrap()["template"].as_table().unwrap().clone()
}

#[test]
fn the_newest_version_is_taken_and_recorded() {
    let sandbox = published();
    publish(&sandbox, &[("template.toml", &manifest("1.10.0")), ("files/out", "ten\n")], Some("1.10.0"));
    let commit = author(&sandbox, &["rev-parse", "HEAD"]);
    publish(&sandbox, &[("template.toml", &manifest("1.9.0")), ("files/out", "nine\n")], Some("v1.9.0"));
    publish(&sandbox, &[("template.toml", &manifest("2.0.0-rc.1")), ("files/out", "pre\n")], Some("v2.0.0-rc.1"));
    publish(&sandbox, &[("files/out", "unreleased\n")], Some("not-a-version"));
    let run = sandbox.run_args(&["new", &url(&sandbox), "p", "--no-git"]).succeeds();
    assert_eq!(run.stderr, format!("fetching `{SHOWN}`\ncreated `p`: 1 file from tpl 1.10.0\n"));
    assert_eq!(sandbox.read("p/out"), "ten\n");
    let state = state(&sandbox, "p");
    assert_eq!(state["source"].as_str(), Some(&*url(&sandbox)));
    assert_eq!(state["ref"].as_str(), Some("1.10.0"));
    assert_eq!(state["commit"].as_str(), Some(&*commit));
    assert_eq!(state["version"].as_str(), Some("1.10.0"));

    sandbox.run_args(&["new", &url(&sandbox), "pre", "--no-git", "--pre"]).succeeds();
    assert_eq!(sandbox.read("pre/out"), "pre\n");
}

#[test]
fn a_tag_a_branch_and_a_commit_can_be_named() {
    let sandbox = published();
    let first = author(&sandbox, &["rev-parse", "HEAD"]);
    author(&sandbox, &["switch", "-q", "-c", "next/big"]);
    publish(&sandbox, &[("files/out", "branch\n")], None);
    let second = author(&sandbox, &["rev-parse", "HEAD"]);
    author(&sandbox, &["switch", "-q", "main"]);
    publish(&sandbox, &[("files/out", "two\n")], Some("v2.0.0"));
    for (index, (reference, text, recorded, commit)) in [
        ("v1.0.0", "one\n", Some("v1.0.0"), Some(&first)),
        ("2.0.0", "two\n", Some("v2.0.0"), None),
        ("next/big", "branch\n", Some("next/big"), Some(&second)),
        (&*second, "branch\n", None, Some(&second)),
        (&first[..10], "one\n", None, Some(&first)),
        ("main", "two\n", Some("main"), None),
    ]
    .into_iter()
    .enumerate()
    {
        let project = format!("p{index}");
        sandbox.run_args(&["new", &url(&sandbox), &project, "--no-git", "--ref", reference]).succeeds();
        assert_eq!(sandbox.read(&format!("{project}/out")), text, "{reference}");
        let state = state(&sandbox, &project);
        assert_eq!(state.get("ref").and_then(|name| name.as_str()), recorded, "{reference}");
        if let Some(commit) = commit {
            assert_eq!(state["commit"].as_str(), Some(&**commit), "{reference}");
        }
    }
    let fetching = format!("fetching `{SHOWN}`\n");
    for (reference, said) in [
        ("v2.0.1", "hint: did you mean `--ref v2.0.0`?"),
        ("nothing", "hint: its newest versions are `v2.0.0`, `v1.0.0`"),
        ("HEAD~1", "hint: its newest versions are `v2.0.0`, `v1.0.0`"),
        ("--upload-pack=x", "hint: its newest versions are `v2.0.0`, `v1.0.0`"),
    ] {
        let option = format!("--ref={reference}");
        let error = format!("error: `{SHOWN}` has no tag, branch or commit `{reference}`");
        sandbox
            .run_args(&["new", &url(&sandbox), "x", &option])
            .fails(2, &format!("{fetching}{error}\n{said}\n"))
            .changed_nothing();
    }
}

#[test]
fn a_repository_without_versions_is_taken_as_it_is() {
    let sandbox = Sandbox::new();
    publish(&sandbox, &[("template.toml", &manifest("0.1.0")), ("files/out", "one\n")], None);
    sandbox.run_args(&["new", &url(&sandbox), "p", "--no-git"]).succeeds();
    assert!(state(&sandbox, "p").get("ref").is_none());
    publish(&sandbox, &[("files/out", "two\n")], None);
    sandbox.run_args(&["new", &url(&sandbox), "q", "--no-git"]).succeeds();
    assert_eq!(sandbox.read("q/out"), "two\n");
    assert_ne!(state(&sandbox, "p")["commit"], state(&sandbox, "q")["commit"]);
}

#[test]
fn a_default_branch_that_is_not_there_is_told() {
    let sandbox = Sandbox::new();
    publish(&sandbox, &[("template.toml", &manifest("0.1.0")), ("files/out", "one\n")], None);
    sandbox.ask_git(&["-C", "../home/origin.git", "symbolic-ref", "HEAD", "refs/heads/other"]);
    sandbox
        .run_args(&["new", &url(&sandbox), "p"])
        .fails(
            2,
            &format!(
                "fetching `{SHOWN}`\nerror: `{SHOWN}` has no commit on its default branch\n\
                 hint: name a branch with `--ref BRANCH`; or commit the template, and push it\n"
            ),
        )
        .changed_nothing();
    sandbox.run_args(&["new", &url(&sandbox), "p", "--no-git", "--ref", "main"]).succeeds();
}

#[test]
fn without_a_network_what_was_fetched_is_used_with_a_word() {
    let sandbox = published();
    sandbox.run_args(&["new", &url(&sandbox), "p", "--no-git"]).succeeds();
    cut(&sandbox);
    let run = sandbox.run_args(&["new", &url(&sandbox), "q", "--no-git"]).succeeds();
    let warning = format!("warning: `{SHOWN}` could not be fetched, so this is as it was just now (fatal: ");
    assert!(run.stderr.contains(&warning), "{run}");
    assert_eq!(sandbox.read("q/out"), "one\n");
    // A commit is what it is: nobody has to be asked.
    let commit = author(&sandbox, &["rev-parse", "HEAD"]);
    let run = sandbox.run_args(&["new", &url(&sandbox), "r", "--no-git", "--ref", &commit]).succeeds();
    assert_eq!(run.stderr, "created `r`: 1 file from tpl 1.0.0\n");
}

#[test]
fn what_was_never_fetched_is_an_error_without_a_network() {
    let sandbox = published();
    cut(&sandbox);
    let run = sandbox.run_args(&["new", &url(&sandbox), "p"]).exits(1).changed_nothing();
    assert!(run.stderr.contains(&format!("\nerror: could not fetch `{SHOWN}`\n  caused by: fatal: ")), "{run}");
    assert!(run.stderr.ends_with(&format!("\nhint: `git ls-remote {SHOWN}` must work\n")), "{run}");
    assert!(!sandbox.exists("p"));
}

#[test]
fn looking_at_a_template_does_not_fetch_it_again_for_a_day() {
    let sandbox = published();
    let words = ["template", "show", &url(&sandbox)];
    let first = sandbox.run_args(&words).succeeds().changed_nothing();
    assert!(first.stderr.starts_with("fetching"), "{first}");
    assert!(first.stdout.starts_with(&format!("tpl 1.0.0\n\n{SHOWN} (v1.0.0, commit ")), "{first}");
    publish(&sandbox, &[("template.toml", &manifest("1.1.0"))], Some("v1.1.0"));
    let again = sandbox.run_args(&words).succeeds().stderr_is("");
    assert!(again.stdout.starts_with("tpl 1.0.0\n"), "{again}");
    // What is asked for by name and is not there yet is fetched.
    let named = sandbox.run_args(&[&words[..], &["--ref", "v1.1.0"]].concat()).succeeds();
    assert!(named.stdout.starts_with("tpl 1.1.0\n"), "{named}");

    publish(&sandbox, &[("template.toml", &manifest("1.2.0"))], Some("v1.2.0"));
    let stamp = super::origin::mirror(&sandbox).join("prodev-fetched");
    let yesterday = std::time::SystemTime::now() - std::time::Duration::from_hours(25);
    std::fs::File::options().append(true).open(stamp).unwrap().set_modified(yesterday).unwrap();
    let next_day = sandbox.run_args(&words).succeeds();
    assert!(next_day.stdout.starts_with("tpl 1.2.0\n"), "{next_day}");
}

#[test]
fn one_repository_has_several_templates() {
    let sandbox = Sandbox::new();
    let files =
        [("web/template.toml", &*manifest("1.0.0")), ("web/files/web", ""), ("a/b/template.toml", &manifest("1.0.0"))];
    publish(&sandbox, &files, None);
    publish(&sandbox, &[("a/b/files/deep", ""), ("README.md", "")], None);
    for (folder, file) in [("web", "web"), ("a/b", "deep")] {
        let source = format!("{}//{folder}", url(&sandbox));
        sandbox.run_args(&["new", &source, file, "--no-git"]).succeeds();
        assert!(sandbox.exists(&format!("{file}/{file}")));
        assert_eq!(state(&sandbox, file)["source"].as_str(), Some(&*source));
    }
    let hint = format!("hint: there are templates in `{SHOWN}//a/b`, `{SHOWN}//web`\n");
    let fetching = format!("fetching `{SHOWN}`\n");
    sandbox
        .run_args(&["new", &url(&sandbox), "x"])
        .fails(2, &format!("{fetching}error: `{SHOWN}` has no `template.toml`\n{hint}"));
    sandbox
        .run_args(&["new", &format!("{}//wbe", url(&sandbox)), "x"])
        .fails(2, &format!("{fetching}error: `{SHOWN}` has no folder `wbe`\n{hint}"));
}

#[test]
fn short_names_stand_for_hosts_and_the_users_own_for_anything() {
    let sandbox = published();
    let config = format!("[url \"file://{}/\"]\n\tinsteadOf = https://github.com/acme/\n", sandbox.home().display());
    sandbox.write("../home/.gitconfig", config);
    sandbox.write("../home/.config/prodev/config.toml", "[templates]\nwork = \"gh:acme/{}\"\n");
    let run = sandbox.run("new gh:acme/origin.git p --no-git --json").succeeds();
    assert_eq!(run.json()["template"]["source"], "https://github.com/acme/origin");
    assert_eq!(run.json()["template"]["ref"], "v1.0.0");
    assert!(run.stderr.starts_with("fetching `https://github.com/acme/origin`\n"), "{run}");
    assert_eq!(state(&sandbox, "p")["source"].as_str(), Some("https://github.com/acme/origin"));
    sandbox.run("new work:origin q --no-git").succeeds();
    assert_eq!(state(&sandbox, "q")["source"].as_str(), Some("https://github.com/acme/origin"));
}

#[test]
fn a_bare_repository_is_named_by_its_path_too() {
    let sandbox = published();
    sandbox.run("new ../home/origin.git p --no-git --ref v1.0.0").succeeds();
    assert_eq!(state(&sandbox, "p")["source"].as_str(), Some(&*url(&sandbox)));
    // A folder is read as it is, so there is no version to choose.
    let run = sandbox.run("new ../home/author x --ref v1.0.0").exits(2).changed_nothing();
    assert_eq!(
        run.stderr,
        "error: there is no version `v1.0.0` to choose: `../home/author` is a folder, which is read as it is\n\
         hint: name the repository instead: `file://[HOME]/author`\n"
    );
    sandbox.run_args(&["new", &format!("file://{}/author", sandbox.home().display()), "q", "--no-git"]).succeeds();
    sandbox
        .run("new rust-cli x --pre")
        .fails(
            2,
            "error: `--pre` chooses nothing here: built-in templates have the version of prodev\nhint: leave out `--ref` and `--pre`\n",
        )
        .changed_nothing();
}

#[test]
fn ssh_is_spoken_by_the_users_own_ssh() {
    let sandbox = published();
    // What would run on the other machine runs here.
    sandbox
        .write("../home/ssh", "#!/bin/sh\necho \"$*\" >> \"$HOME/log\"\nfor last; do :; done\nexec sh -c \"$last\"\n");
    std::fs::set_permissions(sandbox.path("../home/ssh"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let stub = sandbox.home().join("ssh");
    let sandbox = sandbox.env("GIT_SSH_COMMAND", &stub.display().to_string());
    let path = sandbox.home().join("origin.git");
    let url_like = format!("ssh://git@example.org{}", path.display());
    sandbox.run_args(&["new", &url_like, "p", "--no-git"]).succeeds();
    assert_eq!(state(&sandbox, "p")["source"].as_str(), Some(&*url_like));
    let short = format!("git@example.org:{}", path.display());
    sandbox.run_args(&["new", &short, "q", "--no-git"]).succeeds();
    let calls = sandbox.read("../home/log");
    assert_eq!(calls.lines().count(), 2, "{calls}");
    assert!(calls.lines().all(|line| line.contains("git@example.org git-upload-pack")), "{calls}");
}

#[test]
fn a_dry_run_and_completion_know_it_too() {
    let sandbox = published();
    publish(&sandbox, &[("template.toml", &format!("{}[components.cache]\n", manifest("1.1.0")))], Some("v1.1.0"));
    let url = url(&sandbox);
    sandbox.honest(&format!("new {url} p --no-git --with cache"));
    let completed = sandbox
        .command(crate::sandbox::PRODEV)
        .env("COMPLETE", "fish")
        .args(["--", "prodev", "new", &url, "q", "--with", ""])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&completed.stdout).trim_end(), "cache");
}
