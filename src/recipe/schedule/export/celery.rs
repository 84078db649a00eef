//! A Python module for Celery beat: the schedule, and the task that it sends.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::Value;

use super::{Exported, Missing, Written};
use crate::config::schedule::Missed;
use crate::recipe::schedule::caller::Caller;
use crate::recipe::schedule::engine::{self, Fields};
use crate::recipe::schedule::job::Job;
use crate::recipe::schedule::pattern::Join;
use crate::recipe::schedule::timetable::{Clock, Timetable};

pub(super) fn export(jobs: &[Job], caller: &Caller) -> Exported {
    let mut missing = Vec::new();
    let mut entries = String::new();
    let mut written: Vec<&Job> = Vec::new();
    for job in jobs {
        let Some(when) = when(job, &mut missing) else { continue };
        // Celery has one time zone, and one answer to what was missed, for all.
        if written.first().is_some_and(|first| first.zone != job.zone) {
            missing.push(Missing::times(job, "has one time zone for all schedules"));
            continue;
        }
        if written.first().is_some_and(|first| first.missed != job.missed) {
            missing.push(Missing::quality(job, "has one `missed` for all schedules"));
        }
        written.push(job);
        let words: Vec<Value> = caller.words(job, &[]).into_iter().map(Value::from).collect();
        let _ = write!(
            entries,
            "    {name}: {{\n        \"task\": \"prodev.fire\",\n        \"schedule\": {when},\n        \"args\": ({words},),\n    }},\n",
            name = Value::from(job.recipe.as_str()),
            words = Value::from(words),
        );
    }
    let zone = match written.first().and_then(|job| job.zone.as_deref()) {
        Some(zone) => format!("timezone = {}\n", Value::from(zone)),
        None => String::new(),
    };
    let deadline = match written.first().map(|job| job.missed) {
        Some(Missed::RunOnce) => String::new(),
        _ => "beat_cron_starting_deadline = 60\n".to_owned(),
    };
    let text = format!(
        "\"\"\"Schedules of prodev: app.config_from_object(\"prodev_schedules\").\"\"\"

import subprocess

from celery import shared_task
from celery.schedules import crontab

{zone}{deadline}beat_schedule = {{
{entries}}}


@shared_task(name=\"prodev.fire\")
def fire(command):
    subprocess.run(command, check=True)
"
    );
    Exported { files: vec![Written { name: "prodev_schedules.py".to_owned(), text }], missing }
}

fn when(job: &Job, missing: &mut Vec<Missing>) -> Option<String> {
    let Timetable::Times { pattern, .. } = &job.timetable else {
        missing.push(Missing::times(job, "has no start of a machine to run at"));
        return None;
    };
    let fields = match Fields::of(pattern) {
        Ok(fields) if fields.join == Join::Either && fields.has_two_kinds_of_days() => {
            let what = "runs on days that match both the day of the month and the day of the week, not either";
            missing.push(Missing::times(job, what));
            return None;
        }
        Ok(fields) => fields,
        Err(what) => {
            missing.push(Missing::times(job, format!("cannot say when: it {what}")));
            return None;
        }
    };
    if let Some(what) = engine::difference(&job.timetable, Clock::Follow, Timestamp::now()) {
        missing.push(Missing::quality(job, what));
    }
    let Fields { minute, hour, day, month, weekday, .. } = fields;
    Some(format!(
        "crontab(minute=\"{minute}\", hour=\"{hour}\", day_of_month=\"{day}\", month_of_year=\"{month}\", day_of_week=\"{weekday}\")"
    ))
}
