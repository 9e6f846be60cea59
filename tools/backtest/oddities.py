"""What is odd about the prices that a run was played on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import numpy as np

from tools.backtest.delisting import AFTER, ended
from tools.backtest.finding import Finding
from tools.backtest.series import CLOSE, RATIO, VOLUME, Series
from tools.backtest.tape import Tape
from tools.backtest.ticks import Ticks
from tools.domain.errors import DataUnavailable
from tools.market_data.columns import QuoteColumns, moment_of, nanoseconds
from tools.market_data.sessions import ROUND_THE_CLOCK, session_on

DAY_NS = 86_400 * 10**9
FACTOR = 1.6
"""A close so many times the one before, or that part of it, is hardly ever a day's trading."""

SHORT_DAYS = 92
MOST_HOLES = 3
"""Stretches told one by one; of more the longest, and how many."""


def odd_bars(
    tape: Tape, start: datetime, end: datetime, rate: float | None = None
) -> Iterator[Finding]:
    """Holes, jumps, prices that never move, junk, and symbols that end early, settled at ``rate``.

    And a run that is too short for figures a year.
    """
    gone = ended(tape)
    yield from _short(start, end)
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
        yield from _jump(symbol, one, inside)
        if symbol in tape.deep:
            said = f"{symbol} tells no volume: its market is taken for deep enough for any order."
            yield Finding("no volume", "", symbol, said)
        elif symbol not in tape.ticks and not one.values[inside[0] : stop, VOLUME].any():
            said = f"{symbol} tells no volume: nobody knows how much could be had, so that the "
            yield Finding("no volume", "", symbol, said + "gate refuses every order (G15).")
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


def _short(start: datetime, end: datetime) -> Iterator[Finding]:
    days = (end - start).days + 1
    if days < SHORT_DAYS:
        span = "a day" if days == 1 else f"{days} days"
        said = f"The run covers {span}: figures a year are that, stretched to a year, and so "
        yield Finding("short", "", "", said + "little says next to nothing of them.")


def _jump(symbol: str, one: Series, inside: Sequence[int]) -> Iterator[Finding]:
    """Closes far from the one before, free of the splits and dividends that are told."""
    rows = one.values[inside[0] : inside[-1] + 1]
    moves = np.diff(np.log(rows[:, CLOSE] * rows[:, RATIO]))
    far = np.abs(moves) >= np.log(FACTOR)
    if not far.any():
        return
    place = int(np.argmax(np.abs(moves)))
    before, after = rows[place : place + 2, CLOSE].tolist()
    at = f"{moment_of(int(one.known[inside[place + 1]])):%Y-%m-%d}"
    more = int(far.sum()) - 1
    others = f" {more} other{'s are' if more > 1 else ' is'} as odd." if more else ""
    said = (
        f"{symbol} moved by {np.expm1(moves[place]):+,.0%} in one bar, from {before:g} to "
        f"{after:g} on {at}: an error, a split that nobody tells, another company under the same "
        f"name, or true. Volatility and Sharpe ratios rest on it.{others}"
    )
    yield Finding("jump", at, symbol, said)


def _holes(symbol: str, one: Series, inside: Sequence[int]) -> Iterator[Finding]:
    """Sessions of the calendar without a bar, one finding for each stretch, or for all of many."""
    found = list(_stretches(one, inside))
    for missing in found if len(found) <= MOST_HOLES else ():
        said = f"{symbol} has no bar for {_counted(missing)}; an order over the hole meets the "
        yield Finding("hole", f"{missing[0]}", symbol, f"{said}next bar there is.")
    if len(found) > MOST_HOLES:
        many, longest = sum(map(len, found)), max(found, key=len)
        said = (
            f"{symbol} has no bar for {many:,} sessions in {len(found):,} stretches, the longest "
            f"of {_counted(longest)}; an order over a hole meets the next bar there is."
        )
        yield Finding("hole", f"{longest[0]}", symbol, said)


def _counted(missing: Sequence[date]) -> str:
    if len(missing) == 1:
        return f"1 session, {missing[0]}"
    return f"{len(missing):,} sessions from {missing[0]} to {missing[-1]}"


def _stretches(one: Series, inside: Sequence[int]) -> Iterator[Sequence[date]]:
    calendar = one.listed.calendar
    apart = np.diff(one.opened[inside[0] : inside[-1] + 1])
    for i in (np.flatnonzero(apart > DAY_NS) + inside[0] + 1).tolist():
        before, bar = one.bars[i - 1].session, one.bars[i].session
        if (bar - before).days <= (1 if calendar in ROUND_THE_CLOCK else 4):
            continue
        days = (before + timedelta(days=n) for n in range(1, (bar - before).days))
        missing = [day for day in days if _is_session(calendar, day)]
        if missing:
            yield missing


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
