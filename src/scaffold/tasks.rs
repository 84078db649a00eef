//! What a template runs in a project: its commands for one occasion, with the answers in them as data, and whether they may run.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::answers::{Answers, base_names, context};
use super::components::Selection;
use super::jinja::Jinja;
use super::manifest::{Deed, Migration, Occasion, Run, Stage};
use super::renew::Renewal;
use super::source::{Base, Template};
use super::{render, trust};
use crate::config::user::User;
use crate::config::value;
use crate::error::{Exit, Failure, Problem};
use crate::outcome::{Change, Consent};
use crate::plan::path::TreePath;
use crate::plan::process::quoted;
use crate::plan::tasks::{Place, Task, Tasks, is_hidden, laid_open};
use crate::plan::{Plan, Step};

/// Whether the commands of a template run.
#[derive(clap::Args, Debug, Clone)]
pub(super) struct Flags {
    /// Run the commands that the template brings, this time, whoever made it
    #[arg(long, conflicts_with = "no_tasks")]
    pub(super) trust: bool,
    /// Run none of the commands that the template brings
    #[arg(long)]
    pub(super) no_tasks: bool,
}

/// What commands are rendered with.
pub(super) struct Scene<'a> {
    pub(super) template: &'a Template,
    pub(super) selection: &'a Selection,
    pub(super) answers: &'a Answers,
    pub(super) dir_name: &'a str,
    pub(super) now: jiff::Timestamp,
}

/// The template's tasks after a command.
///
/// # Errors
/// Texts that do not work with these answers.
pub(super) fn of(scene: &Scene, occasion: Occasion) -> Result<Vec<Task>, Failure> {
    let tasks = scene.template.manifest.tasks.iter();
    rendered(scene, tasks.filter(|task| task.on.contains(&occasion)).map(|task| task.deed()))
}

/// The migrations of one template between two versions, by version, and within one as the template has them.
fn between<'a>(all: &'a [Migration], old: &str, new: &semver::Version, stage: Stage) -> Vec<Deed<'a>> {
    let Ok(old) = semver::Version::parse(old) else { return Vec::new() };
    let mut due: Vec<(semver::Version, Deed)> = all
        .iter()
        .filter(|migration| migration.stage == stage)
        .filter_map(|migration| Some((semver::Version::parse(&migration.version.text).ok()?, migration.deed())))
        .filter(|(version, _)| *version > old && version <= new)
        .collect();
    due.sort_by(|a, b| a.0.cmp(&b.0));
    due.into_iter().map(|(_, deed)| deed).collect()
}

fn rendered<'a>(scene: &Scene, deeds: impl Iterator<Item = Deed<'a>>) -> Result<Vec<Task>, Failure> {
    let deeds: Vec<Deed> = deeds.collect();
    if deeds.is_empty() {
        return Ok(Vec::new());
    }
    let jinja = render::engine(scene.template, scene.now)?;
    let mut names = base_names(scene.template, scene.selection, scene.dir_name);
    for (name, value) in scene.answers.stored.iter().chain(&scene.answers.computed) {
        names.insert(name.clone(), minijinja::Value::from(minijinja::value::Serde(value)));
    }
    let pass = Pass { template: scene.template, jinja: &jinja, context: context(&names) };
    let mut problems = Vec::new();
    let results: Vec<Option<Task>> =
        deeds.iter().filter_map(|deed| pass.task(deed).map_err(|problem| problems.push(problem)).ok()).collect();
    if problems.is_empty() {
        return Ok(results.into_iter().flatten().collect());
    }
    Err(Failure::of(format!("the commands of `{}` do not work", scene.template.shown()), problems).exit(Exit::Usage))
}

struct Pass<'a> {
    template: &'a Template,
    jinja: &'a Jinja,
    /// No secret is in it: commands are shown.
    context: minijinja::Value,
}

