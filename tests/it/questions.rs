//! Questions where nobody can be asked: every kind of question, every source of answers, and everything that can be wrong with them.

use crate::draft::{draft, generate, generate_args, out};
use crate::sandbox::Sandbox;

const KINDS: &str = r#"
[questions.name]
[questions.about]
type = "text"
[questions.port]
type = "int"
min = 1
max = 65535
[questions.ratio]
type = "float"
[questions.debug]
type = "bool"
[questions.database]
type = "choice"
choices = ["sqlite", { value = "postgres", label = "PostgreSQL" }, { value = "oracle", disabled = "'too dear'" }]
[questions.features]
type = "multi"
choices = ["a", "b", "c"]
[questions.place]
type = "path"
[questions.data]
type = "json"
[questions.tree]
type = "yaml"
[questions.password]
type = "secret"
min = 8

[[files]]
match = ".env"
once = true
"#;

const OUT: &str = "{{ name }}|{{ about }}|{{ port }}|{{ ratio }}|{{ debug }}|{{ database }}|{{ features | to_json }}|{{ place }}|\
                   {{ data | to_json }}|{{ tree | to_json }}";

fn kinds() -> Sandbox {
    draft(KINDS).file("t/files/out.jinja", OUT).file("t/files/.env.jinja", "PASSWORD={{ password }}\n")
}

#[test]
fn set_answers_every_kind_of_question() {
    let sandbox = kinds();
    let run = generate_args(
        &sandbox,
        &[
            "--set",
            "name=ä = \"1\"",
            "--set",
            "about=two\nlines\n",
            "--set",
            "port= 8080",
            "--set",
            "ratio=3",
            "--set",
            "debug=yes",
            "--set",
            "database=postgres",
            "--set",
            "features=c, a,a",
            "--set",
            "place=/srv/a b",
            "--set",
            "data={\"b\": [1, null], \"a\": {}}",
            "--set",
            "tree={x: [1, no]}",
            "--set",
            "password=open sesame",
        ],
    );
    run.succeeds()
        .stderr_is(
            "warning: everybody on this machine can see in the list of processes what `--set` gives; \
             `--answers -` reads `password` from stdin\ncreated `p`: 2 files from t 1.0.0\n",
        )
        .stdout_is("");
    assert_eq!(
        sandbox.read("p/out"),
        "ä = \"1\"|two\nlines\n|8080|3.0|True|postgres|[\"a\",\"c\"]|/srv/a b|{\"b\":[1,null],\"a\":{}}|{\"x\":[1,\"no\"]}"
    );
    assert_eq!(sandbox.read("p/.env"), "PASSWORD=open sesame\n");
}

#[test]
fn files_answer_every_kind_of_question() {
    let toml = "name = 'n'\nabout = 'a'\nport = 1\nratio = 3\ndebug = false\ndatabase = 'sqlite'\nfeatures = ['b', 'a']\n\
                place = '.'\ndata = [1]\npassword = 'open sesame'\n[tree]\nx = 'y'\n";
    let yaml = "name: n\nabout: a\nport: 1\nratio: 3\ndebug: false\ndatabase: sqlite\nfeatures: [b, a]\n\
                place: .\ndata: [1]\npassword: open sesame\ntree: {x: y}\n";
    let json = r#"{"name": "n", "about": "a", "port": 1, "ratio": 3, "debug": false, "database": "sqlite", "features": ["b", "a"],
                   "place": ".", "data": [1], "password": "open sesame", "tree": {"x": "y"}}"#;
    let sandbox = kinds().file("a.toml", toml).file("a.yaml", yaml).file("a.yml", yaml).file("a.json", json);
    for file in ["a.toml", "a.yaml", "a.yml", "a.json"] {
        assert_eq!(
            out(&sandbox, &["--answers", file]),
            "n|a|1|3.0|False|sqlite|[\"a\",\"b\"]|.|[1]|{\"x\":\"y\"}",
            "{file}"
        );
    }
}

#[test]
fn everything_missing_is_told_in_one_run() {
    let sandbox =
        draft("[questions.name]\n[questions.port]\ntype = 'int'\n[questions.url]\ndefault = 'http://{{ name }}'\n");
    generate(&sandbox, "")
        .fails(
            2,
            "error: no answer for `name`, `port`\n\
             hint: answer with `--set name=… --set port=…`, or in a file with `--answers FILE`\n",
        )
        .changed_nothing();
    generate(&sandbox, "--defaults --set port=1")
        .fails(2, "error: no answer for `name`\nhint: answer with `--set name=…`, or in a file with `--answers FILE`\n")
        .changed_nothing();
}

