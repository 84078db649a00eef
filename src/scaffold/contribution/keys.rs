//! Keys in structured files of somebody else's: put in and taken out again without touching another byte. Whatever the formats' editors did is read
//! again, and counts only where the file then says what it said before, and the key.

use serde_json::{Map, Value as Json};

use super::{json, toml, yaml};

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// With comments and trailing commas, where the file has them.
    Json,
    Toml,
    Yaml,
}

/// A file in which a key is now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Put {
    /// It was there, with this very value.
    There,
    /// The new text, and how many tables around the key were made for it.
    Done { text: String, made: usize },
}

impl Format {
    /// What the name of a file tells.
    pub(in crate::scaffold) fn of(path: &str) -> Option<Self> {
        let (_, ending) = path.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "json" | "jsonc" | "webmanifest" | "code-workspace" => Some(Self::Json),
            "toml" => Some(Self::Toml),
            "yaml" | "yml" => Some(Self::Yaml),
            _ => None,
        }
    }

    /// The text of a file that has nothing in it.
    pub(super) fn empty(self) -> &'static str {
        match self {
            Self::Json => "{}\n",
            Self::Toml | Self::Yaml => "",
        }
    }

    fn read(self, text: &str) -> Result<Json, String> {
        match self {
            Self::Json => json::read(text),
            Self::Toml => toml::read(text),
            Self::Yaml => yaml::read(text),
        }
    }
}

/// Gives `keys` the value `value`, which nothing else has.
///
/// # Errors
/// Why that cannot be done; the text is as it was.
pub(super) fn put(format: Format, text: &str, keys: &[String], value: &Json) -> Result<Put, String> {
    let before = format.read(text)?;
    let mut expected = before.clone();
    let Some(made) = set(&mut expected, keys, value)? else { return Ok(Put::There) };
    let new = match format {
        Format::Json => json::insert(text, keys, value),
        Format::Toml => toml::insert(text, keys, value),
        Format::Yaml => yaml::insert(text, keys, value, keys.len() - 1 - made),
    }?;
    verified(format, text, new, &expected).map(|text| Put::Done { text, made })
}

/// Whether `keys` is there, with this value.
///
/// # Errors
/// Where it has another, or the file cannot be read.
pub(super) fn holds(format: Format, text: &str, keys: &[String], value: &Json) -> Result<bool, String> {
    match get(&format.read(text)?, keys) {
        None => Ok(false),
        Some(found) if !same(found, value) => Err("it has another value by now".to_owned()),
        Some(_) => Ok(true),
    }
}

/// Whether `keys` is there, with whatever value.
pub(super) fn is_there(format: Format, text: &str, keys: &[String]) -> bool {
    format.read(text).is_ok_and(|all| get(&all, keys).is_some())
}

/// Takes `keys` out again, and of the tables around it up to `made` that it leaves empty.
///
/// # Errors
/// Why that cannot be done.
pub(super) fn take(format: Format, text: &str, keys: &[String], made: usize) -> Result<String, String> {
    let mut expected = format.read(text)?;
    let gone = without(&mut expected, keys, made);
    let new = match format {
        Format::Json => json::remove(text, gone),
        Format::Toml => toml::remove(text, gone),
        Format::Yaml => yaml::remove(text, gone),
    }?;
    verified(format, text, new, &expected)
}

/// Whether `new` is `text` without `keys`, and without those tables.
pub(super) fn is_without(format: Format, text: &str, new: &str, keys: &[String], made: usize) -> bool {
    let expected = format.read(text).map(|mut all| {
        without(&mut all, keys, made);
        all
    });
    matches!((expected, format.read(new)), (Ok(expected), Ok(found)) if same(&expected, &found))
}

/// Takes a key out of a value. Gives the outermost that went.
fn without<'a>(value: &mut Json, keys: &'a [String], made: usize) -> &'a [String] {
    unset(value, keys);
    let mut gone = keys;
    while gone.len() > keys.len().saturating_sub(made).max(1) {
        let above = &gone[..gone.len() - 1];
        if !get(value, above).and_then(Json::as_object).is_some_and(Map::is_empty) {
            break;
        }
        unset(value, above);
        gone = above;
    }
    gone
}

