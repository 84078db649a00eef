//! The user's own file, `$XDG_CONFIG_HOME/prodev/config.toml`: who they are, short names for templates, whom they trust, what they
//! always answer.

use std::collections::BTreeMap;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document;
use super::text::{self, Owner};
use crate::error::Failure;

/// Your own defaults, for every project
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "prodev user configuration")]
pub(crate) struct User {
    /// Who you are, for what templates ask
    #[serde(skip_serializing_if = "Author::is_empty")]
    pub(crate) author: Author,
    /// Short names for template sources: with `work = "gh:acme/{}"`, `prodev new work:shop` takes `gh:acme/shop`
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) templates: BTreeMap<String, String>,
    /// Whose templates may run tasks without asking
    #[serde(skip_serializing_if = "Trust::is_empty")]
    pub(crate) trust: Trust,
    /// Answers to questions of templates, by the question's name; `--set` and `--answers` come before them
    #[serde(skip_serializing_if = "toml::Table::is_empty")]
    #[schemars(with = "BTreeMap<String, serde_json::Value>")]
    pub(crate) answers: toml::Table,
}

/// Who you are
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Author {
    /// Your name
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// Your mail address
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
}

/// Whom you trust
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Trust {
    /// Template sources, or beginnings of them that end in `/`, as in `gh:acme/`
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) sources: Vec<String>,
}

/// Reads the user's file. One that is not there says nothing.
///
/// # Errors
/// One `Failure` (exit 2) of everything that is wrong in it.
pub(crate) fn read(path: &Path) -> Result<User, Failure> {
    let shown = path.display().to_string();
    match text::read(path, &shown, Owner::Anybody)? {
        Some(source) => document::read(&shown, &source)
            .map_err(|failure| document::described_by("prodev config schema --user", failure)),
        None => Ok(User::default()),
    }
}

impl Author {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Trust {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_says_nothing() {
        assert_eq!(read(Path::new("/nowhere/config.toml")), Ok(User::default()));
    }

    #[test]
    fn every_section_is_read() {
        let source = "[author]\nname = 'Ada'\n[templates]\nwork = 'gh:acme/{}'\n[trust]\nsources = ['gh:acme/']\n\
                      [answers]\nlicense = 'MIT'\ndocker = true\n";
        let user: User = document::read("config.toml", source).expect("this is right");
        assert_eq!(user.author.name.as_deref(), Some("Ada"));
        assert_eq!(user.templates["work"], "gh:acme/{}");
        assert_eq!(user.trust.sources, ["gh:acme/"]);
        assert_eq!(user.answers["docker"].as_bool(), Some(true));
    }

    #[test]
    fn a_wrong_key_is_named_with_its_place() {
        let failure = document::read::<User>("config.toml", "[author]\nmail = 'a@b'\n").expect_err("no such key");
        assert_eq!(failure.message, "unknown key `mail` in `author`");
        assert_eq!(failure.place.map(|place| (place.line, place.column)), Some((2, 1)));
    }
}
