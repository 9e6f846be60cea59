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


def _because(data: Any) -> str:
    reason = data.get("reason", "")
    return f" {reason}" if reason else ""


TELLERS: dict[str, Callable[[Any], str]] = {
    Kind.PROPOSED: lambda data: f"Proposed by {data['order']['principal']}.",
    Kind.VERDICT: _verdict,
    Kind.APPROVED: lambda data: f"Approved by {data['approver']}.",
    Kind.DECLINED: lambda data: f"Declined by {data['approver']}.{_because(data)}",
    Kind.APPROVAL_EXPIRED: lambda data: data["reason"] or "Nobody approved it in time.",
    Kind.CANCEL_REQUESTED: lambda data: f"{data['by']} asked the venue to cancel it.",
    Kind.CANCELED: lambda data: f"Canceled by {data['by']}.{_because(data)}",
    Kind.SEND_INTENT: _sent,
    Kind.OUTCOME_UNKNOWN: _unanswered,
    Kind.VENUE: lambda data: f"The venue says {words(OrderState(data['state']))}.{_because(data)}",
    Kind.FILL: _fill,
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
) -> str:
    """Where an order stands, in one line."""
    wish = printable(f"{order.side} {plain(order.quantity)} {order.symbol}")
    label = " (simulated)" if simulated else ""
    done = f"{plain(filled)} filled at {average} {order.currency}{label}" if filled else ""
    match state:
        case OrderState.AWAITING_APPROVAL:
            until = f" until {expires_at:%H:%M} UTC" if expires_at else ""
            return f"{wish}: waiting for a person's approval{until}."
        case OrderState.FILLED:
            return f"{wish}: {done}."
        case OrderState.UNKNOWN:
            return f"{wish}: the venue may have it; it counts as live until the venue says."
        case OrderState.APPROVED:
            return (
                f"{wish}: approved but not sent yet; any tollgate command that sends (ask, "
                "approve, serve) goes on with it."
            )
        case OrderState.SEND_INTENT:
            return f"{wish}: approved, on its way to the venue."
        case OrderState.ACCEPTED:
            return f"{wish}: at the venue, nothing filled yet."
        case OrderState.PARTIAL:
            return f"{wish}: {done}, the rest is still at the venue."
        case _:
            parts = [words(state), done, printable(note).rstrip(".")]
            return f"{wish}: {'; '.join(part for part in parts if part)}."
