//! Lines of five fields as Debian's cron reads them, and its names for some of them. What its parser lets pass by accident (`*5`, `5-7-9`,
//! ranges that run backwards and so never match) is refused.

use super::pattern::{Days, Join, Pattern, Set};
use super::timetable::Clock;
use super::wrong::{Wrong, words};

/// What a line means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cron {
    /// `@reboot`: when the machine starts.
    Start,
    Times(Pattern, Clock),
}

/// The names for whole lines, each with what it stands for.
const MACROS: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

struct Field {
    name: &'static str,
    low: u8,
    high: u8,
    /// From `low` on.
    names: &'static [&'static str],
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const FIELDS: [Field; 5] = [
    Field { name: "minute", low: 0, high: 59, names: &[] },
    Field { name: "hour", low: 0, high: 23, names: &[] },
    Field { name: "day of the month", low: 1, high: 31, names: &[] },
    Field { name: "month", low: 1, high: 12, names: &MONTHS },
    Field { name: "day of the week", low: 0, high: 7, names: &WEEKDAYS },
];

/// Reads a line.
pub(super) fn parse(line: &str) -> Result<Cron, Wrong> {
    let words = words(line);
    if let [(column, word)] = words.as_slice()
        && word.starts_with('@')
    {
        return of_name(*column, word);
    }
    let [minute, hour, day, month, weekday] = words.as_slice() else { return Err(count(line, &words)) };
    let read = |index: usize, (column, word): &(usize, &str)| field(&FIELDS[index], *column, word);
    let (minutes, hours, days) = (read(0, minute)?, read(1, hour)?, read(2, day)?);
    let (months, mut weekdays) = (read(3, month)?, read(4, weekday)?);
    if weekdays.has(7) {
        weekdays = weekdays.numbers().filter(|number| *number < 7).chain([0]).collect();
    }
    let star = |(_, word): &(usize, &str)| word.starts_with('*');
    let pattern = Pattern {
        years: None,
        months,
        days: Days::FromFirst(days),
        weekdays,
        // cron looks at the first character alone, so that `*/2` is a star.
        join: if star(day) || star(weekday) { Join::Both } else { Join::Either },
        hours,
        minutes,
        seconds: [0].into_iter().collect(),
    };
    if !pattern.is_possible() {
        let (from, to) = (day.0, month.0 + month.1.chars().count());
        let text: String = line.chars().skip(from).take(to - from).collect();
        return Err(Wrong::new(from, &text, "no such day comes in these months, so it would never run")
            .hint("for the last day of each month write `{ on = \"*-*~1 02:00\" }`"));
    }
    let clock = if star(minute) || star(hour) { Clock::Follow } else { Clock::Catch };
    Ok(Cron::Times(pattern, clock))
}

fn of_name(column: usize, word: &str) -> Result<Cron, Wrong> {
    if word == "@reboot" {
        return Ok(Cron::Start);
    }
    if let Some((_, line)) = MACROS.iter().find(|(name, _)| *name == word) {
        return parse(line);
    }
    let names = || MACROS.iter().map(|(name, _)| *name).chain(["@reboot"]);
    let hint = crate::error::nearest(word, names()).map_or_else(
        || format!("there are {}", crate::error::listed(&names().collect::<Vec<_>>())),
        |name| format!("did you mean `{name}`?"),
    );
    Err(Wrong::new(column, word, format!("cron knows no `{word}`")).hint(hint))
}

fn count(line: &str, words: &[(usize, &str)]) -> Wrong {
    let message = format!("cron wants five fields, and here are {}", words.len());
    let wrong = match words.get(5) {
        Some((column, word)) => Wrong::new(*column, word, message),
        None => Wrong::new(0, line.trim_end(), message),
    };
    wrong.hint(if words.len() == 6 {
        "there are no seconds in cron; `{ on = \"*-*-* 02:00:30\" }` has them"
    } else {
        "they are minute, hour, day of the month, month, day of the week: `30 2 * * mon-fri`"
    })
}

fn field(field: &Field, column: usize, text: &str) -> Result<Set, Wrong> {
    let mut set = Set::default();
    let mut at = column;
    for part in text.split(',') {
        element(field, at, part, &mut set)?;
        at += part.chars().count() + 1;
    }
    Ok(set)
}

/// `*`, `5`, `1-5`, each of the first and last with `/step`.
fn element(field: &Field, column: usize, text: &str, set: &mut Set) -> Result<(), Wrong> {
    let (range, step) = match text.split_once('/') {
        Some((range, step)) => (range, Some(step)),
        None => (text, None),
    };
    let (first, last) = if range == "*" {
        (field.low, field.high)
    } else if let Some((first, last)) = range.split_once('-') {
        let after = column + first.chars().count() + 1;
        (number(field, column, first)?, number(field, after, last)?)
    } else {
        let number = number(field, column, range)?;
        if let Some(step) = step {
            let wrong = Wrong::new(column, text, format!("`{text}` is a step without a range"));
            return Err(wrong.hint(format!("write `{range}-{}/{step}`", field.high)));
        }
        (number, number)
    };
    if first > last {
        let wrong = Wrong::new(column, range, format!("`{range}` runs backwards, so it would never match"));
        return Err(wrong.hint(backwards(field, first, last)));
    }
    let step = match step {
        None => 1,
        Some(step) => {
            let at = column + range.chars().count() + 1;
            let wrong = || Wrong::new(at, step, format!("`{step}` is no step")).hint("a step is a number from 1 on");
            // A step beyond the end is no mistake to cron: it leaves the first alone.
            let is_number = !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit());
            let value = if is_number { step.parse().unwrap_or(usize::MAX) } else { 0 };
            if value == 0 { Err(wrong()) } else { Ok(value) }?
        }
    };
    (first..=last).step_by(step).for_each(|number| set.insert(number));
    Ok(())
}

