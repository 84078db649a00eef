//! Results that a team shares: a client of Bazel's protocol for caches over HTTP. Results are found by their keys below `/ac/`, and content by its
//! SHA-256 below `/cas/`. What is fetched goes into the store of this machine first, and is brought back from there like everything else.

mod action;
mod courier;
mod curl;
mod digest;
mod fetch;
mod frames;
mod judge;
mod send;
mod wire;

use std::time::Duration;

pub(crate) use courier::{Answer, Courier, Fetch};
pub(in crate::recipe::cache) use curl::Trouble;
use curl::{Curl, Gate};
use digest::{Digest, Sum};

use crate::config::settings::{CacheSettings, RemoteCache, RemoteMode};
use crate::config::value;
use crate::ctx;
use crate::error::{Exit, Failure, fail, listed, nearest};

/// What it is used for instead of what the configuration says.
const MODE: &str = "PRODEV_CACHE_MODE";

/// How long it is waited for where nobody says.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server of results, and how it is spoken to.
#[derive(Debug, Clone)]
pub(crate) struct Remote {
    /// Without a slash at its end.
    url: String,
    mode: RemoteMode,
    login: Login,
    /// To connect, and to answer.
    patience: Duration,
    /// Variables that would tell who asks, and are not set.
    unset: Vec<String>,
}

/// Who asks.
#[derive(Clone, PartialEq, Eq)]
enum Login {
    Nobody,
    Bearer(String),
    Basic(String, String),
    /// The variable whose value cannot be sent.
    Unusable(String),
}

impl std::fmt::Debug for Login {
    /// Without what it is there for.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word().unwrap_or("nobody"))
    }
}

impl Login {
    fn word(&self) -> Option<&'static str> {
        match self {
            Self::Nobody | Self::Unusable(_) => None,
            Self::Bearer(_) => Some("bearer"),
            Self::Basic(..) => Some("basic"),
        }
    }

    fn of(settings: &RemoteCache, variable: impl Fn(&str) -> Option<String>) -> (Self, Vec<String>) {
        let names = [&settings.token_env, &settings.username_env, &settings.password_env];
        let unset = names.into_iter().flatten().filter(|name| variable(name).is_none()).cloned().collect();
        let [token, username, password] = names.map(|name| name.as_deref().and_then(&variable));
        let is_odd = |text: &str| text.chars().any(char::is_control);
        let odd = names.into_iter().flatten().find(|name| variable(name).is_some_and(|value| is_odd(&value)));
        let login = match (odd, token, username, password) {
            (Some(name), ..) => Self::Unusable(name.clone()),
            (_, Some(token), ..) => Self::Bearer(token),
            // Where the name ends is told by the first colon.
            (_, _, Some(username), _) if username.contains(':') => {
                Self::Unusable(settings.username_env.clone().unwrap_or_default())
            }
            (_, _, Some(username), password) => Self::Basic(username, password.unwrap_or_default()),
            _ => Self::Nobody,
        };
        (login, unset)
    }
}

impl Remote {
    /// The one that the settings name; `None` where there is none, or it is used for nothing.
    ///
    /// # Errors
    /// Where the environment says how to use it, in a word that is none (exit 2).
    pub(crate) fn of(settings: &CacheSettings) -> Result<Option<Self>, Failure> {
        let Some(settings) = &settings.remote else { return Ok(None) };
        let mode = match ctx::variable(MODE) {
            Some(word) => mode(&word)?,
            None => settings.mode,
        };
        let (login, unset) = Login::of(settings, ctx::variable);
        let patience = settings.timeout.as_ref().and_then(|time| value::duration(time).ok()).unwrap_or(PATIENCE);
        let url = settings.url.trim_end_matches('/').to_owned();
        Ok((mode != RemoteMode::Off).then_some(Self { url, mode, login, patience, unset }))
    }

    /// The key through which a team's secrets enter keys, as far as it is known here.
    pub(crate) fn team_key(settings: &CacheSettings) -> Option<[u8; 32]> {
        let name = settings.remote.as_ref()?.key_env.as_deref()?;
        ctx::variable(name)
            .map(|text| blake3::derive_key("prodev 2026 secrets in keys of a team's results", text.as_bytes()))
    }

