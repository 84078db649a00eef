//! What the entries of a file mean: escapes, references, and where values come from. Nothing here touches the file; commands run only
//! where whoever asks hands over what runs them.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;

use indexmap::IndexMap;

use super::cipher;
use super::commands::{self, Commands};
use super::dialect::{BadLine, Escapes, Expand, Form, Newline, Rules, Scope, Valueless, rules};
use super::escapes;
use super::expand::{self, Fault, Literals, Names};
use super::seals::Seals;
use super::syntax::{Document, Entry, Quote, Span, Why};
use crate::config::environment::Dialect;

/// What surrounds a file when it is evaluated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around<'a> {
    /// The environment that prodev was started with.
    pub(super) environment: &'a HashMap<String, String>,
    /// The values of the layers before this one.
    pub(super) earlier: &'a IndexMap<String, String>,
    /// The files win over the environment, in references, too.
    pub(super) overrides: bool,
    /// Takes the encrypted values and gives marks for them; without, they are values as others.
    pub(super) seals: Option<&'a Seals>,
}

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// In the order of the file; a name can be there more than once, and the last one counts.
    pub(super) assignments: Vec<Assignment>,
}

/// A name and its value.
#[derive(Debug, Clone)]
pub(super) struct Assignment {
    pub(super) key: String,
    /// None where the name stands without a value.
    pub(super) value: Option<String>,
    /// Of the entry.
    pub(super) span: Span,
    pub(super) quote: Quote,
    /// The names that the value was made of, in order.
    pub(super) references: Vec<Reference>,
    /// The environment gave the value, and not the file.
    pub(super) is_of_environment: bool,
}

/// A name that a value refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) name: String,
    pub(super) found: Found,
}

/// Where a reference found its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Environment,
    File,
    Earlier,
    Nowhere,
}

/// Something that makes a file unreadable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) span: Span,
    pub(super) message: String,
    pub(super) what: What,
}

/// What kind of trouble it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    Line(Why),
    Value(Fault),
}

impl Reading {
    /// Names and values as a program sees them: the last one of each name, in the order in which names appear.
    pub(super) fn values(&self) -> IndexMap<&str, Option<&str>> {
        self.assignments.iter().map(|one| (one.key.as_str(), one.value.as_deref())).collect()
    }
}

/// Gives the entries of `document` their meaning in `dialect`.
///
/// # Errors
/// Everything that makes that dialect's parser refuse the file, in the order of the file.
pub(super) fn evaluate(document: &Document, dialect: Dialect, around: &Around) -> Result<Reading, Vec<Trouble>> {
    let (reading, troubles) = evaluate_all(document, dialect, around);
    if troubles.is_empty() { Ok(reading) } else { Err(troubles) }
}

/// The same for whoever wants to know what can be read of a file that is refused: all that makes sense in it, and all that does not.
pub(super) fn evaluate_all(document: &Document, dialect: Dialect, around: &Around) -> (Reading, Vec<Trouble>) {
    evaluate_with(document, dialect, around, None)
}

/// The same, with the commands of values run where the dialect's parser runs them and `commands` are there.
pub(super) fn evaluate_with(
    document: &Document,
    dialect: Dialect,
    around: &Around,
    commands: Option<Commands>,
) -> (Reading, Vec<Trouble>) {
    let rules = rules(dialect);
    let refuses = |why: Why| rules.bad_line == BadLine::RefusesFile || why == Why::Encoding;
    let broken = document.broken().filter(|broken| refuses(broken.why));
    let mut troubles: Vec<Trouble> = broken
        .map(|broken| Trouble {
            span: broken.span.clone(),
            message: broken.why.words().to_owned(),
            what: What::Line(broken.why),
        })
        .collect();
    let mut state = State {
        rules,
        around,
        commands,
        dialect,
        of_file: IndexMap::new(),
        literals: HashMap::new(),
        spent: 0,
        seen: RefCell::default(),
    };
    let mut reading = Reading::default();
    for entry in document.entries() {
        match state.assignment(document, entry) {
            Ok(Some(assignment)) => reading.assignments.push(assignment),
            Ok(None) => {}
            Err(fault) => {
                // What it referred to before it failed is nobody else's.
                state.seen.take();
                troubles.push(trouble(document, entry, fault));
            }
        }
    }
    if rules.expand == Expand::RepeatedForward {
        troubles.extend(state.forward(document, &mut reading));
    }
    troubles.sort_by_key(|trouble| trouble.span.start);
    (reading, troubles)
}

