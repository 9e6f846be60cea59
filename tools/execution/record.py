"""An order's record: a pure fold of its events, one step an event."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from tools.domain.errors import StateError
from tools.domain.money import plain
from tools.domain.order import Fill, Order, OrderState, Reason, Side
from tools.execution.codec import fill_from, order_from, reasons_from
from tools.execution.kinds import Kind
from tools.execution.states import may_move, move
from tools.execution.story import one_line, tell
from tools.ports import Event

CENT_OF_CENT = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an order's history; ``at`` is wall time, aware UTC."""

    at: datetime
    kind: str
    sentence: str


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """Everything known of one order; moments are aware UTC, money in the order's currency.

    ``clock`` is the market clock when it was proposed and ``sent_clock`` when it was last sent
    (``sent_at`` is the wall time of that); either is None where the journal doesn't say.
    ``reference`` is the price it was proposed on: the ask for a buy, the bid for a sell.
    ``verdict`` is the gate's last word (approved, needs_human or refused) and ``reasons`` its
    reasons. ``worst_price`` is what a share counts for in exposure, ``collar`` the worst price a
    fill may have. ``note`` is the last sentence of the venue or of whoever ended the order.
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
        return max(self.order.quantity - self.filled, Decimal(0))

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
        )

    def at(self, wall: datetime) -> OrderRecord:
        """The record as it is at a wall time: a proposal nobody answered in time has expired."""
        due = self.expires_at is not None and wall >= self.expires_at
        if due and self.state is OrderState.AWAITING_APPROVAL:
            return replace(self, state=OrderState.APPROVAL_EXPIRED)
        return self


# What each kind of event makes of an order; the others leave its state as it is.
BECOMES: dict[str, OrderState] = {
    Kind.APPROVED: OrderState.APPROVED,
    Kind.DECLINED: OrderState.DECLINED,
    Kind.APPROVAL_EXPIRED: OrderState.APPROVAL_EXPIRED,
    Kind.CANCELED: OrderState.CANCELED,
    Kind.SEND_INTENT: OrderState.SEND_INTENT,
    Kind.OUTCOME_UNKNOWN: OrderState.UNKNOWN,
}


def step(record: OrderRecord | None, event: Event) -> OrderRecord:
    """The record after one more event; Conflict for an illegal move, StateError for odd data."""
    data: Any = event.data
    try:
        if event.kind == Kind.PROPOSED:
            if record is not None:
                raise StateError(f"the journal proposes order {event.order_id} twice")
            new = OrderRecord(
                order_from(data["order"]),
                OrderState.PROPOSED,
                event.at,
                data["simulated"],
                clock=_moment(data.get("clock")),
            )
        elif record is None:
            raise StateError(
                f"the journal has a {event.kind} of the unknown order {event.order_id}"
            )
        else:
            new = _changed(record, event, data)
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise StateError(f"event {event.seq} of the journal can't be read: {error!r}") from error
    line = Entry(event.at, event.kind, tell(event.kind, data))
    return replace(new, history=(*new.history, line))


def _changed(record: OrderRecord, event: Event, data: Any) -> OrderRecord:
    if event.kind == Kind.FILL:
        fill = fill_from(data["fill"])
        if any(known.execution_id == fill.execution_id for known in record.fills):
            return record  # the same execution told twice is one execution
        return replace(record, fills=(*record.fills, fill))
    if event.kind == Kind.VERDICT:
        return _judged(record, data)
    if event.kind == Kind.VENUE:
        state = OrderState(data["state"])
        if state is not record.state:
            move(record.state, state, record.id)
        return replace(record, state=state, note=data["reason"] or record.note)
    if event.kind == Kind.CANCEL_REQUESTED:
        return replace(record, cancel_requested=True)
    if event.kind not in BECOMES:
        return record
    state = move(record.state, BECOMES[event.kind], record.id)
    if event.kind == Kind.SEND_INTENT:
        record = replace(record, sent_at=event.at, sent_clock=_moment(data.get("clock")))
    return replace(
        record,
        state=state,
        note=data.get("reason", "") or record.note,
        approver=data["approver"] if event.kind == Kind.APPROVED else record.approver,
    )


def _judged(record: OrderRecord, data: Any) -> OrderRecord:
    verdict, sending = data["verdict"], data["stage"] == "send"
    if verdict == "refused" or (sending and verdict != "approved"):
        state = OrderState.DENIED
    elif sending:
        state = record.state
    else:
        state = OrderState.APPROVED if verdict == "approved" else OrderState.AWAITING_APPROVAL
    if state is not record.state:
        move(record.state, state, record.id)
    expires = data["expires_at"]
    return replace(
        record,
        state=state,
        verdict=verdict,
        reasons=reasons_from(data["reasons"]),
        limits_hash=record.limits_hash if sending else data["limits_hash"],
        expires_at=datetime.fromisoformat(expires) if expires else record.expires_at,
        worst_price=_maybe(data["worst_price"], record.worst_price),
        collar=_maybe(data["collar"], record.collar),
        reference=record.reference if sending else _reference(record.order, data),
    )


def _reference(order: Order, data: Any) -> Decimal | None:
    """The price that the verdict on a proposal saw; None where the journal doesn't say."""
    market = (data.get("inputs") or {}).get("market") or {}
    seen = market.get("ask" if order.side is Side.BUY else "bid")
    return None if seen is None else Decimal(seen)


def _moment(text: str | None) -> datetime | None:
    moment = None if text is None else datetime.fromisoformat(text)
    if moment is not None and moment.tzinfo is None:
        raise ValueError(f"the moment {text} has no time zone")
    return moment


def _maybe(text: str | None, otherwise: Decimal | None) -> Decimal | None:
    return otherwise if text is None else Decimal(text)


def accepts(record: OrderRecord, state: OrderState) -> bool:
    """Whether the venue's word moves this record on, or is old news that must not move it back."""
    return state is not record.state and may_move(record.state, state)
