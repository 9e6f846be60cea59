"""An order, what the gate says of it, and the states it can be in."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from tools.domain.instrument import AssetClass
from tools.domain.money import Price, Quantity, plain

# Moments of the market clock this close together are the same: making an order takes seconds.
SAME_MOMENT = timedelta(minutes=1)


class Side(StrEnum):
    """Which way."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """+1 for a buy, -1 for a sell."""
        return 1 if self is Side.BUY else -1


class OrderType(StrEnum):
    """How the price is set."""

    MARKET = "market"
    LIMIT = "limit"


class TimeInForce(StrEnum):
    """How long it rests."""

    DAY = "day"
    GTC = "gtc"


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
    ACCEPTED = "accepted"
    PARTIAL = "partial"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"


TERMINAL = frozenset(
    {
        OrderState.DENIED,
        OrderState.DECLINED,
        OrderState.APPROVAL_EXPIRED,
        OrderState.FILLED,
        OrderState.CANCELED,
        OrderState.EXPIRED,
        OrderState.REJECTED,
    }
)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be traded, whole: every field is part of the digest that an approval binds to.

    ``as_of`` is the market moment (aware UTC) that the proposal was made for. ``intent_id`` names
    the wish behind the order: proposing the same intent twice gives the earlier order.
    ``principal`` is who proposed it. ``rationale`` is untrusted text and *not* in the digest.
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

    def canonical(self) -> bytes:
        """The bytes that are hashed and shown to the approver: sorted JSON, numbers as text."""
        return json.dumps(
            {
                "account": self.account,
                "as_of": self.as_of.isoformat(),
                "asset_class": self.asset_class,
                "currency": self.currency,
                "intent_id": self.intent_id,
                "limit_price": None if self.limit_price is None else plain(self.limit_price),
                "principal": self.principal,
                "quantity": plain(self.quantity),
                "side": self.side,
                "strategy": self.strategy,
                "symbol": self.symbol,
                "time_in_force": self.time_in_force,
                "type": self.type,
            },
            sort_keys=True,
            separators=(",", ":"),
        ).encode()

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes, hex."""
        return hashlib.sha256(self.canonical()).hexdigest()

    @property
    def client_order_id(self) -> str:
        """The id the venue sees: from account and intent alone, so a resend is never a second."""
        seed = f"{self.account}\x1f{self.intent_id}\x1f1".encode()
        return base64.b32encode(hashlib.sha256(seed).digest()).decode()[:26].lower()

    @property
    def id(self) -> str:
        """The short id for people: the first ten characters of the client order id."""
        return self.client_order_id[:10]

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
        at = "at market" if self.limit_price is None else f"limit {plain(self.limit_price)}"
        return (
            f"{self.side} {plain(self.quantity)} {self.symbol} {at} "
            f"({self.currency}, {self.time_in_force}, account {self.account})"
        )


@dataclass(frozen=True, slots=True)
class Reason:
    """One check's word: its code in the gate, a sentence for people, and whether it is final."""

    code: str
    sentence: str
    hard: bool


@dataclass(frozen=True, slots=True)
class Approved:
    """The gate lets the order go; minted by ``tools.risk.gate`` and nobody else."""

    digest: str
    limits_hash: str
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class NeedsHuman:
    """Within the hard limits, but a person must say yes first."""

    digest: str
    limits_hash: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """At least one hard check failed; nobody can override it."""

    digest: str
    limits_hash: str
    reasons: tuple[Reason, ...]


Verdict = Approved | NeedsHuman | Refused


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution at the venue. ``commission`` is in ``currency``; ``at`` is aware UTC."""

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
