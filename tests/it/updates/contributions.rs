//! What a template puts into files that are not its own: lines and keys, put in once, and taken out to the byte.

use super::story::Be::{Gone, Link, Text};
use super::story::Story;

const PACKAGE: &str = "{\n  \"name\": \"shop\",\n  \"scripts\": {\n    \"test\": \"node --test\"\n  }\n}\n";
const CARGO: &str = "# mine\n[package]\nname = \"shop\" # of mine\n\n[dependencies]\n";
const CI: &str = "# mine\non: push # of mine\njobs:\n    test:\n        steps: [a, b]\n";
const URLS: &str = "urls = [\n    # more urls\n]\n";

const CONTRIBUTIONS: &str = r##"
[questions.entry]
default = "worker.js"

[components.worker]
title = "Worker"

[components.cache]
title = "Cache"

[[contributions]]
component = "worker"
to = "package.json"
keys = { scripts = { worker = "node {{ entry }}" }, engines.node = ">=22" }

[[contributions]]
component = "worker"
to = "Cargo.toml"
keys = { dependencies.redis = "1", profile.worker.inherits = "release" }

[[contributions]]
component = "worker"
to = "ci.yml"
keys = { jobs.worker = { runs-on = "linux", needs = ["test"] } }

[[contributions]]
component = "worker"
to = "urls.py"
text = "path('worker/'),"
after = "# more urls"

[[contributions]]
component = "worker"
to = ".gitignore"
create = true
text = """
/worker/
*.pid
"""

[[contributions]]
component = "cache"
to = ".gitignore"
create = true
text = "/cache/"

[[contributions]]
component = "cache"
to = "package.json"
keys = { scripts.cache = "node cache.js" }
"##;

/// A project made by hand, linked to a template without any of its components.
fn adopted() -> Story {
    let story = Story::of(CONTRIBUTIONS, &[]);
    for (path, text) in [("package.json", PACKAGE), ("Cargo.toml", CARGO), ("ci.yml", CI), ("urls.py", URLS)] {
        story.user(path, Text(text));
    }
    story.sandbox.ask_git(&["init", "-q", "shop"]);
    story.commit();
    story.run("adopt ../../tpl --defaults").succeeds();
    story.commit();
    story
}

/// The user's own files.
fn own(story: &Story) -> Vec<String> {
    story.state().into_iter().filter(|line| !line.starts_with(".prodev") && !line.contains("100644")).collect()
}

#[test]
fn lines_and_keys_are_put_into_the_users_files() {
    let story = adopted();
    let run = story.run("add worker").succeeds();
    assert!(run.stderr.contains("`package.json` gets `scripts.worker`\n"), "{run}");
    assert_eq!(
        story.read("package.json"),
        "{\n  \"name\": \"shop\",\n  \"scripts\": {\n    \"test\": \"node --test\",\n    \"worker\": \"node worker.js\"\n  },\n  \
         \"engines\": {\n    \"node\": \">=22\"\n  }\n}\n"
    );
    assert_eq!(story.read("Cargo.toml"), format!("{CARGO}redis = \"1\"\n\n[profile.worker]\ninherits = \"release\"\n"));
    assert_eq!(story.read("ci.yml"), format!("{CI}    worker:\n      runs-on: linux\n      needs:\n      - test\n"));
    assert_eq!(story.read("urls.py"), "urls = [\n    # more urls\n    path('worker/'),\n]\n");
    assert_eq!(story.read(".gitignore"), "/worker/\n*.pid\n");
    story.run("update --check").exits(0);
    story.run("add worker").succeeds().changed_nothing();
    story.run("update").succeeds().changed_nothing();
}

#[test]
fn what_was_put_in_is_taken_out_to_the_byte() {
    for order in [["worker", "cache"], ["cache", "worker"]] {
        for back in [["worker", "cache"], ["cache", "worker"]] {
            let story = adopted();
            let before = story.state();
            for component in order {
                story.run(&format!("add {component}")).succeeds();
            }
            for component in back {
                story.run(&format!("remove {component}")).succeeds();
            }
            assert_eq!(story.state(), before, "{order:?}, then {back:?}");
        }
    }
    let story = adopted();
    story.user("package.json", Text(&PACKAGE.replace('\n', "\r\n")));
    let before = own(&story);
    story.run("add worker,cache").succeeds();
    assert!(story.read("package.json").matches('\n').count() == story.read("package.json").matches("\r\n").count());
    story.run("remove worker,cache").succeeds();
    assert_eq!(own(&story), before);
}

