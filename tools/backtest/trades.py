"""Fills as trades from flat to flat, each with its profit after costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tools.domain.actions import CashEvent, Entry, Split
from tools.domain.order import Fill

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Trade:
    """From the first fill until the position is flat, or turns; moments are aware UTC.

    ``quantity`` is the most that was held, below zero when short. ``profit`` is after commissions,
    dividends and borrowing, in the ``currency`` that it was traded in. ``closed`` is None of what
    is held at the end; ``profit`` is then what was paid and received so far.
    """

    symbol: str
    opened: datetime
    closed: datetime | None
    quantity: Decimal
    profit: Decimal
    fills: int
    currency: str = ""


class _Open:
    """A position while it lasts."""

    def __init__(self, symbol: str, opened: datetime, currency: str) -> None:
        self.symbol, self.opened, self.currency = symbol, opened, currency
        self.held = self.most = self.money = ZERO
        self.fills = 0

    def add(self, quantity: Decimal, money: Decimal) -> None:
        self.held += quantity
        self.money += money
        self.fills += 1
        if abs(self.held) > abs(self.most):
            self.most = self.held

    def ended(self, closed: datetime | None) -> Trade:
        made = (self.most, self.money, self.fills, self.currency)
        return Trade(self.symbol, self.opened, closed, *made)


def trades_of(fills: Sequence[Fill], entries: Sequence[Entry]) -> tuple[Trade, ...]:
    """Every trade in the order in which it ended, what is still open last."""
    moves = sorted([*fills, *entries], key=lambda move: (move.at, isinstance(move, Fill)))
    going: dict[str, _Open] = {}
    done: list[Trade] = []
    for move in moves:
        if isinstance(move, Fill):
            done += _filled(going, move)
        elif move.symbol in going:
            trade = going[move.symbol]
            if isinstance(move, Split):
                trade.held += move.change
                trade.most *= move.ratio if trade.held else 1
            elif isinstance(move, CashEvent):
                # What is paid in another currency than the shares is in the cash alone.
                trade.money += move.amount if move.currency == trade.currency else 0
                if not trade.held:  # settled: nothing is left to sell
                    done.append(going.pop(move.symbol).ended(move.at))
    return (*done, *(trade.ended(None) for trade in going.values()))


def _filled(going: dict[str, _Open], fill: Fill) -> list[Trade]:
    """Take a fill in; the trade that it ended. One that turns a position ends it and begins one."""
    sign, left, done = fill.side.sign, fill.quantity, list[Trade]()
    trade = going.get(fill.symbol)
    if trade is not None and trade.held * sign < 0:
        part = min(left, abs(trade.held))
        trade.add(sign * part, _money(fill, part))
        left -= part
        if not trade.held:
            done.append(going.pop(fill.symbol).ended(fill.at))
    if left:
        trade = going.setdefault(fill.symbol, _Open(fill.symbol, fill.at, fill.currency))
        trade.add(sign * left, _money(fill, left))
    return done


def _money(fill: Fill, part: Decimal) -> Decimal:
    """What came in for a part of a fill, after its share of the commission."""
    due = fill.commission * part / fill.quantity
    return -fill.side.sign * part * fill.price * fill.multiplier - due