fn verified(format: Format, old: &str, new: String, expected: &Json) -> Result<String, String> {
    let is_right = format.read(&new).is_ok_and(|found| same(&found, expected));
    let (removed, inserted) = super::difference(old, &new);
    // Of two differences one is always the smaller, and has nothing in it but what keeps values apart.
    let harmless = |text: &str| text.chars().all(|c| c.is_whitespace() || "{},".contains(c));
    if is_right && (harmless(&removed) || harmless(&inserted)) {
        return Ok(new);
    }
    Err("it cannot be changed without rewriting other parts of it".to_owned())
}

/// Equal, whatever the order of keys. An empty file is an empty table.
fn same(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, value)| b.get(key).is_some_and(|it| same(value, it)))
        }
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Null, Json::Object(map)) | (Json::Object(map), Json::Null) => map.is_empty(),
        (Json::Number(a), Json::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        _ => one == other,
    }
}

fn get<'a>(value: &'a Json, keys: &[String]) -> Option<&'a Json> {
    keys.iter().try_fold(value, |value, key| value.as_object()?.get(key))
}

/// Sets a value; `None` where it is there already, and else how many tables had to be made.
fn set(value: &mut Json, keys: &[String], new: &Json) -> Result<Option<usize>, String> {
    let Some((last, above)) = keys.split_last() else { return Err("no key is named".to_owned()) };
    let mut made = 0;
    let mut at = value;
    for (number, key) in std::iter::once(None).chain(above.iter().map(Some)).enumerate() {
        if let Some(key) = key {
            let Json::Object(map) = at else { return Err(no_table(&above[..number - 1])) };
            at = map.entry(key.clone()).or_insert_with(|| {
                made += 1;
                Json::Object(Map::new())
            });
        }
        if at.is_null() {
            *at = Json::Object(Map::new());
        }
    }
    let Json::Object(map) = at else { return Err(no_table(above)) };
    match map.get(last) {
        Some(found) if same(found, new) => return Ok(None),
        Some(_) => return Err("it is there already, with another value".to_owned()),
        None => drop(map.insert(last.clone(), new.clone())),
    }
    Ok(Some(made))
}

fn no_table(keys: &[String]) -> String {
    if keys.is_empty() { "the file is no table".to_owned() } else { format!("`{}` is no table", keys.join(".")) }
}

