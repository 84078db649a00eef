//! What is said of a text: its secrets as findings, each with its place, and none with its value.

use std::path::Path;

use super::tokens::{self, Hit, Place};
use super::values::Values;
use crate::config::environment::Environment;
use crate::config::value::{Map, Severity};
use crate::error;
use crate::findings::{Finding, Findings, Object};

/// The rules that are no kinds of tokens.
pub(super) const RULES: [(&str, &str); 4] = [
    (DECLARED, "a secret of the project, by its value"),
    ("named-secret", "a value that its name calls a secret"),
    (TRACKED, "a .env file that Git has"),
    (KEYS, "a file of private keys that Git has"),
];

const DECLARED: &str = "declared-secret";
const TRACKED: &str = "env-tracked";
const KEYS: &str = "env-keys-tracked";

/// What a line says that is to be left alone. The last two are other tools' words for the same.
const PARDONS: [&[u8]; 3] = [b"prodev:allow", b"gitleaks:allow", b"pragma: allowlist secret"];

/// Bytes at the beginning of a file by which it is known as binary, as Git does.
const SAMPLE: usize = 8000;

/// A text to be judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'a> {
    /// As the user would name it.
    pub(super) shown: &'a str,
    /// The number of its first line, from 1.
    pub(super) line: usize,
    pub(super) bytes: &'a [u8],
    pub(super) commit: Option<&'a str>,
}

/// What is known of the project's secrets, and how much each rule matters.
#[derive(Debug)]
pub(super) struct Judge<'a> {
    values: Option<Values>,
    severities: Vec<&'a Map<Severity>>,
}

