//! The configuration of a project: the root file, the nested ones on the way to where the command stands, and what they include.

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};

use super::check::{self, Catalog, Finding, Findings};
use super::document::{self, Misplaced};
use super::file::{Part, Policy, Root};
use super::text::{self, Owner};
use super::tree::Tree;
use super::{discover, version};
use crate::error::{Exit, Failure, Problem, fail};

/// Everything that is configured, and from which files.
#[derive(Debug)]
pub(crate) struct Project {
    /// The directory of the root file; without one, where the command stands.
    pub(crate) dir: PathBuf,
    /// What only the root file can say.
    pub(crate) policy: Policy,
    /// The root file first, then the others; none where there is no root file.
    pub(crate) files: Vec<Loaded>,
}

/// A file that has been read.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) path: PathBuf,
    /// The path as the user would name it.
    pub(crate) shown: String,
    /// What its recipes are called by, as `api::v2`; empty for the root's own.
    pub(crate) namespace: String,
    pub(crate) source: String,
    pub(crate) part: Part,
    role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Root,
    Nested,
    Included,
}

/// What nested and included files cannot say.
const ROOT_ONLY: Misplaced =
    Misplaced { keys: &["flow", "hooks", "settings"], message: "belongs to the root file of the project" };

impl Project {
    /// The directory of the project that `dir` (absolute) belongs to, without a look into any file.
    pub(crate) fn home(dir: &Path, config_file: Option<&Path>) -> PathBuf {
        let root = config_file.map(Path::to_owned).or_else(|| discover::root(dir));
        root.as_deref().and_then(Path::parent).unwrap_or(dir).to_owned()
    }

    /// Reads the configuration that holds in `dir` (absolute), or that of `config_file`, with the nested files that `names` of recipes
    /// speak of.
    ///
    /// # Errors
    /// One `Failure` (exit 2) of all problems in all files; exit 4 where a file belongs to somebody else.
    pub(crate) fn load_for(dir: &Path, config_file: Option<&Path>, names: &[&str]) -> Result<Self, Failure> {
        let root = config_file.map(Path::to_owned).or_else(|| discover::root(dir));
        let Some(root) = root else {
            return Ok(Self { dir: dir.to_owned(), policy: Policy::default(), files: Vec::new() });
        };
        let owner = if config_file.is_some() { Owner::Anybody } else { Owner::UserOrRoot };
        let home = root.parent().unwrap_or(dir).to_owned();
        let mut reader =
            Reader { dir, home: &home, owner, problems: Vec::new(), files: Vec::new(), seen: HashSet::new() };
        let policy = reader.root(&root)?;
        for (namespace, path) in discover::nested(&home, dir) {
            reader.other(&path, namespace, Role::Nested, &[])?;
        }
        if reader.problems.is_empty() {
            reader.named(names, dir)?;
            reader.wanted(&policy)?;
        }
        if reader.problems.is_empty() {
            reader.problems = problems(&policy, &reader.files);
        }
        let Reader { problems, files, .. } = reader;
        if problems.is_empty() {
            return Ok(Self { dir: home, policy, files });
        }
        Err(document::refused("the configuration", problems))
    }
}

/// Reads files one after another, and remembers what is wrong in them.
struct Reader<'a> {
    dir: &'a Path,
    home: &'a Path,
    owner: Owner,
    problems: Vec<Problem>,
    files: Vec<Loaded>,
    /// What has been read, and under which namespace.
    seen: HashSet<(PathBuf, String)>,
}

