"""One event more: the pure fold of an order's events into its record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from tools.domain.altering import altering
from tools.domain.errors import StateError
from tools.domain.order import Order, OrderState, Side
from tools.execution.codec import fill_from, order_from, reasons_from
from tools.execution.kinds import Kind
from tools.execution.record import Entry, OrderRecord
from tools.execution.states import RANK, RESTING, may_move, move
from tools.execution.story import tell
from tools.ports import Event

# What each kind of event makes of an order; the others leave its state as it is.
BECOMES: dict[str, OrderState] = {
    Kind.APPROVED: OrderState.APPROVED,
    Kind.DECLINED: OrderState.DECLINED,
    Kind.APPROVAL_EXPIRED: OrderState.APPROVAL_EXPIRED,
    Kind.CANCELED: OrderState.CANCELED,
    Kind.SEND_INTENT: OrderState.SEND_INTENT,
    Kind.OUTCOME_UNKNOWN: OrderState.UNKNOWN,
    Kind.PENDING_REPLACE: OrderState.PENDING_REPLACE,
}
Changes = dict[str, Any]
"""Fields of an OrderRecord by their names."""
_altered = altering(OrderRecord)
# The states in which an execution that the venue tells of has come too late.
OVER = frozenset({OrderState.CANCELED, OrderState.EXPIRED, OrderState.REJECTED})


def step(record: OrderRecord | None, event: Event) -> OrderRecord:
    """The record after one more event; Conflict for an illegal move, StateError for odd data."""
    data: Any = event.data
    try:
        if event.kind in (Kind.PROPOSED, Kind.LEG, Kind.EXTERNAL):
            if record is not None:
                raise StateError(f"the journal begins order {event.order_id} twice")
            record, changes = _begun(event, data), Changes()
        elif record is None:
            raise StateError(
                f"the journal has a {event.kind} of the unknown order {event.order_id}"
            )
        else:
            changes = _changed(record, event, data)
            moved = changes.get("state", record.state) is not record.state
            if moved or any(changes.get(n, known) != known for n, known in _executions(record)):
                changes["moved"] = event.seq
        line = Entry(event.at, event.kind, tell(event.kind, data))
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise StateError(f"event {event.seq} of the journal can't be read: {error!r}") from error
    return _altered(record, history=(*record.history, line), **changes)


def _begun(event: Event, data: Any) -> OrderRecord:
    record = OrderRecord(
        order_from(data["order"]),
        OrderState.PROPOSED,
        event.at,
        data["simulated"],
        clock=_moment(data.get("clock")),
        moved=event.seq,
        begun=event.seq,
    )
    if event.kind == Kind.PROPOSED:
        return record
    # It is at the venue already. Of an exit its parent's approval is the approval; nobody gave one
    # for what was sent past this desk.
    leg = event.kind == Kind.LEG
    return replace(
        record,
        state=OrderState.HELD if leg else OrderState.ACCEPTED,
        verdict="approved" if leg else "external",
        approver=data.get("approver", ""),
        limits_hash=data.get("limits_hash", ""),
        worst_price=_maybe(data["worst_price"], None),
        scale=Decimal(data.get("scale", "1")),
        sent_at=event.at,
        heard=True,
    )


def _changed(record: OrderRecord, event: Event, data: Any) -> Changes:
    if event.kind in (Kind.FILL, Kind.BUST, Kind.CORRECT):
        return _executed(record, event.kind, data)
    if event.kind == Kind.APPROVED and data.get("needs_second"):
        return {"approver": data["approver"]}
    if event.kind == Kind.MISSING:
        name = frozenset({data["execution_id"]})
        return {"missing": record.missing - name if data["found"] else record.missing | name}
    if event.kind == Kind.NOT_SEEN:
        return {"not_seen": (*record.not_seen, event.at)}
    if event.kind in TOLD:
        return TOLD[event.kind](record, data)
    return _moved(record, event, data) if event.kind in BECOMES else Changes()


def _executions(record: OrderRecord) -> tuple[tuple[str, object], ...]:
    return ("fills", record.fills), ("missing", record.missing)


def _heard(record: OrderRecord, data: Any) -> Changes:
    state = OrderState(data["state"])
    if state is not record.state:
        move(record.state, state, record.id)
    note, raw = data["reason"] or record.note, data.get("raw", "") or record.raw
    return {"state": state, "note": note, "raw": raw, "heard": True}


def _settled(record: OrderRecord, data: Any) -> Changes:
    state = move(record.state, OrderState(data["state"]), record.id)
    return {"state": state, "note": data["reason"] or record.note}


def _moved(record: OrderRecord, event: Event, data: Any) -> Changes:
    state = move(record.state, BECOMES[event.kind], record.id)
    changes: Changes = {"state": state, "note": data.get("reason", "") or record.note}
    if event.kind == Kind.SEND_INTENT:
        changes |= {"sent_at": event.at, "sent_clock": _moment(data.get("clock"))}
    elif event.kind == Kind.OUTCOME_UNKNOWN:
        changes["refused"] = record.refused or bool(data.get("refused"))
    elif event.kind == Kind.PENDING_REPLACE:
        changes["replaced_by"] = data["by"]
    elif event.kind == Kind.APPROVED:
        first, name = record.approver, data["approver"]
        changes |= {"approver": first or name, "second": name if first else ""}
    return changes


def _executed(record: OrderRecord, kind: str, data: Any) -> Changes:
    """An execution more, less or changed: what counts is the set of their ids."""
    if kind == Kind.BUST:
        gone = data["execution_id"]
        return {
            "fills": tuple(f for f in record.fills if f.execution_id != gone),
            "missing": record.missing - {gone},
        }
    fill = fill_from(data["fill"])
    known = {f.execution_id: f for f in record.fills}
    if kind == Kind.FILL and fill.execution_id in known:
        return {}  # the same execution told twice is one execution
    late = kind == Kind.FILL and record.heard and record.state in OVER
    return {
        "fills": tuple({**known, fill.execution_id: fill}.values()),
        "state": OrderState.FILLED_LATE if late else record.state,
    }


def _judged(record: OrderRecord, data: Any) -> Changes:
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
    return {
        "state": state,
        "verdict": verdict,
        "reasons": reasons_from(data["reasons"]),
        "limits_hash": record.limits_hash if sending else data["limits_hash"],
        "expires_at": datetime.fromisoformat(expires) if expires else record.expires_at,
        "worst_price": _maybe(data["worst_price"], record.worst_price),
        "value": _maybe(data.get("value"), record.value),
        "scale": _maybe(data.get("scale"), None) or record.scale,
        "collar": _maybe(data["collar"], record.collar),
        "reference": record.reference if sending else _reference(record.order, data),
    }


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


def accepts(record: OrderRecord, state: OrderState, *, fresh: bool = False) -> bool:
    """Whether the venue's word moves this record on, or is old news that must not move it back.

    A ``fresh`` word answers a question that was asked after all that the record knows: it may also
    move an order that lives back to a weaker state.
    """
    rank = RANK.get(state, 0)
    if state is record.state or not may_move(record.state, state):
        return False
    return rank > record.rank or (fresh and rank > 0 and record.state in RESTING)


TOLD: dict[str, Callable[[OrderRecord, Any], Changes]] = {
    Kind.VERDICT: _judged,
    Kind.VENUE: _heard,
    Kind.SETTLED: _settled,
    Kind.CANCEL_REQUESTED: lambda record, _: {"cancel_requested": True},
}
