"""Rules that stop what goes wrong: G21, G22, G23, G24, G26, G32.

Only orders that raise exposure are held to them, so that what is held can always be closed; only
the layers of G32 hold for every order.
"""

from __future__ import annotations

from tools.domain.order import OrderType, Side
from tools.domain.portfolio import OpenOrder
from tools.domain.verdict import Reason
from tools.risk.bounds import Incomplete
from tools.risk.facts import Facts
from tools.risk.rules_words import NOTHING, against, money, percent, shown
from tools.risk.totals import ZERO

REDUCE = "only orders that make a position smaller are let through"


def day_loss(facts: Facts) -> tuple[Reason, ...]:
    """G21: the equity is at most ``max_day_loss`` under that at the day's start.

    Realised and unrealised, fees in. A start that isn't above zero refuses.
    """
    if not facts.raising:
        return NOTHING
    start, now, mine = facts.activity.equity_open, facts.equity, facts.account.currency
    if now is None:
        raise Incomplete
    if start <= ZERO:
        return against("G21", f"The equity at the day's start isn't known; {REDUCE}.")
    if start - now <= facts.limits.max_day_loss * start:
        return NOTHING
    return against(
        "G21",
        f"The account lost {money(start - now, mine)} today, over the "
        f"{percent(facts.limits.max_day_loss)} of {money(start, mine)} allowed; {REDUCE} until "
        "tomorrow.",
    )


def drawdown(facts: Facts) -> tuple[Reason, ...]:
    """G22: the equity is at most ``max_drawdown`` under the highest ever.

    A peak that isn't above zero refuses.
    """
    if not facts.raising:
        return NOTHING
    peak, now, mine = facts.activity.equity_peak, facts.equity, facts.account.currency
    if now is None:
        raise Incomplete
    if peak <= ZERO:
        return against("G22", f"The highest equity isn't known; {REDUCE}.")
    if peak - now <= facts.limits.max_drawdown * peak:
        return NOTHING
    return against(
        "G22",
        f"The account is {money(peak - now, mine)} under its highest of {money(peak, mine)}, more "
        f"than the {percent(facts.limits.max_drawdown)} allowed; {REDUCE}.",
    )


def turnover(facts: Facts) -> tuple[Reason, ...]:
    """G23: the money sent today with this order's ``value`` is at most ``max_day_value``."""
    if not facts.raising:
        return NOTHING
    after = facts.activity.sent_value + facts.value
    if after <= facts.limits.max_day_value:
        return NOTHING
    mine = facts.account.currency
    return against(
        "G23",
        f"Orders for {money(facts.activity.sent_value, mine)} were sent today; with this one it "
        f"would be {money(after, mine)}, over the {money(facts.limits.max_day_value, mine)} "
        "allowed in one day.",
    )


def messages(facts: Facts) -> tuple[Reason, ...]:
    """G24: before this one fewer messages than the most, for account, strategy and symbol.

    Messages are orders, replacements and cancels within ``message_seconds``. Cancels count, but
    never come to the gate: nothing holds them up.
    """
    if not facts.raising:
        return NOTHING
    done, limits = facts.activity, facts.limits
    found: tuple[Reason, ...] = NOTHING
    for count, most, what in (
        (done.messages_account, limits.messages_per_account, "the account"),
        (done.messages_strategy, limits.messages_per_strategy, "the strategy"),
        (done.messages_symbol, limits.messages_per_symbol, facts.order.symbol),
    ):
        if count >= most:
            found += against(
                "G24",
                f"{count} orders and cancels of {what} were sent within {limits.message_seconds} "
                f"s, the most allowed is {most}; wait.",
            )
    return found


def strategy(facts: Facts) -> tuple[Reason, ...]:
    """G26: the strategy isn't disabled, doesn't fire too often, and wasn't wrong too often.

    With this order at most ``max_executions`` within ``execution_seconds``; fewer than
    ``max_losses`` losses and ``max_rejects`` rejects in a row. Only a person enables it again.
    """
    if not facts.raising:
        return NOTHING
    done, limits = facts.activity, facts.limits
    name = f"The strategy {shown(facts.order.strategy)}" if facts.order.strategy else "Trading here"
    found: tuple[Reason, ...] = NOTHING
    if done.disabled:
        found += against("G26", f"{name} is disabled until a person enables it.")
    if done.executions >= limits.max_executions:
        found += against(
            "G26",
            f"{name} sent {done.executions} orders within {limits.execution_seconds} s, the most "
            f"allowed is {limits.max_executions}; a person must look at it.",
        )
    if done.losses >= limits.max_losses:
        found += against(
            "G26", f"{name} lost {done.losses} times in a row; a person must look at it."
        )
    if done.rejects >= limits.max_rejects:
        found += against(
            "G26", f"{name} was rejected {done.rejects} times in a row; a person must look at it."
        )
    return found


def order_to_fill(facts: Facts) -> tuple[Reason, ...]:
    """G32: not many more cancels than fills, and no trade through one's own layers.

    Once there were ``min_cancels`` cancels in the symbol within ``order_to_fill_seconds``, they are
    at most ``cancels_per_fill`` for each fill. An order that may trade at once (it has no limit, or
    one at or beyond the other side of the book) has at most ``max_layers`` orders resting with a
    limit on the other side of its symbol; exits and orders of its own group aren't layers.
    """
    done, limits = facts.activity, facts.limits
    found: tuple[Reason, ...] = NOTHING
    if (
        facts.raising
        and done.cancels >= limits.min_cancels
        and done.cancels > limits.cancels_per_fill * done.fills
    ):
        found += against(
            "G32",
            f"There were {done.cancels} cancels and {done.fills} fills in {facts.order.symbol} "
            f"within {limits.order_to_fill_seconds} s; wait.",
        )
    if facts.against <= ZERO:
        return found
    here = facts.totals.orders[facts.order.symbol]
    layers = sum(_is_layer(o, facts.order.side) for o in here)
    if layers > limits.max_layers and _trades_at_once(facts):
        found += against(
            "G32",
            f"{layers} of your own orders rest on the other side of {facts.order.symbol} while "
            f"this one would trade; the most allowed is {limits.max_layers}; cancel them first.",
        )
    return found


def _is_layer(o: OpenOrder, side: Side) -> bool:
    return o.side is not side and not o.group and o.limit_price is not None


def _trades_at_once(facts: Facts) -> bool:
    price = facts.order.limit_price
    if facts.order.type is not OrderType.LIMIT or price is None:
        return facts.order.type is OrderType.MARKET
    touch = facts.market.ask if facts.buy else facts.market.bid
    if touch is None:
        raise Incomplete
    return price >= touch if facts.buy else price <= touch
