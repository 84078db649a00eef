//! `template.toml` and the places where templates lie: what is wrong is told all at once, what belongs to others is recognised.

use std::fs;

use crate::draft::{draft, generate};
use crate::sandbox::Sandbox;

#[test]
fn keys_that_do_not_exist_are_told_all_at_once() {
    let sandbox = draft(
        "[question.x]\n[questions.a]\ntyp = 'int'\ntype = 'integer'\ndefault = 3\n[components.c]\nrequire = ['d']\n\
         [[files]]\nwhen = 'true'\n",
    );
    for command in ["new t p --no-git", "template show t"] {
        sandbox
            .run(command)
            .fails(
                2,
                "error: `t/template.toml` has 5 problems\n  \
                 t/template.toml:4:2: unknown key `question` (did you mean `questions`?)\n  \
                 t/template.toml:6:1: unknown key `typ` in `questions.a` (did you mean `type`?)\n  \
                 t/template.toml:7:8: `questions.a.type` cannot be `integer`: it is `string`, `text`, `int`, `float`, `bool`, `choice`, `multi`, `path`, `json`, `yaml` or `secret` (did you mean `int`?)\n  \
                 t/template.toml:10:1: unknown key `require` in `components.c` (did you mean `requires`?)\n  \
                 t/template.toml:12:1: `files[0]` needs the key `match` (add `match = …`)\n",
            )
            .changed_nothing();
    }
}

#[test]
fn references_and_expressions_that_do_not_work_are_told_all_at_once() {
    let sandbox = draft(
        r#"
[questions.value]
[questions.my-name]
[questions.a]
type = "choice"
[questions.b]
choices = ["x"]
pattern = "("
when = "a =="
default = "{{ a"
prompt = "{% if %}"
validator = { expr = "a b", message = "{{" }
[questions.c]
type = "choice"
choices = [{ value = "{{", label = "{{", disabled = "a b" }]
[computed]
a = "1"
b2 = "1 +"
[components.Core]
requires = ["cahe"]
conflicts = ["none"]
files = ["[a"]
[components.cache]
[presets]
full = ["cach"]
[[files]]
match = "{a"
when = "=="
for_each = "=="
as = "slot"
[messages]
before = "{{"
after = "{{"
"#,
    );
    let expected = [
        "5:12: `value` means something else in expressions; choose another name",
        "6:12: `my-name` cannot be used in an expression: letters, digits and underscores, a letter first",
        "7:12: `questions.a` is a choice and has no `choices`",
        "10:1: `questions.b` has `choices`, and its type is `string`: make it `choice` or `multi`",
        "11:11: `questions.b.pattern` is no regular expression: unclosed group",
        "12:8: `a ==` is no expression: unexpected end of input, expected expression",
        "13:11: this text cannot be rendered: unexpected end of input, expected end of variable block",
        "14:10: this text cannot be rendered: unexpected end of block",
        "15:22: `a b` is no expression: unexpected input after expression",
        "15:39: this text cannot be rendered: unexpected end of input, expected expression",
        "18:22: this text cannot be rendered: unexpected end of input, expected expression",
        "18:36: this text cannot be rendered: unexpected end of input, expected expression",
        "18:53: `a b` is no expression: unexpected input after expression",
        "20:1: `a` is both a question and computed",
        "21:6: `1 +` is no expression: unexpected end of input, expected expression",
        "22:13: `Core` cannot be a component's name: lowercase letters, digits and dashes, a letter first",
        "23:13: `components.Core.requires` names a component `cahe` that is not there (did you mean `cache`?)",
        "24:14: `components.Core.conflicts` names a component `none` that is not there",
        "25:10: `[a` is no glob: unclosed character class; missing ']'",
        "28:9: `presets.full` names a component `cach` that is not there (did you mean `cache`?)",
        "30:9: `{a` is no glob: unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)",
        "31:8: `==` is no expression: unexpected `==`",
        "32:12: `==` is no expression: unexpected `==`",
        "33:1: `slot` means something else in expressions; choose another name",
        "35:10: this text cannot be rendered: unexpected end of input, expected expression",
        "36:9: this text cannot be rendered: unexpected end of input, expected expression",
    ];
    let lines = expected.map(|line| format!("  t/template.toml:{line}\n")).concat();
    generate(&sandbox, "--verbose")
        .fails(2, &format!("error: `t/template.toml` has {} problems\n{lines}", expected.len()))
        .changed_nothing();
}

