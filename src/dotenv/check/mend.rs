//! `--fix`: what the rules find is mended wherever nobody reads another value afterwards, which is proven by reading; what would change one is left to
//! `--unsafe`.

use std::collections::{BTreeSet, HashMap, HashSet};

use indexmap::IndexMap;

use super::lint::{Severities, is_mended, lint, settle};
use super::meaning::{Meanings, around};
use super::portable;
use super::rename::Renames;
use super::rules::{Mend, Rule};
use super::subject::{Edit, Look, Mark};
use crate::config::environment::Dialect;
use crate::dotenv::evaluate::evaluate_all;
use crate::dotenv::lexer::parse;

/// What is mended can make room for more; after this many rounds whatever is left stays.
pub(super) const ROUNDS: usize = 16;

/// How many sources are read at most to find out which of several changes does not fit, where they cannot be told apart by their places.
const TRIES: usize = 256;

/// How a file is mended.
#[derive(Debug, Clone, Copy)]
pub(super) struct How<'a> {
    pub(super) look: Look<'a>,
    pub(super) severities: &'a Severities,
    /// Everybody who reads the file.
    pub(super) dialects: &'a [Dialect],
    pub(super) names: &'a [&'a str],
    pub(super) is_portable: bool,
    pub(super) is_unsafe: bool,
    /// The names that get others, here and in the files beside it.
    pub(super) renames: &'a Renames,
}

/// A file that was mended.
#[derive(Debug, Default)]
pub(super) struct Mended {
    pub(super) bytes: Vec<u8>,
    /// What was mended without a change of meaning, by rule.
    pub(super) safe: IndexMap<Rule, usize>,
    /// What has another meaning now.
    pub(super) changed: IndexMap<Rule, usize>,
    /// How many references follow names that were changed.
    pub(super) references: usize,
}

impl Mended {
    /// Whether anything is different.
    pub(super) fn is_other(&self) -> bool {
        self.has_other_meaning() || !self.safe.is_empty()
    }

    /// Goes on with what was mended after this.
    pub(super) fn take(&mut self, next: Self) {
        self.bytes = next.bytes;
        self.references += next.references;
        for (own, more) in [(&mut self.safe, next.safe), (&mut self.changed, next.changed)] {
            for (rule, count) in more {
                *own.entry(rule).or_default() += count;
            }
        }
    }

    /// Whether a name or a value is.
    pub(super) fn has_other_meaning(&self) -> bool {
        !self.changed.is_empty() || self.references > 0
    }
}

/// Mends until nothing is left that can be.
pub(super) fn mend(source: &[u8], how: How) -> Mended {
    let renamed = how.renames.changed(source, how.look.dialect);
    let mut mended = Mended { bytes: renamed.bytes, references: renamed.references, ..Mended::default() };
    for rule in renamed.rules {
        *mended.changed.entry(rule).or_default() += 1;
    }
    for _ in 0..ROUNDS {
        let marks = marks(&mended.bytes, how);
        let safe = chosen(&marks, |mark| mark.rule.about().mend == Mend::Fix);
        let fit = prove(&mended.bytes, &safe, how.dialects);
        if !fit.is_empty() {
            count(&mut mended.safe, &fit);
            mended.bytes = with(&mended.bytes, &fit);
            continue;
        }
        if !how.is_unsafe {
            break;
        }
        let fit = changing(&mended.bytes, &marks, how.dialects);
        if fit.is_empty() {
            break;
        }
        count(&mut mended.changed, &fit);
        mended.bytes = with(&mended.bytes, &fit);
    }
    mended
}

/// What is mended although it has another meaning then: as much as makes nothing unreadable.
fn changing<'a>(source: &[u8], marks: &'a [Mark], dialects: &[Dialect]) -> Vec<&'a Mark> {
    // A name that comes again goes only where nobody looked at it before.
    let again = chosen(marks, |mark| mark.rule == Rule::DuplicatedKey);
    if !again.is_empty() {
        let before = Meanings::of(source, dialects);
        let is_same = |bytes: &[u8]| {
            let after = before.read(bytes, dialects);
            before.all.iter().zip(&after).all(|(before, after)| before.ends() == after.ends())
        };
        let fit = bisect(source, &again, &mut TRIES.clone(), &is_same);
        if !fit.is_empty() {
            return fit;
        }
    }
    let others = chosen(marks, |mark| mark.rule != Rule::DuplicatedKey && is_mended(mark.rule, true));
    let before = troubles(source, dialects);
    bisect(source, &others, &mut TRIES.clone(), &|bytes| {
        troubles(bytes, dialects).iter().zip(&before).all(|(after, before)| after <= before)
    })
}

