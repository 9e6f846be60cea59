"""The sources that want keys, opened by their names and asked behind a circuit."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from tests.market_data.clocks import SetClock
from tests.market_data.documents.reddit_double import CLIENT, SECRET, Reddit, post
from tests.market_data.rest_double import rest_double
from tools.domain.errors import ConfigError, InputError
from tools.domain.feed_health import CircuitState
from tools.market_data.documents.feed import DocumentFeed, Wanted
from tools.market_data.documents.opening import SOURCES, open_documents, source_named
from tools.market_data.documents.reddit import RedditFeed
from tools.market_data.feeds.resilience.failure import Unanswered
from tools.market_data.feeds.resilience.guard import guarded
from tools.settings import Settings

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WANTED = Wanted(NOW - timedelta(hours=1), NOW)
KEYS = {
    "newsapi": ("newsapi_api_key",),
    "alpaca-news": ("apca_api_key_id", "apca_api_secret_key"),
    "reddit": ("reddit_client_id", "reddit_client_secret"),
    "economic-calendar": ("fred_api_key",),
    "earnings-calendar": ("finnhub_api_key",),
}


def settings(home, *keys, **more):
    return Settings(home=home, **dict.fromkeys(keys, SecretStr("a-key")), **more)


@pytest.mark.parametrize("name", KEYS)
def test_each_is_opened_by_its_name_with_its_keys(name, tmp_path):
    (feed,) = open_documents(settings(tmp_path, *KEYS[name]), name)
    assert isinstance(feed, DocumentFeed)
    assert feed.name == name
    assert feed.health().state is CircuitState.CLOSED
    assert feed.notice() == ""


@pytest.mark.parametrize("name", KEYS)
def test_without_its_keys_each_says_which_to_set(name, tmp_path):
    with pytest.raises(ConfigError) as raised:
        open_documents(settings(tmp_path), name)
    for key in KEYS[name]:
        assert key.upper() in str(raised.value)


@pytest.mark.parametrize("name", ["alpaca-news", "reddit"])
def test_without_its_client_each_says_which_extra_to_install(name, tmp_path, monkeypatch):
    for kept in [one for one in sys.modules if f"documents.{name.split('-')[0]}" in one]:
        monkeypatch.delitem(sys.modules, kept)
    monkeypatch.setitem(sys.modules, "alpaca.data.historical.news", None)
    monkeypatch.setitem(sys.modules, "praw", None)
    with pytest.raises(ConfigError, match=f"with its extra `{SOURCES[name].extra}`"):
        open_documents(settings(tmp_path, *KEYS[name]), name)


def test_calendars_look_ahead_and_the_rest_does_not():
    ahead = {name for name in KEYS if source_named(name).ahead}
    assert ahead == {"economic-calendar", "earnings-calendar"}


def test_what_is_no_subreddit_is_told_when_reddit_is_opened(tmp_path):
    with pytest.raises(ConfigError, match="TOLLGATE_SUBREDDITS"):
        open_documents(settings(tmp_path, *KEYS["reddit"], subreddits="stocks,../me"), "reddit")


@pytest.fixture
def double():
    found = [post(n, NOW - timedelta(minutes=30)) for n in range(3)]
    with rest_double(Reddit([*found, post(4, NOW, selftext="[removed]")])) as running:
        yield running


def opened(double, clock, state=None):
    feed = RedditFeed(
        CLIENT,
        SECRET,
        clock,
        subreddits=("stocks",),
        user_agent="tests of tollgate",
        url=double.url,
        oauth_url=double.url,
        seconds=30,
    )
    return guarded(feed, clock, state=state, yields=False)


def test_what_an_answer_lacks_is_told_beside_it(double):
    feed = opened(double, SetClock(NOW))
    assert len(feed.documents(WANTED)) == 3
    assert feed.notice() == "Reddit: left out 1 deleted or removed"


def test_a_rate_limit_is_kept_to_for_as_long_as_it_was_told_and_by_the_next_process(
    double, tmp_path
):
    clock = SetClock(NOW)
    double.broken, double.retry_after = "429", "3600"
    with pytest.raises(Unanswered, match="its rate limit"):
        opened(double, clock, tmp_path).documents(WANTED)
    asked = len(double.asked)
    double.broken, double.retry_after = "", None
    clock.advance(timedelta(minutes=59))
    with pytest.raises(Unanswered, match="its rate limit"):
        opened(double, clock, tmp_path).documents(WANTED)
    assert len(double.asked) == asked == 1
    clock.advance(timedelta(minutes=2))
    assert len(opened(double, clock, tmp_path).documents(WANTED)) == 3


def test_no_key_is_in_what_is_remembered_of_a_feed(double, tmp_path):
    double.broken = "401"
    with pytest.raises(Unanswered):
        opened(double, SetClock(NOW), tmp_path).documents(WANTED)
    kept = (tmp_path / "feeds" / "reddit.json").read_text()
    assert json.loads(kept)["name"] == "reddit"
    assert SECRET not in kept


def test_an_empty_span_makes_no_question():
    with pytest.raises(InputError, match="span is empty"):
        Wanted(NOW, NOW)
