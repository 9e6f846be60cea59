"""An order in the market as the matching core sees it, and what a market event makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from tools.domain.making import quickly_made
from tools.domain.market import Bar, Quote, Tick
from tools.domain.order import OrderState, TimeInForce

MarketEvent = Bar | Quote | Tick
"""What an order can meet."""


@quickly_made
@dataclass(frozen=True, slots=True)
class Resting:
    """What stays the same while an order is in the market; moments are aware UTC.

    ``sign`` is +1 for a buy and -1 for a sell, ``arrival`` its number in the order of arrival.
    ``since`` is the first moment whose prices it may meet, ``ends`` the first it may not, None for
    never. ``one_bar`` says that it ends with the first bar, which is its session. ``impact`` is
    the fraction that it moves the price by. ``endless`` is for markets that tell no volume.
    """

    key: str
    arrival: int
    sign: int
    limit: Decimal | None
    stop: Decimal | None
    trail: Decimal | None
    trail_fraction: Decimal | None
    collar: Decimal | None
    time: TimeInForce
    since: datetime
    ends: datetime | None
    one_bar: bool
    extended: bool
    tick: Decimal
    lot: Decimal
    impact: Decimal
    endless: bool

    @property
    def waits(self) -> bool:
        """Whether a price must come before it is in the market at all."""
        return self.stop is not None or self.trail is not None or self.trail_fraction is not None


@quickly_made
@dataclass(frozen=True, slots=True)
class Progress:
    """What changes: ``left`` is to be traded, ``triggered`` says that the stop was reached.

    ``best`` is the best price since a trailing stop was sent (its high-water mark). ``ahead`` is
    the size before it in the queue at its limit, None while unknown. ``rested`` says that it has
    met a price before and stayed, ``passive`` is the last day (UTC) on which the market was not
    there yet: whoever comes on that day comes to its limit. ``made`` is the value that it traded
    while it waited.
    """

    left: Decimal
    triggered: bool = False
    best: Decimal | None = None
    ahead: Decimal | None = None
    rested: bool = False
    passive: date | None = None
    made: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Trade:
    """One execution before it has an id; ``maker`` says that the order had waited for it."""

    quantity: Decimal
    price: Decimal
    at: datetime
    basis: str
    maker: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What one event made of an order; ``end`` is None while it stays in the market."""

    progress: Progress
    trade: Trade | None = None
    end: OrderState | None = None
    reason: str = ""
