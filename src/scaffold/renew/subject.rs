//! A project and its template, both read, and the questions that are still open between them.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::config::user::User;
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, Problem, fail, listed, nearest};
use crate::plan::path::TreePath;
use crate::plan::tree::Undo;
use crate::scaffold::answers::{self, AnswerFile, Answers, Asking, Given, Inquiry, Record, Secrets};
use crate::scaffold::components::{self, Selection, Wishes};
use crate::scaffold::jinja::Jinja;
use crate::scaffold::renames::{self, Due};
use crate::scaffold::render::{self, Rendering};
use crate::scaffold::renew::Renewal;
use crate::scaffold::source::{self, Age, Base, Finder, Origin, Template, Wanted};
use crate::scaffold::state::{self, Recorded};
use crate::scaffold::{changelog, check, new, provenance};

/// A project, its records, and the template as it is now.
pub(in crate::scaffold) struct Subject {
    pub(in crate::scaffold) root: PathBuf,
    pub(in crate::scaffold) recorded: Recorded,
    pub(in crate::scaffold) template: Template,
    pub(in crate::scaffold) now: jiff::Timestamp,
    pub(in crate::scaffold) dir_name: String,
}

/// What the command line says of answers.
#[derive(Debug, Default)]
pub(in crate::scaffold) struct Wish<'a> {
    pub(in crate::scaffold) set: &'a [String],
    pub(in crate::scaffold) defaults: bool,
    pub(in crate::scaffold) reask: &'a [String],
    /// Files of answers, with their names; the last one counts.
    pub(in crate::scaffold) files: Vec<AnswerFile>,
}

/// Which state of its template a project is held against.
#[derive(Debug, Clone, Copy)]
pub(in crate::scaffold) enum At<'a> {
    /// The one that is recorded.
    Recorded,
    /// A tag, branch or commit; otherwise what the project follows: a branch, or else the newest version.
    Now { reference: Option<&'a str>, pre: bool, age: Age },
}

/// Opens the project around the command, with the template that its records name.
///
/// # Errors
/// There is none, its records are not whole, or its template cannot be read.
pub(in crate::scaffold) fn open(ctx: &Ctx, name: Option<&str>, at: At) -> anyhow::Result<Subject> {
    let found = state::find(&ctx.dir, name)?;
    ctx.enter(&found.root)?;
    let recorded = state::read(&found.root, &found.name)?;
    provenance::check(ctx, &found.root, &found.name, &recorded.state.template.source)?;
    let template = read(ctx, &found.root, &recorded, at)?;
    let mut subject = Subject::new(found.root, recorded, template)?;
    subject.rejoin(ctx)?;
    Ok(subject)
}

fn read(ctx: &Ctx, root: &Path, recorded: &Recorded, at: At) -> anyhow::Result<Template> {
    let state::Origin { source, reference: followed, commit, .. } = &recorded.state.template;
    // A version that was the newest once is not followed for ever; a branch is.
    let is_version = |name: &str| semver::Version::parse(name.trim_start_matches(['v', 'V'])).is_ok();
    let branch = followed.as_deref().filter(|name| !is_version(name));
    let (reference, pre, age) = match at {
        At::Recorded => (commit.as_deref(), false, Age::Now),
        At::Now { reference, pre, age } => (reference.or(branch.filter(|_| !pre)), pre, age),
    };
    let pins = if matches!(at, At::Recorded) { recorded.state.template.bases.as_slice() } else { &[] };
    let wanted = Wanted { source, reference, pre, pins };
    let mut template = source::find(wanted, Finder { dir: root, age, ui: Some(&ctx.ui) })
        .map_err(|error| not_found(error, recorded, at))
        .with_context(|| format!("could not open `{source}`, which this project comes from"))?;
    check::check(&template)?;
    if let (At::Recorded, source::Origin::Git(found)) = (at, &mut template.origin) {
        found.reference.clone_from(followed);
    }
    Ok(template)
}

/// What can be done where a template is not where it was.
fn not_found(error: anyhow::Error, recorded: &Recorded, at: At) -> anyhow::Error {
    let commit = recorded.state.template.commit.as_deref();
    error.downcast::<Failure>().map_or_else(
        |error| error,
        |mut failure| {
            match at {
                At::Recorded if commit.is_some_and(|commit| failure.message.contains(commit)) => {
                    failure.hints = vec!["`prodev update` goes to a version that is there".to_owned()];
                }
                // Another version was asked for than there is.
                At::Now { reference: Some(_), .. } => {}
                _ => {
                    let state = format!(".prodev/{}/state.toml", recorded.name);
                    let hint = format!("where it lies elsewhere by now, say so in `source` in `{state}`");
                    failure = failure.hint(hint);
                }
            }
            failure.into()
        },
    )
}

/// # Errors
/// An update of `project` whose conflicts are not resolved.
pub(in crate::scaffold) fn refuse_open(ctx: &Ctx, project: &Path) -> Result<(), Failure> {
    if Undo::is_open(&ctx.dir, project) {
        return Err(fail("an update with conflicts is still open here")
            .hint("resolve them, then `prodev update --continue`")
            .hint("or take it all back with `prodev update --abort`")
            .exit(Exit::Conflict));
    }
    Ok(())
}

