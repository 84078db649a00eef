//! `[settings]`: the address of a remote cache, and who asks there.

use super::Findings;
use crate::config::settings::{RemoteCache, Settings};
use crate::config::value::is_variable_name;

/// What is wrong in `[settings]`.
pub(in crate::config) fn check(settings: &Settings, findings: &mut Findings) {
    if let Some(remote) = &settings.cache.remote {
        findings.within(&["settings", "cache", "remote"], |findings| check_remote(remote, findings));
    }
}

fn check_remote(remote: &RemoteCache, findings: &mut Findings) {
    const LOGIN: &str =
        "name the variables of the environment that hold them: `username_env` and `password_env`, or `token_env`";
    match address(&remote.url) {
        Ok(()) => {}
        Err(Wrong::Credentials) => {
            findings.hide(&["url"]);
            findings.add(&["url"], "credentials do not belong into a file that others read").hint(LOGIN);
        }
        Err(Wrong::Form(why)) => {
            findings
                .add(&["url"], format!("`{}` {why}", remote.url))
                .hint("write it as `https://cache.example.org/prodev`");
        }
    }
    if remote.token_env.is_some() {
        for (key, given) in [("username_env", &remote.username_env), ("password_env", &remote.password_env)] {
            if given.is_some() {
                findings.add(&[key], "there is a token already: a server is told one of both").key();
            }
        }
    } else if remote.password_env.is_some() && remote.username_env.is_none() {
        findings.add(&["password_env"], "a password is somebody's: there is no `username_env`").key();
    }
    let names = [
        ("token_env", &remote.token_env),
        ("username_env", &remote.username_env),
        ("password_env", &remote.password_env),
        ("key_env", &remote.key_env),
    ];
    for (key, name) in names {
        if let Some(name) = name.as_deref().filter(|name| !is_variable_name(name)) {
            let hint = "the value does not belong here, but the name of a variable that holds it";
            let message = format!("`{}` is no name of a variable", super::shown(name, true));
            findings.hide(&[key]);
            findings.add(&[key], message).hint(hint);
        }
    }
}

/// What is wrong with an address.
#[derive(Debug, PartialEq, Eq)]
enum Wrong {
    Credentials,
    /// The end of a sentence that begins with it.
    Form(&'static str),
}

fn address(url: &str) -> Result<(), Wrong> {
    let lower = url.to_ascii_lowercase();
    let Some(rest) = lower.strip_prefix("http://").or_else(|| lower.strip_prefix("https://")) else {
        return Err(Wrong::Form("does not begin with `https://` or `http://`"));
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('@') {
        return Err(Wrong::Credentials);
    }
    if host.is_empty() || host.starts_with(':') {
        return Err(Wrong::Form("names no host"));
    }
    if url.chars().any(|character| character.is_whitespace() || character.is_control()) {
        return Err(Wrong::Form("has a space in it"));
    }
    if rest.contains(['?', '#']) {
        return Err(Wrong::Form("ends with a question or a fragment, and a path is put behind it"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_of_servers() {
        for url in ["https://cache.example.org", "http://localhost:8080/a/b/", "HTTPS://[::1]:1/x", "https://h/a@b"] {
            assert_eq!(address(url), Ok(()), "{url}");
        }
        let form = |why| Err(Wrong::Form(why));
        let cases = [
            ("cache.example.org", form("does not begin with `https://` or `http://`")),
            ("ftp://h", form("does not begin with `https://` or `http://`")),
            ("https://", form("names no host")),
            ("https:///x", form("names no host")),
            ("https://:80", form("names no host")),
            ("https://ada:s3cret@h/x", Err(Wrong::Credentials)),
            ("https://ada@h", Err(Wrong::Credentials)),
            ("https://h/a b", form("has a space in it")),
            ("https://h/a?b", form("ends with a question or a fragment, and a path is put behind it")),
            ("https://h#b", form("ends with a question or a fragment, and a path is put behind it")),
        ];
        for (url, expected) in cases {
            assert_eq!(address(url), expected, "{url}");
        }
    }
}
