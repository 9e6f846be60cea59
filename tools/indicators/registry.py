"""Every indicator as one frozen row, by name; a user's own function joins with ``@register``.

>>> @register("spread", "High less low", inputs=("high", "low"), outputs=("spread",))
... def spread(high, low):
...     return high - low
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TypeVar

import numpy as np

from tools.domain.errors import InputError
from tools.indicators import own
from tools.indicators.arrays import Floats
from tools.indicators.naming import named
from tools.indicators.row import INPUTS, Function, Indicator, Memory, Prices

BUILT_IN = (
    "trend", "momentum", "volatility", "volume",
    "ta.averages", "ta.bands", "ta.candles", "ta.cycles", "ta.momentum", "ta.prices",
    "ta.statistics", "ta.trend", "ta.volatility", "ta.volume",
    "averages", "bands", "cycles", "ehlers", "ichimoku", "levels", "liquidity", "moments",
    "oscillators", "persistence", "pivots", "range_volatility", "realised", "spreads",
    "strength", "volume_flow", "vwap",
)  # fmt: skip
F = TypeVar("F", bound=Function)

_rows: dict[str, Indicator] = {}
_taken: set[str] = set()
"""The names of all rows and of their outputs."""


def register(
    name: str,
    label: str,
    *,
    inputs: tuple[str, ...] = ("close",),
    outputs: tuple[str, ...],
    params: Mapping[str, float] = MappingProxyType({}),
    windows: tuple[int, ...] = (),
    unit: str = "price",
    knowledge: str | None = None,
    family: str = "own",
    source: str = "",
    memory: Memory | None = None,
) -> Callable[[F], F]:
    """Put a function into the registry under ``name``, unchanged.

    It takes the arrays named in ``inputs``, then its parameters by keyword, and returns one array
    per output. With ``windows`` it has a parameter ``window``, and ``name_10`` asks for another.
    ``memory`` as in ``Indicator``; leave it out when in doubt. Raises InputError for a name or
    output that is taken, or an input that is no price column.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise InputError(f"An indicator's name is small letters, digits and _, was {name!r}.")
    for column in inputs:
        if column not in INPUTS:
            raise InputError(f"{column!r} is no price column; there are {', '.join(INPUTS)}.")
    if windows:
        params = {**params, "window": windows[0]}

    def put(function: F) -> F:
        if not function.__module__.startswith(f"{__package__}."):
            _build()  # the built-in names are taken, whoever comes first
        row = Indicator(
            name, label, inputs, outputs, MappingProxyType(dict(params)), windows, unit, knowledge,
            function, family, source, memory,
        )  # fmt: skip
        if clash := sorted(_taken & {name, *outputs}):
            raise InputError(f"The name {clash[0]!r} is taken by another indicator or its output.")
        _taken.update({name, *outputs})
        _rows[name] = row
        return function

    return put


def unregister(name: str) -> None:
    """Take an indicator out again; nothing happens when there is none."""
    row = _rows.pop(name, None)
    if row is not None:
        _taken.difference_update({name, *row.outputs})


def _build() -> None:
    for module in BUILT_IN:
        import_module(f"{__package__}.{module}")


def indicators() -> tuple[Indicator, ...]:
    """Every row, by name; the built-in ones and the person's own are read on the first call."""
    _build()
    own.load()
    return tuple(_rows[name] for name in sorted(_rows))


def find(name: str) -> tuple[Indicator, dict[str, float], str | None]:
    """The row behind a name, the parameters the name implies, and the one output it asks for.

    ``rsi`` is the indicator, ``rsi_7`` the same with a window of 7, ``bb_upper`` one output.
    Raises InputError, with near matches and what is known, for any other name.
    """
    return named(name, {row.name: row for row in indicators()})


def compute(
    prices: Prices,
    names: Iterable[str],
    params: Mapping[str, Mapping[str, float]] | None = None,
) -> dict[str, Floats]:
    """Output key to float64 array of the prices' length, NaN where there is too little history.

    ``params`` maps a name, as written in ``names``, to its parameters: ``{"rsi": {"window": 7}}``.
    Raises InputError for unknown names, unknown parameters and impossible windows.
    """
    found: dict[str, Floats] = {}
    asked, given = tuple(names), params or {}
    for name in given:
        if name not in asked:
            raise InputError(f"There are parameters for {name!r}, which is not computed.")
    for name in asked:
        row, implied, only = find(name)
        answer = row.run(prices, {**given.get(name, {}), **implied})
        found |= answer if only is None else {only: answer[only]}
    return found


def latest(computed: Mapping[str, Floats]) -> dict[str, float]:
    """The last value of each array of ``compute``; NaN where it has none."""
    return {key: float(values[-1]) if len(values) else np.nan for key, values in computed.items()}
