//! Where a program asks for a variable: the shapes of code that read one, and what each takes where it is not set.

use std::collections::{HashMap, HashSet};

use super::tokens::{Placed, Token};
use crate::config::value::is_variable_name;

/// A place where a variable is spoken of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) name: String,
    /// In bytes.
    pub(super) at: usize,
    pub(super) way: Way,
    /// What the program takes where it is not set, as far as it is written there.
    pub(super) default: Option<String>,
}

/// How a variable is spoken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// It is read by what fails without it, or has a default.
    Read,
    /// It is asked for by what hands back nothing where it is not set, and goes on.
    Asked,
    /// It is set, or asked for where it is set as well: whoever reads it there has it.
    Set,
}

/// The tokens of a file, for those who look for shapes in them.
pub(super) struct Code<'a, 'b> {
    tokens: &'b [Placed<'a>],
    source: &'a str,
    /// Names of the program's own that stand for a text.
    constants: HashMap<&'a str, &'b str>,
    /// Variables that are known to be some, however they are spelled.
    known: &'b HashSet<String>,
}

impl<'a, 'b> Code<'a, 'b> {
    pub(super) fn new(tokens: &'b [Placed<'a>], source: &'a str, known: &'b HashSet<String>) -> Self {
        let mut code = Self { tokens, source, constants: HashMap::new(), known };
        let mut constants: HashMap<&str, &str> = HashMap::new();
        let mut twice = Vec::new();
        for index in 1..code.len() {
            let Some(text) = code.tokens.get(index + 1).and_then(text_of).filter(|_| code.is_sign(index, b'=')) else {
                continue;
            };
            let is_all = ![b'+', b'.', b'[', b'%'].iter().any(|sign| code.is_sign(index + 2, *sign));
            let Some(name) = code.constant(index).filter(|_| is_all) else { continue };
            if constants.insert(name, text).is_some_and(|other| other != text) {
                twice.push(name);
            }
        }
        constants.retain(|name, _| !twice.contains(name));
        code.constants = constants;
        code
    }

    /// The name in capitals that the `=` at `index` gives something to, past a type: `A`, `A: &str`, `A string`.
    fn constant(&self, index: usize) -> Option<&'a str> {
        let name = |at: usize| self.word(at).filter(|word| is_loud(word));
        if let Some(name) = name(index - 1) {
            return Some(name);
        }
        let word = self.word(index - 1)?;
        if matches!(word, "string" | "str") && index >= 2 && name(index - 2).is_some() {
            return name(index - 2);
        }
        let colon = (index.saturating_sub(6)..index).rev().find(|at| self.is_sign(*at, b':'))?;
        name(colon.checked_sub(1)?)
    }

    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether a text can be the name of a variable.
    pub(super) fn is_name(&self, text: &str) -> bool {
        is_variable_name(text) || self.known.contains(text)
    }

    /// Whether it is surely one, where other texts could stand as well.
    pub(super) fn is_loud(&self, text: &str) -> bool {
        is_loud(text) || self.known.contains(text)
    }

    pub(super) fn at(&self, index: usize) -> usize {
        self.tokens.get(index).map_or(0, |placed| placed.at)
    }

    /// How far in the line begins that a token is in, in bytes.
    pub(super) fn indent(&self, index: usize) -> usize {
        let at = self.at(index);
        let start = self.source[..at].rfind('\n').map_or(0, |end| end + 1);
        let line = &self.source[start..];
        line.len() - line.trim_start_matches([' ', '\t']).len()
    }

    /// Whether a token is the first one of its line.
    pub(super) fn begins_line(&self, index: usize) -> bool {
        let at = self.at(index);
        let start = self.source[..at].rfind('\n').map_or(0, |end| end + 1);
        self.source[start..at].trim_matches([' ', '\t']).is_empty()
    }

    /// The index behind the block that a line opens in which the token is: where a line begins that is no further in.
    pub(super) fn block(&self, index: usize) -> usize {
        let outer = self.indent(index);
        (index + 1..self.len()).find(|at| self.begins_line(*at) && self.indent(*at) <= outer).unwrap_or(self.len())
    }

    pub(super) fn word(&self, index: usize) -> Option<&'a str> {
        match self.tokens.get(index)?.token {
            Token::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(super) fn text(&self, index: usize) -> Option<&'b str> {
        text_of(self.tokens.get(index)?)
    }

    /// A text, or what a constant of the program stands for where nothing but it is meant.
    pub(super) fn named(&self, index: usize) -> Option<&'b str> {
        self.text(index).or_else(|| {
            let is_all = [b')', b',', b']'].iter().any(|sign| self.is_sign(index + 1, *sign));
            self.constants.get(self.word(index)?).copied().filter(|_| is_all)
        })
    }

    pub(super) fn is_sign(&self, index: usize, sign: u8) -> bool {
        self.tokens.get(index).is_some_and(|placed| placed.token == Token::Sign(sign))
    }

    /// Whether the shape stands at `index`: words and signs between blanks, `$` for a text or what stands for one. Gives the index behind it.
    pub(super) fn shape(&self, index: usize, shape: &str) -> Option<usize> {
        let mut at = index;
        for part in shape.split(' ') {
            let fits = match part {
                "$" => self.named(at).is_some(),
                part if part.len() == 1 && part != "_" && !part.as_bytes()[0].is_ascii_alphanumeric() => {
                    self.is_sign(at, part.as_bytes()[0])
                }
                part => self.word(at) == Some(part),
            };
            if !fits {
                return None;
            }
            at += 1;
        }
        Some(at)
    }

    /// Whether the shape stands anywhere.
    pub(super) fn has(&self, shape: &str) -> bool {
        (0..self.len()).any(|index| self.shape(index, shape).is_some())
    }

    /// The index of the bracket that closes what is open before `index`.
    pub(super) fn close(&self, index: usize) -> usize {
        let mut depth = 0_usize;
        for at in index..self.len() {
            match self.tokens[at].token {
                Token::Sign(b'(' | b'[' | b'{') => depth += 1,
                Token::Sign(b')' | b']' | b'}') if depth == 0 => return at,
                Token::Sign(b')' | b']' | b'}') => depth -= 1,
                _ => {}
            }
        }
        self.len()
    }

    /// A literal that is the whole of an argument which begins at `index`.
    pub(super) fn literal(&self, index: usize) -> Option<String> {
        let (value, next) = match &self.tokens.get(index)?.token {
            Token::Text(text) => (text.to_string(), index + 1),
            Token::Sign(b'-') => (format!("-{}", number(self.word(index + 1)?)?), index + 2),
            Token::Word(word) => {
                let mut value = literal_word(word)?;
                let mut next = index + 1;
                // `1.5` is three tokens.
                if self.is_sign(next, b'.') && word.bytes().all(|byte| byte.is_ascii_digit()) {
                    value = format!("{value}.{}", number(self.word(next + 1)?)?);
                    next += 2;
                }
                (value, next)
            }
            _ => return None,
        };
        let ends = [b',', b')', b'}', b';', b']'];
        (next >= self.len() || ends.iter().any(|sign| self.is_sign(next, *sign)) || self.starts_a_line(next))
            .then_some(value)
    }

    /// Whether a new statement may begin here: a word behind the literal.
    fn starts_a_line(&self, index: usize) -> bool {
        self.word(index).is_some()
    }

    /// The indices at which the arguments of a call begin whose `(` is before `index`; empty ones are left out.
    pub(super) fn arguments(&self, index: usize) -> Vec<usize> {
        let (mut depth, mut at) = (0_usize, index);
        let mut starts = vec![index];
        while let Some(placed) = self.tokens.get(at) {
            match placed.token {
                Token::Sign(b'(' | b'[' | b'{') => depth += 1,
                Token::Sign(b')' | b']' | b'}') if depth == 0 => break,
                Token::Sign(b')' | b']' | b'}') => depth -= 1,
                Token::Sign(b',') if depth == 0 => starts.push(at + 1),
                _ => {}
            }
            at += 1;
        }
        starts.retain(|start| *start < at);
        starts
    }
}

