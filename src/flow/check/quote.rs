//! Names in hints that can be pasted: a shell must take each for one word and nothing more.

/// `text` as one word of a POSIX shell.
pub(super) fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+=:@%,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) && !text.starts_with('-') {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_words_stay_as_they_are() {
        let cases =
            [("feature/a", "feature/a"), ("a b", "'a b'"), ("$(x)", "'$(x)'"), ("it's", "'it'\\''s'"), ("", "''")];
        for (text, expected) in cases {
            assert_eq!(word(text), expected);
        }
    }
}
