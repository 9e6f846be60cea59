"""Everything known of one order; ``step.py`` folds it from the order's events."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from tools.domain.making import quickly_made
from tools.domain.money import plain
from tools.domain.order import Fill, Order, OrderState
from tools.domain.verdict import Reason
from tools.execution.shown import rendered
from tools.execution.states import RANK
from tools.execution.story import one_line

CENT_OF_CENT = Decimal("0.0001")


@quickly_made
@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an order's history; ``at`` is wall time, aware UTC."""

    at: datetime
    kind: str
    sentence: str


@quickly_made
@dataclass(frozen=True, slots=True)
class OrderRecord:
    """Everything known of one order; moments are aware UTC, money in the order's currency.

    ``clock`` is the market clock when it was proposed and ``sent_clock`` when it was last sent
    (``sent_at`` is the wall time of that); either is None where the journal doesn't say.
    ``reference`` is the price it was proposed on: the ask for a buy, the bid for a sell.
    ``verdict`` is the gate's last word (approved, needs_human or refused) and ``reasons`` its
    reasons; both are of no order that somebody sent past this desk (its verdict is external).
    ``refused`` says that the venue refused a second attempt while the first one's fate is open.
    ``missing`` are the ids of executions that the venue's last answer did not have.
    ``not_seen`` are the wall times at which the venue said that it has never seen the order.
    ``worst_price`` is what a share counts for in exposure, ``collar`` the worst price a fill may
    have, ``value`` the most money the order may move, in the account's currency, and ``scale`` what
    turns quantity times price into that. ``note`` is the last sentence of the venue or of whoever
    ended the order, ``raw`` the venue's last word that we don't know.

    ``approver`` said yes; where two must, ``second`` did so as well. ``carried`` is what the orders
    that this one took the place of had filled, which counts towards its quantity; ``replaced_by``
    the client order id of the order that is to take its own. ``heard`` says that the venue had a
    word on it, ``moved`` is the ``seq`` of the last event that changed its state or its fills,
    ``begun`` that of its first.
    """

    order: Order
    state: OrderState
    proposed_at: datetime
    simulated: bool
    verdict: str = ""
    reasons: tuple[Reason, ...] = ()
    history: tuple[Entry, ...] = ()
    fills: tuple[Fill, ...] = ()
    expires_at: datetime | None = None
    approver: str = ""
    limits_hash: str = ""
    worst_price: Decimal | None = None
    collar: Decimal | None = None
    note: str = ""
    cancel_requested: bool = False
    clock: datetime | None = None
    sent_clock: datetime | None = None
    sent_at: datetime | None = None
    reference: Decimal | None = None
    not_seen: tuple[datetime, ...] = ()
    missing: frozenset[str] = frozenset()
    refused: bool = False
    value: Decimal | None = None
    scale: Decimal = Decimal(1)
    raw: str = ""
    second: str = ""
    carried: Decimal = Decimal(0)
    replaced_by: str = ""
    heard: bool = False
    moved: int = 0
    begun: int = 0

    @property
    def id(self) -> str:
        """The short id for people."""
        return self.order.id

    @property
    def filled(self) -> Decimal:
        """Shares filled so far."""
        return sum((fill.quantity for fill in self.fills), Decimal(0))

    @property
    def leaves(self) -> Decimal:
        """Shares that may still be filled, never below zero."""
        return max(self.order.quantity - self.carried - self.filled, Decimal(0))

    @property
    def external(self) -> bool:
        """Whether somebody sent it past this desk."""
        return self.verdict == "external"

    @property
    def rank(self) -> int:
        """How far the venue's words have moved it; zero for what the desk concluded itself."""
        return RANK.get(self.state, 0) if self.heard else 0

    @property
    def shown(self) -> tuple[tuple[str, str], ...]:
        """What an approver reads: every field of the bytes that are hashed, as label and value."""
        return rendered(self.order.canonical())

    @property
    def average_price(self) -> Decimal | None:
        """Mean fill price to four digits, None before the first fill."""
        if not self.filled:
            return None
        paid = sum((fill.quantity * fill.price for fill in self.fills), Decimal(0))
        return (paid / self.filled).quantize(CENT_OF_CENT)

    @property
    def commission(self) -> Decimal:
        """Commission paid so far."""
        return sum((fill.commission for fill in self.fills), Decimal(0))

    @property
    def sentence(self) -> str:
        """One line for people: what the order is and where it stands."""
        average = self.average_price
        return one_line(
            self.order,
            self.state,
            filled=self.filled,
            average="" if average is None else plain(average),
            expires_at=self.expires_at,
            note=self.note or " ".join(r.sentence for r in self.reasons if r.hard),
            simulated=self.simulated,
            approver=self.approver,
            cancel_requested=self.cancel_requested,
            raw=self.raw,
        )

    def at(self, wall: datetime) -> OrderRecord:
        """The record as it is at a wall time: a proposal nobody answered in time has expired."""
        due = self.expires_at is not None and wall >= self.expires_at
        if due and self.state is OrderState.AWAITING_APPROVAL:
            return replace(self, state=OrderState.APPROVAL_EXPIRED)
        return self
