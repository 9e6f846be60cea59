"""Any indicator as a feature: in a unit that a split of the shares doesn't change."""

from __future__ import annotations

import numpy as np

from tools.domain.errors import InputError
from tools.features.row import Feature
from tools.indicators.arrays import Floats
from tools.indicators.row import Indicator

# The power of the close that a unit has in it.
POWERS = {"price": 1, "price per bar": 1, "price squared": 2}
BY_SHARES = frozenset({"shares", "price per share", "price per million shares"})
# Outputs in other units than the row's one.
UNITS = {"supertrend": "price; 1 or -1"}
# The angle of a line on a chart whose scale nobody chose.
NO_MEANING = frozenset({"regression_angle"})


def units(row: Indicator) -> tuple[str, ...]:
    """The unit of each output: a row names one for all, or one for each with semicolons."""
    parts = tuple(UNITS.get(row.name, row.unit).split("; "))
    return parts if len(parts) == len(row.outputs) else (row.unit,) * len(row.outputs)


def refused(row: Indicator) -> bool:
    """Whether a split of the shares would change its values in a way that can't be taken out."""
    return row.name in NO_MEANING or any(unit in BY_SHARES for unit in units(row))


def scale_free(row: Indicator) -> Feature:
    """The indicator's values, those in the price's unit divided by the close.

    A price level would be another one after a split. Raises InputError where ``refused``.
    """
    if refused(row):
        raise InputError(
            f"{row.name} is in {row.unit}, which a split changes: it is an indicator but no "
            "feature. Use a ratio such as relative_volume, volume_z_score or mfi."
        )
    powers = [POWERS.get(unit, 0) for unit in units(row)]
    inputs = row.inputs if "close" in row.inputs or not any(powers) else (*row.inputs, "close")
    count = len(row.inputs)
    close = inputs.index("close") if any(powers) else 0

    def function(*columns: Floats, **params: float) -> tuple[Floats, ...]:
        values = row.call([np.asarray(c, np.float64) for c in columns[:count]], params)
        both = zip(values, powers, strict=True)
        return tuple(v / columns[close] ** power if power else v for v, power in both)

    return Feature(
        row.name,
        row.label,
        row.family,
        inputs,
        row.outputs,
        row.params,
        row.windows,
        f"{row.unit}, over the close" if any(powers) else row.unit,
        f"indicator: {row.source}" if row.source else "indicator",
        function,
        written=row.function,
    )
