"""The exam of a feed of trades; give it ``feed``, ``symbol``, ``start`` and ``end`` (aware)."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from tools.market_data.columns import moment_of, nanoseconds
from tools.market_data.feeds.feed import TradesFeed


class TradesContract:
    """The feed must have several trades between ``start`` and ``end``."""

    def test_offers_the_protocol(self, feed: TradesFeed) -> None:
        assert isinstance(feed, TradesFeed)

    def test_trades_are_between_start_and_end_in_the_order_they_became_known(
        self, feed: TradesFeed, symbol: str, start: datetime, end: datetime
    ) -> None:
        found = feed.trades(symbol, start, end)
        assert len(found) > 1
        assert found.symbol == symbol
        assert found.source
        assert nanoseconds(start) <= found.known[0]
        assert (found.time < nanoseconds(end)).all()
        assert (np.diff(found.known) >= 0).all()

    def test_a_trade_is_not_known_before_it_happened(
        self, feed: TradesFeed, symbol: str, start: datetime, end: datetime
    ) -> None:
        found = feed.trades(symbol, start, end)
        assert (found.known >= found.time).all()

    def test_two_halves_are_the_whole(
        self, feed: TradesFeed, symbol: str, start: datetime, end: datetime
    ) -> None:
        whole = feed.trades(symbol, start, end)
        cut = moment_of(whole.known[len(whole) // 2])
        halves = [feed.trades(symbol, *span) for span in ((start, cut), (cut, end))]
        assert all(len(half) for half in halves)
        assert np.concatenate([half.price for half in halves]).tolist() == whole.price.tolist()

    def test_what_it_does_not_have_is_none(
        self, feed: TradesFeed, start: datetime, end: datetime
    ) -> None:
        assert feed.trades("NOSUCH", start, end) is None
