//! The filters and functions that template authors have beyond MiniJinja's own and Python's methods.

#![allow(clippy::needless_pass_by_value, reason = "MiniJinja hands arguments over by value")]

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::value::{Kwargs, Object, Rest, ValueKind};
use minijinja::{Environment, Error, ErrorKind, State, Value};

/// Names that a person may have meant, for "did you mean": MiniJinja does not list what it has.
pub(super) const FILTERS: &[&str] = &[
    "abs",
    "attr",
    "batch",
    "bool",
    "camel_case",
    "capitalize",
    "chain",
    "count",
    "default",
    "dictsort",
    "first",
    "float",
    "format",
    "groupby",
    "indent",
    "int",
    "is_time_zone",
    "items",
    "join",
    "kebab_case",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "pascal_case",
    "pprint",
    "regex_match",
    "regex_replace",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "safe",
    "screaming_snake_case",
    "select",
    "selectattr",
    "shell_quote",
    "slice",
    "slugify",
    "snake_case",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "title_case",
    "to_json",
    "to_toml",
    "to_yaml",
    "tojson",
    "trim",
    "unique",
    "upper",
    "zip",
];

/// The functions of templates.
pub(super) const FUNCTIONS: &[&str] = &["debug", "dict", "fail", "namespace", "now", "random_secret", "range", "slot"];

/// In the context of `once` files this name is the `Vault`; only there secrets are made.
pub(super) const ONCE: &str = "__once";

/// The secrets of a run, made or answered. A template can take its name for something else, but not make one: where there is none, no secret is.
#[derive(Debug, Default)]
pub(super) struct Vault(Mutex<Vec<String>>);

impl Object for Vault {}

impl Vault {
    pub(super) fn keep(&self, secret: String) {
        self.secrets().push(secret);
    }

    /// Whether one of the secrets stands in `text`.
    pub(super) fn is_open_in(&self, text: &str) -> bool {
        self.secrets().iter().any(|secret| !secret.is_empty() && text.contains(secret))
    }