/// What is found in a source, and would be mended.
fn marks(source: &[u8], how: How) -> Vec<Mark> {
    let (subject, mut marks, pardons) = lint(source, how.look, how.severities, how.names);
    if how.is_portable {
        portable::marks(&subject, how.dialects, &mut marks);
        settle(&subject, &mut marks, how.severities, &pardons);
    }
    let changes = |edit: &Edit| &source[edit.span.clone()] != edit.text.as_bytes();
    marks.retain(|mark| mark.edits.iter().any(changes) && is_mended(mark.rule, how.is_unsafe));
    marks
}

fn count(counts: &mut IndexMap<Rule, usize>, marks: &[&Mark]) {
    for mark in marks {
        *counts.entry(mark.rule).or_default() += 1;
    }
}

/// Those that are wanted and do not get into each other's way.
fn chosen(marks: &[Mark], is_wanted: impl Fn(&Mark) -> bool) -> Vec<&Mark> {
    let mut chosen = Vec::new();
    // What is taken: by where it begins, where it ends.
    let mut taken: std::collections::BTreeMap<usize, usize> = std::collections::BTreeMap::new();
    for mark in marks.iter().filter(|mark| is_wanted(mark)) {
        let is_free = |edit: &Edit| {
            let before = taken.range(..=edit.span.start).next_back();
            let after = taken.range(edit.span.start..).next();
            before.is_none_or(|(start, end)| *end <= edit.span.start && *start != edit.span.start)
                && after.is_none_or(|(start, _)| *start >= edit.span.end && *start != edit.span.start)
        };
        if mark.edits.iter().all(is_free) {
            taken.extend(mark.edits.iter().map(|edit| (edit.span.start, edit.span.end)));
            chosen.push(mark);
        }
    }
    chosen
}

/// The source with all edits of these marks.
fn with(source: &[u8], marks: &[&Mark]) -> Vec<u8> {
    let mut edits: Vec<&Edit> = marks.iter().flat_map(|mark| &mark.edits).collect();
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut bytes = Vec::with_capacity(source.len() + 16);
    let mut at = 0;
    for edit in edits {
        bytes.extend(&source[at..edit.span.start]);
        bytes.extend(edit.text.as_bytes());
        at = edit.span.end;
    }
    bytes.extend(&source[at..]);
    bytes
}

/// Whether every dialect reads of the new source what it read of the old one, where names are called otherwise.
pub(super) fn is_same_but_for(old: &[u8], new: &[u8], dialects: &[Dialect], named: &dyn Fn(&str) -> String) -> bool {
    let mut before = Meanings::of(old, dialects);
    before.names = before.names.iter().map(|name| named(name)).collect();
    let after = before.read(new, dialects);
    before.all.iter_mut().zip(&after).all(|(before, after)| {
        before.values.iter_mut().for_each(|one| one.1 = named(&one.1));
        before.differences(after).is_empty()
    })
}

/// Those of the marks after which every dialect reads what it read before.
fn prove<'a>(source: &[u8], marks: &[&'a Mark], dialects: &[Dialect]) -> Vec<&'a Mark> {
    if marks.is_empty() {
        return Vec::new();
    }
    let before = Meanings::of(source, dialects);
    let mut left = marks.to_vec();
    for _ in 0..ROUNDS {
        let after = before.read(&with(source, &left), dialects);
        let differences: BTreeSet<usize> =
            before.all.iter().zip(&after).flat_map(|(before, after)| before.differences(after)).collect();
        if differences.is_empty() {
            return left;
        }
        // The changes at the lines of what is read otherwise.
        let lines: HashSet<usize> = differences.iter().map(|at| line_of(source, *at)).collect();
        let known = lines_of(source);
        let number = |at: usize| known.partition_point(|start| *start <= at);
        let touched: HashSet<usize> = lines.iter().map(|at| number(*at)).collect();
        let count = left.len();
        left.retain(|mark| {
            !mark
                .edits
                .iter()
                .any(|edit| (number(edit.span.start)..=number(edit.span.end)).any(|line| touched.contains(&line)))
        });
        if left.len() == count {
            break;
        }
    }
    let is_same = |bytes: &[u8]| {
        let after = before.read(bytes, dialects);
        before.all.iter().zip(&after).all(|(before, after)| before.differences(after).is_empty())
    };
    bisect(source, &left, &mut TRIES.clone(), &is_same)
}

