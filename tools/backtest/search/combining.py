"""Combinatorial purged cross-validation: each point once on each group, every way to judge them.

López de Prado, "Advances in Financial Machine Learning" (2018), chapter 12.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import numpy as np

from tools.backtest.metrics import SESSIONS_A_YEAR, Floats
from tools.backtest.running import Backtester
from tools.backtest.search.asked import Search, begin, document_of
from tools.backtest.search.beside import beside
from tools.backtest.search.choosing import choices
from tools.backtest.search.crossed import Crossed, rest_of
from tools.backtest.search.crossing import Crossing, Groups, groups_of
from tools.backtest.search.folds import at_moment, days_of
from tools.backtest.search.playing import Hands
from tools.backtest.search.tapes import Tapes, tape_of
from tools.backtest.search.task import Task, failed
from tools.backtest.search.whole_paths import Played
from tools.domain.errors import InputError

KIND = "combinatorial"


def combine(
    backtester: Backtester, search: Search, crossing: Crossing, hands: Hands
) -> dict[str, Any]:
    """The document; the same for whoever plays it.

    A group's runs end with its last day: no later bar is on their tape. Raises InputError for
    groups that can't be judged, DataUnavailable without bars.
    """
    if search.each:
        raise InputError("A cross-validation is of one portfolio: leave --each out.")
    backtester = replace(backtester, read=Tapes())
    begun = begin(search, crossing.groups)
    record = begun.record(backtester, search.request)
    tape = tape_of(backtester, search.request, record)
    moments, days = days_of(tape, at_moment(record.start), at_moment(record.end))
    groups = groups_of(crossing, days, moments)
    tasks: list[Task] = []
    for span in groups.spans:
        request = replace(search.request, start=span[0], end=span[1])
        tasks += begun.tasks(request, begun.record(backtester, request), len(tasks))
    answers = hands.play(tasks)
    width = len(begun.grid.points)
    played = [
        [one.outcome for one in answers[start : start + width]]
        for start in range(0, len(answers), width)
    ]
    known = [one for row in played for one in row if one is not None]
    periods = known[0].periods if known else float(SESSIONS_A_YEAR)
    returns = _returns(played, groups, width)
    crossed = Crossed(
        begun=begun,
        crossing=crossing,
        groups=groups,
        moments=moments,
        played=played,
        returns=returns,
        chosen=choices(returns, groups.splits, search.metric, periods),
        beside=beside(backtester, search.request, tape, moments),
        periods=periods,
        cold=all(int(one.known[0]) >= int(moments[0]) for one in tape.series.values()),
    )
    return document_of(
        KIND,
        begun.plain([record], {KIND: asdict(crossing)}),
        {**rest_of(crossed), "failed": list(failed(tasks, answers)), "engine": "desk"},
    )


def _returns(played: Played, groups: Groups, width: int) -> Floats:
    """Of each point bar by bar, shape ``(bars, points)``; NaN in a group in which it failed."""
    returns = np.full((groups.bars[-1].stop, width), np.nan)
    for bars, row in zip(groups.bars, played, strict=True):
        for place, one in enumerate(row):
            if one is not None:
                returns[bars, place] = one.returns
    return returns