#[test]
fn everything_wrong_is_told_in_one_run() {
    let sandbox = kinds();
    generate_args(
        &sandbox,
        &[
            "--set",
            "nam=x",
            "--set",
            "port=0",
            "--set",
            "ratio=nan",
            "--set",
            "debug=maybe\u{1b}[31m",
            "--set",
            "database=oracle",
            "--set",
            "features=a,z",
            "--set",
            "data={",
            "--set",
            "tree=a: [",
            "--set",
            "password=short",
        ],
    )
    .fails(
        2,
        "warning: everybody on this machine can see in the list of processes what `--set` gives; \
         `--answers -` reads `password` from stdin\n\
         error: some answers are missing or wrong\n  \
         this template has no question `nam` (from `--set`) (did you mean `name`?)\n  \
         `port`: `0` is too low: at least 1\n  \
         `ratio`: `nan` is no number\n  \
         `debug`: `maybe\\u{1b}[31m` is neither `true` nor `false`\n  \
         `database`: `oracle` is not available: too dear\n  \
         `features`: `z` is none of `a`, `b`, `c`\n  \
         `data`: this is no JSON: EOF while parsing an object at line 1 column 1\n  \
         `tree`: this is no YAML: unclosed bracket '[' at line 1, column 4\n  \
         `password`: the secret is too short: at least 8 characters\n  \
         no answer for `name`, `about`, `place`\n\
         hint: answer with `--set name=… --set about=… --set place=…`, or in a file with `--answers FILE`\n",
    )
    .changed_nothing();
}

#[test]
fn a_set_that_is_none_is_told() {
    let sandbox = draft("[questions.name]\n");
    generate(&sandbox, "--set name")
        .fails(2, "error: `--set name` has no value\nhint: write `--set NAME=VALUE`\n")
        .changed_nothing();
    generate(&sandbox, "--set name --set =x").fails(
        2,
        "error: some `--set` cannot be read\n  `--set name` has no value\n  `--set =x` has no name before the `=`\n\
         hint: write `--set NAME=VALUE`\n",
    );
    generate(&draft(""), "--set x=1")
        .fails(2, "error: this template has no question `x` (from `--set`)\nhint: it asks nothing\n");
    generate(&draft("[questions.name]\ndefault = 'n'\n[computed]\nslug = 'name'\n"), "--set slug=1").fails(
        2,
        "error: this template has no question `slug` (from `--set`)\nhint: it is computed from other answers\n",
    );
}

#[test]
fn files_of_answers_can_be_wrong_too() {
    let sandbox = draft("[questions.name]\n[questions.port]\ntype = 'int'\n")
        .file("a.toml", "name = 'x'\nport = '1'\nprot = 1\n")
        .file("b.toml", "name = \n")
        .file("c.json", "{\"name\": \"x\",\n  \"port\" 1}\n")
        .file("d.yaml", "name: x\nport: [1\n")
        .file("e.yaml", "- 1\n")
        .file("f.txt", "name=x\n")
        .file("g.yaml", "");
    for (file, complaint) in [
        (
            "a.toml",
            "error: some answers are missing or wrong\n  \
             this template has no question `prot` (from `a.toml`) (did you mean `port`?)\n  \
             `port`: `1` is not a whole number (from `a.toml`)\n",
        ),
        (
            "b.toml",
            "error: string values must be quoted, expected literal string\n --> b.toml:1:8\n\
             hint: correct that line; it is not shown here, for it may hold a secret\n",
        ),
        (
            "c.json",
            "error: this is no JSON: expected `:`\n --> c.json:2:10\n\
             hint: correct that line; it is not shown here, for it may hold a secret\n",
        ),
        (
            "d.yaml",
            "error: this is no YAML: unclosed bracket '['\n --> d.yaml:2:7\n\
             hint: correct that line; it is not shown here, for it may hold a secret\n",
        ),
        ("e.yaml", "error: `e.yaml` must be a table of names and values\nhint: for example `project_name: My Shop`\n"),
        ("f.txt", "error: `f.txt` has an ending that says nothing\nhint: name it `.toml`, `.yaml` or `.json`\n"),
        (
            "g.yaml",
            "error: no answer for `name`, `port`\n\
             hint: answer with `--set name=… --set port=…`, or in a file with `--answers FILE`\n",
        ),
        (
            "none.toml",
            "error: could not read `none.toml`\n  caused by: No such file or directory (os error 2)\n\
             hint: `--answers` takes a TOML, YAML or JSON file of names and values\n",
        ),
    ] {
        generate_args(&sandbox, &["--answers", file]).fails(2, complaint).changed_nothing();
    }
}

