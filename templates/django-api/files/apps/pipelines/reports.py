"""What comes out again: summaries, written row by row."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db.models import Count, F, Sum

from apps.pipelines.contexts import new_file, timer
from apps.pipelines.models import Sale

HEADER = ("sku", "sales", "quantity", "revenue")


def summary() -> Iterator[tuple[Any, ...]]:
    """Yield sales by product; the database adds up, and the rows come in pieces."""
    totals = Sale.objects.values("sku").annotate(
        sales=Count("pk"), pieces=Sum("quantity"), revenue=Sum(F("quantity") * F("price"))
    )
    for row in totals.order_by("sku").iterator(chunk_size=1000):
        yield row["sku"], row["sales"], row["pieces"], f"{row['revenue']:.2f}"


def write_summary(path: Path) -> int:
    """Write the summary as a CSV file and return the number of its rows."""
    count = 0
    with timer("summary"), new_file(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for row in summary():
            writer.writerow(row)
            count += 1
    return count
