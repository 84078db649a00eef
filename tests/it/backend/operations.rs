//! What a project on real servers is operated with: indexes, the record of changes, cron, and copies of the database.

use std::path::Path;

use super::project::{Project, finish};
use super::report::{Fault, Report, Verdict, ensure};
use crate::proof;

/// Questions whose answers PostgreSQL has to find by an index: what is asked, and the index.
const INDEXES: &str = r#"
from datetime import timedelta
from django.db import connection
from django.db.models.functions import Lower
from django.utils import timezone
from apps.accounts.models import User
from apps.accounts import selectors as accounts
from apps.analytics.models import Figure
from apps.audit import selectors as audit
from apps.audit.models import AuditEntry
from apps.catalog import selectors as catalog
from apps.catalog.models import Product
from apps.jobs.models import Execution
from apps.pipelines.models import Sale

now = timezone.now()
wanted = {
    "accounts_user_email_ci": User.objects._by_email("ada@example.org"),
    "accounts_user_joined": accounts.users_with_groups()[:20],
    "catalog_product_active": catalog.active_products()[:20],
    "catalog_product_by_category": Product.objects.filter(category=1).order_by("-created_at")[:20],
    "catalog_product_sku_ci": Product.objects.alias(key=Lower("sku")).filter(key="x-1"),
    "audit_entry_object": audit.history("catalog.Product", "1")[:20],
    "audit_entry_at": AuditEntry.objects.order_by("-at")[:20],
    "jobs_execution_done": Execution.objects.filter(done_at__lt=now - timedelta(days=90)),
    "pipelines_sale_sku": Sale.objects.filter(sku="X-1", sold_at__gte=now),
    "analytics_figure_of_day": Figure.objects.filter(day=now.date(), name="users"),
}
with connection.cursor() as cursor:
    # With a handful of rows it would rather read them all.
    cursor.execute("SET enable_seqscan = off")
for name, query in wanted.items():
    plan = query.explain()
    if name not in plan:
        print(f"{name} is not used by {query.query}:\n{plan}")
"#;

/// One change that is committed, and one that is not.
const CHANGES: &str = r#"
from django.db import transaction
from apps.audit.models import AuditEntry
from apps.audit.receivers import committed
from apps.catalog.models import Product

heard = []
def hear(entry, **kwargs):
    heard.append(entry.pk)
committed.connect(hear)

product = Product.objects.first()
before = AuditEntry.objects.count()
with transaction.atomic():
    product.name += "!"
    product.save()
    print("heard inside:", len(heard))
print("recorded:", AuditEntry.objects.count() - before, "heard:", len(heard))
try:
    with transaction.atomic():
        product.name += "!"
        product.save()
        raise RuntimeError
except RuntimeError:
    pass
print("recorded:", AuditEntry.objects.count() - before, "heard:", len(heard))
"#;

/// `programs` is where PostgreSQL's are; `production` are the variables of a database that is migrated and holds rows.
pub(super) fn prove(report: &Report, selection: &str, project: &Project, programs: &Path, production: &[(&str, &str)]) {
    report.check(selection, "PostgreSQL uses the indexes that the models have", || {
        let said = project.python(INDEXES, production)?;
        ensure(said.is_empty(), || said)
    });
    report.check(selection, "a change is recorded once, and told after its commit", || {
        let said = project.python(CHANGES, production)?;
        let should = "heard inside: 0\nrecorded: 1 heard: 1\nrecorded: 1 heard: 1\n";
        ensure(said == should, || said)
    });
    report.check(selection, "a copy of the database is made and put back", || copies(project, programs, production));
    cron(report, selection, project);
}

fn copies(project: &Project, programs: &Path, production: &[(&str, &str)]) -> Verdict {
    let count = "from apps.accounts.models import User\nfrom apps.catalog.models import Product\n\
                 print(User.objects.count(), Product.objects.count())";
    let run = |words: &[&str]| {
        let mut command = project.command(project.path(words[0]), &words[1..]);
        let others = std::env::var_os("PATH").unwrap_or_default();
        let own = [project.path(".venv/bin"), programs.to_owned()];
        let path = own.into_iter().chain(std::env::split_paths(&others));
        command.env("PATH", std::env::join_paths(path).unwrap()).envs(production.iter().copied());
        command.env("RESTORE_YES", "1");
        finish(command, &words.join(" "))?.succeeds()
    };
    let before = project.python(count, production)?;
    let copy = run(&["scripts/backup.sh"])?.stdout.lines().last().unwrap_or_default().to_owned();
    project.python("from apps.catalog.models import Product\nProduct.objects.all().delete()", production)?;
    let between = project.python(count, production)?;
    run(&["scripts/restore.sh", &copy])?;
    let after = project.python(count, production)?;
    ensure(before != between && before == after, || format!("users and products: {before}{between}{after}"))
}

/// The crontab is cron's own, and each line of it does something.
fn cron(report: &Report, selection: &str, project: &Project) {
    let path = "deploy/cron/app.crontab";
    report.check(selection, "cron accepts the crontab", || {
        if proof::find("crontab").is_none() {
            return Err(Fault::Missing("crontab is not on PATH".to_owned()));
        }
        let wrong = project.sandbox.root().join("wrong.crontab");
        std::fs::write(&wrong, "61 * * * * true\n").unwrap();
        let refused = finish(project.command("crontab", &["-n", &wrong.to_string_lossy()]), "crontab -n")?;
        ensure(refused.code != Some(0), || format!("it accepts anything: {refused}"))?;
        project.run(&format!("crontab -n {path}")).map(drop)
    });
    report.check(selection, "each line of the crontab runs", || {
        let crontab = project.read(path)?;
        let commands: Vec<String> = crontab
            .lines()
            .filter(|line| line.starts_with(|first: char| first.is_ascii_digit() || first == '*'))
            .map(|line| line.split_whitespace().skip(5).collect::<Vec<_>>().join(" "))
            .collect();
        ensure(commands.len() >= 4, || format!("these lines: {commands:?}"))?;
        for words in commands {
            // As cron starts it: from elsewhere, with next to nothing in its environment.
            let mut command = project.command("/bin/sh", &["-c", &words]);
            command.env("PROJECT", &project.dir).env("PATH", "/usr/bin:/bin").current_dir("/");
            finish(command, &words)?.succeeds()?;
        }
        Ok(())
    });
}
