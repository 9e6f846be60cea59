"""Prices for the indicator tests: made by hypothesis, or a seeded walk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

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
