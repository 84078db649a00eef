//! Python's classes of settings (pydantic-settings): a field is a variable.

use super::reads::{Code, Read, Way};

/// What stands first in the type of a field that is read as one variable; others may be models of their own, whose parts have names of theirs.
const PLAIN: [&str; 28] = [
    "str",
    "int",
    "float",
    "bool",
    "bytes",
    "list",
    "dict",
    "set",
    "tuple",
    "List",
    "Dict",
    "Set",
    "Tuple",
    "Optional",
    "Literal",
    "Path",
    "Decimal",
    "datetime",
    "timedelta",
    "SecretStr",
    "SecretBytes",
    "AnyUrl",
    "AnyHttpUrl",
    "HttpUrl",
    "PostgresDsn",
    "RedisDsn",
    "EmailStr",
    "Any",
];

pub(super) fn reads(code: &Code) -> Vec<Read> {
    let mut found = Vec::new();
    for index in 0..code.len() {
        let is_class = code.word(index) == Some("class") && code.begins_line(index) && code.is_sign(index + 2, b'(');
        if is_class && (index + 3..code.close(index + 3)).any(|at| code.word(at) == Some("BaseSettings")) {
            class(code, index, &mut found);
        }
    }
    found
}

fn class(code: &Code, index: usize, found: &mut Vec<Read>) {
    let end = code.block(index);
    let prefix = (index..end).find_map(|at| code.shape(at, "env_prefix = $")).and_then(|behind| code.text(behind - 1));
    let Some(body) = (index + 1..end).find(|at| code.begins_line(*at)) else { return };
    let depth = code.indent(body);
    let mut depth_of_brackets = 0_usize;
    for at in body..end {
        if [b'(', b'[', b'{'].iter().any(|sign| code.is_sign(at, *sign)) {
            depth_of_brackets += 1;
        } else if [b')', b']', b'}'].iter().any(|sign| code.is_sign(at, *sign)) {
            depth_of_brackets = depth_of_brackets.saturating_sub(1);
        }
        let is_field = depth_of_brackets == 0
            && code.begins_line(at)
            && code.indent(at) == depth
            && code.is_sign(at + 1, b':')
            && code.word(at) != Some("model_config");
        if let Some(name) = code.word(at).filter(|_| is_field) {
            field(code, at, name, prefix.unwrap_or_default(), found);
        }
    }
}

/// A field: `name: str = "default"`, or with a `Field(...)`.
fn field(code: &Code, index: usize, name: &str, prefix: &str, found: &mut Vec<Read>) {
    let end = (index + 1..code.len()).find(|at| {
        code.begins_line(*at)
            && code.indent(*at) <= code.indent(index)
            && !code.is_sign(*at, b')')
            && !code.is_sign(*at, b']')
    });
    let end = end.unwrap_or(code.len());
    let aliases: Vec<usize> = (index..end)
        .filter_map(|at| {
            let shapes = ["alias = $", "validation_alias = $", "env = $", "AliasChoices ( $"];
            shapes.iter().find_map(|shape| code.shape(at, shape)).map(|behind| behind - 1)
        })
        .collect();
    let (kind, is_annotated) = kind(code, index + 2);
    // What is annotated can have its default among what is said of it.
    let said = || (kind..end).find(|at| code.shape(*at, "Field (").is_some()).filter(|_| is_annotated);
    let given = equals(code, index + 2, end).or_else(said);
    let default = given.and_then(|at| {
        let inside =
            if code.shape(at, "Field (").is_some() { code.arguments(at + 2) } else { return code.literal(at) };
        let named = inside.iter().find(|start| code.shape(**start, "default =").is_some()).map(|start| start + 2);
        let first = inside.first().copied().filter(|start| !code.is_sign(start + 1, b'='));
        named.or(first).and_then(|start| code.literal(start))
    });
    let is_open = given.is_some_and(|at| {
        // `Field(...)` has three dots, or nothing at all, in the place of a default.
        let inside = code.arguments(at + 2);
        let has_default =
            |start: &usize| ["default =", "default_factory ="].iter().any(|shape| code.shape(*start, shape).is_some());
        let is_first =
            inside.first().is_some_and(|start| !code.is_sign(*start, b'.') && !code.is_sign(start + 1, b'='));
        code.shape(at, "Field (").is_none() || is_first || inside.iter().any(has_default)
    });
    let way = if is_open && default.is_none() { Way::Asked } else { Way::Read };
    let mut push = |name: &str, at: usize| {
        if code.is_name(name) {
            found.push(Read { name: name.to_owned(), at: code.at(at), way, default: default.clone() });
        }
    };
    if let Some(first) = aliases.first() {
        push(code.text(*first).unwrap_or_default(), *first);
    } else if code.word(kind).is_some_and(|kind| PLAIN.contains(&kind)) {
        push(&format!("{prefix}{name}").to_ascii_uppercase(), index);
    }
}

/// Where the type itself is named in `typing.Annotated[str, …]`, and whether it is such a one.
fn kind(code: &Code, index: usize) -> (usize, bool) {
    let named = |mut at: usize| {
        while code.word(at).is_some() && code.is_sign(at + 1, b'.') {
            at += 2;
        }
        at
    };
    let at = named(index);
    match code.shape(at, "Annotated [") {
        Some(inside) => (named(inside), true),
        None => (at, false),
    }
}

/// What stands behind the `=` of a field, past its type.
fn equals(code: &Code, index: usize, end: usize) -> Option<usize> {
    let mut at = index;
    while at < end {
        if [b'(', b'[', b'{'].iter().any(|sign| code.is_sign(at, *sign)) {
            at = code.close(at + 1);
        } else if code.is_sign(at, b'=') {
            return Some(at + 1);
        }
        at += 1;
    }
    None
}
