//! Who the user is, as Git is configured.

use std::path::Path;

/// `user.name` and `user.email` as they hold in `folder`; nothing where Git does not know.
pub(crate) fn author(folder: &Path) -> (Option<String>, Option<String>) {
    let of_repository = git2::Repository::discover(folder).and_then(|repository| repository.config());
    let Ok(config) = of_repository.or_else(|_| git2::Config::open_default()) else { return (None, None) };
    (config.get_string("user.name").ok(), config.get_string("user.email").ok())
}
