//! What the other keys of a recipe do.

use super::Says as _;
use crate::proof;
use crate::sandbox::Sandbox;
use crate::terminal::Terminal;

fn recipe(keys: &str) -> Sandbox {
    Sandbox::new().file("prodev.toml", &format!("[recipes.x]\n{keys}\n"))
}

#[test]
fn a_recipe_runs_in_its_directory_and_environment() {
    let sandbox = recipe("dir = 'sub/{{ d }}'\nparams = ['d']\nenv = { A = 'x{{ d }}', B = { from = 'OUTER' }, C = { from = 'NONE', default = 'c' } }\nrun = 'pwd; echo $A $B $C'")
        .file("sub/y/file", "")
        .env("OUTER", "outer");
    sandbox.run("run x y").succeeds().stdout_is("[DIR]/sub/y\nxy outer c\n");
    sandbox
        .run("run x nowhere")
        .exits(126)
        .says("error: `x` could not be started: there is no directory `[DIR]/sub/nowhere` after TIME\n  --> prodev.toml:5: pwd; echo $A $B $C\n");
}

#[test]
fn git_is_not_led_elsewhere() {
    recipe("run = 'echo ${GIT_DIR:-none} ${GIT_AUTHOR_NAME}'")
        .env("GIT_DIR", "/nowhere")
        .run("run x")
        .succeeds()
        .stdout_is("none Ada Lovelace\n");
}

#[test]
fn variables_are_found_out_once_and_only_where_they_are_used() {
    let sandbox = Sandbox::new().file(
        "prodev.toml",
        "[vars]\nsha = { run = 'echo x >>asked; echo abc' }\n[recipes.uses]\nrun = 'echo {{ sha }} $sha'\n[recipes.not]\nrun = 'echo ${sha:-unset}a; true'\n\
         [recipes.other]\nrun = 'echo other; true'\n",
    );
    sandbox.run("run other").succeeds();
    assert!(!sandbox.exists("asked"));
    sandbox.run("run --list").succeeds().changed_nothing();
    sandbox.run("--dry-run run uses").succeeds().changed_nothing();
    sandbox.run("run -j1 uses not").succeeds().stdout_is("abc abc\nabca\n");
    assert_eq!(sandbox.read("asked"), "x\n");
    let sandbox = Sandbox::new()
        .file("prodev.toml", "[vars]\nsha = { run = 'exit 3' }\n[recipes.x]\nrun = 'echo {{ sha }} >out'\n");
    sandbox.run("run x").exits(122);
}

#[test]
fn what_a_recipe_requires_must_be_there() {
    let sandbox =
        recipe("requires = { tools = { sh = '*', no-such-tool = '>=1' }, env = ['NOT_SET'] }\nrun = 'touch ran'");
    sandbox
        .run("run x")
        .fails(
            122,
            "error: 2 things that recipes need are missing\n  `x` needs `no-such-tool`, which is not on `PATH`\n  \
             `x` needs the environment variable `NOT_SET` (set it: `NOT_SET=… prodev run …`)\n",
        )
        .changed_nothing();
    let sandbox = recipe("requires = { tools = { git = '>=99' } }\nrun = 'touch ran'");
    sandbox.run("run x").exits(122).changed_nothing();
    recipe("requires = { tools = { git = '>=2' } }\nrun = 'true'").run("run x").succeeds();
}

#[test]
fn a_recipe_that_asks_is_not_run_unasked() {
    let sandbox = recipe("confirm = 'Really?'\nrun = 'touch ran'");
    sandbox
        .run("run x")
        .fails(121, "error: `x` asks: Really?\nhint: answer yes to all with `--yes`\n")
        .changed_nothing();
    sandbox.run("--yes run x").succeeds();
    assert!(sandbox.exists("ran"));
}

