//! Where templates come from: the binary itself, a folder, or somebody's Git repository. Whatever it is, a `Template` is all of it, read once.

mod address;
mod folder;
mod heir;
mod repository;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

pub(super) use self::address::{Address, HOSTS};
pub(super) use self::heir::{Base, Inherited, Pin};
use super::manifest::Manifest;
use crate::config::document;
use crate::error::{Exit, Failure, fail, listed, nearest};
use crate::git;
pub(super) use crate::git::mirror::Age;
use crate::ui::Ui;

/// A template, wholly in memory.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) origin: Origin,
    pub(super) manifest: Manifest,
    /// The text of `template.toml`, and its path as the user would name it: for errors that point into it.
    pub(super) manifest_text: String,
    pub(super) manifest_file: String,
    /// What is generated, by its path inside `files/`, sorted.
    pub(super) files: Vec<SourceFile>,
    /// By path inside `fragments/`.
    pub(super) fragments: Vec<SourceFile>,
    /// By path inside `includes/`.
    pub(super) includes: Vec<SourceFile>,
    /// The text of `CHANGELOG.md`: what its versions brought.
    pub(super) changelog: Option<String>,
    /// The templates that it extends, the nearest first; what they have is in all of the above already.
    pub(super) bases: Vec<Base>,
    pub(super) inherited: Inherited,
}

/// Where a template was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    Builtin(String),
    /// A folder, canonical.
    Folder(PathBuf),
    /// A commit of a repository.
    Git(Commit),
}

/// Which state of a repository a template is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Commit {
    pub(super) address: Address,
    /// The tag or branch that was followed; `None` where it is the default branch, or a commit was named.
    pub(super) reference: Option<String>,
    pub(super) id: String,
}

impl Origin {
    /// How the state records it.
    pub(super) fn record(&self) -> String {
        match self {
            Self::Builtin(name) => format!("builtin:{name}"),
            Self::Folder(path) => path.display().to_string(),
            Self::Git(commit) => commit.address.to_string(),
        }
    }

    /// The commit, where it is one.
    pub(super) fn commit(&self) -> Option<&Commit> {
        match self {
            Self::Git(commit) => Some(commit),
            Self::Builtin(_) | Self::Folder(_) => None,
        }
    }
}

impl Template {
    /// The template as the user named it.
    pub(super) fn shown(&self) -> &str {
        self.manifest_file.strip_suffix("/template.toml").unwrap_or(&self.manifest_file)
    }

    pub(super) fn is_builtin(&self) -> bool {
        self.origins().all(|origin| matches!(origin, Origin::Builtin(_)))
    }

    /// Everything that it is made of.
    pub(super) fn origins(&self) -> impl Iterator<Item = &Origin> {
        std::iter::once(&self.origin).chain(self.bases.iter().map(|base| &base.origin))
    }

    /// Whether a name occurs in what is generated.
    pub(super) fn asks_for(&self, name: &str) -> bool {
        let parts = self.files.iter().chain(&self.fragments).chain(&self.includes);
        let has = |text: &str| text.contains(name);
        let mut computed = self.manifest.computed.values();
        computed.any(|text| has(&text.text))
            || parts.into_iter().any(|file| has(&file.path) || file.text().is_some_and(has))
    }
}

/// One file of a template.
#[derive(Debug, Clone)]
pub(super) struct SourceFile {
    pub(super) path: String,
    pub(super) content: Source,
}

impl SourceFile {
    /// Its text; `None` where it is a link or no text.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.content {
            Source::File { bytes, .. } => std::str::from_utf8(bytes).ok(),
            Source::Link(_) => None,
        }
    }
}

/// What a file of a template is.
#[derive(Debug, Clone)]
pub(super) enum Source {
    File { bytes: Cow<'static, [u8]>, executable: bool },
    Link(String),
}

/// A template that the binary carries.
struct Builtin {
    name: &'static str,
    files: &'static [Embedded],
}

struct Embedded {
    path: &'static str,
    bytes: &'static [u8],
    executable: bool,
}

static BUILTINS: &[Builtin] = include!(concat!(env!("OUT_DIR"), "/builtin.rs"));

/// The names of the templates that the binary carries, sorted.
pub(super) fn builtin_names() -> impl Iterator<Item = &'static str> {
    BUILTINS.iter().map(|builtin| builtin.name)
}

