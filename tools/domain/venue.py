"""What a venue takes, and its word on orders and on the account it keeps for us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from tools.domain.instrument import AssetClass
from tools.domain.making import quickly_made
from tools.domain.order import Fill, Order, OrderGroup, OrderState, OrderType, TimeInForce


class MarginRegime(StrEnum):
    """By which rule a broker lends; ``legacy_pdt`` is the day-trader rule that ended in 2026."""

    CASH = "cash"
    INTRADAY_MARGIN = "intraday_margin"
    LEGACY_PDT = "legacy_pdt"


@dataclass(frozen=True, slots=True)
class Accepts:
    """One row of a venue's matrix: any order that fits all of it is taken.

    ``extended`` and ``fractional`` say whether orders for extended hours and with parts of a share
    are taken as well.
    """

    asset_class: AssetClass
    types: frozenset[OrderType]
    times: frozenset[TimeInForce]
    groups: frozenset[OrderGroup] = frozenset({OrderGroup.SIMPLE})
    extended: bool = False
    fractional: bool = False


@quickly_made
@dataclass(frozen=True, slots=True)
class VenueOrder:
    """The venue's word on one order: its state there and every execution so far.

    ``raw`` is the venue's own word where it is one we don't know (the state is then NEEDS_HUMAN).
    ``legs`` are the exits that it made of a bracket or OCO order, under the ids of
    ``tools.domain.legs``. ``order`` is the order as the venue tells it, where it does; an order
    that somebody sent past this desk is known by nothing else. ``venue_id`` is the venue's own id.
    """

    client_order_id: str
    state: OrderState
    fills: tuple[Fill, ...]
    reason: str = ""
    raw: str = ""
    legs: tuple[VenueOrder, ...] = ()
    order: Order | None = None
    venue_id: str = ""


@dataclass(frozen=True, slots=True)
class VenueAccount:
    """The account as the venue keeps it at ``at`` (aware UTC).

    ``positions`` are signed quantities by symbol, flat ones left out. ``buying_power`` is None
    where the venue does not say. Money is in ``currency``.
    """

    at: datetime
    currency: str
    cash: Decimal
    positions: Mapping[str, Decimal]
    buying_power: Decimal | None = None
    margin: MarginRegime = MarginRegime.CASH
    day_trades: int = 0
    blocked: bool = False
