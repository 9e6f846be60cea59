"""Dividends and splits as each feed tells them, and the one that the desk takes them from."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.contracts.companies import DividendsContract, SplitsContract
from tests.doubles import bar
from tests.execution.alpaca.faults import Fault, status
from tests.execution.alpaca.market import START
from tests.execution.alpaca.server import KEY, SECRET
from tests.market_data import polygon_double
from tests.market_data.alpaca_double import alpaca_double
from tests.market_data.clocks import SetClock
from tests.market_data.rest_double import rest_double
from tests.market_data.yahoo_double import yahoo_double
from tools.alpaca_session import Keys
from tools.assembly.companies import Companies, Patient
from tools.domain.actions import Dividend, StockSplit
from tools.domain.errors import DataUnavailable
from tools.domain.feed_health import CircuitState
from tools.domain.instrument import AssetClass, Instrument
from tools.market_data.feeds.alpaca import AlpacaFeed
from tools.market_data.feeds.files import FilesFeed
from tools.market_data.feeds.polygon import PolygonFeed
from tools.market_data.feeds.resilience.guard import guarded
from tools.market_data.feeds.sample import SampleFeed
from tools.market_data.feeds.yahoo import YahooFeed
from tools.market_data.market import Market

D = Decimal
UUID = "11cfd108-292e-4cc6-bfbf-5999cdbc4029"
EARLY, LATE = datetime(1990, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def symbol():
    return "IBM"


# ------------------------------------------------------------------------------------------ Alpaca


def act(name, day, paid=None, **told):
    """A row of Alpaca's, processed when it is paid."""
    row = {"id": UUID, "symbol": "IBM", "cusip": "459200101", "ex_date": day}
    row |= {"process_date": paid or day} | ({"payable_date": paid} if paid else {})
    if name == "cash_dividends":
        row |= {"special": False, "foreign": False}
    if name == "reverse_splits":
        del row["cusip"]
        row |= {"old_cusip": "459200101", "new_cusip": "459200102"}
    return name, row | told


@pytest.fixture
def alpaca():
    with alpaca_double(page=3) as running:
        running.acts = [
            act("cash_dividends", "2025-12-10", "2026-02-10", rate=1.67),
            act("cash_dividends", "2025-12-10", "2026-02-10", rate=1.0, special=True),
            act("cash_dividends", "2025-09-10", "2025-12-10", rate=1.66, currency="USD"),
            act("cash_dividends", "2025-09-10", rate=9.0, symbol="MSFT"),
            act("forward_splits", "2025-12-15", new_rate=2, old_rate=1),
            act("reverse_splits", "2020-06-01", new_rate=1, old_rate=8),
            act("stock_dividends", "2019-06-03", rate=0.05),
            act("cash_mergers", "2025-12-16", rate=9.0),
        ]
        yield running


def of_alpaca(running):
    keys, clock = Keys(KEY, SECRET), SetClock(START)
    return AlpacaFeed(keys, clock, trading_url=running.url, data_url=running.url)


