//! From a server into the store of this machine: a result, then everything that it names. Nothing is believed before it is all here and has the
//! content that its name says.

use std::collections::HashMap;
use std::io::Write as _;

use blake3::{Hash, Hasher};

use super::action::{ActionResult, Odd, Text};
use super::blob;
use super::curl::{Came, Curl, Trouble};
use super::digest::{Adder, Digest};
use super::frames::Part;
use super::judge::judge;
use crate::recipe::cache::files::Globs;
use crate::recipe::cache::log::Log;
use crate::recipe::cache::store::{Draft, Entry, Output, Store};

/// A result names a hundred thousand outputs in less.
const LONGEST_RESULT: usize = 24 * 1024 * 1024;

/// How many connections share what belongs to one result.
const LANES: usize = 4;

/// So few are fetched over one.
const FEW: usize = 8;

/// Which result is wanted.
#[derive(Debug)]
pub(super) struct Wanted {
    /// From `ac/` on.
    pub(super) name: String,
    pub(super) recipe: String,
    pub(super) outputs: Globs,
}

/// What a server has of it.
#[derive(Debug)]
pub(super) enum Fetched {
    /// All of it is in the store now.
    Entry(Entry),
    Nothing,
    /// Something that is of no use; why, as the rest of a sentence about the result.
    Odd(String),
}

impl From<Odd> for Fetched {
    fn from(Odd(why): Odd) -> Self {
        Self::Odd(why)
    }
}

/// # Errors
/// Where the server is of no use.
pub(super) fn fetch(wanted: &Wanted, curl: &Curl, store: &Store) -> Result<Fetched, Trouble> {
    let mut bytes = Vec::new();
    let (mut status, mut is_too_long) = (None, false);
    let end = curl.fetch(std::slice::from_ref(&wanted.name), 0, |part| {
        match part {
            Part::Body(more) if bytes.len() + more.len() > LONGEST_RESULT => is_too_long = true,
            Part::Body(more) => bytes.extend_from_slice(more),
            Part::End(ended) => status = Some(ended),
        }
        (!is_too_long).then_some(())
    })?;
    if is_too_long {
        return Ok(Fetched::Odd("is longer than any result".to_owned()));
    }
    match end.judge(status)? {
        Came::Whole => {}
        Came::Missing => return Ok(Fetched::Nothing),
        Came::Short => return Ok(Fetched::Odd("was cut off on its way".to_owned())),
    }
    let result = match ActionResult::decode(&bytes) {
        Ok(result) => result,
        Err(odd) => return Ok(odd.into()),
    };
    if let Err(odd) = judge(&result, &wanted.outputs, store.most()) {
        return Ok(odd.into());
    }
    let known = match content(&result, curl, store) {
        Ok(known) => known,
        Err(Stop::Trouble(trouble)) => return Err(trouble),
        Err(Stop::Gone) => return Ok(Fetched::Nothing),
        Err(Stop::Odd(why)) => return Ok(Fetched::Odd(why)),
    };
    Ok(match entry(&result, &wanted.recipe, &known, store) {
        Ok(entry) => Fetched::Entry(entry),
        Err(error) => Fetched::Odd(format!("cannot be kept here: {error}")),
    })
}

/// Why a result does not come to be here.
#[derive(Debug)]
enum Stop {
    Trouble(Trouble),
    /// What it names is not there any more: servers throw things away.
    Gone,
    Odd(String),
}

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

/// Content by what it is called there: what it is called here, and how large it is.
type Known = HashMap<Digest, Hash>;

/// Brings all content of a result into the store.
fn content(result: &ActionResult, curl: &Curl, store: &Store) -> Result<Known, Stop> {
    let said = [result.stdout, result.stderr].into_iter().filter_map(|text| match text {
        Text::Blob(digest) => Some(digest),
        _ => None,
    });
    let mut wanted: Vec<Digest> = result.files.iter().map(|file| file.digest).chain(said).collect();
    wanted.sort_unstable_by_key(|digest| (digest.size, digest.hash.to_string()));
    wanted.dedup();
    let mut known = Known::new();
    // Nothing need not be fetched, and some servers do not keep it.
    wanted.retain(|digest| !digest.is_empty());
    let nothing = store.keep_bytes(b"").map_err(|error| Stop::Odd(format!("cannot be kept here: {error}")))?;
    known.insert(Digest::of(b""), nothing);
    if wanted.len() <= FEW {
        known.extend(lane(&wanted, curl, store)?);
        return Ok(known);
    }
    let mut lanes = vec![Vec::new(); LANES];
    for (at, digest) in wanted.into_iter().enumerate() {
        lanes[at % LANES].push(digest);
    }
    let fetched = std::thread::scope(|scope| {
        let started: Vec<_> = lanes.iter().map(|wanted| scope.spawn(|| lane(wanted, curl, store))).collect();
        let died = |_| Err(Stop::Odd("could not be fetched".to_owned()));
        started.into_iter().map(|lane| lane.join().unwrap_or_else(died)).collect::<Result<Vec<_>, _>>()
    })?;
    known.extend(fetched.into_iter().flatten());
    Ok(known)
}

