//! git-flow's word order: `flow feature start login` means `flow start feature login`.

use std::ffi::OsString;

/// The commands that come after a kind in git-flow's order.
const COMMANDS: [&str; 3] = ["start", "finish", "list"];

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
    if command == "finish" {
        words.insert(at + 2, "--kind".into());
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
