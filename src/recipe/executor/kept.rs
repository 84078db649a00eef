//! The cache as the executor uses it: calls that need not run, what others said when they ran, and why one runs.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::Path;

use super::remote::Delivery;
use super::report::Record;
use super::{Executor, State};
use crate::config::recipe::Cache;
use crate::config::value::Glob;
use crate::config::variable::{EnvironmentValue, Variable};
use crate::recipe::cache::{
    Courier, Decision, Difference, Hit, Keep, Kept, Log, Manifest, Pending, Reason, Remote, Store, Subject, Value,
    What, pieces,
};
use crate::recipe::call;
use crate::recipe::graph::Kind;
use crate::recipe::plan;
use crate::recipe::scope::Scope;
use crate::recipe::script::{self, Program, Step};
use crate::ui::{Stream, Ui};

/// What is known of calls and the cache.
#[derive(Default)]
pub(super) struct Shelf {
    store: Option<Store>,
    /// The server that a team shares, if there is one to be used.
    pub(super) remote: Option<Remote>,
    pub(super) courier: Option<Courier>,
    /// Calls that others were asked for.
    pub(super) asked: HashMap<usize, Box<Pending>>,
    pub(super) delivery: Delivery,
    /// Calls that run and are to be kept.
    pending: HashMap<usize, Box<Pending>>,
    /// What calls have made, for the keys of those that need them.
    made: HashMap<usize, String>,
    /// How many calls have made something that nobody can tell.
    unknown: u64,
}