fn line_of(source: &[u8], at: usize) -> usize {
    source[..at.min(source.len())].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1)
}

/// Where lines begin.
fn lines_of(source: &[u8]) -> Vec<usize> {
    std::iter::once(0)
        .chain(source.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1))
        .collect()
}

/// As many of the marks as fit, found by halves.
fn bisect<'a>(source: &[u8], marks: &[&'a Mark], tries: &mut usize, fits: &dyn Fn(&[u8]) -> bool) -> Vec<&'a Mark> {
    fitting(marks, tries, &|marks| fits(&with(source, marks)))
}

/// As many of all as fit together, found by halves.
pub(super) fn fitting<T: Copy>(all: &[T], tries: &mut usize, fits: &dyn Fn(&[T]) -> bool) -> Vec<T> {
    fn more<T: Copy>(kept: &mut Vec<T>, all: &[T], tries: &mut usize, fits: &dyn Fn(&[T]) -> bool) {
        if all.is_empty() || *tries == 0 {
            return;
        }
        *tries -= 1;
        let count = kept.len();
        kept.extend(all);
        if fits(kept) {
            return;
        }
        kept.truncate(count);
        if all.len() > 1 {
            let (one, other) = all.split_at(all.len() / 2);
            more(kept, one, tries, fits);
            more(kept, other, tries, fits);
        }
    }
    let mut kept = Vec::new();
    more(&mut kept, all, tries, fits);
    kept
}

