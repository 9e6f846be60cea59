"""The picture of an account: its fills folded, its open orders, and prices at one moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from tools.domain.actions import CashEvent, Entry, Split
from tools.domain.order import Fill
from tools.domain.portfolio import OpenOrder, RecentOrder, Snapshot
from tools.domain.venue import MarginRegime
from tools.portfolio.accounting import Account
from tools.portfolio.marks import Kind, Mark, kinds_of, marks_at
from tools.portfolio.running import Running

__all__ = ["Kind", "Mark", "filled_by", "kinds_of", "least_held", "marks_at", "picture"]

Dated = TypeVar("Dated", Fill, CashEvent, Split, Entry)


def filled_by(rows: Iterable[Dated], moment: datetime) -> tuple[Dated, ...]:
    """The fills or entries that had happened at a market moment: for views of the past.

    The gate never uses this. It counts every fill whatever its market time, so an order dated in
    the past can't spend cash or room that a later fill has already taken.
    """
    return tuple(row for row in rows if row.at <= moment)


def picture(
    name: str,
    at: datetime,
    start: Account,
    fills: Iterable[Fill],
    mark: Mark,
    open_orders: Iterable[OpenOrder] = (),
    recent: Iterable[RecentOrder] = (),
    *,
    entries: Sequence[Entry] = (),
    kind: Kind | None = None,
    buying_power: Decimal | None = None,
    margin: MarginRegime = MarginRegime.CASH,
) -> Snapshot:
    """The account called ``name`` at ``at`` (aware UTC); ``start`` is it before the first fill.

    The same as ``Running.picture``, for one picture alone.
    """
    return Running(start).picture(
        name,
        at,
        tuple(fills),
        mark,
        open_orders,
        recent,
        entries=entries,
        kind=kind,
        buying_power=buying_power,
        margin=margin,
    )


def least_held(
    fills: Iterable[Fill], symbol: str, since: datetime, entries: Iterable[Entry] = ()
) -> Decimal:
    """The smallest signed quantity of ``symbol`` held at ``since`` (aware) or any time after."""
    moves = [(f.at, f.side.sign * f.quantity) for f in fills if f.symbol == symbol]
    moves += [(e.at, e.change) for e in entries if isinstance(e, Split) and e.symbol == symbol]
    moves.sort(key=lambda move: move[0])
    held = sum((change for at, change in moves if at <= since), Decimal(0))
    least = held
    for at, change in moves:
        if at > since:
            held += change
            least = min(least, held)
    return least
