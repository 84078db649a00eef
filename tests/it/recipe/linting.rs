//! `prodev run --lint`, and that all that is wrong in recipes is told at once, with its place.

use crate::sandbox::Sandbox;

const RECIPES: &str = "[vars]
used = 'x'
lost = 'y'

[recipes.a]
params = ['path', { name = 'flag-x', flag = true }, { name = 'rest', variadic = true }]
requires = ['git', 'sh']
shell = 'sh'
run = '''
echo {{ path | raw }} {{ usedd }} {{ used }}
eval \"$path\"
'''

[recipes.b]
params = ['one', 'two']
run = 'echo \"$1\" \"$2\"'

[recipes.c]
needs = ['b-less', 'made']
inputs = ['x']
run = 'true'

[recipes.b-less]
run = 'true'

[recipes.made]
outputs = ['y']
run = 'true'

[recipes.hidden]
private = true
run = 'true'
";

#[test]
fn what_is_odd_in_recipes_is_found() {
    let sandbox = Sandbox::new().file("prodev.toml", RECIPES);
    let run = sandbox.run("run --lint").exits(1).changed_nothing();
    let told = sandbox.run("run --lint --json").exits(1).json();
    let found: Vec<String> = told["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            format!("{} {} {}", it["rule"].as_str().unwrap(), it["object"]["line"], it["severity"].as_str().unwrap())
        })
        .collect();
    let expected = [
        "unused-parameter 6 warn",
        "unused-parameter 6 warn",
        "raw-value 10 warn",
        "unknown-name 10 warn",
        "eval-of-value 11 error",
        "unused-tool 7 warn",
        "need-without-result 19 warn",
        "unused-recipe 30 warn",
        "unused-variable 3 warn",
    ];
    assert_eq!(found, expected, "{run}");
    sandbox.run("run --lint b").succeeds().stdout_is("").stderr_is("nothing to find in the recipes\n");
    sandbox.run("run --lint --format github a").exits(1);
    sandbox.run("run --lint nothing").exits(120);
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let config = "[recipes.a]\nneeds = ['bb']\nrun = 'true'\n[recipes.b]\nneeds = ['c']\n[recipes.c]\nneeds = ['b']\n";
    let sandbox = Sandbox::new().file("prodev.toml", config);
    let said = "error: the configuration has 2 problems\n  \
                prodev.toml:2:10: `bb` is no recipe (did you mean `b`?)\n  \
                prodev.toml:5:9: these recipes need each other in a circle: b → c → b\n\
                hint: `prodev config schema` describes what can stand where\n";
    sandbox.run("run --lint").fails(120, said);
    sandbox.run("run a").fails(120, said);
}

#[test]
fn what_a_function_takes_is_not_what_the_recipe_takes() {
    let text = |run: &str| format!("[recipes.a]\nparams = ['one']\nrun = '''\n{run}\n'''\n");
    let sandbox = Sandbox::new().file("prodev.toml", &text("f() {\n  echo \"$1\" \"$@\"\n}\nf x"));
    let run = sandbox.run("run --lint");
    assert!(run.stdout.contains("nothing in `a` speaks of its parameter `one`"), "{run}");
    sandbox.write("prodev.toml", text("f() {\n  echo \"$1\"\n}\nf \"$1\""));
    sandbox.run("run --lint").succeeds();
}

#[test]
fn evals_of_what_was_given_are_found() {
    let cases = [
        ("eval \"$1\"", Some("the value of `one`")),
        ("eval \"$2\"", Some("the value of `two`")),
        ("eval \"$@\"", Some("`$@`")),
        ("x=1; eval $*", Some("`$*`")),
        ("eval \"${one}\"", Some("the value of `one`")),
        ("eval \"a; $two\"", Some("the value of `two`")),
        ("eval x={{ two }}", Some("the value of `two`")),
        ("eval \"$(ssh-agent)\" && z=\"$one\"", None),
        ("eval \"$(ssh-agent)\"; echo \"$1\"", None),
        ("eval \"$(ssh-agent)\" | tee \"$1\"", None),
        ("eval 'x=\"$one\"'", None),
        ("# eval \"$one\"", None),
        ("eval \"$ones ${10}\"", None),
        ("f() { eval \"$1\"; }; f a", None),
        ("f() { eval \"$one\"; }; f a", Some("the value of `one`")),
        ("f() { :; }; eval \"$1\"", Some("the value of `one`")),
    ];
    for (line, expected) in cases {
        let run = format!(": $1 $2\n{line}\n").replace('\\', "\\\\").replace('"', "\\\"");
        let config = format!("[recipes.a]\nparams = ['one', 'two']\nrun = \"\"\"\n{run}\"\"\"\n");
        let sandbox = Sandbox::new().file("prodev.toml", &config);
        let run = sandbox.run("run --lint");
        let said = expected.map(|what| format!("`eval` reads {what} as program text, whatever it holds"));
        assert_eq!(run.stdout.contains("reads"), said.is_some(), "{line}: {run}");
        assert!(said.is_none_or(|said| run.stdout.contains(&said)), "{line}: {run}");
    }
}
