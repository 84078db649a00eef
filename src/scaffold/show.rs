//! `prodev template show`: what a template asks and has, before one uses it.

use std::fmt::Write as _;
use std::time::Duration;

use clap_complete::engine::ArgValueCompleter;
use serde_json::{Value, json};

use super::manifest::{Choices, Component, Deed, Manifest, Question, Run};
use super::source::{self, Age, Finder, Wanted};
use super::{candidates, check, new, values};
use crate::ctx::Ctx;
use crate::outcome::Outcome;
use crate::ui::style::{BOLD, DIM};

/// Show what a template asks and which components it has
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev template show django-api
  prodev template show gh:acme/service --ref v1.2.0
  prodev template show ./my-template --json")]
pub(crate) struct Args {
    /// A built-in template, a folder with a template.toml, or a Git repository (fetched where it was not, or not within a day)
    #[arg(add = ArgValueCompleter::new(candidates::templates))]
    template: String,
    /// Show this tag, branch or commit of a repository; otherwise its newest version, or its default branch where it has none
    #[arg(long = "ref", value_name = "REF")]
    reference: Option<String>,
    /// Let a version before a release be the newest
    #[arg(long, conflicts_with = "reference")]
    pre: bool,
}

/// What was fetched within this time is shown as it is: looking must be quick.
const NEW_ENOUGH: Duration = Duration::from_hours(24);

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let user = ctx.user()?;
    let source = new::expand(&args.template, user);
    let wanted = Wanted { source: &source, reference: args.reference.as_deref(), pre: args.pre, pins: &[] };
    let template = source::find(wanted, Finder { dir: &ctx.dir, age: Age::Within(NEW_ENOUGH), ui: Some(&ctx.ui) })?;
    check::check(&template)?;
    let manifest = &template.manifest;
    let about = &manifest.template;
    let mut text = format!("{BOLD}{}{BOLD:#} {}\n{}\n", about.name.text, about.version, about.description);
    if let Some(commit) = template.origin.commit() {
        let short = &commit.id[..12.min(commit.id.len())];
        let name = commit.reference.as_ref().map(|name| format!("{name}, ")).unwrap_or_default();
        let _ = writeln!(text, "{DIM}{} ({name}commit {short}){DIM:#}", commit.address);
    }
    if !manifest.components.is_empty() {
        let _ = writeln!(text, "\n{BOLD}Components{BOLD:#} (--with, --without)");
        for (name, component) in &manifest.components {
            let _ = writeln!(text, "  {name:<14} {}{DIM}{}{DIM:#}", component.title, remarks(component));
        }
    }
    if !manifest.presets.is_empty() {
        let _ = writeln!(text, "\n{BOLD}Presets{BOLD:#} (--preset)");
        for (name, components) in &manifest.presets {
            let _ = writeln!(text, "  {name:<14} {}", components.join(", "));
        }
    }
    if !manifest.questions.is_empty() {
        let _ = writeln!(text, "\n{BOLD}Questions{BOLD:#} (--set NAME=VALUE)");
        for (name, question) in &manifest.questions {
            let _ = writeln!(
                text,
                "  {name:<18} {:<7} {}{DIM}{}{}{DIM:#}",
                question.kind.to_string(),
                prompt(question),
                choices(question).map(|choices| format!(" ({})", choices.join(", "))).unwrap_or_default(),
                default(question)
            );
        }
    }
    let commands = commands(manifest);
    if !commands.is_empty() {
        let _ = writeln!(text, "\n{BOLD}Commands{BOLD:#} (--trust, --no-tasks)");
        for Command { occasion, run, remark } in &commands {
            let run = run.trim().replace('\n', "\n                ");
            let _ = writeln!(text, "  {occasion:<13} {run}{DIM}{remark}{DIM:#}");
        }
    }
    let components: Vec<Value> =
        manifest.components.iter().map(|(name, component)| component_json(name, component)).collect();
    let questions: Vec<Value> =
        manifest.questions.iter().map(|(name, question)| question_json(name, question)).collect();
    let json = json!({
        "template": {
            "name": about.name.text,
            "version": about.version.to_string(),
            "min_prodev": about.min_prodev.as_ref().map(ToString::to_string),
            "description": about.description,
            "source": template.origin.record(),
            "extends": template.bases.iter().map(|base| base.origin.record()).collect::<Vec<String>>(),
            "ref": template.origin.commit().and_then(|commit| commit.reference.as_deref()),
            "commit": template.origin.commit().map(|commit| commit.id.as_str()),
        },
        "components": components,
        "presets": manifest.presets,
        "questions": questions,
        "commands": commands.iter().map(|it| json!({ "on": it.occasion, "run": it.run })).collect::<Vec<Value>>(),
    });
    Ok(Outcome::answer(text, json))
}

