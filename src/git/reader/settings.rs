//! Git's configuration as it holds in a repository: keys and values, the last of a key wins.

/// Keys with section and name in small letters, subsections as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Settings(Vec<(String, Option<String>)>);

impl Settings {
    /// In the order in which Git reads them. A key alone, without `=`, has no value.
    pub(super) fn of(entries: impl IntoIterator<Item = (String, Option<String>)>) -> Self {
        Self(entries.into_iter().collect())
    }

    /// The value of `key`, as `core.commentchar`.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().rev().find(|(name, _)| name == key).and_then(|(_, value)| value.as_deref())
    }

    /// The value of that one of `keys` that was set last: some keys have two names.
    pub(crate) fn last(&self, keys: &[&str]) -> Option<&str> {
        self.0.iter().rev().find(|(name, _)| keys.contains(&name.as_str())).and_then(|(_, value)| value.as_deref())
    }

    /// Keys that begin with `prefix`, with their values, in the order in which Git reads them.
    pub(crate) fn below(&self, prefix: &str) -> Vec<(String, String)> {
        let named = self.0.iter().filter(|(key, _)| key.starts_with(prefix));
        named.filter_map(|(key, value)| Some((key.clone(), value.clone()?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_a_key_wins() {
        let entry = |key: &str, value: Option<&str>| (key.to_owned(), value.map(str::to_owned));
        let settings = Settings::of([
            entry("core.bare", Some("no")),
            entry("a.b", Some("1")),
            entry("a.b", Some("2")),
            entry("a.flag", None),
        ]);
        assert_eq!(settings.get("a.b"), Some("2"));
        assert_eq!((settings.get("a.flag"), settings.get("a.none")), (None, None));
        assert_eq!(settings.below("a.b").len(), 2);
        assert_eq!(settings.last(&["core.bare", "a.b"]), Some("2"));
    }
}
