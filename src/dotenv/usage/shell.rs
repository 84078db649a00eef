//! Shell scripts, and files that borrow a shell's references: Compose files, workflows.

use std::collections::{HashMap, HashSet};

use super::reads::{Read, Way, is_loud};

/// What a shell script reads and sets.
pub(super) fn script(source: &str, known: &HashSet<String>) -> Vec<Read> {
    let otherwise = if stops_at_unset(source) { Way::Read } else { Way::Asked };
    let mut scanner = Scanner { source, known, otherwise, at: 0, found: Vec::new(), set: HashSet::new() };
    scanner.run();
    let Scanner { found, set, .. } = scanner;
    let mut reads: Vec<Read> =
        set.iter().map(|(name, at)| Read { name: name.clone(), at: *at, way: Way::Set, default: None }).collect();
    reads.sort_by_key(|read| read.at);
    let first: HashMap<&str, usize> = reads.iter().rev().map(|read| (read.name.as_str(), read.at)).collect();
    let mut own = Vec::new();
    for mut read in found {
        if let Some(at) = first.get(read.name.as_str()).filter(|at| **at < read.at) {
            // `X=${X:-default}` asks the environment; what comes later asks the script itself.
            let between = &source[*at..read.at];
            let is_own = between.starts_with(&format!("{}=", read.name))
                && !between.contains(['\n', ';'])
                && !between.contains(' ');
            if !is_own {
                read.way = Way::Set;
            }
        }
        own.push(read);
    }
    reads.extend(own);
    reads.retain(|read| is_variable(&read.name, known));
    reads
}

/// Whether a name is surely that of a variable.
fn is_variable(name: &str, known: &HashSet<String>) -> bool {
    is_loud(name) || known.contains(name)
}

/// Whether a script ends where it reads what is not set: `set -u`, `set -o nounset`, `#!/bin/sh -u`.
fn stops_at_unset(source: &str) -> bool {
    let is_option =
        |word: &str| word == "nounset" || word.starts_with('-') && word.contains('u') && !word.starts_with("--");
    source.lines().enumerate().any(|(number, line)| {
        let line = line.trim_start();
        let options = if number == 0 { line.strip_prefix("#!") } else { None }.or_else(|| line.strip_prefix("set "));
        options.is_some_and(|options| options.split_ascii_whitespace().take_while(|word| *word != "--").any(is_option))
    })
}

/// What a Compose file takes from the environment, and what it sets for its services.
pub(super) fn compose(source: &str, known: &HashSet<String>) -> Vec<Read> {
    let mut found = Vec::new();
    let mut environment: Option<usize> = None;
    for (start, line) in lines(source) {
        let code = without_comment(line);
        let first = found.len();
        references(code, start, Style { is_compose: true, otherwise: Way::Asked, known }, &mut found);
        let indent = code.len() - code.trim_start().len();
        let text = code.trim();
        if text.is_empty() {
            continue;
        }
        if environment.is_some_and(|outer| indent < outer || indent == outer && !text.starts_with('-')) {
            environment = None;
        }
        if environment.is_some() {
            let item = text.strip_prefix('-').map_or(text, str::trim_start).trim_matches(['"', '\'']);
            let end = item.find([':', '=']).unwrap_or(item.len());
            let name = item[..end].trim_matches(['"', '\'']);
            if is_variable(name, known) {
                let at = start + code.find(name).unwrap_or_default();
                // A name without a value is handed through from the environment.
                let is_handed_through = end == item.len() || item.ends_with(':') && item.len() == end + 1;
                let way = if is_handed_through { Way::Asked } else { Way::Set };
                // `X: ${X:-value}` is what this deployment sets, and no default of the program's.
                found[first..].iter_mut().filter(|read| read.name == name).for_each(|read| read.default = None);
                found.push(Read { name: name.to_owned(), at, way, default: None });
            }
        }
        if matches!(text, "environment:") {
            environment = Some(indent);
        }
    }
    found
}

/// What a workflow's steps read, and what its `env` and `variables` set.
pub(super) fn workflow(source: &str, known: &HashSet<String>) -> Vec<Read> {
    let mut found = Vec::new();
    for (start, line) in lines(source) {
        let code = without_comment(line);
        let text = code.trim_start().trim_start_matches("- ");
        if let Some((name, _)) = text.split_once(':').filter(|(name, _)| is_variable(name, known)) {
            found.push(Read {
                name: name.to_owned(),
                at: start + code.find(name).unwrap_or_default(),
                way: Way::Set,
                default: None,
            });
        }
        // Assignments of a script's own.
        for (at, _) in code.match_indices('=') {
            let word = code[..at].rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
            if is_loud(word) {
                found.push(Read { name: word.to_owned(), at: start + at - word.len(), way: Way::Set, default: None });
            }
        }
        for (at, _) in code.match_indices("${{") {
            let Some((inside, _)) = code[at + 3..].split_once("}}") else { continue };
            for (dot, _) in inside.match_indices("env.") {
                let is_word = inside[..dot].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.');
                let name = leading_name(&inside[dot + 4..]);
                if !is_word && !name.is_empty() {
                    found.push(Read {
                        name: name.to_owned(),
                        at: start + at + 3 + dot + 4,
                        way: Way::Asked,
                        default: None,
                    });
                }
            }
        }
        references(code, start, Style { is_compose: false, otherwise: Way::Asked, known }, &mut found);
    }
    found
}

