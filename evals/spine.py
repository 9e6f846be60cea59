"""How fast the desk answers: the terminal's start, a cold question, a warm one."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

# Another quantity each time: the gate refuses the third of the same order within a minute.
WARM = tuple(f"Should I buy {n} shares of IBM?" for n in range(50, 71))


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement in seconds: the median of ``runs``, the worst of them, and the goal."""

    what: str
    median_s: float
    worst_s: float
    runs: int
    goal_s: float


def _figure(what: str, taken: list[float], goal_s: float) -> Figure:
    return Figure(what, statistics.median(taken), max(taken), len(taken), goal_s)


def _timed(*arguments: str, env: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(  # noqa: S603 (our own program, our own arguments)
        [sys.executable, "-m", "app", *arguments],
        env=env,
        capture_output=True,
        check=True,
    )
    return time.perf_counter() - started


def starts(env: dict[str, str], runs: int = 5) -> tuple[Figure, ...]:
    """``tollgate --help`` and a cold ``tollgate ask``, each a new process.

    ``env`` names a home that has its knowledge index; each cold question gets a fresh ledger.
    """
    helped = [_timed("--help", env=env) for _ in range(runs)]
    # Another quantity each time, for the same reason as above.
    cold = [_timed("ask", f"Should I buy {40 + n} shares of IBM?", env=env) for n in range(runs)]
    return (
        _figure("tollgate --help", helped, 0.5),
        _figure("cold tollgate ask, whole process", cold, 4.0),
    )


async def warm(ask: Callable[[str], AsyncIterator[dict[str, Any]]]) -> tuple[Figure, ...]:
    """First words and the whole answer, on a desk that has answered before."""
    first: list[float] = []
    whole: list[float] = []
    for question in WARM:
        started = time.perf_counter()
        opened = 0.0
        async for event in ask(question):
            if event["type"] == "opening" and not opened:
                opened = time.perf_counter() - started
        first.append(opened)
        whole.append(time.perf_counter() - started)
    # The first question loads what the others find warm.
    return (
        _figure("warm question, first words", first[1:], 0.3),
        _figure("warm question, whole answer", whole[1:], 1.0),
    )
