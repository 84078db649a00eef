//! `prodev init --import`: recipes of other runners. What they are called with there and here prints the same and ends alike.

use crate::proof;
use crate::sandbox::Sandbox;

/// A project with the file of another runner, imported.
pub(super) fn imported(file: &str, text: &str) -> Sandbox {
    let sandbox = Sandbox::new().file(file, text);
    sandbox.honest(&format!("init --import {file}"));
    // References are looked at when recipes are.
    sandbox.run("run --list").succeeds();
    sandbox
}

/// The part of prodev.toml that holds recipes.
pub(super) fn recipes(sandbox: &Sandbox) -> String {
    let text = sandbox.read("prodev.toml");
    let at = text.find("\n# Recipes, from").expect("there are recipes");
    text[at + 1..].to_owned()
}

/// Runs each call in the other runner and here. The codes of some runners only tell success from failure.
#[track_caller]
pub(super) fn same(sandbox: &Sandbox, runner: &[&str], calls: &[&[&str]], hands_on_codes: bool) {
    for call in calls {
        let (program, flags) = runner.split_first().expect("a runner has a name");
        let theirs = sandbox.tool(program).args(flags).args(*call).output().expect("the runner starts");
        let words: Vec<&str> = ["run"].into_iter().chain(call.iter().copied()).collect();
        let ours = sandbox.run_args(&words);
        let said = sandbox.normalise(&theirs.stdout);
        assert_eq!(ours.stdout, said, "{call:?}\n{ours}\n{}", String::from_utf8_lossy(&theirs.stderr));
        let (one, other) = (theirs.status.code().unwrap_or(-1), ours.code.unwrap_or(-1));
        assert!(one == other || (!hands_on_codes && (one == 0) == (other == 0)), "{call:?}: {one}, {other}\n{ours}");
    }
}

const MAKEFILE: &str = "NAME ?= world
FLAGS = -n -e
GREETING := hello $(NAME)
COUNT := $(shell echo 3)
.PHONY: all greet twice fail ignore env quotes
## Everything
all: greet twice
greet: ## Say hello
\t@echo \"$(GREETING)\" '$(NAME)' $(COUNT)
\t@cd / && pwd
\t@pwd | wc -l
twice: greet
\t@for i in a b; do \\
\t  echo $$i $(NAME); \\
\tdone
fail:
\t@exit 3
\t@echo never
ignore:
\t-@false
\t@echo after
env:
\t@echo \"[$(NOT_SET)]\" $(HOME)
flags:
\t@printf %s $(FLAGS) x; echo
out.txt: in.txt
\t@cat $< > $@ && echo made $@ from $^
%.o: %.c
\tcc $<
hard: $(wildcard *.txt)
\t@echo hard $(words a b)
";

#[test]
fn a_makefile_is_carried_over() {
    let sandbox = Sandbox::new().file("in.txt", "x\n").file("Makefile", MAKEFILE);
    let run = sandbox.run("init --import Makefile").succeeds();
    assert_eq!(
        run.stderr,
        "found Makefile\nimported 9 recipes from `Makefile`\n  not carried over: the rule for `%.o` (line 28)\n  \
         not carried over: `hard` calls make: what it needs is worked out by make (line 30)\n\
         wrote `prodev.toml`\n\nLook it through, then try\n  prodev config show\n"
    );
    let text = recipes(&sandbox);
    assert!(
        text.contains(
            "[vars]\nNAME = { env = \"NAME\", default = \"world\" }\nFLAGS = \"-n -e\"\nCOUNT = { run = \"echo 3\" }\n"
        ),
        "{text}"
    );
    let calls: [&[&str]; 9] =
        [&["greet"], &["twice"], &["all"], &["fail"], &["ignore"], &["env"], &["flags"], &["out.txt"], &["hard"]];
    if proof::have("a Makefile and its recipes do the same", &["make"]) {
        same(&sandbox, &["make", "-s"], &calls[..7], false);
        same(&sandbox, &["make", "-s"], &calls[8..], false);
        sandbox.run("run out.txt").succeeds().stdout_is("made out.txt from in.txt\n");
        assert_eq!(sandbox.read("out.txt"), "x\n");
    }
}

const JUSTFILE: &str = r#"version := "1.2"
flags := "-n -e"
sha := `echo abc`
full := version + "-" + sha
export LEVEL := "7"
alias t := test

