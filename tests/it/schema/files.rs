//! Declarations in `.env.schema` and in JSON Schema: what is understood, as varlock judges it, and what is refused.

use crate::proof;
use crate::sandbox::Sandbox;

const HEADER: &str = "# @defaultSensitive=false @defaultRequired=infer\n# ---\n";

/// A schema below the header, a file, and what is wrong with it; recorded from varlock 1.20.
const CASES: [(&str, &str, Option<&str>); 30] = [
    ("A=\nB=x\n", "", None),
    ("A=1\n", "Z=1\n", None),
    ("A=8 # @type=port\n", "A=x\n", Some("`A` cannot be `x`: it must be a port from 1 to 65535")),
    ("# words\n# @type=port @required\nA=\n", "A=1\n", None),
    ("# @required\nA=\n", "", Some("`A` is not set, and must be")),
    ("# @required=false\nA=5\n", "", None),
    ("# @type=enum(a, b, \"c d\")\nA=a\n", "A=c d\n", None),
    ("# @type=enum(a, b)\nA=a\n", "A=c\n", Some("`A` cannot be `c`: it must be one of `a`, `b`")),
    ("# @type=string(minLength=3)\nA=\n", "A=ab\n", Some("`A` cannot be `ab`: it must have at least 3 characters")),
    ("# @type=string(startsWith=a, endsWith=z)\nA=\n", "A=abz\n", None),
    ("# @type=string(startsWith=a)\nA=\n", "A=b\n", Some("`A` cannot be `b`: it must match `(?s:a.*)`")),
    (
        "# @type=string(matches=\"^[a-z]+$\")\nA=\n",
        "A=A\n",
        Some("`A` cannot be `A`: it must match `(?s:.*(?:^[a-z]+$).*)`"),
    ),
    ("# @type=string(matches=\"[a-z]\")\nA=\n", "A=AaA\n", None),
    ("# @type=number(min=1,max=5)\nA=\n", "A=7\n", Some("`A` cannot be `7`: it must be at most 5")),
    ("# @type=boolean\nA=\n", "A=ON\n", None),
    (
        "# @type=boolean\nA=\n",
        "A=2\n",
        Some("`A` cannot be `2`: it must be `true` or `false` (or `yes`, `no`, `on`, `off`, `1`, `0`)"),
    ),
    (
        "# @type=url\nA=\n",
        "A=example.com\n",
        Some("`A` cannot be `example.com`: it must be a URL with a scheme, like `https://example.org`"),
    ),
    ("# @type=url(prependHttps=true)\nA=\n", "A=example.com\n", None),
    ("# @type=ip(version=6)\nA=\n", "A=1.2.3.4\n", Some("`A` cannot be `1.2.3.4`: it must be an IPv6 address")),
    ("# @type=semver\nA=\n", "A=1.2\n", Some("`A` cannot be `1.2`: it must be a semantic version like `1.2.3`")),
    ("# @type=isoDate\nA=\n", "A=2026-01-31\n", None),
    ("# @type=md5\nA=\n", "A=xyz\n", Some("`A` cannot be `xyz`: it must match `(?s:[0-9a-fA-F]{32})`")),
    ("# @type=duration\nA=\n", "A=500\n", None),
    ("# @type=array(number)\nA=\n", "A=1,x\n", Some("`A` cannot be `1,x`: `x` in it: it must be a number")),
    ("# @type=simple-object\nA=\n", "A={\"a\":1}\n", None),
    ("# @type=simple-object\nA=\n", "A=x\n", Some("`A` cannot be `x`: it must be JSON")),
    ("B=x\nA=${B}y\n", "", None),
    ("# @deprecated=\"use B\"\nA=\n", "A=1\n", None),
    ("# see @type=port here\nA=x\n", "", None),
    ("A=\n# ---\n# @required\nB=\n", "", Some("`B` is not set, and must be")),
];

