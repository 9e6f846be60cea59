"""Prices for the indicator tests: made by hypothesis, or a seeded walk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tools.indicators.row import Indicator
from tools.market_data.feeds.sample import SampleFeed

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Arrays:
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats

    def first(self, count: int) -> Arrays:
        return Arrays(*(getattr(self, name)[:count].copy() for name in self.__dataclass_fields__))


def from_closes(close: Floats, spread: Floats, volume: Floats) -> Arrays:
    opened = np.concatenate([close[:1], close[:-1]])
    return Arrays(
        opened,
        np.maximum(opened, close) + spread,
        np.minimum(opened, close) - spread,
        close,
        volume,
    )


def walk(count: int, seed: int = 7) -> Arrays:
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, count)))
    return from_closes(close, rng.uniform(0, 2, count), rng.integers(0, 10**6, count).astype(float))


@st.composite
def prices(draw: st.DrawFn, least: int = 0, most: int = 90) -> Arrays:
    """Any positive closes, repeats and jumps included, sometimes with NaN in them."""
    size = draw(st.integers(least, most))
    numbers = st.floats(0.01, 1e6, width=64) | st.sampled_from([1.0, 100.0, 100.01])
    gaps = st.just(float("nan")) if draw(st.booleans()) else numbers
    close = draw(hnp.arrays(np.float64, size, elements=numbers | gaps))
    spread = draw(hnp.arrays(np.float64, size, elements=st.floats(0, 10)))
    volume = draw(hnp.arrays(np.float64, size, elements=st.floats(0, 1e9)))
    return from_closes(close, spread, volume)


def odd(kind: str, count: int) -> Arrays:
    """Prices that no market should have, and some has had."""
    made = walk(count)
    flat = np.full(count, 50.0)
    if kind == "constant":
        return Arrays(flat, flat, flat, flat, flat)
    if kind == "zero":
        return Arrays(*[np.zeros(count)] * 5)
    if kind == "no volume":
        return Arrays(made.open, made.high, made.low, made.close, np.zeros(count))
    scale = {"negative": -1.0, "huge": 1e57, "tiny": 1e-300}[kind]
    low, high = sorted((made.high * scale, made.low * scale), key=lambda x: x[0])
    return Arrays(made.open * scale, high, low, made.close * scale, made.volume)


def real_bars(symbol: str, count: int) -> Arrays:
    """The first daily bars of a symbol in the sample package, as traded."""
    bars = SampleFeed().bars(symbol)[:count]
    return Arrays(
        *(
            np.array([float(getattr(bar, name)) for bar in bars])
            for name in Arrays.__dataclass_fields__
        )
    )


LEAST = {"hurst": 32, "hurst_dfa": 64}


def shorter(row: Indicator) -> dict[str, float]:
    """The row's parameters with windows about a fifth as long."""
    short = {
        name: max(LEAST.get(row.name, 4), value // 5) if isinstance(value, int) else value
        for name, value in row.params.items()
        if name != "year"
    }
    if "fast" in short and isinstance(short["fast"], int) and "slow" in short:
        short["slow"] = max(short["slow"], short["fast"] + 2)
    if row.name == "roofing":
        short["longest"] = 9
    return short
