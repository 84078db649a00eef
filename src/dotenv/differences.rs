//! The differences between dialects that cost people their passwords, one row each: what every parser makes of it. Thousands of other inputs are held
//! against recordings of the parsers in `tests.rs`; these say in words that can be read what matters.

use std::collections::HashMap;

use indexmap::IndexMap;

use super::evaluate::{Around, evaluate};
use super::lexer::parse;
use crate::config::environment::Dialect::{
    self, Compose, Default, Direnv, Docker, Dotenv, DotenvExpand as Expand, Dotenvx, Dotenvy, Node, Python, Sh,
};

/// What becomes of `A`.
#[derive(Debug, Clone, PartialEq)]
enum Is {
    Value(String),
    /// The file says nothing of it, or only its name.
    Unset,
    /// The file is refused.
    Refused,
}

fn is(value: &str) -> Is {
    Is::Value(value.to_owned())
}

/// What a dialect makes of a file, where `FOO` and `EMPTY` are in the environment.
fn read(source: &str, dialect: Dialect, name: &str) -> Is {
    let environment: HashMap<String, String> =
        [("FOO", "fromenv"), ("EMPTY", "")].map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let around = Around { environment: &environment, earlier: &IndexMap::new(), overrides: false, seals: None };
    match evaluate(&parse(source.as_bytes(), dialect), dialect, &around) {
        Err(_) => Is::Refused,
        Ok(reading) => reading.values().get(name).copied().flatten().map_or(Is::Unset, is),
    }
}

/// A file, and what those who agree on it make of it.
type Row<'a> = (&'a str, &'a [(&'a [Dialect], Is)]);

