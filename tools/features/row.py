"""One feature as a frozen row: what it reads, what it can be told and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tools.domain.errors import InputError
from tools.features.inputs import Inputs
from tools.indicators.arrays import Floats

Function = Callable[..., Floats | tuple[Floats, ...]]
WarmUp = Callable[[Mapping[str, float]], float]


@dataclass(frozen=True, slots=True)
class Feature:
    """One row of the registry.

    ``inputs`` are columns of ``Inputs``, ``outputs`` keys in the order the function returns them;
    ``{window}`` stands for the window, and ``windows`` are those computed when none is asked for.
    ``warm_up`` gives, for parameters, how many bars come before the first value; None where that
    isn't known beforehand. ``source`` says who described the formula. ``written`` is the function
    that a person wrote, where ``function`` is only a wrapper around it.
    """

    name: str
    label: str
    family: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    params: Mapping[str, float]
    windows: tuple[int, ...]
    unit: str
    source: str
    function: Function = field(repr=False)
    warm_up: WarmUp | None = field(default=None, repr=False)
    written: Function | None = field(default=None, repr=False)

    def keys(self, window: float | None = None) -> tuple[str, ...]:
        """The output keys for one window, or for every default one."""
        if not self.windows:
            return self.outputs
        chosen = self.windows if window is None else (int(window),)
        return tuple(key.format(window=n) for n in chosen for key in self.outputs)

    def needs(self, params: Mapping[str, float]) -> int | None:
        """How many bars come before the first value."""
        return None if self.warm_up is None else int(self.warm_up({**self.params, **params}))

    def run(self, inputs: Inputs, params: Mapping[str, float]) -> dict[str, Floats]:
        """The outputs by key, each of shape ``(n,)``.

        NaN where there is too little history, a gap in the window, or no such value; never
        infinite. Raises InputError for a parameter that it does not have, DataUnavailable where
        an input is not given.
        """
        for name in params:
            if name not in self.params:
                known = ", ".join(self.params) or "none"
                raise InputError(f"{self.name} has no parameter {name!r}; it has {known}.")
        return self.answer([inputs.given(name) for name in self.inputs], params)

    def answer(self, columns: Sequence[Any], params: Mapping[str, float]) -> dict[str, Floats]:
        """The same from the columns themselves, in the order of ``inputs``."""
        size = next(len(column) for column in columns if not isinstance(column, str))
        asked = (params["window"],) if "window" in params else self.windows
        found: dict[str, Floats] = {}
        for window in asked if self.windows else (None,):
            given = {**self.params, **params} | ({} if window is None else {"window": window})
            with np.errstate(all="ignore"):
                answer = self.function(*columns, **given)
            outputs = answer if isinstance(answer, tuple) else (answer,)
            keys = self.keys(window)
            if len(outputs) != len(keys):
                raise InputError(f"The feature {self.name!r} must give {len(keys)} outputs.")
            found |= {
                key: _finite(self.name, values, size)
                for key, values in zip(keys, outputs, strict=True)
            }
        return found


def _finite(name: str, values: Floats, size: int) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    if array.shape != (size,):
        raise InputError(f"The feature {name!r} must give one value for each bar.")
    endless = np.isinf(array)
    return np.where(endless, np.nan, array) if endless.any() else array
