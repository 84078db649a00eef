//! Calendar events as systemd's `OnCalendar=` reads them: `Mon..Fri *-*-* 02:00:00 Europe/Berlin`. Parts of seconds and `@` timestamps, which start no
//! recipe sensibly, are refused.

use super::pattern::{Days, FromLast, Join, Pattern, Range, Set};
use super::wrong::{Wrong, words};

/// What an event means, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Calendar {
    pub(super) pattern: Pattern,
    /// The name at its end, and its column.
    pub(super) zone: Option<(usize, String)>,
}

const WORDS: [(&str, &str); 14] = [
    ("minutely", "*-*-* *:*:00"),
    ("hourly", "*-*-* *:00:00"),
    ("daily", "*-*-* 00:00:00"),
    ("weekly", "Mon *-*-* 00:00:00"),
    ("monthly", "*-*-01 00:00:00"),
    ("quarterly", "*-01,04,07,10-01 00:00:00"),
    ("semiannually", "*-01,07-01 00:00:00"),
    ("semi-annually", "*-01,07-01 00:00:00"),
    ("biannually", "*-01,07-01 00:00:00"),
    ("bi-annually", "*-01,07-01 00:00:00"),
    ("yearly", "*-01-01 00:00:00"),
    ("annually", "*-01-01 00:00:00"),
    // systemd knows it by this spelling, too.
    ("anually", "*-01-01 00:00:00"),
    ("secondly", "*-*-* *:*:*"),
];

const WEEKDAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/// A part of a date or time: its name, and the numbers that it can be.
struct Part {
    name: &'static str,
    low: i16,
    high: i16,
}

const YEAR: Part = Part { name: "year", low: 1970, high: 2199 };
const MONTH: Part = Part { name: "month", low: 1, high: 12 };
const DAY: Part = Part { name: "day of the month", low: 1, high: 31 };
/// No month is longer than all; beyond the 28th last day some have none.
const DAY_FROM_LAST: Part = Part { name: "day before the end of the month", low: 1, high: 28 };
const HOUR: Part = Part { name: "hour", low: 0, high: 23 };
const MINUTE: Part = Part { name: "minute", low: 0, high: 59 };
const SECOND: Part = Part { name: "second", low: 0, high: 59 };

const SHAPE: &str = "it is weekdays, date and time: `Mon..Fri *-*-* 02:00`; each can be left out";

/// Reads an event.
pub(super) fn parse(text: &str) -> Result<Calendar, Wrong> {
    let mut words = words(text);
    if words.is_empty() {
        return Err(Wrong::new(0, "", "a calendar event cannot be empty").hint(SHAPE));
    }
    let zone = words.pop_if(|(column, word)| *column > 0 && is_zone(word));
    let zone = zone.map(|(column, word)| (column, word.to_owned()));
    let word = words.first().map(|(_, word)| word.to_lowercase()).unwrap_or_default();
    if words.len() == 1
        && let Some((_, event)) = WORDS.iter().find(|(name, _)| *name == word)
    {
        return parse(event).map(|calendar| Calendar { zone, ..calendar });
    }
    let mut rest = words.into_iter().peekable();
    let weekdays = match rest.next_if(|(_, word)| word.starts_with(|c: char| c.is_alphabetic())) {
        Some((column, word)) => weekdays(column, word)?,
        None => (0..7).collect(),
    };
    let date = match rest.next_if(|(_, word)| word.contains(['-', '~']) && !word.contains(':')) {
        Some((column, word)) => date(column, word)?,
        None => Date { years: None, months: (1..=12).collect(), days: Days::FromFirst((1..=31).collect()) },
    };
    let (hours, minutes, seconds) = match rest.next_if(|(_, word)| word.contains(':')) {
        Some((column, word)) => time(column, word)?,
        None => ([0].into_iter().collect(), [0].into_iter().collect(), [0].into_iter().collect()),
    };
    if let Some((column, word)) = rest.next() {
        return Err(stray(column, word));
    }
    let Date { years, months, days } = date;
    let pattern = Pattern { years, months, days, weekdays, join: Join::Both, hours, minutes, seconds };
    if !pattern.is_possible() {
        return Err(Wrong::new(0, text.trim_end(), "no such day ever comes, so it would never run")
            .hint("for the last day of each month write `*-*~1`"));
    }
    Ok(Calendar { pattern, zone })
}

