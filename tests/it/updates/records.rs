//! What a project remembers of its template: believed only where it is whole, and made to be merged by Git.

use super::story::Be::{Gone, Link, Text};
use super::story::{NUMBERS, Story};

fn changed() -> Story {
    let story = Story::of("", &[("f", Text(NUMBERS)), ("g", Text("g\n"))]).made("");
    story.manifest("1.1.0", "");
    story.template("f", Text("its\n"));
    story
}

#[test]
fn records_that_somebody_changed_are_not_believed() {
    let base = ".prodev/tpl/base";
    let cases: [(&str, super::story::Be, &str); 8] = [
        ("f.base", Text("other\n"), "`.prodev/tpl/base/f.base` is not as prodev wrote it"),
        ("f.base", Gone, "`.prodev/tpl/base/f.base` is missing"),
        ("f.base", Link("/etc/passwd"), "`.prodev/tpl/base/f.base` is a link out of the project"),
        ("evil.base", Text("x"), "`.prodev/tpl/base/evil.base` is no record that prodev wrote"),
        ("noend", Text("x"), "`.prodev/tpl/base/noend` is no record that prodev wrote"),
        ("../state.toml", Text("x = 1\n"), "`.prodev/tpl/state.toml` cannot be read"),
        ("../state.toml", Link("/etc/passwd"), "`.prodev/tpl/state.toml` is no file that prodev wrote"),
        (
            "../digests/_shared.txt",
            Text("x y z w\n"),
            "`.prodev/tpl/digests/_shared.txt` has a line that prodev did not write",
        ),
    ];
    for (path, be, complaint) in cases {
        let story = changed();
        story.user(&format!("{base}/{path}"), be);
        for words in ["update", "diff", "add x"] {
            let run = story.run(words).changed_nothing();
            assert!(run.stderr.contains(complaint) && run.stderr.contains("\nhint: "), "{words}: {run}");
        }
    }
    let story = changed();
    story.user(".prodev/tpl/base", Gone);
    let run = story.run("update").exits(1).changed_nothing();
    assert!(run.stderr.contains("`.prodev/tpl/base/f.base` is missing"), "{run}");
    assert!(
        run.stderr.contains("hint: restore them, in a repository with `git checkout HEAD -- .prodev/tpl`"),
        "{run}"
    );
}

#[test]
fn a_digest_for_a_path_outside_is_no_line() {
    let story = changed();
    let digests = story.read(".prodev/tpl/digests/_shared.txt");
    for path in ["../x", "/etc/passwd", ".git/config", "a/../../x"] {
        story.user(".prodev/tpl/digests/_shared.txt", Text(&format!("{digests}\n{} f {path}\n", "0".repeat(64))));
        story.run("update").exits(1).changed_nothing();
    }
}

/// Components next to each other, in one slot's neighbours and in folders of their own.
fn components() -> Story {
    let more = "[components.core]\nrequired = true\n[components.cache]\nfiles = ['cache/**']\n[components.docker]\nfiles = ['docker/**']\n\
                [components.queue]\nfiles = ['queue/**']\n[[files]]\nmatch = 'glue'\nwhen = 'components.cache and components.docker'\n";
    let story = Story::of(
        more,
        &[
            ("cache/a", Text("cache\n")),
            ("docker/a", Text("docker\n")),
            ("queue/a", Text("queue\n")),
            ("glue", Text("both\n")),
            ("main.jinja", Text("top\n{{ slot('one') }}\n2\n3\n4\n5\n{{ slot('two') }}\nbottom\n")),
        ],
    );
    story.sandbox.write("../tpl/fragments/one/cache.txt", "with cache\n");
    story.sandbox.write("../tpl/fragments/two/docker.txt", "with docker\n");
    story.sandbox.write("../tpl/fragments/two/queue.txt", "with queue\n");
    story
}

