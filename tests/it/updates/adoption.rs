//! Projects made by hand or by other tools, linked to a template.

use serde_json::json;

use super::story::Be::Text;
use super::story::{NUMBERS, Story};

const MORE: &str = "[questions.name]\ndefault = 'none'\n[questions.port]\ntype = 'int'\ndefault = 80\n\
                    [questions.debug]\ntype = 'bool'\ndefault = false\n[components.extra]\nfiles = ['extra']\n";

/// A project that nobody generated, beside a template that would have made something like it.
fn by_hand() -> Story {
    let story = Story::of(
        MORE,
        &[
            ("main", Text(NUMBERS)),
            ("same", Text("same\n")),
            ("new.jinja", Text("{{ name }} {{ port }} {{ debug }}\n")),
            ("extra", Text("extra\n")),
        ],
    );
    story.sandbox.ask_git(&["init", "-q", "-b", "main", "shop"]);
    story.user("main", Text(&NUMBERS.replace("5\n", "mine\n")));
    story.user("same", Text("same\n"));
    story.user("own", Text("own\n"));
    story.commit();
    story
}

#[test]
fn a_dry_run_shows_no_secret() {
    let more = "[questions.key]\ntype = 'secret'\n[[files]]\nmatch = '.env'\nonce = true\n";
    let story = Story::of(more, &[(".env.jinja", Text("KEY={{ key }}\n")), ("new", Text("new\n"))]);
    story.user("own", Text("own\n"));
    for flags in ["", " --json"] {
        let run =
            story.run(&format!("adopt ../../tpl --set key=hush-hush --dry-run{flags}")).exits(0).changed_nothing();
        assert!(!run.stdout.contains("hush") && !run.stderr.contains("hush"), "{run}");
        assert!(run.stdout.contains("diff --git a/.env b/.env") && run.stdout.contains("+new"), "{run}");
    }
    story.run("adopt ../../tpl --set key=hush-hush").succeeds();
    assert_eq!(story.read(".env"), "KEY=hush-hush\n");
}

#[test]
fn both_sides_are_kept_and_updates_follow() {
    let story = by_hand();
    let before = story.state();
    let promised =
        story.run("adopt ../../tpl --defaults --set name=shop --dry-run --json").exits(0).changed_nothing().json();
    let run = story.run("adopt ../../tpl --defaults --dry-run").exits(0).changed_nothing();
    assert!(
        run.stderr.ends_with(
            "conflicts that it would stop at:\n  main: both changed the same lines\nnothing was changed (--dry-run)\n"
        ),
        "{run}"
    );
    let run = story.run("adopt ../../tpl --defaults --set name=shop --json").exits(3);
    let json = run.json();
    assert_eq!(promised["steps"], json["steps"]);
    assert_eq!((&json["conflicts"][0]["path"], &json["conflicts"][0]["kind"]), (&json!("main"), &json!("lines")));
    assert_eq!(story.read("main"), NUMBERS.replace("5\n", "<<<<<<< yours\nmine\n=======\n5\n>>>>>>> tpl 1.0.0\n"));
    assert_eq!((story.read("new"), story.read("own")), ("shop 80 False\n".to_owned(), "own\n".to_owned()));
    assert_eq!(story.status(), ["AA main", "?? always", "?? new"]);
    story.run("update --abort").succeeds();
    assert_eq!(story.state(), before);
    story.run("adopt ../../tpl --defaults").exits(3);
    story.user("main", Text(&NUMBERS.replace("5\n", "mine\n")));
    story.commit();
    story.run("update --continue").succeeds();
    story.run("update --check").exits(0);
    // From here on it is a project like any.
    story.manifest("1.1.0", MORE);
    story.template("main", Text(&NUMBERS.replace("10\n", "ten\n")));
    story.updates();
    assert_eq!(story.read("main"), NUMBERS.replace("5\n", "mine\n").replace("10\n", "ten\n"));
    story.run("adopt ../../tpl").exits(1).changed_nothing().stderr_is(
        "error: this project is linked to `tpl` already\n\
         hint: `prodev update` brings what is new in it; to have it twice, `--as NAME`\n",
    );
}

#[test]
fn what_other_tools_wrote_down_is_taken_over() {
    let copier = "# Changes here will be overwritten by Copier\n_commit: v1.0.0\n_src_path: ../tpl\ndebug: true\nname: Shop\nother: 1\nport: 81\n";
    let cruft = json!({
        "template": "../tpl", "commit": "abc", "checkout": null,
        "context": { "cookiecutter": { "name": "Shop", "port": "81", "debug": "yes", "_template": "../tpl", "other": "x" } },
        "directory": null,
    });
    for (file, text) in [(".copier-answers.yml", copier.to_owned()), (".cruft.json", cruft.to_string())] {
        let story = by_hand();
        story.user(file, Text(&text));
        // The source is as seen from where the project's folder lies.
        let source = text.replace("../tpl", "../../tpl");
        story.user(file, Text(&source));
        let run = story.run("adopt --defaults --with extra").exits(3);
        assert!(run.stderr.contains(&format!("answers from `{file}`; it may go when this is done\n")), "{run}");
        assert_eq!(story.read("new"), "Shop 81 True\n", "{file}");
        assert_eq!(story.read("extra"), "extra\n");
        story.run("update --abort").succeeds();
        story.run("adopt --defaults --set port=82").exits(3);
        assert_eq!(story.read("new"), "Shop 82 True\n", "{file}");
    }
}

#[test]
fn without_a_template_there_is_nothing_to_link_to() {
    let story = by_hand();
    story.run("adopt").fails(
        2,
        "error: no template was named\nhint: `prodev adopt TEMPLATE`; `prodev template list` shows what there is\n",
    );
    story.user(".cruft.json", Text("{"));
    let run = story.run("adopt ../../tpl").exits(2).changed_nothing();
    assert!(run.stderr.starts_with("error: `.cruft.json` cannot be read\n"), "{run}");
}

#[test]
fn a_second_template_takes_no_file_of_the_first() {
    let story = Story::of("", &[("f", Text("f\n"))]).made("");
    story.sandbox.write("../second/template.toml", "[template]\nname = \"second\"\nversion = \"1.0.0\"\n");
    story.sandbox.write("../second/files/f", "its\n");
    story.run("adopt ../../second").exits(1).changed_nothing().stderr_is(
        "error: `f` belongs to `tpl`\nhint: a file can come from one template alone: leave it out in one of them\n",
    );
    std::fs::rename(story.sandbox.path("../second/files/f"), story.sandbox.path("../second/files/g")).unwrap();
    story.sandbox.honest("-C shop adopt ../../second");
    story.run("update --template second").succeeds().changed_nothing();
    story.run("update --template tpl").succeeds().changed_nothing();
}
