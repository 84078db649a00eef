//! When a schedule's times are, as instants: a pattern, a time zone, and what happens where clocks are put forward or back.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

use super::calendar;
use super::cron::{self, Cron};
use super::pattern::Pattern;
use super::wrong::Wrong;

/// What happens to times that a clock leaves out or shows twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clock {
    /// As cron treats a fixed time: one that is left out comes right after the gap, one that is shown twice comes the first time.
    Catch,
    /// As cron treats `*` in minute or hour: whenever the clock shows it.
    Follow,
    /// As systemd does: what is left out does not come, what is shown twice comes the first time.
    Once,
}

/// When a recipe runs by itself.
#[derive(Debug, Clone)]
pub(super) enum Timetable {
    /// When the machine (or the scheduler) starts.
    Start,
    Times {
        pattern: Box<Pattern>,
        clock: Clock,
        zone: TimeZone,
    },
}

/// cron takes a clock that is put forward by more for one that was wrong, and makes up for nothing.
const LARGEST_GAP: i32 = 3 * 60 * 60;

impl Timetable {
    pub(super) fn of_cron(line: &str, zone: TimeZone) -> Result<Self, Wrong> {
        Ok(match cron::parse(line)? {
            Cron::Start => Self::Start,
            Cron::Times(pattern, clock) => Self::Times { pattern: Box::new(pattern), clock, zone },
        })
    }

    /// `zone` holds where the event names none.
    pub(super) fn of_calendar(text: &str, zone: TimeZone) -> Result<Self, Wrong> {
        let calendar = calendar::parse(text)?;
        let zone = match calendar.zone {
            Some((column, name)) => super::zone::named(&name).map_err(|wrong| wrong.shift(column))?,
            None => zone,
        };
        Ok(Self::Times { pattern: Box::new(calendar.pattern), clock: Clock::Once, zone })
    }

    /// The first time after `instant`; `None` where there is none any more.
    pub(super) fn after(&self, instant: Timestamp) -> Option<Timestamp> {
        let Self::Times { pattern, clock, zone } = self else { return None };
        match clock {
            Clock::Follow => following(pattern, zone, instant),
            Clock::Catch | Clock::Once => once(pattern, *clock, zone, instant),
        }
    }
}

/// Local times in order, each at one instant: these come in order, too.
fn once(pattern: &Pattern, clock: Clock, zone: &TimeZone, instant: Timestamp) -> Option<Timestamp> {
    let mut local = zone.to_offset(instant).to_datetime(instant);
    loop {
        let found = pattern.first_from(local)?;
        if let Some(at) = instant_of(found, clock, zone)
            && at > instant
        {
            return Some(at);
        }
        local = found.checked_add(jiff::Span::new().seconds(1)).ok()?;
    }
}

/// When the local time is; `None` where it does not come.
fn instant_of(local: DateTime, clock: Clock, zone: &TimeZone) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => ambiguous.earlier().ok(),
        AmbiguousOffset::Gap { .. } if clock == Clock::Once => None,
        AmbiguousOffset::Gap { before, after } => {
            if after.seconds() - before.seconds() >= LARGEST_GAP {
                return None;
            }
            // The end of the gap is where the clock is put forward: the first transition after this time by the new offset.
            let early = after.to_timestamp(local).ok()?;
            zone.following(early).next().map(|transition| transition.timestamp())
        }
    }
}

/// Local times as the clock shows them: straight on from one change of the clock to the next.
fn following(pattern: &Pattern, zone: &TimeZone, instant: Timestamp) -> Option<Timestamp> {
    let second = jiff::SignedDuration::from_secs(1);
    // The first instant that can be meant.
    let mut from = instant.checked_add(second).ok()?;
    let mut changes = zone.following(instant);
    loop {
        let offset = zone.to_offset(from);
        let found = pattern.first_from(offset.to_datetime(from))?;
        let at = offset.to_timestamp(found).ok()?;
        let Some(change) = changes.find(|change| change.timestamp() > from) else { return Some(at) };
        if at < change.timestamp() {
            return Some(at);
        }
        from = change.timestamp();
    }
}
