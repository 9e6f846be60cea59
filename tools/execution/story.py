"""An order's events and its standing as sentences for people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from tools.domain.money import plain
from tools.domain.order import Order, OrderState
from tools.execution.kinds import Kind
from tools.execution.states import words


def tell(kind: str, data: Any) -> str:
    """One event as a sentence; an unknown kind by its name."""
    if kind not in TELLERS:
        return printable(f"{kind.replace('_', ' ').capitalize()}.")
    return printable(TELLERS[kind](data))


def printable(text: str) -> str:
    """The text without what could draw on a screen or turn its direction: others wrote parts."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else "?" for c in text)


def _verdict(data: Any) -> str:
    said = " ".join(row["sentence"] for row in data["reasons"])
    when = "Before sending, the gate" if data["stage"] == "send" else "The gate"
    meaning = {
        "approved": "lets it go",
        "needs_human": "asks a person",
        "refused": "refuses it",
    }
    return f"{when} {meaning.get(data['verdict'], data['verdict'])}. {said}".strip()


def _fill(data: Any) -> str:
    fill = data["fill"]
    return (
        f"Filled {fill['quantity']} at {fill['price']} {fill['currency']}, commission "
        f"{fill['commission']} ({fill['basis']})."
    )


def _sent(data: Any) -> str:
    return f"About to be sent to {data['venue']} as {data['client_order_id']}."


def _unanswered(data: Any) -> str:
    return f"The venue's answer did not arrive; it counts as live.{_because(data)}"


def _approved(data: Any) -> str:
    more = " A second person must say yes as well." if data.get("needs_second") else ""
    return f"Approved by {data['approver']}.{more}"


def _corrected(data: Any) -> str:
    fill = data["fill"]
    return (
        f"The venue corrected the execution {fill['execution_id']}: {fill['quantity']} at "
        f"{fill['price']} {fill['currency']}."
    )


def _venue(data: Any) -> str:
    raw = data.get("raw", "")
    word = f"{raw!r}, which we don't know" if raw else words(OrderState(data["state"]))
    return f"The venue says {word}.{_because(data)}"


def _because(data: Any) -> str:
    reason = data.get("reason", "")
    return f" {reason}" if reason else ""


TELLERS: dict[str, Callable[[Any], str]] = {
    Kind.PROPOSED: lambda data: f"Proposed by {data['order']['principal']}.",
    Kind.VERDICT: _verdict,
    Kind.APPROVED: _approved,
    Kind.DECLINED: lambda data: f"Declined by {data['approver']}.{_because(data)}",
    Kind.APPROVAL_EXPIRED: lambda data: data["reason"] or "Nobody approved it in time.",
    Kind.CANCEL_REQUESTED: lambda data: f"{data['by']} asked the venue to cancel it.",
    Kind.CANCELED: lambda data: f"Canceled by {data['by']}.{_because(data)}",
    Kind.SEND_INTENT: _sent,
    Kind.OUTCOME_UNKNOWN: _unanswered,
    Kind.PENDING_REPLACE: lambda data: f"{data['by'][:10]} is about to take its place.",
    Kind.MISSING: lambda data: (
        f"The venue's answer {'has' if data['found'] else 'lacked'} the execution "
        f"{data['execution_id']}{' again' if data['found'] else '; it is asked again'}."
    ),
    Kind.NOT_SEEN: lambda data: "The venue has not seen it so far.",
    Kind.SETTLED: lambda data: f"It is {words(OrderState(data['state']))}.{_because(data)}",
    Kind.LEG: lambda data: f"The venue made it as an exit of {data['order']['leg_of'][:10]}.",
    Kind.EXTERNAL: lambda data: "Found at the venue; somebody sent it past this desk.",
    Kind.VENUE: _venue,
    Kind.FILL: _fill,
    Kind.BUST: lambda data: f"The venue took back the execution {data['execution_id']}.",
    Kind.CORRECT: _corrected,
    Kind.ALARM: lambda data: f"Alarm: {data['sentence']}",
}


def one_line(
    order: Order,
    state: OrderState,
    *,
    filled: Decimal,
    average: str,
    expires_at: datetime | None,
    note: str,
    simulated: bool,
    approver: str = "",
    cancel_requested: bool = False,
    raw: str = "",
) -> str:
    """Where an order stands, in one line."""
    wish = printable(f"{order.side} {plain(order.quantity)} {order.symbol}")
    label = " (simulated)" if simulated else ""
    done = f"{plain(filled)} filled at {average} {order.currency}{label}" if filled else ""
    asked = " A cancel was asked for and is passed on." if cancel_requested else ""
    until = f" until {expires_at:%H:%M} UTC" if expires_at else ""
    said = {
        OrderState.AWAITING_APPROVAL: f"{_wanted(approver)}{until}.",
        OrderState.FILLED: f"{done}.",
        OrderState.UNKNOWN: (
            f"the venue may have it; it counts as live until the venue says.{asked}"
        ),
        OrderState.APPROVED: (
            "approved but not sent yet; any tollgate command that sends (ask, approve, serve) goes "
            "on with it."
        ),
        OrderState.SEND_INTENT: f"approved, on its way to the venue.{asked}",
        OrderState.ACCEPTED: f"at the venue, nothing filled yet.{asked}",
        OrderState.PARTIAL: f"{done}, the rest is still at the venue.{asked}",
        OrderState.HELD: f"an exit that waits for its entry.{asked}",
        OrderState.FILLED_LATE: f"{done}, after the venue had said that it was over.",
    }.get(state)
    if said is None:
        why = f"the venue says {printable(raw)!r}" if raw and _puzzles(state) else printable(note)
        parts = [words(state), done, why.rstrip(".")]
        said = f"{'; '.join(part for part in parts if part)}."
    return f"{wish}: {said}"


def _wanted(approver: str) -> str:
    if approver:
        return f"{printable(approver)} approved it, a second person must as well"
    return "waiting for a person's approval"


def _puzzles(state: OrderState) -> bool:
    return state is OrderState.NEEDS_HUMAN
