//! From a template's files to a project's: names, rules by glob, filters and functions, and every kind of failure with its place.

use std::os::unix::fs::PermissionsExt as _;

use crate::draft::{draft, generate, generate_args, out};
use crate::sandbox::Sandbox;

/// What was generated, without the records.
#[track_caller]
fn files(sandbox: &Sandbox) -> Vec<String> {
    let all = sandbox.list().into_iter().filter_map(|path| path.strip_prefix("p/").map(ToOwned::to_owned));
    all.filter(|path| !path.starts_with(".prodev/")).collect()
}

fn mode(sandbox: &Sandbox, path: &str) -> u32 {
    sandbox.path(path).metadata().unwrap().permissions().mode() & 0o777
}

#[test]
fn suffixes_bytes_modes_newlines_and_links_are_kept() {
    let sandbox = draft("")
        .file("t/files/twice.jinja.jinja", "{{ 1 + 1 }}")
        .file("t/files/plain.txt", "{{ nobody }} {% nothing")
        .file("t/files/.gitignore.jinja", "target\n")
        .file("t/files/windows.txt.jinja", "a\r\n{% if true %}\r\n{{ 'b' }}\r\n{% endif %}\r\nc\r\n")
        .file("t/files/empty.jinja", "")
        .file("t/files/sub/run.sh.jinja", "#!/bin/sh\n");
    sandbox.write("t/files/bytes.bin", [0, 255, b'{', b'{', 13, 10]);
    std::fs::set_permissions(sandbox.path("t/files/sub/run.sh.jinja"), std::fs::Permissions::from_mode(0o755)).unwrap();
    std::os::unix::fs::symlink("../plain.txt", sandbox.path("t/files/sub/link")).unwrap();
    generate(&sandbox, "").succeeds();
    assert_eq!(
        files(&sandbox),
        [".gitignore", "bytes.bin", "empty", "plain.txt", "sub/link", "sub/run.sh", "twice.jinja", "windows.txt"]
    );
    assert_eq!(sandbox.read("p/twice.jinja"), "2");
    assert_eq!(sandbox.read("p/plain.txt"), "{{ nobody }} {% nothing");
    assert_eq!(sandbox.read("p/windows.txt"), "a\r\nb\r\nc\r\n");
    assert_eq!(std::fs::read(sandbox.path("p/bytes.bin")).unwrap(), [0, 255, b'{', b'{', 13, 10]);
    assert_eq!(std::fs::read_link(sandbox.path("p/sub/link")).unwrap().to_str(), Some("../plain.txt"));
    assert_eq!(mode(&sandbox, "p/sub/run.sh"), 0o755);
    assert_eq!(mode(&sandbox, "p/plain.txt"), 0o644);
    assert_eq!(mode(&sandbox, "p/.prodev/t/base/sub/run.sh.base"), 0o755);
}

#[test]
fn names_are_rendered_and_empty_ones_skipped() {
    let sandbox =
        draft("[questions.package]\ndefault = 'com/acme'\n[questions.license]\ntype = 'bool'\ndefault = false\n")
            .file("t/files/src/{{ package }}/{{ package | slugify }}.py.jinja", "")
            .file("t/files/{% if license %}LICENSE{% endif %}", "")
            .file("t/files/{% if license %}legal{% endif %}/deep/NOTICE", "")
            .file("t/files/{{ 'kept' if not license }}", "");
    generate(&sandbox, "").succeeds();
    assert_eq!(files(&sandbox), ["kept", "src/com/acme/com-acme.py"]);
    std::fs::remove_dir_all(sandbox.path("p")).unwrap();
    generate(&sandbox, "--set license=yes --set package=shop").succeeds();
    assert_eq!(files(&sandbox), ["LICENSE", "legal/deep/NOTICE", "src/shop/shop.py"]);
}

