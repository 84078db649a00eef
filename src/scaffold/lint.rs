//! `prodev template lint`: what is wrong with a template, or is there for nothing, found without any answers.

mod texts;
mod unreachable;

use std::collections::{BTreeSet, HashSet};

use clap_complete::engine::ArgValueCompleter;
use serde_json::json;

use self::texts::{Piece, Sort};
use super::filters::FUNCTIONS;
use super::jinja::Jinja;
use super::manifest::Kind;
use super::source::{self, Age, Finder, Template, Wanted};
use super::{candidates, check, new, render};
use crate::config::value::Severity;
use crate::ctx::Ctx;
use crate::error::{Failure, Place, Problem, nearest};
use crate::findings::{Finding, Findings, Format, Object, Verdict};
use crate::outcome::{Outcome, object};

/// Find what is wrong with a template before anybody generates from it
///
/// Exit 1 where an error is found; warnings are told and let pass.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev template lint
  prodev template lint ./my-template
  prodev template lint ./my-template --format github")]
pub(crate) struct Args {
    /// A folder with a template.toml, or whatever else names a template
    #[arg(default_value = ".", add = ArgValueCompleter::new(candidates::templates))]
    template: String,
    /// In which form findings are told
    #[arg(long, value_name = "FORMAT", default_value = "text", hide_default_value = true)]
    format: Format,
}

const RULES: [(&str, &str); 10] = [
    ("manifest", "template.toml says what it means, and its parts fit together"),
    ("stale-glob", "every glob of a template that extends another fits a file, of its own or of its base"),
    ("syntax", "every text can be parsed"),
    ("undefined-name", "every name is a question, a computed value, or known to prodev"),
    ("unknown-filter", "every filter exists"),
    ("unused-name", "every question and computed value is used"),
    ("unused-include", "every include is included"),
    ("secret-outside-once", "secrets go to files that are written but once, and to nothing else"),
    ("unreachable-file", "every file is generated for somebody"),
    ("component-condition", "files that components share have slots, not conditions on components"),
];

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let user = ctx.user()?;
    let source = new::expand(&args.template, user);
    let finder = Finder { dir: &ctx.dir, age: Age::Now, ui: Some(&ctx.ui) };
    let template = source::find(Wanted::newest(&source), finder)?;
    let findings = lint(&template)?;
    let about = &template.manifest.template;
    Ok(Outcome::Verdict(Box::new(Verdict {
        findings,
        format: args.format,
        rules: RULES.to_vec(),
        good: Some(format!("{} {}: nothing found", about.name.text, about.version)),
        json: object(json!({ "template": { "name": about.name.text, "version": about.version.to_string() } })),
    })))
}

fn lint(template: &Template) -> anyhow::Result<Findings> {
    let mut findings = Findings::default();
    if let Err(failure) = check::check(template) {
        let Failure { message, place, problems, hints, .. } = failure;
        if problems.is_empty() {
            let problem = Problem { message, place, hint: hints.into_iter().next() };
            tell(&mut findings, template, "manifest", problem);
        }
        for problem in problems {
            tell(&mut findings, template, "manifest", problem);
        }
    }
    for problem in check::stale(template) {
        judge(&mut findings, template, ("stale-glob", Severity::Warn), problem);
    }
    let jinja = render::engine(template, jiff::Timestamp::UNIX_EPOCH)?;
    let mut look = Look { template, jinja: &jinja, findings, used: HashSet::new() };
    let pieces = texts::of(template);
    for piece in &pieces {
        look.piece(piece);
    }
    unreachable::look(template, &mut look.findings);
    look.unused();
    look.unused_includes(&pieces);
    Ok(look.findings)
}

fn tell(findings: &mut Findings, template: &Template, rule: &'static str, problem: Problem) {
    judge(findings, template, (rule, Severity::Error), problem);
}

fn judge(findings: &mut Findings, template: &Template, (rule, severity): (&'static str, Severity), problem: Problem) {
    let object = problem.place.map_or_else(|| Object::File(template.manifest_file.clone()), Object::Place);
    let finding = Finding::new(rule, severity, object, problem.message);
    findings.add(match problem.hint {
        Some(hint) => finding.hint(hint),
        None => finding,
    });
}

struct Look<'a> {
    template: &'a Template,
    jinja: &'a Jinja,
    findings: Findings,
    /// Names that something takes.
    used: HashSet<String>,
}

