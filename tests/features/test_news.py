"""Kept news beside bars: when they are complete, in longer bars, and never from the future."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.doubles import END, week
from tests.features.made import daily, document, minutes
from tools.domain.timeframe import Timeframe
from tools.features.aligned import coarser
from tools.features.compute import compute
from tools.features.gathering import gather
from tools.features.news import NEWS, News, with_news
from tools.features.store import FeatureStore
from tools.market_data.columns import moment_of
from tools.market_data.documents.kept import KeptDocuments

DAYS = daily(5)
HOUR = 3600 * 10**9
ENDS = [moment_of(int(known)) for known in DAYS.known]
SINCE = ENDS[0] - timedelta(days=1)
ALL = ("news_tone_1", "news_flow_5", "news_turn", "news_fading")


def half(found):
    return [0.5] * len(found)


@pytest.fixture
def kept(tmp_path):
    return KeptDocuments(tmp_path / "d.db")


def news(kept, scorer=half, name="half 1"):
    return News(kept, scorer, name)


def test_without_a_kept_document_the_features_say_why(kept):
    joined, said = news(kept).beside(DAYS, ENDS[-1])
    assert (joined, said) == (DAYS, "")
    found = compute(joined, ALL)
    assert not found.names
    assert all("tollgate knowledge fetch" in why for why in found.unavailable.values())


def test_bars_outside_the_complete_stretch_have_none_and_a_sentence_says_so(kept):
    kept.keep([document("a", 30)], ENDS[-1])
    kept.answered("wire", (), ENDS[0] + timedelta(hours=1), ENDS[3])
    joined, said = news(kept).beside(DAYS, ENDS[-1])
    assert np.isnan(joined.more["news_count"]).tolist() == [True, False, False, False, True]
    assert joined.more["news_count"][1:4].tolist() == [1, 0, 0]
    assert "complete from 2015-01-05 22:00 to 2015-01-08 21:00 UTC" in said
    kept.answered("wire", (), SINCE, ENDS[-1])
    assert news(kept).beside(DAYS, ENDS[-1])[1] == ""


def test_the_first_bar_has_no_more_than_its_own_day(kept):
    kept.answered("wire", (), SINCE - timedelta(days=90), ENDS[-1])
    kept.keep([document("old", -200), document("own", 10)], ENDS[0])
    assert news(kept).beside(DAYS, ENDS[-1])[0].more["news_count"].tolist() == [1, 0, 0, 0, 0]
    bars = minutes(1)
    joined = with_news(bars, [document("a", 10), document("b", 14.5)], half, "half", 0)
    assert joined.more["news_count"].sum() == 1
    assert joined.more["news_count"][0] == 1


def test_only_the_first_version_counts(kept):
    kept.answered("wire", (), SINCE, ENDS[-1])
    kept.keep([document("a", 10)], ENDS[0])
    kept.keep([replace(document("a", 40), title="Corrected")], ENDS[2])
    seen = []

    def scorer(found):
        seen.extend(one.title for one in found)
        return half(found)

    joined, _ = news(kept, scorer).beside(DAYS, ENDS[-1])
    assert joined.more["news_count"].tolist() == [1, 0, 0, 0, 0]
    assert seen == ["Good news"]


def test_news_are_gathered_only_for_what_needs_them(kept):
    kept.answered("wire", (), END - timedelta(days=9), END)
    rows, said = gather(week(), "IBM", END, needed=frozenset({"close"}), news=news(kept))
    assert (dict(rows.more), said) == ({}, "")
    rows, _ = gather(week(), "IBM", END, needed=frozenset({"news_count"}), news=news(kept))
    assert rows.more["news_count"].tolist() == [0] * 5


def test_the_scorer_and_its_version_are_in_the_lineage(kept, tmp_path):
    kept.answered("wire", (), SINCE, ENDS[-1])
    kept.keep([document("a", 10)], ENDS[0])
    store = FeatureStore(tmp_path / "features")
    one = store.compute(news(kept, name="rules 1").beside(DAYS, ENDS[-1])[0], ALL)
    two = store.compute(news(kept, name="rules 2").beside(DAYS, ENDS[-1])[0], ALL)
    assert one.lineage[0].origins == ("news scored by rules 1",)
    assert one.version != two.version
    assert len(store.versions("X")) == 2


def test_longer_bars_add_up_the_news_of_the_shorter():
    bars = minutes(2)
    rng = np.random.default_rng(1)
    counts = rng.integers(0, 3, len(bars)).astype(float)
    joined = bars.joined({"news_score": counts / 2, "news_count": counts}, "news")
    hours = coarser(joined, Timeframe.parse("1h"))
    assert len(hours) == 14
    for row, (after, until) in enumerate(zip([0, *hours.known], hours.known, strict=False)):
        inside = (bars.known > after) & (bars.known <= until)
        assert hours.more["news_count"][row] == counts[inside].sum()
    blank = bars.joined({name: np.full(len(bars), np.nan) for name in NEWS}, "news")
    assert np.isnan(coarser(blank, Timeframe.parse("1h")).more["news_count"]).all()


ROWS = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from(["x", "y"]), st.integers(0, 130)),
    max_size=15,
)


@settings(max_examples=30)
@given(ROWS, st.integers(1, 5))
def test_documents_that_come_later_change_no_earlier_value(tmp_path_factory, rows, cut):
    store = KeptDocuments(tmp_path_factory.mktemp("kept") / "d.db")
    come = sorted((document(k, h, t) for k, t, h in rows), key=lambda one: one.known_at)
    end = ENDS[cut - 1]
    store.keep([one for one in come if one.known_at <= end and one.key < "c"], end, "wire")
    store.answered("wire", (), SINCE, end)
    early = compute(news(store).beside(DAYS.rows(0, cut), end)[0], ALL)
    store.keep(come, ENDS[-1] + timedelta(days=9), "wire")  # late ones of earlier times, too
    store.answered("wire", (), SINCE, ENDS[-1] + timedelta(days=9))
    late = compute(news(store).beside(DAYS, ENDS[-1])[0], ALL)
    np.testing.assert_array_equal(early.values, late.values[:cut])
