"""NewsAPI's feed against a local server that speaks its documented JSON."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest

from tests.contracts.documents import HOSTILE, DocumentFeedContract
from tests.market_data.clocks import SetClock
from tests.market_data.rest_double import patience, rest_double
from tools.domain.document import DocumentKind
from tools.domain.errors import DataUnavailable, InputError
from tools.market_data.documents import newsapi
from tools.market_data.documents.feed import Wanted
from tools.market_data.documents.newsapi import NewsApiFeed
from tools.market_data.feeds.resilience.failure import Unanswered

KEY = "0123456789abcdef0123456789abcdef"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
START = NOW - timedelta(hours=10)
FREE = (
    "You have requested too many results. Developer accounts are limited to a max of 100 results."
)


def article(n, at=None, **more):
    at = at or START + timedelta(minutes=n)
    return {
        "source": {"id": None, "name": "The Wire"},
        "author": "A. Writer",
        "title": f"IBM story {n}",
        "description": f"IBM did thing {n}.",
        "url": f"https://example.com/{n}",
        "urlToImage": None,
        "publishedAt": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "content": f"IBM did thing {n}. It went on for a while… [+{n + 100} chars]",
    } | more


class NewsApi:
    """``most`` is how many results the plan allows."""

    def __init__(self):
        self.articles = [article(n) for n in range(7)]
        self.articles[3] |= {"description": HOSTILE, "content": None}
        self.most = 10_000

    def __call__(self, path, query, headers):
        assert path == "/v2/everything"
        if headers.get("x-api-key") != KEY:
            said = "Your API key is invalid or incorrect."
            return 401, {"status": "error", "code": "apiKeyInvalid", "message": said}
        first, last = (
            datetime.fromisoformat(query[name]).replace(tzinfo=UTC) for name in ("from", "to")
        )
        size, page = int(query["pageSize"]), int(query["page"])
        assert query["q"]
        assert size <= 100
        if size * page > self.most:
            return 426, {"status": "error", "code": "maximumResultsReached", "message": FREE}
        asked = [word.strip('"()').casefold() for word in query["q"].split(" OR ")]
        rows = [
            row
            for row in self.articles
            if first <= datetime.fromisoformat(row["publishedAt"]) <= last
            and any(word in str(row).casefold() for word in asked)
        ]
        rows.sort(key=lambda row: row["publishedAt"], reverse=True)
        shown = rows[size * (page - 1) : size * page]
        return 200, {"status": "ok", "totalResults": len(rows), "articles": shown}


@pytest.fixture
def clock():
    return SetClock(NOW)


@pytest.fixture
def double():
    with rest_double(NewsApi()) as running:
        yield running


@pytest.fixture
def feed(double, clock, request):
    return NewsApiFeed(KEY, clock, url=double.url, seconds=patience(request))


@pytest.fixture
def wanted():
    return Wanted(START - timedelta(hours=1), NOW, words="IBM")


@pytest.fixture(params=[100, 2], ids=["one page", "pages of two"])
def pages(request, monkeypatch):
    monkeypatch.setattr(newsapi, "PAGE", request.param)


@pytest.mark.usefixtures("pages")
class TestContract(DocumentFeedContract):
    @pytest.fixture
    def nothing(self):
        return Wanted(START, NOW, words="nobody-writes-this")


def test_an_article_is_news_known_since_it_was_published(feed, wanted):
    first = feed.documents(wanted)[0]
    assert (first.kind, first.key) == (DocumentKind.NEWS, "https://example.com/0")
    assert first.known_at == first.event_time == START
    assert first.author == "A. Writer, The Wire"
    assert feed.notice() == ""


def test_that_there_is_more_of_an_article_is_said_in_words(feed, wanted):
    text = feed.documents(wanted)[2].text
    assert text.endswith("… [The opening alone; 102 more characters are at the address.]")
    assert "chars]" not in text


def test_a_description_that_the_opening_repeats_comes_once(feed, wanted):
    assert feed.documents(wanted)[2].text.count("IBM did thing 2.") == 1


def test_words_and_symbols_are_asked_for_in_its_own_way(feed, double):
    feed.documents(Wanted(START, NOW, ("IBM", "MSFT"), words='big "earnings\\'))
    assert double.asked[0][1]["q"] == '"big" AND "earnings" AND ("IBM" OR "MSFT")'


def test_an_article_concerns_the_symbols_that_stand_in_it(feed, double):
    double.answer.articles = [
        article(1),
        article(2, title="Ibm in small letters", description="ibm", content="ibm"),
    ]
    (one,) = feed.documents(Wanted(START, NOW, ("IBM", "ibm")))
    assert (one.key, one.symbols) == ("https://example.com/1", ("IBM",))
    assert feed.notice() == "NewsAPI: left out 1 in whose opening no symbol stands"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"title": "[Removed]", "url": "https://removed.com"}, "removed by the publisher"),
        ({"description": "[Removed]", "content": "[Removed]"}, "removed by the publisher"),
        ({"url": None}, "without an address or a title"),
        ({"url": "javascript:alert(1)"}, "without an address or a title"),
        ({"title": None, "description": None}, "without an address or a title"),
        ({"publishedAt": None}, "not as documented"),
        ({"publishedAt": "2026-11-20T03:00:00"}, "not as documented"),
        ({"publishedAt": "yesterday"}, "not as documented"),
        ({"title": {"text": "IBM"}}, "not as documented"),
    ],
)
def test_what_cannot_be_used_is_left_out_and_told(feed, double, wanted, more, why):
    rows = [article(1), article(2) | more]
    double.answer = lambda *asked: (200, {"status": "ok", "totalResults": 2, "articles": rows})
    assert [one.key for one in feed.documents(wanted)] == ["https://example.com/1"]
    assert feed.notice() == f"NewsAPI: left out 1 {why}"
    # Of one without its own address nobody can tell which it was.
    named = why == "removed by the publisher" and "url" not in more
    assert feed.withdrawn() == (("https://example.com/2",) if named else ())
    double.answer = NewsApi()
    feed.documents(wanted)
    assert feed.notice() == ""


def test_a_title_that_is_missing_is_the_description(feed, double, wanted):
    double.answer.articles = [article(1, title=None, author=None, source=None, content=None)]
    (one,) = feed.documents(wanted)
    assert (one.title, one.text, one.author) == ("IBM did thing 1.", "IBM did thing 1.", "")


def test_a_moment_in_another_zone_is_utc_and_one_in_the_future_is_now(feed, double):
    double.answer.articles = [
        article(1, publishedAt="2026-11-20T09:00:00+05:30"),
        article(2, publishedAt="2026-11-20T11:59:59-01:00"),
    ]
    rows = double.answer.articles
    double.answer = lambda *asked: (200, {"status": "ok", "totalResults": 2, "articles": rows})
    until = NOW + timedelta(hours=1)
    first, second = feed.documents(Wanted(NOW - timedelta(days=1), until, words="IBM"))
    assert first.event_time == datetime(2026, 11, 20, 3, 30, tzinfo=UTC)
    assert second.event_time == second.known_at == NOW


def test_the_end_of_a_free_plan_is_told_and_what_came_is_kept(feed, double, monkeypatch):
    monkeypatch.setattr(newsapi, "PAGE", 3)
    double.answer.most = 3
    found = feed.documents(Wanted(START, NOW, words="IBM"))
    assert [one.key[-1] for one in found] == ["4", "5", "6"]
    assert "this plan gives the latest 3 articles" in feed.notice()
    assert "none of the last 24 hours" in feed.notice()


def test_no_page_is_asked_for_beyond_what_is_wanted(feed, double, monkeypatch):
    monkeypatch.setattr(newsapi, "PAGE", 2)
    feed.documents(Wanted(START, NOW, words="IBM", limit=2))
    assert len(double.asked) == 1


def test_pages_that_never_end_are_given_up(feed, double, wanted, monkeypatch):
    monkeypatch.setattr(newsapi, "PAGE", 1)
    rows = {"status": "ok", "totalResults": 9**9, "articles": [article(1)]}
    double.answer = lambda *asked: (200, rows)
    assert len(feed.documents(wanted)) == 1
    assert len(double.asked) == newsapi.PAGES


def test_an_article_on_two_pages_comes_once(feed, double, wanted, monkeypatch):
    monkeypatch.setattr(newsapi, "PAGE", 2)
    double.answer.articles = [article(1), article(2), article(2), article(3)]
    assert len(feed.documents(wanted)) == 3


def test_a_text_of_a_megabyte_is_cut_and_says_so(feed, double, wanted):
    double.answer.articles = [article(1, content="IBM " * 300_000)]
    (one,) = feed.documents(wanted)
    assert len(one.text) < 101_000
    assert "[Cut after" in one.text


def test_what_the_plan_does_not_allow_is_told_in_its_own_words(feed, double, wanted):
    said = "You are trying to request results too far in the past."
    answer = {"status": "error", "code": "parameterInvalid", "message": said}
    double.answer = lambda *asked: (426, answer)
    with pytest.raises(DataUnavailable, match="too far in the past") as raised:
        feed.documents(wanted)
    assert not isinstance(raised.value, Unanswered)


def test_without_a_symbol_or_words_nobody_is_asked(feed, double):
    with pytest.raises(InputError, match="give it a symbol"):
        feed.documents(Wanted(START, NOW))
    with pytest.raises(InputError, match="fewer symbols or words"):
        feed.documents(Wanted(START, NOW, words="word " * 100))
    assert double.asked == []


@pytest.mark.parametrize(
    "body", [None, [], {}, {"status": "error"}, {"status": "ok"}, {"status": "ok", "articles": {}}]
)
def test_an_answer_of_another_shape_is_not_taken_for_no_news(feed, double, wanted, body):
    double.answer = lambda *asked: (200, body)
    with pytest.raises(Unanswered, match=r"NewsAPI's answer can't be read"):
        feed.documents(wanted)


def test_a_wrong_key_is_told_without_it_and_not_tried_again(double, clock, wanted):
    with pytest.raises(Unanswered, match="set NEWSAPI_API_KEY") as raised:
        NewsApiFeed("wrong-key", clock, url=double.url).documents(wanted)
    assert not raised.value.again
    assert "wrong-key" not in str(raised.value)


def test_the_key_is_not_told_to_the_log(feed, wanted, caplog):
    with caplog.at_level(logging.DEBUG):
        feed.documents(wanted)
    assert KEY not in caplog.text
