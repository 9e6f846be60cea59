"""Every feed takes the same exam."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.contracts.feed import FeedContract
from tests.execution.alpaca.market import START
from tests.execution.alpaca.server import KEY, SECRET
from tests.market_data.alpaca_double import alpaca_double
from tests.market_data.clocks import SetClock
from tests.market_data.yahoo_double import yahoo_double
from tools.alpaca_session import Keys
from tools.market_data.feeds.alpaca import AlpacaFeed
from tools.market_data.feeds.feed import Feed
from tools.market_data.feeds.files import FilesFeed
from tools.market_data.feeds.sample import SampleFeed
from tools.market_data.feeds.yahoo import YahooFeed

ROWS = [
    {"Date": "2012-06-04", "Open": 189.0, "High": 190.5, "Low": 188.2, "Close": 189.7,
     "Adj Close": 161.75, "Volume": 4300},
    {"Date": "2012-06-01", "Open": 190.8, "High": 191.4, "Low": 188.6, "Close": 189.1,
     "Adj Close": 161.24, "Volume": 5500},
]  # fmt: skip


class TestSample(FeedContract):
    @pytest.fixture(params=["AAPL", "FB", "GOOG", "IBM", "MSFT"])
    def symbol(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    @pytest.fixture
    def feed(self) -> Feed:
        return SampleFeed()


class TestCsvFiles(FeedContract):
    symbol = pytest.fixture(params=["IBM", "BTC/USD", "EUR/USD"])(lambda _, request: request.param)

    @pytest.fixture
    def feed(self, tmp_path: Path) -> Feed:
        for name in ("ibm", "BTC-USD", "EUR-USD"):
            with (tmp_path / f"{name}.csv").open("w", newline="") as file:
                writer = csv.DictWriter(file, ROWS[0])
                writer.writeheader()
                writer.writerows(ROWS)
        return FilesFeed(tmp_path)


class TestParquetFiles(FeedContract):
    symbol = pytest.fixture(lambda _: "IBM")

    @pytest.fixture
    def feed(self, tmp_path: Path) -> Feed:
        pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "IBM.parquet")
        return FilesFeed(tmp_path)


class TestYahoo(FeedContract):
    symbol = pytest.fixture(lambda _: "IBM")

    @pytest.fixture(scope="class")
    def feed(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Feed]:
        clock = SetClock(datetime(2024, 6, 7, 1, 0, tzinfo=UTC))
        with yahoo_double() as double:
            yield YahooFeed(
                clock,
                tmp_path_factory.mktemp("state"),
                host=double.host,
                port=double.port,
                session=double.session,
            )


class TestAlpaca(FeedContract):
    symbol = pytest.fixture(params=["IBM", "BTC/USD"])(lambda _, request: request.param)

    @pytest.fixture(scope="class")
    def feed(self) -> Iterator[Feed]:
        with alpaca_double(page=7) as double:
            yield AlpacaFeed(
                Keys(KEY, SECRET), SetClock(START), trading_url=double.url, data_url=double.url
            )
