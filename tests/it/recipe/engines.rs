//! `prodev run --export`: that no secret gets into a workflow, and that Makefiles and justfiles leave scripts as they are.

use crate::proof;
use crate::sandbox::Sandbox;

const ENGINES: [&str; 6] = ["github", "gitlab", "jenkins", "kubernetes --image x", "make", "just"];

const SECRETS: &str = r#"
[vars]
token = { env = "TOKEN", secret = true, default = "hunter2" }
word = { value = "hunter2", secret = true }

[recipes.a]
env = { OWN = { value = "hunter2", secret = true }, SAME = { value = "{{ word }}", secret = true } }
run = 'echo "$token $word $OWN $SAME"'

[recipes.b]
run = ["printf", "%s", "-{{ word }}"]

[recipes.c]
params = [{ name = "key", option = true, secret = true, default = "hunter2" }]
run = 'echo "$key"'

[recipes.d]
needs = [{ recipe = "e", with = { key = "hunter2" } }]

[recipes.e]
params = [{ name = "key", option = true, secret = true }]
run = 'echo "$key"'

[recipes.f]
needs = [{ recipe = "e", with = { key = "{{ word }}" } }]
"#;

#[test]
fn no_secret_gets_into_a_workflow() {
    let sandbox = Sandbox::new().file("prodev.toml", SECRETS).env("TOKEN", "hunter2");
    for engine in ENGINES {
        for name in ["token", "word"] {
            let said = format!(
                "error: `{name}` is a secret, which no workflow may hold\n\
                 hint: leave out `--set {name}`: the jobs take it from where they run\n"
            );
            let words = format!("run --set {name}=hunter2 --export {engine} a");
            sandbox.run(&words).fails(120, &said).changed_nothing();
        }
        for (name, recipe) in [("c", "c"), ("d", "e")] {
            let said = format!(
                "error: `key` of `{recipe}` is a secret with a value, which no workflow may hold\n\
                 hint: take the value out, and give the recipe an `env` that takes it `from` a variable\n"
            );
            sandbox.run(&format!("run --export {engine} {name}")).fails(120, &said).changed_nothing();
        }
        let run = sandbox.run(&format!("run --export {engine} a ::: b ::: f")).succeeds();
        assert!(!run.stdout.contains("hunter2"), "{run}");
        assert!(run.stdout.contains(" The jobs take secrets from where they run: "), "{run}");
    }
    let run = sandbox.run("run --export github a").succeeds();
    for line in
        ["      OWN: ${{ secrets.OWN }}\n", "      TOKEN: ${{ secrets.TOKEN }}\n", "      word: ${{ secrets.word }}\n"]
    {
        assert!(run.stdout.contains(line), "{line}{run}");
    }
    sandbox.run("run --export github c --json").exits(120);
    let run = sandbox.run("run --export make a ::: b ::: f").succeeds();
    sandbox.write("Makefile", &run.stdout);
    if proof::have("a Makefile takes secrets from where it runs", &["make"]) {
        let mut command = sandbox.tool("make");
        let output = command.args(["-s", "a", "b", "f"]).env("word", "w 1").env("OWN", "o").output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "hunter2 w 1 o w 1\n-w 1w 1\n", "{output:?}");
        let output = sandbox.tool("make").args(["-s", "b"]).output().unwrap();
        assert!(!output.status.success(), "{output:?}");
    }
}

#[test]
fn files_of_variables_are_not_dropped_in_silence() {
    let config = "[env]\n[recipes.a]\nrun = 'echo \"$PORT\"'\n[recipes.b]\ndotenv = false\nrun = 'true'\n\
                  [recipes.c]\ndotenv = true\nrun = 'true'\n";
    let sandbox = Sandbox::new().file("prodev.toml", config).file(".env", "PORT=1\n");
    let said = "error: `a`: make does not read .env files (`[env]`)\nhint: leave that out with `--approximate`\n";
    sandbox.run("run --export make a").fails(120, said).changed_nothing();
    let said = "error: `c`: make does not read .env files (`dotenv`)\nhint: leave that out with `--approximate`\n";
    sandbox.run("run --export make c").fails(120, said).changed_nothing();
    sandbox.run("run --export make b").succeeds().stderr_is("");
    sandbox
        .run("run --export make --approximate a")
        .succeeds()
        .stderr_is("warning: left out: `a`: make does not read .env files (`[env]`)\n");
}

