//! The rules that look at one entry: its name, what separates it from its value, quotes and comments.

use super::rules::Rule;
use super::subject::{Mark, Subject};
use crate::dotenv::cipher;
use crate::dotenv::dialect::{Escapes, rules};
use crate::dotenv::keyring::is_key_name;
use crate::dotenv::syntax::{Broken, Entry, Quote, Span, Value, Why};

/// Names that belong to the system, a shell or the loader of programs.
pub(super) const RESERVED: [&str; 20] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "PWD",
    "OLDPWD",
    "IFS",
    "SHLVL",
    "UID",
    "EUID",
    "PPID",
    "BASH_ENV",
    "SHELLOPTS",
    "BASHOPTS",
    "PS4",
    "PROMPT_COMMAND",
    "LD_PRELOAD",
    "LD_AUDIT",
    "DYLD_INSERT_LIBRARIES",
];

/// Names that are written small by all that read them.
const SMALL: [&str; 5] = ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"];

pub(super) fn marks(subject: &Subject, found: &mut Vec<Mark>) {
    let file = Encryption::of(subject);
    for entry in subject.document.entries() {
        if subject.is_dubious(entry) {
            let rule = if entry.separator.is_some() { Rule::LowercaseKey } else { Rule::KeyWithoutValue };
            let what = "this looks like a line of a value, and not like a name";
            found.push(Mark::new(rule, entry.key.clone(), what).hint("put all lines of the value into double quotes"));
            continue;
        }
        let key = subject.document.text(&entry.key).into_owned();
        name(subject, entry, &key, found);
        separator(subject, entry, &key, found);
        if entry.export.is_some() {
            let export = entry.export.clone().unwrap_or_default();
            found.push(
                Mark::new(Rule::ExportWord, export.clone(), format!("`{key}` is exported"))
                    .hint("leave `export` out: docker does not know it")
                    .cut(export.start..entry.key.start),
            );
        }
        if let Some(value) = &entry.value {
            let raw = subject.document.text(&value.span).into_owned();
            quotes(subject, entry, &key, value, &raw, found);
            content(subject, &key, value, found);
            comment(subject, entry, &key, value, &raw, found);
            file.value(subject, &key, value, found);
        }
    }
    file.whole(found);
    for broken in subject.document.broken() {
        found.push(unreadable(subject, broken));
    }
}

/// What the dialect cannot read.
fn unreadable(subject: &Subject, broken: &Broken) -> Mark {
    let (rule, hint) = match broken.why {
        Why::NoKey => (Rule::MissingKey, "write the name in front of `=`"),
        Why::Key | Why::KeyBlank => (Rule::InvalidKey, "rename it, or name the dialect that reads it with `--dialect`"),
        Why::NoSeparator => (Rule::KeyWithoutValue, "write `NAME=value`, or put a `#` in front"),
        Why::Unterminated => (Rule::UnclosedQuote, "close the quote"),
        Why::AfterQuote => {
            (Rule::TextAfterQuote, "put all of the value into the quotes, or a ` #` before what is a comment")
        }
        Why::ValueBlank => (Rule::ValueWithoutQuotes, "put the value into quotes"),
        Why::Colon => (Rule::ColonSeparator, "write `=`"),
        Why::Encoding => (Rule::InvalidUtf8, "save the file as UTF-8"),
        Why::TooLong => (Rule::LongLine, "put the value into a file of its own"),
        Why::Line => (Rule::UnreadableLine, "write `NAME=value`, or put a `#` in front"),
    };
    // What cannot be read goes on to the end of the file, often.
    let line = subject.lines().get(subject.line_of(broken.span.start)).map_or(broken.span.end, |line| line.end);
    let span = broken.span.start..broken.span.end.min(line).max(broken.span.start);
    Mark::new(rule, span, broken.why.words()).hint(hint)
}