/// Holds what each dialect reads against what it should, and tells all that is otherwise.
#[track_caller]
fn table(rows: &[Row]) {
    let mut wrong = Vec::new();
    for (source, expected) in rows {
        for (dialects, should) in *expected {
            for dialect in *dialects {
                let is = read(source, *dialect, "A");
                if is != *should {
                    wrong.push(format!("{dialect:?} reads {source:?} as {is:?}, and should {should:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn comments() {
    table(&[
        (
            "A=b#c\n",
            &[
                (&[Dotenv, Expand, Dotenvx, Node, Direnv], is("b")),
                (&[Default, Compose, Python, Sh, Dotenvy, Docker], is("b#c")),
            ],
        ),
        (
            "A=#fff\n",
            &[
                (&[Dotenv, Expand, Dotenvx, Node, Direnv, Dotenvy], is("")),
                (&[Default, Compose, Python, Sh, Docker], is("#fff")),
            ],
        ),
        (
            "A=http://h/#x\n",
            &[
                (&[Dotenv, Expand, Dotenvx, Node, Direnv], is("http://h/")),
                (&[Default, Compose, Python, Sh, Dotenvy, Docker], is("http://h/#x")),
            ],
        ),
        (
            "A=b\t# c\n",
            &[
                (&[Compose, Docker], is("b\t# c")),
                (&[Default, Python, Dotenv, Expand, Dotenvx, Node, Dotenvy, Direnv, Sh], is("b")),
            ],
        ),
        (
            "A= # c\n",
            &[
                (&[Compose], is("# c")),
                (&[Docker], is(" # c")),
                (&[Default, Python, Dotenv, Expand, Dotenvx, Node, Dotenvy, Direnv, Sh], is("")),
            ],
        ),
    ]);
}

#[test]
fn dollars() {
    table(&[
        (
            "A=pa$word\n",
            &[
                (&[Default, Compose, Dotenvx, Expand, Sh, Dotenvy, Direnv], is("pa")),
                (&[Python, Dotenv, Node, Docker], is("pa$word")),
            ],
        ),
        (
            "A=$2b$12$N9qo8uLOickgx2ZMRZoMye\n",
            &[(&[Python, Dotenv, Node, Docker], is("$2b$12$N9qo8uLOickgx2ZMRZoMye"))],
        ),
        (
            "A='x$FOO'\n",
            &[
                (&[Expand], is("xfromenv")),
                (&[Default, Compose, Python, Dotenv, Dotenvx, Node, Dotenvy, Direnv, Sh], is("x$FOO")),
                (&[Docker], is("'x$FOO'")),
            ],
        ),
        (
            "A='x${FOO}'\n",
            &[
                (&[Expand, Python], is("xfromenv")),
                (&[Default, Compose, Dotenv, Dotenvx, Node, Dotenvy, Direnv, Sh], is("x${FOO}")),
            ],
        ),
        (
            "A=\"a\\$FOO\"\n",
            &[
                (&[Default, Compose, Dotenvx, Expand, Sh, Dotenvy], is("a$FOO")),
                (&[Python, Dotenv, Node], is("a\\$FOO")),
            ],
        ),
        ("A=x$UNSET\n", &[(&[Default, Compose, Dotenvx, Expand, Sh, Dotenvy, Direnv], is("x"))]),
        ("A=${B}\nB=1\n", &[(&[Expand], is("1")), (&[Default, Compose, Python, Dotenvx, Dotenvy, Direnv, Sh], is(""))]),
        (
            "A=$(echo hi)\n",
            &[
                // These would run it, unless that is allowed.
                (&[Dotenvx, Expand, Sh, Dotenvy, Direnv], Is::Refused),
                (&[Default, Compose, Python, Dotenv, Node, Docker], is("$(echo hi)")),
            ],
        ),
        (
            "A='$(echo hi)'\n",
            &[(&[Expand], Is::Refused), (&[Default, Compose, Python, Dotenv, Dotenvx, Node, Sh], is("$(echo hi)"))],
        ),
    ]);
}

#[test]
fn operators() {
    for (value, should) in [
        ("${UNSET:-d}", is("d")),
        ("${UNSET-d}", is("d")),
        ("${EMPTY:-d}", is("d")),
        ("${EMPTY-d}", is("")),
        ("${FOO:+y}", is("y")),
        ("${EMPTY:+y}", is("")),
        ("${EMPTY+y}", is("y")),
        ("${UNSET+y}", is("")),
        ("${UNSET:?m}", Is::Refused),
        ("${EMPTY:?m}", Is::Refused),
        ("${UNSET?m}", Is::Refused),
        ("${EMPTY?m}", is("")),
        ("${UNSET:-${FOO}}", is("fromenv")),
        ("${UNSET:-${OTHER:-d}}", is("d")),
    ] {
        let source = format!("A={value}\n");
        // dotenvx and dotenv-expand have no `?`, and make nothing of it.
        let without = if value.contains('?') { is("") } else { should.clone() };
        table(&[(&source, &[(&[Default, Compose, Sh], should), (&[Dotenvx, Expand], without)])]);
    }
    table(&[
        ("A=${UNSET:-d}\n", &[(&[Python, Direnv], is("d")), (&[Dotenvy], is(""))]),
        ("A=${EMPTY:-d}\n", &[(&[Python], is(""))]),
    ]);
}

#[test]
fn escapes_and_quotes() {
    table(&[
        (
            "A=\"{\\\"k\\\":1}\"\n",
            &[
                (&[Default, Python, Compose, Sh, Dotenvy, Direnv], is("{\"k\":1}")),
                (&[Dotenv, Expand, Dotenvx], is("{\\\"k\\\":1}")),
                (&[Node], is("{\\")),
            ],
        ),
        (
            "A=\"a\\tb\"\n",
            &[
                (&[Default, Python, Compose, Dotenvx], is("a\tb")),
                (&[Dotenv, Node, Sh], is("a\\tb")),
                (&[Direnv], is("atb")),
                (&[Dotenvy], Is::Refused),
            ],
        ),
        (
            "A=\"a\\\\b\"\n",
            &[(&[Default, Python, Compose, Sh, Dotenvy, Direnv], is("a\\b")), (&[Dotenv, Dotenvx, Node], is("a\\\\b"))],
        ),
        ("A='it\\'s'\n", &[(&[Default, Python, Compose, Dotenvx], is("it's"))]),
        ("A='it'\\''s'\n", &[(&[Sh, Dotenvy], is("it's")), (&[Default], Is::Refused)]),
        (
            "A=`x y`\n",
            &[
                (&[Dotenv, Expand, Dotenvx, Node], is("x y")),
                (&[Default, Python, Compose, Docker], is("`x y`")),
                (&[Sh], Is::Refused),
            ],
        ),
        ("A=\"b\"c\n", &[(&[Default], Is::Refused), (&[Python], Is::Unset), (&[Dotenv, Dotenvx], is("\"b\"c"))]),
        (
            "A=\"b\n",
            &[(&[Default, Compose, Sh, Dotenvy], Is::Refused), (&[Python], Is::Unset), (&[Dotenv, Dotenvx], is("\"b"))],
        ),
        (
            "A=\"x\ny\"\n",
            &[
                (&[Default, Compose, Python, Dotenv, Expand, Dotenvx, Node, Dotenvy, Sh], is("x\ny")),
                (&[Direnv], Is::Refused),
                (&[Docker], is("\"x")),
            ],
        ),
    ]);
}

#[test]
fn lines_and_names() {
    table(&[
        (
            "not a line\nA=1\n",
            &[
                (&[Python, Dotenv, Expand, Dotenvx, Node], is("1")),
                (&[Default, Compose, Dotenvy, Direnv, Docker, Sh], Is::Refused),
            ],
        ),
        (
            "A\n",
            &[
                // python-dotenv has it without a value; Compose and docker look for it in the environment.
                (&[Python, Compose, Docker, Default, Dotenv, Expand, Dotenvx, Node], Is::Unset),
                (&[Dotenvy, Direnv, Sh], Is::Refused),
            ],
        ),
        ("A: b\n", &[(&[Default, Compose, Dotenv, Expand, Dotenvx, Direnv], is("b"))]),
        ("A:b\n", &[(&[Default], Is::Refused), (&[Compose], is("b"))]),
        (
            "A=hello world\n",
            &[
                (&[Dotenvy, Direnv, Sh], Is::Refused),
                (&[Default, Compose, Python, Dotenv, Expand, Dotenvx, Node, Docker], is("hello world")),
            ],
        ),
        (
            "A= \nB=c\n",
            &[(&[Node], is("B=c")), (&[Default, Compose, Python, Dotenv, Dotenvx, Dotenvy, Direnv], is(""))],
        ),
        (
            "A=1\r\n",
            &[
                (&[Sh], is("1\r")),
                (&[Default, Compose, Python, Dotenv, Expand, Dotenvx, Node, Docker, Dotenvy, Direnv], is("1")),
            ],
        ),
        (
            "A=\"x\r\ny\"\r\n",
            &[(&[Python, Dotenv, Expand, Dotenvx], is("x\ny")), (&[Default, Compose, Dotenvy], is("x\r\ny"))],
        ),
        (
            "\u{feff}A=1\n",
            &[
                (&[Default, Compose, Python, Dotenv, Expand, Dotenvx, Docker], is("1")),
                (&[Node], Is::Unset),
                (&[Dotenvy, Direnv, Sh], Is::Refused),
            ],
        ),
        ("A=\"b\" \n", &[(&[Docker], is("\"b\" ")), (&[Default, Compose, Python], is("b"))]),
        (
            "export A=1\n",
            &[
                (&[Docker], Is::Refused),
                (&[Default, Compose, Python, Dotenv, Dotenvx, Node, Dotenvy, Direnv, Sh], is("1")),
            ],
        ),
    ]);
    assert_eq!(read("\u{feff}A=1\n", Node, "\u{feff}A"), is("1"));
    for dialect in [Compose, Docker, Default] {
        assert_eq!(read("FOO\n", dialect, "FOO"), is("fromenv"), "{dialect:?}");
    }
    let long = "x".repeat(70_000);
    let file = format!("A={long}\n");
    table(&[(
        &file,
        &[(&[Docker], Is::Refused), (&[Default, Compose, Python, Dotenv, Dotenvx, Node, Dotenvy, Sh], is(&long))],
    )]);
}

#[test]
fn who_wins_over_the_environment() {
    for (dialects, own, referred) in [
        (&[Dotenvx, Expand] as &[Dialect], "fromenv", "fromenv"),
        (&[Python, Sh, Direnv], "file", "file"),
        (&[Default, Compose, Dotenvy], "file", "fromenv"),
    ] {
        for dialect in dialects {
            let source = "FOO=file\nA=${FOO}\n";
            assert_eq!(
                (read(source, *dialect, "FOO"), read(source, *dialect, "A")),
                (is(own), is(referred)),
                "{dialect:?}"
            );
        }
    }
}
