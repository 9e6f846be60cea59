"""One run after the other in this process."""

from __future__ import annotations

from collections.abc import Iterator

from tools.backtest.running import Backtester
from tools.backtest.search.task import Answer, Task
from tools.backtest.search.worker import Worker


class Here:
    """Needs nothing, and is what the others must agree with."""

    described = "this process"

    def __init__(self, backtester: Backtester) -> None:
        """Over this process's prices."""
        self._worker = Worker(backtester)

    def answers(self, tasks: Iterator[Task]) -> Iterator[Answer]:
        """In the order of the tasks."""
        return map(self._worker.play, tasks)

    def close(self) -> None:
        """Nothing goes on."""
