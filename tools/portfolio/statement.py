"""The figures of an account that a person reads, each with what it means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext

from tools.domain.portfolio import Balance, Snapshot
from tools.domain.venue import MarginRegime
from tools.portfolio.costing import ONE, ROUNDED, ZERO


@dataclass(frozen=True, slots=True)
class Statement:
    """All in the account's currency at the rates of the moment; None when a part is unknown.

    ``equity`` is all cash plus the marked value of all positions, shorts counting below zero.
    ``day_profit`` is what equity gained since the day began (00:00 UTC), deposits taken out.
    ``realised`` is what was closed brought above its average cost, before fees.
    ``unrealised`` is what closing everything at its mark would bring above its average cost.
    ``fees`` are the commissions paid so far, above zero.
    ``dividends`` are those received less those owed on shorts.
    ``borrow`` is what borrowing for shorts has cost, below zero.
    ``interest`` is that received less that paid.
    ``deposits`` are deposits less withdrawals.
    ``long_value`` is the marked value of what is held, ``short_value`` of what is owed (below
    zero). ``margin_used`` is what the positions bind: their values, signs aside, in a cash account,
    and the maintenance requirement on those where the broker lends.
    """

    equity: Decimal | None
    day_profit: Decimal | None
    realised: Decimal | None
    unrealised: Decimal | None
    fees: Decimal | None
    dividends: Decimal | None
    borrow: Decimal | None
    interest: Decimal | None
    deposits: Decimal | None
    long_value: Decimal | None
    short_value: Decimal | None
    margin_used: Decimal | None


def day_start(moment: datetime) -> datetime:
    """00:00 UTC of the day that ``moment`` (aware UTC) is in."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def statement(now: Snapshot, opened: Snapshot | None, maintenance: Decimal) -> Statement:
    """The figures of ``now``; ``opened`` is the account at the day's start, None when unknown.

    ``maintenance`` is the part of a position's value that a lending broker wants covered.
    """
    with localcontext(ROUNDED):
        values = [p.value for p in now.positions]
        known = [value for value in values if value is not None]
        whole = len(known) == len(values)
        bound = ONE if now.margin is MarginRegime.CASH else maintenance
        return Statement(
            equity=now.equity,
            day_profit=None if opened is None else profit_since(opened, now),
            realised=total(now, lambda row: row.realised),
            unrealised=_unrealised(now),
            fees=total(now, lambda row: row.fees),
            dividends=total(now, lambda row: row.dividends),
            borrow=total(now, lambda row: row.borrow),
            interest=total(now, lambda row: row.interest),
            deposits=total(now, lambda row: row.deposits),
            long_value=sum((v for v in known if v > 0), ZERO) if whole else None,
            short_value=sum((v for v in known if v < 0), ZERO) if whole else None,
            margin_used=sum((abs(v) for v in known), ZERO) * bound if whole else None,
        )


def profit_since(opened: Snapshot, now: Snapshot) -> Decimal | None:
    """What equity gained between two pictures of one account, deposits and withdrawals taken out.

    None when either equity is unknown.
    """
    before = {row.currency: row.deposits for row in opened.balances}
    if opened.equity is None or now.equity is None:
        return None
    gained = now.equity - opened.equity
    for row in now.balances:
        moved = row.deposits - before.get(row.currency, ZERO)
        if moved and row.rate is None:
            return None
        gained -= moved * (row.rate or ZERO)
    return gained


def total(account: Snapshot, figure: Callable[[Balance], Decimal]) -> Decimal | None:
    """A figure summed over all currencies, in the account's; None when it needs a rate unknown."""
    found = ZERO
    for row in account.balances:
        amount = figure(row)
        if amount and row.rate is None:
            return None
        found += amount * (row.rate or ZERO)
    return found


def _unrealised(account: Snapshot) -> Decimal | None:
    found = ZERO
    for position in account.positions:
        profit = position.unrealised
        if profit is None or (profit and position.rate is None):
            return None
        found += profit * (position.rate or ZERO)
    return found
