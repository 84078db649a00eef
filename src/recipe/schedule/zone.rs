//! Time zones by name: the machine's own list, else the one that is linked in.

use jiff::tz::TimeZone;

use super::wrong::Wrong;
use crate::error::nearest;

/// The zone of this IANA name.
pub(super) fn named(name: &str) -> Result<TimeZone, Wrong> {
    TimeZone::get(name).map_err(|_| {
        let wrong = Wrong::new(0, name, format!("`{name}` is no time zone"));
        let names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
        match nearest(name, names.iter().map(String::as_str)) {
            Some(name) => wrong.hint(format!("did you mean `{name}`?")),
            None => wrong.hint("name one as `Europe/Berlin` or `UTC`"),
        }
    })
}

/// The machine's own zone; UTC where it has none.
pub(super) fn local() -> TimeZone {
    TimeZone::try_system().unwrap_or(TimeZone::UTC)
}
