"""Many indicators in one compiled pass, over arrays or bar by bar."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from tools.domain.errors import InputError
from tools.indicators.arrays import Floats
from tools.indicators.row import Prices, column
from tools.indicators.streaming.fusing import one_bar, over_arrays, shape_of
from tools.indicators.streaming.plan import memory_of, parts_of, places_of

COLUMNS = ("open", "high", "low", "close", "volume")
PAGE, APART = 512, 24
"""Numbers in a page of memory, and by how many each row begins later in its page."""


class Fused:
    """A set of indicators that share one loop; ``keys`` names the outputs, in their order.

    ``compute`` and ``push`` give bit for bit what ``registry.compute`` gives. The first use of a
    set compiles it, some seconds. Not for two threads at once: each needs a set of its own.
    """

    def __init__(
        self,
        names: Sequence[str],
        params: Mapping[str, Mapping[str, float]] = MappingProxyType({}),
    ) -> None:
        """``names`` and ``params`` as for ``registry.compute``.

        Raises InputError for what ``compute`` refuses, and for indicators without a compiled step.
        """
        self._parts = parts_of(names, params)
        self.keys = tuple(key for part in self._parts for key in part.keys)
        self._shape = shape_of(self._parts)
        self._run: Callable[..., tuple[float, ...]] | None = None
        reach = 1 + max(part.reach for part in self._parts)
        self._ring = np.full((len(COLUMNS), 1 << reach.bit_length()), np.nan)
        self._memory, self._at = memory_of(self._parts), places_of(self._parts)
        self._clock = np.zeros(1 + len(self._parts), dtype=np.int64)

    def compute(
        self, prices: Prices, into: Mapping[str, Floats] | None = None
    ) -> dict[str, Floats]:
        """Every output over whole arrays, by key; a stream under way is left as it is.

        ``into`` is an earlier answer of this set for as many bars, whose arrays are written over:
        getting new ones from the system takes about as long as the arithmetic. Raises InputError
        when the prices, or those arrays, have different lengths. New arrays are parts of one block,
        which stays in memory as long as one of them does.
        """
        columns = [_writable(column(prices, name)) for name in COLUMNS]
        if any(x.ndim != 1 or x.size != columns[0].size for x in columns):
            raise InputError("Indicator inputs must be flat arrays of the same length.")
        out = self._new(columns[0].size) if into is None else self._held(into)
        if any(x.shape != columns[0].shape for x in out):
            raise InputError("The arrays to write into must be as long as the prices.")
        over_arrays(self._shape)(memory_of(self._parts), self._at, *columns, *out)
        return dict(zip(self.keys, out, strict=True))

    def _new(self, size: int) -> list[Floats]:
        """In one block, which the system hands out in large pages.

        Rows whole pages apart would push each other out of the processor's cache: these aren't.
        """
        width = size + (APART - size) % PAGE
        return list(np.empty((len(self.keys), width))[:, :size])

    def _held(self, into: Mapping[str, Floats]) -> list[Floats]:
        if tuple(into) != self.keys:
            raise InputError("Write into an answer of the same set of indicators.")
        return list(into.values())

    def push(
        self,
        open: float,  # noqa: A002 - the price's name
        high: float,
        low: float,
        close: float,
        volume: float,
    ) -> tuple[float, ...]:
        """The outputs of the next bar, in the order of ``keys``; NaN where there is none.

        A bar with NaN, or beyond LARGEST, in an input is a gap for the indicators that read it.
        """
        run = self._run
        if run is None:
            run = self._run = one_bar(self._shape)
        return run(self._memory, self._at, self._ring, self._clock, open, high, low, close, volume)

    def peek(
        self,
        open: float,  # noqa: A002 - the price's name
        high: float,
        low: float,
        close: float,
        volume: float,
    ) -> tuple[float, ...]:
        """What ``push`` would give for a bar that is still forming; nothing is remembered."""
        run = self._run
        if run is None:
            run = self._run = one_bar(self._shape)
        memory, ring, clock = self._memory.copy(), self._ring.copy(), self._clock.copy()
        return run(memory, self._at, ring, clock, open, high, low, close, volume)


def _writable(values: Floats) -> Floats:
    """The compiled loop takes one kind of array only."""
    values = np.ascontiguousarray(values)
    return values if values.flags.writeable else values.copy()