/// Which template is wanted, and in which version.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// A built-in's name, a folder, or the address of a repository; the user's own short names are written out already.
    pub(super) source: &'a str,
    /// A tag, a branch or a commit of a repository; otherwise its newest version, or where it has none its default branch.
    pub(super) reference: Option<&'a str>,
    /// Whether a version before a release counts as a version.
    pub(super) pre: bool,
    /// The states of what it extends, where these are recorded.
    pub(super) pins: &'a [Pin],
}

impl<'a> Wanted<'a> {
    pub(super) fn newest(source: &'a str) -> Self {
        Self { source, reference: None, pre: false, pins: &[] }
    }
}

/// Who looks for a template.
#[derive(Debug, Clone, Copy)]
pub(super) struct Finder<'a> {
    /// The folder that paths are seen from.
    pub(super) dir: &'a Path,
    /// How new that must be which was fetched.
    pub(super) age: Age,
    /// Who is told that something is fetched; `None` where nobody listens.
    pub(super) ui: Option<&'a Ui>,
}

/// Reads the template that `source` names, as far as it is at hand: nothing is fetched.
///
/// # Errors
/// As `find`.
pub(super) fn load(source: &str, dir: &Path) -> anyhow::Result<Template> {
    find(Wanted::newest(source), Finder { dir, age: Age::Any, ui: None })
}

/// Reads the template that is wanted, and what it extends.
///
/// # Errors
/// Where there is no such template or version, it cannot be fetched, it is of another tool, or its `template.toml` has problems.
pub(super) fn find(wanted: Wanted, finder: Finder) -> anyhow::Result<Template> {
    heir::inherit(alone(wanted, finder)?, wanted.pins, finder)
}

/// The same without what it extends.
fn alone(wanted: Wanted, finder: Finder) -> anyhow::Result<Template> {
    let source = wanted.source;
    if let Some(name) = source.strip_prefix("builtin:") {
        no_version(wanted, "built-in templates have the version of prodev", "leave out `--ref` and `--pre`")?;
        return builtin(name).unwrap_or_else(|| Err(unknown(name).into()));
    }
    if let Some(address) = address::parse(source)? {
        return repository::read(address, wanted, finder);
    }
    let looks_like_path = source.contains('/') || source.starts_with('.') || source.starts_with('~');
    if !looks_like_path && let Some(template) = builtin(source) {
        no_version(wanted, "built-in templates have the version of prodev", "leave out `--ref` and `--pre`")?;
        return template;
    }
    let path = finder.dir.join(source);
    if path.is_dir() {
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        let url = format!("file://{}", real.display());
        if !path.join("template.toml").exists()
            && git::around(&real) == Some(&real)
            && let Some(address) = address::parse(&url)?
        {
            return repository::read(address, wanted, finder);
        }
        no_version(
            wanted,
            &format!("`{source}` is a folder, which is read as it is"),
            &format!("name the repository instead: `{url}`"),
        )?;
        return folder::read(&path, source);
    }
    if looks_like_path {
        return Err(fail(format!("there is no folder `{source}`"))
            .hint("name a folder with a `template.toml`, or see `prodev template list`")
            .exit(Exit::Usage)
            .into());
    }
    Err(unknown(source).into())
}

/// The address of the repository that `source` is fetched from, without its folder; `None` where it is none.
///
/// # Errors
/// Where it looks like an address and cannot be used.
pub(super) fn repository_of(source: &str, dir: &Path) -> Result<Option<String>, Failure> {
    if let Some(address) = address::parse(source)? {
        return Ok(Some(address.url));
    }
    let real = dir.join(source).canonicalize().ok().filter(|real| git::around(real) == Some(real));
    Ok(real.map(|real| format!("file://{}", real.display())))
}

/// What the origin of `source` may be recorded as, as far as that can be told without a look into it.
///
/// # Errors
/// Where it looks like an address and cannot be used.
pub(super) fn recorded(source: &str, dir: &Path) -> Result<Vec<String>, Failure> {
    if let Some(address) = address::parse(source)? {
        return Ok(vec![address.to_string()]);
    }
    let real = dir.join(source).canonicalize().map(|real| real.display().to_string());
    Ok(real.into_iter().flat_map(|real| [format!("file://{real}"), real]).collect())
}

