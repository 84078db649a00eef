//! Values that a shell can complete: the variables of the .env files that stand where the shell does.

use clap_complete::engine::CompletionCandidate;

use super::draft::Draft;
use super::keyring::is_key_name;
use crate::config::environment::Dialect;

/// The names in `.env` and `.env.example`.
pub(super) fn keys() -> Vec<CompletionCandidate> {
    let mut names: Vec<String> = Vec::new();
    for bytes in [".env", ".env.example"].iter().filter_map(|file| std::fs::read(file).ok()) {
        let draft = Draft::new(&bytes, Dialect::default());
        let document = draft.document();
        for entry in document.entries() {
            let name = document.text(&entry.key);
            if !is_key_name(&name) && !names.iter().any(|known| *known == name) {
                names.push(name.into_owned());
            }
        }
    }
    names.into_iter().map(CompletionCandidate::new).collect()
}
