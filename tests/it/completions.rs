//! What shells, manuals and help know of the commands: all of it comes from the binary, and all of it is true.

use std::fs;
use std::path::Path;

use crate::proof;
use crate::sandbox::{PRODEV, Sandbox};
use crate::terminal::Terminal;

const SCRIPTS: [(&str, &str); 5] = [
    ("bash", "prodev.bash"),
    ("zsh", "_prodev"),
    ("fish", "prodev.fish"),
    ("powershell", "_prodev.ps1"),
    ("elvish", "prodev.elv"),
];

/// All commands, as the words after `prodev`, found by reading help as a person would.
fn commands() -> Vec<String> {
    let sandbox = Sandbox::new();
    let mut found = Vec::new();
    let mut open = vec![String::new()];
    while let Some(command) = open.pop() {
        let help = help(&sandbox, &command);
        let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
        let names = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        let names = names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
        let inner: Vec<String> = names.map(|name| format!("{command} {name}").trim().to_owned()).collect();
        found.extend(inner.iter().cloned());
        open.extend(inner);
    }
    found.sort();
    found
}

/// The commands that have no commands below them.
pub(crate) fn leaves() -> Vec<String> {
    let all = commands();
    all.iter().filter(|one| !all.iter().any(|other| other.starts_with(&format!("{one} ")))).cloned().collect()
}

#[track_caller]
fn help(sandbox: &Sandbox, command: &str) -> String {
    sandbox.run(&format!("{command} --help")).succeeds().stderr_is("").stdout
}

/// What the binary answers to a shell that completes the last word; options only where that word starts with a dash.
fn completes(words: &[&str]) -> Vec<String> {
    completes_in(&Sandbox::new(), words)
}

/// The same where files lie around.
fn completes_in(sandbox: &Sandbox, words: &[&str]) -> Vec<String> {
    let mut command = sandbox.command(PRODEV);
    command.env("COMPLETE", "fish").args(["--", "prodev"]).args(words);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer = String::from_utf8(output.stdout).unwrap();
    let values = answer.lines().map(|line| line.split('\t').next().unwrap_or_default());
    let options_too = words.last().is_some_and(|word| word.starts_with('-'));
    values.filter(|value| options_too || !value.starts_with('-')).map(ToOwned::to_owned).collect()
}

#[test]
fn the_scripts_are_fresh() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    for (shell, file) in SCRIPTS {
        let script = Sandbox::new().run(&format!("completions {shell}")).succeeds().stderr_is("").stdout;
        let path = folder.join(file);
        if std::env::var_os("PRODEV_BLESS").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, &script).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == script, "completions/{file} is stale: run `PRODEV_BLESS=1 cargo test --test it completions`");
    }
}

