//! The folder in which outputs are kept: blobs by their digests, results by their keys, and what each recipe last did. Everything appears whole, under a
//! name that tells its content or that only one recipe uses, so that several prodevs can work in it and any of them be killed.
#![allow(clippy::disallowed_methods, reason = "these are prodev's own files, beside the project")]

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use blake3::{Hash, Hasher};
use serde::{Deserialize, Serialize};

use super::state::State;
use super::survey::{Bounds, Survey};
use crate::config::value;
use crate::ctx::{self, Ctx};
use crate::error::{Exit, Failure, fail};

/// The form of the folder. Another one lies beside it.
const FORM: &str = "v1";

/// How large it gets where nobody says.
const MOST: u64 = 5 << 30;

/// A file of the store that has no name yet; it goes away unless it gets one.
pub(super) type Draft = tempfile::NamedTempFile;

#[derive(Debug, Clone)]
pub(crate) struct Store {
    root: PathBuf,
    /// The most that it is to hold, in bytes.
    most: u64,
}

/// What a recipe made from one key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) recipe: String,
    pub(super) outputs: Vec<Output>,
    /// The blob of what the recipe said.
    pub(super) log: Option<Hash>,
    /// How long it took, in seconds.
    pub(super) seconds: f64,
}

/// A file that a recipe made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Output {
    pub(super) path: String,
    /// Of the content; of what it points to where it is a link.
    pub(super) digest: Hash,
    pub(super) size: u64,
    /// The bits of permission alone.
    pub(super) mode: u32,
    pub(super) link: Option<String>,
}

impl Store {
    /// The one that the project names, else the user's own.
    ///
    /// # Errors
    /// Where the configuration cannot be read, or no home is known.
    pub(crate) fn of(ctx: &Ctx) -> Result<Self, Failure> {
        let project = ctx.config()?;
        let settings = &project.policy.settings.cache;
        let directory = match &settings.directory {
            Some(directory) => project.dir.join(directory),
            None => user_directory()?,
        };
        let most = settings.max_size.as_deref().and_then(|size| value::size(size).ok()).unwrap_or(MOST);
        Ok(Self { most, ..Self::at(&directory) })
    }

    /// Does not look whether it is there.
    pub(crate) fn at(directory: &Path) -> Self {
        Self { root: directory.join(FORM), most: MOST }
    }

    pub(super) fn most(&self) -> u64 {
        self.most
    }

