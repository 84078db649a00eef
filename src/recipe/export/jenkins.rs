//! A Jenkinsfile: stages one after another, in each what can run side by side.

use std::fmt::Write as _;

use super::guard::{self, Again, Natively};
use super::script::exports;
use super::workflow::{Job, Workflow};

pub(super) fn write(workflow: &mut Workflow) -> String {
    guard::single(workflow);
    guard::remark(workflow, natively);
    let jobs = workflow.rows_apart();
    let mut depth = vec![0_usize; jobs.len()];
    for (at, job) in jobs.iter().enumerate() {
        depth[at] = job.needs.iter().map(|need| depth[*need] + 1).max().unwrap_or_default();
    }
    let mut out = "pipeline {\n    agent any\n    stages {\n".to_owned();
    for wave in 0..=depth.iter().copied().max().unwrap_or_default() {
        let members: Vec<&Job> =
            jobs.iter().zip(&depth).filter(|(_, depth)| **depth == wave).map(|(job, _)| job).collect();
        match members.as_slice() {
            [one] => stage(&mut out, one, 2),
            several => {
                let _ =
                    writeln!(out, "        stage({}) {{\n            parallel {{", text(&format!("wave {}", wave + 1)));
                for job in several {
                    stage(&mut out, job, 4);
                }
                out.push_str("            }\n        }\n");
            }
        }
    }
    out.push_str("    }\n}\n");
    out
}

/// All stages have one machine and one workspace, so a lock there is one for all of them.
fn natively(job: &Job) -> Natively {
    // What `catchError` takes is not seen outside of it.
    let is_simple = job.finally.is_none()
        && !job.may_fail
        && !(job.retry.is_some() && job.timeout.is_some())
        && job.locks.is_empty();
    let is_whole = job.timeout.is_none_or(|time| time.as_secs() > 0 && time.subsec_nanos() == 0);
    let is_plain = job.retry.as_ref().is_none_or(Again::is_plain);
    Natively { retry: is_simple && is_plain, timeout: is_simple && is_whole, lock: false }
}

fn stage(out: &mut String, job: &Job, depth: usize) {
    let indent = "    ".repeat(depth);
    let _ = writeln!(out, "{indent}stage({}) {{", text(&job.label));
    let mut options = Vec::new();
    let natively = natively(job);
    if let Some(time) = job.timeout.filter(|_| natively.timeout) {
        options.push(format!("timeout(time: {}, unit: 'SECONDS')", time.as_secs()));
    }
    if let Some(again) = job.retry.as_ref().filter(|again| natively.retry && again.times > 0) {
        options.push(format!("retry({})", u64::from(again.times) + 1));
    }
    if !options.is_empty() {
        let _ = writeln!(out, "{indent}    options {{");
        for option in options {
            let _ = writeln!(out, "{indent}        {option}");
        }
        let _ = writeln!(out, "{indent}    }}");
    }
    // Other values stand in the scripts: what Jenkins would expand in them is nobody's to know.
    if !job.secrets.is_empty() {
        let _ = writeln!(out, "{indent}    environment {{");
        for (name, from) in &job.secrets {
            let _ = writeln!(out, "{indent}        {name} = credentials({})", text(from));
        }
        let _ = writeln!(out, "{indent}    }}");
    }
    let _ = writeln!(out, "{indent}    steps {{");
    // What is locked is so to its very end.
    let is_apart = job.locks.is_empty();
    let body = if is_apart {
        format!("{}{}", guard::unless(job), guard::attempts(job, natively))
    } else {
        guard::all(job, natively)
    };
    let script = script(&format!("{}{body}", exports(job)));
    if job.may_fail {
        let _ = writeln!(
            out,
            "{indent}        catchError(buildResult: 'SUCCESS', stageResult: 'UNSTABLE') {{\n{indent}            {script}\n{indent}        }}"
        );
    } else {
        let _ = writeln!(out, "{indent}        {script}");
    }
    let _ = writeln!(out, "{indent}    }}");
    if let Some(last) = guard::last(job).filter(|_| is_apart) {
        let _ = writeln!(
            out,
            "{indent}    post {{\n{indent}        always {{\n{indent}            {}\n{indent}        }}\n{indent}    }}",
            self::script(&format!("{}{}{last}", exports(job), guard::unless(job)))
        );
    }
    let _ = writeln!(out, "{indent}}}");
}

/// Its first line says who reads it: Jenkins' own shell would print every command.
fn script(body: &str) -> String {
    let escaped = format!("#!/bin/sh -eu\n{body}").replace('\\', "\\\\").replace('\'', "\\'").replace('\r', "\\r");
    format!("sh '''{escaped}'''")
}

fn text(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n").replace('\r', "\\r"))
}
