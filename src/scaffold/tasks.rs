//! What a template runs in a project: its commands for one occasion, with the answers in them as data, and whether they may run.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::answers::{Answers, base_names, context};
use super::components::Selection;
use super::jinja::Jinja;
use super::manifest::{Deed, Occasion, Run, Stage};
use super::renew::Renewal;
use super::source::Template;
use super::{render, trust};
use crate::config::user::User;
use crate::config::value;
use crate::error::{Exit, Failure, Problem};
use crate::outcome::{Change, Consent};
use crate::plan::path::TreePath;
use crate::plan::tasks::{Task, Tasks};
use crate::plan::{Plan, Step};

/// Whether the commands of a template run.
#[derive(clap::Args, Debug)]
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

/// The project that they run in.
pub(super) struct Home<'a> {
    pub(super) root: &'a Path,
    pub(super) shown: &'a str,
    /// The version that it had, where it had one.
    pub(super) old_version: Option<&'a str>,
}

/// The template's tasks after a command.
///
/// # Errors
/// Texts that do not work with these answers.
pub(super) fn of(scene: &Scene, occasion: Occasion) -> Result<Vec<Task>, Failure> {
    let tasks = scene.template.manifest.tasks.iter();
    rendered(scene, tasks.filter(|task| task.on.contains(&occasion)).map(|task| task.deed()))
}

/// The migrations of a project of the version `old`, by version, and within one as the template has them.
///
/// # Errors
/// As `of`.
pub(super) fn migrations(scene: &Scene, old: &str, stage: Stage) -> Result<Vec<Task>, Failure> {
    let manifest = &scene.template.manifest;
    let Ok(old) = semver::Version::parse(old) else { return Ok(Vec::new()) };
    let mut due: Vec<(semver::Version, Deed)> = manifest
        .migrations
        .iter()
        .filter(|migration| migration.stage == stage)
        .filter_map(|migration| Some((semver::Version::parse(&migration.version.text).ok()?, migration.deed())))
        .filter(|(version, _)| *version > old && *version <= manifest.template.version)
        .collect();
    due.sort_by(|a, b| a.0.cmp(&b.0));
    rendered(scene, due.into_iter().map(|(_, deed)| deed))
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

/// Control characters, and those that turn the direction of text round or take no room.
fn is_hidden(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t'))
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}

/// What follows a renewed project's files: the migrations that an update calls for, then the tasks of the occasion.
///
/// # Errors
/// As `of`.
pub(super) fn follow(
    change: &mut Change,
    renewal: &Renewal,
    occasion: Occasion,
    flags: &Flags,
    user: &User,
) -> Result<(), Failure> {
    let Renewal { subject, selection, answers, .. } = renewal;
    let scene =
        Scene { template: &subject.template, selection, answers, dir_name: &subject.dir_name, now: subject.now };
    let old = subject.old_version();
    let mut tasks = Vec::new();
    if occasion == Occasion::Update {
        tasks.extend(migrations(&scene, old, Stage::After)?);
    }
    tasks.extend(of(&scene, occasion)?);
    let shown = subject.root.file_name().unwrap_or_default().to_string_lossy();
    let home = Home { root: &subject.root, shown: &shown, old_version: Some(old).filter(|old| !old.is_empty()) };
    join(change, tasks, &home, &scene, flags, user);
    Ok(())
}

/// Puts tasks behind all else that a change does: at its end, or, where it has conflicts, at the end of those.
pub(super) fn join(change: &mut Change, tasks: Vec<Task>, home: &Home, scene: &Scene, flags: &Flags, user: &User) {
    let commands: Vec<String> = tasks.iter().map(Task::command_line).collect();
    let told: Vec<Json> =
        commands.iter().map(|command| json!({ "command": command, "runs": !flags.no_tasks })).collect();
    change.json.insert("tasks".to_owned(), told.into());
    if tasks.is_empty() {
        return;
    }
    let listed: Vec<String> = commands.iter().map(|command| format!("  {}", command.replace('\n', "\n  "))).collect();
    let listed = listed.join("\n");
    if flags.no_tasks {
        change.before.push(format!("left out, as `--no-tasks` says:\n{listed}"));
        return;
    }
    if flags.trust || trust::is_trusted(scene.template, user) {
        let when = if change.exit == Some(Exit::Conflict) { "conflicts are resolved" } else { "files are there" };
        change.before.push(format!("when the {when}, the template runs:\n{listed}"));
    } else {
        let approval = trust::approval(scene.template, &commands);
        change.consent = Some(Consent { whose: scene.template.shown().to_owned(), commands, approval });
    }
    let version = &scene.template.manifest.template.version;
    let mut variables = vec![("PRODEV_NEW_VERSION".to_owned(), version.to_string())];
    variables.extend(home.old_version.map(|old| ("PRODEV_OLD_VERSION".to_owned(), old.to_owned())));
    let tasks = Tasks { root: home.root.to_owned(), shown: home.shown.to_owned(), context: variables, list: tasks };
    wait_for_conflicts(&mut change.plan, tasks);
}

/// Tasks of a project with conflicts are kept with these, and run at `--continue`.
fn wait_for_conflicts(plan: &mut Plan, tasks: Tasks) {
    let open = plan.steps.iter_mut().find_map(|step| match step {
        Step::Tree(tree) => tree.open.as_mut(),
        _ => None,
    });
    match open {
        Some(open) => open.note["tasks"] = serde_json::to_value(&tasks).unwrap_or_default(),
        None => plan.steps.push(Step::Tasks(tasks)),
    }
}

/// The tasks that wait in the note of a change with conflicts.
pub(super) fn waiting(note: &Json) -> Option<Tasks> {
    serde_json::from_value(note.get("tasks")?.clone()).ok()
}