#[test]
fn names_that_do_not_do_are_all_told() {
    let sandbox =
        draft("[questions.a]\ndefault = '..'\n[questions.b]\ndefault = '/etc'\n[questions.c]\ndefault = 'same'\n")
            .file("t/files/{{ a }}/x", "")
            .file("t/files/{{ b }}/x", "")
            .file("t/files/{{ c }}", "")
            .file("t/files/same", "")
            .file("t/files/SAME.txt", "")
            .file("t/files/same.txt", "")
            .file("t/files/{{ aa }}", "")
            .file("t/files/.git{{ '' }}/config", "");
    generate(&sandbox, "")
        .fails(
            1,
            "error: the template `t` cannot be rendered\n  \
             the path `.git/config` reaches into `.git` (from `t/files/.git{{ '' }}/config`)\n  \
             the path `../x` leaves the project (from `t/files/{{ a }}/x`)\n  \
             the name `{{ aa }}` of `t/files/{{ aa }}`: `aa` is undefined (did you mean `a`?)\n  \
             the path `/etc/x` is absolute (from `t/files/{{ b }}/x`)\n  \
             `same.txt` and `SAME.txt` are one file to some file systems\n  \
             `same` would be made twice, from `same` and from `{{ c }}` (a `for_each` file must use its item in its name)\n",
        )
        .changed_nothing();
}

#[test]
fn rules_say_what_becomes_of_files() {
    let sandbox = draft(
        r#"
[questions.docker]
type = "bool"
default = false
[questions.apps]
type = "multi"
default = ["cart", "user"]
[[files]]
match = ["Dockerfile", "compose/**"]
when = "docker"
[[files]]
match = "*.md"
exclude = true
[[files]]
match = "README.md"
exclude = false
[[files]]
match = "raw/*"
verbatim = true
[[files]]
match = "*.sh"
executable = true
[[files]]
match = "no.sh"
executable = false
[[files]]
match = "{{ app }}/models.py"
for_each = "apps"
as = "app"
[[files]]
match = "item-{{ item }}.txt"
for_each = "range(2)"
[[files]]
match = ".github/**"
delimiters = { variable = ["[[", "]]"] }
[[files]]
match = ".env"
once = true
[[files]]
match = "seed.txt"
skip_if_exists = true
"#,
    )
    .file("t/files/Dockerfile", "")
    .file("t/files/compose/a/b.yml", "")
    .file("t/files/NOTES.md", "")
    .file("t/files/README.md", "")
    .file("t/files/raw/{{ x }}.jinja", "{{ x }}")
    .file("t/files/run.sh", "")
    .file("t/files/no.sh", "")
    .file("t/files/{{ app }}/models.py.jinja", "class {{ app | pascal_case }}: pass  # {{ apps | length }}\n")
    .file("t/files/item-{{ item }}.txt.jinja", "{{ item }}")
    .file("t/files/.github/ci.yml.jinja", "${{ matrix.os }} [[ dir_name ]]")
    .file("t/files/.env.jinja", "KEY={{ random_secret(12) }}\n")
    .file("t/files/seed.txt", "template's\n");
    std::fs::set_permissions(sandbox.path("t/files/no.sh"), std::fs::Permissions::from_mode(0o755)).unwrap();
    generate(&sandbox, "").succeeds();
    assert_eq!(
        files(&sandbox),
        [
            ".env",
            ".github/ci.yml",
            "README.md",
            "cart/models.py",
            "item-0.txt",
            "item-1.txt",
            "no.sh",
            "raw/{{ x }}.jinja",
            "run.sh",
            "seed.txt",
            "user/models.py"
        ]
    );
    assert_eq!(sandbox.read("p/raw/{{ x }}.jinja"), "{{ x }}");
    assert_eq!((mode(&sandbox, "p/run.sh"), mode(&sandbox, "p/no.sh")), (0o755, 0o644));
    assert_eq!(sandbox.read("p/user/models.py"), "class User: pass  # 2\n");
    assert_eq!(sandbox.read("p/item-1.txt"), "1");
    assert_eq!(sandbox.read("p/.github/ci.yml"), "${{ matrix.os }} p");
    assert_eq!(mode(&sandbox, "p/.env"), 0o600);
    assert!(!sandbox.exists("p/.prodev/t/base/.env.base"));
    assert!(sandbox.exists("p/.prodev/t/base/seed.txt.base"));

    std::fs::remove_dir_all(sandbox.path("p")).unwrap();
    sandbox.write("p/seed.txt", "mine\n");
    sandbox.write("p/.env", "KEY=mine\n");
    generate(&sandbox, "--set docker=yes --overwrite force").succeeds();
    assert_eq!(sandbox.read("p/seed.txt"), "mine\n");
    assert_eq!(sandbox.read("p/.env"), "KEY=mine\n");
    assert!(sandbox.exists("p/Dockerfile") && sandbox.exists("p/compose/a/b.yml"));
}

