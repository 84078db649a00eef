//! The list of what a generated backend promises, and which rows of the report prove each promise.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::report::{Row, word};

/// A promise: its number, its words, and how the rows begin that prove it.
type Promise = (u8, &'static str, &'static [&'static str]);

/// Takes an hour more: tried with `PRODEV_PROOF=everything` alone.
const LONG: [u8; 1] = [7];

const PROMISES: [Promise; 53] = [
    (1, "generates with no network, no Python, no Docker", &["generates without network, Python or Docker"]),
    (2, "same answers, same bytes", &["same answers, same bytes"]),
    (3, "no residue of the template", &["no residue of the template"]),
    (4, "an impossible selection is refused before writing", &["an impossible selection is refused before writing"]),
    (5, "installs from its own files only", &["installs from its own files, all pinned"]),
    (6, "no unused or missing dependency", &["imports and requirements are the same"]),
    (7, "on Python 3.11, 3.12 and 3.13", &["on Python 3."]),
    (8, "formatted and lint clean", &["formatted, and nothing to lint"]),
    (9, "types", &["types"]),
    (10, "security lint", &["no known security mistake"]),
    (11, "system check", &["system check"]),
    (12, "deployment check with production's variables", &["deployment check"]),
    (13, "migrations are complete", &["migrations are complete"]),
    (14, "migrates, and its tests pass without a service", &["migrates", "tests pass and reach 90 %"]),
    (15, "tests do not depend on their order", &["tests pass in any order, and in parallel"]),
    (16, "coverage of 90 %", &["tests pass and reach 90 %"]),
    (17, "tests notice breakage", &["tests of "]),
    (
        18,
        "no secret in the tree; production refuses to start without one",
        &["no secret in the tree", "production refuses"],
    ),
    (19, "a bad variable is explained in one line", &["a wrong variable is one line"]),
    (20, "JWT over HTTP, with rotation", &["live: JWT: login, create"]),
    (21, "all kinds of tokens are accepted in one project", &["live: tokens of all kinds"]),
    (22, "object permissions", &["live: only the owner changes an object"]),
    (23, "pages and filters", &["live: pages, search, ordering and filters"]),
    (24, "throttling", &["live: too many requests"]),
    (25, "malformed bodies", &["live: a malformed body"]),
    (26, "the request id goes through", &["live: a request id"]),
    (27, "GraphQL for real clients", &["live: GraphQL: data for who is known", "live: GraphQL: a mutation"]),
    (28, "limits of GraphQL", &["live: GraphQL: a query that is too deep"]),
    (29, "no query for each row", &["live: a list of 50 rows"]),
    (30, "indexes are used, says PostgreSQL", &["PostgreSQL uses the indexes"]),
    (31, "views and fragments are cached and become stale", &["live: page and fragment are kept in Redis"]),
    (32, "signals fire once, after the commit", &["a change is recorded once"]),
    (33, "a real worker works and tries again", &["worker: jobs run", "worker: failing once"]),
    (34, "a real clock; nothing is lost or doubled", &["worker: beat sends", "worker: nothing is lost"]),
    (35, "entries for cron are valid, and run", &["cron accepts the crontab", "each line of the crontab runs"]),
    (36, "pipelines are lazy and resumable", &["pipeline: "]),
    (37, "OpenAPI is valid and true", &["the schema is valid", "the API does what its schema says"]),
    (38, "documentation without other hosts", &["live: documentation pages"]),
    (39, "health", &["live: live and ready", "live: not ready, but alive"]),
    (40, "metrics of all workers", &["live: metrics are for", "Prometheus accepts"]),
    (
        41,
        "the same tests on PostgreSQL and Redis",
        &["the same tests pass, none left out", "the test database is dropped"],
    ),
    (42, "shell scripts, and a copy that can be put back", &["shell scripts: ", "a copy of the database"]),
    (43, "the Dockerfile is clean, and builds", &["Dockerfile: nothing to lint", "the image builds"]),
    (44, "the container: not root, nothing to write to, ends when told", &["the container "]),
    (
        45,
        "Compose: valid, refuses to start without a password, comes up",
        &["Compose file", "Compose refuses", "Compose comes up"],
    ),
    (46, "Compose has the selected services alone", &["Compose starts exactly"]),
    (47, "manifests are valid and fit together", &["manifests keep to the schemas", "manifests fit together"]),
    (48, "probes of the manifests are answered", &["live: probes of the manifests"]),
    (49, "workflows are valid", &["workflows"]),
    (50, "steps of CI run", &["CI, "]),
    (51, "the Jenkinsfile can be read, and has its stages", &["Jenkinsfile: "]),
    (52, "a component added and removed leaves no trace", &["added and removed: "]),
    (53, "an update keeps the user's edits", &["updated: "]),
];

/// One line for each promise: on which selections it was tried, and what came of it.
pub(super) fn table(rows: &[Row]) -> String {
    let mut table = String::new();
    for (number, words, _) in PROMISES {
        let proofs = proofs(rows, number);
        let selections: BTreeSet<&str> = proofs.iter().map(|row| &*row.selection).collect();
        let few: Vec<&str> = selections.iter().copied().take(3).collect();
        let more = selections.len() - few.len();
        let tried = few.join(", ") + &if more > 0 { format!(" and {more} more") } else { String::new() };
        let count = |wanted: &str| proofs.iter().filter(|row| word(row) == wanted).count();
        let result = match (count("FAILED"), count("skipped"), proofs.len()) {
            (0, 0, 0) => "not tried".to_owned(),
            (0, 0, all) => format!("ok ({all})"),
            (0, skipped, all) => format!("ok ({}), skipped ({skipped})", all - skipped),
            (failed, _, all) => format!("FAILED ({failed} of {all})"),
        };
        let _ = writeln!(table, "{number:2}  {words:66}  {result:20}  {tried}");
    }
    table
}

/// The promises that no row proves, of those that are to be tried.
pub(super) fn untried(rows: &[Row], everything: bool) -> Vec<u8> {
    let wanted = PROMISES.iter().map(|(number, ..)| *number).filter(|number| everything || !LONG.contains(number));
    wanted.filter(|number| proofs(rows, *number).is_empty()).collect()
}

fn proofs(rows: &[Row], number: u8) -> Vec<&Row> {
    let starts = PROMISES.iter().find(|(it, ..)| *it == number).map_or(&[][..], |(_, _, starts)| starts);
    let proves = |row: &&Row| {
        // That another Python will do is told by the name of the selection.
        let other_python = starts.iter().any(|start| start.starts_with("on Python") && row.selection.contains(start));
        other_python || starts.iter().any(|start| row.check.starts_with(start))
    };
    // The other templates keep promises of their own.
    let others = ["service-extras", "python-pipeline"];
    rows.iter().filter(|row| !others.iter().any(|it| row.selection.starts_with(it))).filter(proves).collect()
}
