//! Python: `os.environ`, `os.getenv`, django-environ, decouple.

use std::collections::HashSet;

use super::reads::{Code, Read, Way, is_loud, is_name};

/// What django-environ reads where no name is given.
const UNNAMED: [(&str, &str); 9] = [
    ("db", "DATABASE_URL"),
    ("db_url", "DATABASE_URL"),
    ("cache", "CACHE_URL"),
    ("cache_url", "CACHE_URL"),
    ("email", "EMAIL_URL"),
    ("email_url", "EMAIL_URL"),
    ("search_url", "SEARCH_URL"),
    ("channels", "CHANNELS_URL"),
    ("channels_url", "CHANNELS_URL"),
];

pub(super) fn reads(code: &Code) -> Vec<Read> {
    let mut found = Vec::new();
    let is_decouple = (0..code.len()).any(|index| code.word(index) == Some("decouple"));
    let is_environ = code.has("import environ") || code.has("from environ");
    let receivers = receivers(code);
    for index in 0..code.len() {
        let Some(word) = code.word(index) else { continue };
        match word {
            "environ" => environ(code, index, &mut found),
            "getenv" => {
                if let Some(behind) = code.shape(index, "getenv ( $") {
                    call(code, behind - 1, 1, &mut found);
                }
            }
            "config" if is_decouple && !is_member(code, index) => {
                if let Some(behind) = code.shape(index, "config ( $") {
                    call(code, behind - 1, 1, &mut found);
                }
            }
            "Env" if is_environ && code.is_sign(index + 1, b'(') => scheme(code, index + 2, &mut found),
            word if receivers.contains(word) && !is_member(code, index) => receiver(code, index, &mut found),
            _ => {}
        }
    }
    found
}

fn is_member(code: &Code, index: usize) -> bool {
    index > 0 && code.is_sign(index - 1, b'.')
}

/// The names that hold readers: what an `Env` was given to, and `env` itself, which is imported as often as it is made.
fn receivers<'a>(code: &Code<'a, '_>) -> HashSet<&'a str> {
    let mut names = HashSet::from(["env"]);
    for index in 0..code.len() {
        let is_made = code
            .shape(index, "= environ . Env (")
            .or(code.shape(index, "= Env ("))
            .or(code.shape(index, "= environ . FileAwareEnv ("));
        if is_made.is_some()
            && let Some(name) = index.checked_sub(1).and_then(|before| code.word(before))
        {
            names.insert(name);
        }
    }
    names
}

/// `os.environ` and `environ` in all the ways in which a mapping is asked.
fn environ(code: &Code, index: usize, found: &mut Vec<Read>) {
    let of_os = index >= 2 && code.shape(index - 2, "os .").is_some();
    if is_member(code, index) && !of_os {
        return;
    }
    let first = if of_os { index - 2 } else { index };
    if let Some(behind) = code.shape(index, "environ [ $ ]") {
        let is_set = code.is_sign(behind, b'=') && !code.is_sign(behind + 1, b'=')
            || first > 0 && code.word(first - 1) == Some("del");
        push(code, behind - 2, if is_set { Way::Set } else { Way::Read }, None, found);
    }
    for method in ["get", "pop"] {
        if let Some(behind) = code.shape(index, &format!("environ . {method} ( $")) {
            call(code, behind - 1, 1, found);
        }
    }
    if let Some(behind) = code.shape(index, "environ . setdefault ( $") {
        push(code, behind - 1, Way::Set, None, found);
    }
    let is_asked = first >= 2 && code.word(first - 1) == Some("in") && code.text(first - 2).is_some();
    if is_asked {
        push(code, first - 2, Way::Set, None, found);
    }
}

/// `env("X")`, `env.bool("X", default=False)`, and readers of a project's own that look alike.
fn receiver(code: &Code, index: usize, found: &mut Vec<Read>) {
    let (open, method) = if code.is_sign(index + 1, b'(') {
        (index + 1, None)
    } else if let Some(method) =
        code.word(index + 2).filter(|_| code.is_sign(index + 1, b'.') && code.is_sign(index + 3, b'('))
    {
        // A class: `env.Missing("X", "is not set")`.
        if method.starts_with(|c: char| c.is_ascii_uppercase()) {
            return;
        }
        (index + 3, Some(method))
    } else {
        return;
    };
    match code.text(open + 1) {
        Some(name) if is_loud(name) => {
            // The second argument of the call itself is a type.
            call(code, open + 1, if method.is_some() { 1 } else { usize::MAX }, found);
        }
        Some(_) => {}
        None => {
            let unnamed = method.and_then(|method| UNNAMED.iter().find(|(known, _)| *known == method));
            let is_default = code.is_sign(open + 1, b')') || code.word(open + 1) == Some("default");
            if let Some((_, name)) = unnamed.filter(|_| is_default) {
                found.push(Read { name: (*name).to_owned(), at: code.at(index), way: Way::Read, default: None });
            }
        }
    }
}

/// `Env(DEBUG=(bool, False))`.
fn scheme(code: &Code, index: usize, found: &mut Vec<Read>) {
    for start in code.arguments(index) {
        let Some(name) = code.word(start).filter(|name| is_loud(name) && code.is_sign(start + 1, b'=')) else {
            continue;
        };
        let inner = if code.is_sign(start + 2, b'(') { code.arguments(start + 3) } else { Vec::new() };
        let default = inner.get(1).and_then(|second| code.literal(*second));
        found.push(Read { name: name.to_owned(), at: code.at(start), way: Way::Read, default });
    }
}

/// A call whose first argument, the name, is at `index`; the default is the `position`th argument or the one called `default`.
fn call(code: &Code, index: usize, position: usize, found: &mut Vec<Read>) {
    let arguments = code.arguments(index);
    let named = arguments.iter().find(|start| code.shape(**start, "default =").is_some()).map(|start| start + 2);
    let is_named = |start: &usize| code.word(*start).is_some() && code.is_sign(start + 1, b'=');
    let placed = arguments.get(position).copied().filter(|start| !is_named(start));
    let default = named.or(placed).and_then(|start| code.literal(start));
    push(code, index, Way::Read, default, found);
}

fn push(code: &Code, index: usize, way: Way, default: Option<String>, found: &mut Vec<Read>) {
    if let Some(name) = code.text(index).filter(|name| is_name(name)) {
        found.push(Read { name: name.to_owned(), at: code.at(index), way, default });
    }
}
