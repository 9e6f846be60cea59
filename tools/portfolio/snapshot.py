"""The picture of an account: its fills folded, its open orders, and prices at one moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal

from tools.domain.errors import TradingError
from tools.domain.order import Fill
from tools.domain.portfolio import OpenOrder, Position, RecentOrder, Snapshot
from tools.portfolio.accounting import Account, fold
from tools.ports import MarketData

Mark = Callable[[str], tuple[Decimal, datetime] | None]
"""The last known price of a symbol and its moment (aware UTC), None when there is none."""


def filled_by(fills: Iterable[Fill], moment: datetime) -> tuple[Fill, ...]:
    """The fills that had happened at a market moment: for views of the past.

    The gate never uses this. It counts every fill whatever its market time, so an order dated in
    the past can't spend cash or room that a later fill has already taken.
    """
    return tuple(fill for fill in fills if fill.at <= moment)


def marks_at(market: MarketData, moment: datetime) -> Mark:
    """Prices known at ``moment`` (aware UTC), each asked for once; None where there is none."""
    seen: dict[str, tuple[Decimal, datetime] | None] = {}

    def mark(symbol: str) -> tuple[Decimal, datetime] | None:
        if symbol not in seen:
            try:
                bar = market.history(symbol, moment).bars[-1]
            except TradingError:
                seen[symbol] = None
            else:
                seen[symbol] = (bar.close, bar.known_at)
        return seen[symbol]

    return mark


def picture(
    name: str,
    at: datetime,
    start: Account,
    fills: Iterable[Fill],
    mark: Mark,
    open_orders: Iterable[OpenOrder] = (),
    recent: Iterable[RecentOrder] = (),
) -> Snapshot:
    """The account called ``name`` at ``at`` (aware UTC); ``start`` is it before the first fill.

    Positions are by symbol; those that are flat again stay, with their realised profit.
    """
    account = fold(start, fills)
    positions = []
    for symbol, held in sorted(account.holdings.items()):
        price = mark(symbol) if held.quantity else None
        value, when = price if price is not None else (None, None)
        positions.append(
            Position(symbol, held.quantity, held.average_cost, held.realised, value, when)
        )
    return Snapshot(
        account=name,
        at=at,
        currency=account.currency,
        cash=account.cash,
        fees=account.fees,
        positions=tuple(positions),
        open_orders=tuple(open_orders),
        recent=tuple(recent),
    )


def least_held(fills: Iterable[Fill], symbol: str, since: datetime) -> Decimal:
    """The smallest signed quantity of ``symbol`` held at ``since`` (aware) or any time after."""
    mine = sorted((f for f in fills if f.symbol == symbol), key=lambda fill: fill.at)
    held = sum((f.side.sign * f.quantity for f in mine if f.at <= since), Decimal(0))
    least = held
    for fill in mine:
        if fill.at > since:
            held += fill.side.sign * fill.quantity
            least = min(least, held)
    return least
