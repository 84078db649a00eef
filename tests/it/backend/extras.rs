//! `service-extras` in repositories that were there before: what it adds is read by the tools that it is for, and its steps of CI run.

use super::bench::Bench;
use super::project::{NAME, Project, finish};
use super::report::{Fault, Report, Verdict, ensure};
use super::selection::Selection;
use super::{ci, validators};
use crate::proof;
use crate::sandbox::{PRODEV, Sandbox};

/// What can be added, in an order in which each finds what it requires.
const COMPONENTS: [&str; 8] = ["docker", "kubernetes", "ci-github", "ci-jenkins", "env", "flow", "hooks", "cron"];

/// A repository as somebody would have it, and the program without which its own commands cannot run.
struct Kind {
    language: &'static str,
    program: &'static str,
    files: &'static [(&'static str, &'static str)],
    /// What must be found in what is added.
    sign: (&'static str, &'static str),
}

const KINDS: [Kind; 4] = [
    Kind {
        language: "python",
        program: "python3",
        files: &[
            ("requirements.txt", "# Nothing but Python.\n"),
            (".gitignore", "__pycache__/\n"),
            ("shop/__init__.py", "\"\"\"A shop.\"\"\"\n"),
            ("shop/__main__.py", "print(\"open\")\n"),
            ("tests/__init__.py", ""),
            (
                "tests/test_shop.py",
                "import unittest\n\n\nclass ShopTests(unittest.TestCase):\n    def test_is_there(self):\n        \
                 import shop\n\n        self.assertEqual(shop.__doc__, \"A shop.\")\n",
            ),
        ],
        sign: ("Dockerfile", "RUN pip install -r requirements.txt\n"),
    },
    Kind {
        language: "node",
        program: "npm",
        files: &[
            (
                "package.json",
                "{\n  \"name\": \"shop\",\n  \"version\": \"1.0.0\",\n  \"private\": true,\n  \"scripts\": {\n    \
                 \"test\": \"node --test\",\n    \"start\": \"node index.js\"\n  }\n}\n",
            ),
            (
                "package-lock.json",
                "{\n  \"name\": \"shop\",\n  \"version\": \"1.0.0\",\n  \"lockfileVersion\": 3,\n  \"requires\": true,\n  \
                 \"packages\": { \"\": { \"name\": \"shop\", \"version\": \"1.0.0\" } }\n}\n",
            ),
            (".gitignore", "node_modules/\n"),
            ("index.js", "module.exports = () => 'open';\n"),
            (
                "index.test.js",
                "const assert = require('node:assert');\nconst { test } = require('node:test');\n\n\
                 test('open', () => assert.equal(require('./index.js')(), 'open'));\n",
            ),
        ],
        sign: ("Dockerfile", "RUN npm ci\n"),
    },
    Kind {
        language: "rust",
        program: "cargo",
        files: &[
            ("Cargo.toml", "[package]\nname = \"shop\"\nversion = \"1.0.0\"\nedition = \"2021\"\n"),
            ("Cargo.lock", "version = 3\n\n[[package]]\nname = \"shop\"\nversion = \"1.0.0\"\n"),
            (".gitignore", "/target\n"),
            (
                "src/main.rs",
                "fn main() {\n    println!(\"open\");\n}\n\n#[test]\nfn adds_up() {\n    assert_eq!(2 + 2, 4);\n}\n",
            ),
        ],
        sign: ("Dockerfile", "RUN cargo fetch --locked && cargo build --locked --release"),
    },
    Kind {
        language: "go",
        program: "go",
        files: &[
            ("go.mod", "module example.org/shop\n\ngo 1.19\n"),
            ("main.go", "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"open\") }\n"),
            (
                "main_test.go",
                "package main\n\nimport \"testing\"\n\nfunc TestAddsUp(t *testing.T) {\n\tif 2+2 != 4 {\n\t\tt.Fatal(\"no\")\n\t}\n}\n",
            ),
        ],
        sign: ("Dockerfile", "CGO_ENABLED=0 go build"),
    },
];

/// The rows of all four kinds of repositories.
pub(super) fn prove(report: &Report, bench: &Bench) {
    super::in_pairs(KINDS.iter().collect(), |kind: &Kind| {
        let name = format!("service-extras, {}", kind.language);
        let project = Project::new(Sandbox::new(), Selection::of(&COMPONENTS));
        if !report.check(&name, "adopted, and each component added", || added(kind, &project)) {
            return;
        }
        for (check, run) in validators::OF_EXTRAS {
            report.check(&name, check, || run(bench, &project));
        }
        report.check(&name, "prodev reads what was added", || {
            project.prodev("config show", 0)?;
            project.prodev("run --list", 0)?;
            project.prodev("flow config", 0)?;
            project.prodev("env check .env.example", 0).map(drop)
        });
        if proof::find(kind.program).is_none() {
            let why = || Err(Fault::Bonus(format!("{} is not on PATH", kind.program)));
            report.check(&name, "CI: each step", why);
        } else {
            ci::prove_with(report, &name, &project, bench, &["rustup "]);
            report.check(&name, "its recipes run", || {
                for recipe in ["install", "lint", "test"] {
                    if recipe != "lint" || kind.language != "rust" {
                        tool(&project, recipe)?;
                    }
                }
                Ok(())
            });
        }
        report.check(&name, "all removed, and the tree is what it was", || removed(&project));
    });
}

/// A recipe, with what the toolchains of this machine need.
fn tool(project: &Project, recipe: &str) -> Verdict {
    let mut command = project.sandbox.tool(PRODEV);
    command.current_dir(&project.dir).args(["run", recipe]).stdin(std::process::Stdio::null());
    finish(command, &format!("prodev run {recipe}"))?.succeeds().map(drop)
}

fn added(kind: &Kind, project: &Project) -> Verdict {
    let sandbox = &project.sandbox;
    sandbox.ask_git(&["init", "--quiet", "--initial-branch", "main", NAME]);
    for (path, text) in kind.files {
        sandbox.write(&format!("{NAME}/{path}"), text);
    }
    let git = |words: &[&str]| sandbox.ask_git(&[&["-C", NAME], words].concat());
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "feat: begin"]);
    project.prodev("adopt service-extras --defaults", 0)?;
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "build: adopt extras"]);
    for component in COMPONENTS {
        project.prodev(&format!("add {component}"), 0)?;
    }
    for (path, text) in kind.files {
        let now = project.read(path)?;
        ensure(now.starts_with(text), || format!("`{path}` is not what it was:\n{now}"))?;
    }
    let (path, sign) = kind.sign;
    let text = project.read(path)?;
    ensure(text.contains(sign), || format!("`{path}` has no `{sign}`:\n{text}"))
}

fn removed(project: &Project) -> Verdict {
    let git = |words: &[&str]| project.sandbox.ask_git(&[&["-C", NAME], words].concat());
    project.prodev(&format!("remove {}", COMPONENTS.join(" ")), 0)?;
    let left = git(&["status", "--porcelain"]);
    ensure(left.is_empty(), || left)
}
