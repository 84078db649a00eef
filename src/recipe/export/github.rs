//! GitHub Actions: a job for each recipe, its results kept by a key of what it reads, and handed on to who needs it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::guard::{self, Natively};
use super::workflow::{Job, Step, Workflow};
use super::yaml::{block, name, text};

/// Actions by their commits: a tag can be moved.
const CHECKOUT: &str = "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2";
const CACHE: &str = "actions/cache@cdf6c1fa76f9f475f3d7449005a359c84ca0f306 # v5.0.3";
const UPLOAD: &str = "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2";
const DOWNLOAD: &str = "actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093 # v4.3.0";

pub(super) fn write(workflow: &mut Workflow) -> String {
    guard::single(workflow);
    let wanted = guard::wanted(workflow);
    for job in workflow.jobs.clone().iter().filter(|job| exclusive(job, &wanted).is_none()) {
        workflow.cannot(&job.label, "lets no more than two jobs share a `lock`, and a job have one");
    }
    guard::remark(workflow, natively);
    let env = workflow.common_env();
    let mut out = format!(
        "name: {}\n\"on\":\n  push:\n  pull_request:\n  workflow_dispatch:\n\npermissions:\n  contents: read\n\n",
        text(&workflow.name)
    );
    environment(&mut out, &env, "");
    if !env.is_empty() {
        out.push('\n');
    }
    out.push_str("jobs:\n");
    for job in &workflow.jobs {
        write_job(&mut out, job, workflow, &exclusive(job, &wanted).unwrap_or_default());
    }
    out
}

/// How a job is kept from running beside others; `None` where it cannot be. Of jobs in a group of GitHub's only one waits: it cancels
/// others that do. A run has its machines for itself, so it is only its own jobs that are in each other's way.
fn exclusive(job: &Job, wanted: &BTreeMap<String, usize>) -> Option<Exclusive> {
    match job.locks.as_slice() {
        [] => Some(Exclusive::No),
        [(name, _)] => match wanted.get(name) {
            None | Some(1) => Some(Exclusive::No),
            Some(count) if *count == job.rows.len() => Some(Exclusive::Rows),
            Some(2) => Some(Exclusive::Group(name.clone())),
            Some(_) => None,
        },
        several => several.iter().all(|(name, _)| wanted.get(name) == Some(&1)).then_some(Exclusive::No),
    }
}

#[derive(Debug, Default)]
enum Exclusive {
    #[default]
    No,
    /// Its own rows alone would be.
    Rows,
    Group(String),
}

/// GitHub counts whole minutes for a whole job, and locks are its own.
fn natively(job: &Job) -> Natively {
    let is_whole = job.timeout.is_some_and(|time| time.as_secs() % 60 == 0 && time.subsec_nanos() == 0);
    Natively { retry: false, timeout: is_whole && job.retry.is_none(), lock: true }
}

