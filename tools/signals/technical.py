"""A signal from technical indicators alone: five votes and their mean."""

from __future__ import annotations

from datetime import datetime

from tools.domain.errors import DataUnavailable
from tools.domain.market import aware_utc
from tools.domain.signal import Direction, Signal
from tools.features.prices import PriceArrays
from tools.indicators.registry import compute, latest
from tools.signals import votes

LEAST_BARS = 60
THRESHOLD = 0.25
READ = ("sma_50", "sma_200", "macd", "atr_14", "rsi_14", "bollinger", "roc_20")


def technical_signal(symbol: str, as_of: datetime, prices: PriceArrays) -> Signal:
    """Votes of trend, MACD, RSI, Bollinger bands and momentum at the last bar of ``prices``.

    ``score`` is the plain mean of the votes there are; BUY from +0.25, SELL from -0.25, else
    NEUTRAL. These thresholds, like the scales in ``tools.signals.votes``, are conventions: nothing
    was fitted, and the score is no probability. Votes that need more history than there is are
    missing. ``as_of`` is aware. Raises DataUnavailable below 60 bars.
    """
    if len(prices) < LEAST_BARS:
        raise DataUnavailable(
            f"A technical signal needs at least {LEAST_BARS} daily bars; {symbol} has "
            f"{len(prices)} at {as_of:%Y-%m-%d}. Ask as of a later date."
        )
    values = latest(compute(prices, READ))
    close = float(prices.close[-1])
    cast = (
        votes.trend(close, values),
        votes.macd(values),
        votes.rsi(values),
        votes.bollinger(close, values),
        votes.momentum(values),
    )
    heard = tuple(vote for vote in cast if vote is not None)
    if not heard:
        raise DataUnavailable(f"No indicator of {symbol} has a value at {as_of:%Y-%m-%d}.")
    score = sum(vote.value for vote in heard) / len(heard)
    return Signal(symbol, aware_utc(as_of, "as_of"), direction_of(score), score, heard)


def direction_of(score: float) -> Direction:
    """BUY from +0.25, SELL from -0.25, else NEUTRAL."""
    if score >= THRESHOLD:
        return Direction.BUY
    return Direction.SELL if score <= -THRESHOLD else Direction.NEUTRAL