fn text_of<'b>(placed: &'b Placed) -> Option<&'b str> {
    match &placed.token {
        Token::Text(text) => Some(text),
        _ => None,
    }
}

fn literal_word(word: &str) -> Option<String> {
    match word {
        "True" | "true" => Some("true".to_owned()),
        "False" | "false" => Some("false".to_owned()),
        word => number(word),
    }
}

/// A number without the underscores that languages allow in one.
fn number(word: &str) -> Option<String> {
    let plain = word.replace('_', "");
    (!plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit())).then_some(plain)
}

/// Whether it is spelled as such names are.
pub(super) fn is_loud(text: &str) -> bool {
    is_variable_name(text)
        && text.bytes().any(|byte| byte.is_ascii_uppercase())
        && !text.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// Helpers that every second project writes: `getEnv("X", "default")`.
pub(super) fn helpers(code: &Code, found: &mut Vec<Read>) {
    for index in 0..code.len() {
        let Some(word) = code.word(index) else { continue };
        let is_method = index > 0 && code.is_sign(index - 1, b'.');
        let Some(insists) = helper(word).filter(|_| !is_method && code.is_sign(index + 1, b'(')) else { continue };
        let Some(name) = code.named(index + 2).filter(|name| code.is_loud(name)) else { continue };
        let default = code.arguments(index + 2).get(1).and_then(|second| code.literal(*second));
        let way = if default.is_none() && !insists { Way::Asked } else { Way::Read };
        found.push(Read { name: name.to_owned(), at: code.at(index + 2), way, default });
    }
}

/// Whether a function of this name insists on the variable; `None` where it is none that reads one.
fn helper(word: &str) -> Option<bool> {
    let plain: String = word.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect();
    match plain.as_str() {
        // Of `env` nobody knows; those that are known to be called so insist.
        "requireenv" | "requiredenv" | "mustenv" | "mustgetenv" | "env" => Some(true),
        "getenv" | "getenvor" | "getenvordefault" | "getenvdefault" | "envor" | "envordefault" | "lookupenv" => {
            Some(false)
        }
        _ => None,
    }
}