/// More of the same, each with whether varlock 1.20 takes it.
const JUDGED: [(&str, &str, bool); 67] = [
    ("# @type=port\nA=\n", "A=65535\n", true),
    ("# @type=port\nA=\n", "A=65536\n", false),
    ("# @type=port(min=1024)\nA=\n", "A=80\n", false),
    ("# @type=port\nA=\n", "A=80.5\n", false),
    ("# @type=isoDate\nA=\n", "A=2026-13-01\n", false),
    ("# @type=isoDate\nA=\n", "A=2026-01-31T10:00:00Z\n", true),
    ("# @type=isoDate\nA=\n", "A=20260131\n", true),
    ("# @type=boolean\nA=\n", "A=y\n", false),
    ("# @type=boolean\nA=\n", "A=yes\n", true),
    ("# @type=boolean\nA=\n", "A=FALSE\n", true),
    ("# @type=boolean\nA=\n", "A=off\n", true),
    ("# @type=boolean\nA=\n", "A=enabled\n", false),
    ("# @type=number\nA=\n", "A=1e3\n", true),
    ("# @type=number\nA=\n", "A=abc\n", false),
    ("# @type=number\nA=\n", "A=-1.5\n", true),
    ("# @type=number\nA=\n", "A=Infinity\n", false),
    ("# @type=number(isInt=true)\nA=\n", "A=1.5\n", true),
    ("# @type=number(precision=1)\nA=\n", "A=1.55\n", true),
    ("# @type=number(min=1, max=5, coerceToMinMaxRange=true)\nA=\n", "A=7\n", true),
    ("# @type=string(isLength=3)\nA=\n", "A=abcd\n", false),
    ("# @type=string(isLength=3)\nA=\n", "A=abc\n", true),
    ("# @type=string(maxLength=3)\nA=\n", "A=äöü\n", true),
    ("# @type=string(endsWith=z)\nA=\n", "A=zb\n", false),
    ("# @type=string @required\nA=\n", "A=\n", false),
    ("# @type=string(toUpperCase=true)\nA=\n", "A=abc\n", true),
    ("# @type=string(matches=\"^a\")\nA=\n", "A=ba\n", false),
    ("# @type=url\nA=\n", "A=https://a.b/c\n", true),
    ("# @type=url\nA=\n", "A=ftp://a.b\n", true),
    ("# @type=url\nA=\n", "A=postgres://u:p@h:5432/d\n", true),
    ("# @type=url\nA=\n", "A=localhost:3000\n", true),
    ("# @type=url(prependHttps=true)\nA=\n", "A=a b\n", false),
    ("# @type=url(allowedDomains=[a.com])\nA=\n", "A=https://b.com\n", false),
    ("# @type=url(noTrailingSlash=true)\nA=\n", "A=https://b.com/\n", false),
    ("# @type=email\nA=\n", "A=a@b.co\n", true),
    ("# @type=email\nA=\n", "A=a@b\n", false),
    ("# @type=email\nA=\n", "A=ab.co\n", false),
    ("# @type=email(normalize=true)\nA=\n", "A=A@B.co\n", true),
    ("# @type=ip(version=4)\nA=\n", "A=::1\n", false),
    ("# @type=semver\nA=\n", "A=1.2.3-rc.1+b\n", true),
    ("# @type=semver\nA=\n", "A=v1.2.3\n", false),
    ("# @type=uuid\nA=\n", "A=123e4567-e89b-12d3-a456-426614174000\n", true),
    ("# @type=uuid\nA=\n", "A=123\n", false),
    ("# @type=md5\nA=\n", "A=d41d8cd98f00b204e9800998ecf8427e\n", true),
    ("# @type=duration\nA=\n", "A=5m\n", true),
    ("# @type=duration\nA=\n", "A=5x\n", false),
    ("# @type=array\nA=\n", "A=a,b\n", true),
    ("# @type=array(number)\nA=\n", "A=1,2\n", true),
    ("# @type=array(minLength=2)\nA=\n", "A=a\n", false),
    ("# @type=array(number, separator=\";\")\nA=\n", "A=1;x\n", false),
    ("# @type=record\nA=\n", "A={\"a\":1}\n", true),
    ("# @type=record\nA=\n", "A=a=1,b=2\n", false),
    ("# @type=simple-object\nA=\n", "A=[1]\n", false),
    ("# @optional\nA=x\n", "", true),
    ("# @type=enum(a)\nA=\n", "A=A\n", false),
    ("A=concat(\"a\", \"b\")\n", "", true),
    ("A=fallback(\"\", \"b\")\n", "", true),
    ("A='it\\'s'\n", "", true),
    ("A=\"multi\nline\"\n", "", true),
    ("export A=1\n", "", true),
    ("A: 1\n", "", false),
    ("# @type=zebra\nA=\n", "A=1\n", false),
    ("# @zebra\nA=\n", "A=1\n", false),
    ("# @type=number\nA=abc\n", "", false),
    ("# @type=string\nA=1\n# @type=string\nA=2\n", "", true),
    ("# @required @optional\nA=\n", "", false),
    ("# a text @required\nA=\n", "", true),
    ("# @required # text\nA=\n", "", false),
];

