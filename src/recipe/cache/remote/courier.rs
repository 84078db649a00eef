//! What goes between this machine and a server while a run goes on: a few threads, begun when they are needed, that fetch results and send them. Whoever
//! runs recipes hears of it when there is something to hear, and never waits here.

use std::collections::VecDeque;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::curl::{Curl, Gate, Trouble};
use super::fetch::{Fetched, Wanted, fetch};
use super::send::{Delivered, Parcel, send};
use super::{Remote, name};
use crate::recipe::cache::keep::Pending;
use crate::recipe::cache::store::{Entry, Store};

/// How many results are on their way at once.
const MOST_THREADS: usize = 4;

/// How many bytes in a second are waited for at the end of a run.
const PACE: u64 = 1024 * 1024;

/// Who fetches and sends.
#[derive(Debug)]
pub(crate) struct Courier {
    shared: Arc<Shared>,
    bell: UnixStream,
    /// What was told already.
    told: Vec<String>,
}

/// Something to hear of.
#[derive(Debug)]
pub(crate) enum Answer {
    /// What was asked for by this number is in the store now, or is not to be had; then it may be to be told why.
    Fetched(usize, Option<Fetch>),
    /// To be told once.
    Warning { text: String, hint: Option<String> },
}

/// A result that was fetched.
#[derive(Debug)]
pub(crate) struct Fetch(pub(in crate::recipe::cache) Entry);

#[derive(Debug)]
struct Shared {
    remote: Remote,
    store: Store,
    /// By way.
    gates: [Gate; 2],
    work: Mutex<Work>,
    /// Something is to be done.
    call: Condvar,
    bell: UnixStream,
}

#[derive(Debug, Default)]
struct Work {
    wanted: VecDeque<(usize, Wanted)>,
    parcels: VecDeque<Parcel>,
    answers: Vec<Answer>,
    threads: usize,
    /// How many threads have something to do.
    busy: usize,
    /// In bytes, of what is not sent yet.
    left: u64,
    /// The server is of no use: to fetch from, to send to.
    is_closed: [bool; 2],
    is_over: bool,
}

/// Ways of using a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Fetch,
    Send,
}

enum Task {
    Fetch(usize, Wanted),
    Send(Parcel),
}

impl Task {
    fn way(&self) -> Way {
        match self {
            Self::Fetch(..) => Way::Fetch,
            Self::Send(_) => Way::Send,
        }
    }
}

impl Courier {
    /// # Errors
    /// Where the system has no pipe for it.
    pub(crate) fn new(remote: Remote, store: Store) -> io::Result<Self> {
        let (own, theirs) = UnixStream::pair()?;
        own.set_nonblocking(true)?;
        theirs.set_nonblocking(true)?;
        let (work, call, gates) = (Mutex::default(), Condvar::new(), <[Gate; 2]>::default());
        let shared = Arc::new(Shared { remote, store, gates, work, call, bell: theirs });
        Ok(Self { shared, bell: own, told: Vec::new() })
    }

    /// Asks for what a recipe would make; the answer comes under `number`. False where nobody can be asked.
    pub(crate) fn ask(&self, number: usize, pending: &Pending) -> bool {
        let mut work = self.shared.lock();
        if !self.shared.remote.reads() || work.is_closed[Way::Fetch as usize] || work.is_over {
            return false;
        }
        let seat = &pending.seat;
        let (recipe, outputs) = (seat.manifest.recipe.clone(), seat.outputs.clone());
        work.wanted.push_back((number, Wanted { name: name(&seat.key), recipe, outputs }));
        self.begin(work);
        true
    }

    /// Sends what is stored of a recipe, sometime.
    pub(crate) fn send(&self, pending: &Pending) {
        let seat = &pending.seat;
        let Some(entry) = seat.store.entry(&seat.key) else { return };
        let mut work = self.shared.lock();
        if !self.shared.remote.writes() || work.is_closed[Way::Send as usize] || work.is_over {
            return;
        }
        let parcel = Parcel { name: name(&seat.key), entry, outputs: seat.outputs.clone() };
        work.left += parcel.size();
        work.parcels.push_back(parcel);
        self.begin(work);
    }

    fn begin(&self, mut work: MutexGuard<Work>) {
        let waiting = work.wanted.len() + work.parcels.len();
        if work.threads < MOST_THREADS && work.threads < work.busy + waiting {
            let shared = Arc::clone(&self.shared);
            let started = std::thread::Builder::new().name("remote cache".to_owned()).spawn(move || shared.serve());
            work.threads += usize::from(started.is_ok());
        }
        if work.threads == 0 {
            // There is no thread to be had: then nothing is.
            work.close(&[Way::Fetch, Way::Send]);
            self.shared.ring();
        }
        drop(work);
        self.shared.call.notify_one();
    }

    /// What is to be heard of since the last time. What was told once is not told again.
    pub(crate) fn answers(&mut self) -> Vec<Answer> {
        let mut buffer = [0; 64];
        while let Ok(1..) = (&self.bell).read(&mut buffer) {}
        let mut answers = std::mem::take(&mut self.shared.lock().answers);
        answers.retain(|answer| match answer {
            Answer::Warning { text, .. } if self.told.contains(text) => false,
            Answer::Warning { text, .. } => {
                self.told.push(text.clone());
                true
            }
            Answer::Fetched(..) => true,
        });
        answers
    }

    /// How many results are still to be sent.
    pub(crate) fn left(&self) -> usize {
        let work = self.shared.lock();
        work.parcels.len() + work.busy
    }

