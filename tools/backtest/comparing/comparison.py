"""The comparison of kept runs as a document."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tools.backtest.comparing.luck import DRAWS, by_luck
from tools.backtest.comparing.standing_on import differences
from tools.backtest.metrics import annual_return, max_drawdown, returns_of, sharpe, total_return
from tools.backtest.other_pasts.blocks import block_length
from tools.backtest.report.regimes import Daily, by_day
from tools.backtest.report.shapes import Run, shaped
from tools.backtest.report.shapes_compared import MOST_RUNS
from tools.desk.program import build
from tools.domain.errors import InputError
from tools.market_data.columns import Floats

FORMAT, KIND = 1, "comparison"
LEAST_DAYS = 20
RUN_NAMES = tuple("ABCDEFGHIJKL")


def compare(kept: Sequence[Mapping[str, Any]], seed: int = 0) -> dict[str, Any]:
    """JSON values. Raises InputError for fewer than two or more than twelve runs, or one twice."""
    if not 2 <= len(kept) <= MOST_RUNS:
        raise InputError(f"A comparison takes 2 to {MOST_RUNS} runs, were {len(kept)}.")
    if any(one.get("kind", "run") != "run" for one in kept):
        raise InputError("Only runs can be compared: `tollgate backtest list` shows their ids.")
    runs = [shaped(Run, dict(one)) for one in kept]
    ids = [run.id for run in runs]
    if len(set(ids)) < len(ids):
        raise InputError("A run was named twice; name each once.")
    if not 0 <= seed < 2**31:
        raise InputError(f"The seed must be from 0 to below 2 ** 31, was {seed}.")
    told = differences([one["record"] for one in kept])
    record = _record(runs, seed)
    document: dict[str, Any] = {
        "format": FORMAT,
        "kind": KIND,
        "id": _hash(record)[:12],
        "of": ids,
        "record": record,
        "differences": [{"what": what, "values": values} for what, values in told],
        "runs": [
            {
                "id": run.id,
                "name": f"{name}: {run.record.title}",
                "symbols": run.record.symbols,
                "start": run.record.start,
                "end": run.record.end,
                "figures": run.figures,
                "benchmarks": run.benchmarks,
            }
            for name, run in zip(RUN_NAMES, runs, strict=False)
        ],
        "findings": [{"sentence": sentence} for sentence in _warnings(runs)],
        "seed": seed,
        **_together(runs, seed),
    }
    return document | {"hash": _hash(document)}


def _record(runs: Sequence[Run], seed: int) -> dict[str, Any]:
    """What the comparison is made from: the same gives the same, and so the same id."""
    return {
        "of": [run.id for run in runs],
        "of_hashes": [run.hash for run in runs],
        "strategy": ", ".join(dict.fromkeys(run.record.strategy for run in runs)),
        "symbols": list(dict.fromkeys(name for run in runs for name in run.record.symbols)),
        "start": min(run.record.start for run in runs),
        "end": max(run.record.end for run in runs),
        "seed": seed,
        "code": build(),
    }


def _together(runs: Sequence[Run], seed: int) -> dict[str, Any]:
    """What is told of the days that all runs have."""
    daily = [_daily(run) for run in runs]
    days = daily[0].days
    for one in daily[1:]:
        days = np.intersect1d(days, one.days)
    if len(days) <= LEAST_DAYS:
        return {"days": 0}
    equity = np.column_stack([_on(one, days) for one in daily])
    if (equity <= 0).any():
        return {"days": 0}
    returns = np.column_stack([returns_of(column) for column in equity.T])
    periods = min(one.periods for one in daily)
    block = max(block_length(column) for column in returns.T)
    pairs = by_luck(returns, block, periods, seed)
    at = ["", *(str(day) for day in days[1:])]
    return {
        "days": len(days) - 1,
        "block": block,
        "draws": DRAWS,
        "joined": {
            f"{name} {key}": _number(value)
            for name, column in zip(RUN_NAMES, equity.T, strict=False)
            for key, value in _figures(column, periods).items()
        },
        "correlation": _correlation(returns),
        "luck": [
            {"first": a, "second": b, "difference": _number(d), "probability": _number(p)}
            for a, b, d, p in pairs
        ],
        "curve": {"at": at, "equity": (equity[:, 0] / equity[0, 0]).tolist()}
        | {
            name: (column / column[0]).tolist()
            for name, column in zip(RUN_NAMES[1:], equity.T[1:], strict=False)
        },
    }


def _daily(run: Run) -> Daily:
    equity = np.array(run.curve.equity, dtype=np.float64)
    return by_day(run.curve.moments, equity, None, run.bars_a_year)


def _on(daily: Daily, days: npt.NDArray[np.datetime64]) -> Floats:
    """The equity at the end of those days, shape ``(len(days),)``."""
    return daily.equity[np.searchsorted(daily.days, days) + 1]


def _figures(equity: Floats, periods: float) -> dict[str, float]:
    return {
        "total_return": total_return(equity),
        "annual_return": annual_return(equity, periods),
        "sharpe": sharpe(returns_of(equity), periods),
        "max_drawdown": max_drawdown(equity),
    }


def _correlation(returns: Floats) -> list[list[float | None]]:
    """Pearson's, of daily returns; None beside a run that never moved."""
    with np.errstate(all="ignore"):
        found = np.atleast_2d(np.corrcoef(returns, rowvar=False))
    return [[_number(value) for value in row] for row in found.tolist()]


def _warnings(runs: Sequence[Run]) -> list[str]:
    spans = {(run.record.start[:10], run.record.end[:10]) for run in runs}
    found = []
    if len(spans) > 1:
        found.append(
            "The runs cover different days: each one's figures are of its own, what is told of "
            "them together is of the days that all have."
        )
    currencies = {run.record.currency for run in runs}
    if len(currencies) > 1:
        found.append(f"Their money differs: {', '.join(sorted(currencies))}.")
    return found


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _hash(document: Mapping[str, Any]) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
