"""A person's files of shorter bars, trades and quotes, however they are written."""

from __future__ import annotations

import csv
import gzip
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contracts.intraday import IntradayContract
from tests.contracts.quotes import QuotesContract
from tests.contracts.trades import TradesContract
from tests.market_data.clocks import SetClock
from tools.domain.errors import DataUnavailable, InputError
from tools.domain.timeframe import DAILY, MINUTE, Timeframe
from tools.market_data.columns import moment_of
from tools.market_data.feeds.feed import IntradayFeed, QuotesFeed, TradesFeed
from tools.market_data.feeds.files import FilesFeed
from tools.market_data.quality.checking import check_file
from tools.market_data.reading.dates import Undecidable, iso
from tools.market_data.reading.naming import Content, Named, named
from tools.market_data.reading.numbers import Ambiguous, Style, plain, style

LONG_AGO, FAR = datetime(2000, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
DATA = Path(__file__).parents[3] / "shared" / "data"
OPENED = datetime(2013, 10, 7, 13, 30, tzinfo=UTC)


def minutes(folder, text, name="IBM_1m.csv"):
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return FilesFeed(folder).range("IBM", MINUTE, LONG_AGO, FAR)


# ------------------------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("file", "means"),
    [
        ("IBM.csv", Named("IBM", Content.BARS, DAILY)),
        ("ibm_5m.CSV", Named("IBM", Content.BARS, Timeframe.parse("5m"))),
        ("BTC-USD_1h.parquet", Named("BTC/USD", Content.BARS, Timeframe.parse("1h"))),
        ("BRK.B.csv", Named("BRK.B", Content.BARS, DAILY)),
        ("IBM.trades.csv", Named("IBM", Content.TRADES, None)),
        ("YESBANK.NS.quotes.parquet", Named("YESBANK.NS", Content.QUOTES, None)),
        ("IBM_old.csv", None),
        ("notes.txt", None),
        ("my notes_1m.csv", None),
    ],
)
def test_a_name_says_what_a_file_holds(file, means):
    assert named(Path(file)) == means


# ----------------------------------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("cells", "how", "read"),
    [
        (["1234.5", "-3"], Style.PLAIN, ["1234.5", "-3"]),
        (["1,234.50", "12"], Style.THOUSANDS, ["1234.50", "12"]),
        (["1,234,567"], Style.THOUSANDS, ["1234567"]),
        (["1,234", "10.5"], Style.THOUSANDS, ["1234", "10.5"]),
        (["1,5", "2"], Style.DECIMAL, ["1.5", "2"]),
        (["1.234,5", "1,234"], Style.DECIMAL, ["1234.5", "1.234"]),
        (["1,5", "2.000.000", "1.000"], Style.DECIMAL, ["1.5", "2000000", "1000"]),
        (["182.500", "-"], Style.PLAIN, ["182.500", "-"]),
        (["$1,234.50", "1'000.25", "1 000"], Style.THOUSANDS, ["1234.50", "1000.25", "1000"]),
    ],
)
def test_what_a_comma_means_is_decided_by_the_whole_file(cells, how, read):
    assert style([cells]) is how
    assert plain(cells, how) == read


@pytest.mark.parametrize(
    "cells",
    [["1,234"], ["1,234.5", "1,5"], ["1,2,3"], ["12,34.5"], ["1,234", "1.500"], ["1,5", "2.5"]],
)
def test_a_comma_that_may_mean_either_is_refused(cells):
    with pytest.raises(Ambiguous):
        style([cells])


@given(st.lists(st.decimals(0, 10**9, places=2), min_size=1, max_size=20))
def test_numbers_survive_being_written_with_commas_between_thousands(numbers):
    cells = [f"{number:,}" for number in numbers]
    assert [Decimal(cell) for cell in plain(cells, style([cells]))] == numbers


@given(st.lists(st.decimals(0, 10**9, places=2), min_size=1, max_size=20))
def test_numbers_survive_being_written_as_in_germany(numbers):
    swapped = str.maketrans(",.", ".,")
    cells = [f"{number:,}".translate(swapped) for number in numbers]
    assert [Decimal(cell) for cell in plain(cells, style([cells]))] == numbers


