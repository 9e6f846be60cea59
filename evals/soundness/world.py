"""An account, a market and limits in whole numbers: money in cents, shares, fractions in 1/10,000.

The oracle computes on these with integers alone. `case.py` turns the same world into the gate's own
types, which is the only place where the two meet.
"""

from __future__ import annotations

from dataclasses import dataclass, field

ONE = 10_000
"""A whole, in basis points."""


@dataclass(slots=True)
class Held:
    """Shares held (short below zero) and the price that they are marked at, in cents."""

    shares: int
    mark: int
    mark_days: int = 0


@dataclass(slots=True)
class Working:
    """An order at the venue, or maybe there: what is left of it and the worst it may cost a share.

    ``limit`` is 0 for one that takes what the market gives.
    """

    key: str
    symbol: str
    buys: bool
    left: int
    worst: int
    limit: int
    unknown: bool = False
    changing: bool = False
    filled: int = 0


@dataclass(slots=True)
class Rules:
    """The limits, in the same whole numbers."""

    collar: int
    banded_collar: int
    passive: int
    spread: int
    max_shares: int
    max_value: int
    order_equity: int
    volume_share: int
    max_long: int
    max_short: int
    concentration: int
    sector: int
    gross: int
    net: int
    day_loss: int
    drawdown: int
    day_value: int
    fee_minimum: int
    per_symbol: int
    per_account: int
    messages_account: int
    messages_symbol: int
    executions: int
    stale_days: int
    stale_reconciliation: int
    short_selling: bool
    restricted: tuple[str, ...]
    sectors: dict[str, str]


@dataclass(slots=True)
class World:
    """Everything the gate is told, for one decision."""

    rules: Rules
    cash: int
    held: dict[str, Held]
    working: list[Working]
    symbol: str
    bid: int
    ask: int
    price_days: int
    volume: int
    low_band: int
    high_band: int
    halted: bool
    tradable: bool
    borrow: str
    short_restricted: bool
    mode: str
    reconciled_s: int
    differences: bool
    connected: bool
    equity_open: int
    equity_peak: int
    sent_today: int
    messages_account: int
    messages_symbol: int
    executions: int
    disabled: bool
    twins: int
    approved: bool
    marks: dict[str, int] = field(default_factory=dict)

    def equity(self) -> int:
        """Cash and everything held at its mark."""
        return self.cash + sum(h.shares * h.mark for h in self.held.values())


@dataclass(slots=True)
class Wish:
    """An order: 0 stands for a price that it doesn't have."""

    key: str
    symbol: str
    buys: bool
    shares: int
    kind: str
    limit: int = 0
    stop: int = 0
    replaces: str = ""
