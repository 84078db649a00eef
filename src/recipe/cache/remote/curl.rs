//! The program that speaks to servers: `curl` brings encryption, proxies and the machine's certificates, and one process fetches many things over one
//! connection. What it is to do, credentials among it, comes on its stdin; in its arguments there is nothing.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::io::{self, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal};

use super::frames::{Frames, Part};
use super::{Login, Remote};
use crate::error::listed;
use crate::plan::system::Handle;
use crate::recipe::script;

/// What a server is asked is written at once, without anybody waiting for room in a pipe.
const LONGEST_LIST: usize = 48 * 1024;

/// What comes slower than this many bytes in a second is made faster here.
const SLOWEST: u64 = 100 * 1024;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(5);

/// Why a server is of no use, for the rest of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::recipe::cache) enum Trouble {
    /// There is no `curl`.
    NoProgram,
    /// This variable cannot be sent.
    Unusable(String),
    /// In curl's words.
    Unreachable(String),
    /// It answered with this status.
    Status(u16),
    /// Nothing is asked any more.
    Over,
}

impl Trouble {
    /// What is wrong, as the rest of a sentence that begins with the server; and what helps.
    pub(in crate::recipe::cache) fn told(&self, remote: &Remote) -> (String, Option<String>) {
        match self {
            Self::NoProgram => ("cannot be asked: there is no `curl`".to_owned(), Some("install curl".to_owned())),
            Self::Unusable(name) => {
                let what = format!("cannot be asked: the value of `{name}` cannot be sent");
                (what, Some("a line break or a colon too much is in it".to_owned()))
            }
            Self::Unreachable(said) => (format!("cannot be reached: {said}"), None),
            Self::Status(status @ (401 | 403 | 407)) => {
                (format!("refuses it ({status})"), Some(credentials(*status, remote)))
            }
            Self::Status(status) if (300..400).contains(status) => {
                (format!("sends elsewhere ({status})"), Some("give the address that it is at as `url`".to_owned()))
            }
            Self::Status(status) => (format!("answers {status}"), None),
            Self::Over => ("was given up".to_owned(), None),
        }
    }
}

fn credentials(status: u16, remote: &Remote) -> String {
    if status == 407 {
        return "the proxy wants credentials: they belong to the address in `https_proxy`".to_owned();
    }
    match &*remote.unset {
        [] if remote.login == Login::Nobody => {
            "say who asks: `token_env`, or `username_env` and `password_env`, of `[settings.cache.remote]`".to_owned()
        }
        [] => "ask whoever runs it what these credentials may do; `mode` says what it is used for".to_owned(),
        names => format!("set {}", listed(names)),
    }
}

/// How an exchange came to its end.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct End {
    /// What curl complained about: its number for it, and its words.
    complaint: Option<(u8, String)>,
}

/// What became of one answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Came {
    Whole,
    Missing,
    /// It ended too early.
    Short,
}

impl End {
    /// What an answer of this status is worth; `None` where none came.
    pub(super) fn judge(&self, status: Option<u16>) -> Result<Came, Trouble> {
        /// curl's numbers for a body that was cut off, and for what took too long.
        const CUT: [u8; 3] = [18, 56, 92];
        const SLOW: u8 = 28;
        let number = self.complaint.as_ref().map(|(number, _)| *number);
        match status {
            Some(200) if number.is_some_and(|number| CUT.contains(&number)) => Ok(Came::Short),
            Some(200) if number != Some(SLOW) => Ok(Came::Whole),
            Some(404 | 410) => Ok(Came::Missing),
            Some(status) if status != 0 && status != 200 => Err(Trouble::Status(status)),
            _ => Err(self.unreachable()),
        }
    }

    fn unreachable(&self) -> Trouble {
        let said = self.complaint.as_ref().map(|(_, said)| said.clone());
        Trouble::Unreachable(said.unwrap_or_else(|| "curl ended without a word".to_owned()))
    }
}

