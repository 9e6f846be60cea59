"""Several live feeds as one source: each symbol comes from the first feed that lists it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from tools.domain.errors import TradingError
from tools.streaming.source import Heard, Line, Listing

logger = logging.getLogger(__name__)

LOOKED_UP = 30
"""Of more new symbols at once, those that one feed alone can stream are not looked up: Alpaca
counts the questions of a minute, and orders need some."""


class Routed:
    """Implements ``Source`` and ``Labelled``. Which feed a symbol is from is decided once.

    A symbol that no feed has, or whose feed can't be opened, is told and costs the others nothing.
    """

    def __init__(self, feeds: Sequence[Listing]) -> None:
        """The feeds in the order in which they are asked; at least one."""
        self._feeds = tuple(feeds)
        self._chosen: dict[str, Listing] = {}
        self._problems: dict[str, str] = {}
        self._lines: dict[str, Line] = {}

    @property
    def name(self) -> str:
        """Those of the feeds."""
        return ", ".join(feed.name for feed in self._feeds)

    def stream(self, symbols: Sequence[str], heard: Heard) -> Line:
        """Open a line of each feed that has some of them."""
        new = [symbol for symbol in symbols if symbol not in self._chosen]
        for symbol in new:
            self._problems.pop(symbol, None)
            self._choose(symbol, sparing=len(new) > LOOKED_UP)
        lines: dict[str, Line] = {}
        for feed in self._feeds:
            mine = [symbol for symbol in symbols if self._chosen.get(symbol) is feed]
            if not mine:
                continue
            try:
                lines[feed.name] = feed.stream(mine, heard)
            except TradingError as error:
                self._problems |= dict.fromkeys(mine, str(error))
                for symbol in mine:
                    del self._chosen[symbol]
        self._lines = lines
        return _Open(lines)

    def label(self, symbol: str) -> str:
        """The feed that it is from."""
        feed = self._chosen.get(symbol)
        return "" if feed is None else feed.name

    def problems(self) -> dict[str, str]:
        """Of those that no feed has, and of those whose line is down."""
        found = dict(self._problems)
        for symbol, feed in self._chosen.items():
            line = self._lines.get(feed.name)
            if line is not None and (said := line.problem()):
                found[symbol] = said
        return found

    def _choose(self, symbol: str, *, sparing: bool) -> None:
        able = [feed for feed in self._feeds if feed.streams(symbol)]
        if sparing and len(able) == 1:
            self._chosen[symbol] = able[0]
            return
        unsure: list[Listing] = []
        for feed in able:
            try:
                listed = feed.lists(symbol)
            except TradingError as error:
                logger.info("whether %s lists %s is not known: %s", feed.name, symbol, error)
                listed = None
            if listed:
                self._chosen[symbol] = feed
                return
            if listed is None:
                unsure.append(feed)
        if unsure:  # it may have it: the stream will tell
            self._chosen[symbol] = unsure[0]
            return
        asked = ", ".join(feed.name for feed in able or self._feeds)
        self._problems[symbol] = (
            f"No live prices of {symbol}: {asked} doesn't list it."
            if able
            else f"No live prices of {symbol}: it is of no kind that {asked} streams."
        )


class _Open:
    """Connected while any of them is: a closed exchange must not hide coins that move."""

    def __init__(self, lines: Mapping[str, Line]) -> None:
        self._lines = tuple(lines.values())

    def connected(self) -> bool:
        """Whether data arrives on one at least; ``problems`` has the others."""
        return any(line.connected() for line in self._lines)

    def problem(self) -> str:
        """What is wrong with any."""
        return " ".join(dict.fromkeys(said for line in self._lines if (said := line.problem())))

    def close(self) -> None:
        """Hang up all of them; nothing is heard after it returns."""
        for line in self._lines:
            line.close()
