//! Which selections of components are generated, and how far each is proven.

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

    /// The selections that are run when everything is asked for, beside those that are always run.
    pub(super) fn everything() -> Vec<Self> {
        let alone = COMPONENTS.iter().map(|(name, requires)| Self::alone(name, requires));
        alone.chain(COMPONENTS.iter().map(|(name, _)| Self::without(name))).collect()
    }
}
