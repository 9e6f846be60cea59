"""The risk agent: how large it may be, and what it would do to the account."""

from __future__ import annotations

from typing import Any

from agents.planner.quoting import quotation
from agents.request import Kind
from agents.services import Brief
from agents.toolbox import Toolbox
from tools.domain.errors import DataUnavailable


async def risk(brief: Brief, toolbox: Toolbox) -> str:
    """The account for a portfolio question; size and effect for an order."""
    account = await toolbox.call("get_portfolio")
    told = _account(account["id"], account["data"])
    request = brief.request
    if request.kind is not Kind.TRADE or not request.symbol or not request.side:
        return told
    parts = [told]
    if request.side == "buy":
        parts.append(await _size(request.symbol, brief, toolbox))
    if request.quantity:
        parts.append(await _effect(brief, toolbox))
    return "\n\n".join(part for part in parts if part)


def _account(c: str, row: dict[str, Any]) -> str:
    rows = row["positions"]
    worth = f"[[{c}:equity|,.2f]]" if row["equity"] is not None else "unknown (no price)"
    head = (
        f"The {row['account']} account is worth {worth} {row['currency']}, of which "
        f"[[{c}:cash|,.2f]] is cash ([[{c}:reserved|,.2f]] reserved for open orders)."
    )
    lines = []
    for i, held in enumerate(rows):
        base = f"{c}:positions.{i}"
        marked = (
            f", now [[{base}.value|,.2f]], profit [[{base}.unrealised|+,.2f]]"
            if held["value"] is not None
            else ", without a price"
        )
        lines.append(
            f"- {held['symbol']}: [[{base}.quantity]] at [[{base}.average_cost|,.2f]]{marked}"
        )
    return head + ("\n\n" + "\n".join(lines) if lines else " It holds no positions.")


async def _size(symbol: str, brief: Brief, toolbox: Toolbox) -> str:
    sized = brief.result("size_position", symbol=symbol)
    try:
        sized = sized or await toolbox.call("size_position", symbol=symbol, side="buy")
    except DataUnavailable as missing:
        return f"No size by the 2 % rule: {missing}"
    c = sized["id"]
    cited = await quotation(toolbox, "position sizing by the 2 % rule")
    return (
        f"The 2 % rule allows at most [[{c}:quantity]] shares: entry [[{c}:entry|,.2f]], stop "
        f"[[{c}:stop|,.2f]] (two average true ranges away), [[{c}:risk_amount|,.2f]] at risk; "
        f"bound by {sized['data']['bound_by']}. {cited}"
    )


async def _effect(brief: Brief, toolbox: Toolbox) -> str:
    request = brief.request
    seen = await toolbox.call(
        "assess_risk",
        symbol=request.symbol,
        side=request.side,
        quantity=request.quantity,
        **request.terms.arguments(),
    )
    c, row = seen["id"], seen["data"]
    effect = (
        f"The order is worth [[{c}:order_value|,.2f]] ([[{c}:weight_of_order|.1%]] of equity) and "
        f"takes {request.symbol} from [[{c}:weight_before|.1%]] to [[{c}:weight_after|.1%]] of the "
        f"account, leaving [[{c}:cash_after|,.2f]] in cash."
    )
    lines = [effect]
    if row["var_95_one_day"] is not None:
        lines.append(
            f"On one day in twenty of the past year, {request.symbol} lost more than "
            f"[[{c}:var_95_one_day|.2%]]: about [[{c}:var_95_amount|,.0f]] on this holding."
        )
    sized = brief.result("size_position", symbol=request.symbol)
    if sized and float(request.quantity or 0) > float(sized["data"]["quantity"]):
        lines.append(f"**That is more than the 2 % rule allows** ([[{sized['id']}:quantity]]).")
    return " ".join(lines)
