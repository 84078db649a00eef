//! `prodev flow graph`: the picture in each of its forms.

use super::world::flow;
use crate::sandbox::Sandbox;

/// A release that came together, a feature that did not, and a feature that is gone.
fn world() -> Sandbox {
    let mut time = 1_735_000_000;
    let sandbox = flow();
    let mut git = |words: &[&str]| {
        time += 3600;
        let date = format!("{time} +0000");
        let mut command = sandbox.command("git");
        command.args(words).env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{words:?}: {output:?}");
    };
    let commit = |message: &'static str| ["commit", "-q", "--allow-empty", "-m", message];
    git(&["switch", "-q", "-c", "feature/login"]);
    git(&commit("Login <form> & \"more\""));
    git(&["switch", "-q", "develop"]);
    git(&["merge", "-q", "--no-ff", "--no-edit", "feature/login"]);
    git(&["branch", "-q", "-d", "feature/login"]);
    git(&["switch", "-q", "-c", "release/1.0.0"]);
    git(&commit("Version"));
    git(&["switch", "-q", "main"]);
    git(&["merge", "-q", "--no-ff", "--no-edit", "release/1.0.0"]);
    git(&["tag", "-a", "-m", "one", "1.0.0"]);
    git(&["switch", "-q", "develop"]);
    git(&["merge", "-q", "--no-ff", "-m", "Merge tag '1.0.0' into develop", "1.0.0"]);
    git(&["branch", "-q", "-D", "release/1.0.0"]);
    git(&["switch", "-q", "-c", "feature/open"]);
    git(&commit("Open"));
    sandbox
}

/// Without ids, which change with every word above.
fn without_ids(text: &str) -> String {
    regex::Regex::new("[0-9a-f]{8,40}").unwrap().replace_all(text, "ID").into_owned()
}

#[test]
fn the_picture_is_drawn_line_by_line() {
    let sandbox = world();
    let run = sandbox.run("flow graph").succeeds().changed_nothing();
    assert_eq!(
        without_ids(&run.stdout),
        "    ●    ID [feature/open] HEAD Open\n\
         \u{20} ●─╯    ID [develop] Merge tag '1.0.0' into develop\n\
         ◆─┼─╮    ID [main] ‹1.0.0› Merge branch 'release/1.0.0'\n\
         │ │ ●    ID Version\n\
         │ ●─┴─╮  ID Merge branch 'feature/login' into develop\n\
         │ │   ●  ID Login <form> & \"more\"\n\
         │ ●───╯  ID Develop\n\
         ●─╯      ID Base\n\
         ●        ID Start\n"
            .replace("  ●─╯    ID", "╭─●─╯    ID")
    );
    let run = sandbox.run("flow graph --limit 2").succeeds();
    assert_eq!(run.stdout.lines().count(), 2);
    assert_eq!(run.stderr, "2 commits are drawn, the newest; `--all` draws the others, too\n");
    let told = sandbox.run("flow graph --json").succeeds().json();
    let lanes: Vec<&str> =
        told["lanes"].as_array().unwrap().iter().map(|lane| lane["name"].as_str().unwrap()).collect();
    assert_eq!(lanes, ["main", "develop", "feature/open", "release/1.0.0", "feature/login"]);
    assert_eq!((&told["lanes"][3]["what"], &told["commits"][2]["tags"][0]), (&"gone".into(), &"1.0.0".into()));
    assert_eq!(told["commits"].as_array().unwrap().len(), 9);
}

#[test]
fn other_forms_hold_whatever_a_subject_says() {
    let sandbox = world();
    let svg = sandbox.run("flow graph --format svg --all").succeeds().stdout;
    let image = roxmltree::Document::parse(&svg).unwrap();
    let shapes = image.descendants().filter(|node| matches!(node.tag_name().name(), "circle" | "path"));
    assert!(shapes.count() >= 9 + 9);
    assert!(image.descendants().any(|node| node.text().is_some_and(|text| text.contains("Login <form> & \"more\""))));
    let dot = sandbox.run("flow graph --format dot").succeeds().stdout;
    assert!(dot.starts_with("digraph flow {") && dot.contains("tooltip=\"Login <form> & \\\"more\\\"\""), "{dot}");
    let story = sandbox.run("flow graph --format mermaid").succeeds().stdout;
    let lines: Vec<String> = without_ids(&story).lines().skip(2).map(str::to_owned).collect();
    assert_eq!(
        lines,
        [
            "  commit id: \"ID Start\"",
            "  commit id: \"ID Base\"",
            "  branch \"develop\"",
            "  checkout \"main\"",
            "  checkout \"develop\"",
            "  commit id: \"ID Develop\"",
            "  branch \"feature/login\"",
            "  checkout \"develop\"",
            "  checkout \"feature/login\"",
            "  commit id: \"ID Login <form> & 'more'\"",
            "  checkout \"develop\"",
            "  merge \"feature/login\" id: \"ID Merge branch 'feature/login' into develop\"",
            "  branch \"release/1.0.0\"",
            "  checkout \"develop\"",
            "  checkout \"release/1.0.0\"",
            "  commit id: \"ID Version\"",
            "  checkout \"main\"",
            "  merge \"release/1.0.0\" id: \"ID Merge branch 'release/1.0.0'\" tag: \"1.0.0\"",
            "  checkout \"develop\"",
            "  merge \"main\" id: \"ID Merge tag '1.0.0' into develop\"",
            "  branch \"feature/open\"",
            "  checkout \"develop\"",
            "  checkout \"feature/open\"",
            "  commit id: \"ID Open\"",
        ]
    );
}

#[test]
fn branches_can_be_chosen_and_nothing_is_nothing() {
    let sandbox = world().git("branch feature/other main");
    let told = sandbox.run("flow graph open --json").succeeds().json();
    let lanes: Vec<&str> =
        told["lanes"].as_array().unwrap().iter().map(|lane| lane["name"].as_str().unwrap()).collect();
    assert!(lanes.contains(&"feature/open") && !lanes.contains(&"feature/other"), "{lanes:?}");
    sandbox
        .run("flow graph opn")
        .fails(1, "error: there is no branch `opn`\nhint: did you mean `feature/open`?\n")
        .changed_nothing();
    let empty = Sandbox::new().git("init -q -b main");
    empty
        .run("flow graph")
        .fails(1, "error: there is no commit to draw\nhint: make the first one with `git commit`\n")
        .changed_nothing();
}

#[test]
fn every_repository_can_be_drawn() {
    for backend in ["libgit2", "plumbing"] {
        let sandbox = world().env("PRODEV_TEST_GIT", backend);
        let plain = world().run("flow graph --all").succeeds().stdout;
        assert_eq!(sandbox.run("flow graph --all").succeeds().stdout, plain, "{backend}");
    }
    let sandbox = Sandbox::new();
    let whole = world();
    let url = format!("file://{}", whole.dir().display());
    sandbox.ask_git(&["clone", "-q", "--depth", "2", &url, "."]);
    let run = sandbox.run("flow graph").succeeds();
    assert!(run.stdout.contains("[feature/open]"), "{run}");
}