#[test]
fn the_nearest_source_of_an_answer_counts() {
    let questions: String =
        ["a", "b", "c", "d", "e"].map(|name| format!("[questions.{name}]\ndefault = 'default'\n")).concat();
    let sandbox = draft(&questions)
        .file("t/files/out.jinja", "{{ a }} {{ b }} {{ c }} {{ d }} {{ e }}")
        .file("one.toml", "a = 'one'\nb = 'one'\nc = 'one'\n")
        .file("two.yaml", "a: two\nb: two\n")
        .file("../home/.config/prodev/config.toml", "[answers]\na = 'user'\nc = 'user'\nd = 'user'\nother = 3\n");
    let given = ["--answers", "one.toml", "--answers", "two.yaml", "--set", "a=first", "--set", "a=set"];
    assert_eq!(out(&sandbox, &given), "set two one user default");
    assert_eq!(out(&sandbox, &["--defaults"]), "user default user user default");
}

#[test]
fn an_unfit_answer_of_the_users_own_is_told_and_passed_over() {
    let sandbox = draft("[questions.license]\ntype = 'choice'\nchoices = ['MIT', 'GPL']\ndefault = 'GPL'\n[questions.debug]\ntype = 'bool'\ndefault = true\n")
        .file("t/files/out.jinja", "{{ license }} {{ debug }}")
        .file("../home/.config/prodev/config.toml", "[answers]\nlicense = 'MTI'\ndebug = 'no'\n");
    generate(&sandbox, "").succeeds().stderr_is(
        "warning: `license` from your own configuration does not fit here: `MTI` is none of `MIT`, `GPL`, did you mean `MIT`?\n\
         warning: `debug` from your own configuration does not fit here: `no` is not true or false\n\
         created `p`: 1 file from t 1.0.0\n",
    );
    assert_eq!(sandbox.read("p/out"), "GPL True");
}

#[test]
fn answers_are_read_from_stdin_in_any_of_the_formats() {
    let sandbox = draft("[questions.name]\n[questions.port]\ntype = 'int'\n")
        .file("t/files/out.jinja", "{{ name }} {{ port }}")
        .file("answers", "name: x\nport: 1\n");
    for text in ["name = 'x'\nport = 1\n", "\n{\"name\": \"x\", \"port\": 1}", "# mine\nname: x\nport: 1\n"] {
        let args = ["new", "t", "p", "--no-git", "--answers", "-"];
        sandbox.run_with_input(&args, text).succeeds();
        assert_eq!(sandbox.read("p/out"), "x 1", "{text}");
        std::fs::remove_dir_all(sandbox.path("p")).unwrap();
    }
    assert_eq!(out(&sandbox, &["--answers", "answers"]), "x 1");
    sandbox
        .run_with_input(&["new", "t", "p", "--answers", "-"], "port = 1\nname = open sesame\n")
        .fails(
            2,
            "error: string values must be quoted, expected literal string\n --> stdin:2:8\n\
             hint: correct that line; it is not shown here, for it may hold a secret\n",
        )
        .changed_nothing();
}

