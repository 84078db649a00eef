"""Pipelines: files come in, rows go to the database, summaries come out."""

from pathlib import Path

from config import env
from config.settings import BASE_DIR

APPS = ["apps.pipelines"]

# Where other systems leave their files; the job `ingest-inbox` loads what is new there.
PIPELINE_INBOX = Path(env.text("PIPELINE_INBOX", BASE_DIR / "inbox"))
PIPELINE_BATCH = env.integer("PIPELINE_BATCH", 5000, minimum=1)

JOBS = {"ingest-inbox": {"run": "apps.pipelines.services.ingest_inbox", "cron": "*/15 * * * *"}}
