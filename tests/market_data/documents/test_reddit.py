"""Reddit through the unmodified PRAW, against a local server that speaks Reddit's API."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.contracts.documents import HOSTILE, DocumentFeedContract
from tests.market_data.clocks import SetClock
from tests.market_data.documents.reddit_double import CLIENT, SECRET, Reddit, post
from tests.market_data.rest_double import patience, rest_double
from tools.domain.document import DocumentKind
from tools.domain.errors import ConfigError, DataUnavailable
from tools.market_data.documents import reddit
from tools.market_data.documents.feed import Wanted
from tools.market_data.documents.reddit import RedditFeed, subreddits
from tools.market_data.feeds.resilience.failure import Unanswered

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
START = NOW - timedelta(hours=10)
SIGN_IN, NEW, SEARCH = "/api/v1/access_token", "/r/stocks/new", "/r/stocks/search/"


def posts():
    found = [post(n, START) for n in range(7)]
    found[3] |= {"selftext": HOSTILE}
    return found


@pytest.fixture
def clock():
    return SetClock(NOW)


@pytest.fixture
def double():
    with rest_double(Reddit(posts())) as running:
        yield running


def opened(double, clock, *names, secret=SECRET, seconds=30.0):
    return RedditFeed(
        CLIENT,
        secret,
        clock,
        subreddits=names or ("stocks",),
        user_agent="tests of tollgate",
        url=double.url,
        oauth_url=double.url,
        seconds=seconds,
    )


@pytest.fixture
def feed(double, clock, request):
    return opened(double, clock, seconds=patience(request))


@pytest.fixture
def wanted():
    return Wanted(START, NOW)


@pytest.fixture(params=[100, 2], ids=["one page", "pages of two"])
def pages(request, double):
    double.answer.most = request.param


@pytest.mark.usefixtures("pages")
class TestContract(DocumentFeedContract):
    @pytest.fixture
    def nothing(self):
        return Wanted(START, NOW, words="nobody-writes-this")


def asked(double):
    return [path for path, _, _ in double.asked]


def test_a_post_concerns_the_symbols_that_it_writes_with_a_dollar_sign(feed, wanted):
    first = feed.documents(wanted)[0]
    assert (first.kind, first.key, first.symbols) == (DocumentKind.POST, "t3_abc0", ("IBM",))
    assert first.text == "I like $IBM and think 0 of MSFT."
    assert first.author == "u/some_one in r/stocks"
    assert first.url == "https://www.reddit.com/r/stocks/comments/abc0/thoughts/"
    assert first.event_time == first.known_at == START
    assert feed.notice() == ""


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("$BRK.B, $GME-based and $TSLA. $TSLA again", ("BRK.B", "GME", "TSLA")),
        ("$5 and $5K, $aapl, US$AAPL, $$AAPL, $TOOLONGS, $IBMx", ()),
        ("AAPL and MSFT without a sign", ()),
    ],
)
def test_what_is_a_ticker_and_what_is_money(feed, double, wanted, text, symbols):
    double.answer.posts["stocks"] = [post(1, START, selftext=text)]
    (one,) = feed.documents(wanted)
    assert one.symbols == symbols


def test_an_edited_post_keeps_its_key_and_is_known_since_the_edit(feed, double, wanted):
    edit = START + timedelta(hours=2)
    double.answer.posts["stocks"] = [
        post(1, START, edited=edit.timestamp(), selftext="Was wrong."),
        post(2, START, edited=True),
        post(3, START, edited=(NOW + timedelta(days=1)).timestamp()),
    ]
    found = {one.key: one for one in feed.documents(wanted)}
    first = found["t3_abc1"]
    assert (first.event_time, first.known_at) == (START + timedelta(minutes=1), edit)
    # Reddit doesn't say when, or says what can't be.
    assert found["t3_abc2"].known_at == found["t3_abc3"].known_at == NOW


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"selftext": "[removed]", "removed_by_category": "moderator"}, "deleted or removed"),
        ({"selftext": "[deleted]"}, "deleted or removed"),
        ({"title": "[deleted by user]", "selftext": ""}, "deleted or removed"),
        ({"title": "\u200b "}, "without a title"),
        ({"title": None}, "not as documented"),
        ({"name": "t3_\ud800"}, "not as documented"),
        ({"name": "t3_\nabc"}, "not as documented"),
        ({"created_utc": None}, "not as documented"),
        ({"created_utc": 1e300}, "not as documented"),
        ({"edited": "yesterday"}, "not as documented"),
    ],
)
def test_what_cannot_be_used_is_left_out_and_told(feed, double, wanted, more, why):
    double.answer.posts["stocks"] = [post(1, START)]
    listing = double.answer._listing([post(1, START), post(2, START) | more], {"limit": "100"})
    double.answer.answers[NEW] = (200, listing)
    assert [one.key for one in feed.documents(wanted)] == ["t3_abc1"]
    assert feed.notice() == f"Reddit: left out 1 {why}"
    assert feed.withdrawn() == (("t3_abc2",) if why == "deleted or removed" else ())


def test_a_post_of_somebody_who_left_stays_without_a_name(feed, double, wanted):
    double.answer.posts["stocks"] = [post(1, START, author="[deleted]")]
    (one,) = feed.documents(wanted)
    assert one.author == "in r/stocks"
    assert asked(double) == [SIGN_IN, NEW]


def test_a_post_that_is_a_link_says_where_to(feed, double, wanted):
    link = post(1, START, is_self=False, selftext="", url="https://example.com/news?a=1")
    double.answer.posts["stocks"] = [link, post(2, START, is_self=False, url="javascript:alert(1)")]
    first, second = feed.documents(wanted)
    assert first.text == "Link: https://example.com/news?a=1"
    assert "javascript" not in second.text


def test_no_question_is_asked_for_what_a_listing_lacks(feed, double, wanted):
    bare = {key: post(1, START)[key] for key in ("name", "id", "title", "created_utc")}
    double.answer.posts["stocks"] = [bare]
    (one,) = feed.documents(wanted)
    assert (one.text, one.url, one.symbols) == ("", "", ())
    assert asked(double) == [SIGN_IN, NEW]


def test_words_and_symbols_are_searched_for_in_the_subreddit(feed, double, wanted):
    double.answer.posts["stocks"].append(post(8, START, selftext="MSFT without IBM's sign"))
    found = feed.documents(replace(wanted, symbols=("IBM", "GME"), words="Thoughts"))
    assert len(found) == 6
    assert all("IBM" in one.symbols for one in found)
    _, query, _ = double.asked[-1]
    assert (query["q"], query["t"]) == ("Thoughts (IBM OR GME)", "day")


def test_each_subreddit_is_read_and_a_post_in_two_of_them_comes_once(double, clock, wanted):
    double.answer.posts["investing"] = [post(1, START), post(9, START)]
    found = opened(double, clock, "stocks", "investing").documents(wanted)
    assert len(found) == 8


def test_a_subreddit_that_is_not_there_or_private_is_told_and_the_rest_is_read(
    double, clock, wanted
):
    private = {"reason": "private", "message": "Forbidden", "error": 403}
    banned = {"reason": "banned", "message": "Not Found", "error": 404}
    double.answer.answers |= {"/r/shut/new": (403, private), "/r/banned/new": (404, banned)}
    feed = opened(double, clock, "nosuch", "shut", "banned", "stocks")
    assert len(feed.documents(wanted)) == 7
    for name in ("nosuch", "shut", "banned"):
        assert f"r/{name} isn't there, or isn't open to all" in feed.notice()
    with pytest.raises(DataUnavailable, match="name others with TOLLGATE_SUBREDDITS") as raised:
        opened(double, clock, "nosuch", "shut").documents(wanted)
    assert not isinstance(raised.value, Unanswered)


def test_the_end_of_a_listing_is_told(feed, double, wanted, monkeypatch):
    monkeypatch.setattr(reddit, "MOST", 3)
    assert len(feed.documents(wanted)) == 3
    assert feed.notice() == "Reddit gives the last 3 posts of r/stocks and no older ones"


def test_no_page_is_asked_for_beyond_the_span_or_the_limit(feed, double, wanted):
    double.answer.most = 2
    feed.documents(replace(wanted, limit=2))
    assert asked(double) == [SIGN_IN, NEW]
    feed.documents(replace(wanted, since=START + timedelta(minutes=5)))
    assert asked(double) == [SIGN_IN, NEW, NEW, NEW]


def test_pages_in_a_circle_end(feed, double, wanted, monkeypatch):
    monkeypatch.setattr(reddit, "MOST", 20)
    listings = [
        (200, double.answer._listing([post(n, START), post(9, START)], {"limit": "1"}))
        for n in (1, 2)
    ]
    double.answer = lambda path, query, headers: (
        Reddit([])(path, query, headers)
        if path == SIGN_IN
        else listings[query.get("after") == "t3_abc1"]
    )
    assert len(feed.documents(wanted)) == 2
    assert len(double.asked) == 21


def test_a_token_that_no_longer_holds_is_asked_for_anew_by_the_next_question(feed, double, wanted):
    feed.documents(wanted)
    double.answer.token = "another-token"
    with pytest.raises(Unanswered, match="REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET"):
        feed.documents(wanted)
    assert len(feed.documents(wanted)) == 7


def test_each_question_is_asked_once_and_nobody_sleeps(feed, double, wanted, monkeypatch):
    def slept(seconds):
        raise AssertionError(f"slept for {seconds} s")

    monkeypatch.setattr("prawcore.sessions.time.sleep", slept)
    feed.documents(wanted)
    double.broken = "500"
    with pytest.raises(Unanswered, match=r"out of order \(500\)"):
        feed.documents(wanted)
    assert asked(double) == [SIGN_IN, NEW, NEW]


def test_when_none_are_left_in_its_window_nobody_is_asked_until_it_ends(
    feed, double, wanted, monkeypatch
):
    double.answer.limits = {
        "X-Ratelimit-Remaining": "0.0",
        "X-Ratelimit-Used": "600",
        "X-Ratelimit-Reset": "300",
    }
    assert len(feed.documents(wanted)) == 7
    for _ in range(2):
        with pytest.raises(Unanswered, match="its rate limit") as raised:
            feed.documents(wanted)
        assert raised.value.limited
        assert 290 < raised.value.retry_after_s <= 300
    assert asked(double) == [SIGN_IN, NEW]


@pytest.mark.parametrize("odd", ["", "many", "nan", "-5", "1e999"])
def test_odd_words_on_the_limit_do_no_harm(feed, double, wanted, odd):
    double.answer.limits = dict.fromkeys(
        ("X-Ratelimit-Remaining", "X-Ratelimit-Used", "X-Ratelimit-Reset"), odd
    )
    assert len(feed.documents(wanted)) == 7
    assert len(feed.documents(wanted)) == 7


def test_a_page_that_blocks_us_is_not_taken_for_a_private_subreddit(feed, double, wanted):
    double.answer.answers[NEW] = (403, b"<html>You've been blocked by network security</html>")
    with pytest.raises(Unanswered, match="web page instead of data"):
        feed.documents(wanted)


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        5,
        {"kind": "Listing"},
        {"kind": "Listing", "data": {}},
        {"kind": "Listing", "data": {"children": [{"kind": "t3", "data": {}}], "after": None}},
        {"kind": "Listing", "data": {"children": ["x"], "after": None}},
        {"kind": "Listing", "data": {"children": [{"kind": "t1", "data": {"id": "a"}}]}},
        {"json": {"errors": [["RATELIMIT", "slow down", "ratelimit"]]}},
    ],
)
def test_an_answer_of_another_shape_is_not_taken_for_no_posts(feed, double, wanted, body):
    double.answer.answers[NEW] = (200, body)
    with pytest.raises(Unanswered, match=r"^Reddit's answer .*can't be (read|used)"):
        feed.documents(wanted)


@pytest.mark.parametrize("body", [None, [], {}, {"error": "invalid_grant"}, {"access_token": 5}])
def test_a_sign_in_of_another_shape_is_told(feed, double, wanted, body):
    double.answer.answers[SIGN_IN] = (200, body)
    with pytest.raises(Unanswered, match=r"^Reddit's answer .*can't be (read|used)"):
        feed.documents(wanted)


def test_a_text_of_a_megabyte_is_cut_and_says_so(feed, double, wanted):
    double.answer.posts["stocks"] = [post(1, START, selftext="IBM " * 300_000)]
    (one,) = feed.documents(wanted)
    assert len(one.text) < 101_000
    assert "[Cut after" in one.text


def test_wrong_keys_are_told_without_them(double, clock, wanted, caplog):
    with (
        caplog.at_level(logging.DEBUG),
        pytest.raises(Unanswered, match="REDDIT_CLIENT_SECRET") as raised,
    ):
        opened(double, clock, secret="a-wrong-secret").documents(wanted)
    assert not raised.value.again
    assert "a-wrong-secret" not in str(raised.value) + caplog.text


@pytest.mark.parametrize(
    "planted",
    ["[DEFAULT]\noauth_url=http://127.0.0.1:9\nreddit_url=http://127.0.0.1:9\nusername=x\n"],
)
def test_a_planted_praw_ini_sends_no_keys_elsewhere(
    double, clock, wanted, tmp_path, monkeypatch, planted
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("praw.config.Config.CONFIG", None)
    (tmp_path / "praw.ini").write_text(planted)
    with pytest.warns(UserWarning, match=r"praw\.ini"):
        assert len(opened(double, clock).documents(wanted)) == 7


def test_a_praw_ini_that_cannot_be_read_is_told(double, clock, wanted, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("praw.config.Config.CONFIG", None)
    (tmp_path / "praw.ini").write_text("not an ini file")
    with pytest.raises(ConfigError, match=r"praw\.ini"):
        opened(double, clock).documents(wanted)


def test_names_of_subreddits_are_read_and_checked():
    assert subreddits("stocks, r/investing  stocks") == ("stocks", "investing")
    for written in ("", " , ", "stocks/../me", "a", "x" * 22, "stöcks"):
        with pytest.raises(ConfigError, match="TOLLGATE_SUBREDDITS"):
            subreddits(written)
