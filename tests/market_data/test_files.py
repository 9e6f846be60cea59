from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from tests.market_data.clocks import SetClock
from tools.domain.errors import DataUnavailable
from tools.market_data.feeds.files import FilesFeed
from tools.market_data.market import Market

HEAD = "date,open,high,low,close,volume\n"
GOOD = "2012-06-01,10,11,9,10.5,1000\n"


def feed_of(folder: Path, text: str | bytes, name: str = "IBM.csv") -> FilesFeed:
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return FilesFeed(folder)


@pytest.mark.parametrize(
    "text",
    [
        "Date,Open,High,Low,Close,Adj Close,Volume\n2012-06-01,10,11,9,10.5,10.1,1000\n",
        "﻿TIMESTAMP;OPEN;HIGH;LOW;CLOSE;ADJ_CLOSE;VOLUME\r\n2012-06-01;10;11;9;10.5;10.1;1000\r\n",
        "time\topen\thigh\tlow\tclose\tadj_close\tvolume\n2012/6/1\t10\t11\t9\t10.5\t10.1\t1000\n\n",
        "datetime,vol,close,low,high,open,Adjusted_Close,n\n2012-06-01T00:00-04:00,1000,10.5,9,11,10,10.1,x",
        # Daily bars stamped with New York's midnight in UTC.
        "date,open,high,low,close,adjclose,volume\n2012-06-01 04:00+00:00,10,11,9,10.5,10.1,1000",
        '"date","open","high","low","close","adj close","vol"\n20120601,"10","11",9,10.5,10.1,1000',
        "date,open,high,low,close,adj close,volume\n2012-06-01,10,11,9,10.5,10.1,1000\n".encode(
            "utf-16"
        ),
    ],
)
def test_usual_spellings_of_the_same_bar_are_the_same_bar(tmp_path, text):
    (bar,) = feed_of(tmp_path, text).bars("IBM")
    assert (bar.session, bar.open, bar.high, bar.low) == (date(2012, 6, 1), 10, 11, 9)
    assert (bar.close, bar.adjusted_close, bar.volume) == (
        Decimal("10.5"),
        Decimal("10.1"),
        1000,
    )
    assert bar.known_at == datetime(2012, 6, 1, 20, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "IBM.csv: is empty"),
        (HEAD, "IBM.csv: has a header but no rows"),
        ("date,open,high,low\n2012-06-01,1,1,1\n", "no column 'close'"),
        (HEAD + GOOD + "2012-06-02,10,11,9\n", "row 3: has 4 cells"),
        (HEAD + "2012-06-01,10,11,9,0,1\n", "row 2: close must be above zero"),
        (HEAD + "2012-06-01,10,11,-9,10,1\n", "row 2: low must be above zero"),
        (HEAD + "2012-06-01,10,9,11,10,1\n", "row 2: open 10 and close 10 must lie"),
        (HEAD + "2012-06-01,10,11,9,12,1\n", "row 2: open 10 and close 12 must lie"),
        (HEAD + "2012-06-01,10,11,9,10,-1\n", "row 2: volume must not be negative"),
        (HEAD + "2012-06-01,nan,11,9,10,1\n", "row 2: open must be a finite number"),
        (HEAD + "2012-06-01,null,11,9,10,1\n", "row 2: open must be a number, was 'null'"),
        (
            "date;open;high;low;close\n2012-06-01;1,500;2;1;1,500\n",
            "may be 1500 or 1.500. Write numbers like 1234.5",
        ),
        (HEAD + "2012-06-01,nine,11,9,10,1\n", "row 2: open must be a number, was 'nine'"),
        (HEAD + "01/06/2012,10,11,9,10,1\n", "write dates as 2012-06-01"),
        (HEAD + "2012-06-31,10,11,9,10,1\n", "row 2: the date '2012-06-31' can't be read"),
        (HEAD + GOOD + GOOD, "row 3: repeats 2012-06-01 of row 2"),
        (
            HEAD + "2012-06-01 09:30,10,11,9,10,1\n2012-06-01 09:31,10,11,9,10,1\n",
            "row 3: .*intraday file. Call it IBM_1m.csv",
        ),
        (b"\x80\x81\x82", "not UTF-8"),
        (b"PK\x03\x04\x00\x00", "not text"),
    ],
)
def test_a_bad_file_is_named_with_the_row_and_what_to_mend(tmp_path, text, says):
    with pytest.raises(DataUnavailable, match=says):
        feed_of(tmp_path, text).bars("IBM")


def test_a_bad_file_harms_only_its_own_symbol(tmp_path):
    feed_of(tmp_path, "rubbish", "BAD.csv")
    feed = feed_of(tmp_path, HEAD + GOOD)
    assert feed.symbols() == ("BAD", "IBM")
    assert feed.bars("IBM")
    assert feed.latest() == datetime(2012, 6, 1, 20, 0, tzinfo=UTC)


