"""What an account adds up to, worked out once for a Snapshot and used for every order judged on it.

Open orders in a Snapshot are those at the venue, those reserved to go there and those whose fate
is unknown: all count in full, but of one group only the largest on each side of a symbol.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, localcontext

from tools.domain.instrument import AssetClass
from tools.domain.portfolio import Balance, Position, RecentOrder, Snapshot
from tools.risk.bounds import ARITHMETIC, ZERO
from tools.risk.holdings import Part, named, part_of, parts_of, position_fits
from tools.risk.kept import Kept
from tools.risk.limits import Limits
from tools.risk.shapes import Shape
from tools.risk.working import (
    NONE_OPEN,
    Sides,
    Tally,
    by_symbol,
    fee,
    largest,
    line_of,
    order_fits,
    tally,
)

__all__ = [
    "NONE_OPEN",
    "ZERO",
    "Sides",
    "Tally",
    "Totals",
    "equity_of",
    "fee",
    "largest",
    "line_of",
    "order_fits",
    "part_of",
    "position_fits",
    "tally",
    "totals",
]

BALANCE = Shape(Balance, "balance")
RECENT_ORDER = Shape(RecentOrder, "recent order")


class Totals:
    """The sums of one account; money in the account's currency.

    ``problems`` says what is odd in its rows; the sums are missing then and nothing is traded.
    ``equity`` is None while something held has no price, and so are ``gross`` and the like.
    ``gross`` adds up each symbol at its worst side, ``longest`` and ``shortest`` are the net value
    if only the open buys, or only the open sells, are filled. ``oldest`` is the oldest mark of what
    is held with its symbol, ``undated`` a symbol whose mark has no moment. ``recent`` are the
    recent orders by symbol. The parts that it is put together from are the same ones that the
    Totals before had, where nothing about them changed.
    """

    __slots__ = (
        "by_id",
        "classes",
        "equity",
        "fees",
        "gross",
        "lines",
        "longest",
        "oldest",
        "orders",
        "parts",
        "positions",
        "problems",
        "recent",
        "reserved",
        "sectors",
        "shortest",
        "undated",
        "unpriced",
    )

    def __init__(self, account: Snapshot) -> None:
        """Add up; of an account with odd rows only ``problems``."""
        self.problems = _odd_lists(account)
        if self.problems:
            return
        self.parts = parts = tuple(parts_of(account.positions))
        self.problems = _odd_rows(account, parts)
        if self.problems:
            return
        self.positions: dict[str, Position] = {}
        for part in parts:
            self.positions.update(part.positions)
        self.by_id = {o.client_order_id: o for o in account.open_orders}
        if len(self.positions) != len(account.positions):
            self.problems = ("The account lists a symbol twice.",)
        if len(self.by_id) != len(account.open_orders):
            self.problems += ("The account lists an open order twice.",)
        if self.problems:
            return
        self.recent: dict[str, list[RecentOrder]] = {}
        for r in account.recent:
            self.recent.setdefault(r.symbol, []).append(r)
        held = self.positions.get
        self.orders = by_symbol(account.open_orders)
        self.lines = {s: line_of((held(s), rows)) for s, rows in self.orders.items()}
        self.reserved = sum((line.tally[2] for line in self.lines.values()), ZERO)
        self.undated = next((part.undated for part in parts if part.undated), "")
        self.oldest: tuple[datetime, str] | None = min(
            (part.oldest for part in parts if part.oldest is not None), default=None
        )
        self.unpriced = [symbol for part in parts for symbol in part.unpriced]
        self.unpriced += [b.currency for b in account.balances if b.cash and b.rate is None]
        self.fees = Kept(self._fees)
        self.equity: Decimal | None = None
        if self.unpriced:
            return
        worth = sum((part.worth for part in parts), ZERO)
        self.equity = account.cash + worth
        self.gross = sum((part.size for part in parts), ZERO)
        self.gross = sum((line.more for line in self.lines.values()), self.gross)
        self.longest = worth + self.reserved
        self.shortest = worth - sum((line.tally[3] for line in self.lines.values()), ZERO)
        self.classes = self._by_class()
        self.sectors = Kept(self._by_sector)

    def sides(self, symbol: str) -> Sides:
        """A symbol's value at both sides; of an account that can be valued."""
        line = self.lines.get(symbol)
        if line is not None:
            return line.sides
        held = self.positions.get(symbol)
        worth = ZERO if held is None else held.value or ZERO
        return worth, worth

    def tally(self, symbol: str) -> Tally:
        """What the open orders of a symbol may still trade."""
        line = self.lines.get(symbol)
        return NONE_OPEN if line is None else line.tally

    def _fees(self, limits: Limits) -> Decimal:
        """The commission that the cash check allows for every open order."""
        return sum((line.fees(limits) for line in self.lines.values()), ZERO)

    def _by_class(self) -> Mapping[AssetClass | None, Decimal]:
        found: dict[AssetClass | None, Decimal] = {}
        for part in self.parts:
            for kind, size in part.classes.items():
                found[kind] = found.get(kind, ZERO) + size
        for line in self.lines.values():
            found[line.kind] = found.get(line.kind, ZERO) + line.more
        return found

    def _by_sector(self, limits: Limits) -> Mapping[str, Decimal]:
        if not limits.sectors:
            return {"": self.gross}
        found: dict[str, Decimal] = {}
        for part in self.parts:
            for sector, size in part.sectors(limits).items():
                found[sector] = found.get(sector, ZERO) + size
        for symbol, line in self.lines.items():
            sector = limits.sector(symbol)
            found[sector] = found.get(sector, ZERO) + line.more
        return found


totals = Kept(Totals)
"""The sums of a Snapshot, worked out once for the very same object."""


def equity_of(account: Snapshot) -> Decimal | None:
    """What ``account.equity`` says, from the same sums that the gate makes of it."""
    with localcontext(ARITHMETIC):
        sums = totals(account)
    return account.equity if sums.problems else sums.equity


def _odd_lists(account: Snapshot) -> tuple[str, ...]:
    for name, rows in (
        ("positions", account.positions),
        ("open orders", account.open_orders),
        ("recent orders", account.recent),
        ("balances", account.balances),
    ):
        if type(rows) is not tuple:
            return (f"The account's {name} are missing or odd.",)
    if not all(map(BALANCE.fits, account.balances)):
        return ("A balance of the account has figures that can't be used.",)
    return ()


def _odd_rows(account: Snapshot, parts: tuple[Part, ...]) -> tuple[str, ...]:
    """What is odd in the rows of an account, one sentence each."""
    wrong = [sentence for part in parts for sentence in part.problems]
    wrong += [
        f"An open order in {named(o)} has figures that can't be used."
        for o in account.open_orders
        if not order_fits(o)
    ]
    wrong += [
        f"A recent order in {named(r)} has figures that can't be used."
        for r in account.recent
        if not (RECENT_ORDER.fits(r) and r.symbol)
    ]
    return tuple(wrong)
