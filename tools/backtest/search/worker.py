"""One pair of hands: opens the backtester once and plays whatever task it is given."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import replace
from pathlib import Path

from tools.backtest.request import Request
from tools.backtest.running import Backtester
from tools.backtest.search.outcome import outcome_of
from tools.backtest.search.tapes import Tapes
from tools.backtest.search.task import Answer, Task, differs
from tools.domain.errors import InputError, TradingError


class Worker:
    """Plays tasks, one after the other; what goes wrong is an answer, never an exception."""

    def __init__(self, backtester: Backtester) -> None:
        """Over the prices that this process sees."""
        self.backtester = replace(backtester, read=Tapes())
        self._own: tempfile.TemporaryDirectory[str] | None = None

    def play(self, task: Task) -> Answer:
        """The outcome, or a sentence."""
        try:
            result = self.backtester.run(self._placed(task))
        except InputError as error:
            return Answer(task.number, why=str(error))
        except TradingError as error:
            # This process had the prices and the limits when it made the task.
            return Answer(task.number, fault=f"A worker can't play the run: {error}")
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a person's own program
            return Answer(task.number, why=f"{type(error).__name__}: {error}")
        if fault := differs(task.record, result.record):
            return Answer(task.number, fault=fault)
        return Answer(task.number, outcome_of(result.document))

    def _placed(self, task: Task) -> Request:
        """The request, with a person's strategy as it was when the search began.

        Its file may have been changed since, or lie on another machine.
        """
        if not task.source:
            return task.request
        if self._own is None:
            self._own = tempfile.TemporaryDirectory(prefix="tollgate-search-")
        folder = Path(self._own.name) / hashlib.sha256(task.source).hexdigest()
        path = folder / Path(task.request.strategy).name
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(task.source)
        return replace(task.request, strategy=str(path))
