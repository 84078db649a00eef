//! YAML in block style: whole lines at places that the parser tells. What is in braces, has aliases in the way, or several documents, is left alone.

use granit_parser::{Event, Parser, Span, StructureStyle};
use serde_json::Value as Json;

use crate::scaffold::values;

/// How far a mapping is indented in another, where nothing shows what is usual.
const STEP: usize = 2;

pub(super) fn read(text: &str) -> Result<Json, String> {
    let lines = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    let value =
        values::from_yaml(text).map_err(|error| format!("it cannot be read as YAML: {}", lines(&error.to_string())))?;
    Ok(if value == Json::String(String::new()) { Json::Null } else { value })
}

/// A value, and where it stands.
#[derive(Debug)]
struct Node {
    kind: Kind,
    /// Where its last scalar, alias or bracket ends.
    end: usize,
}

#[derive(Debug)]
enum Kind {
    /// A mapping in block style.
    Block(Vec<Entry>),
    /// Nothing: `key:`.
    Nothing,
    /// All that keys cannot be put in.
    Other,
}

#[derive(Debug)]
struct Entry {
    /// `None` where the key is no scalar.
    key: Option<String>,
    at: usize,
    column: usize,
    value: Node,
}

/// Events with their places.
struct Reader<'a> {
    events: std::vec::IntoIter<(Event<'a>, Span)>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<(Event<'a>, Span)> {
        self.events.by_ref().find(|(event, _)| !matches!(event, Event::Comment(..)))
    }

    fn node(&mut self, (event, span): (Event<'a>, Span)) -> Option<Node> {
        let bytes = span.byte_range()?;
        Some(match event {
            Event::Scalar(_, _, anchor, tag) => {
                let is_nothing = bytes.is_empty() && anchor == 0 && tag.is_none();
                Node { kind: if is_nothing { Kind::Nothing } else { Kind::Other }, end: bytes.end }
            }
            Event::MappingStart(style, ..) => {
                let mut entries = Vec::new();
                let mut end = bytes.start;
                loop {
                    let (event, span) = self.next()?;
                    if event == Event::MappingEnd {
                        end = if style == StructureStyle::Block { end } else { span.byte_range()?.end };
                        break;
                    }
                    let key = match &event {
                        Event::Scalar(text, ..) => Some(text.to_string()),
                        _ => None,
                    };
                    let (at, column) = (span.byte_range()?.start, span.start.col());
                    let key_end = self.node((event, span))?.end;
                    let value = self.next()?;
                    let value = self.node(value)?;
                    end = if matches!(value.kind, Kind::Nothing) { key_end } else { value.end };
                    entries.push(Entry { key, at, column, value: Node { end, ..value } });
                }
                let kind = if style == StructureStyle::Block { Kind::Block(entries) } else { Kind::Other };
                Node { kind, end }
            }
            Event::SequenceStart(style, ..) => {
                let mut end = bytes.start;
                loop {
                    let next = self.next()?;
                    if next.0 == Event::SequenceEnd {
                        let after = next.1.byte_range()?.end;
                        end = if style == StructureStyle::Block { end } else { after };
                        break;
                    }
                    // A dash with nothing behind it.
                    end = self.node(next)?.end.max(end);
                }
                Node { kind: Kind::Other, end }
            }
            Event::Alias(..) => Node { kind: Kind::Other, end: bytes.end },
            _ => return None,
        })
    }
}

/// The only document; `None` where it is empty.
fn document(text: &str) -> Result<Option<Node>, String> {
    let mut events = Vec::new();
    for next in Parser::new_from_str(text) {
        events.push(next.map_err(|error| format!("it cannot be read as YAML: {error}"))?);
    }
    let documents = events.iter().filter(|(event, _)| matches!(event, Event::DocumentStart(..))).count();
    if documents > 1 {
        return Err("it has several documents".to_owned());
    }
    let mut reader = Reader { events: events.into_iter() };
    while let Some(next) = reader.next() {
        if !matches!(next.0, Event::StreamStart | Event::StreamEnd | Event::DocumentStart(..) | Event::DocumentEnd) {
            let node = reader.node(next).ok_or("it has a form that prodev does not know")?;
            return Ok((!matches!(node.kind, Kind::Nothing)).then_some(node));
        }
    }
    Ok(None)
}

/// Where the line after the one ends on which `end` is; a text in lines of its own (`|`) ends with its last one.
fn after_line(text: &str, end: usize) -> usize {
    if text[..end].ends_with('\n') {
        return end;
    }
    text[end..].find('\n').map_or(text.len(), |at| end + at + 1)
}

/// Puts the value of `keys` in, of which the first `known` are tables that are there.
pub(super) fn insert(text: &str, keys: &[String], value: &Json, known: usize) -> Result<String, String> {
    let root = document(text)?;
    let missing = keys[known..]
        .iter()
        .rev()
        .fold(value.clone(), |value, key| Json::Object([(key.clone(), value)].into_iter().collect()));
    let written =
        serde_saphyr::to_string(&missing).map_err(|error| format!("the value cannot be written as YAML: {error}"))?;
    let Some(root) = root else {
        return Ok(with_lines(text, text.len(), 0, &written));
    };
    let mut node = &root;
    let mut around = 0;
    for (number, key) in keys[..known].iter().enumerate() {
        let Kind::Block(entries) = &node.kind else { return Err(unfit(&keys[..number])) };
        let entry =
            entries.iter().find(|entry| entry.key.as_ref() == Some(key)).ok_or_else(|| unfit(&keys[..=number]))?;
        around = entry.column;
        node = &entry.value;
    }
    let indent = match &node.kind {
        Kind::Block(entries) => entries.first().map_or(around, |entry| entry.column),
        Kind::Nothing => around + STEP,
        Kind::Other => return Err(unfit(&keys[..known])),
    };
    Ok(with_lines(text, after_line(text, node.end), indent, &written))
}

fn unfit(keys: &[String]) -> String {
    let what = if keys.is_empty() { "the file".to_owned() } else { format!("`{}`", keys.join(".")) };
    format!("{what} is no mapping with a line for each key")
}

fn with_lines(text: &str, at: usize, indent: usize, lines: &str) -> String {
    let mut new = text[..at].to_owned();
    if !new.is_empty() && !new.ends_with('\n') {
        new.push('\n');
    }
    for line in lines.trim_end_matches('\n').lines() {
        if !line.is_empty() {
            new.push_str(&" ".repeat(indent));
        }
        new.push_str(line);
        new.push('\n');
    }
    new + &text[at..]
}

pub(super) fn remove(text: &str, keys: &[String]) -> Result<String, String> {
    let mut node = document(text)?.ok_or("it is not there")?;
    for (number, key) in keys.iter().enumerate() {
        let Kind::Block(entries) = node.kind else { return Err(unfit(&keys[..number])) };
        let entry = entries.into_iter().find(|entry| entry.key.as_ref() == Some(key)).ok_or("it is not there")?;
        if number + 1 == keys.len() {
            let start = text[..entry.at].rfind('\n').map_or(0, |at| at + 1);
            if !text[start..entry.at].trim().is_empty() {
                return Err("it does not begin a line".to_owned());
            }
            return Ok(format!("{}{}", &text[..start], &text[after_line(text, entry.value.end)..]));
        }
        node = entry.value;
    }
    Err("no key is named".to_owned())
}