/// What to write for a range from `first` round the end to `last`.
fn backwards(field: &Field, first: u8, last: u8) -> String {
    if field.high == 7 && last == 0 {
        return format!("Sunday at the end of a range is 7: `{first}-7`");
    }
    let high = if field.high == 7 { 6 } else { field.high };
    format!("write `{first}-{high},{}-{last}`", field.low)
}

fn number(field: &Field, column: usize, text: &str) -> Result<u8, Wrong> {
    let range = || format!("it is {} to {}", field.low, field.high);
    let names =
        || if field.names.is_empty() { String::new() } else { format!(", or a name like `{}`", field.names[1]) };
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let number = text.parse::<u8>().ok().filter(|number| (field.low..=field.high).contains(number));
        return number.ok_or_else(|| Wrong::new(column, text, format!("`{text}` is no {}", field.name)).hint(range()));
    }
    if let Some(index) = field.names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
        return Ok(field.low + u8::try_from(index).unwrap_or(u8::MAX));
    }
    if text.is_empty() {
        let wrong = Wrong::new(column, text, format!("a {} is missing here", field.name));
        return Err(wrong.hint(format!("{}{}", range(), names())));
    }
    let wrong = Wrong::new(column, text, format!("`{text}` is no {}", field.name));
    let lower = text.to_lowercase();
    let short = field.names.iter().find(|name| lower.starts_with(**name));
    Err(wrong.hint(match (short, text) {
        (Some(short), _) => format!("cron abbreviates: `{short}`"),
        (None, "?") => "write `*`".to_owned(),
        (None, "L" | "l" | "LW" | "W") => {
            "cron cannot count from the end of the month; `{ on = \"*-*~1 02:00\" }` can".to_owned()
        }
        _ if text.starts_with('*') => "after `*` there can be a step alone, as in `*/5`".to_owned(),
        _ => format!("{}{}", range(), names()),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cron_refuses_is_told_with_its_column() {
        let cases = [
            ("* * * *", 0, 7, "cron wants five fields, and here are 4"),
            ("0 0 0 * * *", 10, 1, "cron wants five fields, and here are 6"),
            ("", 0, 1, "cron wants five fields, and here are 0"),
            ("61 * * * *", 0, 2, "`61` is no minute"),
            ("0 24 * * *", 2, 2, "`24` is no hour"),
            ("0  1,24 * * *", 5, 2, "`24` is no hour"),
            ("* * 0 * *", 4, 1, "`0` is no day of the month"),
            ("* * * 13 *", 6, 2, "`13` is no month"),
            ("* * * * 8", 8, 1, "`8` is no day of the week"),
            ("* * * january *", 6, 7, "`january` is no month"),
            ("5/15 * * * *", 0, 4, "`5/15` is a step without a range"),
            ("*/0 * * * *", 2, 1, "`0` is no step"),
            ("*/ * * * *", 2, 1, "`` is no step"),
            ("5-1 * * * *", 0, 3, "`5-1` runs backwards, so it would never match"),
            ("0 0 * * fri-sun", 8, 7, "`fri-sun` runs backwards, so it would never match"),
            ("1,,2 * * * *", 2, 1, "a minute is missing here"),
            ("1, * * * *", 2, 1, "a minute is missing here"),
            ("*5 * * * *", 0, 2, "`*5` is no minute"),
            ("5-7-9 * * * *", 2, 3, "`7-9` is no minute"),
            ("0 0 30 2 *", 4, 4, "no such day comes in these months, so it would never run"),
            ("0 0 31 2,4 *", 4, 6, "no such day comes in these months, so it would never run"),
            ("@Daily", 0, 6, "cron knows no `@Daily`"),
            ("@every 5m", 0, 9, "cron wants five fields, and here are 2"),
            ("+1 * * * *", 0, 2, "`+1` is no minute"),
            ("? * * * *", 0, 1, "`?` is no minute"),
        ];
        for (line, column, width, message) in cases {
            let wrong = parse(line).expect_err(line);
            assert_eq!((wrong.column, wrong.width, wrong.message.as_str()), (column, width, message), "{line}");
            assert!(wrong.hint.is_some(), "{line}");
        }
    }

    #[test]
    fn what_cron_reads_is_read() {
        let lines = [
            "* * * * *",
            "*/70 * * * *",
            "*,5 * * * *",
            "5,* * * * *",
            "*/2 1-10/3,20 * JAN-mar/2 Mon,wed-fri/2",
            "0 0 * * 5-7",
            "0 0 * * sat-7",
            "001 * * * *",
            "1-1 * * * *",
            "\t0\t0  *  *  * ",
            "0 0 31 2,4 mon",
            "0 0 29 2 *",
            "@daily",
            "@reboot",
        ];
        for line in lines {
            assert!(parse(line).is_ok(), "{line}: {:?}", parse(line));
        }
    }

    #[test]
    fn a_star_at_the_beginning_decides() {
        let join = |line| match parse(line) {
            Ok(Cron::Times(pattern, clock)) => Some((pattern.join, clock)),
            _ => None,
        };
        let cases = [
            ("0 0 13 * 5", Join::Either, Clock::Catch),
            ("0 0 */2 * 5", Join::Both, Clock::Catch),
            ("0 0 13 * */2", Join::Both, Clock::Catch),
            ("0 0 1-31 * 5", Join::Either, Clock::Catch),
            ("*/30 2 * * *", Join::Both, Clock::Follow),
            ("0 */2 * * *", Join::Both, Clock::Follow),
            ("0-59 2 * * *", Join::Both, Clock::Catch),
        ];
        for (line, days, clock) in cases {
            assert_eq!(join(line), Some((days, clock)), "{line}");
        }
    }
}
