"""What every kind of workers promises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from tools.backtest.search.task import Answer, Task


class Workers(Protocol):
    """Tasks go in, answers come out as they are ready, in whatever order.

    Tasks are taken one by one when somebody is free, and each has exactly one answer. A task whose
    worker dies is played once more; when that one dies too, its answer says why.
    """

    @property
    def described(self) -> str:
        """Who they are, for a person."""
        ...

    def answers(self, tasks: Iterator[Task]) -> Iterator[Answer]:
        """Play all; raises ConfigError with a sentence when there is nobody to play them."""
        ...

    def close(self) -> None:
        """Stop at once, in the middle of a run if need be."""
        ...