/// All that is running at servers, so that it can be ended; nothing begins behind a gate that is shut.
#[derive(Debug, Default)]
pub(super) struct Gate(Mutex<Going>);

#[derive(Debug, Default)]
struct Going {
    is_shut: bool,
    running: HashMap<u32, Handle>,
}

impl Gate {
    fn lock(&self) -> MutexGuard<'_, Going> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends what runs, and lets nothing begin any more.
    pub(super) fn shut(&self) {
        let mut going = self.lock();
        going.is_shut = true;
        for handle in going.running.values() {
            // One that has ended needs no end.
            let _ = handle.send(Signal::KILL);
        }
    }

    pub(super) fn is_shut(&self) -> bool {
        self.lock().is_shut
    }

    fn start(&self, command: &mut Command) -> Result<Child, Trouble> {
        let mut going = self.lock();
        if going.is_shut {
            return Err(Trouble::Over);
        }
        let child = command.spawn().map_err(|error| Trouble::Unreachable(error.to_string()))?;
        let handle = i32::try_from(child.id()).ok().and_then(Pid::from_raw).and_then(|pid| Handle::of(pid).ok());
        going.running.extend(handle.map(|handle| (child.id(), handle)));
        Ok(child)
    }

    fn end(&self, child: &mut Child, is_wanted: bool) {
        let handle = self.lock().running.remove(&child.id());
        if let Some(handle) = handle.filter(|_| !is_wanted) {
            let _ = handle.send(Signal::KILL);
        }
        // The executor may have taken it in already: then there is nobody to wait for.
        let _ = child.wait();
    }
}

/// A `curl` for one server.
#[derive(Debug, Clone)]
pub(super) struct Curl<'a> {
    program: PathBuf,
    remote: &'a Remote,
    gate: &'a Gate,
}

/// Something to send: under which name, and where it lies.
pub(super) type Sent<'a> = (String, &'a Path);

impl<'a> Curl<'a> {
    pub(super) fn find(remote: &'a Remote, gate: &'a Gate) -> Result<Self, Trouble> {
        if let Login::Unusable(name) = &remote.login {
            return Err(Trouble::Unusable(name.clone()));
        }
        let program = script::on_path("curl").ok_or(Trouble::NoProgram)?;
        Ok(Self { program, remote, gate })
    }

    /// Fetches what has these names, one after another, up to the first that is not there. `hear` is told of everything in that order, and ends it with
    /// `None`. `size` is that of the largest.
    pub(super) fn fetch(
        &self,
        names: &[String],
        size: u64,
        mut hear: impl FnMut(Part) -> Option<()>,
    ) -> Result<End, Trouble> {
        let mut end = End::default();
        for names in lists(names, |name| name.len() + self.remote.url.len()) {
            let mut config = self.config(size);
            let https = if self.remote.url.starts_with("https:") { "=https" } else { "=http,https" };
            config.line("proto-redir", https);
            // As curl does it: credentials are for the server that they were given for.
            config.flag("location");
            config.line("max-redirs", "5");
            for name in names {
                config.line("url", &format!("{}/{name}", self.remote.url));
            }
            let mut is_over = false;
            end = self.exchange(config, |part| {
                // What comes behind the first that is not there is nobody's; curl ends by itself, and says why.
                if is_over {
                    return Some(());
                }
                is_over = matches!(part, Part::End(status) if status != 200);
                let heard = hear(part);
                is_over = is_over || heard.is_none();
                heard
            })?;
            if is_over || end.complaint.is_some() {
                break;
            }
        }
        Ok(end)
    }