/// Refuses to choose a version where there is only one.
fn no_version(wanted: Wanted, why: &str, hint: &str) -> Result<(), Failure> {
    match wanted.reference {
        Some(reference) => {
            Err(fail(format!("there is no version `{reference}` to choose: {why}")).hint(hint).exit(Exit::Usage))
        }
        None if wanted.pre => Err(fail(format!("`--pre` chooses nothing here: {why}")).hint(hint).exit(Exit::Usage)),
        None => Ok(()),
    }
}

fn unknown(name: &str) -> Failure {
    let failure = fail(format!("there is no template `{name}`")).exit(Exit::Usage);
    match nearest(name, builtin_names()) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint(format!(
            "the built-in templates are {}; a folder is named by a path such as `./{name}`",
            listed(builtin_names())
        )),
    }
}

fn builtin(name: &str) -> Option<anyhow::Result<Template>> {
    let builtin = BUILTINS.iter().find(|builtin| builtin.name == name)?;
    let files = builtin.files.iter().map(|file| SourceFile {
        path: file.path.to_owned(),
        content: Source::File { bytes: Cow::Borrowed(file.bytes), executable: file.executable },
    });
    Some(assemble(Origin::Builtin(name.to_owned()), &format!("builtin:{name}"), files.collect()))
}

/// Sorts a template's files into its parts.
fn assemble(origin: Origin, shown: &str, all: Vec<SourceFile>) -> anyhow::Result<Template> {
    let manifest_file = format!("{shown}/template.toml");
    let mut manifest_text = None;
    let mut changelog = None;
    let (mut files, mut fragments, mut includes) = (Vec::new(), Vec::new(), Vec::new());
    for mut file in all {
        if let (Source::File { bytes, .. }, "template.toml") = (&file.content, file.path.as_str()) {
            manifest_text = Some(bytes.clone());
            continue;
        }
        if file.path == "CHANGELOG.md" {
            changelog = file.text().map(ToOwned::to_owned);
        }
        let Some((top, inner)) = file.path.split_once('/') else { continue };
        let part = match top {
            "files" => &mut files,
            "fragments" => &mut fragments,
            "includes" => &mut includes,
            _ => continue,
        };
        let inner = inner.to_owned();
        file.path = inner;
        part.push(file);
    }
    let bytes = manifest_text.ok_or_else(|| {
        fail(format!("`{shown}` has no `template.toml`"))
            .hint("`prodev template schema` describes it")
            .exit(Exit::Usage)
    })?;
    let manifest_text = String::from_utf8(bytes.into_owned())
        .map_err(|_| fail(format!("`{manifest_file}` is not UTF-8")).hint("save it as UTF-8").exit(Exit::Usage))?;
    check_version(&manifest_file, &manifest_text)?;
    let manifest = manifest_of(&manifest_file, &manifest_text)?;
    for part in [&mut files, &mut fragments, &mut includes] {
        part.sort_by(|a, b| a.path.cmp(&b.path));
    }
    Ok(Template {
        origin,
        manifest,
        manifest_text,
        manifest_file,
        files,
        fragments,
        includes,
        changelog,
        bases: Vec::new(),
        inherited: Inherited::default(),
    })
}

/// What the text of a `template.toml` says.
fn manifest_of(file: &str, text: &str) -> Result<Manifest, Failure> {
    document::read(file, text).map_err(|failure| document::described_by("prodev template schema", failure))
}

/// Looks at `min_prodev` before anything else: what a newer prodev knows would be an unknown key to this one.
fn check_version(file: &str, text: &str) -> Result<(), Failure> {
    let Ok(table) = text.parse::<toml::Table>() else { return Ok(()) };
    let wanted = table.get("template").and_then(|about| about.get("min_prodev")).and_then(toml::Value::as_str);
    let Some(wanted) = wanted.and_then(|version| semver::Version::parse(version).ok()) else { return Ok(()) };
    let have = env!("CARGO_PKG_VERSION");
    if semver::Version::parse(have).is_ok_and(|have| have < wanted) {
        return Err(fail(format!("`{file}` needs prodev {wanted} or newer; this is {have}"))
            .hint("update prodev, or use an older version of the template")
            .exit(Exit::Usage));
    }
    Ok(())
}
