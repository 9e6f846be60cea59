"""The picture of an account that goes on: only what changed since the last one is made anew."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal, localcontext
from operator import is_

from tools.domain.actions import CashKind, Entry
from tools.domain.order import Fill
from tools.domain.portfolio import Balance, OpenOrder, Position, RecentOrder, Snapshot
from tools.domain.venue import MarginRegime
from tools.portfolio.account import Account, Holding
from tools.portfolio.costing import ROUNDED, ZERO
from tools.portfolio.following import Following
from tools.portfolio.marks import Kind, Mark, rate

Price = tuple[Decimal, datetime]


class Running:
    """An account and its picture, as ``Following`` keeps it. Threads may share it."""

    def __init__(self, start: Account | Following) -> None:
        """``start`` is the account before its first fill, or what follows it already."""
        self._following = start if isinstance(start, Following) else Following(start)
        self._lock = threading.Lock()
        self._rows: dict[str, tuple[Holding, Price | None, Decimal | None, Position]] = {}
        self._symbols: list[str] = []
        self._last: tuple[Account, object, Snapshot] | None = None

    def picture(
        self,
        name: str,
        at: datetime,
        fills: Sequence[Fill],
        mark: Mark,
        open_orders: Iterable[OpenOrder] = (),
        recent: Iterable[RecentOrder] = (),
        *,
        entries: Sequence[Entry] = (),
        revision: int = 0,
        kind: Kind | None = None,
        buying_power: Decimal | None = None,
        margin: MarginRegime = MarginRegime.CASH,
    ) -> Snapshot:
        """The account called ``name`` at ``at`` (aware UTC), valued by ``mark``.

        Positions are by symbol; those that are flat again stay, with their realised profit. Other
        currencies are turned into the account's by the rates that ``mark`` knows. While nothing in
        it is another, it is the very same object.
        """
        orders, late = tuple(open_orders), tuple(recent)
        with self._lock:
            account = self._following.account(fills, entries, revision)
            rates, positions = self._valued(account, at, mark, kind)
            last = self._last
        asked = (name, rates, orders, late, buying_power, margin)
        if last is not None and last[0] is account and last[2].at is at and last[1] == asked:
            before = last[2].positions
            if len(positions) == len(before) and all(map(is_, positions, before)):
                return last[2]
        balances = tuple(_balance(account, code, rates[code]) for code in sorted(rates))
        with localcontext(ROUNDED):
            cash = sum((b.cash * b.rate for b in balances if b.rate is not None), ZERO)
            fees = sum((b.fees * b.rate for b in balances if b.rate is not None), ZERO)
        made = Snapshot(
            account=name,
            at=at,
            currency=account.currency,
            cash=cash,
            fees=fees,
            positions=positions,
            open_orders=orders,
            recent=late,
            buying_power=buying_power,
            margin=margin,
            balances=balances,
        )
        self._last = account, asked, made
        return made

    def ask(
        self,
        at: datetime,
        fills: Sequence[Fill],
        mark: Mark,
        *,
        entries: Sequence[Entry] = (),
        revision: int = 0,
        kind: Kind | None = None,
    ) -> None:
        """Ask ``mark`` and ``kind`` for all that ``picture`` will ask them for."""
        with self._lock:
            self._valued(self._following.account(fills, entries, revision), at, mark, kind)

    def _valued(
        self, account: Account, at: datetime, mark: Mark, kind: Kind | None
    ) -> tuple[dict[str, Decimal | None], tuple[Position, ...]]:
        """The rates of the account's currencies, and its positions."""
        currencies = {account.currency, *account.balances}
        rates = {code: rate(mark, code, account.currency, at) for code in currencies}
        return rates, self._positions(account, mark, rates, kind)

    def _positions(
        self,
        account: Account,
        mark: Mark,
        rates: dict[str, Decimal | None],
        kind: Kind | None,
    ) -> tuple[Position, ...]:
        holdings, rows = account.holdings, self._rows
        if len(holdings) != len(self._symbols) or holdings.keys() != rows.keys():
            self._symbols = sorted(holdings)
            self._rows = rows = {s: rows[s] for s in self._symbols if s in rows}
        found = []
        for symbol in self._symbols:
            held = holdings[symbol]
            price = mark(symbol) if held.quantity else None
            worth = rates[held.currency or account.currency]
            row = rows.get(symbol)
            if row is None or row[0] is not held or row[1] != price or row[2] != worth:
                position = _position(symbol, held, price, worth, kind)
                rows[symbol] = row = (held, price, worth, position)
            found.append(row[3])
        return tuple(found)


def _position(
    symbol: str, held: Holding, price: Price | None, worth: Decimal | None, kind: Kind | None
) -> Position:
    value, when = price if price is not None else (None, None)
    return Position(
        symbol,
        held.quantity,
        held.average_cost,
        held.realised,
        value,
        when,
        currency=held.currency,
        rate=worth,
        multiplier=held.multiplier,
        asset_class=kind(symbol) if kind is not None else None,
        fees=held.fees,
        dividends=held.entries.get(CashKind.DIVIDEND, ZERO),
        borrow=held.entries.get(CashKind.BORROW_FEE, ZERO),
    )


def _balance(account: Account, currency: str, worth: Decimal | None) -> Balance:
    row = account.balance(currency)
    if not row.entries:
        return Balance(currency, row.cash, worth, row.realised, row.fees)
    left = dict(row.entries)

    def taken(*kinds: CashKind) -> Decimal:
        return sum((left.pop(kind, ZERO) for kind in kinds), ZERO)

    return Balance(
        currency,
        row.cash,
        worth,
        row.realised,
        row.fees,
        dividends=taken(CashKind.DIVIDEND),
        borrow=taken(CashKind.BORROW_FEE),
        interest=taken(CashKind.INTEREST),
        deposits=taken(CashKind.DEPOSIT, CashKind.WITHDRAWAL),
        other=sum(left.values(), ZERO),
    )
