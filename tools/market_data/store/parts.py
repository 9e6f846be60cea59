"""What an adapter of the store must do: keep immutable parts, and give them back.

A part is what a feed answered at once: its rows, and the span that was asked and is now covered,
rows in it or not. Rows and span are kept together or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tools.market_data.store.ranges import Span
from tools.market_data.store.rows import Rows
from tools.market_data.store.series import Series


@dataclass(frozen=True, slots=True)
class Holding:
    """What lies in a store of one series; ``size`` is in bytes, None where nobody can say."""

    series: Series
    rows: int
    parts: int
    size: int | None


class Parts(Protocol):
    """Where parts lie. Several processes may use one place at once.

    Every method raises StateError with a sentence when the place can't be used.
    """

    def put(self, series: Series, rows: Rows, covered: Span | None) -> None:
        """Keep one part, durably, all or nothing; rows ordered by time, inside ``covered``."""
        ...

    def load(self, series: Series, span: Span | None) -> Sequence[Rows]:
        """The parts' rows that happened in ``span``; each part in the order it was put."""
        ...

    def covered(self, series: Series) -> tuple[Span, ...]:
        """What was asked and answered, oldest first, joined."""
        ...

    def holdings(self) -> tuple[Holding, ...]:
        """Every series that has a part, in order."""
        ...

    def fold(self, series: Series) -> None:
        """Make few parts of many; readers and writers may go on meanwhile."""
        ...

    def keep_report(self, series: Series, report: bytes) -> None:
        """Keep what was found of a series, in the place of an earlier report."""
        ...

    def report(self, series: Series) -> bytes | None:
        """The report that was kept last, None where there is none."""
        ...

    def drop(self, series: Series) -> None:
        """Forget a series, with what was covered and its report."""
        ...
