//! The dialects, as data: what each parser makes of blanks, quotes, comments, escapes, references and broken lines. `lexer` and `evaluate`
//! follow these switches and know no parser by name.

use crate::config::environment::Dialect;

/// The switches of one dialect.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(super) struct Rules {
    /// How a file falls into statements.
    pub(super) form: Form,
    /// What a byte order mark in front is.
    pub(super) mark: Mark,
    /// Whether bytes that are no UTF-8 make the file unreadable.
    pub(super) utf8: bool,
    /// What ends a line.
    pub(super) newline: Newline,
    /// What a blank is.
    pub(super) blank: Blank,
    /// What names are made of.
    pub(super) key: Key,
    /// The word `export` in front is passed over.
    pub(super) export: bool,
    /// When `:` separates.
    pub(super) colon: Colon,
    /// What opens a quoted value.
    pub(super) quotes: &'static [u8],
    /// What begins a comment behind a value without quotes.
    pub(super) comment: Comment,
    /// What a name without a separator is.
    pub(super) valueless: Valueless,
    /// What becomes of the text after a closing quote.
    pub(super) junk: Junk,
    /// What becomes of a line that cannot be read.
    pub(super) bad_line: BadLine,
    /// Backslashes between double quotes, between single quotes, and without quotes.
    pub(super) double: Escapes,
    pub(super) single: Escapes,
    pub(super) bare: Escapes,
    /// Which references there are.
    pub(super) expand: Expand,
    /// Values in single quotes have references, too.
    pub(super) expand_single: bool,
    /// Where references look first.
    pub(super) scope: Scope,
    /// A variable of the environment replaces the value that the file gives.
    pub(super) environment_wins: bool,
    /// `$(…)` runs a program in the original.
    pub(super) commands: bool,
    /// The longest line, in bytes, with its end.
    pub(super) longest_line: Option<usize>,
}

