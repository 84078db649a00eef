//! Which selections of components are generated, and how far each is proven.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// The components that can be chosen, with what each requires beside `core`.
pub(super) const COMPONENTS: [(&str, &[&str]); 19] = [
    ("rest", &[]),
    ("openapi", &["rest"]),
    ("oauth2", &["rest"]),
    ("auth-jwt", &["rest"]),
    ("auth-token", &["rest"]),
    ("cache", &[]),
    ("example", &[]),
    ("graphql", &[]),
    ("signals", &[]),
    ("celery", &[]),
    ("beat", &["celery"]),
    ("cron", &[]),
    ("pipelines", &[]),
    ("analytics", &[]),
    ("docker", &[]),
    ("kubernetes", &["docker"]),
    ("ci-github", &[]),
    ("ci-jenkins", &[]),
    ("scripts", &[]),
];

/// A selection, how it is asked for, and what must come of it.
#[derive(Clone, Debug)]
pub(super) struct Selection {
    pub(super) name: String,
    /// The flags of `prodev new`.
    pub(super) flags: Vec<String>,
    /// What is in it, in any order.
    pub(super) components: Vec<String>,
}

impl Selection {
    fn new(name: &str, flags: &[&str], components: &[&str]) -> Self {
        let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        Self { name: name.to_owned(), flags: owned(flags), components: owned(components) }
    }

    /// Components of another template.
    pub(super) fn of(components: &[&str]) -> Self {
        Self::new("", &[], components)
    }

    pub(super) fn minimal() -> Self {
        Self::new("minimal", &["--preset", "minimal"], &["core"])
    }

    pub(super) fn default() -> Self {
        Self::new("default", &[], &["core", "rest", "openapi", "auth-jwt", "example"])
    }

    pub(super) fn full() -> Self {
        let all = ["core"].into_iter().chain(COMPONENTS.map(|(name, _)| name)).collect::<Vec<_>>();
        Self::new("full", &["--preset", "full"], &all)
    }

    /// One component with all that it requires.
    fn alone(name: &str, requires: &[&str]) -> Self {
        let components: Vec<&str> = [&["core"], requires, &[name]].concat();
        Self::new(&format!("{name} alone"), &["--preset", "minimal", "--with", name], &components)
    }

    /// Everything but one component and what requires it.
    fn without(name: &str) -> Self {
        let gone = |it: &str, requires: &[&str]| it == name || requires.contains(&name);
        let left = COMPONENTS.iter().filter(|(it, requires)| !gone(it, requires)).map(|(it, _)| *it);
        let components: Vec<&str> = ["core"].into_iter().chain(left).collect();
        let out: Vec<&str> = COMPONENTS.iter().filter(|(it, requires)| gone(it, requires)).map(|(it, _)| *it).collect();
        Self::new(&format!("full without {name}"), &["--preset", "full", "--without", &out.join(",")], &components)
    }

    /// What cannot be there without a component.
    pub(super) fn dependents(name: &str) -> Vec<&'static str> {
        COMPONENTS.iter().filter(|(_, requires)| requires.contains(&name)).map(|(it, _)| *it).collect()
    }

    /// The same without some components, of which none is required by one that is left.
    pub(super) fn less(&self, names: &[&str]) -> Self {
        let mut less = self.clone();
        if !names.is_empty() {
            less.flags.extend(["--without".to_owned(), names.join(",")]);
            less.components.retain(|it| !names.contains(&&**it));
        }
        less
    }

    /// Those of components that have changed since a commit, each alone.
    pub(super) fn changed(since: &str) -> Vec<Self> {
        let changed = changed(since);
        COMPONENTS.iter().filter(|(name, _)| changed.contains(*name)).map(|(name, it)| Self::alone(name, it)).collect()
    }

    /// The selections that are run when everything is asked for, beside those that are always run.
    pub(super) fn everything() -> Vec<Self> {
        let alone = COMPONENTS.iter().map(|(name, requires)| Self::alone(name, requires));
        alone.chain(COMPONENTS.iter().map(|(name, _)| Self::without(name))).collect()
    }
}

/// The components whose files or fragments are not what they were at a commit; none where Git cannot tell.
fn changed(since: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/django-api");
    let mut git = Command::new("git");
    git.args(["diff", "--name-only", "--relative", "-z", since, "--", "."]).current_dir(&folder);
    let said = git.output().map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let manifest: toml::Table = include_str!("../../../templates/django-api/template.toml").parse().unwrap();
    let globs = manifest["components"].as_table().unwrap().iter().map(|(name, component)| {
        let mut set = globset::GlobSetBuilder::new();
        for glob in component.get("files").and_then(|it| it.as_array()).into_iter().flatten() {
            set.add(globset::Glob::new(glob.as_str().unwrap()).unwrap());
        }
        (name, set.build().unwrap())
    });
    let globs: Vec<(&String, globset::GlobSet)> = globs.collect();
    let mut found = BTreeSet::new();
    for path in said.split('\0') {
        // Whoever puts something into a shared file is named by the fragment.
        if path.starts_with("fragments/") {
            let name = Path::new(path).file_name().unwrap_or_default().to_string_lossy();
            found.extend(name.split('.').next().map(str::to_owned));
        } else if let Some(file) = path.strip_prefix("files/") {
            let file = file.strip_suffix(".jinja").unwrap_or(file);
            found.extend(globs.iter().filter(|(_, set)| set.is_match(file)).map(|(name, _)| (*name).clone()));
        }
    }
    found
}