#[test]
fn two_branches_that_each_add_a_component_are_merged_by_git() {
    let story = components().made("");
    let git = |args: &[&str]| story.sandbox.ask_git(&[&["-C", "shop"], args].concat());
    let main = git(&["symbolic-ref", "--short", "HEAD"]);
    for component in ["cache", "docker"] {
        git(&["checkout", "-q", "-b", component, &main]);
        story.run(&format!("add {component}")).succeeds();
        story.commit();
    }
    git(&["checkout", "-q", &main]);
    git(&["merge", "-q", "--no-edit", "cache"]);
    git(&["merge", "-q", "--no-edit", "docker"]);
    assert_eq!(story.read("main"), "top\nwith cache\n2\n3\n4\n5\nwith docker\nbottom\n");
    let state = story.read(".prodev/tpl/state.toml");
    assert!(state.contains("cache = true\n\ndocker = true\n\nqueue = false\n"), "{state}");
    // What only both together have is brought by the next update.
    story.run("update --check").exits(1);
    story.updates();
    assert_eq!(story.read("glue"), "both\n");
    assert_eq!(story.read(".prodev/tpl/base/main.base"), story.read("main"));
    story.run("update").succeeds().changed_nothing();
}

#[test]
fn records_that_git_joined_line_by_line_are_made_anew() {
    let story = components().made("");
    let git = |args: &[&str]| story.sandbox.ask_git(&[&["-C", "shop"], args].concat());
    let main = git(&["symbolic-ref", "--short", "HEAD"]);
    for component in ["docker", "queue"] {
        git(&["checkout", "-q", "-b", component, &main]);
        story.run(&format!("add {component}")).succeeds();
        story.commit();
    }
    git(&["checkout", "-q", &main]);
    git(&["merge", "-q", "--no-edit", "queue"]);
    // Both put a line at the same place: that is for the user to settle in the project's file, and in no other.
    let merge = story.sandbox.command("git").args(["-C", "shop", "merge", "-q", "docker"]).output().unwrap();
    assert!(!merge.status.success());
    assert_eq!(
        story.status().iter().filter(|line| line.starts_with("UU") || line.starts_with("AA")).collect::<Vec<_>>(),
        ["UU main"]
    );
    assert!(!git(&["status", "--porcelain"]).contains("UU .prodev"));
    let whole = "top\n2\n3\n4\n5\nwith docker\nwith queue\nbottom\n";
    story.user("main", Text(whole));
    story.commit();
    story.run("diff").succeeds();
    story.run("update").succeeds();
    assert_eq!((story.read("main").as_str(), story.read(".prodev/tpl/base/main.base").as_str()), (whole, whole));
    story.run("update").succeeds().changed_nothing();
}

#[test]
fn two_templates_are_told_apart_and_share_no_path() {
    let story = Story::of("", &[("f", Text(NUMBERS))]).made("");
    let sandbox = &story.sandbox;
    sandbox.write("../second/template.toml", "[template]\nname = \"second\"\nversion = \"1.0.0\"\n");
    sandbox.write("../second/files/s", "s\n");
    sandbox.run("new ../second shop --overwrite skip").succeeds();
    story.run("update").exits(2).changed_nothing().stderr_is(
        "error: this project comes from several templates: `second`, `tpl`\nhint: say which one: `--template second`\n",
    );
    story
        .run("diff --template scond")
        .exits(2)
        .stderr_is("error: this project has no template `scond`\nhint: did you mean `second`?\n");
    sandbox.write("../second/files/s", "S\n");
    story.run("update --template second").succeeds();
    assert_eq!(story.read("s"), "S\n");
    story.run("update --template tpl").succeeds().changed_nothing();
    sandbox.write("../second/files/f", "also\n");
    story.run("update --template second").exits(1).changed_nothing().stderr_is(
        "error: `f` belongs to `tpl`\nhint: a file can come from one template alone: leave it out in one of them\n",
    );
}