    /// Sends all of it, or up to what is not taken.
    pub(super) fn send(&self, all: &[Sent], size: u64) -> Result<(), Trouble> {
        let length = |(name, path): &Sent| name.len() + self.remote.url.len() + path.as_os_str().len() + 64;
        for sent in lists(all, length) {
            let mut config = self.config(size);
            // Waiting to be asked for the body would cost a second where a server does not know of it.
            config.line("header", "Expect:");
            config.line("header", "Content-Type: application/octet-stream");
            for (name, path) in sent {
                config.bytes("upload-file", path.as_os_str());
                config.line("url", &format!("{}/{name}", self.remote.url));
                config.line("output", "/dev/null");
            }
            let mut statuses = Vec::new();
            let end = self.exchange(config, |part| {
                if let Part::End(status) = part {
                    statuses.push(status);
                }
                Some(())
            })?;
            match statuses.iter().find(|status| !(200..300).contains(*status)) {
                Some(0) => return Err(end.unreachable()),
                Some(status) => return Err(Trouble::Status(*status)),
                None if statuses.len() < sent.len() => return Err(end.unreachable()),
                None => {}
            }
        }
        Ok(())
    }

    /// Whether it answers at all; that it does not have what it is asked for is an answer.
    pub(super) fn probe(&self, name: &str) -> Result<(), Trouble> {
        let (mut status, mut size) = (None, 0);
        let end = self.fetch(&[name.to_owned()], 0, |part| {
            match part {
                Part::Body(bytes) => size += bytes.len(),
                Part::End(ended) => status = Some(ended),
            }
            (size == 0).then_some(())
        })?;
        // What is called by the name of nothing has no body; a server that sends one has answered, too.
        if size > 0 { Ok(()) } else { end.judge(status).map(drop) }
    }

    fn config(&self, size: u64) -> Config {
        let mut config = Config::default();
        for flag in ["silent", "show-error", "fail", "fail-early", "globoff"] {
            config.flag(flag);
        }
        config.line("proto", "=http,https");
        config.line("user-agent", concat!("prodev/", env!("CARGO_PKG_VERSION")));
        let patience = self.remote.patience;
        config.line("connect-timeout", &seconds(patience.min(CONNECT)));
        config.line("max-time", &seconds(patience + Duration::from_secs(size / SLOWEST)));
        match &self.remote.login {
            Login::Bearer(token) => config.line("oauth2-bearer", token),
            Login::Basic(username, password) => {
                config.flag("basic");
                config.line("user", &format!("{username}:{password}"));
            }
            Login::Nobody | Login::Unusable(_) => {}
        }
        config
    }

    /// One process, to its end.
    #[allow(clippy::disallowed_methods, reason = "the one place that starts curl")]
    fn exchange(&self, mut config: Config, mut hear: impl FnMut(Part) -> Option<()>) -> Result<End, Trouble> {
        let unreachable = |error: io::Error| Trouble::Unreachable(error.to_string());
        let word = secret_word().map_err(unreachable)?;
        config.line("write-out", &format!("{word}%{{http_code}}\n"));
        let mut command = Command::new(&self.program);
        // `-q` comes first: the user's own .curlrc is for what the user types.
        command.args(["-q", "-K", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.gate.start(&mut command)?;
        if let Some(mut stdin) = child.stdin.take() {
            // One that ends without reading says why itself.
            let _ = stdin.write_all(&config.0);
        }
        let mut frames = Frames::new(&word);
        let mut is_wanted = true;
        if let Some(mut stdout) = child.stdout.take() {
            let mut buffer = vec![0; 64 * 1024];
            loop {
                match stdout.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(count) if frames.feed(&buffer[..count], &mut hear).is_some() => {}
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Ok(_) | Err(_) => {
                        is_wanted = false;
                        break;
                    }
                }
            }
        }
        let mut said = Vec::new();
        if let Some(stderr) = child.stderr.take().filter(|_| is_wanted) {
            let _ = stderr.take(4096).read_to_end(&mut said);
        }
        self.gate.end(&mut child, is_wanted);
        Ok(End { complaint: complaint(&said).filter(|_| is_wanted) })
    }
}

/// What curl says last: `curl: (7) Failed to connect to …`.
fn complaint(said: &[u8]) -> Option<(u8, String)> {
    let said = String::from_utf8_lossy(said);
    let line = said.lines().rev().find_map(|line| line.strip_prefix("curl: "))?;
    let (number, words) = line.strip_prefix('(').and_then(|rest| rest.split_once(") ")).unwrap_or(("0", line));
    Some((number.parse().unwrap_or(0), words.to_owned()))
}

/// Parts of a list that are short enough to be written at once.
fn lists<T>(all: &[T], length: impl Fn(&T) -> usize) -> impl Iterator<Item = &[T]> {
    let mut rest = all;
    std::iter::from_fn(move || {
        let mut sum = 0;
        let fits = |item: &&T| {
            sum += length(item) + 16;
            sum <= LONGEST_LIST
        };
        let count = rest.iter().take_while(fits).count().max(1).min(rest.len());
        let (list, others) = rest.split_at(count);
        rest = others;
        (!list.is_empty()).then_some(list)
    })
}

fn seconds(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64().max(0.001))
}

