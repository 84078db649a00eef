//! From a template and answers to files, all in memory. Nothing outside of it is read or written, so the same answers give the same bytes.

mod contributions;
mod names;
mod rules;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use minijinja::Value;
use rayon::prelude::*;

use self::names::Names as PathNames;
pub(super) use self::names::collisions;
use self::rules::{Effect, Rules};
pub(super) use self::rules::{SUFFIX, glob, names_of};
use super::answers::{Answers, base_names, context};
use super::components::Selection;
use super::contribution::Contribution;
use super::filters::{ONCE, Vault};
use super::jinja::{Jinja, Parts};
use super::manifest::Delimiters;
use super::slots::{self, Contexts};
use super::source::{Source, SourceFile, Template};
use crate::error::{Failure, Problem};
use crate::plan::path::{TreePath, link_stays_inside};
use crate::plan::tree::{Content, Mode};

/// More is no project but a mistake.
const MOST_BYTES: u64 = 1 << 30;

/// One generated file.
#[derive(Debug)]
pub(super) struct RenderedFile {
    pub(super) path: TreePath,
    pub(super) content: Content,
    /// Which file of the template it comes from, and for which item: the same whatever its name comes out as.
    pub(super) key: String,
    /// The component that it belongs to.
    pub(super) owner: Option<String>,
    /// Written only where it is absent, and in no record.
    pub(super) once: bool,
    pub(super) skip_if_exists: bool,
}

/// All that a template makes of some answers.
#[derive(Debug)]
pub(super) struct Rendering {
    /// Sorted by path.
    pub(super) files: Vec<RenderedFile>,
    /// What is put into files that are not the template's own.
    pub(super) contributions: Vec<Contribution>,
    /// Whether the instant of creation is part of it.
    pub(super) has_now: bool,
    /// The template's last word, rendered.
    pub(super) after: Option<String>,
}

/// An engine for `template`, before any answer.
///
/// # Errors
/// Includes that are no text, delimiters that do not work.
pub(super) fn engine(template: &Template, now: jiff::Timestamp) -> Result<Jinja, Failure> {
    let mut includes = HashMap::new();
    let mut problems = Vec::new();
    for file in &template.includes {
        match &file.content {
            Source::File { bytes, .. } => match std::str::from_utf8(bytes) {
                Ok(text) => drop(includes.insert(file.path.clone(), text.replace("\r\n", "\n"))),
                Err(_) => {
                    problems.push(Problem::new(format!("`{}` is not UTF-8", template.file("includes", &file.path))));
                }
            },
            Source::Link(_) => {
                problems.push(Problem::new(format!(
                    "`{}` is a link; an include is a file",
                    template.file("includes", &file.path)
                )));
            }
        }
    }
    if !problems.is_empty() {
        return Err(Failure::of("the template's includes have problems", problems));
    }
    let delimiters = template.manifest.files.iter().filter_map(|rule| rule.delimiters.as_ref());
    let folder = format!("{}/includes", template.shown());
    Jinja::new(&Parts { includes: Arc::new(includes), folder, now }, delimiters)
        .map_err(|problem| Failure::of("the delimiters do not work", vec![problem]))
}

