//! `prodev schedule export`: exact texts, what each scheduler cannot express, and what the schedulers' own checkers say.

use std::process::Stdio;

use super::{project, recipe};
use crate::proof;
use crate::sandbox::{PRODEV, Sandbox};

/// One of each kind.
fn all() -> Sandbox {
    let recipes = [
        recipe("backup", "{ cron = \"30 4 * * mon-fri\", timezone = \"UTC\", missed = \"run-once\" }"),
        recipe("poll", "\"*/15 * * * *\""),
        recipe("monthly", "{ on = \"Mon..Fri *-*-1..7 02:00\" }"),
        recipe("either", "\"0 3 13 * fri\""),
        recipe("boot", "\"@reboot\""),
        recipe("late", "{ on = \"*-*~1 23:00:30\", jitter = \"5m\", overlap = \"queue\" }"),
    ];
    project(&recipes.concat())
}

/// What calls prodev in the sandbox, before `schedule`.
fn caller() -> String {
    format!("PATH=/usr/bin:/bin {PRODEV} -C [DIR]")
}

#[test]
fn lines_for_cron() {
    let sandbox = all().env("PATH", "/usr/bin:/bin");
    let caller = caller();
    let run = sandbox.run("schedule export --format crontab backup poll either boot").succeeds().changed_nothing();
    run.stderr_is("").stdout_is(&format!(
        "30 4 * * mon-fri {caller} schedule fire backup\n\
         @reboot {caller} schedule fire --missed backup\n\
         */15 * * * * {caller} schedule fire poll\n\
         0 3 13 * fri {caller} schedule fire either\n\
         @reboot {caller} schedule fire boot\n"
    ));
}

#[test]
fn what_a_scheduler_cannot_express_is_named() {
    let sandbox = all();
    let cases = [
        (
            "crontab",
            "error: cron cannot express these schedules\n  \
             `monthly`: cron runs on days that match either the day of the month or the day of the week, not both\n  \
             `late`: cron cannot say when: it has seconds\n\
             hint: leave that out with `--approximate`\n",
        ),
        (
            "systemd",
            "error: `late`: systemd starts nothing while the last run goes on, so that nothing can wait or be stopped\n\
             hint: leave that out with `--approximate`\n",
        ),
        (
            "kubernetes --image shop:1",
            "error: Kubernetes cannot express these schedules\n  \
             `monthly`: Kubernetes runs on days that match either the day of the month or the day of the week, not both\n  \
             `boot`: Kubernetes has no start of a machine to run at\n  \
             `late`: Kubernetes cannot say when: it has seconds\n\
             hint: leave that out with `--approximate`\n",
        ),
        (
            "celery",
            "error: celery cannot express these schedules\n  \
             `poll`: celery has one time zone for all schedules\n  \
             `monthly`: celery has one time zone for all schedules\n  \
             `either`: celery runs on days that match both the day of the month and the day of the week, not either\n  \
             `boot`: celery has no start of a machine to run at\n  \
             `late`: celery cannot say when: it has seconds\n\
             hint: leave that out with `--approximate`\n",
        ),
    ];
    for (format, said) in cases {
        sandbox.run(&format!("schedule export --format {format}")).changed_nothing().fails(1, said);
    }
    sandbox
        .run("schedule export --format kubernetes")
        .fails(2, "error: Kubernetes needs an image to run\nhint: name one with `--image IMAGE`\n");
}

/// The clocks of Berlin leave out 02:30 once a year: cron makes up for it, the others do not.
#[test]
fn clocks_that_behave_otherwise_are_told() {
    let recipes = recipe("nightly", "{ cron = \"30 2 * 3 *\", timezone = \"Europe/Berlin\" }");
    let sandbox = project(&recipes);
    for format in ["systemd", "kubernetes --image shop:1", "celery"] {
        let run = sandbox.run(&format!("schedule export --format {format}")).changed_nothing().exits(1);
        assert!(
            run.stderr.contains("`nightly`: ")
                && run.stderr.contains(" would leave out Sun ")
                && run.stderr.contains(" 03:00:00 CEST"),
            "{run}"
        );
    }
    let run = sandbox.run("schedule export --format kubernetes --image shop:1 --approximate").succeeds();
    assert!(run.stdout.contains("  schedule: \"30 2 * 3 *\"\n  timeZone: \"Europe/Berlin\"\n"), "{run}");
}

