//! JavaScript and TypeScript: `process.env`, `import.meta.env`, Bun and Deno, by whatever names a program has for them, and what is taken apart from
//! them; the modules that frameworks make of the environment; and schemas over it (`usage/schemas`).

use std::collections::HashSet;

use super::reads::{Code, Read, Way};
use super::schemas;

pub(super) fn reads(code: &Code) -> Vec<Read> {
    let mut found = Vec::new();
    let names = Names::of(code);
    for index in 0..code.len() {
        if let Some((behind, keys)) = names.environment(code, index) {
            member(code, index, behind, keys, &mut found);
            if keys == Keys::Any {
                taken_apart(code, index, &mut found);
            }
            asked(code, index, &mut found);
        } else if let Some((behind, way)) = deno(code, index) {
            let default = default(code, behind + 1);
            let said = behind + 1 < code.len() && insists(code, index, behind + 1);
            let way = if way == Way::Asked && (default.is_some() || said) { Way::Read } else { way };
            push(code, behind - 1, way, default, &mut found);
        } else if let Some(behind) = service(code, index) {
            let (default, insists) = (argument(code, behind), code.shape(index + 1, ". getOrThrow").is_some());
            let way = if default.is_some() || insists { Way::Read } else { Way::Asked };
            push(code, behind - 1, way, default, &mut found);
        }
        if let Some(names) = of_module(code, index) {
            found.extend(names);
        }
    }
    if (0..code.len()).any(|index| names.environment(code, index).is_some()) {
        schemas::reads(code, &mut found);
    }
    found
}

/// Which members of an object are variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keys {
    Any,
    Loud,
}

/// The names that a program has for the environment.
struct Names<'a> {
    /// For `process`.
    processes: HashSet<&'a str>,
    /// For `process.env`.
    environments: HashSet<&'a str>,
}

/// The modules that are `process`.
const PROCESS: [&str; 2] = ["process", "node:process"];

impl<'a> Names<'a> {
    fn of(code: &Code<'a, '_>) -> Self {
        let mut names = Self { processes: HashSet::from(["process"]), environments: HashSet::new() };
        for index in 0..code.len() {
            let is_process = |at: usize| code.text(at).is_some_and(|text| PROCESS.contains(&text));
            // `import P from "process"`, `import * as P from "process"`, `import { env as E } from "process"`.
            if code.word(index) == Some("from") && is_process(index + 1) && index > 0 {
                if code.is_sign(index - 1, b'}') {
                    names.import(code, index - 1);
                } else {
                    names.processes.extend(code.word(index - 1));
                }
            }
            let is_given = index > 0 && code.is_sign(index, b'=') && !code.is_sign(index + 1, b'=');
            if is_given {
                names.assign(code, index, &is_process);
            }
        }
        names
    }

    /// What `{ env as E }` before `close` takes from `process`.
    fn import(&mut self, code: &Code<'a, '_>, close: usize) {
        let Some(open) = open(code, close) else { return };
        for entry in code.arguments(open + 1) {
            if code.word(entry) == Some("env") {
                let own = if code.word(entry + 1) == Some("as") { entry + 2 } else { entry };
                self.environments.extend(code.word(own));
            }
        }
    }

    /// What is given to a name, or taken apart, at the `=` at `index`.
    fn assign(&mut self, code: &Code<'a, '_>, index: usize, is_process: &dyn Fn(usize) -> bool) {
        let first = index + 1;
        let is_required = code.shape(first, "require (").is_some_and(is_process);
        let behind = if is_required { first + 4 } else { first + 1 };
        let is_of_process = is_required || code.word(first).is_some_and(|word| self.processes.contains(word));
        let goes_on = |behind: usize| [b'.', b'[', b'?', b'('].iter().any(|sign| code.is_sign(behind, *sign));
        let typed = index >= 3 && code.is_sign(index - 2, b':');
        let name = code.word(if typed { index - 3 } else { index - 1 });
        if is_of_process && !goes_on(behind) {
            if code.is_sign(index - 1, b'}') {
                self.take(code, index - 1);
            } else {
                self.processes.extend(name);
            }
            return;
        }
        if is_required && code.shape(behind, ". env").is_some() && !goes_on(behind + 2) {
            self.environments.extend(name);
        }
        let whole = self.environment(code, first).filter(|(behind, _)| !goes_on(*behind));
        if whole.is_some() || code.shape(first, "loadEnv (").is_some() {
            self.environments.extend(name);
        }
        // `{ ...process.env }`
        if code.shape(first, "{ . . .").is_some_and(|at| self.environment(code, at).is_some()) {
            self.environments.extend(name);
        }
    }

    /// `const { env: E } = process`.
    fn take(&mut self, code: &Code<'a, '_>, close: usize) {
        let Some(open) = open(code, close) else { return };
        for entry in code.arguments(open + 1) {
            if code.word(entry) == Some("env") {
                let own = if code.is_sign(entry + 1, b':') { entry + 2 } else { entry };
                self.environments.extend(code.word(own));
            }
        }
    }