    pub(crate) fn reads(&self) -> bool {
        matches!(self.mode, RemoteMode::ReadWrite | RemoteMode::ReadOnly)
    }

    pub(crate) fn writes(&self) -> bool {
        matches!(self.mode, RemoteMode::ReadWrite | RemoteMode::WriteOnly)
    }

    pub(in crate::recipe::cache) fn mode(&self) -> &'static str {
        word(self.mode)
    }

    pub(in crate::recipe::cache) fn login(&self) -> Option<&'static str> {
        self.login.word()
    }

    /// Asks it for something that is always the same, and gives what is wrong.
    pub(in crate::recipe::cache) fn probe(&self) -> Result<(), Trouble> {
        let gate = Gate::default();
        Curl::find(self, &gate)?.probe(&blob(&Digest::of(b"")))
    }
}

/// Under which name a result is there, from its key here.
pub(super) fn name(key: &blake3::Hash) -> String {
    let mut bytes = b"prodev result of a recipe 1\0".to_vec();
    bytes.extend(key.as_bytes());
    format!("ac/{}", Sum::of(&bytes))
}

fn blob(digest: &Digest) -> String {
    format!("cas/{}", digest.hash)
}

const MODES: [RemoteMode; 4] = [RemoteMode::ReadWrite, RemoteMode::ReadOnly, RemoteMode::WriteOnly, RemoteMode::Off];

fn word(mode: RemoteMode) -> &'static str {
    match mode {
        RemoteMode::ReadWrite => "read-write",
        RemoteMode::ReadOnly => "read-only",
        RemoteMode::WriteOnly => "write-only",
        RemoteMode::Off => "off",
    }
}

fn mode(given: &str) -> Result<RemoteMode, Failure> {
    let words = MODES.map(word);
    MODES.into_iter().find(|mode| word(*mode) == given).ok_or_else(|| {
        let hint = match nearest(given, words) {
            Some(word) => format!("did you mean `{word}`?"),
            None => format!("known are {}", listed(words)),
        };
        fail(format!("`{MODE}` is `{given}`")).hint(hint).exit(Exit::Usage)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_is_told_by_the_environment_alone() {
        let settings =
            |text: &str| toml::from_str::<RemoteCache>(&format!("url = \"http://h\"\n{text}")).expect("it is whole");
        let token = settings("token_env = 'T'");
        let both = settings("username_env = 'U'\npassword_env = 'P'");
        let text = str::to_owned;
        let cases = [
            (&settings(""), "", Login::Nobody, ""),
            (&token, "T=abc", Login::Bearer(text("abc")), ""),
            (&token, "", Login::Nobody, "T"),
            (&token, "T=a\nb", Login::Unusable(text("T")), ""),
            (&both, "U=ada;P=x:y", Login::Basic(text("ada"), text("x:y")), ""),
            (&both, "U=ada", Login::Basic(text("ada"), text("")), "P"),
            (&both, "U=a:b;P=x", Login::Unusable(text("U")), ""),
            (&both, "P=x", Login::Nobody, "U"),
        ];
        for (settings, environment, login, unset) in cases {
            let variable = |name: &str| {
                let values = environment.split(';').filter_map(|pair| pair.split_once('='));
                values.into_iter().find(|(own, _)| *own == name).map(|(_, value)| value.to_owned())
            };
            let unset: Vec<String> = unset.split_terminator(',').map(str::to_owned).collect();
            assert_eq!(Login::of(settings, variable), (login, unset), "{environment}");
        }
        assert_eq!(format!("{:?}", Login::Bearer(text("abc"))), "bearer", "it is not told by accident");
    }

    #[test]
    fn a_mode_is_a_word() {
        assert_eq!(mode("read-only").ok(), Some(RemoteMode::ReadOnly));
        let failure = mode("readonly").expect_err("it is none");
        assert_eq!(failure.message, "`PRODEV_CACHE_MODE` is `readonly`");
        assert_eq!(failure.hints, ["did you mean `read-only`?"]);
    }

    #[test]
    fn names_stay() {
        let name = name(&blake3::hash(b"key"));
        assert_eq!(name.len(), 3 + 64);
        assert_eq!(name, super::name(&blake3::hash(b"key")));
        assert_eq!(blob(&Digest::of(b"")), "cas/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
