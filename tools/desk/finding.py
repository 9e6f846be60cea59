"""From what a person types to one order."""

from __future__ import annotations

from tools.domain.errors import InputError, NotFound
from tools.execution.book import Book
from tools.execution.record import OrderRecord

SHORTEST = 4


def find(book: Book, wanted: str) -> OrderRecord:
    """The order whose id is ``wanted``, or starts with it (at least 4 characters).

    Raises NotFound when there is none and InputError when there are several.
    """
    prefix = wanted.strip().lower()
    if len(prefix) < SHORTEST:
        raise InputError(f"an order's id needs at least {SHORTEST} characters, was {wanted!r}")
    if prefix in book.orders:
        return book.orders[prefix]
    found = [record for key, record in book.orders.items() if key.startswith(prefix)]
    if not found:
        raise NotFound(f"there is no order {wanted[:40]!r}; `tollgate orders` lists them")
    if len(found) > 1:
        ids = ", ".join(record.id for record in found[:5])
        raise InputError(f"{wanted!r} could be any of {ids}; write more of the id")
    return found[0]
