//! Python: `os.environ` and `os.getenv` by whatever names a program has for them, django-environ, environs, decouple, Starlette, click.

use std::collections::HashSet;

use super::reads::{Code, Read, Way};

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
    let names = Names::of(code);
    let is_environ = code.has("import environ") || code.has("from environ");
    for index in 0..code.len() {
        let Some(word) = code.word(index) else { continue };
        if let Some((first, behind, keys)) = names.environment(code, index) {
            mapping(code, first, behind, keys, &mut found);
            continue;
        }
        let is_bare = !is_member(code, index);
        match word {
            "getenv" | "getenvb" => function(code, index, getter(code, index), &mut found),
            word if is_bare && names.getters.contains(word) => function(code, index, getter(code, index), &mut found),
            word if is_bare && names.readers.contains(word) => function(code, index, Way::Read, &mut found),
            "Env" if is_environ && code.is_sign(index + 1, b'(') => scheme(code, index + 2, &mut found),
            word if is_bare && names.receivers.contains(word) => receiver(code, index, &mut found),
            "envvar" => option(code, index, &mut found),
            "expandvars" => expanded(code, index, &mut found),
            _ => {}
        }
    }
    found
}

fn is_member(code: &Code, index: usize) -> bool {
    index > 0 && code.is_sign(index - 1, b'.')
}

/// The names that a program has for what reads its environment.
struct Names<'a> {
    modules: HashSet<&'a str>,
    /// The mapping itself.
    mappings: HashSet<&'a str>,
    /// Copies, and what files were read into: not all of their keys are variables.
    copies: HashSet<&'a str>,
    getters: HashSet<&'a str>,
    /// decouple's and Starlette's `config`.
    readers: HashSet<&'a str>,
    /// What an `Env` was given to, and `env` itself, which is imported as often as it is made.
    receivers: HashSet<&'a str>,
}

impl<'a> Names<'a> {
    fn of(code: &Code<'a, '_>) -> Self {
        let mut names = Self {
            modules: HashSet::from(["os"]),
            mappings: HashSet::from(["environ", "environb"]),
            copies: HashSet::new(),
            getters: HashSet::new(),
            readers: HashSet::new(),
            receivers: HashSet::from(["env"]),
        };
        for index in 0..code.len() {
            if code.shape(index, "import os as").is_some() {
                names.modules.extend(code.word(index + 3));
            }
            let module = code.word(index + 1).filter(|_| code.shape(index + 2, "import").is_some());
            if let Some(module) = module.filter(|_| code.word(index) == Some("from")) {
                names.import(code, module, index + 3);
            }
        }
        if code.has("import decouple") {
            names.readers.insert("config");
        }
        for index in 1..code.len() {
            if code.is_sign(index, b'=') && !code.is_sign(index + 1, b'=') {
                names.assign(code, index);
            }
        }
        names
    }

    /// `from MODULE import A, B as C`, from the first name on.
    fn import(&mut self, code: &Code<'a, '_>, module: &str, index: usize) {
        let mut at = index + usize::from(code.is_sign(index, b'('));
        while let Some(name) = code.word(at) {
            let is_renamed = code.word(at + 1) == Some("as");
            let own = if is_renamed { code.word(at + 2).unwrap_or(name) } else { name };
            match (module, name) {
                ("os", "environ" | "environb") => drop(self.mappings.insert(own)),
                ("os", "getenv" | "getenvb") => drop(self.getters.insert(own)),
                ("decouple", "config") => drop(self.readers.insert(own)),
                ("environ" | "environs", "env") => drop(self.receivers.insert(own)),
                _ => {}
            }
            at += if is_renamed { 3 } else { 1 };
            if !code.is_sign(at, b',') {
                break;
            }
            at += 1;
        }
    }

    /// What is given to a name at the `=` at `index`.
    fn assign(&mut self, code: &Code<'a, '_>, index: usize) {
        let typed = index >= 3 && code.is_sign(index - 2, b':');
        let Some(name) = code.word(if typed { index - 3 } else { index - 1 }) else { return };
        let first = index + 1;
        let is_made = |shapes: &[&str]| shapes.iter().any(|shape| code.shape(first, shape).is_some());
        if let Some((_, behind, _)) = self.environment(code, first).or_else(|| self.environment(code, first + 2)) {
            let is_whole = ![b'.', b'[', b'('].iter().any(|sign| code.is_sign(behind, *sign));
            if is_whole {
                self.mappings.insert(name);
            } else if code.shape(behind, ". copy (").is_some() {
                self.copies.insert(name);
            } else if code.shape(behind, ". get").is_some() && !code.is_sign(behind + 2, b'(') {
                self.getters.insert(name);
            }
        }
        let is_of_module = code.word(first).is_some_and(|word| self.modules.contains(word));
        if is_of_module && code.shape(first + 1, ". getenv").is_some() && !code.is_sign(first + 3, b'(') {
            self.getters.insert(name);
        }
        if is_made(&["dotenv_values (", "dotenv . dotenv_values ("])
            || is_made(&["{ * * os . environ", "{ * * dotenv_values (", "dict ( os . environ", "dict ( environ"])
        {
            self.copies.insert(name);
        }
        if is_made(&["environ . Env (", "environ . FileAwareEnv (", "environs . Env (", "Env (", "FileAwareEnv ("]) {
            self.receivers.insert(name);
        }
        let of_config = ["AutoConfig (", "decouple . AutoConfig (", "decouple . Config ("];
        let is_config =
            ["decouple", "starlette"].iter().any(|module| (0..code.len()).any(|at| code.word(at) == Some(module)));
        if is_made(&of_config) || is_config && is_made(&["Config ("]) {
            self.readers.insert(name);
        }
    }