class TestAlpaca(DividendsContract, SplitsContract):
    @pytest.fixture
    def feed(self, alpaca):
        return of_alpaca(alpaca)

    def test_each_kind_is_told_over_all_pages_with_its_dates(self, feed):
        paid = [(one.ex.date(), one.amount, one.payable) for one in feed.dividends("IBM")]
        assert paid == [
            (date(2025, 9, 10), D("1.66"), date(2025, 12, 10)),
            # It is paid, and processed, weeks from now: it went ex all the same.
            (date(2025, 12, 10), D("1.67"), date(2026, 2, 10)),
            (date(2025, 12, 10), D("1.0"), date(2026, 2, 10)),
        ]
        splits = [(one.ex.date(), one.ratio) for one in feed.splits("IBM")]
        assert splits == [
            (date(2019, 6, 3), D("1.05")),
            (date(2020, 6, 1), D("0.125")),
            (date(2025, 12, 15), D(2)),
        ]

    def test_a_coin_has_none_and_is_not_asked_about(self, alpaca):
        feed = of_alpaca(alpaca)
        assert feed.dividends("BTC/USD") == feed.splits("BTC/USD") == ()

    @pytest.mark.parametrize("rate", [-1.0, 0, "much", None])
    def test_a_dividend_that_is_no_number_is_told(self, alpaca, rate):
        alpaca.acts = [act("cash_dividends", "2025-12-10", rate=rate)]
        with pytest.raises(DataUnavailable, match="can't be read"):
            of_alpaca(alpaca).dividends("IBM")
        alpaca.wrong.clear()  # such an answer is against the document

    def test_two_of_one_day_are_one_sum(self, feed):
        market = Market((feed,), SetClock(START))
        day = datetime(2025, 12, 9, tzinfo=UTC)
        (told,) = Companies(market).dividends("IBM", day, day + timedelta(days=3))
        assert told.amount == D("2.67")


# ----------------------------------------------------------------------------------------- Polygon


@pytest.fixture
def polygon():
    made = polygon_double.Polygon()
    more = {"currency": "USD", "dividend_type": "CD", "frequency": 4}
    made.paid = [
        {"ticker": "IBM", "cash_amount": 1.67, "ex_dividend_date": "2024-05-09",
         "pay_date": "2024-06-10", **more},
        {"ticker": "IBM", "cash_amount": 1.66, "ex_dividend_date": "2024-02-08",
         "pay_date": "2024-03-09", **more},
        {"ticker": "IBM", "cash_amount": 1.65, "ex_dividend_date": "2023-11-09", **more},
    ]  # fmt: skip
    made.splits = [
        {"ticker": "IBM", "execution_date": "2024-06-05", "split_from": 1, "split_to": 2},
        {"ticker": "IBM", "execution_date": "2021-11-04", "split_from": 1000, "split_to": 1046},
    ]
    with rest_double(made) as running:
        running.made = made
        yield running


class TestPolygon(DividendsContract, SplitsContract):
    @pytest.fixture
    def feed(self, polygon):
        clock = SetClock(polygon_double.NOW)
        return PolygonFeed(polygon_double.KEY, clock, url=polygon.url, seconds=10)

    def test_they_are_exact_and_of_every_page(self, feed):
        paid = [(str(one.ex.date()), one.amount, one.payable) for one in feed.dividends("IBM")]
        assert paid == [
            ("2023-11-09", D("1.65"), None),
            ("2024-02-08", D("1.66"), date(2024, 3, 9)),
            ("2024-05-09", D("1.67"), date(2024, 6, 10)),
        ]
        assert [one.ratio for one in feed.splits("IBM")] == [D("1.046"), 2]

    def test_an_odd_row_is_told_and_not_left_out(self, feed, polygon):
        polygon.made.paid[1]["cash_amount"] = -1
        with pytest.raises(DataUnavailable, match="Polygon's dividends of IBM can't be read"):
            feed.dividends("IBM")


# ------------------------------------------------------------------------------ Yahoo and the files


class TestYahoo(DividendsContract, SplitsContract):
    @pytest.fixture
    def feed(self, tmp_path):
        clock = SetClock(datetime(2024, 6, 7, 1, 0, tzinfo=UTC))
        with yahoo_double() as told:
            yield YahooFeed(clock, tmp_path, host=told.host, port=told.port, session=told.session)


HEAD = "date,open,high,low,close,volume,dividends\n"
ROWS = "2012-06-01,10,11,9,10.5,1000,\n2012-06-04,10,11,9,10.5,1000,0.35\n"


