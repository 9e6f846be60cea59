"""A person's SQL reads their prices, changes nothing, and reaches nothing else."""

from datetime import timedelta

import pytest

from tests.contracts.market_store import LATER, MINUTES, QUOTES, TRADES, at, bars, span, ticks
from tests.market_data.clocks import SetClock
from tests.market_data.store.s3_double import Bucket, serving
from tools.domain.errors import InputError
from tools.market_data.store.files import LocalFiles
from tools.market_data.store.parquet import ParquetParts
from tools.market_data.store.sql import files_of, query
from tools.market_data.store.store import MarketStore


@pytest.fixture
def files(tmp_path):
    files = LocalFiles(tmp_path / "it's here")
    clock = SetClock(LATER)
    store = MarketStore(ParquetParts(files), clock)
    store.append(MINUTES, bars({0: 1, 1: 2}), span(0, 10))
    clock.advance(timedelta(days=1))
    store.append(MINUTES, bars({0: 1, 1: 2.5}), span(0, 10))
    store.append(TRADES, ticks([(0, 5), (1, 6)]), span(0, 2))
    return files


def test_names_times_and_last_versions_are_there(files):
    found = query(files, "SELECT source, frame, symbol, time, known, close FROM bars ORDER BY time")
    assert found.columns == ("source", "frame", "symbol", "time", "known", "close")
    assert [row[:3] for row in found.rows] == [("test", "1m", "IBM")] * 2
    assert [row[5] for row in found.rows] == [1, 2.5]
    assert found.rows[0][3] == at(0)
    assert found.rows[0][4] == at(1)


def test_all_versions_and_other_kinds_are_there(files):
    assert query(files, "SELECT count(*) FROM bars_versions").rows == ((3,),)
    assert query(files, "SELECT sum(price) FROM trades").rows == ((11,),)
    assert query(files, "SELECT * FROM quotes").rows == ()


def test_no_more_than_asked_for_is_shown_and_that_is_said(files):
    found = query(files, "SELECT * FROM range(10)", 3)
    assert (len(found.rows), found.more) == (3, True)
    assert not query(files, "SELECT * FROM range(3)", 3).more


@pytest.mark.parametrize(
    "statement",
    [
        "",
        "DROP VIEW bars",
        "SELECT 1; SELECT 2",
        "COPY (SELECT 1) TO '{root}/bars/stolen.parquet'",
        "ATTACH '{root}/x.db'",
        "INSTALL httpfs",
        "SET enable_external_access=true",
        "PRAGMA database_list",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT content FROM read_text('{root}/../secret')",
        "SELECT nothing FROM bars",
    ],
)
def test_what_is_no_reading_of_prices_is_refused(files, statement):
    (files.root.parent / "secret").write_text("secret")
    before = sorted(files.root.rglob("*"))
    with pytest.raises(InputError):
        query(files, statement.format(root=str(files.root).replace("'", "''")))
    assert sorted(files.root.rglob("*")) == before


def test_a_bucket_is_read_too():
    from tools.market_data.store.bucket import BucketFiles

    bucket = Bucket()
    with serving(bucket) as address:
        files = BucketFiles(f"s3://key:secret@prices/desk?endpoint={address}")
        parts = ParquetParts(files)
        MarketStore(parts, SetClock(LATER)).append(MINUTES, bars({0: 1, 1: 2}), span(0, 10))
        assert files_of(parts) is files
        assert query(files, "SELECT sum(close) FROM bars").rows == ((3,),)


def test_the_quotes_symbol_is_spelled_as_it_is(files, tmp_path):
    import numpy as np

    from tools.market_data.columns import QuoteColumns, nanoseconds

    time = np.array([nanoseconds(at(0))], np.int64)
    put = QuoteColumns("BTC/USD", "test", time, time, *[np.ones(1)] * 4)
    MarketStore(ParquetParts(files), SetClock(LATER)).append(QUOTES, put, span(0, 5))
    assert query(files, "SELECT symbol FROM quotes").rows == (("BTC/USD",),)
