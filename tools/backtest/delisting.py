"""Symbols whose prices end before the run does, as those of a company that is no more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from tools.backtest.series import CLOSE, Series
from tools.backtest.tape import Tape
from tools.domain.actions import Delisting
from tools.domain.errors import DataUnavailable, InputError
from tools.market_data.columns import moment_of
from tools.market_data.sessions import session_on

SILENT = timedelta(days=10)
"""A symbol that is silent for longer at the end of a run is taken for gone."""

AFTER = 3
"""Sessions without a bar, at the close of the last of which it is settled."""

WORDS = {"last": 1.0, "zero": 0.0, "hold": None}


def recovery(text: str) -> float | None:
    """What part of the last close is paid: last (all), zero, a number, or hold (None: held on)."""
    plain = text.strip().lower()
    if plain in WORDS:
        return WORDS[plain]
    try:
        rate = float(plain)
    except ValueError:
        rate = -1.0
    if not 0 <= rate <= 1:
        raise InputError(
            f"What is delisted is settled at last, zero, or a part of the last close from 0 to 1, "
            f"or hold; was {text.strip()[:20]!r}."
        )
    return rate


def ended(tape: Tape) -> Mapping[str, datetime]:
    """When the last bar of each symbol that is gone was known."""
    last = max(int(one.known[-1]) for one in tape.series.values())
    ends = {name: moment_of(int(one.known[-1])) for name, one in tape.series.items()}
    return {name: at for name, at in ends.items() if moment_of(last) - at > SILENT}


def delistings(tape: Tape, rate: float | None) -> Mapping[str, Delisting]:
    """The settlement of each; ``rate`` is a part of the last close, None for no settlement.

    That it is gone can be told only after ``AFTER`` sessions without a bar.
    """
    if rate is None:
        return {}
    found = {}
    for symbol, at in ended(tape).items():
        series = tape.series[symbol]
        price = Decimal(repr(float(series.values[-1, CLOSE]))) * Decimal(str(rate))
        found[symbol] = Delisting(symbol, _settled(series, at), price * series.listed.multiplier)
    return found


def _settled(series: Series, at: datetime) -> datetime:
    """The close of the last session that it was waited for; a week later beyond the calendar."""
    day, missed = series.bars[-1].session, 0
    try:
        while True:
            day += timedelta(days=1)
            hours = session_on(series.listed.calendar, day)
            missed += hours is not None
            if hours is not None and missed == AFTER:
                return hours[1]
    except DataUnavailable:
        return at + timedelta(days=7)
