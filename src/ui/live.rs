//! What runs right now, in lines at the bottom of a terminal, below all that is said meanwhile.

use std::sync::{Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Ui, Volume};

/// The lines that are there now. Whoever writes to the terminal takes them away first.
static SHOWN: Mutex<Option<MultiProgress>> = Mutex::new(None);

/// Lines that change; they go away with it.
pub(crate) struct Live {
    rows: Vec<ProgressBar>,
    style: ProgressStyle,
}

impl Ui {
    /// Lines for what runs; `None` where no terminal shows them, or nobody wants to hear.
    pub(crate) fn live(&self) -> Option<Live> {
        if self.volume < Volume::Normal || !self.draws {
            return None;
        }
        let style = ProgressStyle::with_template("{wide_msg}").ok()?;
        Some(Live { rows: Vec::new(), style })
    }
}

impl Live {
    /// Shows these lines in place of those before.
    pub(crate) fn show(&mut self, lines: &[String]) {
        if lines.is_empty() {
            return self.clear();
        }
        let mut shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let multi =
            shown.get_or_insert_with(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(12)));
        while self.rows.len() > lines.len() {
            if let Some(row) = self.rows.pop() {
                row.finish_and_clear();
                multi.remove(&row);
            }
        }
        while self.rows.len() < lines.len() {
            let row = multi.add(ProgressBar::new_spinner());
            row.set_style(self.style.clone());
            self.rows.push(row);
        }
        for (row, line) in self.rows.iter().zip(lines) {
            row.set_message(line.clone());
        }
    }

    /// Takes the lines away.
    pub(crate) fn clear(&mut self) {
        let mut shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(multi) = shown.take() {
            for row in self.rows.drain(..) {
                row.finish_and_clear();
            }
            let _ = multi.clear();
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Writes to the terminal, around the lines that are there.
pub(super) fn around<T>(write: impl FnOnce() -> T) -> T {
    let shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match shown {
        Some(multi) => multi.suspend(write),
        None => write(),
    }
}