fn name(subject: &Subject, entry: &Entry, key: &str, found: &mut Vec<Mark>) {
    let at = &entry.key;
    let before = at.start.checked_sub(1).and_then(|at| subject.source().get(at));
    let is_quoted = matches!(before, Some(b'\'' | b'"')) || key.starts_with(['\'', '"']);
    if is_quoted {
        let what = "the name is in quotes";
        found.push(Mark::new(Rule::QuotedKey, at.clone(), what).hint("leave them out: only python-dotenv knows them"));
    }
    if key.bytes().any(|byte| byte.is_ascii_lowercase()) && !SMALL.contains(&key) {
        let upper = key.to_ascii_uppercase();
        found.push(
            Mark::new(Rule::LowercaseKey, at.clone(), format!("`{key}` has small letters"))
                .hint(format!("call it `{upper}`")),
        );
    }
    let is_odd = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    if key.contains(is_odd) && !is_quoted {
        let plain = key.replace(is_odd, "_");
        found.push(
            Mark::new(Rule::IncorrectDelimiter, at.clone(), format!("`{key}` is no name to a shell"))
                .hint(format!("call it `{plain}`")),
        );
    }
    if RESERVED.contains(&key) {
        found.push(
            Mark::new(Rule::ReservedKey, at.clone(), format!("`{key}` changes how every program behaves"))
                .hint("give the variable a name of your own, or set it in the shell"),
        );
    }
}

fn separator(subject: &Subject, entry: &Entry, key: &str, found: &mut Vec<Mark>) {
    let (Some(separator), Some(value)) = (&entry.separator, &entry.value) else {
        let end = entry.key.end;
        found.push(
            Mark::new(Rule::KeyWithoutValue, entry.key.clone(), format!("`{key}` has no `=`"))
                .hint(format!(
                    "write `{key}=`, or give it a value: it is inherited, nothing or an error, as the parser likes"
                ))
                .put(end..end, "="),
        );
        return;
    };
    let is_colon = subject.source().get(separator.start) == Some(&b':');
    let mut mark = is_colon.then(|| {
        Mark::new(Rule::ColonSeparator, separator.clone(), format!("`{key}` is followed by `:`")).hint("write `=`")
    });
    if let Some(mark) = mark.take() {
        found.push(mark.put(entry.key.end..value.span.start.max(separator.end), "="));
        return;
    }
    let (before, after) = (entry.key.end..separator.start, separator.end..value.span.start);
    let is_blank = |span: &Span| {
        !span.is_empty() && subject.source()[span.clone()].iter().all(|byte| matches!(byte, b' ' | b'\t'))
    };
    let mut mark =
        Mark::new(Rule::SpaceCharacter, before.start..after.end, format!("blanks around the `=` of `{key}`"))
            .hint(format!("write `{key}=` and the value right behind it: a shell takes `{key}` for a command"));
    if is_blank(&before) {
        mark = mark.cut(before);
    }
    // In front of a comment a blank has a meaning.
    if is_blank(&after) && !value.span.is_empty() {
        mark = mark.cut(after);
    }
    if !mark.edits.is_empty() {
        found.push(mark);
    }
}

fn quotes(subject: &Subject, entry: &Entry, key: &str, value: &Value, raw: &str, found: &mut Vec<Mark>) {
    let inner = subject.document.text(&value.inner);
    match value.quote {
        Quote::Backtick => found.push(backtick(key, value)),
        Quote::None if raw.starts_with('`') => found.push(backtick(key, value)),
        Quote::None if raw.starts_with(['“', '”', '„', '‘', '’', '«', '»', '‚']) => found.push(
            Mark::new(Rule::TypographicQuote, value.span.clone(), format!("`{key}` begins with a quote that is none"))
                .hint("write `\"` or `'`"),
        ),
        Quote::None if raw.contains([' ', '\t']) => {
            let mut mark =
                Mark::new(Rule::ValueWithoutQuotes, value.span.clone(), format!("`{key}` has blanks and no quotes"))
                    .hint("put the value into quotes: dotenvy and direnv refuse it, and a shell runs it");
            if let Some(text) = quoted(raw) {
                mark = mark.put(value.span.clone(), text);
            }
            found.push(mark);
        }
        Quote::Single | Quote::Double => {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "_./:@%+,=-".contains(c);
            if !inner.is_empty() && inner.chars().all(is_plain) {
                found.push(
                    Mark::new(Rule::QuoteCharacter, value.span.clone(), format!("`{key}` needs no quotes"))
                        .hint("leave them out")
                        .put(value.span.clone(), inner.clone().into_owned()),
                );
            }
        }
        _ => {}
    }
    if raw.contains('\n') {
        found.push(
            Mark::new(Rule::MultiLineValue, entry.key.clone(), format!("the value of `{key}` has several lines"))
                .hint("direnv and docker read one line"),
        );
    }
    if value.quote == Quote::None && raw.ends_with('\\') {
        found.push(
            Mark::new(
                Rule::TrailingBackslash,
                value.span.end - 1..value.span.end,
                format!("the value of `{key}` ends with a backslash"),
            )
            .hint("put the value into single quotes: dotenvy and shells join the next line to it"),
        );
    }
    if value.quote == Quote::Double && rules(subject.dialect).double != Escapes::None {
        escapes(key, value, &inner, found);
    }
    if inner.is_empty() {
        found.push(
            Mark::new(Rule::EmptyValue, entry.key.clone(), format!("`{key}` is empty"))
                .hint("give it a value, or take it out"),
        );
    }
    if let Some(junk) = &entry.junk {
        found.push(
            Mark::new(Rule::TextAfterQuote, junk.clone(), Why::AfterQuote.words())
                .hint("put all of the value into the quotes, or a ` #` before what is a comment"),
        );
    }
}

