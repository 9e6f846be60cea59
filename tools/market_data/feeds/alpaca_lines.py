"""Alpaca's lines of shares and of coins, as one: each has a connection of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tools.alpaca_session import Keys
from tools.domain.errors import InputError
from tools.domain.instrument import AssetClass
from tools.market_data.feeds.alpaca_stream import COINS, AlpacaLine
from tools.market_data.feeds.feed import Heard, Line
from tools.market_data.feeds.live_line import Patience
from tools.market_data.symbols import INDIAN, canonical, listing, pair
from tools.ports import Clock


class Lines:
    """Implements ``Line``, connected while each of them is: a part that stands still misleads."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._lines = tuple(lines)

    def connected(self) -> bool:
        """Whether data arrives on every one."""
        return all(line.connected() for line in self._lines)

    def problem(self) -> str:
        """What is wrong with any."""
        return " ".join(dict.fromkeys(said for line in self._lines if (said := line.problem())))

    def close(self) -> None:
        """Hang up all of them; nothing is heard after it returns."""
        for line in self._lines:
            line.close()


def open_lines(
    keys: Keys,
    symbols: Sequence[str],
    heard: Heard,
    clock: Clock,
    *,
    stock_feed: str,
    url: str,
    patience: Patience | None,
) -> Lines:
    """A line for the shares and one for the coins, as far as there are any.

    ``heard`` is called from the thread of each.
    Raises InputError for what is neither, or for no symbols.
    """
    found = list(dict.fromkeys(map(canonical, symbols)))
    wrong = [symbol for symbol in found if not streamed(symbol)]
    if wrong or not found:
        said = f"{', '.join(wrong)} is neither" if wrong else "none was named"
        raise InputError(f"Alpaca's streams are of US shares and of coins: {said}.")
    coins = [symbol for symbol in found if pair(symbol)]
    shares = [symbol for symbol in found if symbol not in coins]
    return Lines(
        AlpacaLine(keys, names, heard, clock, source, f"{url}/{path}/{source}", patience)
        for names, source, path in ((shares, stock_feed, "v2"), (coins, COINS, "v1beta3/crypto"))
        if names
    )


def streamed(symbol: str) -> bool:
    """Whether it is a US share or a coin."""
    if pair(symbol):
        return listing(symbol, symbol, "").asset_class is AssetClass.CRYPTO
    return not symbol.endswith(tuple(INDIAN)) and not symbol.startswith("^")