impl<'b> Executor<'_, 'b> {
    /// Whether what a call would do is done already, or has been brought back: then it is over. Or it is asked for elsewhere: then it comes again.
    pub(super) fn is_done_already(&mut self, node: usize) -> bool {
        let recipe = self.recipe(node);
        if self.shelf.pending.contains_key(&node) {
            return false;
        }
        if recipe.inputs.is_empty() || recipe.interactive || recipe.detach {
            return false;
        }
        let label = self.node(node).label.clone();
        let decision = match self.decide(node) {
            Ok(decision) => decision,
            Err(reason) => Decision::Always(Some(reason)),
        };
        let (hit, how) = match decision {
            Decision::Always(reason) => {
                if let Some(reason) = reason {
                    self.ui.warn(&format!("`{label}` runs in any case: {reason}"));
                }
                self.made_something(node);
                return false;
            }
            Decision::Run(pending) => return self.asks_or_runs(node, pending),
            Decision::Skip(hit) => (hit, "nothing has changed"),
            Decision::Restore(restore) => {
                self.explain(&label, restore.reason());
                match restore.perform() {
                    Ok(hit) => (hit, "what it makes was brought back"),
                    Err(pending) => return self.asks_or_runs(node, pending),
                }
            }
        };
        self.is_over(node, hit, how);
        true
    }

    fn asks_or_runs(&mut self, node: usize, pending: Box<Pending>) -> bool {
        match self.ask(node, pending) {
            Some(pending) => {
                self.will_run(node, pending);
                false
            }
            None => true,
        }
    }

    /// A call need not run. What it said is said again.
    pub(super) fn is_over(&mut self, node: usize, hit: Hit, how: &str) {
        let Hit { log, made } = hit;
        self.shelf.made.insert(node, made);
        for (stream, piece) in log.iter().flat_map(|log| pieces(log)) {
            let _ = Ui::relay(if self.options.is_json { Stream::Err } else { stream }, piece);
        }
        self.records.push(Record::skipped(node, how));
        // It took what it would have held while it ran.
        self.locks.release(node);
        self.give_back(node);
        self.settle(node, State::Succeeded);
    }

    pub(super) fn will_run(&mut self, node: usize, pending: Box<Pending>) {
        self.explain(&self.node(node).label.clone(), pending.reason());
        self.shelf.pending.insert(node, pending);
    }

    /// Whether a call's output has to be noted.
    pub(super) fn is_noted(&self, node: usize) -> bool {
        self.shelf.pending.contains_key(&node) && !self.recipe(node).outputs.is_empty()
    }

    /// A call is over. What it made is kept, if it succeeded and was to be.
    pub(super) fn keep(&mut self, node: usize, has_succeeded: bool, log: &Log, seconds: f64) {
        let Some(pending) = self.shelf.pending.remove(&node).filter(|_| has_succeeded) else { return };
        let label = &self.node(node).label;
        match pending.keep(log.as_bytes(), seconds) {
            Ok(Kept::Stored { made }) => {
                self.shelf.made.insert(node, made);
                if let Some(courier) = self.shelf.courier.as_ref().filter(|_| pending.is_shared()) {
                    courier.send(&pending);
                }
            }
            Ok(Kept::Noted { made, reason: None }) => drop(self.shelf.made.insert(node, made)),
            Ok(Kept::Noted { made, reason: Some(reason) }) => {
                self.ui.warn(&format!("`{label}` cannot be brought back: {reason}"));
                self.shelf.made.insert(node, made);
            }
            Ok(Kept::Not { reason }) => {
                self.ui.warn(&format!("`{label}` is not kept: {reason}"));
                self.made_something(node);
            }
            Err(error) => {
                self.ui.warn(&format!("`{label}` could not be kept: {error}"));
                self.made_something(node);
            }
        }
    }

    /// Nobody can tell what it made, so whatever needs it has to run.
    fn made_something(&mut self, node: usize) {
        self.shelf.unknown += 1;
        self.shelf.made.insert(node, format!("unknown {} {}", self.run, self.shelf.unknown));
    }

    fn decide(&mut self, node: usize) -> Result<Decision, String> {
        let store = match &self.shelf.store {
            Some(store) => store.clone(),
            None => Store::of(self.ctx).map_err(|failure| failure.message)?,
        };
        self.shelf.store = Some(store.clone());
        let scope = self.scope(node);
        let recipe = scope.entry.recipe;
        let base = scope.entry.home();
        let texts = |globs: &'b [Glob]| globs.iter().map(|glob| &**glob).collect();
        let manifest = self.manifest(node, &scope, &store)?;
        let keep = match recipe.cache {
            Some(Cache::Off) => Keep::Nothing,
            Some(Cache::Local) => Keep::Local,
            wish => self.sharing(wish, &scope, &manifest, &store),
        };
        Ok(store.decide(Subject {
            manifest,
            base: &base,
            inputs: texts(&recipe.inputs),
            outputs: texts(&recipe.outputs),
            keep,
            force: self.options.force,
        }))
    }

    /// Everything that decides what a call makes, but for the files.
    fn manifest(&self, node: usize, scope: &Scope, store: &Store) -> Result<Manifest, String> {
        let own_key = store.own_key().map_err(|error| format!("the cache cannot be used: {error}"))?;
        // With a key of the team secrets come to the same for all of it.
        let key = Remote::team_key(&self.catalog.project.policy.settings.cache).unwrap_or(own_key);
        let value =
            |text: String, is_secret: bool| if is_secret { Value::secret(&text, &key) } else { Value::Plain(text) };
        let recipe = scope.entry.recipe;
        let steps = script::main(scope).map_err(|failure| failure.message)?;
        let mut command = vec![format!("dir: {}", recipe.dir.as_deref().unwrap_or("."))];
        let has_secret = scope.entry.params.iter().any(|param| param.secret);
        for step in &steps {
            written(step, &scope.entry.home(), has_secret, &mut command);
        }
        if has_secret {
            // Words hold values: as they are written they hold names.
            command.push(serde_json::to_string(&recipe.run).unwrap_or_default());
        }
        let mut parameters = BTreeMap::new();
        for (param, given) in scope.entry.params.iter().zip(scope.values) {
            let text = match given {
                call::Value::One(text) => text.clone(),
                call::Value::Many(texts) => serde_json::to_string(texts).unwrap_or_default(),
            };
            parameters.insert(param.name.clone(), value(text, param.secret));
        }
        parameters.extend(scope.axes.iter().map(|(axis, text)| (axis.clone(), Value::Plain(text.clone()))));
        let mut environment = BTreeMap::new();
        for (name, declared) in scope.catalog.variables(&scope.entry.file.namespace) {
            let is_spoken_of = steps.iter().any(|step| super::spawn::Stage::mentions(scope, step, name));
            let is_seen = recipe.vars != Some(false) && !scope.variables.is_costly(name, declared);
            if is_spoken_of || is_seen {
                let text = scope.variables.value(name, declared).map_err(|failure| failure.message)?;
                let is_secret = matches!(declared.variable, Variable::Full(full) if full.secret);
                environment.insert(name.to_owned(), value(text, is_secret));
            }
        }
        for (name, declared) in &recipe.env {
            let is_secret = matches!(declared, EnvironmentValue::Full(full) if full.secret);
            let found = self.stage.own_value(scope, name, declared).map_err(|wrong| wrong.message)?;
            environment.insert(name.clone(), found.map_or(Value::Unset, |text| value(text, is_secret)));
        }
        let tools = plan::versions(recipe);
        Ok(Manifest {
            recipe: scope.entry.name.clone(),
            command,
            parameters,
            environment,
            tools,
            needs: self.needs(node),
            outputs: Vec::new(),
        })
    }

    /// What each need has made. What only joins others is what these have made.
    fn needs(&self, node: usize) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        let mut rest = self.node(node).needs.clone();
        while let Some(need) = rest.pop() {
            if let Some(made) = self.shelf.made.get(&need) {
                found.insert(self.node(need).label.clone(), made.clone());
            } else if self.node(need).kind == Kind::Join {
                rest.extend(self.node(need).needs.iter().chain(&self.node(need).awaits));
            }
        }
        found
    }

    /// Tells why a call does not stay as it is, where that was asked for.
    pub(super) fn explain(&self, label: &str, reason: &Reason) {
        let text = match reason {
            Reason::Unrestored(reason) => {
                self.ui.warn(&format!("`{label}` runs, as what was kept cannot be brought back: {reason}"));
                return;
            }
            _ if !self.options.explain => return,
            Reason::Forced => "it is to run in any case (--force)".to_owned(),
            Reason::First => "it has not succeeded here yet with these arguments".to_owned(),
            Reason::Changed(list) => told("something has changed since it last succeeded", list),
            Reason::Outputs(list) => told("what it made is not there as it made it", list),
        };
        self.ui.note(&format!("`{label}`: {text}"));
    }
}