# ------------------------------------------------------------------------------------------- dates


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (["03/04/2021", "13/04/2021"], ["2021-04-03", "2021-04-13"]),
        (["03/04/2021", "04/13/2021"], ["2021-03-04", "2021-04-13"]),
        (["31.12.2020", "01.02.2021"], ["2020-12-31", "2021-02-01"]),
        (["1-Jun-2012", "Jun 4, 2012"], ["2012-06-01", "2012-06-04"]),
        (["2012-06-01", "13/06/2012", "2012/6/5"], ["2012-06-01", "2012-06-13", "2012-06-05"]),
        (["06/13/2012 9:30", "06/13/2012 2:05:01 PM"],
         ["2012-06-13T09:30", "2012-06-13T14:05:01"]),
    ],
)  # fmt: skip
def test_dates_are_decided_by_the_whole_column(cells, read):
    assert iso(cells).cells == read


def test_dates_that_nothing_decides_and_dates_of_two_minds_are_refused():
    with pytest.raises(Undecidable, match="may have the day or the month first"):
        iso(["2021-01-01", "03/04/2021"])
    with pytest.raises(Undecidable, match="13/04/2021 has the day first and 04/13/2021 the month"):
        iso(["13/04/2021", "04/13/2021"])


@given(st.lists(st.dates(), min_size=1, max_size=20))
def test_a_date_is_read_right_or_not_at_all(dates):
    for written in ("%d/%m/%Y", "%m/%d/%Y"):
        cells = [f"{d.day:02}/{d.month:02}/{d.year:04}" if written[1] == "d"
                 else f"{d.month:02}/{d.day:02}/{d.year:04}" for d in dates]  # fmt: skip
        try:
            assert iso(cells).cells == [d.isoformat() for d in dates]
        except Undecidable:
            assert all(d.day <= 12 for d in dates)


def test_daily_bars_with_days_first_and_decimal_commas_are_read_and_told(tmp_path):
    path = tmp_path / "IBM.csv"
    path.write_bytes(
        "﻿Datum;Date;Open;High;Low;Close;Vol\r\n"
        ";04.06.2012;10,1;11,25;9;10,5;1.000\r\n;13.06.2012;10;11;9;10,5;2.000.000\r\n".encode()
    )
    first, second = FilesFeed(tmp_path).bars("IBM")
    assert (str(first.session), str(second.session)) == ("2012-06-04", "2012-06-13")
    assert (first.high, first.close) == (Decimal("11.25"), Decimal("10.5"))
    says = [f["says"] for f in check_file(path)["findings"] if f["kind"] == "format"]
    assert says == [
        "dates such as 04.06.2012 were read with the day first",
        "numbers were read with a comma before the decimals",
    ]


# ------------------------------------------------------------------------------------------- times


# fmt: off
SAME = [
    ("timestamp,open,high,low,close,volume\n2013-10-07T13:30:00Z,1,2,1,2,5\n"
    "2013-10-07T13:31:00Z,2,3,2,3,6\n"),
    ("Time\tO\tH\tL\tC\tV\n"
    "2013-10-07 09:30:00-04:00\t1\t2\t1\t2\t5\n2013-10-07 09:31:00-04:00\t2\t3\t2\t3\t6\n"),
    # New York's own time: as UTC both would be before the session.
    ("datetime,open,high,low,close,volume\n"
    "2013-10-07 09:30,1,2,1,2,5\n2013-10-07 09:31,2,3,2,3,6\n"),
    ("Date,Time,Open,High,Low,Close,Volume\n"
    "10/07/2013,9:31,2,3,2,3,6\n10/07/2013,9:30,1,2,1,2,5\n01/22/2013,9:30,1,1,1,1,1\n"),
    "time_utc;open;high;low;close\n2013-10-07 13:30;1;2;1;2\n2013-10-07 13:31;2;3;2;3\n",
    "t,o,h,l,c,v\n1381152600,1,2,1,2,5\n1381152660,2,3,2,3,6\n",
    "t,o,h,l,c,v\n1381152600000,1,2,1,2,5\n1381152660000,2,3,2,3,6\n",
    "ts,open,high,low,close,volume\n1381152600000000000,1,2,1,2,5\n1381152660000000000,2,3,2,3,6\n",
]
# fmt: on


