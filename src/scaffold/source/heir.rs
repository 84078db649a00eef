//! Templates that extend others: which one is meant, in which state, and the two made one. What the heir has counts, by its name: files, fragments,
//! includes, questions, computed values, components, presets and messages; rules, tasks and contributions come behind those of its base.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::address::{self, Address};
use super::{
    Finder, Origin, SourceFile, Template, Wanted, alone, builtin, builtin_names, folder, manifest_of, repository,
};
use crate::error::{Exit, Failure, Place, fail};
use crate::scaffold::jinja::Wrong;
use crate::scaffold::manifest::{Extends, Manifest, Migration, Rename, Text};
use crate::scaffold::render::names_of;

/// More in a row is a mistake.
const MOST: usize = 8;

/// A template that another is made from.
#[derive(Debug)]
pub(in crate::scaffold) struct Base {
    pub(in crate::scaffold) origin: Origin,
    pub(in crate::scaffold) version: semver::Version,
    /// Its own, which speak of its own versions.
    pub(in crate::scaffold) renames: Vec<Rename>,
    pub(in crate::scaffold) migrations: Vec<Migration>,
    file: String,
    text: String,
    /// Places in its text are counted from here on, so that they are told from those of the heir.
    start: usize,
}

/// What comes from bases.
#[derive(Debug, Default)]
pub(in crate::scaffold) struct Inherited {
    /// How many of the rules, of the tasks, and of the contributions; they come first.
    pub(in crate::scaffold) rules: usize,
    pub(in crate::scaffold) tasks: usize,
    pub(in crate::scaffold) contributions: usize,
    /// Files by their part and path, and which base they are from.
    files: HashMap<String, usize>,
}

/// Which state of a base a project was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::scaffold) struct Pin {
    pub(in crate::scaffold) source: String,
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub(in crate::scaffold) reference: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::scaffold) commit: Option<String>,
    pub(in crate::scaffold) version: String,
}

impl Template {
    /// The base, and the same range within its text, that bytes of a `template.toml` belong to; `None` where it is the template's own.
    fn base_at(&self, span: &std::ops::Range<usize>) -> Option<(&Base, std::ops::Range<usize>)> {
        let base = self.bases.iter().rev().find(|base| span.start >= base.start && span.end > span.start)?;
        Some((base, span.start - base.start..span.end - base.start))
    }

    /// Where bytes of a `template.toml` stand.
    pub(in crate::scaffold) fn place(&self, span: &std::ops::Range<usize>) -> Place {
        match self.base_at(span) {
            Some((base, span)) => Place::of(&base.file, &base.text, &span),
            None => Place::of(&self.manifest_file, &self.manifest_text, span),
        }
    }

    /// What is wrong with a text of a `template.toml`, with its place.
    pub(in crate::scaffold) fn wrong(&self, wrong: Wrong, text: &Text) -> crate::error::Problem {
        match self.base_at(&text.span) {
            Some((base, span)) => wrong.at(&base.file, &base.text, &Text { text: text.text.clone(), span }),
            None => wrong.at(&self.manifest_file, &self.manifest_text, text),
        }
    }

    /// The bytes of a `template.toml`.
    pub(in crate::scaffold) fn quoted(&self, span: &std::ops::Range<usize>) -> &str {
        let (text, span) = match self.base_at(span) {
            Some((base, span)) => (&base.text, span),
            None => (&self.manifest_text, span.clone()),
        };
        text.get(span).unwrap_or_default()
    }

    /// One of its files as the user would name it.
    pub(in crate::scaffold) fn file(&self, part: &str, path: &str) -> String {
        let base = self.inherited.files.get(&format!("{part}/{path}")).and_then(|at| self.bases.get(*at));
        let shown =
            base.map_or_else(|| self.shown(), |base| base.file.strip_suffix("/template.toml").unwrap_or(&base.file));
        format!("{shown}/{part}/{path}")
    }