#[test]
fn includes_macros_methods_and_filters_work() {
    let sandbox = draft("[questions.name]\ndefault = 'My Ärger & Co'\n[questions.data]\ntype = 'json'\ndefault = { b = [1, 'x'], a = \"it's\" }\n")
        .file("t/includes/macros/names.jinja", "{% macro both(a, b='-') %}{{ a }}{{ b }}{% endmacro %}")
        .file("t/includes/license.txt", "for {{ name }}\r\n")
        .file(
            "t/files/out.jinja",
            "{% from 'macros/names.jinja' import both %}\n\
             {{ both(1) }} {{ both(1, b=2) }} {% include 'license.txt' %}\
             {{ name.upper() }} {{ name.split()[0] }} {{ name.startswith('My') }} {{ data.items() | list | length }} {{ '{}'.format(3) }}\n\
             {{ name | slugify }} {{ name | snake_case }} {{ name | kebab_case }} {{ name | camel_case }} {{ name | pascal_case }}\n\
             {{ name | screaming_snake_case }} {{ name | title_case }}\n\
             {{ data | to_json }} {{ name | to_json }}\n{{ data | to_json(indent=1) }}\n{{ data | to_yaml }}\n{{ data | to_toml }}\n\
             {{ name | regex_replace('[^a-zA-Z]+', '_') }} {{ 'v1' | regex_match('^v[0-9]$') }} {{ data.a | shell_quote }}\n\
             {{ now() }} {{ now('%Y') }} {{ now(format='%H:%M') }} {{ none }} {{ template.name }} {{ template.version }} {{ dir_name }}\n",
        )
        .env("SOURCE_DATE_EPOCH", "1700000000");
    assert_eq!(
        out(&sandbox, &[]),
        "1- 12 for My Ärger & Co\nMY ÄRGER & CO My True 2 3\n\
         my-aerger-co my_aerger_co my-aerger-co myAergerCo MyAergerCo\nMY_AERGER_CO My Ärger Co\n\
         {\"b\":[1,\"x\"],\"a\":\"it's\"} \"My Ärger & Co\"\n{\n \"b\": [\n  1,\n  \"x\"\n ],\n \"a\": \"it's\"\n}\nb:\n- 1\n- x\na: it's\nb = [1, \"x\"]\na = \"it's\"\n\
         My_rger_Co True 'it'\\''s'\n2023-11-14 2023 22:13 None t 1.0.0 p\n"
    );
}

#[test]
fn the_instant_of_creation_is_recorded_where_it_is_used() {
    let sandbox = draft("").file("t/files/out.jinja", "{{ now() }}").env("SOURCE_DATE_EPOCH", "1700000000");
    generate(&sandbox, "").succeeds();
    assert!(sandbox.read("p/.prodev/t/state.toml").contains("\ncreated = \"2023-11-14T22:13:20Z\"\n"));
    let sandbox = draft("").file("t/files/out.jinja", "now").env("SOURCE_DATE_EPOCH", "1700000000");
    generate(&sandbox, "").succeeds();
    assert!(!sandbox.read("p/.prodev/t/state.toml").contains("created"));
    let sandbox = sandbox.env("SOURCE_DATE_EPOCH", "yesterday");
    generate_args(&sandbox, &["--overwrite", "force", "--as", "u"])
        .fails(
            2,
            "error: `SOURCE_DATE_EPOCH` is `yesterday`, which is no number of seconds\n\
             hint: set it to seconds since 1970, such as `1735732800`, or unset it\n",
        )
        .changed_nothing();
}

