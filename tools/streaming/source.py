"""What a stream comes from: a live feed, or a replay in its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from tools.domain.market import Bar, Quote, TakenBack, Tick

Datum = Tick | Quote | Bar | TakenBack
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


class Listing(Source, Protocol):
    """A StreamingFeed."""

    @property
    def name(self) -> str:
        """Short, for people."""
        ...

    def streams(self, symbol: str) -> bool:
        """Whether the symbol is of a kind that the stream has, as far as its name tells."""
        ...

    def lists(self, symbol: str) -> bool | None:
        """Whether it has the symbol, None where that can't be told."""
        ...


@runtime_checkable
class Labelled(Protocol):
    """A source of several feeds, or a line of one, that says more than a single one could."""

    def label(self, symbol: str) -> str:
        """The feed that the symbol's prices are from; empty for one that none has."""
        ...

    def problems(self) -> dict[str, str]:
        """By symbol, why nothing comes of it, as a sentence."""
        ...
