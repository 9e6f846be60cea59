"""What the market says of everything held: last prices, exchange rates, and kinds of listing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from tools.domain.errors import TradingError
from tools.domain.instrument import AssetClass
from tools.portfolio.costing import ONE, ROUNDED, SMALLEST
from tools.ports import MarketData

Mark = Callable[[str], tuple[Decimal, datetime] | None]
"""The last known price of a symbol and its moment (aware UTC), None when there is none."""

Kind = Callable[[str], AssetClass | None]
"""The asset class of a symbol, None when no feed knows it."""

RATE_KEPT = timedelta(days=7)
"""An exchange rate older than this is none: the market of currencies never rests so long."""

THROUGH = ("USD", "EUR")
"""Where two currencies have no pair of their own, both may have one with these."""


def marks_at(market: MarketData, moment: datetime) -> Mark:
    """Prices known at ``moment`` (aware UTC), each asked for once; None where there is none."""
    seen: dict[str, tuple[Decimal, datetime] | None] = {}

    def mark(symbol: str) -> tuple[Decimal, datetime] | None:
        if symbol not in seen:
            try:
                bar = market.history(symbol, moment).bars[-1]
            except TradingError:
                seen[symbol] = None
            else:
                seen[symbol] = (bar.close, bar.known_at)
        return seen[symbol]

    return mark


def kinds_of(market: MarketData) -> Kind:
    """The asset class of each symbol, asked for once."""
    seen: dict[str, AssetClass | None] = {}

    def kind(symbol: str) -> AssetClass | None:
        if symbol not in seen:
            try:
                seen[symbol] = market.instrument(symbol).asset_class
            except TradingError:
                seen[symbol] = None
        return seen[symbol]

    return kind


def rate(mark: Mark, currency: str, into: str, at: datetime) -> Decimal | None:
    """What one unit of ``currency`` is worth in ``into`` at ``at`` (aware UTC).

    The last close of the pair, or one through the close of the pair the other way round, to
    1e-12; where there is neither, the product of two such through dollars or euros. None when
    none is known or all are older than ``RATE_KEPT``: never a guess.
    """
    if currency == into:
        return ONE
    for way in ways(currency, into):
        legs = [_paired(mark, *step, at) for step in way]
        known = [leg for leg in legs if leg is not None]
        if len(known) == len(legs) == 1:
            return known[0]
        if len(known) == len(legs):
            whole = ROUNDED.multiply(*known)
            return whole.quantize(SMALLEST, context=ROUNDED)
    return None


def ways(currency: str, into: str) -> Iterator[tuple[tuple[str, str], ...]]:
    """The ways from one currency to another, each as its steps, in the order they are tried."""
    yield ((currency, into),)
    for between in THROUGH:
        if between not in (currency, into):
            yield (currency, between), (between, into)


def spelled(currency: str, into: str) -> tuple[tuple[str, bool], ...]:
    """The symbols that a pair may have, and whether it is the other way round."""
    return (
        (f"{currency}/{into}", False),
        (f"{into}/{currency}", True),
        (f"{currency}{into}=X", False),
        (f"{into}{currency}=X", True),
    )


def _paired(mark: Mark, currency: str, into: str, at: datetime) -> Decimal | None:
    for symbol, inverse in spelled(currency, into):
        found = mark(symbol)
        if found is not None and found[0] > 0 and at - found[1] <= RATE_KEPT:
            one_through = ROUNDED.divide(ONE, found[0]) if inverse else found[0]
            return one_through.quantize(SMALLEST, context=ROUNDED) if inverse else one_through
    return None
