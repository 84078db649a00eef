//! prodev in the place of a hook: Git calls it by the hook's name, through a link in the folder of hooks, and no shell stands between them.

use std::ffi::OsString;
use std::path::Path;

/// Git's hooks that the policy answers, and what each of them asks of `flow check`, before Git's own arguments.
const HOOKS: [(&str, &str); 5] = [
    ("pre-commit", "--pre-commit"),
    ("pre-merge-commit", "--pre-commit"),
    ("commit-msg", "--message"),
    ("pre-push", "--pre-push"),
    ("pre-receive", "--pre-receive"),
];

/// The command that is meant where prodev was called by the name of a hook.
pub(super) fn meant(words: &[OsString]) -> Option<Vec<OsString>> {
    let (called, arguments) = words.split_first()?;
    let name = Path::new(called).file_name()?.to_str()?;
    let (_, question) = HOOKS.iter().find(|(hook, _)| *hook == name)?;
    let check = ["prodev", "flow", "check", question].map(OsString::from);
    Some(check.into_iter().chain(arguments.iter().cloned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_is_known_by_its_name() {
        let cases = [
            (".git/hooks/pre-commit", Some("prodev flow check --pre-commit")),
            ("/x/commit-msg .git/COMMIT_EDITMSG", Some("prodev flow check --message .git/COMMIT_EDITMSG")),
            ("pre-push origin url", Some("prodev flow check --pre-push origin url")),
            ("/usr/bin/prodev pre-commit", None),
            ("post-commit", None),
            ("", None),
        ];
        for (typed, expected) in cases {
            let words: Vec<OsString> = typed.split(' ').map(OsString::from).collect();
            let found = meant(&words).map(|words| words.join(" ".as_ref()).to_string_lossy().into_owned());
            assert_eq!(found.as_deref(), expected, "{typed}");
        }
    }
}
