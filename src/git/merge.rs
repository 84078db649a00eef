//! Texts that two sides changed, joined in memory: no repository, no configuration and no attributes have a say.

use anyhow::Context as _;
use git2::{MergeFileInput, MergeFileOptions};

/// Three texts, and what a conflict calls them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sides<'a> {
    pub(crate) base: Side<'a>,
    pub(crate) ours: Side<'a>,
    pub(crate) theirs: Side<'a>,
}

/// A text and its name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Side<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) name: &'a str,
}

/// What a conflict shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Markers {
    /// Both sides.
    #[default]
    Two,
    /// And what was there before.
    Three,
}

/// What became of two changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Merged {
    pub(crate) bytes: Vec<u8>,
    /// Whether both changes fit together; otherwise there are markers.
    pub(crate) is_clean: bool,
}

/// A larger text is nobody's to read, and libgit2 takes it for a binary.
const LONGEST: usize = 512 << 20;

/// Whether bytes can be merged line by line.
pub(crate) fn is_text(bytes: &[u8]) -> bool {
    bytes.len() < LONGEST && !bytes.contains(&0)
}

/// # Errors
/// Where one of them is no text, or there is no memory for it.
pub(crate) fn merge_texts(sides: Sides, markers: Markers) -> anyhow::Result<Merged> {
    let Sides { base, ours, theirs } = sides;
    let settled = if ours.bytes == theirs.bytes || theirs.bytes == base.bytes {
        Some(ours.bytes)
    } else {
        (ours.bytes == base.bytes).then_some(theirs.bytes)
    };
    if let Some(bytes) = settled {
        return Ok(Merged { bytes: bytes.to_vec(), is_clean: true });
    }
    // Of what it takes for a binary libgit2 gives no result at all.
    anyhow::ensure!([base, ours, theirs].iter().all(|side| is_text(side.bytes)), "a binary file cannot be merged");
    // Whoever merges before anything else was asked of libgit2 finds it not set up: a buffer of its own does that.
    drop(git2::Buf::new());
    let [base_text, our_text, their_text] = [base, ours, theirs].map(|side| [FIRST, side.bytes].concat());
    let (mut old, mut one, mut other) = (MergeFileInput::new(), MergeFileInput::new(), MergeFileInput::new());
    old.content(&base_text);
    one.content(&our_text);
    other.content(&their_text);
    let mut options = MergeFileOptions::new();
    options.ancestor_label(base.name).our_label(ours.name).their_label(theirs.name);
    match markers {
        Markers::Two => options.style_standard(true),
        Markers::Three => options.style_diff3(true),
    };
    let merged = git2::merge_file(&old, &one, &other, Some(&mut options))
        .map_err(|error| anyhow::anyhow!("{}", error.message().to_owned()))
        .context("could not merge two texts")?;
    let bytes = merged.content().strip_prefix(FIRST).context("libgit2 lost a line that nobody changed")?;
    Ok(Merged { bytes: bytes.to_vec(), is_clean: merged.is_automergeable() })
}

/// A line that all three texts begin with while they are merged: of an empty result git2 makes no slice.
const FIRST: &[u8] = b"prodev: the first line of all\n";

/// Whether a text still has the markers of a conflict in it.
pub(crate) fn has_markers(bytes: &[u8]) -> bool {
    let mut opened = false;
    for line in bytes.split(|byte| *byte == b'\n') {
        if line.starts_with(b"<<<<<<< ") {
            opened = true;
        } else if opened && line.starts_with(b">>>>>>> ") {
            return true;
        }
    }
    false
}

/// The difference between two files as `git diff` shows it; empty where there is none. `None` stands for a file that is not there.
///
/// # Errors
/// Where libgit2 has no memory for it.
pub(crate) fn unified(path: &str, old: Option<&[u8]>, new: Option<&[u8]>) -> anyhow::Result<String> {
    let mut options = git2::DiffOptions::new();
    let name = std::path::Path::new(path);
    let mut make = || -> Result<String, git2::Error> {
        let mut difference = git2::Patch::from_buffers(
            old.unwrap_or_default(),
            Some(name),
            new.unwrap_or_default(),
            Some(name),
            Some(&mut options),
        )?;
        Ok(String::from_utf8_lossy(&difference.to_buf()?).into_owned())
    };
    let text = make().map_err(|error| anyhow::anyhow!("{}", error.message().to_owned()))?;
    // libgit2 takes an empty side for an empty file, and speaks of blobs that nobody has.
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        let header = !out.contains("\n@@ ") && !line.starts_with("@@ ");
        match line {
            _ if header && line.starts_with("index ") => {}
            _ if header && old.is_none() && line.starts_with("--- ") => out.push_str("--- /dev/null\n"),
            _ if header && new.is_none() && line.starts_with("+++ ") => out.push_str("+++ /dev/null\n"),
            _ => out.push_str(line),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn merge(base: &str, ours: &str, theirs: &str) -> (String, bool) {
        let side = |bytes, name| Side { bytes, name };
        let sides = Sides {
            base: side(base.as_bytes(), "old"),
            ours: side(ours.as_bytes(), "yours"),
            theirs: side(theirs.as_bytes(), "new"),
        };
        let merged = merge_texts(sides, Markers::Two).expect("a merge");
        (String::from_utf8(merged.bytes).expect("a text"), merged.is_clean)
    }

    #[test]
    fn changes_apart_are_joined_and_others_marked() {
        let base = "a\nb\nc\nd\ne\n";
        assert_eq!(merge(base, "A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\n"), ("A\nb\nc\nd\nE\n".to_owned(), true));
        let (text, is_clean) = merge(base, "a\nX\nc\nd\ne\n", "a\nY\nc\nd\ne\n");
        assert_eq!(text, "a\n<<<<<<< yours\nX\n=======\nY\n>>>>>>> new\nc\nd\ne\n");
        assert!(!is_clean && has_markers(text.as_bytes()));
    }

    #[test]
    fn markers_are_told_from_headings() {
        assert!(!has_markers(b"Title\n=======\n<<<<<<<\n"));
        assert!(!has_markers(b">>>>>>> quoted\n"));
        assert!(has_markers(b"x\n<<<<<<< a\n=======\n>>>>>>> b\n"));
    }

    #[test]
    fn a_difference_reads_as_git_writes_it() {
        let text = unified("a b.txt", Some(b"1\n2\n"), Some(b"1\n3\n")).expect("a difference");
        assert!(text.ends_with("@@ -1,2 +1,2 @@\n 1\n-2\n+3\n"), "{text}");
        let text = unified("n", None, Some(b"1\n")).expect("a difference");
        assert!(text.contains("--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+1\n"), "{text}");
        assert_eq!(unified("n", Some(b"1"), Some(b"1")).expect("none"), "");
    }

    proptest! {
        #[test]
        fn no_line_that_a_side_added_is_lost(base in "([ab]\n){0,6}", ours in "([abx]\n){0,6}", theirs in "([aby]\n){0,6}") {
            let (text, is_clean) = merge(&base, &ours, &theirs);
            prop_assert_eq!(has_markers(text.as_bytes()), !is_clean);
            let count = |text: &str, line: &str| text.lines().filter(|it| *it == line).count();
            prop_assert!(count(&text, "x") >= count(&ours, "x"));
            prop_assert!(count(&text, "y") >= count(&theirs, "y"));
            prop_assert_eq!(merge(&base, &base, &theirs), (theirs.clone(), true));
            prop_assert_eq!(merge(&base, &ours, &ours), (ours, true));
        }
    }
}