fn backtick(key: &str, value: &Value) -> Mark {
    Mark::new(Rule::BacktickQuote, value.span.clone(), format!("the value of `{key}` is in backticks"))
        .hint("write single or double quotes")
}

/// The value in quotes in which nothing of it has a meaning that it had not before.
fn quoted(raw: &str) -> Option<String> {
    if !raw.contains(['"', '\\', '`', '\r']) {
        return Some(format!("\"{raw}\""));
    }
    (!raw.contains(['\'', '\\', '$', '\r'])).then(|| format!("'{raw}'"))
}

/// The first backslash in double quotes that stands before what few parsers agree on.
fn escapes(key: &str, value: &Value, inner: &str, found: &mut Vec<Mark>) {
    let mut at = 0;
    while let Some(next) = inner[at..].find('\\').map(|next| at + next) {
        let escaped = inner[next + 1..].chars().next();
        if matches!(escaped, Some('\\' | '"' | '$' | 'n' | 'r' | 't' | '`' | '\'')) {
            at = next + 2;
            continue;
        }
        let width = 1 + escaped.map_or(0, char::len_utf8);
        let start = value.inner.start + next;
        found.push(
            Mark::new(
                Rule::InvalidEscape,
                start..start + width,
                format!("`{key}` has a backslash before what it does not escape"),
            )
            .hint("write `\\\\` for a backslash, or put the value into single quotes"),
        );
        return;
    }
}

fn content(subject: &Subject, key: &str, value: &Value, found: &mut Vec<Mark>) {
    let inner = subject.document.text(&value.inner);
    if subject.is_example || inner.len() > 64 {
        return;
    }
    let text = inner.trim().to_ascii_lowercase();
    let words = [
        "changeme",
        "change_me",
        "change-me",
        "todo",
        "fixme",
        "xxx",
        "xxxx",
        "tbd",
        "replaceme",
        "replace_me",
        "replace-me",
    ];
    let begins = ["your_", "your-", "<your", "insert_your", "insert-your", "put_your", "put-your"];
    let is_tag = text.len() > 2 && text.starts_with('<') && text.ends_with('>') && !text.contains("><");
    if words.contains(&text.as_str()) || is_tag || begins.iter().any(|begin| text.starts_with(begin)) {
        found.push(
            Mark::new(Rule::PlaceholderValue, value.span.clone(), format!("`{key}` is still to be filled in"))
                .hint(format!("set it with `prodev env set {key}`")),
        );
    }
}

