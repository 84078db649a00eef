//! A Jenkinsfile: stages one after another, in each what can run side by side.

use std::fmt::Write as _;

use super::script::{apart, exports, whole};
use super::workflow::{Job, Workflow};

pub(super) fn write(workflow: &mut Workflow) -> String {
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

fn stage(out: &mut String, job: &Job, depth: usize) {
    let indent = "    ".repeat(depth);
    let _ = writeln!(out, "{indent}stage({}) {{", text(&job.label));
    let mut options = Vec::new();
    if let Some(time) = job.timeout {
        options.push(format!("timeout(time: {}, unit: 'SECONDS')", time.as_secs().max(1)));
    }
    if job.retries > 0 {
        options.push(format!("retry({})", job.retries + 1));
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
    let script = script(&format!("{}{}", exports(job), whole(job)));
    if job.may_fail {
        let _ = writeln!(
            out,
            "{indent}        catchError(buildResult: 'SUCCESS', stageResult: 'UNSTABLE') {{\n{indent}            {script}\n{indent}        }}"
        );
    } else {
        let _ = writeln!(out, "{indent}        {script}");
    }
    let _ = writeln!(out, "{indent}    }}");
    if let Some(step) = &job.finally {
        let _ = writeln!(
            out,
            "{indent}    post {{\n{indent}        always {{\n{indent}            {}\n{indent}        }}\n{indent}    }}",
            self::script(&format!("{}{}", exports(job), apart(step)))
        );
    }
    let _ = writeln!(out, "{indent}}}");
}

/// Its first line says who reads it: Jenkins' own shell would print every command.
fn script(body: &str) -> String {
    let escaped = format!("#!/bin/sh -eu\n{body}").replace('\\', "\\\\").replace('\'', "\\'");
    format!("sh '''{escaped}'''")
}

fn text(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n").replace('\r', "\\r"))
}
