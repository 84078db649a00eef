//! JavaScript and TypeScript: `process.env`, `import.meta.env`, Bun and Deno, and what is taken apart from them.

use std::collections::HashSet;

use super::reads::{Code, Read, Way, is_loud, is_name};

pub(super) fn reads(code: &Code) -> Vec<Read> {
    let mut found = Vec::new();
    let aliases = aliases(code);
    for index in 0..code.len() {
        if let Some(behind) = environment(code, index) {
            member(code, index, behind, false, &mut found);
            taken_apart(code, index, &mut found);
        } else if let Some(behind) = code.shape(index, "Deno . env . get ( $") {
            push(code, behind - 1, Way::Read, default(code, behind + 1), &mut found);
        } else if code.word(index).is_some_and(|word| aliases.contains(word))
            && !(index > 0 && code.is_sign(index - 1, b'.'))
        {
            member(code, index, index + 1, true, &mut found);
        }
    }
    found
}

/// The index behind `process.env` and its like.
fn environment(code: &Code, index: usize) -> Option<usize> {
    ["process . env", "process ? . env", "import . meta . env", "Bun . env"]
        .iter()
        .find_map(|shape| code.shape(index, shape))
}

/// Names that the whole environment was given to.
fn aliases<'a>(code: &Code<'a, '_>) -> HashSet<&'a str> {
    let mut names = HashSet::new();
    for index in 1..code.len() {
        let Some(behind) = code.is_sign(index, b'=').then(|| environment(code, index + 1)).flatten() else { continue };
        let is_whole = !code.is_sign(behind, b'.') && !code.is_sign(behind, b'[') && !code.is_sign(behind, b'?');
        if let Some(name) = code.word(index - 1).filter(|_| is_whole) {
            names.insert(name);
        }
    }
    names
}

/// `.X` and `["X"]` behind the environment.
fn member(code: &Code, start: usize, behind: usize, only_loud: bool, found: &mut Vec<Read>) {
    let optional =
        usize::from(code.is_sign(behind, b'?') && (code.is_sign(behind + 1, b'.') || code.is_sign(behind + 1, b'[')));
    let at = behind + optional;
    let bracket = at + usize::from(optional == 1 && code.is_sign(at, b'.') && code.is_sign(at + 1, b'['));
    let (name, next) = if code.is_sign(bracket, b'[') && code.is_sign(bracket + 2, b']') {
        (code.text(bracket + 1), bracket + 3)
    } else if code.is_sign(at, b'.') {
        (code.word(at + 1), at + 2)
    } else {
        return;
    };
    let Some(name) = name.filter(|name| is_name(name) && (!only_loud || is_loud(name))) else { return };
    let is_set = code.is_sign(next, b'=') && !code.is_sign(next + 1, b'=') && !code.is_sign(next + 1, b'>')
        || start > 0 && code.word(start - 1) == Some("delete");
    let way = if is_set { Way::Set } else { Way::Read };
    let name_at = if code.is_sign(bracket, b'[') { bracket + 1 } else { at + 1 };
    found.push(Read {
        name: name.to_owned(),
        at: code.at(name_at),
        way,
        default: default(code, next).filter(|_| !is_set),
    });
}

/// What stands behind `||` or `??`.
fn default(code: &Code, index: usize) -> Option<String> {
    let is_or = [b'|', b'?'].iter().any(|sign| code.is_sign(index, *sign) && code.is_sign(index + 1, *sign));
    is_or.then(|| code.literal(index + 2)).flatten()
}

/// `const { A, B: b = "x" } = process.env`.
fn taken_apart(code: &Code, index: usize, found: &mut Vec<Read>) {
    let is_target = index >= 2 && code.is_sign(index - 1, b'=') && code.is_sign(index - 2, b'}');
    if !is_target {
        return;
    }
    let (mut depth, mut start) = (0_usize, index - 2);
    loop {
        if code.is_sign(start, b'}') {
            depth += 1;
        } else if code.is_sign(start, b'{') {
            depth -= 1;
        }
        if depth == 0 {
            break;
        }
        let Some(before) = start.checked_sub(1) else { return };
        start = before;
    }
    for entry in code.arguments(start + 1) {
        let quoted = code.text(entry);
        let Some(name) = quoted.or_else(|| code.word(entry)).filter(|name| is_name(name)) else { continue };
        let mut at = entry + 1;
        if code.is_sign(at, b':') {
            at += 2;
        }
        let default = code.is_sign(at, b'=').then(|| code.literal(at + 1)).flatten();
        found.push(Read { name: name.to_owned(), at: code.at(entry), way: Way::Read, default });
    }
}

fn push(code: &Code, index: usize, way: Way, default: Option<String>, found: &mut Vec<Read>) {
    if let Some(name) = code.text(index).filter(|name| is_name(name)) {
        found.push(Read { name: name.to_owned(), at: code.at(index), way, default });
    }
}