#[test]
fn bash_completes_with_the_script() {
    if !proof::have("that bash completes", &["bash"]) {
        return;
    }
    let sandbox = Sandbox::new();
    let folder = Path::new(PRODEV).parent().unwrap().display();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/completions/prodev.bash");
    let session = format!(
        r#"PATH="{folder}:$PATH"; source "{script}"
           COMP_WORDS=(prodev completions e); COMP_CWORD=2; COMP_TYPE=9
           "$(complete -p prodev | sed 's/.*-F \([^ ]*\).*/\1/')" prodev e completions
           printf '<%s>' "${{COMPREPLY[@]}}""#
    );
    let output = sandbox.command("bash").args(["--norc", "--noprofile", "-c", &session]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(String::from_utf8_lossy(&output.stdout).replace(' ', ""), "<elvish>");
}

#[test]
fn fish_completes_with_the_script() {
    if !proof::have("that fish completes", &["fish"]) {
        return;
    }
    let sandbox = Sandbox::new();
    let folder = Path::new(PRODEV).parent().unwrap().display();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/completions/prodev.fish");
    let session = format!("set PATH '{folder}' $PATH; source '{script}'; complete -C 'prodev completions elv'");
    let output = sandbox.command("fish").args(["--no-config", "-c", &session]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "elvish");
}

#[test]
fn commands_and_their_values_are_completed() {
    assert_eq!(completes(&["completions", ""]), ["bash", "zsh", "fish", "powershell", "elvish"]);
    assert_eq!(completes(&["completions", "--js"]), ["--json"]);
    let listed = completes(&[""]);
    for command in commands().iter().filter(|command| !command.contains(' ') && *command != "man") {
        assert!(listed.contains(command), "`prodev <TAB>` does not offer `{command}`: {listed:?}");
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let sandbox = Sandbox::new();
    for command in commands() {
        let page = sandbox.run(&format!("man {command}")).succeeds().stderr_is("").stdout;
        let name = format!("prodev-{}", command.replace(' ', "-"));
        assert!(page.contains(&format!(".TH {name} 1")), "the page of `{command}` has another name:\n{page}");
        assert!(page.contains(".SH SYNOPSIS"), "the page of `{command}` has no synopsis:\n{page}");
    }
}

#[test]
fn every_command_has_examples_that_exist() {
    let sandbox = Sandbox::new();
    let commands = commands();
    for command in &commands {
        let text = help(&sandbox, command);
        let examples: Vec<&str> = text.lines().skip_while(|line| *line != "Examples:").skip(1).collect();
        if text.contains("\nCommands:\n") && examples.is_empty() {
            continue; // A group of commands: its members have them.
        }
        assert!(!examples.is_empty(), "`prodev {command} --help` has no `Examples:` (`after_help`)");
        for example in examples.iter().filter_map(|line| line.trim().strip_prefix("prodev ")) {
            let words =
                example.split_whitespace().take_while(|word| !matches!(*word, ">" | ">>" | "|" | "&&" | "#" | "--"));
            for flag in words.filter(|word| word.starts_with("--")) {
                let flag = flag.split('=').next().unwrap_or_default();
                assert!(
                    text.contains(flag),
                    "the example `prodev {example}` uses `{flag}`, which `{command}` does not have"
                );
            }
        }
        let named = format!("prodev {command}");
        assert!(text.contains(&format!("\n  {named}")), "no example in `{named} --help` starts with `{named}`");
    }
}

#[test]
fn a_command_is_listed_as_it_describes_itself() {
    let sandbox = Sandbox::new();
    let list = sandbox.run("--help").succeeds().stdout;
    for command in commands().iter().filter(|command| !command.contains(' ')) {
        let text = help(&sandbox, command);
        let first = text.lines().next().unwrap_or_default();
        assert!(
            list.contains(&format!("  {command:<11}  {first}\n")),
            "`prodev --help` has `{command}` otherwise than\n{first}"
        );
    }
}

#[test]
fn an_unknown_command_has_no_manual_page() {
    Sandbox::new()
        .run("man completions nothing")
        .fails(2, "error: `prodev completions` has no command `nothing`\nhint: see `prodev help`\n")
        .changed_nothing();
}

#[test]
fn zsh_completes_at_the_first_press() {
    let sandbox = Sandbox::new();
    if !proof::have("that zsh completes", &["zsh", "tmux"]) {
        return;
    }
    let folder = Path::new(PRODEV).parent().unwrap().display();
    let scripts = concat!(env!("CARGO_MANIFEST_DIR"), "/completions");
    let start =
        format!("PATH='{folder}':$PATH; fpath=('{scripts}' $fpath); autoload -U compinit; compinit -u; print ready");
    let terminal = Terminal::start_program(&sandbox, "zsh -f -i");
    terminal.types(&start).presses("Enter").sees("\nready");
    terminal.types("prodev completions elv").presses("Tab").sees("completions elvish");
}

const TEMPLATE: &str = "[template]\nname = 't'\nversion = '1.0.0'\n[questions.name]\n[questions.database]\ntype = 'choice'\n\
                        choices = ['sqlite', { value = 'postgres' }]\n[questions.debug]\ntype = 'bool'\n\
                        [components.cache]\n[components.celery]\n[presets]\nfull = ['cache', 'celery']\n";

#[test]
fn what_a_template_has_is_completed() {
    let sandbox = Sandbox::new()
        .file("t/template.toml", TEMPLATE)
        .file("../home/.config/prodev/config.toml", "[templates]\nmine = '~/t'\nours = '~/{}'\n");
    for (words, expected) in [
        (&["new", "r"][..], &["rust-cli"][..]),
        (&["new", "m"], &["mine"]),
        (&["template", "show", "p"], &["python-cli", "python-pipeline"]),
        (&["new", "rust-cli", "x", "--with", "m"], &["man"]),
        (&["new", "./t", "x", "--with", ""], &["cache", "celery"]),
        (&["new", "./t", "x", "--with", "cache,"], &["cache,cache", "cache,celery"]),
        (&["new", "./t", "x", "--without", "ce"], &["celery"]),
        (&["new", "--no-git", "./t", "x", "--preset", ""], &["full"]),
        (&["new", "./t", "x", "--set", ""], &["name=", "database=", "debug="]),
        (&["new", "./t", "x", "--set", "database="], &["database=sqlite", "database=postgres"]),
        (&["new", "./t", "x", "--set", "debug=t"], &["debug=true"]),
        (&["new", "./nothing", "x", "--with", ""], &[]),
        (&["new", "--with", ""], &[]),
    ] {
        assert_eq!(completes_in(&sandbox, words), expected, "{words:?}");
    }
}

#[test]
fn bash_completes_what_a_template_has() {
    if !proof::have("that bash completes components", &["bash"]) {
        return;
    }
    let sandbox = Sandbox::new().file("t/template.toml", TEMPLATE);
    let folder = Path::new(PRODEV).parent().unwrap().display();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/completions/prodev.bash");
    let session = format!(
        r#"PATH="{folder}:$PATH"; source "{script}"
           COMP_WORDS=(prodev new ./t x --with c); COMP_CWORD=5; COMP_TYPE=9
           "$(complete -p prodev | sed 's/.*-F \([^ ]*\).*/\1/')" prodev c --with
           printf '<%s>' "${{COMPREPLY[@]}}""#
    );
    let output = sandbox.command("bash").args(["--norc", "--noprofile", "-c", &session]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(String::from_utf8_lossy(&output.stdout).replace(' ', ""), "<cache><celery>");
}
