//! Keys for encrypted values: how they are called, and where the private ones are looked for: the environment, `.env.keys`, a program.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::cipher::{PrivateKey, PublicKey, Undecipherable};
use super::draft::Draft;
use super::syntax::Document;
use crate::config::discover;
use crate::config::environment::{Dialect, Environment};
use crate::config::value::Command;
use crate::ctx::{self, Ctx};
use crate::error::{Exit, Failure, fail};
use crate::plan::process;

/// Where private keys are kept, beside the files that they open.
pub(super) const KEYS_FILE: &str = ".env.keys";

const PUBLIC: &str = "DOTENV_PUBLIC_KEY";
const PRIVATE: &str = "DOTENV_PRIVATE_KEY";

/// Below this many values a second thread costs more than it brings.
const VALUES_PER_TASK: usize = 8;

/// Whether a variable is part of the machinery, and never encrypted itself.
pub(super) fn is_key_name(name: &str) -> bool {
    name.starts_with(PUBLIC) || name.starts_with(PRIVATE)
}

/// The name of the public key of a file, by the file's own name.
pub(super) fn public_name(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    if name == ".env" {
        return PUBLIC.to_owned();
    }
    // As dotenvx does: what follows the second dot, of that the first two parts; without any, the whole name.
    let parts: Vec<&str> = name.split('.').skip(2).take(2).collect();
    let suffix = if parts.is_empty() { name.replacen(".env", "development", 1) } else { parts.join("_") };
    format!("{PUBLIC}_{}", suffix.to_uppercase())
}

/// The name of the other half.
pub(super) fn private_name(public: &str) -> String {
    public.replacen(PUBLIC, PRIVATE, 1)
}

/// The public key that a file has: its name and itself. The one that the file's own name asks for, else the first.
///
/// # Errors
/// Where it is no key.
pub(super) fn public_key(
    document: &Document,
    file: &Path,
    shown: &str,
) -> Result<Option<(String, PublicKey)>, Failure> {
    let own = public_name(file);
    let mut found: Option<(String, String)> = None;
    for entry in document.entries() {
        let name = document.text(&entry.key);
        let is_better = name == own || found.is_none();
        if let Some(value) = entry.value.as_ref().filter(|_| name.starts_with(PUBLIC) && is_better) {
            found = Some((name.into_owned(), document.text(&value.inner).into_owned()));
        }
    }
    let Some((name, text)) = found else { return Ok(None) };
    let key = PublicKey::parse(&text).ok_or_else(|| {
        fail(format!("`{name}` in `{shown}` is no public key"))
            .exit(Exit::Key)
            .hint("take it from another copy of the file, or run `prodev env keys`")
    })?;
    Ok(Some((name, key)))
}

/// The private keys for what is encrypted in a file.
///
/// # Errors
/// As `public_key` and `Keyring::open`.
pub(super) fn of_file(document: &Document, file: &Path, shown: &str, places: Places) -> Result<Keyring, Failure> {
    let (name, public) = match public_key(document, file, shown)? {
        Some((name, public)) => (name, Some(public)),
        None => (public_name(file), None),
    };
    Keyring::open(&private_name(&name), public, places)
}

/// Where private keys may be.
#[derive(Debug, Clone)]
pub(super) struct Places {
    /// The file of keys.
    pub(super) file: PathBuf,
    /// The same as the user reads it.
    pub(super) shown: String,
    pub(super) command: Option<Command>,
    /// Where the program runs.
    pub(super) dir: PathBuf,
}

impl Places {
    /// Those for a file: `keys_file` or what is beside the file, and the program that is configured.
    pub(super) fn of(file: &Path, keys_file: Option<&Path>, environment: &Environment, ctx: &Ctx) -> Self {
        let file = keys_file.map_or_else(|| file.with_file_name(KEYS_FILE), |file| ctx.resolve(file));
        let shown = discover::shown(&file, &ctx.dir);
        Self { file, shown, command: environment.key_command.clone(), dir: ctx.dir.clone() }
    }
}

/// A private key, and who gave it.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) key: PrivateKey,
    pub(super) from: String,
}

/// The private keys for one file.
#[derive(Debug, Clone)]
pub(super) struct Keyring {
    /// What they are called.
    pub(super) name: String,
    public: Option<PublicKey>,
    /// The best first.
    pub(super) held: Vec<Held>,
    places: Places,
}

impl Keyring {
    /// Looks for private keys. The program is asked only if nobody else has the other half of `public`.
    ///
    /// # Errors
    /// Where something that calls itself a key is none, or the program fails.
    pub(super) fn open(name: &str, public: Option<PublicKey>, places: Places) -> Result<Self, Failure> {
        let mut held = Vec::new();
        if let Some(text) = ctx::variable(name) {
            held.extend(parse(&text, name, "the environment")?);
        }
        if let Ok(bytes) = std::fs::read(&places.file) {
            for found in Draft::new(&bytes, Dialect::Dotenv).find(name) {
                let text = found.entry.value.map(|value| String::from_utf8_lossy(&bytes[value.inner]).into_owned());
                held.extend(parse(&text.unwrap_or_default(), name, &places.shown)?);
            }
        }
        let fits = |held: &[Held]| match &public {
            Some(public) => held.iter().any(|held| held.key.public() == *public),
            None => !held.is_empty(),
        };
        if !fits(&held)
            && let Some(command) = &places.command
        {
            let said = process::ask(command, &places.dir, &[("PRODEV_KEY_NAME", name)]).map_err(|unasked| {
                Failure::from(unasked)
                    .exit(Exit::Key)
                    .hint("it is the `key_command` of `[env]`: run it yourself to see what it needs")
            })?;
            held.extend(parse(&String::from_utf8_lossy(&said), name, "`key_command`")?);
        }
        held.sort_by_key(|held| public.is_none_or(|public| held.key.public() != public));
        Ok(Self { name: name.to_owned(), public, held, places })
    }