    /// Whether one of its files is a base's, of which this template has none of its own.
    pub(in crate::scaffold) fn is_inherited(&self, part: &str, path: &str) -> bool {
        self.inherited.files.contains_key(&format!("{part}/{path}"))
    }

    /// All texts of a `template.toml` that it is made of.
    pub(in crate::scaffold) fn manifest_texts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.manifest_text.as_str()).chain(self.bases.iter().map(|base| base.text.as_str()))
    }

    /// How a project records the states of its bases, each under what `source` calls it.
    pub(in crate::scaffold) fn pins(&self, source: impl Fn(&Origin) -> String) -> Vec<Pin> {
        let pin = |base: &Base| Pin {
            source: source(&base.origin),
            reference: base.origin.commit().and_then(|commit| commit.reference.clone()),
            commit: base.origin.commit().map(|commit| commit.id.clone()),
            version: base.version.to_string(),
        };
        self.bases.iter().map(pin).collect()
    }
}

/// Makes `template` and all that it extends one.
///
/// # Errors
/// A base that is not there, must not be reached from where the heir is, or is not in the state that is recorded; a circle.
pub(super) fn inherit(template: Template, pins: &[Pin], finder: Finder) -> anyhow::Result<Template> {
    let mut chain = vec![template];
    while let Some(heir) = chain.last()
        && let Some(extends) = heir.manifest.template.extends.clone()
    {
        let at = |error: anyhow::Error| match error.downcast::<Failure>() {
            Ok(failure) if failure.place.is_none() && failure.problems.is_empty() => {
                Failure { place: Some(heir.place(&extends.source.span)), ..failure }.into()
            }
            Ok(failure) => failure.into(),
            Err(error) => error.context(format!("could not read what `{}` extends", heir.shown())),
        };
        let base = base(heir, &extends, pins.get(chain.len() - 1), finder).map_err(at)?;
        let names: Vec<String> = chain.iter().chain([&base]).map(|it| format!("`{}`", it.shown())).collect();
        if chain.iter().any(|it| it.origin.record() == base.origin.record()) {
            return Err(at(circle(&names, "templates extend each other in a circle")));
        }
        if chain.len() > MOST {
            return Err(at(circle(&names, &format!("more than {MOST} templates extend each other"))));
        }
        chain.push(base);
    }
    if chain.len() == 1 { chain.pop().ok_or_else(|| anyhow::anyhow!("there is one")) } else { joined(chain) }
}

fn circle(names: &[String], message: &str) -> anyhow::Error {
    fail(message).cause(names.join(" extends ")).hint("let one of them stand on its own").exit(Exit::Usage).into()
}

/// The template that `heir` extends.
fn base(heir: &Template, extends: &Extends, pin: Option<&Pin>, finder: Finder) -> anyhow::Result<Template> {
    let source = extends.source.text.as_str();
    let reference = extends.reference.as_deref();
    let is_relative = source.starts_with("./") || source.starts_with("../") || matches!(source, "." | "..");
    if is_relative && reference.is_some() {
        return Err(fail(format!("there is no version of `{source}` to choose: it is where the template is"))
            .hint("leave out `ref`")
            .exit(Exit::Usage)
            .into());
    }
    let name = source.strip_prefix("builtin:").unwrap_or(source);
    if builtin_names().any(|known| known == name) && reference.is_none() {
        let base = builtin(name).ok_or_else(|| anyhow::anyhow!("it is there"))??;
        return same_version(base, pin);
    }
    match (&heir.origin, is_relative) {
        (Origin::Builtin(_), _) => Err(out_of_reach(source, "a built-in template extends built-in ones alone")),
        (Origin::Folder(root), true) => folder::read(&root.join(source), &walked(heir.shown(), source)),
        (Origin::Git(commit), true) => {
            let address = beside(&commit.address, source)?;
            let wanted = Wanted { source: &address.to_string(), reference: Some(&commit.id), pre: false, pins: &[] };
            let mut base = repository::read(address, wanted, finder)?;
            if let Origin::Git(found) = &mut base.origin {
                found.reference.clone_from(&commit.reference);
            }
            Ok(base)
        }
        (origin, false) => {
            let address = address::parse(source)?;
            let is_local = address.as_ref().is_none_or(|address| address.url.starts_with("file:"));
            // Whoever wrote a template elsewhere has no business with the folders of this machine.
            if let Origin::Git(commit) = origin
                && is_local
                && !commit.address.url.starts_with("file:")
            {
                return Err(out_of_reach(source, "a template from elsewhere extends no folder of this machine"));
            }
            let record = address.map(|address| address.to_string());
            let pinned = pin.filter(|pin| Some(&pin.source) == record.as_ref()).and_then(|pin| pin.commit.as_deref());
            let wanted = Wanted { source, reference: pinned.or(reference), pre: false, pins: &[] };
            let mut base = alone(wanted, finder)?;
            if let (Some(pin), Origin::Git(found)) = (pin.filter(|_| pinned.is_some()), &mut base.origin) {
                found.reference.clone_from(&pin.reference);
            }
            Ok(base)
        }
    }
}

