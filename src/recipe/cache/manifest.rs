//! Everything that decides what a recipe makes: its key, and what is different between two runs.

use std::collections::BTreeMap;

use blake3::{Hash, Hasher};
use serde::{Deserialize, Serialize};

/// All but the files. What it does not say has no part in the key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// The recipe's full name.
    pub(crate) recipe: String,
    /// What is run, line by line: interpreter, text or words, directory.
    pub(crate) command: Vec<String>,
    pub(crate) parameters: BTreeMap<String, Value>,
    /// The variables that the recipe declares; `None` is one that is not set.
    pub(crate) environment: BTreeMap<String, Value>,
    /// Versions of the tools that it requires.
    pub(crate) tools: BTreeMap<String, String>,
    /// What each need made, or its key; those of which nothing is known are left out.
    pub(crate) needs: BTreeMap<String, String>,
    pub(crate) outputs: Vec<String>,
}

/// A value that has a part in the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Value {
    Plain(String),
    /// A secret, through a keyed hash: told apart, never told.
    Secret(String),
    Unset,
}

impl Manifest {
    /// Whether its key hangs on who knows secrets.
    pub(crate) fn has_secrets(&self) -> bool {
        self.parameters.values().chain(self.environment.values()).any(|value| matches!(value, Value::Secret(_)))
    }
}

impl Value {
    fn shown(&self) -> String {
        match self {
            Self::Plain(text) => text.clone(),
            Self::Secret(_) => "********".to_owned(),
            Self::Unset => "(not set)".to_owned(),
        }
    }
}

/// One thing that is not as it was when the recipe last succeeded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Difference {
    pub(crate) what: What,
    pub(crate) name: String,
    /// `None` where there was none.
    pub(crate) old: Option<String>,
    /// `None` where there is none any more.
    pub(crate) new: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum What {
    Command,
    Parameter,
    Variable,
    Tool,
    Need,
    Input,
    Output,
}

/// The form of keys; another one makes all that is stored unknown.
const FORM: &[u8] = b"prodev recipe key 1";

/// What is made on one kind of machine is not for another.
const PLATFORM: [&str; 2] = [std::env::consts::OS, std::env::consts::ARCH];

/// The digest of everything that decides what a recipe makes. `inputs` are in order of their paths: content, and whether it can be run.
pub(super) fn key<'a>(manifest: &Manifest, inputs: impl Iterator<Item = (&'a str, Hash, bool)>) -> Hash {
    let mut hasher = Hasher::new();
    // Each part with its length in front, so that no two lists of parts are the same bytes.
    let mut part = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    part(FORM);
    for text in PLATFORM {
        part(text.as_bytes());
    }
    // A map in order of its keys and a list: the same manifest is always the same text.
    part(serde_json::to_string(manifest).unwrap_or_default().as_bytes());
    for (path, digest, is_executable) in inputs {
        part(path.as_bytes());
        part(digest.as_bytes());
        part(&[u8::from(is_executable)]);
    }
    hasher.finalize()
}

/// What is different between the manifest of the last success and that of now.
pub(super) fn differences(old: &Manifest, new: &Manifest) -> Vec<Difference> {
    let mut found = Vec::new();
    for line in 0..old.command.len().max(new.command.len()) {
        let (before, after) = (old.command.get(line).cloned(), new.command.get(line).cloned());
        push(&mut found, What::Command, &format!("line {}", line + 1), before, after);
    }
    let values = |map: &BTreeMap<String, Value>| map.clone();
    compare(&mut found, What::Parameter, &values(&old.parameters), &values(&new.parameters));
    compare(&mut found, What::Variable, &values(&old.environment), &values(&new.environment));
    texts(&mut found, What::Tool, &old.tools, &new.tools);
    texts(&mut found, What::Need, &old.needs, &new.needs);
    if old.outputs != new.outputs {
        push(&mut found, What::Output, "outputs", Some(old.outputs.join(", ")), Some(new.outputs.join(", ")));
    }
    found
}

fn compare(found: &mut Vec<Difference>, what: What, old: &BTreeMap<String, Value>, new: &BTreeMap<String, Value>) {
    for name in old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))) {
        let (before, after) = (old.get(name), new.get(name));
        if before != after {
            let difference =
                Difference { what, name: name.clone(), old: before.map(Value::shown), new: after.map(Value::shown) };
            found.push(difference);
        }
    }
}

fn texts(found: &mut Vec<Difference>, what: What, old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) {
    for name in old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))) {
        push(found, what, name, old.get(name).cloned(), new.get(name).cloned());
    }
}

fn push(found: &mut Vec<Difference>, what: What, name: &str, old: Option<String>, new: Option<String>) {
    if old != new {
        found.push(Difference { what, name: name.to_owned(), old, new });
    }
}

/// The first digits of a digest, enough for people.
pub(super) fn short(digest: &Hash) -> String {
    digest.to_hex()[..12].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let map = |value: &str| [("k".to_owned(), value.to_owned())].into_iter().collect();
        let values = |value| [("k".to_owned(), value)].into_iter().collect();
        Manifest {
            recipe: "r".to_owned(),
            command: vec!["sh -eu".to_owned(), "make".to_owned()],
            parameters: values(Value::Plain("p".to_owned())),
            environment: values(Value::Secret("digest".to_owned())),
            tools: map("1.0"),
            needs: map("digest"),
            outputs: vec!["out".to_owned()],
        }
    }

    type Case<'a> = (fn(&mut Manifest), What, &'a str, Option<&'a str>, Option<&'a str>);

    #[test]
    fn every_part_is_in_the_key_and_is_told() {
        let none = std::iter::empty::<(&str, Hash, bool)>;
        let key_of = |manifest: &Manifest| key(manifest, none());
        let changes: [Case; 7] = [
            (|it| it.command[1] = "make all".to_owned(), What::Command, "line 2", Some("make"), Some("make all")),
            (|it| it.parameters.clear(), What::Parameter, "k", Some("p"), None),
            (|it| it.environment.clear(), What::Variable, "k", Some("********"), None),
            (|it| drop(it.environment.insert("n".into(), Value::Unset)), What::Variable, "n", None, Some("(not set)")),
            (|it| drop(it.tools.insert("k".into(), "2.0".into())), What::Tool, "k", Some("1.0"), Some("2.0")),
            (|it| drop(it.needs.insert("k".into(), "other".into())), What::Need, "k", Some("digest"), Some("other")),
            (|it| it.outputs.push("more".into()), What::Output, "outputs", Some("out"), Some("out, more")),
        ];
        for (change, what, name, old, new) in changes {
            let mut other = manifest();
            change(&mut other);
            assert_ne!(key_of(&manifest()), key_of(&other), "{name}");
            let expected =
                Difference { what, name: name.to_owned(), old: old.map(str::to_owned), new: new.map(str::to_owned) };
            assert_eq!(differences(&manifest(), &other), [expected]);
        }
        assert_eq!(differences(&manifest(), &manifest()), []);
    }

    #[test]
    fn files_are_in_the_key_by_path_content_and_mode() {
        let (one, two) = (blake3::hash(b"1"), blake3::hash(b"2"));
        let keys = [
            vec![("a", one, false), ("b", two, false)],
            vec![("a", two, false), ("b", one, false)],
            vec![("a", one, true), ("b", two, false)],
            vec![("a", one, false)],
            vec![("ab", one, false)],
        ];
        let keys: std::collections::HashSet<Hash> =
            keys.iter().map(|inputs| key(&manifest(), inputs.iter().copied())).collect();
        assert_eq!(keys.len(), 5);
    }
}
