"""An order, what the gate says of it, and the states it can be in."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter

from tools.domain.canonical import canonical
from tools.domain.instrument import AssetClass
from tools.domain.making import quickly_made
from tools.domain.money import Price, Quantity, plain

# Moments of the market clock this close together are the same: making an order takes seconds.
SAME_MOMENT = timedelta(minutes=1)
# Begins the intent of an order that somebody sent past this desk; the venue's id for it follows.
EXTERNAL = "external:"


class Side(StrEnum):
    """Which way."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """+1 for a buy, -1 for a sell."""
        return 1 if self is Side.BUY else -1

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.SELL if self is Side.BUY else Side.BUY


class OrderType(StrEnum):
    """How the price is set."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    TRAILING_STOP = "trailing_stop"


class TimeInForce(StrEnum):
    """How long it rests: the session, until canceled, or not at all (in part or all or none)."""

    DAY = "day"
    GTC = "gtc"
    IOC = "ioc"
    FOK = "fok"


class OrderGroup(StrEnum):
    """Whether exits go with it: a bracket is an entry with both, OCO two exits of what is held."""

    SIMPLE = "simple"
    BRACKET = "bracket"
    OCO = "oco"


class OrderState(StrEnum):
    """Where an order is; the whitelist of moves is in ``tools.execution.states``."""

    PROPOSED = "proposed"
    DENIED = "denied"
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    DECLINED = "declined"
    APPROVAL_EXPIRED = "approval_expired"
    SEND_INTENT = "send_intent"
    UNKNOWN = "unknown"
    NEEDS_HUMAN = "needs_human"
    SENT = "sent"
    HELD = "held"
    ACCEPTED = "accepted"
    PARTIAL = "partial"
    SUSPENDED = "suspended"
    DONE_FOR_DAY = "done_for_day"
    PENDING_CANCEL = "pending_cancel"
    PENDING_REPLACE = "pending_replace"
    FILLED = "filled"
    FILLED_LATE = "filled_late"
    CANCELED = "canceled"
    REPLACED = "replaced"
    EXPIRED = "expired"
    REJECTED = "rejected"
    NOT_FOUND = "not_found"


TERMINAL = frozenset(
    {
        OrderState.DENIED,
        OrderState.DECLINED,
        OrderState.APPROVAL_EXPIRED,
        OrderState.FILLED,
        OrderState.FILLED_LATE,
        OrderState.CANCELED,
        OrderState.REPLACED,
        OrderState.EXPIRED,
        OrderState.REJECTED,
        OrderState.NOT_FOUND,
    }
)


@lru_cache(maxsize=65_536)
def _client_order_id(account: str, intent_id: str) -> str:
    if intent_id.startswith(EXTERNAL):
        return intent_id.removeprefix(EXTERNAL)
    seed = f"{account}\x1f{intent_id}\x1f1".encode()
    # Five bytes are eight letters: of the digest no more than that is needed.
    return base64.b32encode(hashlib.sha256(seed).digest()[:20]).decode()[:26].lower()


# Fields that most orders don't have, and what says so.
OPTIONAL: dict[str, object] = {
    "stop_price": None,
    "trail_price": None,
    "trail_fraction": None,
    "group": OrderGroup.SIMPLE,
    "take_profit": None,
    "stop_loss": None,
    "stop_loss_limit": None,
    "extended_hours": False,
    "leg_of": "",
    "replaces": "",
    "slice_of": "",
    "slice_total": None,
}
# Made once: each is needed whenever an order is hashed.
_OPTIONAL = attrgetter(*OPTIONAL)
_UNSAID = tuple(OPTIONAL.values())


