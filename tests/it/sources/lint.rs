//! `prodev template lint`: what is wrong in a template is found with its place, and prodev's own templates have nothing wrong.

use crate::draft::draft;
use crate::sandbox::Sandbox;

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let sandbox = draft(
        "[questions.name]\ndefault = \"{{ nmae | upper }}\"\n[questions.idle]\n[computed]\nshort = \"name | shorten\"\nlong = \"name\"\n\
         [components.cache]\nfiles = ['cache']\n",
    );
    sandbox.write("t/files/cache", "");
    sandbox.write("t/files/{{ nam }}.txt", "");
    sandbox.write(
        "t/files/shared.jinja",
        "{{ name }}\n{% if components.cache %}x{% endif %}\n{{ short }}{{ 'a' | slugfy }}\n",
    );
    sandbox.write("t/files/broken.jinja", "fine\n{% if %}\n");
    sandbox.write("t/includes/idle.txt", "");
    let run = sandbox.run("template lint t").exits(1).changed_nothing();
    for (what, place) in [
        ("error: `nmae` is neither asked nor computed [undefined-name]", "t/template.toml:5:15"),
        ("error: there is no filter `shorten` [unknown-filter]", "t/template.toml:8:17"),
        ("error: there is no filter `slugfy` [unknown-filter]", "t/files/shared.jinja:3:21"),
        ("error: unexpected end of block [syntax]", "t/files/broken.jinja:2:7"),
        ("error: `nam` is neither asked nor computed [undefined-name]", "t/files/{{ nam }}.txt:1:4"),
        ("warning: nothing uses `questions.idle` [unused-name]", "t/template.toml:6:12"),
        ("warning: nothing uses `computed.long` [unused-name]", "t/template.toml:9:1"),
        (
            "warning: this file is shared, and hangs on the component `cache` [component-condition]",
            "t/files/shared.jinja:2:7",
        ),
    ] {
        let expected = format!("{what}\n --> {place}\n");
        assert!(run.stdout.contains(&expected), "{expected}\n{run}");
    }
    assert!(run.stdout.contains("nothing includes this"), "{run}");
    let json = sandbox.run("template lint t --json").exits(1).json();
    let findings = json["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 9, "{json:#}");
    assert_eq!(json["template"]["name"], "t");
}

#[test]
fn prodevs_own_templates_have_nothing_wrong() {
    for name in ["django-api", "python-cli", "rust-cli"] {
        let sandbox = Sandbox::new();
        let run = sandbox.run(&format!("template lint {name} --json")).succeeds().changed_nothing();
        let json = run.json();
        assert_eq!(json["findings"], serde_json::json!([]), "{run}");
    }
}

#[test]
fn what_prodev_gives_is_no_unknown_name() {
    let sandbox = draft(
        "[questions.apps]\ntype = 'multi'\ndefault = ['x']\n[[files]]\nmatch = '*.py'\nfor_each = 'apps'\nas = 'app'\n",
    );
    let text = "{{ app }}{{ prodev.version }}{{ template.name }}{{ dir_name }}{{ now() }}{{ loop_ | default('') if false else '' }}\n\
                {% for item in apps %}{{ loop.index }}{{ item }}{% endfor %}{% set own = 1 %}{{ own }}\n\
                {% macro hi(who) %}{{ who }}{% endmacro %}{{ hi(app) }}{{ slot('x') }}{{ random_secret() }}\n";
    sandbox.write("t/files/{{ app }}.py.jinja", text);
    let run = sandbox.run("template lint t").exits(1);
    assert_eq!(run.stdout.matches("is neither asked nor computed").count(), 1, "{run}");
    assert!(run.stdout.contains("`loop_` is neither asked nor computed"), "{run}");
    sandbox.write("t/files/{{ app }}.py.jinja", text.replace("loop_", "apps"));
    sandbox.run("template lint t").succeeds().stderr_is("t 1.0.0: nothing found\n").stdout_is("");
}
