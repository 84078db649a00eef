//! Addresses of Git repositories as people write them: `gh:owner/name`, URLs, `git@host:path`, each with `//folder` for one of several templates.

use std::fmt;

use crate::error::{Exit, Failure, fail};
use crate::plan::path::TreePath;

/// Hosts that have a short name, with how their repositories' addresses begin.
pub(in crate::scaffold) const HOSTS: [(&str, &str); 3] =
    [("gh", "https://github.com/"), ("gl", "https://gitlab.com/"), ("bb", "https://bitbucket.org/")];

/// What a template may be fetched with. Everything else either lets others read along or runs what the address says.
const SCHEMES: [&str; 3] = ["https", "ssh", "file"];

/// A repository, and a folder in it. Displayed it holds no password and no token.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::scaffold) struct Address {
    /// For `git`, without credentials.
    pub(super) url: String,
    /// `USER:PASSWORD`, where they were typed. Never shown, never recorded.
    pub(super) secret: Option<String>,
    /// Segments from the top of the repository; empty for the top itself.
    pub(super) folder: String,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)?;
        if self.folder.is_empty() { Ok(()) } else { write!(f, "//{}", self.folder) }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

/// The address that `text` is; `None` where it does not look like one.
///
/// # Errors
/// Exit 2 where it looks like one and cannot be used.
pub(in crate::scaffold) fn parse(text: &str) -> Result<Option<Address>, Failure> {
    if let Some((host, rest)) = text.split_once(':')
        && let Some((_, base)) = HOSTS.iter().find(|(name, _)| *name == host)
        && !rest.starts_with("//")
    {
        return short(host, base, rest).map(Some);
    }
    if let Some((scheme, rest)) = text.split_once("://").filter(|(scheme, _)| is_word(scheme)) {
        return url(scheme, rest).map(Some);
    }
    if let Some((helper, _)) = text.split_once("::").filter(|(helper, _)| is_word(helper)) {
        return Err(refused_scheme(helper));
    }
    match text.split_once(':') {
        Some((host, path)) if is_user_at_host(host) && !path.is_empty() => {
            let (path, folder) = split(path)?;
            check_host(host)?;
            Ok(Some(Address { url: clean(format!("{host}:{path}"))?, secret: None, folder }))
        }
        _ => Ok(None),
    }
}

/// `gh:owner/name`.
fn short(host: &str, base: &str, rest: &str) -> Result<Address, Failure> {
    let (path, folder) = split(rest)?;
    let segments: Vec<&str> = path.split('/').collect();
    let plain = |segment: &&str| {
        !segment.is_empty()
            && !segment.starts_with(['.', '-'])
            && segment.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    };
    // Only GitLab nests groups.
    let fits = segments.len() == 2 || (host == "gl" && segments.len() > 2);
    if !fits || !segments.iter().all(plain) {
        return Err(fail(format!("`{host}:{rest}` names no repository"))
            .hint(format!("write `{host}:OWNER/NAME`, and `//FOLDER` behind it for one of several templates"))
            .exit(Exit::Usage));
    }
    let url = format!("{base}{}", path.trim_end_matches(".git"));
    Ok(Address { url, secret: None, folder })
}

fn url(scheme: &str, rest: &str) -> Result<Address, Failure> {
    if !SCHEMES.contains(&scheme) {
        return Err(refused_scheme(scheme));
    }
    let (rest, folder) = split(rest)?;
    let (authority, path) = rest.split_once('/').map_or((rest, ""), |(authority, path)| (authority, path));
    let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
    let is_local = scheme == "file" && (host.is_empty() || host == "localhost");
    if path.is_empty() || (host.is_empty() && !is_local) || (scheme == "file" && !is_local) {
        let example = if scheme == "file" { "file:///srv/template.git" } else { "https://host/owner/name" };
        return Err(fail(format!("`{scheme}://{host}/{path}` names no repository"))
            .hint(format!("write it in full, such as `{example}`"))
            .exit(Exit::Usage));
    }
    check_host(host)?;
    if let Some(at) = path.find('?').filter(|_| scheme == "https") {
        return Err(fail(format!(
            "`https://{host}/{}` is followed by a query, which no Git repository has",
            &path[..at]
        ))
        .hint("leave out what begins with `?`; tokens belong to a credential helper of Git's")
        .exit(Exit::Usage));
    }
    match (scheme, user) {
        ("ssh", Some(user)) => {
            // SSH takes no password from an address.
            let user = user.split(':').next().unwrap_or_default();
            check_host(user)?;
            Ok(Address { url: clean(format!("ssh://{user}@{host}/{path}"))?, secret: None, folder })
        }
        ("https", Some(user)) if !user.is_empty() => {
            let secret = Some(user.to_owned());
            Ok(Address { url: clean(format!("https://{host}/{path}"))?, secret, folder })
        }
        ("file", _) => Ok(Address { url: clean(format!("file:///{path}"))?, secret: None, folder }),
        _ => Ok(Address { url: clean(format!("{scheme}://{host}/{path}"))?, secret: None, folder }),
    }
}

/// The repository, and the folder behind the first `//`.
fn split(text: &str) -> Result<(&str, String), Failure> {
    let text = text.trim_end_matches('/');
    // `file:///path`: what is left of the scheme begins with a slash that belongs to the path.
    let start = usize::from(text.starts_with('/'));
    let Some((at, _)) = text[start..].match_indices("//").next() else { return Ok((text, String::new())) };
    let (repository, folder) = (&text[..start + at], text[start + at..].trim_start_matches('/'));
    match TreePath::new(folder) {
        Ok(folder) => Ok((repository, folder.as_str().to_owned())),
        Err(why) => Err(fail(format!("the folder `{}` {why}", folder.escape_debug()))
            .hint("behind `//` stands a folder of the repository, such as `//templates/web`")
            .exit(Exit::Usage)),
    }
}

