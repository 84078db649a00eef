//! Lines in texts of somebody else's: at the end, or at a line that is known by something in it.

use std::ops::Range;

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
    if !places(text, lines).is_empty() {
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

/// The text without the lines that were put in as `inserted`; `None` where it does not have them. Only whole lines go: those that stand there as they
/// were put in, and otherwise those that are only indented in another way.
///
/// # Errors
/// Where several places fit equally well: one of them is the user's.
pub(super) fn take(text: &str, lines: &str, inserted: &str) -> Result<Option<String>, String> {
    let all = places(text, lines);
    let exact: Vec<Range<usize>> =
        all.iter().filter(|place| is_inserted(&text[place.start..place.end], inserted)).cloned().collect();
    let range = match (exact.as_slice(), all.as_slice()) {
        ([one], _) | ([], [one]) => one.clone(),
        ([], []) => return Ok(None),
        _ => return Err("it is there more than once".to_owned()),
    };
    let (before, after) = (&text[..range.start], &text[range.end..]);
    // A last line that had no newline got one, which is nobody's where other lines follow by now.
    let is_ended = after.is_empty() && inserted.len() == range.len() + 1 && inserted.starts_with('\n');
    let before = if is_ended { before.strip_suffix('\n').unwrap_or(before) } else { before };
    Ok(Some(format!("{before}{after}")))
}

/// The same where they stand just as they were put in, once.
pub(super) fn take_exactly(text: &str, lines: &str, inserted: &str) -> Option<String> {
    let is_there = places(text, lines).iter().any(|place| is_inserted(&text[place.start..place.end], inserted));
    if is_there { take(text, lines, inserted).ok().flatten() } else { None }
}

/// The text from which putting in the lines made `text`, where they stand just as they were put in, and nothing followed a line that had no newline.
pub(super) fn undone(text: &str, lines: &str, inserted: &str) -> Option<String> {
    let all = places(text, lines);
    let [place] = all.as_slice() else { return None };
    let is_ended = inserted.len() > place.len() && place.end < text.len();
    if is_ended { None } else { take_exactly(text, lines, inserted) }
}

/// Whether the lines stand there, one behind the other.
pub(super) fn are_there(text: &str, lines: &str) -> bool {
    !places(text, lines).is_empty()
}

/// Whether some of the lines stand there. What many texts have, brackets and the like, is no sign of that.
pub(super) fn are_there_in_part(lines: &str, text: &str) -> bool {
    let tells = |line: &&str| line.chars().filter(|c| c.is_alphanumeric()).count() > 2;
    lines.lines().map(str::trim).filter(tells).any(|wanted| text.lines().any(|line| line.trim() == wanted))
}

/// Whether these whole lines are what was put in. That is known by a difference of texts, which may begin in the midst of a line that begins like
/// the one before, and then ends as far into another.
fn is_inserted(block: &str, inserted: &str) -> bool {
    inserted.strip_prefix('\n') == Some(block) || (inserted.len() == block.len() && block.repeat(2).contains(inserted))
}

/// Where the lines stand, one behind the other, however they are indented.
fn places(text: &str, lines: &str) -> Vec<Range<usize>> {
    let wanted: Vec<&str> = lines.lines().map(str::trim).collect();
    let all: Vec<(usize, &str)> = starts(text).collect();
    let windows = all.windows(wanted.len().max(1)).filter(|window| {
        window.len() == wanted.len() && window.iter().zip(&wanted).all(|((_, line), wanted)| line.trim() == *wanted)
    });
    windows.filter_map(|window| Some(window.first()?.0..window.last().map(|(at, line)| at + line.len())?)).collect()
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

    #[test]
    fn whole_lines_go_and_none_of_the_users() {
        for (text, lines, inserted, expected) in [
            ("target/\npackages/*/dist/\nnode_modules/\n", "/dist/\n", "/dist/\n", Ok(None)),
            ("target/\n/dist/\n", "/dist/\n", "\n/dist/\n", Ok(Some("target/"))),
            ("target/\n/dist/\nmore\n", "/dist/\n", "\n/dist/\n", Ok(Some("target/\nmore\n"))),
            ("  x\na\nx\n", "x\n", "  x\n", Ok(Some("a\nx\n"))),
            ("a\n\tx\n", "x\n", "x\n", Ok(Some("a\n"))),
            ("x\na\nx\n", "x\n", "x\n", Err("it is there more than once")),
            ("\tx\na\n  x\n", "x\n", "x\n", Err("it is there more than once")),
            ("b\nbc\n", "b\n", "\nb", Ok(Some("bc\n"))),
        ] {
            let expected = expected.map(|text: Option<&str>| text.map(ToOwned::to_owned)).map_err(ToOwned::to_owned);
            assert_eq!(take(text, lines, inserted), expected, "{text:?} without {lines:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_put_in_is_taken_out(text in "([ab ]{0,3}\n){0,6}", lines in "([cd]{1,3}\n){1,3}") {
            let new = put(&text, &lines, &Place::End).expect("there is an end").expect("nothing of it is there");
            prop_assert_eq!(take(&new, &lines, &new[text.len()..]), Ok(Some(text)));
        }

        #[test]
        fn lines_of_the_user_are_not_cut(text in "([ab/ ]{0,4}\n){0,6}[ab/]{0,2}", lines in "([ab/]{1,2}\n){1,2}", more in "([ab/ ]{0,4}\n){0,4}") {
            let Ok(Some(new)) = put(&text, &lines, &Place::End) else { return Ok(()) };
            let inserted = &new[text.len()..];
            let after = format!("{new}{more}");
            if let Ok(Some(without)) = take(&after, &lines, inserted) {
                let rest: Vec<&str> = text.lines().chain(more.lines()).collect();
                prop_assert_eq!(without.lines().collect::<Vec<_>>(), rest);
            }
        }
    }
}