#[test]
fn what_the_user_had_is_not_taken_out() {
    let story = adopted();
    let mine = PACKAGE.replace("\"test\"", "\"worker\": \"node worker.js\",\n    \"test\"");
    story.user("package.json", Text(&mine));
    story.user(".gitignore", Text("/worker/\n*.pid\nmine\n"));
    story.run("add worker").succeeds();
    assert_eq!(story.read(".gitignore"), "/worker/\n*.pid\nmine\n");
    story.run("remove worker").succeeds();
    assert_eq!(story.read("package.json"), mine);
    assert_eq!(story.read(".gitignore"), "/worker/\n*.pid\nmine\n");
}

#[test]
fn lines_of_the_users_are_not_cut() {
    for (before, then, after) in [
        ("", "target/\npackages/*/cache/\nnode_modules/\n", "target/\npackages/*/cache/\nnode_modules/\n"),
        ("target/", "target/\n/cache/\nnode_modules\n", "target/\nnode_modules\n"),
        ("target/", "target/\n/cache/\n", "target/"),
        ("", "/cache/\nmine\n  /cache/\n", "mine\n  /cache/\n"),
    ] {
        let story = adopted();
        story.user(".gitignore", Text(before));
        story.run("add cache").succeeds();
        story.user(".gitignore", Text(then));
        story.run("remove cache").succeeds();
        assert_eq!(story.read(".gitignore"), after, "{then:?}");
    }
    let story = adopted();
    story.run("add cache").succeeds();
    let twice = "/cache/\nmine\n/cache/\n";
    story.user(".gitignore", Text(twice));
    let run = story.run("remove cache").succeeds();
    let said = "`.gitignore` keeps the line `/cache/`: it is there more than once\n";
    assert!(run.stderr.contains(said), "{run}");
    assert_eq!(story.read(".gitignore"), twice);
}

#[test]
fn what_the_user_changed_or_took_out_stays_so() {
    let story = adopted();
    story.run("add worker").succeeds();
    let changed = story.read("package.json").replace("node worker.js", "deno worker.js");
    story.user("package.json", Text(&changed));
    story.user("urls.py", Text(URLS));
    story.user(
        "Cargo.toml",
        Text(&story.read("Cargo.toml").replace("redis = \"1\"", "serde = \"1\"\nredis = \"1\" # why")),
    );
    story.run("update").succeeds();
    assert_eq!((story.read("package.json"), story.read("urls.py").as_str()), (changed, URLS));
    let run = story.run("remove worker").succeeds();
    assert!(run.stderr.contains("`package.json` keeps `scripts.worker`: it has another value by now\n"), "{run}");
    assert!(story.read("package.json").contains("deno worker.js") && !story.read("package.json").contains("engines"));
    assert_eq!(story.read("Cargo.toml"), format!("{CARGO}serde = \"1\"\n"));
    assert_eq!(story.read("urls.py"), URLS);
}

#[test]
fn a_new_value_of_the_templates_takes_the_place_of_the_old_one_unless_the_user_changed_it() {
    let story = adopted();
    story.run("add worker").succeeds();
    story.commit();
    let with_more = |more: &str| CONTRIBUTIONS.replace("node {{ entry }}", more).replace("*.pid", "*.pid\n*.lock");
    story.manifest("1.1.0", &with_more("node --watch {{ entry }}"));
    story.updates();
    assert!(story.read("package.json").contains("\"worker\": \"node --watch worker.js\""));
    assert_eq!(story.read(".gitignore"), "/worker/\n*.pid\n*.lock\n");
    let changed = story.read("package.json").replace("node --watch", "deno");
    story.user("package.json", Text(&changed));
    story.manifest("1.2.0", &with_more("bun {{ entry }}"));
    let run = story.stops(&[("package.json", "no-place")]);
    assert!(
        run.stderr.contains("`package.json`: `scripts.worker`: it is there already, with another value\n"),
        "{run}"
    );
    assert_eq!(story.read("package.json"), changed);
    assert!(story.read("package.json.from-template").contains("\"worker\": \"bun worker.js\""));
    story.run("update --continue").exits(3).changed_nothing();
    std::fs::remove_file(story.path("package.json.from-template")).unwrap();
    story.run("update --continue").succeeds();
    story.run("update --check").exits(0);
}

