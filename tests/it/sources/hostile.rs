//! Repositories and addresses that mean harm: nothing of theirs runs, nothing leaves the project, no secret is told.

use std::process::Stdio;

use super::origin::{SHOWN, author, manifest, publish, published, url};
use crate::sandbox::Sandbox;

/// What `prodev new` says of the published template, which it must refuse.
#[track_caller]
fn refusal(sandbox: &Sandbox, code: i32) -> String {
    let run = sandbox.run_args(&["new", &url(sandbox), "p", "--no-git"]).exits(code);
    assert!(!sandbox.exists("p"), "{run}");
    run.stderr.strip_prefix(&format!("fetching `{SHOWN}`\n")).unwrap().to_owned()
}

/// Publishes the tree of these lines (`MODE TYPE ID<tab>NAME`) as `files/`, however wrong it is.
#[track_caller]
fn publish_tree(sandbox: &Sandbox, entries: &[(&str, &str, &str)]) {
    let object = |kind: &str, bytes: &[u8]| {
        let mut child = sandbox
            .command("git")
            .args(["-C", "../home/author", "hash-object", "-w", "-t", kind, "--literally", "--stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), bytes).unwrap();
        String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap().trim().to_owned()
    };
    let tree = |entries: &[(String, String, String)]| {
        let mut bytes = Vec::new();
        for (mode, name, id) in entries {
            bytes.extend(format!("{mode} {name}\0").as_bytes());
            bytes.extend((0..40).step_by(2).map(|at| u8::from_str_radix(&id[at..at + 2], 16).unwrap()));
        }
        object("tree", &bytes)
    };
    let inner: Vec<(String, String, String)> = entries
        .iter()
        .map(|(mode, name, text)| {
            let id = if *mode == "160000" { "1".repeat(40) } else { object("blob", text.as_bytes()) };
            ((*mode).to_owned(), (*name).to_owned(), id)
        })
        .collect();
    let files = tree(&inner);
    let toml = object("blob", manifest("3.0.0").as_bytes());
    let top = tree(&[
        ("40000".to_owned(), "files".to_owned(), files),
        ("100644".to_owned(), "template.toml".to_owned(), toml),
    ]);
    let commit = author(sandbox, &["commit-tree", &top, "-m", "Harm"]);
    author(sandbox, &["update-ref", "refs/tags/v3.0.0", &commit]);
    author(sandbox, &["push", "-q", "--force", "origin", "v3.0.0"]);
}

#[test]
fn submodules_are_not_fetched() {
    let sandbox = published();
    publish_tree(&sandbox, &[("100644", "a", ""), ("160000", "vendored", "")]);
    assert_eq!(
        refusal(&sandbox, 1),
        format!(
            "error: in `{SHOWN}`: `files/vendored` is a submodule, and those are not fetched\n\
             hint: put the files themselves into the template\n"
        )
    );
}

#[test]
fn links_out_of_the_project_are_refused() {
    let sandbox = published();
    publish_tree(&sandbox, &[("120000", "passwd", "/etc/passwd"), ("100644", "z", "")]);
    let said = refusal(&sandbox, 1);
    assert!(said.contains("points out of the project, to `/etc/passwd`"), "{said}");
}

#[test]
fn names_that_reach_elsewhere_are_refused() {
    for (name, why) in [
        ("..", "leaves the project"),
        (".GIT", "reaches into `.git`"),
        ("a/../../b", "leaves the project"),
        ("git~1", "reaches into `.git`"),
    ] {
        let sandbox = published();
        publish_tree(&sandbox, &[("100644", name, "harm")]);
        let run = sandbox.run_args(&["new", &url(&sandbox), "p", "--no-git"]).exits(1);
        assert!(run.stderr.contains(why), "{name}: {run}");
        assert!(!sandbox.exists("p"));
    }
    // What the author's own Git would leave behind is litter, as it is in a folder.
    let sandbox = published();
    publish_tree(&sandbox, &[("100644", ".git", "gitdir: /elsewhere"), ("100644", "a", "fine")]);
    sandbox.run_args(&["new", &url(&sandbox), "p", "--no-git"]).succeeds();
    assert_eq!(sandbox.list().iter().filter(|path| !path.contains(".prodev")).collect::<Vec<_>>(), ["p/a"]);
}

#[test]
fn files_that_lie_elsewhere_are_refused() {
    let sandbox = published();
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
    publish(&sandbox, &[("files/big.bin", pointer)], Some("v1.1.0"));
    assert_eq!(
        refusal(&sandbox, 1),
        format!(
            "error: in `{SHOWN}`: `files/big.bin` is kept in Git LFS, from which nothing is fetched\n\
             hint: put the file itself into the template\n"
        )
    );
}

#[test]
fn attributes_filters_and_modes_have_no_say() {
    let sandbox = published();
    let attributes = "* text eol=crlf ident filter=evil export-subst\n";
    publish(
        &sandbox,
        &[(".gitattributes", attributes), ("files/.gitattributes", attributes), ("files/out", "$Id$\n$Format:%H$\n")],
        None,
    );
    sandbox.write("../home/author/files/run", "#!/bin/sh\n");
    std::fs::set_permissions(
        sandbox.path("../home/author/files/run"),
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )
    .unwrap();
    std::os::unix::fs::symlink("out", sandbox.path("../home/author/files/link")).unwrap();
    publish(&sandbox, &[], Some("v1.1.0"));
    sandbox.write("../home/.gitconfig", "[filter \"evil\"]\n\tsmudge = touch harm; cat\n[core]\n\tautocrlf = true\n");
    sandbox.run_args(&["new", &url(&sandbox), "p", "--no-git"]).succeeds();
    assert_eq!(sandbox.read("p/out"), "$Id$\n$Format:%H$\n");
    let tree = sandbox.snapshot("p");
    assert_eq!(tree["link"], "link to out");
    assert!(tree["run"].starts_with("file 755"), "{}", tree["run"]);
    assert!(tree["out"].starts_with("file 644"), "{}", tree["out"]);
    assert!(!sandbox.exists("harm") && !sandbox.exists("../home/harm"));
}

#[test]
fn no_hook_and_no_monitor_runs() {
    let sandbox = published();
    for hook in ["reference-transaction", "post-checkout", "pre-auto-gc", "proc-receive", "fsmonitor"] {
        for folder in ["templates/hooks", "hooks"] {
            let path = format!("../home/{folder}/{hook}");
            sandbox.write(&path, "#!/bin/sh\ntouch \"$HOME/harm\"\n");
            std::fs::set_permissions(sandbox.path(&path), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        }
    }
    let home = sandbox.home();
    let config = format!(
        "[init]\n\ttemplateDir = {0}/templates\n[core]\n\thooksPath = {0}/hooks\n\tfsmonitor = {0}/hooks/fsmonitor\n",
        home.display()
    );
    sandbox.write("../home/.gitconfig", config);
    sandbox.run_args(&["new", &url(&sandbox), "p", "--no-git"]).succeeds();
    assert!(!sandbox.exists("../home/harm"));
}

#[test]
fn addresses_that_run_something_are_refused_also_behind_the_users_rules() {
    let sandbox = published();
    for source in ["ext::sh -c touch% harm", "fd::3", "http://example.org/x", "git://example.org/x", "-x@host:y"] {
        let run = sandbox.run_args(&["new", "--", source, "p"]).exits(2).changed_nothing();
        assert!(run.stderr.starts_with("error: "), "{run}");
    }
    let config = "[url \"ext::sh -c 'touch $HOME/harm' \"]\n\tinsteadOf = https://github.com/\n[protocol \"ext\"]\n\tallow = always\n";
    sandbox.write("../home/.gitconfig", config);
    let sandbox = sandbox.env("GIT_ALLOW_PROTOCOL", "ext:https");
    let run = sandbox.run("new gh:acme/web p").exits(1);
    assert!(run.stderr.contains("transport 'ext' not allowed"), "{run}");
    assert!(!sandbox.exists("../home/harm") && !sandbox.exists("p"));
}

#[test]
fn a_password_in_an_address_is_neither_told_nor_kept_nor_an_argument() {
    let sandbox = Sandbox::new();
    let trace = sandbox.home().join("trace").display().to_string();
    let sandbox = sandbox.env("GIT_TRACE", &trace).env("GIT_TRACE_CURL", &trace);
    let run = sandbox.run("--verbose new https://ada:s3cr3t@localhost:1/x p --json").exits(1);
    for text in [&run.stdout, &run.stderr, &sandbox.read("../home/trace")] {
        assert!(!text.contains("s3cr3t"), "{text}");
    }
    assert!(run.stderr.contains("error: could not fetch `https://localhost:1/x`\n"), "{run}");
    let cache = sandbox.snapshot("../cache");
    assert!(!cache.keys().any(|path| path.contains("s3cr3t")));
}

#[test]
fn the_credentials_of_an_address_answer_git_and_nobody_else_does() {
    let sandbox = published();
    // A stand-in for the program that speaks HTTPS: it asks for credentials as that does, then serves the repository.
    let helper = "#!/bin/sh\nprintf '%s\\n' \"$*\" >> \"$HOME/args\"\n\
                  printf 'protocol=https\\nhost=example.org\\n\\n' | git credential fill > \"$HOME/answer\"\nexit 1\n";
    sandbox.write("../home/bin/git-remote-https", helper);
    std::fs::set_permissions(
        sandbox.path("../home/bin/git-remote-https"),
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )
    .unwrap();
    sandbox.write("../home/.gitconfig", "[credential]\n\thelper = \"!echo username=other; echo password=other; :\"\n");
    let bin = sandbox.home().join("bin").display().to_string();
    let sandbox = sandbox.env("GIT_EXEC_PATH", "");
    let real = sandbox.ask_git(&["--exec-path"]);
    let path = format!("{bin}:{}", std::env::var("PATH").unwrap());
    // Git looks for its helpers where it is installed, then in PATH: a folder of links to all but that one.
    for entry in std::fs::read_dir(&real).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if name != "git-remote-https" && name != "git-remote-http" {
            std::os::unix::fs::symlink(entry.path(), std::path::Path::new(&bin).join(name)).unwrap();
        }
    }
    let sandbox = sandbox.env("GIT_EXEC_PATH", &bin).env("PATH", &path);
    sandbox.run("new https://ada:p%40ss@example.org/x p").exits(1);
    assert_eq!(sandbox.read("../home/args").trim(), "https://example.org/x https://example.org/x");
    let answer = sandbox.read("../home/answer");
    assert!(answer.contains("username=ada\npassword=p@ss\n"), "{answer}");
}
