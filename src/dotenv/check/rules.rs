//! The rules of `prodev env check`, as a table: names, the names that dotenv-linter has for the same, how much each matters, and who mends it.

use crate::config::value::Severity;
use crate::error::nearest;

/// A rule. The order is that of [`TABLE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Rule {
    AmbiguousComment,
    BacktickQuote,
    BrokenCiphertext,
    ByteOrderMark,
    CarriageReturn,
    ColonSeparator,
    CommandSubstitution,
    ControlCharacter,
    DuplicatedKey,
    EmptyValue,
    EndingBlankLine,
    EndlessReference,
    ExportWord,
    ExtraBlankLine,
    ForwardReference,
    IncorrectDelimiter,
    InlineComment,
    InvalidEscape,
    InvalidKey,
    InvalidUtf8,
    InvisibleCharacter,
    KeyWithoutValue,
    LeadingCharacter,
    LongLine,
    LowercaseKey,
    MalformedReference,
    MissingKey,
    MissingPublicKey,
    MixedLineEnds,
    MultiLineValue,
    NotPortable,
    NulByte,
    PlaceholderValue,
    PrivateKey,
    QuoteCharacter,
    QuotedKey,
    ReservedKey,
    ShellSpecial,
    SpaceCharacter,
    SubstitutionKey,
    TextAfterQuote,
    TrailingBackslash,
    TrailingWhitespace,
    TypographicQuote,
    UnclosedQuote,
    UnencryptedValue,
    UnknownName,
    UnorderedKey,
    UnreadableFile,
    UnreadableLine,
    UnsetReference,
    ValueWithoutQuotes,
}

/// Who mends what a rule finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mend {
    /// A person.
    Nobody,
    /// `--fix`, wherever nobody reads another value afterwards.
    Fix,
    /// `--fix --unsafe`.
    Unsafe,
}

/// What is known of a rule.
#[derive(Debug)]
pub(super) struct About {
    pub(super) rule: Rule,
    pub(super) id: &'static str,
    /// What dotenv-linter calls it.
    pub(super) linter: Option<&'static str>,
    pub(super) severity: Severity,
    pub(super) mend: Mend,
    /// What it finds.
    pub(super) what: &'static str,
}

const fn about(
    rule: Rule,
    id: &'static str,
    linter: Option<&'static str>,
    severity: Severity,
    mend: Mend,
    what: &'static str,
) -> About {
    About { rule, id, linter, severity, mend, what }
}

use Severity::{Error, Off, Warn};

