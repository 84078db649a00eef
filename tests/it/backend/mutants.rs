//! The project with one line broken on purpose: its tests must notice, or they prove nothing.

use std::path::Path;

use super::project::{Project, finish};
use super::report::{Fault, Report, Verdict, broken, ensure};

/// One line, how it is broken, and the tests that have to notice.
struct Mutant {
    what: &'static str,
    file: &'static str,
    /// The first such text in the file.
    line: &'static str,
    broken: &'static str,
}

/// Short for the table below.
const fn mutant(what: &'static str, file: &'static str, line: &'static str, broken: &'static str) -> Mutant {
    Mutant { what, file, line, broken }
}

/// By the component whose tests must fail; the first of each is always tried.
const MUTANTS: [(&str, &[Mutant]); 20] = [
    (
        "core",
        &[
            mutant(
                "the request id is not sent back",
                "apps/core/middleware/request_log.py",
                "response[HEADER] = request_id",
                "pass",
            ),
            mutant(
                "malformed JSON is let through",
                "apps/core/middleware/validation.py",
                "if _is_json(request):",
                "if False:",
            ),
            mutant(
                "ready whatever fails",
                "apps/core/middleware/health.py",
                "HTTPStatus.SERVICE_UNAVAILABLE",
                "HTTPStatus.OK",
            ),
            mutant(
                "production takes DEBUG",
                "config/settings/prod.py",
                "if env.flag(\"DJANGO_DEBUG\", False):",
                "if False:",
            ),
            mutant("a query for each user's groups", "apps/accounts/selectors.py", ".prefetch_related(\"groups\")", ""),
            mutant(
                "a query for each entry's user",
                "apps/accounts/selectors.py",
                ".select_related(\"user\", \"content_type\")",
                "",
            ),
        ],
    ),
    (
        "rest",
        &[
            mutant(
                "everybody may change everything",
                "apps/core/api/permissions.py",
                "obj.owner_id == request.user.pk",
                "True",
            ),
            mutant(
                "no throttle by address",
                "config/settings/components/rest.py",
                "\"rest_framework.throttling.AnonRateThrottle\",",
                "",
            ),
            mutant(
                "all see all users",
                "apps/accounts/api/views.py",
                "(permissions.IsAdminUser,)",
                "(permissions.IsAuthenticated,)",
            ),
            mutant("ties in any order", "apps/core/api/filters.py", "[*ordering, \"pk\"]", "[*ordering]"),
            mutant("endless pages", "apps/core/api/pagination.py", "max_page_size = 100", "max_page_size = 100_000"),
            mutant(
                "public unless a view says otherwise",
                "config/settings/components/rest.py",
                "permissions.IsAuthenticated",
                "permissions.AllowAny",
            ),
        ],
    ),
    (
        "openapi",
        &[
            mutant(
                "scripts from another host",
                "config/settings/components/openapi.py",
                "\"SWAGGER_UI_DIST\": \"SIDECAR\",",
                "",
            ),
            mutant(
                "errors are not described",
                "config/settings/components/openapi.py",
                "\"apps.openapi.hooks.add_errors\",",
                "",
            ),
        ],
    ),
    (
        "auth-jwt",
        &[
            mutant(
                "a refresh token works twice",
                "config/settings/components/auth_jwt.py",
                "\"BLACKLIST_AFTER_ROTATION\": True",
                "\"BLACKLIST_AFTER_ROTATION\": False",
            ),
            mutant("passwords can be guessed", "apps/accounts/jwt/views.py", "(LoginThrottle,)", "()"),
        ],
    ),
    (
        "auth-token",
        &[
            mutant("passwords can be guessed", "apps/accounts/token/views.py", "(LoginThrottle,)", "()"),
            mutant(
                "anybody's token is revoked",
                "apps/accounts/token/views.py",
                "get_object_or_404(Token, user=self.request.user.pk)",
                "Token.objects.earliest(\"created\")",
            ),
        ],
    ),
    (
        "cache",
        &[
            mutant(
                "nothing becomes stale",
                "apps/caching/generation.py",
                "cache.set(self.key, _stamp(), timeout=None)",
                "pass",
            ),
            mutant("ready without its cache", "apps/caching/health.py", "if cache.get(", "if False and cache.get("),
            mutant(
                "arguments do not count",
                "apps/caching/generation.py",
                "repr((args, sorted(kwargs.items())))",
                "\"\"",
            ),
        ],
    ),
    (
        "example",
        &[
            mutant(
                "a query for each product's category",
                "apps/catalog/selectors.py",
                ".select_related(\"category\", \"owner\")",
                "",
            ),
            mutant("a query for each product's tags", "apps/catalog/selectors.py", ".prefetch_related(\"tags\")", ""),
            mutant(
                "changes leave the cache as it was",
                "apps/catalog/caching.py",
                "transaction.on_commit(CATALOG.advance)",
                "pass",
            ),
            mutant(
                "stale before the commit",
                "apps/catalog/caching.py",
                "transaction.on_commit(CATALOG.advance)",
                "CATALOG.advance()",
            ),
            mutant("everybody changes products", "apps/catalog/api/views.py", "IsOwnerOrReadOnly)", ")"),
            mutant("stock below nothing", "apps/catalog/services.py", "if locked.stock + by < 0:", "if False:"),
            mutant(
                "products are not checked",
                "apps/catalog/services.py",
                "price=price, **fields)\n    product.full_clean()",
                "price=price, **fields)",
            ),
        ],
    ),
    (
        "oauth2",
        &[
            mutant(
                "a scope that is not asked for is enough",
                "apps/accounts/oauth2/authentication.py",
                "if not token.is_valid([scope]):",
                "if False:",
            ),
            mutant(
                "a wrong token is nobody instead of an error",
                "apps/accounts/oauth2/authentication.py",
                "raise AuthenticationFailed(\"The token is not valid.\", code=\"token_not_valid\")",
                "return None",
            ),
            mutant(
                "who was locked out still comes in",
                "apps/accounts/oauth2/authentication.py",
                "if user is None or not user.is_active:",
                "if user is None:",
            ),
            mutant("tokens are stored as they are", "config/settings/components/oauth2.py", "\"TOKEN_STORAGE\",", ""),
            mutant(
                "a stolen refresh token harms nobody",
                "config/settings/components/oauth2.py",
                "\"REFRESH_TOKEN_REUSE_PROTECTION\": True",
                "\"REFRESH_TOKEN_REUSE_PROTECTION\": False",
            ),
        ],
    ),
    (
        "graphql",
        &[
            mutant("everybody has an account", "apps/graphql/access.py", "if not user.is_authenticated:", "if False:"),
            mutant("a session needs no CSRF token", "apps/graphql/views.py", "if refusal is not None:", "if False:"),
            mutant("queries may cost anything", "apps/graphql/cost.py", "if cost > most:", "if False:"),
            mutant(
                "failures show what is inside",
                "apps/graphql/errors.py",
                "return _error(error, \"Something went wrong on our side.\", \"server_error\")",
                "return error",
            ),
        ],
    ),
    (
        "signals",
        &[
            mutant(
                "told before the commit",
                "apps/audit/receivers.py",
                "transaction.on_commit(lambda: _tell(entry))",
                "_tell(entry)",
            ),
            mutant("what did not change is recorded", "apps/audit/receivers.py", "and old.get(field) != value", ""),
            mutant("nobody did it", "apps/audit/receivers.py", "actor_id=current_user_id(),", ""),
        ],
    ),
    (
        "celery",
        &[
            mutant("work is done twice", "apps/jobs/once.py", "if is_new:", "if True:"),
            mutant(
                "what a dead worker had begun is lost",
                "config/settings/components/celery.py",
                "CELERY_TASK_ACKS_LATE = True",
                "CELERY_TASK_ACKS_LATE = False",
            ),
            mutant(
                "a database that is away ends a job",
                "apps/jobs/tasks.py",
                "autoretry_for=(OperationalError, InterfaceError),",
                "",
            ),
        ],
    ),
    (
        "beat",
        &[
            mutant(
                "what was changed in the admin is undone",
                "apps/schedule/services.py",
                "            continue\n",
                "            PeriodicTask.objects.filter(name=f\"{PREFIX}{name}\").update(enabled=True)\n            continue\n",
            ),
            mutant(
                "jobs that are gone go on",
                "apps/schedule/services.py",
                "task.enabled = False",
                "task.enabled = True",
            ),
        ],
    ),
    (
        "cron",
        &[
            mutant("a job at another time", "deploy/cron/app.crontab", "17 3 * * *", "17 4 * * *"),
            mutant("a job is missing", "deploy/cron/app.crontab", "housekeeping", "housekeeper"),
        ],
    ),
    (
        "pipelines",
        &[
            mutant(
                "after a crash it starts again",
                "apps/pipelines/services.py",
                "Position(ingestion.offset, ingestion.line)",
                "Position()",
            ),
            mutant(
                "rejects are written twice",
                "apps/pipelines/services.py",
                "file.truncate(ingestion.rejects_size)",
                "pass",
            ),
            mutant("all at once", "apps/pipelines/async_fetch.py", "while len(running) < limit and", "while"),
            mutant(
                "half a file can be seen",
                "apps/pipelines/contexts.py",
                "            Path(name).unlink()",
                "            pass",
            ),
        ],
    ),
    (
        "analytics",
        &[
            mutant("everybody reads the metrics", "apps/analytics/views.py", "elif not settings.DEBUG:", "elif False:"),
            mutant(
                "figures are for everybody",
                "apps/analytics/views.py",
                "@staff_member_required\ndef report(",
                "def report(",
            ),
            mutant(
                "a day is always 24 hours",
                "apps/analytics/services.py",
                "timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))",
                "begin + timedelta(days=1)",
            ),
        ],
    ),
    (
        "kubernetes",
        &[
            mutant("two clocks", "deploy/k8s/base/beat.yaml", "replicas: 1", "replicas: 2"),
            mutant("a probe that nobody answers", "deploy/k8s/base/web.yaml", "path: /health/live", "path: /alive"),
            mutant("a container that is root", "deploy/k8s/base/web.yaml", "runAsNonRoot: true", "runAsNonRoot: false"),
        ],
    ),
    (
        "ci-jenkins",
        &[
            mutant("no tests", "Jenkinsfile", "stage('Test')", "stage('Rest')"),
            mutant("a secret in the text of a step", "Jenkinsfile", "sh 'mypy .'", "sh \"mypy .\""),
        ],
    ),
    (
        "scripts",
        &[
            mutant("a copy that everybody reads", "apps/core/management/commands/backup_database.py", "0o600", "0o644"),
            mutant(
                "anything is restored",
                "apps/core/management/commands/restore_database.py",
                "if wanted is None or not head.startswith(wanted):",
                "if False:",
            ),
            mutant(
                "restores without asking",
                "scripts/restore.sh",
                "if [ \"${RESTORE_YES:-}\" != 1 ]; then",
                "if false; then",
            ),
        ],
    ),
    (
        "docker",
        &[
            mutant("the container is root", "docker/Dockerfile", "USER 10001", "USER root"),
            mutant(
                "build settings serve",
                "config/settings/build.py",
                "if sys.argv[1:2] != [\"collectstatic\"]:",
                "if False:",
            ),
            mutant("secrets in the image's context", ".dockerignore", "\n*\n", "\n"),
        ],
    ),
    (
        "ci-github",
        &[
            mutant("workflows may write", ".github/workflows/ci.yml", "contents: read", "contents: write"),
            mutant(
                "an action that can change",
                ".github/workflows/ci.yml",
                "actions/checkout@",
                "actions/checkout@v5 # ",
            ),
        ],
    ),
];

