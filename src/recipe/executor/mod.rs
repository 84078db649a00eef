//! The executor: takes a graph, keeps as many jobs running as it may, and tells how each ended. One thread, one loop over signals and pipes.

mod ending;
mod front;
mod job;
mod jobserver;
mod kept;
mod live;
mod locks;
mod output;
mod remote;
mod report;
mod spawn;
mod start;

use std::collections::{BTreeSet, HashMap};
use std::os::fd::AsFd as _;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal};

use self::ending::Stopping;
use self::job::{Job, Phase};
use self::output::Fold;
use self::spawn::Stage;
use super::catalog::Catalog;
use super::graph::{Graph, Kind, Node};
use super::layered::Layered;
use super::variables::Variables;
use crate::config::settings::Output;
use crate::ctx::{self, Ctx};
use crate::error::{Exit, fail};
use crate::plan::bell::Bell;
use crate::plan::processes::{self as process, Reaped};
use crate::plan::system::{self, Handle};
use crate::ui::{Interrupt, Stream, Ui};

pub(super) use front::{Front, Heard, Running};
pub(crate) use front::{executes_for, run as front};
use report::Record;
pub(super) use report::{Call, Report, shown};

/// How a run goes.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct Options {
    pub(super) jobs: usize,
    pub(super) keep_going: bool,
    pub(super) output: Option<Output>,
    /// For each recipe that says nothing of its own.
    pub(super) timeout: Option<Duration>,
    /// stdout belongs to a report.
    pub(super) is_json: bool,
    /// Run what need not run, too.
    pub(super) force: bool,
    /// Tell why recipes with inputs run.
    pub(super) explain: bool,
}

/// How far a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Running,
    Succeeded,
    /// It failed, or what it needs did.
    Failed,
}

/// How long a piece of output that may begin a secret is held back.
const HOLD: Duration = Duration::from_millis(50);

/// How often leftovers are looked at: those that are no children of this process end unheard.
const LOOK: Duration = Duration::from_millis(20);

pub(super) struct Executor<'a, 'b> {
    catalog: &'a Catalog<'b>,
    variables: &'a Variables,
    graph: &'a Graph,
    options: &'a Options,
    ui: &'a Ui,
    ctx: &'a Ctx,
    shelf: kept::Shelf,
    stage: Stage<'a>,
    fold: Fold,
    run: String,
    dependents: Vec<Vec<usize>>,
    waits_for: Vec<usize>,
    states: Vec<State>,
    ready: BTreeSet<usize>,
    /// Nodes to try again, when, and as which attempt.
    delayed: Vec<(Instant, usize, u32)>,
    running: Vec<Job>,
    by_pid: HashMap<Pid, usize>,
    held: HashMap<String, usize>,
    records: Vec<Record>,
    stopping: Option<Stopping>,
    /// The user's own presses of Ctrl-C, as this process and as the front heard them.
    presses: (usize, usize),
    width: usize,
    /// The first of the recipes that the user named: stdin is for it.
    first_named: Option<usize>,
    begun: Instant,
    board: live::Board,
    locks: locks::Locks,
    jobserver: Option<jobserver::Jobserver>,
}

struct Bells {
    interrupt: Bell,
    of_front: Bell,
    terminate: [Bell; 2],
    quit: Bell,
    child: Bell,
}

impl<'a, 'b> Executor<'a, 'b> {
    pub(super) fn new(
        catalog: &'a Catalog<'b>,
        variables: &'a Variables,
        graph: &'a Graph,
        options: &'a Options,
        layered: &'a Layered<'a>,
        ctx: &'a Ctx,
    ) -> Self {
        let (dependents, waits_for) = graph.waiting();
        let ready = (0..graph.nodes.len()).filter(|at| waits_for[*at] == 0).collect();
        let labels = graph.nodes.iter().filter(|node| node.kind == Kind::Run).map(|node| node.label.chars().count());
        let width = labels.max().unwrap_or_default().min(24);
        Self {
            catalog,
            variables,
            graph,
            options,
            ui: &ctx.ui,
            ctx,
            shelf: kept::Shelf::default(),
            stage: Stage::new(&ctx.dir, layered),
            fold: Fold::here(ctx::variable),
            run: format!("{}-{}", process::own(), jiff::Timestamp::now().as_millisecond()),
            dependents,
            waits_for,
            states: vec![State::Waiting; graph.nodes.len()],
            ready,
            delayed: Vec::new(),
            running: Vec::new(),
            by_pid: HashMap::new(),
            held: HashMap::new(),
            records: Vec::new(),
            stopping: None,
            presses: (0, 0),
            width,
            first_named: graph.nodes.iter().position(|node| node.is_named && node.kind == Kind::Run),
            begun: Instant::now(),
            board: live::Board::default(),
            locks: locks::Locks::of(&catalog.project.dir),
            jobserver: None,
        }
    }