#[test]
fn a_recipe_is_tried_again() {
    let sandbox = recipe(
        "retry = { times = 3, delay = '1ms', backoff = 2, on = [9] }\nrun = 'echo >>tries; [ $(wc -l <tries) -ge 3 ] || exit 9'",
    );
    sandbox.run("run x").succeeds();
    assert_eq!(sandbox.read("tries").len(), 3);
    recipe("retry = { times = 3, on = [9] }\nrun = 'echo >>tries; exit 8'").run("run x").exits(8);
}

#[test]
fn steps_run_one_after_another() {
    let sandbox = recipe(
        "run = [['sh', '-c', 'echo 1'], { run = 'exit 4', ignore_errors = true }, { run = 'pwd; echo $A', dir = 'sub', env = { A = 'a' } }, { run = 'exit 6', name = 'the last' }]",
    )
    .file("sub/f", "");
    sandbox
        .run("run x")
        .exits(6)
        .stdout_is("1\n[DIR]/sub\na\n")
        .says("error: `x` failed with exit code 6 after TIME\n  --> prodev.toml:2: the last\n");
}

#[test]
fn the_line_that_failed_is_named_where_the_shell_tells_it() {
    if !proof::have("that bash tells its lines", &["bash"]) {
        return;
    }
    let script = "'''\necho a >&2\nf() {\n  no-such-program\n}\nf\n'''";
    let named = "\n  --> prodev.toml:6: no-such-program\n";
    for shell in ["bash", "sh"] {
        let sandbox = recipe(&format!("shell = '{shell}'\nrun = {script}")).env("PATH_", "");
        let run = sandbox.run("run --output prefix x").exits(127);
        assert!(run.stderr.ends_with(named), "{run}");
    }
    let sandbox = recipe("shell = 'bash'\nrun = '''\ntrue\nfalse\n'''");
    sandbox.run("run x").exits(1).says("error: `x` failed with exit code 1 after TIME\n  --> prodev.toml:5: false\n");
}

#[test]
fn finally_can_be_a_recipe() {
    let sandbox = Sandbox::new().file(
        "prodev.toml",
        "[recipes.x]\nparams = ['n']\nfinally = { recipe = 'end', with = { what = '{{ n }}' } }\nrun = 'exit 3'\n\
         [recipes.end]\nparams = ['what']\nneeds = ['before']\nrun = 'echo end {{ what }} >>log'\n[recipes.before]\nrun = 'echo before >>log'\n",
    );
    sandbox.run("run x 1").exits(3);
    assert_eq!(sandbox.read("log"), "before\nend 1\n");
}

#[test]
fn an_interactive_recipe_has_the_keys() {
    let sandbox = recipe(
        "interactive = true\nshell = 'bash'\nrun = '''\ntrap 'echo caught' INT\necho ready\nread -r line || true\nread -r line\necho \"got $line\"\n'''",
    );
    if !proof::have("that an interactive recipe has the keys", &["tmux", "bash"]) {
        return;
    }
    let script = format!("trap : INT; '{}' run x; printf '\\n[exit %s]\\n' \"$?\"; exec cat", crate::sandbox::PRODEV);
    let terminal = Terminal::start_program(&sandbox, &script);
    terminal.sees("ready").presses("C-c").sees("caught").types("psql").presses("Enter");
    terminal.types("again").presses("Enter").sees("got ").exits(0);
}

#[test]
fn ctrl_z_and_fg_work() {
    let sandbox = recipe("run = '''\necho ready\nwhile [ ! -e go ]; do sleep 0.05; done\necho went on\n'''");
    if !proof::have("that Ctrl-Z works", &["tmux", "bash"]) {
        return;
    }
    let start = "PS1='$ ' exec bash --norc --noprofile -i";
    let terminal = Terminal::start_program(&sandbox, start);
    terminal
        .types(&format!("'{}' run x", crate::sandbox::PRODEV))
        .presses("Enter")
        .sees("\nready")
        .presses("C-z")
        .sees("Stopped");
    terminal.types("touch go; sleep 0.3; echo sti''ll; fg").presses("Enter").sees("still").sees("went on");
    terminal.types("echo code''=$?").presses("Enter").sees("code=0");
}

