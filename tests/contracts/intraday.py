"""The exam of a feed of bars by timeframe; give it ``feed``, ``symbol``, ``start`` and ``end``."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from tools.domain.errors import InputError
from tools.domain.timeframe import Timeframe, Unit
from tools.market_data.columns import moment_of, nanoseconds
from tools.market_data.feeds.feed import IntradayFeed


class IntradayContract:
    """The feed must have bars of its first timeframe between ``start`` and ``end`` (aware)."""

    @pytest.fixture
    def found(self, feed: IntradayFeed, symbol: str, start: datetime, end: datetime):
        return feed.range(symbol, feed.timeframes[0], start, end)

    def test_offers_the_protocol_and_names_its_timeframes(self, feed: IntradayFeed) -> None:
        assert isinstance(feed, IntradayFeed)
        assert feed.timeframes
        assert all(isinstance(one, Timeframe) for one in feed.timeframes)

    def test_bars_are_of_what_was_asked_for(self, found, feed: IntradayFeed, symbol: str) -> None:
        assert len(found)
        assert (found.symbol, found.timeframe) == (symbol, feed.timeframes[0])
        assert found.source

    def test_bars_open_from_the_start_and_are_known_by_the_end(
        self, found, start: datetime, end: datetime
    ) -> None:
        assert found.start[0] >= nanoseconds(start)
        assert found.known[-1] <= nanoseconds(end)

    def test_bars_are_in_order_once_and_known_when_they_closed(self, found) -> None:
        assert (np.diff(found.start) > 0).all()
        if found.timeframe.intraday:
            length = int(found.timeframe.length.total_seconds()) * 10**9
            assert (found.known >= found.start + length).all()

    def test_prices_are_in_order(self, found) -> None:
        assert (found.low > 0).all()
        assert (found.low <= np.minimum(found.open, found.close)).all()
        assert (found.high >= np.maximum(found.open, found.close)).all()

    def test_a_bar_is_seen_from_its_close_and_not_a_microsecond_before(
        self, found, feed: IntradayFeed, symbol: str, start: datetime
    ) -> None:
        middle = len(found) // 2
        closed = moment_of(found.known[middle])
        at = feed.range(symbol, found.timeframe, start, closed)
        before = feed.range(symbol, found.timeframe, start, closed - timedelta(microseconds=1))
        assert (len(at), len(before)) == (middle + 1, middle)

    def test_a_span_without_bars_is_empty_and_no_error(
        self, feed: IntradayFeed, symbol: str, start: datetime
    ) -> None:
        assert len(feed.range(symbol, feed.timeframes[0], start, start)) == 0

    def test_a_timeframe_that_it_does_not_have_is_refused(
        self, feed: IntradayFeed, symbol: str, start: datetime, end: datetime
    ) -> None:
        with pytest.raises(InputError, match="7m"):
            feed.range(symbol, Timeframe(7, Unit.MINUTE), start, end)

    def test_what_it_does_not_have_is_none(
        self, feed: IntradayFeed, start: datetime, end: datetime
    ) -> None:
        assert feed.range("NOSUCH", feed.timeframes[0], start, end) is None
