"""What companies do in a run: their splits, dividends and ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from tools.backtest.actions import KnownActions, at_first_trade, free_of_splits
from tools.backtest.delisting import delistings
from tools.backtest.tape import Tape
from tools.domain.actions import CorporateAction
from tools.market_data.columns import moment_of

Actions = Callable[[str, datetime, datetime], Sequence[CorporateAction]]
"""The splits and dividends of a symbol between two moments."""


def by_symbol(
    told: Actions, tape: Tape, start: datetime, end: datetime, delisted: float | None
) -> dict[str, Sequence[CorporateAction]]:
    """What is ``told`` of each symbol of a tape, and its end where it has one."""
    gone = delistings(tape, delisted)
    return {
        symbol: (*told(symbol, start, end), *([gone[symbol]] if symbol in gone else []))
        for symbol in tape.series
    }


def acts_of(
    told: Actions, tape: Tape, start: datetime, end: datetime, delisted: float | None
) -> KnownActions:
    """What is ``told`` of the run; the tape's bars before it are freed of splits as well.

    ``delisted`` is what part of its last close a symbol that goes silent pays, None for no end.
    """
    found = by_symbol(told, tape, start, end, delisted)
    if tape.whole_sessions:
        return KnownActions(found)
    first = moment_of(min(int(one.opened[0]) for one in tape.series.values()))
    for symbol, one in tape.series.items():
        calendar = one.listed.calendar
        found[symbol] = tuple(at_first_trade(act, calendar) for act in found[symbol])
        before = (at_first_trade(act, calendar) for act in told(symbol, first, end))
        tape.show(free_of_splits(one, tuple(before)))
    return KnownActions(found)
