//! A template in a folder, read as it is: uncommitted work is part of it. Links are kept, never followed.

use std::borrow::Cow;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::Context as _;

use super::{Origin, Source, SourceFile, Template, assemble};
use crate::error::{Exit, Failure, fail};

/// More is no template but a mistake, such as a path to the home directory.
pub(super) const MOST_FILES: usize = 100_000;
pub(super) const MOST_BYTES: u64 = 1 << 30;

/// The parts of a template that are read; everything else beside them is the author's own.
pub(super) const PARTS: [&str; 3] = ["files", "fragments", "includes"];

/// What templates of other tools are known by.
pub(super) const FORMATS: [(&str, &str); 4] = [
    ("copier.yml", "copier"),
    ("copier.yaml", "copier"),
    ("cookiecutter.json", "cookiecutter"),
    ("cargo-generate.toml", "cargo-generate"),
];

pub(super) fn read(path: &Path, shown: &str) -> anyhow::Result<Template> {
    let root = fs::canonicalize(path).with_context(|| format!("could not open `{shown}`"))?;
    refuse_other_formats(&root, shown)?;
    let mut walk = Walk { shown, files: Vec::new(), bytes: 0 };
    for name in ["template.toml", "CHANGELOG.md"] {
        let file = root.join(name);
        if file.is_file() {
            inside(&root, &file, shown)?;
            walk.file(&file, name.to_owned())?;
        }
    }
    for part in PARTS {
        let folder = root.join(part);
        if folder.is_dir() {
            inside(&root, &folder, shown)?;
            walk.folder(&folder, part)?;
        }
    }
    assemble(Origin::Folder(root), shown.trim_end_matches('/'), walk.files)
}

/// A template's own parts may be links, but not to anywhere else.
fn inside(root: &Path, path: &Path, shown: &str) -> anyhow::Result<()> {
    let real = fs::canonicalize(path).with_context(|| format!("could not open `{}`", path.display()))?;
    if real.starts_with(root) {
        return Ok(());
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Err(fail(format!("`{shown}/{name}` is a link out of the template"))
        .hint("put the files themselves into the template")
        .into())
}

/// Templates of other tools are recognised, so that nobody wonders why "there is no template.toml".
fn refuse_other_formats(root: &Path, shown: &str) -> Result<(), Failure> {
    if root.join("template.toml").exists() {
        return Ok(());
    }
    match FORMATS.iter().find(|(file, _)| root.join(file).exists()) {
        Some((file, tool)) => Err(other_format(shown, file, tool)),
        None => Ok(()),
    }
}

pub(super) fn other_format(shown: &str, file: &str, tool: &str) -> Failure {
    fail(format!("`{shown}` is a template for {tool} (it has a `{file}`), which prodev cannot read yet"))
        .hint(format!("generate it with {tool}; docs/templates.md tells how a template for prodev is written"))
        .exit(Exit::Usage)
}

struct Walk<'a> {
    shown: &'a str,
    files: Vec<SourceFile>,
    bytes: u64,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, inner: &str) -> anyhow::Result<()> {
        let cannot = || format!("could not read `{}`", folder.display());
        for entry in fs::read_dir(folder).with_context(cannot)? {
            let entry = entry.with_context(cannot)?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                let name = name.to_string_lossy();
                return Err(fail(format!("the name of `{}/{inner}/{name}` is not UTF-8", self.shown))
                    .hint("rename it")
                    .into());
            };
            if is_litter(name) {
                continue;
            }
            let inner = format!("{inner}/{name}");
            let kind = entry.file_type().with_context(cannot)?;
            if kind.is_dir() {
                self.folder(&entry.path(), &inner)?;
            } else if kind.is_symlink() {
                self.link(&entry.path(), inner)?;
            } else if kind.is_file() {
                self.file(&entry.path(), inner)?;
            } else {
                return Err(fail(format!("`{}/{inner}` is neither a file nor a folder nor a link", self.shown))
                    .hint("take it out of the template")
                    .into());
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, inner: String) -> anyhow::Result<()> {
        let cannot = || format!("could not read `{}`", path.display());
        let meta = fs::metadata(path).with_context(cannot)?;
        self.bytes += meta.len();
        if self.files.len() >= MOST_FILES || self.bytes > MOST_BYTES {
            return Err(fail(format!(
                "`{}` is too large for a template: over {MOST_FILES} files or 1 GiB",
                self.shown
            ))
            .hint("is this the folder that you meant?")
            .into());
        }
        let bytes = Cow::Owned(fs::read(path).with_context(cannot)?);
        let executable = meta.permissions().mode() & 0o111 != 0;
        self.files.push(SourceFile { path: inner, content: Source::File { bytes, executable } });
        Ok(())
    }

    fn link(&mut self, path: &Path, inner: String) -> anyhow::Result<()> {
        let target = fs::read_link(path).with_context(|| format!("could not read `{}`", path.display()))?;
        let Some(target) = target.to_str() else {
            return Err(fail(format!("the target of the link `{}/{inner}` is not UTF-8", self.shown))
                .hint("rename it")
                .into());
        };
        self.files.push(SourceFile { path: inner, content: Source::Link(target.to_owned()) });
        Ok(())
    }
}

/// What editors, file managers and test runs leave behind, and a `.git` of its own.
pub(super) fn is_litter(name: &str) -> bool {
    let ends = |ending: &str| name.len() > ending.len() && name.ends_with(ending);
    matches!(name, ".git" | ".DS_Store" | "__pycache__") || ends(".pyc") || ends("~") || ends(".swp")
}
