"""Rules about the price and the listing: G03, G06, G08, G10, G29."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from tools.domain.order import SAME_MOMENT, Reason, Side
from tools.risk.case import Case
from tools.risk.rules_words import money, percent, refuse, shares, shown
from tools.risk.rules_worst import Incomplete, listing, order_value, parts, raises_exposure


def fresh(case: Case) -> Iterator[Reason]:
    """G03: market and account are recent, and nothing comes from the future."""
    order, account, market, limits = parts(case)
    if case.now is None or market.at is None:
        raise Incomplete
    skew = timedelta(seconds=limits.clock_skew_seconds)
    if order.as_of - case.now > skew:
        yield refuse("G03", f"The order is dated {order.as_of:%Y-%m-%d %H:%M}, in the future.")
    age, oldest = case.now - market.at, timedelta(days=limits.stale_market_days)
    if age > oldest:
        yield refuse(
            "G03",
            f"The last price of {order.symbol} is from {market.at:%Y-%m-%d}, {age.days} days "
            f"before the order, older than the {oldest.days} days allowed; use a feed with newer "
            "prices.",
        )
    elif age < -skew:
        yield refuse("G03", f"The price of {order.symbol} is from after the moment of the order.")
    age, oldest = case.now - account.at, timedelta(seconds=limits.stale_account_seconds)
    if not -skew <= age <= oldest:
        yield refuse(
            "G03",
            f"The account's figures are of {account.at:%Y-%m-%d %H:%M:%S}, more than "
            f"{oldest.seconds} s from the order's moment; read the account again.",
        )


def timely(case: Case) -> Iterator[Reason]:
    """G03: the market clock never goes back, and only simulated orders are of the past."""
    if case.now is None:
        raise Incomplete
    if case.dated and not case.simulated_venue:
        yield refuse(
            "G03",
            f"The order is dated {case.order.as_of:%Y-%m-%d %H:%M}, before the market clock, and "
            "this venue is not simulated; leave the date out.",
        )
    if case.dated or case.latest is None:
        return
    if case.latest - case.now > SAME_MOMENT:
        yield refuse(
            "G03",
            f"The market clock went back from {case.latest:%Y-%m-%d %H:%M} to "
            f"{case.now:%Y-%m-%d %H:%M} UTC: the live feed can't be reached; wait for it, or work "
            "in another TOLLGATE_HOME.",
        )


def marked(case: Case) -> Iterator[Reason]:
    """G03: no order adds risk while something held has only an old price: it is no equity."""
    order, account, _, limits = parts(case)
    if case.now is None:
        raise Incomplete
    if not raises_exposure(order, account):
        return
    oldest = timedelta(days=limits.stale_market_days)
    for position in account.positions:
        if not position.quantity or position.mark is None:
            continue
        when = position.marked_at
        if not isinstance(when, datetime):
            raise Incomplete
        if case.now - when > oldest:
            yield refuse(
                "G03",
                f"The last price of {shown(position.symbol)}, which you hold, is from "
                f"{when:%Y-%m-%d}, older than the {oldest.days} days allowed; what the account is "
                "worth isn't known, so only orders that make a position smaller are let through.",
            )


def drift(case: Case) -> Iterator[Reason]:
    """G06: a yes is for the price that it was given on, or one near it."""
    order, _, market, limits = parts(case)
    if case.reference is None:
        return
    price = market.ask if order.side is Side.BUY else market.bid
    if price is None:
        raise Incomplete
    if abs(price - case.reference) > limits.max_drift * case.reference:
        name = "ask" if order.side is Side.BUY else "bid"
        yield refuse(
            "G06",
            f"The {name} of {order.symbol} moved from {money(case.reference, order.currency)} to "
            f"{money(price, order.currency)} since the order was proposed, more than the "
            f"{percent(limits.max_drift)} allowed; propose it again.",
        )


def steps(case: Case) -> Iterator[Reason]:
    """G08: price on the tick, quantity in whole lots, not dust; never rounded silently."""
    order, _, market, limits = parts(case)
    listed = listing(market)
    if order.quantity <= 0 or order.quantity % listed.lot != 0:
        yield refuse(
            "G08",
            f"{shares(order.quantity)} is not a whole number of lots of {shares(listed.lot)}; "
            f"{order.symbol} trades in steps of {shares(listed.lot)}.",
        )
    if order.limit_price is not None and order.limit_price % listed.tick != 0:
        yield refuse(
            "G08",
            f"The price {shares(order.limit_price)} is between two steps; {order.symbol} is "
            f"priced in steps of {shares(listed.tick)}.",
        )
    value = order_value(case)
    if value < limits.min_order_value:
        yield refuse(
            "G08",
            f"The order is worth {money(value, order.currency)}, under the least of "
            f"{money(limits.min_order_value, order.currency)}; ask for more.",
        )


def collar(case: Case) -> Iterator[Reason]:
    """G10: no price far through the market, and none so far from it that it must be a slip."""
    order, _, market, limits = parts(case)
    if market.bid is None or market.ask is None:
        raise Incomplete
    if not 0 < market.bid <= market.ask:
        yield refuse(
            "G10",
            f"The bid of {shares(market.bid)} and ask of {shares(market.ask)} of {order.symbol} "
            "make no market; wait for a sound price.",
        )
        return
    bid, ask = market.bid, market.ask
    price = order.limit_price
    if price is None:
        return  # a market order is sent as a limit order at the collar itself
    highest, lowest = ask * (1 + limits.price_collar), bid * (1 - limits.price_collar)
    if order.side is Side.BUY and price > highest:
        yield refuse(
            "G10",
            f"Buying at {money(price, order.currency)} is more than "
            f"{percent(limits.price_collar)} above the ask of {money(ask, order.currency)}; "
            f"the highest price allowed is {money(highest, order.currency)}.",
        )
    if order.side is Side.SELL and price < lowest:
        yield refuse(
            "G10",
            f"Selling at {money(price, order.currency)} is more than "
            f"{percent(limits.price_collar)} below the bid of {money(bid, order.currency)}; "
            f"the lowest price allowed is {money(lowest, order.currency)}.",
        )
    middle = (bid + ask) / 2
    if abs(price - middle) > limits.passive_collar * middle:
        yield refuse(
            "G10",
            f"The price {money(price, order.currency)} is more than "
            f"{percent(limits.passive_collar)} from the market at "
            f"{money(middle, order.currency)}; check it for a slip of the finger.",
        )


def universe(case: Case) -> Iterator[Reason]:
    """G29: a listing that a feed knows, tradable, allowed and not restricted."""
    order, _, market, limits = parts(case)
    symbol = shown(order.symbol)
    listed = market.instrument
    if market.known is not True or listed is None:
        because = f" {shown(market.note, 160)}" if market.note else ""
        yield refuse("G29", f"No price feed knows the symbol {symbol}.{because}")
        return
    if listed.symbol != order.symbol:
        yield refuse("G29", f"{symbol} was found as {shown(listed.symbol)}; ask for that symbol.")
    if listed.tradable is not True:
        yield refuse("G29", f"{symbol} can be looked at but not traded.")
    if order.symbol.upper() in limits.restricted:
        yield refuse("G29", f"{symbol} is on the restricted list and must not be traded.")
    if limits.allowed and order.symbol.upper() not in limits.allowed:
        yield refuse("G29", f"{symbol} is not among the symbols that the limits allow.")
