//! From the store of this machine to a server: all that a result names first, the result last, so that nobody finds one whose content is not there.

use std::collections::HashSet;
use std::fs::File as Handle;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::action::{ActionResult, File, Odd, Text};
use super::blob;
use super::curl::{Curl, Sent, Trouble};
use super::digest::{Adder, Digest};
use super::judge::judge;
use crate::recipe::cache::files::Globs;
use crate::recipe::cache::log;
use crate::recipe::cache::store::{Draft, Entry, Store};
use crate::ui::Stream;

/// A result that others can use.
#[derive(Debug)]
pub(super) struct Parcel {
    /// From `ac/` on.
    pub(super) name: String,
    pub(super) entry: Entry,
    pub(super) outputs: Globs,
}

impl Parcel {
    /// In bytes.
    pub(super) fn size(&self) -> u64 {
        self.entry.outputs.iter().filter(|output| output.link.is_none()).map(|output| output.size).sum()
    }
}

/// What became of a parcel.
#[derive(Debug)]
pub(super) enum Delivered {
    Whole,
    /// Others could not use it; why, as the rest of a sentence about it.
    Odd(String),
}

/// # Errors
/// Where the server is of no use, or does not take it.
pub(super) fn send(parcel: &Parcel, curl: &Curl, store: &Store) -> Result<Delivered, Trouble> {
    let entry = &parcel.entry;
    let said = entry.log.and_then(|log| store.bytes(&log)).unwrap_or_default();
    let (mut streams, mut order) = ([Vec::new(), Vec::new()], Vec::new());
    for (stream, bytes) in log::pieces(&said) {
        streams[usize::from(stream == Stream::Err)].extend(bytes);
        order.push((stream, bytes.len() as u64));
    }
    // The order of pieces on one stream says nothing.
    if streams.iter().any(Vec::is_empty) {
        order.clear();
    }
    let mut result = ActionResult {
        stdout: Text::of(&streams[0]),
        stderr: Text::of(&streams[1]),
        order,
        time: std::time::Duration::try_from_secs_f64(entry.seconds)
            .ok()
            .and_then(|time| u64::try_from(time.as_nanos()).ok())
            .unwrap_or_default(),
        ..ActionResult::default()
    };
    let mut content: Vec<(Digest, PathBuf)> = Vec::new();
    for output in &entry.outputs {
        if let Some(target) = &output.link {
            result.links.push((&output.path, target));
            continue;
        }
        let path = store.blob_path(&output.digest);
        // It was thrown away in the meantime, as it may.
        let Ok(digest) = sum(&path) else { return Ok(Delivered::Whole) };
        if digest.size != output.size {
            return Ok(Delivered::Whole);
        }
        result.files.push(File { path: &output.path, digest, mode: output.mode });
        content.push((digest, path));
    }
    if let Err(Odd(why)) = judge(&result, &parcel.outputs, u64::MAX) {
        return Ok(Delivered::Odd(why));
    }
    let mut drafts = Vec::new();
    for (text, bytes) in [(result.stdout, &streams[0]), (result.stderr, &streams[1])] {
        if let Text::Blob(digest) = text {
            let Ok(draft) = written(bytes, store) else { return Ok(Delivered::Whole) };
            content.push((digest, draft.path().to_owned()));
            drafts.push(draft);
        }
    }
    let mut known = HashSet::new();
    content.retain(|(digest, _)| !digest.is_empty() && known.insert(*digest));
    let largest = content.iter().map(|(digest, _)| digest.size).max().unwrap_or_default();
    let sent: Vec<Sent> = content.iter().map(|(digest, path)| (blob(digest), path.as_path())).collect();
    curl.send(&sent, largest)?;
    let bytes = result.encode();
    let Ok(draft) = written(&bytes, store) else { return Ok(Delivered::Whole) };
    curl.send(&[(parcel.name.clone(), draft.path())], bytes.len() as u64)?;
    drop(drafts);
    Ok(Delivered::Whole)
}

fn written(bytes: &[u8], store: &Store) -> io::Result<Draft> {
    let mut draft = store.draft()?;
    draft.write_all(bytes)?;
    draft.flush()?;
    Ok(draft)
}

fn sum(path: &Path) -> io::Result<Digest> {
    let (mut file, mut adder) = (Handle::open(path)?, Adder::default());
    let mut buffer = vec![0; 128 * 1024];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(adder.digest()),
            Ok(count) => adder.add(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
