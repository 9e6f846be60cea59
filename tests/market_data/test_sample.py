from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tools.domain.errors import DataUnavailable
from tools.market_data.feeds import sample
from tools.market_data.feeds.sample import SampleFeed


def test_prices_are_the_digits_of_the_file():
    bars = SampleFeed().bars("IBM")
    assert len(bars) == 3270
    assert (bars[0].session, bars[-1].session) == (date(2000, 3, 1), date(2013, 3, 1))
    assert str(bars[-1].close) == "202.91"
    assert bars[-1].adjusted_close == Decimal("175.27118333217")
    assert bars[-1].volume == 3308300


def test_each_symbol_starts_when_it_was_listed():
    assert SampleFeed().bars("GOOG")[0].session == date(2004, 8, 19)
    assert SampleFeed().bars("FB")[0].session == date(2012, 5, 18)


def test_its_last_moment_is_the_last_close_of_every_symbol():
    feed = SampleFeed()
    assert feed.latest() == datetime(2013, 3, 1, 21, 0, tzinfo=UTC)
    assert {feed.bars(name)[-1].known_at for name in feed.symbols()} == {feed.latest()}


def test_a_symbol_is_parsed_once_in_a_process():
    assert SampleFeed().bars("IBM") is SampleFeed().bars("IBM")


def test_loading_needs_neither_numpy_nor_pandas():
    code = (
        "import sys\n"
        "from tools.market_data.feeds.sample import SampleFeed\n"
        "from tools.market_data.market import Market\n"
        "assert SampleFeed().bars('IBM')\n"
        "print([m for m in ('numpy', 'pandas', 'bokeh_sampledata', 'yfinance') "
        "if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() in ("[]", "['bokeh_sampledata']")


@pytest.mark.parametrize("content", [b"", b"not gzip", None])
def test_a_broken_package_is_named_with_its_remedy(monkeypatch, tmp_path, content):
    path = tmp_path / "stocks.csv.gz"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setattr(sample, "_file", lambda: path)
    sample._lines_by_symbol.cache_clear()
    sample._bars.cache_clear()
    try:
        with pytest.raises(DataUnavailable, match="bokeh_sampledata"):
            SampleFeed().bars("IBM")
    finally:
        sample._lines_by_symbol.cache_clear()
