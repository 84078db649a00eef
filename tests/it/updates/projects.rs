//! Whose an open update is, where one repository has several projects, and where a project was moved.

use super::story::Be::Text;
use super::story::Story;

const NONE: &str = "error: no update is open here\nhint: `prodev update` begins one\n";

/// Projects in these folders of one repository, each with an edit that the next version of the template is in conflict with.
fn projects(names: &[&str]) -> Story {
    let story = Story::of("", &[("a", Text("one\n"))]);
    story.sandbox.ask_git(&["init", "-q", "."]);
    for name in names {
        story.sandbox.run_args(&["new", "../tpl", name, "--defaults"]).succeeds();
        story.sandbox.write(&format!("{name}/a"), "mine\n");
    }
    story.sandbox.ask_git(&["add", "-A"]);
    story.sandbox.ask_git(&["commit", "-q", "-m", "Projects"]);
    story.template("a", Text("two\n"));
    story.manifest("1.1.0", "");
    story
}

fn a(story: &Story, project: &str) -> bool {
    story.sandbox.read(&format!("{project}/a")).contains("<<<<<<<")
}

#[test]
fn each_project_of_a_repository_has_an_update_of_its_own() {
    let story = projects(&["shop", "blog"]);
    let sandbox = &story.sandbox;
    sandbox.run("-C shop update").exits(3);
    for end in ["--abort", "--continue"] {
        sandbox.run(&format!("-C blog update {end}")).fails(2, NONE).changed_nothing();
    }
    // It is in nobody else's way either.
    sandbox.run("-C blog update").exits(3);
    assert!(a(&story, "shop") && a(&story, "blog"));
    sandbox.run("-C shop update").exits(3).changed_nothing();
    sandbox.run("-C shop update --abort").succeeds();
    assert!(!a(&story, "shop") && a(&story, "blog"));
    sandbox.run("-C shop update --abort").fails(2, NONE).changed_nothing();
    sandbox.write("blog/a", "both\n");
    sandbox.ask_git(&["add", "blog/a"]);
    sandbox.run("-C blog update --continue").succeeds();
    sandbox.run("-C blog update --check").exits(0);
    sandbox.run("-C shop update --check").exits(1);
}

#[test]
fn who_stands_above_the_projects_is_told_which_have_an_update_open() {
    let story = projects(&["shop", "the blog"]);
    let sandbox = &story.sandbox;
    sandbox.run("update --abort").fails(2, NONE).changed_nothing();
    sandbox.run("-C shop update").exits(3);
    sandbox.run_args(&["-C", "the blog", "update"]).exits(3);
    for end in ["--abort", "--continue"] {
        let said = format!(
            "error: no update is open here\nhint: one is open in `shop`: `prodev -C shop update {end}`\n\
             hint: one is open in `the blog`: `prodev -C 'the blog' update {end}`\n"
        );
        sandbox.run(&format!("update {end}")).fails(2, &said).changed_nothing();
    }
    sandbox.run("-C shop update --abort").succeeds();
}

#[test]
fn a_project_inside_another_has_an_update_of_its_own() {
    for repository in [true, false] {
        let story = projects(&["shop", "shop/inner"]);
        if !repository {
            std::fs::remove_dir_all(story.sandbox.path(".git")).unwrap();
        }
        let sandbox = &story.sandbox;
        sandbox.run("-C shop update").exits(3);
        sandbox.run("-C shop/inner update --abort").fails(2, NONE).changed_nothing();
        sandbox.run("-C shop/inner update").exits(3);
        std::fs::create_dir_all(sandbox.path("shop/inner/sub")).unwrap();
        sandbox.run("-C shop/inner/sub update --abort").succeeds();
        assert!(a(&story, "shop") && !a(&story, "shop/inner"));
        sandbox.run("-C shop update --abort").succeeds();
        assert!(!a(&story, "shop"));
    }
}

#[test]
fn a_folder_that_is_to_be_a_project_is_not_held_up_by_the_one_around_it() {
    let story = projects(&["shop"]);
    let sandbox = &story.sandbox;
    sandbox.run("-C shop update").exits(3);
    sandbox.write("shop/new/a", "mine\n");
    sandbox.run("-C shop/new adopt ../../../tpl --defaults").exits(3);
    sandbox.run("-C shop/new update --abort").succeeds();
    assert_eq!(sandbox.read("shop/new/a"), "mine\n");
    assert!(a(&story, "shop"));
}

#[test]
fn an_update_of_a_project_that_was_moved_is_taken_back() {
    for git in [true, false] {
        let story = Story::of("", &[("a", Text("one\n"))]);
        let story = if git { story.made("") } else { story.made_without_git() };
        story.user("a", Text("mine\n"));
        let before = story.state();
        story.template("a", Text("two\n"));
        story.manifest("1.1.0", "");
        story.run("update").exits(3);
        std::fs::create_dir_all(story.sandbox.path("deep")).unwrap();
        std::fs::rename(story.path(""), story.sandbox.path("deep/moved")).unwrap();
        let run = story.sandbox.run("-C deep/moved update --abort --json").succeeds();
        assert_eq!(run.json()["directory"], "[DIR]/deep/moved");
        std::fs::rename(story.sandbox.path("deep/moved"), story.path("")).unwrap();
        assert_eq!(story.state(), before, "in Git: {git}");
    }
}

