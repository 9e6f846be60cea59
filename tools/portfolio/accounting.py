"""Cash and positions as a pure fold of fills, splits and cash events: exact, in any currencies.

Average cost; long, short, and through zero in one fill. In each currency, to the last digit and
whatever the order, ``cash + cost of all held - realised + fees - other entries`` stays what the
account opened with. Nothing is converted here: one currency is never added to another.

A contract is booked at its full value, quantity times price times multiplier, a perpetual too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, DecimalException, localcontext
from types import MappingProxyType
from typing import TypeVar

from tools.domain.actions import CashEvent, CashKind, Entry, Split
from tools.domain.errors import InputError
from tools.domain.money import plain
from tools.domain.order import Fill
from tools.portfolio.account import Account, Balance, Holding
from tools.portfolio.costing import EXACT, ZERO, sold_by_split, traded

__all__ = [
    "Account",
    "Balance",
    "Books",
    "Holding",
    "Movement",
    "after",
    "fold",
    "in_order",
]

Row = TypeVar("Row")
Movement = Fill | Entry
"""One thing that changes an account."""

NO_HOLDING = Holding()


class Books:
    """A running account: a booking costs the same however much is held.

    ``account`` publishes what was booked so far, frozen; only what changed since is copied.
    """

    def __init__(self, start: Account) -> None:
        """Go on from ``start``, which stays as it is."""
        self._account = start
        self._balances: dict[str, Balance] | None = None
        self._holdings: dict[str, Holding] | None = None
        self._new: set[str] = set()

    @property
    def account(self) -> Account:
        """The account as it is now."""
        before = self._account
        if self._balances is not None or self._holdings is not None or self._new:
            self._account = Account(
                before.currency,
                before.opening,
                before.balances if self._balances is None else MappingProxyType(self._balances),
                before.holdings if self._holdings is None else MappingProxyType(self._holdings),
                before.booked | self._new if self._new else before.booked,
            )
            self._balances = self._holdings = None
            self._new = set()
        return self._account

    def book(self, movements: Iterable[Movement]) -> None:
        """Book in the order given; a split or cash event with a known id is passed over.

        Raises InputError for figures that can't be booked exactly, or a symbol that changes its
        currency or multiplier; what came before the odd one is booked then.
        """
        with localcontext(EXACT):
            for movement in movements:
                try:
                    self._one(movement)
                except DecimalException:
                    raise _odd(movement) from None

    def _one(self, movement: Movement) -> None:
        if isinstance(movement, Fill):
            self._fill(movement)
        elif movement.id not in self._new and movement.id not in self._account.booked:
            if isinstance(movement, Split):
                self._split(movement)
            else:
                self._cash_event(movement)
            self._new.add(movement.id)

    def _fill(self, fill: Fill) -> None:
        if not _sound(fill):
            raise _odd(fill)
        held = self._held(fill.symbol)
        if held is None or not held.currency:
            held = held or NO_HOLDING
        elif (held.currency, held.multiplier) != (fill.currency, fill.multiplier):
            raise InputError(
                f"{fill.symbol} is booked in {held.currency} with a multiplier of "
                f"{plain(held.multiplier)}; the fill {fill.execution_id} says {fill.currency} and "
                f"{plain(fill.multiplier)}. Correct the listing of {fill.symbol}"
            )
        quantity = fill.quantity * fill.side.sign
        value = quantity * fill.price * fill.multiplier
        holding = Holding(
            *traded((held.quantity, held.cost, held.realised), quantity, value),
            fill.currency,
            fill.multiplier,
            held.fees + fill.commission,
            held.entries,
        )
        old = self._balance(fill.currency)
        cash = old.cash - value - fill.commission
        realised = old.realised + (holding.realised - held.realised)
        new = Balance(cash, old.fees + fill.commission, realised, old.entries)
        self._keep(fill.currency, new, fill.symbol, holding)

    def _cash_event(self, event: CashEvent) -> None:
        if not event.amount.is_finite() or not event.currency:
            raise _odd(event)
        old, held = self._balance(event.currency), self._held(event.symbol)
        if held is not None and held.currency != event.currency:
            held = None  # a dividend in another currency than the shares: in the balance alone
        in_lieu = event.kind is CashKind.CASH_IN_LIEU and held is not None
        sold = event.amount if in_lieu else ZERO
        new = Balance(
            old.cash + event.amount,
            old.fees,
            old.realised + sold,
            old.entries if in_lieu else _added(old.entries, event),
        )
        if held is not None:
            held = Holding(
                held.quantity,
                held.cost,
                held.realised + sold,
                held.currency,
                held.multiplier,
                held.fees,
                held.entries if in_lieu else _added(held.entries, event),
            )
        self._keep(event.currency, new, event.symbol, held)

    def _split(self, split: Split) -> None:
        if not (split.change.is_finite() and split.ratio.is_finite() and split.ratio > 0):
            raise _odd(split)
        held = self._held(split.symbol) or NO_HOLDING
        new = held.quantity + split.change
        sold = sold_by_split(held.quantity, held.cost, new, split.ratio)
        old = self._balance(held.currency)
        balance = Balance(old.cash, old.fees, old.realised - sold, old.entries)
        holding = Holding(
            new,
            held.cost - sold,
            held.realised - sold,
            held.currency,
            held.multiplier,
            held.fees,
            held.entries,
        )
        self._keep(held.currency, balance if sold else None, split.symbol, holding)

    def _held(self, symbol: str) -> Holding | None:
        holdings = self._account.holdings if self._holdings is None else self._holdings
        return holdings.get(symbol)

    def _balance(self, currency: str) -> Balance:
        known = None if self._balances is None else self._balances.get(currency)
        return self._account.balance(currency) if known is None else known

    def _keep(
        self, currency: str, balance: Balance | None, symbol: str, held: Holding | None
    ) -> None:
        """Take what changed; nothing that can fail comes after."""
        if balance is not None:
            if self._balances is None:
                self._balances = _copy(self._account.balances)
            self._balances[currency] = balance
        if held is not None:
            if self._holdings is None:
                self._holdings = _copy(self._account.holdings)
            self._holdings[symbol] = held


def fold(start: Account, movements: Iterable[Movement]) -> Account:
    """The account after all movements, in the order given; raises InputError like ``Books``."""
    books = Books(start)
    books.book(movements)
    return books.account


def after(account: Account, movement: Movement) -> Account:
    """The account after one movement; raises InputError like ``Books``. Use Books for many."""
    return fold(account, (movement,))


def in_order(fills: Iterable[Fill], entries: Sequence[Entry] = ()) -> Iterator[Movement]:
    """Fills in the order given, each split before the first later fill of its symbol.

    Cash events come last: no fill depends on them. What a split did to shares is the venue's word,
    so a fill told late changes nothing about it.
    """
    if not entries:
        yield from fills
        return
    splits: dict[str, list[Split]] = {}
    for entry in sorted((e for e in entries if isinstance(e, Split)), key=lambda e: e.at):
        splits.setdefault(entry.symbol, []).append(entry)
    for fill in fills:
        waiting = splits.get(fill.symbol, [])
        while waiting and waiting[0].at <= fill.at:
            yield waiting.pop(0)
        yield fill
    for left in splits.values():
        yield from left
    yield from (e for e in entries if isinstance(e, CashEvent))


def _added(entries: Mapping[str, Decimal], event: CashEvent) -> Mapping[str, Decimal]:
    total = entries.get(event.kind, ZERO) + event.amount
    return MappingProxyType({**entries, str(event.kind): total})


def _copy(rows: Mapping[str, Row]) -> dict[str, Row]:
    # A proxy's own copy is many times faster than going through its keys.
    return rows.copy() if isinstance(rows, MappingProxyType) else dict(rows)


def _sound(fill: Fill) -> bool:
    numbers = (fill.quantity, fill.price, fill.commission, fill.multiplier)
    finite = all(number.is_finite() for number in numbers) and bool(fill.currency)
    return finite and fill.quantity > 0 and fill.price >= 0 and fill.multiplier > 0


def _odd(movement: Movement) -> InputError:
    which = movement.execution_id if isinstance(movement, Fill) else movement.id
    return InputError(
        f"{which} of {movement.symbol or 'the account'} has figures that can't be booked exactly; "
        "correct it at its source"
    )
