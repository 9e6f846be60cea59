"""Tasks that are out, and those that come back because their worker died."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tools.backtest.search.task import Answer, Task

Say = Callable[[str], None]


class Again:
    """Hands tasks out; each goes out twice at most."""

    def __init__(self, tasks: Iterator[Task], say: Say) -> None:
        """``say`` tells a person of a death as it happens."""
        self._tasks, self._say = tasks, say
        self._back: list[Task] = []
        self._second: set[int] = set()

    def next(self) -> Task | None:
        """The next one, None when there is none at the moment."""
        return self._back.pop() if self._back else next(self._tasks, None)

    def died(self, task: Task, why: str) -> Answer | None:
        """Take a task back from a dead worker; an answer when it was the second time."""
        params = ", ".join(f"{name}={value}" for name, value in task.record.params.items())
        what = f"the run of {task.record.strategy} on {' '.join(task.record.symbols)} ({params})"
        if task.number in self._second:
            return Answer(task.number, why=f"Two workers died playing it, the second one {why}.")
        self._second.add(task.number)
        self._back.append(task)
        self._say(f"A worker died playing {what}: {why}. It is played once more.")
        return None
