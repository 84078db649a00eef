//! A file that is looked at, by its lines and in the project's dialect; and what is found in it.

use std::cell::{Cell, OnceCell};
use std::collections::HashSet;
use std::ops::Range;

use super::names;
use super::rules::Rule;
use crate::config::environment::{Dialect, Environment};
use crate::config::secrecy;
use crate::dotenv::commented;
use crate::dotenv::mask;
use crate::dotenv::syntax::{Document, Entry, Item, Span};
use crate::error::Place;

/// A file, and what is known around it.
pub(super) struct Subject<'a> {
    /// As the user would name it.
    pub(super) shown: &'a str,
    pub(super) document: Document<'a>,
    pub(super) dialect: Dialect,
    pub(super) config: &'a Environment,
    /// Names that are set elsewhere: in the files beside it, in the schema, in the environment.
    pub(super) known: &'a HashSet<String>,
    /// A file for people to fill in.
    pub(super) is_example: bool,
    lines: Vec<Range<usize>>,
    show_secrets: bool,
    /// The last place that was counted, and its column: a long line with many marks would be counted over and over.
    counted: Cell<(usize, usize)>,
    /// The lines in which a value may go on, known when something is told.
    within: OnceCell<Vec<bool>>,
}

/// Of longer lines only the place is told.
const LONGEST_SHOWN: usize = 4096;

/// Something that a rule finds.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub(super) rule: Rule,
    pub(super) span: Span,
    /// Without a value, or a part of one.
    pub(super) message: String,
    pub(super) hint: Option<String>,
    /// What mends it: all of these together.
    pub(super) edits: Vec<Edit>,
}

/// Bytes in the place of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) span: Span,
    pub(super) text: String,
}

impl Mark {
    pub(super) fn new(rule: Rule, span: Span, message: impl Into<String>) -> Self {
        Self { rule, span, message: message.into(), hint: None, edits: Vec::new() }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(super) fn put(mut self, span: Span, text: impl Into<String>) -> Self {
        self.edits.push(Edit { span, text: text.into() });
        self
    }

    pub(super) fn cut(self, span: Span) -> Self {
        self.put(span, "")
    }
}

/// What a file is looked at with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look<'a> {
    pub(super) shown: &'a str,
    pub(super) dialect: Dialect,
    pub(super) config: &'a Environment,
    pub(super) known: &'a HashSet<String>,
    pub(super) is_example: bool,
    pub(super) show_secrets: bool,
}

impl<'a> Subject<'a> {
    pub(super) fn new(document: Document<'a>, look: Look<'a>) -> Self {
        let Look { shown, dialect, config, known, is_example, show_secrets } = look;
        let lines = commented::lines(document.source);
        let (counted, within) = (Cell::new((0, 0)), OnceCell::new());
        Self { shown, document, dialect, config, known, is_example, lines, show_secrets, counted, within }
    }

