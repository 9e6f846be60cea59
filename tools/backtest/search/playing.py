"""All runs of a search: those kept are taken as they are, the others played by the workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np

from tools.backtest.search.outcome import Outcome
from tools.backtest.search.points import Points
from tools.backtest.search.task import Answer, Task
from tools.backtest.search.workers.workers import Workers
from tools.domain.errors import ConfigError
from tools.market_data.columns import Times

Told = Callable[[int, int, int], None]
"""Called with the runs done so far, how many of these were kept before, and all of them."""


@dataclass(frozen=True, slots=True)
class Hands:
    """Who plays, where it is kept, and who is told."""

    workers: Workers
    points: Points
    told: Told = lambda done, kept, whole: None

    def play(self, tasks: Sequence[Task]) -> list[Answer]:
        """One answer for each task, in their order, whoever played them and when.

        Each is kept before the next is waited for, so that an interruption loses only what was
        being played. Raises ConfigError when a worker isn't fit, StateError when nothing can be
        kept.
        """
        answers: dict[int, Answer] = {}
        kept = 0
        moments: dict[bytes, Times] = {}

        def take(answer: Answer) -> None:
            if answer.outcome is not None:
                answer = replace(answer, outcome=_shared(answer.outcome, moments))
            answers[answer.number] = answer
            self.told(len(answers), kept, len(tasks))

        def left() -> Iterator[Task]:
            """Looked up again at the last moment: another search may have played it meanwhile."""
            nonlocal kept
            for task in missing:
                found = self.points.get(task.record.id)
                if found is None:
                    yield task
                else:
                    kept += 1
                    take(Answer(task.number, found))

        missing = []
        for task in tasks:
            found = self.points.get(task.record.id)
            if found is None:
                missing.append(task)
            else:
                kept += 1
                take(Answer(task.number, found))
        if missing:
            with closing(self.workers):
                for answer in self.workers.answers(left()):
                    if answer.fault:
                        raise ConfigError(answer.fault)
                    if answer.outcome is not None:
                        self.points.keep(answer.outcome)
                    take(answer)
        return [answers[task.number] for task in tasks]


def _shared(outcome: Outcome, moments: dict[bytes, Times]) -> Outcome:
    """The same, with one array of moments for all runs over the same bars."""
    same = moments.setdefault(outcome.at.tobytes(), outcome.at)
    return replace(outcome, at=np.asarray(same))
