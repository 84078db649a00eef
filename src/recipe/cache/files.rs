//! Which files globs mean: found, told apart, and described as the file system does.

use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// Names that begin so are drafts of prodev itself, left by a run that was killed.
pub(super) const DRAFT: &str = ".prodev-";

/// Globs of a recipe. A path without wildcards means the file, or all that is in the folder; `!` takes away again.
#[derive(Debug, Clone)]
pub(in crate::recipe) struct Globs {
    /// Each as it was written.
    wanted: Vec<(String, GlobSet)>,
    unwanted: GlobSet,
    /// Where to look: none of them lies in another.
    roots: Vec<String>,
}

/// A file that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::recipe) struct Found {
    /// From the base, with `/`.
    pub(in crate::recipe) path: String,
    pub(in crate::recipe) stat: Stat,
    /// Where it points to, if it is a symbolic link.
    pub(in crate::recipe) link: Option<String>,
}

/// What tells that a file was changed without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::recipe) struct Stat {
    pub(in crate::recipe) size: u64,
    /// In nanoseconds since 1970.
    pub(in crate::recipe) modified: i64,
    pub(in crate::recipe) changed: i64,
    pub(in crate::recipe) inode: u64,
    pub(in crate::recipe) device: u64,
    pub(in crate::recipe) mode: u32,
}

impl Stat {
    pub(in crate::recipe) fn of(meta: &Metadata) -> Self {
        let nanoseconds = |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
        Self {
            size: meta.size(),
            modified: nanoseconds(meta.mtime(), meta.mtime_nsec()),
            changed: nanoseconds(meta.ctime(), meta.ctime_nsec()),
            inode: meta.ino(),
            device: meta.dev(),
            mode: meta.mode(),
        }
    }

    pub(super) fn is_executable(self) -> bool {
        self.mode & 0o111 != 0
    }
}

impl Globs {
    /// # Errors
    /// Where one is no glob; they are checked when `prodev.toml` is read.
    pub(in crate::recipe) fn new<'a>(globs: impl IntoIterator<Item = &'a str>) -> Result<Self, globset::Error> {
        let mut taken = GlobSetBuilder::new();
        let mut each = Vec::new();
        let mut roots = Vec::new();
        for written in globs {
            let (glob, is_wanted) = match written.strip_prefix('!') {
                Some(rest) => (rest, false),
                None => (written, true),
            };
            let (root, texts) = meaning(glob);
            let mut own = GlobSetBuilder::new();
            for text in &texts {
                let glob = GlobBuilder::new(text).literal_separator(true).build()?;
                if is_wanted {
                    own.add(glob)
                } else {
                    taken.add(glob)
                };
            }
            if is_wanted {
                each.push((written.to_owned(), own.build()?));
                roots.push(root);
            }
        }
        Ok(Self { wanted: each, unwanted: taken.build()?, roots: outermost(roots) })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    pub(in crate::recipe) fn has(&self, path: &str) -> bool {
        self.wanted.iter().any(|(_, glob)| glob.is_match(path)) && !self.unwanted.is_match(path)
    }

    /// The globs that match none of `found`, as they were written.
    pub(super) fn idle(&self, found: &[Found]) -> Vec<&str> {
        let is_idle = |glob: &GlobSet| !found.iter().any(|file| glob.is_match(&file.path));
        self.wanted.iter().filter(|(_, glob)| is_idle(glob)).map(|(written, _)| written.as_str()).collect()
    }

    /// All files that are meant, by path.
    ///
    /// # Errors
    /// Where a folder cannot be read, a name is not UTF-8, or what is found is neither a file nor a folder.
    pub(in crate::recipe) fn find(&self, base: &Path, links: Links) -> io::Result<Vec<Found>> {
        let mut walk = Walk { globs: self, links, found: Vec::new(), way: HashSet::new() };
        for root in &self.roots {
            let path = if root.is_empty() { base.to_owned() } else { base.join(root) };
            match fs::symlink_metadata(&path) {
                Ok(meta) => walk.visit(&path, root.clone(), &meta)?,
                Err(error) if is_absent(&error) => {}
                Err(error) => return Err(error),
            }
        }
        walk.found.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(walk.found)
    }
}

/// What becomes of symbolic links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::recipe) enum Links {
    /// They are read through: what lies behind them is what a recipe reads.
    Follow,
    /// They are what they are.
    Keep,
}

pub(super) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

struct Walk<'a> {
    globs: &'a Globs,
    links: Links,
    found: Vec<Found>,
    /// The folders that led here, so that links in a circle come to an end.
    way: HashSet<(u64, u64)>,
}

impl Walk<'_> {
    fn visit(&mut self, path: &Path, name: String, meta: &Metadata) -> io::Result<()> {
        if meta.is_dir() {
            return self.folder(path, &name, meta);
        }
        let link = if meta.is_symlink() { Some(text(fs::read_link(path)?)?) } else { None };
        if link.is_some() && self.links == Links::Follow {
            match fs::metadata(path) {
                Ok(behind) if behind.is_dir() => return self.folder(path, &name, &behind),
                Ok(behind) if self.globs.has(&name) => {
                    self.found.push(Found { path: name, stat: Stat::of(&behind), link });
                    return Ok(());
                }
                Ok(_) => return Ok(()),
                // It leads nowhere, which is a fact like another.
                Err(error) if is_absent(&error) => {}
                Err(error) => return Err(error),
            }
        }
        if self.globs.has(&name) {
            self.found.push(Found { path: name, stat: Stat::of(meta), link });
        }
        Ok(())
    }

    fn folder(&mut self, path: &Path, name: &str, meta: &Metadata) -> io::Result<()> {
        let identity = (meta.dev(), meta.ino());
        if !self.way.insert(identity) {
            return Ok(());
        }
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let own = text(PathBuf::from(entry.file_name()))?;
            if own == ".git" || own.starts_with(DRAFT) {
                continue;
            }
            let below = if name.is_empty() { own } else { format!("{name}/{own}") };
            let kind = entry.file_type()?;
            // What no glob wants need not be asked for its size and times.
            if kind.is_file() && !self.globs.has(&below) {
                continue;
            }
            match entry.metadata() {
                Ok(meta) => self.visit(&entry.path(), below, &meta)?,
                // It went away in between: then it is not there.
                Err(error) if is_absent(&error) => {}
                Err(error) => return Err(error),
            }
        }
        self.way.remove(&identity);
        Ok(())
    }
}

