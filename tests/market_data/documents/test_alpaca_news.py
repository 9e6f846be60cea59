"""Alpaca's news through the unmodified alpaca-py, against a local server held to its document."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.contracts.documents import HOSTILE, DocumentFeedContract
from tests.execution.alpaca.document import wrong_answer, wrong_request
from tests.execution.alpaca.server import KEY, SECRET
from tests.market_data.clocks import SetClock
from tests.market_data.rest_double import patience, rest_double
from tools.alpaca_session import Keys
from tools.domain.document import DocumentKind
from tools.domain.errors import ConfigError, DataUnavailable
from tools.market_data.documents import alpaca_news
from tools.market_data.documents.alpaca_news import AlpacaNewsFeed
from tools.market_data.documents.feed import Wanted
from tools.market_data.feeds.resilience.failure import Unanswered

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
START = NOW - timedelta(hours=10)
PATH = "/v1beta1/news"


def article(n, at=None, changed=None, **more):
    at = at or START + timedelta(minutes=n)
    return {
        "id": 24843171 + n,
        "headline": f"Story {n} of IBM",
        "author": "Charles Example",
        "source": "benzinga",
        "created_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "updated_at": f"{changed or at:%Y-%m-%dT%H:%M:%SZ}",
        "summary": f"What happened {n}.",
        "content": f"<p>What happened {n} &amp; why.</p>",
        "url": f"https://www.benzinga.com/news/{n}",
        "images": [],
        "symbols": ["IBM"],
    } | more


class News:
    """Pages with tokens, newest change first; ``wrong`` is what went against the document."""

    def __init__(self):
        self.articles = [article(n) for n in range(7)]
        self.articles[3] |= {"content": HOSTILE}
        self.wrong = []

    def __call__(self, path, query, headers):
        self.wrong += wrong_request("GET", path, query, None)
        if headers.get("apca-api-secret-key") != SECRET:
            return 403, {"message": f"forbidden: {headers.get('apca-api-key-id')}"}
        first, last = (datetime.fromisoformat(query[name]) for name in ("start", "end"))
        asked = set(query["symbols"].split(",")) if "symbols" in query else None
        rows = [
            row
            for row in self.articles
            if first <= datetime.fromisoformat(row["updated_at"]) <= last
            and (asked is None or not asked.isdisjoint(row["symbols"]))
        ]
        rows.sort(key=lambda row: row["updated_at"], reverse=True)
        begin, size = int(query.get("page_token", 0)), int(query["limit"])
        token = str(begin + size) if begin + size < len(rows) else None
        body = {"news": rows[begin : begin + size], "next_page_token": token}
        self.wrong += wrong_answer("GET", path, 200, body)
        return 200, body


@pytest.fixture
def clock():
    return SetClock(NOW)


@pytest.fixture
def double():
    news = News()
    with rest_double(news) as running:
        yield running
    assert news.wrong == []


@pytest.fixture
def feed(double, clock, request):
    return AlpacaNewsFeed(Keys(KEY, SECRET), clock, url=double.url, seconds=patience(request))


@pytest.fixture
def wanted():
    return Wanted(START, NOW, ("IBM",))


@pytest.fixture(params=[50, 2], ids=["one page", "pages of two"])
def pages(request, monkeypatch):
    monkeypatch.setattr(alpaca_news, "PAGE", request.param)


@pytest.mark.usefixtures("pages")
class TestContract(DocumentFeedContract):
    @pytest.fixture
    def nothing(self):
        return Wanted(START, NOW, ("NOSUCH",))


def test_an_article_is_news_with_the_symbols_that_alpaca_says(feed, wanted):
    first = feed.documents(wanted)[0]
    assert (first.kind, first.key, first.symbols) == (DocumentKind.NEWS, "24843171", ("IBM",))
    assert first.text == "What happened 0 & why."
    assert first.author == "Charles Example, benzinga"
    assert feed.notice() == ""


def test_an_article_that_was_changed_is_a_correction_known_since_then(feed, double, wanted):
    before = {one.key: one for one in feed.documents(wanted)}
    later = START + timedelta(hours=3)
    double.answer.articles[2] = article(2, changed=later, content="<p>Corrected.</p>")
    after = {one.key: one for one in feed.documents(wanted)}
    key = str(24843171 + 2)
    assert after[key].event_time == before[key].event_time
    assert (after[key].text, after[key].known_at) == ("Corrected.", later)
    assert {k: v for k, v in after.items() if k != key} == {
        k: v for k, v in before.items() if k != key
    }


def test_a_correction_after_the_span_is_found_for_a_day(feed, double):
    span = Wanted(START - timedelta(days=30), START - timedelta(days=29))
    written = span.since + timedelta(hours=1)
    double.answer.articles = [
        article(1, at=written, changed=span.until + timedelta(hours=23)),
        article(2, at=written, changed=span.until + timedelta(hours=25)),
        article(3, at=span.until, changed=span.until),
    ]
    assert [one.key for one in feed.documents(span)] == ["24843172"]


def test_paging_ends_once_nothing_later_can_come(feed, double, wanted, monkeypatch):
    monkeypatch.setattr(alpaca_news, "PAGE", 2)
    # The first page's second article is old, but was changed late: a later one may still come.
    double.answer.articles[0] = article(0, changed=START + timedelta(minutes=6))
    found = feed.documents(replace(wanted, limit=2))
    assert [one.title for one in found] == ["Story 5 of IBM", "Story 6 of IBM"]
    assert len(double.asked) == 2


@pytest.mark.parametrize("token", ["2", 7, ["x"], True])
def test_pages_in_a_circle_are_given_up(feed, double, wanted, token):
    body = {"news": [article(1)], "next_page_token": token}
    double.answer = lambda *asked: (200, body)
    with pytest.raises(Unanswered, match="their pages don't end"):
        feed.documents(wanted)
    assert len(double.asked) <= 3


def test_more_pages_than_are_read_are_told(feed, double, wanted, monkeypatch):
    monkeypatch.setattr(alpaca_news, "PAGE", 1)
    monkeypatch.setattr(alpaca_news, "PAGES", 3)
    assert len(feed.documents(wanted)) == 3
    assert "more than 3 articles in this span" in feed.notice()


def test_words_are_looked_for_in_the_articles(feed, wanted):
    (one,) = feed.documents(replace(wanted, words="happened 5"))
    assert one.title == "Story 5 of IBM"


@pytest.mark.parametrize(
    ("asked", "spelled", "told", "ours"),
    [
        ((), None, ["IBM", "BTCUSD", "ETHUSDT", "not a symbol"], ("IBM", "BTC/USD", "ETH/USDT")),
        (("btc-usd",), "BTCUSD", ["BTCUSD"], ("BTC/USD",)),
        (("BRK-B",), "BRK.B", ["BRK.B", "AAPL"], ("BRK-B", "AAPL")),
    ],
)
def test_symbols_are_spelled_as_each_side_has_them(feed, double, asked, spelled, told, ours):
    double.answer.articles = [article(1, symbols=told)]
    (one,) = feed.documents(Wanted(START, NOW, asked))
    assert one.symbols == ours
    assert double.asked[0][1].get("symbols") == spelled


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"headline": "", "summary": ""}, "without a headline"),
        ({"headline": None}, "not as documented"),
        ({"id": "abc"}, "not as documented"),
        ({"created_at": "2026-11-20T03:00:00"}, "not as documented"),
        ({"updated_at": None}, "not as documented"),
        ({"symbols": "IBM"}, "not as documented"),
    ],
)
def test_what_cannot_be_used_is_left_out_and_told(feed, double, wanted, more, why):
    body = {"news": [article(1), article(2) | more], "next_page_token": None}
    double.answer = lambda *asked: (200, body)
    assert len(feed.documents(wanted)) == 1
    assert feed.notice() == f"Alpaca: left out 1 {why}"


def test_a_moment_in_another_zone_is_utc_and_one_in_the_future_is_now(feed, double):
    double.answer.articles = []
    rows = [
        article(1, created_at="2026-11-20T04:00:00-05:00", updated_at="2026-11-20T04:00:00-05:00"),
        article(2, created_at="2026-11-20T09:00:00Z", updated_at="2027-01-01T00:00:00Z"),
    ]
    double.answer = lambda *asked: (200, {"news": rows, "next_page_token": None})
    first, second = feed.documents(Wanted(START, NOW))
    assert first.event_time == first.known_at == datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert second.known_at == NOW


def test_a_text_of_a_megabyte_is_cut_and_says_so(feed, double, wanted):
    double.answer.articles = [article(1, content="<p>" + "IBM " * 300_000)]
    (one,) = feed.documents(wanted)
    assert len(one.text) < 101_000
    assert "[Cut after" in one.text


def test_keys_that_are_not_accepted_are_told_without_them(double, clock, wanted):
    feed = AlpacaNewsFeed(Keys("PKWRONG", "wrong-secret"), clock, url=double.url, seconds=30)
    with pytest.raises(Unanswered, match="doesn't allow it with these keys") as raised:
        feed.documents(wanted)
    assert not raised.value.again
    assert "PKWRONG" not in str(raised.value)
    assert "wrong-secret" not in str(raised.value)


def test_a_question_that_alpaca_refuses_is_told_in_its_words(feed, double, wanted):
    double.answer = lambda *asked: (422, {"message": "invalid symbol: IBM"})
    with pytest.raises(DataUnavailable, match="Alpaca refuses the question: invalid symbol: IBM"):
        feed.documents(wanted)


@pytest.mark.parametrize("body", [None, [], {}, {"news": None}, {"news": [None]}, {"news": "x"}])
def test_an_answer_of_another_shape_is_not_taken_for_no_news(feed, double, wanted, body):
    double.answer = lambda *asked: (200, body)
    with pytest.raises(Unanswered, match=r"Alpaca's answer can't be read"):
        feed.documents(wanted)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"X-RateLimit-Reset": str(int(NOW.timestamp()) + 17)}, 17),
        ({"X-RateLimit-Reset": str(int(NOW.timestamp()) - 5)}, 0),
        ({"X-RateLimit-Reset": "9" * 30}, 60),
        ({"X-RateLimit-Reset": "soon"}, None),
        ({"X-RateLimit-Reset": "99", "Retry-After": "3600"}, 3600),
        ({}, None),
    ],
)
def test_a_rate_limit_says_when_it_ends_in_either_header(feed, double, wanted, headers, wait):
    double.answer = lambda *asked: (429, {"message": "too many requests."}, headers)
    with pytest.raises(Unanswered, match="its rate limit") as raised:
        feed.documents(wanted)
    assert (raised.value.limited, raised.value.retry_after_s) == (True, wait)


def test_each_question_is_asked_once(feed, double, wanted):
    double.broken = "429"
    with pytest.raises(Unanswered):
        feed.documents(wanted)
    assert len(double.asked) == 1


def test_a_span_that_has_not_begun_has_no_news(feed, double):
    assert feed.documents(Wanted(NOW + timedelta(hours=1), NOW + timedelta(hours=2))) == ()
    assert double.asked == []


def test_keys_are_sent_to_alpaca_alone(clock):
    with pytest.raises(ConfigError, match="keys are sent nowhere else"):
        AlpacaNewsFeed(Keys(KEY, SECRET), clock, url="https://alpaca.example.com")


MINUTES = st.integers(0, 8)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(MINUTES, MINUTES, st.booleans()), max_size=9),
    st.integers(1, 4),
    st.integers(1, 5),
    MINUTES,
)
@example([(0, 0, True), (0, 0, True)], 1, 1, 0)
def test_ending_the_paging_early_loses_no_later_article(rows, page, limit, until):
    news = News()
    news.articles = [
        article(
            n,
            at=START + timedelta(minutes=written),
            changed=START + timedelta(minutes=written + delay),
            headline="Wanted" if fits else "Other",
        )
        for n, (written, delay, fits) in enumerate(rows)
    ]
    answered = {"apca-api-secret-key": SECRET}
    span = Wanted(START, START + timedelta(minutes=until + 1), words="wanted", limit=limit)
    feed = AlpacaNewsFeed(Keys(KEY, SECRET), SetClock(NOW), url="http://127.0.0.1:1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alpaca_news, "PAGE", page)
        patch.setattr(
            feed._client,
            "get",
            lambda _, query: news(PATH, {k: str(v) for k, v in query.items()}, answered)[1],
        )
        found = {one.key for one in feed.documents(span)}
        whole = [
            (row["created_at"], str(row["id"]))
            for row in news.articles
            if row["headline"] == "Wanted"
            and datetime.fromisoformat(row["created_at"]) < span.until
        ]
    assert found == {key for _, key in sorted(whole)[-limit:]}
