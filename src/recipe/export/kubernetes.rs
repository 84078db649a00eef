//! Jobs for Kubernetes. It has no order of its own: each waits, before it begins, for those that it needs.

use std::fmt::Write as _;

use super::guard::{self, Again, Natively};
use super::workflow::{Job, Workflow};
use super::yaml::{block, name, text};

/// What asks whether the others are done.
const ASKS: &str = "registry.k8s.io/kubectl:v1.34.1";

pub(super) fn write(workflow: &mut Workflow, image: &str) -> String {
    for job in workflow.jobs.clone().iter().filter(|job| !job.locks.is_empty()) {
        workflow.cannot(&job.label, "knows no `lock`");
    }
    guard::remark(workflow, natively);
    let jobs = workflow.rows_apart();
    for job in &jobs {
        if !job.outputs.is_empty() && jobs.iter().any(|other| other.needs.iter().any(|need| jobs[*need].id == job.id)) {
            workflow.cannot(&job.label, "hands no files on from job to job (`outputs`)");
        }
        if job.may_fail && jobs.iter().any(|other| other.needs.iter().any(|need| jobs[*need].id == job.id)) {
            workflow.cannot(&job.label, "waits for success alone (`ignore_errors`)");
        }
    }
    let mut out = String::new();
    if jobs.iter().any(|job| !job.needs.is_empty()) {
        out.push_str(ACCOUNT);
    }
    for job in &jobs {
        if !out.is_empty() {
            out.push_str("---\n");
        }
        write_job(&mut out, job, &jobs, image);
    }
    out
}

/// Who may look at jobs.
const ACCOUNT: &str = "apiVersion: v1
kind: ServiceAccount
metadata:
  name: prodev-recipes
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: prodev-recipes
rules:
  - apiGroups: [batch]
    resources: [jobs]
    verbs: [get, list, watch]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: prodev-recipes
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: prodev-recipes
subjects:
  - kind: ServiceAccount
    name: prodev-recipes
";

/// Attempts of Kubernetes' wait ever longer for each other, begin everything again, and share one limit of time, at whose end nothing
/// comes last.
fn natively(job: &Job) -> Natively {
    let is_whole = job.timeout.is_some_and(|time| time.as_secs() > 0 && time.subsec_nanos() == 0);
    let is_plain = job.retry.as_ref().is_none_or(Again::is_plain);
    let is_simple = job.finally.is_none();
    Natively {
        retry: is_simple && is_plain && job.timeout.is_none(),
        timeout: is_simple && is_whole && job.retry.is_none(),
        lock: true,
    }
}

fn write_job(out: &mut String, job: &Job, jobs: &[Job], image: &str) {
    let natively = natively(job);
    let _ = writeln!(
        out,
        "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: {id}\n  labels:\n    app.kubernetes.io/managed-by: prodev\nspec:\n  backoffLimit: {}",
        job.retry.as_ref().filter(|_| natively.retry).map_or(0, |again| again.times),
        id = name(&job.id)
    );
    if let Some(time) = job.timeout.filter(|_| natively.timeout) {
        let _ = writeln!(out, "  activeDeadlineSeconds: {}", time.as_secs());
    }
    out.push_str("  template:\n    spec:\n      restartPolicy: Never\n");
    if !job.needs.is_empty() {
        let needs: Vec<String> = job.needs.iter().map(|need| format!("job/{}", jobs[*need].id)).collect();
        let words = ["kubectl", "wait", "--for=condition=complete", "--timeout=-1s"]
            .into_iter()
            .map(str::to_owned)
            .chain(needs);
        let words: Vec<String> = words.map(|word| text(&word)).collect();
        let _ = writeln!(
            out,
            "      serviceAccountName: prodev-recipes\n      initContainers:\n        - name: wait\n          image: {ASKS}\n          command: [{}]",
            words.join(", ")
        );
    }
    let _ = writeln!(out, "      containers:\n        - name: recipe\n          image: {}", text(image));
    if !job.env.is_empty() || !job.secrets.is_empty() {
        out.push_str("          env:\n");
        for (key, value) in &job.env {
            // Kubernetes puts values in place of $(NAME).
            let value = text(&value.replace("$(", "$$("));
            let _ = writeln!(out, "            - name: {}\n              value: {value}", name(key));
        }
        for (key, from) in &job.secrets {
            let _ = writeln!(
                out,
                "            - name: {}\n              valueFrom:\n                secretKeyRef:\n                  name: prodev-recipes\n                  key: {}",
                name(key),
                name(from)
            );
        }
    }
    let script = block(&guard::all(job, natively).replace("$(", "$$("), 14);
    let _ = writeln!(out, "          command: [\"sh\", \"-euc\"]\n          args:\n            - {script}");
}
