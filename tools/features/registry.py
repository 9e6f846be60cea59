"""Every feature as one frozen row, by name; a user's own function joins with ``@feature``.

>>> @feature("spread_of_day", "Range over the close", family="price",
...          inputs=("high", "low", "close"), outputs=("spread_of_day",))
... def spread_of_day(high, low, close):
...     return (high - low) / close

Every indicator is a feature as well, under its own name (see ``from_indicators``).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import import_module
from types import MappingProxyType
from typing import TypeVar

from tools.domain.errors import InputError
from tools.features.from_indicators import scale_free
from tools.features.row import Feature, Function, WarmUp
from tools.indicators import own
from tools.indicators import registry as indicators

FAMILIES = (
    "price", "volume", "volatility", "momentum", "trend", "microstructure", "wavelet", "fourier",
    "fractal", "cross_asset", "calendar", "sentiment",
)  # fmt: skip
F = TypeVar("F", bound=Function)

_rows: dict[str, Feature] = {}


def feature(
    name: str,
    label: str,
    *,
    family: str = "own",
    inputs: tuple[str, ...] = ("close",),
    outputs: tuple[str, ...],
    params: Mapping[str, float] = MappingProxyType({}),
    windows: tuple[int, ...] = (),
    unit: str = "ratio",
    source: str = "",
    warm_up: WarmUp | None = None,
) -> Callable[[F], F]:
    """Put a function into the registry under ``name``, unchanged.

    It takes the columns named in ``inputs``, then its parameters by keyword, and returns one
    float64 array per output. With ``windows`` it has a parameter ``window``, and ``name_10`` asks
    for another. Raises InputError for a name or output that is taken.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise InputError(f"A feature's name is small letters, digits and _, was {name!r}.")
    if windows:
        params = {**params, "window": windows[0]}

    def put(function: F) -> F:
        if not (function.__module__ or "").startswith(f"{__package__}."):
            _build()  # the built-in names are taken, whoever comes first
        taken = {key for row in _rows.values() for key in (row.name, *row.outputs)}
        taken |= {key for row in indicators.indicators() for key in (row.name, *row.outputs)}
        if clash := sorted(taken & {name, *outputs}):
            raise InputError(f"The name {clash[0]!r} is taken by another feature or an indicator.")
        _rows[name] = Feature(
            name, label, family, inputs, outputs, MappingProxyType(dict(params)), windows, unit,
            source, function, warm_up,
        )  # fmt: skip
        return function

    return put


def unregister(name: str) -> None:
    """Take a feature out again; nothing happens when there is none."""
    _rows.pop(name, None)


@lru_cache(maxsize=1)
def _build() -> None:
    for family in FAMILIES:
        import_module(f"{__package__}.{family}")


def features() -> tuple[Feature, ...]:
    """Every row that is a feature of its own, by family and name; indicators are not among them.

    A person's own are in the same files as their indicators.
    """
    _build()
    own.load()
    return tuple(sorted(_rows.values(), key=lambda row: (row.family, row.name)))


def find(name: str) -> tuple[Feature, dict[str, float], str | None]:
    """The row behind a name, the parameters the name implies, and the one output it asks for.

    ``gap`` is a feature, ``log_move_5`` one with a window of 5, ``wavelet_1`` one output, ``rsi_7``
    an indicator. Raises InputError with near matches for anything else.
    """
    text = name.strip().lower()
    _build()
    own.load()
    for row in _rows.values():
        if text == row.name:
            return row, {}, None
        if not row.windows and text in row.outputs:
            return row, {}, text
        stem, _, digits = text.rpartition("_")
        if row.windows and digits.isdecimal() and f"{stem}_{{window}}" in row.outputs:
            window = int(digits[:9])
            return row, {"window": window}, f"{stem}_{window}"
    try:
        indicator, implied, only = indicators.find(text)
    except InputError:
        raise InputError(_unknown(name, text)) from None
    return scale_free(indicator), implied, only


def _unknown(name: str, text: str) -> str:
    own = [key for row in features() for key in (row.name, *row.keys())]
    known = {*own, *(row.name for row in indicators.indicators())}
    near = difflib.get_close_matches(text, sorted(known), n=3)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return (
        f"There is no feature {name[:40]!r}.{hint} `tollgate features list` names them all; "
        "any indicator is one too."
    )
