"""What an order's account, strategy and symbol did of late, counted for the gate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from tools.domain.order import Fill, Order
from tools.domain.portfolio import Activity, Snapshot
from tools.domain.venue import MarginRegime
from tools.execution.standing import CANCEL, FILLED, SENT, Mark, Slices, Standing, Strategy
from tools.market_data.sessions import NEW_YORK
from tools.risk.limits import Limits

# How far back a wall clock that was set may have put a mark among later ones.
SLACK = timedelta(minutes=15)
PDT_DAYS = 5


def day_of(today: date, wall: datetime) -> str:
    """The name of a day: the exchange's date and the real one.

    Where the market clock stands still, as over sample data, a new real day is a new day.
    """
    return f"{today.isoformat()}/{wall.date().isoformat()}"


def equity_marks(
    standing: Standing, day: str, now: Decimal | None, morning: Decimal | None
) -> tuple[Decimal, Decimal] | None:
    """The equity at the start of ``day`` and the highest ever; None when none was ever known.

    ``now`` is the equity with today's prices, ``morning`` with those from before the day.
    """
    opening = standing.equity_open if standing.day == day else None
    if opening is None:
        opening = next((e for e in (morning, now, standing.equity_open) if e is not None), None)
    known = [e for e in (opening, now, standing.equity_peak) if e is not None]
    return None if opening is None else (opening, max(known))


def count(
    order: Order,
    standing: Standing,
    limits: Limits,
    wall: datetime,
    day: str,
    equity: tuple[Decimal, Decimal],
    account: Snapshot,
) -> Activity:
    """The activity as ``order`` is held to it by ``limits`` at ``wall`` (aware UTC).

    The order itself is not counted. ``equity`` is what ``equity_marks`` says.
    """
    key, name = order.client_order_id, order.strategy
    strategy = standing.strategies.get(name, Strategy())
    slices = standing.slices.get(order.slice_of, Slices()) if order.slice_of else Slices()
    others = list(_since(standing.marks, wall, _longest(limits), key))
    messages = [
        m for _, m in others if m.what in (SENT, CANCEL) and _in(m, wall, limits.message_seconds)
    ]
    fired = {
        m.key
        for n, m in others
        if m.what == SENT
        and m.strategy == name
        and n >= strategy.since
        and _in(m, wall, limits.execution_seconds)
    }
    here = [
        m
        for _, m in others
        if m.symbol == order.symbol and _in(m, wall, limits.order_to_fill_seconds)
    ]
    return Activity(
        equity_open=equity[0],
        equity_peak=equity[1],
        sent_value=standing.sent.get(day, Decimal(0)),
        messages_account=len(messages),
        messages_strategy=sum(m.strategy == name for m in messages),
        messages_symbol=sum(m.symbol == order.symbol for m in messages),
        executions=len(fired),
        losses=strategy.losses,
        rejects=strategy.rejects,
        disabled=bool(strategy.disabled),
        day_trades=_day_trades(standing.fills, account)
        if account.margin is MarginRegime.LEGACY_PDT
        else 0,
        cancels=sum(m.what == CANCEL for m in here),
        fills=sum(m.what == FILLED for m in here),
        sliced=slices.quantity,
        slices=slices.count,
    )


def _longest(limits: Limits) -> int:
    return max(limits.message_seconds, limits.execution_seconds, limits.order_to_fill_seconds)


def _since(
    marks: Sequence[Mark], wall: datetime, seconds: int, leave_out: str
) -> Iterator[tuple[int, Mark]]:
    """The marks of a window with their numbers, the newest first; older ones aren't looked at."""
    begin = wall - timedelta(seconds=seconds) - SLACK
    number = len(marks)
    for mark in reversed(marks):
        number -= 1
        if mark.at < begin:
            return
        if mark.key != leave_out:
            yield number, mark


def _in(mark: Mark, wall: datetime, seconds: int) -> bool:
    return wall - mark.at <= timedelta(seconds=seconds)


def _day_trades(fills: Iterable[Fill], account: Snapshot) -> int:
    """Symbols and days of the last five weekdays on which a position was opened and closed."""
    first = account.at.astimezone(NEW_YORK).date()
    for _ in range(PDT_DAYS - 1):
        first -= timedelta(days=1)
        while first.weekday() > 4:
            first -= timedelta(days=1)
    sides: dict[tuple[str, date], set[str]] = {}
    for fill in fills:
        day = fill.at.astimezone(NEW_YORK).date()
        if day >= first:
            sides.setdefault((fill.symbol, day), set()).add(fill.side)
    return sum(len(both) > 1 for both in sides.values())
