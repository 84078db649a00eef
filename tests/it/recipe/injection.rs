//! Values reach programs byte for byte, and nothing in them is executed, whichever way a recipe takes them.

use crate::proof;
use crate::sandbox::Sandbox;

/// What would do harm if it were read as program text.
pub(super) const PAYLOADS: [&str; 10] = [
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned #",
    "'; touch pwned; '",
    "\"; touch pwned; \"",
    "a\n touch pwned\n",
    "{{ other }} ${HOME} $x * ~ \\ \\n %s {{env \"HOME\"}}",
    "--help=|&<>",
    "$((1+1)) a[$(touch pwned)]",
    "ä'\"\\'\" \t ",
];

/// Each way puts the value into the file `out`.
const WAYS: &[(&str, &str)] = &[
    ("a reference", "run = '''\nprintf %s {{ x }} >out\n'''"),
    ("a reference in bash", "shell = 'bash'\nrun = '''\nprintf %s {{ x }} >out\n'''"),
    ("a reference in a function", "run = '''\nf() { printf %s {{ x }} >out; }\nf a b\n'''"),
    ("a variable", "run = '''\nprintf %s \"$x\" >out\n'''"),
    ("an argument", "run = '''\nprintf %s \"$1\" >out\n'''"),
    ("words for no shell", "run = ['sh', '-c', 'printf %s \"$1\" >out', '-', '{{ x }}']"),
    ("a command that needs no shell", "run = './write {{ x }}'"),
    ("a step", "run = [{ run = 'printf %s {{ x }} >out' }]"),
    ("the environment", "env = { Y = '{{ x }}' }\nrun = '''\nprintf %s \"$Y\" >out\n'''"),
    ("finally", "finally = 'printf %s {{ x }} >out'\nrun = 'true'"),
    (
        "another interpreter",
        "shell = ['python3', '-']\nrun = '''\nimport os, sys\nassert os.environ['x'] == sys.argv[1]\nopen('out', 'w').write(os.environ['x'])\n'''",
    ),
    ("a need", "needs = [{ recipe = 'write', with = { y = '{{ x }}' } }]"),
    ("a script", "script = 'script.sh'"),
];

const REST: &str =
    "[vars]\nother = 'leaked'\n[recipes.write]\nparams = ['y']\nrun = '''\nprintf %s {{ y }} >out\n'''\n";

