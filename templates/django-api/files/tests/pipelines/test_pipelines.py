import asyncio
import csv
import io
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from unittest import mock

from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import SimpleTestCase, TestCase

from apps.pipelines import reports, services
from apps.pipelines.async_fetch import Fetched, fetch_all, read_url
from apps.pipelines.contexts import all_or_nothing, new_file, timer
from apps.pipelines.decorators import remembered, retry, timed
from apps.pipelines.models import Ingestion, Sale
from apps.pipelines.sources import Position, UnreadableFileError, csv_rows
from apps.pipelines.transforms import COLUMNS, Rejected, batches, sales

HEADER = ",".join(COLUMNS)
GOOD = "S-{n},lamp-{n},2,9.99,2026-01-31T12:00:00Z"


class FileTestCase(TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def file(self, *lines: str, name: str = "sales.csv", header: str = HEADER) -> Path:
        path = self.folder / name
        path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
        return path

    def rejects(self) -> list[dict[str, str]]:
        with (self.folder / "sales.rejects.csv").open(newline="") as file:
            return list(csv.DictReader(file))


class SourceTests(FileTestCase):
    def rows(self, content: bytes) -> list[Any]:
        path = self.folder / "rows.csv"
        path.write_bytes(content)
        rows = csv_rows(path, ("a",), Position())
        return [(row.line, row.values, bool(row.problem)) for row in rows]

    def test_reads_what_spreadsheets_write(self) -> None:
        rows = self.rows(b'\xef\xbb\xbfb,a\r\n1,"x\r\ny"\r\n\r\n2,"say ""hi"""\r\n')
        self.assertEqual(
            rows,
            [(2, {"b": "1", "a": "x\r\ny"}, False), (5, {"b": "2", "a": 'say "hi"'}, False)],
        )

    def test_goes_on_after_a_row_that_cannot_be_read(self) -> None:
        rows = self.rows(b'a\n\xff\n"x"y\n1,2\n3\n')
        self.assertEqual([line for line, _, is_wrong in rows if is_wrong], [2, 3, 4])
        self.assertEqual(rows[-1], (5, {"a": "3"}, False))

    def test_quote_that_is_never_closed_is_one_bad_row(self) -> None:
        rows = self.rows(b'a\n"' + b"x\n" * 100_000)
        self.assertTrue(rows[0][2])

    def test_columns_that_are_missing_are_named(self) -> None:
        for content in (b"b,c\n", b"", b"\xff\n"):
            with self.subTest(content), self.assertRaises(UnreadableFileError):
                self.rows(content)

    def test_nothing_is_read_ahead(self) -> None:
        path = self.folder / "long.csv"
        path.write_bytes(b"a\n" + b"1\n" * 100_000)
        position = Position()
        rows = csv_rows(path, ("a",), position)
        next(rows)
        self.assertEqual((position.line, position.offset), (2, 4))


class TransformTests(FileTestCase):
    def test_wrong_values_are_rejected_with_the_reason(self) -> None:
        wrong = {
            "number": ",l,1,1,2026-01-31T12:00:00Z",
            "sku": f"n,{'x' * 41},1,1,2026-01-31T12:00:00Z",
            "quantity": "n,l,-1,1,2026-01-31T12:00:00Z",
            "price": "n,l,1,NaN,2026-01-31T12:00:00Z",
            "two decimals": "n,l,1,1.001,2026-01-31T12:00:00Z",
            "a time": "n,l,1,1,yesterday",
            "time zone": "n,l,1,1,2026-01-31T12:00:00",
            "out of range": "n,l,1,1,0001-01-01T00:00:00+14:00",
            "has 2 values": "n,l",
        }
        rows = csv_rows(self.file(*wrong.values()), COLUMNS, Position())
        for expected, result in zip(wrong, sales(rows), strict=True):
            assert isinstance(result, Rejected)
            self.assertIn(expected, result.reason)

    def test_is_lazy(self) -> None:
        taken: list[int] = []

        def numbers() -> Iterator[int]:
            for number in range(1_000_000):
                taken.append(number)
                yield number

        self.assertEqual(next(batches(numbers(), 10)), list(range(10)))
        self.assertEqual(len(taken), 10)


class IngestTests(FileTestCase):
    def test_good_rows_are_loaded_and_bad_ones_reported(self) -> None:
        path = self.file(GOOD.format(n=1), "nonsense", GOOD.format(n=2), GOOD.format(n=2))
        done = services.ingest(path)
        self.assertEqual((done.loaded, done.rejected), (3, 1))
        self.assertEqual(Sale.objects.count(), 2)
        [reject] = self.rejects()
        self.assertEqual((reject["line"], reject["number"]), ("3", "nonsense"))

    def test_second_time_nothing_happens(self) -> None:
        path = self.file(GOOD.format(n=1))
        first = services.ingest(path)
        with mock.patch("apps.pipelines.services._store") as store:
            self.assertEqual(services.ingest(path).finished_at, first.finished_at)
        store.assert_not_called()

    def test_goes_on_where_it_was(self) -> None:
        lines = [line for n in range(10) for line in (GOOD.format(n=n), f"bad-{n}")]
        path = self.file(*lines)
        store = services._store
        calls = 0

        def crash(ingestion: Ingestion, group: Any) -> None:
            nonlocal calls
            calls += 1
            if calls == 3:
                raise KeyboardInterrupt
            store(ingestion, group)

        with (
            mock.patch("apps.pipelines.services._store", side_effect=crash),
            self.assertRaises(KeyboardInterrupt),
        ):
            services.ingest(path, batch=4)
        self.assertEqual(Sale.objects.count(), 4)
        stopped = Ingestion.objects.get()
        self.assertIsNone(stopped.finished_at)
        with mock.patch("apps.pipelines.services._store", side_effect=store) as again:
            done = services.ingest(path, batch=4)
        self.assertEqual(again.call_count, 3)  # of five batches, two were done
        self.assertEqual((done.loaded, done.rejected, Sale.objects.count()), (10, 10, 10))
        self.assertEqual([row["number"] for row in self.rejects()], [f"bad-{n}" for n in range(10)])

    def test_database_that_is_away_for_a_moment(self) -> None:
        path = self.file(GOOD.format(n=1))
        create = Sale.objects.bulk_create
        outcomes: list[Any] = [OperationalError, mock.DEFAULT]
        with (
            mock.patch.object(Sale.objects, "bulk_create", side_effect=outcomes, wraps=create),
            mock.patch("apps.pipelines.decorators.time.sleep"),
        ):
            services.ingest(path)

    def test_memory_does_not_grow_with_the_file(self) -> None:
        peaks = []
        for number in (2_000, 20_000):
            path = self.file(*(GOOD.format(n=n) for n in range(number)), name=f"{number}.csv")
            tracemalloc.start()
            services.ingest(path, batch=500)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        self.assertLess(peaks[1], peaks[0] * 1.5)

    def test_inbox(self) -> None:
        self.file(GOOD.format(n=1), "bad")
        self.file(header="nonsense", name="wrong.csv")
        with self.settings(PIPELINE_INBOX=self.folder):
            for _ in range(2):
                counts = services.ingest_inbox()
                expected = {"files": 1, "loaded": 1, "rejected": 1, "unreadable": 1}
                self.assertEqual(counts, expected)
        self.assertEqual(Sale.objects.count(), 1)


class CommandTests(FileTestCase):
    def run_command(self, *args: Any) -> str:
        output = io.StringIO()
        call_command(*args, stdout=output)
        return output.getvalue()

    def test_ingest(self) -> None:
        path = self.file(GOOD.format(n=1), "bad")
        said = self.run_command("ingest", str(path))
        self.assertEqual(said, "sales.csv: 1 loaded, 1 rejected\n")
        for wrong in (self.folder / "none.csv", self.file(header="x", name="x.csv")):
            with self.assertRaises(CommandError):
                self.run_command("ingest", str(wrong))

    def test_summary_is_written_whole(self) -> None:
        services.ingest(self.file(*(GOOD.format(n=n) for n in range(3))))
        path = self.folder / "out" / "summary.csv"
        self.assertIn("3 products", self.run_command("summarize", str(path)))
        self.assertEqual(
            path.read_text().splitlines()[:2], ["sku,sales,quantity,revenue", "lamp-0,1,2,19.98"]
        )
        with (
            mock.patch.object(reports, "summary", side_effect=RuntimeError),
            self.assertRaises(RuntimeError),
        ):
            reports.write_summary(path)
        self.assertEqual([file.name for file in path.parent.iterdir()], ["summary.csv"])
        self.assertIn("lamp-2", path.read_text())


class DecoratorTests(SimpleTestCase):
    def test_retry(self) -> None:
        pauses: list[float] = []
        step = mock.Mock(side_effect=[OSError, OSError, "done"], __name__="step")
        tried = retry(OSError, times=3, delay=1, sleep=pauses.append)(step)
        self.assertEqual(tried(), "done")
        self.assertTrue(0.5 <= pauses[0] <= 1 <= pauses[1] <= 2)
        for error, calls in ((OSError, 3), (KeyError, 1)):
            step = mock.Mock(side_effect=error, __name__="step")
            with self.assertRaises(error):
                retry(OSError, times=3, sleep=pauses.append)(step)()
            self.assertEqual(step.call_count, calls)
        with self.assertRaises(ValueError):
            retry(OSError, times=0)

    def test_timed(self) -> None:
        step = mock.Mock(side_effect=RuntimeError, __name__="step")
        with self.assertLogs("apps.pipelines", "INFO"), self.assertRaises(RuntimeError):
            timed(step)()

    def test_remembered(self) -> None:
        step = mock.Mock(side_effect=range(10), __name__="step")
        looked_up: Any = remembered(60, most=2)(step)
        self.assertEqual([looked_up(1), looked_up(1), looked_up(2)], [0, 0, 1])
        looked_up(3)
        self.assertEqual(looked_up(1), 3)
        looked_up.forget()
        self.assertEqual(looked_up(1), 4)
        with mock.patch("apps.pipelines.decorators.time.monotonic", return_value=1e12):
            self.assertEqual(looked_up(1), 5)


class ContextTests(FileTestCase):
    def test_timer_tells_also_of_what_fails(self) -> None:
        with self.assertLogs("apps.pipelines", "INFO"), self.assertRaises(RuntimeError), timer("x"):
            raise RuntimeError

    def test_file_is_whole_or_not_there(self) -> None:
        path = self.folder / "file"
        with self.assertRaises(RuntimeError), new_file(path) as file:
            file.write("half")
            raise RuntimeError
        self.assertEqual(list(self.folder.iterdir()), [])
        with new_file(path) as file:
            file.write("whole")
        self.assertEqual(path.read_text(), "whole")

    def test_all_or_nothing(self) -> None:
        with self.assertRaises(RuntimeError), all_or_nothing("x"):
            Ingestion.objects.create(digest="x", name="x")
            raise RuntimeError
        self.assertFalse(Ingestion.objects.exists())


class FetchTests(SimpleTestCase):
    def fetch(self, urls: Any, **options: Any) -> list[Fetched]:
        async def collect() -> list[Fetched]:
            return [fetched async for fetched in fetch_all(urls, **options)]

        return asyncio.run(collect())

    def test_never_more_at_once_than_allowed(self) -> None:
        running = most = 0
        lock = threading.Lock()

        def read(url: str, timeout: float) -> bytes:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            time.sleep(0.01)
            with lock:
                running -= 1
            return url.encode()

        found = self.fetch([f"http://h/{n}" for n in range(20)], limit=3, read=read)
        self.assertEqual({item.content.decode() for item in found}, {item.url for item in found})
        self.assertEqual((len(found), most), (20, 3))

    def test_one_that_fails_stops_no_other(self) -> None:
        def read(url: str, timeout: float) -> bytes:
            if url == "bad":
                raise OSError("refused")
            return b"good"

        found = {item.url: item for item in self.fetch(["bad", "good"], limit=1, read=read)}
        self.assertEqual((found["bad"].problem, found["good"].content), ("refused", b"good"))

    def test_does_not_wait_for_ever(self) -> None:
        stop = threading.Event()

        def read(url: str, timeout: float) -> bytes:
            stop.wait(30)
            return b""

        async def collect() -> list[Fetched]:
            found = [item async for item in fetch_all(["slow"], timeout=0.05, read=read)]
            stop.set()
            return found

        [fetched] = asyncio.run(collect())
        self.assertEqual(fetched.problem, "no answer within 0.05 s")

    def test_addresses_are_taken_as_they_are_needed(self) -> None:
        def endless() -> Iterator[str]:
            while True:
                yield "http://h/"

        async def first() -> Fetched:
            async for fetched in fetch_all(endless(), limit=2, read=lambda url, timeout: b"x"):
                return fetched
            raise AssertionError

        self.assertEqual(asyncio.run(first()).content, b"x")

    def test_only_the_web_is_fetched(self) -> None:
        [fetched] = self.fetch(["file:///etc/passwd"])
        self.assertIn("only http and https", fetched.problem)

    def test_over_http(self) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"hello")

            def log_message(self, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.assertEqual(read_url(f"http://127.0.0.1:{server.server_port}/", 5), b"hello")