    /// Runs all of it; `front` is the process that waits for this one.
    ///
    /// # Errors
    /// Where the system refuses what a run needs. What recipes do wrong is in the report.
    pub(super) fn run(mut self, front: i32) -> anyhow::Result<Report> {
        let _hold = Interrupt::hold();
        system::inherit_orphans().context("could not become the one who inherits orphans")?;
        let bells = Bells {
            interrupt: Bell::on(Signal::INT)?,
            of_front: Bell::on(Signal::USR1)?,
            terminate: [Bell::on(Signal::TERM)?, Bell::on(Signal::HUP)?],
            quit: Bell::on(Signal::QUIT)?,
            child: Bell::on(Signal::CHILD)?,
        };
        let gone = || fail("the process that started this run is gone").exit(Exit::Interrupted);
        let watched = Pid::from_raw(front).and_then(|pid| Handle::of(pid).ok()).ok_or_else(gone)?;
        // Only now is it certain that the watched one is the parent, and no later process by its number.
        if rustix::process::getppid().map(|pid| pid.as_raw_nonzero().get()) != Some(front) {
            return Err(gone().into());
        }
        if self
            .graph
            .nodes
            .iter()
            .any(|node| node.kind == Kind::Run && self.catalog.entries[node.entry].recipe.jobserver)
        {
            let jobserver = jobserver::Jobserver::of(self.options.jobs)?;
            self.stage.jobserver.replace(jobserver.flags());
            self.jobserver = Some(jobserver);
        }
        self.turn(&bells, Some(watched))?;
        Ok(self.report())
    }

    fn turn(&mut self, bells: &Bells, mut front: Option<Handle>) -> anyhow::Result<()> {
        loop {
            self.start_all();
            self.show_live();
            let waits = self.locks.is_waiting && self.stopping.is_none();
            let is_done = self.running.is_empty() && self.delayed.is_empty() && !waits && !self.is_asking();
            // What can still be sent is sent first: the end of all that is left would be its end as well.
            if is_done && self.is_delivered() && self.sweep_end() {
                return Ok(());
            }
            self.wait(bells, &mut front)?;
            self.hear(bells);
            self.hear_courier();
            self.reap();
            self.look_at_time();
        }
    }

