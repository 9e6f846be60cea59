"""One pair of hands: opens the backtester once and plays whatever task it is given."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from tools.backtest.reading import read_tape
from tools.backtest.request import Request
from tools.backtest.running import Backtester
from tools.backtest.search.outcome import outcome_of
from tools.backtest.search.task import Answer, Task, differs
from tools.backtest.tape import Tape
from tools.domain.errors import InputError, TradingError
from tools.domain.timeframe import Timeframe
from tools.ports import MarketData

KEPT = 4


class Tapes:
    """Reads a tape once for all the runs on it; the newest few are kept."""

    def __init__(self) -> None:
        """None so far."""
        self._kept: dict[tuple[tuple[str, ...], Timeframe, datetime], Tape] = {}

    def __call__(
        self, market: MarketData, symbols: Sequence[str], timeframe: Timeframe, until: datetime
    ) -> Tape:
        """As ``read_tape``. A tape only ever grows what it remembers, so runs may share it."""
        key = (tuple(symbols), timeframe, until)
        tape = self._kept.pop(key, None) or read_tape(market, symbols, timeframe, until)
        self._kept[key] = tape
        while len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        return tape


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
