"""Loads CSV files, from here or from the network."""

import asyncio
import tempfile
from argparse import ArgumentParser
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError

from apps.pipelines import services
from apps.pipelines.async_fetch import fetch_all
from apps.pipelines.sources import UnreadableFileError


class Command(BaseCommand):
    help = "Load CSV files of sales; again after a crash, it goes on where it was"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("sources", nargs="+", help="files, or http and https addresses")
        parser.add_argument("--rejects", type=Path, help="where rows go that are wrong")
        parser.add_argument("--batch", type=int, help="rows in one transaction")
        parser.add_argument("--limit", type=int, default=8, help="fetches at once (default: 8)")

    def handle(self, *args: Any, **options: Any) -> None:
        urls = [source for source in options["sources"] if "://" in source]
        paths = [Path(source) for source in options["sources"] if "://" not in source]
        for path in paths:
            if not path.is_file():
                raise CommandError(f"{path} is no file")
        with tempfile.TemporaryDirectory() as folder:
            paths += asyncio.run(self.fetch(urls, Path(folder), options["limit"]))
            for path in paths:
                self.load(path, options)

    def load(self, path: Path, options: dict[str, Any]) -> None:
        rejects = options["rejects"]
        try:
            done = services.ingest(path, rejects, options["batch"])
        except UnreadableFileError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{path.name}: {done.loaded} loaded, {done.rejected} rejected")

    # Nothing of Django's database in here: it must not be used from a running event loop.
    async def fetch(self, urls: list[str], folder: Path, limit: int) -> list[Path]:
        paths: list[Path] = []
        async for fetched in fetch_all(urls, limit=limit):
            if fetched.problem:
                raise CommandError(f"{fetched.url}: {fetched.problem}")
            name = PurePosixPath(urlsplit(fetched.url).path).name or "fetched.csv"
            path = folder / f"{len(paths)}-{name}"
            await asyncio.to_thread(path.write_bytes, fetched.content)
            paths.append(path)
        return paths
