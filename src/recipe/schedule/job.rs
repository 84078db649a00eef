//! A recipe with a schedule, understood: when it runs, in which zone, and what if that does not fit.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::timetable::Timetable;
use super::wrong::Wrong;
use super::zone;
use crate::config::project::{Loaded, Project};
use crate::config::recipe::Recipe;
use crate::config::schedule::{FullSchedule, Missed, Overlap, Schedule};
use crate::config::tree::Tree;
use crate::config::value;
use crate::error::{Exit, Failure, Place, Problem};

/// A recipe that runs by itself.
#[derive(Debug, Clone)]
pub(super) struct Job {
    /// The recipe's full name: `api::backup`.
    pub(super) recipe: String,
    pub(super) written: Written,
    pub(super) timetable: Timetable,
    /// The zone that the schedule names; without one it is the machine's.
    pub(super) zone: Option<String>,
    pub(super) overlap: Overlap,
    pub(super) missed: Missed,
    pub(super) jitter: Duration,
    /// What `prodev run` gets after the recipe's name.
    pub(super) arguments: Vec<String>,
}

/// The times as they stand in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Written {
    Cron(String),
    On(String),
}

impl Written {
    pub(super) fn text(&self) -> &str {
        let (Self::Cron(text) | Self::On(text)) = self;
        text
    }
}

impl Job {
    /// The first time after `instant`.
    pub(super) fn after(&self, instant: Timestamp) -> Option<Timestamp> {
        self.timetable.after(instant)
    }

    /// Where its times are shown.
    pub(super) fn shown_in(&self) -> TimeZone {
        match &self.timetable {
            Timetable::Times { zone, .. } => zone.clone(),
            Timetable::Start => zone::local(),
        }
    }
}

/// All schedules of the project, in the order of its files.
///
/// # Errors
/// One `Failure` (exit 2) of everything that cannot be understood in them.
pub(super) fn all(project: &Project) -> Result<Vec<Job>, Failure> {
    let mut jobs = Vec::new();
    let mut problems = Vec::new();
    for file in &project.files {
        for (name, recipe) in &file.part.recipes {
            match recipe.schedule.as_deref().map(|schedule| of(file, name, recipe, schedule)) {
                Some(Ok(job)) => jobs.push(job),
                Some(Err(problem)) => problems.push(problem),
                None => {}
            }
        }
    }
    if problems.is_empty() {
        return Ok(jobs);
    }
    Err(Failure::of("there are schedules that cannot be understood", problems).exit(Exit::Usage))
}

/// Those of `jobs` that `names` name; all of them where it names none.
///
/// # Errors
/// Where one names no recipe with a schedule.
pub(super) fn named(jobs: Vec<Job>, names: &[String]) -> Result<Vec<Job>, Failure> {
    let known: Vec<String> = jobs.iter().map(|job| job.recipe.clone()).collect();
    let unknown = names.iter().filter(|name| !known.contains(name));
    let problems: Vec<Problem> = unknown
        .map(|name| {
            let problem = Problem::new(format!("`{name}` is no recipe with a schedule"));
            let problem = problem.hint("see which there are with `prodev schedule list`");
            problem.suggest(name, known.iter().map(String::as_str))
        })
        .collect();
    if !problems.is_empty() {
        return Err(Failure::of("these are no recipes with schedules", problems).exit(Exit::Usage));
    }
    Ok(jobs.into_iter().filter(|job| names.is_empty() || names.contains(&job.recipe)).collect())
}

fn of(file: &Loaded, name: &str, recipe: &Recipe, schedule: &Schedule) -> Result<Job, Problem> {
    let (full, key) = match schedule {
        Schedule::Cron(line) => (FullSchedule { cron: Some(line.clone()), ..FullSchedule::default() }, None),
        Schedule::Full(full) if full.cron.is_some() => (full.clone(), Some("cron")),
        Schedule::Full(full) => (full.clone(), Some("on")),
    };
    let at = |key: Option<&str>| {
        let mut path = vec!["recipes", name, "schedule"];
        path.extend(key);
        Tree::of(&file.shown, &file.source).place(&path)
    };
    let told = |wrong: Wrong, key| {
        let place = at(key).map(|place| inside(place, &wrong));
        Problem { message: wrong.message, place, hint: wrong.hint }
    };
    let named = full.timezone.as_deref().map(zone::named).transpose().map_err(|wrong| told(wrong, Some("timezone")))?;
    let zone = named.unwrap_or_else(zone::local);
    let (timetable, written) = match (full.cron, full.on) {
        (Some(line), _) => (Timetable::of_cron(&line, zone), Written::Cron(line)),
        (None, on) => {
            let on = on.unwrap_or_default();
            (Timetable::of_calendar(&on, zone), Written::On(on))
        }
    };
    let timetable = timetable.map_err(|wrong| told(wrong, key))?;
    let inner = match (&timetable, &written) {
        (Timetable::Times { zone, .. }, Written::On(on))
            if super::calendar::parse(on).is_ok_and(|it| it.zone.is_some()) =>
        {
            zone.iana_name().map(str::to_owned)
        }
        _ => None,
    };
    if let (Some(_), Some(inner)) = (&full.timezone, &inner) {
        let problem = Problem {
            message: format!("`on` names the time zone `{inner}` already"),
            place: at(Some("timezone")),
            hint: None,
        };
        return Err(problem.hint("take `timezone` out, or the zone at the end of `on`"));
    }
    let arguments = super::arguments::of(recipe, &full.with).map_err(|message| Problem {
        message,
        place: at(Some("with")),
        hint: Some("give both in `with`".to_owned()),
    })?;
    let recipe_name = if file.namespace.is_empty() { name.to_owned() } else { format!("{}::{name}", file.namespace) };
    Ok(Job {
        recipe: recipe_name,
        written,
        timetable,
        zone: full.timezone.or(inner),
        overlap: full.overlap,
        missed: full.missed,
        jitter: full.jitter.as_deref().and_then(|text| value::duration(text).ok()).unwrap_or_default(),
        arguments,
    })
}

/// The place of a part of the text at `place`. Where the text is not written as it is read (escapes, several lines), it is the whole.
fn inside(place: Place, wrong: &Wrong) -> Place {
    let written: Vec<char> = place.text.chars().skip(place.column - 1).take(place.width).collect();
    let quote = written.first().copied();
    let is_plain = matches!(quote, Some('"' | '\''))
        && written.get(1).copied() != quote
        && !(quote == Some('"') && written.contains(&'\\'));
    if !is_plain || wrong.column + 1 > written.len() {
        return place;
    }
    Place { column: place.column + 1 + wrong.column, width: wrong.width, ..place }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str, value: &str) -> Place {
        let start = text.find(value).expect(value);
        Place::of("prodev.toml", text, &(start..start + value.len()))
    }

    #[test]
    fn a_wrong_part_is_found_in_its_line() {
        let wrong = Wrong::new(2, "24", "no hour");
        let cases = [
            ("schedule = \"0 24 * * *\"", "\"0 24 * * *\"", (15, 2)),
            ("schedule = '0 24 * * *'", "'0 24 * * *'", (15, 2)),
            ("schedule = \"0\\t24 * * *\"", "\"0\\t24 * * *\"", (12, 13)),
            ("schedule = \"\"", "\"\"", (12, 2)),
        ];
        for (line, value, expected) in cases {
            let found = inside(place(line, value), &wrong);
            assert_eq!((found.column, found.width), expected, "{line}");
        }
    }
}
