//! Slots of shared files: where fragments land, in which order and how they are indented, and fragments that fit nowhere.

use crate::draft::{draft, generate, out};
use crate::sandbox::Sandbox;

const COMPONENTS: &str = "[components.core]\nrequired = true\n[components.cache]\n[components.rest]\ndefault = true\n";

/// Core, cache and rest, each with two lines for the slot `apps`.
fn shared(file: &str) -> Sandbox {
    draft(COMPONENTS)
        .file("t/files/out.jinja", file)
        .file("t/files/other.jinja", "{{ slot('empty') }}{{ slot('apps') }}")
        .file("t/fragments/apps/rest.py", "\"rest\",\n\"filters\",\n")
        .file("t/fragments/apps/core.py.jinja", "\"{{ template.name }}\",\n\n  \"core\",")
        .file("t/fragments/apps/cache", "\"cache\",\n")
        .file("t/fragments/apps/cache+rest.txt", "\"both\",\n")
        .file("t/fragments/empty/cache.txt", "  \n")
}

#[test]
fn fragments_come_in_the_order_of_components_and_are_indented() {
    let sandbox = shared("APPS = [\n    {{ slot(\"apps\") }}\n]\n");
    assert_eq!(out(&sandbox, &[]), "APPS = [\n    \"t\",\n\n      \"core\",\n    \"rest\",\n    \"filters\",\n]\n");
    assert_eq!(
        out(&sandbox, &["--with", "cache"]),
        "APPS = [\n    \"t\",\n\n      \"core\",\n    \"cache\",\n    \"both\",\n    \"rest\",\n    \"filters\",\n]\n"
    );
}

#[test]
fn an_empty_slot_leaves_no_line() {
    for (file, expected) in [
        ("a\n  {{ slot('empty') }}\nb\n", "a\nb\n"),
        ("a\n{{slot('empty')}}", "a\n"),
        ("{{ slot( 'empty' ) }}\n", ""),
        ("a {{ slot('empty') }} b\n", "a  b\n"),
    ] {
        assert_eq!(out(&shared(file), &["--with", "cache"]), expected, "{file:?}");
    }
}

#[test]
fn tabs_and_windows_newlines_are_kept() {
    assert_eq!(
        out(&shared("a:\n\t \t{{ slot('apps') }}\n"), &["--without", "rest"]),
        "a:\n\t \t\"t\",\n\n\t \t  \"core\",\n"
    );
    let sandbox = shared("a:\r\n  {{ slot('apps') }}\r\n{{ slot('empty') }}\r\nend\r\n");
    sandbox.write("t/fragments/apps/core.py.jinja", "one\r\n\r\ntwo\r\n");
    assert_eq!(out(&sandbox, &["--without", "rest"]), "a:\r\n  one\r\n\r\n  two\r\nend\r\n");
    let sandbox = shared("a:\n  {{ slot('apps') }}\n");
    sandbox.write("t/fragments/apps/core.py.jinja", "one\r\ntwo\r\n");
    assert_eq!(out(&sandbox, &["--without", "rest"]), "a:\n  one\n  two\n");
}

#[test]
fn separators_stand_between_fragments() {
    let sandbox = shared("{{ slot('apps', separator=\"\\n\") }}\n");
    assert_eq!(out(&sandbox, &[]), "\"t\",\n\n  \"core\",\n\n\"rest\",\n\"filters\",\n");
    let sandbox = shared("[{{ slot('names', separator=', ') }}] {{ slot(\"names\") }}!\n")
        .file("t/fragments/names/core", "core\n")
        .file("t/fragments/names/rest", "rest");
    assert_eq!(out(&sandbox, &[]), "[core, rest] core\nrest!\n");
}

#[test]
fn other_delimiters_have_slots_too() {
    let manifest = format!(
        "{COMPONENTS}[[files]]\nmatch = 'out'\ndelimiters = {{ variable = ['[[', ']]'], comment = ['[#', '#]'] }}\n"
    );
    let sandbox = draft(&manifest)
        .file("t/files/out.jinja", "on: ${{ x }}\n  [[ slot('jobs') ]]\nend\n")
        .file("t/fragments/jobs/rest.yml", "test: ${{ matrix }}\n");
    assert_eq!(out(&sandbox, &[]), "on: ${{ x }}\n  test: ${{ matrix }}\nend\n");
    assert_eq!(out(&sandbox, &["--without", "rest"]), "on: ${{ x }}\nend\n");
}

#[test]
fn slots_and_fragments_that_fit_nowhere_are_told() {
    let sandbox = shared("x\n  {{ slot('aps') }}{{ slot('empty') }}\n");
    std::fs::remove_file(sandbox.path("t/files/other.jinja")).unwrap();
    generate(&sandbox, "")
        .fails(2, "error: no file has a slot `apps`, which `fragments/apps/` fills\nhint: did you mean `aps`?\n")
        .changed_nothing();
    let sandbox = shared("{{ slot('apps') }}{{ slot('empty') }}{{ slot('a') }}{{ slot('lonely') }}")
        .file("t/fragments/apps/cahe.txt", "")
        .file("t/fragments/lonely", "")
        .file("t/fragments/a/b/core.txt", "");
    generate(&sandbox, "")
        .fails(
            1,
            "error: the template `t` cannot be rendered\n  \
             `fragments/a/b/core.txt` lies in no slot: `fragments/SLOT/COMPONENT`\n  \
             `fragments/apps/cahe.txt` belongs to a component `cahe` that is not there (did you mean `cache`?)\n  \
             `fragments/lonely` lies in no slot: `fragments/SLOT/COMPONENT`\n",
        )
        .changed_nothing();
    let sandbox =
        shared("x\n{{ slot('apps') }}\n{{ slot('empty') }}\n").file("t/fragments/apps/core.jinja", "\n{{ nobody }}");
    generate(&sandbox, "")
        .fails(
            1,
            "error: `nobody` is undefined\n --> t/fragments/apps/core.jinja:2:4\n2 | {{ nobody }}\n  |    ^^^^^^\n",
        )
        .changed_nothing();
}

#[test]
fn raw_text_keeps_what_looks_like_a_slot() {
    let sandbox = shared("{% raw %}\n{{ slot('apps') }}\n{% endraw %}\n{{ slot('empty') }}\nend\n");
    assert_eq!(out(&sandbox, &[]), "{{ slot('apps') }}\nend\n");
}