fn trouble(document: &Document, entry: &Entry, fault: Fault) -> Trouble {
    let span = entry.value.as_ref().map_or_else(|| entry.span.clone(), |value| value.span.clone());
    Trouble { message: fault.words(&document.text(&entry.key)), span, what: What::Value(fault) }
}

/// What the values that are made of others may come to together: few lines can name each other so that nothing holds what they make.
const MOST: usize = 64 * 1024 * 1024;

struct State<'a> {
    rules: &'static Rules,
    dialect: Dialect,
    around: &'a Around<'a>,
    commands: Option<Commands<'a>>,
    /// What the file has set so far.
    of_file: IndexMap<String, Option<String>>,
    /// Values that were written literally, for the dialects that ask.
    literals: HashMap<String, String>,
    /// How much the values that are made of others have come to.
    spent: usize,
    /// The references of the value that is being made.
    seen: RefCell<Vec<Reference>>,
}

impl<'a> State<'a> {
    /// The value that the environment has instead of the file's.
    fn wins(&self, key: &str) -> Option<&'a String> {
        let may = self.rules.environment_wins && !self.around.overrides;
        self.around.environment.get(key).filter(|_| may)
    }
}

impl State<'_> {
    fn assignment(&mut self, document: &Document, entry: &Entry) -> Result<Option<Assignment>, Fault> {
        let key = normal(document.text(&entry.key), self.rules.newline).into_owned();
        let mut made = Assignment {
            key,
            value: None,
            span: entry.span.clone(),
            quote: Quote::None,
            references: Vec::new(),
            is_of_environment: false,
        };
        let Some(value) = &entry.value else {
            match self.rules.valueless {
                Valueless::Inherits => {
                    let Some(found) = self.around.environment.get(&made.key) else { return Ok(None) };
                    made.value = Some(found.clone());
                    made.is_of_environment = true;
                }
                Valueless::Null => {}
                Valueless::Ignored | Valueless::Refused => return Ok(None),
            }
            self.of_file.insert(made.key.clone(), made.value.clone());
            return Ok(Some(made));
        };
        made.quote = value.quote;
        let raw = if value.quote == Quote::Mixed || self.rules.expand == Expand::Words {
            document.text(&value.span)
        } else {
            document.text(&value.inner)
        };
        self.count("", raw.contains('$'))?;
        let mut text = self.value(&mut made, &normal(raw, self.rules.newline))?;
        made.references = self.seen.take();
        self.count(&text, !made.references.is_empty())?;
        if let Some(seals) = self.around.seals
            && made.references.is_empty()
            && !made.is_of_environment
            && cipher::is_encrypted(&text)
        {
            text = seals.seal(&made.key, text);
        }
        self.of_file.insert(made.key.clone(), Some(text.clone()));
        made.value = Some(text);
        Ok(Some(made))
    }

    /// Counts a value that is made of others.
    fn count(&mut self, text: &str, is_made: bool) -> Result<(), Fault> {
        if is_made {
            self.spent = self.spent.saturating_add(text.len());
        }
        if is_made && self.spent > MOST { Err(Fault::Large) } else { Ok(()) }
    }

    fn value(&mut self, made: &mut Assignment, raw: &str) -> Result<String, Fault> {
        let first = raw.as_bytes().first().copied().and_then(Quote::of);
        // A quote that nothing closes still says how the text is read, where lines are searched for.
        let quote = if self.rules.form == Form::Search && made.quote == Quote::None {
            first.unwrap_or_default()
        } else {
            made.quote
        };
        let escapes = match quote {
            Quote::Single => self.rules.single,
            Quote::Double => self.rules.double,
            Quote::Backtick => Escapes::None,
            Quote::None | Quote::Mixed => self.rules.bare,
        };
        match self.rules.expand {
            Expand::Words if self.dialect == Dialect::Sh => return expand::shell(raw, &mut self.names()),
            Expand::Words => return expand::word(raw, &mut self.names()),
            _ => {}
        }
        let text = escapes::decode(raw, escapes);
        let is_plain = quote == Quote::Single && !self.rules.expand_single;
        match self.rules.expand {
            Expand::Repeated => self.repeated(made, quote, text.into_owned()),
            Expand::None | Expand::RepeatedForward | Expand::Words => Ok(text.into_owned()),
            _ if is_plain => Ok(text.into_owned()),
            Expand::Template => expand::template(&text, &mut self.names()),
            Expand::Braces => Ok(expand::braces(&text, &mut self.names())),
            Expand::Go if raw.len() <= 1 && made.quote == Quote::None => Ok(text.into_owned()),
            Expand::Go => Ok(expand::go(&text, &mut self.file_names(), &mut self.names())),
        }
    }

    /// dotenvx's way: the environment's value is taken as it is, and references are replaced until none is left.
    fn repeated(&mut self, made: &mut Assignment, quote: Quote, text: String) -> Result<String, Fault> {
        let of_environment = self.wins(&made.key);
        let text = of_environment.cloned().unwrap_or(text);
        made.is_of_environment = of_environment.is_some();
        let is_literal = quote == Quote::Single || text.starts_with(super::ENCRYPTED);
        if quote == Quote::Single {
            self.literals.insert(made.key.clone(), text.clone());
        }
        if is_literal || of_environment.is_some_and(|value| !value.is_empty()) {
            return Ok(text);
        }
        if self.rules.commands && expand::has_command(&text) {
            // What stands beside a command is taken as it is, too.
            return commands::replaced(&text, |command| self.run(command));
        }
        Ok(expand::repeated(&text, &mut self.names(), self)?.replace("\\$", "$"))
    }

    /// dotenv-expand's way: all values of the file are in the environment before the first reference is looked at.
    fn forward(&mut self, document: &Document, reading: &mut Reading) -> Vec<Trouble> {
        let raw: HashMap<String, String> = std::mem::take(&mut self.of_file)
            .into_iter()
            .map(|(key, value)| (key, value.unwrap_or_default()))
            .collect();
        let last: IndexMap<String, usize> =
            reading.assignments.iter().enumerate().map(|(index, one)| (one.key.clone(), index)).collect();
        let mut order: Vec<(String, usize)> = last.into_iter().collect();
        // JavaScript hands out names that are numbers first.
        order.sort_by_key(|(key, _)| number(key).map_or((1, 0), |number| (0, number)));
        let mut troubles = Vec::new();
        let entries = document.entries_by_start();
        for (key, index) in order {
            let text = &raw[&key];
            let of_environment = self.wins(&key).filter(|value| !value.is_empty() && *value != text);
            let is_of_environment = of_environment.is_some();
            let value = if let Some(value) = of_environment {
                Ok(value.replace("\\$", "$"))
            } else if self.rules.commands && expand::has_command(text) {
                self.around_commands(text, &raw)
            } else if text.starts_with(super::ENCRYPTED) {
                Ok(text.clone())
            } else {
                self.count("", text.contains('$')).and_then(|()| {
                    let mut names = Forward { state: self, raw: &raw };
                    let value = expand::repeated(text, &mut names, &NoLiterals)?.replace("\\$", "$");
                    let is_made = !self.seen.borrow().is_empty();
                    self.count(&value, is_made)?;
                    Ok(value)
                })
            };
            match value {
                Ok(value) => {
                    self.of_file.insert(key, Some(value.clone()));
                    let made = &mut reading.assignments[index];
                    made.references = self.seen.take();
                    made.is_of_environment = is_of_environment;
                    made.value = Some(value);
                }
                Err(fault) => {
                    self.seen.take();
                    let span = &reading.assignments[index].span;
                    if let Some(entry) = entries.get(&span.start) {
                        troubles.push(trouble(document, entry, fault));
                    }
                }
            }
        }
        troubles
    }

    /// dotenv-expand's way with commands: they run first, then what is around them is expanded. What they printed is not.
    fn around_commands(&self, text: &str, raw: &HashMap<String, String>) -> Result<String, Fault> {
        const MARK: char = '\u{FDD0}';
        if text.contains(MARK) {
            return Err(Fault::Malformed);
        }
        let mut printed = Vec::new();
        let marked = commands::replaced(text, |command| {
            printed.push(self.run(command)?);
            Ok(MARK.to_string())
        })?;
        let value = expand::repeated(&marked, &mut Forward { state: self, raw }, &NoLiterals)?.replace("\\$", "$");
        let mut parts = value.split(MARK);
        let mut result = parts.next().unwrap_or_default().to_owned();
        let mut printed = printed.into_iter();
        for part in parts {
            result.push_str(&printed.next().unwrap_or_default());
            result.push_str(part);
        }
        Ok(result)
    }

    fn run(&self, command: &str) -> Result<String, Fault> {
        let commands = self.commands.ok_or(Fault::Command)?;
        let is_open = |value: &str| !self.around.seals.is_some_and(|seals| seals.is_in(value));
        let set = self.around.earlier.iter().map(|(name, value)| (name.as_str(), Some(value.as_str())));
        let set = set.chain(self.of_file.iter().map(|(name, value)| (name.as_str(), value.as_deref())));
        let is_name = |name: &str| !name.is_empty() && !name.contains('=');
        let set = set.filter_map(|(name, value)| Some((name, value.filter(|value| is_name(name) && is_open(value))?)));
        let wins =
            |name: &str| self.rules.scope == Scope::EnvironmentFirst && self.around.environment.contains_key(name);
        let set: Vec<(&str, &str)> = set.filter(|(name, _)| self.around.overrides || !wins(name)).collect();
        commands.run(command, &set)
    }

    /// What a reference sees of a value.
    fn seen_as(&self, value: String) -> String {
        if self.around.seals.is_some_and(|seals| seals.is_empty(&value)) { String::new() } else { value }
    }

    fn names(&self) -> Visible<'_> {
        Visible { state: self, is_of_file_only: false }
    }

    fn file_names(&self) -> Visible<'_> {
        Visible { state: self, is_of_file_only: true }
    }

    fn find(&self, name: &str, is_of_file_only: bool) -> Option<String> {
        let of_file = || match self.of_file.get(name) {
            // A name without a value is as good as an empty one in python, and none elsewhere.
            Some(None) => Some((String::new(), Found::File)),
            Some(Some(value)) => Some((value.clone(), Found::File)),
            None => self.around.earlier.get(name).map(|value| (value.clone(), Found::Earlier)),
        };
        let of_environment = || self.around.environment.get(name).map(|value| (value.clone(), Found::Environment));
        let found = match self.rules.scope {
            _ if is_of_file_only => of_file(),
            Scope::EnvironmentFirst if !self.around.overrides => of_environment().or_else(of_file),
            _ => of_file().or_else(of_environment),
        };
        let place = found.as_ref().map_or(Found::Nowhere, |(_, found)| *found);
        let is_sealed = self.around.seals.is_some_and(|seals| seals.is_in(name));
        if (!is_of_file_only || found.is_some()) && !is_sealed {
            self.seen.borrow_mut().push(Reference { name: name.to_owned(), found: place });
        }
        found.map(|(value, _)| self.seen_as(value))
    }
}

