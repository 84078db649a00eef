//! What was measured, as a table for people and as JSON for machines.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use crate::contest::{Reach, Row, Score};

/// One row, with its peers below it.
pub(crate) fn table(row: &Row, scores: &[Score]) -> String {
    let mut text = format!("{}: {} ({} runs)\n", row.name, row.what, scores[0].samples.len());
    let _ = writeln!(
        text,
        "  {:<15} {:>9} {:>9} {:>9} {:>9} {:>9}  times prodev",
        "", "median", "min", "cpu", "memory", "processes"
    );
    for contestant in &row.contestants {
        let Some(score) = scores.iter().find(|score| score.name == contestant.name) else {
            let _ = writeln!(text, "  {:<15} skipped: not installed", contestant.name);
            continue;
        };
        let _ = writeln!(
            text,
            "  {:<15} {:>9} {:>9} {:>9} {:>9} {:>9}  {:.1}",
            score.name,
            time(score.wall()),
            time(score.fastest()),
            time(score.median(|sample| sample.cpu)),
            size(score.median(|sample| sample.memory)),
            score.processes.map_or("-".to_owned(), |count| count.to_string()),
            ratio(score, &scores[0]),
        );
    }
    for reach in &row.reach {
        let verdict = match judge(reach, scores) {
            Some((_, true)) => "reached",
            Some((_, false)) => "MISSED",
            None => "not measured",
        };
        let is = judge(reach, scores).map_or(String::new(), |(is, _)| format!(" ({is})"));
        let _ = writeln!(text, "  reach {}: {verdict}{is}", goal(reach));
    }
    text
}

/// Everything, in milliseconds and bytes.
pub(crate) fn json(results: &[(Row, Vec<Score>)]) -> Value {
    let rows: Vec<Value> = results.iter().map(|(row, scores)| json_row(row, scores)).collect();
    json!({ "version": 1, "cores": std::thread::available_parallelism().map_or(1, usize::from), "rows": rows })
}

fn json_row(row: &Row, scores: &[Score]) -> Value {
    let measured = scores.iter().map(|score| {
        json!({
            "name": score.name,
            "wall_ms": millis(score.wall()),
            "wall_min_ms": millis(score.fastest()),
            "cpu_ms": millis(score.median(|sample| sample.cpu)),
            "memory_bytes": score.median(|sample| sample.memory),
            "processes": score.processes,
            "times_prodev": ratio(score, &scores[0]),
            "runs_ms": score.samples.iter().map(|sample| millis(sample.wall)).collect::<Vec<_>>(),
        })
    });
    let skipped =
        row.contestants.iter().filter(|contestant| contestant.path.is_none()).map(|contestant| contestant.name);
    let reach = row
        .reach
        .iter()
        .map(|reach| json!({ "goal": goal(reach), "reached": judge(reach, scores).map(|(_, met)| met) }));
    json!({
        "name": row.name,
        "runs": scores[0].samples.len(),
        "measured": measured.collect::<Vec<_>>(),
        "skipped": skipped.collect::<Vec<_>>(),
        "reach": reach.collect::<Vec<_>>(),
    })
}

fn goal(reach: &Reach) -> String {
    match reach {
        Reach::Wall(limit) => time(*limit),
        Reach::Cpu(limit) => format!("{} of CPU", time(*limit)),
        Reach::CpuOver(limit, peer) => format!("{} of CPU more than {peer}", time(*limit)),
        Reach::Processes(limit) => format!("{limit} processes"),
        Reach::Memory(limit) => format!("{} of memory", size(*limit)),
        Reach::TimesOf(factor, peer) => format!("{factor} times {peer}"),
        Reach::FasterThan(factor, peer) => format!("{factor} times as fast as {peer}"),
    }
}

/// What was reached, and whether it is enough. `None` where the peer is missing.
fn judge(reach: &Reach, scores: &[Score]) -> Option<(String, bool)> {
    let ours = &scores[0];
    let peer = |name: &str| scores.iter().find(|score| score.name == name);
    Some(match reach {
        Reach::Wall(limit) => (time(ours.wall()), ours.wall() <= *limit),
        Reach::Cpu(limit) => {
            let cpu = ours.median(|sample| sample.cpu);
            (time(cpu), cpu <= *limit)
        }
        Reach::CpuOver(limit, name) => {
            let cpu = |score: &Score| score.median(|sample| sample.cpu);
            let more = cpu(ours).saturating_sub(cpu(peer(name)?));
            (time(more), more <= *limit)
        }
        Reach::Processes(limit) => {
            let count = ours.processes?;
            (count.to_string(), count <= *limit)
        }
        Reach::Memory(limit) => {
            let memory = ours.median(|sample| sample.memory);
            (size(memory), memory <= *limit)
        }
        Reach::TimesOf(factor, name) => {
            let times = ratio(ours, peer(name)?);
            (format!("{times:.1}"), times <= *factor)
        }
        Reach::FasterThan(factor, name) => {
            let times = ratio(peer(name)?, ours);
            (format!("{times:.1}"), times >= *factor)
        }
    })
}

fn ratio(one: &Score, other: &Score) -> f64 {
    one.wall().as_secs_f64() / other.wall().as_secs_f64()
}

fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

fn time(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1e3;
    if millis < 100.0 { format!("{millis:.1} ms") } else { format!("{millis:.0} ms") }
}

#[allow(clippy::cast_precision_loss, reason = "a size for reading")]
fn size(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
