//! `{{ name }}` in texts for shells that are no kin of `sh`: a reference in their own language.

use super::injection::PAYLOADS;
use crate::proof;
use crate::sandbox::Sandbox;

/// Each way writes the value into the file `out`, as the program's own argument.
const WAYS: [(&str, &str, &[&str]); 2] = [
    (
        "fish",
        "/usr/bin/printf %s",
        &[
            "P {{ x }} >out",
            "function f; P {{ x }} >out; end; f a b",
            "set y {{ x }}; P $y >out",
            "set y (echo a | /bin/cat {{ x }} 2>/dev/null; P {{ x }} | string collect -N); P $y >out",
            "P \"$x\" >out",
            "P $argv >out",
        ],
    ),
    (
        "nu",
        "^/usr/bin/printf '%s'",
        &[
            "P {{ x }} o> out",
            "def f [a] { P $a o> out }; f {{ x }}",
            "let y = {{ x }}; P $y o> out",
            "P $\"({{ x }})\" o> out",
            "P $env.x o> out",
        ],
    ),
];

#[test]
fn values_arrive_in_other_shells_as_they_are() {
    for (shell, program, ways) in WAYS {
        if !proof::may("values arrive in other shells as they are", &[shell]) {
            continue;
        }
        for way in ways {
            let text = way.replace("P ", &format!("{program} "));
            let config = format!("[recipes.r]\nshell = '{shell}'\nparams = ['x']\nrun = '''\n{text}\n'''\n");
            let sandbox = Sandbox::new().file("prodev.toml", &config);
            for payload in PAYLOADS {
                sandbox.run_args(&["run", "r", "--", payload]).succeeds();
                assert_eq!(sandbox.read("out"), payload, "{shell}: {way}");
                assert!(!sandbox.exists("pwned"), "{shell}: {payload:?} was executed");
            }
        }
    }
}

#[test]
fn several_values_arrive_in_other_shells_one_by_one() {
    for (shell, text) in
        [("fish", "/usr/bin/printf '<%s>' {{ x }} >out"), ("nu", "^/usr/bin/printf '<%s>' {{ x }} o> out")]
    {
        if !proof::may("several values arrive in other shells one by one", &[shell]) {
            continue;
        }
        let config = format!(
            "[recipes.r]\nshell = '{shell}'\nparams = [{{ name = 'x', variadic = true }}]\nrun = '''\n{text}\n'''\n"
        );
        let sandbox = Sandbox::new().file("prodev.toml", &config);
        let args: Vec<&str> = ["run", "r", "--"].into_iter().chain(PAYLOADS).collect();
        sandbox.run_args(&args).succeeds();
        assert_eq!(sandbox.read("out"), format!("<{}>", PAYLOADS.join("><")), "{shell}");
        assert!(!sandbox.exists("pwned"), "{shell}");
    }
}

#[test]
fn a_reference_stands_in_other_shells_where_it_is_one() {
    let sandbox = Sandbox::new().file(
        "prodev.toml",
        "[recipes.f]\nparams = ['x']\nshell = 'fish'\nrun = '''\necho \"a {{ x }}\" '{{ x }}' # {{ x }}\necho \\{{ x }}\n'''\n\
         [recipes.p]\nparams = ['x', { name = 'y', variadic = true }]\nshell = 'pwsh'\n\
         run = '''\necho \"a {{ x }}\" a{{ x }} ({{ x }}) {{ x }}.txt --y={{ x }}\n$z = @\"\n{{ x }}\n\"@\necho a{{ y }}\n'''\n\
         [recipes.n]\nparams = ['x']\nshell = 'nu'\nrun = \"print 'a {{ x }}' $'({{ x }})'\"\n\
         [recipes.t]\nparams = ['a-b']\nshell = 'tcsh'\nrun = 'echo {{ a-b }}'\n",
    );
    let refusal = "\
error: the recipes have 11 problems
  prodev.toml:5:9: `{{ x }}` cannot stand in double quotes (write `$x`, or take the quotes away)
  prodev.toml:5:19: `{{ x }}` cannot stand in single quotes (take the quotes away, or use double quotes and `$x`)
  prodev.toml:5:30: `{{ x }}` cannot stand in a comment (take it out of the comment)
  prodev.toml:6:7: `{{ x }}` cannot stand in a place that is taken literally (put it elsewhere)
  prodev.toml:12:9: `{{ x }}` cannot stand in double quotes (write `${env:x}`, or take the quotes away)
  prodev.toml:12:19: `{{ x }}` cannot be part of a word for `pwsh` (put it in double quotes, as `${env:x}`)
  prodev.toml:12:37: `{{ x }}` cannot be part of a word for `pwsh` (put it in double quotes, as `${env:x}`)
  prodev.toml:14:1: `{{ x }}` cannot stand in a here-document (write `${env:x}` (where the here-string has double quotes))
  prodev.toml:16:7: `{{ y }}` is several words, so it stands alone (put blanks around it)
  prodev.toml:21:17: `{{ x }}` cannot stand in single quotes (write `$\"…($env.x)…\"`, or take the quotes away)
  prodev.toml:25:13: `{{ a-b }}` cannot stand in a text for `tcsh` (read the environment variable `a_b`, or the arguments)
";
    sandbox.run("run --list").fails(120, refusal).changed_nothing();
}

/// What is handed to a shell that is not here, too.
#[test]
fn an_export_shows_the_reference_in_the_language_of_the_shell() {
    let config = "[recipes.p]\nparams = [{ name = 'x', default = 'a b' }]\nshell = 'pwsh'\nrun = 'Write-Output {{ x }}'\n\
                  [recipes.n]\nparams = [{ name = 'a-b', default = 'a b' }]\nshell = 'nu'\nrun = 'print {{ a-b }}'\n";
    let sandbox = Sandbox::new().file("prodev.toml", config);
    let run = sandbox.run("run --export github p ::: n").succeeds();
    assert!(run.stdout.contains("\n          Write-Output \"${env:x}\"\n"), "{run}");
    assert!(run.stdout.contains("\n          print ($env.a_b)\n"), "{run}");
}
