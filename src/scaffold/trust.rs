//! Whom the user lets run commands: prodev's own templates, sources that their configuration names, and what they have agreed to once, to the byte.

pub(super) mod command;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::source::{Origin, Source, SourceFile, Template};
use crate::config::user::User;
use crate::ctx::{self, Ctx};
use crate::plan::{Memory, Tasks};

/// The file in the folder of an agreement.
const AGREED: &str = "agreed";

/// What is written down of one command.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    /// Where the template is from, and what it extends.
    sources: Vec<String>,
    version: String,
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    /// As it would be typed.
    command: String,
}

const HEAD: &str = "# A command of a template that you agreed to run. Remove this file, and you are asked again.\n\n";

/// Whether these commands of `template` may run without being asked about.
pub(super) fn is_trusted(template: &Template, commands: &[String], user: &User) -> bool {
    template.is_builtin()
        || template.origins().all(|origin| by_source(origin, &user.trust.sources))
        || folder(template).is_some_and(|folder| commands.iter().all(|command| is_own(&file(&folder, command))))
}

/// What is written down when the user agrees to just these commands; nothing where there is no place for it.
pub(super) fn approvals(template: &Template, commands: &[String]) -> Vec<Memory> {
    let Some(folder) = folder(template) else { return Vec::new() };
    let keep = |command: &String| {
        let note = Note {
            sources: template.origins().map(Origin::record).collect(),
            version: template.manifest.template.version.to_string(),
            reference: template.origin.commit().and_then(|commit| commit.reference.clone()),
            command: command.clone(),
        };
        let text = toml::to_string(&note).ok()?;
        Some(Memory::Keep { path: file(&folder, command), text: format!("{HEAD}{text}") })
    };
    commands.iter().filter_map(keep).collect()
}

/// The file that says that the user has agreed to one command: to its words, where it runs, and its variables, which are all in it.
fn file(folder: &Path, command: &str) -> PathBuf {
    folder.join(format!("{}.toml", blake3::hash(command.as_bytes()).to_hex()))
}

/// Where the agreements to commands of templates are kept.
fn shelf() -> Option<PathBuf> {
    Some(Ctx::memories()?.join("trust"))
}

