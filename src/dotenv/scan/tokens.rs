//! Finds what looks like a secret in a text: by the shape that a service gives its tokens, or by the name that a value has.

use std::sync::{LazyLock, OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::bytes::{Regex, RegexBuilder};

use super::decoys;
use super::named;
use super::rules::KINDS;

/// What was found, and where: the bytes of the secret itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) kind: &'static str,
    pub(super) what: String,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// All marks of all kinds, then the words that a telling name has.
static MARKS: LazyLock<(AhoCorasick, Vec<usize>)> = LazyLock::new(|| {
    let mut owners = Vec::new();
    let mut marks: Vec<&str> = Vec::new();
    for (index, kind) in KINDS.iter().enumerate() {
        marks.extend(kind.marks);
        owners.extend(kind.marks.iter().map(|_| index));
    }
    marks.extend(named::WORDS);
    owners.extend(named::WORDS.iter().map(|_| KINDS.len()));
    let finder = AhoCorasick::builder().ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA)).build(marks);
    (finder.expect("the marks are few and short"), owners)
});

/// Compiled when a text has a mark for the first time: most never are.
static PATTERNS: [OnceLock<Regex>; KINDS.len()] = [const { OnceLock::new() }; KINDS.len()];

fn pattern(index: usize) -> &'static Regex {
    PATTERNS[index].get_or_init(|| {
        let built = RegexBuilder::new(KINDS[index].pattern).unicode(false).build();
        built.expect("a test compiles every pattern")
    })
}

/// What kind of file a text comes from, as far as that says what stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Programs: a value without quotes is an expression.
    Code,
    /// Settings, where values need no quotes.
    Settings,
    /// What machines wrote for machines, full of digests: only tokens with a shape of their own are looked for.
    Generated,
}

/// Everything in `text` that looks like a secret, in order, each place once.
pub(super) fn find(text: &[u8], place: Place) -> Vec<Hit> {
    let (finder, owners) = &*MARKS;
    let mut wanted = [false; KINDS.len() + 1];
    let mut names: Vec<usize> = Vec::new();
    for mark in finder.find_overlapping_iter(text) {
        let owner = owners[mark.pattern().as_usize()];
        wanted[owner] = true;
        if owner == KINDS.len() && place != Place::Generated {
            names.push(mark.start());
        }
    }
    let mut hits: Vec<Hit> = Vec::new();
    for (index, kind) in KINDS.iter().enumerate().filter(|(index, _)| wanted[*index]) {
        for groups in pattern(index).captures_iter(text) {
            let Some(found) = groups.iter().skip(1).flatten().next().or_else(|| groups.get(0)) else { continue };
            let token = String::from_utf8_lossy(found.as_bytes());
            if decoys::entropy(found.as_bytes()) >= kind.entropy && !is_decoy(kind.id, &token) {
                add(
                    &mut hits,
                    Hit { kind: kind.id, what: kind.what.to_owned(), start: found.start(), end: found.end() },
                );
            }
        }
    }
    for hit in named::find(text, &names, place) {
        add(&mut hits, hit);
    }
    hits.sort_by_key(|hit| hit.start);
    hits
}

/// Takes a hit in, unless a more telling one has its place.
fn add(hits: &mut Vec<Hit>, hit: Hit) {
    if !hits.iter().any(|other| other.start < hit.end && hit.start < other.end) {
        hits.push(hit);
    }
}

fn is_decoy(kind: &str, token: &str) -> bool {
    match kind {
        "url-password" => decoys::is_harmless_password(token),
        "jwt" => !is_jwt(token),
        "npm-token" | "netrc-password" | "authorization-header" => decoys::is_harmless(token),
        "docker-auth" => decoys::is_example(token) || !is_pair(token),
        _ => decoys::is_example(token),
    }
}

/// The head of a signed token is JSON that names an algorithm.
fn is_jwt(token: &str) -> bool {
    use base64::Engine as _;
    let head = token.split('.').next().unwrap_or_default();
    let head = base64::engine::general_purpose::URL_SAFE_NO_PAD_INDIFFERENT.decode(head).unwrap_or_default();
    head.windows(5).any(|window| window == b"\"alg\"") && !decoys::is_example(token)
}

/// `user:password` in base64.
fn is_pair(token: &str) -> bool {
    use base64::Engine as _;
    let pair = base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT.decode(token).unwrap_or_default();
    pair.iter().position(|byte| *byte == b':').is_some_and(|at| at > 0 && at + 1 < pair.len())
}
