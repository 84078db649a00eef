//! The user's own units of systemd: written, removed, and made known to the manager.
#![allow(
    clippy::disallowed_methods,
    reason = "the one place that starts `systemctl`, and removes units that prodev wrote"
)]

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::Context as _;

use super::{Line, fault};
use crate::error::{Failure, fail};
use crate::ui::Interrupt;

/// Units that come and go together.
#[derive(Debug)]
pub(crate) struct Timers {
    /// Where they lie.
    pub(crate) folder: PathBuf,
    /// By name, with what they hold.
    pub(crate) write: Vec<(String, String)>,
    /// Names.
    pub(crate) remove: Vec<String>,
    /// What is different, in words.
    pub(crate) lines: Vec<Line>,
}

impl Timers {
    /// Old timers are stopped before their files go, new ones started when theirs are there: a run in between can be made again.
    ///
    /// # Errors
    /// Where a file cannot be written, or `systemctl` fails.
    pub(super) fn apply(self) -> anyhow::Result<()> {
        let interrupt = Interrupt::hold()?;
        let is_timer = |name: &&str| name.rsplit_once('.').is_some_and(|(_, kind)| kind == "timer");
        let old: Vec<&str> = self.remove.iter().map(String::as_str).filter(is_timer).collect();
        if !old.is_empty() {
            systemctl(&[&["disable", "--now"], &old[..]].concat())?;
        }
        for name in &self.remove {
            interrupt.check().context("could not change your timers")?;
            fault::moment();
            std::fs::remove_file(self.folder.join(name)).with_context(|| format!("could not remove `{name}`"))?;
        }
        std::fs::create_dir_all(&self.folder).context("could not make the folder of your units")?;
        for (name, text) in &self.write {
            let cannot = || format!("could not write `{name}`");
            interrupt.check().with_context(cannot)?;
            let mut draft =
                tempfile::Builder::new().prefix(".prodev-").tempfile_in(&self.folder).with_context(cannot)?;
            draft.write_all(text.as_bytes()).with_context(cannot)?;
            fault::point().with_context(cannot)?;
            draft.persist(self.folder.join(name)).with_context(cannot)?;
        }
        systemctl(&["daemon-reload"])?;
        let new: Vec<&str> = self.write.iter().map(|(name, _)| name.as_str()).filter(is_timer).collect();
        if !new.is_empty() {
            systemctl(&[&["enable"], &new[..]].concat())?;
            // One that runs already takes its new times from here.
            systemctl(&[&["restart"], &new[..]].concat())?;
        }
        Ok(())
    }
}

fn systemctl(arguments: &[&str]) -> Result<(), Failure> {
    let output =
        Command::new("systemctl").arg("--user").args(arguments).stdin(Stdio::null()).output().map_err(|error| {
            fail("could not run `systemctl`")
                .cause(error.to_string())
                .hint("use cron where there is no systemd: `prodev schedule install --with crontab`")
        })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(fail(format!("`systemctl --user {}` failed", arguments.first().copied().unwrap_or_default()))
        .cause(said.trim_end().lines().last().unwrap_or_default())
        .hint("see whether your systemd answers: `systemctl --user status`"))
}
