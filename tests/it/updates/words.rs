//! What is said where something cannot be, or will not be done: in the words of the command that was typed.

use super::story::Be::Text;
use super::story::Story;

const COMPONENTS: &str = "[questions.name]\ndefault = 'x'\n[components.core]\nrequired = true\n[components.cache]\n\
                          [components.celery]\nrequires = ['cache']\n[components.cron]\nconflicts = ['cache']\n";

#[test]
fn components_are_spoken_of_in_the_words_of_add_and_remove() {
    let story = Story::of(COMPONENTS, &[]).made("");
    for (command, said) in [
        (
            "remove core",
            "error: every project of this template has the component `core`\n\
             hint: what is not wanted of `core` can be deleted; updates leave it deleted where they do not change it\n",
        ),
        (
            "remove core cache",
            "error: every project of this template has the component `core`\n\
             hint: remove the others: `prodev remove cache`\n",
        ),
        (
            "add celery --no-deps",
            "error: `celery` requires `cache`, which is not selected\n\
             hint: add both: `prodev add cache celery`, or leave out `--no-deps`\n",
        ),
    ] {
        story.run(command).fails(2, said).changed_nothing();
    }
    story.run("add cache").succeeds();
    story.run("add cron").changed_nothing().fails(
        2,
        "error: the components `cron` and `cache` cannot be in one project\n\
         hint: choose one; to have the other out of the way: `prodev remove cache`\n",
    );
}

#[test]
fn a_question_that_nobody_asks_is_not_asked_again() {
    let story = Story::of(COMPONENTS, &[]).made("");
    story
        .run("update --reask nmae")
        .changed_nothing()
        .fails(2, "error: `--reask nmae` is for no question of this template\nhint: did you mean `name`?\n");
    story
        .run("update --reask db_*")
        .changed_nothing()
        .fails(2, "error: `--reask db_*` is for no question of this template\nhint: it asks for `name`\n");
    story.run("update --reask na* --defaults").succeeds();
}

#[test]
fn records_that_lie_elsewhere_are_refused() {
    for folder in [".prodev", ".prodev/tpl"] {
        let story = Story::of("", &[]).made_without_git();
        story.moves(folder, "../elsewhere");
        std::os::unix::fs::symlink(story.sandbox.path("elsewhere"), story.path(folder)).unwrap();
        story.template("always", Text("changed\n"));
        let said = format!(
            "error: `{folder}` is a link, and prodev keeps its records in the project itself\n\
             hint: put the folder that it leads to in its place, or remove the link: `rm {folder}`\n"
        );
        for command in ["update", "update --dry-run", "diff"] {
            story.run(command).fails(1, &said).changed_nothing();
        }
    }
}

#[test]
fn recording_alone_says_what_it_leaves_to_the_user() {
    let story = Story::of("[[contributions]]\nto = 'own'\ntext = 'old line'\n", &[]);
    story.user("own", Text("mine\n"));
    story.sandbox.run("new ../tpl shop --defaults --no-git --overwrite skip").succeeds();
    assert_eq!(story.read("own"), "mine\nold line\n");
    story.manifest(
        "2.0.0",
        "[[contributions]]\nto = 'own'\ntext = 'new line'\n\
         [[migrations]]\nversion = '1.5.0'\nrun = 'echo migrated >> own'\n\
         [[migrations]]\nversion = '1.6.0'\nstage = 'before'\nrun = 'echo early >> own'\n",
    );
    let run = story.run("update --record-only").succeeds();
    for said in [
        "`own` keeps the line `old line`, which is yours from now on\n",
        "`own` does not get the line `new line`\n",
        "migrations that are not run, and will not be later:\n  echo early >> own\n  echo migrated >> own\n",
    ] {
        assert!(run.stderr.contains(said), "{said}: {run}");
    }
    assert_eq!(story.read("own"), "mine\nold line\n");
    story.run("update --check").exits(0);
}

#[test]
fn the_record_of_a_project_is_a_file_of_answers_whatever_else_it_has() {
    let story = Story::of("[questions.name]\ndefault = 'x'\n", &[("f.jinja", Text("{{ name }}\n"))]);
    story.sandbox.run("new ../tpl shop --set name=shop --no-git").succeeds();
    // No components; and a table that a newer prodev may have.
    let record = story.read(".prodev/tpl/state.toml");
    story.sandbox.write("record.toml", format!("{record}\n[later]\nx = 1\n"));
    story.sandbox.run("new ../tpl other --answers record.toml --no-git").succeeds();
    assert_eq!(story.sandbox.read("other/f"), "shop\n");
    let story = Story::of("[components.extra]\n", &[]);
    story.sandbox.run("new ../tpl shop --with extra --no-git").succeeds();
    let run = story.sandbox.run("new ../tpl other --answers shop/.prodev/tpl/state.toml --no-git --json").succeeds();
    assert_eq!(run.json()["components"], serde_json::json!(["extra"]));
}