impl Subject {
    pub(in crate::scaffold) fn new(root: PathBuf, recorded: Recorded, template: Template) -> anyhow::Result<Self> {
        let now = match &recorded.state.template.created {
            Some(text) => text.parse().map_err(|_| {
                fail(format!("`created` in `.prodev/{}/state.toml` is no instant", recorded.name))
                    .hint("restore the file")
                    .exit(Exit::Usage)
            })?,
            None => new::now()?,
        };
        let dir_name = match &recorded.state.template.folder {
            Some(name) => name.clone(),
            None => root.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        };
        Ok(Self { root, recorded, template, now, dir_name })
    }

    /// The version that the project has.
    pub(in crate::scaffold) fn old_version(&self) -> &str {
        &self.recorded.state.template.version
    }

    /// How a conflict calls the template as it was.
    pub(in crate::scaffold) fn old_name(&self) -> String {
        match self.old_version() {
            "" => "nothing".to_owned(),
            version => format!("{} {version}", self.recorded.state.template.name),
        }
    }

    /// How it is called now.
    pub(in crate::scaffold) fn new_name(&self) -> String {
        let about = &self.template.manifest.template;
        format!("{} {}", about.name.text, about.version)
    }

    /// What the template says of the versions after the project's.
    pub(in crate::scaffold) fn changelog(&self) -> Option<String> {
        let old = semver::Version::parse(self.old_version()).ok()?;
        changelog::between(self.template.changelog.as_deref()?, &old, &self.template.manifest.template.version)
    }

    /// The components that the project has and the template still knows.
    pub(in crate::scaffold) fn selected(&self) -> Vec<String> {
        let known = &self.template.manifest.components;
        let on = self.recorded.state.components.iter().filter(|(name, is_on)| **is_on && known.contains_key(*name));
        on.map(|(name, _)| name.clone()).collect()
    }

    /// # Errors
    /// A template of another version than the project's: `add` and `remove` change the selection, not the version.
    pub(in crate::scaffold) fn same_version(&self) -> Result<(), Failure> {
        let have = self.template.manifest.template.version.to_string();
        if have == self.old_version() {
            return Ok(());
        }
        let newer = is_newer(self.old_version(), &have);
        let failure = fail(format!("this project is of {}, and the template is at {have}", self.old_name()));
        Err(match (newer, &self.template.origin) {
            (true, Origin::Builtin(_)) => failure.hint("update prodev: the project was made by a newer one"),
            (true, _) => failure.hint("get the template in the project's version"),
            (false, _) => failure.hint("`prodev update` first"),
        })
    }

    /// Makes anew what Git joined of two branches: only the template can tell how it comes out with the components of both. Where it is of
    /// another version by now, the lines as Git joined them are the best there is.
    pub(in crate::scaffold) fn rejoin(&mut self, ctx: &Ctx) -> anyhow::Result<()> {
        if self.recorded.joined.is_empty() {
            return Ok(());
        }
        let recorded = &self.recorded.state.template;
        let is_same = self.template.manifest.template.version.to_string() == recorded.version
            && self.template.origin.commit().map(|commit| &commit.id) == recorded.commit.as_ref();
        // A commit can be had again; of a folder there is only what it holds now.
        let old = match (is_same, &recorded.commit) {
            (true, _) => None,
            (false, Some(_)) => match read(ctx, &self.root, &self.recorded, At::Recorded) {
                Ok(template) => Some(template),
                Err(_) => return Ok(()),
            },
            (false, None) => return Ok(()),
        };
        let now = old.map(|old| std::mem::replace(&mut self.template, old));
        let rendering = {
            let only = Some(self.selected());
            let selection = components::select(&self.template.manifest, &Wishes { only, ..Wishes::default() })?;
            self.render(ctx, &selection, &Wish { defaults: true, ..Wish::default() })?.1
        };
        if let Some(now) = now {
            self.template = now;
        }
        for file in rendering.files.into_iter().filter(|file| self.recorded.joined.contains(&file.path)) {
            if let Some(based) = self.recorded.base.get_mut(&file.path) {
                based.content = file.content;
            }
        }
        Ok(())
    }

    /// What the template extends, the farthest first, and the version of it that the project was made from.
    pub(in crate::scaffold) fn bases(&self) -> impl Iterator<Item = (&Base, &str)> {
        let pins = &self.recorded.state.template.bases;
        let bases = self.template.bases.iter().rev();
        bases.filter_map(|base| {
            let source = state::source(&base.origin, &self.root);
            Some((base, pins.iter().find(|pin| pin.source == source)?.version.as_str()))
        })
    }

