//! A .env file as a lossless tree: every byte belongs to exactly one item, and entries know where their parts stand. What the parts mean is
//! `evaluate`'s business.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

/// Where something stands: a range of bytes of the source.
pub(super) type Span = Range<usize>;

/// A file, read in one dialect. The spans of its items follow one another without a gap, from the first byte to the last.
#[derive(Debug, Clone)]
pub(super) struct Document<'a> {
    pub(super) source: &'a [u8],
    pub(super) items: Vec<Item>,
}

/// A part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    /// A byte order mark that the dialect passes over.
    Mark(Span),
    /// Blanks and line ends between the others.
    Space(Span),
    /// From `#` to the end of its line, without the line end. One that follows a value belongs to the entry.
    Comment(Span),
    Entry(Entry),
    /// What the dialect cannot read.
    Broken(Broken),
}

/// A key with its value. The parts stand in this order; between them there are blanks only, apart from `junk`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Entry {
    /// From its first part to its last.
    pub(super) span: Span,
    /// The word `export`.
    pub(super) export: Option<Span>,
    /// The name, without quotes around it.
    pub(super) key: Span,
    /// `=` or `:` alone; none where the key stands for itself.
    pub(super) separator: Option<Span>,
    /// Where there is a separator; empty at the place where it would stand if there is nothing.
    pub(super) value: Option<Value>,
    /// What stands behind a closing quote and is neither blank nor comment, and is passed over.
    pub(super) junk: Option<Span>,
    /// From `#` on.
    pub(super) comment: Option<Span>,
}

/// The right side of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Value {
    /// With its quotes.
    pub(super) span: Span,
    /// What is between the quotes; the same as `span` where there are none.
    pub(super) inner: Span,
    pub(super) quote: Quote,
}

/// How a value is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) enum Quote {
    #[default]
    None,
    Single,
    Double,
    Backtick,
    /// In parts, as a shell's words are; `inner` is the whole.
    Mixed,
}

/// Something that the dialect refuses or passes over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) span: Span,
    pub(super) why: Why,
}

/// What is wrong with a part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Why {
    /// There is no name before the `=`.
    NoKey,
    /// A character that names cannot have.
    Key,
    /// A blank inside the name.
    KeyBlank,
    /// A name without `=`.
    NoSeparator,
    /// A quote that nothing closes.
    Unterminated,
    /// Something behind the closing quote.
    AfterQuote,
    /// A blank in a value without quotes.
    ValueBlank,
    /// `A:b`, which some parsers read and others do not.
    Colon,
    /// No UTF-8.
    Encoding,
    /// A line that is longer than the parser's buffer.
    TooLong,
    /// A line that is no assignment.
    Line,
}

impl Quote {
    /// The quote that `character` opens.
    pub(super) fn of(character: u8) -> Option<Self> {
        match character {
            b'\'' => Some(Self::Single),
            b'"' => Some(Self::Double),
            b'`' => Some(Self::Backtick),
            _ => None,
        }
    }
}

impl Why {
    /// In words, fit to follow the name of a place.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::NoKey => "there is no name before `=`",
            Self::Key => "a name has letters, digits and `_`, and no digit in front",
            Self::KeyBlank => "a name has no blanks",
            Self::NoSeparator => "a name without `=`",
            Self::Unterminated => "a quote that is not closed",
            Self::AfterQuote => "text after the closing quote",
            Self::ValueBlank => "a value with blanks needs quotes",
            Self::Colon => "`:` separates only with a blank after it",
            Self::Encoding => "this is no UTF-8",
            Self::TooLong => "the line is longer than 64 KiB",
            Self::Line => "this is no assignment",
        }
    }
}

impl Item {
    pub(super) fn span(&self) -> &Span {
        match self {
            Self::Mark(span) | Self::Space(span) | Self::Comment(span) => span,
            Self::Entry(entry) => &entry.span,
            Self::Broken(broken) => &broken.span,
        }
    }
}

impl Document<'_> {
    /// The file as it was read, byte for byte.
    #[cfg(test)]
    pub(super) fn print(&self) -> Vec<u8> {
        self.items.iter().flat_map(|item| &self.source[item.span().clone()]).copied().collect()
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.items.iter().filter_map(|item| match item {
            Item::Entry(entry) => Some(entry),
            _ => None,
        })
    }

    /// The same by where they begin, for whoever looks for many.
    pub(super) fn entries_by_start(&self) -> HashMap<usize, &Entry> {
        self.entries().map(|entry| (entry.span.start, entry)).collect()
    }

    pub(super) fn broken(&self) -> impl Iterator<Item = &Broken> {
        self.items.iter().filter_map(|item| match item {
            Item::Broken(broken) => Some(broken),
            _ => None,
        })
    }

    /// The texts of all that is broken, and of the entries that overlap `spans`.
    pub(super) fn items_in_doubt(&self, spans: &[Span]) -> Vec<String> {
        let is_touched = |own: &Span| spans.iter().any(|span| span.start < own.end && own.start <= span.start);
        let in_doubt = self.items.iter().filter(|item| match item {
            Item::Broken(_) => true,
            Item::Entry(entry) => is_touched(&entry.span),
            _ => false,
        });
        in_doubt.map(|item| self.text(item.span()).into_owned()).collect()
    }

    /// The text of a span; bytes that are no UTF-8 show as U+FFFD.
    pub(super) fn text(&self, span: &Span) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.source[span.clone()])
    }
}