@pytest.mark.parametrize("text", SAME)
def test_usual_spellings_of_the_same_minutes_are_the_same_minutes(tmp_path, text):
    bars = minutes(tmp_path, text)
    assert [moment_of(time) for time in bars.start[-2:]] == [OPENED, OPENED + timedelta(minutes=1)]
    assert bars.close[-2:].tolist() == [2, 3]
    assert bars.known[-1] - bars.start[-1] == 60 * 10**9


def test_winter_and_summer_time_are_both_new_yorks(tmp_path):
    rows = "2013-03-08 09:30,1,1,1,1,1\n2013-03-11 09:30,1,1,1,1,1\n"
    bars = minutes(tmp_path, "time,open,high,low,close,volume\n" + rows)
    assert [moment_of(time).hour for time in bars.start] == [14, 13]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("time,open,high,low,close\n2013-10-07 14:00,1,1,1,1\n",
         r"no zone, and 100% .* 100% as UTC"),
        ("time,open,high,low,close\n2013-10-07 02:00,1,1,1,1\n", "call the column time_utc"),
        ("time,open,high,low,close\n1677-01-01 10:00,1,1,1,1\n", "row 2: .*before 1900"),
        ("t,open,high,low,close\n9999999999,1,1,1,1\n", "row 2: .*after 2100"),
        ("time,open,high,low,close\nyesterday,1,1,1,1\n", "row 2: the time 'yesterday' can't be"),
        ("time,open,high,low,close\n2013-10-07T13:30Z,1,1,1,1\n2013-10-07T13:31,1,1,1,1\n",
         "row 3: some times have a zone and this one has none"),
        ("time,open,high,low,close\n2013-10-07T13:30Z,1,x,1,1\n", "row 2: 'x' is no number"),
        ("time,open,high,low,close\n2013-10-07T13:30Z,1,1\n", "row 2: has fewer cells"),
        ("time,open,high,low\n2013-10-07T13:30Z,1,1,1\n", "no column 'close'"),
        ("open,high,low,close\n1,1,1,1\n", "no column of times"),
        ("time,open,high,low,close\n", "has a header but no rows"),
        ("", "is empty"),
        (b"\x80\x81", "not UTF-8"),
    ],
)  # fmt: skip
def test_a_file_that_can_not_be_read_is_named_with_what_to_mend(tmp_path, text, says):
    with pytest.raises(DataUnavailable, match=says):
        minutes(tmp_path, text)


def test_an_empty_cell_is_no_number_and_is_found_later(tmp_path):
    text = "time,open,high,low,close,volume\n2013-10-07T13:30Z,1,,1,1,null\n"
    bars = minutes(tmp_path, text)
    assert np.isnan(bars.high[0])
    assert check_file(tmp_path / "IBM_1m.csv")["counts"]["not_a_number"] == 1


@pytest.mark.parametrize("year", ["1000", "2300"])
def test_days_of_no_market_are_refused_when_checked(tmp_path, year):
    rows = [f"{year}-01-02,1,1,1,1", "2012-01-03,1,1,1,1"]
    (tmp_path / "IBM.csv").write_text("\n".join(["date,open,high,low,close", *rows]))
    with pytest.raises(DataUnavailable, match=f"the session {year}"):
        check_file(tmp_path / "IBM.csv")


def test_a_name_that_says_nothing_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"SYMBOL_1m\.csv"):
        check_file(tmp_path / "my prices.csv")


# -------------------------------------------------------------------------------------- the feed


class TestFiles(IntradayContract, TradesContract, QuotesContract):
    symbol = pytest.fixture(lambda _: "IBM")
    start = pytest.fixture(lambda _: OPENED)
    end = pytest.fixture(lambda _: OPENED + timedelta(minutes=10))

    @pytest.fixture
    def feed(self, tmp_path):
        stamps = [(OPENED + timedelta(minutes=n)).isoformat() for n in range(8)]
        bars = [f"{at},10,11,9,10.5,100" for at in stamps]
        trades = [f"{at},10.5,100" for at in stamps]
        for name, head, rows in (
            ("IBM_1m", "time,open,high,low,close,volume", bars),
            ("IBM.trades", "time,price,size", trades),
            ("IBM.quotes", "time,bid,ask", trades),
        ):
            (tmp_path / f"{name}.csv").write_text("\n".join([head, *rows]) + "\n")
        return FilesFeed(tmp_path)


