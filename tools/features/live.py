"""Features bar by bar, for what is live: the bits that ``compute`` gives on the same bars.

Indicators keep up in their compiled state, a few microseconds for dozens of them; what is no
indicator is computed anew from the last bars that it depends on, some tens of microseconds each.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from tools.domain.errors import InputError
from tools.features.compute import Part, recipe
from tools.features.from_indicators import POWERS, units
from tools.indicators import registry as indicators
from tools.indicators.arrays import LARGEST, Floats
from tools.indicators.streaming.fused import Fused
from tools.indicators.streaming.stream import State

COLUMNS = ("open", "high", "low", "close", "volume")
# Between these a division gives nothing infinite.
SMALLEST = 1e-60
Push = Callable[[float, float, float, float, float], tuple[float, ...]]


class Live:
    """A set of features on a growing series; ``keys`` names the values, in their order.

    Not for two threads at once. Give prices free of splits, as ``Inputs`` has them.
    """

    def __init__(self, names: Sequence[str]) -> None:
        """``names`` as for ``compute``, of features that read nothing but bars.

        Raises InputError for those that read more, for other timeframes, and for those that depend
        on the whole history without a compiled state.
        """
        self.keys: tuple[str, ...] = ()
        self._fast: Fused | None = None
        self._parts: list[tuple[Push, tuple[int, ...]]] = []
        quick = []
        for name, part in zip(names, recipe(names).parts, strict=True):
            if part.timeframe is not None:
                raise InputError(f"{name} is of another timeframe: stream the bars of that one.")
            if part.row.written is None:
                self._add(_Again(part).push, _keys(part), ())
            elif (part.only is None or part.row.windows) and _fusible(name):
                quick.append((name, part))
            else:
                self._add(State(name, part.params).push, _keys(part), _powers(name))
        if quick:
            # All in one compiled pass.
            fused = Fused([name for name, _ in quick])
            powers = tuple(power for name, _ in quick for power in _powers(name))
            self._add(fused.push, fused.keys, powers)

    def _add(self, push: Push, keys: tuple[str, ...], powers: tuple[int, ...]) -> None:
        self.keys += keys
        self._parts.append((push, powers if any(powers) else ()))

    def push(
        self,
        open: float,  # noqa: A002 - the price's name
        high: float,
        low: float,
        close: float,
        volume: float,
    ) -> tuple[float, ...]:
        """The values at the next bar, in the order of ``keys``; NaN where there is none."""
        found: tuple[float, ...] = ()
        for push, powers in self._parts:
            values = push(open, high, low, close, volume)
            if powers:
                values = _divided(values, powers, close)
            found += values
        return found


class _Again:
    """One feature from the last bars that it depends on."""

    def __init__(self, part: Part) -> None:
        row, self._part = part.row, part
        if stray := sorted(set(row.inputs) - set(COLUMNS)):
            raise InputError(f"{row.name} reads {', '.join(stray)}: only bars can be streamed.")
        windows = (part.params["window"],) if "window" in part.params else row.windows
        choices = [{**part.params, "window": n} for n in windows] if row.windows else [part.params]
        needs = [row.needs(one) for one in choices]
        if None in needs:
            raise InputError(f"{row.name} depends on all bars so far and can't be streamed.")
        self._size = 1 + max(need for need in needs if need is not None)
        self._bars = np.empty((len(COLUMNS), max(2 * self._size, 64)))
        self._count = 0

    def push(self, *bar: float) -> tuple[float, ...]:
        """The values at the next bar."""
        if self._count == self._bars.shape[1]:
            self._count = self._size - 1
            kept = self._bars[:, -self._count :].copy() if self._count else self._bars[:, :0]
            self._bars[:, : self._count] = kept
        self._bars[:, self._count] = bar
        self._count += 1
        row, first = self._part.row, max(self._count - self._size, 0)
        rows: dict[str, Floats] = {
            name: self._bars[COLUMNS.index(name), first : self._count] for name in row.inputs
        }
        answer = row.answer([rows[name] for name in row.inputs], self._part.params)
        only = self._part.only
        keys = answer if only is None else (only,)
        return tuple(float(answer[key][-1]) for key in keys)


def _keys(part: Part) -> tuple[str, ...]:
    return part.row.keys(part.params.get("window")) if part.only is None else (part.only,)


def _fusible(name: str) -> bool:
    try:
        Fused([name])
    except InputError:
        return False
    return True


def _powers(name: str) -> tuple[int, ...]:
    """The power of the close in each of the indicator's outputs, in their order."""
    row, implied, only = indicators.find(name)
    powers = [POWERS.get(unit, 0) for unit in units(row)]
    if only is not None and not row.windows:
        return (powers[row.outputs.index(only)],)
    chosen = 1 if implied or not row.windows else len(row.windows)
    return tuple(powers * chosen)


def _divided(values: tuple[float, ...], powers: tuple[int, ...], close: float) -> tuple[float, ...]:
    """Each value over its power of the close; what that can't give is NaN."""
    below = (1.0, close, close * close)
    if SMALLEST < close < LARGEST:
        return tuple([value / below[power] for value, power in zip(values, powers, strict=True)])
    ratios = (
        value / below[power] if below[power] else math.nan
        for value, power in zip(values, powers, strict=True)
    )
    return tuple(ratio if math.isfinite(ratio) else math.nan for ratio in ratios)
