//! What runs now, told at the bottom of a terminal: for how long, how long it took before, and how much there is to come.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use super::report::shown;
use super::{Executor, Fold, Kind, State};
use crate::config::settings::Output;
use crate::ctx;
use crate::ui::Live;

/// How often it is told.
pub(super) const TICK: Duration = Duration::from_millis(100);

/// The most jobs that are told one by one.
const MOST: usize = 8;

/// The lines, and what is known of earlier runs.
#[derive(Default)]
pub(super) struct Board {
    live: Option<Live>,
    /// How long each node took before, where that is known.
    expected: Vec<Option<Duration>>,
    /// Nodes whose output goes straight to the terminal, so that nothing else may be there.
    pub(super) raw: HashSet<usize>,
}

impl Executor<'_, '_> {
    /// Whether somebody looks on.
    pub(in crate::recipe) fn is_live(&self) -> bool {
        let several = self.graph.nodes.iter().filter(|node| node.kind == Kind::Run).take(2).count() == 2;
        let streams = self.options.output.or(self.catalog.project.policy.settings.output) == Some(Output::Stream);
        let is_machine = self.fold != Fold::Plain || ctx::variable("CI").is_some();
        several && !streams && !is_machine && self.options.jobs > 1
    }

    /// Tells how long nodes took before.
    pub(in crate::recipe) fn expect(&mut self, expected: Vec<Option<Duration>>) {
        self.board.live = self.ui.live();
        self.board.expected = expected;
    }

    /// When the lines are to be told anew.
    pub(super) fn next_tick(&self, now: Instant) -> Option<Instant> {
        let is_shown = self.board.live.is_some() && !self.running.is_empty() && self.board.raw.is_empty();
        is_shown.then_some(now + TICK)
    }

    pub(super) fn show_live(&mut self) {
        let lines = if self.board.live.is_none() || !self.board.raw.is_empty() { Vec::new() } else { self.lines() };
        if let Some(live) = &mut self.board.live {
            live.show(&lines);
        }
    }

    fn lines(&self) -> Vec<String> {
        let expected = |node: usize| self.board.expected.get(node).copied().flatten();
        let mut lines = Vec::new();
        for job in self.running.iter().take(MOST) {
            let label = &self.node(job.node).label;
            let about = expected(job.node).map(|time| format!(" of about {}", shown(time))).unwrap_or_default();
            lines.push(format!("  {label:<width$}  {}{about}", shown(job.begun.elapsed()), width = self.width));
        }
        if self.running.is_empty() {
            return lines;
        }
        if self.running.len() > MOST {
            lines.push(format!("  and {} more", self.running.len() - MOST));
        }
        let nodes = self.graph.nodes.iter().enumerate().filter(|(_, node)| node.kind == Kind::Run);
        let (mut over, mut all) = (0, 0);
        // What is to come, where all of it is known.
        let mut rest = Some(Duration::ZERO);
        let mut longest = Duration::ZERO;
        for (at, _) in nodes {
            all += 1;
            if matches!(self.states[at], State::Succeeded | State::Failed) {
                over += 1;
                continue;
            }
            let running = self.running.iter().find(|job| job.node == at).map(|job| job.begun.elapsed());
            let left = expected(at).map(|time| time.saturating_sub(running.unwrap_or_default()));
            rest = rest.zip(left).map(|(rest, left)| rest + left);
            longest = longest.max(left.unwrap_or_default());
        }
        let at_once = u32::try_from(self.options.jobs.min(all - over)).unwrap_or(1).max(1);
        let rest = rest.map(|rest| longest.max(rest / at_once)).filter(|rest| !rest.is_zero());
        let rest = rest.map(|rest| format!(", about {} to go", shown(rest))).unwrap_or_default();
        lines.push(format!("{over} of {all} done in {}{rest}", shown(self.begun.elapsed())));
        lines
    }
}
