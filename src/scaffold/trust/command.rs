//! `prodev template trust`: the commands that somebody agreed to at a terminal, and the end of that.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use serde_json::{Value, json};

use super::{Note, is_own, shelf};
use crate::ctx::Ctx;
use crate::outcome::Outcome;
use crate::plan::tasks::laid_open;
use crate::scaffold::shelf::{self, Words};
use crate::scaffold::{new, source};

/// Notes are short.
const LARGEST: u64 = 1 << 20;

#[derive(clap::Subcommand, Debug)]
pub(crate) enum Command {
    /// List the commands that you agreed to, and the sources that your configuration trusts
    #[command(after_help = "Examples:
  prodev template trust list
  prodev template trust list --json")]
    List,
    /// Forget what you agreed to; you are asked again
    #[command(after_help = "Examples:
  prodev template trust revoke
  prodev template trust revoke gh:acme/service --dry-run")]
    Revoke(Revoke),
}

#[derive(clap::Args, Debug)]
pub(crate) struct Revoke {
    /// Whose commands; all where no template is named
    #[arg(value_name = "TEMPLATE", add = ArgValueCandidates::new(sources))]
    templates: Vec<String>,
}

/// One state of a template, and what it may run.
struct Trusted {
    path: PathBuf,
    /// Where it is from, and what it extends.
    sources: Vec<String>,
    version: String,
    reference: Option<String>,
    commands: Vec<String>,
}

pub(in crate::scaffold) fn run(command: &Command, ctx: &Ctx) -> anyhow::Result<Outcome> {
    match command {
        Command::List => list(&all(), ctx),
        Command::Revoke(args) => revoke(args, all(), ctx),
    }
}

/// All agreements, by source and version.
fn all() -> Vec<Trusted> {
    let folders = shelf().and_then(|shelf| fs::read_dir(shelf).ok()).into_iter().flatten().flatten();
    let mut all: Vec<Trusted> = folders.filter_map(|folder| trusted(&folder.path())).collect();
    all.sort_by(|a, b| (&a.sources, &a.version, &a.path).cmp(&(&b.sources, &b.version, &b.path)));
    all
}

fn trusted(path: &Path) -> Option<Trusted> {
    let files: BTreeMap<_, _> =
        fs::read_dir(path).ok()?.flatten().map(|file| (file.file_name(), file.path())).collect();
    let notes = files.into_values().filter(|file| file.extension().is_some_and(|it| it == "toml")).filter_map(|file| {
        let is_note = is_own(&file) && file.symlink_metadata().is_ok_and(|meta| meta.len() < LARGEST);
        let note: Note = toml::from_str(&is_note.then(|| fs::read_to_string(&file).ok())??).ok()?;
        Some(note)
    });
    let mut notes: Vec<Note> = notes.collect();
    notes.sort_by(|a, b| a.command.cmp(&b.command));
    let first = notes.first()?;
    Some(Trusted {
        path: path.to_owned(),
        sources: first.sources.clone(),
        version: first.version.clone(),
        reference: first.reference.clone(),
        commands: notes.iter().map(|note| laid_open(&note.command)).collect(),
    })
}

impl Trusted {
    fn source(&self) -> &str {
        self.sources.first().map_or("", String::as_str)
    }

    fn name(&self) -> String {
        format!("{} {}", self.source(), self.version)
    }
}

fn list(all: &[Trusted], ctx: &Ctx) -> anyhow::Result<Outcome> {
    let mut text = String::new();
    for trusted in all {
        let _ = writeln!(text, "{}", trusted.name());
        for command in &trusted.commands {
            let _ = writeln!(text, "  {}", command.replace('\n', "\n  "));
        }
    }
    let sources = &ctx.user()?.trust.sources;
    for source in sources {
        let _ = writeln!(text, "{source}\n  whatever it runs (`[trust] sources` in your own configuration)");
    }
    let agreed = |trusted: &Trusted| -> Value {
        json!({
            "source": trusted.source(),
            "extends": trusted.sources.get(1..).unwrap_or_default(),
            "version": trusted.version,
            "ref": trusted.reference,
            "commands": trusted.commands,
        })
    };
    Ok(Outcome::answer(text, json!({ "agreed": all.iter().map(agreed).collect::<Vec<_>>(), "sources": sources })))
}

fn revoke(args: &Revoke, all: Vec<Trusted>, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let user = ctx.user()?;
    let forms = |typed: &str| {
        let mut forms = vec![typed.to_owned()];
        forms.extend(source::recorded(&new::expand(typed, user), &ctx.dir)?);
        Ok(forms)
    };
    let words = Words {
        missing: "you agreed to no command of",
        summary: "there is nothing to revoke of some of these",
        list: "`prodev template trust list` shows what you agreed to",
    };
    let goes = shelf::chosen(&args.templates, all, Trusted::source, forms, &words)?;
    let commands: usize = goes.iter().map(|trusted| trusted.commands.len()).sum();
    let done = match commands {
        0 => "you agreed to no command".to_owned(),
        1 => "a command is not trusted any more".to_owned(),
        many => format!("{many} commands are not trusted any more"),
    };
    let folders = goes.into_iter().map(|trusted| (trusted.path.clone(), trusted.name()));
    Ok(shelf::removal(folders, done, json!({ "commands": commands })))
}

/// For completions.
fn sources() -> Vec<CompletionCandidate> {
    let mut names: Vec<String> = all().iter().map(|trusted| trusted.source().to_owned()).collect();
    names.dedup();
    names.into_iter().map(CompletionCandidate::new).collect()
}
