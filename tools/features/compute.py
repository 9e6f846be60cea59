"""From inputs and names to a matrix.

A name may say a longer timeframe: ``rsi_14@1h`` on rows of a minute is the value of the last hour
that was finished then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from tools.domain.errors import DataUnavailable, InputError
from tools.domain.timeframe import Timeframe
from tools.features import versions
from tools.features.aligned import as_known, coarser
from tools.features.inputs import Inputs
from tools.features.matrix import FeatureMatrix
from tools.features.registry import find
from tools.features.row import Feature
from tools.indicators.arrays import Floats

Params = Mapping[str, Mapping[str, float]]
NONE: Params = MappingProxyType({})
MOST = 1000
"""Names in one question; more is a mistake."""


@dataclass(frozen=True, slots=True)
class Part:
    """One name understood: the row, its parameters, its one output, and the timeframe it names."""

    row: Feature
    params: Mapping[str, float]
    only: str | None
    timeframe: Timeframe | None


@dataclass(frozen=True, slots=True)
class Recipe:
    """What was asked for, understood; ``asked`` and ``code`` go into the lineage."""

    parts: tuple[Part, ...]
    asked: tuple[str, ...]
    code: str

    @property
    def inputs(self) -> frozenset[str]:
        """Every column that any of them reads."""
        return frozenset(name for part in self.parts for name in part.row.inputs)


def recipe(names: Iterable[str], params: Params = NONE) -> Recipe:
    """``params`` maps a name, as written in ``names``, to its parameters.

    Raises InputError for unknown names or timeframes, or too many of them.
    """
    asked = tuple(dict.fromkeys(names))
    if not 0 < len(asked) <= MOST:
        raise InputError(f"Ask for 1 to {MOST} features, not {len(asked)}.")
    if stray := sorted(set(params) - set(asked)):
        raise InputError(f"There are parameters for {stray[0]!r}, which is not computed.")
    parts = []
    for name in asked:
        plain, _, frame = name.partition("@")
        row, implied, only = find(plain)
        timeframe = Timeframe.parse(frame) if frame else None
        parts.append(Part(row, {**params.get(name, {}), **implied}, only, timeframe))
    written = tuple(versions.written(name, params.get(name, {})) for name in asked)
    return Recipe(tuple(parts), written, versions.code(tuple(part.row for part in parts)))


def compute(inputs: Inputs, names: Iterable[str] | Recipe, params: Params = NONE) -> FeatureMatrix:
    """The features on the rows of ``inputs``; what lacks an input is in ``unavailable``.

    Raises InputError as in ``recipe``, for impossible parameters, and for timeframes that can't be
    made from that of ``inputs``.
    """
    made = names if isinstance(names, Recipe) else recipe(names, params)
    frames: dict[Timeframe, Inputs] = {}
    found: dict[str, Floats] = {}
    missing: dict[str, str] = {}
    for part in made.parts:
        tail = "" if part.timeframe is None else f"@{part.timeframe}"
        source = _source(inputs, part.timeframe, frames)
        try:
            answer = part.row.run(source, part.params)
        except DataUnavailable as error:
            missing[f"{part.only or part.row.name}{tail}"] = str(error)
            continue
        for key in answer if part.only is None else (part.only,):
            values = answer[key]
            if source is not inputs:
                values = as_known(inputs.known, source.known, values)
            found[f"{key}{tail}"] = values
    table = np.empty((len(inputs), len(found)), order="F")
    for place, values in enumerate(found.values()):
        table[:, place] = values
    lineage = versions.lineage(inputs, made.asked, made.code)
    return FeatureMatrix(
        tuple(found), inputs.known, table, (lineage,), MappingProxyType(missing)
    )  # fmt: skip


def _source(
    inputs: Inputs, timeframe: Timeframe | None, frames: dict[Timeframe, Inputs]
) -> Inputs:  # fmt: skip
    if timeframe is None or timeframe == inputs.timeframe:
        return inputs
    if timeframe not in frames:
        frames[timeframe] = coarser(inputs, timeframe)
    return frames[timeframe]


def compute_all(
    many: Iterable[Inputs], names: Iterable[str], threads: int = 2
) -> Iterator[FeatureMatrix]:
    """The same features of many symbols, in their order, on so many threads."""
    made = recipe(names)
    with ThreadPoolExecutor(max_workers=threads) as pool:
        yield from pool.map(lambda inputs: compute(inputs, made), many)