#[test]
fn an_answer_is_kept_asked_for_again_or_given_anew() {
    let more = "[questions.name]\ndefault = 'one'\n[questions.secret]\ntype = 'secret'\n[[files]]\nmatch = '.env'\nonce = true\n";
    let story = Story::of(more, &[("f.jinja", Text("{{ name }}\n")), (".env.jinja", Text("S={{ secret }}\n"))]);
    story.sandbox.run("new ../tpl shop --set name=two --set secret=hush-hush --no-git").succeeds();
    story.manifest("1.1.0", &format!("{more}[questions.port]\ntype = 'int'\ndefault = 80\n"));
    story.template("f.jinja", Text("{{ name }}:{{ port }}\n"));
    let run = story.run("update").succeeds();
    assert!(run.stderr.contains("new questions: port\n"), "{run}");
    assert_eq!((story.read("f"), story.read(".env")), ("two:80\n".to_owned(), "S=hush-hush\n".to_owned()));
    story.run("update --set port=81").succeeds();
    assert_eq!(story.read("f"), "two:81\n");
    story.run("update --set nme=x").exits(2).changed_nothing();
    // A new file that needs the secret asks for it, and says how it is given.
    let more = format!("{more}[questions.port]\ntype = 'int'\ndefault = 80\n");
    story.manifest("1.2.0", &more.replace("match = '.env'", "match = ['.env', '.env.test']"));
    story.template(".env.test.jinja", Text("S={{ secret }}\n"));
    let run = story.run("update").exits(2).changed_nothing();
    assert!(run.stderr.contains("no answer for `secret`") && run.stderr.contains("--set secret=…"), "{run}");
    story.run("update --set secret=hush").succeeds();
    assert_eq!((story.read(".env.test"), story.read(".env")), ("S=hush\n".to_owned(), "S=hush-hush\n".to_owned()));
    assert!(!story.read(".prodev/tpl/state.toml").contains("hush"));
    // Whoever removed it does not get it back.
    std::fs::remove_file(story.path(".env.test")).unwrap();
    story.manifest("1.3.0", &more.replace("match = '.env'", "match = ['.env', '.env.test']"));
    story.run("update").succeeds();
    assert!(!story.exists(".env.test"));
}

#[test]
fn new_variables_are_named_and_the_env_is_left_alone() {
    let story = Story::of(
        "[[files]]\nmatch = '.env'\nonce = true\n",
        &[(".env", Text("A=1\nMINE=1\n")), (".env.example", Text("A=1\n# B=2\n"))],
    );
    let story = story.made("");
    story.manifest("1.1.0", "[[files]]\nmatch = '.env'\nonce = true\n");
    story.template(".env.example", Text("A=1\nMINE=\nB=2\nexport C=3\n"));
    story.template(".env", Text("A=2\n"));
    let run = story.run("update --json").succeeds();
    assert_eq!(run.json()["variables"], serde_json::json!(["B", "C"]));
    assert!(run.stderr.contains("new variables, not in your `.env`: B, C\n"), "{run}");
    assert_eq!(story.read(".env"), "A=1\nMINE=1\n");
}

#[test]
fn new_variables_of_an_env_that_is_written_once_are_named() {
    let more = "[questions.key]\ntype = 'secret'\n[[files]]\nmatch = '.env'\nonce = true\n";
    let story = Story::of(more, &[(".env.jinja", Text("A=1\nKEY={{ key }}\n"))]);
    let story = story.made("--set key=hush-hush");
    story.manifest("1.1.0", more);
    story.template(".env.jinja", Text("A=2\nKEY={{ key }}\nB=3\n"));
    let run = story.run("update --json").succeeds();
    assert_eq!(run.json()["variables"], serde_json::json!(["B"]), "{run}");
    assert!(run.stderr.contains("new variables, not in your `.env`: B\n"), "{run}");
    assert_eq!(story.read(".env"), "A=1\nKEY=hush-hush\n");
}