/// The names that a reference can see.
struct Visible<'a> {
    state: &'a State<'a>,
    is_of_file_only: bool,
}

impl Names for Visible<'_> {
    fn find(&mut self, name: &str) -> Option<String> {
        self.state.find(name, self.is_of_file_only)
    }

    fn run(&mut self, command: &str) -> Result<String, Fault> {
        self.state.run(command)
    }
}

impl Literals for State<'_> {
    fn literal(&self, name: &str) -> Option<&str> {
        self.literals.get(name).map(String::as_str)
    }
}

struct NoLiterals;

impl Literals for NoLiterals {
    fn literal(&self, _: &str) -> Option<&str> {
        None
    }
}

/// The names that dotenv-expand's references see.
struct Forward<'a> {
    state: &'a State<'a>,
    raw: &'a HashMap<String, String>,
}

impl Names for Forward<'_> {
    fn find(&mut self, name: &str) -> Option<String> {
        let is_of_environment = self.state.around.environment.contains_key(name);
        if is_of_environment || self.state.of_file.contains_key(name) || !self.raw.contains_key(name) {
            return self.state.find(name, false);
        }
        self.state.seen.borrow_mut().push(Reference { name: name.to_owned(), found: Found::File });
        self.raw.get(name).cloned().map(|value| self.state.seen_as(value))
    }
}

/// The number that a name is to JavaScript.
fn number(key: &str) -> Option<u32> {
    key.parse().ok().filter(|number: &u32| number.to_string() == key && *number < u32::MAX)
}

/// The text with its line ends as the parser sees them.
fn normal(text: Cow<'_, str>, newline: Newline) -> Cow<'_, str> {
    if !text.contains('\r') {
        return text;
    }
    match newline {
        Newline::Feed => text,
        Newline::Any => text.replace("\r\n", "\n").replace('\r', "\n").into(),
        Newline::FeedOnly => text.replace('\r', "").into(),
    }
}