/// # Errors
/// All that is wrong with the template's files under these answers.
pub(super) fn render(
    template: &Template,
    mut jinja: Jinja,
    selection: &Selection,
    answers: &Answers,
    dir_name: &str,
) -> Result<Rendering, Failure> {
    let wrong = |problems| Failure::of(format!("the template `{}` cannot be rendered", template.shown()), problems);
    let mut names = base_names(template, selection, dir_name);
    for (name, value) in answers.stored.iter().chain(&answers.computed) {
        names.insert(name.clone(), Value::from(minijinja::value::Serde(value)));
    }
    let open = context(&names);
    for (name, value) in &answers.secrets {
        names.insert(name.clone(), Value::from(minijinja::value::Serde(value)));
    }
    let vault = Arc::new(Vault::default());
    for value in answers.secrets.values() {
        vault.keep(super::values::show(value));
    }
    names.insert(ONCE.to_owned(), Value::from_dyn_object(Arc::clone(&vault)));
    let once = context(&names);

    slots::fill(template, &mut jinja, selection, Contexts { open: open.clone(), once: once.clone() }).map_err(wrong)?;
    let secrets = answers.secrets.keys().map(String::as_str).collect();
    let pass = Pass { template, jinja: &jinja, open, once, secrets, vault, made: AtomicU64::new(0) };
    let jobs = pass.jobs(selection).map_err(wrong)?;
    let results: Vec<Result<RenderedFile, Problem>> =
        jobs.par_iter().with_min_len(32).map(|job| pass.content(job)).collect();
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(file) => files.push(file),
            // A fragment or an include fails in every file that it stands in.
            Err(problem) if problems.contains(&problem) => {}
            Err(problem) => problems.push(problem),
        }
    }
    let after = template
        .manifest
        .messages
        .after
        .as_ref()
        .map(|text| jinja.text(&text.text, &pass.open).map_err(|wrong| template.wrong(wrong, text)));
    let after = match after.transpose() {
        Ok(after) => after,
        Err(problem) => {
            problems.push(problem);
            None
        }
    };
    let contributions = contributions::render(template, selection, &jinja, &pass.open);
    let contributions = contributions.unwrap_or_else(|wrong| {
        problems.extend(wrong);
        Vec::new()
    });
    for own in files.iter().filter(|file| contributions.iter().any(|it| it.to == file.path)) {
        let problem =
            Problem::new(format!("`contributions` puts something into `{}`, which is the template's own", own.path));
        problems.push(problem.hint("a file of the template's own has slots for that: `{{ slot(\"name\") }}`"));
    }
    if problems.is_empty() && files.is_empty() && contributions.is_empty() {
        let problem = Problem::new(format!("`{}/files/` has nothing to generate", template.shown()));
        problems.push(problem.hint("put there what a project is to have"));
    }
    if !problems.is_empty() {
        // What holds for all files together is said of each.
        problems.dedup();
        return Err(wrong(problems));
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Rendering { files, contributions, has_now: jinja.asked_for_now(), after })
}

/// What every file is rendered with.
struct Pass<'a> {
    template: &'a Template,
    jinja: &'a Jinja,
    /// What ordinary files see, and what `once` files see: secrets too.
    open: Value,
    once: Value,
    /// The names of secret answers.
    secrets: Vec<&'a str>,
    vault: Arc<Vault>,
    /// How many bytes there are already.
    made: AtomicU64,
}

/// A file to make: where from, where to, and with what beside the answers.
struct Job<'a> {
    source: &'a SourceFile,
    effect: Effect<'a>,
    key: String,
    path: TreePath,
    context: Value,
}

