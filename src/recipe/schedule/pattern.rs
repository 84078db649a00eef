//! Which minutes and seconds of a calendar a schedule means, without any time zone: sets of numbers, and the next of them.

use jiff::civil::{Date, DateTime, Time, Weekday};

/// A set of small numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Set(u64);

impl Set {
    pub(super) fn insert(&mut self, number: u8) {
        self.0 |= 1 << number;
    }

    pub(super) fn has(self, number: i8) -> bool {
        (0..64).contains(&number) && self.0 & (1 << number) != 0
    }

    /// The smallest of its numbers that is `from` or more.
    fn next(self, from: i8) -> Option<i8> {
        let above = if (0..64).contains(&from) { self.0 >> from << from } else { 0 };
        (above != 0).then(|| i8::try_from(above.trailing_zeros()).unwrap_or(i8::MAX))
    }

    fn first(self) -> i8 {
        self.next(0).unwrap_or_default()
    }

    /// Its numbers, in order.
    pub(super) fn numbers(self) -> impl Iterator<Item = u8> {
        (0..64).filter(move |number| self.0 & (1 << number) != 0)
    }
}

impl FromIterator<u8> for Set {
    fn from_iter<T: IntoIterator<Item = u8>>(numbers: T) -> Self {
        let mut set = Self::default();
        numbers.into_iter().for_each(|number| set.insert(number));
        set
    }
}

/// Numbers from `first` to `last`, every `step`th.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) first: i16,
    pub(super) last: i16,
    pub(super) step: i16,
}

impl Range {
    fn has(self, number: i16) -> bool {
        (self.first..=self.last).contains(&number) && (number - self.first) % self.step == 0
    }
}

/// Days of a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Days {
    /// Counted from the first.
    FromFirst(Set),
    /// Counted back from the last, which is 1: from the `first`th last on, every `step`th, to the `last`th last.
    FromLast(Vec<FromLast>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FromLast {
    /// The day furthest from the end.
    pub(super) far: i8,
    /// The day nearest to the end.
    pub(super) near: i8,
    pub(super) step: i8,
}

impl Days {
    pub(super) fn has(&self, day: i8, days_in_month: i8) -> bool {
        match self {
            Self::FromFirst(set) => set.has(day),
            Self::FromLast(ranges) => {
                let back = days_in_month - day + 1;
                ranges
                    .iter()
                    .any(|range| (range.near..=range.far).contains(&back) && (range.far - back) % range.step == 0)
            }
        }
    }
}

/// How days of the month and days of the week go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Join {
    Both,
    /// As in cron where neither field begins with a star.
    Either,
}

/// The times of a schedule on a clock that is never put forward or back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    /// `None` where every year is meant.
    pub(super) years: Option<Vec<Range>>,
    /// From 1.
    pub(super) months: Set,
    pub(super) days: Days,
    /// Sunday is 0.
    pub(super) weekdays: Set,
    pub(super) join: Join,
    pub(super) hours: Set,
    pub(super) minutes: Set,
    pub(super) seconds: Set,
}

/// After so many years without a match there is none: the calendar has come round, and more than once.
const HORIZON: i16 = 100;

impl Pattern {
    /// The first time of the pattern that is `from` or later.
    pub(super) fn first_from(&self, from: DateTime) -> Option<DateTime> {
        let from = match from.subsec_nanosecond() {
            0 => from,
            nanoseconds => from.checked_add(jiff::Span::new().nanoseconds(1_000_000_000 - nanoseconds)).ok()?,
        };
        if self.is_day(from.date())
            && let Some(time) = self.time_from(from.time())
        {
            return Some(from.date().to_datetime(time));
        }
        let day = self.day_from(from.date().tomorrow().ok()?)?;
        Some(day.to_datetime(self.time_from(Time::midnight())?))
    }

    /// Whether there is a day that it means, in any year.
    pub(super) fn is_possible(&self) -> bool {
        let start = Date::constant(2000, 1, 1);
        match &self.years {
            None => self.day_from(start).is_some(),
            Some(years) => {
                let first = years.iter().map(|range| range.first).min();
                first.and_then(|year| self.day_from(Date::new(year, 1, 1).ok()?)).is_some()
            }
        }
    }