fn sandbox(way: &str, params: &str) -> Sandbox {
    let sandbox = Sandbox::new()
        .file("prodev.toml", &format!("{REST}[recipes.r]\nparams = [{params}]\n{way}\n"))
        .file("write", "#!/bin/sh\nprintf %s \"$1\" >out\n")
        .file("script.sh", "printf %s \"$1\" >out\n");
    std::fs::set_permissions(sandbox.path("write"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    sandbox
}

#[track_caller]
fn arrives(sandbox: &Sandbox, args: &[&str], payload: &str, way: &str) {
    sandbox.run_args(args).succeeds();
    assert_eq!(sandbox.read("out"), payload, "{way}");
    assert!(!sandbox.exists("pwned"), "{way}: {payload:?} was executed");
}

#[test]
fn values_arrive_as_they_are() {
    if !proof::have("that values arrive as they are", &["bash", "python3"]) {
        return;
    }
    for (way, config) in WAYS {
        let sandbox = sandbox(config, "'x'");
        for payload in PAYLOADS {
            arrives(&sandbox, &["run", "r", "--", payload], payload, way);
        }
    }
}

#[test]
fn values_of_options_arrive_as_they_are() {
    let sandbox = sandbox("run = '''\nprintf %s {{ x }} >out\n'''", "{ name = 'x', option = true, short = 'o' }");
    for payload in PAYLOADS {
        arrives(&sandbox, &["run", "r", "--x", payload], payload, "an option");
        arrives(&sandbox, &["run", "r", &format!("--x={payload}")], payload, "an option with `=`");
        arrives(&sandbox, &["run", "r", "-o", payload], payload, "a short option");
    }
}

#[test]
fn values_of_a_variadic_parameter_arrive_one_by_one() {
    let ways = [
        "run = '''\nprintf '<%s>' {{ x }} >out\n'''",
        "run = '''\nf() { printf '<%s>' {{ x }} >out; }\nf\n'''",
        "run = '''\nprintf '<%s>' \"$@\" >out\n'''",
        "run = ['sh', '-c', 'printf \"<%s>\" \"$@\" >out', '-', '{{ x }}']",
        "needs = [{ recipe = 'many', with = { y = ['{{ x }}'] } }]",
    ];
    for way in ways {
        let many =
            "[recipes.many]\nparams = [{ name = 'y', variadic = true }]\nrun = '''\nprintf '<%s>' {{ y }} >out\n'''";
        let sandbox = sandbox(&format!("{way}\n{many}"), "{ name = 'x', variadic = true }");
        let args: Vec<&str> = ["run", "r", "--"].into_iter().chain(PAYLOADS).collect();
        let expected = format!("<{}>", PAYLOADS.join("><"));
        arrives(&sandbox, &args, &expected, way);
    }
}

#[test]
fn values_of_variables_arrive_as_they_are() {
    for payload in PAYLOADS.iter().filter(|payload| !payload.contains("{{")) {
        let sandbox = Sandbox::new()
            .file("prodev.toml", "[vars]\nx = 'none'\n[recipes.r]\nrun = '''\nprintf %s {{ x }} >out\n'''\n");
        arrives(&sandbox, &["run", "--set", &format!("x={payload}"), "r"], payload, "--set");
        let sandbox = Sandbox::new()
            .env("FROM", payload)
            .file("prodev.toml", "[vars]\nx = { env = 'FROM' }\n[recipes.r]\nrun = '''\nprintf %s {{ x }} >out\n'''\n");
        arrives(&sandbox, &["run", "r"], payload, "the environment");
    }
}

#[test]
fn raw_is_raw() {
    let sandbox = sandbox("run = '''\nprintf '%s\\n' {{ x | raw }} >out\n'''", "'x'");
    sandbox.run_args(&["run", "r", "a b; touch pwned"]).succeeds();
    assert_eq!(sandbox.read("out"), "");
    assert!(sandbox.exists("pwned"));
}

#[test]
fn what_only_looks_like_a_reference_stays() {
    let sandbox = sandbox("run = '''\nprintf %s '{{.Names}} {{ unknown }} ${{ x.y }}' >out\n'''", "");
    sandbox.run("run r").succeeds();
    assert_eq!(sandbox.read("out"), "{{.Names}} {{ unknown }} ${{ x.y }}");
}

#[test]
fn references_that_would_not_be_quoted_are_refused() {
    let sandbox = Sandbox::new().file(
        "prodev.toml",
        "[recipes.r]\nparams = ['x', { name = 'y', variadic = true }]\nrun = '''\necho \"a {{ x }}\"\ntrap 'rm {{ x }}' EXIT\n\
         cat <<EOF\n{{ x }}\nEOF\necho $(( {{ x }} )) # {{ x }}\necho a{{ y }}\n'''\n\
         [recipes.p]\nparams = ['x']\nshell = 'python3'\nrun = 'print({{ x }})'\n",
    );
    let refusal = "\
error: the recipes have 7 problems
  prodev.toml:4:9: `{{ x }}` cannot stand in double quotes (write `${x}`, or take the quotes away)
  prodev.toml:5:10: `{{ x }}` cannot stand in single quotes (take the quotes away, or use double quotes and `${x}`)
  prodev.toml:7:1: `{{ x }}` cannot stand in a here-document (write `${x}` (where the end of the here-document is not quoted))
  prodev.toml:9:10: `{{ x }}` cannot stand in arithmetic (write `x`: a parameter of type `int` is a number)
  prodev.toml:9:23: `{{ x }}` cannot stand in a comment (take it out of the comment)
  prodev.toml:10:7: `{{ y }}` is several words, so it stands alone (put blanks around it)
  prodev.toml:15:14: `{{ x }}` cannot stand in a text for `python3` (read the environment variable `x`, or the arguments)
";
    sandbox.run("run r 1").fails(120, refusal).changed_nothing();
    sandbox.run("run --list").fails(120, refusal).changed_nothing();
}

#[test]
fn patterns_and_choices_are_checked_before_anything_runs() {
    let sandbox =
        sandbox("run = 'touch ran'", "{ name = 'x', pattern = '[a-z]+' }, { name = 'n', type = 'int', default = '1' }");
    sandbox
        .run_args(&["run", "r", "a; touch pwned"])
        .fails(120, "error: `x` of `r` cannot be `a; touch pwned`: it must match `[a-z]+`\n")
        .changed_nothing();
    sandbox
        .run("run r a b")
        .fails(120, "error: `n` of `r` cannot be `b`: it must be a whole number\n")
        .changed_nothing();
    sandbox.run("run r a -5").succeeds();
}
