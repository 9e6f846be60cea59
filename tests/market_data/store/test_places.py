"""Every place for prices passes the same exam."""

import pytest

from tests.contracts.market_store import LATER, MINUTES, MarketStoreContract, bars, read, span
from tests.execution import databases
from tests.market_data.clocks import SetClock
from tests.market_data.store.s3_double import Bucket, serving
from tools.domain.errors import ConfigError, StateError
from tools.market_data.store.files import LocalFiles
from tools.market_data.store.parquet import ParquetParts
from tools.market_data.store.store import MarketStore


class TestFolder(MarketStoreContract):
    @pytest.fixture
    def parts(self, tmp_path):
        return ParquetParts(LocalFiles(tmp_path / "market"))


@pytest.fixture(scope="module")
def server():
    bucket = Bucket()
    with serving(bucket) as address:
        yield bucket, address


@pytest.fixture
def bucket(server):
    server[0].__init__()
    return server[0]


@pytest.fixture(scope="module")
def bucket_files(server):
    from tools.market_data.store.bucket import BucketFiles

    return BucketFiles(f"s3://key:secret@prices/desk?endpoint={server[1]}")


class TestBucket(MarketStoreContract):
    @pytest.fixture
    def parts(self, bucket, bucket_files):
        return ParquetParts(bucket_files)

    def test_a_listing_of_many_pages_is_read_whole(self, store, bucket):
        bucket.page = 2
        for minute in range(5):
            store.append(MINUTES, bars({minute: minute}), span(minute, minute + 1))
        assert read(store) == {minute: minute for minute in range(5)}

    def test_a_bucket_that_refuses_is_told_without_the_key(self, store, bucket):
        store.append(MINUTES, bars({0: 1}), span(0, 10))
        bucket.status = 403
        with pytest.raises(StateError, match="TOLLGATE_MARKET_STORE") as told:
            store.read(MINUTES)
        assert "secret" not in str(told.value)
        bucket.status = 200
        assert read(store) == {0: 1}


def test_an_address_that_is_no_bucket_is_refused():
    from tools.market_data.store.bucket import BucketFiles

    with pytest.raises(ConfigError, match="s3://"):
        BucketFiles("s3:///prices")


@pytest.fixture(scope="module")
def database(strict_skip):
    if why := databases.reachable():
        strict_skip(f"no PostgreSQL server for tests: {why}")
    return databases.URL


class TestPostgres(MarketStoreContract):
    @pytest.fixture
    def schema(self, database):
        name = databases.new_schema()
        yield name
        databases.drop(name)

    @pytest.fixture
    def parts(self, database, schema):
        from tools.market_data.store.postgres import PostgresParts

        made = PostgresParts(database, schema)
        yield made
        made.close()

    def test_a_connection_that_was_lost_is_made_anew(self, store, parts, database, schema):
        from tools.market_data.store.postgres import PostgresParts

        store.append(MINUTES, bars({0: 1}), span(0, 10))
        other = PostgresParts(database, schema)
        other._database.transaction(
            lambda c: c.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'tollgate prices' AND pid <> pg_backend_pid()"
            )
        )
        other.close()
        store.append(MINUTES, bars({11: 2}), span(10, 20))
        assert read(store) == {0: 1, 11: 2}

    def test_a_database_from_before_there_were_reports_gets_them(
        self, store, parts, database, schema
    ):
        store.append(MINUTES, bars({0: 1}), span(0, 10))
        parts._database.transaction(lambda c: c.run("DROP TABLE reports"))
        later = MarketStore(
            type(parts)(databases.URL, parts._database._address.schema), SetClock(LATER)
        )
        assert later.report(MINUTES) is None
        assert later.keep_report(MINUTES, {"score": 1, "findings": []}) == later.report(MINUTES)
        later.parts.close()

    def test_several_that_begin_a_year_at_once_get_along(self, store, parts, database, schema):
        from concurrent.futures import ThreadPoolExecutor

        from tools.market_data.store.postgres import PostgresParts

        def write(number):
            mine = PostgresParts(database, schema)
            minute = 60 * 24 * 365 * (number % 3)
            put = bars({minute + number: number})
            MarketStore(mine, SetClock(LATER)).append(MINUTES, put)
            mine.close()

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(write, range(6)))
        assert sorted(read(store).values()) == list(range(6))

    def test_an_answer_is_kept_whole_or_not_at_all(self, store, parts, monkeypatch):
        from tools.market_data.store import postgres

        store.append(MINUTES, bars({0: 1}), span(0, 10))
        monkeypatch.setattr(postgres, "written", lambda *_: __import__("io").BytesIO(b"half"))
        with pytest.raises(StateError, match="Nothing of it"):
            store.append(MINUTES, bars({11: 2}), span(10, 20))
        assert read(store) == {0: 1}
        assert store.covered(MINUTES) == (span(0, 10),)


def test_a_database_that_does_not_answer_is_told_without_the_password():
    from tools.market_data.store.postgres import PostgresParts

    parts = PostgresParts("postgresql://me:secret@127.0.0.1:9/none")
    with pytest.raises(StateError, match="can't be reached") as told:
        MarketStore(parts, SetClock(None)).covered(MINUTES)
    assert "secret" not in str(told.value)
