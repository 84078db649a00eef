//! Which jobs start, and how they go from step to step.

use std::collections::VecDeque;
use std::io::pipe;
use std::os::fd::AsFd as _;
use std::process::Stdio;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rustix::process::WaitStatus;

use super::job::{self, Ending, Job, Phase};
use super::output::{self, Sink};
use super::report::Record;
use super::spawn::{NotStarted, Streams};
use super::{Executor, State, process};
use crate::config::recipe::{Finally, Recipe, Survivors};
use crate::config::repeat::Retry;
use crate::config::settings::Output;
use crate::config::value;
use crate::plan::processes::{DETACHED, Reaped};
use crate::recipe::bind::Sources;
use crate::recipe::call::Value;
use crate::recipe::graph::{Builder, Kind, Needs};
use crate::recipe::scope::Scope;
use crate::recipe::script::{self, Callee, Step};
use crate::ui::{Stream, Ui};

impl<'a, 'b> Executor<'a, 'b> {
    /// Starts whatever can start now.
    pub(super) fn start_all(&mut self) {
        let now = Instant::now();
        while let Some(at) = self.delayed.iter().position(|(moment, ..)| *moment <= now) {
            let (_, node, attempt) = self.delayed.remove(at);
            self.start(node, attempt);
        }
        while self.stopping.is_none() {
            self.locks.is_waiting = false;
            let Some(node) = self.next() else { return };
            self.ready.remove(&node);
            match &self.node(node).kind {
                Kind::Join => self.settle(node, State::Succeeded),
                Kind::Skip(reason) => {
                    self.records.push(Record::skipped(node, reason));
                    self.settle(node, State::Succeeded);
                }
                Kind::Run => {
                    if !self.is_done_already(node) {
                        self.start(node, 1);
                    }
                }
            }
        }
    }

    /// The first of the ready ones that may run beside those that do.
    fn next(&mut self) -> Option<usize> {
        if self.running.iter().any(|job| self.recipe(job.node).interactive) {
            return None;
        }
        let mut from = 0;
        loop {
            let node = self.candidate(from)?;
            if self.node(node).kind != Kind::Run {
                return Some(node);
            }
            let is_first = self.running.is_empty() && self.delayed.is_empty();
            if self.jobserver.as_mut().is_some_and(|jobserver| !jobserver.take(node, is_first)) {
                // What recipes have started runs in its place.
                self.locks.is_waiting = true;
                return None;
            }
            if self.takes_locks(node) {
                return Some(node);
            }
            self.give_back(node);
            from = node + 1;
        }
    }

    /// The same from a node on, as far as this run itself knows.
    fn candidate(&self, from: usize) -> Option<usize> {
        let is_full = self.running.len() + self.delayed.len() >= self.options.jobs;
        for node in self.ready.range(from..).copied() {
            if self.node(node).kind != Kind::Run {
                return Some(node);
            }
            if is_full {
                return None;
            }
            let recipe = self.recipe(node);
            if recipe.interactive && !(self.running.is_empty() && self.delayed.is_empty()) {
                return None;
            }
            if recipe.lock.as_slice().iter().all(|lock| self.has_room(lock)) {
                return Some(node);
            }
        }
        None
    }

    /// A job needs its token no more.
    pub(super) fn give_back(&mut self, node: usize) {
        let others = self.running.len() + self.delayed.len();
        if let Some(jobserver) = &mut self.jobserver {
            jobserver.give_back(node, others);
        }
    }

    /// Takes a recipe's locks from all prodevs of the project; says once what others hold.
    fn takes_locks(&mut self, node: usize) -> bool {
        let recipe = self.recipe(node);
        let wanted: Vec<(&str, usize)> =
            recipe.lock.as_slice().iter().map(|lock| (lock.as_str(), self.size(lock))).collect();
        if wanted.is_empty() {
            return true;
        }
        match self.locks.take(node, &wanted) {
            Ok(()) => true,
            Err(busy) => {
                if let Some(lock) = busy {
                    let label = &self.node(node).label;
                    self.ui.note(&format!("`{label}` waits: another prodev holds the lock `{lock}`"));
                }
                false
            }
        }
    }

