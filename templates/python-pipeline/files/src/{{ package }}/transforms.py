"""What becomes of rows on their way: each takes them one by one and yields them one by one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import TypeVar

from .sources import Row

T = TypeVar("T")

COLUMNS = ("number", "sku", "quantity", "price", "sold_at")
MAX_PRICE = Decimal("99999999.99")
MAX_QUANTITY = 2_147_483_647


@dataclass(frozen=True, slots=True)
class Sale:
    """A row that is right; the number that its source gave it says whether it is known already."""

    number: str
    sku: str
    quantity: int
    # In cents, so that sums are exact in any database.
    cents: int
    sold_at: datetime


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that is not taken, and why."""

    row: Row
    reason: str


def sales(rows: Iterable[Row]) -> Iterator[Sale | Rejected]:
    """Turn rows into sales; one that is wrong becomes its own rejection, not an exception."""
    for row in rows:
        try:
            yield _sale(row)
        except ValueError as error:
            yield Rejected(row, str(error))


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Group items; never more than one group is held."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def _sale(row: Row) -> Sale:
    if row.problem:
        raise ValueError(row.problem)
    values = {name: value.strip() for name, value in row.values.items()}
    return Sale(
        number=_text(values, "number"),
        sku=_text(values, "sku"),
        quantity=_quantity(values["quantity"]),
        cents=int(_price(values["price"]) * 100),
        sold_at=_moment(values["sold_at"]),
    )


def _text(values: dict[str, str], name: str) -> str:
    value = values[name]
    if not value or len(value) > 40 or not value.isprintable():
        raise ValueError(f"{name} must be 1 to 40 printable characters")
    return value


def _quantity(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 10 or int(text) > MAX_QUANTITY:
        raise ValueError("quantity must be a whole number")
    return int(text)


def _price(text: str) -> Decimal:
    try:
        price = Decimal(text)
    except InvalidOperation:
        raise ValueError("price must be a number") from None
    if not price.is_finite() or not 0 <= price <= MAX_PRICE:
        raise ValueError("price must be between 0 and 99999999.99")
    if price != price.quantize(Decimal("0.01")):
        raise ValueError("price must have no more than two decimals")
    return price


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("sold_at must be a time such as 2026-01-31T12:00:00Z") from None
    # Without a zone it could mean any of many moments.
    if moment.tzinfo is None:
        raise ValueError("sold_at must have a time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("sold_at is out of range") from None
