"""What comes into every test, checked."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tools.domain.errors import InputError

Floats = npt.NDArray[np.float64]


def one(returns: npt.ArrayLike, least: int = 2) -> Floats:
    """The returns of one strategy; raises InputError for NaN, infinity and too few."""
    values = np.asarray(returns, dtype=np.float64)
    if values.ndim != 1 or values.size < least:
        raise InputError(f"Returns must be a flat array of at least {least}.")
    return _finite(values)


def many(returns: npt.ArrayLike, least: int = 2) -> Floats:
    """The returns of variants side by side; raises InputError as ``one``."""
    values = np.asarray(returns, dtype=np.float64)
    if values.ndim != 2 or values.shape[0] < least or not values.shape[1]:
        raise InputError(f"Variants must have the shape (bars, variants), from {least} bars on.")
    return _finite(values)


def _finite(values: Floats) -> Floats:
    if not np.isfinite(values).all():
        bar = int(np.nonzero(~np.isfinite(values))[0][0])
        raise InputError(f"The return of bar {bar} is no number.")
    return values
