"""Which compiled steps a set of indicators needs, and where each keeps its memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.domain.errors import InputError
from tools.indicators.arrays import Floats
from tools.indicators.registry import find
from tools.indicators.row import Indicator
from tools.indicators.streaming.recipe import Recipe
from tools.indicators.streaming.recipes import RECIPES


@dataclass(frozen=True, slots=True)
class Part:
    """One indicator with one set of parameters; ``place`` is where its memory begins."""

    row: Indicator
    params: Mapping[str, float]
    keys: tuple[str, ...]
    place: int
    cells: tuple[float, ...]
    reach: int
    given: int


def parts_of(names: Sequence[str], params: Mapping[str, Mapping[str, float]]) -> tuple[Part, ...]:
    """The parts behind ``names``, each window of an indicator a part of its own.

    Raises InputError for an unknown name, an impossible parameter, an indicator without a compiled
    step, or one output that is asked for twice.
    """
    found: list[Part] = []
    place = 0
    for name in names:
        row, implied, _ = find(name)
        given = {**params.get(name, {}), **implied}
        row.checked(given)
        if row.name not in RECIPES:
            raise InputError(
                f"{row.name} has no compiled form; compute it, or stream it alone. These have: "
                f"{', '.join(sorted(RECIPES))}."
            )
        windows = (given["window"],) if "window" in given else row.windows
        for chosen in [{"window": n} for n in windows] if row.windows else [{}]:
            whole = {**row.params, **given, **chosen}
            part = _part(row, whole, place)
            found.append(part)
            place += len(part.cells)
    keys = [key for part in found for key in part.keys]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise InputError(f"{twice[0]} is asked for twice.")
    if not found:
        raise InputError("A fused set needs at least one indicator.")
    return tuple(found)


def _part(row: Indicator, params: Mapping[str, float], place: int) -> Part:
    nothing = [np.empty(0) for _ in row.inputs]
    row.call(nothing, params)  # the same checks, and the same words, as in compute
    recipe = RECIPES[row.name]
    given = tuple(map(float, recipe.params(params)))
    cells = (*given, *[0.0] * _cells(recipe, params))
    keys = row.keys(params["window"]) if row.windows else row.outputs
    return Part(row, params, keys, place, cells, int(recipe.reach(params)), len(given))


def _cells(recipe: Recipe, params: Mapping[str, float]) -> int:
    return recipe.cells if isinstance(recipe.cells, int) else int(recipe.cells(params))


def places_of(parts: Sequence[Part]) -> npt.NDArray[np.int64]:
    """Where in the memory each part begins."""
    return np.array([part.place for part in parts], dtype=np.int64)


def memory_of(parts: Sequence[Part]) -> Floats:
    """The memory that all begin with."""
    return np.array([cell for part in parts for cell in part.cells] or [0.0])