/// Whether a last word can only be meant as a time zone.
fn is_zone(word: &str) -> bool {
    let is_weekday = |name: &str| WEEKDAYS.iter().any(|known| is_name(name, known));
    word.starts_with(|c: char| c.is_ascii_alphabetic()) && !word.split([',', '.']).next().is_some_and(is_weekday)
}

fn is_name(name: &str, known: &str) -> bool {
    name.eq_ignore_ascii_case(known) || name.eq_ignore_ascii_case(&known[..3])
}

fn stray(column: usize, word: &str) -> Wrong {
    let wrong = Wrong::new(column, word, format!("`{word}` is no part of a calendar event"));
    wrong.hint(if word.starts_with('@') {
        "write the date and time: `2030-01-31 02:00`".to_owned()
    } else if word.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("a time has minutes: `{word}:00`")
    } else {
        SHAPE.to_owned()
    })
}

fn weekdays(column: usize, text: &str) -> Result<Set, Wrong> {
    let mut set = Set::default();
    let mut at = column;
    for part in text.split(',') {
        let (first, after, last) =
            match part.split_once("..").map(|it| (it, 2)).or(part.split_once('-').map(|it| (it, 1))) {
                Some(((first, last), gap)) => (first, first.chars().count() + gap, last),
                None => (part, 0, part),
            };
        let (from, to) = (weekday(at, first)?, weekday(at + after, last)?);
        // As systemd counts: a week ends on Sunday.
        let (from, to) = ((from + 6) % 7, (to + 6) % 7);
        if from > to {
            let wrong = Wrong::new(at, part, format!("`{part}` runs backwards"));
            return Err(wrong.hint(format!("a week ends on Sunday: `{first}..Sun,Mon..{last}`")));
        }
        (from..=to).for_each(|day| set.insert((day + 1) % 7));
        at += part.chars().count() + 1;
    }
    Ok(set)
}

fn weekday(column: usize, text: &str) -> Result<u8, Wrong> {
    let found = WEEKDAYS.iter().position(|known| is_name(text, known));
    found.and_then(|index| u8::try_from(index).ok()).ok_or_else(|| {
        let wrong = Wrong::new(column, text, format!("`{text}` is no day of the week"));
        let known = WORDS.iter().map(|(name, _)| *name).chain(WEEKDAYS);
        match crate::error::nearest(text, known) {
            Some(name) => wrong.hint(format!("did you mean `{name}`?")),
            None => wrong.hint("they are `Mon` to `Sun`: `Mon..Fri 02:00`, or a word like `daily`"),
        }
    })
}

struct Date {
    years: Option<Vec<Range>>,
    months: Set,
    days: Days,
}

/// `Y-M-D`, `M-D`, and both with `~` in front of the day.
fn date(column: usize, text: &str) -> Result<Date, Wrong> {
    let shape = || {
        let wrong = Wrong::new(column, text, format!("`{text}` is no date"));
        wrong.hint("a date is `YEAR-MONTH-DAY`, and `*` stands for any: `*-*-01`; `~` counts from the end: `*-*~1`")
    };
    let at = text.rfind(['-', '~']).ok_or_else(shape)?;
    let (before, day) = (&text[..at], &text[at + 1..]);
    let from_last = text[at..].starts_with('~');
    let (year, month) = match before.split_once('-') {
        Some((year, month)) => (Some(year), month),
        None => (None, before),
    };
    if day.is_empty() || month.is_empty() || month.contains(['-', '~']) || year.is_some_and(|year| year.contains('~')) {
        return Err(shape());
    }
    let month_at = column + year.map_or(0, |year| year.chars().count() + 1);
    let day_at = month_at + month.chars().count() + 1;
    let years = match year {
        None => None,
        Some(year) => component(&YEAR, column, year)?,
    };
    let months = set(&MONTH, component(&MONTH, month_at, month)?);
    let days = if from_last {
        let Some(ranges) = component(&DAY_FROM_LAST, day_at, day)? else {
            let wrong = Wrong::new(day_at, day, "`~` wants a number of days");
            return Err(wrong.hint("the last day of a month is `~1`"));
        };
        let small = |number: i16| i8::try_from(number).unwrap_or(i8::MAX);
        let ranges = ranges.iter().zip(day.split(',')).map(|(range, text)| {
            // Without an end the repetition goes on to the last day; with one, the larger number is the earlier day.
            let (far, near) = match (text.contains(".."), text.contains('/')) {
                (true, _) => (range.last - (range.last - range.first) % range.step, range.first),
                (false, true) => (range.first, 1),
                (false, false) => (range.first, range.first),
            };
            FromLast { far: small(far), near: small(near), step: small(range.step) }
        });
        Days::FromLast(ranges.collect())
    } else {
        Days::FromFirst(set(&DAY, component(&DAY, day_at, day)?))
    };
    Ok(Date { years, months, days })
}