#[test]
fn failures_show_their_place() {
    for (text, complaint) in [
        (
            "a\n  {{ projct }}\n",
            "error: `projct` is undefined\n --> t/files/out.jinja:2:6\n2 |   {{ projct }}\n  |      ^^^^^^\nhint: did you mean `project`?\n",
        ),
        (
            "{{ project | slugfy }}",
            "error: there is no filter `slugfy`\n --> t/files/out.jinja:1:14\n1 | {{ project | slugfy }}\n  |              ^^^^^^\nhint: did you mean `slugify`?\n",
        ),
        (
            "{{ nowe() }}",
            "error: there is no function `nowe`\n --> t/files/out.jinja:1:4\n1 | {{ nowe() }}\n  |    ^^^^^^\nhint: did you mean `now`?\n",
        ),
        (
            "{% if project %}\nx\n",
            "error: unexpected end of input, expected end of block\n --> t/files/out.jinja:2:1\n2 | x\n  | ^\n",
        ),
        (
            "é {{ fail('no luck') }}",
            "error: no luck\n --> t/files/out.jinja:1:6\n1 | é {{ fail('no luck') }}\n  |      ^^^^^^^^^^^^^^^\n",
        ),
        (
            "{% include 'none' %}",
            "error: there is no `includes/none`\n --> t/files/out.jinja:1:4\n1 | {% include 'none' %}\n  |    ^^^^^^^^^^^^^^\n",
        ),
        (
            "{% include 'broken' %}",
            "error: `projet` is undefined\n --> t/includes/broken:2:4\n2 | {{ projet }}\n  |    ^^^^^^\nhint: did you mean `project`?\n",
        ),
        (
            "{{ random_secret() }}",
            "error: `random_secret` works in `once` files only: anything else would store the secret\n --> t/files/out.jinja:1:4\n1 | {{ random_secret() }}\n  |    ^^^^^^^^^^^^^^^\n",
        ),
        (
            "{{ password }}",
            "error: `password` is undefined\n --> t/files/out.jinja:1:4\n1 | {{ password }}\n  |    ^^^^^^^^\nhint: secret answers are seen by `once` files alone\n",
        ),
        (
            "{% for a in range(10000) %}{% for b in range(10000) %}{{ b }}{% endfor %}{% endfor %}",
            "error: this template takes too long: is there an endless loop in it?\n",
        ),
    ] {
        let sandbox =
            draft("[questions.project]\ndefault = 'p'\n[questions.password]\ntype = 'secret'\ndefault = 's'\n")
                .file("t/includes/broken", "fine\n{{ projet }}\n")
                .file("t/files/out.jinja", text);
        let run = generate(&sandbox, "").exits(1).changed_nothing();
        if complaint.contains("endless") {
            assert!(run.stderr.starts_with(complaint), "{run}");
        } else {
            run.stderr_is(complaint);
        }
    }
}

#[test]
fn all_files_that_fail_are_told() {
    let sandbox = draft("[messages]\nafter = '{{ d }}'\n")
        .file("t/files/a.jinja", "{{ a }}")
        .file("t/files/b.jinja", "x\n{{ b | nothing }}")
        .file("t/files/c", "{{ fine }}");
    sandbox.write("t/files/d.jinja", [255, 254]);
    generate(&sandbox, "")
        .fails(
            1,
            "error: the template `t` cannot be rendered\n  \
             t/files/a.jinja:1:4: `a` is undefined\n  \
             t/files/b.jinja:2:8: there is no filter `nothing`\n  \
             `t/files/d.jinja` is to be rendered, and is not UTF-8 (drop the suffix `.jinja`, and it is copied as it is)\n  \
             t/template.toml:5:13: `d` is undefined\n",
        )
        .changed_nothing();
}
