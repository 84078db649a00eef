//! A TOML document read into a type. What does not fit is told all at once, each with its place and the nearest known name; the type's own
//! JSON Schema is what it is held against, so that code, editors and errors agree.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::lines::Lines;
use super::show::HIDDEN;
use super::strict::Strict;
use super::words::{either, kind, type_names, wrong_type};
use super::{schema, value};
use crate::error::{Exit, Failure, Problem, nearest};

/// Keys at the top of a document that are known, but belong somewhere else: each of `keys`, then what is said of it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Misplaced<'a> {
    pub(crate) keys: &'a [&'a str],
    pub(crate) message: &'a str,
}

/// Reads `source`, the text of `file` (as the user would name it).
///
/// # Errors
/// One `Failure` (exit 2) of all syntax errors, or of all keys and values that do not fit.
pub(crate) fn read<T: DeserializeOwned + JsonSchema>(file: &str, source: &str) -> Result<T, Failure> {
    read_without(Misplaced::default(), file, source)
}

/// Reads `source`, and says of `misplaced` keys where they belong.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_without<T: DeserializeOwned + JsonSchema>(
    misplaced: Misplaced,
    file: &str,
    source: &str,
) -> Result<T, Failure> {
    // The ordinary case needs no schema; building one costs more than reading.
    let error = match toml::Deserializer::parse(source).and_then(|document| T::deserialize(Strict(document))) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let mut problems = problems::<T>(misplaced, file, source);
    if problems.is_empty() {
        // A rule that the schema does not tell.
        problems.push(unforeseen(&error, file, source));
    }
    Err(refused(&format!("`{file}`"), problems))
}

/// The same failure for a document that another command describes than `prodev config schema`.
pub(crate) fn described_by(command: &str, mut failure: Failure) -> Failure {
    for hint in failure.hints.iter_mut().filter(|hint| *hint == HINT) {
        *hint = format!("`{command}` describes what can stand where");
    }
    failure
}

/// What helps where nothing better is known.
pub(super) const HINT: &str = "`prodev config schema` describes what can stand where";

/// The failure of all `problems` in `what`. Where one of them has no hint of its own, there is one for all.
pub(super) fn refused(what: &str, problems: Vec<Problem>) -> Failure {
    let is_explained = problems.iter().all(|problem| problem.hint.is_some());
    let failure = Failure::of(format!("{what} has {} problems", problems.len()), problems).exit(Exit::Usage);
    if is_explained { failure } else { failure.hint(HINT) }
}

/// What serde says, where its words cannot hold a secret: they may quote the value.
fn unforeseen(error: &toml::de::Error, file: &str, source: &str) -> Problem {
    let (table, _) = DeTable::parse_recoverable(source);
    let place = error.span().map(|span| Lines::of_document(file, source, table.get_ref()).place(&span));
    let is_hidden = place.as_ref().is_none_or(|place| place.text.ends_with(HIDDEN));
    let message = if is_hidden { "something here does not fit".to_owned() } else { error.message().replace('\n', " ") };
    Problem { message, place, hint: None }
}

/// Everything in `source` that the schema of `T` does not allow.
fn problems<T: JsonSchema>(misplaced: Misplaced, file: &str, source: &str) -> Vec<Problem> {
    let (table, errors) = DeTable::parse_recoverable(source);
    if !errors.is_empty() {
        let lines = Lines::of_broken(file, source);
        let problem = |error: &toml::de::Error| {
            Problem::new(error.message().replace('\n', " ")).at(lines.place(&error.span().unwrap_or(0..0)))
        };
        return errors.iter().map(problem).collect();
    }
    let schema = schema::of::<T>();
    let lines = Lines::of_document(file, source, table.get_ref());
    let mut walk = Walk { lines: &lines, root: &schema, misplaced, problems: Vec::new() };
    walk.table(table.get_ref(), &schema, "");
    walk.problems
}

/// A walk over a document and a schema together.
struct Walk<'a> {
    lines: &'a Lines<'a>,
    root: &'a Value,
    misplaced: Misplaced<'a>,
    problems: Vec<Problem>,
}

impl<'a> Walk<'a> {
    fn report(&mut self, problem: Problem, span: &std::ops::Range<usize>) {
        self.problems.push(problem.at(self.lines.place(span)));
    }

