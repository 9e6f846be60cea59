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
from tools.indicators.arrays import LARGEST
from tools.indicators.streaming.fused import Fused
from tools.indicators.streaming.stream import State

COLUMNS = ("open", "high", "low", "close", "volume")
DATED = ("session", "known")
# These keep a state from their first bar on that no window holds, and are quick: all bars are kept.
WHOLE = frozenset({"vpin"})
# Between these a division gives nothing infinite.
SMALLEST = 1e-60
Bar = tuple[float, ...]
Answer = Callable[[Bar], Bar]
"""From a bar in the order of COLUMNS, DATED and what is given beside them to the values."""


class Live:
    """A set of features on a growing series; ``keys`` names the values, in their order.

    Not for two threads at once. Give prices free of splits, as ``Inputs`` has them.
    """

    def __init__(
        self, names: Sequence[str], calendar: str | None = None, more: Sequence[str] = ()
    ) -> None:
        """``names`` as for ``compute``, of features that read bars and the columns in ``more``.

        Those that read dates (``weekday``) need the ``calendar`` as well, and a session and a
        moment with each bar. Raises InputError for those that read more, for other timeframes, and
        for those that depend on the whole history without a compiled state.
        """
        self.keys: tuple[str, ...] = ()
        self._parts: list[tuple[Answer, Answer, tuple[int, ...]]] = []
        quick = []
        for name, part in zip(names, recipe(names).parts, strict=True):
            if part.timeframe is not None:
                raise InputError(f"{name} is of another timeframe: stream the bars of that one.")
            if part.row.written is None:
                again = _Again(part, calendar, more)
                self._add(again.push, again.peek, _keys(part), ())
            elif (part.only is None or part.row.windows) and _fusible(name):
                quick.append((name, part))
            else:
                state = State(name, part.params)
                if not state.bounded:
                    raise InputError(f"{name} depends on all bars so far and can't be streamed.")
                self._add(_six(state.push), _six(state.peek), _keys(part), _powers(name))
        if quick:
            # All in one compiled pass.
            fused = Fused([name for name, _ in quick])
            powers = tuple(power for name, _ in quick for power in _powers(name))
            self._add(_five(fused.push), _five(fused.peek), fused.keys, powers)

    def _add(
        self, push: Answer, peek: Answer, keys: tuple[str, ...], powers: tuple[int, ...]
    ) -> None:  # fmt: skip
        self.keys += keys
        self._parts.append((push, peek, powers if any(powers) else ()))

    def push(
        self,
        open: float,  # noqa: A002 - the price's name
        high: float,
        low: float,
        close: float,
        volume: float,
        session: float = math.nan,
        known: float = math.nan,
        more: tuple[float, ...] = (),
    ) -> tuple[float, ...]:
        """The values at the next bar, in the order of ``keys``; NaN where there is none.

        ``session`` is the date as 20120601 and ``known`` the moment in nanoseconds UTC. Without a
        session each bar is one of its own. ``more`` has the columns that were named so.
        """
        bar = (open, high, low, close, volume, session, known, *more)
        found: Bar = ()
        for push, _, powers in self._parts:
            found += _divided(push(bar), powers, close)
        return found

    def peek(
        self,
        open: float,  # noqa: A002 - the price's name
        high: float,
        low: float,
        close: float,
        volume: float,
        session: float = math.nan,
        known: float = math.nan,
        more: tuple[float, ...] = (),
    ) -> tuple[float, ...]:
        """What ``push`` would give for a bar that is still forming; nothing is remembered."""
        bar = (open, high, low, close, volume, session, known, *more)
        found: Bar = ()
        for _, peek, powers in self._parts:
            found += _divided(peek(bar), powers, close)
        return found


def _five(answer: Callable[..., Bar]) -> Answer:
    return lambda bar: answer(*bar[:5])


def _six(answer: Callable[..., Bar]) -> Answer:
    return lambda bar: answer(*bar[:5], None if math.isnan(bar[5]) else bar[5])


class _Again:
    """One feature from the last bars that it depends on."""

    def __init__(self, part: Part, calendar: str | None, more: Sequence[str]) -> None:
        row, self._part, self._calendar = part.row, part, calendar
        given = COLUMNS if calendar is None else (*COLUMNS, *DATED, "calendar")
        if stray := sorted(set(row.inputs) - {*given, *more}):
            said = f"{row.name} reads {', '.join(stray)}"
            raise InputError(f"{said}: only bars can be streamed here.")
        windows = (part.params["window"],) if "window" in part.params else row.windows
        choices = [{**part.params, "window": n} for n in windows] if row.windows else [part.params]
        needs = [row.needs(one) for one in choices]
        self._whole = row.name in WHOLE
        if None in needs and not self._whole:
            raise InputError(f"{row.name} depends on all bars so far and can't be streamed.")
        self._size = 1 + max((need for need in needs if need is not None), default=0)
        columns = (*COLUMNS, *DATED, *more)
        self._rows = {name: n for n, name in enumerate(columns) if name in row.inputs}
        self._dated = not set(row.inputs).isdisjoint(DATED)
        self._bars = np.empty((len(columns), max(2 * self._size, 64)))
        self._count = 0

    def push(self, bar: Bar) -> Bar:
        """The values at the next bar."""
        if self._count == self._bars.shape[1] and self._whole:
            self._bars = np.concatenate([self._bars, np.empty_like(self._bars)], axis=1)
        if self._count == self._bars.shape[1]:
            self._count = self._size - 1
            kept = self._bars[:, -self._count :].copy() if self._count else self._bars[:, :0]
            self._bars[:, : self._count] = kept
        if self._dated and math.isnan(bar[5] + bar[6]):
            raise InputError(f"{self._part.row.name} needs each bar's session and moment.")
        self._bars[:, self._count] = bar
        self._count += 1
        row, first = self._part.row, 0 if self._whole else max(self._count - self._size, 0)
        columns = [
            self._bars[self._rows[name], first : self._count] if name in self._rows
            else self._calendar
            for name in row.inputs
        ]  # fmt: skip
        answer = row.answer(columns, self._part.params)
        only = self._part.only
        keys = answer if only is None else (only,)
        return tuple(float(answer[key][-1]) for key in keys)

    def peek(self, bar: Bar) -> Bar:
        """The same, and nothing is remembered: the next bar is written over this one."""
        found = self.push(bar)
        self._count -= 1
        return found


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


def _divided(values: Bar, powers: tuple[int, ...], close: float) -> Bar:
    """Each value over its power of the close, if any; what that can't give is NaN."""
    if not powers:
        return values
    below = (1.0, close, close * close)
    if SMALLEST < close < LARGEST:
        return tuple([value / below[power] for value, power in zip(values, powers, strict=True)])
    ratios = (
        value / below[power] if below[power] else math.nan
        for value, power in zip(values, powers, strict=True)
    )
    return tuple(ratio if math.isfinite(ratio) else math.nan for ratio in ratios)
