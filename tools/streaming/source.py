"""What a stream comes from: a live feed, or a replay in its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from tools.domain.market import Bar, Quote, Tick

Datum = Tick | Quote | Bar
Heard = Callable[[Datum], None]


class Line(Protocol):
    """An open stream; the same as a feed's."""

    def connected(self) -> bool:
        """Whether data arrives; False from the moment the line is known or suspected to be down."""
        ...

    def problem(self) -> str:
        """Why nothing comes, as a sentence for people; empty while all is well or nobody knows."""
        ...

    def close(self) -> None:
        """Hang up; nothing is heard after it returns."""
        ...


class Source(Protocol):
    """Has the one method of a StreamingFeed."""

    def stream(self, symbols: Sequence[str], heard: Heard) -> Line:
        """Call ``heard`` from another thread with each datum."""
        ...
