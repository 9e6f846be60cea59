"""A strategy with each of many parameters, through the desk, and what the best of them is worth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tools.backtest.benchmarks import HOLD
from tools.backtest.request import Record
from tools.backtest.running import Backtester
from tools.backtest.search.asked import Begun, Search, begin, document_of
from tools.backtest.search.beside import beside
from tools.backtest.search.judging import best_of, side_by_side, validation
from tools.backtest.search.outcome import Outcome
from tools.backtest.search.playing import Hands
from tools.backtest.search.tapes import Tapes, tape_of
from tools.backtest.search.task import Answer, Task
from tools.domain.errors import DataUnavailable, InputError
from tools.market_data.columns import Floats
from tools.market_data.symbols import canonical

Portfolio = tuple[str, ...]


def sweep(backtester: Backtester, search: Search, hands: Hands) -> dict[str, Any]:
    """The sweep's document; the same for whoever plays it.

    A point that fails is told and the rest goes on; so is a symbol, where each is played alone.
    Raises InputError or DataUnavailable when there is nothing to play.
    """
    symbols = tuple(dict.fromkeys(map(canonical, search.request.symbols)))
    portfolios: list[Portfolio] = [(s,) for s in symbols] if search.each else [symbols]
    backtester = replace(backtester, read=Tapes())
    begun = begin(search, len(portfolios))
    if len(begun.grid.points) * len(portfolios) < 2:
        raise InputError(
            "A sweep tries several things: say --param name=1,2,3, or --each with several symbols."
        )
    records, unplayed = _records(backtester, begun, portfolios)
    tasks: list[Task] = []
    for record in records:
        tasks += begun.tasks(search.request, record, len(tasks))
    answers = hands.play(tasks)
    played = [(task, one) for task, one in zip(tasks, answers, strict=True) if one.outcome]
    return document_of(
        "sweep",
        begun.plain(records, {}),
        {
            "points": [_point(task, answer) for task, answer in played],
            "left_out": begun.grid.left_out * len(portfolios),
            "failed": [*_failed(tasks, answers), *unplayed],
            "best": best_of([answer.outcome for _, answer in played], search.metric),
            "validation": _validation(backtester, begun, records, answers, len(unplayed)),
            "engine": "desk",
        },
    )


def _records(
    backtester: Backtester, begun: Begun, portfolios: list[Portfolio]
) -> tuple[list[Record], list[dict[str, Any]]]:
    """A record for each portfolio's bars; where one of several can't be played, why."""
    records, unplayed = [], []
    for symbols in portfolios:
        try:
            request = replace(begun.search.request, symbols=symbols)
            records.append(begun.record(backtester, request))
        except (InputError, DataUnavailable) as error:
            if len(portfolios) == 1:
                raise
            whole = {"symbols": list(symbols), "why": str(error)}
            unplayed += [{"params": dict(point), **whole} for point in begun.grid.points]
    if not records:
        raise DataUnavailable(f"None of the symbols can be played. {unplayed[0]['why']}")
    return records, unplayed


def _point(task: Task, answer: Answer) -> dict[str, Any]:
    outcome = answer.outcome
    return {
        "params": dict(task.record.params),
        "symbols": list(task.record.symbols),
        "run": task.record.id,
        "figures": dict(outcome.figures) if outcome else {},
    }


def _failed(tasks: list[Task], answers: list[Answer]) -> Iterator[dict[str, Any]]:
    for task, answer in zip(tasks, answers, strict=True):
        if answer.outcome is None:
            yield {
                "params": dict(task.record.params),
                "symbols": list(task.record.symbols),
                "why": answer.why,
            }


def _validation(
    backtester: Backtester,
    begun: Begun,
    records: list[Record],
    answers: list[Answer],
    unplayed: int,
) -> dict[str, Any]:
    """Of all points side by side; what failed was tried as well."""
    outcomes = [one.outcome for one in answers if one.outcome is not None]
    if not outcomes:
        nothing = ("deflated_sharpe", "overfitting", "luck")
        return {
            "trials": len(answers),
            **dict.fromkeys(nothing),
            "benchmark": None,
            "promoted": False,
            "red": False,
            "reasons": ["Every run failed."],
        }
    trials = len(answers) + unplayed
    periods = max(one.periods for one in outcomes)
    held = _held(backtester, begun, records, answers)
    return validation(side_by_side(outcomes), trials, periods, begun.search.request.seed, held)


def _held(
    backtester: Backtester, begun: Begun, records: list[Record], answers: list[Answer]
) -> Floats:
    """What holding each one's own symbols earned, on the bars of ``side_by_side``.

    One column for all where all are of the same symbols.
    """
    width, request = len(begun.grid.points), begun.search.request
    columns: list[Outcome] = []
    for place, record in enumerate(records):
        played = answers[place * width : (place + 1) * width]
        known = [one.outcome for one in played if one.outcome is not None]
        if known:
            tape = tape_of(backtester, request, record)
            equity = beside(backtester, request, tape, known[0].at)[HOLD]
            columns += [replace(one, equity=equity) for one in known]
    if len(records) == 1:
        return columns[0].returns
    return side_by_side(columns)
