"""How the desk bears crashes, a faulty venue, rivals and an agent in the hands of an attacker.

The tools are those of ``tests/faults``, so this runs from the repository only: there
``python -m evals.faults`` runs all of it, ``python -m evals.faults schedules 500 7`` one part.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

from tools.domain.errors import ConfigError

SLICE = 50


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement: how many ``runs`` there were, what they held, and what went wrong."""

    what: str
    runs: int
    detail: str
    wrong: tuple[str, ...]
    seconds: float

    def __str__(self) -> str:
        """A line for people, and up to ten for what went wrong."""
        line = f"{self.what}: {self.runs} runs, {len(self.wrong)} wrong ({self.detail})"
        return "\n  ".join((f"{line} in {self.seconds:.0f} s", *self.wrong[:10]))


def crash_matrix(every: int = 0) -> tuple[Figure, ...]:
    """Death at each crossing of each point, and every ordered pair of the points that matter most.

    Both at a venue that keeps client order ids unique and at one that does not. ``every`` other
    than 0 takes the pairs of all points, four times as many.
    """
    matrix = _tests("matrix")
    points = None if every else matrix.CORE
    return (
        _crashed("crash at every crossing of every point", matrix, matrix.singles),
        _crashed("crash at every ordered pair of points", matrix, lambda: matrix.pairs(points)),
    )


def random_kills(count: int = 1000, seed: int = 0) -> Figure:
    """``kill -9`` at random moments, twice in a row, then a life that is left alone."""
    matrix = _tests("matrix")
    return _crashed("kill -9 at random moments", matrix, lambda: matrix.random_runs(count, seed))


def schedules(count: int = 10_000, seed: int = 0) -> Figure:
    """Schedules of faults in virtual time; each slice's first seed is played twice and compared."""
    firsts = range(seed, seed + count, SLICE)
    ends = [min(first + SLICE, seed + count) for first in firsts]
    started, happened, wrong = time.perf_counter(), Counter[str](), []
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for kinds, said in pool.map(_played, firsts, ends):
            happened.update(kinds)
            wrong += said
    detail = f"{happened.total()} faults of {len(happened)} kinds"
    taken = time.perf_counter() - started
    return Figure("schedules of faults", count, detail, tuple(wrong), taken)


def hostile(count: int = 100_000, seed: int = 0) -> tuple[Figure, ...]:
    """Hostile proposals without any approval, and with a person who approves all they can."""
    return (
        _attacked("hostile proposals nobody approves", count, seed, stamp=False),
        _attacked("hostile proposals all approved", count, seed, stamp=True),
    )


def _crashed(what: str, matrix: Any, make: Callable[[], Any]) -> Figure:
    started = time.perf_counter()
    verdict = matrix.results(make())
    wrong = tuple(
        f"{run['deaths']} unique={run['unique']}: {run['wrong']}" for run in verdict.wrong
    )
    taken = time.perf_counter() - started
    return Figure(what, verdict.runs, str(verdict), wrong, taken)


def _played(first: int, end: int) -> tuple[Counter[str], list[str]]:
    logging.disable()
    world = _tests("world")
    happened, wrong = Counter[str](), []
    for seed in range(first, end):
        outcome = world.played(seed)
        happened.update(kind for _, kind in outcome.faults)
        if outcome.wrong:
            wrong.append(f"seed {seed}: {outcome.wrong[0]}")
        elif seed == first and world.played(seed).head != outcome.head:
            wrong.append(f"seed {seed}: another journal when played again")
    return happened, wrong


def _attacked(what: str, count: int, seed: int, *, stamp: bool) -> Figure:
    started = time.perf_counter()
    shares = [count // SLICE + (n < count % SLICE) for n in range(SLICE)]
    done, wrong = Counter[str](), []
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        seeds = range(seed * SLICE, (seed + 1) * SLICE)
        for said, counted in pool.map(_attack, shares, seeds, [stamp] * SLICE):
            done.update(counted)
            wrong += said
    if not stamp and done["sent"]:
        wrong.append(f"{done['sent']} orders were sent")
    detail = ", ".join(f"{number} {name}" for name, number in done.items())
    return Figure(what, count, detail, tuple(wrong), time.perf_counter() - started)


def _attack(count: int, seed: int, stamp: bool) -> tuple[list[str], dict[str, int]]:
    logging.disable()
    wrong, done = _tests("hostile").attacked(count, seed, stamp=stamp)
    return list(wrong), dict(done)


def _tests(name: str) -> Any:
    try:
        return importlib.import_module(f"tests.faults.{name}")
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"the fault tests are not here ({error}); run this in the repository"
        ) from None


def main() -> None:
    """Run the part that the arguments name, with its numbers, or all of it."""
    parts: dict[str, Callable[..., Figure | tuple[Figure, ...]]] = {
        part.__name__: part for part in (crash_matrix, random_kills, schedules, hostile)
    }
    name, *numbers = sys.argv[1:] or [""]
    failed = False
    for part in [parts[name]] if name else parts.values():
        said = part(*map(int, numbers))
        for figure in said if isinstance(said, tuple) else (said,):
            sys.stdout.write(f"{figure}\n")
            sys.stdout.flush()
            failed = failed or bool(figure.wrong)
    sys.exit(failed)


if __name__ == "__main__":
    main()
