//! Components switched on and off in a project that is there already.

use super::story::Be::Text;
use super::story::Story;

const MORE: &str = "[questions.broker]\nwhen = 'components.celery'\ndefault = 'redis'\n\
    [components.core]\nrequired = true\n[components.cache]\ntitle = 'Caching'\nfiles = ['cache/**']\n\
    [components.celery]\nrequires = ['cache']\nfiles = ['tasks/**']\n[components.orders]\nfiles = ['orders/**']\n\
    tables = 'manage.py migrate orders zero'\n[components.cron]\nconflicts = ['celery']\n";

fn story() -> Story {
    let story = Story::of(
        MORE,
        &[
            ("cache/__init__.py", Text("")),
            ("cache/deep/x.py", Text("x\n")),
            ("tasks/run.py.jinja", Text("broker = {{ broker }}\n")),
            ("orders/models.py", Text("models\n")),
            ("settings.py.jinja", Text("APPS = [\n    {{ slot('apps') }}\n]\n")),
        ],
    );
    story.sandbox.write("../tpl/fragments/apps/core.py", "\"core\",\n");
    story.sandbox.write("../tpl/fragments/apps/cache.py", "\"cache\",\n");
    story.sandbox.write("../tpl/fragments/apps/celery.py", "\"celery\",\n");
    story
}

#[test]
fn a_component_comes_with_what_it_requires() {
    let story = story().made("");
    let run = story.sandbox.honest("-C shop add celery");
    assert!(run.stderr.starts_with("`cache` comes along: `celery` requires it\n"), "{run}");
    assert!(run.stderr.contains("added: `shop` has celery now: 3 created, 1 changed\n"), "{run}");
    assert_eq!(run.json()["components"], serde_json::json!(["core", "cache", "celery"]));
    assert_eq!(story.read("settings.py"), "APPS = [\n    \"core\",\n    \"cache\",\n    \"celery\",\n]\n");
    assert_eq!(story.read("tasks/run.py"), "broker = redis\n");
    story
        .run("add celery")
        .succeeds()
        .changed_nothing()
        .stderr_is("nothing to do: the project had all of it already\n");
    story.run("update").succeeds().changed_nothing();
}

#[test]
fn questions_of_a_component_are_asked_when_it_comes() {
    let story = story().made("");
    story.run("add celery --set broker=rabbit").succeeds();
    assert_eq!(story.read("tasks/run.py"), "broker = rabbit\n");
    story.run("update").succeeds().changed_nothing();
}

#[test]
fn what_is_added_and_removed_was_never_there() {
    let story = story().made("");
    story.user("settings.py", Text("APPS = [\n    \"core\",\n]\n\nMINE = 1\n"));
    let before = story.state();
    for components in ["cache", "celery", "cache,cron"] {
        story.run(&format!("add {components}")).succeeds();
        let along = if components == "celery" { "celery,cache" } else { components };
        story.run(&format!("remove {along}")).succeeds();
        assert_eq!(story.state(), before, "{components}");
    }
}

#[test]
fn what_is_needed_or_wrong_is_refused() {
    let story = story().made("--with celery");
    for (words, code, complaint) in [
        ("remove cache", 2, "error: `celery` requires `cache`\nhint: remove both: `prodev remove cache celery`\n"),
        (
            "remove core",
            2,
            "error: every project of this template has the component `core`\nhint: what is not wanted of `core` can be deleted; updates leave it deleted where they do not change it\n",
        ),
        ("add cach", 2, "error: this template has no component `cach`\nhint: did you mean `cache`?\n"),
        ("remove cach", 2, "error: this template has no component `cach`\nhint: did you mean `cache`?\n"),
        (
            "add cron",
            2,
            "error: the components `cron` and `celery` cannot be in one project\nhint: choose one; to have the other out of the way: `prodev remove celery`\n",
        ),
    ] {
        story.run(words).fails(code, complaint).changed_nothing();
    }
    story.run("remove cache celery").succeeds();
    assert!(!story.exists("cache") && !story.exists("tasks"));
    story.run("add celery --no-deps").exits(2).changed_nothing();
}

