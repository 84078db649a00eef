"""The figures, as tables and as lines."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from apps.analytics.models import Figure


@dataclass(frozen=True, slots=True)
class Series:
    """A figure over the days; a day that was not counted is missing from it."""

    name: str
    values: list[tuple[date, int]]

    @property
    def last(self) -> int:
        return self.values[-1][1]


def series(until: date, days: int) -> list[Series]:
    """Return each figure over the last days, in one query."""
    begin = until - timedelta(days=days - 1)
    found: dict[str, list[tuple[date, int]]] = {}
    rows = Figure.objects.filter(day__gte=begin, day__lte=until).order_by("name", "day")
    for row in rows:
        found.setdefault(row.name, []).append((row.day, row.value))
    return [Series(name, values) for name, values in found.items()]


def table(until: date, days: int) -> Iterator[list[str]]:
    """Yield a row for each day, newest first, after the names."""
    found = series(until, days)
    by_day = {(name.name, day): value for name in found for day, value in name.values}
    yield ["day", *(name.name for name in found)]
    for ago in range(days):
        day = until - timedelta(days=ago)
        values = [by_day.get((name.name, day)) for name in found]
        yield [day.isoformat(), *("" if value is None else str(value) for value in values)]
