"""A grid scanned by the compiled engine first, and only the best of it played through the desk."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from tools.backtest.fast.bars import Bars, bars_of
from tools.backtest.fast.sweep import Sweep
from tools.backtest.fast.sweep import sweep as scan
from tools.backtest.finding import Finding
from tools.backtest.loading import BUILT_IN
from tools.backtest.request import Record
from tools.backtest.result import bars_a_year
from tools.backtest.running import Backtester
from tools.backtest.search.asked import Begun, Search, begin, document_of
from tools.backtest.search.folds import at_moment
from tools.backtest.search.judging import best_of, scanned
from tools.backtest.search.outcome import Outcome
from tools.backtest.search.playing import Hands
from tools.backtest.search.tapes import Tapes, tape_of
from tools.backtest.search.task import Task
from tools.backtest.series import RATIO, VOLUME, Series
from tools.backtest.strategy import made
from tools.domain.errors import InputError
from tools.domain.timeframe import DAILY
from tools.market_data.symbols import canonical

MOST = 50_000
METRICS = ("sharpe", "total_return")
FIGURES = ("total_return", "sharpe", "max_drawdown", "trades")
SAID = (
    "{count:,} points were scanned by the compiled engine: no gate, venue, limit or lot is in "
    "their figures, and costs are slippage and borrowing alone. The best {played} were then "
    "played through the desk."
)


def quick_sweep(backtester: Backtester, search: Search, best: int, hands: Hands) -> dict[str, Any]:
    """A sweep's document whose points are the scan's, ``desk`` in those that were played.

    Raises InputError for a strategy without a compiled twin, a metric that the scan doesn't know,
    several symbols as one portfolio, and too many points.
    """
    from tools.backtest.fast.twins import row_of, twin_of

    symbols = tuple(dict.fromkeys(map(canonical, search.request.symbols)))
    _refuse(search, symbols, best)
    begun = begin(search, len(symbols), MOST)
    rule = twin_of(begun.found.kind) if begun.found.name in BUILT_IN else None
    if rule is None:
        raise InputError(f"{begun.found.name} has no compiled twin: leave --quick out.")
    backtester = replace(backtester, read=Tapes())
    rows = [row_of(made(begun.found.kind, point)) for point in begun.grid.points]
    records, found, ratios = [], [], []
    for symbol in symbols:
        request = replace(search.request, symbols=(symbol,))
        records.append(begun.record(backtester, request))
        bars, first, periods = _bars(backtester, begun, records[-1])
        rate, borrow = request.costs.slippage_bps * 1e-4, request.costs.borrow
        found.append(scan(bars, rule, rows, cost=rate, borrow=borrow, begin=first, periods=periods))
        ratios.append(found[-1].sharpe[0] / math.sqrt(periods))
    points = [
        _point(one, place, record, begun)
        for one, record in zip(found, records, strict=True)
        for place in range(len(rows))
    ]
    chosen = _highest(points, search.metric, best)
    tasks = [_task(begun, records, at, number) for number, at in enumerate(chosen)]
    outcomes: list[Outcome | None] = [None] * len(points)
    failed = []
    for at, task, answer in zip(chosen, tasks, hands.play(tasks), strict=True):
        outcomes[at] = answer.outcome
        if answer.outcome is None:
            failed.append({**_who(task), "why": answer.why})
        else:
            points[at] |= {"run": task.record.id, "desk": dict(answer.outcome.figures)}
    winner = best_of(outcomes, search.metric)
    return document_of(
        "sweep",
        begun.plain(records, {"quick": best}),
        {
            "points": points,
            "left_out": begun.grid.left_out * len(symbols),
            "failed": failed,
            "best": winner,
            "validation": scanned(
                np.concatenate(ratios), None if winner is None else outcomes[winner]
            ),
            "findings": [
                asdict(Finding("scan", "", "", SAID.format(count=len(points), played=len(chosen))))
            ],
            "engine": "compiled",
        },
    )


def _refuse(search: Search, symbols: Sequence[str], best: int) -> None:
    if best < 1:
        raise InputError(f"At least one of a quick scan is played through the desk, was {best}.")
    if search.metric not in METRICS:
        raise InputError(f"A quick scan goes by {' or '.join(METRICS)}, not {search.metric}.")
    if len(symbols) > 1 and not search.each:
        raise InputError(
            "The compiled engine plays each symbol alone: say --each, or leave --quick out."
        )
    if (search.request.timeframe or DAILY).intraday:
        raise InputError("A quick scan is of daily bars: leave --quick out for shorter ones.")


def _bars(backtester: Backtester, begun: Begun, record: Record) -> tuple[Bars, int, float]:
    """The bars up to the run's end, free of splits; the number of its first one; bars of a year."""
    tape = tape_of(backtester, begun.search.request, record)
    [series] = tape.series.values()
    if series.listed.currency != record.currency:
        raise InputError(
            f"The compiled engine has no rates: {series.symbol} trades in "
            f"{series.listed.currency} and the account is in {record.currency}. Leave --quick out."
        )
    first = int(np.searchsorted(series.known, at_moment(record.start)))
    return _free_of_splits(series), first, bars_a_year(tape, series.known)


def _free_of_splits(series: Series) -> Bars:
    ratio = series.values[:, RATIO] / series.values[-1, RATIO]
    prices = (series.values[:, column] * ratio for column in range(VOLUME))
    opened, high, low, close = prices
    # Rounding may put one a hair beyond the other.
    high = np.maximum.reduce([opened, high, low, close])
    low = np.minimum.reduce([opened, low, close])
    return bars_of(opened, high, low, close, series.values[:, VOLUME], (series.symbol,))


def _point(found: Sweep, place: int, record: Record, begun: Begun) -> dict[str, Any]:
    values = {name: getattr(found, name)[0, place].item() for name in FIGURES}
    known = {k: v if math.isfinite(v) else None for k, v in values.items()}
    return {
        "params": dict(begun.grid.points[place]),
        "symbols": list(record.symbols),
        "run": None,
        "figures": known,
    }


def _highest(points: Sequence[dict[str, Any]], metric: str, count: int) -> list[int]:
    """The places of the best, the first of equals first."""
    known = [at for at, one in enumerate(points) if one["figures"][metric] is not None]
    return sorted(known, key=lambda at: -points[at]["figures"][metric])[:count]


def _task(begun: Begun, records: Sequence[Record], at: int, number: int) -> Task:
    portfolio, place = divmod(at, len(begun.grid.points))
    return begun.task(begun.search.request, records[portfolio], place, number)


def _who(task: Task) -> dict[str, Any]:
    return {"params": dict(task.record.params), "symbols": list(task.record.symbols)}
