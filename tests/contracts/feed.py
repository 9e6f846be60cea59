"""The exam that every feed takes; subclass it and give it a feed and a symbol the feed has."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from itertools import pairwise

from tools.domain.market import Bar
from tools.market_data.feeds.feed import Feed
from tools.market_data.sessions import forex_day, session_times
from tools.market_data.symbols import canonical


class FeedContract:
    """Fixtures ``feed`` and ``symbol`` come from the subclass."""

    def test_has_bars_of_the_symbol(self, feed: Feed, symbol: str) -> None:
        bars = feed.bars(symbol)
        assert bars
        assert all(isinstance(bar, Bar) and bar.symbol == symbol for bar in bars)

    def test_bars_are_oldest_first_and_one_a_session(self, feed: Feed, symbol: str) -> None:
        for earlier, later in pairwise(feed.bars(symbol) or ()):
            assert earlier.session < later.session
            assert earlier.known_at < later.known_at
            assert earlier.event_time < later.event_time

    def test_a_bar_happens_at_the_open_and_is_known_at_the_close(
        self, feed: Feed, symbol: str
    ) -> None:
        listed = feed.instrument(symbol)
        assert listed is not None
        for bar in feed.bars(symbol) or ():
            assert bar.event_time.tzinfo is UTC
            assert bar.known_at.tzinfo is UTC
            turns = [session_times(listed.calendar, bar.session)]
            if listed.calendar == "24/5":  # a day of currencies turns at midnight or in New York
                turns.append(forex_day(bar.session))
            assert (bar.event_time, bar.known_at) in turns

    def test_prices_are_exact_positive_and_in_order(self, feed: Feed, symbol: str) -> None:
        for bar in feed.bars(symbol) or ():
            prices = (bar.open, bar.high, bar.low, bar.close)
            assert all(type(value) is Decimal and value.is_finite() for value in prices)
            assert 0 < bar.low <= min(bar.open, bar.close)
            assert max(bar.open, bar.close) <= bar.high
            assert type(bar.volume) is Decimal
            assert bar.volume >= 0
            assert bar.adjusted_close is None or bar.adjusted_close > 0

    def test_names_the_listing_by_the_symbol_asked_for(self, feed: Feed, symbol: str) -> None:
        listed = feed.instrument(symbol)
        assert listed is not None
        assert listed.symbol == symbol
        assert listed.name
        assert listed.tick > 0
        assert listed.lot > 0

    def test_what_it_does_not_have_is_none_and_no_error(self, feed: Feed) -> None:
        assert feed.bars("NOSUCH") is None
        assert feed.instrument("NOSUCH") is None
        assert feed.notice() == ""

    def test_lists_canonical_symbols_in_order(self, feed: Feed) -> None:
        symbols = feed.symbols()
        assert list(symbols) == sorted(set(symbols))
        assert all(canonical(name) == name and feed.instrument(name) for name in symbols)

    def test_knows_nothing_later_than_its_latest_moment(self, feed: Feed, symbol: str) -> None:
        latest, bars = feed.latest(), feed.bars(symbol)
        assert latest is not None
        assert bars
        assert latest.tzinfo is not None
        assert bars[-1].known_at <= latest

    def test_says_where_the_bars_come_from(self, feed: Feed, symbol: str) -> None:
        assert feed.name
        assert feed.label(symbol)

    def test_gives_the_same_bars_twice(self, feed: Feed, symbol: str) -> None:
        assert feed.bars(symbol) == feed.bars(symbol)