#[test]
fn a_copy_of_a_project_is_taken_back_for_itself() {
    let story = Story::of("", &[("a", Text("one\n"))]).made_without_git();
    story.user("a", Text("mine\n"));
    story.template("a", Text("two\n"));
    story.manifest("1.1.0", "");
    story.run("update").exits(3);
    let copied =
        std::process::Command::new("cp").args(["-a", "shop", "copy"]).current_dir(story.sandbox.path("")).status();
    assert!(copied.unwrap().success());
    story.sandbox.run("-C copy update --abort").succeeds();
    assert!(a(&story, "shop") && !a(&story, "copy"));
    story.run("update --abort").succeeds();
    assert_eq!(story.read("a"), "mine\n");
}

#[test]
fn an_update_of_a_project_that_was_moved_within_its_repository_is_ended_there() {
    for end in ["--abort", "--continue"] {
        let story = projects(&["services/shop", "blog"]);
        let sandbox = &story.sandbox;
        sandbox.run("-C services/shop update").exits(3);
        std::fs::create_dir_all(sandbox.path("apps")).unwrap();
        std::fs::rename(sandbox.path("services/shop"), sandbox.path("apps/the shop")).unwrap();
        let shop = |words: &str| {
            sandbox.run_args(&[&["-C", "apps/the shop"], &words.split(' ').collect::<Vec<_>>()[..]].concat())
        };
        // It is nobody else's.
        sandbox.run(&format!("-C blog update {end}")).exits(2).changed_nothing();
        shop("update").exits(3).changed_nothing();
        let run = sandbox.run(&format!("update {end}")).exits(2).changed_nothing();
        assert!(
            run.stderr.starts_with(
                "error: no update is open here\nhint: one was open in `services/shop`, which is not there: \
                 put the folder back, or give it up: `rm -r .git/prodev/update-"
            ),
            "{run}"
        );
        if end == "--continue" {
            shop("update --continue").exits(3).changed_nothing();
            sandbox.write("apps/the shop/a", "both\n");
            sandbox.ask_git(&["add", "-A"]);
        }
        shop(&format!("update {end}")).succeeds();
        let expected = if end == "--abort" { "mine\n" } else { "both\n" };
        assert_eq!(sandbox.read("apps/the shop/a"), expected);
        assert!(!sandbox.exists(".git/prodev"), "{end}");
        shop("update --check").exits(i32::from(end == "--abort"));
    }
}

#[test]
fn a_moved_project_whose_way_back_is_killed_is_taken_back_all_the_same() {
    let mut steps = 0;
    for step in 1..200 {
        let story = projects(&["services/shop"]);
        let sandbox = &story.sandbox;
        sandbox.run("-C services/shop update").exits(3);
        std::fs::rename(sandbox.path("services/shop"), sandbox.path("shop")).unwrap();
        let mut command = sandbox.command(crate::sandbox::PRODEV);
        let output =
            command.env("PRODEV_TEST_FAULT", step.to_string()).args(["-C", "shop", "update", "--abort"]).output();
        if output.unwrap().status.success() {
            break;
        }
        steps = step;
        sandbox.run("-C shop template list").succeeds();
        if sandbox.exists(".git/prodev") {
            sandbox.run("-C shop update --abort").succeeds();
        }
        assert_eq!(sandbox.read("shop/a"), "mine\n", "step {step}");
        assert!(!sandbox.exists("services/shop") && !sandbox.exists(".git/prodev"), "step {step}");
    }
    assert!(steps >= 5, "only {steps} steps to be killed at");
}

#[test]
fn a_repository_that_was_moved_takes_the_updates_of_all_its_projects_along() {
    let story = projects(&["all/shop", "all/blog"]);
    let sandbox = &story.sandbox;
    // The repository is moved with what is in it, so the template has to be found from where that is then.
    for name in ["shop", "blog"] {
        sandbox.run(&format!("-C all/{name} update")).exits(3);
    }
    std::fs::create_dir_all(sandbox.path("../home/deep")).unwrap();
    std::fs::rename(sandbox.path(""), sandbox.path("../home/deep/moved")).unwrap();
    std::fs::create_dir_all(sandbox.path("")).unwrap();
    for name in ["shop", "blog"] {
        sandbox.run(&format!("-C ../home/deep/moved/all/{name} update --abort")).succeeds();
        assert_eq!(sandbox.read(&format!("../home/deep/moved/all/{name}/a")), "mine\n");
    }
    assert!(!sandbox.exists("../home/deep/moved/.git/prodev"));
}

#[test]
fn who_stands_above_projects_outside_of_git_is_told_too() {
    let story = projects(&["shop", "deep/blog"]);
    let sandbox = &story.sandbox;
    std::fs::remove_dir_all(sandbox.path(".git")).unwrap();
    sandbox.run("update --abort").fails(2, NONE).changed_nothing();
    sandbox.run("-C shop update").exits(3);
    sandbox.run("-C deep/blog update").exits(3);
    let said = "error: no update is open here\nhint: one is open in `deep/blog`: `prodev -C deep/blog update --abort`\n\
                hint: one is open in `shop`: `prodev -C shop update --abort`\n";
    sandbox.run("update --abort").fails(2, said).changed_nothing();
    sandbox.run("-C deep update --continue").fails(
        2,
        "error: no update is open here\nhint: one is open in `deep/blog`: `prodev -C deep/blog update --continue`\n",
    );
}
