"""Kept documents made for tests, without playing anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.backtest.past import sessions
from tools.backtest.metrics import measure
from tools.backtest.result import figures

COSTS = {"commission": "0", "slippage and impact": "0", "borrowing": "0", "dividends": "0"}


def figures_of(equity: Sequence[float], profits: Sequence[float] = ()) -> dict[str, Any]:
    values = np.array(equity, dtype=float)
    return figures(measure(values, np.array(profits, dtype=float), 0.0, values))


def curve_of(equity: Sequence[float], market: Sequence[float] | None = None) -> dict[str, Any]:
    at = ["", *(f"{day}T21:00:00+00:00" for day in sessions(len(equity) - 1))]
    beside = list(market if market is not None else equity)
    return {
        "at": at,
        "equity": list(equity),
        "invested": list(equity),
        "net": list(equity),
        "buy and hold": beside,
        "equal weight": beside,
    }


def run_of(
    equity: Sequence[float], market: Sequence[float] | None = None, **more
) -> dict[str, Any]:
    """A run whose equity was that: before the first bar and at each close."""
    curve = curve_of(equity, market)
    at = curve["at"][1:]
    record = {
        "strategy": "momentum", "file": "momentum.py", "source": "s", "params": {"lookback": 20},
        "symbols": ["IBM"], "on": "bars", "timeframe": "1d", "start": at[0], "end": at[-1],
        "bars": len(at), "cash": equity[0], "currency": "USD", "costs": {}, "limits": "research",
        "limits_hash": "l", "data": "d", "feeds": {"IBM": "sample"}, "code": "c", "seed": 0,
        "approvals": "nobody",
    }  # fmt: skip
    document = {
        "format": 1,
        "id": "0123456789ab",
        "record": record,
        "bars_a_year": 252.0,
        "figures": figures_of(equity),
        "benchmarks": {"buy and hold": figures_of(market or equity)},
        "costs": COSTS,
        "curve": curve,
        "closes": {"IBM": [100.0] * len(at)},
        "trades": [],
        "fills": [],
        "orders": {},
        "refusals": [],
        "findings": [],
        "hash": "f" * 64,
    }
    return document | more


def grown(
    count: int = 400, seed: int = 3, drift: float = 0.0005, swing: float = 0.01
) -> list[float]:
    moves = np.random.default_rng(seed).normal(drift, swing, count)
    return [100_000.0, *(100_000.0 * np.cumprod(1 + moves)).tolist()]


def trades_at(document: dict[str, Any], profits: Sequence[float]) -> list[dict[str, Any]]:
    """A closed trade after another, each from one bar to the next."""
    at = document["curve"]["at"][1:]
    return [
        {"symbol": "IBM", "opened": at[2 * n], "closed": at[2 * n + 1], "quantity": "1",
         "profit": str(profit), "fills": 2}
        for n, profit in enumerate(profits)
    ]  # fmt: skip


def fill_at(document: dict[str, Any], bar: int, **more) -> dict[str, Any]:
    return {"at": document["curve"]["at"][bar + 1], "symbol": "IBM", "side": "buy",
            "quantity": "10", "price": "100", "commission": "1"} | more  # fmt: skip


def sweep_of(values: dict[tuple[int, int], float | None], **more) -> dict[str, Any]:
    """A sweep over ``fast`` and ``slow``; each value is a point's Sharpe ratio."""
    record = run_of(grown(30))["record"] | {
        "grid": {"fast": sorted({f for f, _ in values}), "slow": sorted({s for _, s in values})},
        "each": False,
        "metric": "sharpe",
    }
    points = [
        {"params": {"fast": fast, "slow": slow, "weight": 0.9}, "symbols": ["IBM"], "run": "ab12",
         "figures": {"sharpe": value, "total_return": 0.1, "max_drawdown": 0.2, "trades": 3}}
        for (fast, slow), value in values.items()
    ]  # fmt: skip
    validation = {"trials": len(points), "deflated_sharpe": 0.5, "overfitting": 0.6, "luck": 0.2,
                  "promoted": False, "red": False, "reasons": ["It is too little."]}  # fmt: skip
    return {
        "format": 1, "kind": "sweep", "id": "5eee5eee5eee", "record": record, "points": points,
        "left_out": 0, "failed": [], "best": 0 if points else None, "validation": validation,
        "engine": "desk", "hash": "a" * 64,
    } | more  # fmt: skip


def walk_of(equity: Sequence[float], folds: int = 3, **more) -> dict[str, Any]:
    """A walk whose judged stretches are equal parts of the curve."""
    run = run_of(equity)
    days = [text[:10] for text in run["curve"]["at"][1:]]
    size = len(days) // folds
    found = [
        {"learn": [days[n * size], days[n * size + 1]],
         "judge": [days[n * size], days[min((n + 1) * size, len(days)) - 1]],
         "params": {"fast": 10 + n}, "learn_figures": {"sharpe": 2.0, "total_return": 0.2},
         "judge_figures": {"sharpe": 0.5 - n, "total_return": 0.1}, "run": "cd34"}
        for n in range(folds)
    ]  # fmt: skip
    record = run["record"] | {"grid": {"fast": [10, 11]}, "learn": 20, "judge": size, "purge": 1}
    return {
        "format": 1, "kind": "walk-forward", "id": "3a3a3a3a3a3a", "record": record,
        "folds": found, "curve": run["curve"], "figures": run["figures"],
        "benchmarks": run["benchmarks"], "validation": None, "hash": "b" * 64,
    } | more  # fmt: skip


def crossed_of(equity: Sequence[float], paths: int = 3, **more) -> dict[str, Any]:
    """A cross-validation whose paths are the curve and the curve at other scales."""
    run = run_of(equity)
    days = [text[:10] for text in run["curve"]["at"][1:]]
    half = len(days) // 2
    figures = {"sharpe": 0.5, "total_return": 0.1, "max_drawdown": 0.2}
    quantiles = dict.fromkeys(("least", "p25", "p50", "p75", "most"), 0.5)
    scaled = [[equity[0], *(value * (1 + n / 10) for value in equity[1:])] for n in range(paths)]
    few = paths <= 12
    record = run["record"] | {
        "grid": {"fast": [10, 11]}, "metric": "sharpe",
        "combinatorial": {"groups": 2, "judged": 1, "purge": 5, "embargo": 5},
    }  # fmt: skip
    return {
        "format": 1, "kind": "combinatorial", "id": "c0c0c0c0c0c0", "record": record,
        "groups": [[days[0], days[half - 1]], [days[half], days[-1]]],
        "combinations": [
            {"judged": [n], "learn_days": half, "params": {"fast": 10},
             "learn_figures": figures, "judge_figures": figures | {"sharpe": 0.1 + n}}
            for n in range(2)
        ],
        "chosen": [{"params": {"fast": 10}, "times": 2}],
        "paths": [
            {"splits": [0, 1], "figures": figures | {"sharpe": n / 10},
             "equity": one if few or n < 3 else None}
            for n, one in enumerate(scaled)
        ],
        "middle": 0,
        "spread": {"total_return": quantiles, "sharpe": quantiles, "losing": 0.0, "behind": 1.0},
        "fan": {} if few else {f"p{part}": list(equity) for part in (5, 25, 50, 75, 95)},
        "curve": run["curve"], "figures": run["figures"], "benchmarks": run["benchmarks"],
        "left_out": 0, "failed": [], "validation": None, "findings": [], "bars_a_year": 252.0,
        "hash": "c" * 64, "engine": "desk",
    } | more  # fmt: skip
