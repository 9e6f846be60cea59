"""What a feed offers to the market: daily bars by symbol."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, runtime_checkable

from tools.domain.instrument import Instrument
from tools.domain.market import Bar, Quote
from tools.domain.status import Status


class Feed(Protocol):
    """One source of daily bars. Symbols arrive canonical (see ``tools.market_data.symbols``).

    ``None`` means "not mine, ask the next feed"; DataUnavailable means "mine, but broken" and is
    shown to the person. ``tests/contracts/feed.py`` is the exam that every feed takes.
    """

    @property
    def name(self) -> str:
        """Short, for people: sample, yahoo, files."""
        ...

    @property
    def live(self) -> bool:
        """Whether its newest bars follow the wall clock."""
        ...

    def symbols(self) -> tuple[str, ...]:
        """What can be listed without a network, sorted; a feed may answer for more."""
        ...

    def instrument(self, symbol: str) -> Instrument | None:
        """The listing, None when the feed does not have the symbol."""
        ...

    def bars(self, symbol: str) -> tuple[Bar, ...] | None:
        """Every finished daily bar, oldest first, never empty; None when not there."""
        ...

    def label(self, symbol: str) -> str:
        """Where the symbol's bars come from, as ``AsOf.feed`` shows it: file:IBM.csv."""
        ...

    def latest(self) -> datetime | None:
        """The last moment (aware UTC) the feed knows; None when it is empty or unreachable."""
        ...

    def notice(self) -> str:
        """Why the last question got no answer, as words without a full stop; else empty."""
        ...


@runtime_checkable
class QuotingFeed(Feed, Protocol):
    """A feed that sees the market as it is now; the others' quotes are made from a close.

    Both are about this moment. DataUnavailable as in Feed; None for a symbol that isn't its own.
    """

    def quote(self, symbol: str) -> Quote | None:
        """The latest bid and ask, with their sizes and the exchange's moment."""
        ...

    def status(self, symbol: str) -> Status | None:
        """Whether trading in it goes on, and the session."""
        ...