/// A word that nobody can foretell.
fn secret_word() -> io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(format!("{:032x}", u128::from_le_bytes(bytes)))
}

/// What curl reads as its configuration.
#[derive(Debug, Default)]
struct Config(Vec<u8>);

impl Config {
    fn flag(&mut self, name: &str) {
        self.0.extend(name.as_bytes());
        self.0.push(b'\n');
    }

    fn line(&mut self, name: &str, value: &str) {
        self.bytes(name, OsStr::new(value));
    }

    fn bytes(&mut self, name: &str, value: &OsStr) {
        self.0.extend(name.as_bytes());
        self.0.extend(b" = \"");
        for byte in value.as_bytes() {
            match byte {
                b'"' | b'\\' => self.0.extend([b'\\', *byte]),
                b'\n' => self.0.extend(b"\\n"),
                b'\r' => self.0.extend(b"\\r"),
                b'\t' => self.0.extend(b"\\t"),
                0x0b => self.0.extend(b"\\v"),
                byte => self.0.push(*byte),
            }
        }
        self.0.extend(b"\"\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_end_their_line() {
        let mut config = Config::default();
        config.flag("silent");
        config.line("user", "a\"b\\c\nurl = \"http://elsewhere\"\t");
        assert_eq!(
            String::from_utf8_lossy(&config.0),
            "silent\nuser = \"a\\\"b\\\\c\\nurl = \\\"http://elsewhere\\\"\\t\"\n"
        );
    }

    #[test]
    fn the_last_complaint_counts() {
        let said = b"curl: (22) The requested URL returned error: 404\ncurl: (7) Failed to connect: refused\nmore\n";
        assert_eq!(complaint(said), Some((7, "Failed to connect: refused".to_owned())));
        assert_eq!(
            complaint(b"curl: option --fail-early: is unknown\n"),
            Some((0, "option --fail-early: is unknown".to_owned()))
        );
        assert_eq!(complaint(b""), None);
    }

    #[test]
    fn an_answer_is_worth_what_both_say() {
        let end = |number: u8| End { complaint: Some((number, "said".to_owned())) };
        let unreachable = || Err(Trouble::Unreachable("said".to_owned()));
        let cases = [
            (End::default(), Some(200), Ok(Came::Whole)),
            (end(18), Some(200), Ok(Came::Short)),
            (end(28), Some(200), unreachable()),
            (end(22), Some(404), Ok(Came::Missing)),
            (end(22), Some(503), Err(Trouble::Status(503))),
            (End::default(), Some(301), Err(Trouble::Status(301))),
            (end(7), Some(0), unreachable()),
            (end(7), None, unreachable()),
        ];
        for (end, status, expected) in cases {
            assert_eq!(end.judge(status), expected, "{end:?} {status:?}");
        }
    }

    #[test]
    fn long_lists_are_parted() {
        let all = vec![10_000; 11];
        let parts: Vec<usize> = lists(&all, |length| *length).map(<[usize]>::len).collect();
        assert_eq!(parts, [4, 4, 3]);
        assert_eq!(lists(&[LONGEST_LIST], |length| *length).count(), 1);
        assert_eq!(lists(&[] as &[usize], |length| *length).count(), 0);
    }
}
