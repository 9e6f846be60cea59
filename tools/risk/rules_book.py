"""Rules about the market that an order goes to: G11 bands and halts, G12 the book, G15 volume."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal

from tools.domain.verdict import Reason
from tools.risk.bounds import HALF, ZERO, Incomplete
from tools.risk.facts import Facts
from tools.risk.rules_words import NOTHING, against, at_most, money, percent, shares, shown


def bands(facts: Facts) -> tuple[Reason, ...]:
    """G11: trading isn't halted, and a limit is inside the day's bands where they are published.

    ``halted`` is False; an unknown one refuses. ``band_low <= limit <= band_high`` for each band
    that is known; those known are above zero and in that order. Bands are never computed. Every
    order.
    """
    market, order = facts.market, facts.order
    found: tuple[Reason, ...] = NOTHING
    if market.halted is None:
        found += against(
            "G11",
            f"It isn't known whether trading in {shown(order.symbol)} is halted; try again later.",
        )
    elif market.halted:
        found += against(
            "G11", f"Trading in {shown(order.symbol)} is halted; wait until it goes on."
        )
    low, high, price = market.band_low, market.band_high, order.limit_price
    if low is None and high is None:
        return found
    known = [band for band in (low, high) if band is not None]
    if known[0] <= 0 or known[0] > known[-1]:
        found += against(
            "G11", f"The bands of {shown(order.symbol)} make no sense; wait for sound ones."
        )
    if price is not None and (
        (low is not None and price < low) or (high is not None and price > high)
    ):
        found += against(
            "G11",
            f"The price {money(price, order.currency)} is outside the exchange's bands of the day "
            f"({'?' if low is None else shares(low)} to {'?' if high is None else shares(high)}).",
        )
    return found


def book_sound(facts: Facts) -> tuple[Reason, ...]:
    """G12: 0 < bid <= ask for every order; the spread and the sizes for those that raise exposure.

    The spread is at most ``max_spread`` of the middle. Both sizes are above zero; an unknown size
    refuses, unless the quote and the venue are both simulated, where there is no book.
    """
    market, order = facts.market, facts.order
    bid, ask = market.bid, market.ask
    if bid is None or ask is None:
        raise Incomplete
    if not ZERO < bid <= ask:
        return against(
            "G12",
            f"The bid of {shares(bid)} and ask of {shares(ask)} of {shown(order.symbol)} make no "
            "market; wait for a sound price.",
        )
    if not facts.raising:
        return NOTHING
    found: tuple[Reason, ...] = NOTHING
    middle = (bid + ask) * HALF
    if ask - bid > facts.limits.max_spread * middle:
        found += against(
            "G12",
            f"Bid {money(bid, order.currency)} and ask {money(ask, order.currency)} of "
            f"{shown(order.symbol)} are more than {percent(facts.limits.max_spread)} apart; "
            "wait for a closer market.",
        )
    return found + _empty(facts, market.bid_size, "bid") + _empty(facts, market.ask_size, "ask")


def _empty(facts: Facts, size: Decimal | None, name: str) -> tuple[Reason, ...]:
    if size is None:
        if facts.market.simulated is True and facts.case.simulated_venue is True:
            return NOTHING
        return against(
            "G12", f"It isn't known how much {shown(facts.order.symbol)} is on the {name}."
        )
    if size <= 0:
        return against(
            "G12", f"There is nothing on the {name} of {shown(facts.order.symbol)}; wait."
        )
    return NOTHING


def volume(facts: Facts) -> tuple[Reason, ...]:
    """G15: the quantity is at most ``max_volume_share`` of an average day's volume.

    An unknown volume refuses an order that raises exposure; where it is known, every order is held
    to it.
    """
    average, order = facts.market.average_volume, facts.order
    if average is None:
        if not facts.raising:
            return NOTHING
        return against("G15", f"The average volume of {shown(order.symbol)} isn't known.")
    most = facts.limits.max_volume_share * average
    if facts.quantity <= most:
        return NOTHING
    fits = at_most(most.to_integral_value(ROUND_FLOOR) if most > 1 else most, facts.listed.lot)
    return against(
        "G15",
        f"{shares(facts.quantity)} {shown(order.symbol)} is more than "
        f"{percent(facts.limits.max_volume_share)} of an average day's "
        f"{shares(average.to_integral_value(ROUND_FLOOR))}; {fits}.",
    )