/// `H:M` and `H:M:S`.
fn time(column: usize, text: &str) -> Result<(Set, Set, Set), Wrong> {
    let parts: Vec<&str> = text.split(':').collect();
    let (hour, minute, second) = match parts.as_slice() {
        [hour, minute] => (*hour, *minute, "0"),
        [hour, minute, second] => (*hour, *minute, *second),
        _ => {
            let wrong = Wrong::new(column, text, format!("`{text}` is no time"));
            return Err(wrong.hint("a time is `HOUR:MINUTE` or `HOUR:MINUTE:SECOND`"));
        }
    };
    let minute_at = column + hour.chars().count() + 1;
    let second_at = minute_at + minute.chars().count() + 1;
    let read = |part: &Part, at: usize, text: &str| component(part, at, text).map(|ranges| set(part, ranges));
    Ok((read(&HOUR, column, hour)?, read(&MINUTE, minute_at, minute)?, read(&SECOND, second_at, second)?))
}

fn set(part: &Part, ranges: Option<Vec<Range>>) -> Set {
    let all = vec![Range { first: part.low, last: part.high, step: 1 }];
    let ranges = ranges.unwrap_or(all);
    let numbers =
        ranges.iter().flat_map(|range| (range.first..=range.last).step_by(usize::try_from(range.step).unwrap_or(1)));
    numbers.filter_map(|number| u8::try_from(number).ok()).collect()
}

/// `*` (then `None`), or numbers, ranges and repetitions: `1,5..7,10/5,20..30/2`.
fn component(part: &Part, column: usize, text: &str) -> Result<Option<Vec<Range>>, Wrong> {
    if text == "*" {
        return Ok(None);
    }
    let mut ranges = Vec::new();
    let mut at = column;
    for element in text.split(',') {
        ranges.push(range(part, at, element)?);
        at += element.chars().count() + 1;
    }
    Ok(Some(ranges))
}

fn range(part: &Part, column: usize, text: &str) -> Result<Range, Wrong> {
    let (span, step) = match text.split_once('/') {
        Some((span, step)) => (span, Some(step)),
        None => (text, None),
    };
    let step_at = column + span.chars().count() + 1;
    let (first, last) = match span.split_once("..") {
        Some((first, last)) => {
            let at = column + first.chars().count() + 2;
            (number(part, column, first)?, Some(number(part, at, last)?))
        }
        None => (number(part, column, span)?, None),
    };
    let step = match step {
        None => None,
        Some(step) => {
            Some(step.parse::<i16>().ok().filter(|step| *step > 0 && *step <= part.high).ok_or_else(|| {
                let wrong = Wrong::new(step_at, step, format!("`{step}` is no repetition"));
                wrong.hint(format!("it is a number from 1 to {}", part.high - part.low))
            })?)
        }
    };
    let is_from_last = part.high == DAY_FROM_LAST.high;
    if let Some(last) = last.filter(|last| *last < first) {
        let wrong = Wrong::new(column, span, format!("`{span}` runs backwards"));
        return Err(wrong.hint(format!("write `{last}..{first}`, or both ways round the end, with a comma between")));
    }
    if part.name == SECOND.name && last == Some(first) && step.is_none() {
        let wrong = Wrong::new(column, text, format!("`{text}` is a range of one second"));
        return Err(wrong.hint(format!("write `{first}`")));
    }
    // systemd wants a repetition without an end to come round at least once.
    let reaches = match step {
        Some(step) if last.is_none() && is_from_last => first - step >= part.low,
        Some(step) if last.is_none() => first + step <= part.high,
        _ => true,
    };
    if !reaches {
        let wrong = Wrong::new(column, text, format!("`{text}` ends before it comes round"));
        return Err(wrong.hint(format!("write `{first}` alone")));
    }
    let end = match (last, step) {
        (Some(last), _) => last,
        (None, Some(_)) if !is_from_last => part.high,
        (None, _) => first,
    };
    Ok(Range { first, last: end, step: step.unwrap_or(1) })
}

