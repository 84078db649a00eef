//! A template in a Git repository: which version of it, and its files as they are in that commit.

use std::borrow::Cow;

use super::address::Address;
use super::folder::{FORMATS, MOST_BYTES, MOST_FILES, PARTS, is_litter, other_format};
use super::{Age, Commit, Finder, Origin, Source, SourceFile, Template, Wanted, assemble};
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, fail, listed, nearest};
use crate::git::mirror::{Mirror, Remote, is_id};
use crate::git::{Blob, Limits, What};

pub(super) fn read(address: Address, wanted: Wanted, finder: Finder) -> anyhow::Result<Template> {
    let shelf = Shelf { address: &address, finder };
    let shown = shown(&address, wanted.source);
    let (mirror, reference, id) = shelf.choose(wanted, &shown)?;
    let tops: Vec<&str> = PARTS
        .into_iter()
        .chain(["template.toml", "CHANGELOG.md"])
        .chain(FORMATS.iter().map(|(file, _)| *file))
        .collect();
    let limits = Limits { wanted: &tops, is_litter, files: MOST_FILES, bytes: MOST_BYTES };
    let blobs = mirror.read(&id, &address.folder, limits).map_err(|error| in_template(error, &shown))?;
    let blobs = blobs.ok_or_else(|| {
        let failure = fail(format!("`{}` has no folder `{}`", address.url, address.folder));
        with_templates(failure, &mirror, &id, &address)
    })?;
    if !blobs.iter().any(|blob| blob.path == "template.toml") {
        if let Some((file, tool)) = FORMATS.iter().find(|(file, _)| blobs.iter().any(|blob| blob.path == *file)) {
            return Err(other_format(&shown, file, tool).into());
        }
        let failure = fail(format!("`{shown}` has no `template.toml`"));
        return Err(with_templates(failure, &mirror, &id, &address).into());
    }
    let files = blobs.into_iter().map(source_file).collect();
    assemble(Origin::Git(Commit { address, reference, id }), &shown, files)
}

fn source_file(blob: Blob) -> SourceFile {
    let content = match blob.what {
        What::File { bytes, executable } => Source::File { bytes: Cow::Owned(bytes), executable },
        What::Link(target) => Source::Link(target),
    };
    SourceFile { path: blob.path, content }
}

/// The template as the user named it, where that is short and holds no secret.
fn shown(address: &Address, typed: &str) -> String {
    let is_short = !typed.contains("://") && !typed.contains('@') && typed.contains(':');
    if is_short { typed.trim_end_matches('/').to_owned() } else { address.to_string() }
}

/// What is wrong in a commit, with the template's name: the same path may be in many.
fn in_template(error: anyhow::Error, shown: &str) -> anyhow::Error {
    match error.downcast::<Failure>() {
        Ok(failure) => Failure { message: format!("in `{shown}`: {}", failure.message), ..failure }.into(),
        Err(error) => error.context(format!("could not read `{shown}`")),
    }
}

/// Names the folders in which there is a template after all.
fn with_templates(failure: Failure, mirror: &Mirror, id: &str, address: &Address) -> Failure {
    let folders = mirror.folders_with(id, "template.toml");
    let failure = failure.exit(Exit::Usage);
    if folders.is_empty() {
        return failure.hint("`prodev template schema` describes it");
    }
    let named = folders.iter().take(10).map(|folder| match folder.as_str() {
        "" => format!("`{}`", address.url),
        folder => format!("`{}//{folder}`", address.url),
    });
    failure.hint(format!("there are templates in {}", named.collect::<Vec<String>>().join(", ")))
}

/// Where a repository's mirror is got from.
struct Shelf<'a> {
    address: &'a Address,
    finder: Finder<'a>,
}

