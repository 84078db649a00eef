//! What went wrong, as data: a message, where it happened, its cause, what to do about it, and the exit code.
//! Nothing here prints; `ui` renders a failure.

use std::fmt;
use std::ops::Range;

/// The exit codes that scripts rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Exit {
    /// Done, or nothing found.
    Done,
    /// It did not work, or problems were found.
    #[default]
    Failed,
    /// Wrong usage, a missing answer, or configuration that cannot be read.
    Usage,
    /// Stopped inside a conflict that the user must resolve.
    Conflict,
    /// Needs trust or a confirmation.
    Refused,
    /// A key that decrypts is missing or wrong.
    Key,
    /// The user (or the system) stopped it.
    Interrupted,
    /// A code that only some commands give.
    Own(u8),
}

/// The environment of a program could not be made: `run` and `env run` end with this code.
pub(crate) const ENVIRONMENT: u8 = 122;

impl Exit {
    /// The number that the process ends with.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Conflict => 3,
            Self::Refused => 4,
            Self::Key => 5,
            Self::Interrupted => 130,
            Self::Own(code) => code,
        }
    }

    /// The code for commands that hand on the code of a program they ran: their own failures are 120 and above, out of its way.
    pub(crate) fn beside_a_child(self) -> u8 {
        match self {
            Self::Usage | Self::Failed => 120,
            Self::Refused => 121,
            other => other.code(),
        }
    }
}

/// A spot in a text file. Line and column count from 1, in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The file as the user would name it.
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
    /// The whole line that it stands in.
    pub(crate) text: String,
    /// How many characters of it are meant; none where the line must not be shown.
    pub(crate) width: usize,
}

/// The places of one text: counting its lines anew for each of many places would take the square of its length.
#[derive(Debug)]
pub(crate) struct Spots<'a> {
    file: &'a str,
    source: &'a str,
    /// Where lines end.
    ends: Vec<usize>,
}

impl<'a> Spots<'a> {
    /// `file` as the user would name it, and what stands in it.
    pub(crate) fn of(file: &'a str, source: &'a str) -> Self {
        let ends = source.match_indices('\n').map(|(at, _)| at).collect();
        Self { file, source, ends }
    }

    /// The place of a byte range. Ranges beyond the end or inside a character are drawn back to what exists.
    pub(crate) fn at(&self, range: &Range<usize>) -> Place {
        let (start, end) = (self.floor(range.start), self.floor(range.end));
        let line = self.number(start);
        let span = self.line(line);
        Place {
            file: self.file.to_owned(),
            line,
            column: self.width(&(span.start..start)) + 1,
            width: self.width(&(start..end.min(span.end))).max(1),
            text: self.source[span].trim_end_matches('\r').to_owned(),
        }
    }

    /// The line (from 1) that a byte stands in.
    pub(crate) fn number(&self, at: usize) -> usize {
        self.ends.partition_point(|end| *end < at) + 1
    }

    /// The bytes of a line (from 1), without its end.
    pub(crate) fn line(&self, number: usize) -> Range<usize> {
        let first = number.checked_sub(2).and_then(|before| self.ends.get(before)).map_or(0, |end| end + 1);
        first..self.ends.get(number - 1).copied().unwrap_or(self.source.len())
    }

    /// The whole text.
    pub(crate) fn source(&self) -> &'a str {
        self.source
    }

    /// How many characters stand in a range, none if it is no range of the text.
    pub(crate) fn width(&self, range: &Range<usize>) -> usize {
        self.source.get(range.clone()).map_or(0, |text| text.chars().count())
    }

    /// The byte where the character begins in which this one stands.
    pub(crate) fn floor(&self, at: usize) -> usize {
        self.source.floor_char_boundary(at)
    }
}

impl Place {
    /// The place of a byte range in `source`. Ranges beyond the end or inside a character are drawn back to what exists.
    pub(crate) fn of(file: &str, source: &str, range: &Range<usize>) -> Self {
        Spots::of(file, source).at(range)
    }