fn number(part: &Part, column: usize, text: &str) -> Result<i16, Wrong> {
    let wrong = || Wrong::new(column, text, format!("`{text}` is no {}", part.name));
    let range = || format!("it is {} to {}, or `*`", part.low, part.high);
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        let is_fraction =
            part.name == SECOND.name && text.contains('.') && text.replace('.', "").parse::<u64>().is_ok();
        return Err(match text {
            "" => Wrong::new(column, text, format!("a {} is missing here", part.name)).hint(range()),
            _ if is_fraction => wrong().hint("recipes start at whole seconds"),
            _ if text.starts_with('*') => wrong().hint("repeat from the first one: `0/5`"),
            _ => wrong().hint(range()),
        });
    }
    let mut value: i16 = text.parse().map_err(|_| wrong().hint(range()))?;
    if part.name == YEAR.name {
        value += match value {
            0..=69 => 2000,
            70..=99 => 1900,
            _ => 0,
        };
    }
    if (part.low..=part.high).contains(&value) { Ok(value) } else { Err(wrong().hint(range())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_systemd_refuses_is_told_with_its_column() {
        let cases = [
            ("", 0, 1, "a calendar event cannot be empty"),
            ("10", 0, 2, "`10` is no part of a calendar event"),
            ("Fri..Mon", 0, 8, "`Fri..Mon` runs backwards"),
            ("Mon..", 5, 1, "`` is no day of the week"),
            ("Mon.Fri 10:00", 0, 7, "`Mon.Fri` is no day of the week"),
            ("dayly", 0, 5, "`dayly` is no day of the week"),
            ("*-*-31/2", 4, 4, "`31/2` ends before it comes round"),
            ("0:0/70", 4, 2, "`70` is no repetition"),
            ("*-13-01", 2, 2, "`13` is no month"),
            ("24:00", 0, 2, "`24` is no hour"),
            ("*-*-* *:*:60", 10, 2, "`60` is no second"),
            ("*:*:0/0.5", 6, 3, "`0.5` is no repetition"),
            ("1:2:3.5", 4, 3, "`3.5` is no second"),
            ("*/5:00", 0, 1, "`*` is no hour"),
            ("*-*-~1", 0, 6, "`*-*-~1` is no date"),
            ("*-02-30", 0, 7, "no such day ever comes, so it would never run"),
            ("@1395716396", 0, 11, "`@1395716396` is no part of a calendar event"),
            ("Mon 02:00 03:00", 10, 5, "`03:00` is no part of a calendar event"),
            ("1:2:3:4", 0, 7, "`1:2:3:4` is no time"),
        ];
        for (text, column, width, message) in cases {
            let wrong = parse(text).expect_err(text);
            assert_eq!((wrong.column, wrong.width, wrong.message.as_str()), (column, width, message), "{text}");
            assert!(wrong.hint.is_some(), "{text}");
        }
    }

    #[test]
    fn words_stand_for_events() {
        for (word, event) in WORDS {
            assert_eq!(parse(word), parse(event), "{word}");
            assert_eq!(parse(&word.to_uppercase()), parse(event), "{word}");
        }
    }

    #[test]
    fn a_zone_stands_at_the_end() {
        for text in
            ["daily Europe/Berlin", "Mon *-*-* 02:00 Europe/Berlin", "02:00 Europe/Berlin", "Mon,Tue Europe/Berlin"]
        {
            let zone = parse(text).expect(text).zone;
            assert_eq!(zone.map(|(_, name)| name).as_deref(), Some("Europe/Berlin"), "{text}");
        }
        assert_eq!(parse("Mon").expect("Mondays").zone, None);
    }
}
