"""A strategy at the desk as it is now: the class that a backtest played, on paper or live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from tools.backtest.context import Context
from tools.backtest.loading import find
from tools.backtest.seen import Seen
from tools.backtest.series import from_bars
from tools.backtest.strategy import Value, made
from tools.backtest.trading import Refusal, Trader
from tools.desk import Desk
from tools.domain.errors import InputError
from tools.domain.instrument import Instrument
from tools.execution.record import OrderRecord
from tools.market_data.columns import nanoseconds
from tools.market_data.symbols import canonical
from tools.portfolio.marks import RATE_KEPT, marks_at, rate


def propose_now(
    desk: Desk, strategy: str, symbols: Sequence[str], params: Mapping[str, Value]
) -> tuple[Sequence[OrderRecord], Sequence[Refusal]]:
    """Let a strategy look at the newest daily bars once, and propose what it wishes for.

    Each order is gated and waits for a person as the desk's limits say. The same bar again proposes
    nothing twice. Raises InputError and DataUnavailable with a sentence.
    """
    found = find(strategy)
    chosen = made(found.kind, params)
    now = desk.clock.now()
    histories = {
        name: desk.market.history(name, now) for name in dict.fromkeys(map(canonical, symbols))
    }
    if len(histories) < found.least_symbols:
        raise InputError(f"{found.name} trades at least {found.least_symbols} symbols at once.")
    listed = {name: desk.market.instrument(name) for name in histories}
    seen = {name: Seen(name, calendar=one.calendar) for name, one in listed.items()}
    for name, history in histories.items():
        series = from_bars(listed[name], history.feed, history.bars)
        seen[name].fill(series.values, int(series.known[-1]))
    rates = _rates(desk, listed, now)
    owned = {name: one.currency for name, one in listed.items()} if len(rates) > 1 else None
    context = Context(seen, 0.0, owned)
    context.exchange(rates)
    trader = Trader(desk, found, chosen, listed, context)
    trader.catch_up()
    newest = context.newest
    fresh = [name for name, one in histories.items() if one.bars[-1].known_at == newest]
    context.begin(nanoseconds(now), fresh)
    records = trader.propose(trader.decide())
    return records, [*trader.refusals, *trader.small]


def _rates(desk: Desk, listed: Mapping[str, Instrument], now: datetime) -> dict[str, float]:
    """Of every currency that is held or could be, into the account's; InputError without one."""
    account = desk.proposals.snapshot()
    held = {one.currency for one in account.balances if one.cash}
    mark, found = marks_at(desk.market, now), {account.currency: 1.0}
    for code in sorted({one.currency for one in listed.values()} | held):
        worth = rate(mark, code, account.currency, now)
        if worth is None:
            raise InputError(
                f"The account is in {account.currency} and there is no rate of {code} of the last "
                f"{RATE_KEPT.days} days: have a feed with daily bars of {code}/{account.currency}, "
                "or leave what trades in it out."
            )
        found[code] = float(worth)
    return found
