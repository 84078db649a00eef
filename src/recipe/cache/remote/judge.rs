//! Whether a result that came from elsewhere is one that the recipe can have made: whoever can write to a server must not be able to write anywhere else.

use std::collections::HashSet;
use std::path::{Component, Path};

use super::action::{ActionResult, Odd, Text};
use crate::plan::path::TreePath;
use crate::recipe::cache::files::Globs;
use crate::recipe::cache::log;

/// # Errors
/// What is odd about it, as the rest of a sentence that begins with the result.
pub(super) fn judge(result: &ActionResult, outputs: &Globs, most: u64) -> Result<(), Odd> {
    let odd = |path: &str, why: &str| Err(Odd(format!("holds `{}`, which {why}", shown(path))));
    let mut known: HashSet<String> = HashSet::new();
    let mut folders: HashSet<String> = HashSet::new();
    let paths = result.files.iter().map(|file| file.path).chain(result.links.iter().map(|(path, _)| *path));
    for path in paths {
        let tree = match TreePath::new(path) {
            Ok(tree) => tree,
            Err(why) => return odd(path, why),
        };
        if !outputs.has(path) {
            return odd(path, "is none of the recipe's outputs");
        }
        let folded = tree.folded();
        folders.extend(folded.match_indices('/').map(|(at, _)| folded[..at].to_owned()));
        if !known.insert(folded) {
            return odd(path, "is there twice");
        }
    }
    if let Some(path) = known.iter().find(|path| folders.contains(*path)) {
        return odd(path, "is a file and a folder");
    }
    if let Some((path, _)) = result.links.iter().find(|(path, target)| !stays(path, target)) {
        return odd(path, "leads out of the recipe's directory");
    }
    let sizes = result.files.iter().map(|file| file.digest.size);
    if sizes.fold(0, u64::saturating_add) > most {
        return Err(Odd("is larger than the cache of this machine may be".to_owned()));
    }
    for text in [result.stdout, result.stderr] {
        if matches!(text, Text::Blob(digest) if digest.size > log::LONGEST as u64) {
            return Err(Odd("says more than is ever kept".to_owned()));
        }
    }
    Ok(())
}

/// A path of somebody who wants to say something else with it.
fn shown(path: &str) -> String {
    let short = path.char_indices().nth(100).map_or(path, |(at, _)| &path[..at]);
    short
        .chars()
        .map(|character| if character.is_control() { char::REPLACEMENT_CHARACTER } else { character })
        .collect()
}

/// Whether a link leads to something in the directory whatever other links lie there: it goes up first, as far as the folders reach that it lies in,
/// and down from there.
fn stays(path: &str, target: &str) -> bool {
    let (mut depth, mut is_down) = (path.matches('/').count(), false);
    let is_plain = !target.is_empty() && target.len() <= 4096 && !target.contains('\0');
    is_plain
        && Path::new(target).components().all(|component| match component {
            Component::ParentDir if !is_down && depth > 0 => {
                depth -= 1;
                true
            }
            Component::Normal(name) => {
                is_down = true;
                !name.eq_ignore_ascii_case(".git")
            }
            Component::CurDir => true,
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::super::action::File;
    use super::super::digest::Digest;
    use super::*;

    fn of(files: &[&'static str], links: &[(&'static str, &'static str)]) -> Result<(), String> {
        let file = |path: &&'static str| File { path, digest: Digest::of(b"AB"), mode: 0o644 };
        let files = files.iter().map(file).collect();
        let result = ActionResult { files, links: links.to_vec(), ..ActionResult::default() };
        let outputs = Globs::new(["out/", "a/../b", "/etc", "**/x", "!out/private/**"]).expect("these are globs");
        judge(&result, &outputs, 100).map_err(|Odd(odd)| odd)
    }

    #[test]
    fn outputs_of_the_recipe_are_taken() {
        let links =
            [("out/latest", "all"), ("out/deep/up", "../../src"), ("out/deep/self", "./x"), ("out/loop", "loop")];
        assert_eq!(of(&["out/all", "out/deep/x", "x", "lib/x"], &links), Ok(()));
        assert_eq!(of(&[], &[]), Ok(()));
    }

    #[test]
    fn paths_that_lead_elsewhere_are_not() {
        let cases = [
            ("/etc/passwd", "is absolute"),
            ("out/../../x", "leaves the project"),
            ("a/../b", "leaves the project"),
            ("out/.git/hooks/x", "reaches into `.git`"),
            ("out/.GIT/x", "reaches into `.git`"),
            (".prodev/x", "lies in `.prodev/`, which is prodev's own"),
            ("src/main.rs", "is none of the recipe's outputs"),
            ("out/private/key", "is none of the recipe's outputs"),
            ("out//x", "has an empty segment"),
            ("", "is empty"),
            ("out/a\nb", "has a control character in it"),
        ];
        for (path, why) in cases {
            let told = of(&[path], &[]).expect_err(path);
            assert_eq!(told, format!("holds `{}`, which {why}", shown(path)));
            assert_eq!(of(&[], &[(path, "x")]).expect_err(path), told, "as a link");
        }
    }

    #[test]
    fn what_is_in_its_own_way_is_not() {
        assert_eq!(of(&["out/a", "out/A"], &[]), Err("holds `out/A`, which is there twice".to_owned()));
        assert_eq!(of(&["out/a", "out/a"], &[]), Err("holds `out/a`, which is there twice".to_owned()));
        assert_eq!(of(&["out/a/b"], &[("out/a", "c")]), Err("holds `out/a`, which is a file and a folder".to_owned()));
        assert_eq!(of(&["out/A/b", "out/a"], &[]), Err("holds `out/a`, which is a file and a folder".to_owned()));
    }

    #[test]
    fn links_stay() {
        let cases =
            ["/etc/passwd", "../..", "../../etc", "x/../../..", "x/..", "", "a\0b", "../.git/hooks", "..//../x"];
        for target in cases {
            let told = of(&[], &[("out/link", target)]);
            assert_eq!(
                told,
                Err("holds `out/link`, which leads out of the recipe's directory".to_owned()),
                "{target:?}"
            );
        }
    }

    #[test]
    fn what_is_too_large_is_not() {
        let digest = Digest { size: 60, ..Digest::of(b"") };
        let file = |path| File { path, digest, mode: 0o644 };
        let outputs = Globs::new(["out"]).expect("a glob");
        let two = ActionResult { files: vec![file("out/a"), file("out/b")], ..ActionResult::default() };
        let too_large = Err(Odd("is larger than the cache of this machine may be".to_owned()));
        assert_eq!(judge(&two, &outputs, 100), too_large);
        assert_eq!(judge(&two, &outputs, 120), Ok(()));
        let huge = Digest { size: u64::MAX, ..digest };
        let huge = File { digest: huge, ..file("out/c") };
        assert_eq!(judge(&ActionResult { files: vec![file("out/a"), huge], ..two }, &outputs, 120), too_large);
        let said = ActionResult { stdout: Text::Blob(Digest { size: 1 << 30, ..digest }), ..ActionResult::default() };
        assert_eq!(judge(&said, &outputs, 100), Err(Odd("says more than is ever kept".to_owned())));
    }
}