#[test]
fn a_component_with_tables_is_not_removed_in_passing() {
    let story = story().made("--with orders");
    story.run("remove orders").exits(4).changed_nothing().stderr_is(
        "error: `orders` has tables, which `manage.py migrate orders zero` removes from a database\n\
         hint: run that on every database that has them, before their code is gone\n\
         hint: then, or to leave the tables where they are: `prodev remove orders --keep-tables`\n",
    );
    story.sandbox.honest("-C shop remove orders --keep-tables");
    assert!(!story.exists("orders"));
}

#[test]
fn a_removed_component_takes_no_edit_of_the_users_with_it() {
    let story = story().made("--with cache");
    story.user("cache/deep/x.py", Text("mine\n"));
    story.user("cache/own.py", Text("own\n"));
    let run = story.run("remove cache").exits(3);
    assert!(run.stderr.contains("  cache/deep/x.py: the template removes it, and you changed it\n"), "{run}");
    assert_eq!((story.read("cache/deep/x.py"), story.read("cache/own.py")), ("mine\n".to_owned(), "own\n".to_owned()));
    story.run("update --abort").succeeds();
    assert!(story.exists("cache/__init__.py"));
}

#[test]
fn another_version_is_updated_first() {
    let story = story().made("");
    story.manifest("1.1.0", MORE);
    story
        .run("add cache")
        .exits(1)
        .changed_nothing()
        .stderr_is("error: this project is of tpl 1.0.0, and the template is at 1.1.0\nhint: `prodev update` first\n");
}

#[test]
fn a_component_that_has_come_to_need_another_brings_it() {
    let story = story().made("--with orders");
    story.manifest("1.1.0", &MORE.replace("files = ['orders/**']", "files = ['orders/**']\nrequires = ['cache']"));
    let run = story.run("update").succeeds();
    assert!(run.stderr.starts_with("`cache` comes along: `orders` requires it\n"), "{run}");
    assert!(story.exists("cache/deep/x.py"));
}

#[test]
fn components_that_have_come_to_exclude_each_other_are_chosen_from() {
    let story = story().made("--with orders,cron");
    let more = MORE.replace("conflicts = ['celery']", "conflicts = ['celery', 'orders']");
    story.manifest("1.1.0", &more);
    story.template("new", Text("new\n"));
    story.run("update --check").exits(1);
    let run = story.run("update").changed_nothing();
    run.fails(
        2,
        "error: the components `cron` and `orders` cannot be in one project\n\
         hint: choose one: `prodev update --without orders` or `prodev update --without cron`\n",
    );
    story.run("update --without orders").changed_nothing().fails(
        4,
        "error: `orders` has tables, which `manage.py migrate orders zero` removes from a database\n\
         hint: run that on every database that has them, before their code is gone\n\
         hint: then, or to leave the tables where they are: `prodev update --without orders --keep-tables`\n",
    );
    story.run("update --without odrers").exits(2).changed_nothing();
    let run = story.run("update --without core,orders").exits(2).changed_nothing();
    assert!(run.stderr.ends_with("`core`\nhint: leave out `--without core`\n"), "{run}");
    story.sandbox.honest("-C shop update --without orders --keep-tables");
    assert_eq!((story.exists("orders"), story.read("new")), (false, "new\n".to_owned()));
    let state = story.read(".prodev/tpl/state.toml");
    assert!(state.contains("orders = false") && state.contains("cron = true"), "{state}");
    story.run("update").succeeds().changed_nothing();
}

#[test]
fn the_built_in_templates_switch_their_components() {
    let sandbox = crate::sandbox::Sandbox::new();
    sandbox.run("new django-api shop --defaults --no-git").succeeds();
    let before = sandbox.snapshot("shop");
    for component in ["cache", "docker", "auth-token", "ci-github"] {
        sandbox.run(&format!("-C shop add {component}")).succeeds();
        sandbox.run(&format!("-C shop remove {component} --keep-tables")).succeeds();
        assert!(sandbox.snapshot("shop") == before, "{component}");
    }
}