impl Reader<'_> {
    fn root(&mut self, path: &Path) -> Result<Policy, Failure> {
        let (shown, source) = self.text(path)?;
        let (policy, part) = match document::read::<Root>(&shown, &source) {
            Ok(root) => root.split(),
            Err(failure) => {
                version::check(&shown, &source)?;
                self.note(failure);
                return Ok(Policy::default());
            }
        };
        if policy.settings.prodev.is_some() {
            version::check(&shown, &source)?;
        }
        let loaded = Loaded { path: path.to_owned(), shown, namespace: String::new(), source, part, role: Role::Root };
        self.add(loaded, &[])?;
        Ok(policy)
    }

    /// Reads a file that is not the root; `chain` are the files that led to it by including each other.
    fn other(&mut self, path: &Path, namespace: String, role: Role, chain: &[PathBuf]) -> Result<(), Failure> {
        if !self.seen.insert((path.to_owned(), namespace.clone())) {
            return Ok(());
        }
        let (shown, source) = self.text(path)?;
        match document::read_without::<Part>(ROOT_ONLY, &shown, &source) {
            Ok(part) => self.add(Loaded { path: path.to_owned(), shown, namespace, source, part, role }, chain),
            Err(failure) => {
                self.note(failure);
                Ok(())
            }
        }
    }

    /// Takes a file in, and reads what it includes.
    fn add(&mut self, loaded: Loaded, chain: &[PathBuf]) -> Result<(), Failure> {
        let mut chain = chain.to_vec();
        chain.push(loaded.path.clone());
        let includes: Vec<_> = loaded.part.include.iter().map(super::file::Include::full).collect();
        let (folder, outer) = (loaded.path.parent().unwrap_or(self.home).to_owned(), loaded.namespace.clone());
        self.files.push(loaded);
        let at = self.files.len() - 1;
        for (index, include) in includes.into_iter().enumerate() {
            let complain = |reader: &mut Self, message: String, hint: &str| {
                let loaded = &reader.files[at];
                let place = Tree::of(&loaded.shown, &loaded.source).place(&["include", &index.to_string()]);
                reader.problems.push(Problem { message, place, hint: Some(hint.to_owned()) });
            };
            let Some(path) = normal(&folder.join(&include.path)).filter(|path| path.starts_with(self.home)) else {
                let hint = "name a file below the directory of the root file";
                complain(self, format!("`{}` is outside of the project", include.path), hint);
                continue;
            };
            if chain.contains(&path) {
                complain(self, format!("`{}` includes itself", include.path), "take this line out");
                continue;
            }
            if !discover::is_there(&path) {
                if !include.optional {
                    let hint = format!("make it, or write `{{ path = \"{}\", optional = true }}`", include.path);
                    complain(self, format!("there is no file `{}` to include", include.path), &hint);
                }
                continue;
            }
            let namespace = match (outer.as_str(), include.namespace.as_deref()) {
                (outer, None) => outer.to_owned(),
                ("", Some(inner)) => inner.to_owned(),
                (outer, Some(inner)) => format!("{outer}::{inner}"),
            };
            self.other(&path, namespace, Role::Included, &chain)?;
        }
        Ok(())
    }

    /// Reads nested files that somebody in `dir` means by the `names` of recipes.
    fn named(&mut self, names: &[&str], dir: &Path) -> Result<(), Failure> {
        let way: Vec<String> = dir
            .strip_prefix(self.home)
            .map(|way| way.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect())
            .unwrap_or_default();
        for name in names {
            let Some((namespace, _)) = name.trim_start_matches(':').rsplit_once("::") else { continue };
            self.nested(namespace.to_owned())?;
            for depth in 1..=way.len() {
                self.nested(format!("{}::{namespace}", way[..depth].join("::")))?;
            }
        }
        Ok(())
    }

    /// Reads the nested file of a namespace, if there is one.
    fn nested(&mut self, namespace: String) -> Result<(), Failure> {
        let segments: Vec<&str> = namespace.split("::").collect();
        if segments.iter().any(|segment| matches!(*segment, "" | "." | "..") || segment.contains('/')) {
            return Ok(());
        }
        let path = segments.iter().fold(self.home.to_owned(), |path, segment| path.join(segment));
        let path = path.join(discover::FILE_NAME);
        if discover::is_there(&path) {
            self.other(&path, namespace, Role::Nested, &[])?;
        }
        Ok(())
    }

    /// Reads nested files elsewhere that recipes speak of, and those that these speak of.
    fn wanted(&mut self, policy: &Policy) -> Result<(), Failure> {
        loop {
            let count = self.files.len();
            let wanted = catalog(&self.files).wanted(policy);
            for namespace in wanted {
                self.nested(namespace)?;
            }
            if self.files.len() == count || !self.problems.is_empty() {
                return Ok(());
            }
        }
    }

    fn text(&self, path: &Path) -> Result<(String, String), Failure> {
        let shown = discover::shown(path, self.dir);
        match text::read(path, &shown, self.owner)? {
            Some(source) => Ok((shown, source)),
            None => Err(fail(format!("there is no file `{shown}`"))
                .exit(Exit::Usage)
                .hint("make one with `prodev init`, or name another with `--config FILE`")),
        }
    }

    fn note(&mut self, failure: Failure) {
        if failure.problems.is_empty() {
            let Failure { message, place, hints, .. } = failure;
            self.problems.push(Problem { message, place, hint: hints.into_iter().find(|hint| hint != document::HINT) });
        } else {
            self.problems.extend(failure.problems);
        }
    }
}

fn catalog(files: &[Loaded]) -> Catalog<'_> {
    Catalog::of(files.iter().map(|file| (file.namespace.as_str(), &file.part)))
}

