//! The model that holds: from the policy, from git-flow's keys, or by default.

use serde_json::json;

use crate::sandbox::Sandbox;

const DEFAULTS: &str = "from     nobody: these are the defaults (`prodev flow init` writes them down)
main     main
develop  develop
remote   origin
tags     VERSION

feature  feature/  develop → develop
bugfix   bugfix/   develop → develop
release  release/  develop → main, develop, tagged, one at a time
hotfix   hotfix/   main → main, develop, tagged, one at a time
support  support/  main → stays
";

#[test]
fn the_model_is_shown() {
    Sandbox::repo().run("flow config").succeeds().changed_nothing().stdout_is(DEFAULTS).stderr_is("");
}

#[test]
fn what_git_flow_configured_is_honoured_7() {
    let sandbox = Sandbox::repo()
        .git("config gitflow.branch.master main")
        .git("config gitflow.branch.develop next")
        .git("config gitflow.prefix.feature feat/")
        .git("config gitflow.prefix.versiontag v");
    let shown = sandbox.run("flow config --json").succeeds().changed_nothing().json();
    assert_eq!((&shown["from"], &shown["develop"], &shown["tag_prefix"]), (&json!("avh"), &json!("next"), &json!("v")));
    assert_eq!(shown["kinds"]["feature"]["prefix"], "feat/");
    assert_eq!(shown["kinds"]["hotfix"]["merge_into"], json!(["main", "next"]));

    let sandbox = Sandbox::repo()
        .git("config gitflow.branch.main.type base")
        .git("config gitflow.branch.develop.type base")
        .git("config gitflow.branch.develop.parent main")
        .git("config gitflow.branch.develop.autoUpdate true")
        .git("config gitflow.branch.hotfix.type topic")
        .git("config gitflow.branch.hotfix.parent main")
        .git("config gitflow.branch.hotfix.tag true");
    let shown = sandbox.run("flow config --json").succeeds().json();
    assert_eq!((&shown["from"], &shown["develop"]), (&json!("next"), &json!("develop")));
    assert_eq!(shown["kinds"].as_object().unwrap().keys().collect::<Vec<_>>(), ["hotfix"]);
    assert_eq!(shown["kinds"]["hotfix"]["merge_into"], json!(["main", "develop"]));
}

#[test]
fn the_policy_comes_before_what_git_flow_configured() {
    let sandbox = Sandbox::repo()
        .git("config gitflow.branch.master main")
        .git("config gitflow.branch.develop next")
        .file("prodev.toml", "[flow]\npreset = \"github\"\n\n[flow.kinds.docs]\nstrategy = \"squash\"\n");
    sandbox.run("flow config").succeeds().stdout_is(
        "from     [flow] in prodev.toml
main     main
remote   origin
tags     VERSION

feature  feature/  main → main
bugfix   bugfix/   main → main
hotfix   hotfix/   main → main
docs     docs/     main → main, squashed
",
    );
}