impl<'a> Judge<'a> {
    /// `secrets` are names and values.
    pub(super) fn new(environments: &[&'a Environment], secrets: &[(String, String)]) -> Self {
        let secrets = secrets.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Self { values: Values::new(secrets), severities: environments.iter().map(|it| &it.lint).collect() }
    }

    fn severity(&self, rule: &str) -> Severity {
        // A nested file knows its own folder better than the root does.
        self.severities.iter().rev().find_map(|lint| lint.get(rule)).copied().unwrap_or(Severity::Error)
    }

    /// All secrets of a text, in order. Nothing of what is binary.
    pub(super) fn text(&self, text: Text) -> Findings {
        let mut findings = Findings::default();
        if text.bytes[..text.bytes.len().min(SAMPLE)].contains(&0) {
            return findings;
        }
        let mut hits = self.values.as_ref().map(|values| values.find(text.bytes)).unwrap_or_default();
        for hit in tokens::find(text.bytes, place_of(text.shown)) {
            // By its value it was known better.
            if !hits.iter().any(|known| known.start < hit.end && hit.start < known.end) {
                hits.push(hit);
            }
        }
        hits.sort_by_key(|hit| hit.start);
        let (mut line, mut counted) = (text.line, 0);
        for hit in hits {
            line += lines_between(text.bytes, counted, hit.start);
            counted = hit.start;
            if !is_pardoned(text.bytes, &hit) {
                findings.add(self.finding(text, &hit, line));
            }
        }
        findings
    }

    fn finding(&self, text: Text, hit: &Hit, line: usize) -> Finding {
        let start = text.bytes[..hit.start].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let column = String::from_utf8_lossy(&text.bytes[start..hit.start]).chars().count() + 1;
        let place = error::Place { file: text.shown.to_owned(), line, column, text: String::new(), width: 0 };
        let (message, advice) = match text.commit {
            None => (hit.what.clone(), "take it out, and have it replaced where it was issued"),
            Some(commit) => (
                format!("{}, added by commit `{}`", hit.what, commit.get(..10).unwrap_or(commit)),
                "have it replaced where it was issued: whoever has the history has it",
            ),
        };
        Finding::new(hit.kind, self.severity(hit.kind), Object::Place(place), message).hint(advice)
    }

    /// What is said of a .env file because Git has it. One whose values are encrypted is meant to be there.
    pub(super) fn tracked(&self, shown: &str, bytes: impl FnOnce() -> Vec<u8>) -> Option<Finding> {
        let name = Path::new(shown).file_name()?.to_str()?;
        let (rule, message, change) = match name {
            ".env.keys" => (KEYS, "Git has this file of private keys", "encrypt with new keys (`prodev env rotate`)"),
            _ if is_env_file(name) && !is_meant_for_git(&bytes()) => {
                (TRACKED, "Git has this .env file", "replace the secrets in it")
            }
            _ => return None,
        };
        let quoted = format!("'{}'", shown.replace('\'', "'\\''"));
        let path =
            if shown.bytes().all(|b| b.is_ascii_alphanumeric() || b"._/-".contains(&b)) { shown } else { &quoted };
        let hint = format!(
            "run `git rm --cached -- {path}` and `echo {name} >> .gitignore`, commit both, and {change}: the history keeps the old ones"
        );
        Some(Finding::new(rule, self.severity(rule), Object::File(shown.to_owned()), message).hint(hint))
    }
}

fn lines_between(bytes: &[u8], from: usize, to: usize) -> usize {
    bytes[from..to].split(|byte| *byte == b'\n').count() - 1
}

/// A file that programs read values from, and no example or description of one.
pub(super) fn is_env_file(name: &str) -> bool {
    let described =
        ["example", "sample", "template", "dist", "schema", "defaults", "default", "tpl", "vault", "jinja", "md"];
    match name.strip_prefix(".env") {
        Some("") => true,
        Some(rest) => rest.strip_prefix('.').is_some_and(|rest| rest.split('.').all(|part| !described.contains(&part))),
        None => false,
    }
}

/// Whether the file has a public key: then its secrets are encrypted, and what is not is found by its look.
fn is_meant_for_git(bytes: &[u8]) -> bool {
    bytes.split(|byte| *byte == b'\n').any(|line| line.trim_ascii_start().starts_with(b"DOTENV_PUBLIC_KEY"))
}

/// Whether somebody wrote on the line that this is no secret.
fn is_pardoned(text: &[u8], hit: &Hit) -> bool {
    let start = text[..hit.start].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let end = text[hit.start..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |at| hit.start + at);
    let line = &text[start..end];
    PARDONS.iter().any(|words| line.windows(words.len()).any(|window| window == *words))
}

/// What stands in a file, by its name.
fn place_of(path: &str) -> Place {
    const GENERATED: [&str; 14] = [
        "package-lock.json",
        "npm-shrinkwrap.json",
        "yarn.lock",
        "pnpm-lock.yaml",
        "Cargo.lock",
        "go.sum",
        "poetry.lock",
        "uv.lock",
        "Pipfile.lock",
        "composer.lock",
        "Gemfile.lock",
        "flake.lock",
        "bun.lock",
        "packages.lock.json",
    ];
    const CODE: [&str; 41] = [
        "rs", "py", "pyi", "js", "mjs", "cjs", "jsx", "ts", "tsx", "mts", "cts", "go", "java", "kt", "kts", "scala",
        "groovy", "c", "h", "cc", "cpp", "hpp", "cs", "fs", "rb", "php", "swift", "lua", "ex", "exs", "erl", "clj",
        "hs", "ml", "pl", "r", "dart", "vue", "svelte", "html", "css",
    ];
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    if GENERATED.contains(&name)
        || matches!(extension, "map" | "svg")
        || name.ends_with(".min.js")
        || name.ends_with(".min.css")
    {
        return Place::Generated;
    }
    if CODE.contains(&extension) { Place::Code } else { Place::Settings }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn env_files_are_known_by_their_names() {
        let cases = [
            (".env", true),
            (".env.local", true),
            (".env.production.local", true),
            (".env.example", false),
            (".env.production.example", false),
            (".env.schema", false),
            (".envrc", false),
            ("x.env", false),
        ];
        for (name, expected) in cases {
            assert_eq!(is_env_file(name), expected, "{name}");
        }
    }

    #[test]
    fn lines_and_columns_are_counted_from_one_and_pardons_hold() {
        let judge = Judge::new(&[], &[("KEY".to_owned(), "s3cret-väl".to_owned())]);
        let bytes = "ä\nöö s3cret-väl\ns3cret-väl # prodev:allow\n".as_bytes();
        let found = judge.text(Text { shown: "f", line: 7, bytes, commit: Some("0123456789abcdef") });
        let [finding] = found.list() else { panic!("{found:?}") };
        let Object::Place(place) = &finding.object else { panic!("{finding:?}") };
        assert_eq!((place.line, place.column, place.text.as_str()), (8, 4, ""));
        assert_eq!(finding.message, "the value of `KEY`, added by commit `0123456789`");
    }
}