# What runs first
default: lint (build "x" version)

# Lint all
[group('qa')]
lint:
    @echo "lint {{version}} $LEVEL"
    -@false
    @echo '{{full}}' && echo {{ full }}

test path="a b" *args: lint && after
    @echo {{path}} {{args}} '{{path}}' "{{path}}"
    @if true; then \
      echo yes; \
    fi
build a b="d":
    @echo {{a}}-{{b}} {{ if version == "1.2" { "one" } else { "two" } }} {{ uppercase(version) }}
after:
    @echo after {{ quote(version) }}
[private]
py name:
    #!/usr/bin/env sh
    echo "py {{name}}"
state:
    @cd / && pwd
    @X=1; echo "${X}"
    @exit 4
    @echo never
splits:
    @printf '%s\n' {{flags}} end
all +files:
    @echo "{{files}}"
odd:
    @echo {{ os() }}
"#;

#[test]
fn a_justfile_does_here_what_it_does_there() {
    if !proof::may("a justfile and its recipes do the same", &["just"]) {
        let sandbox = Sandbox::new().file("justfile", JUSTFILE);
        let run = sandbox.run("init --import justfile").exits(2).changed_nothing();
        assert!(run.stderr.ends_with("hint: justfiles are read through `just`, which has to be installed\n"), "{run}");
        return;
    }
    let sandbox = imported("justfile", JUSTFILE);
    let calls: [&[&str]; 11] = [
        &[],
        &["lint"],
        &["test"],
        &["test", "p"],
        &["test", "p", "q", "r"],
        &["t", "p"],
        &["build", "1", "2"],
        &["state"],
        &["splits"],
        &["all", "a", "b"],
        &["odd"],
    ];
    same(&sandbox, &["just"], &calls, true);
    let text = recipes(&sandbox);
    let expected = [
        "[vars]\nLEVEL = \"7\"\nflags = \"-n -e\"\nsha = { run = \"echo abc\" }\nversion = \"1.2\"\n",
        "[recipes.default]\ndoc = \"What runs first\"\nneeds = [\n    \"lint\",\n    { recipe = \"build\", with = { a = \"x\", b = \"{{ version }}\" } },\n]\nordered = true\n",
        "[recipes.all]\nrun = 'echo \"$*\"'\nparams = [\n    { name = \"files\", variadic = true, at_least = 1 },\n]\n",
        "run = [\"just\", \"odd\", \"{{ args }}\"]",
        "# Not carried over:\n# - `odd` calls just: the function `os` (line 40)\n",
    ];
    for part in expected {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

const TASKFILE: &str = r#"version: '3'
vars:
  NAME: world
  GREETING: 'hello {{.NAME}}'
  SHA: {sh: echo abc}
env:
  LEVEL: 7
tasks:
  default: {deps: [hello]}
  hello:
    desc: Say hello
    aliases: [h]
    cmds:
      - echo "{{.GREETING}}" '{{.SHA}}' {{.CLI_ARGS}}
      - cmd: "false"
        ignore_error: true
      - echo $LEVEL {{.UNKNOWN | default "none"}}
  short: echo short {{.NAME}}
  both:
    cmds:
      - task: hello
      - echo between
      - task: short
  given:
    vars: {OWN: mine}
    cmds: ['echo {{.WHAT | default "thing"}} {{.OWN}}']
  gives:
    deps: [{task: given, vars: {WHAT: other, OWN: lost}}]
  fails:
    cmds: ["exit 5", "echo never"]
  state: {cmds: ["cd / && pwd", "pwd | wc -l"]}
  loops:
    cmds: [{for: [a, b], cmd: "echo {{.ITEM}}"}]
"#;

#[test]
fn a_taskfile_does_here_what_it_does_there() {
    let sandbox = imported("Taskfile.yml", TASKFILE);
    let text = recipes(&sandbox);
    let expected = [
        "[vars]\nNAME = \"world\"\nSHA = { run = \"echo abc\" }\n",
        "[recipes.gives]\nneeds = [\n    { recipe = \"given\", with = { WHAT = \"other\", OWN = \"lost\" } },\n]\nenv = { LEVEL = \"7\" }\n",
        "[recipes.loops]\nrun = [\"task\", \"loops\", \"{{ args }}\"]",
        "# Not carried over:\n# - `loops` calls task: `for:` of a command (line 32)\n",
    ];
    for part in expected {
        assert!(text.contains(part), "{part}\n{text}");
    }
    if proof::may("a Taskfile and its recipes do the same", &["task"]) {
        let calls: [&[&str]; 9] =
            [&[], &["hello"], &["h"], &["short"], &["both"], &["given"], &["gives"], &["fails"], &["state"]];
        same(&sandbox, &["task", "--silent", "--exit-code"], &calls, true);
    }
}

#[test]
fn what_the_shell_of_task_reads_otherwise_is_left_to_it() {
    let text = r#"version: '3'
env: {LEVEL: 7}
tasks:
  swallowed: ["false; echo SWALLOWED"]
  text: echo $LEVEL
  list: ["echo $LEVEL", "echo [$NOT_SET]"]
  loop: for i in {1..3}; do echo $i; done
  test: '[[ a == a ]] && echo same'
  part: 'X=abcdef; echo ${X:0:2}'
  fed: cat <(echo a)
  tab: echo -e 'a\tb'
"#;
    let sandbox = imported("Taskfile.yml", text);
    let reasons: Vec<String> = [("loop", 7), ("test", 8), ("part", 9), ("fed", 10), ("tab", 11)]
        .iter()
        .map(|(name, line)| {
            format!("# - `{name}` calls task: `sh` reads it otherwise than the shell of task (line {line})\n")
        })
        .collect();
    let text = recipes(&sandbox);
    assert!(text.contains(&reasons.concat()), "{text}");
    let run = sandbox.run("run swallowed").exits(1);
    assert!(!run.stdout.contains("SWALLOWED"), "{run}");
    sandbox.run("run text").succeeds().stdout_is("7\n");
    sandbox.run("run list").succeeds().stdout_is("7\n[]\n");
    if proof::may("tasks in the words of bash do the same", &["task"]) {
        let calls: [&[&str]; 8] =
            [&["swallowed"], &["text"], &["list"], &["loop"], &["test"], &["part"], &["fed"], &["tab"]];
        same(&sandbox, &["task", "--silent"], &calls, false);
    }
}

#[test]
fn what_is_given_by_place_is_left_to_the_runner() {
    let sandbox = imported("package.json", r#"{"scripts": {"a b": "echo", "put": "f() { echo \"[$1]\"; }; f"}}"#);
    let text = recipes(&sandbox);
    let expected = [
        "[recipes.put]\nrun = [\"npm\", \"run\", \"put\", \"--\", \"{{ args }}\"]\n",
        "# - `put` calls npm: it speaks of what is given to its shell by place, as `$1` (line 1)\n",
        "# - `a b`: write it with letters, digits, `_`, `-`, `.` and `:` alone (line 1)\n",
    ];
    for part in expected {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let sandbox = imported("mise.toml", "[tasks]\nx = 'echo $#'\ny = \"awk '{ print $1 }' file\"\n");
    let text = recipes(&sandbox);
    assert!(
        text.contains("# - `x` calls mise: it speaks of what is given to its shell by place, as `$1` (line 2)\n"),
        "{text}"
    );
    assert!(!text.contains("`y` calls"), "{text}");
}

#[test]
fn comments_in_the_variables_of_a_makefile_are_those_of_make() {
    let text = "E = a \\# b\nF = a# b\nG = x # y\n.PHONY: e f\ne:\n\t@echo $(E)\nf:\n\t@echo $(F) $(G)\n";
    let sandbox = imported("Makefile", text);
    assert!(
        recipes(&sandbox).contains("# - `e` calls make: `E`: make works it out (line 5)\n"),
        "{}",
        recipes(&sandbox)
    );
    if proof::may("a Makefile with comments does the same", &["make"]) {
        same(&sandbox, &["make", "-s"], &[&["e"], &["f"]], false);
    }
}

#[test]
fn scripts_of_a_package_are_carried_over() {
    let text = r#"{"scripts": {"pretest": "echo before", "test": "echo testing", "posttest": "echo behind",
        "fail": "exit 3", "lint": "eslint .", "name": "echo $npm_package_name", "both": "echo a && echo b"}}"#;
    let sandbox = imported("package.json", text);
    let text = recipes(&sandbox);
    assert!(
        text.contains("[recipes.lint]\nrun = '''\nPATH=\"$PWD/node_modules/.bin:$PATH\"\neslint . {{ args }}\n'''\n"),
        "{text}"
    );
    assert!(text.contains("# - `name` calls npm: it speaks of what the package manager sets (line 2)\n"), "{text}");
    sandbox.run("run -j1 test one two").succeeds().stdout_is("before\ntesting one two\nbehind\n");
    sandbox.run_args(&["run", "both", "x  y"]).succeeds().stdout_is("a\nb x  y\n");
    sandbox.run("run fail").exits(3);
}

#[test]
fn tasks_of_mise_are_carried_over() {
    let text = "[vars]\nimage = 'shop'\n[env]\nLEVEL = 7\n[tools]\nnode = '20'\n[tasks]\nshort = 'echo short'\n[tasks.build]\n\
                description = 'Build it'\ndepends = ['short']\nrun = ['echo {{vars.image}} $LEVEL', 'echo end']\nalias = 'b'\n\
                sources = ['src/**']\noutputs = ['out/']\n[tasks.usage]\nusage = 'arg \"<file>\"'\nrun = 'echo x'\n";
    let sandbox = imported("mise.toml", text);
    let text = recipes(&sandbox);
    assert!(
        text.contains("# Not carried over:\n# - `[tools]` (line 5)\n# - `usage` calls mise: `usage` (line 16)\n"),
        "{text}"
    );
    assert!(text.contains("inputs = [\"src/**\"]\noutputs = [\"out/\"]\n"), "{text}");
    sandbox.write("src/a", "");
    sandbox.run("run --force -j1 b x").succeeds().stdout_is("short\nshop 7\nend x\n");
}

#[test]
fn what_cannot_be_imported_is_refused() {
    let sandbox = Sandbox::new().file("x.txt", "").file("package.json", "{").file("a/Makefile", "x:\n\t@pwd\n");
    let said = "error: `x.txt` is no file that can be imported\n\
                hint: name a justfile, Taskfile.yml, Makefile, package.json or mise.toml\n";
    sandbox.run("init --import x.txt").fails(2, said).changed_nothing();
    let run = sandbox.run("init --import package.json").exits(2).changed_nothing();
    assert!(run.stderr.starts_with("error: `package.json` could not be read\n  caused by: EOF"), "{run}");
    sandbox.run("init --import Makefile").exits(2).changed_nothing();
    sandbox.honest("init --import a/Makefile");
    let run = sandbox.run("run x").succeeds();
    assert!(run.stdout.ends_with("/a\n"), "{run}");
    let twice = sandbox.run("init --import a/Makefile").exits(1).changed_nothing();
    assert!(twice.stderr.starts_with("error: there is a `prodev.toml` already\n"), "{twice}");
}

#[test]
fn tasks_of_other_taskfiles_are_run_by_task() {
    let text = "version: '3'\nincludes:\n  docs: ./docs\n  lib: {taskfile: lib.yml, flatten: true, excludes: [left]}\n  \
                far: https://example.org/t.yml\n  gone: {taskfile: gone.yml, optional: true}\n  lost: lost.yml\n\
                tasks:\n  all:\n    deps: ['docs:build', shared]\n    cmds: [echo all]\n  odd:\n    cmds: [{for: [a], cmd: x}]\n";
    let sandbox = Sandbox::new()
        .file("docs/Taskfile.yml", "version: '3'\nincludes: {deep: ../lib.yml}\ntasks:\n  build: {desc: Build the docs, cmds: ['pwd | sed s,.*/,,']}\n  default: echo default\n  own: {internal: true, cmds: [x]}\n")
        .file("lib.yml", "version: '3'\ntasks:\n  shared: echo shared\n  left: echo left\n")
        .file("Taskfile.yml", text);
    sandbox.run("init --import Taskfile.yml").succeeds();
    let text = recipes(&sandbox);
    let expected = [
        "[recipes.all]\nrun = \"echo all\"\nneeds = [\"docs:build\", \"shared\"]\n",
        "[recipes.\"docs:build\"]\ndoc = \"Build the docs\"\nrun = [\"task\", \"docs:build\", \"{{ args }}\"]\n",
        "[recipes.\"docs:deep:left\"]\n",
        "[recipes.shared]\nrun = [\"task\", \"shared\", \"{{ args }}\"]\n",
        "# - `far:` of `includes:`: only task knows where `https://example.org/t.yml` is\n",
        "# - `lost:` of `includes:`: `lost.yml` could not be read\n",
        "# - `odd` calls task: `for:` of a command (line 12)\n",
        "# - `docs:build` calls task: it is in `./docs`\n",
    ];
    for part in expected {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!text.contains("docs:own") && !text.contains("recipes.left"), "{text}");
    if proof::may("tasks of other Taskfiles do the same", &["task"]) {
        // task does not run with a file that it cannot read.
        sandbox.write(
            "Taskfile.yml",
            sandbox
                .read("Taskfile.yml")
                .replace("  lost: lost.yml\n", "")
                .replace("  far: https://example.org/t.yml\n", ""),
        );
        // What `all` needs runs side by side with both, in either order.
        let calls: [&[&str]; 4] = [&["docs:build"], &["docs"], &["shared"], &["docs:deep:left"]];
        same(&sandbox, &["task", "--silent"], &calls, false);
    }
}

#[test]
fn recipes_of_modules_are_run_by_just() {
    if !proof::may("recipes of modules are run by just", &["just"]) {
        return;
    }
    let sandbox = Sandbox::new()
        .file("sub/mod.just", "word := 'hello'\n# Build it\nbuild x='1':\n    @echo {{word}} {{x}}\n")
        .file("justfile", "mod sub 'sub/mod.just'\n\nall: sub::build\n    @echo all\nodd:\n    @echo {{ os() }}\n");
    sandbox.run("init --import justfile").succeeds();
    let text = recipes(&sandbox);
    let expected = [
        "[recipes.all]\nrun = \"echo all\"\nneeds = [\"sub:build\"]\n",
        "[recipes.\"sub:build\"]\ndoc = \"Build it\"\nrun = [\"just\", \"sub::build\", \"{{ args }}\"]\n",
        "# - `odd` calls just: the function `os` (line 5)\n",
        "# - `sub:build` calls just: it is of the module `sub`\n",
    ];
    for part in expected {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let run = sandbox.run("run -q all").succeeds();
    assert_eq!(run.stdout, "hello 1\nall\n");
    sandbox.run("run sub:build 2").succeeds().stdout_is("hello 2\n");
}

#[test]
fn conditions_of_makefiles_are_carried_over_where_they_can_be_told() {
    let text = "ifeq ($(OS),Windows_NT)\nEXE := .exe\nwin:\n\t@echo windows\nelse\nEXE := .bin\nendif\n\
                ifeq ($(origin LEVEL),undefined)\nLEVEL := 3\nendif\nifeq ($(MODE),)\nMODE = plain\nendif\n\
                ifdef DEBUG\nFLAGS = -g\nelse\nFLAGS = -O\nendif\n\
                .PHONY: all level\nall:\n\t@echo all$(EXE)\nifneq ($(OS),Windows_NT)\n\t@echo unix\nendif\n\
                level:\n\t@echo $(LEVEL) $(MODE)\nflags:\n\t@echo $(FLAGS)\n";
    let sandbox = imported("Makefile", text);
    let text = recipes(&sandbox);
    let expected = [
        "EXE = \".bin\"\n",
        "LEVEL = { env = \"LEVEL\", default = \"3\" }\n",
        "# - conditions on `OS`: it is taken not to be `Windows_NT`, whatever the environment says (line 1)\n",
        "# - the variable `MODE`: make works it out (line 12)\n",
        "# - the variable `FLAGS`: make works it out (line 15)\n",
        "# - `flags` calls make: `FLAGS`: make works it out (line 27)\n",
    ];
    for part in expected {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!text.contains("recipes.win"), "{text}");
    if proof::have("conditions of a Makefile do the same", &["make"]) {
        same(&sandbox, &["make", "-s"], &[&["all"], &["level"], &["flags"]], false);
        let sandbox = sandbox.env("LEVEL", "7").env("MODE", "");
        same(&sandbox, &["make", "-s"], &[&["level"]], false);
        let sandbox = sandbox.env("LEVEL", "").env("MODE", "x");
        same(&sandbox, &["make", "-s"], &[&["level"]], false);
    }
}