#[test]
fn a_newer_template_is_told_before_its_keys() {
    let sandbox = Sandbox::new().file(
        "t/template.toml",
        "[template]\nname = 't'\nversion = '1.0.0'\nmin_prodev = '99.0.0'\n[from.the.future]\n",
    );
    let this = env!("CARGO_PKG_VERSION");
    sandbox
        .run("new t p")
        .fails(
            2,
            &format!(
                "error: `t/template.toml` needs prodev 99.0.0 or newer; this is {this}\n\
                 hint: update prodev, or use an older version of the template\n"
            ),
        )
        .changed_nothing();
}

#[test]
fn templates_of_other_tools_are_recognised() {
    for (file, tool) in [
        ("copier.yml", "copier"),
        ("copier.yaml", "copier"),
        ("cookiecutter.json", "cookiecutter"),
        ("cargo-generate.toml", "cargo-generate"),
    ] {
        Sandbox::new()
            .file(&format!("t/{file}"), "{}")
            .run("new t p")
            .fails(
                2,
                &format!(
                    "error: `t` is a template for {tool} (it has a `{file}`), which prodev cannot read yet\n\
                     hint: generate it with {tool}; docs/templates.md tells how a template for prodev is written\n"
                ),
            )
            .changed_nothing();
    }
    Sandbox::new()
        .file("t/x", "")
        .run("new t p")
        .fails(2, "error: `t` has no `template.toml`\nhint: `prodev template schema` describes it\n");
}

#[test]
fn templates_are_named_in_several_ways() {
    let sandbox = draft("")
        .file("t/files/out", "")
        .file("../home/.config/prodev/config.toml", "[templates]\nmine = '~/templates/shop'\nour = '~/templates/{}'\n");
    fs::create_dir_all(sandbox.home().join("templates")).unwrap();
    fs::rename(sandbox.path("t"), sandbox.home().join("templates/shop")).unwrap();
    for (name, folder) in [("mine", "a"), ("our:shop", "b"), ("../home/templates/shop/", "c")] {
        sandbox.run(&format!("new {name} {folder} --no-git")).succeeds();
        sandbox.run(&format!("template show {name}")).succeeds();
        assert!(sandbox.exists(&format!("{folder}/out")));
    }
    assert!(sandbox.read("b/.prodev/t/state.toml").contains("/home/templates/shop\"\n"));
    sandbox.run("new builtin:rust-cli d --no-git --defaults").succeeds();
    assert!(sandbox.read("d/.prodev/rust-cli/state.toml").contains("source = \"builtin:rust-cli\"\n"));
    for (name, complaint) in [
        ("rust-cil", "error: there is no template `rust-cil`\nhint: did you mean `rust-cli`?\n"),
        ("builtin:nothing", ""),
        (
            "./nothing",
            "error: there is no folder `./nothing`\n\
             hint: name a folder with a `template.toml`, or see `prodev template list`\n",
        ),
    ] {
        let run = sandbox.run(&format!("new {name} e")).exits(2).changed_nothing();
        if complaint.is_empty() {
            assert!(
                run.stderr.starts_with("error: there is no template `nothing`\nhint: the built-in templates are `")
            );
        } else {
            run.stderr_is(complaint);
        }
    }
}

#[test]
fn a_folder_goes_before_nothing_but_a_built_in_name_before_a_folder() {
    let sandbox = draft("").file("t/files/out", "");
    fs::rename(sandbox.path("t"), sandbox.path("rust-cli")).unwrap();
    sandbox.run("new rust-cli a --no-git --defaults").succeeds();
    assert!(sandbox.exists("a/Cargo.toml"));
    sandbox.run("new ./rust-cli b --no-git --defaults").succeeds();
    assert!(sandbox.exists("b/out"));
}