    /// Whether somebody here can read what is encrypted for the file.
    pub(super) fn is_open(&self) -> bool {
        match &self.public {
            Some(public) => self.held.iter().any(|held| held.key.public() == *public),
            None => !self.held.is_empty(),
        }
    }

    /// # Errors
    /// Exit 5, naming the key that is missing or wrong.
    pub(super) fn decrypt(&self, variable: &str, value: &str) -> Result<Vec<u8>, Failure> {
        self.decipher(value).map_err(|why| self.failure(&[variable], why))
    }

    /// The same for many values at once, on all processors.
    ///
    /// # Errors
    /// All that cannot be decrypted.
    pub(super) fn decrypt_all(&self, values: &[(&str, &str)]) -> Result<Vec<Vec<u8>>, Failure> {
        let done: Vec<Result<Vec<u8>, Undecipherable>> =
            values.par_iter().with_min_len(VALUES_PER_TASK).map(|(_, value)| self.decipher(value)).collect();
        let wrong =
            done.iter().zip(values).filter_map(|(done, (name, _))| done.as_ref().err().map(|why| (*name, *why)));
        let (names, reasons): (Vec<&str>, Vec<Undecipherable>) = wrong.unzip();
        match reasons.first() {
            None => Ok(done.into_iter().flatten().collect()),
            Some(why) => Err(self.failure(&names, *why)),
        }
    }

    fn decipher(&self, value: &str) -> Result<Vec<u8>, Undecipherable> {
        let mut last = Undecipherable::Refused;
        for held in &self.held {
            match held.key.decrypt(value) {
                Ok(plain) => return Ok(plain),
                Err(why) => last = why,
            }
        }
        Err(last)
    }

    fn failure(&self, variables: &[&str], why: Undecipherable) -> Failure {
        let first = variables.first().copied().unwrap_or_default();
        let which = match variables.len() {
            0 | 1 => format!("`{first}`"),
            count => format!("`{first}` and {} more", count - 1),
        };
        match why {
            Undecipherable::Damaged => fail(format!("{which}: this is not all of an encrypted value"))
                .hint(format!("set it again: `prodev env set {first}`"))
                .exit(Exit::Key),
            Undecipherable::Refused if self.held.is_empty() => {
                self.explain(fail(format!("the key `{}` is missing, which decrypts {which}", self.name)))
            }
            Undecipherable::Refused => self.explain(fail(format!("no key `{}` decrypts {which}", self.name))),
        }
    }

    /// Why there is no key, and where one would be looked for.
    fn explain(&self, failure: Failure) -> Failure {
        let failure = match (&self.public, self.held.first()) {
            (Some(public), Some(held)) if held.key.public() != *public => failure.cause(format!(
                "the file is encrypted for {}, and the key in {} opens what is for {}",
                short(public),
                held.from,
                short(&held.key.public())
            )),
            _ => failure,
        };
        failure
            .hint(format!("put `{}=…` into `{}`, or set it in the environment", self.name, self.places.shown))
            .exit(Exit::Key)
    }
}

/// As much of a public key as tells it from others.
pub(super) fn short(key: &PublicKey) -> String {
    format!("{}…", &key.to_string()[..10])
}

/// Keys as they are written: several with commas between them.
fn parse(text: &str, name: &str, from: &str) -> Result<Vec<Held>, Failure> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let key = PrivateKey::parse(part).ok_or_else(|| {
                fail(format!("`{name}` in {from} is no private key"))
                    .exit(Exit::Key)
                    .hint("a key has 64 hexadecimal digits; take it from where it was made")
            })?;
            Ok(Held { key, from: from.to_owned() })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_named_after_their_files() {
        let cases = [
            (".env", "DOTENV_PUBLIC_KEY"),
            ("a/b/.env", "DOTENV_PUBLIC_KEY"),
            (".env.production", "DOTENV_PUBLIC_KEY_PRODUCTION"),
            (".env.Dev", "DOTENV_PUBLIC_KEY_DEV"),
            (".env.production.local", "DOTENV_PUBLIC_KEY_PRODUCTION_LOCAL"),
            (".env.a.b.c", "DOTENV_PUBLIC_KEY_A_B"),
            (".env.us-east-1", "DOTENV_PUBLIC_KEY_US-EAST-1"),
            ("secrets.env", "DOTENV_PUBLIC_KEY_SECRETSDEVELOPMENT"),
            ("app.env.production", "DOTENV_PUBLIC_KEY_PRODUCTION"),
            ("my.secrets.env", "DOTENV_PUBLIC_KEY_ENV"),
            ("env.production", "DOTENV_PUBLIC_KEY_ENV.PRODUCTION"),
            (".envrc", "DOTENV_PUBLIC_KEY_DEVELOPMENTRC"),
            ("foo", "DOTENV_PUBLIC_KEY_FOO"),
        ];
        for (file, name) in cases {
            assert_eq!(public_name(Path::new(file)), name, "{file}");
        }
        assert_eq!(private_name("DOTENV_PUBLIC_KEY_A"), "DOTENV_PRIVATE_KEY_A");
    }
}
