"""Inputs for the feature tests: a seeded walk with everything that a feature may read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np

from tools.domain.document import Document, DocumentKind
from tools.domain.timeframe import DAILY, MINUTE
from tools.features.aligned import with_market
from tools.features.inputs import Inputs
from tools.features.registry import features
from tools.market_data.columns import nanoseconds
from tools.market_data.sessions import session_on

FIRST = date(2015, 1, 5)


def sessions(count, calendar="XNYS", first=FIRST):
    found, day = [], first
    while len(found) < count:
        hours = session_on(calendar, day)
        if hours is not None:
            found.append((day, *hours))
        day += timedelta(days=1)
    return found


def daily(count, seed=1, symbol="X", calendar="XNYS"):
    """A walk of daily bars, with volume."""
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, count)))
    opened = np.concatenate([[100.0], close[:-1]])[:count] * np.exp(rng.normal(0, 0.005, count))
    days = sessions(count, calendar)
    return Inputs(
        symbol, "made", DAILY, calendar,
        np.array([nanoseconds(row[1]) for row in days], np.int64),
        np.array([nanoseconds(row[2]) for row in days], np.int64),
        opened,
        np.maximum(opened, close) * (1 + rng.uniform(0.001, 0.02, count)),
        np.minimum(opened, close) * (1 - rng.uniform(0.001, 0.02, count)),
        close,
        rng.integers(1_000, 10**6, count).astype(float),
        np.array([float(f"{row[0]:%Y%m%d}") for row in days], np.float64),
    )  # fmt: skip


def minutes(days, seed=1, symbol="X"):
    """A walk of one-minute bars in so many sessions."""
    rng = np.random.default_rng(seed)
    start = np.concatenate(
        [np.arange(nanoseconds(o), nanoseconds(c), 60 * 10**9) for _, o, c in sessions(days)]
    )
    count = len(start)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.001, count)))
    opened = np.concatenate([[100.0], close[:-1]])
    numbers = np.concatenate(
        [
            np.full((nanoseconds(c) - nanoseconds(o)) // (60 * 10**9), float(f"{d:%Y%m%d}"))
            for d, o, c in sessions(days)
        ]
    )
    return Inputs(
        symbol, "made", MINUTE, "XNYS", start, start + 60 * 10**9, opened,
        np.maximum(opened, close) * 1.0005, np.minimum(opened, close) * 0.9995, close,
        rng.integers(100, 10**4, count).astype(float), numbers,
    )  # fmt: skip


MORE = {
    "quoted_spread": (1e-4, 1e-2),
    "effective_spread": (1e-4, 1e-2),
    "bid_share": (0.1, 0.9),
    "book_flow": (-500, 500),
    "book_depth": (100, 900),
    "bought": (100, 1e5),
    "sold": (100, 1e5),
    "trades": (1, 100),
    "news_score": (-1, 1),
    "news_count": (1, 5),
}


def whole(count, seed=1):
    """Daily bars with every other column that any feature reads."""
    inputs = with_market(daily(count, seed), daily(count, seed + 1000, "M"))
    rng = np.random.default_rng(seed + 2000)
    return inputs.joined({name: rng.uniform(*ends, count) for name, ends in MORE.items()}, "made")


def replaced(inputs, **columns):
    own = {name: columns.pop(name) for name in list(columns) if name not in inputs.more}
    return replace(inputs, more={**inputs.more, **columns}, **own)


def document(key, hours, title="Good news", symbols=("X",), source="wire"):
    """One that is known so many hours after midnight UTC of the first day."""
    known = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC) + timedelta(hours=hours)
    return Document(
        key, source, DocumentKind.NEWS, title, "", "", known, known, symbols
    )  # fmt: skip


ROWS = {row.name: row for row in features()}