/// All rules, by their names.
#[rustfmt::skip]
pub(super) const TABLE: [About; 52] = [
    about(Rule::AmbiguousComment, "ambiguous-comment", None, Warn, Mend::Fix, "a `#` that begins a comment for some parsers and belongs to the value for others"),
    about(Rule::BacktickQuote, "backtick-quote", None, Warn, Mend::Nobody, "backticks around a value, which quote for some parsers, are text for others and a command for a shell"),
    about(Rule::BrokenCiphertext, "broken-ciphertext", None, Error, Mend::Nobody, "a value that says `encrypted:` and is no ciphertext"),
    about(Rule::ByteOrderMark, "byte-order-mark", None, Warn, Mend::Fix, "a byte order mark, which some parsers take for a part of the first name"),
    about(Rule::CarriageReturn, "carriage-return", None, Warn, Mend::Nobody, "a carriage return that ends no line"),
    about(Rule::ColonSeparator, "colon-separator", None, Warn, Mend::Fix, "`:` in the place of `=`"),
    about(Rule::CommandSubstitution, "command-substitution", None, Error, Mend::Nobody, "`$(…)` or backticks, which some parsers run as a command"),
    about(Rule::ControlCharacter, "control-character", None, Warn, Mend::Nobody, "a control character"),
    about(Rule::DuplicatedKey, "duplicated-key", Some("DuplicatedKey"), Error, Mend::Unsafe, "a name that the file sets again"),
    about(Rule::EmptyValue, "empty-value", None, Off, Mend::Nobody, "a name with an empty value"),
    about(Rule::EndingBlankLine, "ending-blank-line", Some("EndingBlankLine"), Warn, Mend::Fix, "a last line without a line end"),
    about(Rule::EndlessReference, "endless-reference", None, Error, Mend::Nobody, "a value that refers to itself without an end"),
    about(Rule::ExportWord, "export-word", None, Off, Mend::Fix, "the word `export` in front of a name"),
    about(Rule::ExtraBlankLine, "extra-blank-line", Some("ExtraBlankLine"), Warn, Mend::Fix, "more than one blank line in a row"),
    about(Rule::ForwardReference, "forward-reference", None, Warn, Mend::Nobody, "a reference to a name that is set further down"),
    about(Rule::IncorrectDelimiter, "incorrect-delimiter", Some("IncorrectDelimiter"), Warn, Mend::Unsafe, "a name with `-`, `.` or the like in it, which a shell cannot have"),
    about(Rule::InlineComment, "inline-comment", None, Off, Mend::Nobody, "a comment behind a value"),
    about(Rule::InvalidEscape, "invalid-escape", None, Warn, Mend::Nobody, "a backslash in double quotes before what it does not escape, or of which each parser makes something else"),
    about(Rule::InvalidKey, "invalid-key", None, Error, Mend::Nobody, "a name that the dialect cannot read"),
    about(Rule::InvalidUtf8, "invalid-utf8", None, Error, Mend::Nobody, "bytes that are no UTF-8"),
    about(Rule::InvisibleCharacter, "invisible-character", None, Warn, Mend::Nobody, "a character that nobody sees, or a blank that is none"),
    about(Rule::KeyWithoutValue, "key-without-value", Some("KeyWithoutValue"), Warn, Mend::Unsafe, "a name without `=`"),
    about(Rule::LeadingCharacter, "leading-character", Some("LeadingCharacter"), Warn, Mend::Fix, "a line that begins with a blank, or a name that does not begin with a letter or `_`"),
    about(Rule::LongLine, "long-line", None, Warn, Mend::Nobody, "a line of more than 64 KiB, which docker does not read"),
    about(Rule::LowercaseKey, "lowercase-key", Some("LowercaseKey"), Warn, Mend::Unsafe, "a name with small letters"),
    about(Rule::MalformedReference, "malformed-reference", None, Error, Mend::Nobody, "a reference that cannot be read"),
    about(Rule::MissingKey, "missing-key", None, Error, Mend::Nobody, "a `=` without a name before it"),
    about(Rule::MissingPublicKey, "missing-public-key", None, Warn, Mend::Nobody, "encrypted values in a file without the public key that they were encrypted with"),
    about(Rule::MixedLineEnds, "mixed-line-ends", None, Warn, Mend::Fix, "lines that end in different ways"),
    about(Rule::MultiLineValue, "multi-line-value", None, Off, Mend::Nobody, "a value of several lines"),
    about(Rule::NotPortable, "not-portable", None, Error, Mend::Unsafe, "a line that the project's dialects read differently (with `--portable`)"),
    about(Rule::NulByte, "nul-byte", None, Error, Mend::Nobody, "a NUL, which no program can be given"),
    about(Rule::PlaceholderValue, "placeholder-value", None, Warn, Mend::Nobody, "a value that is still to be filled in"),
    about(Rule::PrivateKey, "private-key", None, Error, Mend::Nobody, "the private key of encrypted values, outside of `.env.keys`"),
    about(Rule::QuoteCharacter, "quote-character", Some("QuoteCharacter"), Off, Mend::Fix, "quotes around a value that needs none"),
    about(Rule::QuotedKey, "quoted-key", None, Warn, Mend::Nobody, "a name in quotes"),
    about(Rule::ReservedKey, "reserved-key", None, Warn, Mend::Nobody, "a name by which a file changes how every program behaves, as `PATH` or `LD_PRELOAD`"),
    about(Rule::ShellSpecial, "shell-special", None, Error, Mend::Nobody, "a special parameter that only a shell knows, as `$!`"),
    about(Rule::SpaceCharacter, "space-character", Some("SpaceCharacter"), Warn, Mend::Fix, "blanks around `=`"),
    about(Rule::SubstitutionKey, "substitution-key", Some("SubstitutionKey"), Error, Mend::Nobody, "a reference with one brace of two"),
    about(Rule::TextAfterQuote, "text-after-quote", None, Error, Mend::Nobody, "text behind a closing quote"),
    about(Rule::TrailingBackslash, "trailing-backslash", None, Warn, Mend::Nobody, "a backslash at the end of a line, which joins it to the next one for some parsers"),
    about(Rule::TrailingWhitespace, "trailing-whitespace", Some("TrailingWhitespace"), Warn, Mend::Fix, "blanks at the end of a line"),
    about(Rule::TypographicQuote, "typographic-quote", None, Warn, Mend::Nobody, "quotes that are none to a parser, as `“`"),
    about(Rule::UnclosedQuote, "unclosed-quote", None, Error, Mend::Nobody, "a quote that nothing closes"),
    about(Rule::UnencryptedValue, "unencrypted-value", None, Warn, Mend::Nobody, "a value that is not encrypted, in a file whose values are"),
    about(Rule::UnknownName, "unknown-rule", None, Warn, Mend::Nobody, "a comment that names a rule that there is not"),
    about(Rule::UnorderedKey, "unordered-key", Some("UnorderedKey"), Off, Mend::Nobody, "a name that comes before the one above it in the alphabet"),
    about(Rule::UnreadableFile, "unreadable-file", None, Error, Mend::Nobody, "a file that cannot be read, or is larger than 32 MiB"),
    about(Rule::UnreadableLine, "unreadable-line", None, Error, Mend::Nobody, "a line that is no assignment"),
    about(Rule::UnsetReference, "unset-reference", None, Warn, Mend::Nobody, "a reference to a name that nothing sets, and no default"),
    about(Rule::ValueWithoutQuotes, "value-without-quotes", Some("ValueWithoutQuotes"), Warn, Mend::Fix, "a value with blanks and without quotes"),
];

