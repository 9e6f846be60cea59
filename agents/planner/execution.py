"""The execution agent: what was proposed, and what the gate said of it."""

from __future__ import annotations

from typing import Any

from agents.request import Kind
from agents.services import Brief
from agents.toolbox import Toolbox


async def execution(brief: Brief, toolbox: Toolbox) -> str:
    """The order's state and every reason of the gate."""
    request = brief.request
    proposed = request.kind is Kind.TRADE or request.change
    order = brief.result("propose_order" if proposed else "get_order")
    order = order or brief.result("cancel_order")
    if order is not None:
        return told(order)
    if request.quantity is None:
        return (
            f"No order was drafted: {_why_not(brief)} To have one drafted all the same, say how "
            f"many shares."
        )
    return "No order was drafted."


def _why_not(brief: Brief) -> str:
    computed = brief.result("compute_indicators", symbol=brief.request.symbol)
    found = computed["data"].get("signal") if computed else None
    if brief.request.side == "sell":
        return "you did not say how many shares, or all of them."
    if found and found["direction"] != brief.request.side:
        return f"you named no quantity, and the signal does not point to {brief.request.side}ing."
    return "no quantity was named and none could be worked out."


def told(call: dict[str, Any] | Any) -> str:
    """An order in words: its line, its state, and the gate's reasons."""
    c, row = call["id"], call["data"]
    reasons = "\n".join(
        f"- {reason['code']}{' (final)' if reason['hard'] else ''}: {reason['sentence']}"
        for reason in row["reasons"]
    )
    head = f"**Order [[{c}:id]]**: [[{c}:summary]]."
    if row["state"] == "awaiting_approval":
        head += (
            f" It waits for your approval: press Approve in the page, or run "
            f"`tollgate approvals approve {row['id']}`. Nothing is sent before that."
        )
    elif row["state"] == "denied":
        head += " **The gate refused it**, and nobody can override that. Nothing was sent."
    else:
        head += f" {row['sentence']}"
    if row["fills"]:
        head += (
            f" Filled [[{c}:filled]] at [[{c}:average_price|,.4f]] ({row['fills'][-1]['basis']})."
        )
    return head + (f"\n\nThe gate said:\n\n{reasons}" if reasons else "")
