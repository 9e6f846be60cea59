"""The same strategy with parameters near its own, each played through the desk again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from tools.backtest.costs import Costs
from tools.backtest.fast.monte_carlo import around
from tools.backtest.loading import BUILT_IN, find
from tools.backtest.other_pasts.assumptions import near
from tools.backtest.other_pasts.seen import Seen
from tools.backtest.other_pasts.way import Way, thinned
from tools.backtest.report.shapes import Run
from tools.backtest.request import Request
from tools.backtest.result import Result
from tools.backtest.strategy import Value, ranges
from tools.domain.errors import InputError, StateError, TradingError
from tools.domain.timeframe import Timeframe
from tools.market_data.columns import Floats

UNATTENDED = ", unattended"
LEAST = 3
Play = Callable[[Request], Result]
Told = Callable[[int, int], None]
Params = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Noise:
    """``count`` runs, every number off by up to ``share`` of itself inside its range."""

    count: int
    share: float = 0.2
    seed: int = 0

    def __post_init__(self) -> None:
        """Raises InputError for what can't be meant."""
        if not LEAST <= self.count <= 1_000:
            raise InputError(f"Parameter noise takes {LEAST} to 1,000 runs, was {self.count}.")
        if not 0 < self.share < 1:
            raise InputError(f"The noise must be above 0 and below 1, was {self.share:g}.")


def near_parameters(
    run: Run, document: Mapping[str, Any], seen: Seen, noise: Noise, play: Play, told: Told | None
) -> Way:
    """Play them all. Raises StateError where the same past can't be had again.

    ``told`` hears how many were played.
    """
    request = again(document["record"])
    rows = list(nearby(request, noise))
    found, refused = [], 0
    for number, params in enumerate(rows):
        try:
            result = play(replace(request, params=params)).document
        except InputError:
            refused += 1
            continue
        finally:
            if told is not None:
                told(number + 1, len(rows))
        _same_past(document["record"], result["record"])
        found.append(result)
    if len(found) < LEAST:
        raise InputError(f"Only {len(found)} of {len(rows)} neighbours of the parameters can run.")
    said = near(len(found), noise.share, refused)
    return way_of("parameters nearby", run, seen, found, said)


def again(record: Mapping[str, Any]) -> Request:
    """What was asked for when the run was made. Raises StateError where the record can't tell."""
    if record.get("on", "bars") != "bars":
        raise InputError("Parameter noise plays runs on bars again, and no run on ticks.")
    if "file" in record and not record["file"]:
        raise InputError("This run was decided by no strategy's file, so it can't be played again.")
    try:
        name = str(record["strategy"])
        return Request(
            name if name in BUILT_IN else str(record["file"]),
            tuple(map(str, record["symbols"])),
            date.fromisoformat(str(record["start"])[:10]),
            date.fromisoformat(str(record["end"])[:10]),
            Timeframe.parse(str(record["timeframe"])),
            dict(record["params"]),
            float(record["cash"]),
            Costs(**record["costs"]),
            str(record["limits"]).removesuffix(UNATTENDED),
            int(record["seed"]),
            currency=str(record["currency"]),
        )
    except (KeyError, TypeError, ValueError, TradingError) as error:
        raise StateError(
            f"the run's record doesn't say how to play it again ({type(error).__name__}: {error}). "
            "Run the strategy anew"
        ) from None


def nearby(request: Request, noise: Noise) -> Iterator[Params]:
    """Other parameters than the run's own, each once; those without a number stay."""
    spans = {one["name"]: one for one in ranges(find(request.strategy).kind)}
    numbers = [
        name
        for name, value in request.params.items()
        if isinstance(value, (int, float)) and not isinstance(value, bool) and name in spans
    ]
    if not numbers:
        raise InputError(f"{request.strategy} has no parameter that is a number to be changed.")
    own = np.array([float(request.params[name]) for name in numbers])
    drawn: set[tuple[float, ...]] = {tuple(own)}
    for row in around(own, noise.share, 20 * noise.count, noise.seed):
        params: Params = dict(request.params)
        for name, value in zip(numbers, row.tolist(), strict=True):
            params[name] = _inside(spans[name], request.params[name], value)
        key = tuple(float(params[name]) for name in numbers)
        if key not in drawn:
            drawn.add(key)
            yield params
        if len(drawn) > noise.count:
            return


def _inside(span: Mapping[str, Any], own: Value, value: float) -> Value:
    least, most = span["least"], span["most"]
    if least is not None and most is not None:
        value = min(max(value, least), most)
    return round(value) if isinstance(own, int) else value


def _same_past(then: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """The neighbours must stand on what the run stood on."""
    for key, what in (
        ("data", "the prices are others than the kept run saw"),
        ("source", "the strategy's file was changed since the run was kept"),
        ("limits_hash", "the limits were changed since the run was kept"),
    ):
        if then.get(key) != now.get(key):
            raise StateError(
                f"{what}, so its neighbours can't be set beside it. Run the strategy anew"
            )


def way_of(
    name: str, run: Run, seen: Seen, found: list[dict[str, Any]], said: tuple[str, ...]
) -> Way:
    """Runs that were played again, as the paths of a way; StateError for those of other bars."""
    size = len(run.curve.at)
    if any(len(one["curve"]["equity"]) != size for one in found):
        raise StateError("the bars are others than those of the kept run. Run the strategy anew")
    places = thinned(size)
    curves = np.array([one["curve"]["equity"] for one in found], dtype=np.float64)[:, places]
    own = run.figures
    return Way(
        name,
        [run.curve.labels[place] for place in places],
        curves / seen.cash,
        _column(found, "total_return"),
        _column(found, "max_drawdown"),
        _column(found, "sharpe"),
        {key: _number(own.get(key)) for key in ("total_return", "sharpe", "max_drawdown")},
        said,
    )


def _column(found: list[dict[str, Any]], key: str) -> Floats:
    return np.array([_number(one["figures"][key]) for one in found])


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
