//! A jobserver as `make` has it: recipes that ask for it share the number of jobs with what they start. The form with a pipe, since older
//! makes do not know the other.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd as _, AsRawFd as _};

use anyhow::Context as _;
use rustix::fs::{Mode, OFlags};
use rustix::io::FdFlags;

use crate::ctx;

/// The variable in which `make` says where its jobserver is.
pub(super) const VARIABLE: &str = "MAKEFLAGS";

/// Tokens in a pipe: who takes one may run a job more than the one that it may run anyway.
#[derive(Debug)]
pub(super) struct Jobserver {
    /// The pipe of this run's own jobserver; it stays open as long as recipes may use it.
    pipe: Option<(io::PipeReader, io::PipeWriter)>,
    /// Its ends for this process: reading must not wait.
    read: File,
    write: File,
    /// How many tokens there are in all.
    tokens: usize,
    jobs: usize,
    /// What the jobs of this run hold, by node; the first of them needs none.
    held: Vec<(usize, u8)>,
}

impl Jobserver {
    /// That of the `make` that has started this run, else one for `jobs` jobs at a time.
    ///
    /// # Errors
    /// Where the system has no pipe left, or cannot open one a second time.
    pub(super) fn of(jobs: usize) -> anyhow::Result<Self> {
        if let Some((read, write)) = inherited() {
            return Ok(Self { pipe: None, read, write, tokens: 0, jobs, held: Vec::new() });
        }
        let (reader, writer) = io::pipe().context("could not make a pipe for the jobserver")?;
        for end in [reader.as_fd(), writer.as_fd()] {
            // It is for the recipes, too.
            rustix::io::fcntl_setfd(end, FdFlags::empty()).context("could not share the jobserver")?;
        }
        let end = |number| open(&format!("/dev/fd/{number}")).context("could not open the jobserver");
        let (read, mut write) = (end(reader.as_raw_fd())?.0, end(writer.as_raw_fd())?.1);
        let tokens = jobs.saturating_sub(1);
        write.write_all(&vec![b'+'; tokens]).context("could not fill the jobserver")?;
        Ok(Self { pipe: Some((reader, writer)), read, write, tokens, jobs, held: Vec::new() })
    }

    /// What a recipe finds in [`VARIABLE`]; `None` where it finds the right one anyway.
    pub(super) fn flags(&self) -> Option<String> {
        let (read, write) = self.pipe.as_ref()?;
        let before = ctx::variable(VARIABLE).unwrap_or_default();
        let is_other = |word: &&str| !word.starts_with("-j") && !word.starts_with("--jobserver");
        let kept: Vec<&str> = before.split(' ').filter(is_other).collect();
        // A first word without a dash would be read as a heap of letters.
        let (jobs, read, write) = (self.jobs, read.as_raw_fd(), write.as_raw_fd());
        Some(format!("{} -j{jobs} --jobserver-auth={read},{write}", kept.join(" ")))
    }

    /// A token for a job; the first one needs none.
    pub(super) fn take(&mut self, node: usize, is_first: bool) -> bool {
        if is_first {
            return true;
        }
        let mut token = [0];
        match self.read.read(&mut token) {
            Ok(1) => {
                self.held.push((node, token[0]));
                true
            }
            _ => false,
        }
    }

    /// Gives back what a job holds. Where another job runs on without a token of its own, that one keeps it.
    pub(super) fn give_back(&mut self, node: usize, others: usize) {
        let at = self.held.iter().position(|(holder, _)| *holder == node);
        let is_spare = self.held.len() > others.saturating_sub(1);
        if let Some(at) = at.or_else(|| (is_spare && !self.held.is_empty()).then_some(0)) {
            let (_, token) = self.held.swap_remove(at);
            let _ = self.write.write_all(&[token]);
        }
    }

    /// Nothing runs: all tokens have to be there. What a killed `make` held is made anew.
    pub(super) fn recount(&mut self) {
        if self.pipe.is_none() {
            return;
        }
        self.held.clear();
        let mut there = [0; 256];
        while let Ok(1..) = self.read.read(&mut there) {}
        let _ = self.write.write_all(&vec![b'+'; self.tokens]);
    }
}

/// The ends of a jobserver that this process was given.
fn inherited() -> Option<(File, File)> {
    let flags = ctx::variable(VARIABLE)?;
    let place = flags.split(' ').find_map(|word| word.strip_prefix("--jobserver-auth="))?;
    if let Some(path) = place.strip_prefix("fifo:") {
        return open(path).ok();
    }
    let (read, write) = place.split_once(',')?;
    let (read, write): (u16, u16) = (read.parse().ok()?, write.parse().ok()?);
    Some((open(&format!("/dev/fd/{read}")).ok()?.0, open(&format!("/dev/fd/{write}")).ok()?.1))
}

/// Both ends of a pipe, opened anew: what does not wait here may wait elsewhere. Of one end of a pipe only one of them is of use.
fn open(path: &str) -> io::Result<(File, File)> {
    let flags = OFlags::NONBLOCK | OFlags::CLOEXEC;
    let read = rustix::fs::open(path, OFlags::RDONLY | flags, Mode::empty())?;
    let write = rustix::fs::open(path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())?;
    Ok((read.into(), write.into()))
}