/// Lines that make would read itself, and what is to run in the end.
const SCRIPTS: &str = r#"
[recipes.here]
doc = 'Ends in a \'
shell = "python3"
run = '''
def f(x):
    if x:
        print("a $$ {{x}} \\", -1,

          +2)
f(1)
'''

[recipes.lines]
dir = "sub"
run = '''
cat <<'EOF'
-x
@y
+z
    four
	tab

# no remark
EOF
printf "%s\n" \
"-x" \
'a\
b'
'''

[recipes.last]
dir = "sub"
shell = "python3"
run = "print(1); raise SystemExit(3)"
finally = 'print("last")'
ignore_errors = true

[recipes.a]
run = 'echo small'
[recipes.A]
run = 'echo large'
[recipes.under_score]
run = 'echo low'

[recipes.all]
doc = 'All of it, with \'
needs = ["here", "lines"]
ordered = true
"#;

#[test]
fn scripts_in_makefiles_and_justfiles_stay_as_they_are() {
    let sandbox = Sandbox::new().file("prodev.toml", SCRIPTS).file("sub/x", "").file("tmp/x", "");
    let names = ["all", "last", "a", "A", "under_score"];
    let expected: Vec<String> = ["here", "lines", "last", "a", "A", "under_score"]
        .map(|name| sandbox.run(&format!("run -q {name}")).stdout)
        .into();
    let expected = expected.concat();
    let meant =
        "a $$ {{x}} \\ -1 2\n-x\n@y\n+z\n    four\n\ttab\n\n# no remark\n-x\na\\\nb\n1\nlast\nsmall\nlarge\nlow\n";
    assert_eq!(expected, meant);
    let words = names.join(" ::: ");
    for engine in ["make", "just"] {
        let file = if engine == "make" { "Makefile" } else { "justfile" };
        let run = sandbox.run(&format!("run --export {engine} {words}")).succeeds();
        sandbox.write(file, &run.stdout);
        let is_there = if engine == "make" {
            proof::have("a Makefile leaves scripts as they are", &["make", "python3"])
        } else {
            proof::may("a justfile leaves scripts as they are", &["just", "python3"])
        };
        if is_there {
            let mut command = sandbox.tool(engine);
            let output = command.args(names).env("TMPDIR", sandbox.path("tmp")).output().unwrap();
            let said = String::from_utf8_lossy(&output.stdout);
            assert_eq!(said, expected, "{}\n{output:?}", sandbox.read(file));
            assert_eq!(std::fs::read_dir(sandbox.path("tmp")).unwrap().count(), 1);
        }
    }
}

#[test]
fn recipes_that_need_arguments_are_left_out_where_none_is_named() {
    let config = "[recipes.a]\nrun = 'true'\n[recipes.b]\nparams = ['x']\nrun = 'true'\n\
                  [recipes.c]\nparams = [{ name = 'k', option = true, secret = true, default = 'hunter2' }]\nrun = 'true'\n";
    let sandbox = Sandbox::new().file("prodev.toml", config);
    let said = "warning: left out: `b`: it has to be given something\n\
                warning: left out: `c`: it holds the value of a secret\n";
    let run = sandbox.run("run --export make").succeeds().stderr_is(said);
    assert!(run.stdout.contains("\n.PHONY: a\n"), "{run}");
    let json = sandbox.run("run --export make --json").succeeds().json();
    assert_eq!(json["left_out"][0], "`b`: it has to be given something");
}