    /// Sleeps until something happens, and reads what there is to read.
    fn wait(&mut self, bells: &Bells, front: &mut Option<Handle>) -> anyhow::Result<()> {
        let timeout = self.next_moment().map(|moment| moment.saturating_duration_since(Instant::now()));
        // Rounded up: to wake too early is to wake twice.
        let timeout = timeout.map(|time| time + Duration::from_micros(200));
        let timeout: Option<Timespec> = timeout.and_then(|time| time.try_into().ok());
        let mut where_from: Vec<(usize, usize)> = Vec::new();
        let (ready, is_front_gone) = {
            let mut fds = Vec::with_capacity(16);
            for bell in
                [&bells.child, &bells.interrupt, &bells.of_front, &bells.terminate[0], &bells.terminate[1], &bells.quit]
            {
                fds.push(PollFd::from_borrowed_fd(bell.as_fd(), PollFlags::IN));
            }
            let first = fds.len();
            for (job, running) in self.running.iter().enumerate() {
                for (at, pipe) in running.sink.pipes.iter().enumerate() {
                    if let Some(reader) = &pipe.reader {
                        where_from.push((job, at));
                        fds.push(PollFd::from_borrowed_fd(reader.as_fd(), PollFlags::IN));
                    }
                }
            }
            if let Some(courier) = self.shelf.courier.as_ref().filter(|_| self.listens()) {
                // It only has to wake, and who does not listen must not be woken again and again.
                fds.push(PollFd::from_borrowed_fd(courier.as_fd(), PollFlags::IN));
            }
            if let Some(front) = front.as_ref() {
                fds.push(PollFd::from_borrowed_fd(front.as_fd(), PollFlags::IN));
            }
            match poll(&mut fds, timeout.as_ref()) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error).context("could not wait for recipes"),
            }
            let ready: Vec<bool> = fds[first..].iter().map(|fd| !fd.revents().is_empty()).collect();
            let is_front_gone = front.is_some() && ready.last().copied().unwrap_or_default();
            (ready, is_front_gone)
        };
        for ((job, at), is_ready) in where_from.into_iter().zip(ready) {
            if is_ready {
                let secrets = self.stage.secrets.borrow();
                self.running[job].sink.read(at, &secrets);
            }
        }
        if is_front_gone {
            *front = None;
            self.lose_the_front();
        }
        Ok(())
    }

    /// Takes in all children that have ended.
    fn reap(&mut self) {
        while let Reaped::Ended(pid, status) = process::reap() {
            if let Some(job) = self.by_pid.remove(&pid) {
                self.step_over(job, status);
            }
        }
    }

    fn next_moment(&self) -> Option<Instant> {
        let now = Instant::now();
        let jobs = self.running.iter().filter_map(Job::next_moment);
        let delayed = self.delayed.iter().map(|(moment, ..)| *moment);
        let is_sweeping = self.running.iter().any(|job| job.phase == Phase::Leftovers)
            || (self.running.is_empty() && self.delayed.is_empty() && !self.locks.is_waiting && !self.is_sharing());
        let others = (self.locks.is_waiting && self.stopping.is_none()).then_some(now + locks::AGAIN);
        let looks = is_sweeping.then_some(now + LOOK);
        let holds = self.running.iter().any(|job| job.sink.holds_back()).then_some(now + HOLD);
        jobs.chain(delayed)
            .chain(looks)
            .chain(holds)
            .chain(self.next_tick(now))
            .chain(others)
            .chain(self.shelf.delivery.until())
            .min()
    }

    fn node(&self, at: usize) -> &'a Node {
        &self.graph.nodes[at]
    }

    /// A node is over: those that wait for it may go on, or never will.
    fn settle(&mut self, at: usize, state: State) {
        let mut over = vec![(at, state)];
        while let Some((at, state)) = over.pop() {
            self.states[at] = state;
            for next in self.dependents[at].clone() {
                self.waits_for[next] -= 1;
                if self.waits_for[next] > 0 || self.states[next] != State::Waiting {
                    continue;
                }
                let node = self.node(next);
                if node.needs.iter().any(|need| self.states[*need] == State::Failed) {
                    if node.kind == Kind::Run {
                        self.records.push(Record::not_run(next, "what it needs has failed"));
                    }
                    over.push((next, State::Failed));
                } else {
                    self.ready.insert(next);
                }
            }
        }
    }

    fn say_start(&self, job: &Job) {
        let is_quiet = self.catalog.entries[self.node(job.node).entry].recipe.quiet;
        let is_single = self.graph.nodes.iter().filter(|node| node.kind == Kind::Run).take(2).count() == 1;
        if job.is_alone && !is_quiet && !is_single {
            self.ui.note(&format!("==> {}", self.node(job.node).label));
        }
    }

    /// How a job's output is told apart from that of others.
    fn way(&self, is_alone: bool, is_interactive: bool) -> Output {
        let general = self.catalog.project.policy.settings.output;
        match self.options.output.or(general) {
            _ if is_interactive => Output::Stream,
            Some(way) => way,
            None if is_alone => Output::Stream,
            None if self.fold != Fold::Plain || ctx::variable("CI").is_some() => Output::Group,
            None => Output::Prefix,
        }
    }

    /// Whether a job can be given prodev's own streams: nothing has to be told apart, kept or hidden.
    fn is_raw(&self, way: Output, is_interactive: bool) -> bool {
        let shows = Ui::is_terminal(Stream::Out) && Ui::is_terminal(Stream::Err);
        way == Output::Stream && (is_interactive || shows || self.stage.secrets.borrow().is_empty())
    }
}
