"""The exam of a feed of option flow; give it ``feed``, ``underlying``, ``start`` and ``end``."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from tools.domain.options import OptionTrade
from tools.market_data.feeds.feed import OptionFlowFeed


class OptionFlowContract:
    """The feed must have several trades that were reported between ``start`` and ``end``."""

    def test_offers_the_protocol(self, feed: OptionFlowFeed) -> None:
        assert isinstance(feed, OptionFlowFeed)

    def test_trades_come_oldest_first_from_the_span(
        self, feed: OptionFlowFeed, underlying: str, start: datetime, end: datetime
    ) -> None:
        found = feed.flow(underlying, start, end)
        assert len(found) > 1
        assert all(isinstance(trade, OptionTrade) for trade in found)
        moments = [trade.known_at for trade in found]
        assert moments == sorted(moments)
        assert start <= moments[0] <= moments[-1] < end

    def test_a_trade_is_not_known_before_it_happened(
        self, feed: OptionFlowFeed, underlying: str, start: datetime, end: datetime
    ) -> None:
        for trade in feed.flow(underlying, start, end):
            assert trade.event_time.tzinfo is UTC
            assert trade.known_at.tzinfo is UTC
            assert trade.event_time <= trade.known_at

    def test_amounts_are_exact_and_the_contract_is_named(
        self, feed: OptionFlowFeed, underlying: str, start: datetime, end: datetime
    ) -> None:
        for trade in feed.flow(underlying, start, end):
            amounts = (trade.price, trade.size, trade.premium, trade.terms.strike)
            assert all(type(value) is Decimal and value >= 0 for value in amounts)
            assert trade.terms.underlying == underlying
            assert trade.side in ("ask", "bid", "mid", "")
            assert trade.symbol
            assert trade.source

    def test_two_spans_are_the_whole_and_no_trade_twice(
        self, feed: OptionFlowFeed, underlying: str, start: datetime, end: datetime
    ) -> None:
        whole = feed.flow(underlying, start, end)
        cut = whole[len(whole) // 2].known_at
        assert feed.flow(underlying, start, cut) + feed.flow(underlying, cut, end) == whole

    def test_what_it_does_not_have_is_none_or_empty(
        self, feed: OptionFlowFeed, start: datetime, end: datetime
    ) -> None:
        assert not feed.flow("NOSUCH", start, end)