@quickly_made
@dataclass(frozen=True, slots=True)
class Order:
    """What is to be traded, whole: every field is part of the digest that an approval binds to.

    ``as_of`` is the market moment (aware UTC) that the proposal was made for. ``intent_id`` names
    the wish behind the order: proposing the same intent twice gives the earlier order.
    ``principal`` is who proposed it. ``rationale`` is untrusted text and *not* in the digest.

    ``stop_price`` triggers stops; a trailing stop follows the market at ``trail_price`` (money) or
    ``trail_fraction`` (of the price). ``take_profit``, ``stop_loss`` and ``stop_loss_limit`` are
    the exits of a bracket; an OCO order is itself the exit at its limit and has a ``stop_loss``.
    ``leg_of`` is the client order id of the order that this exit belongs to. ``replaces`` is that
    of the order at the venue that this one takes the place of: ``quantity`` is then the total of
    both, so what was filled already counts towards it. ``slice_of`` is the intent of a parent
    order of ``slice_total`` that this one is a part of.
    """

    intent_id: str
    account: str
    strategy: str
    principal: str
    symbol: str
    asset_class: AssetClass
    currency: str
    side: Side
    quantity: Quantity
    type: OrderType
    limit_price: Price | None
    time_in_force: TimeInForce
    as_of: datetime
    session: str = ""
    rationale: str = ""
    stop_price: Price | None = None
    trail_price: Price | None = None
    trail_fraction: Decimal | None = None
    group: OrderGroup = OrderGroup.SIMPLE
    take_profit: Price | None = None
    stop_loss: Price | None = None
    stop_loss_limit: Price | None = None
    extended_hours: bool = False
    leg_of: str = ""
    replaces: str = ""
    slice_of: str = ""
    slice_total: Quantity | None = None

    def canonical(self) -> bytes:
        """The bytes that are hashed and shown to the approver: sorted JSON, numbers as text.

        A field of ``OPTIONAL`` that was left out is not written.
        """
        said = _OPTIONAL(self)
        if said == _UNSAID:
            return canonical(self, {})
        extra = {
            name: plain(value) if isinstance(value, Decimal) else value
            for name, value in zip(OPTIONAL, said, strict=True)
            if value != OPTIONAL[name]
        }
        return canonical(self, extra)

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes, hex."""
        return hashlib.sha256(self.canonical()).hexdigest()

    @property
    def client_order_id(self) -> str:
        """The id the venue sees: from account and intent alone, so a resend is never a second.

        An order that somebody sent past this desk keeps the id it has at the venue.
        """
        return _client_order_id(self.account, self.intent_id)

    @property
    def external(self) -> bool:
        """Whether somebody sent it past this desk."""
        return self.intent_id.startswith(EXTERNAL)

    @property
    def id(self) -> str:
        """The short id for people: the first ten characters of the client order id."""
        return self.client_order_id[:10]

    @property
    def protects(self) -> bool:
        """Whether it is a sale that a stop sets off: bounded, it would leave the loss running."""
        return self.side is Side.SELL and self.type in (OrderType.STOP, OrderType.TRAILING_STOP)

    def dated(self, clock: datetime) -> bool:
        """Whether it is a simulation of the past: made for a moment before the market clock's.

        ``clock`` is the market clock (aware UTC) when it was proposed; differences of less than
        ``SAME_MOMENT`` don't count.
        """
        return clock - self.as_of > SAME_MOMENT

    def wishes_the_same(self, other: Order) -> bool:
        """Whether everything that is hashed is the same but for the moment it was made for."""
        return replace(other, as_of=self.as_of).canonical() == self.canonical()

    def describe(self) -> str:
        """One line for people, made from the same fields that are hashed."""
        return (
            f"{self.side} {plain(self.quantity)} {self.symbol} {self.terms} "
            f"({self.currency}, {self.time_in_force}, account {self.account})"
        )

    @property
    def terms(self) -> str:
        """How it is to be worked, for people: its prices and what goes with them."""
        prices = (
            ("stop", self.stop_price),
            ("trailing by", self.trail_price),
            ("limit", self.limit_price),
            ("take profit", self.take_profit),
            ("stop loss", self.stop_loss),
            ("stop loss limit", self.stop_loss_limit),
        )
        said = [f"{what} {plain(price)}" for what, price in prices if price is not None]
        if self.trail_fraction is not None:
            said.append(f"trailing by {plain(self.trail_fraction * 100)} %")
        if self.extended_hours:
            said.append("extended hours")
        if self.replaces:
            said.append(f"in place of {self.replaces[:10]}")
        return " ".join(said) or "at market"


@quickly_made
@dataclass(frozen=True, slots=True)
class Fill:
    """One execution at the venue. ``commission`` is in ``currency``; ``at`` is aware UTC.

    ``multiplier`` is units of the underlying in one contract: the money that moved is ``quantity``
    times ``price`` times ``multiplier``.
    """

    execution_id: str
    client_order_id: str
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    commission: Decimal
    currency: str
    at: datetime
    basis: str
    multiplier: Decimal = Decimal(1)
