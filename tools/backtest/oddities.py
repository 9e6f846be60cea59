"""What is odd about the prices that a run was played on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import numpy as np

from tools.backtest.delisting import AFTER, ended
from tools.backtest.finding import Finding
from tools.backtest.series import CLOSE, Series
from tools.backtest.tape import Tape
from tools.backtest.ticks import Ticks
from tools.domain.errors import DataUnavailable
from tools.market_data.columns import QuoteColumns, nanoseconds
from tools.market_data.sessions import ROUND_THE_CLOCK, session_on

DAY_NS = 86_400 * 10**9


def odd_bars(
    tape: Tape, start: datetime, end: datetime, rate: float | None = None
) -> Iterator[Finding]:
    """Holes, prices that never move, junk, and symbols that end early, settled at ``rate``."""
    gone = ended(tape)
    for symbol, one in tape.series.items():
        first, stop = np.searchsorted(one.known, [nanoseconds(start), nanoseconds(end) + 1])
        inside = range(int(first), int(stop))
        if not inside:
            yield Finding("no bars", "", symbol, f"{symbol} has no bar in the run.")
            continue
        closes = one.values[inside[0] : inside[-1] + 1, CLOSE]
        if len(closes) > 1 and np.ptp(closes) == 0:
            said = f"Every close of {symbol} is {closes[0]:g}: nothing can be told from it."
            yield Finding("constant", "", symbol, said)
        yield from _holes(symbol, one, inside)
        if symbol in tape.deep:
            said = f"{symbol} tells no volume: its market is taken for deep enough for any order."
            yield Finding("no volume", "", symbol, said)
        if symbol in tape.ticks:
            yield from _left_out(tape.ticks[symbol])
        if symbol in gone:
            yield _gone(symbol, gone[symbol], one, rate)


def _gone(symbol: str, at: datetime, one: Series, rate: float | None) -> Finding:
    close = f"its last close of {one.values[-1, CLOSE]:g}"
    if rate is None:
        then = (
            f"is held to the end at {close}, and the gate refuses orders that add risk while it is"
        )
    else:
        price = close if rate == 1 else f"{rate:.0%} of {close}"
        then = f"was settled at {price}, without costs, {AFTER} sessions later, and orders ended"
    said = f"{symbol} has no bar after {at:%Y-%m-%d}, as if it was delisted. What was held then "
    return Finding("ended", f"{at:%Y-%m-%d}", symbol, f"{said}{then}.")


def _holes(symbol: str, one: Series, inside: Sequence[int]) -> Iterator[Finding]:
    """Sessions of the calendar without a bar, one finding for each stretch."""
    calendar = one.listed.calendar
    apart = np.diff(one.opened[inside[0] : inside[-1] + 1])
    for i in (np.flatnonzero(apart > DAY_NS) + inside[0] + 1).tolist():
        before, bar = one.bars[i - 1].session, one.bars[i].session
        if (bar - before).days <= (1 if calendar in ROUND_THE_CLOCK else 4):
            continue
        days = (before + timedelta(days=n) for n in range(1, (bar - before).days))
        missing = [day for day in days if _is_session(calendar, day)]
        if missing:
            yield Finding(
                "hole",
                f"{missing[0]}",
                symbol,
                f"{symbol} has no bar for {len(missing)} sessions from {missing[0]} to "
                f"{missing[-1]}; an order over the hole meets the next bar there is.",
            )


def _is_session(calendar: str, day: date) -> bool:
    try:
        return session_on(calendar, day) is not None
    except DataUnavailable:
        return False


def _left_out(ticks: Ticks) -> Iterator[Finding]:
    """What was no price or no market, in one sentence."""
    if not ticks.left_out:
        return
    count, symbol = sum(ticks.left_out.values()), ticks.listed.symbol
    kind = "quotes" if isinstance(ticks.columns, QuoteColumns) else "trades"
    why = ", ".join(f"{many} {reason}" for reason, many in ticks.left_out.items())
    said = f"{count} of {count + len(ticks.known)} {kind} of {symbol} make no market: {why}. "
    yield Finding("junk", "", symbol, said + "They fill and mark nothing.")
