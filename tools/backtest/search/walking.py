"""Parameters chosen on the past and judged on what came after, again and again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from tools.backtest.benchmarks import HOLD
from tools.backtest.finding import Finding
from tools.backtest.metrics import SESSIONS_A_YEAR, Floats
from tools.backtest.result import figures
from tools.backtest.running import Backtester
from tools.backtest.search.asked import Begun, Search, begin, document_of
from tools.backtest.search.beside import beside, earned, measured
from tools.backtest.search.folds import Fold, Walk, at_moment, days_of, folds_of, within
from tools.backtest.search.grid import need_fewer
from tools.backtest.search.joining import joined
from tools.backtest.search.judging import best_of, validation
from tools.backtest.search.outcome import Outcome
from tools.backtest.search.playing import Hands
from tools.backtest.search.tapes import Tapes, tape_of
from tools.backtest.search.task import Answer, Task, failed
from tools.backtest.tape import Tape
from tools.domain.errors import InputError
from tools.market_data.columns import Times, moment_of

FRESH = (
    "Each fold begins with cash, decides for the first time at the close of its first judged bar, "
    "and what it holds at its end is valued at the last close."
)
COUNTED = (
    "Every point of the grid is played on the judged bars too, to count it as a trial; only the "
    "chosen one's money is in the equity."
)


@dataclass(frozen=True, slots=True)
class _Played:
    """A fold with what its points did while learning and while judged, in the grid's order."""

    fold: Fold
    moments: Times
    learnt: Sequence[Answer]
    judged: Sequence[Answer]
    best: int | None

    @property
    def chosen(self) -> Outcome | None:
        """What the chosen point did on the judged bars."""
        return None if self.best is None else self.judged[self.best].outcome


def walk_forward(
    backtester: Backtester, search: Search, walk: Walk, hands: Hands
) -> dict[str, Any]:
    """The walk's document; the same for whoever plays it.

    A fold's runs end with its last day: no later bar is on their tape. Raises InputError when there
    is no fold, DataUnavailable without bars.
    """
    if search.each:
        raise InputError("A walk forward is of one portfolio: leave --each out.")
    backtester = replace(backtester, read=Tapes())
    begun = begin(search)
    record = begun.record(backtester, search.request)
    tape = tape_of(backtester, search.request, record)
    moments, days = days_of(tape, at_moment(record.start), at_moment(record.end))
    folds = folds_of(walk, days)
    need_fewer(2 * len(folds) * len(begun.grid.points))
    tasks: list[Task] = []
    for fold in folds:
        for span in (fold.learn, fold.judge):
            tasks += _tasks(backtester, begun, span, len(tasks))
    answers = hands.play(tasks)
    played = _by_fold(folds, moments, answers, len(begun.grid.points), search.metric)
    asked = {**asdict(walk), "combinatorial": None}
    return document_of(
        "walk-forward", begun.plain([record], asked), _rest(backtester, begun, tape, played, tasks)
    )


def _tasks(backtester: Backtester, begun: Begun, span: tuple[date, date], first: int) -> list[Task]:
    request = replace(begun.search.request, start=span[0], end=span[1])
    return begun.tasks(request, begun.record(backtester, request), first)


def _by_fold(
    folds: Sequence[Fold], moments: Times, answers: Sequence[Answer], width: int, metric: str
) -> list[_Played]:
    played = []
    for place, fold in enumerate(folds):
        start = 2 * place * width
        learnt = answers[start : start + width]
        judged = answers[start + width : start + 2 * width]
        best = best_of([one.outcome for one in learnt], metric)
        played.append(_Played(fold, within(moments, fold.judge), learnt, judged, best))
    return played


def _rest(
    backtester: Backtester, begun: Begun, tape: Tape, played: list[_Played], tasks: list[Task]
) -> dict[str, Any]:
    """All of the document but its record."""
    request = begun.search.request
    whole = joined([(one.moments, one.chosen) for one in played], request.cash)
    known = [a.outcome for one in played for a in (*one.learnt, *one.judged) if a.outcome]
    periods = known[0].periods if known else float(SESSIONS_A_YEAR)
    little = beside(backtester, request, tape, whole.at)
    return {
        "folds": [_fold(one, begun) for one in played],
        "curve": {
            "at": ["", *(moment_of(int(at)).isoformat() for at in whole.at)],
            "equity": [float(value) for value in whole.equity],
            **{name: [float(value) for value in values] for name, values in little.items()},
        },
        "figures": figures(whole.measured(periods)),
        "benchmarks": measured(little, periods),
        "left_out": begun.grid.left_out,
        "failed": list(failed(tasks, _answers(played))),
        "validation": _validation(begun, played, periods, earned(little[HOLD])),
        "findings": list(_findings(played)),
        "bars_a_year": periods,
        "engine": "desk",
    }


def _findings(played: Sequence[_Played]) -> Iterator[dict[str, str]]:
    """What to know before believing it."""
    for kind, said in (("fresh folds", FRESH), ("trials", COUNTED)):
        yield asdict(Finding(kind, "", "", said))
    idle = sum(one.best is None for one in played)
    if idle:
        said = f"In {idle} of {len(played)} folds nothing could be chosen: they stay in cash."
        yield asdict(Finding("no choice", "", "", said))


def _answers(played: Sequence[_Played]) -> list[Answer]:
    return [answer for one in played for answer in (*one.learnt, *one.judged)]


def _fold(one: _Played, begun: Begun) -> dict[str, Any]:
    """A fold as JSON values; without parameters where nothing could be chosen."""

    def of(answers: Sequence[Answer]) -> Outcome | None:
        return None if one.best is None else answers[one.best].outcome

    learnt, judged = of(one.learnt), of(one.judged)
    return {
        "learn": [day.isoformat() for day in one.fold.learn],
        "judge": [day.isoformat() for day in one.fold.judge],
        "params": {} if one.best is None else dict(begun.grid.points[one.best]),
        "learn_figures": {} if learnt is None else dict(learnt.figures),
        "judge_figures": {} if judged is None else dict(judged.figures),
        "learn_run": None if learnt is None else learnt.run,
        "run": None if judged is None else judged.run,
    }


def _validation(
    begun: Begun, played: Sequence[_Played], periods: float, held: Floats
) -> dict[str, Any]:
    """Of the walk, deflated by every point of the grid as it did on the same judged bars."""
    size = sum(len(one.moments) for one in played)
    width = len(begun.grid.points)
    tried, walked, place = np.zeros((size, width)), np.zeros(size), 0
    for one in played:
        stop = place + len(one.moments)
        for column, answer in enumerate(one.judged):
            if answer.outcome is not None:
                tried[place:stop, column] = answer.outcome.returns
        if one.chosen is not None:
            walked[place:stop] = one.chosen.returns
        place = stop
    return validation(tried, width, periods, begun.search.request.seed, held, walked)
