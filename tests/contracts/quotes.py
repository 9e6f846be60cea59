"""The exam of a feed of quotes; give it ``feed``, ``symbol``, ``start`` and ``end`` (aware)."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from tools.market_data.columns import nanoseconds
from tools.market_data.feeds.feed import QuotesFeed


class QuotesContract:
    """The feed must have quotes between ``start`` and ``end``."""

    def test_offers_the_protocol(self, feed: QuotesFeed) -> None:
        assert isinstance(feed, QuotesFeed)

    def test_quotes_are_between_start_and_end_in_the_order_they_became_known(
        self, feed: QuotesFeed, symbol: str, start: datetime, end: datetime
    ) -> None:
        found = feed.quotes(symbol, start, end)
        assert len(found)
        assert found.symbol == symbol
        assert found.source
        assert nanoseconds(start) <= found.known[0]
        assert found.known[-1] < nanoseconds(end)
        assert (found.known >= found.time).all()
        assert (np.diff(found.known) >= 0).all()

    def test_what_it_does_not_have_is_none(
        self, feed: QuotesFeed, start: datetime, end: datetime
    ) -> None:
        assert feed.quotes("NOSUCH", start, end) is None
