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
                {% macro hi(who) %}{{ who }}{% endmacro %}{{ hi(app) }}{{ slot('x') }}\n";
    sandbox.write("t/files/{{ app }}.py.jinja", text);
    let run = sandbox.run("template lint t").exits(1);
    assert_eq!(run.stdout.matches("is neither asked nor computed").count(), 1, "{run}");
    assert!(run.stdout.contains("`loop_` is neither asked nor computed"), "{run}");
    sandbox.write("t/files/{{ app }}.py.jinja", text.replace("loop_", "apps"));
    sandbox.run("template lint t").succeeds().stderr_is("t 1.0.0: nothing found\n").stdout_is("");
}

#[test]
fn secrets_outside_of_what_is_written_once_are_found() {
    let sandbox = draft(
        "[questions.token]\ntype = 'secret'\ndefault = 'x'\n[computed]\nlonger = \"token ~ 'x'\"\n[components.cache]\n\
         [[files]]\nmatch = 'local.env'\nonce = true\n[[tasks]]\nrun = ['echo', '{{ token }}']\n[messages]\nafter = '{{ token }} {{ longer }}'\n",
    );
    sandbox.write("t/files/local.env.jinja", "{{ token }}{{ random_secret() }}\n{{ slot('once') }}\n");
    sandbox.write("t/files/out.jinja", "a\n {{ token }}{{ random_secret() }}\n{{ slot('open') }}\n");
    sandbox.write("t/fragments/once/cache.jinja", "{{ token }}\n");
    sandbox.write("t/fragments/open/cache.jinja", "x{{ token }}\n");
    let run = sandbox.run("template lint t").exits(1).changed_nothing();
    for (name, place) in [
        ("token", "t/template.toml:8:11"),
        ("token", "t/template.toml:14:20"),
        ("token", "t/template.toml:16:13"),
        ("token", "t/files/out.jinja:2:5"),
        ("random_secret", "t/files/out.jinja:2:16"),
        ("token", "t/fragments/open/cache.jinja:1:5"),
    ] {
        let expected =
            format!("error: `{name}` is secret, and this is recorded, or shown [secret-outside-once]\n --> {place}\n");
        // The arrow stands under the line's number.
        assert!(run.stdout.replace("\n  --> ", "\n --> ").contains(&expected), "{expected}\n{run}");
    }
    assert_eq!(run.stdout.matches("[secret-outside-once]").count(), 6, "{run}");
}

#[test]
fn files_that_nobody_gets_are_found() {
    let sandbox = draft(
        "[components.core]\nrequired = true\n[components.no]\nconflicts = ['core']\nfiles = ['no/**']\n\
         [components.far]\nrequires = ['no']\nfiles = ['far']\n[components.a]\nconflicts = ['b']\n[components.b]\n\
         [[files]]\nmatch = ['gone', 'back']\nexclude = true\n[[files]]\nmatch = 'back'\nexclude = false\n\
         [[files]]\nmatch = 'never'\nwhen = 'false'\n",
    );
    for path in ["no/x", "far", "gone", "back", "never"] {
        sandbox.write(&format!("t/files/{path}"), "");
    }
    sandbox.write("t/files/shared.jinja", "{{ slot('s') }}\n");
    for path in ["a+b", "far", "a"] {
        sandbox.write(&format!("t/fragments/s/{path}"), "x\n");
    }
    let run = sandbox.run("template lint t").succeeds().changed_nothing();
    for (path, why) in [
        ("files/no/x", "`no` cannot be selected"),
        ("files/far", "`far` cannot be selected"),
        ("files/gone", "a rule excludes it"),
        ("files/never", "its `when` never holds"),
        ("fragments/s/a+b", "`a` and `b` are never together"),
        ("fragments/s/far", "`far` cannot be selected"),
    ] {
        assert!(
            run.stdout.contains(&format!("`t/{path}`: nobody gets this: {why} [unreachable-file]\n")),
            "{path}\n{run}"
        );
    }
    assert_eq!(run.stdout.matches("[unreachable-file]").count(), 6, "{run}");
}

#[test]
fn what_an_heir_keeps_back_of_its_base_is_got_by_others() {
    let sandbox = draft("[components.a]\nfiles = ['a']\n");
    for path in ["a", "b"] {
        sandbox.write(&format!("t/files/{path}"), "");
    }
    let heir = "[template]\nname = \"heir\"\nversion = \"1.0.0\"\nextends = \"../t\"\n[components.core]\nrequired = true\n\
                conflicts = ['a']\n[[files]]\nmatch = '[bo]*'\nexclude = true\n";
    sandbox.write("heir/template.toml", heir);
    sandbox.write("heir/files/c", "");
    let run = sandbox.run("template lint heir --json").succeeds();
    assert_eq!(run.json()["findings"], serde_json::json!([]), "{run}");
    // Of what is its own it is told.
    sandbox.write("heir/files/own", "");
    let run = sandbox.run("template lint heir").succeeds();
    assert!(
        run.stdout.contains("`heir/files/own`: nobody gets this: a rule excludes it [unreachable-file]\n"),
        "{run}"
    );
    assert_eq!(run.stdout.matches("[unreachable-file]").count(), 1, "{run}");
}