fn out_of_reach(source: &str, why: &str) -> anyhow::Error {
    fail(format!("`{source}` cannot be extended from here: {why}"))
        .hint("name a repository such as `gh:OWNER/NAME`, or a folder of the same one such as `../base`")
        .exit(Exit::Usage)
        .into()
}

/// # Errors
/// A built-in base of another version than the project's: there is no other to be had.
fn same_version(base: Template, pin: Option<&Pin>) -> anyhow::Result<Template> {
    let have = base.manifest.template.version.to_string();
    match pin.filter(|pin| pin.source == base.origin.record() && pin.version != have) {
        Some(pin) => {
            Err(fail(format!("this project is of `{}` {}, and this prodev has {have}", base.shown(), pin.version))
                .hint("`prodev update` first")
                .into())
        }
        None => Ok(base),
    }
}

/// `source` as seen from the folder `from`, without going up and down again.
fn walked(from: &str, source: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').filter(|part| *part != ".").collect();
    for part in source.split('/').filter(|part| !matches!(*part, "" | ".")) {
        match (part, parts.last()) {
            ("..", Some(last)) if !matches!(*last, "" | "..") => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    let path = parts.join("/");
    if path.starts_with(['.', '/']) { path } else { format!("./{path}") }
}

/// Another folder of the same repository.
fn beside(address: &Address, source: &str) -> Result<Address, Failure> {
    let mut parts: Vec<&str> = address.folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in source.split('/').filter(|part| !matches!(*part, "" | ".")) {
        if part == ".." {
            if parts.pop().is_none() {
                return Err(fail(format!("`{source}` leaves the repository `{}`", address.url))
                    .hint("name the other repository by its address")
                    .exit(Exit::Usage));
            }
        } else {
            parts.push(part);
        }
    }
    Ok(Address { folder: parts.join("/"), ..address.clone() })
}

/// All of them as one; the heir of all comes first.
fn joined(mut chain: Vec<Template>) -> anyhow::Result<Template> {
    let mut bases = Vec::new();
    let mut start = chain[0].manifest_text.len() + 1;
    for base in &mut chain[1..] {
        // Read once more behind so many empty lines: every place in it is then a number of its own.
        let padded = format!("{}{}", "\n".repeat(start), base.manifest_text);
        base.manifest = manifest_of(&base.manifest_file, &padded)?;
        bases.push(Base {
            origin: base.origin.clone(),
            version: base.manifest.template.version.clone(),
            renames: std::mem::take(&mut base.manifest.renames),
            migrations: std::mem::take(&mut base.manifest.migrations),
            file: base.manifest_file.clone(),
            text: base.manifest_text.clone(),
            start,
        });
        start += base.manifest_text.len() + 1;
    }
    let count = chain.len();
    let mut inherited = Inherited::default();
    let mut whole: Option<Template> = None;
    for (at, heir) in chain.into_iter().enumerate().rev() {
        whole = Some(match whole {
            None => heir,
            Some(base) => over(base, heir, &mut inherited),
        });
        if at > 0
            && let Some(whole) = &whole
        {
            inherited.rules = whole.manifest.files.len();
            inherited.tasks = whole.manifest.tasks.len();
            inherited.contributions = whole.manifest.contributions.len();
            for (part, files) in
                [("files", &whole.files), ("fragments", &whole.fragments), ("includes", &whole.includes)]
            {
                for file in files {
                    inherited.files.entry(format!("{part}/{}", file.path)).or_insert(at - 1);
                }
            }
        }
    }
    debug_assert!(bases.len() + 1 == count);
    let whole = whole.ok_or_else(|| anyhow::anyhow!("there is one"))?;
    Ok(Template { bases, inherited, ..whole })
}

/// `heir` over `base`.
fn over(base: Template, heir: Template, inherited: &mut Inherited) -> Template {
    let mut put = |part: &str, under: Vec<SourceFile>, over: Vec<SourceFile>, key: fn(&str) -> String| {
        let own: HashSet<String> = over.iter().map(|file| key(&file.path)).collect();
        for file in &over {
            inherited.files.remove(&format!("{part}/{}", file.path));
        }
        let mut all: Vec<SourceFile> =
            under.into_iter().filter(|file| !own.contains(&key(&file.path))).chain(over).collect();
        all.sort_by(|a, b| a.path.cmp(&b.path));
        all
    };
    let files = put("files", base.files, heir.files, |path| names_of(path)[0].to_owned());
    let fragments = put("fragments", base.fragments, heir.fragments, owner);
    let includes = put("includes", base.includes, heir.includes, ToOwned::to_owned);
    Template { manifest: manifest(base.manifest, heir.manifest), files, fragments, includes, ..heir }
}

/// A fragment without its endings: its slot, and whose it is.
fn owner(path: &str) -> String {
    let name = path.rfind('/').map_or(0, |at| at + 1);
    let end = path[name..].find('.').map_or(path.len(), |at| name + at);
    path[..end].to_owned()
}

fn manifest(base: Manifest, heir: Manifest) -> Manifest {
    let mut merged = Manifest { template: heir.template, renames: heir.renames, migrations: heir.migrations, ..base };
    // What the heir computes is asked no more, and what it asks is computed no more.
    merged.questions.retain(|name, _| !heir.computed.contains_key(name));
    merged.computed.retain(|name, _| !heir.questions.contains_key(name));
    merged.questions.extend(heir.questions);
    merged.computed.extend(heir.computed);
    merged.components.extend(heir.components);
    merged.presets.extend(heir.presets);
    merged.files.extend(heir.files);
    merged.tasks.extend(heir.tasks);
    merged.contributions.extend(heir.contributions);
    merged.messages.before = heir.messages.before.or(merged.messages.before);
    merged.messages.after = heir.messages.after.or(merged.messages.after);
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_named_as_seen_from_here() {
        for (from, source, expected) in [
            ("../tpl", "../base", "../base"),
            ("./tpl", "../base", "./base"),
            (".", "../base", "../base"),
            ("/srv/tpl", "../base", "/srv/base"),
            ("../a/b", "./c/", "../a/b/c"),
            ("../..", "../x", "../../../x"),
        ] {
            assert_eq!(walked(from, source), expected, "{source} from {from}");
        }
    }

    #[test]
    fn a_base_beside_stays_in_its_repository() {
        let address = |text: &str| address::parse(text).expect("an address").expect("one");
        for (from, source, expected) in [
            ("gh:acme/x//web", "../base", Some("https://github.com/acme/x//base")),
            ("gh:acme/x//a/b", "../../c", Some("https://github.com/acme/x//c")),
            ("gh:acme/x//a", "..", Some("https://github.com/acme/x")),
            ("gh:acme/x", "./sub", Some("https://github.com/acme/x//sub")),
            ("gh:acme/x", "../y", None),
            ("gh:acme/x//a", "../../y", None),
        ] {
            assert_eq!(beside(&address(from), source).ok().map(|it| it.to_string()).as_deref(), expected, "{source}");
        }
    }
}
