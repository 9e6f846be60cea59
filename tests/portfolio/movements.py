"""Random lives of an account, and an oracle that keeps its books from the definition alone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from tools.domain.actions import CashEvent, CashKind, Split
from tools.domain.order import Fill, Side
from tools.portfolio.accounting import Account

D = Decimal
DAWN = datetime(2020, 1, 1, tzinfo=UTC)
# Symbol: currency and multiplier.
LISTED = {
    "IBM": ("USD", 1),
    "SAP": ("EUR", 1),
    "IBM200117C00100000": ("USD", 100),
    "BTC-PERP": ("USDT", D("0.001")),
}
RATIOS = [D(2), D(3), D("1.5"), D("0.1"), D(1) / D(3), D(7)]


def fill(side, quantity, price, symbol="IBM", commission="0", currency=None, n=0, at=DAWN):
    listed, multiplier = LISTED.get(symbol, ("USD", 1))
    return Fill(
        f"x{n}", "o", symbol, side, D(quantity), D(price), D(commission), currency or listed,
        at, "test", D(multiplier),
    )  # fmt: skip


def buy(quantity, price, symbol="IBM", **kw):
    return fill(Side.BUY, quantity, price, symbol, **kw)


def sell(quantity, price, symbol="IBM", **kw):
    return fill(Side.SELL, quantity, price, symbol, **kw)


def paid(amount, kind=CashKind.DIVIDEND, symbol="IBM", currency="USD", key="e", at=DAWN):
    return CashEvent(key, symbol, CashKind(kind), D(amount), currency, at, "test")


def split_of(held, ratio, symbol="IBM", key="s", at=DAWN):
    """The split as a venue books it: whole shares, towards zero."""
    whole = int((held * ratio).quantize(D("1e-9")))
    return Split(key, symbol, D(ratio), at, D(whole) - held, "test")


@st.composite
def lives(draw: st.DrawFn, most: int = 25, busts: bool = True) -> list[Any]:
    """Fills, splits, cash in lieu, dividends, borrow fees and deposits; a moment apart each."""
    rows: list[Any] = []
    held: dict[str, Decimal] = dict.fromkeys(LISTED, D(0))
    for n in range(draw(st.integers(0, most))):
        at = DAWN + timedelta(minutes=n)
        symbol = draw(st.sampled_from(sorted(LISTED)))
        currency = LISTED[symbol][0]
        what = draw(st.sampled_from(["trade"] * 6 + ["split", "entry", "deposit", "again"]))
        if what == "trade":
            side = draw(st.sampled_from(Side))
            quantity = draw(
                st.one_of(
                    st.decimals("0.001", 1000, places=3),
                    st.just(abs(held[symbol]) or D(5)),  # exactly flat
                )
            )
            price = draw(st.decimals(0, 900, places=4))
            fee = draw(st.decimals("-0.5", 9, places=2))
            rows.append(fill(side, quantity, price, symbol, commission=fee, n=n, at=at))
            held[symbol] += side.sign * quantity
        elif what == "split" and held[symbol]:
            ratio = draw(st.sampled_from(RATIOS))
            rows.append(split_of(held[symbol], ratio, symbol, f"s{n}", at))
            held[symbol] += rows[-1].change
            if draw(st.booleans()):
                sum_ = draw(st.decimals(-9, 9, places=2))
                rows.append(paid(sum_, "cash_in_lieu", symbol, currency, f"c{n}", at))
        elif what == "entry":
            kind = draw(st.sampled_from(["dividend", "borrow_fee", "interest"]))
            sum_ = draw(st.decimals(-900, 900, places=2))
            told_in = draw(st.sampled_from([currency, currency, "GBP"]))
            rows.append(paid(sum_, kind, symbol, told_in, f"e{n}", at))
        elif what == "deposit":
            kind = draw(st.sampled_from(["deposit", "withdrawal", "correction"]))
            sum_ = draw(st.decimals(-9000, 9000, places=2))
            where = draw(st.sampled_from(["USD", "EUR", "USDT"]))
            rows.append(paid(sum_, kind, "", where, f"d{n}", at))
        elif what == "again" and any(not isinstance(r, Fill) for r in rows):
            rows.append(draw(st.sampled_from([r for r in rows if not isinstance(r, Fill)])))
    if busts and rows and draw(st.booleans()):
        gone = draw(st.integers(0, len(rows) - 1))
        if isinstance(rows[gone], Fill):  # busted, or corrected to another price
            if draw(st.booleans()):
                rows[gone] = replace(rows[gone], price=rows[gone].price + 1)
            else:
                del rows[gone]
    return rows


@dataclass
class Position:
    quantity: Fraction = Fraction(0)
    cost: Fraction = Fraction(0)
    realised: Fraction = Fraction(0)
    currency: str = ""


@dataclass
class Oracle:
    """Average-cost books in fractions: nothing is ever rounded, and nothing shared with ours."""

    cash: dict[str, Fraction] = field(default_factory=dict)
    fees: dict[str, Fraction] = field(default_factory=dict)
    entries: dict[str, Fraction] = field(default_factory=dict)
    held: dict[str, Position] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)

    def take(self, rows: list[Any]) -> Oracle:
        for row in rows:
            if isinstance(row, Fill):
                self._trade(row)
            elif row.id not in self.told:
                self.told.add(row.id)
                if isinstance(row, Split):
                    self._split(row)
                else:
                    self._money(row)
        return self

    def _add(self, where: dict[str, Fraction], currency: str, amount: Fraction) -> None:
        where[currency] = where.get(currency, Fraction(0)) + amount

    def _trade(self, row: Fill) -> None:
        mine = self.held.setdefault(row.symbol, Position(currency=row.currency))
        mine.currency = row.currency
        price = Fraction(row.price) * Fraction(row.multiplier)
        fee, signed = Fraction(row.commission), Fraction(row.quantity) * row.side.sign
        self._add(self.cash, row.currency, -signed * price - fee)
        self._add(self.fees, row.currency, fee)
        against = mine.quantity * signed < 0
        closing = min(abs(signed), abs(mine.quantity)) if against else Fraction(0)
        if closing:
            mean = mine.cost / mine.quantity
            way = 1 if mine.quantity > 0 else -1
            mine.realised += closing * way * (price - mean)
            mine.quantity -= closing * way
            mine.cost -= closing * way * mean
        opening = (abs(signed) - closing) * row.side.sign
        mine.quantity += opening
        mine.cost += opening * price

    def _split(self, row: Split) -> None:
        mine = self.held.setdefault(row.symbol, Position())
        whole = mine.quantity * Fraction(row.ratio)
        mine.quantity += Fraction(row.change)
        over = whole - mine.quantity
        if not mine.quantity:
            gone = mine.cost
        elif Fraction(1, 10**9) < abs(over) < 1 and over * whole > 0:
            gone = mine.cost * over / whole
        else:
            gone = Fraction(0)
        mine.cost -= gone
        mine.realised -= gone

    def _money(self, row: CashEvent) -> None:
        self._add(self.cash, row.currency, Fraction(row.amount))
        mine = self.held.get(row.symbol)
        if row.kind is CashKind.CASH_IN_LIEU and mine and mine.currency == row.currency:
            mine.realised += Fraction(row.amount)
        else:
            self._add(self.entries, row.currency, Fraction(row.amount))


def drift(account: Account, currency: str) -> Fraction:
    """What one currency's books gained from nowhere: zero, if all is conserved."""
    row = account.balance(currency)
    mine = [h for h in account.holdings.values() if h.currency == currency]
    whole = Fraction(row.cash) + Fraction(row.fees)
    whole += sum((Fraction(h.cost) - Fraction(h.realised) for h in mine), Fraction(0))
    whole -= sum((Fraction(v) for v in row.entries.values()), Fraction(0))
    return whole - Fraction(account.opening if currency == account.currency else 0)