#[test]
fn what_varlock_takes_is_taken_and_what_it_refuses_refused() {
    let mut wrong = Vec::new();
    for (schema, env, is_taken) in JUDGED {
        let sandbox = Sandbox::new().file(".env.schema", &format!("{HEADER}{schema}")).file(".env", env);
        let run = sandbox.run("env run -- true");
        if (run.code == Some(0)) != is_taken {
            wrong.push(format!("{schema}{env}{run}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn parameters_that_would_change_the_verdict_are_understood_or_refused() {
    for (schema, said) in [
        ("# @type=number(isDivisibleBy=5)\nA=\n", "`isDivisibleBy` of `number` is not understood"),
        ("# @type=duration(min=1m)\nA=\n", "`min` of `duration` is not understood"),
        ("# @type=array(unique=true)\nA=\n", "`unique` of `array` is not understood"),
        ("# @type=boolean(x=1)\nA=\n", "`x` of `boolean` is not understood"),
        ("# @required @optional\nA=\n", "`@optional` and `@required` cannot both be"),
        (
            "# @type=string(startsWith=a, matches=\"z$\")\nA=\n",
            "so many checks of one `string` are not understood; put all into one `matches`",
        ),
    ] {
        let sandbox = Sandbox::new().file(".env.schema", &format!("{HEADER}{schema}"));
        let run = sandbox.run("env list").exits(2).changed_nothing();
        assert!(run.stderr.contains(said), "{run}");
    }
}

#[test]
fn env_spec_is_understood_as_varlock_does() {
    for (schema, env, expected) in CASES {
        let sandbox = Sandbox::new().file(".env.schema", &format!("{HEADER}{schema}")).file(".env", env);
        let run = sandbox.run("env run -- true");
        match expected {
            None => drop(run.succeeds()),
            Some(message) => {
                let run = run.exits(122);
                assert!(run.stderr.contains(message), "{schema}{env}\n{run}");
            }
        }
    }
}

#[test]
fn varlock_judges_alike() {
    let what = "that varlock judges alike";
    if !proof::may(what, &["varlock"]) {
        return;
    }
    let cases = CASES.into_iter().map(|(schema, env, expected)| (schema, env, expected.is_none())).chain(JUDGED);
    for (schema, env, is_taken) in cases {
        let sandbox = Sandbox::new().file(".env.schema", &format!("{HEADER}{schema}")).file(".env", env);
        let mut varlock = sandbox.tool("varlock");
        let output =
            varlock.args(["load", "--format", "json"]).env("VARLOCK_TELEMETRY_DISABLED", "1").output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.success(), is_taken, "{schema}{env}\n{said}");
    }
}

#[test]
fn values_of_env_spec_are_defaults_and_nothing_is_run() {
    let schema = "# @defaultRequired=false\n# ---\n# @public\nA='$B #'\nB=\"x y\" # said\nC=$B!\nD=exec(`touch made`)\nE=$(touch made)\nF=ref(B)\n# The port\n# @type=port @public\nPORT=80\n";
    let sandbox = Sandbox::new().file(".env.schema", schema);
    let run = sandbox.run_args(&["env", "run", "--", "sh", "-c", "echo \"$A|$B|$C|$D|$E|$F|$PORT\""]);
    run.succeeds().stdout_is("$B #|x y|x y!|||x y|80\n").changed_nothing();
    sandbox.run("env list").succeeds().stdout_is("A=$B #\nB=********\nC=********\nF=********\nPORT=80\n");
    sandbox.run("env explain PORT").succeeds().stdout_is(
        "PORT = 80\n  from its declared default\n  declared at .env.schema:12: port, `80` without it\n    The port\n",
    );
    // What `prodev.toml` says of a name holds.
    sandbox.write("prodev.toml", "[env.vars.PORT]\ndefault = 90\n");
    sandbox.run("env get PORT").succeeds().stdout_is("90\n");
}

#[test]
fn a_schema_that_is_not_understood_is_refused_as_a_whole() {
    let sandbox =
        Sandbox::new().file(".env.schema", "# @import(./x)\n# ---\n# @type=zebra\nA=\n# @zebra\nB=\nnonsense\n");
    sandbox.run("env list").changed_nothing().fails(
        2,
        "error: the schema `.env.schema` is not understood\n  .env.schema:1:1: `@import` brings in what is not in this file, and is not followed\n  \
         .env.schema:3:1: there is no type `zebra`\n  .env.schema:5:1: there is no decorator `@zebra`\n  .env.schema:7:1: this is no assignment\n\
         hint: docs/env.md says which part of such files is read; `[env.vars]` in prodev.toml can say the rest\n",
    );
    sandbox.run("env run -- touch made").exits(120).changed_nothing();
}

#[test]
fn json_schema_is_understood() {
    let schema = r#"{
  "type": "object",
  "properties": {
    "PORT": { "type": "integer", "minimum": 1024, "default": 8000, "description": "Where the server listens" },
    "MODE": { "enum": ["a", "b"] },
    "MAIL": { "type": "string", "format": "email" },
    "NAME": { "type": "string", "pattern": "^x" },
    "KEY": { "type": "string", "writeOnly": true }
  },
  "required": ["KEY"],
  "additionalProperties": false
}"#;
    let sandbox =
        Sandbox::new().file("env.schema.json", schema).file(".env", "PORT=80\nMODE=c\nMAIL=x\nNAME=y\nUNHEARD=1\n");
    let run = sandbox.run("env run -- true").exits(122);
    assert_eq!(
        run.stderr,
        "error: the environment is not what is declared\n  .env:1:1: `PORT` cannot be `80`: it must be at least 1024\n  \
         .env:2:1: `MODE` cannot be `c`: it must be one of `a`, `b`\n  .env:3:1: `MAIL` cannot be `x`: it must be a mail address\n  \
         .env:4:1: `NAME` cannot be `y`: it must match `(?s:.*(?:^x).*)`\n  .env:5:1: `UNHEARD` is declared nowhere (declare it as `[env.vars.UNHEARD]` in `prodev.toml`, or take it out)\n  \
         env.schema.json:8:6: `KEY` is not set, and must be (set it: `prodev env set KEY`)\n"
    );
    sandbox.write(".env", "KEY=x\n");
    sandbox.run_args(&["env", "run", "--", "sh", "-c", "echo $PORT"]).succeeds().stdout_is("8000\n");
    sandbox.write("env.schema.json", "{\"properties\": {\"A\": {\"anyOf\": []}}}");
    let run = sandbox.run("env list").exits(2);
    assert!(run.stderr.contains("`anyOf` is not understood for variables"), "{run}");
    sandbox.write("env.schema.json", "{");
    sandbox.run("env list").exits(2);
    sandbox.write("prodev.toml", "[env]\nschema = \"other.json\"\n");
    let run = sandbox.run("env list").exits(2);
    assert!(run.stderr.starts_with("error: cannot read the schema `other.json`\n"), "{run}");
}