impl Pass<'_> {
    /// `None` where its `when` says that it is not for this project.
    fn task(&self, deed: &Deed) -> Result<Option<Task>, Problem> {
        if let Some(when) = deed.when {
            let holds =
                self.jinja.evaluate(&when.text, &self.context).map_err(|wrong| self.template.wrong(wrong, when))?;
            if !holds.is_true() {
                return Ok(None);
            }
        }
        let run = match deed.run {
            Run::Script(script) => value::Command::Script(self.plain(&script.text, script)?),
            Run::Words(words) => {
                let words = words.iter().map(|word| self.text(word)).collect::<Result<Vec<String>, Problem>>()?;
                value::Command::Words(words)
            }
        };
        let dir = match deed.dir {
            None => String::new(),
            Some(text) => {
                let dir = self.text(text)?;
                let path = TreePath::new(&dir).map_err(|why| {
                    Problem::new(format!("the folder `{}` {why}", dir.escape_debug()))
                        .at(self.template.place(&text.span))
                })?;
                path.as_str().to_owned()
            }
        };
        let variables = deed.env.iter().map(|(name, text)| Ok((name.clone(), self.text(text)?)));
        Ok(Some(Task { dir, run, variables: variables.collect::<Result<_, Problem>>()? }))
    }

    fn text(&self, text: &super::manifest::Text) -> Result<String, Problem> {
        let rendered = self.jinja.text(&text.text, &self.context).map_err(|wrong| self.template.wrong(wrong, text))?;
        self.plain(&rendered, text)
    }

    /// What is shown must be what is run: nothing in it may hide, or move other text.
    fn plain(&self, rendered: &str, text: &super::manifest::Text) -> Result<String, Problem> {
        match rendered.chars().find(|c| is_hidden(*c)) {
            None => Ok(rendered.to_owned()),
            Some(c) => {
                let message = format!("a command with `{}` in it cannot be shown as it is", c.escape_unicode());
                Err(Problem::new(message).at(self.template.place(&text.span)))
            }
        }
    }
}

impl<'a> Scene<'a> {
    pub(super) fn of(renewal: &'a Renewal) -> Self {
        let Renewal { subject, selection, answers, .. } = renewal;
        Self { template: &subject.template, selection, answers, dir_name: &subject.dir_name, now: subject.now }
    }
}

/// A project, the commands that may be run for it, and who decides that.
pub(super) struct Call<'a> {
    pub(super) scene: Scene<'a>,
    /// The project's folder.
    pub(super) root: &'a Path,
    pub(super) shown: String,
    /// The version that it had, where it had one.
    pub(super) old_version: Option<&'a str>,
    /// What the template extends, and the version of it that the project had.
    pub(super) bases: Vec<(&'a Base, &'a str)>,
    pub(super) flags: &'a Flags,
    pub(super) user: &'a User,
}

impl<'a> Call<'a> {
    /// For a project that is there already.
    pub(super) fn of(renewal: &'a Renewal, flags: &'a Flags, user: &'a User) -> Self {
        let subject = renewal.subject;
        let shown = subject.root.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let old_version = Some(subject.old_version()).filter(|old| !old.is_empty());
        let bases = subject.bases().collect();
        Self { scene: Scene::of(renewal), root: &subject.root, shown, old_version, bases, flags, user }
    }

    /// The migrations that the project needs: those of what the template extends come first.
    ///
    /// # Errors
    /// Texts that do not work with these answers.
    pub(super) fn migrations(&self, stage: Stage) -> Result<Vec<Task>, Failure> {
        let manifest = &self.scene.template.manifest;
        let mut due = Vec::new();
        for (base, old) in &self.bases {
            due.extend(between(&base.migrations, old, &base.version, stage));
        }
        if let Some(old) = self.old_version {
            due.extend(between(&manifest.migrations, old, &manifest.template.version, stage));
        }
        rendered(&self.scene, due.into_iter())
    }

    /// Puts what follows a renewed project's files behind a change: the migrations that an update calls for, then the tasks of the occasion.
    /// `first` are those that come before it, and need the same trust.
    ///
    /// # Errors
    /// Texts that do not work with these answers.
    pub(super) fn follow(&self, change: &mut Change, occasion: Occasion, first: &[Task]) -> Result<(), Failure> {
        let mut tasks = Vec::new();
        if occasion == Occasion::Update {
            tasks.extend(self.migrations(Stage::After)?);
        }
        tasks.extend(of(&self.scene, occasion)?);
        self.join(change, tasks, first);
        Ok(())
    }

    /// Says which migrations do not run, where only the records are brought to the new version.
    ///
    /// # Errors
    /// Texts that do not work with these answers.
    pub(super) fn leave_out(&self, change: &mut Change) -> Result<(), Failure> {
        let mut left = self.migrations(Stage::Before)?;
        left.extend(self.migrations(Stage::After)?);
        let commands: Vec<String> = left.iter().map(Task::command_line).collect();
        let told: Vec<Json> = commands.iter().map(|command| json!({ "command": command, "runs": false })).collect();
        change.json.insert("tasks".to_owned(), told.into());
        if !commands.is_empty() {
            change.before.push(format!("migrations that are not run, and will not be later:\n{}", listed(&commands)));
        }
        Ok(())
    }

