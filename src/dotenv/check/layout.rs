//! The rules that look at lines and characters, whatever they say: blanks, blank lines, line ends, marks and what nobody sees.

use std::ops::Range;

use super::rules::Rule;
use super::subject::{Mark, Subject};
use crate::dotenv::syntax::{Item, Span};

/// The longest line that docker reads, with its end.
const LONGEST: usize = 64 * 1024;

/// Characters without a shape, or blanks that no parser of ASCII takes for one.
const INVISIBLE: [char; 20] = [
    '\u{a0}', '\u{ad}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}', '\u{202a}',
    '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2060}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
    '\u{feff}',
];

const MARK: &[u8] = b"\xEF\xBB\xBF";

pub(super) fn marks(subject: &Subject, found: &mut Vec<Mark>) {
    if subject.source().starts_with(MARK) {
        found.push(
            Mark::new(Rule::ByteOrderMark, 0..MARK.len(), "the file begins with a byte order mark")
                .hint("save it as UTF-8 without one: node, dotenvy, direnv and shells take it for a part of the first name")
                .cut(0..MARK.len()),
        );
    }
    let mut blank_before = false;
    for line in subject.lines() {
        let text = &subject.source()[line.clone()];
        let is_blank = text.iter().all(|byte| matches!(byte, b' ' | b'\t'));
        // A line of a value is what it is.
        let is_inside = begins_inside(subject, line);
        if is_blank && !is_inside {
            if blank_before {
                let end = next_line(subject.source(), line.end);
                found.push(
                    Mark::new(Rule::ExtraBlankLine, line.clone(), "one blank line is enough").cut(line.start..end),
                );
            }
        } else if !is_inside {
            beginning(subject, line, text, found);
        }
        blank_before = is_blank && !is_inside;
        trailing(subject, line, text, found);
        characters(line, text, found);
        if line.len() >= LONGEST {
            let what = "the line is longer than 64 KiB";
            found.push(
                Mark::new(Rule::LongLine, line.start..line.start, what).hint("put the value into a file of its own"),
            );
        }
    }
    line_ends(subject, found);
    ending(subject, found);
}

/// Whether the line begins within a value, or within what cannot be read.
fn begins_inside(subject: &Subject, line: &Range<usize>) -> bool {
    let item = subject.item_of(line.start);
    item.is_some_and(|item| matches!(item, Item::Entry(_) | Item::Broken(_)) && item.span().start < line.start)
}

fn beginning(subject: &Subject, line: &Range<usize>, text: &[u8], found: &mut Vec<Mark>) {
    // A mark in front is another rule's.
    let skip = if line.start == 0 && text.starts_with(MARK) { MARK.len() } else { 0 };
    let text = &text[skip..];
    let start = line.start + skip;
    let blanks = text.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    match text.get(blanks) {
        None | Some(b'#' | b'\r') => {}
        Some(_) if blanks > 0 => {
            let span = start..start + blanks;
            found.push(
                Mark::new(Rule::LeadingCharacter, span.clone(), "the line begins with a blank")
                    .hint("begin it with the name")
                    .cut(span),
            );
        }
        Some(byte) if !byte.is_ascii_alphabetic() && *byte != b'_' => {
            let length = std::str::from_utf8(&text[..text.len().min(4)])
                .or_else(|error| std::str::from_utf8(&text[..error.valid_up_to()]))
                .ok()
                .and_then(|text| text.chars().next())
                .map_or(1, char::len_utf8);
            let is_quoted = matches!(subject.item_of(start), Some(Item::Entry(entry)) if entry.key.start > start && entry.export.is_none());
            if !is_quoted {
                found.push(
                    Mark::new(Rule::LeadingCharacter, start..start + length, "a name begins with a letter or `_`")
                        .hint("rename it, or put a `#` in front of what is no assignment"),
                );
            }
        }
        Some(_) => {}
    }
}

fn trailing(subject: &Subject, line: &Range<usize>, text: &[u8], found: &mut Vec<Mark>) {
    let blanks = text.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    if blanks == 0 {
        return;
    }
    let span = line.end - blanks..line.end;
    let is_free = match subject.item_of(span.start) {
        Some(Item::Space(_) | Item::Comment(_)) => true,
        Some(Item::Entry(entry)) => entry.comment.as_ref().is_some_and(|comment| comment.contains(&span.start)),
        _ => false,
    };
    if is_free {
        found.push(
            Mark::new(Rule::TrailingWhitespace, span.clone(), "blanks at the end of the line")
                .hint("take them out: docker makes them a part of the value")
                .cut(span),
        );
    }
}