fn unset(value: &mut Json, keys: &[String]) {
    let Some((last, above)) = keys.split_last() else { return };
    let map = above.iter().try_fold(value, |value, key| value.as_object_mut()?.get_mut(key));
    if let Some(map) = map.and_then(Json::as_object_mut) {
        map.shift_remove(last);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn keys(text: &str) -> Vec<String> {
        text.split('/').map(ToOwned::to_owned).collect()
    }

    #[track_caller]
    fn inserted(format: Format, text: &str, path: &str, value: &Json, expected: &str) {
        let path = keys(path);
        let Ok(Put::Done { text: new, made }) = put(format, text, &path, value) else {
            panic!("{:?}", put(format, text, &path, value));
        };
        assert_eq!(new, expected);
        assert_eq!(put(format, &new, &path, value), Ok(Put::There), "twice is once");
        let taken = take(format, &new, &path, made).expect("it can be taken out");
        assert!(same(&format.read(&taken).unwrap(), &format.read(text).unwrap()), "{taken}");
    }

    #[test]
    fn json_keeps_its_form_and_its_comments() {
        for (text, path, expected) in [
            ("{\n  \"a\": 1\n}\n", "b", "{\n  \"a\": 1,\n  \"b\": \"x\"\n}\n"),
            (
                "{\n    // why\n    \"s\": {\n        \"t\": 1, // t\n    },\n}\n",
                "s/u",
                "{\n    // why\n    \"s\": {\n        \"t\": 1, // t\n        \"u\": \"x\",\n    },\n}\n",
            ),
            ("{\"a\":1}", "b", "{\"a\":1, \"b\": \"x\"}"),
            ("{}\n", "a/b", "{\n  \"a\": {\n    \"b\": \"x\"\n  }\n}\n"),
            ("{\n  \"s\": {}\n}\n", "s/b", "{\n  \"s\": {\n    \"b\": \"x\"\n  }\n}\n"),
        ] {
            inserted(Format::Json, text, path, &json!("x"), expected);
        }
    }

    #[test]
    fn toml_keeps_its_form_and_its_comments() {
        for (text, path, expected) in [
            ("# head\na = 1 # one\n", "b", "# head\na = 1 # one\nb = \"x\"\n"),
            ("[s]\na = 1\n\n# of t\n[t]\nb = 2\n", "s/c", "[s]\na = 1\nc = \"x\"\n\n# of t\n[t]\nb = 2\n"),
            ("a = 1\n", "tool/x/b", "a = 1\n\n[tool.x]\nb = \"x\"\n"),
            ("s = { a = 1 }\n", "s/b", "s = { a = 1, b = \"x\" }\n"),
            ("", "a", "a = \"x\"\n"),
        ] {
            inserted(Format::Toml, text, path, &json!("x"), expected);
        }
    }

    #[test]
    fn yaml_keeps_its_form_and_its_comments() {
        for (text, path, expected) in [
            ("a: 1 # one\n# foot\n", "b", "a: 1 # one\nb: x\n# foot\n"),
            ("s:\n    a: 1\n\n# t\nt: 2\n", "s/b", "s:\n    a: 1\n    b: x\n\n# t\nt: 2\n"),
            ("s:\n- 1\n- 2\nt:\n  u: |\n    text\n", "t/v", "s:\n- 1\n- 2\nt:\n  u: |\n    text\n  v: x\n"),
            ("s:\nt: 1\n", "s/b", "s:\n  b: x\nt: 1\n"),
            ("# only a comment\n", "a/b", "# only a comment\na:\n  b: x\n"),
            ("---\na: 1", "b", "---\na: 1\nb: x\n"),
            ("a: 1\n...\n", "b", "a: 1\nb: x\n...\n"),
            ("a: &x\n  c: 1\nd: *x\n", "e", "a: &x\n  c: 1\nd: *x\ne: x\n"),
        ] {
            inserted(Format::Yaml, text, path, &json!("x"), expected);
        }
        inserted(
            Format::Yaml,
            "a: 1\n",
            "b",
            &json!({"c": [1, {"d": "yes"}], "e": "no"}),
            "a: 1\nb:\n  c:\n  - 1\n  - d: \"yes\"\n  e: \"no\"\n",
        );
    }

    #[test]
    fn what_cannot_be_done_safely_is_not_done() {
        for (format, text, path) in [
            (Format::Json, "{\"a\": 1}", "a"),
            (Format::Json, "[1]", "a"),
            (Format::Json, "{", "a"),
            (Format::Toml, "a = 1", "a/b"),
            (Format::Toml, "[[a]]\nb = 1", "a/b"),
            (Format::Toml, "a = ", "b"),
            (Format::Yaml, "{a: 1}\n", "b"),
            (Format::Yaml, "s: {a: 1}\n", "s/b"),
            (Format::Yaml, "a: 1\n---\nb: 2\n", "c"),
            (Format::Yaml, "a: &x {c: 1}\nb: *x\n", "b/c"),
            (Format::Yaml, "- 1\n", "a"),
            (Format::Yaml, "a: [\n", "b"),
        ] {
            let put = put(format, text, &keys(path), &json!("x"));
            assert!(put.is_err(), "{text:?} {path}: {put:?}");
        }
    }

    #[test]
    fn another_value_is_not_taken_out() {
        let holds = |text: &str| holds(Format::Json, text, &keys("a"), &json!(1));
        assert_eq!(holds("{\"a\": 2}"), Err("it has another value by now".to_owned()));
        assert_eq!((holds("{\"b\": 2}"), holds("{\"a\": 1}")), (Ok(false), Ok(true)));
    }
}
