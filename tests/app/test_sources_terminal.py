"""``tollgate data feeds|chain|flow|economy``, and the feeds in `doctor` and `/health`."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner

from app.api.status import health
from app.cli.data import cli
from app.health import _feeds
from tests.market_data.resilience.scripted import NOON
from tools import assembly
from tools.clock import SystemClock
from tools.domain.document import Observation
from tools.domain.errors import ConfigError, DataUnavailable
from tools.domain.feed_health import CircuitState, FeedHealth
from tools.domain.instrument import OptionTerms, Right
from tools.domain.options import OptionQuote, OptionTrade
from tools.market_data.feeds.opening import named_feeds
from tools.market_data.feeds.resilience.memory import keep
from tools.risk.mode import Mode
from tools.settings import FeedChoice, Settings

TERMS = OptionTerms("IBM", NOON.date(), Decimal(170), Right.CALL)
OPEN = FeedHealth(
    "yahoo",
    CircuitState.OPEN,
    3,
    "Yahoo did not answer (YFRateLimitError).",
    NOON,
    NOON - timedelta(minutes=5),
    datetime(2999, 1, 1, tzinfo=UTC),
    NOON,
)


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("TOLLGATE_HOME", str(tmp_path))
    monkeypatch.setenv("TOLLGATE_FEED", "sample")

    def run(*words):
        done = CliRunner().invoke(cli, words)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.output

    return run


def test_the_health_of_each_feed_is_told(run, monkeypatch):
    monkeypatch.setattr(assembly, "build_market", lambda _: SimpleNamespace(feeds=lambda: (OPEN,)))
    (told,) = json.loads(run("feeds", "--json"))["feeds"]
    assert (told["state"], told["failures"]) == ("open", 3)
    assert "yahoo" in run("feeds")


def test_a_chain_is_told_and_its_want_explained(run, monkeypatch):
    quote = OptionQuote("IBM1", TERMS, NOON, NOON, "polygon", bid=Decimal("1.25"))
    market = SimpleNamespace(chain=lambda symbol: (quote,))
    monkeypatch.setattr(assembly, "build_market", lambda _: market)
    told = json.loads(run("chain", "IBM", "--json"))
    assert (told["source"], told["contracts"][0]["bid"]) == ("polygon", "1.25")
    assert told["contracts"][0]["right"] == "call"
    market.chain = lambda symbol: None
    with pytest.raises(DataUnavailable, match="POLYGON_API_KEY"):
        run("chain", "IBM")


def test_a_flow_is_told_and_wants_its_key(run, monkeypatch):
    with pytest.raises(ConfigError, match="set UNUSUAL_WHALES_API_KEY"):
        run("flow", "IBM")
    trade = OptionTrade("I", TERMS, Decimal(2), Decimal(5), Decimal(1000), NOON, NOON, "x", "ask")
    feed = SimpleNamespace(flow=lambda *asked: (trade,))
    monkeypatch.setattr(assembly, "flow_feed", lambda _: feed)
    assert json.loads(run("flow", "IBM", "--json"))["trades"][0]["premium"] == "1000"
    assert "1000" in run("flow", "IBM")


def test_a_series_is_told_as_it_stood_and_wants_its_key(run, monkeypatch):
    with pytest.raises(ConfigError, match="set FRED_API_KEY"):
        run("economy", "GNP")
    asked = []

    def observations(series, as_of):
        asked.append(as_of)
        return (Observation(series, NOON.date(), Decimal("13323.4"), NOON, "fred"),)

    feed = SimpleNamespace(observations=observations)
    monkeypatch.setattr(assembly, "economic_feed", lambda _: feed)
    told = json.loads(run("economy", "GNP", "--as-of", "2012-02-15", "--json"))
    assert told["observations"][0]["value"] == "13323.4"
    assert asked == [datetime(2012, 2, 16, tzinfo=UTC)]
    feed.observations = lambda *_: None
    with pytest.raises(DataUnavailable, match="FRED has no series GNP"):
        run("economy", "GNP")


def test_doctor_says_since_when_a_feed_is_left_alone_and_why(tmp_path):
    settings = Settings(home=tmp_path, feed=FeedChoice.YAHOO)
    assert _feeds(settings).found == "yahoo not asked yet"
    keep(tmp_path / "feeds" / "yahoo.json", OPEN)
    assert _feeds(settings).found.startswith("yahoo half-open")  # a moment so far away is no pause
    soon = datetime.now(UTC) + timedelta(minutes=10)
    keep(tmp_path / "feeds" / "yahoo.json", FeedHealth(**{**_fields(OPEN), "retry_at": soon}))
    finding = _feeds(settings)
    assert finding.status == "note"
    assert "yahoo open, last answer 2024-06-07 11:55 UTC" in finding.found
    assert (
        "last error 2024-06-07 12:00 UTC: Yahoo did not answer (YFRateLimitError)" in finding.found
    )
    assert f"tried again from {soon:%H:%M:%S} UTC" in finding.found


async def test_health_over_http_has_every_feed():
    word = SimpleNamespace(source="switch", mode=Mode.ACTIVE, sentence="", since=None)
    agreed = SimpleNamespace(reconciled_at=NOON, differences=[], connected=True)
    desk = SimpleNamespace(approvals=SimpleNamespace(standing=lambda: [word]), agree=lambda: agreed)
    house = SimpleNamespace(
        desk=desk,
        market=SimpleNamespace(feeds=lambda: (OPEN,)),
        clock=SimpleNamespace(now=lambda: NOON),
        broker=SimpleNamespace(name="paper", real_money=False),
    )
    mind = SimpleNamespace(mind=SimpleNamespace(label="planner"))
    told = await health(SimpleNamespace(house=house, conversation=mind))
    assert told["feeds"] == [_fields(OPEN)]


def test_polygon_is_taken_by_name_and_by_its_key(tmp_path):
    named = Settings(home=tmp_path, feed=FeedChoice.POLYGON, polygon_api_key="k")
    assert [feed.name for feed in assembly.build_market(named).feeds()] == ["polygon"]
    auto = Settings(home=tmp_path, feed=FeedChoice.AUTO, polygon_api_key="k")
    assert [feed.name for feed in assembly.build_market(auto).feeds()] == ["polygon", "yahoo"]
    with pytest.raises(ConfigError, match="set POLYGON_API_KEY"):
        assembly.build_market(Settings(home=tmp_path, feed=FeedChoice.POLYGON))


def test_oanda_is_taken_by_name_and_by_its_key_and_account(tmp_path):
    both = {"oanda_api_key": "k", "oanda_account_id": "101-004-1234567-001"}
    named = Settings(home=tmp_path, feed=FeedChoice.OANDA, **both)
    assert [feed.name for feed in assembly.build_market(named).feeds()] == ["oanda"]
    assert assembly.live_stream(named).name == "oanda"
    auto = Settings(home=tmp_path, feed=FeedChoice.AUTO, **both)
    assert [feed.name for feed in assembly.build_market(auto).feeds()] == ["oanda", "yahoo"]
    lone = Settings(home=tmp_path, feed=FeedChoice.AUTO, oanda_api_key="k")
    assert [feed.name for feed in assembly.build_market(lone).feeds()] == ["yahoo"]
    with pytest.raises(ConfigError, match="set OANDA_API_KEY and OANDA_ACCOUNT_ID"):
        assembly.build_market(Settings(home=tmp_path, feed=FeedChoice.OANDA, oanda_api_key="k"))


def test_robinhood_is_taken_by_name_and_by_both_its_keys(tmp_path):
    seed = base64.b64encode(b"s" * 32).decode()
    both = {"robinhood_api_key": "k", "robinhood_private_key": seed}
    named = Settings(home=tmp_path, feed=FeedChoice.ROBINHOOD, **both)
    assert [feed.name for feed in assembly.build_market(named).feeds()] == ["robinhood+yahoo"]
    auto = Settings(home=tmp_path, feed=FeedChoice.AUTO, **both)
    assert [feed.name for feed in assembly.build_market(auto).feeds()] == [
        "robinhood+yahoo",
        "yahoo",
    ]
    assert seed not in repr(named)
    with pytest.raises(ConfigError, match="set ROBINHOOD_API_KEY and ROBINHOOD_PRIVATE_KEY"):
        assembly.build_market(
            Settings(home=tmp_path, feed=FeedChoice.ROBINHOOD, robinhood_api_key="k")
        )


def test_the_setting_alone_chooses_oandas_host_and_the_practice_one_is_the_default(tmp_path):
    both = {"oanda_api_key": "k", "oanda_account_id": "101-004-1234567-001"}
    hosts = []
    for choice in ({}, {"oanda_host": "live"}):
        named = Settings(home=tmp_path, feed=FeedChoice.OANDA, **both, **choice)
        [feed] = named_feeds(named, SystemClock()).values()
        hosts.append((urlsplit(feed._source._rest._base).netloc, urlsplit(feed._stream_url).netloc))
    assert hosts == [
        ("api-fxpractice.oanda.com", "stream-fxpractice.oanda.com"),
        ("api-fxtrade.oanda.com", "stream-fxtrade.oanda.com"),
    ]
    assert "k'" not in repr(named)
    assert "1234567" not in repr(named)


def _fields(health):
    return {name: getattr(health, name) for name in FeedHealth.__slots__}
