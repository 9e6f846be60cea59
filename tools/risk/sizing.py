"""How much to trade: the 2 % rule, bounded by concentration and cash. Decimal only."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Literal

from tools.domain.errors import InputError
from tools.domain.money import exact, plain
from tools.domain.order import Side

Bound = Literal["risk", "concentration", "cash"]
TWO_PERCENT = Decimal("0.02")


@dataclass(frozen=True, slots=True)
class Sizing:
    """A quantity and why it is no larger; amounts in the account's currency.

    ``risk_amount`` is what is lost if the stop fills at its price: ``quantity * risk_per_share``.
    ``bound_by`` names the tightest of the three bounds, the first of them on a tie.
    """

    quantity: Decimal
    risk_per_share: Decimal
    risk_amount: Decimal
    notional: Decimal
    bound_by: Bound
    sentence: str


def atr_stop(
    entry: Decimal, atr: Decimal, multiple: Decimal = Decimal(2), side: Side = Side.BUY
) -> Decimal:
    """The stop ``multiple`` average true ranges from ``entry``: below for a buy, above for a sell.

    Not rounded to the tick. Raises InputError unless all are above zero and so is the stop.
    """
    for value, what in ((entry, "entry"), (atr, "atr"), (multiple, "multiple")):
        _positive(value, what)
    stop = entry - side.sign * multiple * atr
    if stop <= 0:
        raise InputError(
            f"A stop {plain(multiple)} average true ranges of {plain(atr)} below "
            f"{plain(entry)} would be below zero; use a smaller multiple."
        )
    return stop


def two_percent(
    equity: Decimal,
    cash: Decimal,
    entry: Decimal,
    stop: Decimal,
    *,
    risk_fraction: Decimal = TWO_PERCENT,
    max_fraction: Decimal,
    lot: Decimal,
) -> Sizing:
    """The largest quantity, in whole lots, that the three bounds allow; it may be zero.

    - risk: the loss at the stop is at most ``risk_fraction`` of equity (A. Elder's 2 % rule);
    - concentration: the notional is at most ``max_fraction`` of equity;
    - cash: the notional is at most ``cash``, fees left out.

    A stop above the entry sizes a short sale. A gap through the stop loses more than is said here.
    Raises InputError, and nothing else, for numbers that make no sense.
    """
    for value, what in (
        (equity, "equity"), (entry, "entry"), (stop, "stop"), (lot, "lot"),
        (risk_fraction, "risk_fraction"), (max_fraction, "max_fraction"),
    ):  # fmt: skip
        _positive(value, what)
    exact(cash, "cash")
    if risk_fraction > 1:
        raise InputError(f"risk_fraction is a fraction of equity, was {plain(risk_fraction)}.")
    per_share = abs(entry - stop)
    if per_share == 0:
        raise InputError(
            f"The stop must differ from the entry of {plain(entry)}: nothing would be at risk."
        )
    allowed = equity * risk_fraction
    rooms: dict[Bound, Decimal] = {
        "risk": allowed / per_share,
        "concentration": equity * max_fraction / entry,
        "cash": max(cash, Decimal(0)) / entry,
    }
    lots = {bound: (room / lot).to_integral_value(ROUND_FLOOR) for bound, room in rooms.items()}
    bound = min(lots, key=lambda name: (lots[name], rooms[name]))
    size = lots[bound] * lot if lots[bound] else Decimal(0)
    reasons: dict[Bound, str] = {
        "risk": f"the rule risks at most {_pct(risk_fraction)} of equity, {_money(allowed)}, "
        f"at {_money(per_share)} a share between entry and stop",
        "concentration": f"one order may take at most {_pct(max_fraction)} of equity, "
        f"{_money(equity * max_fraction)}",
        "cash": f"the cash is {_money(cash)}",
    }
    head = f"At most {plain(size)}" if size else "The quantity is zero"
    return Sizing(
        size, per_share, size * per_share, size * entry, bound, f"{head}: {reasons[bound]}."
    )


def _positive(value: Decimal, what: str) -> None:
    if exact(value, what) <= 0:
        raise InputError(f"{what} must be above zero, was {plain(value)}.")


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def _pct(fraction: Decimal) -> str:
    return f"{plain(fraction * 100)} %"
