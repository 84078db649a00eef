//! What other schedulers can express: patterns as their fields, and where their clocks behave otherwise.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::pattern::{Days, Join, Pattern, Set};
use super::timetable::{Clock, Timetable};
use super::told;

/// Minute, hour, day of the month, month, day of the week, as texts of cron's kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) minute: String,
    pub(super) hour: String,
    pub(super) day: String,
    pub(super) month: String,
    pub(super) weekday: String,
    /// Whether a day need match only one of its two fields.
    pub(super) join: Join,
}

impl Fields {
    /// # Errors
    /// What five fields cannot say, as the end of a sentence.
    pub(super) fn of(pattern: &Pattern) -> Result<Self, &'static str> {
        if pattern.seconds.numbers().ne([0]) {
            return Err("has seconds");
        }
        if pattern.years.is_some() {
            return Err("has years");
        }
        let Days::FromFirst(days) = &pattern.days else {
            return Err("counts days from the end of the month");
        };
        let (mut day, mut weekday) = (field(*days, 1, 31), field(pattern.weekdays, 0, 6));
        // A day that matches one of them, where one is every day, is every day.
        if pattern.join == Join::Either && (day == "*" || weekday == "*") {
            (day, weekday) = ("*".to_owned(), "*".to_owned());
        }
        Ok(Self {
            minute: field(pattern.minutes, 0, 59),
            hour: field(pattern.hours, 0, 23),
            day,
            month: field(pattern.months, 1, 12),
            weekday,
            join: pattern.join,
        })
    }

    /// Whether both the day of the month and the day of the week are restricted.
    pub(super) fn has_two_kinds_of_days(&self) -> bool {
        self.day != "*" && self.weekday != "*"
    }

    pub(super) fn line(&self) -> String {
        [&self.minute, &self.hour, &self.day, &self.month, &self.weekday].map(String::as_str).join(" ")
    }
}

/// `*`, `*/15`, or numbers and ranges.
pub(super) fn field(set: Set, low: u8, high: u8) -> String {
    let numbers: Vec<u8> = set.numbers().collect();
    if numbers.len() == usize::from(high - low) + 1 {
        return "*".to_owned();
    }
    if let [first, second, _, ..] = numbers[..]
        && first == low
        && (low..=high).step_by(usize::from(second - first)).eq(numbers.iter().copied())
        && (low == 0 && high > 6)
    {
        return format!("*/{}", second - first);
    }
    ranges(&numbers, "-")
}

/// `1,3-5`: a range from three numbers on.
pub(super) fn ranges(numbers: &[u8], between: &str) -> String {
    let mut texts = Vec::new();
    let mut rest = numbers;
    while let [first, ..] = rest {
        let count = (1..rest.len()).find(|count| usize::from(rest[*count] - first) != *count).unwrap_or(rest.len());
        if count > 2 {
            texts.push(format!("{first}{between}{}", rest[count - 1]));
        } else {
            texts.extend(rest[..count].iter().map(u8::to_string));
        }
        rest = &rest[count..];
    }
    texts.join(",")
}

/// How far ahead it is looked for times that come otherwise.
const AHEAD: usize = 8;

/// The first time after `from` at which a scheduler whose clock is `theirs` does something else than `timetable` says, in words. Times differ only where
/// clocks are put forward or back.
pub(super) fn difference(timetable: &Timetable, theirs: Clock, from: Timestamp) -> Option<String> {
    let Timetable::Times { pattern, clock, zone } = timetable else { return None };
    if *clock == theirs {
        return None;
    }
    let other = Timetable::Times { pattern: pattern.clone(), clock: theirs, zone: zone.clone() };
    let around = SignedDuration::from_hours(4);
    zone.following(from).take(AHEAD).find_map(|change| {
        let (start, end) = (change.timestamp().checked_sub(around).ok()?, change.timestamp().checked_add(around).ok()?);
        let (mut ours, mut others) = (timetable.after(start), other.after(start));
        loop {
            match (ours.filter(|at| *at < end), others.filter(|at| *at < end)) {
                (None, None) => return None,
                (Some(a), Some(b)) if a == b => (ours, others) = (timetable.after(a), other.after(b)),
                (a, b) => return Some(told(a, b, zone)),
            }
        }
    })
}

fn told(ours: Option<Timestamp>, theirs: Option<Timestamp>, zone: &TimeZone) -> String {
    match (ours, theirs) {
        (Some(ours), theirs) if theirs.is_none_or(|theirs| ours < theirs) => {
            format!("would leave out {}", told::local(ours, zone))
        }
        (_, Some(theirs)) => format!("would run at {}, too", told::local(theirs, zone)),
        _ => "would run at other times".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(line: &str) -> Pattern {
        match Timetable::of_cron(line, TimeZone::UTC) {
            Ok(Timetable::Times { pattern, .. }) => *pattern,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn fields_mean_what_the_pattern_means() {
        let cases = [
            ("0 0 * * *", "0 0 * * *"),
            ("*/15 2-4 * * mon-fri", "*/15 2-4 * * 1-5"),
            ("0 0 1,15,16 jan *", "0 0 1,15,16 1 *"),
            ("0 0 1-31 * mon", "0 0 * * *"),
            ("5-59/20 * * * 7", "5,25,45 * * * 0"),
            ("0 0 */2 * *", "0 0 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31 * *"),
            ("*/70 * * * *", "0 * * * *"),
        ];
        for (line, expected) in cases {
            assert_eq!(Fields::of(&pattern(line)).map(|fields| fields.line()).as_deref(), Ok(expected), "{line}");
        }
    }

    #[test]
    fn a_time_that_another_clock_would_move_is_told() {
        let from: Timestamp = "2027-01-01T00:00:00Z".parse().expect("this is an instant");
        let zone = |name| TimeZone::get(name).expect(name);
        let gone = "would leave out Sun 2027-03-28 03:00:00 CEST";
        let twice = "would run at Sun 2027-10-31 02:30:00 CET, too";
        let cases = [
            ("30 2 * * *", "Europe/Berlin", Clock::Once, Some(gone)),
            ("30 2 * 10 *", "Europe/Berlin", Clock::Follow, Some(twice)),
            ("30 4 * * *", "Europe/Berlin", Clock::Once, None),
            ("30 2 * * *", "UTC", Clock::Once, None),
            ("30 2 * * *", "Asia/Tokyo", Clock::Follow, None),
            ("30 2 * * *", "Europe/Berlin", Clock::Catch, None),
        ];
        for (line, name, clock, expected) in cases {
            let timetable = Timetable::of_cron(line, zone(name)).expect(line);
            assert_eq!(difference(&timetable, clock, from).as_deref(), expected, "{line} {name}");
        }
    }
}
