"""What a search is asked for, and the record that says how to get the same again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from tools.backtest.loading import Found, find
from tools.backtest.request import Record, Request
from tools.backtest.running import Backtester
from tools.backtest.search.grid import MOST, Grid, grid_of, need_fewer
from tools.backtest.search.judging import METRICS
from tools.backtest.search.task import Task
from tools.domain.errors import InputError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Search:
    """``request`` without parameters; ``grid`` by parameter, as text (``10,20`` or ``10:50:10``).

    With ``each`` every symbol is played alone, else all are one portfolio. The best is what has the
    most of ``metric``.
    """

    request: Request
    grid: Mapping[str, str]
    each: bool = False
    metric: str = "sharpe"

    def __post_init__(self) -> None:
        """Raises InputError for a metric that is none."""
        if self.metric not in METRICS:
            raise InputError(f"A search goes by {', '.join(METRICS)}, not {self.metric[:40]!r}.")


@dataclass(frozen=True, slots=True)
class Begun:
    """A search with its strategy found and its grid laid out."""

    search: Search
    found: Found
    grid: Grid
    source: bytes

    def tasks(self, request: Request, record: Record, first: int) -> list[Task]:
        """A task for each point over the bars of ``request``; ``record`` is that of any of them."""
        return [
            self.task(request, record, place, first + place)
            for place in range(len(self.grid.points))
        ]

    def task(self, request: Request, record: Record, place: int, number: int) -> Task:
        """The task of one point."""
        point = self.grid.points[place]
        end = _until(request, record)
        asked = replace(request, symbols=record.symbols, params=dict(point), end=end)
        return Task(number, asked, replace(record, params=point), self.source)

    def record(self, backtester: Backtester, request: Request) -> Record:
        """The record of the first point on the bars of ``request``; raises as a run."""
        return backtester.record(replace(request, params=dict(self.grid.points[0])))

    def plain(self, records: Sequence[Record], more: Mapping[str, Any]) -> dict[str, Any]:
        """The search's record as JSON values; ``records`` are of its bars, one for each portfolio.

        Where the strategy's file lies is not in it.
        """
        one = records[0].plain()
        del one["file"], one["params"]
        data = [record.data for record in records]
        whole = data[0] if len(data) == 1 else hashlib.sha256("".join(data).encode()).hexdigest()
        return {
            **one,
            "grid": {name: list(several) for name, several in self.grid.values.items()},
            "symbols": list(dict.fromkeys(s for record in records for s in record.symbols)),
            "each": self.search.each,
            "start": min(record.start for record in records),
            "end": max(record.end for record in records),
            "bars": max(record.bars for record in records),
            "currency": " and ".join(dict.fromkeys(record.currency for record in records)),
            "feeds": {s: feed for record in records for s, feed in record.feeds.items()},
            "data": whole,
            "metric": self.search.metric,
            **more,
        }


def begin(search: Search, portfolios: int = 1, most: int = MOST) -> Begun:
    """Find the strategy and lay out the grid; ``portfolios`` times its points will be played.

    Raises InputError, also for more than ``most`` of them.
    """
    found = find(search.request.strategy)
    grid = grid_of(found.kind, search.grid, most)
    need_fewer(len(grid.points) * portfolios, most)
    return Begun(search, found, grid, found.text)


def _until(request: Request, record: Record) -> date | None:
    """The last day, said aloud: whoever plays it may know a later one."""
    end = datetime.fromisoformat(record.end).date()
    return end if request.start is None or request.start < end else request.end


def document_of(kind: str, record: Mapping[str, Any], rest: Mapping[str, Any]) -> dict[str, Any]:
    """A document with its id (of the record) and its hash (of all else)."""
    own = _digest(dict(record) | {"kind": kind})[:12]
    document = {"format": FORMAT, "kind": kind, "id": own, "record": dict(record), **rest}
    kept = {name: value for name, value in document.items() if name != "record"}
    return document | {"hash": _digest(kept)}


def _digest(plain: Mapping[str, Any]) -> str:
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