/// How many differences are told one by one.
const MOST: usize = 12;

fn told(what: &str, list: &[Difference]) -> String {
    let mut text = format!("{what}:");
    for Difference { what, name, old, new } in list.iter().take(MOST) {
        let kind = match what {
            What::Command => "command",
            What::Parameter => "parameter",
            What::Variable => "variable",
            What::Tool => "tool",
            What::Need => "need",
            What::Input => "input",
            What::Output => "output",
        };
        let side = |side: &Option<String>| side.as_deref().map_or("(none)".to_owned(), |text| format!("`{text}`"));
        let _ = write!(text, "\n  {kind} {name}: {} → {}", side(old), side(new));
    }
    if list.len() > MOST {
        let _ = write!(text, "\n  and {} more", list.len() - MOST);
    }
    text
}

/// What a step runs, line by line. A file is told by its content, too.
fn written(step: &Step, home: &Path, has_secret: bool, command: &mut Vec<String>) {
    match &step.program {
        Program::Words(_) if has_secret => {}
        Program::Words(words) => command.push(format!("words: {}", serde_json::to_string(words).unwrap_or_default())),
        Program::Text { shell, text, .. } => {
            command.push(format!("shell: {}", shell.words.join(" ")));
            command.extend(text.lines().map(str::to_owned));
        }
        Program::File { path, shell, .. } => {
            let words = shell.as_ref().map(|shell| shell.words.join(" ")).unwrap_or_default();
            let content = std::fs::read(path).map(|bytes| blake3::hash(&bytes).to_hex().to_string());
            // Where the project lies says nothing about what is made in it.
            let path = path.strip_prefix(home).unwrap_or(path);
            command.push(format!("script: {words} {} {}", path.display(), content.unwrap_or_default()));
        }
    }
    if step.dir.is_some() || !step.env.is_empty() {
        command.push(format!("step: {:?} {:?}", step.dir, if has_secret { &[] } else { step.env.as_slice() }));
    }
}