    /// Puts tasks behind all else that a change does: at its end, or, where it has conflicts, at the end of those.
    pub(super) fn join(&self, change: &mut Change, tasks: Vec<Task>, first: &[Task]) {
        let Self { scene, flags, user, .. } = self;
        let commands: Vec<String> = first.iter().chain(&tasks).map(Task::command_line).collect();
        let told: Vec<Json> =
            commands.iter().map(|command| json!({ "command": command, "runs": !flags.no_tasks })).collect();
        change.json.insert("tasks".to_owned(), told.into());
        if commands.is_empty() {
            return;
        }
        if flags.no_tasks {
            let all = first.iter().cloned().chain(tasks).collect();
            change.before.push(left_out(&self.together(all, Place::Behind)));
            return;
        }
        if flags.trust || trust::is_trusted(scene.template, &commands, user) {
            let when = if change.exit == Some(Exit::Conflict) { "conflicts are resolved" } else { "files are there" };
            let rest = &commands[first.len()..];
            if !rest.is_empty() {
                change.before.push(format!("when the {when}, the template runs:\n{}", listed(rest)));
            }
        } else {
            let approvals = trust::approvals(scene.template, &commands);
            let whose = format!("`{}`", scene.template.shown());
            let hint = Some("to trust whoever made the template: `[trust] sources` in your own configuration");
            change.consent = Some(Consent { whose, commands, approvals, hint });
        }
        if !tasks.is_empty() {
            wait_for_conflicts(&mut change.plan, self.together(tasks, Place::Behind));
        }
    }

    /// Tasks of this project.
    pub(super) fn together(&self, list: Vec<Task>, place: Place) -> Tasks {
        let version = &self.scene.template.manifest.template.version;
        let mut context = vec![("PRODEV_NEW_VERSION".to_owned(), version.to_string())];
        context.extend(self.old_version.map(|old| ("PRODEV_OLD_VERSION".to_owned(), old.to_owned())));
        Tasks { root: self.root.to_owned(), shown: self.shown.clone(), context, list, place }
    }
}

/// What is said of tasks that `--no-tasks` leaves out: nothing runs them later by itself, so it is put as it can be pasted.
pub(super) fn left_out(tasks: &Tasks) -> String {
    let mut lines = Vec::new();
    let has_old = tasks.context.len() > 1;
    if has_old || tasks.list.iter().any(|task| task.command_line().contains("PRODEV_")) {
        let context = tasks.context.iter().map(|(name, value)| format!("{name}={}", quoted(value)));
        lines.push(format!("export {}", context.collect::<Vec<_>>().join(" ")));
    }
    // Each begins in the project's folder.
    let pasted = |task: &Task| {
        let line = task.command_line();
        if task.dir.is_empty() { line } else { format!("({line})") }
    };
    lines.extend(tasks.list.iter().map(|task| laid_open(&pasted(task))));
    format!("left out, as `--no-tasks` says; to have it done later, run in `{}`:\n{}", tasks.shown, listed(&lines))
}

fn listed(commands: &[String]) -> String {
    let lines: Vec<String> = commands.iter().map(|command| format!("  {}", command.replace('\n', "\n  "))).collect();
    lines.join("\n")
}

/// Tasks of a project with conflicts are kept with these, and run at `--continue`.
fn wait_for_conflicts(plan: &mut Plan, tasks: Tasks) {
    let open = plan.steps.iter_mut().find_map(|step| match step {
        Step::Tree(tree) => tree.open.as_mut(),
        _ => None,
    });
    match open {
        Some(open) => {
            open.note["tasks"] = serde_json::to_value(&tasks).unwrap_or_default();
            plan.steps.extend(trust::agreement(&tasks).map(Step::Memory));
        }
        None => plan.steps.push(Step::Tasks(tasks)),
    }
}

/// The tasks that wait in the note of a change with conflicts.
pub(super) fn waiting(note: &Json) -> Option<Tasks> {
    serde_json::from_value(note.get("tasks")?.clone()).ok()
}
