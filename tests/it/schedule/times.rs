//! `prodev schedule list` and `next`: times, zones, and schedules that cannot be understood.

use super::{project, recipe};
use crate::sandbox::Sandbox;

#[test]
fn coming_times_are_in_order_and_in_their_own_zones() {
    let berlin = "{ cron = \"30 2 * * *\", timezone = \"Europe/Berlin\" }";
    let recipes =
        [recipe("backup", berlin), recipe("poll", "{ on = \"Sun *-*-* 00,12:00\" }"), recipe("boot", "\"@reboot\"")]
            .concat();
    let sandbox = project(&recipes);
    // The clocks of Berlin go forward from 2 to 3 on the 28th: what was to come in between comes right after.
    let run = sandbox.run("schedule next --from 2027-03-27T12:00:00Z --count 4").succeeds().changed_nothing();
    run.stdout_is(
        "Sun 2027-03-28 00:00:00 UTC  poll  (in 12 h)\n\
         Sun 2027-03-28 03:00:00 CEST  backup  (in 13 h)\n\
         Sun 2027-03-28 12:00:00 UTC  poll  (in 1 d)\n\
         Mon 2027-03-29 02:30:00 CEST  backup  (in 1 d 12 h)\n",
    );
    let json = sandbox.run("schedule next backup --from 2027-03-27T12:00:00Z --count 1 --json").succeeds().json();
    assert_eq!(
        json["times"],
        serde_json::json!([{ "recipe": "backup", "time": "2027-03-28T03:00:00+02:00", "timezone": "Europe/Berlin" }])
    );
}

#[test]
fn a_machine_without_time_zones_has_those_that_are_linked_in() {
    let recipes = recipe("backup", "{ on = \"02:30 America/New_York\" }");
    let sandbox = project(&recipes).env("TZDIR", "/nowhere");
    let run = sandbox.run("schedule next --from 2027-01-01T00:00:00Z --count 1").succeeds();
    run.stdout_is("Fri 2027-01-01 02:30:00 EST  backup  (in 7 h 30 min)\n");
}

#[test]
fn the_list_says_what_is_out_of_the_ordinary() {
    let full =
        "{ on = \"2130-01-01\", timezone = \"UTC\", overlap = \"queue\", missed = \"run-once\", jitter = \"1m30s\" }";
    let recipes =
        [recipe("once", full), recipe("boot", "\"@reboot\""), recipe("past", "{ on = \"2001-01-01 UTC\" }")].concat();
    let sandbox = project(&recipes);
    sandbox.run("schedule list").succeeds().stdout_is(
        "once  2130-01-01      next Sun 2130-01-01 00:00:00 UTC  (overlap queue, missed run-once, jitter 1 min 30 s)\n\
         boot  @reboot         when the machine starts\n\
         past  2001-01-01 UTC  never again\n",
    );
    let json = sandbox.run("schedule list --json").succeeds().changed_nothing().json();
    let expected = serde_json::json!({
        "recipe": "once", "cron": null, "on": "2130-01-01", "timezone": "UTC", "overlap": "queue", "missed": "run-once", "jitter": 90.0,
        "arguments": [], "next": "2130-01-01T00:00:00+00:00",
    });
    assert_eq!(json["schedules"][0], expected);
}

#[test]
fn everything_that_cannot_be_understood_is_told_at_once_with_its_column() {
    let recipes = [
        recipe("a", "\"0 24 * * *\""),
        recipe("b", "{ on = \"Mon..Fry 02:00\" }"),
        recipe("c", "{ cron = \"@dayly\", timezone = \"Europe/Berlinn\" }"),
        recipe("d", "{ cron = \"5/15 * * * *\" }"),
        recipe("e", "{ on = \"02:00 Europe/Berlin\", timezone = \"UTC\" }"),
    ];
    project(&recipes.concat())
        .run("schedule list")
        .changed_nothing()
        .fails(2, "error: there are schedules that cannot be understood\n  \
         prodev.toml:3:15: `24` is no hour (it is 0 to 23)\n  \
         prodev.toml:7:25: `Fry` is no day of the week (they are `Mon` to `Sun`: `Mon..Fri 02:00`, or a word like `daily`)\n  \
         prodev.toml:11:43: `Europe/Berlinn` is no time zone (did you mean `Europe/Berlin`?)\n  \
         prodev.toml:15:22: `5/15` is a step without a range (write `5-59/15`)\n  \
         prodev.toml:19:53: `on` names the time zone `Europe/Berlin` already (take `timezone` out, or the zone at the end of `on`)\n");
}

#[test]
fn a_single_mistake_is_shown_in_its_line() {
    project(&recipe("a", "\"0 24 * * *\"")).run("schedule next").changed_nothing().fails(2, "error: `24` is no hour\n --> prodev.toml:3:15\n3 | schedule = \"0 24 * * *\"\n  |               ^^\nhint: it is 0 to 23\n");
}

#[test]
fn without_schedules_there_is_nothing_to_tell() {
    let said = "no recipe here has a schedule (`schedule = \"30 2 * * *\"` in prodev.toml gives it one)\n";
    Sandbox::new().run("schedule list").succeeds().stderr_is(said).stdout_is("");
    let sandbox = project(&recipe("backup", "\"@daily\""));
    let run = sandbox.run("schedule next bakup").changed_nothing();
    run.fails(2, "error: `bakup` is no recipe with a schedule\nhint: did you mean `backup`?\n");
}
