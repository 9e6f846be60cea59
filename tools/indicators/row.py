"""One indicator as a frozen row: what it reads, what it can be told and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from tools.domain.errors import InputError, TradingError
from tools.indicators import own
from tools.indicators.arrays import Floats

INPUTS = ("open", "high", "low", "close", "volume", "session")
Function = Callable[..., Floats | tuple[Floats, ...]]
Memory = Callable[[Mapping[str, float]], float]


class Prices(Protocol):
    """What ``compute`` reads: float64 arrays of one length (``PriceArrays`` is one).

    Indicators that read the session also look for ``session`` (an array) or ``dates``.
    """

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


def column(prices: Prices, name: str) -> Floats:
    """One input of ``prices`` by name.

    ``session`` is a number that changes with each session: the date as 20120601 where the prices
    carry ``dates``, else the bar's place, as if each bar were a session of its own.
    """
    if name != "session":
        return np.asarray(getattr(prices, name), dtype=np.float64)
    if (given := getattr(prices, "session", None)) is not None:
        return np.asarray(given, dtype=np.float64)
    if (dates := getattr(prices, "dates", None)) is not None:
        numbers = [(d.year * 100 + d.month) * 100 + d.day for d in dates]
        return np.array(numbers, dtype=np.float64)
    return np.arange(len(prices.close), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Indicator:
    """One row of the registry.

    ``outputs`` are keys, in the order the function returns them; ``{window}`` stands for the
    window. ``windows`` are those computed when none is asked for. ``source`` says who described the
    formula. ``knowledge`` is the slug of the article in the knowledge base, or None. ``memory``
    gives, for parameters, how many bars the last value depends on to the last bit; None where that
    is the whole history.
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
    family: str = "own"
    source: str = ""
    memory: Memory | None = field(default=None, repr=False)

    def keys(self, window: float | None = None) -> tuple[str, ...]:
        """The output keys for one window, or for every default one."""
        if not self.windows:
            return self.outputs
        chosen = self.windows if window is None else (int(window),)
        return tuple(key.format(window=n) for n in chosen for key in self.outputs)

    def checked(self, params: Mapping[str, float]) -> None:
        """InputError for a parameter that it does not have."""
        for name in params:
            if name not in self.params:
                raise InputError(
                    f"{self.name} has no parameter {name!r}; it has "
                    f"{', '.join(self.params) or 'none'}."
                )

    def run(self, prices: Prices, params: Mapping[str, float]) -> dict[str, Floats]:
        """The outputs by key, each of shape ``(n,)``, NaN where there is none.

        Raises InputError for a parameter it does not have, or outputs of another shape.
        """
        self.checked(params)
        columns = [column(prices, name) for name in self.inputs]
        if not self.windows:
            return dict(zip(self.outputs, self.call(columns, params), strict=True))
        found: dict[str, Floats] = {}
        for n in (params["window"],) if "window" in params else self.windows:
            answer = self.call(columns, {**params, "window": n})
            found.update(zip(self.keys(n), answer, strict=True))
        return found

    def call(self, columns: list[Floats], params: Mapping[str, float]) -> tuple[Floats, ...]:
        """The outputs in order; what is infinite is NaN, as there is no such value."""
        with np.errstate(all="ignore"):
            answer = self._answer(columns, {**self.params, **params})
        outputs = answer if isinstance(answer, tuple) else (answer,)
        if len(outputs) != len(self.outputs):
            raise InputError(
                f"The indicator {self.name!r} must give {len(self.outputs)} outputs, gave "
                f"{len(outputs)}."
            )
        return tuple(self._one_for_each_bar(values, len(columns[0])) for values in outputs)

    def _answer(
        self, columns: list[Floats], params: Mapping[str, float]
    ) -> Floats | tuple[Floats, ...]:
        if not own.is_own(self.function.__module__):
            return self.function(*columns, **params)
        try:
            return self.function(*(column.copy() for column in columns), **params)
        except TradingError:
            raise
        except Exception as error:
            raise InputError(
                f"Your indicator {self.name!r} failed: {own.problem(error)}. Correct the file, or "
                f"leave the indicator out."
            ) from error

    def _one_for_each_bar(self, values: Floats, size: int) -> Floats:
        array = np.asarray(values, dtype=np.float64)
        if array.shape != (size,):
            raise InputError(f"The indicator {self.name!r} must give one value for each bar.")
        endless = np.isinf(array)
        return np.where(endless, np.nan, array) if endless.any() else array
