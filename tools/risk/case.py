"""Everything that a decision of the gate depends on, in one frozen thing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tools.domain.instrument import Instrument
from tools.domain.order import Order
from tools.domain.portfolio import Snapshot
from tools.risk.limits import Limits
from tools.risk.mode import Mode


@dataclass(frozen=True, slots=True)
class MarketView:
    """What was known of one symbol at ``at`` (aware UTC); None where nothing was known.

    ``known`` says that a feed lists the symbol; ``note`` is the feed's own sentence when it could
    not answer. ``average_volume`` is shares a day over the last 20 bars. ``simulated`` is for
    people: bid and ask were made from a close.
    """

    instrument: Instrument | None
    bid: Decimal | None
    ask: Decimal | None
    at: datetime | None
    average_volume: Decimal | None = None
    known: bool = False
    simulated: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """An order and all that is known when it is judged.

    ``now`` is the market moment (aware UTC) of the decision. ``approved`` is True only when a
    person's yes, bound to exactly this order and these limits, is in the journal. Any field may
    be None or odd: the gate refuses then.

    ``dated`` says that the order simulates the past: ``now`` is then its own moment and not the
    market clock's; ``simulated_venue`` that nothing real is traded. ``latest`` is the latest moment
    at which the market clock was seen for this account, ``reference`` the price that an order being
    sent was proposed on; both are None where there is none.
    """

    order: Order
    account: Snapshot | None
    market: MarketView | None
    limits: Limits | None
    mode: Mode | None
    now: datetime | None
    approved: bool = False
    dated: bool = False
    simulated_venue: bool = True
    latest: datetime | None = None
    reference: Decimal | None = None