/// A command as the template has it.
struct Command {
    occasion: String,
    run: String,
    remark: String,
}

fn commands(manifest: &Manifest) -> Vec<Command> {
    let command = |occasion: String, deed: Deed| {
        let run = match deed.run {
            Run::Script(script) => script.text.clone(),
            Run::Words(words) => words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "),
        };
        let dir = deed.dir.map(|dir| format!(" in {}", dir.text));
        let when = deed.when.map(|when| format!(" where {}", when.text));
        Command { occasion, run, remark: dir.into_iter().chain(when).collect() }
    };
    let tasks = manifest.tasks.iter().map(|task| {
        let on: Vec<String> = task.on.iter().map(ToString::to_string).collect();
        command(on.join(", "), task.deed())
    });
    let migrations = manifest.migrations.iter().map(|it| command(format!("to {}", it.version.text), it.deed()));
    tasks.chain(migrations).collect()
}

fn component_json(name: &str, component: &Component) -> Value {
    json!({
        "name": name,
        "title": component.title,
        "description": component.description,
        "required": component.required,
        "default": component.default,
        "requires": component.requires,
        "conflicts": component.conflicts,
    })
}

fn question_json(name: &str, question: &Question) -> Value {
    json!({
        "name": name,
        "type": question.kind.to_string(),
        "prompt": prompt(question),
        "help": question.help.as_ref().map(|help| help.text.clone()),
        "choices": choices(question),
        "pattern": question.pattern.as_ref().map(|pattern| pattern.text.clone()),
        "when": question.when.as_ref().map(|when| when.text.clone()),
        "default": question.default.as_ref().map(|default| values::from_toml(&default.value)),
    })
}

fn prompt(question: &Question) -> &str {
    question.prompt.as_ref().map(|prompt| prompt.text.as_str()).unwrap_or_default()
}

/// What can be chosen, where that is written down; an expression that yields it stands for itself.
fn choices(question: &Question) -> Option<Vec<String>> {
    Some(match question.choices.as_ref()? {
        Choices::Dynamic(expression) => vec![format!("{{{{ {} }}}}", expression.text)],
        Choices::Fixed(options) => {
            options.iter().map(|option| values::show(&values::from_toml(&option.value().value))).collect()
        }
    })
}

fn default(question: &Question) -> String {
    let shown = question.default.as_ref().map(|default| values::show(&values::from_toml(&default.value)));
    match shown.as_deref().map(str::trim) {
        // A long default is a program, not an example.
        Some(text) if text.contains('\n') || text.chars().count() > 60 => " [computed]".to_owned(),
        Some(text) if !text.is_empty() => format!(" [{text}]"),
        _ => String::new(),
    }
}

fn remarks(component: &Component) -> String {
    let mut remarks = Vec::new();
    if component.required {
        remarks.push("always".to_owned());
    } else if component.default {
        remarks.push("by default".to_owned());
    }
    if !component.requires.is_empty() {
        remarks.push(format!("requires {}", component.requires.join(", ")));
    }
    if !component.conflicts.is_empty() {
        remarks.push(format!("not with {}", component.conflicts.join(", ")));
    }
    if remarks.is_empty() { String::new() } else { format!(" ({})", remarks.join("; ")) }
}