/// One mutant of each component, or all, two at a time.
pub(super) fn prove(report: &Report, project: &Project, all: bool) {
    let chosen = MUTANTS.iter().flat_map(|(component, mutants)| {
        let count = if all { mutants.len() } else { 1 };
        mutants[..count].iter().map(move |mutant| (*component, mutant))
    });
    let chosen: Vec<(&str, &Mutant)> = chosen.collect();
    super::in_pairs(chosen, |(component, mutant)| {
        let check = format!("tests of {component} notice: {}", mutant.what);
        report.check("full, broken", &check, || noticed(project, component, mutant));
    });
}

fn noticed(project: &Project, component: &str, mutant: &Mutant) -> Verdict {
    let folder = tempfile::tempdir().unwrap();
    copy(&project.dir, folder.path());
    let path = folder.path().join(mutant.file);
    let text = std::fs::read_to_string(&path).map_err(|error| Fault::Broken(format!("{}: {error}", mutant.file)))?;
    ensure(text.contains(mutant.line), || format!("`{}` has no `{}` to break", mutant.file, mutant.line))?;
    std::fs::write(&path, text.replacen(mutant.line, mutant.broken, 1)).unwrap();

    let tests = format!("tests.{}", component.replace('-', "_"));
    let mut command = project.command(project.path(".venv/bin/python"), &["manage.py", "test", &tests, "--noinput"]);
    command.current_dir(folder.path());
    let said = finish(command, &format!("manage.py test {tests}"))?;
    if said.code == Some(0) {
        return broken(format!("`{}` became `{}`, and no test minded:\n{said}", mutant.line, mutant.broken));
    }
    // A project that cannot be loaded proves nothing.
    ensure(said.stderr.contains("FAILED ("), || said.to_string())
}

/// The project as git would take it, without its history and prodev's records.
fn copy(from: &Path, to: &Path) {
    for entry in ignore::WalkBuilder::new(from).hidden(false).require_git(false).build() {
        let path = entry.unwrap().into_path();
        let name = path.strip_prefix(from).unwrap();
        let aside = [".git", ".prodev"].iter().any(|folder| name.starts_with(folder));
        if path.is_file() && !aside {
            std::fs::create_dir_all(to.join(name).parent().unwrap()).unwrap();
            std::fs::copy(&path, to.join(name)).unwrap();
        }
    }
}
