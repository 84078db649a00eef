//! How a value is written down so that every dialect that matters reads exactly it: spellings are tried, and each is proven by reading it back.

use std::collections::HashMap;

use indexmap::IndexMap;

use super::evaluate::{Around, evaluate};
use super::lexer::parse;
use super::syntax::Quote;
use crate::config::environment::Dialect;

/// Who is considered beside those that must read it, as far as there is a spelling for all of them: first everybody whose quotes are quotes, then the
/// most used.
const WIDER: [&[Dialect]; 2] = [
    &[
        Dialect::Default,
        Dialect::Compose,
        Dialect::Dotenv,
        Dialect::DotenvExpand,
        Dialect::Dotenvx,
        Dialect::Python,
        Dialect::Node,
        Dialect::Dotenvy,
        Dialect::Direnv,
        Dialect::Sh,
    ],
    &[Dialect::Default, Dialect::Compose, Dialect::Dotenv, Dialect::Dotenvx, Dialect::Python],
];

/// What stands in the place of any variable that a spelling might refer to by mistake.
const POISON: &str = "\u{1}poison";

/// Where a value will stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Site<'a> {
    pub(super) key: &'a str,
    /// What the value that stands there has around it now.
    pub(super) quote: Option<Quote>,
    /// A comment behind it.
    pub(super) comment: Option<&'a str>,
    /// Those that must read the value.
    pub(super) dialects: &'a [Dialect],
}

/// Finds a spelling.
///
/// # Errors
/// The dialects that have none on their own; all of them, where each has one and they do not agree.
pub(super) fn spell(value: &str, site: &Site) -> Result<String, Vec<Dialect>> {
    let candidates = candidates(value, site.quote);
    let environment = poisoned(value, site.key);
    let reads = |spelling: &str, dialect: Dialect| reads_back(spelling, value, site, dialect, &environment);
    // What those that must read it do not read, nobody else needs to be asked about.
    let fit: Vec<&String> =
        candidates.iter().filter(|spelling| site.dialects.iter().all(|dialect| reads(spelling, *dialect))).collect();
    for wider in WIDER {
        if let Some(found) = fit.iter().find(|spelling| wider.iter().all(|dialect| reads(spelling, *dialect))) {
            return Ok((*found).clone());
        }
    }
    if let Some(found) = fit.first() {
        return Ok((*found).clone());
    }
    let alone = |dialect: &&Dialect| !candidates.iter().any(|spelling| reads(spelling, **dialect));
    let without: Vec<Dialect> = site.dialects.iter().filter(alone).copied().collect();
    Err(if without.is_empty() { site.dialects.to_vec() } else { without })
}

/// Whether `dialect` reads `value` where `spelling` stands, and what stands around it as before.
fn reads_back(
    spelling: &str,
    value: &str,
    site: &Site,
    dialect: Dialect,
    environment: &HashMap<String, String>,
) -> bool {
    let comment = site.comment.map(|comment| format!(" {comment}")).unwrap_or_default();
    let source = format!("PRODEV_BEFORE=0\n{}={spelling}{comment}\nPRODEV_AFTER=1\n", site.key);
    let document = parse(source.as_bytes(), dialect);
    let expected = [("PRODEV_BEFORE", "0"), (site.key, value), ("PRODEV_AFTER", "1")];
    [&HashMap::new(), environment].into_iter().all(|environment| {
        let around = Around { environment, earlier: &IndexMap::new(), overrides: false, seals: None };
        evaluate(&document, dialect, &around).is_ok_and(|reading| {
            reading.assignments.len() == expected.len()
                && reading.assignments.iter().zip(expected).all(|(one, (key, value))| {
                    one.key == key && one.value.as_deref() == Some(value) && !one.is_of_environment
                })
        })
    })
}

/// An environment in which every word of the value is a variable.
fn poisoned(value: &str, key: &str) -> HashMap<String, String> {
    let words = value.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
    let known = [key, "PRODEV_BEFORE", "PRODEV_AFTER"];
    words.filter(|word| !known.contains(word)).map(|word| (word.to_owned(), POISON.to_owned())).collect()
}

/// Spellings in the order in which people like them, that of the old value first.
fn candidates(value: &str, quote: Option<Quote>) -> Vec<String> {
    let mut kinds = vec![Quote::None, Quote::Double, Quote::Single, Quote::Backtick, Quote::Mixed];
    if value.contains(['$', '\\', '"']) {
        // Nothing has a meaning in single quotes, almost everywhere.
        kinds.swap(1, 2);
    }
    if let Some(quote) = quote {
        kinds.retain(|kind| *kind != quote);
        kinds.insert(0, quote);
    }
    let mut all = Vec::new();
    let mut bare = Vec::new();
    for kind in kinds {
        let mut more = in_quotes(value, kind);
        if kind == Quote::None && !more.is_empty() {
            // Escapes without quotes are what nobody expects.
            bare = more.split_off(1);
        }
        all.extend(more);
    }
    all.extend(bare);
    all
}

/// The spelling of `value` in these very quotes that prodev chooses by itself, and the number of `raw` among all of them where it is another one.
pub(super) fn number_of(raw: &str, value: &str, quote: Quote, dialect: Dialect) -> Option<u8> {
    let all = in_quotes(value, quote);
    let number = all.iter().position(|spelling| spelling == raw)?;
    (usual(value, quote, dialect).as_deref() != Some(raw)).then_some(u8::try_from(number).ok()?)
}

