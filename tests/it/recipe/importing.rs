//! `prodev init --import` where a reader could be too clever: what only the other runner can tell is left to it, and said once.

use super::imports::{imported, recipes, same};
use crate::proof;
use crate::sandbox::Sandbox;

#[test]
fn what_make_works_out_it_works_out_as_if_it_were_called_by_itself() {
    // What each says of `u`, and what of that is left to make.
    let cases = [
        ("ifndef F\nF = five\nelse\nF = six\nendif\nu:\n\t@echo \"[$(F)]\"\n", "the variable `F`"),
        ("ifndef A\nA = 1\nu:\n\t@echo one\nelse\nu:\n\t@echo other\nendif\n", "the variable `A`"),
        ("ifeq ($(E),)\nE = none\nelse ifeq ($(E),x)\nE = y\nendif\nu:\n\t@echo $(E)\n", "the variable `E`"),
        ("FOO ?= bar\nu:\n\t@echo $(origin FOO)\n", "`u` calls make"),
        ("FOO = bar\nu:\n\t@echo $(words a b) $${FOO-none}\n", "`u` calls make"),
        ("X = a\nifndef X\nX = b\nendif\nu:\n\t@echo \"$(X)\"\n", "the variable `X`"),
        ("X = a\nX ?= b\nu:\n\t@echo \"$(X)\"\n", "the variable `X`"),
        ("X = a\nY := $(X)\nX = b\nu:\n\t@echo $(Y) $(X)\n", "the variable `Y`"),
        ("ifndef X\nX := $(Y)1\nendif\nY=2\nu:\n\t@echo \"$(X)\"\n", "the variable `X`"),
        ("ifeq ($(origin X),undefined)\nX := $(Y)1\nendif\nY=2\nu:\n\t@echo \"$(X)\"\n", "the variable `X`"),
        ("X = $(Y)1\nY = $(Z)2\nu:\n\t@echo \"$(X)\"\n", "the variable `X`"),
        ("ifndef X\nX = b\nendif\nu:\n\t@echo \"[$(X)]\"\n", "the variable `X`"),
        ("X ?= $(HOME)/x\nu:\n\t@echo \"$(X)\"\n", "the variable `X`"),
        ("CC ?= tcc\nu:\n\t@echo \"$(CC)\"\n", "the variable `CC`"),
        ("u:\n\t@echo a\nifeq ($(origin X),undefined)\n\t@echo b\nendif\n", "`u` calls make"),
    ];
    let may = proof::have("what make works out is the same", &["make"]);
    for (text, left) in cases {
        let sandbox = imported("Makefile", text);
        let recipes = recipes(&sandbox);
        let said: Vec<&str> = recipes.lines().filter(|line| line.starts_with(&format!("# - {left}"))).collect();
        assert_eq!(said.len(), 1, "{text}\n{recipes}");
        if may {
            same(&sandbox, &["make", "-s"], &[&["u"]], false);
            let sandbox = ["A", "E", "F", "FOO", "X"].iter().fold(sandbox, |sandbox, name| sandbox.env(name, ""));
            same(&sandbox, &["make", "-s"], &[&["u"]], false);
            let sandbox = ["A", "E", "F", "FOO", "X"].iter().fold(sandbox, |sandbox, name| sandbox.env(name, "x"));
            same(&sandbox, &["make", "-s"], &[&["u"]], false);
        }
    }
}

#[test]
fn the_name_of_the_system_is_what_the_makefile_says_where_it_does() {
    let sandbox = imported("Makefile", "OS = Windows_NT\nifeq ($(OS),Windows_NT)\nu:\n\t@echo windows\nendif\n");
    let text = recipes(&sandbox);
    assert!(text.ends_with("# Not carried over:\n# - `u` calls make: it hangs on a condition (line 3)\n"), "{text}");
}

#[test]
fn taskfiles_that_include_themselves_are_said_once() {
    let text = "version: '3'\nincludes: {a: ., b: ., c: ., d: other.yml, e: {taskfile: good.yml, aliases: [f, g]}}\ntasks: {x: echo x}\n";
    let sandbox = Sandbox::new()
        .file("other.yml", "version: '3'\nincludes: {back: Taskfile.yml}\ntasks: {lost: echo lost}\n")
        .file("good.yml", "version: '3'\nincludes: {in: {taskfile: inner.yml, aliases: [i]}}\ntasks: {t: {aliases: [u], cmds: [echo t]}, default: echo d, 'w-*': echo w}\n")
        .file("inner.yml", "version: '3'\ntasks: {deep: echo deep}\n")
        .file("Taskfile.yml", text);
    sandbox.run("init --import Taskfile.yml").succeeds();
    let text = recipes(&sandbox);
    assert!(!text.contains("lost") && !text.contains("recipes.\"a:"), "{text}");
    let expected = [
        "alias = [\"e:u\", \"f:t\", \"f:u\", \"g:t\", \"g:u\"]\n",
        "alias = [\"f:default\", \"g:default\", \"e\", \"f\", \"g\"]\n",
        "# Not carried over:\n# - `a:` of `includes:`: `.` includes itself, which task refuses\n",
    ];
    for part in expected {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert_eq!(text.matches("includes itself").count(), 1, "{text}");
    assert_eq!(text.matches("# - `e:w-*`").count(), 1, "{text}");
    if proof::may("aliases of what Taskfiles include do the same", &["task"]) {
        sandbox.write("Taskfile.yml", sandbox.read("Taskfile.yml").replace("a: ., b: ., c: ., d: other.yml, ", ""));
        let calls: [&[&str]; 8] =
            [&["e:t"], &["e:u"], &["f:t"], &["g:u"], &["e"], &["f"], &["f:i:deep"], &["e:in:deep"]];
        same(&sandbox, &["task", "--silent"], &calls, false);
    }
}

#[test]
fn what_taskfiles_include_has_an_end() {
    let mut sandbox = Sandbox::new();
    for level in 0..20 {
        let next = level + 1;
        let name = if level == 0 { "Taskfile.yml".to_owned() } else { format!("t{level}.yml") };
        let text = format!("version: '3'\nincludes: {{a: t{next}.yml, b: t{next}.yml}}\ntasks: {{x: echo x}}\n");
        sandbox = sandbox.file(&name, &text);
    }
    let sandbox = sandbox.file("t20.yml", "version: '3'\n");
    sandbox.run("init --import Taskfile.yml").succeeds();
    let text = recipes(&sandbox);
    let said = "# - `includes:`: there are more than 200 files, and those that follow are left out (line 2)\n";
    assert_eq!(text.matches(said).count(), 1, "{text}");
}

#[test]
fn what_just_says_of_a_broken_file_is_told() {
    if !proof::may("what just says of a broken file is told", &["just"]) {
        return;
    }
    let sandbox = Sandbox::new().file("justfile", "mod bad\na:\n  echo a\n").file("bad.just", "c:\n  echo {{nope}}\n");
    let run = sandbox.run("init --import justfile").exits(2).changed_nothing();
    assert!(run.stderr.starts_with("error: `just` failed\n  caused by: error: variable `nope` not defined\n"), "{run}");
    assert!(run.stderr.ends_with("\nhint: mend the file first\n"), "{run}");
}
