"""Prices kept, asked and exported in the terminal, and fetched by the clock."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from app.cli.main import run
from app.collecting import collecting
from tools.market_data.collection.book import JobBook
from tools.market_data.collection.job import new_job
from tools.market_data.opening import open_jobs
from tools.market_data.quality import validation
from tools.settings import load_settings

SPAN = ["--from", "2012-01-01", "--to", "2012-12-31"]


def told(capsys, *arguments, status=0):
    assert run(["data", *arguments, "--json"]) == status
    return json.loads(capsys.readouterr().out)


def test_what_was_fetched_is_listed_exported_and_asked_in_sql(capsys, tmp_path):
    (row,) = told(capsys, "fetch", "ibm", *SPAN)["fetched"]
    assert (row["symbol"], row["source"], row["new"], row["missing"]) == ("IBM", "sample", 250, 0)
    assert told(capsys, "fetch", "IBM", *SPAN)["fetched"][0]["new"] == 0
    (held,) = told(capsys, "list")["kept"]
    assert (held["symbol"], held["timeframe"], held["rows"]) == ("IBM", "1d", 250)
    asked = "SELECT count(*) AS n, max(high) AS high FROM bars"
    assert told(capsys, "sql", asked)["rows"] == [{"n": 250, "high": 211.79}]
    output = tmp_path / "ibm.csv"
    assert run(["data", "export", "IBM", "--as-of", "2012-06-01", "-o", str(output)]) == 0
    lines = output.read_text("utf-8").splitlines()
    assert lines[0] == "time,known,open,high,low,close,volume"
    assert lines[-1].startswith("2012-06-01 13:30:00+00:00,2012-06-01 20:00:00+00:00,")
    assert run(["data", "export", "IBM", "-o", str(output)]) == 2
    assert "already" in capsys.readouterr().err
    assert run(["data", "export", "IBM", "--clean"]) == 0
    said = capsys.readouterr()
    assert "of 100; 0 rows left out" in said.err
    assert len(said.out.splitlines()) == 251
    assert told(capsys, "compact") == {"files_before": 1, "files": 1}


def test_what_was_found_of_what_was_fetched_can_be_read_again(capsys, monkeypatch):
    (row,) = told(capsys, "fetch", "IBM", *SPAN)["fetched"]
    (held,) = told(capsys, "list")["kept"]
    assert row["score"] == held["score"] > 99
    document = told(capsys, "validate", "--kept")
    (report,) = document["series"]
    assert (report["checked"], report["rows"], document["usable"]) == (held["checked"], 250, True)
    monkeypatch.setattr(validation, "validate_bars", None)
    assert told(capsys, "validate", "ibm", "--kept") == document
    assert run(["data", "validate", "--kept"]) == 0
    said = capsys.readouterr().out
    assert f"Checked at {held['checked'][:16].replace('T', ' ')} UTC." in said


def test_prices_that_were_kept_before_there_were_reports_are_checked_when_asked(capsys, tmp_path):
    told(capsys, "fetch", "IBM", *SPAN)
    (file,) = (load_settings().state / "market").rglob("quality.json")
    file.unlink()
    assert told(capsys, "list")["kept"][0]["score"] is None
    assert told(capsys, "validate", "--kept")["series"][0]["score"] > 99
    assert file.exists()


@pytest.mark.parametrize("asked", [["--kept"], ["MSFT", "--kept"], []])
def test_what_is_not_kept_cannot_be_read_again(capsys, asked):
    told(capsys, "fetch", "IBM", *SPAN) if "MSFT" in asked else None
    assert run(["data", "validate", *asked]) == (3 if asked else 2)
    said = capsys.readouterr().err
    assert ("tollgate data fetch" if asked else "--kept") in said


def test_one_symbol_that_is_nowhere_does_not_hide_the_others(capsys):
    rows = told(capsys, "fetch", "NOSUCH", "IBM", *SPAN, status=3)["fetched"]
    assert "No feed has 1d of NOSUCH" in rows[0]["error"]
    assert rows[1]["new"] == 250


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["fetch", "IBM", "--from", "yesterday"], 2, "2024-01-31"),
        (["fetch", "IBM", "--from", "2013-01-02", "--to", "2012-01-01"], 2, "no time"),
        (["fetch", "IBM", "--timeframe", "often"], 2, "timeframe"),
        (["fetch", "IBM", "--source", "nobody"], 2, "sample"),
        (["fetch", "IBM", "--timeframe", "1m"], 3, ""),
        (["export", "IBM"], 3, "tollgate data fetch"),
        (["sql", "DROP TABLE bars"], 2, "one SELECT"),
        (["sql", "SELECT oops FROM bars"], 2, "DuckDB"),
        (["jobs", "add", "x", "IBM", "--cron", "at noon"], 2, "five fields"),
        (["jobs", "run", "nothing"], 4, "no job"),
        (["jobs", "remove", "nothing"], 4, "no job"),
        (["bars", "IBM", "--timeframe", "5m"], 3, "No feed has 5m bars of IBM"),
        (["bars", "IBM", "--timeframe", "5 parsecs"], 2, "timeframe"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(capsys, arguments, status, words):
    assert run(["data", *arguments]) == status
    said = capsys.readouterr()
    assert words in said.err
    assert "Traceback" not in said.err + said.out


def test_an_unknown_place_for_prices_is_told(capsys, monkeypatch):
    monkeypatch.setenv("TOLLGATE_MARKET_STORE", "ftp://me:secret@host/prices")
    assert run(["data", "list"]) == 10
    said = capsys.readouterr().err
    assert "TOLLGATE_MARKET_STORE" in said
    assert "secret" not in said


def test_prices_lie_where_the_setting_says(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("TOLLGATE_MARKET_STORE", str(tmp_path / "elsewhere"))
    told(capsys, "fetch", "IBM", *SPAN)
    assert list((tmp_path / "elsewhere").rglob("*.parquet"))


def test_a_job_is_kept_run_listed_and_removed(capsys):
    job = told(capsys, "jobs", "add", "closes", "ibm", "aapl", "--days", "10000")
    assert job["symbols"] == ["IBM", "AAPL"]
    (run_,) = told(capsys, "jobs", "run", "closes")["runs"]
    assert (run_["rows"] > 1000, run_["error"]) == (True, "")
    (listed,) = told(capsys, "jobs", "list")["jobs"]
    assert listed["runs"] == [run_]
    assert told(capsys, "jobs", "run")["runs"] == []
    assert run(["data", "jobs", "remove", "closes"]) == 0
    capsys.readouterr()
    assert told(capsys, "jobs", "list")["jobs"] == []


async def test_the_desk_does_what_is_due_while_it_runs(monkeypatch):
    done, loop, finish = asyncio.Event(), asyncio.get_running_loop(), JobBook.finish

    def finished(*arguments):
        finish(*arguments)
        loop.call_soon_threadsafe(done.set)

    monkeypatch.setattr(JobBook, "finish", finished)
    settings = load_settings()
    book = open_jobs(settings)
    job = new_job(name="closes", symbols=["IBM"], what="1d", cron="* * * * *", days=10_000)
    book.add(job, datetime.now(UTC) - timedelta(hours=1))
    async with collecting(settings, every_s=0.01), asyncio.timeout(60):
        await done.wait()
    (run_, *_) = book.runs("closes")
    assert (run_.error, run_.rows > 1000) == ("", True)


def test_bars_of_a_week_are_shown_with_where_they_are_from(capsys):
    found = told(capsys, "bars", "IBM", "--timeframe", "1w", "--limit", "2")
    assert found["timeframe"] == "1w"
    assert found["notice"] == "Made from 1d bars."
    assert [bar["close"] for bar in found["bars"]] == ["201.09", "202.91"]
