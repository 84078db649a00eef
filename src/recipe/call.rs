//! The command line behind `prodev run`: which recipes, and what each of them was given. What they were not given is found elsewhere.

use super::catalog::{Catalog, Entry};
use crate::config::parameter::{FullParameter, Manner, ParameterType};
use crate::error::{Exit, Failure, fail, nearest};

/// What a parameter holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Value {
    One(String),
    /// Of a variadic one.
    Many(Vec<String>),
}

/// A recipe as it was typed: for each parameter what was given, if anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Typed {
    pub(super) entry: usize,
    pub(super) given: Vec<Option<Value>>,
    /// Its help was asked for.
    pub(super) wants_help: bool,
}

/// Reads `words`, which begin with a recipe.
///
/// # Errors
/// Unknown recipes and options, values that cannot be, and words too many (exit 2).
pub(super) fn parse(words: &[String], catalog: &Catalog) -> Result<Vec<Typed>, Failure> {
    let mut calls = Vec::new();
    let mut rest = words;
    while let Some((name, after)) = rest.split_first() {
        if name == ":::" {
            rest = after;
            continue;
        }
        let entry = catalog.get(name)?;
        let mut reader = Reader {
            catalog,
            entry: &catalog.entries[entry],
            typed: Typed { entry, given: vec![None; catalog.entries[entry].params.len()], wants_help: false },
            rest: after,
        };
        reader.read()?;
        rest = reader.rest;
        calls.push(reader.typed);
    }
    Ok(calls)
}

struct Reader<'a, 'b> {
    catalog: &'a Catalog<'b>,
    entry: &'a Entry<'b>,
    typed: Typed,
    rest: &'a [String],
}