/// How a file falls into statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// One after another; a value without quotes ends with its line.
    Statements,
    /// The same, where the rest of a line that cannot be read is dropped and reading goes on behind it.
    Bindings,
    /// Wherever a line looks like an assignment, and blanks may be line ends.
    Search,
    /// From one `=` to the next, with the first quote of the same kind as the end.
    Equals,
    /// Each line for itself, as it is.
    Raw,
    /// Each line for itself, held against one pattern.
    Pattern,
    /// Lines, which quotes and backslashes join, with one word as the value.
    Logical,
    /// Words of a shell.
    Words,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// Passed over.
    Skipped,
    /// A blank.
    Blank,
    /// A part of what follows.
    Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Newline {
    /// A line feed; a carriage return is a blank.
    Feed,
    /// A line feed, a carriage return, or both.
    Any,
    /// A line feed; carriage returns are taken out wherever they stand.
    FeedOnly,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blank {
    /// As Go has them up to U+00FF; between statements all of Unicode's.
    Go,
    /// Python's, which has four separators of ASCII, too.
    Python,
    /// JavaScript's, which has U+FEFF, too.
    JavaScript,
    /// Unicode's.
    Unicode,
    /// Space and tab.
    Plain,
    /// ASCII's without the vertical tab.
    Regular,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// A letter or `_`, then also digits, `.` and `-`.
    Strict,
    /// Letters and digits of any script, `_ . - [ ]`, and blanks inside are noticed late.
    Compose,
    /// All but `=`, `#` and blanks; or anything in single quotes.
    Python,
    /// `[A-Za-z0-9_.-]`.
    Word,
    /// Anything up to `=`.
    Anything,
    /// `[A-Za-z0-9_.]`.
    WordWithoutDash,
    /// A letter or `_`, then also digits and `.`.
    Dotted,
    /// A letter or `_`, then also digits.
    Shell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colon {
    Never,
    /// With a blank after it.
    BeforeBlank,
    Always,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comment {
    Never,
    /// `#` after a space; one in front of the value is a part of it.
    AfterSpace,
    /// `#` after a blank, also when nothing stands before it.
    AfterBlank,
    /// Any `#`.
    Anywhere,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Valueless {
    /// Its value comes from the environment, if it is there.
    Inherits,
    /// It is there, without a value.
    Null,
    /// It is passed over.
    Ignored,
    Refused,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Junk {
    Refused,
    /// The next statement begins there.
    Statement,
    /// The line is dropped.
    DropsLine,
    /// The rest of the line is passed over.
    Ignored,
    /// The quotes are none, then.
    Unquotes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BadLine {
    RefusesFile,
    Skipped,
}

/// What backslashes do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escapes {
    None,
    /// `\a \b \c \f \n \r \t \v \\ \" \$` and octal numbers behind `\0`.
    Compose,
    /// `\'` alone; a pair of backslashes stays one.
    Quote,
    /// `\'` alone, whatever stands before it.
    QuoteAnywhere,
    /// `\\ \' \" \a \b \f \n \r \t \v`.
    Python,
    /// `\\` and `\'`.
    PythonSingle,
    /// `\n` and `\r`, wherever they stand.
    Lines,
    /// `\n`, `\r` and `\t`, wherever they stand.
    LinesAndTab,
    /// `\n` alone, wherever it stands.
    Feed,
    /// `\n` and `\r` wherever they stand, then a backslash goes before anything but `$`.
    Direnv,
}

/// Which references there are, and by what rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expand {
    None,
    /// `$X`, `${X}`, six operators, `$$`; what is malformed is an error.
    Template,
    /// `${X}` and `${X:-default}`.
    Braces,
    /// `$X`, `${X}` and four operators, again and again until none is left.
    Repeated,
    /// The same before the values of the file were known to each other.
    RepeatedForward,
    /// `$X`, `${X}`, `${X:-default}` and a shell's special names.
    Go,
    /// Those of a word that is decoded in one go with its quotes.
    Words,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    EnvironmentFirst,
    FileFirst,
}

/// The default: compose's, made strict.
const DEFAULT: Rules = Rules {
    form: Form::Statements,
    mark: Mark::Skipped,
    utf8: true,
    newline: Newline::Feed,
    blank: Blank::Go,
    key: Key::Strict,
    export: true,
    colon: Colon::BeforeBlank,
    quotes: b"'\"",
    comment: Comment::AfterBlank,
    valueless: Valueless::Inherits,
    junk: Junk::Refused,
    bad_line: BadLine::RefusesFile,
    double: Escapes::Compose,
    single: Escapes::Quote,
    bare: Escapes::None,
    expand: Expand::Template,
    expand_single: false,
    scope: Scope::EnvironmentFirst,
    environment_wins: false,
    commands: false,
    longest_line: None,
};

const COMPOSE: Rules = Rules {
    utf8: false,
    key: Key::Compose,
    colon: Colon::Always,
    comment: Comment::AfterSpace,
    junk: Junk::Statement,
    ..DEFAULT
};

const PYTHON: Rules = Rules {
    form: Form::Bindings,
    newline: Newline::Any,
    blank: Blank::Python,
    key: Key::Python,
    colon: Colon::Never,
    comment: Comment::AfterBlank,
    valueless: Valueless::Null,
    junk: Junk::DropsLine,
    bad_line: BadLine::Skipped,
    double: Escapes::Python,
    single: Escapes::PythonSingle,
    expand: Expand::Braces,
    expand_single: true,
    scope: Scope::FileFirst,
    ..DEFAULT
};

const DOTENV: Rules = Rules {
    form: Form::Search,
    mark: Mark::Blank,
    utf8: false,
    newline: Newline::Any,
    blank: Blank::JavaScript,
    key: Key::Word,
    quotes: b"'\"`",
    comment: Comment::Anywhere,
    valueless: Valueless::Ignored,
    junk: Junk::Unquotes,
    bad_line: BadLine::Skipped,
    double: Escapes::Lines,
    single: Escapes::None,
    expand: Expand::None,
    ..DEFAULT
};

const DOTENV_EXPAND: Rules =
    Rules { expand: Expand::RepeatedForward, expand_single: true, environment_wins: true, commands: true, ..DOTENV };

const DOTENVX: Rules = Rules {
    double: Escapes::LinesAndTab,
    single: Escapes::QuoteAnywhere,
    expand: Expand::Repeated,
    environment_wins: true,
    commands: true,
    ..DOTENV
};

const NODE: Rules = Rules {
    form: Form::Equals,
    mark: Mark::Text,
    utf8: false,
    newline: Newline::FeedOnly,
    blank: Blank::Plain,
    key: Key::Anything,
    colon: Colon::Never,
    quotes: b"'\"`",
    comment: Comment::Anywhere,
    valueless: Valueless::Ignored,
    junk: Junk::Ignored,
    bad_line: BadLine::Skipped,
    double: Escapes::Feed,
    single: Escapes::None,
    expand: Expand::None,
    ..DEFAULT
};

const DOCKER: Rules = Rules {
    form: Form::Raw,
    blank: Blank::Plain,
    key: Key::Anything,
    export: false,
    colon: Colon::Never,
    quotes: b"",
    comment: Comment::Never,
    expand: Expand::None,
    longest_line: Some(64 * 1024),
    ..DEFAULT
};

const DOTENVY: Rules = Rules {
    form: Form::Logical,
    mark: Mark::Text,
    blank: Blank::Unicode,
    key: Key::Dotted,
    colon: Colon::Never,
    valueless: Valueless::Refused,
    expand: Expand::Words,
    ..DEFAULT
};

const DIRENV: Rules = Rules {
    form: Form::Pattern,
    mark: Mark::Text,
    utf8: false,
    newline: Newline::Any,
    blank: Blank::Regular,
    key: Key::WordWithoutDash,
    comment: Comment::Anywhere,
    valueless: Valueless::Refused,
    junk: Junk::Unquotes,
    double: Escapes::Direnv,
    single: Escapes::None,
    expand: Expand::Go,
    scope: Scope::FileFirst,
    ..DEFAULT
};

const SH: Rules = Rules {
    form: Form::Words,
    mark: Mark::Text,
    blank: Blank::Plain,
    key: Key::Shell,
    colon: Colon::Never,
    valueless: Valueless::Refused,
    expand: Expand::Words,
    scope: Scope::FileFirst,
    commands: true,
    ..DEFAULT
};

/// The switches of a dialect.
pub(super) fn rules(dialect: Dialect) -> &'static Rules {
    match dialect {
        Dialect::Default => &DEFAULT,
        Dialect::Compose => &COMPOSE,
        Dialect::Dotenv => &DOTENV,
        Dialect::DotenvExpand => &DOTENV_EXPAND,
        Dialect::Dotenvx => &DOTENVX,
        Dialect::Python => &PYTHON,
        Dialect::Node => &NODE,
        Dialect::Docker => &DOCKER,
        Dialect::Dotenvy => &DOTENVY,
        Dialect::Direnv => &DIRENV,
        Dialect::Sh => &SH,
    }
}
