"""How fast the books are kept: a booking, a decision's picture, and a whole fold from nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from tools.domain.order import Fill, Side
from tools.portfolio.accounting import Account, Books, fold
from tools.portfolio.marks import Mark
from tools.portfolio.running import Running

AT = datetime(2020, 1, 1, tzinfo=UTC)
START = Account("USD", Decimal(10**9))
PRICE = Decimal("50.27")


@dataclass(frozen=True, slots=True)
class Speed:
    """Microseconds that one of ``what`` takes with so many symbols held: the best of the runs."""

    what: str
    held: int
    micros: float


def speeds(held: tuple[int, ...] = (10, 500), runs: int = 5) -> tuple[Speed, ...]:
    """Each measure with few and with many symbols held: the same figure, if nothing is copied."""
    return tuple(
        Speed(what, count, min(measure(count) for _ in range(runs)) * 1e6)
        for what, measure in MEASURES.items()
        for count in held
    )


def _fills(held: int, count: int) -> list[Fill]:
    """Every symbol bought once, then buys and sales in turn."""
    return [
        Fill(
            f"x{n}",
            "order",
            f"S{n % held}",
            Side.SELL if n >= held and (n // held) % 2 else Side.BUY,
            Decimal(10),
            PRICE,
            Decimal("0.05"),
            "USD",
            AT,
            "measured",
        )
        for n in range(held + count)
    ]


def _bulk(held: int, count: int = 20_000) -> float:
    """A fill of a whole fold."""
    fills = _fills(held, count)
    started = time.perf_counter()
    fold(START, fills)
    return (time.perf_counter() - started) / len(fills)


def _booked(held: int, count: int = 20_000) -> float:
    """A fill booked on a running account."""
    fills = _fills(held, count)
    books = Books(START)
    books.book(fills[:held])
    started = time.perf_counter()
    for fill in fills[held:]:
        books.book((fill,))
    return (time.perf_counter() - started) / count


def _published(held: int, count: int = 5_000) -> float:
    """A fill booked, and the account published after it."""
    fills = _fills(held, count)
    books = Books(START)
    books.book(fills[:held])
    started = time.perf_counter()
    for fill in fills[held:]:
        books.book((fill,))
        _ = books.account
    return (time.perf_counter() - started) / count


def _pictured(held: int, count: int = 500) -> float:
    """A picture of all positions after each fill, prices standing still."""
    fills = _fills(held, count)
    running = Running(START)
    standing = (PRICE, AT)
    mark: Mark = {f"S{n}": standing for n in range(held)}.get
    running.picture("measured", AT, fills[:held], mark)
    told = [fills[: held + n] for n in range(1, count + 1)]
    started = time.perf_counter()
    for known in told:
        running.picture("measured", AT, known, mark)
    return (time.perf_counter() - started) / count


MEASURES: dict[str, Callable[[int], float]] = {
    "fill in a fold": _bulk,
    "fill booked": _booked,
    "fill booked and published": _published,
    "picture after a fill": _pictured,
}
