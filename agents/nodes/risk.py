"""The risk agent: settles how many, then weighs the order against the account."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal
from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from agents.conditions import unmet
from agents.nodes.step import Step
from agents.request import Kind, Request
from agents.services import Services
from agents.state import Call, State, latest_call
from agents.toolbox import Toolbox
from tools.domain.errors import DataUnavailable, InputError


async def risk(
    state: State, runtime: Runtime[Services]
) -> Command[Literal["execution", "__end__"]]:
    """Quantity by the person's words, or else by rule; then the effect on the account."""
    step = Step("risk", state, runtime)
    trade = step.request.kind is Kind.TRADE
    held_back = unmet(step.request.condition, step.request.symbol, step.calls)
    if trade and step.request.quantity is None and held_back is None:
        step.request = await settle_quantity(step.request, step.calls, step.toolbox)
    await step.think()
    return Command(goto="execution" if trade else "__end__", update=step.update())


async def settle_quantity(request: Request, calls: list[Call], toolbox: Toolbox) -> Request:
    """The request with a quantity: from an amount of money, a holding, or the 2 % rule.

    Stays without one when no quantity was named and the signal points the other way: the desk
    drafts what a person asked for, and does not talk them into a trade.
    """
    if request.value is not None:
        quoted = latest_call(calls, "get_quote", symbol=request.symbol)
        quoted = quoted or await toolbox.call("get_quote", symbol=request.symbol)
        quote = quoted["data"]
        price = Decimal(quote["ask"] if request.side == "buy" else quote["bid"])
        whole = (Decimal(request.value) / price).to_integral_value(ROUND_FLOOR)
        if whole < 1:
            raise InputError(
                f"{request.value} {quote['currency']} buys less than one share of "
                f"{request.symbol} at {price}; name a larger amount."
            )
        return replace(request, quantity=str(whole))
    if request.side == "sell" and request.portion is None:
        return request  # nobody said how many, or all of it
    if request.portion is not None:
        account = await toolbox.call("get_portfolio")
        held = next(
            (p for p in account["data"]["positions"] if p["symbol"] == request.symbol), None
        )
        if held is None or Decimal(held["quantity"]) <= 0:
            raise InputError(
                f"the account holds no {request.symbol} to sell; tollgate portfolio shows what "
                f"it holds."
            )
        whole = (Decimal(held["quantity"]) * Decimal(request.portion)).to_integral_value(
            ROUND_FLOOR
        )
        if whole < 1:
            raise InputError(
                f"that part of {held['quantity']} {request.symbol} is below one share."
            )
        return replace(request, quantity=str(whole))
    computed = latest_call(calls, "compute_indicators", symbol=request.symbol)
    signal = computed["data"].get("signal") if computed else None
    if not signal or signal["direction"] != request.side:
        return request
    try:
        sized = await toolbox.call("size_position", symbol=request.symbol, side=request.side)
    except DataUnavailable:
        return request
    quantity = sized["data"]["quantity"]
    return replace(request, quantity=quantity) if Decimal(quantity) > 0 else request