fn write_job(out: &mut String, job: &Job, workflow: &Workflow, exclusive: &Exclusive) {
    let _ = writeln!(out, "  {}:\n    name: {}\n    runs-on: ubuntu-latest", name(&job.id), literal(&job.label));
    if !job.needs.is_empty() {
        let needs: Vec<String> = job.needs.iter().map(|at| name(&workflow.jobs[*at].id)).collect();
        let _ = writeln!(out, "    needs: [{}]", needs.join(", "));
    }
    if let Some(time) = job.timeout.filter(|_| natively(job).timeout) {
        let _ = writeln!(out, "    timeout-minutes: {}", time.as_secs() / 60);
    }
    if let Exclusive::Group(name) = exclusive {
        let _ = writeln!(
            out,
            "    concurrency:\n      group: {}",
            text(&format!("${{{{ github.run_id }}}}-{}", escaped(name)))
        );
    }
    if job.may_fail {
        out.push_str("    continue-on-error: true\n");
    }
    if !job.rows.is_empty() {
        let one = if matches!(exclusive, Exclusive::Rows) { "      max-parallel: 1\n" } else { "" };
        let _ = writeln!(out, "    strategy:\n{one}      matrix:\n        include:");
        for row in &job.rows {
            let pairs: Vec<String> =
                row.iter().map(|(key, value)| format!("{}: {}", name(key), literal(value))).collect();
            let _ = writeln!(out, "          - {{ {} }}", pairs.join(", "));
        }
    }
    let mut env: Vec<(String, String)> = job.env.iter().map(|(name, value)| (name.clone(), literal(value))).collect();
    let axes = job.rows.first().into_iter().flatten();
    env.extend(axes.map(|(name, _)| (name.clone(), format!("${{{{ matrix.{name} }}}}"))));
    env.extend(job.secrets.iter().map(|(name, from)| (name.clone(), format!("${{{{ secrets.{from} }}}}"))));
    if !env.is_empty() {
        out.push_str("    env:\n");
        for (key, value) in env {
            let _ = writeln!(out, "      {}: {value}", name(&key));
        }
    }
    let _ = writeln!(out, "    steps:\n      - uses: {CHECKOUT}\n        with:\n          persist-credentials: false");
    for need in job.needs.iter().map(|at| &workflow.jobs[*at]).filter(|need| !need.outputs.is_empty()) {
        let which = if need.rows.is_empty() { "name" } else { "pattern" };
        let star = if need.rows.is_empty() { "" } else { "-*" };
        let merge = if need.rows.is_empty() { "" } else { "\n          merge-multiple: true" };
        let _ = writeln!(
            out,
            "      - uses: {DOWNLOAD}\n        with:\n          {which}: {}{merge}",
            name(&format!("{}{star}", need.id))
        );
    }
    let is_kept = !job.inputs.is_empty() && !job.outputs.is_empty();
    if is_kept {
        let globs: Vec<String> = job.inputs.iter().map(|glob| format!("'{}'", glob.replace('\'', "''"))).collect();
        let axes = job.rows.first().into_iter().flatten();
        let row = axes.map(|(name, _)| format!("-${{{{ matrix.{name} }}}}")).collect::<Vec<_>>().concat();
        let _ = writeln!(
            out,
            "      - uses: {CACHE}\n        id: cache\n        with:\n          key: {}-{}{row}-${{{{ hashFiles({}) }}}}\n          path: |",
            job.id,
            job.digest,
            globs.join(", ")
        );
        for output in &job.outputs {
            let _ = writeln!(out, "            {output}");
        }
    }
    let unless_kept = is_kept.then_some("steps.cache.outputs.cache-hit != 'true'");
    let natively = natively(job);
    if natively.leaves(job) {
        let text = format!("{}{}", guard::unless(job), guard::attempts(job, natively));
        write_step(out, &whole(&job.label, text), unless_kept);
    } else {
        for step in &job.steps {
            write_step(out, step, unless_kept);
        }
    }
    if let (Some(step), Some(text)) = (&job.finally, guard::last(job)) {
        let made = whole(&step.name, format!("{}{text}", guard::unless(job)));
        let step = if natively.leaves(job) || job.last_timeout.is_some() { &made } else { step };
        write_step(out, step, Some("always()"));
    }
    if !job.outputs.is_empty()
        && workflow.jobs.iter().any(|other| other.needs.iter().any(|at| workflow.jobs[*at].id == job.id))
    {
        let row: String = job.rows.first().map_or("", |_| "-${{ strategy.job-index }}").to_owned();
        let _ = writeln!(
            out,
            "      - uses: {UPLOAD}\n        with:\n          name: {}\n          if-no-files-found: error\n          include-hidden-files: true\n          path: |",
            name(&format!("{}{row}", job.id))
        );
        for output in &job.outputs {
            let _ = writeln!(out, "            {output}");
        }
        // One path alone would lose its folders; this file is in the root of every checkout.
        out.push_str("            prodev.toml\n");
    }
}

/// A step in the root.
fn whole(name: &str, text: String) -> Step {
    Step { name: name.to_owned(), text, dir: String::new(), ignores_errors: false }
}

fn write_step(out: &mut String, step: &Step, condition: Option<&str>) {
    let _ = writeln!(out, "      - name: {}", literal(&step.name));
    if let Some(condition) = condition {
        let _ = writeln!(out, "        if: {condition}");
    }
    if !step.dir.is_empty() {
        let _ = writeln!(out, "        working-directory: {}", literal(&step.dir));
    }
    if step.ignores_errors {
        out.push_str("        continue-on-error: true\n");
    }
    let _ = writeln!(out, "        shell: sh -eu {{0}}\n        run: {}", block(&escaped(&step.text), 10));
}

fn environment(out: &mut String, env: &[(String, String)], indent: &str) {
    if env.is_empty() {
        return;
    }
    let _ = writeln!(out, "{indent}env:");
    for (key, value) in env {
        let _ = writeln!(out, "{indent}  {}: {}", name(key), literal(value));
    }
}

/// A text that is no expression.
fn escaped(value: &str) -> String {
    value.replace("${{", "${{ '${{' }}")
}

fn literal(value: &str) -> String {
    text(&escaped(value))
}