    /// Whether the environment stands at `index`: where the expression begins and ends, and whether its keys are surely variables.
    fn environment(&self, code: &Code, index: usize) -> Option<(usize, usize, Keys)> {
        let word = code.word(index)?;
        if is_member(code, index) {
            return None;
        }
        let is_of_module = self.modules.contains(word) && code.is_sign(index + 1, b'.');
        if is_of_module && matches!(code.word(index + 2), Some("environ" | "environb")) {
            return Some((index, index + 3, Keys::Any));
        }
        match word {
            // A module of this name reads in another way.
            "environ" if code.shape(index + 1, ". Env").is_some() => None,
            _ if self.mappings.contains(word) => Some((index, index + 1, Keys::Any)),
            _ if self.copies.contains(word) => Some((index, index + 1, Keys::Loud)),
            _ => None,
        }
    }
}

/// Which keys of a mapping are variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keys {
    Any,
    Loud,
}

/// The environment in all the ways in which a mapping is asked; `first` is where it is named, `behind` what follows.
fn mapping(code: &Code, first: usize, behind: usize, keys: Keys, found: &mut Vec<Read>) {
    let fits = |name: &str| if keys == Keys::Any { code.is_name(name) } else { code.is_loud(name) };
    let mut push = |index: usize, way: Way, default: Option<String>| {
        if let Some(name) = code.named(index).filter(|name| fits(name)) {
            found.push(Read { name: name.to_owned(), at: code.at(index), way, default });
        }
    };
    if let Some(end) = code.shape(behind, "[ $ ]") {
        let is_set =
            code.is_sign(end, b'=') && !code.is_sign(end + 1, b'=') || first > 0 && code.word(first - 1) == Some("del");
        push(end - 2, if is_set { Way::Set } else { Way::Read }, None);
    }
    for (method, otherwise) in
        [(". get ( $", tried(code, first)), (". pop ( $", Way::Read), (". __getitem__ ( $", Way::Read)]
    {
        if let Some(end) = code.shape(behind, method) {
            let (way, default) = answer(code, end - 1, 1, otherwise);
            push(end - 1, way, default);
        }
    }
    if let Some(end) = code.shape(behind, ". setdefault ( $") {
        push(end - 1, Way::Set, None);
    }
    let before = first.checked_sub(1).filter(|before| code.word(*before) == Some("in"));
    let asked = before.and_then(|before| {
        let is_not = before > 0 && code.word(before - 1) == Some("not");
        before.checked_sub(1 + usize::from(is_not))
    });
    if let Some(asked) = asked.filter(|asked| code.text(*asked).is_some()) {
        push(asked, Way::Asked, None);
    }
}

/// `getenv("X", "default")` and what does the same; without a default it reads the way that is said.
fn function(code: &Code, index: usize, otherwise: Way, found: &mut Vec<Read>) {
    let named = code.shape(index, "( $").or_else(|| code.shape(index + 1, "( $"));
    let named = named.or_else(|| code.shape(index + 1, "( key = $"));
    if let Some(behind) = named {
        call(code, behind - 1, 1, otherwise, found);
    }
}

/// How a getter reads: in `os.getenv` the module is a part of what is handed on.
fn getter(code: &Code, index: usize) -> Way {
    tried(code, if is_member(code, index) { index.saturating_sub(2) } else { index })
}

/// How what hands back `None` reads, by what it is handed to: a number cannot be made of that.
fn tried(code: &Code, first: usize) -> Way {
    let is_given = first >= 2 && code.is_sign(first - 1, b'(');
    let taker = first.checked_sub(2).and_then(|at| code.word(at)).filter(|_| is_given);
    let insists = matches!(taker, Some("int" | "float" | "Decimal" | "Path" | "loads" | "urlparse"));
    if insists { Way::Read } else { Way::Asked }
}