/// A piece of content on its way.
struct Coming {
    draft: Draft,
    here: Hasher,
    there: Adder,
}

/// Brings content into the store, one piece after another.
fn lane(wanted: &[Digest], curl: &Curl, store: &Store) -> Result<Known, Stop> {
    let names: Vec<String> = wanted.iter().map(blob).collect();
    let largest = wanted.iter().map(|digest| digest.size).max().unwrap_or_default();
    let mut known = Known::new();
    let (mut coming, mut status, mut stop, mut is_certain) = (None, None, None, false);
    let end = curl.fetch(&names, largest, |part| {
        // Whether what came short was cut off or took too long is known when curl has said so.
        if stop.is_some() {
            return Some(());
        }
        if let Part::End(ended) = part {
            status = Some(ended);
        }
        match take(part, wanted, &mut coming, &mut known, store) {
            Ok(Taken::More) => {}
            Ok(Taken::Whole) => status = None,
            Ok(Taken::Short) => stop = Some("was cut off on its way".to_owned()),
            Err(why) => {
                (stop, is_certain) = (Some(why), true);
                return None;
            }
        }
        Some(())
    })?;
    if known.len() == wanted.len() {
        return Ok(known);
    }
    if let Some(why) = stop.take_if(|_| is_certain) {
        return Err(Stop::Odd(why));
    }
    match (stop, end.judge(status)?) {
        (Some(why), _) => Err(Stop::Odd(why)),
        (None, Came::Missing) => Err(Stop::Gone),
        (None, _) => Err(Stop::Odd("was cut off on its way".to_owned())),
    }
}

/// What the next part has come to.
enum Taken {
    More,
    Whole,
    Short,
}

/// Takes the next part in.
fn take(
    part: Part,
    wanted: &[Digest],
    coming: &mut Option<Coming>,
    known: &mut Known,
    store: &Store,
) -> Result<Taken, String> {
    let Some(digest) = wanted.get(known.len()) else { return Err("came with more than was asked for".to_owned()) };
    let kept = |error: std::io::Error| format!("cannot be kept here: {error}");
    if coming.is_none() {
        let draft = store.draft().map_err(kept)?;
        *coming = Some(Coming { draft, here: Hasher::new(), there: Adder::default() });
    }
    let Some(it) = coming else { return Ok(Taken::More) };
    match part {
        Part::Body(bytes) => {
            it.there.add(bytes);
            if it.there.size() > digest.size {
                return Err(format!("comes with more than it should: `{}`", blob(digest)));
            }
            it.here.update(bytes);
            it.draft.write_all(bytes).map_err(kept)?;
            Ok(Taken::More)
        }
        Part::End(200) => {
            let Some(it) = coming.take() else { return Ok(Taken::More) };
            if it.there.size() < digest.size {
                return Ok(Taken::Short);
            }
            if it.there.digest() != *digest {
                return Err(format!("comes with something else than it should: `{}`", blob(digest)));
            }
            let here = it.here.finalize();
            store.keep_draft(it.draft, &here).map_err(kept)?;
            known.insert(*digest, here);
            Ok(Taken::Whole)
        }
        Part::End(_) => Ok(Taken::More),
    }
}

/// The result as the store of this machine knows them.
fn entry(result: &ActionResult, recipe: &str, known: &Known, store: &Store) -> std::io::Result<Entry> {
    let here = |digest: &Digest| known.get(digest).copied().ok_or(std::io::ErrorKind::NotFound);
    let mut outputs = Vec::new();
    for file in &result.files {
        let digest = here(&file.digest)?;
        let (path, size) = (file.path.to_owned(), file.digest.size);
        outputs.push(Output { path, digest, size, mode: file.mode, link: None });
    }
    for (path, target) in &result.links {
        let digest = blake3::hash(target.as_bytes());
        let (path, size, link) = ((*path).to_owned(), target.len() as u64, Some((*target).to_owned()));
        outputs.push(Output { path, digest, size, mode: 0o777, link });
    }
    outputs.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    let text = |text: Text| match text {
        Text::Nothing => Ok(Vec::new()),
        Text::Inline(bytes) => Ok(bytes.to_vec()),
        Text::Blob(digest) => store.bytes(&here(&digest)?).ok_or(std::io::ErrorKind::NotFound),
    };
    let log = Log::weave(&text(result.stdout)?, &text(result.stderr)?, &result.order);
    let log = if log.as_bytes().is_empty() { None } else { Some(store.keep_bytes(log.as_bytes())?) };
    let seconds = std::time::Duration::from_nanos(result.time).as_secs_f64();
    Ok(Entry { recipe: recipe.to_owned(), outputs, log, seconds })
}