/// The folder of the agreements to one template. Its name is the digest of where that is from and of all that it is: its commands may run what it
/// generates.
fn folder(template: &Template) -> Option<PathBuf> {
    let mut hasher = blake3::Hasher::new();
    let mut add = |bytes: &[u8]| {
        // With its length before it no text can pass for two others.
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    for origin in template.origins() {
        add(origin.record().as_bytes());
    }
    template.manifest_texts().for_each(|text| add(text.as_bytes()));
    let parts: [(&str, &[SourceFile]); 3] =
        [("files", &template.files), ("fragments", &template.fragments), ("includes", &template.includes)];
    for (part, files) in parts {
        for file in files {
            add(part.as_bytes());
            add(file.path.as_bytes());
            match &file.content {
                Source::File { bytes, executable } => {
                    add(if *executable { b"x" } else { b"f" });
                    add(bytes);
                }
                Source::Link(target) => {
                    add(b"l");
                    add(target.as_bytes());
                }
            }
        }
    }
    Some(shelf()?.join(hasher.finalize().to_hex().as_str()))
}

/// What is written down when tasks that the user let run have to wait: what is kept of them in the project may come from anywhere by the time they run.
pub(super) fn agreement(tasks: &Tasks) -> Option<Memory> {
    let mut text = format!("# What an open update of this project runs when it ends.\n\n{}\n\n", tasks.root.display());
    for task in &tasks.list {
        let _ = writeln!(text, "    {}", task.command_line().replace('\n', "\n    "));
    }
    Some(Memory::Keep { path: agreed(tasks)?.join(AGREED), text })
}

/// Whether the user let these very tasks run in this very project.
pub(super) fn is_agreed(tasks: &Tasks) -> bool {
    agreed(tasks).is_some_and(|folder| is_own(&folder.join(AGREED)))
}

/// The agreement to these tasks ends.
pub(super) fn disagreement(tasks: &Tasks) -> Option<Memory> {
    agreed(tasks).map(|folder| Memory::Forget { folder })
}

/// The folder of one agreement.
fn agreed(tasks: &Tasks) -> Option<PathBuf> {
    let digest = blake3::hash(&serde_json::to_vec(tasks).ok()?);
    Some(Ctx::memories()?.join("waiting").join(digest.to_hex().as_str()))
}

fn is_own(file: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    file.symlink_metadata().is_ok_and(|meta| meta.is_file() && meta.uid() == rustix::process::geteuid().as_raw())
}

/// Whether one of `trusted` is the source, or the beginning of it, up to a `/`.
fn by_source(origin: &Origin, trusted: &[String]) -> bool {
    let source = origin.record();
    matches!(origin, Origin::Builtin(_)) || trusted.iter().any(|entry| covers(&written_out(entry), &source))
}

fn covers(entry: &str, source: &str) -> bool {
    let plain = |text: &str| text.trim_end_matches('/').trim_end_matches(".git").to_owned();
    // A folder behind `//` is a part of the repository, which is trusted as a whole.
    let start = source.find("://").map_or(0, |at| at + 3);
    let repository = source[start..].find("//").map_or(source, |at| &source[..start + at]);
    if plain(entry) == plain(source) || plain(entry) == plain(repository) {
        return true;
    }
    // What `..` or an escape leads to is not below the beginning.
    let is_below = |rest: &str| {
        !rest.is_empty() && !rest.contains(['%', '\\', '?', '#']) && rest.split('/').all(|it| !matches!(it, "." | ".."))
    };
    entry.ends_with('/') && source.strip_prefix(entry).is_some_and(is_below)
}

/// `gh:acme/` as the address that it stands for, `~/` as the user's home.
fn written_out(entry: &str) -> String {
    for (short, long) in super::source::HOSTS {
        if let Some(rest) =
            entry.strip_prefix(short).and_then(|rest| rest.strip_prefix(':')).filter(|it| !it.starts_with("//"))
        {
            return format!("{long}{rest}");
        }
    }
    match (entry.strip_prefix("~/"), ctx::variable("HOME")) {
        (Some(rest), Some(home)) => format!("{home}/{rest}"),
        _ => entry.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_covered_by_its_name_or_a_beginning_of_it() {
        for (entry, source, expected) in [
            ("gh:acme/", "https://github.com/acme/web", true),
            ("gh:acme/", "https://github.com/acme/web//api", true),
            ("gh:acme/web", "https://github.com/acme/web", true),
            ("gh:acme/web.git", "https://github.com/acme/web//api", true),
            ("https://git.acme.org/", "https://git.acme.org/team/web", true),
            ("git@git.acme.org:team/", "git@git.acme.org:team/web", true),
            ("/srv/templates/", "/srv/templates/web", true),
            ("/srv/templates/web", "/srv/templates/web", true),
            ("gh:acme", "https://github.com/acme/web", false),
            ("gh:acme/", "https://github.com/acme-evil/web", false),
            ("gh:acme/", "https://github.com/acme/../evil/web", false),
            ("gh:acme/", "https://github.com/acme/%2e%2e/evil/web", false),
            ("gh:acme/web", "https://github.com/acme/website", false),
            ("gh:acme/", "https://gitlab.com/acme/web", false),
            ("https://git.acme.org/", "https://git.acme.org.evil.net/web", false),
            ("/srv/templates/", "/srv/templates", true),
            ("/srv/templates/", "/srv/templates-evil/web", false),
            ("", "https://github.com/acme/web", false),
        ] {
            assert_eq!(covers(&written_out(entry), source), expected, "{entry} for {source}");
        }
    }
}