    fn day_from(&self, from: Date) -> Option<Date> {
        let mut day = from;
        let mut last = from.year().saturating_add(HORIZON);
        while day.year() <= last {
            if !self.is_year(day.year()) {
                day = Date::new(self.year_from(day.year())?, 1, 1).ok()?;
                last = day.year().saturating_add(HORIZON);
            } else if !self.months.has(day.month()) {
                day = day.last_of_month().tomorrow().ok()?;
            } else if self.is_day(day) {
                return Some(day);
            } else {
                day = day.tomorrow().ok()?;
            }
        }
        None
    }

    fn is_year(&self, year: i16) -> bool {
        self.years.as_ref().is_none_or(|years| years.iter().any(|range| range.has(year)))
    }

    /// The first year of the pattern after `year`.
    fn year_from(&self, year: i16) -> Option<i16> {
        let last = self.years.iter().flatten().map(|range| range.last).max()?;
        (year + 1..=last).find(|year| self.is_year(*year))
    }

    fn is_day(&self, day: Date) -> bool {
        let of_month = self.days.has(day.day(), day.days_in_month());
        let of_week = self.weekdays.has(number_of(day.weekday()));
        let of_both = match self.join {
            Join::Both => of_month && of_week,
            Join::Either => of_month || of_week,
        };
        of_both && self.months.has(day.month()) && self.is_year(day.year())
    }

    /// The first time of day of the pattern that is `from` or later.
    fn time_from(&self, from: Time) -> Option<Time> {
        let (hour, minute, second) = (from.hour(), from.minute(), from.second());
        let at = |hour, minute, second| Some(Time::constant(hour, minute, second, 0));
        if self.hours.has(hour) {
            if self.minutes.has(minute)
                && let Some(second) = self.seconds.next(second)
            {
                return at(hour, minute, second);
            }
            if let Some(minute) = self.minutes.next(minute + 1) {
                return at(hour, minute, self.seconds.first());
            }
        }
        at(self.hours.next(hour + 1)?, self.minutes.first(), self.seconds.first())
    }
}

/// As cron counts: Sunday is 0.
fn number_of(weekday: Weekday) -> i8 {
    weekday.to_sunday_zero_offset()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn any_set(numbers: std::ops::Range<u8>) -> impl Strategy<Value = Set> {
        let most = usize::from(numbers.end - numbers.start);
        proptest::collection::vec(numbers, 1..most).prop_map(|numbers| numbers.into_iter().collect())
    }

    prop_compose! {
        fn pattern()(
            months in any_set(1..13), days in any_set(1..32), weekdays in any_set(0..7), hours in any_set(0..24),
            minutes in any_set(0..60), join in prop_oneof![Just(Join::Both), Just(Join::Either)],
        ) -> Pattern {
            let seconds = [0].into_iter().collect();
            Pattern { years: None, months, days: Days::FromFirst(days), weekdays, join, hours, minutes, seconds }
        }
    }

    impl Pattern {
        fn has(&self, at: DateTime) -> bool {
            self.is_day(at.date()) && self.hours.has(at.hour()) && self.minutes.has(at.minute()) && at.second() == 0
        }
    }

    proptest! {
        /// The next time is one, and none between is.
        #[test]
        fn nothing_is_left_out(pattern in pattern(), minute in 0_i64..500_000) {
            let from = date(2023, 11, 3).at(0, 0, 0, 0) + jiff::Span::new().minutes(minute);
            let next = pattern.first_from(from);
            prop_assert!(next.is_none_or(|next| next >= from && pattern.has(next)));
            for step in 0..3_000_i64 {
                let at = from + jiff::Span::new().minutes(step);
                if pattern.has(at) {
                    prop_assert_eq!(next, Some(at));
                    break;
                }
                prop_assert!(next.is_none_or(|next| next > at));
            }
        }
    }

    #[test]
    fn days_are_counted_back_from_the_last() {
        let days = Days::FromLast(vec![FromLast { far: 7, near: 1, step: 3 }]);
        let of_february: Vec<i8> = (1..=28).filter(|day| days.has(*day, 28)).collect();
        assert_eq!(of_february, [22, 25, 28]);
    }
}
