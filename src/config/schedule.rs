//! `schedule`: when a recipe runs by itself. What the times mean is known elsewhere.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::strict::table;
use super::value::{Duration, Map, OneOrMany, Scalar};

/// When a recipe runs by itself
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Schedule {
    /// A line as Debian's cron reads it
    Cron(String),
    /// More to say
    Full(#[serde(deserialize_with = "table")] FullSchedule),
}

/// When a recipe runs by itself, and what if that does not fit
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FullSchedule {
    /// A line as Debian's cron reads it
    pub(crate) cron: Option<String>,
    /// A calendar event as systemd reads it
    pub(crate) on: Option<String>,
    /// The time zone, as `Europe/Berlin`; the machine's without it
    pub(crate) timezone: Option<String>,
    /// What happens when the last run is not over
    pub(crate) overlap: Overlap,
    /// What happens when the machine was off
    pub(crate) missed: Missed,
    /// Start up to this much later, by chance
    pub(crate) jitter: Option<Duration>,
    /// Values for its parameters
    pub(crate) with: Map<OneOrMany<Scalar>>,
}

/// What happens when the last run is not over
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Overlap {
    /// The new run does not take place
    #[default]
    Skip,
    /// The new run waits
    Queue,
    /// The last run is stopped
    Kill,
}

/// What happens when the machine was off
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Missed {
    /// Nothing
    #[default]
    Skip,
    /// It runs once as soon as it can
    RunOnce,
}
