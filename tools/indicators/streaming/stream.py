"""One indicator bar by bar: by TA-Lib's own state, the last bars, or the whole history."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

import numpy as np

from tools.indicators.arrays import Floats
from tools.indicators.registry import find
from tools.indicators.row import Indicator
from tools.indicators.streaming.handles import Handle, handled

INPUTS = ("open", "high", "low", "close", "volume", "session")


class Answering(Protocol):
    """What gives the outputs of the next bar from its inputs."""

    @property
    def how(self) -> str:
        """In words, how it keeps up."""
        ...

    @property
    def bounded(self) -> bool:
        """Whether a bar costs the same however many came before."""
        ...

    def next(self, bar: tuple[float, ...]) -> tuple[float, ...]:
        """The outputs of the bar."""
        ...

    def peek(self, bar: tuple[float, ...]) -> tuple[float, ...]:
        """The same, and nothing is remembered."""
        ...


class Again:
    """Computes the last value anew from the bars that it depends on, or from all of them."""

    def __init__(self, row: Indicator, params: Mapping[str, float]) -> None:
        """``params`` as for ``compute``, the window included."""
        self._row, self._params = row, params
        whole = {**row.params, **params}
        self._memory = None if row.memory is None else max(int(row.memory(whole)), 1)
        self._bars = np.empty((len(row.inputs), 2 * self._memory if self._memory else 256))
        self._count = 0

    @property
    def how(self) -> str:
        """In words."""
        if self._memory is None:
            return "recomputed from the whole history at each bar"
        return f"recomputed from the last {self._memory} bars"

    @property
    def bounded(self) -> bool:
        """Whether its memory ends."""
        return self._memory is not None

    def next(self, bar: tuple[float, ...]) -> tuple[float, ...]:
        """The outputs of the bar."""
        if self._count == self._bars.shape[1]:
            self._make_room()
        self._bars[:, self._count] = bar
        self._count += 1
        first = max(self._count - self._memory, 0) if self._memory else 0
        columns: list[Floats] = [column[first : self._count] for column in self._bars]
        return tuple(float(values[-1]) for values in self._row.call(columns, self._params))

    def peek(self, bar: tuple[float, ...]) -> tuple[float, ...]:
        """The same, and nothing is remembered: the next bar is written over this one."""
        found = self.next(bar)
        self._count -= 1
        return found

    def _make_room(self) -> None:
        if self._memory is None:
            self._bars = np.concatenate([self._bars, np.empty_like(self._bars)], axis=1)
            return
        kept = self._bars[:, self._count - self._memory :].copy()
        self._count = self._memory
        self._bars[:, : self._count] = kept


class State:
    """One indicator on a growing series; ``keys`` names the outputs, ``how`` says how it keeps up.

    ``push`` gives bit for bit the last values that ``compute`` gives on the bars so far. Not for
    two threads at once.
    """

    def __init__(self, name: str, params: Mapping[str, float]) -> None:
        """``name`` and ``params`` as for ``compute``; raises InputError for what it refuses."""
        row, implied, only = find(name)
        given = {**params, **implied}
        row.checked(given)
        windows = (given["window"],) if "window" in given else row.windows
        choices = [{**given, "window": n} for n in windows] if row.windows else [given]
        row.call([np.empty(0) for _ in row.inputs], choices[0])  # the same checks as compute's
        keys = [key for one in choices for key in row.keys(one.get("window"))]
        self.keys = tuple(keys if only is None else [only])
        self._chosen = None if only is None else keys.index(only)
        self._places = [INPUTS.index(name) for name in row.inputs]
        self._answering = [_answering(row, one) for one in choices]
        self._bars = 0

    @property
    def how(self) -> str:
        """In words, how it keeps up with the bars."""
        return self._answering[0].how

    @property
    def bounded(self) -> bool:
        """Whether a bar costs the same however many came before."""
        return all(one.bounded for one in self._answering)

    def push(
        self,
        open: float,  # noqa: A002 - the price's name
        high: float,
        low: float,
        close: float,
        volume: float,
        session: float | None = None,
    ) -> tuple[float, ...]:
        """The outputs of the next bar, in the order of ``keys``; NaN where there is none.

        Without ``session`` each bar is a session of its own. NaN in an input is a gap.
        """
        bar = self._read((open, high, low, close, volume), session)
        self._bars += 1
        found = tuple(value for one in self._answering for value in one.next(bar))
        return found if self._chosen is None else (found[self._chosen],)

    def peek(
        self,
        open: float,  # noqa: A002 - the price's name
        high: float,
        low: float,
        close: float,
        volume: float,
        session: float | None = None,
    ) -> tuple[float, ...]:
        """What ``push`` would give for a bar that is still forming; nothing is remembered."""
        bar = self._read((open, high, low, close, volume), session)
        found = tuple(value for one in self._answering for value in one.peek(bar))
        return found if self._chosen is None else (found[self._chosen],)

    def _read(self, bar: tuple[float, ...], session: float | None) -> tuple[float, ...]:
        whole = (*bar, float(self._bars) if session is None else session)
        return tuple(float(whole[place]) for place in self._places)


def _answering(row: Indicator, params: Mapping[str, float]) -> Answering:
    return Handle(row, params) if handled(row, {**row.params, **params}) else Again(row, params)


def stream(name: str, params: Mapping[str, float] = MappingProxyType({})) -> State:
    """A state for one indicator; ``name`` and ``params`` as for ``compute``."""
    return State(name, params)
