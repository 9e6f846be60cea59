"""Order records as the gate counts them: what is open, and what was asked for a moment ago."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from tools.domain.order import OrderGroup, OrderState, OrderType
from tools.domain.portfolio import OpenOrder, RecentOrder
from tools.execution.book import Book
from tools.execution.record import OrderRecord
from tools.execution.standing import PROPOSED, SENT, Standing
from tools.execution.states import RESERVING

UNCERTAIN = frozenset({OrderState.UNKNOWN, OrderState.NEEDS_HUMAN})
CHANGING = frozenset({OrderState.PENDING_CANCEL, OrderState.PENDING_REPLACE})
AT_MARKET = frozenset({OrderType.MARKET, OrderType.STOP, OrderType.TRAILING_STOP})
SLACK = timedelta(minutes=15)
Row = tuple[OrderRecord, OrderRecord | None, str, bool, OpenOrder]
"""What an open order was made from (the record, its parent's, group, whether it is itself)."""


class Pending:
    """The open orders of an account: one that did not change is the very same object again.

    So the gate need not look at it again. Threads may share it.
    """

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._rows: dict[str, Row] = {}

    def orders(
        self, waiting: Mapping[str, OrderRecord], book: Book, *, replaced_by: str = ""
    ) -> tuple[OpenOrder, ...]:
        """Those of ``waiting`` that may still trade, as ``open_order`` makes each."""
        known = self._rows
        kept: dict[str, Row] = {}
        for key, record in waiting.items():
            parent = book.orders.get(record.order.leg_of) if record.order.leg_of else None
            mine = group(key, record, book)
            itself = bool(replaced_by) and record.replaced_by == replaced_by
            row = known.get(key)
            if (
                row is None
                or row[0] is not record
                or row[1] is not parent
                or row[2] != mine
                or row[3] is not itself
            ):
                made = open_order(key, record, book, replaced_by=replaced_by)
                if made is None:
                    continue
                row = (record, parent, mine, itself, made)
            kept[key] = row
        self._rows = kept
        return tuple(row[4] for row in kept.values())


def open_order(
    key: str, record: OrderRecord, book: Book, *, replaced_by: str = ""
) -> OpenOrder | None:
    """The order ``key`` where it may still trade; None for an exit that nothing was bought for.

    ``replaced_by`` is the order being judged: the change of this one that it is itself is no change
    under way.
    """
    order = record.order
    leaves = _leaves(record, book)
    if not leaves:
        return None
    # An order that reserves has passed the gate, so its worst price is known; were it not, the
    # gate would find the missing figure and refuse whatever comes next.
    worst = record.worst_price if record.worst_price is not None else Decimal("NaN")
    itself = bool(replaced_by) and record.replaced_by == replaced_by
    return OpenOrder(
        key,
        order.symbol,
        order.side,
        leaves,
        worst,
        limit_price=None if order.type in AT_MARKET else order.limit_price,
        unknown=record.state in UNCERTAIN,
        group=group(key, record, book),
        type=order.type,
        scale=record.scale,
        changing=record.state in CHANGING and not itself,
        filled=record.carried + record.filled,
        asset_class=order.asset_class,
    )


def group(key: str, record: OrderRecord, book: Book) -> str:
    """The orders of which only one can fill in full: exits of one position, a chain of changes."""
    order = record.order
    if order.leg_of:
        return order.leg_of
    old = book.orders.get(order.replaces) if order.replaces else None
    if old is not None:
        return group(order.replaces, old, book) or order.replaces
    if order.group is OrderGroup.OCO or book.heirs.get(key):
        return key
    return ""


def recent(
    standing: Standing, book: Book, wall: datetime, seconds: int, leave_out: str, symbol: str = ""
) -> tuple[RecentOrder, ...]:
    """The orders of ``symbol`` (empty for any) proposed or sent within ``seconds`` of ``wall``.

    The oldest first. Those that the gate refused, and those that ended before they were sent,
    repeat nothing.
    """
    window = timedelta(seconds=seconds)
    found: dict[str, RecentOrder] = {}
    for mark in reversed(standing.marks):
        if mark.at < wall - window - SLACK:
            break
        if mark.what not in (PROPOSED, SENT) or mark.key == leave_out or mark.key in found:
            continue
        if not symbol or mark.symbol == symbol:
            one = _recent(mark.key, book.orders[mark.key], wall, window)
            if one is not None:
                found[mark.key] = one
    return tuple(reversed(found.values()))


def _recent(key: str, record: OrderRecord, wall: datetime, window: timedelta) -> RecentOrder | None:
    order, sent = record.order, record.sent_at is not None
    age = wall - (record.sent_at or record.proposed_at)
    waiting = record.state is OrderState.AWAITING_APPROVAL
    counts = waiting or sent or record.state in RESERVING
    if record.verdict == "refused" or age > window or not counts:
        return None
    return RecentOrder(
        key,
        order.symbol,
        order.side,
        order.quantity,
        order.limit_price,
        order.strategy,
        age,
        waiting=waiting,
    )


def _leaves(record: OrderRecord, book: Book) -> Decimal:
    """What may still trade; of a bracket's exit no more than its entry has bought."""
    parent = book.orders.get(record.order.leg_of) if record.order.leg_of else None
    if parent is None or parent.order.group is not OrderGroup.BRACKET:
        return record.leaves
    bought = parent.carried + parent.filled - record.carried - record.filled
    return max(min(record.leaves, bought), Decimal(0))
