//! GitLab: a job for each recipe, which starts as soon as those that it needs are over.

use std::fmt::Write as _;

use super::guard::{self, Natively};
use super::workflow::{Job, Workflow};
use super::yaml::{block, name, text};

/// What GitLab means by a name on the top floor of its file.
const RESERVED: [&str; 16] = [
    "after-script",
    "before-script",
    "cache",
    "default",
    "false",
    "image",
    "include",
    "nil",
    "pages",
    "services",
    "spec",
    "stages",
    "true",
    "types",
    "variables",
    "workflow",
];

pub(super) fn write(workflow: &mut Workflow) -> String {
    guard::single(workflow);
    guard::remark(workflow, natively);
    for job in workflow.jobs.clone() {
        if job.locks.len() > 1 {
            workflow.cannot(&job.label, "lets a job have one `lock`");
        }
        if job.rows.len() > 200 {
            workflow.cannot(&job.label, "runs 200 rows of a matrix at most");
        }
    }
    for at in 0..workflow.jobs.len() {
        if RESERVED.contains(&workflow.jobs[at].id.as_str()) {
            workflow.jobs[at].id.push_str("-job");
        }
    }
    let env = workflow.common_env();
    let mut out = String::new();
    environment(&mut out, &env, "");
    for job in &workflow.jobs {
        out.push('\n');
        write_job(&mut out, job, workflow);
    }
    out.trim_start().to_owned()
}

/// A retry of GitLab's begins everything again, and what comes last is not for a job whose time is over.
fn natively(job: &Job) -> Natively {
    let is_whole = job.timeout.is_some_and(|time| time.as_secs() > 0 && time.subsec_nanos() == 0);
    let is_simple = job.retry.as_ref().is_none_or(|again| again.times <= 2 && again.is_plain());
    Natively {
        retry: is_simple && job.finally.is_none(),
        timeout: is_whole && job.retry.is_none() && job.finally.is_none(),
        lock: true,
    }
}

fn write_job(out: &mut String, job: &Job, workflow: &Workflow) {
    let _ = writeln!(out, "{}:", name(&job.id));
    if job.needs.is_empty() {
        out.push_str("  needs: []\n");
    } else {
        out.push_str("  needs:\n");
        for need in &job.needs {
            let _ = writeln!(out, "    - {}", name(&workflow.jobs[*need].id));
        }
    }
    let natively = natively(job);
    if let Some(time) = job.timeout.filter(|_| natively.timeout) {
        let _ = writeln!(out, "  timeout: {} seconds", time.as_secs());
    }
    if job.may_fail {
        out.push_str("  allow_failure: true\n");
    }
    if let Some(again) = job.retry.as_ref().filter(|again| natively.retry && again.times > 0) {
        let _ = writeln!(out, "  retry: {}", again.times);
    }
    if let Some((name, _)) = job.locks.first() {
        let _ = writeln!(out, "  resource_group: {}", text(&resource(name)));
    }
    if !job.rows.is_empty() {
        out.push_str("  parallel:\n    matrix:\n");
        for row in &job.rows {
            for (at, (key, value)) in row.iter().enumerate() {
                let sign = if at == 0 { "-" } else { " " };
                let _ = writeln!(out, "      {sign} {}: {}", name(key), literal(value));
            }
        }
    }
    environment(out, &job.env, "  ");
    if !job.inputs.is_empty() && !job.outputs.is_empty() {
        let _ = writeln!(out, "  cache:\n    key: {}\n    paths:", text(&format!("{}-{}", job.id, job.digest)));
        for output in &job.outputs {
            let _ = writeln!(out, "      - {}", text(output));
        }
    }
    if !job.outputs.is_empty() {
        out.push_str("  artifacts:\n    paths:\n");
        for output in &job.outputs {
            let _ = writeln!(out, "      - {}", text(output));
        }
    }
    let _ = writeln!(
        out,
        "  script:\n    - {}",
        block(&format!("set -eu\n{}{}", guard::unless(job), guard::attempts(job, natively)), 6)
    );
    if let Some(last) = guard::last(job) {
        let _ = writeln!(out, "  after_script:\n    - {}", block(&format!("set -eu\n{}{last}", guard::unless(job)), 6));
    }
}

fn environment(out: &mut String, env: &[(String, String)], indent: &str) {
    if env.is_empty() {
        return;
    }
    let _ = writeln!(out, "{indent}variables:");
    for (key, value) in env {
        let _ = writeln!(out, "{indent}  {}: {}", name(key), literal(value));
    }
}

/// A name as a resource may have it.
fn resource(name: &str) -> String {
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if is_plain { name.to_owned() } else { format!("lock-{}", &blake3::hash(name.as_bytes()).to_hex()[..16]) }
}

/// A value in which GitLab expands nothing.
fn literal(value: &str) -> String {
    text(&value.replace('$', "$$"))
}