    /// The index behind `process.env` and its like, and which of its members are variables.
    fn environment(&self, code: &Code, index: usize) -> Option<(usize, Keys)> {
        let word = code.word(index)?;
        let known = ["import . meta . env", "import . meta as any ) . env", "Bun . env"];
        if let Some(behind) = known.iter().find_map(|shape| code.shape(index, shape)) {
            return Some((behind, Keys::Any));
        }
        let is_member = index > 0 && code.is_sign(index - 1, b'.');
        let is_global =
            is_member && matches!(code.word(index.saturating_sub(2)), Some("globalThis" | "global" | "window"));
        if self.processes.contains(word) && (!is_member || is_global || word == "process") {
            let shapes = [". env", "? . env", "as any ) . env", "! . env"];
            if let Some(behind) = shapes.iter().find_map(|shape| code.shape(index + 1, shape)) {
                return Some((behind, Keys::Any));
            }
        }
        if word == "require" && code.shape(index, "require ( $ ) . env").is_some() {
            let is_process = code.text(index + 2).is_some_and(|text| PROCESS.contains(&text));
            return is_process.then_some((index + 6, Keys::Any));
        }
        (self.environments.contains(word) && !is_member).then_some((index + 1, Keys::Loud))
    }
}

/// `.X` and `["X"]` behind the environment.
fn member(code: &Code, start: usize, behind: usize, keys: Keys, found: &mut Vec<Read>) {
    // `process.env!.X`
    let behind = behind + usize::from(code.is_sign(behind, b'!') && !code.is_sign(behind + 1, b'='));
    let optional =
        usize::from(code.is_sign(behind, b'?') && (code.is_sign(behind + 1, b'.') || code.is_sign(behind + 1, b'[')));
    let at = behind + optional;
    let bracket = at + usize::from(optional == 1 && code.is_sign(at, b'.') && code.is_sign(at + 1, b'['));
    let (name, next) = if code.is_sign(bracket, b'[') && code.is_sign(bracket + 2, b']') {
        (code.named(bracket + 1), bracket + 3)
    } else if code.is_sign(at, b'.') {
        (code.word(at + 1), at + 2)
    } else {
        return;
    };
    if let Some(end) = code.shape(at, ". hasOwnProperty ( $") {
        push(code, end - 1, Way::Asked, None, found);
        return;
    }
    let Some(name) = name.filter(|name| code.is_name(name) && (keys == Keys::Any || code.is_loud(name))) else {
        return;
    };
    if code.is_sign(next, b'(') && !code.is_loud(name) {
        return;
    }
    let is_set = code.is_sign(next, b'=') && !code.is_sign(next + 1, b'=') && !code.is_sign(next + 1, b'>')
        || start > 0 && code.word(start - 1) == Some("delete");
    let default = default(code, next).filter(|_| !is_set);
    let way = match () {
        () if is_set => Way::Set,
        () if default.is_some() || insists(code, start, next) => Way::Read,
        () => Way::Asked,
    };
    let name_at = if code.is_sign(bracket, b'[') { bracket + 1 } else { at + 1 };
    found.push(Read { name: name.to_owned(), at: code.at(name_at), way, default });
}

/// Whether the code says of a member from `start` up to `next` that it is there (`!`, `as string`), or throws where it is not.
fn insists(code: &Code, start: usize, next: usize) -> bool {
    let is_said = code.is_sign(next, b'!') && !code.is_sign(next + 1, b'=') || code.shape(next, "as string").is_some();
    let is_guard = start >= 3 && code.is_sign(start - 1, b'!') && code.shape(start - 3, "if (").is_some();
    let throws = [") throw", ") { throw", ") process . exit", ") { process . exit"];
    is_said || is_guard && throws.iter().any(|shape| code.shape(next, shape).is_some())
}

/// What stands behind `||` or `??`, past what TypeScript says of the value; or behind `:` where the value itself decides.
fn default(code: &Code, index: usize) -> Option<String> {
    let mut at = index;
    loop {
        if code.is_sign(at, b'!') && !code.is_sign(at + 1, b'=') {
            at += 1;
        } else if code.word(at) == Some("as") && code.word(at + 1).is_some() {
            at += 2;
        } else if code.is_sign(at, b')') && (at > index || code.is_sign(at + 1, b'?') || code.is_sign(at + 1, b'|')) {
            at += 1;
        } else {
            break;
        }
    }
    let is_or = [b'|', b'?'].iter().any(|sign| code.is_sign(at, *sign) && code.is_sign(at + 1, *sign));
    if is_or {
        // `||=` and `??=` give it to the variable as well.
        return code.literal(at + 2 + usize::from(code.is_sign(at + 2, b'=')));
    }
    // `process.env.X ? process.env.X : "default"`
    let colon = (at + 1..(at + 9).min(code.len())).find(|colon| code.is_sign(*colon, b':'))?;
    let is_choice =
        code.is_sign(at, b'?') && !code.is_sign(at + 1, b'.') && code.word(colon - 1) == code.word(index - 1);
    is_choice.then(|| code.literal(colon + 1)).flatten()
}

