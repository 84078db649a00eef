//! A progress bar for what may take over half a second, on a terminal only.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Ui, Volume};

/// How long work may last in silence.
const PATIENCE: Duration = Duration::from_millis(500);

/// A bar that appears only when the work lasts; silent where no terminal listens.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    bar: ProgressBar,
    visible: bool,
}

impl Ui {
    /// Starts a bar over `total` steps.
    pub(crate) fn progress(&self, what: &'static str, total: usize) -> Progress {
        let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::hidden());
        bar.set_style(
            ProgressStyle::with_template("{msg} {bar:30} {pos}/{len}").unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        bar.set_message(what);
        Progress { bar, visible: self.volume > Volume::Quiet && self.draws }
    }
}

impl Progress {
    /// One step is done. Safe to call from several threads.
    pub(crate) fn step(&self) {
        if self.visible && self.bar.is_hidden() && self.bar.elapsed() > PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
        self.bar.inc(1);
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
