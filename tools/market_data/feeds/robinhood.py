"""Robinhood's Crypto Trading API: listings of coins and Robinhood's own bid and ask now.

It has no bars, no trades and no stream, and there is no such interface for shares. So bars are
another feed's, and are labelled as that one's.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from urllib.parse import quote as quoted

from tools.domain.errors import DataUnavailable
from tools.domain.instrument import Instrument
from tools.domain.market import Bar, Quote
from tools.domain.status import Borrow, Session, Status
from tools.market_data.feeds.feed import Feed
from tools.market_data.feeds.lately import Lately
from tools.market_data.feeds.resilience.failure import Unanswered
from tools.market_data.feeds.rest import Rest
from tools.market_data.feeds.robinhood_signing import Signer
from tools.market_data.feeds.robinhood_words import (
    BESTS,
    HALTED,
    PAIRS,
    Best,
    Pair,
    instrument_of,
    quote_of,
    read,
    words,
)
from tools.market_data.symbols import pair
from tools.ports import Clock

URL = "https://trading.robinhood.com"
LISTED, PRICES = "/api/v1/crypto/trading/trading_pairs/", "/api/v1/crypto/marketdata/best_bid_ask/"
LISTED_KEPT, SEEN_KEPT = timedelta(hours=1), timedelta(seconds=1)
# Pages of listings at most; Robinhood has some fifty coins.
PAGES = 50


class RobinhoodFeed:
    """A QuotingFeed of coins whose daily bars are those of the feed ``bars``.

    A quote is what Robinhood deals at, without sizes, and no exchange's. Listings are kept for an
    hour of ``clock.wall()``, a quote for a second. Unanswered when Robinhood does not answer.
    """

    live = True

    def __init__(
        self,
        key: str,
        private_key: str,
        clock: Clock,
        bars: Feed,
        *,
        url: str = URL,
        seconds: float = 8.0,
    ) -> None:
        """``private_key`` is the Ed25519 key in base64; ConfigError for what is none."""
        self._clock, self._bars = clock, bars
        self._signer = Signer(key, private_key)
        self._rest = Rest(
            "Robinhood",
            url,
            setting="ROBINHOOD_API_KEY and ROBINHOOD_PRIVATE_KEY, and see that this clock is right",
            seconds=seconds,
            refused=words,
        )
        self._lately = Lately(clock)
        self._notice = ""

    @property
    def name(self) -> str:
        """Whose quotes, and whose bars."""
        return f"robinhood+{self._bars.name}"

    def symbols(self) -> tuple[str, ...]:
        """None: the coins are asked for over the network."""
        return ()

    def instrument(self, symbol: str) -> Instrument | None:
        """The listing at Robinhood; None for what is no coin there."""
        listed = self._listed(symbol)
        return None if listed is None else instrument_of(symbol, listed)

    def bars(self, symbol: str) -> tuple[Bar, ...] | None:
        """The other feed's daily bars, of coins that Robinhood lists."""
        if self._listed(symbol) is None:
            return None
        found = self._bars.bars(symbol)
        self._notice = self._bars.notice()
        return found

    def quote(self, symbol: str) -> Quote | None:
        """What Robinhood buys and sells at now; DataUnavailable where it names none."""
        if self._listed(symbol) is None:
            return None
        best, known_at = self._lately.ask(("look", symbol), SEEN_KEPT, lambda: self._best(symbol))
        return quote_of(symbol, best, known_at)

    def status(self, symbol: str) -> Status | None:
        """Whether it may be traded. Of a coin that can only be sold ``halted`` is None.

        Robinhood lends no coins.
        """
        if self._listed(symbol) is None:
            return None
        found = self._lately.ask(
            ("status", symbol), SEEN_KEPT, lambda: self._pairs(f"?symbol={_name(symbol)}")
        )
        now = found.get(symbol)
        return Status(HALTED.get(now.status) if now else None, Session.OPEN, Borrow.NONE)

    def label(self, symbol: str) -> str:
        """The other feed's: bars are its own."""
        return self._bars.label(symbol)

    def latest(self) -> datetime | None:
        """The wall's now."""
        return self._clock.wall()

    def notice(self) -> str:
        """Why the other feed had no bars for the last question, else empty."""
        return self._notice

    def _listed(self, symbol: str) -> Pair | None:
        self._notice = ""
        if pair(symbol) is None:
            return None
        return self._lately.ask(("pairs", ""), LISTED_KEPT, self._pairs).get(symbol)

    def _pairs(self, query: str = "") -> dict[str, Pair]:
        """Every coin, or what ``query`` wants, by the house's symbols."""
        found: dict[str, Pair] = {}
        for _ in range(PAGES):
            answer = self._ask(LISTED + query)
            for one in read(PAIRS, answer):
                found[one.symbol.replace("-", "/")] = one
            # Only what says where to go on is taken of the address, not where it leads.
            behind = parse_qs(urlsplit(str(answer.get("next") or "")).query)
            cursor = behind.get("cursor", [""])[0]
            if not cursor:
                return found
            query = f"?cursor={quoted(cursor, safe='')}"
        raise DataUnavailable("Robinhood's coins don't end.")

    def _best(self, symbol: str) -> tuple[Best, datetime]:
        name = _name(symbol)
        for best in read(BESTS, self._ask(f"{PRICES}?symbol={name}")):
            if best.symbol == name and best.bid <= best.ask:
                return best, self._clock.wall()
        raise DataUnavailable(f"Robinhood has no bid and ask of {symbol} now.")

    def _ask(self, path: str) -> dict[str, object]:
        answer = self._rest.get(path, headers=self._signer.headers(path, self._clock.wall()))
        if not isinstance(answer, dict):
            raise Unanswered("Robinhood's answer can't be read: it is not as documented.")
        return answer


def _name(symbol: str) -> str:
    """Robinhood's spelling: BTC/USD is BTC-USD there."""
    return symbol.replace("/", "-")
