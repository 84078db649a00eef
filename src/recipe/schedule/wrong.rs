//! What is wrong with a schedule's text, and where in it.

/// What is wrong with an expression, and where: columns count from 0, in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) column: usize,
    pub(super) width: usize,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl Wrong {
    pub(super) fn new(column: usize, text: &str, message: impl Into<String>) -> Self {
        Self { column, width: text.chars().count().max(1), message: message.into(), hint: None }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same in a text that has `columns` more characters in front.
    pub(super) fn shift(mut self, columns: usize) -> Self {
        self.column += columns;
        self
    }
}

/// The words of a line, each with its column.
pub(super) fn words(line: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut start = None;
    for (column, (at, character)) in line.char_indices().enumerate() {
        match (character.is_whitespace(), start) {
            (false, None) => start = Some((column, at)),
            (true, Some((column, from))) => {
                words.push((column, &line[from..at]));
                start = None;
            }
            _ => {}
        }
    }
    words.extend(start.map(|(column, from)| (column, &line[from..])));
    words
}
