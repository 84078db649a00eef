//! Instants and choices of schedules in words.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::config::schedule::{Missed, Overlap};

/// `Sun 2027-03-28 03:00:00 CEST`.
pub(super) fn local(instant: Timestamp, zone: &TimeZone) -> String {
    instant.to_zoned_datetime(zone.clone()).strftime("%a %Y-%m-%d %H:%M:%S %Z").to_string()
}

/// `2027-03-28T03:00:00+02:00`.
pub(super) fn rfc3339(instant: Timestamp, zone: &TimeZone) -> String {
    instant.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// `in 2 days 3 h`, of two units at most.
pub(super) fn until(instant: Timestamp, now: Timestamp) -> String {
    let seconds = u64::try_from(instant.as_second() - now.as_second()).unwrap_or_default();
    format!("in {}", span(Duration::from_secs(seconds)))
}

/// `1 h 30 min`, of two units at most.
pub(super) fn span(span: Duration) -> String {
    if span < Duration::from_secs(1) {
        return format!("{} ms", span.as_millis());
    }
    let units = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")];
    let mut rest = span.as_secs();
    let mut words = Vec::new();
    for (unit, name) in units {
        if rest >= unit && words.len() < 2 {
            words.push(format!("{} {name}", rest / unit));
        } else if !words.is_empty() {
            break;
        }
        rest %= unit;
    }
    words.join(" ")
}

/// As it is written in `prodev.toml`.
pub(super) fn overlap(overlap: Overlap) -> &'static str {
    match overlap {
        Overlap::Skip => "skip",
        Overlap::Queue => "queue",
        Overlap::Kill => "kill",
    }
}

/// As it is written in `prodev.toml`.
pub(super) fn missed(missed: Missed) -> &'static str {
    match missed {
        Missed::Skip => "skip",
        Missed::RunOnce => "run-once",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_two_units_at_most() {
        let cases = [
            (500, "500 ms"),
            (1_000, "1 s"),
            (90_000, "1 min 30 s"),
            (3_600_000, "1 h"),
            (3_601_000, "1 h"),
            (90_061_000, "1 d 1 h"),
        ];
        for (milliseconds, expected) in cases {
            assert_eq!(span(Duration::from_millis(milliseconds)), expected);
        }
    }
}
