"""A row about a function of TA-Lib, and how it becomes an indicator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from tools.domain.errors import InputError
from tools.indicators.arrays import LARGEST_WINDOW, Floats, by_stretch, number_of, window_of
from tools.indicators.registry import register
from tools.indicators.row import Function, Memory
from tools.indicators.ta_lib import talib

THEIRS = {
    "window": "timeperiod",
    "fast": "fastperiod",
    "slow": "slowperiod",
    "signal": "signalperiod",
}
WIDEST = 1000.0


def bars(name: str, more: int = 0) -> Memory:
    """The memory of an indicator that looks at ``params[name] + more`` bars, each time anew."""
    return lambda params: params[name] + more


def last(count: int) -> Memory:
    """The memory of an indicator that looks at ``count`` bars whatever its parameters are."""
    return lambda _: count


@dataclass(frozen=True, slots=True)
class Ta:
    """One function of TA-Lib.

    ``params`` with a whole number are windows, with a fraction numbers. ``theirs`` names TA-Lib's
    parameter where it isn't the usual one; ``fixed`` are passed as they are. ``blank`` counts the
    first bars that TA-Lib fills with 0, in outputs of whole numbers, where it has no value yet;
    ``scale`` is what those are divided by.
    """

    name: str
    label: str
    function: str
    inputs: str
    outputs: str
    knowledge: str
    source: str
    params: Mapping[str, float] = field(default_factory=dict)
    unit: str = "price"
    theirs: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, float] = field(default_factory=dict)
    memory: Memory | None = None
    blank: Memory | None = None
    scale: float = 1.0


TABLE: dict[str, Ta] = {}
"""Every row made here, by name: what streams it needs TA-Lib's name and parameters."""


def put(family: str, rows: tuple[Ta, ...]) -> None:
    """Register every row in its family."""
    for row in rows:
        TABLE[row.name] = row
        windowed = "{window}" in row.outputs
        register(
            row.name,
            row.label,
            inputs=tuple(row.inputs.split()),
            outputs=tuple(row.outputs.split()),
            params={k: v for k, v in row.params.items() if not (windowed and k == "window")},
            windows=(int(row.params["window"]),) if windowed else (),
            unit=row.unit,
            knowledge=row.knowledge,
            family=family,
            source=f"{row.source}; TA-Lib {row.function}",
            memory=row.memory,
        )(_function(row))


def _function(row: Ta) -> Function:
    theirs, outputs = {**THEIRS, **row.theirs}, len(row.outputs.split())
    inner = getattr(talib, row.function)

    def run(*columns: Floats, **params: float) -> tuple[Floats, ...]:
        given = {theirs.get(k, k): _checked(k, v, row.params[k]) for k, v in params.items()}

        def one(*stretch: Floats) -> tuple[Floats, ...]:
            try:
                answer = inner(*stretch, **given, **row.fixed)
            except Exception as refused:
                said = ", ".join(f"{k}={v:g}" for k, v in params.items())
                raise InputError(f"TA-Lib can't compute {row.name} with {said}.") from refused
            parts = answer if isinstance(answer, tuple) else (answer,)
            return parts if row.blank is None else _whole(parts, int(row.blank(params)), row.scale)

        return by_stretch(one, *columns, outputs=outputs)

    run.__name__ = run.__qualname__ = row.name
    run.__doc__ = f"{row.label}. {row.source}."
    return run


def _whole(parts: tuple[Floats, ...], blank: int, scale: float) -> tuple[Floats, ...]:
    """Whole numbers as float64, NaN where TA-Lib has only filled up."""
    tidy = tuple(part.astype(np.float64) / scale for part in parts)
    for part in tidy:
        part[:blank] = np.nan
    return tidy


def _checked(name: str, value: float, default: float) -> float:
    if isinstance(default, int):
        return window_of(value, name)
    return number_of(value, name, -WIDEST, float(max(WIDEST, LARGEST_WINDOW)))
