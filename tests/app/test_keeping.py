"""Of which time everything is kept: what an answer proves, and what it doesn't."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.documents import fetch
from app.keeping import Keeping
from tools.clock import SystemClock
from tools.domain.document import Document, DocumentKind
from tools.domain.errors import DataUnavailable
from tools.market_data.documents.feed import Wanted
from tools.market_data.documents.kept import KeptDocuments
from tools.market_data.documents.opening import SOURCES

NOW = datetime(2024, 2, 6, 10, tzinfo=UTC)
DAY = timedelta(days=1)
AT = NOW - 2 * DAY
NEWS = Document("k", "wire", DocumentKind.NEWS, "T", "IBM", "", AT, AT)
WEEK = Wanted(NOW - 7 * DAY, NOW + DAY)
ARCHIVE = replace(SOURCES["alpaca-news"], behind=timedelta(0))


@pytest.fixture
def store(tmp_path):
    return KeptDocuments(tmp_path / "d.db")


def span(store, source, wanted=WEEK, found=(NEWS,), *, lacks=False):
    Keeping(store, source).keep("feed", wanted, found, NOW, lacks=lacks)
    whole = store.complete("IBM")
    return None if whole is None else (whole.since, whole.until)


def test_an_archive_is_complete_over_the_span_that_was_asked_for_up_to_now(store):
    assert span(store, ARCHIVE) == (NOW - 7 * DAY, NOW)


def test_an_archive_that_says_nothing_says_that_there_was_nothing(store):
    assert span(store, ARCHIVE, found=()) == (NOW - 7 * DAY, NOW)


def test_an_archive_that_comes_late_is_complete_up_to_what_it_shows(store):
    assert span(store, replace(ARCHIVE, behind=DAY)) == (NOW - 7 * DAY, NOW - DAY)


@pytest.mark.parametrize("cut", [{"lacks": True}, {"wanted": replace(WEEK, limit=1)}])
def test_an_answer_that_was_cut_is_complete_from_its_first_on(store, cut):
    assert span(store, ARCHIVE, **cut) == (AT, NOW)


def test_a_feed_of_the_latest_is_complete_from_its_oldest_entry_on(store):
    assert span(store, SOURCES["rss"]) == (AT, NOW)


@pytest.mark.parametrize(
    ("source", "more"),
    [
        ("rss", {"found": ()}),
        ("alpaca-news", {"wanted": replace(WEEK, words="anvil")}),
        ("earnings-calendar", {}),
        ("edgar", {}),
    ],
)
def test_what_is_no_stretch_of_news_is_kept_and_proves_none(store, source, more):
    assert span(store, SOURCES[source], **more) is None
    assert len(store.first_versions("IBM", NOW)) == len(more.get("found", (NEWS,)))


def test_a_feed_that_does_not_answer_proves_nothing(store, tmp_path):
    class Silent:
        name = "silent"

        def documents(self, wanted):
            raise DataUnavailable("It did not answer.")

    found = fetch(tmp_path, [Silent()], WEEK, SystemClock(), None, Keeping(store, ARCHIVE))
    assert found.errors
    assert store.complete("IBM") is None
