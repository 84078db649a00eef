//! Timers of systemd, each with the service that it starts.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::{Exported, Missing, Written};
use crate::config::schedule::{Missed, Overlap};
use crate::recipe::schedule::caller::Caller;
use crate::recipe::schedule::engine;
use crate::recipe::schedule::job::{self, Job};
use crate::recipe::schedule::pattern::{Days, Join, Pattern, Set};
use crate::recipe::schedule::timetable::{Clock, Timetable};

/// Begins every file of this project, and no other.
pub(in crate::recipe::schedule) fn mark(root: &str) -> String {
    format!("# prodev schedule of {root}\n")
}

pub(in crate::recipe::schedule) fn export(jobs: &[Job], caller: &Caller) -> Exported {
    let mut exported = Exported::default();
    for job in jobs {
        let when = when(job, &mut exported.missing);
        if job.overlap != Overlap::Skip {
            let what = "starts nothing while the last run goes on, so that nothing can wait or be stopped";
            exported.missing.push(Missing::quality(job, what));
        }
        let name = unit_name(job, caller);
        let mark = mark(&caller.root);
        exported.files.push(Written { name: format!("{name}.timer"), text: format!("{mark}{}", timer(job, &when)) });
        exported
            .files
            .push(Written { name: format!("{name}.service"), text: format!("{mark}{}", service(job, caller)) });
    }
    exported
}

/// Of the recipe, for people, and of the project's directory, so that two projects do not meet.
fn unit_name(job: &Job, caller: &Caller) -> String {
    let digest = blake3::hash(format!("{}\n{}", caller.root, job.recipe).as_bytes()).to_hex();
    format!("prodev-{}-{}", super::kubernetes::slug(&job.recipe, 60), &digest[..8])
}

fn timer(job: &Job, when: &[String]) -> String {
    let mut text = format!("[Unit]\nDescription={}\n\n[Timer]\n", described(job));
    for line in when {
        let _ = writeln!(text, "{line}");
    }
    // Without it systemd gathers timers that are less than a minute apart.
    text.push_str("AccuracySec=1s\n");
    if job.missed == Missed::RunOnce {
        text.push_str("Persistent=true\n");
    }
    if !job.jitter.is_zero() {
        let _ = writeln!(text, "RandomizedDelaySec={}ms", job.jitter.as_millis());
    }
    text.push_str("\n[Install]\nWantedBy=timers.target\n");
    text
}

fn service(job: &Job, caller: &Caller) -> String {
    let words: Vec<String> = caller.words(job, &["--now"]).iter().map(|word| word_of(word, true)).collect();
    let mut text = format!("[Unit]\nDescription={}\n\n[Service]\nType=oneshot\n", described(job));
    if !caller.path.is_empty() {
        let _ = writeln!(text, "Environment={}", word_of(&format!("PATH={}", caller.path), false));
    }
    let _ = writeln!(text, "ExecStart={}", words.join(" "));
    text
}

fn described(job: &Job) -> String {
    format!("prodev recipe {}", job.recipe).replace('%', "%%")
}

/// A word in double quotes. In commands `$` stands for variables, and everywhere `%` for systemd's own.
fn word_of(word: &str, is_command: bool) -> String {
    let escaped = word.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%");
    let escaped = if is_command { escaped.replace('$', "$$") } else { escaped };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=,+@".contains(c);
    if word.chars().all(is_plain) && !word.is_empty() { escaped } else { format!("\"{escaped}\"") }
}

/// The lines that say when.
fn when(job: &Job, missing: &mut Vec<Missing>) -> Vec<String> {
    let Timetable::Times { pattern, clock, zone } = &job.timetable else {
        return vec!["OnStartupSec=0".to_owned()];
    };
    let zone_name = job.zone.as_deref().map(|name| format!(" {name}")).unwrap_or_default();
    if let job::Written::On(text) = &job.written {
        let has_zone = text.split_whitespace().last() == job.zone.as_deref();
        let zone_name = if has_zone { "" } else { &zone_name };
        return vec![format!("OnCalendar={text}{zone_name}")];
    }
    // What happens in every hour alike happens so in UTC, too, where no clock is ever put forward or back.
    let now = Timestamp::now();
    let is_whole = |offset: jiff::tz::Offset| offset.seconds() % 3600 == 0;
    let is_whole = is_whole(zone.to_offset(now)) && zone.following(now).take(8).all(|change| is_whole(change.offset()));
    if *clock == Clock::Follow && is_every_hour(pattern) && is_whole {
        return vec![format!("OnCalendar={} UTC", event(pattern, Kind::Both))];
    }
    if let Some(what) = engine::difference(&job.timetable, Clock::Once, now) {
        missing.push(Missing::quality(job, what));
    }
    let kinds: &[Kind] = if pattern.join == Join::Either && has_two_kinds_of_days(pattern) {
        &[Kind::OfMonth, Kind::OfWeek]
    } else {
        &[Kind::Both]
    };
    kinds.iter().map(|kind| format!("OnCalendar={}{zone_name}", event(pattern, *kind))).collect()
}

fn all(low: u8, high: u8) -> Set {
    (low..=high).collect()
}

fn is_every_hour(pattern: &Pattern) -> bool {
    pattern.hours == all(0, 23)
        && pattern.months == all(1, 12)
        && pattern.days == Days::FromFirst(all(1, 31))
        && pattern.weekdays == all(0, 6)
}

fn has_two_kinds_of_days(pattern: &Pattern) -> bool {
    pattern.days != Days::FromFirst(all(1, 31)) && pattern.weekdays != all(0, 6)
}

/// Which kind of days an event names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Both,
    OfMonth,
    OfWeek,
}

/// cron's pattern as an event.
fn event(pattern: &Pattern, kind: Kind) -> String {
    let numbers = |set: Set, low, high| {
        if set == all(low, high) { "*".to_owned() } else { engine::ranges(&set.numbers().collect::<Vec<_>>(), "..") }
    };
    // A day that matches either, where one is every day, is every day.
    let is_any = pattern.join == Join::Either && !has_two_kinds_of_days(pattern);
    let days = match &pattern.days {
        Days::FromFirst(days) if kind != Kind::OfWeek && !is_any => numbers(*days, 1, 31),
        _ => "*".to_owned(),
    };
    let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let weekdays: Vec<&str> = (0..7)
        .filter(|day| pattern.weekdays.has((day + 1) % 7))
        .filter_map(|day| names.get(usize::try_from(day).ok()?).copied())
        .collect();
    let weekdays = if weekdays.len() == 7 || kind == Kind::OfMonth || is_any {
        String::new()
    } else {
        format!("{} ", weekdays.join(","))
    };
    let months = numbers(pattern.months, 1, 12);
    let (hours, minutes) = (numbers(pattern.hours, 0, 23), numbers(pattern.minutes, 0, 59));
    format!("{weekdays}*-{months}-{days} {hours}:{minutes}:00")
}
