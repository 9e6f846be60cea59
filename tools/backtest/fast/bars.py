"""Bars of one or many symbols as arrays, checked once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.domain.errors import InputError

Floats = npt.NDArray[np.float64]
COLUMNS = ("open", "high", "low", "close", "volume")
LARGEST = 1e15
"""No price or volume is this large; squares of it still are numbers."""


@dataclass(frozen=True, slots=True)
class Bars:
    """Prices in one currency and volumes in units, each of shape ``(bars, symbols)``, oldest first.

    A bar of a symbol with NaN in any column is a hole: nothing of that symbol trades in it, and a
    position is valued at its last close. Make them with ``bars_of``, which checks, and makes all of
    a hole NaN. Raises InputError for arrays that the compiled loops would read beyond.
    """

    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    symbols: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse what is no table of numbers in one piece, or not all of one shape."""
        shape = (len(self.close), len(self.symbols))
        for array in (self.open, self.high, self.low, self.close, self.volume):
            whole = array.flags.carray and array.dtype == np.float64
            if not whole or array.shape != shape or not array.size:
                raise InputError("Bars are made with bars_of from arrays of one shape.")


def bars_of(
    open: npt.ArrayLike,  # noqa: A002 - the price's name
    high: npt.ArrayLike,
    low: npt.ArrayLike,
    close: npt.ArrayLike,
    volume: npt.ArrayLike,
    symbols: tuple[str, ...] = (),
) -> Bars:
    """Flat arrays are one symbol; symbols without names are called by their number.

    Raises InputError, naming bar and symbol, for a price at or below zero (oil in April 2020: shift
    such prices, or trade the units of a fund), an infinite one, a high below or a low above another
    price of its bar, and a volume below zero; and for shapes that differ or hold nothing.
    """
    arrays = [_table(values) for values in (open, high, low, close, volume)]
    if any(array.shape != arrays[0].shape for array in arrays):
        raise InputError("Open, high, low, close and volume must have the same shape.")
    bars, count = arrays[0].shape
    if not bars or not count:
        raise InputError("There are no bars to test on.")
    names = symbols or tuple(str(number) for number in range(count))
    if len(names) != count:
        raise InputError(f"There are {count} columns of prices and {len(names)} symbols.")
    _check(arrays, names)
    o, h, l_, c, v = _with_whole_holes(arrays)
    return Bars(o, h, l_, c, v, names)


def _with_whole_holes(arrays: list[Floats]) -> list[Floats]:
    hole = np.isnan(sum(arrays))
    if not hole.any() or all(np.isnan(array[hole]).all() for array in arrays):
        return arrays
    return [np.where(hole, np.nan, array) for array in arrays]


def writable(array: Floats) -> Floats:
    """The array, or a copy where it is read-only or not in one piece, as the loop can't take it."""
    return np.require(array, requirements=["C", "A", "W"])


def _check(arrays: list[Floats], names: tuple[str, ...]) -> None:
    o, h, low, c, v = arrays
    with np.errstate(invalid="ignore"):
        faults = (
            ("a price at or below zero", np.minimum(np.minimum(o, h), np.minimum(low, c)) <= 0),
            ("a price beyond reason", np.maximum(np.maximum(o, h), np.maximum(low, c)) > LARGEST),
            ("a high below its open, low or close", h < np.maximum(np.maximum(o, c), low)),
            ("a low above its open or close", low > np.minimum(o, c)),
            ("a volume below zero or beyond reason", (v < 0) | (v > LARGEST)),
        )
    for fault, where in faults:
        if where.any():
            bar, symbol = (int(x[0]) for x in np.nonzero(where))
            raise InputError(f"Bar {bar} of {names[symbol]} has {fault}.")


def numbers(values: npt.ArrayLike, what: str) -> Floats:
    """The values as floats. Raises InputError for text, rows of many lengths, complex numbers."""
    try:
        array = np.asarray(values)
        if array.dtype.kind == "c":
            raise TypeError("they are complex")
        return np.asarray(array, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{what} must be numbers: {str(error).rstrip('.')}.") from error


def _table(values: npt.ArrayLike) -> Floats:
    array = numbers(values, "Prices and volumes")
    if array.ndim == 1:
        array = array[:, np.newaxis]
    if array.ndim != 2:
        raise InputError("Prices must have the shape (bars,) or (bars, symbols).")
    return writable(array)