impl<'a> Pass<'a> {
    /// What there is to make, with all paths proven harmless and different.
    fn jobs(&self, selection: &Selection) -> Result<Vec<Job<'a>>, Vec<Problem>> {
        let rules = Rules::new(self.template)?;
        let mut paths = PathNames::new(self.jinja);
        let mut jobs = Vec::new();
        let mut problems = Vec::new();
        for source in &self.template.files {
            let effect = match rules.effect(source, selection, self.jinja, &self.open) {
                Ok(Some(effect)) => effect,
                Ok(None) => continue,
                Err(problem) => {
                    problems.push(problem);
                    continue;
                }
            };
            let base = if effect.once { &self.once } else { &self.open };
            for (key, context) in effect.contexts(names_of(&source.path)[0], base) {
                match paths.render(self.template, source, &effect, &context) {
                    Ok(Some(path)) => jobs.push(Job { source, effect: effect.clone(), key, path, context }),
                    Ok(None) => {}
                    Err(problem) => problems.push(problem),
                }
            }
        }
        problems.extend(names::collisions(jobs.iter().map(|job| (&job.path, job.source.path.as_str()))));
        if problems.is_empty() { Ok(jobs) } else { Err(problems) }
    }

    fn content(&self, job: &Job) -> Result<RenderedFile, Problem> {
        let name = self.template.file("files", &job.source.path);
        let content = match &job.source.content {
            Source::Link(target) => self.link(&name, target, job)?,
            Source::File { bytes, executable } => {
                let executable = job.effect.executable.unwrap_or(*executable);
                let mut mode = if executable { Mode::Executable } else { Mode::Plain };
                let bytes = if job.effect.is_rendered(job.source) {
                    let text = std::str::from_utf8(bytes).map_err(|_| {
                        Problem::new(format!("`{name}` is to be rendered, and is not UTF-8"))
                            .hint("drop the suffix `.jinja`, and it is copied as it is")
                    })?;
                    let text = self.text(&name, text, job)?;
                    if job.effect.once && self.vault.is_open_in(&text) {
                        mode = Mode::Private;
                    }
                    self.count(text.len())?;
                    text.into_bytes()
                } else {
                    self.count(bytes.len())?;
                    bytes.to_vec()
                };
                Content::File { bytes: Arc::new(bytes), mode }
            }
        };
        Ok(RenderedFile {
            path: job.path.clone(),
            content,
            key: job.key.clone(),
            owner: job.effect.owner.map(ToOwned::to_owned),
            once: job.effect.once,
            skip_if_exists: job.effect.skip_if_exists,
        })
    }

    /// A link, with its target rendered as names are.
    fn link(&self, name: &str, target: &str, job: &Job) -> Result<Content, Problem> {
        let target = self.jinja.text(target, &job.context).map_err(|wrong| Problem {
            message: format!("the target `{target}` of the link `{name}`: {}", wrong.message),
            place: None,
            hint: wrong.hint,
        })?;
        if link_stays_inside(&job.path, &target) {
            return Ok(Content::Link(target));
        }
        let problem = Problem::new(format!("the link `{name}` points out of the project, to `{target}`"));
        Err(problem.hint("let it point to a file of the template, `..` first where it has to go up"))
    }

    /// Adds up what is made, before it is too much for the memory.
    fn count(&self, size: usize) -> Result<(), Problem> {
        let size = u64::try_from(size).unwrap_or(u64::MAX);
        if self.made.fetch_add(size, Ordering::Relaxed).saturating_add(size) > MOST_BYTES {
            return Err(Problem::new("the files come out larger than 1 GiB together"));
        }
        Ok(())
    }

    fn text(&self, name: &str, text: &str, job: &Job) -> Result<String, Problem> {
        // Windows newlines are taken off for the engine and put back, so that slots and blocks work in such files too.
        let windows = text.contains("\r\n") && !text.replace("\r\n", "").contains('\n');
        let plain = if windows { text.replace("\r\n", "\n") } else { text.to_owned() };
        let usual = Delimiters::default();
        let source = slots::alone_on_its_line(&plain, job.effect.delimiters.unwrap_or(&usual));
        let rendered =
            self.jinja.render(name, &source, job.effect.delimiters, &job.context).map_err(|mut problem| {
                if let Some(place) = problem.place.as_mut().filter(|place| place.file == name)
                    && let Some(line) = plain.lines().nth(place.line - 1)
                    && line != place.text
                {
                    // A slot's line was rewritten; the author knows it as it was.
                    line.clone_into(&mut place.text);
                    place.column = line.len() - line.trim_start().len() + 1;
                    place.width = line.trim().chars().count().max(1);
                }
                if self.secrets.iter().any(|secret| problem.message == format!("`{secret}` is undefined")) {
                    problem.hint = Some("secret answers are seen by `once` files alone".to_owned());
                }
                problem
            })?;
        Ok(if windows { rendered.replace("\r\n", "\n").replace('\n', "\r\n") } else { rendered })
    }
}