    /// Follows `$ref`s and takes the wrapping off that schemars puts around documented references.
    fn resolve(&self, mut schema: &'a Value) -> &'a Value {
        while let Some(pointer) = schema.get("$ref").and_then(Value::as_str) {
            match self.root.pointer(pointer.trim_start_matches('#')) {
                Some(target) => schema = target,
                None => break,
            }
        }
        schema
    }

    fn value(&mut self, value: &Spanned<DeValue>, schema: &'a Value, path: &str) {
        let schema = self.resolve(schema);
        if let Some(variants) = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array) {
            return self.variants(value, variants, path);
        }
        if let Some(expected) = wrong_type(value.get_ref(), schema) {
            let found = kind(value.get_ref());
            return self.report(Problem::new(format!("`{path}` must be {expected}, not {found}")), &value.span());
        }
        if let Some(allowed) = schema.get("enum").and_then(Value::as_array) {
            return self.one_of(value, allowed, path);
        }
        match value.get_ref() {
            DeValue::Table(table) => self.table(table, schema, path),
            DeValue::Array(items) => {
                if let Some(item) = schema.get("items") {
                    for (index, value) in items.iter().enumerate() {
                        self.value(value, item, &format!("{path}[{index}]"));
                    }
                }
            }
            DeValue::String(text) => {
                let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
                if let Err(message) = value::check(format, text) {
                    self.report(Problem::new(message), &value.span());
                }
            }
            DeValue::Integer(_) => self.bounds(value, schema, path),
            _ => {}
        }
    }

    /// Whether a whole number is within the bounds of its type.
    fn bounds(&mut self, value: &Spanned<DeValue>, schema: &'a Value, path: &str) {
        let DeValue::Integer(integer) = value.get_ref() else { return };
        let Ok(number) = i64::from_str_radix(integer.as_str(), integer.radix()) else { return };
        let bound = |name: &str| schema.get(name).and_then(Value::as_i64);
        let message = match (bound("minimum"), bound("maximum")) {
            (Some(least), _) if number < least => format!("`{path}` must be at least {least}, not {number}"),
            (_, Some(most)) if number > most => format!("`{path}` must be at most {most}, not {number}"),
            _ => return,
        };
        self.report(Problem::new(message), &value.span());
    }

    fn table(&mut self, table: &DeTable, schema: &'a Value, path: &str) {
        let known = schema.get("properties").and_then(Value::as_object);
        let others = schema.get("additionalProperties");
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let inner = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            match (known.and_then(|known| known.get(name)), others) {
                (Some(schema), _) | (None, Some(schema @ Value::Object(_))) => self.value(value, schema, &inner),
                (None, Some(Value::Bool(false))) => {
                    let problem = if path.is_empty() && self.misplaced.keys.contains(&name) {
                        Problem::new(format!("`[{name}]` {}", self.misplaced.message))
                    } else {
                        unknown_key(name, path, known)
                    };
                    self.report(problem, &key.span());
                }
                (None, _) => {}
            }
        }
        for required in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
        {
            if !table.keys().any(|key| key.get_ref() == required) {
                let place = if path.is_empty() { "the file".to_owned() } else { format!("`{path}`") };
                // Where the table's first key stands.
                self.problems.push(Problem {
                    message: format!("{place} needs the key `{required}`"),
                    place: table.keys().next().map(|key| self.lines.place(&key.span())),
                    hint: Some(format!("add `{required} = …`")),
                });
            }
        }
    }

    /// The variant that fits best speaks for all.
    fn variants(&mut self, value: &Spanned<DeValue>, variants: &'a [Value], path: &str) {
        let constants: Vec<Value> =
            variants.iter().filter_map(|variant| self.resolve(variant).get("const").cloned()).collect();
        if constants.len() == variants.len() {
            return self.one_of(value, &constants, path);
        }
        let fitting: Vec<&Value> = variants
            .iter()
            .map(|variant| self.resolve(variant))
            .filter(|variant| wrong_type(value.get_ref(), variant).is_none())
            .collect();
        if fitting.is_empty() {
            let mut expected: Vec<String> = Vec::new();
            for name in variants.iter().filter_map(|variant| type_names(self.resolve(variant))) {
                if !expected.contains(&name) && name != "null" {
                    expected.push(name);
                }
            }
            let found = kind(value.get_ref());
            let message = format!("`{path}` must be {}, not {found}", expected.join(" or "));
            return self.report(Problem::new(message), &value.span());
        }
        let mut best: Option<Vec<Problem>> = None;
        for variant in fitting {
            let mut walk = Walk { problems: Vec::new(), ..*self };
            walk.value(value, variant, path);
            if best.as_ref().is_none_or(|best| walk.problems.len() < best.len()) {
                best = Some(walk.problems);
            }
        }
        self.problems.extend(best.unwrap_or_default());
    }

    fn one_of(&mut self, value: &Spanned<DeValue>, allowed: &[Value], path: &str) {
        let names: Vec<&str> = allowed.iter().filter_map(Value::as_str).collect();
        let Some(text) = value.get_ref().as_str() else {
            let message = format!("`{path}` must be {}, not {}", either(&names), kind(value.get_ref()));
            return self.report(Problem::new(message), &value.span());
        };
        if !names.contains(&text) {
            let message = format!("`{path}` cannot be `{text}`: it is {}", either(&names));
            self.report(Problem::new(message).suggest(text, names), &value.span());
        }
    }
}

