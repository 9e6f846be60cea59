"""What trading costs, and how much may be held."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np

from tools.backtest.fast.bars import Floats
from tools.domain.errors import InputError


@dataclass(frozen=True, slots=True)
class Costs:
    """Fractions unless told; all zero means that trading is free, which it never is.

    A fill pays the larger of ``minimum`` and ``per_unit * |q| + rate * |q| * price``. Market and
    stop orders pay ``spread / 2`` and ``slip``, both in money a unit, and on top of the price the
    parts ``slip_rate`` and ``slip_volume * |q| / volume of the bar``; limits pay none of these.
    With ``slip_volume``, a bar without volume trades nothing. Shorts pay ``borrow`` a year on their
    value at each close, a year being ``periods`` bars. ``leverage`` bounds what may be held, long
    and short added up, as a multiple of equity: an order beyond it is refused whole.

    A bar trades at most ``volume_share`` of its volume for all orders of a symbol together, oldest
    first, and the rest of an order waits; each part pays the minimum. 0 is no bound. Where equity
    at a close is below ``maintenance`` times all that is held, long and short added up, all that
    waits is cancelled and all positions are closed at the next opens; 0 never does.
    """

    per_unit: float = 0.0
    rate: float = 0.0
    minimum: float = 0.0
    slip: float = 0.0
    slip_rate: float = 0.0
    slip_volume: float = 0.0
    spread: float = 0.0
    borrow: float = 0.0
    periods: float = 252.0
    leverage: float = 1.0
    volume_share: float = 0.0
    maintenance: float = 0.0

    def __post_init__(self) -> None:
        """Raise InputError for what is negative or no number."""
        for field in fields(self):
            value = getattr(self, field.name)
            if not 0 <= value < math.inf:
                raise InputError(f"The cost {field.name} must be at least 0, was {value}.")
        if not self.periods or not self.leverage:
            raise InputError("A year must have bars, and the leverage must be above zero.")
        if self.volume_share > 1 or self.maintenance >= 1:
            raise InputError("The share of a volume is at most 1, and the maintenance below 1.")

    def row(self) -> Floats:
        """The numbers that the compiled loop reads: ``borrow`` is for one bar there."""
        return np.array([
            self.per_unit, self.rate, self.minimum, self.slip + self.spread / 2, self.slip_rate,
            self.slip_volume, self.borrow / self.periods, self.leverage, self.volume_share,
            self.maintenance,
        ])  # fmt: skip
