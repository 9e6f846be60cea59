"""Rules for sweeps that hold a part of the equity: what to hold when out, and what when in.

    @prepare                            @weigh
    def seen(columns):                  def rising(seen, params, wanted):
        ...                                 ...
                                            return band

``prepare`` is that of ``rules.py``. ``weigh`` is given its answer, one row of parameters, and
``wanted``, shape ``(2, bars)`` and NaN at first: row 0 is the part of the equity to hold while
nothing is held, row 1 while something is; NaN leaves all as it is. ``wanted[:, t]`` must come from
bars up to ``t``, and keep no memory of what it wanted before: the account knows what it holds. It
answers the ``band``: nothing is traded while the weight is off by no more. Imported late: this
imports numba.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from numba import types

from tools.backtest.fast.bars import Floats
from tools.backtest.fast.compiling import typed
from tools.backtest.fast.rules import ROW, SHARED

WEIGH = types.float64(SHARED, ROW, types.float64[:, ::1])
weigh = typed(WEIGH, checked=True)


@dataclass(frozen=True, slots=True)
class Weighted:
    """Two compiled functions that belong together, and how many parameters a row has."""

    prepare: Callable[[Floats], Floats]
    weigh: Callable[[Floats, Floats, Floats], float]
    parameters: int