fn unknown_key(name: &str, path: &str, known: Option<&Map<String, Value>>) -> Problem {
    let names: Vec<&str> = known.into_iter().flat_map(Map::keys).map(String::as_str).collect();
    let mut message = format!("unknown key `{name}`");
    if !path.is_empty() {
        let _ = write!(message, " in `{path}`");
    }
    match nearest(name, names.iter().copied()) {
        Some(near) => Problem::new(message).hint(format!("did you mean `{near}`?")),
        // A long list hides the problem that it explains.
        None if names.is_empty() || names.len() > 12 => Problem::new(message),
        None => Problem::new(message).hint(format!("known keys are {}", either(&names))),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;
    use crate::error::Place;

    #[derive(Debug, Deserialize, JsonSchema, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct House {
        name: String,
        #[serde(default)]
        rooms: BTreeMap<String, Room>,
        #[serde(default)]
        door: Option<Door>,
        #[serde(default)]
        color: Option<Color>,
    }

    #[derive(Debug, Deserialize, JsonSchema, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Room {
        size: u32,
    }

    #[derive(Debug, Deserialize, JsonSchema, PartialEq)]
    #[serde(untagged)]
    enum Door {
        Plain(String),
        Special(Room),
    }

    #[derive(Debug, Deserialize, JsonSchema, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Color {
        Red,
        Green,
    }

    fn complaints(source: &str) -> Vec<String> {
        let failure = read::<House>("house.toml", source).expect_err("this document has problems");
        let text = |message: &str, place: Option<&Place>, hint: Option<&String>| {
            format!(
                "{}{message}{}",
                place.map(|place| format!("{}:{} ", place.line, place.column)).unwrap_or_default(),
                hint.map(|hint| format!(" ({hint})")).unwrap_or_default()
            )
        };
        if failure.problems.is_empty() {
            return vec![text(
                &failure.message,
                failure.place.as_ref(),
                failure.hints.iter().find(|hint| *hint != HINT),
            )];
        }
        failure.problems.iter().map(|p| text(&p.message, p.place.as_ref(), p.hint.as_ref())).collect()
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let source = "naem = 'x'\ncolor = 'gren'\nname = 3\n\n[rooms.hall]\nsize = 'big'\nsise = 4\n";
        assert_eq!(
            complaints(source),
            [
                "1:1 unknown key `naem` (did you mean `name`?)",
                "2:9 `color` cannot be `gren`: it is `red` or `green` (did you mean `green`?)",
                "3:8 `name` must be a string, not an integer",
                "6:8 `rooms.hall.size` must be an integer, not a string",
                "7:1 unknown key `sise` in `rooms.hall` (did you mean `size`?)",
            ]
        );
    }

    #[test]
    fn the_fitting_variant_speaks() {
        assert_eq!(
            complaints("name = 'x'\ndoor = { sise = 1, size = 2 }\n"),
            ["2:10 unknown key `sise` in `door` (did you mean `size`?)"]
        );
        assert_eq!(complaints("name = 'x'\ndoor = 1\n"), ["2:8 `door` must be a string or a table, not an integer"]);
    }

    #[test]
    fn a_missing_key_is_named() {
        assert_eq!(complaints("[rooms.hall]\nsize = 1\n"), ["1:2 the file needs the key `name` (add `name = …`)"]);
    }

    #[test]
    fn many_problems_take_no_longer_than_their_lines() {
        // What comes before them is long, so that counting from the beginning for each would take minutes.
        let mut source = "\n".repeat(1 << 21) + "name = 'x'\n";
        source.extend((0..20_000).map(|number| format!("key{number} = 1\n")));
        let start = std::time::Instant::now();
        let failure = read::<House>("house.toml", &source).expect_err("there are no such keys");
        let last = failure.problems.iter().filter_map(|problem| problem.place.as_ref()).map(|place| place.line).max();
        assert_eq!((failure.problems.len(), last), (20_000, Some((1 << 21) + 20_001)));
        assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
    }

    #[test]
    fn every_failure_has_a_hint() {
        for source in ["name = \n", "name = 3\n", "name = 3\ndoor = 1\n", "[rooms.hall]\nsize = -1\n"] {
            let failure = read::<House>("house.toml", source).expect_err("this document has problems");
            assert!(!failure.hints.is_empty(), "{failure:?}");
        }
    }

    #[test]
    fn syntax_errors_have_a_place() {
        assert_eq!(complaints("name = \n").len(), 1);
        assert!(complaints("name = \n")[0].starts_with("1:"));
    }
}
