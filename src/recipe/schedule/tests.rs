//! Schedules beside what cronsim, crondst and systemd-analyze made of the same ones; `tests/schedules/record.py` tells how that was recorded.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::timetable::Timetable;
use super::wrong::Wrong;

/// Holds each line of a record against what `read` makes of it; `PRODEV_SCHEDULES` names another folder of records.
#[allow(clippy::disallowed_methods, reason = "a test that reads what was recorded for it")]
fn compare(record: &str, read: fn(&str, TimeZone) -> Result<Timetable, Wrong>) {
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schedules");
    let folder = std::env::var("PRODEV_SCHEDULES").unwrap_or_else(|_| own.to_owned());
    let recorded = std::fs::read_to_string(format!("{folder}/{record}")).expect("there is a record");
    let mut wrong = Vec::new();
    for line in recorded.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let [zone, text, start, ref times @ ..] = columns[..] else { panic!("{line}") };
        let timetable = read(text, TimeZone::get(zone).expect(zone));
        let times = times.join(" ");
        let found = match timetable {
            Ok(timetable) => next(&timetable, start.parse().expect(start)).join(" "),
            Err(_) => "refused".to_owned(),
        };
        // What never comes is refused, which systemd does not do.
        if found != times && !(times.is_empty() && found == "refused") {
            wrong.push(format!("{zone} {text:?} from {start}\n  is        {found}\n  should be {times}"));
        }
    }
    let count = recorded.lines().count();
    assert!(count > 0, "nothing is recorded");
    assert!(wrong.is_empty(), "{} of {count}\n{}", wrong.len(), wrong[..wrong.len().min(10)].join("\n"));
}

fn next(timetable: &Timetable, start: i64) -> Vec<String> {
    let start = Timestamp::from_second(start).expect("recorded instants are valid");
    let times = std::iter::successors(timetable.after(start), |last| timetable.after(*last));
    times.take(6).map(|time| time.as_second().to_string()).collect()
}

#[test]
fn cron_is_debians() {
    compare("cron.tsv", Timetable::of_cron);
}

#[test]
fn calendar_events_are_systemds() {
    compare("calendar.tsv", Timetable::of_calendar);
}

/// Beside a change of the clocks systemd 252 leaves out times that the clock does show (Berlin, 1 November 2032, 01:28, for one). Here they are not.
#[test]
fn no_time_is_lost_beside_a_gap() {
    compare("calendar-apart.tsv", Timetable::of_calendar);
}