#[test]
fn all_that_is_wrong_with_a_command_is_told_at_once() {
    let sandbox = draft("[questions.name]\n[components.rest]\n").file("old/own.txt", "").file("a.toml", "x = \n");
    sandbox
        .run("new")
        .fails(
            2,
            "error: neither a template nor a folder was named\n\
             hint: `prodev new TEMPLATE DIR`; `prodev template list` shows what there is\n",
        )
        .changed_nothing();
    sandbox
        .run("new t old")
        .fails(
            2,
            "error: several things are missing or wrong\n  \
             `old` is not empty (choose another folder; or `--overwrite skip` keeps the files that are there, `--overwrite force` replaces them)\n  \
             no answer for `name` (answer with `--set name=…`, or in a file with `--answers FILE`)\n",
        )
        .changed_nothing();
    let run = sandbox.run("new t --set nam --set nme=x --answers a.toml --with rets").exits(2).changed_nothing();
    for wrong in ["`--set nam` has no value", "a.toml:1:5: ", "no folder was named", "no component `rets`"] {
        assert!(run.stderr.contains(wrong), "{wrong}: {run}");
    }
    let run = sandbox.run("new t old --set nme=x --with rets").exits(2).changed_nothing();
    for wrong in ["no question `nme`", "`old` is not empty", "no component `rets`"] {
        assert!(run.stderr.contains(wrong), "{wrong}: {run}");
    }
}

#[test]
fn a_validator_does_not_give_a_secret_away() {
    let sandbox = draft(
        "[questions.password]\ntype = 'secret'\nvalidator = { expr = \"fail(value ~ ' is weak')\", message = 'x' }\n",
    )
    .file("a.toml", "password = 'sesame'\n");
    generate(&sandbox, "--answers a.toml").fails(
        2,
        "error: `password`: its validator failed\nhint: `prodev template show t` tells what each question takes\n",
    );
}

#[test]
fn defaults_know_who_the_user_is() {
    let sandbox = draft("[questions.who]\ndefault = '{{ author.name }} <{{ author.email }}>'\n")
        .file("t/files/out.jinja", "{{ who }}");
    assert_eq!(out(&sandbox, &[]), " <>".trim());
    let sandbox = sandbox.file("../home/.gitconfig", "[user]\nname = Grace\nemail = grace@example.org\n");
    assert_eq!(out(&sandbox, &[]), "Grace <grace@example.org>");
    let sandbox = sandbox.file("../home/.config/prodev/config.toml", "[author]\nname = 'Ada'\n");
    assert_eq!(out(&sandbox, &[]), "Ada <grace@example.org>");
    sandbox.run("new python-cli q --defaults --no-git").succeeds();
    assert!(sandbox.read("q/.prodev/python-cli/state.toml").contains("author = \"Ada\""));
    // What is rendered follows from what is stored.
    let sandbox = draft("").file("t/files/out.jinja", "{{ author.name }}");
    assert!(generate(&sandbox, "").exits(1).stderr.contains("`author` is undefined"));
}

#[test]
fn the_record_of_a_project_gives_its_answers_and_components_again() {
    let sandbox = draft(
        "[questions.name]\n[questions.port]\ntype = 'int'\ndefault = 1\n[components.core]\nrequired = true\n\
         [components.cache]\n[components.mail]\ndefault = true\n",
    )
    .file("t/files/out.jinja", "{{ name }} {{ port }} {{ components.cache }} {{ components.mail }}\n");
    sandbox.run("new t a --no-git --defaults --set name=Ada --set port=7 --with cache --without mail").succeeds();
    let again = "new t b --no-git --defaults --answers a/.prodev/t/state.toml";
    sandbox.run(again).succeeds();
    assert_eq!(sandbox.read("b/out"), "Ada 7 True False\n");
    // What is named here counts more, and components are one choice.
    sandbox.run(&format!("{} --set port=8 --without mail", again.replace(" b ", " c "))).succeeds();
    assert_eq!(sandbox.read("c/out"), "Ada 8 False False\n");
}

#[test]
fn messages_know_the_folder_as_it_was_typed() {
    let sandbox =
        draft("[messages]\nafter = \"{% if dir != '.' %}cd {{ dir | shell_quote }}{% else %}here{% endif %}\"\n")
            .file("t/files/out", "")
            .file("here/x", "");
    for (dir, said) in [("a/b", "cd a/b"), ("My Shop/", "cd 'My Shop'")] {
        let run = sandbox.run_args(&["new", "t", dir, "--no-git"]).succeeds();
        assert!(run.stderr.ends_with(&format!("\n\n{said}\n")), "{run}");
    }
    let run = sandbox.run_args(&["new", "--no-git", "t", "--", "--force"]).succeeds();
    assert!(run.stderr.ends_with("\n\ncd ./--force\n"), "{run}");
    let run = sandbox.run("-C here new ../t . --no-git --overwrite skip").succeeds();
    assert!(run.stderr.ends_with("\n\nhere\n"), "{run}");
}