    /// The same place without its line, which may hold a secret.
    pub(crate) fn hide(self) -> Self {
        Self { text: String::new(), width: 0, ..self }
    }

    /// Whether the line must not be shown.
    pub(crate) fn is_hidden(&self) -> bool {
        self.width == 0
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// One thing that is wrong, where several of a kind can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) message: String,
    pub(crate) place: Option<Place>,
    pub(crate) hint: Option<String>,
}

impl Problem {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), place: None, hint: None }
    }

    pub(crate) fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds "did you mean" where one of `known` resembles `given`.
    pub(crate) fn suggest<'a>(self, given: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest(given, known) {
            Some(name) => self.hint(format!("did you mean `{name}`?")),
            None => self,
        }
    }
}

/// A failure that was foreseen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) place: Option<Place>,
    /// Where several things of one kind are wrong: each of them.
    pub(crate) problems: Vec<Problem>,
    pub(crate) cause: Option<String>,
    pub(crate) hints: Vec<String>,
    pub(crate) exit: Exit,
}

/// Starts a failure: lowercase, no full stop, names in backticks.
pub(crate) fn fail(message: impl Into<String>) -> Failure {
    Failure { message: message.into(), ..Failure::default() }
}

impl Failure {
    /// One failure of all `problems`: a single one speaks for itself, several stand under `summary`.
    pub(crate) fn of(summary: impl Into<String>, mut problems: Vec<Problem>) -> Self {
        if problems.len() == 1 {
            let Problem { message, place, hint } = problems.remove(0);
            return Self { message, place, hints: hint.into_iter().collect(), ..Self::default() };
        }
        Self { message: summary.into(), problems, ..Self::default() }
    }

    pub(crate) fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    pub(crate) fn cause(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// A command to run or a thing to change, complete enough to paste.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    pub(crate) fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// Names as they stand in a sentence, each in backticks.
pub(crate) fn listed(names: impl IntoIterator<Item: fmt::Display>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// The first of many names, and how many there are besides: `a`, `b` and 3 more.
pub(crate) fn first_of(names: &[impl fmt::Display], most: usize) -> String {
    let first = listed(names.iter().take(most));
    match names.len().saturating_sub(most) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// The one of `known` that a person who typed `given` probably meant: one slip away, or alike in letters and their order.
pub(crate) fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given = given.to_lowercase();
    let score = |name: &str| {
        let name = name.to_lowercase();
        let is_slip = given.chars().count() > 2 && strsim::damerau_levenshtein(&given, &name) <= 1;
        strsim::jaro_winkler(&given, &name) + if is_slip { 1.0 } else { 0.0 }
    };
    known
        .into_iter()
        .map(|name| (score(name), name))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_characters_from_one() {
        let place = Place::of("f", "ä = 1\nöö = xyz\n", &(14..17));
        assert_eq!((place.line, place.column, place.width), (2, 6, 3));
        assert_eq!(place.text, "öö = xyz");
    }

    #[test]
    fn a_place_beyond_the_end_is_the_end() {
        let place = Place::of("f", "ab", &(7..9));
        assert_eq!((place.line, place.column, place.width), (1, 3, 1));
    }

    #[test]
    fn the_nearest_name_is_near() {
        assert_eq!(nearest("recipies", ["recipes", "flow"]), Some("recipes"));
        assert_eq!(nearest("rnu", ["env", "run"]), Some("run"));
        assert_eq!(nearest("zzz", ["recipes", "flow"]), None);
    }

    #[test]
    fn many_names_are_told_by_the_first() {
        let names = ["a", "b", "c"];
        let told = [2, 3, 4].map(|most| first_of(&names, most));
        assert_eq!(told, ["`a`, `b` and 1 more", "`a`, `b`, `c`", "`a`, `b`, `c`"]);
    }
}
