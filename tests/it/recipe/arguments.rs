//! The command line behind `prodev run`.

use crate::sandbox::Sandbox;

const CONFIG: &str = r#"
[vars]
image = "shop"

[recipes.build]
doc = "Build it"
params = [
    { name = "target", default = "all", choices = ["all", "api", "web"] },
    { name = "release", flag = true, short = "r", doc = "With optimizations" },
    { name = "jobs", option = true, short = "j", type = "int", min = 1, default = 2 },
]
run = 'printf "%s %s %s\n" "build:$target" "release:$release" "jobs:$jobs"'

[recipes.test]
params = [{ name = "paths", variadic = true, at_most = 3 }, { name = "quick", flag = true }]
run = 'printf "<%s>" "test" "$@" "$quick"; echo'

[recipes.greet]
params = ["name", { name = "tag", default = "{{ image }}:{{ name }}" }, { name = "home-town", option = true, env = "TOWN" }]
run = 'echo "$name $tag $home_town"'

[recipes.hidden]
private = true
run = "true"

[recipes.ask]
params = [{ name = "color", prompt = "Which color?", choices = ["red", "blue"] }, { name = "token", option = true, secret = true, pattern = "[0-9]+" }]
run = 'echo "$color"'
"#;

fn sandbox() -> Sandbox {
    Sandbox::new().file("prodev.toml", CONFIG)
}

#[test]
fn words_find_their_parameters() {
    let sandbox = sandbox();
    let cases = [
        ("run build", "build:all release: jobs:2\n"),
        ("run build api -r", "build:api release:true jobs:2\n"),
        ("run build --release --jobs 3 web", "build:web release:true jobs:3\n"),
        ("run build --jobs=3 -r", "build:all release:true jobs:3\n"),
        ("run build -rj4", "build:all release:true jobs:4\n"),
        ("run build --release=false", "build:all release: jobs:2\n"),
        ("run test a b", "<test><a><b><>\n"),
        ("run test --quick", "<test><true>\n"),
        ("run test -- --quick -x", "<test><--quick><-x><>\n"),
        ("run test a ::: build", "<test><a><>\nbuild:all release: jobs:2\n"),
        ("run test a b c build api", "<test><a><b><c><>\nbuild:api release: jobs:2\n"),
        ("run build api test x", "build:api release: jobs:2\n<test><x><>\n"),
        ("run greet Ada", "Ada shop:Ada \n"),
        ("run greet Ada --home-town London", "Ada shop:Ada London\n"),
        ("run --set image=x greet Ada", "Ada x:Ada \n"),
    ];
    for (words, stdout) in cases {
        sandbox.run(words).succeeds().stdout_is(stdout);
    }
    sandbox.env("TOWN", "Turin").run("run greet Ada").succeeds().stdout_is("Ada shop:Ada Turin\n");
}

#[test]
fn words_that_do_not_fit_are_refused() {
    let sandbox = sandbox();
    let cases = [
        ("run biuld", "error: there is no recipe `biuld`\nhint: did you mean `build`?\n"),
        (
            "run hidden",
            "error: the recipe `hidden` is private: only other recipes run it\nhint: `prodev run --list` shows what can be run\n",
        ),
        ("run build nowhere", "error: `target` of `build` cannot be `nowhere`: it must be `all`, `api`, `web`\n"),
        ("run build --jobs", "error: `--jobs` of `build` needs a value\nhint: write `--jobs VALUE`\n"),
        ("run build --jobs 0", "error: `jobs` of `build` cannot be `0`: it must be at least 1\n"),
        (
            "run build --relaese",
            "error: the recipe `build` has no option `--relaese`\nhint: did you mean `--release`?\n",
        ),
        ("run build --release=x", "error: `--release` of `build` takes no value\n"),
        (
            "run build api x",
            "error: `x` is neither an argument of `build`, which takes one argument, nor a recipe\n\
             hint: `prodev run build --help` shows what it takes, `prodev run --list` which recipes there are\n",
        ),
        ("run greet", "error: the recipe `greet` needs `name`\nhint: `prodev run greet NAME`\n"),
        ("run ask", "error: the recipe `ask` needs `color`\nhint: `prodev run ask COLOR`\n"),
        ("run ask red --token secret", "error: `token` of `ask` cannot be `********`: it must match `[0-9]+`\n"),
        ("run --set imgae=1 build", "error: there is no variable `imgae`\nhint: did you mean `image`?\n"),
    ];
    for (words, stderr) in cases {
        sandbox.run(words).fails(120, stderr).changed_nothing();
    }
    sandbox.run("run --nonsense build").exits(120).stdout_is("").changed_nothing();
    sandbox.run("run --jobs 0 build").exits(120).stdout_is("").changed_nothing();
}

#[test]
fn a_recipe_tells_what_it_takes() {
    sandbox().run("run build --help").succeeds().stderr_is("").stdout_is(
        "Build it

Usage: prodev run build [TARGET] [--release] [--jobs VALUE]

Arguments:
  TARGET  [one of all, api, web; default: all]

Options:
  -r, --release     With optimizations
  -j, --jobs VALUE  [a whole number; default: 2]
",
    );
}

#[test]
fn without_a_recipe_the_default_runs() {
    Sandbox::new()
        .file("prodev.toml", "[recipes.default]\nrun = 'echo default'\n")
        .run("run")
        .succeeds()
        .stdout_is("default\n");
    Sandbox::new().file("prodev.toml", "[recipes.x]\nrun = 'echo x'\n").run("run").succeeds().stdout_is("x\n");
    Sandbox::new()
        .run("run")
        .fails(120, "error: there are no recipes here\nhint: write one in prodev.toml: `prodev init` makes the file\n")
        .changed_nothing();
}

#[test]
fn recipes_of_directories_have_their_name() {
    let sandbox = Sandbox::new()
        .file(
            "prodev.toml",
            "[vars]\nwho = 'root'\n[recipes.test]\nrun = 'echo root {{ who }}'\n[recipes.only]\nrun = 'pwd'\n",
        )
        .file(
            "api/prodev.toml",
            "[vars]\nwho = 'api'\n[recipes.test]\nneeds = ['::test', 'only']\nrun = 'echo {{ who }}; pwd'\n",
        );
    let said = format!("root root\n{}\napi\n{}\n", sandbox.dir().display(), sandbox.path("api").display());
    let said = sandbox.normalise(said.as_bytes());
    sandbox.run("run -j1 api::test").succeeds().stdout_is(&said);
    sandbox.run("-C api run -j1 test").succeeds().stdout_is(&said);
    sandbox.run("run test").succeeds().stdout_is("root root\n");
}

#[test]
fn a_shell_completes_recipes_and_what_they_take() {
    let sandbox = sandbox();
    let complete = |words: &[&str]| {
        let mut command = sandbox.command(crate::sandbox::PRODEV);
        let output = command.env("COMPLETE", "fish").args(["--", "prodev", "run"]).args(words).output().unwrap();
        let answer = String::from_utf8(output.stdout).unwrap();
        answer.lines().map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(complete(&["b"]), ["build"]);
    assert_eq!(complete(&["build", "a"]), ["all", "api"]);
    assert_eq!(complete(&["build", "api", "t"]), ["test"]);
    assert_eq!(complete(&["--set", "i"]), ["image="]);
}
