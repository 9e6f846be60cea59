"""What a person may ask to be replayed: a file, a folder, or a symbol's daily bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np

from tools.domain.errors import InputError
from tools.domain.market import Bar
from tools.market_data.columns import nanoseconds
from tools.market_data.sessions import NEW_YORK
from tools.ports import MarketData
from tools.streaming.pace import Pace, pace_of
from tools.streaming.reading import read
from tools.streaming.recording import Recording, recorded
from tools.streaming.replay import Replay

USUAL_SPEED, USUAL_SESSIONS = "60", "2"
YEAR = timedelta(days=365)
SAMPLE = "sample"


def opened(
    what: Sequence[str],
    speed: str | None,
    market: MarketData,
    *,
    start: date | None = None,
    end: date | None = None,
    paused: bool = False,
) -> tuple[Replay, bool]:
    """The replay, and whether it is of daily bars.

    Each of ``what`` is a path, or a symbol whose daily bars ``market`` has; ``sample`` means every
    symbol that can be listed. Symbols begin a year before their end without ``start``. Raises
    InputError and DataUnavailable with a sentence.
    """
    if len(what) == 1 and Path(what[0]).expanduser().exists():
        recording, daily = read(Path(what[0]).expanduser()), False
    else:
        recording, daily = _sessions(what, market, start), True
    recording = between(recording, start, end)
    pace = pace_of(speed or (USUAL_SESSIONS if daily else USUAL_SPEED), daily=daily)
    return Replay(recording, Pace(pace.speed, steps=daily), paused=paused), daily


def between(recording: Recording, start: date | None, end: date | None) -> Recording:
    """The rows that became known on these days of New York, both included."""
    first, last = (
        nanoseconds(datetime.combine(day + timedelta(days=more), time(), NEW_YORK)) if day else edge
        for day, more, edge in ((start, 0, -(2**62)), (end, 1, 2**62))
    )
    rows = np.flatnonzero((recording.known >= first) & (recording.known < last))
    if not len(rows):
        raise InputError("Nothing of the recording lies between these days.")
    return replace(
        recording,
        kind=recording.kind[rows],
        symbol=recording.symbol[rows],
        time=recording.time[rows],
        known=recording.known[rows],
        figures=recording.figures[rows],
    )


def _sessions(what: Sequence[str], market: MarketData, start: date | None) -> Recording:
    names = [listed.symbol for listed in market.instruments()] if list(what) == [SAMPLE] else what
    latest = market.latest()
    bars: list[Bar] = []
    for name in names:
        found = market.history(name, latest).bars
        bars += [bar for bar in found if start or bar.known_at > found[-1].known_at - YEAR]
    return recorded(bars)