fn lines(source: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    source.split_inclusive('\n').map(move |line| {
        let at = start;
        start += line.len();
        (at, line.trim_end_matches(['\n', '\r']))
    })
}

/// A line of YAML up to its comment.
fn without_comment(line: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    for (at, found) in line.char_indices() {
        match (quote, found) {
            (None, '#') if before.is_whitespace() => return &line[..at],
            // An apostrophe inside of a word opens nothing.
            (None, '\'' | '"') if !before.is_alphanumeric() => quote = Some(found),
            (Some(open), found) if open == found => quote = None,
            _ => {}
        }
        before = found;
    }
    line
}

/// How a text is read that is no script.
#[derive(Clone, Copy)]
struct Style<'a> {
    /// `$$` is a dollar, and single quotes are nothing special.
    is_compose: bool,
    /// The way of a reference that says nothing of what is not set.
    otherwise: Way,
    known: &'a HashSet<String>,
}

/// `$X`, `${X}` and `${X:-default}` in a text that is no script.
fn references(text: &str, start: usize, style: Style, found: &mut Vec<Read>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut is_literal = false;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'\'' if !style.is_compose => is_literal = !is_literal,
            b'$' if bytes.get(at + 1) == Some(&b'$') => at += 1,
            b'$' if !is_literal => {
                let read = reference(&text[at..], style.otherwise);
                if let Some((read, length)) = read.filter(|(read, _)| is_variable(&read.name, style.known)) {
                    found.push(Read { at: start + at, ..read });
                    at += length;
                    continue;
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// The reference at the beginning of `text`, and how many bytes to go on behind: into a default there may be another one.
fn reference(text: &str, otherwise: Way) -> Option<(Read, usize)> {
    let read = |name: &str, default: Option<&str>| Read {
        name: name.to_owned(),
        at: 0,
        way: otherwise,
        default: default
            .filter(|default| !default.contains(['$', '`']))
            .map(|default| default.trim_matches(['"', '\'']).to_owned()),
    };
    let Some(inside) = text.strip_prefix("${") else {
        let name = leading_name(&text[1..]);
        return (!name.is_empty()).then(|| (read(name, None), 1 + name.len()));
    };
    let skipped = inside.len() - inside.trim_start_matches(['#', '!']).len();
    let name = leading_name(&inside[skipped..]);
    if name.is_empty() {
        return None;
    }
    let behind = &inside[skipped + name.len()..];
    let default = ["=", "-"]
        .iter()
        .find_map(|sign| behind.strip_prefix(&format!(":{sign}")).or_else(|| behind.strip_prefix(sign)));
    let default = default.and_then(|default| default.split_once('}')).map(|(default, _)| default);
    let found = read(name, default);
    // `${X+word}`, and a default that is itself made: it goes on without.
    let is_asked =
        found.default.is_none() && (default.is_some() || behind.starts_with('+') || behind.starts_with(":+"));
    let way = match () {
        () if is_asked => Way::Asked,
        () if found.default.is_some() || behind.starts_with('?') || behind.starts_with(":?") => Way::Read,
        () => otherwise,
    };
    Some((Read { way, ..found }, 2 + skipped + name.len()))
}

fn leading_name(text: &str) -> &str {
    let length = text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    if text.starts_with(|c: char| c.is_ascii_digit()) { "" } else { &text[..length] }
}

/// A script, read far enough to know what is quoted, what is a comment, and what it sets itself.
struct Scanner<'a> {
    source: &'a str,
    known: &'a HashSet<String>,
    /// The way of a reference that says nothing of what is not set.
    otherwise: Way,
    at: usize,
    found: Vec<Read>,
    set: HashSet<(String, usize)>,
}

impl Scanner<'_> {
    fn run(&mut self) {
        let source = self.source;
        let bytes = source.as_bytes();
        let mut is_double = false;
        // Ends of here-documents that begin on the next line, and whether their text is taken as it is.
        let mut waiting: Vec<(String, bool)> = Vec::new();
        while self.at < bytes.len() {
            let before = self.at.checked_sub(1).map_or(b'\n', |before| bytes[before]);
            let begins_word = before.is_ascii_whitespace() || matches!(before, b';' | b'&' | b'|' | b'(' | b'{' | b'`');
            match bytes[self.at] {
                b'\\' => self.at += 1,
                b'"' => is_double = !is_double,
                b'\'' if !is_double => {
                    let rest = &source[self.at + 1..];
                    self.at += 1 + rest.find('\'').unwrap_or(rest.len());
                }
                b'#' if !is_double && begins_word => {
                    let rest = &source[self.at..];
                    self.at += rest.find('\n').unwrap_or(rest.len());
                    continue;
                }
                b'<' if !is_double && source[self.at..].starts_with("<<") && !source[self.at..].starts_with("<<<") => {
                    waiting.extend(here_document(&source[self.at + 2..]));
                    self.at += 1;
                }
                b'\n' if !waiting.is_empty() => {
                    self.at += 1;
                    for (end, is_literal) in std::mem::take(&mut waiting) {
                        self.document(&end, is_literal);
                    }
                    continue;
                }
                b'-' if !is_double && begins_word && source[self.at..].starts_with("-v ") => self.is_set(),
                b'$' if source[self.at..].starts_with("$((") => {
                    self.arithmetic();
                    self.at += 2;
                }
                b'$' => {
                    if let Some((read, length)) = reference(&source[self.at..], self.otherwise) {
                        let assigns = source[self.at..].starts_with(&format!("${{{}:=", read.name));
                        let (name, at) = (read.name.clone(), self.at);
                        self.found.push(Read { at, ..read });
                        if assigns {
                            self.set.insert((name, at + 1));
                        }
                        self.at += length;
                        continue;
                    }
                }
                byte if !is_double && begins_word && (byte.is_ascii_alphabetic() || byte == b'_') => {
                    self.word();
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    /// A word where a command or an argument may begin: an assignment, or a command that sets variables.
    fn word(&mut self) {
        let rest = &self.source[self.at..];
        let name = leading_name(rest);
        let behind = &rest[name.len()..];
        if behind.starts_with('=') || behind.starts_with("+=") {
            self.set.insert((name.to_owned(), self.at));
        }
        let line = rest.split(['\n', ';', '&', '|', ')']).next().unwrap_or_default();
        let words = line.split_ascii_whitespace().skip(1);
        let names: Vec<&str> = match name {
            "for" | "select" => words.take(1).collect(),
            "read" | "mapfile" | "readarray" | "local" | "declare" | "typeset" | "readonly" | "unset" => {
                words.filter(|word| !word.starts_with('-')).collect()
            }
            "getopts" => words.skip(1).take(1).collect(),
            "printf" if line.contains(" -v ") => words.skip(1).take(1).collect(),
            _ => Vec::new(),
        };
        for word in names {
            let name = leading_name(word);
            if !name.is_empty() {
                self.set.insert((name.to_owned(), self.at));
            }
        }
        if name == "printenv" {
            for word in line.split_ascii_whitespace().skip(1).filter(|word| leading_name(word) == *word) {
                let read = Read { name: word.to_owned(), at: self.at, way: Way::Asked, default: None };
                self.found.push(read);
            }
        }
        self.at += name.len().max(1);
    }

    /// `[ -v X ]` and `test -v X`.
    fn is_set(&mut self) {
        let before = self.source[..self.at].trim_end();
        if ["[", "test", "!", "&&", "||"].iter().any(|word| before.ends_with(word)) {
            let rest = self.source[self.at + 2..].trim_start();
            let at = self.source.len() - rest.len();
            self.found.push(Read { name: leading_name(rest).to_owned(), at, way: Way::Asked, default: None });
        }
    }

    /// The names in `$((…))` that have no dollar.
    fn arithmetic(&mut self) {
        let start = self.at + 3;
        let inside = self.source[start..].split("))").next().unwrap_or_default();
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let mut at = 0;
        while let Some(next) = inside[at..].find(is_name).map(|next| at + next) {
            let length = inside[next..].find(|c| !is_name(c)).unwrap_or(inside.len() - next);
            let name = leading_name(&inside[next..next + length]);
            if !name.is_empty() && !inside[..next].ends_with(['$', '{']) {
                let way = self.otherwise;
                self.found.push(Read { name: name.to_owned(), at: start + next, way, default: None });
            }
            at = next + length;
        }
    }

    /// The text of a here-document, up to its end.
    fn document(&mut self, end: &str, is_literal: bool) {
        let rest = &self.source[self.at..];
        let mut length = 0;
        for line in rest.split_inclusive('\n') {
            if line.trim_end_matches('\n').trim_start_matches('\t') == end {
                break;
            }
            length += line.len();
        }
        if !is_literal {
            let style = Style { is_compose: true, otherwise: self.otherwise, known: self.known };
            references(&rest[..length], self.at, style, &mut self.found);
        }
        self.at += length;
    }
}

/// The word that ends a here-document, and whether it is quoted.
fn here_document(text: &str) -> Option<(String, bool)> {
    let text = text.strip_prefix('-').unwrap_or(text).trim_start_matches(' ');
    let quoted = text.starts_with(['\'', '"', '\\']);
    let word = leading_name(text.trim_start_matches(['\'', '"', '\\']));
    (!word.is_empty()).then(|| (word.to_owned(), quoted))
}
