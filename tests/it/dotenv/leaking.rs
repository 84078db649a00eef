//! What `env check`, `env run` and `env explain` say never holds a secret, whatever a parser takes for a name.

use std::fmt::Write as _;

use crate::sandbox::Sandbox;

const DIALECTS: [&str; 11] =
    ["default", "compose", "dotenv", "dotenv-expand", "dotenvx", "python", "node", "docker", "dotenvy", "direnv", "sh"];

/// A file, and declarations beside it.
const FILES: [(&str, &str); 14] = [
    ("API_TOKEN='a'S3CRETzz\n", ""),
    ("REDIS_URL=${REDIS:-redis://:S3CRETpw@h}\n", ""),
    ("API_TOKEN= # S3CRETzz\n", ""),
    ("API_TOKEN # S3CRETzz\n", ""),
    ("KEY=\"-----BEGIN\nS3CRETzz==\n-----END\"\n", ""),
    ("KEY=-----BEGIN X-----\nS3CRETzz==\nS3CRET==\n-----END X-----\n", ""),
    ("API_TOKEN:S3CRETzz\n", ""),
    ("PASSWORD=abc;S3CRETzz=x\n", ""),
    ("API_TOKEN=x\\\nS3CRETzz\n", ""),
    ("PORT=\"x\nS3CRETzz=y\"\n", ""),
    ("KEY='it\nS3CRET=y\nS3CRET=z\n", "[env.vars.KEY]\n"),
    ("PASSWORD=abc;S3CRETzz=x\nAPI_TOKEN='a'S3CRETzz\n", "[env.vars.OTHER]\n"),
    ("TOKEN=S3CRETtok\nPORT=${TOKEN}x\nDEEP=$PORT\n", "[env.vars.DEEP]\ntype = \"int\"\n"),
    ("PUB=https://somebody:S3CRET@h/x y\n", "[env.vars.PUB]\ntype = \"bool\"\n"),
];

#[test]
fn nothing_of_a_secret_is_told_in_any_dialect_or_format() {
    for (text, declared) in FILES {
        let sandbox = Sandbox::new().file(".env", text).file("prodev.toml", declared);
        for dialect in DIALECTS {
            for more in ["", "--json", "--format github", "--portable --strict", "--fix --unsafe --dry-run"] {
                let words = format!("env check --dialect {dialect} {more}");
                let run = sandbox.run(&words);
                assert!(!run.stdout.contains("S3CRET") && !run.stderr.contains("S3CRET"), "{text}\n{words}\n{run}");
            }
        }
    }
}

#[test]
fn what_is_made_a_comment_is_as_hidden_as_it_was() {
    let env =
        "# about it\nLOGIN=S3CRET1\nLOGIN=S3CRET2\nPIN=1234\nPIN=5678\nML=\"abc\nS3CRET7\"\nML=x\nPORT=1\nPORT=2\n";
    let sandbox = Sandbox::new().file(".env", env);
    let run = sandbox.run("env check --fix --unsafe --dry-run").succeeds().changed_nothing();
    for line in ["+# LOGIN=********", "+# PIN=********", "+# ML=********", "+# ********", "+# PORT=1", " # about it"] {
        assert!(run.stderr.lines().any(|own| own == line), "{line}\n{run}");
    }
    for word in ["S3CRET", "1234", "5678", "abc"] {
        assert!(!run.stdout.contains(word) && !run.stderr.contains(word), "{word}\n{run}");
    }
    sandbox.run("env check --fix --unsafe");
    // Later, too, when they are comments beside a line that is mended.
    let env = sandbox.read(".env");
    assert!(env.contains("# ML=\"abc\n# S3CRET7\"\n"), "{env}");
    sandbox.write(".env", format!("{env}ML=y\n"));
    for words in ["env check --fix --unsafe --dry-run", "env check"] {
        let run = sandbox.run(words);
        assert!(!run.stdout.contains("S3CRET") && !run.stderr.contains("S3CRET"), "{words}\n{run}");
    }
    let sandbox = Sandbox::new().file(".env", "# LOGIN=S3CRET \n# ML='a\n# S3CRET' \n# api_login: S3CRET\n");
    for dialect in DIALECTS {
        let run = sandbox.run(&format!("env check --strict --dialect {dialect}")).exits(1);
        assert!(!run.stdout.contains("S3CRET' ") && !run.stderr.contains("=S3CRET"), "{dialect}\n{run}");
    }
}

#[test]
fn what_is_made_of_a_secret_is_as_hidden_as_it_is() {
    let declared = "[env.vars.TOKEN]\nsecret = true\n[env.vars.PUB]\ntype = \"int\"\n[env.vars.PUB2]\ntype = \"url\"\n\
                    [env.vars.PUB3]\n[env.vars.PUB4]\ntype = \"url\"\n[env.vars.PLAIN]\n[env.vars.MADE]\ndefault = \"${PUB3}y\"\n";
    let text = "TOKEN=S3CRETtok\nPUB=${TOKEN}x\nPUB2=http://h/$TOKEN\nPUB3=$PUB\nPUB4=http://me:S3CRET@h\nPLAIN=open\n";
    let sandbox = Sandbox::new().file("prodev.toml", declared).file(".env", text);
    let names = ["PUB", "PUB2", "PUB3", "PUB4", "MADE"];
    let explained = names.iter().flat_map(|name| ["", " --json"].map(|more| format!("env explain {name}{more}")));
    let others =
        ["env check", "env check --json", "env check --portable", "env run -- true", "env list", "env list --json"];
    for words in explained.chain(others.map(str::to_owned)) {
        let run = sandbox.run(&words);
        assert!(!run.stdout.contains("S3CRET") && !run.stderr.contains("S3CRET"), "{words}\n{run}");
    }
    sandbox.run("env run -- true").exits(122);
    let shown = sandbox.run("env explain PUB2 --show-secrets").succeeds();
    assert!(shown.stdout.starts_with("PUB2 = http://h/S3CRETtok\n"), "{shown}");
    let shown = sandbox.run("env explain PLAIN").succeeds();
    assert!(shown.stdout.starts_with("PLAIN = open\n"), "{shown}");
}

#[test]
fn values_that_double_with_each_line_are_told_and_do_not_fill_the_memory() {
    let mut text = "K0=xxxxxxxxxxxxxxxx\n".to_owned();
    for index in 1..60 {
        let before = index - 1;
        writeln!(text, "K{index}=${{K{before}}}${{K{before}}}").unwrap();
    }
    let sandbox = Sandbox::new().file(".env", &text);
    for dialect in ["python", "compose"] {
        let run = sandbox.run(&format!("env check --dialect {dialect}")).exits(1);
        assert!(run.stdout.contains("endless-reference") || run.stderr.contains("endless-reference"), "{run}");
    }
}
