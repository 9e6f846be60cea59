"""How a crypto exchange is chosen: TOLLGATE_FEED, TOLLGATE_EXCHANGE, and the extra `ccxt`."""

from __future__ import annotations

import json
import sys

import pytest
from typer.testing import CliRunner

from app.cli.data import cli
from app.health import _feeds
from tests.market_data.ccxt_double import Binance, urls
from tests.market_data.rest_double import rest_double
from tools import assembly
from tools.domain.errors import ConfigError
from tools.settings import FeedChoice, Settings, load_settings


def test_an_exchange_is_taken_by_name_and_is_in_auto_where_one_is_named(tmp_path):
    named = Settings(home=tmp_path, feed=FeedChoice.CCXT, exchange="kraken")
    assert [feed.name for feed in assembly.build_market(named).feeds()] == ["kraken"]
    assert assembly.live_stream(named).name == "kraken"
    assert _feeds(named).found == "kraken not asked yet"
    auto = Settings(home=tmp_path, feed=FeedChoice.AUTO, exchange="kraken")
    assert [feed.name for feed in assembly.build_market(auto).feeds()] == ["kraken", "yahoo"]
    without = Settings(home=tmp_path, feed=FeedChoice.AUTO)
    assert [feed.name for feed in assembly.build_market(without).feeds()] == ["yahoo"]


def test_the_feed_without_an_exchange_says_what_to_set(tmp_path):
    with pytest.raises(ConfigError, match="set TOLLGATE_EXCHANGE to an exchange such as binance"):
        assembly.build_market(Settings(home=tmp_path, feed=FeedChoice.CCXT))


@pytest.mark.parametrize("feed", [FeedChoice.CCXT, FeedChoice.AUTO])
def test_an_exchange_that_does_not_exist_starts_nothing(tmp_path, feed):
    with pytest.raises(ConfigError, match="did you mean binance"):
        assembly.build_market(Settings(home=tmp_path, feed=feed, exchange="binanse"))


@pytest.mark.parametrize("feed", [FeedChoice.CCXT, FeedChoice.AUTO])
def test_without_its_extra_it_says_which_one_to_install(tmp_path, monkeypatch, feed):
    for name in [name for name in sys.modules if ".feeds.ccxt" in name]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ccxt", None)
    with pytest.raises(ConfigError, match="install Tollgate with its extra `ccxt`"):
        assembly.build_market(Settings(home=tmp_path, feed=feed, exchange="binance"))


def test_an_empty_exchange_is_none(monkeypatch):
    monkeypatch.setenv("TOLLGATE_EXCHANGE", "")
    assert load_settings().exchange is None


def test_the_command_line_shows_an_exchanges_prices(tmp_path, monkeypatch):
    import ccxt

    monkeypatch.setenv("TOLLGATE_FEED", "ccxt")
    monkeypatch.setenv("TOLLGATE_EXCHANGE", "binance")
    described = ccxt.binance.describe
    with rest_double(Binance()) as double:
        there = {"urls": urls("binance", double.url)}
        monkeypatch.setattr(
            ccxt.binance, "describe", lambda api: api.deep_extend(described(api), there)
        )
        done = CliRunner().invoke(cli, ["bars", "btc-usdt", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert (told["symbol"], told["feed"]) == ("BTC/USDT", "binance")
    assert told["bars"][-1]["close"] == "67050.25"
