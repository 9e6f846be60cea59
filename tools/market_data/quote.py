"""A quote made from a close, for a desk whose feed has only daily bars; it says so."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from tools.domain.errors import DataUnavailable
from tools.domain.instrument import Instrument
from tools.domain.market import AsOf, Quote

HALF_SPREAD = Decimal("0.0002")
"""Two basis points each side: a convention for liquid large companies, not a measurement."""

SIZE_SHARE = Decimal("0.001")
"""What is on offer at bid and ask, as a share of the session's volume: a convention as well."""


def simulated_quote(instrument: Instrument, history: AsOf) -> Quote:
    """Bid and ask around the last raw close of ``history``, rounded outward to the tick.

    ``0 < bid <= ask`` always; ``event_time`` and ``known_at`` are the close's own moment (UTC).
    Both sizes are ``SIZE_SHARE`` of the session's volume in whole lots, at least one; None where
    the feed tells no volume, as of currencies.
    Raises DataUnavailable when there is no bar.
    """
    if not history.bars:
        raise DataUnavailable(f"There is no price of {history.symbol} to make a quote from.")
    last = history.bars[-1]
    tick = instrument.tick
    down = last.close * (1 - HALF_SPREAD)
    up = last.close * (1 + HALF_SPREAD)
    bid = max((down / tick).to_integral_value(ROUND_FLOOR) * tick, tick)
    ask = max((up / tick).to_integral_value(ROUND_CEILING) * tick, bid)
    lots = (last.volume * SIZE_SHARE / instrument.lot).to_integral_value(ROUND_FLOOR)
    size = max(lots, Decimal(1)) * instrument.lot if last.volume > 0 else None
    return Quote(
        history.symbol,
        bid,
        ask,
        last.known_at,
        last.known_at,
        f"simulated from the {last.session.isoformat()} close ({history.feed})",
        simulated=True,
        bid_size=size,
        ask_size=size,
    )
