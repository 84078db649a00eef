//! Templates that never end, or grow without bounds: each ends soon, in bounded memory, with a word about why.

use std::time::{Duration, Instant};

use super::templates::with_template;
use crate::proof;
use crate::sandbox::{PRODEV, Sandbox};

/// Far more than an honest template takes; a debug build is slow, and others may use the machine.
const PATIENCE: Duration = Duration::from_secs(50);

/// Address space for all of prodev, in bytes.
const MEMORY: u64 = 3 << 30;

/// Runs `prodev new` with little memory. It must refuse, quickly, with a foreseen failure, and leave nothing.
#[track_caller]
fn ends_soon(sandbox: &Sandbox, what: &str) -> Option<String> {
    if !proof::have("templates that grow without bounds", &["prlimit"]) {
        return None;
    }
    let before = sandbox.snapshot("..");
    let begun = Instant::now();
    let mut command = sandbox.command("prlimit");
    let output = command.args([&format!("--as={MEMORY}"), PRODEV, "new", "../tpl", "shop"]).output().unwrap();
    let said = sandbox.normalise(&output.stderr);
    assert_eq!(
        output.status.code().map(|code| code == 1 || code == 2),
        Some(true),
        "{what}: {:?} {said}",
        output.status
    );
    assert!(said.contains("error: ") && said.lines().count() <= 8, "{what}: {said}");
    assert!(begun.elapsed() < PATIENCE, "{what} took {:?}", begun.elapsed());
    assert_eq!(sandbox.snapshot(".."), before, "{what} left something");
    Some(said)
}

#[test]
fn texts_that_grow_without_bounds_are_stopped() {
    let double = |filter: &str| {
        format!(
            "{{% set ns = namespace(x='a\"b\\\\'*9) %}}{{% for i in range(90) %}}{{% set ns.x = {filter} %}}{{% endfor %}}{{{{ ns.x | length }}}}"
        )
    };
    let bombs = [
        "{{ 'x' * 10000000000 }}".to_owned(),
        "{{ range(1000000000) | list | join }}".to_owned(),
        "{{ ([0] * 100000000) | join }}".to_owned(),
        "{{ ([0] * 100000000) | to_json }}".to_owned(),
        "{{ ([[0] * 10000] * 10000) | to_yaml }}".to_owned(),
        "{{ ([['x' * 1000000] * 10000]) | to_toml }}".to_owned(),
        "{{ [1] | to_json(indent=10000000000) }}".to_owned(),
        "{{ 'x' | indent(10000000000) }}".to_owned(),
        "{{ '%10000000000d' | format(1) }}".to_owned(),
        "{{ now('%10000000000Y') }}{{ 1 // 0 }}".to_owned(),
        "{{ 'x'.replace('', 'y' * 1000000).replace('y', 'z' * 1000000) }}".to_owned(),
        "{{ ('x' * 100000) | regex_replace('x', '$0' * 100000) }}".to_owned(),
        "{{ ('x' * 100000) | regex_replace('.*', '$0' * 100000) }}".to_owned(),
        "{{ 'x' | regex_replace('((((x{100}){100}){100}){100})', '') }}".to_owned(),
        "{% for i in range(100000) %}{{ 'x' | regex_replace('(x{50}){50}' ~ i, '') }}{% endfor %}".to_owned(),
        double("ns.x ~ ns.x"),
        double("ns.x + ns.x"),
        double("ns.x | to_json"),
        double("ns.x | shell_quote ~ ns.x | shell_quote"),
        double("ns.x | regex_replace('a', 'aaaa')"),
        double("ns.x | replace('a', 'aaaa')"),
        double("ns.x | upper ~ ns.x | lower | indent(90)"),
        double("[ns.x, ns.x, ns.x] | join"),
        double("[ns.x, ns.x] | to_json"),
        double("ns.x | urlencode | urlencode | urlencode ~ ns.x"),
    ];
    for bomb in bombs {
        let sandbox = with_template(&[("files/a.txt.jinja", bomb.as_str())]);
        if ends_soon(&sandbox, &bomb).is_none() {
            return;
        }
    }
}