def test_rows_in_any_order_come_out_by_date(tmp_path):
    text = HEAD + "2012-06-04,10,11,9,10.5,1\n" + GOOD
    sessions = [bar.session for bar in feed_of(tmp_path, text).bars("IBM")]
    assert sessions == [date(2012, 6, 1), date(2012, 6, 4)]


def test_a_missing_volume_column_counts_as_zero(tmp_path):
    (bar,) = feed_of(tmp_path, "date,open,high,low,close\n2012-06-01,1,1,1,1\n").bars("IBM")
    assert bar.volume == 0
    assert bar.adjusted_close is None


def test_a_changed_file_is_read_again(tmp_path):
    feed = feed_of(tmp_path, HEAD + GOOD)
    assert len(feed.bars("IBM")) == 1
    (tmp_path / "IBM.csv").write_text(HEAD + GOOD + "2012-06-04,10,11,9,10.5,1\n")
    assert len(feed.bars("IBM")) == 2
    (tmp_path / "IBM.csv").unlink()
    assert feed.bars("IBM") is None


def test_two_files_of_one_symbol_are_not_chosen_between(tmp_path):
    feed_of(tmp_path, HEAD + GOOD, "ibm.csv")
    feed = feed_of(tmp_path, b"", "IBM.parquet")
    with pytest.raises(DataUnavailable, match=r"IBM\.parquet, ibm\.csv. Keep one"):
        feed.bars("IBM")


def test_names_that_are_no_symbol_and_missing_folders_are_passed_over(tmp_path):
    feed_of(tmp_path, HEAD + GOOD, "notes on prices.csv")
    feed_of(tmp_path, HEAD + GOOD, ".hidden.csv")
    assert feed_of(tmp_path, "x", "README.md").symbols() == ()
    assert FilesFeed(tmp_path / "nowhere").symbols() == ()
    assert FilesFeed(tmp_path / "nowhere").latest() is None


def test_no_symbol_leads_out_of_the_folder(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    feed_of(tmp_path, HEAD + GOOD)
    assert FilesFeed(inside).bars("../IBM") is None


@pytest.mark.parametrize("width", ["float32", "float64"])
@pytest.mark.parametrize("index", [True, False])
def test_a_parquet_file_of_pandas_keeps_the_decimals_it_shows(tmp_path, width, index):
    frame = pd.DataFrame(
        {
            "date": pd.to_datetime(["2012-06-01", "2012-06-04"]),
            **{name: [118.56, 130.31] for name in ("open", "high", "low", "close")},
            "volume": [1000, 2000],
        }
    ).astype(dict.fromkeys(("open", "high", "low", "close"), width))
    if index:
        frame = frame.set_index("date").rename_axis(None)
    frame.to_parquet(tmp_path / "IBM.parquet")
    bars = FilesFeed(tmp_path).bars("IBM")
    assert [str(bar.close) for bar in bars] == ["118.56", "130.31"]
    assert [bar.session for bar in bars] == [date(2012, 6, 1), date(2012, 6, 4)]


def test_a_file_that_is_no_parquet_says_so(tmp_path):
    with pytest.raises(DataUnavailable, match=r"IBM\.parquet: is not a Parquet file"):
        feed_of(tmp_path, b"rubbish", "IBM.parquet").bars("IBM")


def test_a_file_that_may_not_be_read_says_so(tmp_path, monkeypatch):
    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(DataUnavailable, match=r"IBM\.csv: .*check its permissions"):
        feed_of(tmp_path, HEAD + GOOD).bars("IBM")


def test_a_bar_that_has_not_happened_yet_is_refused_and_moves_no_clock(tmp_path):
    clock = SetClock(datetime(2012, 6, 2, tzinfo=UTC))
    (tmp_path / "IBM.csv").write_text(HEAD + GOOD)
    (tmp_path / "BAD.csv").write_text(HEAD + GOOD + "2099-01-05,10,11,9,10.5,1000\n")
    feed = FilesFeed(tmp_path, clock)
    with pytest.raises(DataUnavailable, match=r"BAD\.csv.*2099-01-05 has not happened"):
        feed.bars("BAD")
    latest = feed.latest()
    assert latest is not None
    assert latest.date() == date(2012, 6, 1)


def test_a_desk_whose_files_are_all_broken_says_what_is_wrong_with_them(tmp_path):
    feed_of(tmp_path, "<html>", "PAGE.csv")
    feed = feed_of(tmp_path, HEAD + "01/13/2024,10,11,9,10,1\n14/01/2024,10,11,9,10,1\n", "MIX.csv")
    with pytest.raises(DataUnavailable, match=r"MIX\.csv, row 2: .*PAGE\.csv: there is no column"):
        Market([feed], SetClock(datetime(2024, 2, 1, tzinfo=UTC))).latest()
