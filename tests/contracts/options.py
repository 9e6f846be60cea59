"""The exam of a feed of option chains; give it ``feed``, ``underlying`` and ``now`` (aware)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from math import isfinite

from tools.domain.options import OptionQuote
from tools.market_data.feeds.feed import OptionsFeed

PRICES = ("bid", "ask", "last", "bid_size", "ask_size", "volume", "open_interest")
GREEKS = ("implied_volatility", "delta", "gamma", "theta", "vega", "rho")


class OptionsContract:
    """The chain must have calls and puts of two strikes or more."""

    def test_offers_the_protocol(self, feed: OptionsFeed) -> None:
        assert isinstance(feed, OptionsFeed)

    def test_contracts_come_once_by_expiry_strike_and_right(
        self, feed: OptionsFeed, underlying: str
    ) -> None:
        chain = feed.chain(underlying)
        assert chain
        keys = [(one.terms.expiry, one.terms.strike, one.terms.right) for one in chain]
        assert keys == sorted(set(keys))
        assert len({right for _, _, right in keys}) == 2
        assert len({strike for _, strike, _ in keys}) > 1

    def test_each_contract_names_its_underlying_and_itself(
        self, feed: OptionsFeed, underlying: str
    ) -> None:
        chain = feed.chain(underlying) or ()
        assert all(isinstance(one, OptionQuote) for one in chain)
        assert {one.terms.underlying for one in chain} == {underlying}
        assert len({one.symbol for one in chain}) == len(chain)
        assert all(one.source for one in chain)

    def test_prices_are_exact_and_not_negative_or_missing(
        self, feed: OptionsFeed, underlying: str
    ) -> None:
        for one in feed.chain(underlying) or ():
            assert type(one.terms.strike) is Decimal
            assert one.terms.strike > 0
            for name in PRICES:
                value = getattr(one, name)
                assert value is None or (type(value) is Decimal and value >= 0)
            for name in GREEKS:
                value = getattr(one, name)
                assert value is None or (type(value) is float and isfinite(value))

    def test_nothing_happened_after_it_was_known_or_is_known_later_than_now(
        self, feed: OptionsFeed, underlying: str, now: datetime
    ) -> None:
        for one in feed.chain(underlying) or ():
            assert one.event_time.tzinfo is UTC
            assert one.event_time <= one.known_at <= now

    def test_what_it_does_not_have_is_none(self, feed: OptionsFeed) -> None:
        assert feed.chain("NOSUCH") is None
