"""Quotes, trades and news beside bars, by hand and by brute force."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.features.made import daily, document, minutes
from tools.domain.errors import InputError
from tools.features.compute import compute
from tools.features.flow import with_quotes, with_trades
from tools.features.news import with_news
from tools.market_data.columns import QuoteColumns, TickColumns

MINUTE = 60 * 10**9
BARS = minutes(1).rows(0, 5)
OPEN = int(BARS.start[0])
QUOTED = ("quoted_spread", "bid_share", "book_flow", "book_depth")


def quotes(*rows):
    """Rows of seconds after the open, bid, ask, bid size, ask size."""
    table = np.array(rows, float).reshape(-1, 5)
    known = (OPEN + table[:, 0] * 1e9).astype(np.int64)
    columns = (np.ascontiguousarray(column) for column in table.T[1:])
    return QuoteColumns("X", "made", known, known.copy(), *columns)


def trades(*rows):
    """Rows of seconds after the open, price, size."""
    table = np.array(rows, float).reshape(-1, 3)
    known = (OPEN + table[:, 0] * 1e9).astype(np.int64)
    return TickColumns("X", "made", known, known.copy(), *(c.copy() for c in table.T[1:]))


def test_a_spread_counts_for_as_long_as_it_stood():
    joined = with_quotes(BARS, quotes((0, 9.9, 10.1, 1, 1), (45, 9.95, 10.05, 1, 1)))
    assert joined.more["quoted_spread"][0] == pytest.approx(0.02 * 0.75 + 0.01 * 0.25)


def test_a_bar_without_an_update_says_nothing():
    joined = with_quotes(BARS, quotes((0, 9.9, 10.1, 1, 1), (130, 9.9, 10.1, 3, 1)))
    assert np.isnan([joined.more[name][1] for name in QUOTED]).all()
    assert joined.more["quoted_spread"][2] == pytest.approx(0.02)
    assert joined.more["bid_share"][2] == pytest.approx(0.75)


def test_the_flow_of_the_article_by_hand():
    joined = with_quotes(
        BARS,
        quotes(
            (1, 20.00, 20.01, 300, 200),
            (2, 20.00, 20.01, 500, 200),  # 200 come to the bid
            (3, 20.00, 20.01, 500, 50),  # 150 are taken from the ask
            (4, 20.01, 20.02, 100, 400),  # the ask goes, a new bid comes: 50 + 100
        ),
    )
    assert joined.more["book_flow"][0] == pytest.approx(200 + 150 + 150)


@pytest.mark.parametrize("junk", [(0, 10.1), (9.9, 0), (10.2, 10.1), (np.nan, 10), (9, np.inf)])
def test_a_quote_that_is_none_ends_the_standing_one_and_makes_no_flow(junk):
    clean = with_quotes(BARS, quotes((0, 9.9, 10.1, 5, 5), (30, 9.9, 10.1, 5, 5)))
    dirty = with_quotes(
        BARS, quotes((0, 9.9, 10.1, 5, 5), (10, *junk, 999, 999), (30, 9.9, 10.1, 5, 5))
    )
    assert dirty.more["quoted_spread"][0] == pytest.approx(clean.more["quoted_spread"][0])
    assert dirty.more["book_flow"][0] == 0
    assert dirty.more["book_depth"][0] == 5


def test_sides_by_the_quote_and_at_the_middle_by_the_last_change():
    joined = with_trades(
        BARS,
        trades((1, 10.05, 7), (2, 9.95, 5), (3, 10.0, 3), (4, 10.0, 2)),
        quotes((0, 9.9, 10.1, 1, 1)),
    )
    assert joined.more["bought"][0] == 7 + 3 + 2  # 10.0 is a rise from 9.95
    assert joined.more["sold"][0] == 5
    assert joined.more["trades"][0] == 4
    paid = (0.1 * 7 + 0.1 * 5) / 10 / 17
    assert joined.more["effective_spread"][0] == pytest.approx(paid)


def test_without_quotes_the_first_trade_has_no_side():
    joined = with_trades(BARS, trades((1, 10, 7), (2, 10, 5), (3, 10.1, 3)))
    assert (joined.more["bought"][0], joined.more["sold"][0]) == (3, 0)
    assert "effective_spread" not in joined.more


def test_a_quote_known_with_the_trade_is_not_the_one_before_it():
    joined = with_trades(
        BARS, trades((5, 10.5, 1)), quotes((0, 9.9, 10.1, 1, 1), (5, 10.9, 11.1, 1, 1))
    )
    assert joined.more["bought"][0] == 1  # above 10, although below the new middle of 11


def test_before_the_first_trade_nan_and_after_it_zeros():
    joined = with_trades(BARS, trades((70, 10, 1), (80, 11, 1)))
    assert np.isnan(joined.more["trades"][0])
    assert joined.more["trades"][1:].tolist() == [2, 0, 0, 0]


def test_trades_outside_the_sessions_bars_count_for_none():
    joined = with_trades(BARS, trades((-500, 10, 100), (1, 10, 1), (2, 11, 1), (9000, 12, 100)))
    assert np.nansum(joined.more["trades"]) == 2


def test_no_items_at_all_leave_everything_nan():
    for joined in (with_quotes(BARS, quotes()), with_trades(BARS, trades(), quotes())):
        assert joined.more
        assert all(np.isnan(column).all() for column in joined.more.values())


def test_no_bars_at_all_have_empty_columns():
    none, book = BARS.rows(0, 0), quotes((0, 9.9, 10.1, 1, 1))
    joined = with_trades(with_quotes(none, book), trades((1, 10, 1)), book)
    assert {column.shape for column in joined.more.values()} == {(0,)}


ROW = st.tuples(
    st.integers(-100, 400), st.sampled_from([0, 9.8, 9.9, 10.0, np.nan]),
    st.sampled_from([9.95, 10.0, 10.2, np.inf]), st.integers(0, 9), st.integers(0, 9),
)  # fmt: skip


@given(
    st.lists(ROW, max_size=30),
    st.lists(
        st.tuples(st.integers(-100, 400), st.sampled_from([9.9, 10.0, 10.1]), st.integers(1, 9)),
        max_size=30,
    ),
    st.integers(1, 5),
)
def test_later_quotes_trades_and_bars_change_nothing_earlier(book, tape, cut):
    book, tape = (
        quotes(*sorted(book, key=lambda r: r[0])),
        trades(*sorted(tape, key=lambda r: r[0])),
    )
    late = with_trades(with_quotes(BARS, book), tape, book)
    end = BARS.known[cut - 1]
    seen, heard = (
        item.rows(0, int(np.searchsorted(item.known, end, side="right"))) for item in (book, tape)
    )
    early = with_trades(with_quotes(BARS.rows(0, cut), seen), heard, seen)
    for name, column in early.more.items():
        np.testing.assert_array_equal(column, late.more[name][:cut], err_msg=name)
        assert not np.isinf(column).any()


@given(st.lists(ROW, min_size=1, max_size=30))
def test_the_spread_is_the_mean_over_a_fine_clock(book):
    rows = sorted(book, key=lambda r: r[0])
    got = with_quotes(BARS, quotes(*rows)).more["quoted_spread"]
    for bar in range(5):
        seen = []
        for second in range(60 * bar, 60 * bar + 60):
            standing = [row for row in rows if row[0] <= second]
            if standing and standing[-1][1] > 0 and standing[-1][1] <= standing[-1][2] < np.inf:
                bid, ask = standing[-1][1:3]
                seen.append((ask - bid) / ((ask + bid) / 2))
        if not np.isnan(got[bar]) and seen:
            assert got[bar] == pytest.approx(np.mean(seen))


DAYS = daily(5)
HOUR = 3600 * 10**9
SINCE = int(DAYS.known[0]) - 24 * HOUR


def scored(*documents, score=0.5, since=SINCE):
    return with_news(DAYS, documents, lambda found: [score] * len(found), "made", since)


def test_the_news_of_a_night_are_the_next_sessions():
    # The first session of 2015 that is used closes at 21:00 UTC of its day.
    joined = scored(document("a", 20), document("b", 21), document("c", 22), document("d", 30))
    assert joined.more["news_count"].tolist() == [2, 2, 0, 0, 0]
    assert joined.more["news_score"].tolist() == [1, 1, 0, 0, 0]
    assert joined.origins == ("news scored by made",)


def test_other_symbols_news_and_later_versions_do_not_count():
    first, again = document("a", 10), document("a", 40, "Corrected")
    joined = scored(again, first, document("b", 10, symbols=("Y",)))
    assert joined.more["news_count"].tolist() == [1, 0, 0, 0, 0]


def test_two_sources_may_use_the_same_key():
    joined = scored(document("a", 10), document("a", 10, source="other"))
    assert joined.more["news_count"][0] == 2


def test_no_news_is_not_neutral_news():
    tone = compute(scored(document("a", 10)), ("news_tone_1", "news_flow_1"))
    assert tone.column("news_tone_1")[0] == 0.5
    assert np.isnan(tone.column("news_tone_1")[1:]).all()
    assert tone.column("news_flow_1").tolist() == [1, 0, 0, 0, 0]


def test_before_the_archive_begins_nothing_is_known():
    joined = scored(document("a", 10), since=int(DAYS.known[2]))
    assert np.isnan(joined.more["news_count"][:2]).all()
    assert joined.more["news_count"][2:].tolist() == [0, 0, 0]


def test_a_scorer_that_cannot_tell_leaves_the_document_out():
    assert scored(document("a", 10), score=float("nan")).more["news_count"][0] == 0


@pytest.mark.parametrize("score", [1.5, -2])
def test_scores_beyond_one_are_refused(score):
    with pytest.raises(InputError, match="one score"):
        scored(document("a", 10), score=score)


def test_a_scorer_that_gives_too_few_is_refused():
    with pytest.raises(InputError, match="one score"):
        with_news(DAYS, [document("a", 10)], lambda found: [], "made", SINCE)


def test_without_documents_the_scorer_is_not_asked():
    def never(found):
        raise AssertionError

    joined = with_news(DAYS, [], never, "made", SINCE)
    assert joined.more["news_count"].tolist() == [0] * 5


def test_a_document_from_the_future_changes_nothing_today():
    early = scored(document("a", 10))
    late = scored(document("a", 10), document("z", 24 * 300), replace(document("b", 60), text="x"))
    np.testing.assert_array_equal(early.more["news_count"][:2], late.more["news_count"][:2])