    /// The template's own renames since the project's version, from where to where.
    ///
    /// # Errors
    /// Paths that cannot be rendered, or are none.
    pub(in crate::scaffold) fn renames(&self, renewal: &Renewal) -> Result<Vec<(TreePath, TreePath)>, Failure> {
        let mut due: Vec<Due> = self.bases().map(|(base, old)| Due { renames: &base.renames, old }).collect();
        due.push(Due { renames: &self.template.manifest.renames, old: self.old_version() });
        if due.iter().all(|due| due.renames.is_empty()) {
            return Ok(Vec::new());
        }
        let jinja = render::engine(&self.template, self.now)?;
        let Renewal { selection, answers, .. } = renewal;
        renames::between(&self.template, &jinja, selection, answers, &self.dir_name, &due)
    }

    /// Answers all questions and renders. A second time where a new `once` file needs a secret that nobody has given yet.
    pub(in crate::scaffold) fn render(
        &self,
        ctx: &Ctx,
        selection: &Selection,
        wish: &Wish,
    ) -> anyhow::Result<(Answers, Rendering)> {
        let user = ctx.user()?;
        let mut given = self.given(wish, user)?;
        let asking = if wish.defaults || !ctx.ui.is_interactive() { Asking::Nothing } else { Asking::Open };
        let author = answers::author(user, &self.root);
        let project_files = answers::project_files(&self.root);
        let shown = self.root.display().to_string();
        for secrets in [Secrets::Blank, Secrets::Asked] {
            given.secrets = secrets;
            let jinja: Jinja = render::engine(&self.template, self.now)?;
            let inquiry = Inquiry {
                template: &self.template,
                jinja: &jinja,
                selection,
                dir_name: &self.dir_name,
                dir: &shown,
                author: &author,
                project_files: &project_files,
                ui: &ctx.ui,
                asking,
            };
            let answers = answers::answer(&inquiry, &given)?;
            let rendering = render::render(&self.template, jinja, selection, &answers, &self.dir_name)?;
            let is_new = |file: &&render::RenderedFile| {
                let at = file.path.below(&self.root);
                file.once
                    && !self.recorded.once.contains(&state::once_mark(&file.path))
                    && at.symlink_metadata().is_err()
            };
            if answers.secrets.is_empty()
                || !rendering.files.iter().any(|file| is_new(&file))
                || secrets == Secrets::Asked
            {
                return Ok((answers, rendering));
            }
            // What was answered once is not asked again for the sake of a secret.
            for (name, value) in &answers.stored {
                given.files.push(AnswerFile::plain(
                    "an answer of this run",
                    [(name.clone(), value.clone())].into_iter().collect(),
                ));
            }
            given.files.retain(|file| file.answers.values().all(|value| !value.is_null()));
        }
        anyhow::bail!("the second rendering has all secrets")
    }

    fn given(&self, wish: &Wish, user: &User) -> anyhow::Result<Given> {
        let reask = if wish.reask.is_empty() { None } else { Some(self.globs(wish.reask)?) };
        let State { answers, unasked } = State::of(&self.recorded);
        Ok(Given {
            set: answers::parse_set(wish.set)?,
            files: wish.files.clone(),
            user: user.answers.clone(),
            record: Record { answers, unasked, reask },
            ..Given::default()
        })
    }
}

impl Subject {
    /// # Errors
    /// What is no glob, or names no question of the template.
    fn globs(&self, texts: &[String]) -> Result<globset::GlobSet, Failure> {
        let questions = &self.template.manifest.questions;
        let mut set = globset::GlobSetBuilder::new();
        let mut problems = Vec::new();
        for text in texts {
            match globset::Glob::new(text) {
                Ok(glob) if questions.keys().any(|name| glob.compile_matcher().is_match(name)) => drop(set.add(glob)),
                Ok(_) => {
                    let problem = Problem::new(format!("`--reask {text}` is for no question of this template"));
                    let known: Vec<&str> = questions.keys().map(String::as_str).collect();
                    problems.push(match nearest(text, known.iter().copied()) {
                        Some(near) => problem.hint(format!("did you mean `{near}`?")),
                        None if known.is_empty() => problem.hint("it asks nothing"),
                        None => problem.hint(format!("it asks for {}", listed(&known))),
                    });
                }
                Err(error) => problems.push(
                    Problem::new(format!("`--reask {text}` is no glob: {}", error.kind()))
                        .hint("for example `--reask 'project_*'`"),
                ),
            }
        }
        if !problems.is_empty() {
            return Err(Failure::of("some `--reask` ask for nothing", problems).exit(Exit::Usage));
        }
        set.build()
            .map_err(|error| fail("the globs of `--reask` do not work").cause(error.to_string()).exit(Exit::Usage))
    }
}

/// The two tables of answers that a project has.
struct State {
    answers: toml::Table,
    unasked: toml::Table,
}

impl State {
    fn of(recorded: &Recorded) -> Self {
        Self { answers: recorded.state.answers.clone(), unasked: recorded.state.unasked.clone() }
    }
}

/// Whether `version` is newer than `than`. What is no version is not.
pub(in crate::scaffold) fn is_newer(version: &str, than: &str) -> bool {
    match (semver::Version::parse(version), semver::Version::parse(than)) {
        (Ok(version), Ok(than)) => version > than,
        _ => false,
    }
}
