//! Lines in texts of somebody else's: at the end, or at a line that is known by something in it.

/// Where lines go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::scaffold) enum Place {
    End,
    /// Behind the only line that has this in it.
    After(String),
    /// Before that line.
    Before(String),
}

/// The text with the lines in it; `None` where it has them already, one behind the other.
///
/// # Errors
/// Why there is no place for them.
pub(super) fn put(text: &str, lines: &str, place: &Place) -> Result<Option<String>, String> {
    if find(text, lines).is_some() {
        return Ok(None);
    }
    let (at, indent) = match place {
        Place::End => (text.len(), ""),
        Place::After(marker) | Place::Before(marker) => {
            let mut found = starts(text).filter(|(_, line)| line.contains(marker.as_str()));
            let (start, line) = found.next().ok_or_else(|| format!("no line has `{marker}` in it"))?;
            if found.next().is_some() {
                return Err(format!("several lines have `{marker}` in them"));
            }
            let at = if matches!(place, Place::Before(_)) { start } else { start + line.len() };
            (at, &line[..line.len() - line.trim_start_matches([' ', '\t']).len()])
        }
    };
    let mut new = text[..at].to_owned();
    if !new.is_empty() && !new.ends_with('\n') {
        new.push('\n');
    }
    for line in lines.lines() {
        new.push_str(if line.is_empty() { "" } else { indent });
        new.push_str(line);
        new.push('\n');
    }
    Ok(Some(new + &text[at..]))
}

/// The text without the lines; `None` where it does not have them.
pub(super) fn take(text: &str, lines: &str) -> Option<String> {
    let range = find(text, lines)?;
    Some(format!("{}{}", &text[..range.start], &text[range.end..]))
}

/// Where the lines stand, one behind the other, however they are indented: the last such place.
fn find(text: &str, lines: &str) -> Option<std::ops::Range<usize>> {
    let wanted: Vec<&str> = lines.lines().map(str::trim).collect();
    let all: Vec<(usize, &str)> = starts(text).collect();
    let last = all.windows(wanted.len().max(1)).rfind(|window| {
        window.len() == wanted.len() && window.iter().zip(&wanted).all(|((_, line), wanted)| line.trim() == *wanted)
    })?;
    let (start, (end, line)) = (last.first()?.0, last.last()?);
    Some(start..end + line.len())
}

/// Each line with its newline, and where it starts.
fn starts(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        (start, line)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_go_where_they_belong() {
        let after = Place::After("# here".to_owned());
        let before = Place::Before("# here".to_owned());
        for (text, place, expected) in [
            ("a\n", &Place::End, "a\nx\ny\n"),
            ("a", &Place::End, "a\nx\ny\n"),
            ("", &Place::End, "x\ny\n"),
            ("a\n  # here\nb\n", &after, "a\n  # here\n  x\n  y\nb\n"),
            ("a\n  # here\nb\n", &before, "a\n  x\n  y\n  # here\nb\n"),
            ("a\n# here", &after, "a\n# here\nx\ny\n"),
        ] {
            assert_eq!(put(text, "x\ny\n", place), Ok(Some(expected.to_owned())), "{text:?} {place:?}");
            assert_eq!(put(expected, "x\ny\n", place), Ok(None), "{text:?} {place:?}");
        }
        assert!(put("a\n", "x\n", &after).is_err());
        assert!(put("# here\n# here\n", "x\n", &after).is_err());
    }

    proptest! {
        #[test]
        fn what_is_put_in_is_taken_out(text in "([ab ]{0,3}\n){0,6}", lines in "([cd]{1,3}\n){1,3}") {
            let new = put(&text, &lines, &Place::End).expect("there is an end").expect("nothing of it is there");
            prop_assert_eq!(take(&new, &lines), Some(text));
        }
    }
}
