"""What one account has open, did of late and may do, as the journal leaves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from tools.domain.actions import Entry
from tools.domain.making import quickly_made
from tools.domain.order import Fill
from tools.execution.layers import Layers
from tools.execution.record import OrderRecord


@quickly_made
@dataclass(frozen=True, slots=True)
class Mark:
    """Something that limits count, at wall time ``at``: ``what`` is one of the names below."""

    at: datetime
    what: str
    key: str
    strategy: str
    symbol: str


PROPOSED, SENT, CANCEL, FILLED = "proposed", "sent", "cancel", "filled"


@quickly_made
@dataclass(frozen=True, slots=True)
class Strategy:
    """One strategy's luck: ``losses`` and ``rejects`` are orders in a row.

    ``disabled`` says why it was stopped, empty while it may trade. ``since`` is how many marks the
    account had when a person enabled it again: what was before doesn't count against it any more.
    ``held`` is its own signed quantity and cost by symbol; ``loser`` its last order with a loss.
    """

    losses: int = 0
    rejects: int = 0
    disabled: str = ""
    since: int = 0
    loser: str = ""
    held: Mapping[str, tuple[Decimal, Decimal]] = field(
        default_factory=lambda: MappingProxyType({})
    )


@dataclass(frozen=True, slots=True)
class Slices:
    """What was sent of one parent order: ``quantity`` in ``count`` parts."""

    quantity: Decimal = Decimal(0)
    count: int = 0


@quickly_made
@dataclass(frozen=True, slots=True)
class Standing:
    """Frozen; moments are aware UTC and money is in the account's currency.

    ``open`` are the orders whose exposure counts, ``aside`` the others that the venue may have news
    of: exits that wait, and what ended without an execution that it had told. ``fills`` are all
    that were not taken back, in the journal's order. ``restated`` counts how often a fill was taken
    back or corrected: while it stays the same, later fills only follow earlier ones. ``sent`` is
    the money sent by day.
    ``seen`` is the latest market moment of any order. ``day`` is the one that ``equity_open`` is
    of; ``equity_peak`` is the highest ever. ``booked`` has the entries by their ids.
    """

    open: Mapping[str, OrderRecord] = field(default_factory=lambda: MappingProxyType({}))
    fills: Sequence[Fill] = ()
    entries: Sequence[Entry] = ()
    restated: int = 0
    marks: Sequence[Mark] = ()
    strategies: Mapping[str, Strategy] = field(default_factory=lambda: MappingProxyType({}))
    slices: Layers[str, Slices] = field(default_factory=Layers)
    sent: Layers[str, Decimal] = field(default_factory=Layers)
    seen: datetime | None = None
    day: str = ""
    equity_open: Decimal | None = None
    equity_peak: Decimal | None = None
    aside: Mapping[str, OrderRecord] = field(default_factory=lambda: MappingProxyType({}))
    booked: Layers[str, Entry] = field(default_factory=Layers)


NOTHING = Standing()
"""That of an account which nothing was written of."""
