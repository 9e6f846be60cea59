"""The exams of feeds that tell dividends and splits; give them ``feed`` and ``symbol``."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal

from tools.market_data.feeds.corporate import DividendsFeed, SplitsFeed
from tools.market_data.feeds.feed import Feed
from tools.market_data.sessions import session_times, trading_day


def _at_an_open(feed: Feed, symbol: str, told: object) -> None:
    listed = feed.instrument(symbol)
    assert listed is not None
    ex = told.ex  # type: ignore[attr-defined]
    assert ex.tzinfo is UTC
    assert ex == session_times(listed.calendar, trading_day(listed.calendar, ex))[0]


class DividendsContract:
    """The feed must have a dividend of the symbol."""

    def test_offers_the_protocol_of_dividends(self, feed: DividendsFeed) -> None:
        assert isinstance(feed, DividendsFeed)

    def test_dividends_are_exact_above_zero_and_oldest_first(
        self, feed: DividendsFeed, symbol: str
    ) -> None:
        found = feed.dividends(symbol)
        assert found
        assert [one.ex for one in found] == sorted(one.ex for one in found)
        for one in found:
            assert one.symbol == symbol
            assert type(one.amount) is Decimal
            assert one.amount.is_finite()
            assert one.amount > 0
            assert len(one.currency) == 3
            assert one.payable is None or one.payable >= one.ex.date()

    def test_a_dividend_begins_with_the_open_of_its_day(self, feed, symbol: str) -> None:
        for one in feed.dividends(symbol):
            _at_an_open(feed, symbol, one)

    def test_gives_the_same_dividends_twice(self, feed: DividendsFeed, symbol: str) -> None:
        assert feed.dividends(symbol) == feed.dividends(symbol)

    def test_has_no_dividends_of_what_it_does_not_have(self, feed: DividendsFeed) -> None:
        assert feed.dividends("NOSUCH") is None


class SplitsContract:
    """The feed must have a split of the symbol."""

    def test_offers_the_protocol_of_splits(self, feed: SplitsFeed) -> None:
        assert isinstance(feed, SplitsFeed)

    def test_splits_are_exact_above_zero_and_oldest_first(
        self, feed: SplitsFeed, symbol: str
    ) -> None:
        found = feed.splits(symbol)
        assert found
        assert [one.ex for one in found] == sorted(one.ex for one in found)
        for one in found:
            assert one.symbol == symbol
            assert type(one.ratio) is Decimal
            assert one.ratio.is_finite()
            assert one.ratio > 0
            assert one.ratio != 1

    def test_a_split_begins_with_the_open_of_its_day(self, feed, symbol: str) -> None:
        for one in feed.splits(symbol):
            _at_an_open(feed, symbol, one)

    def test_has_no_splits_of_what_it_does_not_have(self, feed: SplitsFeed) -> None:
        assert feed.splits("NOSUCH") is None
