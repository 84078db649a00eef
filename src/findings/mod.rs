//! What was found wrong where something was judged, as values, and how it is told: to people, to scripts, to CI.
//! Who judges stands on a higher floor; nothing here decides what is wrong.

mod format;
mod github;
mod gitlab;
mod junit;
mod sarif;
#[cfg(test)]
mod tests;
mod text;

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value, json};

pub(crate) use format::Format;

use crate::config::value::Severity;
use crate::error::Place;

/// One thing that is against a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The rule's name, in kebab-case.
    pub(crate) rule: Cow<'static, str>,
    /// Never `Off`.
    pub(crate) severity: Severity,
    pub(crate) object: Object,
    /// What is wrong, in one line: lowercase, no full stop, names in backticks.
    pub(crate) message: String,
    /// A command to run or a thing to change.
    pub(crate) hint: Option<String>,
}

/// What is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Object {
    /// By its short name.
    Branch(String),
    Tag(String),
    Commit {
        /// In full.
        id: String,
        /// The first line of its message.
        subject: String,
    },
    /// A file as a whole, as the user would name it.
    File(String),
    /// A spot in a file.
    Place(Place),
}

/// Something that was not judged, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Skip {
    /// The rule, or in the plural what else was left out.
    pub(crate) what: String,
    pub(crate) reason: String,
}

/// All that was found, in the order in which it is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    list: Vec<Finding>,
    skips: Vec<Skip>,
}

/// A judgement as a command hands it back: exit 1 where an error is among the findings.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) findings: Findings,
    pub(crate) format: Format,
    /// Names and meanings of the rules that were looked at, for formats that tell of them.
    pub(crate) rules: Vec<(&'static str, &'static str)>,
    /// What is said on stderr where nothing was found; nothing where silence says it, as in a hook.
    pub(crate) good: Option<String>,
    /// What JSON tells beside the findings.
    pub(crate) json: Map<String, Value>,
}

impl Finding {
    pub(crate) fn new(
        rule: impl Into<Cow<'static, str>>,
        severity: Severity,
        object: Object,
        message: impl Into<String>,
    ) -> Self {
        Self { rule: rule.into(), severity, object, message: message.into(), hint: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Object and message in one line.
    fn sentence(&self) -> String {
        match &self.object {
            Object::Place(_) => self.message.clone(),
            object => format!("{object}: {}", self.message),
        }
    }

    fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// What stays the same from run to run as long as the finding does, also where lines above it come and go.
    fn fingerprint(&self) -> String {
        let object = match &self.object {
            Object::Place(place) => format!("{}:{}", place.file, place.text.trim()),
            other => other.to_string(),
        };
        blake3::hash(format!("{}\0{object}\0{}", self.rule, self.message).as_bytes()).to_hex()[..32].to_owned()
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Branch(name) => write!(f, "branch `{name}`"),
            Self::Tag(name) => write!(f, "tag `{name}`"),
            Self::Commit { id, subject } if subject.is_empty() => write!(f, "commit `{}`", short(id)),
            Self::Commit { id, subject } => write!(f, "commit `{}` ({subject})", short(id)),
            Self::File(path) => write!(f, "`{path}`"),
            Self::Place(place) => place.fmt(f),
        }
    }
}

impl Object {
    /// For `--json`.
    fn data(&self) -> Value {
        match self {
            Self::Branch(name) => json!({ "kind": "branch", "name": name }),
            Self::Tag(name) => json!({ "kind": "tag", "name": name }),
            Self::Commit { id, subject } => json!({ "kind": "commit", "id": id, "subject": subject }),
            Self::File(path) => json!({ "kind": "file", "file": path }),
            Self::Place(Place { file, line, column, .. }) => {
                json!({ "kind": "place", "file": file, "line": line, "column": column })
            }
        }
    }

    /// File, line and column, where it is in a file.
    fn spot(&self) -> Option<(&str, usize, usize)> {
        match self {
            Self::File(path) => Some((path, 1, 1)),
            Self::Place(Place { file, line, column, .. }) => Some((file, *line, *column)),
            Self::Branch(_) | Self::Tag(_) | Self::Commit { .. } => None,
        }
    }
}

/// As much of an id as people read.
pub(crate) fn short(id: &str) -> &str {
    id.get(..7).unwrap_or(id)
}

impl Findings {
    /// Takes a finding in, unless its rule is off.
    pub(crate) fn add(&mut self, finding: Finding) {
        if finding.severity != Severity::Off {
            self.list.push(finding);
        }
    }

    /// Says that something was not judged.
    pub(crate) fn skip(&mut self, what: impl Into<String>, reason: impl Into<String>) {
        let skip = Skip { what: what.into(), reason: reason.into() };
        if !self.skips.contains(&skip) {
            self.skips.push(skip);
        }
    }

    pub(crate) fn append(&mut self, mut others: Self) {
        self.list.append(&mut others.list);
        others.skips.into_iter().for_each(|skip| self.skip(skip.what, skip.reason));
    }

    #[cfg(test)]
    pub(crate) fn list(&self) -> &[Finding] {
        &self.list
    }

    pub(crate) fn errors(&self) -> usize {
        self.list.iter().filter(|finding| finding.is_error()).count()
    }

    pub(crate) fn warnings(&self) -> usize {
        self.list.len() - self.errors()
    }
}

impl Verdict {
    /// Whether it is no failure.
    pub(crate) fn is_good(&self) -> bool {
        self.findings.errors() == 0
    }

    /// What goes to stdout, and what is said about it on stderr.
    pub(crate) fn told(&self) -> (String, Vec<String>) {
        let findings = &self.findings;
        let document = match self.format {
            Format::Text => text::render(findings),
            Format::Json => return (String::new(), Vec::new()),
            Format::Sarif => sarif::render(findings, &self.rules),
            Format::Github => github::render(findings),
            Format::Gitlab => gitlab::render(findings),
            Format::Junit => junit::render(findings),
        };
        let mut said: Vec<String> =
            findings.skips.iter().map(|skip| format!("skipped {}: {}", skip.what, skip.reason)).collect();
        if findings.list.is_empty() {
            said.extend(self.good.clone());
        } else {
            said.push(text::summary(findings));
        }
        (document, said)
    }

    /// The same as data.
    pub(crate) fn data(&self) -> Map<String, Value> {
        let findings = self.findings.list.iter().map(|finding| {
            let severity = if finding.is_error() { "error" } else { "warn" };
            json!({
                "rule": finding.rule,
                "severity": severity,
                "object": finding.object.data(),
                "message": finding.message,
                "hint": finding.hint,
            })
        });
        let skips = self.findings.skips.iter().map(|skip| json!({ "what": skip.what, "reason": skip.reason }));
        let mut data = self.json.clone();
        data.insert("findings".to_owned(), findings.collect());
        data.insert("errors".to_owned(), self.findings.errors().into());
        data.insert("warnings".to_owned(), self.findings.warnings().into());
        data.insert("skipped".to_owned(), skips.collect());
        data
    }
}
