"""A run to be played somewhere, and what comes back of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tools.backtest.request import Record, Request
from tools.backtest.search.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Task:
    """The run of ``request``, which must have this very ``record``: the same bars, the same code.

    ``number`` is its place in the search. ``source`` is the file of a person's own strategy, empty
    for one that comes with Tollgate.
    """

    number: int
    request: Request
    record: Record
    source: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of the task with this ``number``.

    ``why`` says what went wrong with the run itself (the strategy raised), ``fault`` what is wrong
    with whoever plays it, so that nothing from there can be used.
    """

    number: int
    outcome: Outcome | None = None
    why: str = ""
    fault: str = ""


def failed(tasks: Sequence[Task], answers: Sequence[Answer]) -> Iterator[dict[str, Any]]:
    """The runs that came to nothing as JSON values: which, on what days, and why."""
    for task, answer in zip(tasks, answers, strict=True):
        if answer.outcome is None:
            yield {
                "params": dict(task.record.params),
                "symbols": list(task.record.symbols),
                "from": task.record.start[:10],
                "to": task.record.end[:10],
                "why": answer.why,
            }


def differs(wanted: Record, played: Record) -> str:
    """What another worker saw differently, empty when it was the same run."""
    if played.id == wanted.id:
        return ""
    if played.code != wanted.code:
        return "A worker runs another version of Tollgate: install this one there."
    if played.data != wanted.data:
        return (
            f"A worker saw other bars of {' '.join(wanted.symbols)} than this process "
            f"({played.data[:12]}, not {wanted.data[:12]}): let all of them read the same prices, "
            "such as one TOLLGATE_MARKET_STORE."
        )
    mine, its = wanted.plain(), played.plain()
    names = [name for name in mine if mine[name] != its[name] and name != "file"]
    return f"A worker played another run than was asked for: {', '.join(names)} differ."
