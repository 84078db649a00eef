//! Command lines that surely run recipes, told without clap: the process that the user starts only waits for another one then, which reads them anyhow,
//! and need not be ready to say anything about them itself.

use std::ffi::OsString;

use super::executor;
use crate::ctx;

/// Runs recipes where the words of the command line leave no doubt about it, and gives the code to end with; `None` where another look is needed.
///
/// # Errors
/// Where the executor cannot be started.
pub(crate) fn run(mut words: impl Iterator<Item = OsString>, completion: &str) -> Option<anyhow::Result<u8>> {
    let is_another = executor::executes_for().is_some() || ctx::variable(completion).is_some();
    (!is_another && surely_runs(&mut words)).then(executor::front)
}

/// Whether the words are options that change nothing about it, `run`, a recipe, and what a recipe takes that is no option. Options are those that have no
/// other meaning to anybody, and one value each.
fn surely_runs(words: &mut impl Iterator<Item = OsString>) -> bool {
    let mut is_run = false;
    while let Some(word) = words.next() {
        let Some(word) = word.to_str() else { return false };
        match word {
            "-q" | "--quiet" => {}
            "-C" => {
                if words.next().is_none_or(|folder| folder.is_empty() || folder.to_string_lossy().starts_with('-')) {
                    return false;
                }
            }
            "-k" | "--keep-going" | "--parallel" | "--force" | "--no-deps" if is_run => {}
            "-j" | "--jobs" if is_run => {
                let count = words.next().and_then(|count| count.to_str().and_then(|count| count.parse::<u16>().ok()));
                if count.is_none_or(|count| count == 0) {
                    return false;
                }
            }
            "run" if !is_run => is_run = true,
            _ if !is_run || word.is_empty() || word.starts_with('-') => return false,
            // A recipe, and all that follows is its own.
            _ => return words.all(|word| word.to_str().is_some_and(|word| !word.starts_with('-'))),
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_leaves_no_doubt_goes_straight() {
        for (line, expected) in [
            ("run test", true),
            ("run run", true),
            ("-C api -q run -k -j 4 test a b", true),
            ("run --jobs 2 --parallel lint test", true),
            ("run a ::: b", true),
            ("", false),
            ("run", false),
            ("run -q", false),
            ("run --list", false),
            ("run --help", false),
            ("run test --help", false),
            ("run test -h", false),
            ("run test -- --help", false),
            ("run -j 0 test", false),
            ("run -j test", false),
            ("run -C", false),
            ("-C -q run test", false),
            ("-k run test", false),
            ("--json run test", false),
            ("-n run test", false),
            ("run -n test", false),
            ("run --watch test", false),
            ("env run test", false),
            ("-C run test", false),
            ("-q -v run test", false),
        ] {
            let words = line.split_whitespace().map(OsString::from);
            assert_eq!(surely_runs(&mut words.into_iter()), expected, "{line}");
        }
    }
}
