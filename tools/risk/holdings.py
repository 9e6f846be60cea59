"""The positions of an account, added up in small parts: one that did not change is not added again.

A fill changes one Position, so all parts but its own hold the very same objects as before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from tools.domain.instrument import AssetClass
from tools.domain.portfolio import Position
from tools.risk.bounds import ZERO
from tools.risk.kept import Kept, each
from tools.risk.limits import Limits
from tools.risk.rules_words import shown
from tools.risk.shapes import Shape

POSITION = Shape(Position, "position")
SIZE = 16
"""How many positions a part has: few to add again after a fill, and few parts to look through."""


class Part:
    """The sums of a few positions, in the account's currency; see ``Totals``.

    ``problems`` says what is odd in them; there are no sums then. ``worth`` adds up the values and
    ``size`` the same with the signs left out, ``classes`` that by class; what has no price counts
    as nothing and is in ``unpriced``.
    """

    __slots__ = (
        "classes",
        "oldest",
        "positions",
        "problems",
        "sectors",
        "size",
        "undated",
        "unpriced",
        "worth",
    )

    def __init__(self, rows: tuple[Position, ...]) -> None:
        """Add up; call it with the gate's arithmetic."""
        self.problems = tuple(
            f"The position in {named(p)} has figures that can't be used."
            for p in rows
            if not position_fits(p)
        )
        if self.problems:
            return
        self.positions = {p.symbol: p for p in rows}
        values = [(p, p.value) for p in rows]
        known = [(p, value) for p, value in values if value is not None]
        self.unpriced = [p.symbol for p, value in values if value is None]
        self.worth = sum((value for _, value in known), ZERO)
        self.classes: dict[AssetClass | None, Decimal] = {}
        for p, value in known:
            self.classes[p.asset_class] = self.classes.get(p.asset_class, ZERO) + abs(value)
        self.size = sum(self.classes.values(), ZERO)
        marked = [p for p in rows if p.quantity and p.mark is not None]
        self.undated = next((p.symbol for p in marked if p.marked_at is None), "")
        moments = [(p.marked_at, p.symbol) for p in marked if p.marked_at is not None]
        self.oldest: tuple[datetime, str] | None = min(moments, default=None)
        self.sectors = Kept(self._by_sector)

    def _by_sector(self, limits: Limits) -> Mapping[str, Decimal]:
        found: dict[str, Decimal] = {}
        for symbol, p in self.positions.items():
            sector = limits.sector(symbol)
            found[sector] = found.get(sector, ZERO) + abs(p.value or ZERO)
        return found


def parts_of(positions: tuple[Position, ...]) -> Iterator[Part]:
    """The parts of an account's positions, in their order."""
    for begin in range(0, len(positions), SIZE):
        yield part_of(positions[begin : begin + SIZE])


def named(row: object) -> str:
    """The symbol of a row that may be odd."""
    return shown(getattr(row, "symbol", None))


def _fits(p: Position) -> bool:
    return (
        POSITION.fits(p)
        and (p.mark is None or p.mark >= 0)
        and (p.rate is None or p.rate > 0)
        and p.multiplier > 0
        and p.symbol != ""
    )


position_fits = Kept(_fits, most=4096)
part_of = Kept(Part, most=512, key=each)
