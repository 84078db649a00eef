//! Which files are read for variables, in which language, and what each file says.

use std::collections::HashSet;
use std::path::Path;

use super::reads::{Code, Read, Way, helpers};
use super::tokens::{Language, Token, tokens};
use super::{compiled, javascript, python, settings, shell};

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Python,
    JavaScript,
    Rust,
    Go,
    Shell,
    Compose,
    Workflow,
    /// Something else that can name variables, and whose language is not known here.
    Other,
}

/// Endings of files that name variables without being read as programs.
const OTHERS: [&str; 22] = [
    "yaml", "yml", "toml", "json", "tf", "hcl", "nix", "rb", "php", "java", "kt", "cs", "ex", "exs", "mk", "just",
    "conf", "ini", "cfg", "jinja", "j2", "tmpl",
];

/// Names of such files.
const OTHER_NAMES: [&str; 8] =
    ["Makefile", "Justfile", "justfile", "Jenkinsfile", "Dockerfile", "Containerfile", "Procfile", "Caddyfile"];

impl Kind {
    /// What a file is, by its path from the project's root, and its first line where the name does not tell.
    pub(super) fn of(path: &Path, first_line: impl FnOnce() -> String) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        // The files themselves, and what is written about them.
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        // `.env.ci.sh` is a script all the same.
        let is_program = matches!(ending.as_deref(), Some("sh" | "bash" | "zsh" | "py" | "js" | "mjs" | "cjs" | "ts"));
        if name == ".env" || name.starts_with(".env.") && !is_program || ending.as_deref() == Some("env") {
            return None;
        }
        let shown = path.to_string_lossy();
        let is_yaml = matches!(ending.as_deref(), Some("yml" | "yaml"));
        let is_compose = is_yaml && (name.starts_with("compose.") || name.starts_with("docker-compose"));
        let is_workflow = is_yaml
            && (shown.contains(".github/workflows/")
                || shown.contains(".gitea/workflows/")
                || shown.contains(".forgejo/workflows/")
                || name.starts_with(".gitlab-ci."));
        match ending.as_deref() {
            _ if is_compose => Some(Self::Compose),
            _ if is_workflow => Some(Self::Workflow),
            Some("py" | "pyi") => Some(Self::Python),
            Some("js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "cts" | "tsx" | "vue" | "svelte" | "astro") => {
                Some(Self::JavaScript)
            }
            Some("rs") => Some(Self::Rust),
            Some("go") => Some(Self::Go),
            Some("sh" | "bash" | "zsh" | "ksh" | "bats") => Some(Self::Shell),
            Some(ending) if OTHERS.contains(&ending) => Some(Self::Other),
            _ if OTHER_NAMES.contains(&name) || name.starts_with("Dockerfile") => Some(Self::Other),
            None => {
                let line = first_line();
                let program = line.strip_prefix("#!")?;
                let is = |known: &str| {
                    program
                        .split(['/', ' '])
                        .any(|part| part.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') == known)
                };
                if ["sh", "bash", "dash", "zsh", "ksh"].iter().any(|known| is(known)) {
                    Some(Self::Shell)
                } else if is("python") {
                    Some(Self::Python)
                } else if is("node") || is("deno") || is("bun") {
                    Some(Self::JavaScript)
                } else {
                    Some(Self::Other)
                }
            }
            Some(_) => None,
        }
    }

    fn language(self) -> Option<Language> {
        match self {
            Self::Python => Some(Language::Python),
            Self::JavaScript => Some(Language::JavaScript),
            Self::Rust => Some(Language::Rust),
            Self::Go => Some(Language::Go),
            Self::Shell | Self::Compose | Self::Workflow | Self::Other => None,
        }
    }
}

/// Whether a file belongs to the tests: what these set for themselves is nobody else's.
pub(super) fn is_test(path: &Path) -> bool {
    let is_folder =
        |name: &str| matches!(name, "test" | "tests" | "__tests__" | "spec" | "testdata" | "fixtures" | "e2e");
    let folders = path.parent().into_iter().flat_map(Path::components);
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let stem = name.split('.').next().unwrap_or_default();
    folders.into_iter().any(|part| part.as_os_str().to_str().is_some_and(is_folder))
        || stem.starts_with("test_")
        || stem.ends_with("_test")
        || stem == "conftest"
        || [".test.", ".spec.", ".bats"].iter().any(|mark| name.contains(mark))
}

/// All places of a file that speak of variables: of what is spelled as variables are, and of those that are `known` to be some.
pub(super) fn reads(kind: Kind, source: &str, known: &HashSet<String>) -> Vec<Read> {
    let Some(language) = kind.language() else {
        return match kind {
            Kind::Shell => shell::script(source, known),
            Kind::Compose => shell::compose(source, known),
            Kind::Workflow => shell::workflow(source, known),
            _ => Vec::new(),
        };
    };
    let tokens = tokens(source, language);
    let code = Code::new(&tokens, source, known);
    let mut found = match language {
        Language::Python => python::reads(&code).into_iter().chain(settings::reads(&code)).collect(),
        Language::JavaScript => javascript::reads(&code),
        Language::Rust => compiled::rust(&code),
        Language::Go => compiled::go(&code),
    };
    helpers(&code, &mut found);
    if language == Language::Python {
        python::prefixed(&code, &mut found);
    }
    // One place can have more than one of the shapes.
    let rank = |read: &Read| (read.default.is_none(), read.way != Way::Asked);
    found.sort_by(|a, b| (a.at, &a.name, rank(a)).cmp(&(b.at, &b.name, rank(b))));
    found.dedup_by(|a, b| (a.at, &a.name) == (b.at, &b.name));
    found
}

/// Places of a file in no language that is known here which seem to read one of these names: as a shell, Make, or most languages spell it.
pub(super) fn mentions(source: &str, names: &HashSet<String>) -> Vec<Read> {
    const BEFORE: [&str; 13] = [
        "$",
        "${",
        "$(",
        "env.",
        "ENV.",
        "env[",
        "ENV[",
        "environ[",
        "ENV.fetch(",
        "getenv(",
        "get_env(",
        "env(",
        "System.getenv(",
    ];
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found = Vec::new();
    for name in names {
        for (at, _) in source.match_indices(name.as_str()) {
            let before = source[..at].trim_end_matches(['"', '\'']);
            let ends = !source[at + name.len()..].starts_with(is_word);
            if ends && BEFORE.iter().any(|one| before.ends_with(one)) {
                found.push(Read { name: name.clone(), at, way: Way::Asked, default: None });
            }
        }
    }
    found.sort_by(|a, b| (a.at, &a.name).cmp(&(b.at, &b.name)));
    found
}

/// The words of a file that could be names of variables, wherever in its code or its texts they stand.
pub(super) fn words(kind: Kind, source: &str, mut take: impl FnMut(&str)) {
    let mut split = |text: &str| {
        text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| word.len() > 1).for_each(&mut take);
    };
    match kind.language() {
        Some(language) => {
            for placed in tokens(source, language) {
                match &placed.token {
                    Token::Word(word) => split(word),
                    Token::Text(text) => split(text),
                    Token::Mixed | Token::Sign(_) => {}
                }
            }
        }
        None => {
            for line in source.lines().filter(|line| !line.trim_start().starts_with('#')) {
                split(line);
            }
        }
    }
}