/// `env("X")`, `env.bool("X", default=False)`, and readers of a project's own that look alike.
fn receiver(code: &Code, index: usize, found: &mut Vec<Read>) {
    let (open, method) = if code.is_sign(index + 1, b'(') {
        (index + 1, None)
    } else if let Some(method) =
        code.word(index + 2).filter(|_| code.is_sign(index + 1, b'.') && code.is_sign(index + 3, b'('))
    {
        // A class: `env.Missing("X", "is not set")`.
        if method.starts_with(|c: char| c.is_ascii_uppercase()) || method == "prefixed" {
            return;
        }
        (index + 3, Some(method))
    } else {
        return;
    };
    match code.named(open + 1) {
        Some(name) if code.is_loud(name) => {
            // The second argument of the call itself is a type.
            call(code, open + 1, if method.is_some() { 1 } else { usize::MAX }, Way::Read, found);
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
        let Some(name) = code.word(start).filter(|name| code.is_loud(name) && code.is_sign(start + 1, b'=')) else {
            continue;
        };
        let inner = if code.is_sign(start + 2, b'(') { code.arguments(start + 3) } else { Vec::new() };
        let default = inner.get(1).and_then(|second| code.literal(*second));
        let way = if inner.len() > 1 && default.is_none() { Way::Asked } else { Way::Read };
        found.push(Read { name: name.to_owned(), at: code.at(start), way, default });
    }
}

/// click's and typer's `envvar="X"`, or a list of them; what is not set there is asked for on the command line.
fn option(code: &Code, index: usize, found: &mut Vec<Read>) {
    if !code.is_sign(index + 1, b'=') {
        return;
    }
    let is_list = code.is_sign(index + 2, b'[') || code.is_sign(index + 2, b'(');
    let names = if is_list { code.arguments(index + 3) } else { vec![index + 2] };
    for at in names {
        push(code, at, Way::Asked, None, found);
    }
}

/// `os.path.expandvars("$X/${Y}")`.
fn expanded(code: &Code, index: usize, found: &mut Vec<Read>) {
    let Some(text) = code.text(index + 2).filter(|_| code.is_sign(index + 1, b'(')) else { return };
    for (at, _) in text.match_indices('$') {
        let name = text[at + 1..].trim_start_matches('{');
        let length = name.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        if code.is_name(&name[..length]) {
            // What is not set stays as it is written.
            let (name, at) = (name[..length].to_owned(), code.at(index + 2));
            found.push(Read { name, at, way: Way::Asked, default: None });
        }
    }
}

/// environs' `with env.prefixed("APP_"):` puts something in front of all names in its block.
pub(super) fn prefixed(code: &Code, found: &mut [Read]) {
    let with = (0..code.len()).filter(|index| code.word(*index) == Some("with"));
    let mut blocks: Vec<(usize, usize, &str)> = Vec::new();
    for index in with {
        if let Some(prefix) = code.shape(index + 2, ". prefixed ( $").and_then(|behind| code.text(behind - 1)) {
            let end = code.block(index);
            blocks.push((code.at(index), if end < code.len() { code.at(end) } else { usize::MAX }, prefix));
        }
    }
    for read in found {
        let around = blocks.iter().rev().filter(|(start, end, _)| (*start..*end).contains(&read.at));
        for (_, _, prefix) in around {
            read.name.insert_str(0, prefix);
        }
    }
}

/// A call whose first argument, the name, is at `index`; the default is the `position`th argument or the one called `default`. Without any it reads
/// the way that is said.
fn call(code: &Code, index: usize, position: usize, otherwise: Way, found: &mut Vec<Read>) {
    let (way, default) = answer(code, index, position, otherwise);
    push(code, index, way, default, found);
}

/// How such a call reads, and what it gives where nothing is set: its default, or what stands behind an `or`.
fn answer(code: &Code, index: usize, position: usize, otherwise: Way) -> (Way, Option<String>) {
    let arguments = code.arguments(index);
    let named = arguments.iter().find(|start| code.shape(**start, "default =").is_some()).map(|start| start + 2);
    let is_named = |start: &usize| code.word(*start).is_some() && code.is_sign(start + 1, b'=');
    let placed = arguments.get(position).copied().filter(|start| !is_named(start));
    let given = named.or(placed);
    let close = code.close(index);
    let other = code.word(close + 1) == Some("or");
    let default = given.and_then(|start| code.literal(start)).filter(|default| !other || !default.is_empty());
    let default = default.or_else(|| code.literal(close + 2).filter(|_| other));
    let way = match (&default, given.is_some() || other) {
        (Some(_), _) => Way::Read,
        (None, true) => Way::Asked,
        (None, false) => otherwise,
    };
    (way, default)
}

fn push(code: &Code, index: usize, way: Way, default: Option<String>, found: &mut Vec<Read>) {
    if let Some(name) = code.named(index).filter(|name| code.is_name(name)) {
        found.push(Read { name: name.to_owned(), at: code.at(index), way, default });
    }
}