/// `const { A, B: b = "x" } = process.env`, with a type or without.
fn taken_apart(code: &Code, index: usize, found: &mut Vec<Read>) {
    if index < 2 || !code.is_sign(index - 1, b'=') {
        return;
    }
    // `}: NodeJS.ProcessEnv = process.env`
    let close = (index.saturating_sub(6)..index - 1).rev().find(|at| code.is_sign(*at, b'}'));
    let Some(close) = close.filter(|at| *at == index - 2 || code.is_sign(at + 1, b':')) else { return };
    if let Some(open) = open(code, close) {
        entries(code, open, Way::Asked, found);
    }
}

/// The names that a pattern between braces takes; without a default, in the way that is said.
fn entries(code: &Code, open: usize, otherwise: Way, found: &mut Vec<Read>) {
    for entry in code.arguments(open + 1) {
        let quoted = code.text(entry);
        let Some(name) = quoted.or_else(|| code.word(entry)).filter(|name| code.is_name(name)) else { continue };
        let mut at = entry + 1;
        if code.is_sign(at, b':') {
            at += 2;
        }
        let default = code.is_sign(at, b'=').then(|| code.literal(at + 1)).flatten();
        let way = if default.is_some() { Way::Read } else { otherwise };
        found.push(Read { name: name.to_owned(), at: code.at(entry), way, default });
    }
}

/// The brace that `close` closes.
fn open(code: &Code, close: usize) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, close);
    loop {
        if code.is_sign(at, b'}') {
            depth += 1;
        } else if code.is_sign(at, b'{') {
            depth -= 1;
        }
        if depth == 0 {
            return Some(at);
        }
        at = at.checked_sub(1)?;
    }
}

/// `"X" in process.env`, `Object.hasOwn(process.env, "X")`, `Reflect.get(process.env, "X")`, and `{ env: { X } } = process`.
fn asked(code: &Code, index: usize, found: &mut Vec<Read>) {
    if index >= 2 && code.word(index - 1) == Some("in") {
        push(code, index - 2, Way::Asked, None, found);
    }
    let of = ["hasOwn (", "has (", "get (", "call ("];
    if index >= 2 && of.iter().any(|shape| code.shape(index - 2, shape).is_some()) {
        let arguments = code.arguments(index);
        if let Some(second) = arguments.get(1) {
            push(code, *second, Way::Asked, None, found);
        }
    }
}

/// `Deno.env.get("X")`, and what else Deno has.
fn deno(code: &Code, index: usize) -> Option<(usize, Way)> {
    [
        ("Deno . env . get ( $", Way::Asked),
        ("Deno . env . has ( $", Way::Asked),
        ("Deno . env . set ( $", Way::Set),
        ("Deno . env . delete ( $", Way::Set),
    ]
    .iter()
    .find_map(|(shape, way)| Some((code.shape(index, shape)?, *way)))
}

/// `NestJS`: `config.get<string>("X", "default")`.
fn service(code: &Code, index: usize) -> Option<usize> {
    let word = code.word(index)?;
    if !matches!(word, "config" | "configService" | "ConfigService" | "cfg") {
        return None;
    }
    let behind = code.shape(index + 1, ". get").or_else(|| code.shape(index + 1, ". getOrThrow"))?;
    let mut at = behind;
    if code.is_sign(at, b'<') {
        at = (at..at + 12).find(|at| code.is_sign(*at, b'>'))? + 1;
    }
    let name = code.named(at + 1).filter(|name| code.is_sign(at, b'(') && code.is_loud(name));
    name.map(|_| at + 2)
}

/// The argument behind a comma.
fn argument(code: &Code, index: usize) -> Option<String> {
    code.is_sign(index, b',').then(|| code.literal(index + 1)).flatten()
}

/// Modules whose exports are variables: `import { X } from "$env/static/private"`, `astro:env/server`.
fn of_module(code: &Code, index: usize) -> Option<Vec<Read>> {
    let module = code.text(index + 1).filter(|_| code.word(index) == Some("from") && index > 0)?;
    let is_static = module.starts_with("$env/static/") || module.starts_with("astro:env/");
    let open = open(code, index - 1).filter(|_| is_static && code.is_sign(index - 1, b'}'))?;
    let mut found = Vec::new();
    // They are looked for when the program is built, which fails without them.
    entries(code, open, Way::Read, &mut found);
    found.retain(|read| code.is_loud(&read.name));
    Some(found)
}

fn push(code: &Code, index: usize, way: Way, default: Option<String>, found: &mut Vec<Read>) {
    if let Some(name) = code.named(index).or_else(|| code.text(index)).filter(|name| code.is_name(name)) {
        found.push(Read { name: name.to_owned(), at: code.at(index), way, default });
    }
}