/// A command line in a terminal whose processes can be found again, and its code at the end.
fn typed(sandbox: &Sandbox, words: &str) -> String {
    let prodev = crate::sandbox::PRODEV;
    let tag = super::tree::tagged(sandbox);
    format!("trap : INT; {tag} '{prodev}' {words}; printf '\\n[exit %s]\\n' \"$?\"; exec cat")
}

#[test]
fn ctrl_c_at_a_terminal_ends_runs_within_runs() {
    let config =
        format!("{}[recipes.outer]\nrun = ['{}', 'run', 'all']\n", super::tree::CONFIG, crate::sandbox::PRODEV);
    let sandbox = Sandbox::new().file("prodev.toml", &config);
    if !proof::have("that Ctrl-C reaches runs within runs", &["tmux"]) {
        return;
    }
    let terminal = Terminal::start_program(&sandbox, &typed(&sandbox, "run outer"));
    super::tree::until("both run", || sandbox.exists("one.ready") && sandbox.exists("two.ready"));
    terminal.presses("C-c").exits(130);
    super::tree::nothing_is_left(&sandbox);
}

#[test]
fn a_terminal_that_is_closed_leaves_nothing() {
    let sandbox = Sandbox::new().file("prodev.toml", super::tree::CONFIG);
    if !proof::have("that a closed terminal leaves nothing", &["tmux"]) {
        return;
    }
    let terminal = Terminal::start_program(&sandbox, &typed(&sandbox, "run all"));
    super::tree::until("both run", || sandbox.exists("one.ready") && sandbox.exists("two.ready"));
    drop(terminal);
    super::tree::nothing_stays(&sandbox);
}

#[test]
fn what_was_stopped_and_went_on_can_be_ended() {
    let sandbox = Sandbox::new().file("prodev.toml", super::tree::CONFIG);
    if !proof::have("that Ctrl-C works behind Ctrl-Z", &["tmux", "bash"]) {
        return;
    }
    let start = format!("{} PS1='$ ' exec bash --norc --noprofile -i", super::tree::tagged(&sandbox));
    let terminal = Terminal::start_program(&sandbox, &start);
    terminal.types(&format!("'{}' run --output stream all", crate::sandbox::PRODEV)).presses("Enter");
    super::tree::until("both run", || sandbox.exists("one.ready") && sandbox.exists("two.ready"));
    // The shell tells again what it brings back.
    terminal.presses("C-z").sees("Stopped").types("fg").presses("Enter").sees("\n'").presses("C-c");
    terminal.types("echo code''=$?").presses("Enter").sees("code=130");
    // The shell itself is what is left.
    let left = || super::tree::survivors(&sandbox).into_iter().filter(|line| !line.contains("bash --norc")).count();
    super::tree::until("nothing is left", || left() == 0);
}

/// As psql is: Ctrl-C ends its line, and not the program.
#[test]
fn a_reader_of_lines_has_the_terminal() {
    let sandbox = recipe("interactive = true\nrun = ['python3', '-q', '-i', '-c', 'print(\"ready\")']");
    if !proof::have("that a reader of lines has the terminal", &["tmux", "python3"]) {
        return;
    }
    let terminal = Terminal::start_program(&sandbox, &typed(&sandbox, "run x"));
    terminal.sees("ready").presses("C-c").sees("KeyboardInterrupt");
    terminal.types("print(6 * 7)").presses("Enter").sees("42").presses("C-d").exits(0);
    super::tree::nothing_is_left(&sandbox);
}

#[test]
fn ctrl_c_at_a_terminal_ends_the_run() {
    let sandbox = Sandbox::new().file("prodev.toml", super::tree::CONFIG);
    if !proof::have("that Ctrl-C works", &["tmux"]) {
        return;
    }
    let script = typed(&sandbox, "run all");
    let terminal = Terminal::start_program(&sandbox, &script);
    super::tree::until("both run", || sandbox.exists("one.ready") && sandbox.exists("two.ready"));
    terminal.presses("C-c").exits(130);
    super::tree::nothing_is_left(&sandbox);
}