fn text(path: PathBuf) -> io::Result<String> {
    path.into_os_string().into_string().map_err(|name| {
        io::Error::new(io::ErrorKind::InvalidData, format!("`{}` is not UTF-8", name.to_string_lossy()))
    })
}

/// Where a glob's files lie, and the globs that it stands for.
fn meaning(glob: &str) -> (String, Vec<String>) {
    let is_folder = glob.ends_with('/');
    let glob = glob.trim_start_matches("./").trim_end_matches('/');
    let is_wild = |segment: &str| segment.contains(['*', '?', '[', '{', '\\']);
    let segments: Vec<&str> = glob.split('/').collect();
    let plain = segments.iter().take_while(|segment| !is_wild(segment)).count();
    let root = segments[..plain].join("/");
    let inside = if glob.is_empty() || glob == "." { "**".to_owned() } else { format!("{glob}/**") };
    let root = if root == "." { String::new() } else { root };
    let texts = match (plain == segments.len(), is_folder) {
        (true, false) => vec![glob.to_owned(), inside],
        (_, true) => vec![inside],
        (false, false) => vec![glob.to_owned()],
    };
    (root, texts)
}

/// Those that lie in no other.
fn outermost(mut roots: Vec<String>) -> Vec<String> {
    roots.sort_unstable();
    let mut kept: Vec<String> = Vec::new();
    for root in roots {
        let lies_in = |outer: &String| {
            let is_below =
                root.strip_prefix(outer.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            (outer.is_empty() && !root.starts_with('/') && root != ".." && !root.starts_with("../")) || is_below
        };
        if !kept.iter().any(lies_in) {
            kept.push(root);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[allow(clippy::disallowed_methods, reason = "a test makes files itself")]
    fn names(globs: &[&str], files: &[&str]) -> Vec<String> {
        let folder = tempfile::tempdir().expect("there is a temporary directory");
        for file in files {
            let path = folder.path().join("base").join(file);
            fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("a folder");
            fs::write(path, file).expect("a file");
        }
        let globs = Globs::new(globs.iter().copied()).expect("these are globs");
        let found = globs.find(&folder.path().join("base"), Links::Follow).expect("this can be read");
        found.into_iter().map(|file| file.path).collect()
    }

    #[test]
    fn globs_mean_files() {
        let files = [
            "a.py",
            "src/b.py",
            "src/deep/c.py",
            "src/deep/c.txt",
            ".git/config",
            "src/.hidden",
            "../up/d.py",
            "src2/e.py",
        ];
        let cases: [(&[&str], &[&str]); 11] = [
            (&["*.py"], &["a.py"]),
            (&["**/*.py"], &["a.py", "src/b.py", "src/deep/c.py", "src2/e.py"]),
            (&["src"], &["src/.hidden", "src/b.py", "src/deep/c.py", "src/deep/c.txt"]),
            (&["src/"], &["src/.hidden", "src/b.py", "src/deep/c.py", "src/deep/c.txt"]),
            (&["./src/*.py"], &["src/b.py"]),
            (&["src/**", "!**/*.py"], &["src/.hidden", "src/deep/c.txt"]),
            (&["src/**", "!src/deep"], &["src/.hidden", "src/b.py"]),
            (&["a.py", "src/deep/c.py", "src/deep/c.py"], &["a.py", "src/deep/c.py"]),
            (&["../up/*"], &["../up/d.py"]),
            (&["."], &["a.py", "src/.hidden", "src/b.py", "src/deep/c.py", "src/deep/c.txt", "src2/e.py"]),
            (&["nowhere/**", "none"], &[]),
        ];
        for (globs, expected) in cases {
            assert_eq!(names(globs, &files), expected, "{globs:?}");
        }
    }

    #[test]
    #[allow(clippy::disallowed_methods, reason = "a test makes files itself")]
    fn links_are_read_through_and_circles_end() {
        let folder = tempfile::tempdir().expect("there is a temporary directory");
        fs::create_dir_all(folder.path().join("real/deep")).expect("a folder");
        fs::write(folder.path().join("real/deep/f"), "1").expect("a file");
        for (link, target) in [("real/deep/up", ".."), ("src", "real"), ("gone", "nowhere"), ("one", "real/deep/f")] {
            std::os::unix::fs::symlink(target, folder.path().join(link)).expect("a link");
        }
        let globs = Globs::new(["src", "gone", "one"]).expect("these are globs");
        let names = |links| {
            globs.find(folder.path(), links).expect("readable").into_iter().map(|it| (it.path, it.link.is_some()))
        };
        let through =
            [("gone", true), ("one", true), ("src/deep/f", false)].map(|(path, link)| (path.to_owned(), link));
        assert_eq!(names(Links::Follow).collect::<Vec<_>>(), through);
        let kept = [("gone", true), ("one", true), ("src", true)].map(|(path, link)| (path.to_owned(), link));
        assert_eq!(names(Links::Keep).collect::<Vec<_>>(), kept);
    }
}
