//! Scenario 76: messages, read as Git will read them.

use super::{hook, is_refused, on_both, works};
use crate::sandbox::Sandbox;

const CONVENTIONAL: &str = "[flow.message]\n";

/// Checks a message that a hook would be given.
fn check<'a>(sandbox: &'a Sandbox, text: &str) -> crate::sandbox::Run<'a> {
    sandbox.write("MESSAGE", text);
    sandbox.run("flow check --message MESSAGE").changed_nothing()
}

#[test]
fn scenario_76_a_message_is_judged_where_it_stands() {
    on_both(CONVENTIONAL, |sandbox| {
        check(&sandbox, "# a comment\n\nfeet: add a login\nno blank line\n")
            .exits(1)
            .stdout_is(
                "error: `feet` is no type of this project [message-type]\n --> MESSAGE:3:1\n3 | feet: add a login\n  | ^^^^\n\
                 hint: did you mean `feat`?\n\
                 error: the second line is not blank [message-blank-line]\n --> MESSAGE:4:1\n4 | no blank line\n  | ^^^^^^^^^^^^^\n\
                 hint: put a blank line between the first line and what explains it\n",
            )
            .stderr_is("2 errors\n");
        check(&sandbox, "feat: add a login\r\n\r\nwith CRLF\r\n").succeeds().stdout_is("").stderr_is("");
        check(&sandbox, "\n\n# only a comment\n").exits(1);
        let run = sandbox.run_with_input(&["flow", "check", "--message", "-"], "nonsense\n").exits(1);
        assert!(run.stdout.contains("[message-header]\n --> standard input:1:1\n"), "{run}");
        sandbox
            .run("flow check --message nowhere")
            .fails(
                2,
                "error: could not read the message in `nowhere`\n  caused by: No such file or directory (os error 2)\n\
                 hint: name a file, or `-` for stdin\n",
            )
            .changed_nothing();
    });
}

#[test]
fn scenario_76_comments_and_scissors_are_git_s() {
    let scissors = "; ------------------------ >8 ------------------------\n; Do not touch\ndiff --git a b\n";
    on_both(CONVENTIONAL, |sandbox| {
        works(&sandbox, "config core.commentChar ;");
        check(&sandbox, &format!("; note\nfix: a\n{scissors}")).succeeds();
        check(&sandbox, "# note\nfix: a\n").exits(1);
        works(&sandbox, "config core.commentChar auto");
        check(&sandbox, &format!("fix: a\n\n#12 is done\n; Please\n; enter\n{scissors}")).succeeds();
        works(&sandbox, "config commit.cleanup whitespace");
        check(&sandbox, "# note\nfix: a\n").exits(1);
        works(&sandbox, "config --unset core.commentChar");
        works(&sandbox, "config commit.cleanup scissors");
        check(&sandbox, "fix: a\n\n# a heading\n# ------------------------ >8 ------------------------\nx\n")
            .succeeds();
    });
}

#[test]
fn scenario_76_git_s_variables_configure_it_too() {
    let variables = [("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "core.commentChar"), ("GIT_CONFIG_VALUE_0", "%")];
    on_both(CONVENTIONAL, |sandbox| {
        let sandbox = variables.iter().fold(sandbox, |sandbox, (name, value)| sandbox.env(name, value));
        check(&sandbox, "% note\nfix: a\n").succeeds();
    });
    on_both(CONVENTIONAL, |sandbox| {
        // The repository's own file comes after the user's.
        sandbox.write("../home/.gitconfig", "[core]\n\tcommentChar = %\n");
        check(&sandbox, "% note\nfix: a\n").succeeds();
        works(&sandbox, "config core.commentChar !");
        check(&sandbox, "! note\nfix: a\n").succeeds();
    });
}

#[test]
fn scenario_76_in_a_real_hook() {
    on_both(CONVENTIONAL, |sandbox| {
        hook(&sandbox, "commit-msg", "--message \"$1\"");
        works(&sandbox, "switch -qc feature/a develop");
        is_refused(&sandbox, "commit --allow-empty -m nonsense", "[message-header]");
        is_refused(&sandbox, "commit --allow-empty -m fixup!", "[message-header]");
        sandbox.ask_git(&["commit", "-q", "--allow-empty", "-m", "fix: a"]);
        is_refused(&sandbox, "commit --allow-empty --fixup HEAD", "[message-fixup]");
        // Without an editor a comment is text, and Git says so by `GIT_EDITOR=:`.
        let commit = ["commit", "-q", "--allow-empty", "-m", "# fix: a"];
        assert!(!sandbox.command("git").args(commit).output().unwrap().status.success());
        // What Git writes itself passes: a revert, and merges, whatever they say.
        sandbox.write("a", "1");
        works(&sandbox, "add a");
        sandbox.ask_git(&["commit", "-qm", "fix: a thing"]);
        works(&sandbox, "revert --no-edit HEAD");
        works(&sandbox, "switch -q develop");
        works(&sandbox, "merge -q --no-ff feature/a -m Whatever");
        works(&sandbox, "commit -q --amend --no-edit");
        is_refused(&sandbox, "commit --allow-empty -m Merge", "[message-header]");
        works(&sandbox, "commit -q --allow-empty --no-verify -m Anything");
    });
}

#[test]
fn without_a_table_messages_are_not_looked_at_and_that_is_said() {
    on_both("", |sandbox| {
        check(&sandbox, "anything")
            .succeeds()
            .stderr_is("skipped messages: there is no `[flow.message]` in prodev.toml\n");
    });
}

#[test]
fn a_message_can_be_judged_outside_of_a_repository() {
    let sandbox = Sandbox::new().file("prodev.toml", "[flow.message]\n");
    check(&sandbox, "fix: a").succeeds();
    check(&sandbox, "a").exits(1);
}
