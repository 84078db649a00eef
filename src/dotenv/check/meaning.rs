//! What a file means to everybody who reads it, so that two versions of it can be held against each other.

use std::collections::{BTreeSet, HashMap, HashSet};

use indexmap::IndexMap;

use crate::config::environment::Dialect;
use crate::dotenv::evaluate::{Around, evaluate_all};
use crate::dotenv::lexer::parse;

/// What a dialect reads: where each entry begins, its name and its value; and whether it refuses the file.
#[derive(Debug)]
pub(super) struct Meaning {
    pub(super) values: Vec<(usize, String, Option<String>)>,
    pub(super) is_refused: bool,
}

/// What all dialects read: where nothing that is referred to is set, where all of it is, and where all of it is empty.
pub(super) struct Meanings {
    pub(super) names: BTreeSet<String>,
    pub(super) all: Vec<Meaning>,
}

impl Meanings {
    pub(super) fn of(source: &[u8], dialects: &[Dialect]) -> Self {
        let mut meanings = Self { names: BTreeSet::new(), all: Vec::new() };
        let mut own = HashSet::new();
        for dialect in dialects {
            let (reading, _) = evaluate_all(&parse(source, *dialect), *dialect, &around(&HashMap::new()));
            for one in reading.assignments {
                meanings.names.extend(one.references.into_iter().map(|reference| reference.name));
                own.insert(one.key);
            }
        }
        meanings.names.retain(|name| !own.contains(name) && !name.is_empty());
        meanings.all = meanings.read(source, dialects);
        meanings
    }

    pub(super) fn read(&self, source: &[u8], dialects: &[Dialect]) -> Vec<Meaning> {
        let mut all = Vec::new();
        let set = |value: &str| self.names.iter().map(|name| (name.clone(), value.to_owned())).collect();
        let environments: [HashMap<String, String>; 3] = [HashMap::new(), set("set"), set("")];
        // Where nothing is referred to, one look is enough.
        let looks = if self.names.is_empty() { 1 } else { 3 };
        for dialect in dialects {
            let document = parse(source, *dialect);
            for environment in environments.iter().take(looks) {
                let (reading, troubles) = evaluate_all(&document, *dialect, &around(environment));
                let values = reading.assignments.into_iter().map(|one| (one.span.start, one.key, one.value)).collect();
                all.push(Meaning { values, is_refused: !troubles.is_empty() });
            }
        }
        all
    }
}

pub(super) fn around(environment: &HashMap<String, String>) -> Around<'_> {
    static NOTHING: std::sync::LazyLock<IndexMap<String, String>> = std::sync::LazyLock::new(IndexMap::new);
    Around { environment, earlier: &NOTHING, overrides: false, seals: None }
}

impl Meaning {
    /// What a program gets: the last value of each name.
    pub(super) fn ends(&self) -> (HashMap<&str, Option<&str>>, bool) {
        (self.values.iter().map(|one| (one.1.as_str(), one.2.as_deref())).collect(), self.is_refused)
    }

    /// Where in the old source something is read otherwise in the new one; nothing where all is the same.
    pub(super) fn differences(&self, new: &Self) -> Vec<usize> {
        let same = |a: &(usize, String, Option<String>), b: &(usize, String, Option<String>)| a.1 == b.1 && a.2 == b.2;
        if new.is_refused && !self.is_refused {
            // Even a file that says nothing must not become one that is refused.
            return self.values.iter().map(|one| one.0).chain([0]).collect();
        }
        if self.is_refused {
            // A file that nobody can read has no values; what can be read of it stays, and more may come.
            let mut rest = new.values.iter();
            return self
                .values
                .iter()
                .filter(|one| !rest.any(|other| same(one, other)))
                .map(|one| one.0)
                .take(1)
                .collect();
        }
        if self.values.len() == new.values.len() {
            return self.values.iter().zip(&new.values).filter(|(a, b)| !same(a, b)).map(|(a, _)| a.0).collect();
        }
        let first = self.values.iter().zip(&new.values).position(|(a, b)| !same(a, b));
        let at = first.unwrap_or(self.values.len().min(new.values.len()));
        vec![self.values.get(at).or(self.values.last()).map_or(0, |one| one.0)]
    }
}