impl Shelf<'_> {
    fn remote(&self) -> Remote<'_> {
        Remote { url: &self.address.url, secret: self.address.secret.as_deref() }
    }

    fn mirror(&self, age: Age) -> anyhow::Result<Option<Mirror>> {
        let cache = Ctx::template_cache().ok_or_else(|| {
            fail("there is no place to keep templates in").hint("set `HOME`, or `XDG_CACHE_HOME` to an absolute path")
        })?;
        Mirror::open(&cache, self.remote(), age, self.finder.ui)
    }

    /// The mirror, the name that was followed, and the commit.
    fn choose(&self, wanted: Wanted, shown: &str) -> anyhow::Result<(Mirror, Option<String>, String)> {
        let age = self.finder.age;
        // A commit is what it is, however old the mirror.
        if let Some(id) = wanted.reference.filter(|reference| is_id(reference))
            && let Some(mirror) = self.mirror(Age::Any)?
            && let Some(id) = mirror.resolve(id)
        {
            return Ok((mirror, None, id));
        }
        let Some(mirror) = self.mirror(age)? else {
            return Err(fail(format!("`{shown}` has not been fetched yet"))
                .hint(format!("`prodev template show {shown}` fetches it"))
                .exit(Exit::Usage)
                .into());
        };
        let Some(reference) = wanted.reference else {
            return match newest(&mirror, wanted.pre) {
                Some((tag, id)) => Ok((mirror, Some(tag), id)),
                None => match mirror.head() {
                    Some(id) => Ok((mirror, None, id)),
                    None => Err(no_head(&mirror, self.address).into()),
                },
            };
        };
        if let Some((name, id)) = named(&mirror, reference) {
            return Ok((mirror, name, id));
        }
        // Perhaps it is newer than the mirror.
        let mirror = if matches!(age, Age::Within(_)) { self.mirror(Age::Now)?.unwrap_or(mirror) } else { mirror };
        if age != Age::Any && named(&mirror, reference).is_none() {
            mirror.fetch_commit(self.remote(), reference, self.finder.ui);
        }
        match named(&mirror, reference) {
            Some((name, id)) => Ok((mirror, name, id)),
            None => Err(no_such(&mirror, reference, shown).into()),
        }
    }
}

/// What a tag, a branch, a version or a commit's id names: the name that leads to it, where it is not the id itself, and the commit.
fn named(mirror: &Mirror, reference: &str) -> Option<(Option<String>, String)> {
    if let Some(id) = mirror.resolve(reference) {
        let is_itself = id.starts_with(&reference.to_ascii_lowercase());
        return Some(((!is_itself).then(|| reference.to_owned()), id));
    }
    let wanted = version(reference)?;
    let tag = mirror.tags().into_iter().find(|tag| version(tag).as_ref() == Some(&wanted))?;
    let id = mirror.resolve(&tag)?;
    Some((Some(tag), id))
}

/// The newest version's tag and commit.
fn newest(mirror: &Mirror, pre: bool) -> Option<(String, String)> {
    let mut versions: Vec<(semver::Version, String)> = mirror
        .tags()
        .into_iter()
        .filter_map(|tag| Some((version(&tag)?, tag)))
        .filter(|(version, _)| pre || version.pre.is_empty())
        .collect();
    versions.sort();
    versions.into_iter().rev().find_map(|(_, tag)| mirror.resolve(&tag).map(|id| (tag, id)))
}

/// The version that a tag stands for: `1.2.0`, `v1.2.0`.
fn version(tag: &str) -> Option<semver::Version> {
    semver::Version::parse(tag.strip_prefix(['v', 'V']).unwrap_or(tag)).ok()
}

fn no_head(mirror: &Mirror, address: &Address) -> Failure {
    let tags = mirror.tags();
    match tags.first() {
        Some(tag) => fail(format!("`{}` has no version and no default branch", address.url))
            .hint(format!("name a tag or a branch, such as `--ref {tag}`")),
        None => fail(format!("`{}` has no commit on its default branch", address.url))
            .hint("name a branch with `--ref BRANCH`; or commit the template, and push it"),
    }
    .exit(Exit::Usage)
}

fn no_such(mirror: &Mirror, reference: &str, shown: &str) -> Failure {
    let tags = mirror.tags();
    let failure = fail(format!("`{shown}` has no tag, branch or commit `{reference}`")).exit(Exit::Usage);
    if let Some(near) = nearest(reference, tags.iter().map(String::as_str)) {
        return failure.hint(format!("did you mean `--ref {near}`?"));
    }
    let mut versions: Vec<(semver::Version, &String)> =
        tags.iter().filter_map(|tag| Some((version(tag)?, tag))).collect();
    versions.sort();
    if versions.is_empty() {
        return failure.hint("it has no version; leave out `--ref`, and it is the default branch");
    }
    failure.hint(format!("its newest versions are {}", listed(versions.iter().rev().take(5).map(|(_, tag)| tag))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_versions_with_and_without_a_v() {
        for (tag, expected) in [
            ("1.2.0", Some("1.2.0")),
            ("v1.2.0", Some("1.2.0")),
            ("v2.0.0-rc.1", Some("2.0.0-rc.1")),
            ("V1.0.0+build", Some("1.0.0+build")),
            ("v1.2", None),
            ("release-1.2.0", None),
            ("vv1.0.0", None),
            ("", None),
        ] {
            assert_eq!(version(tag).map(|version| version.to_string()).as_deref(), expected, "{tag}");
        }
    }
}
