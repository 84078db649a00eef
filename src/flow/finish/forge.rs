//! The address at which a pull request is opened, from that of the remote. Pure.

use std::fmt::Write as _;

use crate::config::flow::Forge;

/// Where a repository is on the web.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Site {
    /// With a port, where it is one of HTTP.
    host: String,
    /// Without `/` at its ends, without `.git`.
    path: String,
}

/// The page that opens a pull request from `branch` into `target`; `None` where it cannot be told what the site is.
pub(super) fn compare_url(remote: &str, forge: Option<Forge>, branch: &str, target: &str) -> Option<String> {
    let site = site(remote)?;
    let host = site.host.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let by_name = [("github", Forge::Github), ("gitlab", Forge::Gitlab), ("bitbucket", Forge::Bitbucket)];
    let forge = forge.or_else(|| by_name.iter().find(|(name, _)| host.contains(name)).map(|(_, forge)| *forge))?;
    let Site { host: shown, path } = &site;
    let (from, to) = (encoded(branch), encoded(target));
    Some(match forge {
        // Slashes are part of the path here.
        Forge::Github => {
            format!("https://{shown}/{path}/compare/{}...{}?expand=1", to.replace("%2F", "/"), from.replace("%2F", "/"))
        }
        Forge::Gitlab => format!(
            "https://{shown}/{path}/-/merge_requests/new?merge_request%5Bsource_branch%5D={from}&merge_request%5Btarget_branch%5D={to}"
        ),
        Forge::Bitbucket if host == "bitbucket.org" => {
            format!("https://{shown}/{path}/pull-requests/new?source={from}&dest={to}")
        }
        Forge::Bitbucket => {
            // A server of one's own: `scm/PROJECT/repository`, and without `scm` by SSH.
            let (project, repository) = path.strip_prefix("scm/").unwrap_or(path).split_once('/')?;
            let place = match project.strip_prefix('~') {
                Some(user) => format!("users/{user}"),
                None => format!("projects/{project}"),
            };
            format!(
                "https://{shown}/{place}/repos/{repository}/pull-requests?create&sourceBranch=refs%2Fheads%2F{from}&targetBranch=refs%2Fheads%2F{to}"
            )
        }
    })
}

/// What a remote's address says, in the spellings of Git: `https://host/path`, `ssh://user@host:port/path`, `user@host:path`.
fn site(remote: &str) -> Option<Site> {
    let (host, path, is_http) = if let Some((scheme, rest)) = remote.split_once("://") {
        let scheme = scheme.to_ascii_lowercase();
        let is_http = matches!(scheme.as_str(), "http" | "https");
        if !is_http && !matches!(scheme.as_str(), "ssh" | "git" | "git+ssh" | "ssh+git") {
            return None;
        }
        let (host, path) = rest.split_once('/')?;
        (host, path, is_http)
    } else {
        // A path on this machine has a slash before any colon.
        let (host, path) = remote.split_once(':').filter(|(host, _)| !host.contains('/'))?;
        (host, path, false)
    };
    // Whatever stands before it are a name and a password.
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    // The port of SSH is not that of the web.
    let host = if is_http { host } else { host.split(':').next().unwrap_or_default() };
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let is_plain = |text: &str| !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    let is_fit = is_plain(host) && is_plain(path) && path.contains('/');
    is_fit.then(|| Site { host: host.to_owned(), path: path.to_owned() })
}

/// A name inside an address: letters, digits and `-._~` stand for themselves.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_spelling_of_a_remote_leads_to_its_page() {
        let github = "https://github.com/acme/shop/compare/main...feature/a%23b?expand=1";
        let gitlab = "https://gitlab.com/acme/team/shop/-/merge_requests/new?merge_request%5Bsource_branch%5D=feature%2Fa%23b&merge_request%5Btarget_branch%5D=main";
        let bitbucket = "https://bitbucket.org/acme/shop/pull-requests/new?source=feature%2Fa%23b&dest=main";
        let server = "https://git.acme.org/projects/AC/repos/shop/pull-requests?create&sourceBranch=refs%2Fheads%2Ffeature%2Fa%23b&targetBranch=refs%2Fheads%2Fmain";
        let cases = [
            ("git@github.com:acme/shop.git", None, Some(github)),
            ("https://github.com/acme/shop", None, Some(github)),
            ("https://user:secret@github.com/acme/shop.git/", None, Some(github)),
            ("ssh://git@github.com:22/acme/shop.git", None, Some(github)),
            ("git@gitlab.com:acme/team/shop.git", None, Some(gitlab)),
            ("https://gitlab.com/acme/team/shop.git", None, Some(gitlab)),
            ("git@bitbucket.org:acme/shop.git", None, Some(bitbucket)),
            ("https://ada@bitbucket.org/acme/shop.git", None, Some(bitbucket)),
            ("ssh://git@git.acme.org:7999/AC/shop.git", Some(Forge::Bitbucket), Some(server)),
            ("https://git.acme.org/scm/AC/shop.git", Some(Forge::Bitbucket), Some(server)),
            ("git@work:acme/shop", None, None),
            ("../origin.git", None, None),
            ("/srv/git/github.git", None, None),
            ("file:///srv/github/a.git", None, None),
        ];
        for (remote, forge, expected) in cases {
            assert_eq!(compare_url(remote, forge, "feature/a#b", "main").as_deref(), expected, "{remote}");
        }
        let own = compare_url("https://gitlab.acme.org:8443/a/b.git", None, "x", "y").expect("a page");
        assert!(own.starts_with("https://gitlab.acme.org:8443/a/b/-/"), "{own}");
    }

    proptest! {
        #[test]
        fn names_cannot_leave_their_place(remote in "(https://|ssh://git@|git@)?github.com[:/][ -~]{0,20}", branch in ".{0,20}") {
            if let Some(url) = compare_url(&remote, None, &branch, "main") {
                prop_assert!(url.starts_with("https://") && !url.contains(|c: char| c.is_whitespace() || c.is_control()));
                prop_assert!(url.ends_with("?expand=1"));
            }
        }
    }
}