/// Everything that a schema cannot tell, in all files.
fn problems(policy: &Policy, files: &[Loaded]) -> Vec<Problem> {
    let mut lists = catalog(files).check(policy);
    for (file, list) in files.iter().zip(&mut lists) {
        let mut findings = Findings::default();
        check::variables(&file.part.vars, &mut findings);
        check::recipes(&file.part.recipes, &mut findings);
        if let Some(environment) = &file.part.env {
            check::environment(environment, &mut findings);
            if file.role == Role::Included {
                let message = "`[env]` belongs to the `prodev.toml` of a directory, not to a file that is included";
                let path = vec!["env".to_owned()];
                let hint = Some("move it there, or make the file a nested `prodev.toml`".to_owned());
                let finding = Finding { path, message: message.to_owned(), hint, is_of_key: true };
                findings.list.push(finding);
            }
        }
        if file.role == Role::Root {
            check::hooks(&policy.hooks, &mut findings);
            check::settings(&policy.settings, &mut findings);
            if let Some(flow) = &policy.flow {
                check::flow(flow, &mut findings);
            }
        }
        list.append(findings);
    }
    let mut problems = Vec::new();
    for (file, list) in files.iter().zip(lists).filter(|(_, list)| !list.list.is_empty()) {
        let mut tree = Tree::of(&file.shown, &file.source);
        list.secrets.iter().for_each(|path| tree.hide(path));
        let mut found: Vec<Problem> = list
            .list
            .into_iter()
            .map(|Finding { path, message, hint, is_of_key }| {
                let place = if is_of_key { tree.key_place(&path) } else { tree.place(&path) };
                Problem { message, place, hint }
            })
            .collect();
        found.sort_by_key(|problem| problem.place.as_ref().map(|place| (place.line, place.column)));
        problems.extend(found);
    }
    problems
}

/// The path without `.` and `..`; `None` where `..` leads above the root.
fn normal(path: &Path) -> Option<PathBuf> {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                if !normal.pop() {
                    return None;
                }
            }
            other => normal.push(other),
        }
    }
    Some(normal)
}

/// Holds `source` against everything that a root file alone can be held against.
///
/// # Errors
/// One `Failure` (exit 2) of all problems.
pub(crate) fn check(shown: &str, source: &str) -> Result<(), Failure> {
    version::check(shown, source)?;
    let (policy, part) = document::read::<Root>(shown, source)?.split();
    check_alone(&policy, part, Role::Root, shown, source)
}

/// The project of a root file that stands alone, and of what is not written yet.
///
/// # Errors
/// As [`check`].
pub(crate) fn alone(shown: &str, source: &str) -> Result<Project, Failure> {
    version::check(shown, source)?;
    let (policy, part) = document::read::<Root>(shown, source)?.split();
    let (path, shown, source) = (PathBuf::from(shown), shown.to_owned(), source.to_owned());
    let files = [Loaded { path, shown, namespace: String::new(), source, part, role: Role::Root }];
    let problems = problems(&policy, &files);
    if problems.is_empty() {
        return Ok(Project { dir: PathBuf::new(), policy, files: files.into() });
    }
    Err(document::refused(&format!("`{}`", files[0].shown), problems))
}

/// The policy in a root file that is read from somewhere else than the project's directory, as from a commit.
///
/// # Errors
/// One `Failure` (exit 2) of all problems.
pub(crate) fn policy(shown: &str, source: &str) -> Result<Policy, Failure> {
    version::check(shown, source)?;
    // What its recipes say of other files cannot be looked up there, and does not matter here.
    Ok(document::read::<Root>(shown, source)?.split().0)
}

/// Holds `source` against everything that a nested file alone can be held against.
///
/// # Errors
/// One `Failure` (exit 2) of all problems.
pub(crate) fn check_nested(shown: &str, source: &str) -> Result<(), Failure> {
    let part = document::read_without::<Part>(ROOT_ONLY, shown, source)?;
    check_alone(&Policy::default(), part, Role::Nested, shown, source)
}

fn check_alone(policy: &Policy, part: Part, role: Role, shown: &str, source: &str) -> Result<(), Failure> {
    let (path, shown, source) = (PathBuf::from(shown), shown.to_owned(), source.to_owned());
    let file = Loaded { path, shown, namespace: String::new(), source, part, role };
    let shown = file.shown.clone();
    let problems = problems(policy, &[file]);
    if problems.is_empty() {
        return Ok(());
    }
    Err(document::refused(&format!("`{shown}`"), problems))
}