class TestFiles(DividendsContract):
    @pytest.fixture
    def feed(self, tmp_path):
        (tmp_path / "IBM.csv").write_text(HEAD + ROWS)
        return FilesFeed(tmp_path)

    def test_the_file_is_read_again_only_when_it_has_changed(self, feed, tmp_path, monkeypatch):
        reads = []
        from tools.market_data.feeds import files

        read = files.read_table
        monkeypatch.setattr(files, "read_table", lambda path: reads.append(path) or read(path))
        assert [feed.dividends("IBM")[0].amount for _ in range(5)] == [D("0.35")] * 5
        assert len(reads) == 1
        (tmp_path / "IBM.csv").write_text(HEAD + ROWS + "2012-06-05,10,11,9,10.5,1000,0.1\n")
        assert [one.amount for one in feed.dividends("IBM")] == [D("0.35"), D("0.1")]
        assert len(reads) == 2


# -------------------------------------------------------------------------- which feed is asked


class Told:
    """A feed of one symbol that tells what a test says."""

    name, live = "told", False

    def __init__(self, paid, splits=()):
        self.paid, self.parted = paid, splits

    def instrument(self, symbol):
        return Instrument(symbol, symbol, "XNYS", AssetClass.EQUITY, "USD")

    def bars(self, symbol):
        return (bar("IBM", "2013-02-25", "200", "200"),) if symbol == "IBM" else None

    def dividends(self, symbol):
        return self.paid

    def splits(self, symbol):
        return self.parted

    def symbols(self):
        return ("IBM",)

    def notice(self):
        return "it is out for lunch"


EX = datetime(2013, 2, 27, 14, 30, tzinfo=UTC)
PAID, HALVED = Dividend("IBM", EX, D("0.85"), "USD"), StockSplit("IBM", EX, D(2))


def over(*feeds):
    return Companies(Market(feeds, SetClock(START)))


def test_only_the_feed_that_the_prices_are_from_is_asked():
    told = over(Told((PAID,), (HALVED,)), SampleFeed())
    assert set(told.actions("IBM", EARLY, LATE)) == {PAID, HALVED}
    assert told.actions("IBM", EX, LATE) == ()
    # The sample tells no dividends; its splits are read from its adjusted closes.
    apple = told.actions("AAPL", EARLY, LATE)
    assert [(type(one), str(one.ex.date())) for one in apple] == [
        (StockSplit, "2000-06-21"), (StockSplit, "2005-02-28"),
    ]  # fmt: skip
    assert told.actions("NOPE", EARLY, LATE) == ()


@pytest.mark.parametrize("paid", [None, (Dividend("IBM", EX, D("0.85"), "EUR"),)])
def test_what_is_not_known_is_an_error_in_a_run_and_awaited_by_a_desk_that_goes_on(paid, caplog):
    told = over(Told(paid, (HALVED,)))
    with pytest.raises(DataUnavailable, match=r"out for lunch|in EUR, and its prices are in USD"):
        told.actions("IBM", EARLY, LATE)
    clock = SetClock(START)
    patient = Patient(told, clock)
    for _ in range(3):
        assert list(patient.actions("IBM", EARLY, LATE)) == [HALVED]
    assert len(caplog.records) == 1


def test_a_feed_that_does_not_answer_is_asked_again_after_a_while_and_not_at_each_look():
    feed, clock, asked = Told(None), SetClock(START), []
    feed.dividends = lambda symbol: asked.append(symbol) or feed.paid
    patient = Patient(over(feed), clock)
    for _ in range(5):
        assert patient.actions("IBM", EARLY, LATE) == ()
    assert len(asked) == 1
    feed.paid = (PAID,)
    clock.advance(timedelta(minutes=11))
    assert patient.actions("IBM", EARLY, LATE) == (PAID,)


def test_announcements_that_are_out_of_order_leave_alpaca_s_prices_alone(alpaca):
    feed = guarded(of_alpaca(alpaca), SetClock(START), yields=False)
    alpaca.fault("GET", "/v1/corporate-actions", Fault("500", False, status(500)))
    with pytest.raises(DataUnavailable):
        feed.dividends("IBM")
    assert feed.bars("IBM")
    assert feed.quote("IBM")
    assert feed.health().state is CircuitState.CLOSED