    pub(super) fn source(&self) -> &'a [u8] {
        self.document.source
    }

    /// The lines without their ends; the last one is left out where it is empty.
    pub(super) fn lines(&self) -> &[Range<usize>] {
        &self.lines
    }

    /// The number of the line that a byte is in, from 0.
    pub(super) fn line_of(&self, at: usize) -> usize {
        self.lines.partition_point(|line| line.start <= at).saturating_sub(1)
    }

    /// The number of the item that holds a byte.
    pub(super) fn item_of(&self, at: usize) -> Option<&Item> {
        let items = &self.document.items;
        let index = items.partition_point(|item| item.span().start <= at).checked_sub(1)?;
        items.get(index).filter(|item| at < item.span().end)
    }

    pub(super) fn shows_secrets(&self) -> bool {
        self.show_secrets
    }

    pub(super) fn is_hidden(&self, key: &str) -> bool {
        !self.show_secrets && mask::is_hidden(key, self.config)
    }

    /// Whether an entry has all of its lines for itself.
    pub(super) fn is_alone(&self, entry: &Entry) -> bool {
        let (first, last) = (self.line_of(entry.span.start), self.line_of(entry.span.end.saturating_sub(1)));
        let is_other = |item: &&Item| !matches!(item, Item::Space(_) | Item::Mark(_));
        let items = &self.document.items;
        let at = items.partition_point(|item| item.span().start < entry.span.start);
        let before = items[..at].iter().rev().find(is_other);
        let after = items.get(at + 1..).unwrap_or_default().iter().find(is_other);
        before.is_none_or(|item| self.line_of(item.span().end.saturating_sub(1)) < first)
            && after.is_none_or(|item| self.line_of(item.span().start) > last)
    }

    /// Whether what stands in the place of a name may be a line of a secret that somebody pasted without quotes.
    pub(super) fn is_dubious(&self, entry: &Entry) -> bool {
        let key = self.document.text(&entry.key);
        let is_name = entry.separator.is_some() && !key.bytes().any(|byte| byte.is_ascii_lowercase());
        !self.show_secrets && !is_name && !secrecy::is_harmless_comment(&key)
    }

    /// Whether a value may go on in this line, by its number from 0.
    fn is_within(&self, number: usize) -> bool {
        self.within
            .get_or_init(|| commented::within(self.source(), &self.lines))
            .get(number)
            .copied()
            .unwrap_or_default()
    }

    /// Whether the name of an entry can be told: it is one for everybody who reads the file.
    pub(super) fn is_told(&self, entry: &Entry) -> bool {
        self.show_secrets || self.is_plain(entry)
    }

    /// Whether the name of an entry is one for everybody.
    pub(super) fn is_plain(&self, entry: &Entry) -> bool {
        names::is_plain(self, entry) && !self.is_within(self.line_of(entry.key.start))
    }

    /// Whether a name that a value refers to can be told.
    pub(super) fn is_told_name(&self, name: &str) -> bool {
        self.show_secrets || commented::is_name(name)
    }

    /// The message and the hint of a mark, without anything that is a name for some parsers only.
    pub(super) fn words<'m>(&self, mark: &'m Mark) -> (&'m str, Option<&'m str>) {
        let hint = mark.hint.as_deref();
        let has_names = |text: &str| text.contains('`');
        if self.show_secrets || !has_names(&mark.message) && !hint.is_some_and(has_names) {
            return (&mark.message, hint);
        }
        let number = self.line_of(mark.span.start);
        let line = self.lines.get(number).cloned().unwrap_or_default();
        let items = &self.document.items;
        let first = items.partition_point(|item| item.span().end <= line.start);
        let mut here = items[first..].iter().take_while(|item| item.span().start < line.end);
        let is_open = |item: &Item| !matches!(item, Item::Entry(entry) if !self.is_told(entry));
        if here.all(is_open) {
            return (&mark.message, hint);
        }
        (mark.rule.about().what, hint.filter(|hint| !has_names(hint)))
    }

    /// Where a mark is, with its line as far as nothing in it is to be hidden.
    pub(super) fn place(&self, span: &Span) -> Place {
        let number = self.line_of(span.start);
        let line = self.lines.get(number).cloned().unwrap_or(self.source().len()..self.source().len());
        let start = span.start.clamp(line.start, line.end);
        let count = |range: Range<usize>| String::from_utf8_lossy(&self.source()[range]).chars().count();
        let text = self.text_of(&line, span);
        let width = if text.is_some() { count(start..span.end.clamp(start, line.end)).max(1) } else { 0 };
        let (from, before) = match self.counted.get() {
            (at, before) if at >= line.start && at <= start => (at, before),
            _ => (line.start, 0),
        };
        let column = before + count(from..start);
        self.counted.set((start, column));
        let file = self.shown.to_owned();
        Place { file, line: number + 1, column: column + 1, text: text.unwrap_or_default(), width }
    }

    /// A line by its number, from 0, with all that it holds.
    pub(super) fn line(&self, number: usize) -> String {
        let line = self.lines.get(number).cloned().unwrap_or_default();
        String::from_utf8_lossy(&self.source()[line]).into_owned()
    }

    /// A line by its number, from 0, with a mask in the place of what is to be hidden.
    pub(super) fn masked_line(&self, number: usize) -> String {
        let Some(line) = self.lines.get(number) else { return String::new() };
        let all = line.clone();
        if let Some(text) = self.text_of(line, &all).or_else(|| self.text_of(line, &(line.start..line.start))) {
            return text;
        }
        mask::MASK.to_owned()
    }

    /// A line as it can be shown: as it is, or up to a value that is not.
    fn text_of(&self, line: &Range<usize>, span: &Span) -> Option<String> {
        let text = |range: Range<usize>| String::from_utf8_lossy(&self.source()[range]).into_owned();
        if line.len() > LONGEST_SHOWN {
            return None;
        }
        if self.show_secrets || line.is_empty() {
            return Some(text(line.clone()));
        }
        if self.is_within(self.line_of(line.start)) {
            return None;
        }
        let items = &self.document.items;
        let first = items.partition_point(|item| item.span().end <= line.start);
        let here: Vec<&Item> = items[first..]
            .iter()
            .take(3)
            .take_while(|item| item.span().start < line.end)
            .filter(|item| !matches!(item, Item::Space(_) | Item::Mark(_)))
            .collect();
        match here.as_slice() {
            [] => Some(text(line.clone())),
            [Item::Comment(comment)] => self.text_of_comment(comment, line, span),
            [Item::Entry(entry)] => self.text_of_entry(entry, line, span),
            _ => None,
        }
    }

    /// What was an assignment before it became a comment is shown as one.
    fn text_of_comment(&self, comment: &Span, line: &Range<usize>, span: &Span) -> Option<String> {
        let text = |range: Range<usize>| String::from_utf8_lossy(&self.source()[range]).into_owned();
        let all = text(comment.clone());
        let is_harmless = secrecy::is_harmless_comment(&all);
        let Some(it) = commented::assignment(&all) else { return is_harmless.then(|| text(line.clone())) };
        if is_harmless && (all[it.value..].trim().is_empty() || commented::is_name(it.name) && !self.is_hidden(it.name))
        {
            return Some(text(line.clone()));
        }
        let is_told = commented::is_name(it.name) && secrecy::is_harmless_comment(it.name);
        let is_before = span.end <= comment.start + it.value;
        (is_told && is_before).then(|| format!("{}{}{}", text(line.start..comment.start), &all[..it.value], mask::MASK))
    }

    fn text_of_entry(&self, entry: &Entry, line: &Range<usize>, span: &Span) -> Option<String> {
        let text = |range: Range<usize>| String::from_utf8_lossy(&self.source()[range]).into_owned();
        if self.is_dubious(entry) || !self.is_told(entry) {
            return None;
        }
        let is_whole = line.start <= entry.span.start && entry.span.end <= line.end;
        let is_comment_fine =
            entry.comment.as_ref().is_none_or(|comment| secrecy::is_harmless_comment(&text(comment.clone())));
        let is_hidden =
            self.is_hidden(&self.document.text(&entry.key)) || secrecy::is_of_somebody(&text(entry.span.clone()));
        let is_bare = entry.comment.is_none() && entry.junk.is_none();
        match &entry.value {
            _ if is_whole && is_comment_fine && !is_hidden => Some(text(line.clone())),
            Some(value) if value.inner.is_empty() && is_whole && is_bare => Some(text(line.clone())),
            None if is_whole && is_bare => Some(text(line.clone())),
            Some(value)
                if line.contains(&entry.key.start) && span.end <= value.span.start && line.end >= value.span.start =>
            {
                let behind = entry.separator.as_ref().map_or(entry.key.end, |separator| separator.end);
                let is_blank =
                    self.source().get(behind..value.span.start).is_some_and(|gap| gap.trim_ascii().is_empty());
                let end = if is_blank { value.span.start } else { behind };
                Some(format!("{}{}", text(line.start..end), mask::MASK))
            }
            _ => None,
        }
    }
}
