"""A single run judged by how many were tried: those kept on this desk, or more that a person tells.

What was tried and not kept is unknown here, and what is said of a run says so.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tools.backtest.benchmarks import HOLD
from tools.backtest.keeping import Runs, read
from tools.backtest.report.shapes import Run, shaped
from tools.backtest.search.beside import earned
from tools.backtest.search.judging import plain
from tools.backtest.validation.promotion import judge
from tools.domain.errors import InputError, StateError

HEAD = 65_536
MOST = 10**9
DECIDE = ("source", "on", "timeframe", "cash", "costs", "delisted", "limits_hash", "seed")
UNKNOWN = "What was tried and not kept is unknown: --tries says how many there were."


@dataclass(frozen=True, slots=True)
class Tried:
    """How many runs there were, and a year's Sharpe ratio of those that have one."""

    count: int
    ratios: tuple[float, ...]


def judged(runs: Runs, document: Mapping[str, Any], tries: int | None = None) -> dict[str, Any]:
    """A run's document with its verdict as ``validation``; what is kept is left as it is.

    ``tries`` is how many a person says there were; fewer than are kept is not believed. A document
    of another kind comes back as it is. Raises InputError for a number that is none, and StateError
    for a document that was changed since it was kept.
    """
    if document.get("kind", "run") != "run":
        return dict(document)
    run = shaped(Run, dict(document))
    kept, told = tried(runs, document), checked(tries)
    count = max(kept.count, told or 1)
    returns = earned(np.array(run.curve.equity, dtype=np.float64))
    holding = run.curve.column(HOLD)
    known = holding is not None and bool(np.isfinite(holding).all()) and holding[0] > 0
    held = earned(holding) if known and holding is not None else None
    found = judge(
        returns[:, np.newaxis],
        benchmark=held,
        trials=count,
        periods=run.bars_a_year,
        spread=_spread(kept, returns.size, run.bars_a_year),
    )
    return {
        **document,
        "validation": plain(found, count, held) | {"note": _note(kept.count, tries)},
    }


def checked(tries: int | None) -> int | None:
    """The number that a person told; InputError for one that can't be meant."""
    if tries is not None and not 1 <= tries <= MOST:
        raise InputError(f"There is at least 1 try, this run itself, and {MOST:,} at most.")
    return tries


def tried(runs: Runs, document: Mapping[str, Any]) -> Tried:
    """What is kept of the same strategy on the same symbols: runs, and every point of a search.

    A point that a sweep played and the same run by itself are one try, and so are two of which only
    the prices or the version of Tollgate are others.
    """
    record = document["record"]
    strategy, symbols = _of(record)
    named = {_named(record, record.get("params")): _ratio(document)}
    more = 0
    for path in runs.paths():
        if json.dumps(strategy) not in _head(path):
            continue
        with suppress(StateError):
            kept = read(path)
            if isinstance(kept.get("record"), dict) and _of(kept["record"])[0] == strategy:
                found, rest = _tries(kept, symbols)
                named |= found
                more += rest
    ratios = tuple(one for one in named.values() if one is not None)
    return Tried(len(named) + more, ratios)


def _tries(kept: Mapping[str, Any], symbols: frozenset[str]) -> tuple[dict[str, float | None], int]:
    """The runs of a document by what decides them, and how many it counts besides."""
    kind, record = kept.get("kind", "run"), kept["record"]
    if kind == "sweep":  # of one that played each symbol alone, the points of the same one
        points = (*_dicts(kept.get("points")), *_dicts(kept.get("failed")))
        mine = (point for point in points if _of(point)[1] == symbols)
        return {_named(record, one.get("params")): _ratio(one) for one in mine}, 0
    if _of(record)[1] != symbols:
        return {}, 0
    if kind == "run":
        return {_named(record, record.get("params")): _ratio(kept)}, 0
    found = kept.get("validation")
    trials = found.get("trials") if isinstance(found, dict) else None
    return {}, trials if isinstance(trials, int) and 0 <= trials <= MOST else 0


def _named(record: Mapping[str, Any], params: object) -> str:
    """A try by what decides it, but for its prices and the version of Tollgate."""
    days = [str(record.get(name))[:10] for name in ("start", "end")]
    return json.dumps([days, params, *(record.get(name) for name in DECIDE)], sort_keys=True)


def _dicts(found: object) -> Iterator[dict[str, Any]]:
    if isinstance(found, list):
        yield from (one for one in found if isinstance(one, dict))


def _of(record: Mapping[str, Any]) -> tuple[str, frozenset[str]]:
    symbols = record.get("symbols")
    named = map(str, symbols) if isinstance(symbols, list) else ()
    return str(record.get("strategy")), frozenset(named)


def _ratio(one: Mapping[str, Any]) -> float | None:
    figures = one.get("figures")
    value = figures.get("sharpe") if isinstance(figures, dict) else None
    known = isinstance(value, (int, float)) and math.isfinite(value)
    return float(value) if known and value is not None else None


def _spread(kept: Tried, bars: int, periods: float) -> float:
    """How far the ratios per bar of worthless tries lie apart.

    As far as those that are kept, and at least as far as those of independent worthless ones would:
    a handful that are kept may lie close together by chance.
    """
    alone = 1.0 / math.sqrt(max(bars - 1, 1))
    if len(kept.ratios) < 2:
        return alone
    return max(alone, float(np.std(kept.ratios, ddof=1)) / math.sqrt(periods))


def _note(kept: int, tries: int | None) -> str:
    runs = "1 run" if kept == 1 else f"{kept:,} runs"
    said = f"Of this strategy on these symbols {runs} {'is' if kept == 1 else 'are'} kept here"
    if tries is None:
        return f"{said} and counted as tries, points of searches among them. {UNKNOWN}"
    if tries < kept:
        return f"{said}, more than the {tries:,} that you told: these are counted."
    return f"{said}; counted are the {tries:,} that you told."


def _head(path: Path) -> str:
    """The beginning of a file, where its record stands: most need not be read on."""
    try:
        with path.open("rb") as file:
            return file.read(HEAD).decode("utf-8", "replace")
    except OSError:
        return ""