impl Look<'_> {
    fn piece(&mut self, piece: &Piece) {
        let names = match self.jinja.outside_of(&piece.name, &piece.text, piece.delimiters) {
            Ok(names) => names,
            // What `template.toml` says wrong is told already.
            Err(_) if piece.sort == Sort::Manifest => return,
            Err(problem) => {
                let problem = if piece.sort == Sort::Name { Problem { place: None, ..problem } } else { problem };
                let message = if piece.sort == Sort::Name {
                    format!("the name `{}`: {}", piece.text, problem.message)
                } else {
                    problem.message.clone()
                };
                tell(&mut self.findings, self.template, "syntax", Problem { message, ..problem });
                return;
            }
        };
        let mut sorted: BTreeSet<String> = names.into_iter().collect();
        // `components.cache` says all that `components` does.
        let nested: Vec<String> = sorted.iter().filter_map(|name| Some(name.split_once('.')?.0.to_owned())).collect();
        for name in &nested {
            sorted.remove(name);
        }
        for name in sorted {
            self.name(piece, &name);
        }
        for (at, filter) in texts::filters(&piece.text, piece.delimiters) {
            if !self.jinja.has_filter(&filter) {
                let near = nearest(&filter, super::filters::FILTERS.iter().copied());
                let hint = near.map(|near| format!("did you mean `{near}`?"));
                let place = piece.place(self.template, &(at..at + filter.len()));
                let problem = Problem { message: format!("there is no filter `{filter}`"), place: Some(place), hint };
                tell(&mut self.findings, self.template, "unknown-filter", problem);
            }
        }
    }

    fn name(&mut self, piece: &Piece, name: &str) {
        let manifest = &self.template.manifest;
        let first = name.split('.').next().unwrap_or_default();
        self.used.insert(first.to_owned());
        let is_ours = ["components", "template", "prodev", "dir_name", "dir", "author", "value", "loop"]
            .contains(&first)
            || FUNCTIONS.contains(&first)
            || piece.items.iter().any(|item| item == first);
        let is_secret = manifest.questions.get(first).is_some_and(|question| question.kind == Kind::Secret);
        if piece.is_open && (is_secret || first == "random_secret") {
            let place = Some(piece.find(self.template, first));
            let message = format!("`{first}` is secret, and this is recorded, or shown");
            let hint = Some("only files with `once = true` may have secrets in them".to_owned());
            tell(&mut self.findings, self.template, "secret-outside-once", Problem { message, place, hint });
        }
        let is_known = is_ours || manifest.questions.contains_key(first) || manifest.computed.contains_key(first);
        if !is_known {
            let known = manifest.questions.keys().chain(manifest.computed.keys()).map(String::as_str);
            let hint = nearest(first, known).map(|near| format!("did you mean `{near}`?"));
            let place = Some(piece.find(self.template, first));
            tell(
                &mut self.findings,
                self.template,
                "undefined-name",
                Problem { message: format!("`{first}` is neither asked nor computed"), place, hint },
            );
        }
        let Some(component) = name.strip_prefix("components.") else { return };
        let component = component.split('.').next().unwrap_or_default();
        // Dictionaries have methods, too.
        if !manifest.components.contains_key(component) && !["items", "keys", "values", "get"].contains(&component) {
            let hint = nearest(component, manifest.components.keys().map(String::as_str));
            let hint = hint.map(|near| format!("did you mean `{near}`?"));
            let place = Some(piece.find(self.template, component));
            let message = format!("there is no component `{component}`");
            tell(&mut self.findings, self.template, "undefined-name", Problem { message, place, hint });
        } else if piece.sort == Sort::Shared {
            let place = piece.find(self.template, &format!("components.{component}"));
            let finding = Finding::new(
                "component-condition",
                Severity::Warn,
                Object::Place(place),
                format!("this file is shared, and hangs on the component `{component}`"),
            );
            self.findings.add(finding.hint("give it a slot, which the component fills from `fragments/`"));
        }
    }

    /// Questions and computed values that nothing takes. A secret may be asked for the sake of a task or nothing but a check.
    fn unused(&mut self) {
        let manifest = &self.template.manifest;
        let tree = crate::config::tree::Tree::of(&self.template.manifest_file, &self.template.manifest_text);
        let questions = manifest
            .questions
            .iter()
            .filter(|(_, question)| question.kind != Kind::Secret)
            .map(|(name, _)| ("questions", name));
        let computed = manifest.computed.keys().map(|name| ("computed", name));
        for (table, name) in questions.chain(computed).filter(|(_, name)| !self.used.contains(*name)) {
            let place = tree.key_place(&[table, name.as_str()]);
            // What a base has, others may use.
            let Some(object) = place.map(Object::Place) else { continue };
            let message = format!("nothing uses `{table}.{name}`");
            self.findings.add(Finding::new("unused-name", Severity::Warn, object, message).hint("take it out"));
        }
    }

    fn unused_includes(&mut self, pieces: &[Piece]) {
        for include in &self.template.includes {
            let quoted = [format!("\"{}\"", include.path), format!("'{}'", include.path)];
            if pieces.iter().any(|piece| quoted.iter().any(|quoted| piece.text.contains(quoted.as_str()))) {
                continue;
            }
            let object = Object::File(self.template.file("includes", &include.path));
            let finding = Finding::new("unused-include", Severity::Warn, object, "nothing includes this");
            self.findings.add(finding.hint("take it out, or include it by this very name"));
        }
    }
}

impl Piece<'_> {
    /// Where in the piece bytes of it stand.
    fn place(&self, template: &Template, range: &std::ops::Range<usize>) -> Place {
        match &self.span {
            Some(span) => {
                let quoted = template.quoted(span);
                let bare = self.text.strip_prefix("{{ ").and_then(|text| text.strip_suffix(" }}"));
                let inner = match (quoted.find(&self.text), bare) {
                    (Some(at), _) => Some(at + range.start),
                    // An expression, which was given its braces for being looked at.
                    (None, Some(bare)) => quoted.find(bare).map(|at| (at + range.start).saturating_sub(3)),
                    (None, None) => None,
                };
                let start = inner.map_or(span.start, |at| span.start + at);
                template.place(&(start..start + range.len()))
            }
            None => Place::of(&self.name, &self.text, range),
        }
    }

    /// Where a name stands first.
    fn find(&self, template: &Template, name: &str) -> Place {
        let at = texts::word(&self.text, name, self.delimiters).unwrap_or(0);
        self.place(template, &(at..at + name.len()))
    }
}
