"""The exam that every place for prices takes; subclass it and give it ``parts``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tests.market_data.clocks import SetClock
from tools.domain.errors import InputError
from tools.domain.timeframe import DAILY, MINUTE
from tools.market_data.columns import BarColumns, QuoteColumns, TickColumns, nanoseconds
from tools.market_data.store.ranges import Span
from tools.market_data.store.series import Kind, Series
from tools.market_data.store.store import MarketStore

NOON = datetime(2013, 10, 7, 12, tzinfo=UTC)
LATER = datetime(2024, 5, 1, tzinfo=UTC)
MINUTES = Series(Kind.BARS, "test", "IBM", MINUTE)
TRADES = Series(Kind.TRADES, "test", "IBM")
QUOTES = Series(Kind.QUOTES, "test", "BTC/USD")


def at(minute):
    return NOON + timedelta(minutes=minute)


def bars(closes, series=MINUTES, known=None):
    """One-minute bars from {minute: close}; ``known`` overrides when, by minute."""
    minutes = sorted(closes)
    start = np.array([nanoseconds(at(m)) for m in minutes], np.int64)
    told = [nanoseconds((known or {}).get(m, at(m + 1))) for m in minutes]
    order = np.argsort(told, kind="stable")
    close = np.array([closes[m] for m in minutes], float)
    values = [column[order] for column in (close, close + 1, close - 1, close, close * 100)]
    return BarColumns(
        series.symbol,
        "test",
        np.array(told, np.int64)[order],
        series.timeframe,
        start[order],
        *values,
    )


def ticks(rows):
    time = np.array([nanoseconds(at(m)) for m, _ in rows], np.int64)
    price = np.array([p for _, p in rows], float)
    return TickColumns("IBM", "test", time, time, price, np.ones(len(rows)))


def span(start, end):
    return Span(at(start), at(end))


def read(store, wanted=None, as_of=None, **more):
    """{minute: close} and the moments since when each is known."""
    found = store.read(MINUTES, wanted, as_of, **more)
    first = nanoseconds(NOON)
    minutes = [(int(start) - first) // 60_000_000_000 for start in found.start]
    return dict(zip(minutes, found.close.tolist(), strict=True))


class MarketStoreContract:
    """The fixture ``parts`` comes from the subclass, empty."""

    @pytest.fixture
    def clock(self):
        return SetClock(LATER)

    @pytest.fixture
    def store(self, parts, clock):
        return MarketStore(parts, clock)

    def test_what_was_put_comes_back_to_the_last_bit(self, store):
        put = bars({0: 0.1 + 0.2, 1: 1e-9, 2: 12345.678901234})
        assert store.append(MINUTES, put, span(0, 10)) == 3
        found = store.read(MINUTES)
        for name in ("start", "known", "open", "high", "low", "close", "volume"):
            assert (getattr(found, name) == getattr(put, name)).all()

    def test_what_is_not_a_number_comes_back_as_such(self, store):
        store.append(MINUTES, bars({0: float("nan"), 1: 2}), span(0, 10))
        assert np.isnan(store.read(MINUTES).volume).tolist() == [True, False]

    def test_an_empty_store_has_nothing(self, store):
        assert len(store.read(MINUTES)) == 0
        assert len(store.read(TRADES)) == 0
        assert store.covered(MINUTES) == ()
        assert store.holdings() == ()
        store.compact(MINUTES)
        store.forget(MINUTES)

    def test_a_span_ends_before_its_end(self, store):
        store.append(MINUTES, bars({0: 1, 1: 2, 2: 3}), span(0, 10))
        assert read(store, span(0, 2)) == {0: 1, 1: 2}
        assert read(store, span(1, 5)) == {1: 2, 2: 3}
        assert read(store, span(5, 9)) == {}

    def test_an_answer_without_rows_is_remembered_as_asked(self, store):
        assert store.append(MINUTES, bars({}), span(0, 10)) == 0
        assert store.covered(MINUTES) == (span(0, 10),)

    def test_spans_that_touch_are_one(self, store):
        store.append(MINUTES, bars({0: 1}), span(0, 10))
        store.append(MINUTES, bars({20: 1}), span(20, 30))
        store.append(MINUTES, bars({12: 1}), span(10, 15))
        assert store.covered(MINUTES) == (span(0, 15), span(20, 30))
        assert read(store) == {0: 1, 12: 1, 20: 1}

    def test_the_same_answer_twice_is_kept_once(self, store):
        for _ in range(2):
            store.append(MINUTES, bars({0: 1, 1: 2}), span(0, 10))
        assert read(store) == {0: 1, 1: 2}
        (held,) = store.holdings()
        assert (held.series, held.rows, held.parts) == (MINUTES, 2, 1)

    def test_nothing_known_later_is_in_an_earlier_view(self, store):
        store.append(MINUTES, bars({0: 1, 1: 2, 2: 3}), span(0, 10))
        assert read(store, as_of=at(2)) == {0: 1, 1: 2}
        assert read(store, as_of=at(1) - timedelta(microseconds=1)) == {}

    def test_a_restated_bar_counts_from_when_it_came(self, store, clock):
        store.append(MINUTES, bars({0: 1, 1: 2, 2: 3}), span(0, 10))
        clock.advance(timedelta(days=1))
        assert store.append(MINUTES, bars({0: 1, 1: 2.5, 2: 3}), span(0, 10)) == 1
        assert read(store) == {0: 1, 1: 2.5, 2: 3}
        assert read(store, as_of=LATER) == {0: 1, 1: 2, 2: 3}
        assert read(store, as_of=LATER + timedelta(days=1)) == {0: 1, 1: 2.5, 2: 3}
        assert read(store, restated=False) == {0: 1, 1: 2, 2: 3}

    def test_a_bar_restated_back_is_as_it_was_first(self, store, clock):
        for close in (2, 2.5, 2):
            store.append(MINUTES, bars({1: close}), span(0, 10))
            clock.advance(timedelta(days=1))
        seen = [read(store, as_of=LATER + timedelta(days=d))[1] for d in range(3)]
        assert seen == [2, 2.5, 2]

    def test_a_feed_that_says_since_when_it_restates_is_believed(self, store):
        store.append(MINUTES, bars({1: 2}), span(0, 10))
        store.append(MINUTES, bars({1: 3}, known={1: at(30)}), span(0, 10))
        assert read(store, as_of=at(29)) == {1: 2}
        assert read(store, as_of=at(30)) == {1: 3}

    def test_a_bar_that_was_missing_when_asked_for_came_late(self, store):
        store.append(MINUTES, bars({0: 1, 2: 3}), span(0, 10))
        store.append(MINUTES, bars({0: 1, 1: 2, 2: 3}), span(0, 10))
        assert read(store, as_of=at(30)) == {0: 1, 2: 3}
        assert read(store) == {0: 1, 1: 2, 2: 3}

    def test_a_view_cut_again_shows_nothing_too_early(self, store, clock):
        store.append(MINUTES, bars({0: 1, 1: 2, 2: 3}), span(0, 10))
        clock.advance(timedelta(days=1))
        store.append(MINUTES, bars({1: 2.5}), span(1, 2))
        view = store.read(MINUTES)
        assert (np.diff(view.start) > 0).all()
        assert view.as_of(LATER).close.tolist() == [1]

    def test_trades_of_the_same_price_and_moment_are_all_there(self, store):
        store.append(TRADES, ticks([(0, 5), (0, 5), (1, 6)]), span(0, 2))
        store.append(TRADES, ticks([(2, 7)]), span(2, 4))
        assert store.read(TRADES).price.tolist() == [5, 5, 6, 7]
        assert store.read(TRADES, as_of=at(1)).price.tolist() == [5, 5, 6]

    def test_trades_that_two_answers_have_are_there_once(self, store):
        store.append(TRADES, ticks([(0, 5), (0, 5), (1, 6)]), span(0, 3))
        store.append(TRADES, ticks([(0, 5), (1, 6), (2, 8)]), span(0, 3))
        assert store.read(TRADES).price.tolist() == [5, 5, 6, 8]

    def test_quotes_are_kept_with_their_sizes(self, store):
        time = np.array([nanoseconds(at(m)) for m in (0, 1)], np.int64)
        one = np.ones(2)
        put = QuoteColumns("BTC/USD", "test", time, time, one, one * 2, one * 3, one * np.nan)
        store.append(QUOTES, put, span(0, 5))
        found = store.read(QUOTES)
        assert (found.bid_size.tolist(), np.isnan(found.ask_size).all()) == ([3, 3], True)

    def test_series_are_apart(self, store):
        daily, other = (
            Series(Kind.BARS, "test", "IBM", DAILY),
            Series(Kind.BARS, "other", "IBM", MINUTE),
        )
        store.append(MINUTES, bars({0: 1}), span(0, 10))
        store.append(daily, bars({0: 2}, daily), span(0, 10))
        store.append(other, bars({0: 3}, other), span(0, 10))
        assert [store.read(s).close.tolist() for s in (MINUTES, daily, other)] == [[1], [2], [3]]
        store.forget(daily)
        assert {one.series for one in store.holdings()} == {MINUTES, other}
        assert store.covered(daily) == ()

    def test_folding_changes_nothing_that_can_be_read(self, store, clock):
        for minute in range(8):
            store.append(MINUTES, bars({minute: minute}), span(minute, minute + 1))
            clock.advance(timedelta(hours=1))
        store.append(MINUTES, bars({3: 33}), span(3, 4))
        moments = [None, at(4), LATER, LATER + timedelta(hours=9)]
        before = [read(store, as_of=moment) for moment in moments]
        asked = store.covered(MINUTES)
        store.compact(MINUTES)
        assert [read(store, as_of=moment) for moment in moments] == before
        assert store.covered(MINUTES) == asked

    def test_rows_heard_live_cover_nothing(self, store):
        store.append(MINUTES, bars({0: 1}))
        assert store.covered(MINUTES) == ()
        store.append(MINUTES, bars({0: 1, 1: 2}), span(0, 5))
        assert read(store, as_of=at(5)) == {0: 1, 1: 2}

    def test_a_report_lies_beside_its_series_and_the_last_one_counts(self, store, clock):
        store.append(MINUTES, bars({0: 1}), span(0, 10))
        assert store.report(MINUTES) is None
        for score in (12.5, 99.9):
            put = store.keep_report(MINUTES, {"score": score, "findings": [], "symbol": "Ä\0"})
            assert put["checked"] == clock.wall().isoformat()
            clock.advance(timedelta(hours=1))
        assert store.report(MINUTES) == put
        assert (store.report(MINUTES)["score"], store.report(TRADES)) == (99.9, None)
        assert read(store) == {0: 1}
        store.compact(MINUTES)
        assert store.report(MINUTES) == put
        (held,) = store.holdings()
        assert (held.rows, held.parts) == (1, 1)
        store.forget(MINUTES)
        assert store.report(MINUTES) is None

    def test_a_report_that_cannot_be_read_is_none(self, store):
        for broken in (b"", b"{", b"[1]", b'{"score": 1}'):
            store.parts.keep_report(MINUTES, broken)
            assert store.report(MINUTES) is None

    def test_rows_that_cannot_be_are_refused(self, store):
        with pytest.raises(InputError, match="outside"):
            store.append(MINUTES, bars({11: 1}), span(0, 10))
        with pytest.raises(InputError, match="before they happened"):
            store.append(MINUTES, bars({1: 1}, known={1: at(0)}), span(0, 10))
        with pytest.raises(InputError, match="belong"):
            store.append(TRADES, bars({1: 1}), span(0, 10))
        with pytest.raises(InputError, match="no span"):
            store.append(MINUTES, bars({}), span(10, 0))
        assert store.holdings() == ()

    def test_old_and_far_moments_are_kept(self, store):
        early = Span(datetime(1928, 1, 3, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
        start = np.array([nanoseconds(early.start), nanoseconds(LATER)], np.int64)
        one = np.ones(2)
        put = BarColumns("IBM", "test", start, MINUTE, start, one, one, one, one, one)
        store.append(MINUTES, put, early)
        assert store.read(MINUTES).start.tolist() == start.tolist()
        assert store.covered(MINUTES) == (early,)