/// How much each dialect finds unreadable.
fn troubles(source: &[u8], dialects: &[Dialect]) -> Vec<usize> {
    let nothing = HashMap::new();
    dialects.iter().map(|dialect| evaluate_all(&parse(source, *dialect), *dialect, &around(&nothing)).1.len()).collect()
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;
    use proptest::prelude::*;

    use super::*;
    use crate::config::environment::Environment;
    use crate::config::value::Severity;
    use crate::dotenv::check::rename::{Scene, Source};
    use crate::dotenv::check::rules::TABLE;
    use crate::dotenv::evaluate::evaluate;

    fn mended(source: &[u8], dialects: &[Dialect], is_unsafe: bool, is_portable: bool) -> Mended {
        let config = Environment::default();
        let known = HashSet::new();
        let look = Look {
            shown: ".env",
            dialect: dialects[0],
            config: &config,
            known: &known,
            is_example: false,
            show_secrets: false,
        };
        let severities = Severities::new(TABLE.iter().map(|_| Severity::Error));
        let files = [Source { look, bytes: source }];
        let readers = HashMap::new();
        let scene = Scene {
            files: &files,
            others: &[],
            readers: &readers,
            unread: None,
            severities: &severities,
            dialects,
            names: &[],
        };
        let renames = if is_unsafe { Renames::of(scene) } else { Renames::default() };
        mend(
            source,
            How { look, severities: &severities, dialects, names: &[], is_portable, is_unsafe, renames: &renames },
        )
    }

    fn text(source: &str, dialects: &[Dialect], is_unsafe: bool) -> String {
        String::from_utf8(mended(source.as_bytes(), dialects, is_unsafe, false).bytes).unwrap()
    }

    #[test]
    fn what_changes_nothing_is_mended() {
        let cases = [
            ("A = 1 \n\n\n# c  \n B=2", "A=1\n\n# c\nB=2\n"),
            ("A=x y # c\n", "A=\"x y\" # c\n"),
            ("A=\"x\"\nexport B='1'\n", "A=x\nB=1\n"),
            ("A: b\n", "A=b\n"),
            ("A=b\t# c\nC=d#e\n", "A=b # c\nC=\"d#e\"\n"),
            ("A=1\r\nB=2\nC=3\r\n", "A=1\r\nB=2\r\nC=3\r\n"),
            ("\u{feff}A=1\n", "A=1\n"),
            ("A=\"x \n\n\n y\"\n", "A=\"x \n\n\n y\"\n"),
            ("a=1\nA=1\nA=2\nB-C=1\nD\n", "a=1\nA=1\nA=2\nB-C=1\nD\n"),
        ];
        for (source, expected) in cases {
            assert_eq!(text(source, &[Dialect::Default], false), expected, "{source:?}");
        }
    }

    #[test]
    fn what_changes_something_for_one_dialect_is_left() {
        assert_eq!(text("A=1 \nB=2 \n", &[Dialect::Default, Dialect::Docker], false), "A=1 \nB=2 \n");
        assert_eq!(text("A=b#c\n", &[Dialect::Default, Dialect::Dotenv], false), "A=b#c\n");
        assert_eq!(text("\u{feff}A=1\n", &[Dialect::Default, Dialect::Node], false), "\u{feff}A=1\n");
        assert_eq!(text("A=\"x\"\n", &[Dialect::Default, Dialect::Docker], false), "A=\"x\"\n");
    }

    #[test]
    fn what_changes_something_is_done_where_it_is_asked_for() {
        let cases = [
            ("a=1\nB=x$a-${a}-${a:-d}-${ab}-$$a\nC='$a'\n", "A=1\nB=x$A-${A}-${A:-d}-${ab}-$$a\nC='$a'\n"),
            ("a=1\nB=${X:+${a}}\n", "A=1\nB=${X:+${A}}\n"),
            ("a-b=1\nB=${a-b}\n", "A_B=1\nB=${a-b}\n"),
            ("a=1\na=${a}2\nA2=3\nA2=4\n", "A=1\nA=${A}2\n# A2=3\nA2=4\n"),
            // What would be two of one name, and what is one for every program.
            ("a=1\nA=1\n", "a=1\nA=1\n"),
            ("a-b=1\nA.b=2\n", "a-b=1\nA.b=2\n"),
            ("a=1\nB=$A\n", "a=1\nB=$A\n"),
            ("path=1\n", "path=1\n"),
            (
                "a=1 # prodev:allow\nB=1\na=2 # prodev:allow duplicated-key\n",
                "a=1 # prodev:allow\nB=1\na=2 # prodev:allow duplicated-key\n",
            ),
            ("A=\"x\ny\"\nA=2\n", "# A=\"x\n# y\"\nA=2\n"),
            ("B-C=1\nD\n", "B_C=1\nD=\n"),
        ];
        for (source, expected) in cases {
            assert_eq!(text(source, &[Dialect::Default], true), expected, "{source:?}");
        }
        let both = [Dialect::Compose, Dialect::Python];
        let made = mended(b"A=pa$word\nB=x\nC=$B\nD='${B}'\n", &both, true, true);
        assert_eq!(String::from_utf8(made.bytes).unwrap(), "A='pa$word'\nB=x\nC=${B}\nD='${B}'\n");
    }

    fn sources() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop::sample::select(vec![
            "A",
            "B",
            "c",
            "A=1",
            "B=$A",
            "C=${A}",
            "export ",
            "=",
            ": ",
            " ",
            "  ",
            "\t",
            "\n",
            "\n",
            "\n\n\n",
            "\r\n",
            "'",
            "\"",
            "`",
            "#",
            " # c",
            "\\",
            "$",
            "${A:-x}",
            "x y",
            "x#y",
            "\u{feff}",
            "é",
            "-",
            "$(x)",
            "\"b\"",
            "'b c'",
            "# prodev:off\n",
            "\\n",
        ]);
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat().into_bytes())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn no_value_changes_and_a_second_time_nothing(source in sources(), picks in prop::collection::vec(0_usize..11, 1..4)) {
            let mut dialects: Vec<Dialect> = picks.iter().map(|pick| Dialect::value_variants()[*pick]).collect();
            dialects.dedup();
            let made = mended(&source, &dialects, false, false);
            for dialect in &dialects {
                for environment in [HashMap::new(), HashMap::from([("A".to_owned(), "around".to_owned())])] {
                    let read = |bytes: &[u8]| evaluate(&parse(bytes, *dialect), *dialect, &around(&environment))
                        .ok()
                        .map(|reading| reading.values().into_iter().map(|(key, value)| (key.to_owned(), value.map(str::to_owned))).collect::<Vec<_>>());
                    let before = read(&source);
                    if before.is_some() {
                        prop_assert_eq!(&before, &read(&made.bytes), "{:?}: {:?}", dialect, String::from_utf8_lossy(&made.bytes));
                    }
                }
            }
            let again = mended(&made.bytes, &dialects, false, false);
            prop_assert_eq!(again.bytes, made.bytes);
        }
    }
}
