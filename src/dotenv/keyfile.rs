//! Files of private keys that are about to be changed: locked together with the files that they open, written before them.

use std::path::{Path, PathBuf};

use super::cipher::PrivateKey;
use super::draft::Draft;
use crate::config::environment::Dialect;
use crate::error::{Exit, Failure, fail};
use crate::plan::original::{Original, Protected};
use crate::plan::{Privacy, Replacement, Step};

/// What a new file of keys begins with.
const BANNER: &str = "# Private keys: whoever has this file can read what is encrypted. Keep it out of Git.\n";

/// A file of keys under its lock.
#[derive(Debug)]
pub(super) struct KeyFile {
    pub(super) path: PathBuf,
    pub(super) shown: String,
    original: Original,
    draft: Draft,
}

impl KeyFile {
    pub(super) fn new(path: PathBuf, shown: String, original: Original) -> Self {
        let draft = Draft::new(original.bytes().unwrap_or_default(), Dialect::Dotenv);
        Self { path, shown, original, draft }
    }

    /// Writes keys under a name, the first one for what is encrypted from now on. `owner` is the file that they open.
    ///
    /// # Errors
    /// Where something else stands under that name.
    pub(super) fn put(&mut self, name: &str, keys: &[&PrivateKey], owner: &Path) -> Result<(), Failure> {
        let text = keys.iter().map(|key| key.reveal()).collect::<Vec<_>>().join(",");
        if let Some(found) = self.draft.find(name).pop() {
            if found.entry.value.is_none() {
                return Err(fail(format!("`{name}` in `{}` has no value", self.shown))
                    .exit(Exit::Key)
                    .hint(format!("take the line out of `{}`", self.shown)));
            }
            self.draft.replace(&found.entry, &text);
            return Ok(());
        }
        if self.draft.bytes().is_empty() {
            self.draft.begin_with(BANNER);
        }
        let owner = owner.file_name().unwrap_or_default().to_string_lossy();
        self.draft.append(&format!("\n# {owner}\n{name}={text}\n"));
        Ok(())
    }

    /// The step that writes what was put; nothing where that is there already. What is put after this goes into a step of its own.
    ///
    /// # Errors
    /// Where the file is protected.
    pub(super) fn step(&mut self, protected: Protected) -> Result<Option<Step>, Failure> {
        let bytes = self.draft.bytes().to_vec();
        let step = Replacement::new(&self.original, bytes.clone(), Privacy::Private, protected)?;
        self.original = self.original.after(&bytes);
        Ok(step.map(Step::Replace))
    }
}
