//! Manifests of `CronJob`s for Kubernetes.

use jiff::Timestamp;
use serde_json::Value;

use super::{Exported, Missing, Written};
use crate::config::schedule::{Missed, Overlap};
use crate::recipe::schedule::engine::{self, Fields};
use crate::recipe::schedule::job::Job;
use crate::recipe::schedule::pattern::Join;
use crate::recipe::schedule::timetable::{Clock, Timetable};

/// A `CronJob` adds eleven characters to its name for its jobs, which may have 63.
const LONGEST_NAME: usize = 52;

/// How late a job may start that is not to make up for what was missed, in seconds. The controller looks every ten.
const DEADLINE: u32 = 60;

pub(super) fn export(jobs: &[Job], image: &str) -> Exported {
    let mut missing = Vec::new();
    let manifests: Vec<String> = jobs.iter().filter_map(|job| manifest(job, image, &mut missing)).collect();
    let text = manifests.join("---\n");
    Exported { files: vec![Written { name: "cronjobs.yaml".to_owned(), text }], missing }
}

fn manifest(job: &Job, image: &str, missing: &mut Vec<Missing>) -> Option<String> {
    let Timetable::Times { pattern, .. } = &job.timetable else {
        missing.push(Missing::times(job, "has no start of a machine to run at"));
        return None;
    };
    let fields = match Fields::of(pattern) {
        Ok(fields) if fields.join == Join::Both && fields.has_two_kinds_of_days() => {
            let what = "runs on days that match either the day of the month or the day of the week, not both";
            missing.push(Missing::times(job, what));
            return None;
        }
        Ok(fields) => fields,
        Err(what) => {
            missing.push(Missing::times(job, format!("cannot say when: it {what}")));
            return None;
        }
    };
    // Its clock is the cluster's where the schedule names no zone: nobody knows that here.
    if job.zone.is_some()
        && let Some(what) = engine::difference(&job.timetable, Clock::Follow, Timestamp::now())
    {
        missing.push(Missing::quality(job, what));
    }
    if !job.jitter.is_zero() {
        missing.push(Missing::quality(job, "cannot start jobs later by chance (`jitter`)"));
    }
    if job.overlap == Overlap::Queue {
        missing.push(Missing::quality(job, "cannot let a job wait for the last one (`overlap = \"queue\"`)"));
    }
    let policy = if job.overlap == Overlap::Kill { "Replace" } else { "Forbid" };
    let name = slug(&job.recipe, LONGEST_NAME);
    let zone = job.zone.as_deref().map(|zone| format!("  timeZone: {}\n", text(zone))).unwrap_or_default();
    let deadline = match job.missed {
        Missed::Skip => format!("  startingDeadlineSeconds: {DEADLINE}\n"),
        Missed::RunOnce => String::new(),
    };
    let words = ["prodev", "run", &job.recipe].into_iter().chain(job.arguments.iter().map(String::as_str));
    let command: Vec<String> = words.map(text).collect();
    Some(format!(
        "apiVersion: batch/v1
kind: CronJob
metadata:
  name: {name}
  labels:
    app.kubernetes.io/managed-by: prodev
spec:
  schedule: {schedule}
{zone}  concurrencyPolicy: {policy}
{deadline}  jobTemplate:
    spec:
      backoffLimit: 0
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: {name}
              image: {image}
              command: [{command}]
",
        name = text(&name),
        schedule = text(&fields.line()),
        image = text(image),
        command = command.join(", "),
    ))
}

/// A text as YAML reads it: JSON is YAML.
fn text(text: &str) -> String {
    Value::from(text).to_string()
}

/// A name of small letters, digits and hyphens.
pub(super) fn slug(name: &str, longest: usize) -> String {
    let mut slug = String::new();
    for character in name.chars().flat_map(char::to_lowercase) {
        if character.is_ascii_alphanumeric() {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(longest);
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "recipe".to_owned() } else { slug.to_owned() }
}