    /// Takes away what is too much, now and then.
    pub(super) fn trim(&self, chance: &Hash) {
        if chance.as_bytes()[0] < 4 {
            let bounds = Bounds { size: self.most, age: None };
            for piece in Survey::of(self).surplus(bounds, std::time::SystemTime::now()) {
                let _ = fs::remove_file(piece.path);
            }
        }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn blob_path(&self, digest: &Hash) -> PathBuf {
        self.spread("blobs", &digest.to_hex())
    }

    fn entry_path(&self, key: &Hash) -> PathBuf {
        self.spread("results", &key.to_hex())
    }

    fn state_path(&self, id: &Hash) -> PathBuf {
        self.spread("states", &id.to_hex())
    }

    /// Folders of 256: one with a million names is slow in some file systems.
    fn spread(&self, kind: &str, name: &str) -> PathBuf {
        self.root.join(kind).join(&name[..2]).join(name)
    }

    /// Keeps a file's content, if it is the one that is expected.
    ///
    /// # Errors
    /// Where it cannot be read or written, or is another by now.
    pub(super) fn keep_file(&self, path: &Path, digest: &Hash) -> io::Result<()> {
        let place = self.blob_path(digest);
        if place.exists() {
            touch(&place);
            return Ok(());
        }
        let mut draft = self.draft()?;
        if copy(&mut File::open(path)?, draft.as_file_mut())? != *digest {
            return Err(io::Error::other("it was changed while it was read"));
        }
        put(draft, &place)
    }

    /// Keeps what a draft holds, whose digest this is.
    ///
    /// # Errors
    /// Where it cannot be given its name.
    pub(super) fn keep_draft(&self, draft: Draft, digest: &Hash) -> io::Result<()> {
        let place = self.blob_path(digest);
        if place.exists() {
            touch(&place);
            return Ok(());
        }
        put(draft, &place)
    }

    /// Keeps bytes, and gives their digest.
    pub(super) fn keep_bytes(&self, bytes: &[u8]) -> io::Result<Hash> {
        let digest = blake3::hash(bytes);
        let place = self.blob_path(&digest);
        if !place.exists() {
            let mut draft = self.draft()?;
            draft.write_all(bytes)?;
            put(draft, &place)?;
        }
        Ok(digest)
    }

    /// Copies a blob into `to`. One that is not what its name says is thrown away.
    ///
    /// # Errors
    /// Where it is not there, is damaged, or `to` cannot be written.
    pub(super) fn fetch(&self, digest: &Hash, to: &mut File) -> io::Result<()> {
        let place = self.blob_path(digest);
        let mut blob = File::open(&place)?;
        touch(&place);
        if copy(&mut blob, to)? == *digest {
            return Ok(());
        }
        let _ = fs::remove_file(&place);
        Err(io::Error::new(io::ErrorKind::InvalidData, "what was stored is damaged"))
    }

    /// A blob's bytes; `None` where it is gone or damaged.
    pub(super) fn bytes(&self, digest: &Hash) -> Option<Vec<u8>> {
        let bytes = fs::read(self.blob_path(digest)).ok()?;
        (blake3::hash(&bytes) == *digest).then_some(bytes)
    }

    /// What was made from this key; one that cannot be read is as good as none.
    pub(super) fn entry(&self, key: &Hash) -> Option<Entry> {
        let place = self.entry_path(key);
        let entry = serde_json::from_slice(&fs::read(&place).ok()?).ok()?;
        touch(&place);
        Some(entry)
    }

    /// # Errors
    /// Where it cannot be written.
    pub(super) fn put_entry(&self, key: &Hash, entry: &Entry) -> io::Result<()> {
        self.write(&self.entry_path(key), &serde_json::to_vec(entry)?)
    }

    /// What the recipe last did; one that cannot be read is as good as none.
    pub(super) fn state(&self, id: &Hash) -> Option<State> {
        State::decode(&fs::read(self.state_path(id)).ok()?)
    }

    /// # Errors
    /// Where it cannot be written.
    pub(super) fn put_state(&self, id: &Hash, state: &State) -> io::Result<()> {
        self.write(&self.state_path(id), &state.encode())
    }

    /// A secret of this machine, through which secrets enter keys that stay here.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub(crate) fn own_key(&self) -> io::Result<[u8; 32]> {
        let place = self.root.join("key");
        loop {
            let mut key = [0; 32];
            match File::open(&place).and_then(|mut file| file.read_exact(&mut key)) {
                Ok(()) => return Ok(key),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
            getrandom::fill(&mut key).map_err(io::Error::other)?;
            let mut draft = self.draft()?;
            draft.write_all(&key)?;
            // Whoever comes second takes the key of the first.
            let _ = draft.persist_noclobber(&place);
        }
    }

    fn write(&self, place: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut draft = self.draft()?;
        draft.write_all(bytes)?;
        put(draft, place)
    }

    /// A file for its owner alone: outputs may hold what nobody else should read.
    pub(super) fn draft(&self) -> io::Result<Draft> {
        let folder = self.root.join("drafts");
        make_folder(&folder)?;
        tempfile::Builder::new().tempfile_in(folder)
    }
}

fn user_directory() -> Result<PathBuf, Failure> {
    let base = ctx::variable("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let base = base.or_else(|| Some(PathBuf::from(ctx::variable("HOME")?).join(".cache")));
    let base = base.ok_or_else(|| {
        fail("no home is known to keep what recipes make in")
            .exit(Exit::Usage)
            .hint("set `HOME`, or `[settings.cache] directory`")
    })?;
    Ok(base.join("prodev/recipes"))
}

/// Gives a draft its name. What stands there is the same, or older.
fn put(draft: Draft, place: &Path) -> io::Result<()> {
    if let Some(folder) = place.parent() {
        make_folder(folder)?;
    }
    draft.persist(place).map(drop).map_err(|error| error.error)
}

fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() { Ok(()) } else { fs::DirBuilder::new().recursive(true).mode(0o700).create(folder) }
}

/// What was used last goes last. A store that cannot be written can be read all the same.
fn touch(place: &Path) {
    let now = std::time::SystemTime::now();
    let file = fs::OpenOptions::new().append(true).mode(0o600).open(place);
    let _ = file.and_then(|file| file.set_times(fs::FileTimes::new().set_modified(now)));
}

/// Copies, and gives the digest of what was copied.
fn copy(from: &mut File, to: &mut File) -> io::Result<Hash> {
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; 128 * 1024];
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 {
            return Ok(hasher.finalize());
        }
        hasher.update(&buffer[..count]);
        to.write_all(&buffer[..count])?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_blob_is_no_blob() {
        let folder = tempfile::tempdir().expect("there is a temporary directory");
        let store = Store::at(folder.path());
        let digest = store.keep_bytes(b"whole").expect("it can be kept");
        assert_eq!(store.bytes(&digest).as_deref(), Some(&b"whole"[..]));
        fs::write(store.blob_path(&digest), b"hole").expect("it can be damaged");
        let mut to = tempfile::tempfile().expect("there is a temporary file");
        assert!(store.bytes(&digest).is_none());
        assert!(store.fetch(&digest, &mut to).is_err());
        assert!(!store.blob_path(&digest).exists(), "it is thrown away");
        assert!(
            store.keep_file(Path::new("/dev/null"), &digest).is_err(),
            "another content is not kept under its name"
        );
    }

    #[test]
    fn the_key_of_a_machine_stays() {
        let folder = tempfile::tempdir().expect("there is a temporary directory");
        let key = Store::at(folder.path()).own_key().expect("it can be made");
        assert_eq!(Store::at(folder.path()).own_key().expect("it can be read"), key);
        assert_ne!(key, [0; 32]);
    }
}
