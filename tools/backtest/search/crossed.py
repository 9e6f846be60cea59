"""What a combinatorial cross-validation found, as a document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from tools.backtest.benchmarks import HOLD
from tools.backtest.finding import Finding
from tools.backtest.metrics import Floats
from tools.backtest.search.asked import Begun
from tools.backtest.search.beside import earned, measured
from tools.backtest.search.choosing import Choice, counted, figure, overfitted
from tools.backtest.search.crossing import Crossing, Groups
from tools.backtest.search.judging import validation
from tools.backtest.search.whole_paths import Played, fan, middle_of, spread, told, whole_paths
from tools.market_data.columns import Times, moment_of

AFTERWARDS = (
    "Points are chosen from days after the judged ones as well as before them. It tests a way of "
    "choosing; nobody could have traded it."
)
SHARED = (
    "The paths are made of the same days and runs, so that they lie closer together than "
    "independent pasts would."
)
FRESH = (
    "Each group begins with cash and all bars before it as history; what it holds at its end is "
    "valued at the last close."
)
SHOWN = ("sharpe", "total_return", "max_drawdown")


@dataclass(frozen=True, slots=True, eq=False)
class Crossed:
    """All that was played and chosen.

    ``returns`` are of each point bar by bar, shape ``(bars, points)``, NaN where it failed.
    ``beside`` is the equity of each benchmark over all ``moments``. ``cold`` says that no bar comes
    before the first.
    """

    begun: Begun
    crossing: Crossing
    groups: Groups
    moments: Times
    played: Played
    returns: Floats
    chosen: Sequence[Choice]
    beside: Mapping[str, Floats]
    periods: float
    cold: bool


def rest_of(one: Crossed) -> dict[str, Any]:
    """All of the document but its record and what failed."""
    request, periods = one.begun.search.request, one.periods
    found = whole_paths(
        one.crossing.groups,
        one.crossing.judged,
        one.chosen,
        one.played,
        [one.moments[bars] for bars in one.groups.bars],
        request.cash,
        periods,
    )
    middle = middle_of(found)
    little = measured(one.beside, periods)
    return {
        "groups": [[day.isoformat() for day in span] for span in one.groups.spans],
        "combinations": list(_combinations(one)),
        "chosen": counted(one.chosen, [dict(point) for point in one.begun.grid.points]),
        "paths": told(found),
        "middle": middle,
        "spread": spread(found, little[HOLD]),
        "fan": fan(found),
        "curve": {
            "at": ["", *(moment_of(int(at)).isoformat() for at in one.moments)],
            "equity": [float(value) for value in found[middle].whole.equity],
            **{name: [float(v) for v in values] for name, values in one.beside.items()},
        },
        "figures": found[middle].figures,
        "benchmarks": little,
        "validation": validation(
            np.nan_to_num(one.returns, nan=0.0),
            len(one.begun.grid.points),
            periods,
            request.seed,
            earned(one.beside[HOLD]),
            earned(found[middle].whole.equity),
            overfitted(one.chosen),
        ),
        "left_out": one.begun.grid.left_out,
        "findings": [asdict(finding) for finding in _findings(one)],
        "bars_a_year": periods,
    }


def _combinations(one: Crossed) -> Iterator[dict[str, Any]]:
    """Each with the point that it chose; without parameters where nothing could be chosen."""
    ways = combinations(range(one.crossing.groups), one.crossing.judged)
    for way, choice in zip(ways, one.chosen, strict=True):
        place = choice.point
        yield {
            "judged": list(way),
            "learn_days": _days(one, choice.split.learn),
            "params": {} if place is None else dict(one.begun.grid.points[place]),
            "learn_figures": {} if place is None else _shown(one, choice.split.learn, place),
            "judge_figures": {} if place is None else _shown(one, choice.split.judge, place),
        }


def _days(one: Crossed, bars: np.typing.NDArray[np.int64]) -> int:
    return len(np.unique(one.moments[bars].astype("datetime64[ns]").astype("datetime64[D]")))


def _shown(one: Crossed, bars: np.typing.NDArray[np.int64], place: int) -> dict[str, float | None]:
    """Of a point on those bars, as if the days left out had never been; None is not known."""
    returns = one.returns[bars, place]
    found = {name: figure(returns, name, one.periods) for name in SHOWN}
    return {name: value if np.isfinite(value) else None for name, value in found.items()}


def _findings(one: Crossed) -> Iterator[Finding]:
    """What to know before believing it."""
    for kind, said in (("validation", AFTERWARDS), ("paths", SHARED), ("fresh groups", FRESH)):
        yield Finding(kind, "", "", said)
    idle = sum(choice.point is None for choice in one.chosen)
    if idle:
        said = f"In {idle} of {len(one.chosen)} combinations nothing could be chosen: "
        yield Finding("no choice", "", "", f"{said}what they judge stays in cash.")
    late = _late(one.played) if one.cold else 0
    if late:
        said = (
            f"{late} of {len(one.begun.grid.points)} points held nothing in the first group, but "
            "did later: no bar comes before it to warm up on. Begin later with --from, so that "
            "there are bars before, or take fewer groups."
        )
        yield Finding("no history", "", "", said)


def _late(played: Played) -> int:
    """How many points hold something in a later group and nothing in the first."""
    held = np.array([[one is not None and bool(one.invested.any()) for one in g] for g in played])
    return int((held[1:].any(axis=0) & ~held[0]).sum())