#[test]
fn a_manifest_for_kubernetes() {
    let schedule = "{ cron = \"0 3 * * 7\", timezone = \"UTC\", overlap = \"kill\", with = { target = \"a b\" } }";
    let sandbox =
        project(&format!("[recipes.db_backup]\nrun = \"true\"\nparams = [\"target\"]\nschedule = {schedule}\n"));
    sandbox.run("schedule export --format kubernetes --image registry.example/shop:1.2").succeeds().stdout_is(
        "apiVersion: batch/v1
kind: CronJob
metadata:
  name: \"db-backup\"
  labels:
    app.kubernetes.io/managed-by: prodev
spec:
  schedule: \"0 3 * * 0\"
  timeZone: \"UTC\"
  concurrencyPolicy: Replace
  startingDeadlineSeconds: 60
  jobTemplate:
    spec:
      backoffLimit: 0
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: \"db-backup\"
              image: \"registry.example/shop:1.2\"
              command: [\"prodev\", \"run\", \"db_backup\", \"--\", \"a b\"]
",
    );
}

#[test]
fn files_are_written_once_and_never_over_others() {
    let sandbox = all().file("units/.keep", "");
    let words = "schedule export --format systemd --output units backup";
    let run = sandbox.honest(words);
    assert_eq!(run.changes().len(), 2, "{run}");
    let run = sandbox.run(words).succeeds().changed_nothing();
    run.stderr_is("all of it is there already\n");
    let timer = sandbox.list().into_iter().find(|path| path.contains(".timer")).unwrap();
    sandbox.write(&timer, "mine");
    sandbox.run(words).changed_nothing().fails(
        1,
        &format!("error: `{timer}` is there already, and is another\nhint: move it away: `mv {timer} {timer}.old`\n"),
    );
    sandbox
        .run("schedule export --format systemd --output nowhere backup")
        .changed_nothing()
        .fails(1, "error: there is no folder `nowhere`\nhint: make it with `mkdir -p nowhere`\n");
}

#[test]
fn systemd_itself_finds_no_fault() {
    if !proof::have("that systemd reads the exported units", &["systemd-analyze"]) {
        return;
    }
    let sandbox = all().file("units/.keep", "");
    sandbox.run("schedule export --format systemd --output units --approximate").succeeds();
    let units: Vec<String> = sandbox.list().into_iter().filter(|path| path.starts_with("units/prodev-")).collect();
    assert_eq!(units.len(), 12);
    let output = sandbox.command("systemd-analyze").arg("verify").args(&units).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", sandbox.normalise(&output.stderr));
}

/// The checkers are Python's: an environment of their own has them.
#[test]
fn kubernetes_and_celery_find_no_fault() {
    let Some(python) = proof::python("that Kubernetes and Celery read the exports") else { return };
    let sandbox = all();
    let venv = sandbox.path("venv");
    let run = |command: &mut std::process::Command| {
        let output = command.stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{}{}", sandbox.normalise(&output.stdout), sandbox.normalise(&output.stderr));
    };
    run(sandbox.tool(python).args(["-m", "venv"]).arg(&venv));
    run(sandbox.tool(venv.join("bin/pip")).args(["install", "-q", "celery==5.7.0", "kubernetes-validate==1.37.0"]));
    let export =
        |words: &str| sandbox.run(&format!("schedule export --approximate --format {words}")).succeeds().stdout;
    sandbox.write("cronjobs.yaml", export("kubernetes --image shop:1"));
    run(sandbox.tool(venv.join("bin/kubernetes-validate")).arg("cronjobs.yaml"));
    sandbox.write("prodev_schedules.py", export("celery").replace("[DIR]", "/work"));
    let check = "from celery import Celery; app = Celery(); app.config_from_object('prodev_schedules'); \
                 assert list(app.conf.beat_schedule) == ['backup'] and 'prodev.fire' in app.tasks";
    run(sandbox.tool(venv.join("bin/python")).args(["-c", check]));
}