    fn size(&self, lock: &str) -> usize {
        self.catalog.project.policy.settings.pools.get(lock).map_or(1, |size| size.get())
    }

    fn has_room(&self, lock: &str) -> bool {
        let size = self.size(lock);
        self.held.get(lock).copied().unwrap_or_default() < size
    }

    pub(super) fn recipe(&self, node: usize) -> &'b Recipe {
        self.catalog.entries[self.node(node).entry].recipe
    }

    pub(super) fn scope(&self, node: usize) -> Scope<'a, 'b> {
        let node = self.node(node);
        self.scope_of(node.entry, &node.values, &node.axes)
    }

    fn scope_of<'c>(&self, entry: usize, values: &'c [Value], axes: &'c [(String, String)]) -> Scope<'c, 'b>
    where
        'a: 'c,
    {
        Scope { catalog: self.catalog, variables: self.variables, entry: &self.catalog.entries[entry], values, axes }
    }

    fn start(&mut self, node: usize, attempt: u32) {
        let recipe = self.recipe(node);
        if attempt == 1 {
            for lock in recipe.lock.as_slice() {
                *self.held.entry(lock.clone()).or_default() += 1;
            }
        }
        self.states[node] = State::Running;
        let settings = &self.catalog.project.policy.settings;
        let is_alone = self.running.is_empty()
            && self.delayed.is_empty()
            && (self.options.jobs == 1
                || (!self.is_asking() && self.ready.iter().all(|at| self.node(*at).kind != Kind::Run)));
        let way = self.way(is_alone, recipe.interactive);
        let prefix = output::prefix(&self.node(node).label, self.width, Ui::has_color(Stream::Out));
        let detached = if recipe.detach { DETACHED } else { "" };
        let grace = recipe.grace.as_ref().unwrap_or(&settings.grace);
        let mut job = Job {
            node,
            mark: format!("{}.{node}{detached}", self.run),
            phase: Phase::Main,
            steps: VecDeque::new(),
            current: None,
            child: None,
            begun: Instant::now(),
            attempt,
            is_alone,
            cause: None,
            deadline: None,
            term_at: None,
            kill_at: None,
            grace: time(grace),
            ending: None,
            failure: None,
            sink: Sink::new(way, prefix, self.options.is_json),
            line_file: None,
            script: None,
        };
        if attempt == 1 {
            self.say_start(&job);
        }
        let limit = recipe.timeout.as_ref().map(time).or(self.options.timeout);
        job.deadline = limit.map(|limit| job.begun + limit);
        let steps = script::main(&self.scope(node));
        self.running.push(job);
        let at = self.running.len() - 1;
        match steps {
            Ok(steps) => {
                self.running[at].steps = steps.into();
                self.next_step(at);
            }
            Err(failure) => {
                let code = failure.exit.beside_a_child();
                let cause = failure.cause.as_deref().map(|cause| format!(": {cause}")).unwrap_or_default();
                self.cannot_start(at, &NotStarted { code, message: format!("{}{cause}", failure.message) }, None);
            }
        }
    }

    /// Starts the next step, or sees what comes behind the last one.
    fn next_step(&mut self, at: usize) {
        let Some(step) = self.running[at].steps.pop_front() else {
            if self.running[at].phase == Phase::Finally {
                return self.over(at);
            }
            self.running[at].ending.get_or_insert(Ending::Done);
            return self.wind_up(at);
        };
        let job = &self.running[at];
        let recipe = self.recipe(job.node);
        let way = self.way(job.is_alone, recipe.interactive);
        let is_single = job.is_alone && !self.is_noted(job.node);
        if is_single && way == Output::Stream && !recipe.interactive {
            // Whether the output has to pass through prodev hangs on there being something to hide in it.
            self.stage.learn(&self.scope(job.node), &step);
        }
        let is_raw = is_single && self.is_raw(way, recipe.interactive);
        if is_raw {
            // Its output goes past prodev, so nothing else may be at the bottom of the terminal.
            self.board.raw.insert(self.running[at].node);
            self.show_live();
        }
        let job = &self.running[at];
        // Hidden secrets make pipes of the outputs; stdin is the recipe's all the same.
        let takes_stdin =
            recipe.interactive || (is_single && way == Output::Stream && self.first_named == Some(job.node));
        let callee = step.callee.clone();
        let scope = match callee.as_deref() {
            Some(callee) => self.scope_of(callee.entry, &callee.values, &callee.axes),
            None => self.scope(job.node),
        };
        let mark = job.mark.clone();
        self.stage.locks.replace(self.locks.names(recipe.lock.as_slice()));
        match self.streams(is_raw, takes_stdin) {
            Ok((streams, readers)) => match self.stage.start(&scope, &step, &mark, streams) {
                Ok(started) => {
                    for name in self.stage.unhidden.take() {
                        self.ui
                            .warn(&format!("the value of `{name}` is shown in output: it is too short to be hidden"));
                    }
                    let job = &mut self.running[at];
                    job.child = Some(started.pid);
                    job.line_file = started.line_file;
                    job.script = started.script;
                    job.current = Some(step);
                    for (reader, stream) in readers {
                        job.sink.add(reader, stream);
                    }
                    self.by_pid.insert(started.pid, at);
                }
                Err(wrong) => self.cannot_start(at, &wrong, Some(step)),
            },
            Err(error) => {
                self.cannot_start(
                    at,
                    &NotStarted { code: 126, message: format!("no pipe could be made: {error}") },
                    Some(step),
                );
            }
        }
    }

    fn streams(&self, is_raw: bool, takes_stdin: bool) -> std::io::Result<(Streams, Readers)> {
        let stdin = if takes_stdin { Stdio::inherit() } else { Stdio::null() };
        if is_raw {
            let stdout = if self.options.is_json {
                Stdio::from(std::io::stderr().as_fd().try_clone_to_owned()?)
            } else {
                Stdio::inherit()
            };
            return Ok((Streams { stdin, stdout, stderr: Stdio::inherit() }, Vec::new()));
        }
        let (out, stdout) = pipe()?;
        let (err, stderr) = pipe()?;
        let streams = Streams { stdin, stdout: stdout.into(), stderr: stderr.into() };
        Ok((streams, vec![(out, Stream::Out), (err, Stream::Err)]))
    }

    fn cannot_start(&mut self, at: usize, wrong: &NotStarted, step: Option<Step>) {
        let ignores = step.as_ref().is_some_and(|step| step.ignores_errors);
        let shown = step.as_ref().map(|step| step.shown.clone()).unwrap_or_default();
        let path = step.map(|step| step.path).unwrap_or_default();
        let job = &mut self.running[at];
        if ignores {
            return self.next_step(at);
        }
        let how = format!("could not be started: {}", wrong.message);
        let is_finally = job.phase == Phase::Finally;
        job.failure.get_or_insert(job::Broken { shown, path, line: None, how, is_finally });
        if !is_finally || job.ending == Some(Ending::Done) {
            job.ending = Some(Ending::Failed(wrong.code));
        }
        if is_finally { self.over(at) } else { self.wind_up(at) }
    }

    /// A step's process has ended.
    pub(super) fn step_over(&mut self, at: usize, status: WaitStatus) {
        let secrets = self.stage.secrets.borrow();
        self.running[at].sink.drain(&secrets);
        drop(secrets);
        let job = &mut self.running[at];
        job.child = None;
        let (code, how) = job::code(status);
        let ignores = job.current.as_ref().is_some_and(|step| step.ignores_errors);
        match (job.phase, job.cause) {
            (Phase::Main, None) | (Phase::Finally, _) if code == 0 || ignores => self.next_step(at),
            (Phase::Main, None) => {
                job.breaks(how);
                job.ending = Some(Ending::Failed(code));
                self.wind_up(at);
            }
            (Phase::Main, Some(cause)) => {
                let how = if cause == job::Cause::Timeout { "took too long".to_owned() } else { how };
                job.breaks(how);
                job.ending = Some(cause.into());
                self.wind_up(at);
            }
            (Phase::Finally, _) => {
                let how = if job.cause == Some(job::Cause::Timeout) { "took too long".to_owned() } else { how };
                if job.ending == Some(Ending::Done) {
                    job.failure = None;
                    job.breaks(how);
                    job.ending = Some(Ending::Failed(code));
                }
                self.over(at);
            }
            (Phase::Leftovers, _) => {}
        }
    }

    /// The steps are over. What they left behind is ended first, unless it may stay.
    fn wind_up(&mut self, at: usize) {
        let job = &self.running[at];
        let recipe = self.recipe(job.node);
        let survivors = recipe.survivors.unwrap_or(self.catalog.project.policy.settings.survivors);
        let may_stay = job.ending == Some(Ending::Done) && (survivors == Survivors::Keep || recipe.detach);
        // Most leave nothing, and where there are no children at all nobody has to look for them.
        let is_empty = self.running.len() == 1 && matches!(process::reap_nothing(), Reaped::Childless);
        if may_stay || is_empty {
            return self.after_leftovers(at);
        }
        let is_hasty = self.stopping.as_ref().is_some_and(super::ending::Stopping::is_hasty);
        let job = &mut self.running[at];
        let latest = Instant::now() + if is_hasty { Duration::ZERO } else { job.grace };
        job.phase = Phase::Leftovers;
        job.term_at = None;
        job.kill_at = Some(job.kill_at.map_or(latest, |kill_at| kill_at.min(latest)));
        self.look_at_leftovers(at);
    }

    /// Nothing is left of the steps: try again, or come to `finally`.
    pub(super) fn after_leftovers(&mut self, at: usize) {
        let job = &mut self.running[at];
        (job.phase, job.cause, job.term_at, job.kill_at, job.deadline) = (Phase::Finally, None, None, None, None);
        let (node, attempt, ending) = (job.node, job.attempt, job.ending.clone());
        let recipe = self.recipe(node);
        if let (Some(retry), Some(ending)) = (recipe.retry.as_deref(), &ending)
            && self.stopping.is_none()
            && let Some(delay) = delay(retry, ending, attempt)
        {
            let job = self.remove(at);
            let label = &self.node(node).label;
            let how = job.failure.map(|failure| failure.how).unwrap_or_default();
            self.ui.note(&format!("`{label}` {how}: attempt {} follows", attempt + 1));
            self.delayed.push((Instant::now() + delay, node, attempt + 1));
            return;
        }
        if recipe.finally.is_none() || self.stopping.as_ref().is_some_and(super::ending::Stopping::is_bare) {
            return self.over(at);
        }
        match self.finally_steps(node) {
            Ok((steps, limit)) => {
                let job = &mut self.running[at];
                job.steps = steps.into();
                let limit = limit.or_else(|| self.stopping.is_some().then_some(super::ending::LAST_WORDS));
                job.deadline = limit.map(|limit| Instant::now() + limit);
                self.next_step(at);
            }
            Err(error) => self.cannot_start(at, &NotStarted { code: 120, message: error.to_string() }, None),
        }
    }

    /// It is all over with a job.
    fn over(&mut self, at: usize) {
        let mut job = self.remove(at);
        let recipe = self.recipe(job.node);
        self.locks.release(job.node);
        self.give_back(job.node);
        if let Some(jobserver) = self.jobserver.as_mut().filter(|_| self.running.is_empty() && self.delayed.is_empty())
        {
            jobserver.recount();
        }
        for lock in recipe.lock.as_slice() {
            if let Some(count) = self.held.get_mut(lock) {
                *count -= 1;
            }
        }
        job.sink.release_block(self.fold, &self.node(job.node).label);
        let ending = job.ending.clone().unwrap_or(Ending::Done);
        let is_good =
            ending == Ending::Done || (recipe.ignore_errors && matches!(ending, Ending::Failed(_) | Ending::TimedOut));
        let node = job.node;
        let log = job.sink.take_log();
        self.keep(node, ending == Ending::Done, &log, job.begun.elapsed().as_secs_f64());
        let record = Record::of(job, ending, is_good);
        self.records.push(record);
        if !is_good && !self.options.keep_going {
            self.cancel();
        }
        self.settle(node, if is_good { State::Succeeded } else { State::Failed });
    }

    /// Takes a job out of those that run; another takes its place there.
    fn remove(&mut self, at: usize) -> Job {
        let job = self.running.swap_remove(at);
        self.board.raw.remove(&job.node);
        if let Some(child) = self.running.get(at).and_then(|moved| moved.child) {
            self.by_pid.insert(child, at);
        }
        job
    }

    /// What `finally` runs, and its limit. A recipe that it names comes with all that this one needs, one after another.
    fn finally_steps(&self, node: usize) -> anyhow::Result<(Vec<Step>, Option<Duration>)> {
        let scope = self.scope(node);
        let Some(Finally::Full(full)) = self.recipe(node).finally.as_deref() else {
            return Ok((script::finally(&scope)?.into_iter().collect(), None));
        };
        let limit = full.timeout.as_ref().map(time);
        let Some(name) = &full.recipe else { return Ok((script::finally(&scope)?.into_iter().collect(), limit)) };
        let sources = Sources { catalog: self.catalog, variables: self.variables, ui: None };
        let entry = self.catalog.find_in(&scope.entry.file.namespace, name).context("the configuration was checked")?;
        let values = sources.with(&self.catalog.entries[entry], &full.with, Some(&scope))?;
        let graph = Builder::new(sources, Needs::Run).build_call(entry, values)?;
        let mut steps = Vec::new();
        for at in graph.order() {
            let inner = &graph.nodes[at];
            if inner.kind != Kind::Run {
                continue;
            }
            let callee = Rc::new(Callee { entry: inner.entry, values: inner.values.clone(), axes: inner.axes.clone() });
            for step in script::main(&self.scope_of(callee.entry, &callee.values, &callee.axes))? {
                steps.push(Step { callee: Some(Rc::clone(&callee)), ..step });
            }
        }
        Ok((steps, limit))
    }
}

/// Ends of pipes, and whose they are.
type Readers = Vec<(std::io::PipeReader, Stream)>;

/// How long to wait before another attempt; `None` where there is none.
fn delay(retry: &Retry, ending: &Ending, attempt: u32) -> Option<Duration> {
    let code = match ending {
        Ending::Failed(code) => *code,
        Ending::TimedOut => super::ending::TIMED_OUT,
        _ => return None,
    };
    let (times, delay, backoff, on) = match retry {
        Retry::Times(times) => (*times, Duration::ZERO, 1.0, &[][..]),
        Retry::Full(full) => {
            let delay = full.delay.as_ref().map(time).unwrap_or_default();
            (full.times, delay, full.backoff.unwrap_or(1.0), full.on.as_slice())
        }
    };
    if attempt > times || (!on.is_empty() && !on.contains(&code)) {
        return None;
    }
    let factor = backoff.powi(i32::try_from(attempt - 1).unwrap_or(i32::MAX));
    Some(Duration::try_from_secs_f64(delay.as_secs_f64() * factor).unwrap_or(Duration::MAX / 4))
}

/// A span of the configuration, which was checked when it was read.
pub(super) fn time(duration: &value::Duration) -> Duration {
    value::duration(duration).unwrap_or_default()
}
