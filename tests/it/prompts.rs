//! Questions in a real terminal: each kind once, what is wrong with an answer, how to leave, and what stays on the screen.

use std::os::unix::fs::PermissionsExt as _;

use crate::draft::draft;
use crate::proof;
use crate::sandbox::{PRODEV, Sandbox};
use crate::terminal::Terminal;

/// What the screen shows, without its empty lines and the exit code.
fn shown(terminal: &Terminal) -> Vec<String> {
    let screen = terminal.screen();
    screen.lines().filter(|line| !line.is_empty() && !line.starts_with("[exit ")).map(ToOwned::to_owned).collect()
}

/// A template with one question, and prodev asking it.
fn asking(sandbox: &Sandbox) -> Option<Terminal<'_>> {
    Terminal::start(sandbox, "new t p --no-git")
}

#[test]
fn without_arguments_everything_is_asked() {
    let sandbox = Sandbox::new();
    let Some(terminal) = Terminal::start(&sandbox, "new --no-git") else { return };
    terminal.sees("? Template (type to search) ›").sees("❯ django-api       A Django");
    terminal.types("rust-c").sees("❯ rust-cli").presses("Enter");
    terminal.sees("? Folder of the project (such as my-project) ›").presses("Enter").sees("✘ a folder is needed");
    terminal.types("tool").presses("Enter").sees("? Components");
    terminal.sees("  What the project has beside `core`.\n? Components (arrows, space selects, enter ends) ›\n❯ [ ] completions  Shell completions\n  [ ] man          Man pages\n  [x] ci-github    GitHub Actions\n");
    terminal.presses("Space").sees("❯ [x] completions").presses("Enter");
    terminal.sees("? Project name (tool) ›").presses("Enter").sees("? Crate (tool) ›").presses("Enter");
    terminal.sees("? Description (A command-line program) ›").types("Counts").presses("Enter");
    terminal.sees("? Author (empty) ›").presses("Enter").sees("? License").presses("Down").sees("❯ MIT\n");
    terminal.presses("Enter").exits(0);
    assert_eq!(
        shown(&terminal)[..8],
        [
            "✔ Template · rust-cli",
            "✔ Folder of the project · tool",
            "✔ Components · completions, ci-github",
            "✔ Project name · tool",
            "✔ Crate · tool",
            "✔ Description · Counts",
            "✔ Author · (empty)",
            "✔ License · MIT",
        ]
    );
    assert!(sandbox.exists("tool/src/commands/completions.rs"));
    assert!(!sandbox.exists("tool/.git"));
}

const KINDS: &str = r#"
[messages]
before = "Welcome to {{ template.name }} in {{ dir_name }}"
after = "cd {{ dir_name }}"
[questions.name]
prompt = "Project name"
help = "As people write it."
placeholder = "My {{ template.name }}"
pattern = "[A-Z].*"
[questions.about]
type = "text"
prompt = "About {{ name }}"
[questions.port]
type = "int"
max = 65535
default = 8000
[questions.debug]
type = "bool"
[questions.database]
type = "choice"
choices = ["sqlite", { value = "postgres", label = "PostgreSQL" }, { value = "oracle", disabled = "'too dear'" }]
[questions.features]
type = "multi"
choices = ["a", "b", "c"]
default = ["b"]
min = 2
[questions.letter]
type = "choice"
choices = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota"]
[questions.tags]
type = "multi"
[questions.data]
type = "json"
default = ["x"]
[questions.password]
type = "secret"
min = 8
[[files]]
match = ".env"
once = true
"#;

