"""All sources of the mode in one place: the desk asks it before every order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tools.domain.portfolio import Health
from tools.domain.venue import VenueAccount
from tools.execution.book import Book
from tools.monitoring import words
from tools.monitoring.switch import Switch
from tools.monitoring.words import Word, strictest_of
from tools.ports import Clock, MarketData
from tools.risk.limits import Limits
from tools.risk.mode import Mode


class Watch:
    """What each source says of trading now; the strictest wins, and nobody answering is HALTED.

    ``look`` asks the market and is called before the ledger is locked; ``standing`` and ``mode_of``
    ask only the book, the file and what is in memory, so they may be called inside. ``health`` is
    kept up by the desk's reconciliation; ``hears`` says whether the venue's news arrive.
    """

    def __init__(self, market: MarketData, clock: Clock, limits: Limits, switch: Switch) -> None:
        """Nothing is asked when made."""
        self._market = market
        self._clock = clock
        self._limits = limits
        self.switch = switch
        self.health: Health | None = None
        self.venue: VenueAccount | None = None
        self.hears: Callable[[], bool] = lambda: True
        self._data = Word("data", Mode.HALTED, "The prices were not looked at yet.")

    def look(self, book: Book) -> None:
        """Ask the market and the clocks; what they say holds until the next look."""
        self._data = words.data(self._market, self._clock, self._limits, book)

    def standing(self, book: Book) -> tuple[Word, ...]:
        """Each source's word, for people."""
        return (
            words.operator(book),
            self.switch.word(),
            words.tripwires(book),
            self._data,
            words.broker(self._heard(), self._clock.wall(), self._limits),
        )

    def mode_of(self, book: Book) -> Mode:
        """What all sources together allow, for the gate."""
        return strictest_of(self.standing(book))

    def _heard(self) -> Health | None:
        if self.health is None or self.hears():
            return self.health
        return replace(self.health, connected=False)