/// An address without what could steer a terminal or a credential helper.
fn clean(url: String) -> Result<String, Failure> {
    if url.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(fail("the address of a template has a blank or a control character in it")
            .hint("write blanks as `%20`")
            .exit(Exit::Usage));
    }
    Ok(url)
}

fn check_host(host: &str) -> Result<(), Failure> {
    if host.starts_with('-') || host.split('@').any(|part| part.starts_with('-')) {
        return Err(fail(format!("`{host}` would be taken for an option"))
            .hint("a host and a user begin with a letter or a digit")
            .exit(Exit::Usage));
    }
    Ok(())
}

fn refused_scheme(scheme: &str) -> Failure {
    fail(format!("templates are not fetched with `{scheme}`"))
        .hint("use an address with `https://`, `ssh://` or `file://`, or `git@host:owner/name`")
        .exit(Exit::Usage)
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// `git@host`, as the short form of SSH addresses has it.
fn is_user_at_host(text: &str) -> bool {
    let part = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    text.split_once('@').is_some_and(|(user, host)| part(user) && part(host))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<Option<(String, String)>, String> {
        parse(text)
            .map(|address| address.map(|address| (address.url, address.folder)))
            .map_err(|failure| failure.message)
    }

    #[test]
    fn addresses_are_read() {
        for (text, url, folder) in [
            ("gh:acme/web", "https://github.com/acme/web", ""),
            ("gh:acme/web.git", "https://github.com/acme/web", ""),
            ("gl:acme/team/web//api", "https://gitlab.com/acme/team/web", "api"),
            ("bb:acme/web//a/b/", "https://bitbucket.org/acme/web", "a/b"),
            ("https://host.org/x.git", "https://host.org/x.git", ""),
            ("https://host.org/a/x.git//sub", "https://host.org/a/x.git", "sub"),
            ("https://ada:secret@host.org/x", "https://host.org/x", ""),
            ("ssh://git@host.org:2222/a/x", "ssh://git@host.org:2222/a/x", ""),
            ("ssh://git:secret@host.org/x", "ssh://git@host.org/x", ""),
            ("git@host.org:a/x.git//sub", "git@host.org:a/x.git", "sub"),
            ("file:///srv/x.git//sub/y", "file:///srv/x.git", "sub/y"),
            ("file://localhost/srv/x", "file:///srv/x", ""),
        ] {
            assert_eq!(read(text), Ok(Some((url.to_owned(), folder.to_owned()))), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_left_to_others() {
        for text in ["django-api", "./x", "../x:y", "work:shop", "a/b", "builtin:x", "C:x", "", ":", "a@:b", "@b:c"] {
            assert_eq!(read(text), Ok(None), "{text}");
        }
    }

    #[test]
    fn what_must_not_be_fetched_is_refused() {
        for (text, why) in [
            ("ext::sh -c 'touch x'", "templates are not fetched with `ext`"),
            ("fd::17", "templates are not fetched with `fd`"),
            ("http://host/x", "templates are not fetched with `http`"),
            ("git://host/x", "templates are not fetched with `git`"),
            ("git+ssh://host/x", "templates are not fetched with `git+ssh`"),
            ("ssh://-oProxyCommand=x/y", "`-oProxyCommand=x` would be taken for an option"),
            ("ssh://-x@host/y", "`-x` would be taken for an option"),
            ("-x@host:y", "`-x@host` would be taken for an option"),
            ("gh:acme", "`gh:acme` names no repository"),
            ("gh:-x/y", "`gh:-x/y` names no repository"),
            ("gh:a/../b", "`gh:a/../b` names no repository"),
            ("gh:a/b/c", "`gh:a/b/c` names no repository"),
            ("https:///x", "`https:///x` names no repository"),
            ("https://host", "`https://host/` names no repository"),
            ("file://host/x", "`file://host/x` names no repository"),
            ("https://host/x?token=1", "`https://host/x` is followed by a query, which no Git repository has"),
            ("https://host/x\ny", "the address of a template has a blank or a control character in it"),
            ("gh:a/b//../c", "the folder `../c` leaves the project"),
            ("gh:a/b//.git", "the folder `.git` reaches into `.git`"),
        ] {
            assert_eq!(read(text), Err(why.to_owned()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_password_is_never_shown(password in "[a-zA-Z0-9]{8,20}", folder in "(//[a-z]{1,5})?") {
            prop_assume!(!"https://host.org/owner/name".contains(&password));
            let text = format!("https://ada:{password}@host.org/owner/name{folder}");
            let address = parse(&text).unwrap().unwrap();
            let told = format!("{address} {address:?}");
            prop_assert!(!told.contains(&password), "{}", told);
            let again = parse(&address.to_string()).unwrap().unwrap();
            prop_assert_eq!(again.to_string(), address.to_string());
        }

        #[test]
        fn nothing_makes_it_panic_and_nothing_begins_with_a_dash(text in "[a-z:/@.\\-?#% \n]{0,24}") {
            if let Ok(Some(address)) = parse(&text) {
                prop_assert!(!address.url.starts_with('-'), "{}", address.url);
            }
        }
    }
}