fn comment(subject: &Subject, entry: &Entry, key: &str, value: &Value, raw: &str, found: &mut Vec<Mark>) {
    if value.quote == Quote::None
        && let Some(at) = raw.find('#')
    {
        let at = value.span.start + at;
        let mut mark = Mark::new(
            Rule::AmbiguousComment,
            at..at + 1,
            format!("the `#` in the value of `{key}` begins a comment for some parsers"),
        )
        .hint("put the value into quotes");
        if !raw.contains([' ', '\t'])
            && let Some(text) = quoted(raw)
        {
            mark = mark.put(value.span.clone(), text);
        }
        found.push(mark);
    }
    let Some(comment) = &entry.comment else { return };
    found.push(
        Mark::new(Rule::InlineComment, comment.clone(), format!("a comment behind the value of `{key}`"))
            .hint("put it on a line of its own: docker takes it for a part of the value"),
    );
    let gap = entry.junk.as_ref().map_or(value.span.end, |junk| junk.end)..comment.start;
    let between = &subject.source()[gap.clone()];
    let why = if value.span.is_empty() {
        "stands where the value of"
    } else if value.quote == Quote::None && between.last() == Some(&b'\t') {
        "stands behind a tab, and belongs to the value for some parsers, in"
    } else {
        return;
    };
    let message = if value.span.is_empty() {
        format!("the comment {why} `{key}` would, and is it for some parsers")
    } else {
        format!("the comment {why} `{key}`")
    };
    let mut mark = Mark::new(Rule::AmbiguousComment, comment.start..comment.start + 1, message)
        .hint("put it on a line of its own, or a blank in front of it");
    if !value.span.is_empty() {
        mark = mark.put(gap, " ");
    }
    found.push(mark);
}

/// What the file as a whole says about encryption.
struct Encryption {
    has_public_key: bool,
    first: Option<Span>,
    is_keys_file: bool,
}

impl Encryption {
    fn of(subject: &Subject) -> Self {
        let mut file = Self { has_public_key: false, first: None, is_keys_file: subject.shown.ends_with(".env.keys") };
        for entry in subject.document.entries() {
            file.has_public_key |= subject.document.text(&entry.key).starts_with("DOTENV_PUBLIC_KEY");
            let inner = entry.value.as_ref().map(|value| &value.inner);
            let is_first = file.first.is_none()
                && inner.is_some_and(|inner| subject.source()[inner.clone()].starts_with(cipher::PREFIX.as_bytes()));
            if is_first {
                file.first = Some(entry.key.clone());
            }
        }
        file
    }

    fn value(&self, subject: &Subject, key: &str, value: &Value, found: &mut Vec<Mark>) {
        if key.starts_with("DOTENV_PRIVATE_KEY") && !self.is_keys_file {
            found.push(
                Mark::new(
                    Rule::PrivateKey,
                    value.span.clone(),
                    format!("`{key}` is the private key of encrypted values"),
                )
                .hint(
                    "move it to `.env.keys`, which Git must not have, and encrypt with a new one: `prodev env rotate`",
                ),
            );
        }
        let inner = subject.document.text(&value.inner);
        if inner.starts_with(cipher::PREFIX) {
            if !cipher::is_whole(&inner) {
                found.push(
                    Mark::new(
                        Rule::BrokenCiphertext,
                        value.span.clone(),
                        format!("`{key}` cannot be decrypted: it is no ciphertext"),
                    )
                    .hint(format!("set it again with `prodev env set {key}`")),
                );
            }
        } else if self.has_public_key && !inner.is_empty() && !is_key_name(key) && !key.ends_with("_PLAIN") {
            found.push(
                Mark::new(Rule::UnencryptedValue, entry_key(subject, value), format!("`{key}` is not encrypted"))
                    .hint("encrypt it with `prodev env encrypt`, or let its name end with `_PLAIN`"),
            );
        }
    }

    fn whole(&self, found: &mut Vec<Mark>) {
        if let Some(first) = self.first.clone().filter(|_| !self.has_public_key) {
            found.push(
                Mark::new(Rule::MissingPublicKey, first, "the file has encrypted values and no `DOTENV_PUBLIC_KEY`")
                    .hint("put it back on top: its name says which private key decrypts them"),
            );
        }
    }
}

/// The place of the value's beginning, so that its line can be shown up to it.
fn entry_key(subject: &Subject, value: &Value) -> Span {
    let line = subject.lines().get(subject.line_of(value.span.start)).map_or(0, |line| line.start);
    line..value.span.start
}