    /// Whether there is anything to do.
    pub(crate) fn is_busy(&self) -> bool {
        let work = self.shared.lock();
        work.busy > 0 || !work.wanted.is_empty() || !work.parcels.is_empty()
    }

    /// How long what is to be sent is worth waiting for.
    pub(crate) fn patience(&self) -> Duration {
        self.shared.remote.patience + Duration::from_secs(self.shared.lock().left / PACE)
    }

    /// Nothing that was asked for is wanted any more.
    pub(crate) fn ask_no_more(&self) {
        self.shared.lock().wanted.clear();
        self.shared.gates[Way::Fetch as usize].shut();
    }

    /// Gives up what is not done yet.
    pub(crate) fn end(&self) {
        let mut work = self.shared.lock();
        work.is_over = true;
        work.wanted.clear();
        work.parcels.clear();
        drop(work);
        self.shared.gates.iter().for_each(Gate::shut);
        self.shared.call.notify_all();
    }
}

impl AsFd for Courier {
    /// Ready where there is something to hear of.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.bell.as_fd()
    }
}

impl Work {
    /// Nothing is done in these ways any more.
    fn close(&mut self, ways: &[Way]) {
        for way in ways {
            self.is_closed[*way as usize] = true;
        }
        if ways.contains(&Way::Fetch) {
            let wanted = std::mem::take(&mut self.wanted);
            self.answers.extend(wanted.into_iter().map(|(number, _)| Answer::Fetched(number, None)));
        }
        if ways.contains(&Way::Send) {
            self.parcels.clear();
            self.left = 0;
        }
    }

    fn warn(&mut self, (text, hint): (String, Option<String>)) {
        self.answers.push(Answer::Warning { text, hint });
    }

    /// What somebody waits for comes first.
    fn next(&mut self) -> Option<Task> {
        if let Some((number, wanted)) = self.wanted.pop_front() {
            return Some(Task::Fetch(number, wanted));
        }
        self.parcels.pop_front().map(Task::Send)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ring(&self) {
        // A full pipe rings already.
        let _ = (&self.bell).write(&[1]);
    }

    /// The life of a thread.
    fn serve(&self) {
        loop {
            let mut work = self.lock();
            let task = loop {
                if work.is_over {
                    work.threads -= 1;
                    return;
                }
                match work.next() {
                    Some(task) => break task,
                    None => work = self.call.wait(work).unwrap_or_else(PoisonError::into_inner),
                }
            };
            work.busy += 1;
            drop(work);
            let size = if let Task::Send(parcel) = &task { parcel.size() } else { 0 };
            let done = Curl::find(&self.remote, &self.gates[task.way() as usize]).and_then(|curl| match &task {
                Task::Fetch(_, wanted) => fetch(wanted, &curl, &self.store).map(Done::Fetched),
                Task::Send(parcel) => send(parcel, &curl, &self.store).map(Done::Sent),
            });
            let mut work = self.lock();
            work.busy -= 1;
            work.left = work.left.saturating_sub(size);
            self.tell(&mut work, &task, done);
            drop(work);
            self.ring();
        }
    }

    fn tell(&self, work: &mut Work, task: &Task, done: Result<Done, Trouble>) {
        let mut fetch = None;
        match (done, task) {
            (Ok(Done::Fetched(Fetched::Entry(entry))), _) => fetch = Some(Fetch(entry)),
            (Ok(Done::Fetched(Fetched::Odd(why))), Task::Fetch(_, wanted)) => {
                let text = format!("what the remote cache has of `{}` is of no use: it {why}", wanted.recipe);
                work.warn((text, None));
            }
            (Ok(Done::Sent(Delivered::Odd(why))), Task::Send(parcel)) => {
                let text = format!("`{}` is not in the remote cache: it {why}", parcel.entry.recipe);
                work.warn((text, None));
            }
            (Ok(_), _) => {}
            // What was ended has no troubles of its own.
            (Err(_), task) if self.gates[task.way() as usize].is_shut() => {}
            (Err(trouble), task) => self.despair(work, task, &trouble),
        }
        if let Task::Fetch(number, _) = task {
            work.answers.push(Answer::Fetched(*number, fetch));
        }
    }

    /// What of a server is not used any more in this run.
    fn despair(&self, work: &mut Work, task: &Task, trouble: &Trouble) {
        let (what, hint) = trouble.told(&self.remote);
        let (text, ways): (String, &[Way]) = match (task, trouble) {
            // Something else may be small enough.
            (Task::Send(parcel), Trouble::Status(413)) => {
                let text = format!(
                    "`{}` is not in the remote cache, which takes no files of this size (413)",
                    parcel.entry.recipe
                );
                return work.warn((text, Some("nginx takes what is up to its `client_max_body_size`".to_owned())));
            }
            (Task::Send(_), Trouble::Status(_)) => {
                (format!("nothing is sent to the remote cache: it {what}"), &[Way::Send])
            }
            (Task::Fetch(..), Trouble::Status(401 | 403)) if self.remote.writes() => {
                (format!("nothing is fetched from the remote cache: it {what}"), &[Way::Fetch])
            }
            _ => (format!("this run goes on without the remote cache: it {what}"), &[Way::Fetch, Way::Send]),
        };
        // One that failed behind another that did says nothing new.
        if ways.iter().any(|way| !work.is_closed[*way as usize]) {
            work.warn((text, hint));
        }
        work.close(ways);
    }
}

enum Done {
    Fetched(Fetched),
    Sent(Delivered),
}