    fn secrets(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The vault, where a `once` file is rendered.
pub(super) fn vault(state: &State) -> Option<Arc<Vault>> {
    state.lookup(ONCE)?.downcast_object::<Vault>()
}

/// Adds the filters, and the functions that need nothing but the system.
pub(super) fn add_to(env: &mut Environment) {
    add_text_filter(env, "slugify", slugify);
    add_text_filter(env, "snake_case", |text| heck::ToSnakeCase::to_snake_case(ascii(text).as_str()));
    add_text_filter(env, "kebab_case", |text| heck::ToKebabCase::to_kebab_case(ascii(text).as_str()));
    add_text_filter(env, "camel_case", |text| heck::ToLowerCamelCase::to_lower_camel_case(ascii(text).as_str()));
    add_text_filter(env, "pascal_case", |text| heck::ToPascalCase::to_pascal_case(ascii(text).as_str()));
    add_text_filter(env, "screaming_snake_case", |text| {
        heck::ToShoutySnakeCase::to_shouty_snake_case(ascii(text).as_str())
    });
    add_text_filter(env, "title_case", heck::ToTitleCase::to_title_case);
    env.add_filter("to_json", to_json);
    env.add_filter("to_yaml", to_yaml);
    env.add_filter("to_toml", to_toml);
    env.add_filter("regex_replace", regex_replace);
    env.add_filter("regex_match", |state: &State, text: String, pattern: String| {
        charge(state, text.len())?;
        Ok::<_, Error>(regex(state, &pattern)?.is_match(&text))
    });
    // Names are told apart by their letters' case where they are files.
    env.add_filter("is_time_zone", |name: &str| {
        jiff::tz::TimeZone::get(name).is_ok_and(|zone| zone.iana_name() == Some(name))
    });
    add_text_filter(env, "shell_quote", shell_quote);
    env.add_function("random_secret", random_secret);
    env.add_function("fail", |message: String| Err::<Value, _>(Error::new(ErrorKind::InvalidOperation, message)));
    env.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
}

/// Letters that other alphabets write otherwise, in ASCII: names in code can have no others.
fn ascii(text: &str) -> String {
    let german = text
        .replace('ä', "ae")
        .replace('ö', "oe")
        .replace('ü', "ue")
        .replace('Ä', "Ae")
        .replace('Ö', "Oe")
        .replace('Ü', "Ue");
    deunicode::deunicode(&german)
}

/// Lowercase words of letters and digits, joined by dashes.
fn slugify(text: &str) -> String {
    let plain = ascii(text).to_lowercase();
    plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

fn broken(error: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidOperation, error.to_string())
}

/// Takes the fuel for making `size` bytes, so that what a filter makes is bounded as all else is: MiniJinja takes one for about as many.
///
/// # Errors
/// Where there is not so much left.
pub(super) fn charge(state: &State, size: usize) -> Result<(), Error> {
    state.consume_fuel(u64::try_from(1 + size / 32).unwrap_or(u64::MAX))
}

/// A filter from text to text whose result is at most some times as long.
fn add_text_filter(env: &mut Environment, name: &'static str, filter: fn(&str) -> String) {
    env.add_filter(name, move |state: &State, text: String| {
        charge(state, text.len())?;
        let made = filter(&text);
        charge(state, made.len())?;
        Ok::<_, Error>(made)
    });
}

/// How many items and bytes a value may have; a list can be short in the engine's memory and endless written out.
pub(super) const LARGEST: usize = 4 << 20;

/// What is left of `room` for items and bytes after `value`; `None` where it does not fit.
pub(super) fn size(value: &Value, room: usize) -> Option<usize> {
    let room = room.checked_sub(1 + value.as_str().map_or(0, str::len))?;
    match value.kind() {
        ValueKind::Map => value.try_iter().ok()?.try_fold(room, |room, key| {
            let room = size(&key, room)?;
            value.get_item(&key).map_or(Some(room), |inner| size(&inner, room))
        }),
        ValueKind::Seq | ValueKind::Iterable => value.try_iter().ok()?.try_fold(room, |room, item| size(&item, room)),
        _ => Some(room),
    }
}

const WIDEST_INDENT: usize = 16;

fn to_json(state: &State, value: Value, options: Kwargs) -> Result<String, Error> {
    let indent: Option<usize> = options.get("indent")?;
    options.assert_all_used()?;
    if indent.is_some_and(|indent| indent > WIDEST_INDENT) {
        return Err(broken(format!("`indent` is 0 to {WIDEST_INDENT}")));
    }
    let json: serde_json::Value = plain(state, &value)?;
    let Some(indent) = indent else { return serde_json::to_string(&json).map_err(broken) };
    let spaces = vec![b' '; indent];
    let mut text = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(&spaces);
    serde::Serialize::serialize(&json, &mut serde_json::Serializer::with_formatter(&mut text, formatter))
        .map_err(broken)?;
    String::from_utf8(text).map_err(broken)
}

fn to_yaml(state: &State, value: Value) -> Result<String, Error> {
    let text = serde_saphyr::to_string(&plain::<serde_json::Value>(state, &value)?).map_err(broken)?;
    Ok(text.trim_end_matches('\n').to_owned())
}

fn to_toml(state: &State, value: Value) -> Result<String, Error> {
    match plain(state, &value)? {
        toml::Value::Table(table) => Ok(toml::to_string(&table).map_err(broken)?.trim_end_matches('\n').to_owned()),
        other => Ok(other.to_string()),
    }
}

/// A value written out, where that is not too much.
fn plain<T: serde::de::DeserializeOwned>(state: &State, value: &Value) -> Result<T, Error> {
    let left = size(value, LARGEST).ok_or_else(|| broken("this value is far too large"))?;
    charge(state, LARGEST - left)?;
    T::deserialize(value).map_err(broken)
}

fn regex(state: &State, pattern: &str) -> Result<regex::Regex, Error> {
    // To make one costs as much as a thousand steps, and there are patterns that cost far more.
    state.consume_fuel(1000)?;
    regex::RegexBuilder::new(pattern)
        .size_limit(1 << 20)
        .build()
        .map_err(|error| broken(format!("`{pattern}` is no regular expression: {error}")))
}

fn regex_replace(state: &State, text: String, pattern: String, replacement: String) -> Result<String, Error> {
    let regex = regex(state, &pattern)?;
    charge(state, text.len())?;
    let references = replacement.matches('$').count();
    let mut made = String::new();
    let mut end = 0;
    for found in regex.captures_iter(&text) {
        let whole = found.get_match();
        charge(state, replacement.len() + references * whole.len())?;
        made.push_str(&text[end..whole.start()]);
        found.expand(&replacement, &mut made);
        end = whole.end();
    }
    made.push_str(&text[end..]);
    Ok(made)
}

/// One word for a POSIX shell.
fn shell_quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

fn random_secret(state: &State, positional: Rest<usize>, options: Kwargs) -> Result<String, Error> {
    let named: Option<usize> = options.get("length")?;
    options.assert_all_used()?;
    let length = named.or(positional.first().copied()).unwrap_or(50);
    let Some(vault) = vault(state) else {
        return Err(broken("`random_secret` works in `once` files only: anything else would store the secret"));
    };
    if !(1..=4096).contains(&length) {
        return Err(broken("the length of a secret is 1 to 4096"));
    }
    let mut secret = String::with_capacity(length);
    let mut bytes = [0_u8; 64];
    while secret.len() < length {
        getrandom::fill(&mut bytes).map_err(broken)?;
        // 248 is the greatest multiple of 62 in a byte: beyond it some letters would come more often.
        let fair = bytes.iter().filter(|byte| **byte < 248).map(|byte| char::from(ALPHABET[usize::from(byte % 62)]));
        secret.extend(fair.take(length - secret.len()));
    }
    vault.keep(secret.clone());
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use minijinja::value::Serde;

    use super::*;

    fn render(source: &str) -> String {
        let mut env = Environment::new();
        add_to(&mut env);
        let value =
            serde_json::json!({ "name": "My Ärger & Co", "data": { "b": [1, "x"], "a": null }, "word": "it's" });
        env.render_str(source, Value::from(Serde(&value))).unwrap_or_else(|error| format!("error: {error}"))
    }

    #[test]
    fn names_take_every_case() {
        for (filter, expected) in [
            ("slugify", "my-aerger-co"),
            ("snake_case", "my_aerger_co"),
            ("kebab_case", "my-aerger-co"),
            ("camel_case", "myAergerCo"),
            ("pascal_case", "MyAergerCo"),
            ("screaming_snake_case", "MY_AERGER_CO"),
            ("title_case", "My Ärger Co"),
        ] {
            assert_eq!(render(&format!("{{{{ name | {filter} }}}}")), expected, "{filter}");
        }
    }

    #[test]
    fn values_are_written_in_three_languages() {
        assert_eq!(render("{{ data | to_json }}"), r#"{"b":[1,"x"],"a":null}"#);
        assert_eq!(render("{{ data.b | to_json(indent=1) }}"), "[\n 1,\n \"x\"\n]");
        assert_eq!(render("{{ data.b | to_yaml }}"), "- 1\n- x");
        assert_eq!(render("{{ data.b | to_toml }}"), r#"[1, "x"]"#);
        assert_eq!(render("{{ name | to_toml }}"), r#""My Ärger & Co""#);
    }

    #[test]
    fn text_is_searched_replaced_and_quoted() {
        assert_eq!(render("{{ name | regex_replace('[^a-zA-Z]+', '_') }}"), "My_rger_Co");
        assert_eq!(render("{{ 'a-b' | regex_replace('(.)-(.)', '$2-$1') }}"), "b-a");
        assert_eq!(render("{{ name | regex_match('^My') }}"), "True");
        assert_eq!(render("{{ 'Europe/Berlin' | is_time_zone }} {{ 'UTC' | is_time_zone }}"), "True True");
        assert_eq!(render("{{ 'Europe/Berln' | is_time_zone }} {{ 'europe/berlin' | is_time_zone }}"), "False False");
        assert_eq!(render("{{ '../x' | is_time_zone }} {{ '' | is_time_zone }}"), "False False");
        assert_eq!(
            render("{{ word | shell_quote }} {{ 'a/b' | shell_quote }} {{ '' | shell_quote }}"),
            r"'it'\''s' a/b ''"
        );
        assert_eq!(render("{{ name.upper() }}"), "MY ÄRGER & CO");
    }

    #[test]
    fn secrets_are_made_in_once_files_alone() {
        assert!(render("{{ random_secret() }}").contains("`once` files only"));
        let mut env = Environment::new();
        add_to(&mut env);
        let vault = Arc::new(Vault::default());
        let once = || Value::from_pairs([(ONCE, Value::from_dyn_object(Arc::clone(&vault)))]);
        let secret = env.render_str("{{ random_secret(40) }}", once()).expect("a secret");
        assert_eq!(secret.len(), 40);
        assert!(secret.bytes().all(|byte| ALPHABET.contains(&byte)));
        assert_ne!(secret, env.render_str("{{ random_secret(length=40) }}", once()).expect("another"));
        assert!(vault.is_open_in(&format!("KEY={secret}\n")));
        assert!(!vault.is_open_in("KEY=\n"));
        let forged = env.render_str("{% set __once = true %}{{ random_secret() }}", Value::UNDEFINED);
        assert!(forged.is_err_and(|error| error.to_string().contains("`once` files only")));
    }
}
