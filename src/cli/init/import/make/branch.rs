//! Conditionals of Makefiles: which of them can be told without make.

/// What is known of a conditional.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Branch {
    /// It holds on every system that prodev runs on.
    Taken,
    /// It does not.
    Dropped,
    /// One before it has held, whatever comes.
    Done,
    /// It holds where this variable is not defined, which is what `?=` asks as well.
    Undefined(String),
    /// Only make can tell.
    Unsure,
}

impl Branch {
    pub(super) fn of(line: &str) -> Self {
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        let sides = match word {
            "ifeq" | "ifneq" => rest
                .strip_prefix('(')
                .and_then(|inner| inner.strip_suffix(')'))
                .and_then(|inner| inner.rsplit_once(','))
                .or_else(|| rest.split_once(char::is_whitespace)),
            _ => None,
        };
        let Some((left, right)) = sides else { return Self::Unsure };
        let bare = |side: &str| side.trim().trim_matches(['"', '\'']).replace('{', "(").replace('}', ")");
        match (word, bare(left).as_str(), bare(right).as_str()) {
            // The system has told its name there, and nowhere else.
            ("ifeq", "$(OS)", "Windows_NT") | ("ifeq", "Windows_NT", "$(OS)") => Self::Dropped,
            ("ifneq", "$(OS)", "Windows_NT") | ("ifneq", "Windows_NT", "$(OS)") => Self::Taken,
            // `ifndef` and `ifeq ($(X),)` hold for an empty value as well, and nothing of prodev does.
            ("ifeq", left, "undefined") => match left.strip_prefix("$(origin ").and_then(|name| name.strip_suffix(')'))
            {
                Some(name) => Self::Undefined(name.trim().to_owned()),
                None => Self::Unsure,
            },
            _ => Self::Unsure,
        }
    }

    /// Behind `else`, with the condition that may follow it.
    pub(super) fn other(&self, condition: &str) -> Self {
        match (self, condition) {
            (Self::Taken | Self::Done, _) => Self::Done,
            (Self::Dropped, "") => Self::Taken,
            (Self::Dropped, condition) => Self::of(condition),
            (Self::Undefined(_) | Self::Unsure, _) => Self::Unsure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditionals_are_told_where_they_can_be() {
        let undefined = |name: &str| Branch::Undefined(name.to_owned());
        let cases = [
            ("ifeq ($(OS),Windows_NT)", Branch::Dropped),
            ("ifeq \"$(OS)\" \"Windows_NT\"", Branch::Dropped),
            ("ifneq (${OS}, Windows_NT)", Branch::Taken),
            ("ifndef X", Branch::Unsure),
            ("ifeq ($(X),)", Branch::Unsure),
            ("ifeq ($(origin X),undefined)", undefined("X")),
            ("ifeq ($(X),1)", Branch::Unsure),
            ("ifdef X", Branch::Unsure),
            ("ifeq ($(shell uname),)", Branch::Unsure),
            ("ifeq", Branch::Unsure),
        ];
        for (line, expected) in cases {
            assert_eq!(Branch::of(line), expected, "{line}");
        }
        assert_eq!(Branch::Dropped.other(""), Branch::Taken);
        assert_eq!(Branch::Dropped.other("ifeq ($(origin X),undefined)"), undefined("X"));
        assert_eq!(Branch::Taken.other("ifdef X"), Branch::Done);
        assert_eq!(undefined("X").other(""), Branch::Unsure);
    }
}
