"""The exam of a feed of economic series; give it ``feed``, ``series`` and ``now`` (aware)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from tools.domain.document import Observation
from tools.market_data.feeds.feed import EconomicFeed


class EconomicFeedContract:
    """The series must have a revision before ``now``."""

    def test_offers_the_protocol(self, feed: EconomicFeed) -> None:
        assert isinstance(feed, EconomicFeed)

    def test_one_value_a_period_oldest_first(
        self, feed: EconomicFeed, series: str, now: datetime
    ) -> None:
        found = feed.observations(series, now)
        assert found
        assert all(isinstance(row, Observation) and row.series == series for row in found)
        for earlier, later in pairwise(found):
            assert earlier.period < later.period

    def test_values_are_exact_or_missing(
        self, feed: EconomicFeed, series: str, now: datetime
    ) -> None:
        for row in feed.observations(series, now) or ():
            assert row.value is None or (type(row.value) is Decimal and row.value.is_finite())
            assert row.source

    def test_nothing_is_known_later_than_asked_or_before_its_period_began(
        self, feed: EconomicFeed, series: str, now: datetime
    ) -> None:
        for row in feed.observations(series, now) or ():
            assert row.known_at.tzinfo is UTC
            assert row.known_at <= now
            assert row.known_at.date() >= row.period

    def test_each_value_is_seen_from_its_moment_and_not_a_microsecond_before(
        self, feed: EconomicFeed, series: str, now: datetime
    ) -> None:
        for row in feed.observations(series, now) or ():
            at = feed.observations(series, row.known_at) or ()
            before = feed.observations(series, row.known_at - timedelta(microseconds=1)) or ()
            assert row in at
            assert row not in before

    def test_a_revision_replaces_a_value_and_the_past_keeps_the_first(
        self, feed: EconomicFeed, series: str, now: datetime
    ) -> None:
        last = {row.period: row for row in feed.observations(series, now) or ()}
        first = {
            row.period: row
            for moment in sorted({row.known_at for row in last.values()})
            for row in feed.observations(series, moment - timedelta(microseconds=1)) or ()
        }
        assert any(first[p].value != last[p].value for p in first.keys() & last.keys())

    def test_what_it_does_not_have_is_none(self, feed: EconomicFeed, now: datetime) -> None:
        assert feed.observations("NOSUCHSERIES", now) is None

    def test_before_the_first_vintage_there_is_nothing(
        self, feed: EconomicFeed, series: str
    ) -> None:
        assert feed.observations(series, datetime(1700, 1, 1, tzinfo=UTC)) == ()
