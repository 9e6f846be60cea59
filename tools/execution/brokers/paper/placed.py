"""An order as the paper venue's record has it, and how it is written there."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from tools.domain.making import quickly_made
from tools.domain.order import Fill, Order, OrderState
from tools.domain.venue import VenueOrder
from tools.execution.brokers.paper.crowd import ALIVE, Live
from tools.execution.brokers.paper.resting import Progress, Resting
from tools.execution.brokers.paper.taking import ZERO
from tools.execution.codec import fill_from, order_from, to_plain


@quickly_made
@dataclass(frozen=True, slots=True)
class Placed:
    """One order of the venue; moments are aware UTC.

    ``order`` is as the venue works it: a split of the shares, or the other exit's trades, change
    it. ``sent`` is the market moment it was sent at, ``since`` the first whose prices may fill it,
    ``met`` the last event's. ``carried`` is what the orders that it replaced have traded. ``entry``
    and ``pair`` are those of ``Live``, ``impact`` that of ``Resting``. ``arrival`` numbers the
    orders of the venue. ``acted`` is the moment of the last split or dividend that changed it.
    """

    order: Order
    collar: Decimal | None
    state: OrderState
    reason: str
    sent: datetime
    since: datetime
    progress: Progress
    arrival: int = 0
    met: datetime | None = None
    fills: tuple[Fill, ...] = ()
    carried: Decimal = ZERO
    entry: str = ""
    pair: str = ""
    impact: Decimal = ZERO
    acted: datetime | None = None

    @property
    def key(self) -> str:
        """Its client order id."""
        return self.order.client_order_id

    @property
    def alive(self) -> bool:
        """Whether it may still trade."""
        return self.state in ALIVE

    @property
    def arriving(self) -> bool:
        """Whether it has met no price so far."""
        in_market = self.state is OrderState.ACCEPTED
        return in_market and self.met is None and not self.progress.rested

    @property
    def traded(self) -> Decimal:
        """The quantity of its own executions."""
        return sum((fill.quantity for fill in self.fills), ZERO)

    @property
    def latest(self) -> datetime:
        """The latest moment it has lived through: at an earlier one nothing can happen to it."""
        lived = [self.order.as_of, self.since, *(fill.at for fill in self.fills)]
        return max(lived if self.met is None else [*lived, self.met])

    def live(self, resting: Resting) -> Live:
        """The order for the matching core."""
        filled = self.carried + self.traded
        return Live(resting, self.progress, self.state, self.reason, self.entry, self.pair, filled)

    def told(self, legs: tuple[VenueOrder, ...] = ()) -> VenueOrder:
        """The venue's word on it."""
        return VenueOrder(
            self.key,
            self.state,
            self.fills,
            self.reason,
            legs=legs,
            order=self.order,
            venue_id=f"paper-{self.arrival}",
        )


def work_of(placed: Placed) -> dict[str, Any]:
    """What the record's column ``work`` holds of an order."""
    return {
        "order": to_plain(placed.order),
        "since": to_plain(placed.since),
        "progress": to_plain(placed.progress),
        "carried": to_plain(placed.carried),
        "entry": placed.entry,
        "pair": placed.pair,
        "impact": str(placed.impact),
        "acted": to_plain(placed.acted),
    }


# Most rows are as they were when they were read last; a changed one is another text.
@lru_cache(maxsize=8192)
def read_back(
    arrival: int,
    body: str,
    collar: str | None,
    state: str,
    reason: str,
    met: str | None,
    work: str | None,
    executions: tuple[str, ...],
) -> Placed:
    """An order from its row and its executions' bodies; StateError when it can't be read."""
    written = json.loads(body)
    order = order_from(written)
    said = written.get("sent_at")  # not in records that are older than the field
    sent = order.as_of if said is None else datetime.fromisoformat(said)
    fresh = Placed(
        order,
        None if collar is None else Decimal(collar),
        OrderState(state),
        reason,
        sent,
        sent,
        Progress(order.quantity),
        arrival,
        None if met is None else datetime.fromisoformat(met),
        tuple(fill_from(json.loads(text)) for text in executions),
    )
    return _at_work(fresh, None if work is None else json.loads(work))


def _at_work(fresh: Placed, work: dict[str, Any] | None) -> Placed:
    """The order with what ``work_of`` wrote; in a record older than the column there is none."""
    if work is None:
        left = fresh.order.quantity - fresh.traded
        return replace(fresh, progress=Progress(left, rested=fresh.met is not None))
    return replace(
        fresh,
        order=order_from(work["order"]),
        since=datetime.fromisoformat(work["since"]),
        progress=_progress(work["progress"]),
        carried=Decimal(work["carried"]),
        entry=work["entry"],
        pair=work["pair"],
        impact=Decimal(work["impact"]),
        acted=None if work["acted"] is None else datetime.fromisoformat(work["acted"]),
    )


def _progress(data: dict[str, Any]) -> Progress:
    best, ahead, passive = data["best"], data["ahead"], data["passive"]
    return Progress(
        left=Decimal(data["left"]),
        triggered=data["triggered"],
        best=None if best is None else Decimal(best),
        ahead=None if ahead is None else Decimal(ahead),
        rested=data["rested"],
        passive=None if passive is None else date.fromisoformat(passive),
        made=Decimal(data["made"]),
    )
