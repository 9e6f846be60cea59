"""Every indicator as one frozen row, by name; a user's own function joins with ``@register``.

>>> @register("spread", "High less low", inputs=("high", "low"), outputs=("spread",))
... def spread(high, low):
...     return high - low
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from types import MappingProxyType
from typing import Protocol, TypeVar

import numpy as np

from tools.domain.errors import InputError
from tools.indicators.arrays import Floats

INPUTS = ("open", "high", "low", "close", "volume")
FAMILIES = ("trend", "momentum", "volatility", "volume")
Function = Callable[..., Floats | tuple[Floats, ...]]
F = TypeVar("F", bound=Function)


class Prices(Protocol):
    """What ``compute`` reads: float64 arrays of one length (``PriceArrays`` is one)."""

    @property
    def open(self) -> Floats: ...  # noqa: D102
    @property
    def high(self) -> Floats: ...  # noqa: D102
    @property
    def low(self) -> Floats: ...  # noqa: D102
    @property
    def close(self) -> Floats: ...  # noqa: D102
    @property
    def volume(self) -> Floats: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Indicator:
    """One row: what it reads, what it can be told, what it gives and where it is explained.

    ``outputs`` are keys, in the order the function returns them; ``{window}`` stands for the
    window. ``windows`` are those computed when none is asked for. ``knowledge`` is the slug of the
    article in the knowledge base, or None.
    """

    name: str
    label: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    params: Mapping[str, float]
    windows: tuple[int, ...]
    unit: str
    knowledge: str | None
    function: Function = field(repr=False)

    def keys(self, window: float | None = None) -> tuple[str, ...]:
        """The output keys for one window, or for every default one."""
        if not self.windows:
            return self.outputs
        chosen = self.windows if window is None else (int(window),)
        return tuple(key.format(window=n) for n in chosen for key in self.outputs)

    def run(self, prices: Prices, params: Mapping[str, float]) -> dict[str, Floats]:
        """The outputs by key; InputError for a parameter it does not have."""
        for name in params:
            if name not in self.params:
                raise InputError(
                    f"{self.name} has no parameter {name!r}; it has "
                    f"{', '.join(self.params) or 'none'}."
                )
        columns = [getattr(prices, name) for name in self.inputs]
        if not self.windows:
            return dict(zip(self.outputs, self._call(columns, params), strict=True))
        found: dict[str, Floats] = {}
        for n in (params["window"],) if "window" in params else self.windows:
            answer = self._call(columns, {**params, "window": n})
            found.update(zip(self.keys(n), answer, strict=True))
        return found

    def _call(self, columns: list[Floats], params: Mapping[str, float]) -> tuple[Floats, ...]:
        answer = self.function(*columns, **{**self.params, **params})
        return answer if isinstance(answer, tuple) else (answer,)


_rows: dict[str, Indicator] = {}


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
) -> Callable[[F], F]:
    """Put a function into the registry under ``name``, unchanged.

    It takes the arrays named in ``inputs``, then its parameters by keyword, and returns one array
    per output. With ``windows`` it has a parameter ``window``, and ``name_10`` asks for another.
    Raises InputError for a name or output that is taken, or an input that is no price column.
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
            indicators()  # the built-in names are taken, whoever comes first
        row = Indicator(
            name, label, inputs, outputs, MappingProxyType(dict(params)), windows, unit, knowledge,
            function,
        )  # fmt: skip
        taken = {key for other in _rows.values() for key in (other.name, *other.outputs)}
        if taken & {name, *outputs}:
            raise InputError(f"The name {name!r} or one of its outputs is taken already.")
        _rows[name] = row
        return function

    return put


def unregister(name: str) -> None:
    """Take an indicator out again; nothing happens when there is none."""
    _rows.pop(name, None)


def indicators() -> tuple[Indicator, ...]:
    """Every row, by name; the built-in families are imported on the first call."""
    for family in FAMILIES:
        import_module(f"{__package__}.{family}")
    return tuple(_rows[name] for name in sorted(_rows))


def find(name: str) -> tuple[Indicator, dict[str, float], str | None]:
    """The row behind a name, the parameters the name implies, and the one output it asks for.

    ``rsi`` is the indicator, ``rsi_7`` the same with a window of 7, ``bb_upper`` one output.
    Raises InputError, with near matches and everything known, for any other name.
    """
    rows = {row.name: row for row in indicators()}
    text = name.strip().lower()
    if text in rows:
        return rows[text], {}, None
    for row in rows.values():
        if not row.windows and text in row.outputs:
            return row, {}, text
    stem, _, digits = text.rpartition("_")
    for row in rows.values():
        if row.windows and digits.isdecimal() and f"{stem}_{{window}}" in row.outputs:
            window = int(digits[:9])
            return row, {"window": window}, f"{stem}_{window}"
    known = sorted({*rows, *(key for row in rows.values() for key in row.keys())})  # noqa: SIM118
    near = difflib.get_close_matches(text, known, n=3)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise InputError(f"There is no indicator {name[:40]!r}.{hint} Known: {', '.join(known)}.")


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
        wanted = answer if only is None else {only: answer[only]}
        for key, values in wanted.items():
            array = np.asarray(values, dtype=np.float64)
            if array.shape != np.shape(prices.close):
                raise InputError(f"The indicator {row.name!r} must give one value for each bar.")
            found[key] = array
    return found


def latest(computed: Mapping[str, Floats]) -> dict[str, float]:
    """The last value of each array of ``compute``; NaN where it has none."""
    return {key: float(values[-1]) if len(values) else np.nan for key, values in computed.items()}