impl Rule {
    pub(super) fn about(self) -> &'static About {
        &TABLE[self as usize]
    }

    pub(super) fn id(self) -> &'static str {
        self.about().id
    }
}

/// The rule that somebody means: by its own name, or by dotenv-linter's.
pub(super) fn named(name: &str) -> Option<Rule> {
    let is_it = |about: &&About| about.id == name || about.linter.is_some_and(|other| other.eq_ignore_ascii_case(name));
    TABLE.iter().find(is_it).map(|about| about.rule)
}

/// The name that was probably meant.
pub(super) fn near(name: &str) -> Option<&'static str> {
    let theirs = TABLE.iter().filter_map(|about| about.linter);
    nearest(name, TABLE.iter().map(|about| about.id).chain(theirs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_stands_in_order() {
        for (index, about) in TABLE.iter().enumerate() {
            assert_eq!(about.rule as usize, index, "{}", about.id);
            assert!(index == 0 || TABLE[index - 1].id < about.id, "{}", about.id);
        }
        assert_eq!(TABLE.iter().filter(|about| about.linter.is_some()).count(), 13, "the 14th is the schema's");
    }

    #[test]
    fn rules_go_by_both_names() {
        assert_eq!(named("trailing-whitespace"), Some(Rule::TrailingWhitespace));
        assert_eq!(named("TrailingWhitespace"), Some(Rule::TrailingWhitespace));
        assert_eq!(named("trailing"), None);
        assert_eq!(near("trailing-whitespce"), Some("trailing-whitespace"));
        assert_eq!(near("LowercaseKy"), Some("LowercaseKey"));
    }
}
