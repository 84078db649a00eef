//! Which files are checked, and what is in them.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::config::discover;
use crate::ctx::Ctx;
use crate::error::{Failure, fail};

/// Nobody writes larger ones.
const LARGEST: u64 = 32 * 1024 * 1024;

/// Ends of names by which files are no .env files, though they begin like one: templates, archives, drafts, texts, programs.
const OTHERS: [&str; 43] = [
    "jinja", "j2", "tpl", "tmpl", "erb", "md", "rst", "bak", "swp", "orig", "rej", "patch", "diff", "vault", "schema",
    "keys", "json", "toml", "yaml", "yml", "xml", "html", "sh", "bash", "zsh", "fish", "ps1", "py", "rb", "js", "mjs",
    "cjs", "ts", "go", "rs", "gpg", "asc", "age", "enc", "gz", "zip", "tar", "lock",
];

/// A file to check.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) path: PathBuf,
    /// As the user would name it.
    pub(super) shown: String,
}

/// Why there is nothing to look at.
#[derive(Debug)]
pub(super) struct Unreadable(pub(super) String);

/// The files that are named, and the .env files of the folders that are named; of `folder` where nothing is.
///
/// # Errors
/// Where something that is named is not there.
pub(super) fn all(named: &[PathBuf], folder: &Path, is_recursive: bool, ctx: &Ctx) -> Result<Vec<Candidate>, Failure> {
    let mut paths = Vec::new();
    if named.is_empty() {
        within(folder, is_recursive, &mut paths);
    }
    for name in named {
        let path = ctx.resolve(name);
        // A link that leads nowhere is there, and is told of as what it is.
        if path.symlink_metadata().is_err() {
            return Err(fail(format!("there is no file or folder `{}`", name.display())).hint("name another, or none"));
        }
        if path.is_dir() {
            within(&path, is_recursive, &mut paths);
        } else {
            paths.push(path);
        }
    }
    let mut seen = std::collections::HashSet::new();
    paths.retain(|path| seen.insert(path.clone()));
    Ok(paths.into_iter().map(|path| Candidate { shown: discover::shown(&path, &ctx.dir), path }).collect())
}

/// The .env files of a folder, and where it is asked for of those below it that Git does not ignore. The files themselves are ignored mostly.
fn within(folder: &Path, is_recursive: bool, paths: &mut Vec<PathBuf>) {
    let mut folders = vec![folder.to_owned()];
    if is_recursive {
        let walk = ignore::WalkBuilder::new(folder)
            .hidden(false)
            .ignore(false)
            .filter_entry(|entry| entry.file_name() != ".git" && entry.file_type().is_some_and(|kind| kind.is_dir()))
            .build();
        folders = walk.flatten().map(ignore::DirEntry::into_path).collect();
        folders.sort_unstable();
    }
    for folder in folders {
        let first = paths.len();
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let is_ours = entry.file_name().to_str().is_some_and(is_env_file);
            if is_ours && entry.file_type().is_ok_and(|kind| !kind.is_dir()) {
                paths.push(entry.path());
            }
        }
        paths[first..].sort_unstable();
    }
}

/// The other .env files of a folder.
pub(super) fn beside<'a>(folder: &Path, known: impl Iterator<Item = &'a Candidate>, dir: &Path) -> Vec<Candidate> {
    let known: std::collections::HashSet<&Path> = known.map(|candidate| candidate.path.as_path()).collect();
    let mut paths = Vec::new();
    within(folder, false, &mut paths);
    paths.retain(|path| !known.contains(path.as_path()));
    paths.into_iter().map(|path| Candidate { shown: discover::shown(&path, dir), path }).collect()
}

/// Whether a file is taken for a .env file by its name.
pub(super) fn is_env_file(name: &str) -> bool {
    let is_named =
        name == ".env" || name.starts_with(".env.") || name.strip_suffix(".env").is_some_and(|stem| !stem.is_empty());
    let end = name.rsplit('.').next().unwrap_or_default();
    is_named && !OTHERS.contains(&end) && !name.ends_with('~') && !name.contains(".prodev-")
}

/// Whether it is for people to fill in.
pub(super) fn is_example(name: &str) -> bool {
    ["example", "sample", "template", "dist", "defaults", "default"]
        .iter()
        .any(|part| name.split('.').any(|it| it == *part))
}

/// A file's bytes.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Unreadable> {
    let said = |error: std::io::Error| Unreadable(error.to_string());
    let meta = fs::metadata(path).map_err(said)?;
    // A pipe would be waited for.
    if !meta.is_file() {
        return Err(Unreadable("it is no file".to_owned()));
    }
    if meta.len() > LARGEST {
        return Err(Unreadable("it is larger than 32 MiB".to_owned()));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(0) + 1);
    File::open(path).map_err(said)?.take(LARGEST + 1).read_to_end(&mut bytes).map_err(said)?;
    if bytes.len() as u64 > LARGEST {
        return Err(Unreadable("it is larger than 32 MiB".to_owned()));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_names() {
        for name in [".env", ".env.local", ".env.production.local", ".env.example", "test.env"] {
            assert!(is_env_file(name), "{name}");
        }
        for name in [
            ".envrc",
            ".env.keys",
            ".env.example.jinja",
            ".env~",
            ".env.schema",
            "env",
            ".env.prodev-0123456789abcdef",
            ".env.ci.sh",
            ".env.d.ts",
            ".env.gpg",
        ] {
            assert!(!is_env_file(name), "{name}");
        }
        assert!(is_example(".env.example") && !is_example(".env.local"));
    }
}
