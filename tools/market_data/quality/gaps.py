"""Bars that the exchange's calendar wants and that aren't there, and bars it does not know."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from tools.domain.timeframe import DAILY
from tools.market_data.aggregation.grid import NOWHERE, Grid, Hours
from tools.market_data.columns import BarColumns, moment_of
from tools.market_data.quality.finding import Finding, Kind, Severity, Treatment, found


def gaps(bars: BarColumns, calendar: str) -> list[Finding]:
    """One finding a gap, from the first bar to the last, in the regular session's hours.

    A session without any bar is an error. A minute of a session may pass without a trade, so a
    missing shorter bar is a warning. Where the series begins or ends within a session, what is not
    there of that session is a note.
    """
    grid = Grid(bars.timeframe, calendar)
    placed = grid.place(bars.start)
    there = np.unique(placed.start[placed.start != NOWHERE])
    if not len(there):
        return []
    first, last = int(there[0]), int(there[-1])
    edges = Grid(DAILY, calendar).place(there[[0, -1]])
    if bars.timeframe.intraday:
        first, last = int(edges.start[0]), int(edges.end[1]) - 1
    wanted = grid.between(first, last + 1)
    lacking = ~np.isin(wanted, there)
    within = (wanted >= there[0]) & (wanted <= there[-1])
    if bars.timeframe.intraday:
        # Which session each belongs to: one without any bar is missing altogether.
        session = Grid(DAILY, calendar).place(wanted).start
        whole = lacking & ~np.isin(session, session[~lacking])
    else:
        whole = lacking
    kinds = np.where(within, whole.astype(np.int8) * 2 + lacking, -lacking.astype(np.int8))
    changes = np.flatnonzero(np.diff(np.concatenate([[0], kinds, [0]])))
    findings = []
    for first, last in pairwise(changes.tolist()):
        if not lacking[first]:
            continue
        count, when = last - first, int(wanted[first])
        error = bool(whole[first])
        severity = Severity.ERROR if error else Severity.WARNING
        if not within[first]:
            severity = Severity.NOTE
        what = "session" if error and not bars.timeframe.intraday else "bar"
        until = f", until {moment_of(int(wanted[last - 1])):%Y-%m-%d %H:%M}" if count > 1 else ""
        findings.append(
            Finding(
                Kind.GAP,
                severity,
                Treatment.FLAGGED,
                np.array([min(int(np.searchsorted(bars.start, when)), len(bars) - 1)]),
                when,
                (f"{count} {what}s are missing" if count > 1 else f"1 {what} is missing")
                + (" in whole sessions" if error and bars.timeframe.intraday else "")
                + until,
                count,
            )
        )
    return findings


def unexpected(bars: BarColumns, calendar: str) -> list[Finding]:
    """Bars at hours and on days when the exchange is closed."""
    grid = Grid(bars.timeframe, calendar, Hours.EXTENDED)
    away = grid.place(bars.start).start == NOWHERE
    if bars.timeframe == DAILY:
        # Of the foreign exchange, a day of UTC that is a Sunday has the evening's opening in it.
        away &= grid.place(bars.known - 1).start == NOWHERE
    return found(
        Kind.OUTSIDE_HOURS,
        Severity.WARNING,
        Treatment.FLAGGED,
        away,
        bars.start,
        f"the calendar {calendar} knows no trading then",
    )
