//! Questions that hang on each other: conditions, defaults and choices that are computed, validators, and answers nobody may see.

use crate::draft::{draft, generate, generate_args, out};

#[test]
fn conditions_decide_what_is_asked_and_defaults_stand_in() {
    let sandbox = draft(
        "[components.docker]\n[questions.server]\ntype = 'bool'\ndefault = false\n[questions.port]\ntype = 'int'\nwhen = 'server'\n\
         default = 80\n[questions.image]\nwhen = 'components.docker'\n",
    )
    .file("t/files/out.jinja", "{{ server }} {{ port }} {{ image }}");
    assert_eq!(out(&sandbox, &[]), "False 80 None");
    generate(&sandbox, "--set port=99").succeeds().stderr_is(
        "warning: `port` (from `--set`) is not asked here and has no effect\ncreated `p`: 1 file from t 1.0.0\n",
    );
    assert_eq!(sandbox.read("p/out"), "False 80 None");
    assert!(!sandbox.read("p/.prodev/t/state.toml").contains("image"));
    std::fs::remove_dir_all(sandbox.path("p")).unwrap();
    generate(&sandbox, "--set server=yes --set port=99 --with docker").fails(
        2,
        "error: no answer for `image`\nhint: answer with `--set image=…`, or in a file with `--answers FILE`\n",
    );
    assert_eq!(
        out(&sandbox, &["--set", "server=yes", "--set", "port=99", "--with", "docker", "--set", "image=x"]),
        "True 99 x"
    );
}

#[test]
fn defaults_are_computed_and_keep_their_type() {
    let sandbox = draft(
        r#"
[questions.name]
default = "{{ dir_name | title }}"
[questions.slug]
default = "{{ label }}-{{ template.version }}"
[questions.big]
type = "bool"
default = "{{ name | length > 3 }}"
[questions.size]
type = "int"
default = "{{ name | length }}0"
[questions.parts]
type = "multi"
default = "{{ [name, slug] }}"
[questions.last]
default = "z"
[questions.unset]
default = "{{ none if big else 'unset' }}"
[computed]
late = "last | default('too early')"
both = "label ~ late"
label = "name | slugify"
"#,
    )
    .file(
        "t/files/out.jinja",
        "{{ slug }} {{ big }} {{ size + 1 }} {{ parts | join('+') }} {{ late }} {{ both }} {{ unset }}",
    );
    assert_eq!(out(&sandbox, &[]), "p-1.0.0 False 11 P+p-1.0.0 z pz unset");
    assert_eq!(
        out(&sandbox, &["--set", "name=Shop", "--set", "unset=x"]),
        "shop-1.0.0 True 41 Shop+shop-1.0.0 z shopz x"
    );
    generate(&sandbox, "--set name=Shop").fails(
        2,
        "error: no answer for `unset`\nhint: answer with `--set unset=…`, or in a file with `--answers FILE`\n",
    );
}

#[test]
fn what_hangs_on_a_missing_answer_is_no_problem_of_its_own() {
    let sandbox = draft(
        "[questions.name]\n[questions.slug]\ndefault = '{{ name | slugify }}'\n[questions.url]\nwhen = 'label'\ndefault = '{{ label }}.org'\n\
         [questions.kind]\ntype = 'choice'\nchoices = '[name, slug]'\ndefault = '{{ name }}'\n[computed]\nlabel = 'name ~ slug'\n",
    );
    generate(&sandbox, "").fails(
        2,
        "error: no answer for `name`\nhint: answer with `--set name=…`, or in a file with `--answers FILE`\n",
    );
}

#[test]
fn computed_values_that_fail_are_told_once_with_their_place() {
    let sandbox = draft(
        "[questions.name]\ndefault = 'x'\n[questions.slug]\ndefault = '{{ label }}'\n[computed]\nlabel = 'nmae | upper'\nagain = 'label'\n",
    );
    generate(&sandbox, "")
        .fails(
            2,
            "error: `nmae` is undefined\n --> t/template.toml:9:10\n9 | label = 'nmae | upper'\n  |          ^^^^\nhint: did you mean `name`?\n",
        )
        .changed_nothing();
    let sandbox = draft("[questions.a]\ndefault = '{{ b }}'\n[questions.b]\ndefault = 'x'\n");
    generate(&sandbox, "")
        .fails(
            2,
            "error: `b` is undefined\n --> t/template.toml:5:15\n5 | default = '{{ b }}'\n  |               ^\n\
             hint: `b` is not known yet here: it comes later\n",
        )
        .changed_nothing();
    let sandbox = draft("[components.cache]\n[questions.a]\ndefault = 'x'\nwhen = 'components.cahe'\n");
    generate(&sandbox, "")
        .fails(
            2,
            "error: `components.cahe` is undefined\n --> t/template.toml:7:9\n7 | when = 'components.cahe'\n  |         ^^^^^^^^^^^^^^^\n\
             hint: did you mean `components.cache`?\n",
        )
        .changed_nothing();
}

