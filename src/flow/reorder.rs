//! git-flow's word order: `flow feature start login` means `flow start feature login`.

use std::ffi::OsString;

/// The commands that come after a kind in git-flow's order.
const COMMANDS: [&str; 13] = [
    "start", "finish", "list", "publish", "track", "update", "rebase", "rename", "delete", "switch", "checkout", "log",
    "diff",
];

/// Those that take the kind as their first word.
const WITH_KIND: [&str; 2] = ["start", "list"];

/// Options of the program itself that take the next word.
const WITH_VALUE: [&str; 3] = ["-C", "--config", "--color"];

/// Puts the words of a command line into prodev's order, if they are in git-flow's.
pub(super) fn reorder(mut words: Vec<OsString>) -> Vec<OsString> {
    let mut at = 1;
    while let Some(word) = words.get(at).map(|word| word.to_string_lossy().into_owned()) {
        match word.as_str() {
            _ if WITH_VALUE.contains(&word.as_str()) => at += 2,
            _ if word.starts_with('-') => at += 1,
            "flow" => break,
            _ => return words,
        }
    }
    let Some([kind, command]) = words.get(at + 1..at + 3) else { return words };
    let (kind, command) = (kind.to_string_lossy().into_owned(), command.to_string_lossy().into_owned());
    let is_command = |word: &str| COMMANDS.contains(&word);
    if kind.starts_with('-') || kind == "help" || is_command(&kind) || !is_command(&command) {
        return words;
    }
    words.swap(at + 1, at + 2);
    if !WITH_KIND.contains(&command.as_str()) {
        words.insert(at + 2, "--kind".into());
    }
    if command == "rebase" {
        words[at + 1] = "update".into();
        words.insert(at + 2, "--rebase".into());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_git_flow_is_understood() {
        let cases = [
            ("prodev flow feature start login", "prodev flow start feature login"),
            ("prodev -C x --json flow release finish 1.0", "prodev -C x --json flow finish --kind release 1.0"),
            ("prodev flow feature list", "prodev flow list feature"),
            ("prodev flow feature finish", "prodev flow finish --kind feature"),
            ("prodev flow feature publish login", "prodev flow publish --kind feature login"),
            ("prodev flow bugfix checkout lo", "prodev flow checkout --kind bugfix lo"),
            ("prodev flow feature rebase", "prodev flow update --rebase --kind feature"),
            ("prodev flow feature rename new old", "prodev flow rename --kind feature new old"),
            ("prodev flow track delete", "prodev flow track delete"),
            ("prodev flow start feature finish", "prodev flow start feature finish"),
            ("prodev flow finish start", "prodev flow finish start"),
            ("prodev flow help start", "prodev flow help start"),
            ("prodev flow", "prodev flow"),
            ("prodev new flow a start", "prodev new flow a start"),
        ];
        for (given, expected) in cases {
            let words = given.split(' ').map(OsString::from).collect();
            let expected: Vec<OsString> = expected.split(' ').map(OsString::from).collect();
            assert_eq!(reorder(words), expected, "{given}");
        }
    }
}
