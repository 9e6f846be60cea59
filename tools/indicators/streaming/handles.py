"""TA-Lib's own streaming state for its functions, opened anew after each gap."""

from __future__ import annotations

import math
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import numpy as np

from tools.indicators.arrays import LARGEST
from tools.indicators.row import Indicator
from tools.indicators.ta.table import TABLE, THEIRS, Ta
from tools.indicators.ta_lib import talib


def _plain(name: str, function: str, theirs: Mapping[str, str] | None = None) -> Ta:
    return Ta(name, "", function, "", "", "", "", theirs=theirs or {})


_OTHERS = {
    row.name: row
    for row in (
        _plain("sma", "SMA"), _plain("ema", "EMA"), _plain("macd", "MACD"), _plain("adx", "ADX"),
        _plain("rsi", "RSI"), _plain("roc", "ROCP"), _plain("atr", "ATR"), _plain("obv", "OBV"),
        _plain("stochastic", "STOCH", {
            "window": "fastk_period", "smooth": "slowk_period", "signal": "slowd_period"}),
        _plain("bollinger", "BBANDS", {"deviations": "nbdevup"}),
    )
}  # fmt: skip
"""The functions of TA-Lib behind the rows that are written out in the families."""


def handled(row: Indicator, params: Mapping[str, float]) -> bool:
    """Whether TA-Lib can stream it; averages over one bar are the price itself, and are not."""
    return (row.name in TABLE or row.name in _OTHERS) and params.get("window") != 1


class Handle:
    """One TA-Lib state; bars wait until there are enough to open it."""

    how = "TA-Lib's own streaming state"
    bounded = True

    def __init__(self, row: Indicator, params: Mapping[str, float]) -> None:
        """``params`` are checked already; the others take the row's defaults."""
        self._table = TABLE.get(row.name) or _OTHERS[row.name]
        names = {**THEIRS, **self._table.theirs}
        given = {**row.params, **params}
        self._given = {names.get(k, k): v for k, v in given.items()} | dict(self._table.fixed)
        for name, value in row.params.items():
            if isinstance(value, int):
                self._given[names.get(name, name)] = int(given[name])
        if row.name == "bollinger":
            self._given["nbdevdn"] = self._given["nbdevup"]
        self._open = getattr(import_module("talib.stream"), self._table.function)
        self._nothing = (math.nan,) * len(row.outputs)
        self._fifty = row.name == "rsi"
        self._forget()

    def _forget(self) -> None:
        self._waiting: list[tuple[float, ...]] = []
        self._handle: Any = None
        self._first, self._moved = math.nan, False

    def next(self, bar: tuple[float, ...]) -> tuple[float, ...]:
        """The outputs of the bar; NaN at a gap, which ends the stretch."""
        if not all(abs(x) <= LARGEST for x in bar):
            self._forget()
            return self._nothing
        if not self._waiting and self._handle is None:
            self._first = bar[0]
        self._moved = self._moved or bar[0] != self._first
        if self._handle is not None:
            return self._told(self._handle.update(*bar), self._moved)
        self._waiting.append(bar)
        columns = [np.array(column) for column in zip(*self._waiting, strict=True)]
        try:
            self._handle = self._open(*columns, **self._given)
        except talib.InsufficientHistory:  # type: ignore[attr-defined]
            return self._nothing
        self._waiting = []
        return self._told(self._handle.value, self._moved)

    def peek(self, bar: tuple[float, ...]) -> tuple[float, ...]:
        """The same, and nothing is remembered."""
        if not all(abs(x) <= LARGEST for x in bar):
            return self._nothing
        begun = bool(self._waiting) or self._handle is not None
        moved = self._moved or (begun and bar[0] != self._first)
        if self._handle is not None:
            return self._told(self._handle.peek(*bar), moved)
        columns = [np.array(column) for column in zip(*self._waiting, bar, strict=True)]
        try:
            return self._told(self._open(*columns, **self._given).value, moved)
        except talib.InsufficientHistory:  # type: ignore[attr-defined]
            return self._nothing

    def _told(self, answer: Any, moved: bool) -> tuple[float, ...]:
        if self._fifty and not moved:
            return (50.0,)
        values = answer if isinstance(answer, tuple) else (answer,)
        plain = (float(value) / self._table.scale for value in values)
        return tuple(value if math.isfinite(value) else math.nan for value in plain)