#[test]
fn choices_have_labels_reasons_and_expressions() {
    let manifest = r#"
[questions.size]
type = "int"
default = 2
[questions.plan]
type = "choice"
choices = ["free", { value = "team", label = "Team of {{ size }}", disabled = "'needs 3 people' if size < 3" }, { value = 7, disabled = "value > size" }]
default = "free"
[questions.days]
type = "multi"
choices = "range(size) | map('string') | list + [{ 'value': 'sun', 'label': 'Sunday', 'disabled': 'closed' }]"
default = []
"#;
    let manifest =
        manifest.replace("range(size) | map('string') | list + [", "(range(size) | map('string') | list) + [");
    let sandbox = draft(&manifest).file("t/files/out.jinja", "{{ plan }} {{ days | join(',') }}");
    assert_eq!(out(&sandbox, &["--set", "days=1,0"]), "free 0,1");
    assert_eq!(out(&sandbox, &["--set", "size=7", "--set", "plan=7"]), "7 ");
    generate_args(&sandbox, &["--set", "plan=team", "--set", "days=sun"]).fails(
        2,
        "error: some answers are missing or wrong\n  `plan`: `team` is not available: needs 3 people\n  \
         `days`: `sun` is not available: closed\n\
         hint: `prodev template show t` tells what each question takes\n",
    );
    generate_args(&sandbox, &["--set", "plan=7"]).fails(
        2,
        "error: `plan`: `7` is not available: not here\n\
         hint: `prodev template show t` tells what each question takes\n",
    );
}

#[test]
fn validators_speak_in_their_own_words_and_never_of_secrets() {
    let manifest = r#"
[questions.name]
default = "admin"
validator = [{ expr = "value != 'admin'", message = "`{{ value }}` is reserved" }, { expr = "value | length > 2", message = "too short" }]
[questions.user]
default = "ada"
validator = { expr = "value != name", message = "as {{ name }}" }
[questions.password]
type = "secret"
default = "hunter2hunter2"
pattern = "[a-z0-9]+"
validator = { expr = "'hunter' not in value", message = "{{ value }} is known to everybody" }
[[files]]
match = ".env"
once = true
"#;
    let sandbox = draft(manifest).file("t/files/.env.jinja", "{{ password }} {{ name }}").file("t/files/out", "");
    generate(&sandbox, "").fails(
        2,
        "error: some answers are missing or wrong\n  \
         `name`: its default does not do: `admin` is reserved (give another with `--set name=…`)\n  \
         `password`: its default does not do: the secret is known to everybody (give another with `--set password=…`)\n",
    );
    generate(&sandbox, "--set name=ab --set password=HUNTER2").fails(
        2,
        "warning: everybody on this machine can see in the list of processes what `--set` gives; \
         `--answers -` reads `password` from stdin\n\
         error: some answers are missing or wrong\n  `name`: too short\n  \
         `password`: the secret does not match the pattern `[a-z0-9]+`\n\
         hint: `prodev template show t` tells what each question takes\n",
    );
    let sandbox =
        sandbox.file("a.toml", "password = 31337\n").file("b.toml", "password = 'opensesame'\nname = 'eve'\n");
    generate(&sandbox, "--set name=abc --answers a.toml").fails(
        2,
        "error: `password`: the secret is not a text (in quotes) (from `a.toml`)\n\
         hint: `prodev template show t` tells what each question takes\n",
    );
    let run = generate(&sandbox, "--answers b.toml --json").succeeds();
    assert_eq!(sandbox.read("p/.env"), "opensesame eve");
    assert!(!run.stdout.contains("sesame") && !run.stderr.contains("sesame"));
    for file in sandbox.list().iter().filter(|file| file.starts_with("p/.prodev/")) {
        assert!(!sandbox.read(file).contains("sesame"), "{file} holds the secret");
    }
}

#[test]
fn a_question_that_names_a_secret_is_told_why_that_cannot_be() {
    let sandbox = draft("[questions.key]\ntype = 'secret'\ndefault = 'x'\n[questions.copy]\ndefault = '{{ key }}'\n");
    generate(&sandbox, "").fails(
        2,
        "error: `key` is undefined\n --> t/template.toml:8:15\n8 | default = '{{ key }}'\n  |               ^^^\n\
         hint: secret answers are seen by `once` files alone\n",
    );
}
