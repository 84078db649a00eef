//! What users have configured Git to do by itself: it is their own business, and makes nothing else of a finish.

use super::world::{World as _, with_remote};

#[test]
fn whatever_git_is_configured_to_a_finish_comes_to_the_same() {
    let world = || {
        let sandbox = with_remote().git("tag -a -m mine mine develop").git("switch -q -c release/1.0.0");
        let sandbox = sandbox.commit("v.txt", "1\n").git("push -q -u origin release/1.0.0");
        sandbox.git("switch -q -c feature/login develop").commit("login.txt", "1\n").commit("größe.txt", "2\n")
    };
    let run = |setting: Option<(&str, &str)>| {
        let sandbox = world();
        if let Some((key, value)) = setting {
            sandbox.ask_git(&["config", key, value]);
        }
        let what = setting.map_or(String::new(), |(key, value)| format!("{key} = {value}\n"));
        for words in
            [&["--push"][..], &["release/1.0.0", "--push", "-m", "größer\n\n# one\n"], &["feature/two", "--squash"]]
        {
            if words[0] == "feature/two" {
                for words in ["switch -q -c feature/two develop", "commit -q --allow-empty -m Empty"] {
                    sandbox.say(words);
                }
                sandbox.write("two.txt", "2\n");
                sandbox.ask_git(&["add", "two.txt"]);
                sandbox.ask_git(&["commit", "-q", "-m", "Two"]);
            }
            let run = sandbox.run_args(&[&["flow", "finish"], words].concat());
            assert!(run.to_string().contains("--- exit 0"), "{what}{run}");
        }
        let status = sandbox.run("flow status").succeeds().stdout;
        let mut state = sandbox.essence();
        state.remove("git config");
        state.insert("remote".to_owned(), sandbox.say("-C ../tmp/origin.git for-each-ref"));
        state.insert("status".to_owned(), status);
        (what, state)
    };
    let (_, plain) = run(None);
    assert!(!plain["remote"].contains("mine"));
    let mut wrong = Vec::new();
    for setting in [
        ("merge.log", "true"),
        ("merge.ff", "only"),
        ("merge.ff", "false"),
        ("branch.develop.mergeOptions", "--no-commit"),
        ("branch.main.mergeOptions", "--squash"),
        ("push.followTags", "true"),
        ("push.default", "nothing"),
        ("log.showSignature", "true"),
        ("status.showUntrackedFiles", "no"),
        ("color.ui", "always"),
        ("core.commentChar", "%"),
        ("commit.cleanup", "strip"),
        ("format.signoff", "true"),
        ("diff.noprefix", "true"),
        ("core.logAllRefUpdates", "false"),
        ("column.ui", "always"),
    ] {
        let (what, state) = run(Some(setting));
        let differs = state.iter().filter(|(key, value)| plain.get(*key) != Some(value));
        wrong.extend(
            differs.map(|(key, value)| format!("{what}{key}\n  is     {value:?}\n  should {:?}", plain.get(key))),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