fn characters(line: &Range<usize>, text: &[u8], found: &mut Vec<Mark>) {
    let place = |at: usize, length: usize| -> Span { line.start + at..line.start + at + length };
    let is_control = |byte: &u8| *byte < b' ' && *byte != b'\t' && *byte != b'\r' || *byte == 0x7f;
    if let Some(at) = text.iter().position(is_control) {
        let nul = text.iter().position(|byte| *byte == 0);
        found.extend(nul.map(|at| Mark::new(Rule::NulByte, place(at, 1), "a NUL cannot be handed to any program")));
        if let Some(at) = text.iter().position(|byte| is_control(byte) && *byte != 0) {
            let what = format!("a control character, U+{:04X}", text[at]);
            found.push(Mark::new(Rule::ControlCharacter, place(at, 1), what));
        }
        let _ = at;
    }
    if let Some(at) = text.iter().position(|byte| *byte == b'\r') {
        found.push(Mark::new(Rule::CarriageReturn, place(at, 1), "a carriage return that ends no line"));
    }
    if text.is_ascii() {
        return;
    }
    let Ok(text) = std::str::from_utf8(text) else { return };
    let is_mark = |at: usize, c: char| c == '\u{feff}' && line.start + at == 0;
    if let Some((at, c)) = text.char_indices().find(|(at, c)| INVISIBLE.contains(c) && !is_mark(*at, *c)) {
        let what = format!("a character that nobody sees, U+{:04X}", u32::from(c));
        found.push(
            Mark::new(Rule::InvisibleCharacter, place(at, c.len_utf8()), what)
                .hint("take it out, or write a plain blank"),
        );
    }
}

/// Lines that end in the other way than most do.
fn line_ends(subject: &Subject, found: &mut Vec<Mark>) {
    let source = subject.source();
    let is_free = |at: usize| matches!(subject.item_of(at), None | Some(Item::Space(_)));
    let ends = || subject.lines().iter().map(|line| line.end).filter(|end| *end < source.len());
    let pairs = ends().filter(|end| source[*end] == b'\r').count();
    let feeds = ends().filter(|end| source[*end] == b'\n').count();
    if pairs == 0 || feeds == 0 {
        return;
    }
    let (few, count, text) = if pairs > feeds { (b'\n', feeds, "\r\n") } else { (b'\r', pairs, "\n") };
    let odd: Vec<usize> = ends().filter(|end| source[*end] == few && is_free(*end)).collect();
    let Some(first) = odd.first() else { return };
    let how = if few == b'\r' { "CR and LF, others in LF" } else { "LF, others in CR and LF" };
    let what = format!("{count} {} in {how}", if count == 1 { "line ends" } else { "lines end" });
    let mut mark = Mark::new(Rule::MixedLineEnds, *first..*first, what).hint("let all lines end alike");
    for end in odd {
        mark = mark.put(end..next_line(source, end), text);
    }
    found.push(mark);
}

fn ending(subject: &Subject, found: &mut Vec<Mark>) {
    let source = subject.source();
    // A last line of blanks alone is another rule's.
    let last = subject.lines().last().map_or(&[][..], |line| &source[line.clone()]);
    let is_open = last.iter().any(|byte| !matches!(byte, b' ' | b'\t')) && !source.ends_with(b"\n") && source != MARK;
    if !is_open || matches!(subject.document.items.last(), Some(Item::Broken(_))) {
        return;
    }
    let newline = if source.windows(2).any(|pair| pair == b"\r\n") { "\r\n" } else { "\n" };
    let end = source.len();
    found.push(
        Mark::new(Rule::EndingBlankLine, end..end, "the last line has no line end")
            .hint("end the file with a line end: what is added behind it would become a part of this line")
            .put(end..end, newline),
    );
}

/// The place behind the line end that begins at `end`.
fn next_line(source: &[u8], end: usize) -> usize {
    match (source.get(end), source.get(end + 1)) {
        (Some(b'\r'), Some(b'\n')) => end + 2,
        (Some(_), _) => end + 1,
        (None, _) => end,
    }
}