def test_the_files_feed_gives_what_the_files_hold(tmp_path):
    (tmp_path / "IBM_1m.csv").write_text(SAME[0])
    (tmp_path / "IBM_1h.csv").write_text(SAME[0])
    (tmp_path / "IBM.trades.csv").write_text(
        "timestamp,price,size,exchange\n2013-10-07T13:30:00.270Z,181.52,283,P\n"
        "2013-10-07T13:30:00.100Z,181.5,100,P\n"
    )
    (tmp_path / "IBM.quotes.csv").write_text(
        "timestamp,bid,bid_size,ask\n2013-10-07T13:30:00Z,0.0,0,183.63\n"
    )
    feed = FilesFeed(tmp_path)
    assert isinstance(feed, IntradayFeed)
    assert isinstance(feed, TradesFeed)
    assert isinstance(feed, QuotesFeed)
    assert [str(frame) for frame in feed.timeframes] == ["1m", "1h"]
    assert feed.symbols() == ()
    assert feed.instrument("IBM").symbol == "IBM"
    assert feed.bars("IBM") is None
    trades = feed.trades("IBM", OPENED, OPENED + timedelta(seconds=1))
    assert trades.price.tolist() == [181.5, 181.52]
    assert feed.trades("IBM", OPENED + timedelta(milliseconds=100), FAR).size.tolist() == [100, 283]
    assert len(feed.trades("IBM", LONG_AGO, OPENED)) == 0
    quotes = feed.quotes("IBM", LONG_AGO, FAR)
    assert (quotes.ask[0], quotes.bid[0], np.isnan(quotes.ask_size[0])) == (183.63, 0, True)
    assert feed.trades("MSFT", LONG_AGO, FAR) is None
    assert feed.quotes("MSFT", LONG_AGO, FAR) is None
    for other in (Timeframe.parse("5m"), DAILY):
        with pytest.raises(InputError, match="There is no file of bars of"):
            feed.range("IBM", other, LONG_AGO, FAR)


def test_only_bars_that_were_finished_by_the_end_are_given(tmp_path):
    (tmp_path / "IBM_1m.csv").write_text(SAME[0])
    feed = FilesFeed(tmp_path)
    minute = timedelta(minutes=1)
    assert len(feed.range("IBM", MINUTE, OPENED, OPENED + minute)) == 1
    assert len(feed.range("IBM", MINUTE, OPENED, OPENED + minute - timedelta(seconds=1))) == 0
    assert len(feed.range("IBM", MINUTE, OPENED + minute, OPENED + 2 * minute)) == 1
    assert len(feed.range("IBM", MINUTE, OPENED + 2 * minute, OPENED)) == 0


def test_two_files_and_rows_that_have_not_happened_are_refused(tmp_path):
    (tmp_path / "IBM_1m.csv").write_text(SAME[0])
    early = FilesFeed(tmp_path, SetClock(OPENED))
    with pytest.raises(DataUnavailable, match="has not happened yet"):
        early.range("IBM", MINUTE, LONG_AGO, FAR)
    (tmp_path / "ibm_1m.csv").write_text(SAME[0])
    with pytest.raises(DataUnavailable, match="several files for IBM"):
        FilesFeed(tmp_path).range("IBM", MINUTE, LONG_AGO, FAR)


def test_a_parquet_file_of_minutes_is_read_too(tmp_path):
    stamps = pd.to_datetime(["2013-10-07T13:30:00Z", "2013-10-07T13:31:00Z"])
    frame = pd.DataFrame(
        {"timestamp": stamps, **{n: [1.5, 2.5] for n in ("open", "high", "low", "close")}}
    )
    frame.to_parquet(tmp_path / "IBM_1m.parquet")
    bars = FilesFeed(tmp_path).range("IBM", MINUTE, LONG_AGO, FAR)
    assert moment_of(bars.start[0]) == OPENED
    assert np.isnan(bars.volume).all()


def test_every_real_minute_of_india_is_read(tmp_path, strict_skip):
    source = DATA / "india_equity_minute.csv.gz"
    if not source.exists():
        strict_skip(f"{source.name} is not beside the checkout")
    with gzip.open(source, "rt", newline="") as file:
        lines = list(csv.reader(file))
    path = tmp_path / "YESBANK.NS_1m.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(lines)
    told = check_file(path)
    assert told["rows"] == len(lines) - 1
    assert told["calendar"] == "XNSE"
    assert told["usable"]