#[test]
fn loops_and_recursion_without_end_are_stopped() {
    let nested = "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}";
    let brackets = format!("{{{{ {}1{} }}}}", "(".repeat(20_000), ")".repeat(20_000));
    let lists = format!("{{{{ {}1{} }}}}", "[".repeat(20_000), "]".repeat(20_000));
    let minus = format!("{{{{ {}1 }}}}", "-".repeat(100_000));
    let ifs = format!("{}x{}", "{% if 1 %}".repeat(20_000), "{% endif %}".repeat(20_000));
    let elif = format!("{{% if 1 %}}x{}{{% endif %}}", "{% elif 1 %}x".repeat(20_000));
    let chains = [" ~ 1", " ** 1", " and 1", " if 1 else 1", "|abs", ".b", " is defined", "()"];
    let chains = chains.map(|link| format!("{{{{ 1{} }}}}", link.repeat(200_000)));
    let not = format!("{{{{ {}1 }}}}", "not ".repeat(100_000));
    let bombs = [
        (nested, "endless loop"),
        ("{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(1) }}", ""),
        ("{% include 'self' %}", ""),
        ("{% extends 'heir' %}", ""),
        ("{% import 'self' as me %}{{ me.again() }}", ""),
        ("{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}", ""),
        (&brackets, ""),
        (&lists, ""),
        (&minus, ""),
        (&ifs, ""),
        (&elif, "more than 1000 branches"),
        (&not, "longer than 16 KiB"),
    ];
    let others = [
        ("includes/self", "{% macro again() %}{% include 'self' %}{% endmacro %}{% include 'self' %}"),
        ("includes/heir", "{% extends 'heir' %}"),
    ];
    for (bomb, word) in bombs.into_iter().chain(chains.iter().map(|chain| (chain.as_str(), "longer than 16 KiB"))) {
        let sandbox = with_template(&[&others[..], &[("files/a.txt.jinja", bomb)]].concat());
        let shown: String = bomb.chars().take(60).collect();
        let Some(said) = ends_soon(&sandbox, &shown) else { return };
        assert!(said.contains(word), "{shown}: {said}");
    }
    // At the limit it works.
    let fits = [" ~ 1".repeat(4_000), "|abs".repeat(4_000), " if 1 else 1".repeat(1_300)];
    for chain in fits {
        with_template(&[("files/a.txt.jinja", &format!("{{{{ 1{chain} }}}}"))])
            .run("new ../tpl shop --no-git")
            .succeeds();
    }
    let fits = format!("{{{{ {}1 }}}}", "-".repeat(16_000));
    with_template(&[("files/a.txt.jinja", &fits)]).run("new ../tpl shop --no-git").succeeds();
}

#[test]
fn bombs_in_template_toml_are_stopped() {
    let deep = format!("[computed]\nx = '{}1{}'\n", "[".repeat(5_000), "]".repeat(5_000));
    let tables = [
        "[questions.x]\ndefault = '{{ [0] * 100000000 }}'\ntype = 'json'\n",
        "[questions.x]\ntype = 'choice'\nchoices = '[0] * 100000000'\ndefault = 0\n",
        "[questions.x]\ntype = 'multi'\nchoices = \"['y' * 10000000] * 1000\"\n",
        "[questions.x]\ndefault = 'y'\npattern = '((((x{100}){100}){100}){100})'\n",
        "[computed]\nx = '[[0] * 10000] * 100000'\n",
        "[computed]\nx = \"'x' * 100000000 ~ 'x' * 100000000\"\n",
        "[[files]]\nmatch = '**'\nfor_each = '[0] * 100000000'\n",
        "[[files]]\nmatch = '**'\nfor_each = 'range(100000) | list + range(100000) | list'\n",
        "[messages]\nafter = \"{{ 'x' * 10000000000 }}\"\n",
        deep.as_str(),
    ];
    for table in tables {
        let sandbox = with_template(&[("template.toml", table), ("files/{{ item }}.jinja", "{{ x }}")]);
        let shown: String = table.chars().take(80).collect();
        if ends_soon(&sandbox, &shown).is_none() {
            return;
        }
    }
}

#[test]
fn files_that_are_too_large_together_are_stopped() {
    let sandbox = with_template(&[("template.toml", "[[files]]\nmatch = '**'\nfor_each = 'range(50000)'\n")]);
    sandbox.write("../tpl/files/{{ item }}", vec![b'x'; 1 << 20]);
    let Some(said) = ends_soon(&sandbox, "large files") else { return };
    assert!(said.contains("larger than 1 GiB"), "{said}");
}
