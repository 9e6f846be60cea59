"""What trading costs in a backtest, in plain figures; the paper venue charges them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from tools.backtest.ticks import On
from tools.domain.errors import InputError


@dataclass(frozen=True, slots=True)
class Costs:
    """The paper venue's own conventions, each with a range that can be meant.

    ``slippage_bps`` is paid on each trade that takes what is on offer, ``impact`` times the daily
    volatility times the square root of the order's share of a day's volume on top. A bar gives at
    most ``volume_share`` of its volume. ``volume_slippage`` times the square of the fill's share of
    what was traded in the bar is paid besides, and ``spread_share`` of the spread on quotes.
    ``commission`` is money a share, at least ``least_commission`` an order and at most 1 % of its
    value; sales pay the SEC's 27.80 a million of theirs. Coins pay ``taker_bps`` of the value, or
    ``maker_bps`` where the order waited; currencies pay neither. ``borrow`` is the yearly rate for
    shares sold short. ``latency_s`` seconds pass before an order is at the venue, which then has to
    wait for a bar that opens later: at least the next one.
    """

    slippage_bps: float = 2.0
    impact: float = 1.0
    volume_share: float = 0.10
    commission: float = 0.005
    least_commission: float = 1.0
    borrow: float = 0.003
    latency_s: float = 0.0
    volume_slippage: float = 0.0
    spread_share: float = 0.0
    maker_bps: float = 15.0
    taker_bps: float = 25.0

    def __post_init__(self) -> None:
        """Raises InputError for a figure out of its range."""
        for name, most in MOST.items():
            value = getattr(self, name)
            least = 1e-6 if name == "volume_share" else 0.0
            if not least <= value <= most:
                raise InputError(f"{name} must be from {least:g} to {most:g}, was {value:g}.")

    def plain(self) -> dict[str, float]:
        """Every figure by name."""
        return {field.name: float(getattr(self, field.name)) for field in fields(self)}


MOST = {
    "slippage_bps": 1_000.0,
    "impact": 100.0,
    "volume_share": 1.0,
    "commission": 100.0,
    "least_commission": 10_000.0,
    "borrow": 10.0,
    "latency_s": 30 * 86_400.0,
    "volume_slippage": 100.0,
    "spread_share": 10.0,
    "maker_bps": 1_000.0,
    "taker_bps": 1_000.0,
}


def usual(on: On, given: Mapping[str, float]) -> Costs:
    """The costs of a run, those ``given`` first.

    On quotes nothing is added to the price: the spread is paid by it, and no more is had than is
    offered there.
    """
    met = {"slippage_bps": 0.0, "impact": 0.0} if on is On.QUOTES else {}
    return Costs(**{**met, **given})