#[test]
fn every_kind_of_question_is_asked_in_its_own_way() {
    let out = "{{ name }}|{{ about }}|{{ port }}|{{ debug }}|{{ database }}|{{ features }}|{{ letter }}|{{ tags }}|{{ data }}";
    let sandbox = draft(KINDS)
        .file("t/files/out.jinja", out)
        .file("t/files/.env.jinja", "{{ password }}")
        .file("editor", "#!/bin/sh\nprintf 'two\\nlines\\n\\n' > \"$1\"\n");
    std::fs::set_permissions(sandbox.path("editor"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let sandbox = sandbox.env("EDITOR", "./editor");
    let Some(terminal) = asking(&sandbox) else { return };
    terminal.sees("Welcome to t in p\n  As people write it.\n? Project name (such as My t) ›").presses("Enter");
    terminal.sees("✘ an answer is needed").types("shop").presses("Enter");
    terminal.sees(
        "  As people write it.\n✘ `shop` does not match the pattern `[A-Z].*`\n? Project name (such as My t) › shop",
    );
    for _ in 0..4 {
        terminal.presses("BSpace");
    }
    terminal.types("Shop").presses("Enter");
    terminal.sees("✔ Project name · Shop\n? About Shop (enter opens ./editor; or type one line) ›").presses("Enter");
    terminal.sees("✔ About Shop · 2 lines\n? port (8000) ›").types("70000").presses("Enter");
    terminal.sees("✘ `70000` is too high: at most 65535").presses("BSpace").presses("Enter");
    terminal.sees("✔ port · 7000\n? debug (y/n) ›").types("y");
    terminal.sees("✔ debug · yes\n? database (arrows and enter) ›\n❯ sqlite\n  PostgreSQL\n  oracle      (not available: too dear)\n");
    terminal.presses("Up").sees("❯ oracle").presses("Enter").sees("✘ this choice is not available: too dear");
    terminal.presses("Up").sees("❯ PostgreSQL").presses("Enter");
    terminal.sees("? features (arrows, space selects, enter ends) ›\n❯ [ ] a\n  [x] b\n  [ ] c\n").presses("Enter");
    terminal.sees("✘ choose at least 2").presses("Space").sees("❯ [x] a").presses("Enter");
    terminal.sees("✔ features · a, b\n? letter (type to search) ›").types("zt").sees("❯ zeta").presses("Enter");
    terminal.sees("? tags (separated by commas) ›").types("one, two").presses("Enter");
    terminal.sees("? data ([\"x\"]) ›").presses("Enter");
    terminal.sees("? password (hidden) ›").types("short").presses("Enter");
    terminal.sees("✘ the secret is too short: at least 8 characters").types("open sesamee").presses("BSpace");
    terminal.presses("Enter").exits(0);
    assert_eq!(
        shown(&terminal),
        [
            "Welcome to t in p",
            "✔ Project name · Shop",
            "✔ About Shop · 2 lines",
            "✔ port · 7000",
            "✔ debug · yes",
            "✔ database · PostgreSQL",
            "✔ features · a, b",
            "✔ letter · zeta",
            "✔ tags · one, two",
            "✔ data · [\"x\"]",
            "✔ password · ********",
            "created `p`: 2 files from t 1.0.0",
            "cd p",
        ]
    );
    assert_eq!(sandbox.read("p/out"), "Shop|two\nlines|7000|True|postgres|['a', 'b']|zeta|['one', 'two']|['x']");
    assert_eq!(sandbox.read("p/.env"), "open sesame");
}

#[test]
fn an_interrupted_question_leaves_nothing() {
    for (question, waits_for) in [
        ("", "? x ›"),
        ("type = 'text'", "? x (enter opens vi"),
        ("type = 'bool'", "? x (y/n)"),
        ("type = 'choice'\nchoices = ['a', 'b']", "❯ a"),
        ("type = 'multi'\nchoices = ['a', 'b']", "❯ [ ] a"),
        ("type = 'choice'\nchoices = [1, 2, 3, 4, 5, 6, 7, 8, 9]", "❯ 1"),
        ("type = 'secret'", "? x (hidden)"),
    ] {
        let sandbox = draft(&format!("[questions.x]\n{question}\n"));
        let Some(terminal) = asking(&sandbox) else { return };
        terminal.sees(waits_for).presses("C-c").exits(130);
        assert!(terminal.shows_its_cursor(), "no cursor after Ctrl-C at: {question}");
        assert!(!terminal.screen().contains("error"), "{}", terminal.screen());
        assert_eq!(sandbox.list(), ["t/template.toml"], "after Ctrl-C at: {question}");
        // The terminal is as it was: what is typed is shown again, once by the terminal and once by `cat`.
        terminal.types("typed").presses("Enter").sees("typed\ntyped");
    }
}

#[test]
fn an_editor_that_does_not_work_is_no_dead_end() {
    let sandbox =
        draft("[questions.x]\ntype = 'text'\n").file("t/files/out.jinja", "{{ x }}").env("EDITOR", "./nothing");
    let Some(terminal) = asking(&sandbox) else { return };
    terminal.sees("? x (enter opens ./nothing; or type one line) ›").presses("Enter");
    terminal.sees("✘ `./nothing` did not work").types("a line").presses("Enter").exits(0);
    assert_eq!(sandbox.read("p/out"), "a line");
}

#[test]
fn nobody_is_asked_where_that_is_not_wanted() {
    for (variable, words) in [("CI", "new t p"), ("X", "--no-input new t p"), ("X", "new t p --defaults")] {
        let sandbox = draft("[questions.x]\n").env(variable, "1");
        let Some(terminal) = Terminal::start(&sandbox, words) else { return };
        terminal.sees("error: no answer for `x`").exits(2);
        assert!(!sandbox.exists("p"));
    }
}

#[test]
fn a_terminal_that_only_prints_is_asked_nothing() {
    if !proof::have("how prodev behaves in a terminal", &["tmux"]) {
        return;
    }
    let sandbox = draft("[questions.x]\n");
    let terminal =
        Terminal::start_program(&sandbox, &format!("TERM=dumb '{PRODEV}' new t p; echo \"[exit $?]\"; exec cat"));
    terminal.sees("error: no answer for `x`").exits(2);
    assert!(!terminal.styled_screen().contains('\u{1b}'), "{}", terminal.styled_screen());
    assert!(!sandbox.exists("p"));
}

#[test]
fn a_narrow_terminal_without_color_is_enough() {
    let about =
        "A description that is longer than the terminal is wide, so that it has to end somewhere before its end";
    let manifest = format!(
        "[components.first]\ntitle = '{about}'\n[components.second]\ntitle = 'short'\nrequires = ['first']\n\
         [questions.x]\nprompt = 'A question that goes on and on until it does not fit on one line with its answer'\n\
         help = '{about}'\ndefault = '{about}'\n"
    );
    let sandbox = draft(&manifest).file("t/files/out", "").env("NO_COLOR", "1");
    let Some(terminal) = Terminal::start_sized(&sandbox, "new t p --no-git", (60, 20)) else { return };
    terminal.sees("❯ [ ] first   A description that is longer than the term…\n  [ ] second  short (with first)\n");
    terminal.presses("Enter").sees("? A question");
    assert_eq!(
        shown(&terminal),
        [
            "✔ Components · none",
            "  A description that is longer than the terminal is wide,",
            "  so that it has to end somewhere before its end",
            "  A question that goes on and on until it does not fit on",
            "  one line with its answer",
            "? A question that goes on and o… (A descripti…) ›",
        ]
    );
    terminal.presses("Enter").exits(0);
    assert_eq!(shown(&terminal)[1], "✔ A question that goes on and o… · A description that is l…");
    assert!(!terminal.styled_screen().contains('\u{1b}'), "{}", terminal.styled_screen());
}

#[test]
fn the_greeting_comes_before_the_first_question() {
    let manifest =
        "[messages]\nbefore = 'Welcome to {{ dir }}: {{ components.rest }}'\n[components.rest]\ndefault = true\n";
    let sandbox = draft(manifest).file("t/files/out", "");
    let Some(terminal) = asking(&sandbox) else { return };
    terminal.sees("Welcome to p: True\n? Components").presses("Enter").exits(0);
}

#[test]
fn what_would_be_replaced_can_be_seen_before_it_is_decided() {
    let sandbox =
        draft("").file("t/files/a.txt", "one\ntheirs\n").file("t/files/b.txt", "b\n").file("p/a.txt", "one\nmine\n");
    sandbox.write("p/b.txt", "other\n");
    let Some(terminal) = Terminal::start(&sandbox, "new t p --no-git --overwrite ask") else { return };
    terminal.sees("? a.txt is there and differs").presses("Up").sees("❯ show the difference").presses("Enter");
    terminal.sees("-mine\n+theirs\n").sees("? a.txt is there and differs").presses("Enter");
    terminal.sees("? b.txt is there and differs").presses("Down").presses("Enter").exits(0);
    assert_eq!([sandbox.read("p/a.txt"), sandbox.read("p/b.txt")], ["one\nmine\n", "b\n"]);
}
