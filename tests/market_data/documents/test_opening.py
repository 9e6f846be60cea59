"""Sources are opened by name, with what they need or a sentence about it."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime, timedelta

import pytest

from tests.market_data.clocks import SetClock
from tests.market_data.rest_double import rest_double
from tools.domain.errors import ConfigError, InputError
from tools.market_data.documents.feed import DocumentFeed, Wanted
from tools.market_data.documents.opening import SOURCES, open_documents, source_named
from tools.market_data.feeds.resilience.failure import Unanswered
from tools.settings import Settings, load_settings, setting_name

NOW = datetime(2026, 3, 20, tzinfo=UTC)


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_names_settings_that_exist_and_is_not_opened_without_them(name):
    row = source_named(name)
    assert row.needs
    assert all(field in Settings.model_fields for field in row.needs)
    with pytest.raises(ConfigError, match=setting_name(row.needs[0])):
        open_documents(load_settings(), name)


def test_a_name_that_is_none_is_told_which_there_are():
    with pytest.raises(InputError, match="rss, edgar"):
        source_named("gazette")


def test_each_address_is_a_feed_of_its_own_with_its_own_circuit(monkeypatch):
    with rest_double(lambda *_: (500, b"")) as double:
        monkeypatch.setenv("TOLLGATE_RSS", f"{double.url}/a, {double.url}/b")
        one, two = open_documents(load_settings(), "rss", SetClock(NOW))
        assert isinstance(one, DocumentFeed)
        wanted = Wanted(NOW - timedelta(days=1), NOW)
        with pytest.raises(Unanswered):
            one.documents(wanted)
        assert len(double.asked) == 3  # with patience, and then left alone
        with pytest.raises(Unanswered, match="out of order"):
            one.documents(wanted)
        assert len(double.asked) == 3
        with pytest.raises(Unanswered):
            two.documents(wanted)
        assert len(double.asked) == 6


def test_a_package_that_is_missing_is_named_with_its_extra(monkeypatch):
    monkeypatch.setenv("TOLLGATE_RSS", "https://news.example/feed")
    monkeypatch.setitem(sys.modules, "feedparser", None)
    with pytest.raises(ConfigError, match="extra `documents`"):
        open_documents(load_settings(), "rss")


def test_the_readme_names_every_setting_that_a_source_needs():
    from pathlib import Path

    readme = (Path(__file__).parents[3] / "README.md").read_text("utf-8")
    needed = {setting_name(field) for row in SOURCES.values() for field in row.needs}
    assert {name for name in needed if not re.search(rf"`{name}`", readme)} == set()