/// The spelling with this number, in these quotes.
pub(super) fn numbered(number: u8, value: &str, quote: Quote) -> Option<String> {
    in_quotes(value, quote).into_iter().nth(number.into())
}

/// The first spelling in these quotes that `dialect` reads.
pub(super) fn usual(value: &str, quote: Quote, dialect: Dialect) -> Option<String> {
    let environment = poisoned(value, "KEY");
    let site = Site { key: "KEY", quote: None, comment: None, dialects: &[] };
    in_quotes(value, quote).into_iter().find(|spelling| reads_back(spelling, value, &site, dialect, &environment))
}

/// Everything that `quote` might make of a value.
fn in_quotes(value: &str, quote: Quote) -> Vec<String> {
    match quote {
        Quote::None if value.contains('\n') => Vec::new(),
        Quote::None => escaped(value, &[('\\', &["\\\\"]), ('$', &["\\$", "$$"])]),
        Quote::Single => wrapped(escaped(value, &[('\\', &["\\\\"]), ('\'', &["\\'"])]), '\''),
        Quote::Double => wrapped(
            escaped(
                value,
                &[
                    ('"', &["\\\""]),
                    ('\\', &["\\\\"]),
                    ('$', &["\\$", "$$"]),
                    ('`', &["\\`"]),
                    ('\n', &["\\n"]),
                    ('\r', &["\\r"]),
                    ('\t', &["\\t"]),
                ],
            ),
            '"',
        ),
        Quote::Backtick => wrapped(vec![value.to_owned()], '`'),
        Quote::Mixed => vec![format!("'{}'", value.replace('\'', "'\\''"))],
    }
}

fn wrapped(texts: Vec<String>, quote: char) -> Vec<String> {
    texts.into_iter().map(|text| format!("{quote}{text}{quote}")).collect()
}

/// The value as it is, and with each combination of escapes for the characters that it has: one way for all places of one character.
fn escaped(value: &str, ways: &[(char, &[&str])]) -> Vec<String> {
    let ways: Vec<&(char, &[&str])> = ways.iter().filter(|(c, _)| value.contains(*c)).collect();
    let total: usize = ways.iter().map(|(_, escapes)| escapes.len() + 1).product();
    let spelling = |mut number: usize| {
        let chosen: Vec<(char, Option<&str>)> = ways
            .iter()
            .map(|(c, escapes)| {
                let index = number % (escapes.len() + 1);
                number /= escapes.len() + 1;
                (*c, index.checked_sub(1).map(|index| escapes[index]))
            })
            .collect();
        let mut text = String::with_capacity(value.len() + 8);
        for c in value.chars() {
            match chosen.iter().find(|(of, _)| *of == c) {
                Some((_, Some(escape))) => text.push_str(escape),
                _ => text.push(c),
            }
        }
        text
    };
    (0..total).map(spelling).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BIG: [Dialect; 4] = [Dialect::Python, Dialect::Dotenv, Dialect::Compose, Dialect::Dotenvx];

    fn site(dialects: &[Dialect]) -> Site<'_> {
        Site { key: "KEY", quote: None, comment: None, dialects }
    }

    fn awkward() -> Vec<String> {
        serde_json::from_str(include_str!("../../tests/data/dotenv/awkward-values.json")).unwrap()
    }

    #[test]
    fn every_awkward_value_has_a_spelling() {
        for value in awkward() {
            assert!(spell(&value, &site(&[Dialect::Default])).is_ok(), "{value:?}");
            let alike = spell(&value, &site(&BIG));
            assert_eq!(alike.is_ok(), value != "${FOO}", "{value:?}: {alike:?}");
        }
    }

    #[test]
    fn values_are_spelled_as_people_like_them() {
        let cases = [
            ("simple", "simple"),
            ("two words", "\"two words\""),
            ("", ""),
            ("pa$word", "'pa$word'"),
            ("it's", "\"it's\""),
            ("a # b", "\"a # b\""),
            ("{\"a\": 1}", "'{\"a\": 1}'"),
            ("line1\nline2", "\"line1\nline2\""),
        ];
        for (value, spelling) in cases {
            assert_eq!(spell(value, &site(&[Dialect::Default])), Ok(spelling.to_owned()), "{value:?}");
        }
        let quoted = Site { quote: Some(Quote::Single), ..site(&[Dialect::Default]) };
        assert_eq!(spell("simple", &quoted), Ok("'simple'".to_owned()));
    }

    #[test]
    fn what_a_dialect_cannot_hold_names_it() {
        assert_eq!(spell("a\nb", &site(&[Dialect::Default, Dialect::Docker])), Err(vec![Dialect::Docker]));
        assert_eq!(spell("${FOO}", &site(&BIG)), Err(vec![Dialect::Python]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]
        #[test]
        fn any_text_has_a_spelling(value in r#"([a-z"'`$\\#={}() \t\r\n!%~-]|\PC){0,24}"#) {
            prop_assume!(!value.contains('\0'));
            prop_assert!(spell(&value, &site(&[Dialect::Default])).is_ok(), "{value:?}");
        }
    }
}
