//! Lines for cron.

use jiff::Timestamp;

use super::{Exported, Missing, Written};
use crate::config::schedule::Missed;
use crate::plan::process::quoted;
use crate::recipe::schedule::caller::Caller;
use crate::recipe::schedule::cron::{self, Cron};
use crate::recipe::schedule::engine::{self, Fields};
use crate::recipe::schedule::job::{self, Job};
use crate::recipe::schedule::pattern::Join;
use crate::recipe::schedule::timetable::Timetable;
use crate::recipe::schedule::{wrong, zone};

/// Debian's cron cuts longer commands off.
const LONGEST: usize = 998;

pub(super) fn export(jobs: &[Job], caller: &Caller) -> Exported {
    let (lines, missing) = lines(jobs, caller);
    let text = lines.join("\n") + if lines.is_empty() { "" } else { "\n" };
    Exported { files: vec![Written { name: "crontab".to_owned(), text }], missing }
}

/// The lines of all jobs, and what they cannot say.
pub(in crate::recipe::schedule) fn lines(jobs: &[Job], caller: &Caller) -> (Vec<String>, Vec<Missing>) {
    let (mut lines, mut missing) = (Vec::new(), Vec::new());
    for job in jobs {
        let Some(times) = times(job, &mut missing) else { continue };
        let is_start = matches!(job.timetable, Timetable::Start);
        let mut own = vec![format!("{times} {}", command(&caller.words(job, &[]), caller))];
        if job.missed == Missed::RunOnce && !is_start {
            own.push(format!("@reboot {}", command(&caller.words(job, &["--missed"]), caller)));
        }
        if own.iter().any(|line| line.len() > LONGEST) {
            let what = "cuts off lines as long as its; a shorter `PATH` is enough, as in `PATH=/usr/bin:/bin prodev schedule …`";
            missing.push(Missing::times(job, what));
            continue;
        }
        lines.extend(own);
    }
    (lines, missing)
}

fn command(words: &[&str], caller: &Caller) -> String {
    let path = if caller.path.is_empty() { String::new() } else { format!("PATH={} ", quoted(&caller.path)) };
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    // To cron a bare `%` is the end of the command.
    format!("{path}{}", words.join(" ")).replace('%', "\\%")
}

fn times(job: &Job, missing: &mut Vec<Missing>) -> Option<String> {
    let mut refuse = |what: &str| missing.push(Missing::times(job, what));
    if let Some(name) = &job.zone
        && zone::local().iana_name() != Some(name)
        && !matches!(job.timetable, Timetable::Start)
    {
        refuse(&format!("knows the machine's time zone alone, and this one is in {name}"));
        return None;
    }
    let pattern = match (&job.written, &job.timetable) {
        (job::Written::Cron(line), _) => {
            return Some(wrong::words(line).iter().map(|(_, word)| *word).collect::<Vec<_>>().join(" "));
        }
        (job::Written::On(_), Timetable::Times { pattern, .. }) => pattern,
        (job::Written::On(_), Timetable::Start) => return Some("@reboot".to_owned()),
    };
    let fields = match Fields::of(pattern) {
        Ok(fields) if fields.join == Join::Both && fields.has_two_kinds_of_days() => {
            refuse("runs on days that match either the day of the month or the day of the week, not both");
            return None;
        }
        Ok(fields) => fields,
        Err(what) => {
            refuse(&format!("cannot say when: it {what}"));
            return None;
        }
    };
    // Without a star cron treats the times as fixed ones.
    let fixed = |field: &str, all: &str| match field.strip_prefix("*/") {
        Some(step) => format!("{all}/{step}"),
        None if field == "*" => all.to_owned(),
        None => field.to_owned(),
    };
    let strict = Fields { minute: fixed(&fields.minute, "0-59"), hour: fixed(&fields.hour, "0-23"), ..fields.clone() };
    let differs = |line: &str| match cron::parse(line) {
        Ok(Cron::Times(_, clock)) => engine::difference(&job.timetable, clock, Timestamp::now()),
        _ => None,
    };
    let (line, strict) = (fields.line(), strict.line());
    match (differs(&line), differs(&strict)) {
        (None, _) => Some(line),
        (_, None) => Some(strict),
        (_, Some(what)) => {
            missing.push(Missing::quality(job, what));
            Some(strict)
        }
    }
}