#[test]
fn what_has_no_place_is_told_and_kept_beside() {
    let story = adopted();
    story.user("package.json", Text("{ broken"));
    story.user("urls.py", Text("urls = []\n"));
    story.user("Cargo.toml", Gone);
    story.user("Cargo.toml", Link("package.json"));
    story.user("ci.yml", Gone);
    let before = story.state();
    let run = story.run("add worker --json").exits(3);
    let json = run.json();
    let paths: Vec<&str> =
        json["conflicts"].as_array().unwrap().iter().map(|it| it["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["Cargo.toml", "package.json", "urls.py"]);
    assert!(run.stderr.contains("`urls.py`: the line `path('worker/'),`: no line has `# more urls` in it\n"), "{run}");
    assert!(run.stderr.contains("`ci.yml` is not there to take in `jobs.worker.runs-on`\n"), "{run}");
    assert_eq!(story.read("urls.py.from-template"), "path('worker/'),\n");
    assert_eq!(story.read("package.json"), "{ broken");
    story.run("update --abort").succeeds();
    assert_eq!(story.state(), before);
}

#[test]
fn a_new_project_gets_them_in_the_files_that_are_there() {
    let story = Story::of(CONTRIBUTIONS, &[]);
    story.user("package.json", Text(PACKAGE));
    let run = story.sandbox.run("new ../tpl shop --defaults --no-git --overwrite skip --with worker").succeeds();
    assert!(run.stderr.contains("`package.json` gets `scripts.worker`\n"), "{run}");
    assert!(story.read("package.json").contains("\"worker\": \"node worker.js\""));
    assert_eq!(story.read(".gitignore"), "/worker/\n*.pid\n");
    story.run("remove worker").succeeds();
    assert_eq!(story.read("package.json"), PACKAGE);
    assert!(!story.exists(".gitignore"));
}

#[test]
fn files_that_run_what_is_put_into_them_are_told() {
    let story = adopted();
    let run = story.run("add worker --dry-run --json").succeeds().changed_nothing();
    assert_eq!(run.json()["runs"], serde_json::json!(["package.json"]), "{run}");
    let run = story.run("add worker").succeeds();
    assert!(run.stderr.contains("\n  package.json: package managers run what it says\n"), "{run}");
    assert!(!story.run("update").succeeds().stderr.contains("package.json"));
}

#[test]
fn records_that_somebody_changed_are_not_believed() {
    let story = adopted();
    story.run("add worker").succeeds();
    let record = ".prodev/tpl/contributions/worker.toml";
    let text = story.read(record);
    for (from, to, why) in [
        ("to = \"package.json\"", "to = \"../outside\"", "`../outside`"),
        ("to = \"package.json\"", "to = \".git/config\"", "`.git/config`"),
        ("format = \"json\"", "form = \"json\"", "form"),
        ("format = \"json\"\n", "", "neither lines nor a key"),
    ] {
        story.user(record, Text(&text.replacen(from, to, 1)));
        let run = story.run("remove worker").exits(1).changed_nothing();
        assert!(run.stderr.contains("is not as prodev wrote it") && run.stderr.contains(why), "{run}");
    }
}

#[test]
fn what_an_author_says_wrong_is_told_with_its_place() {
    for (wrong, expected) in [
        ("to = \"a\"", "a contribution has `text` or `keys`"),
        ("to = \"a\"\ntext = \"x\"\nkeys = { b = 1 }", "either `text` or `keys`"),
        ("to = \"a.toml\"\nkeys = { b = 1 }\nafter = \"x\"", "keys have no place of their own"),
        ("to = \"a\"\ntext = \"x\"\ncomponent = \"cahce\"", "there is no component `cahce`"),
        ("to = \"a\"\nkeys = { b = 1 }", "does not tell how the file is written"),
        ("to = \"../a\"\ntext = \"x\"", "the path `../a`"),
        ("to = \"always\"\ntext = \"x\"", "which is the template's own"),
    ] {
        let story = Story::of(&format!("[components.cache]\n[[contributions]]\n{wrong}\n"), &[]);
        let run = story.sandbox.run("new ../tpl shop --defaults --no-git");
        assert!(run.stderr.contains(expected), "{run}");
        assert!(!story.exists("always"));
    }
}