impl<'a> Reader<'a, '_> {
    fn read(&mut self) -> Result<(), Failure> {
        let mut has_ended_options = false;
        while let Some((word, after)) = self.rest.split_first() {
            if word == ":::" {
                return Ok(());
            }
            let is_option = !has_ended_options && word.len() > 1 && word.starts_with('-') && !self.is_number(word);
            if is_option {
                self.rest = after;
                match word.strip_prefix("--") {
                    Some("") => has_ended_options = true,
                    Some(long) => self.long(long)?,
                    None => self.shorts(&word[1..])?,
                }
                continue;
            }
            if self.take(word)? {
                self.rest = after;
                continue;
            }
            // It takes no more, so this is another recipe.
            if has_ended_options || self.catalog.find(word).is_none() {
                return Err(self.too_many(word));
            }
            return Ok(());
        }
        Ok(())
    }

    /// A negative number is a value where a number can stand.
    fn is_number(&self, word: &str) -> bool {
        let is_numeric = |param: &FullParameter| matches!(param.kind, ParameterType::Int | ParameterType::Float);
        word.parse::<f64>().is_ok() && self.next().is_some_and(|at| is_numeric(&self.entry.params[at]))
    }

    /// The parameter that the next plain word is for.
    fn next(&self) -> Option<usize> {
        let open = |(at, param): &(usize, &FullParameter)| match (param.manner(), &self.typed.given[*at]) {
            (Manner::Positional, None) => true,
            (Manner::Variadic, given) => {
                let count = if let Some(Value::Many(values)) = given { values.len() } else { 0 };
                param.at_most.is_none_or(|most| count < most)
            }
            _ => false,
        };
        self.entry.params.iter().enumerate().find(open).map(|(at, _)| at)
    }

    /// Takes a plain word, if one more can be taken.
    fn take(&mut self, word: &str) -> Result<bool, Failure> {
        let Some(at) = self.next() else { return Ok(false) };
        check(self.entry, at, word)?;
        match &mut self.typed.given[at] {
            Some(Value::Many(values)) => values.push(word.to_owned()),
            slot if self.entry.params[at].variadic => *slot = Some(Value::Many(vec![word.to_owned()])),
            slot => *slot = Some(Value::One(word.to_owned())),
        }
        Ok(true)
    }

    fn long(&mut self, word: &str) -> Result<(), Failure> {
        let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        let named = |param: &&FullParameter| matches!(param.manner(), Manner::Flag | Manner::Option);
        match self.entry.params.iter().position(|param| named(&param) && param.name == name) {
            Some(at) => self.option(at, &format!("--{name}"), value),
            None if name == "help" => {
                self.typed.wants_help = true;
                Ok(())
            }
            None => {
                let known: Vec<&str> = self.entry.params.iter().filter(named).map(|it| it.name.as_str()).collect();
                Err(self.unknown(&format!("--{name}"), nearest(name, known).map(|near| format!("--{near}"))))
            }
        }
    }

    /// `-v`, `-vx`, `-n5`, `-n 5`.
    fn shorts(&mut self, word: &str) -> Result<(), Failure> {
        for (at, letter) in word.char_indices() {
            let rest = &word[at + letter.len_utf8()..];
            let short = letter.to_string();
            let found = self.entry.params.iter().position(|param| param.short.as_deref() == Some(short.as_str()));
            let Some(index) = found else {
                if letter == 'h' {
                    self.typed.wants_help = true;
                    continue;
                }
                return Err(self.unknown(&format!("-{letter}"), None));
            };
            let value = (!self.entry.params[index].flag && !rest.is_empty()).then_some(rest);
            self.option(index, &format!("-{letter}"), value.map(|value| value.strip_prefix('=').unwrap_or(value)))?;
            if value.is_some() || !self.entry.params[index].flag {
                break;
            }
        }
        Ok(())
    }

    fn option(&mut self, at: usize, shown: &str, value: Option<&str>) -> Result<(), Failure> {
        let param = &self.entry.params[at];
        let value = match (param.flag, value) {
            (true, None | Some("true")) => "true",
            (true, Some("false")) => "",
            (true, Some(_)) => {
                return Err(fail(format!("`{shown}` of `{}` takes no value", self.entry.name)).exit(Exit::Usage));
            }
            (false, Some(value)) => value,
            (false, None) => {
                let rest: &'a [String] = self.rest;
                let Some((value, after)) = rest.split_first().filter(|(word, _)| *word != ":::") else {
                    return Err(fail(format!("`{shown}` of `{}` needs a value", self.entry.name))
                        .exit(Exit::Usage)
                        .hint(format!("write `{shown} VALUE`")));
                };
                self.rest = after;
                value
            }
        };
        if !param.flag {
            check(self.entry, at, value)?;
        }
        self.typed.given[at] = Some(Value::One(value.to_owned()));
        Ok(())
    }

    fn unknown(&self, shown: &str, near: Option<String>) -> Failure {
        let failure = fail(format!("the recipe `{}` has no option `{shown}`", self.entry.name)).exit(Exit::Usage);
        match near {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None if self.next().is_some() => failure.hint(format!(
                "write `--` before it where it is no option: `prodev run {} -- {shown}`",
                self.entry.name
            )),
            None => failure.hint(format!("`prodev run {} --help` shows what it takes", self.entry.name)),
        }
    }

    fn too_many(&self, word: &str) -> Failure {
        let most =
            self.entry.params.iter().filter(|it| matches!(it.manner(), Manner::Positional | Manner::Variadic)).count();
        let takes = match most {
            0 => "no arguments".to_owned(),
            1 => "one argument".to_owned(),
            count => format!("{count} arguments"),
        };
        fail(format!("`{word}` is neither an argument of `{}`, which takes {takes}, nor a recipe", self.entry.name))
            .exit(Exit::Usage)
            .hint(format!(
                "`prodev run {} --help` shows what it takes, `prodev run --list` which recipes there are",
                self.entry.name
            ))
    }
}

/// Whether `value` can be that of the parameter.
///
/// # Errors
/// With the reason (exit 2).
pub(super) fn check(entry: &Entry, at: usize, value: &str) -> Result<(), Failure> {
    let param = &entry.params[at];
    let shown = if param.secret { "********" } else { value };
    if value.contains('\0') {
        return Err(fail(format!("a value for `{}` holds a NUL, which no program can be given", param.name))
            .exit(Exit::Usage)
            .hint("put it into a file, and give the file's name"));
    }
    match param.refuse(value) {
        None => Ok(()),
        Some(reason) => {
            Err(fail(format!("`{}` of `{}` cannot be `{shown}`: {reason}", param.name, entry.name)).exit(Exit::Usage))
        }
    }
}
