"""The files feed on years of real bars, where the measurement data is beside the checkout."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

from tools.market_data.feeds.files import FilesFeed

DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("prices")


@pytest.mark.parametrize(
    ("source", "symbol", "rows"),
    [
        ("us_equity_daily", "IBM", 5849),
        ("us_equity_daily", "AAPL", 5849),
        ("forex_daily", "EUR/USD", 3738),
        ("crypto_daily", "BTC/USD", 1318),
    ],
)
def test_every_real_bar_is_read(folder, strict_skip, source, symbol, rows):
    path = DATA / f"{source}.csv.gz"
    if not path.exists():
        strict_skip(f"{path.name} is not beside the checkout")
    name = f"{symbol.replace('/', '-')}.csv"
    with gzip.open(path, "rt", newline="") as file, (folder / name).open("w", newline="") as out:
        header, *lines = csv.reader(file)
        mine = [line for line in lines if line[header.index("symbol")] == symbol]
        csv.writer(out).writerows([header, *mine])
    bars = FilesFeed(folder).bars(symbol)
    assert len(bars) == len(mine)
    assert abs(len(bars) - rows) <= 1
    assert [str(bar.session) for bar in bars] == [line[1][:10] for line in mine]
