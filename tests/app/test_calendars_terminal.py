"""A calendar of earnings in the terminal: what was expected, what came, what an answer lacks."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.cli import run
from tests.market_data.rest_double import Double, rest_double
from tools.market_data.documents.earnings_calendar import NEW_YORK, EarningsCalendarFeed

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).astimezone(NEW_YORK).date()
FETCH = ("knowledge", "fetch", "earnings-calendar", "--symbol", "ZORB")


def report(**more: Any) -> dict[str, Any]:
    told = {"symbol": "ZORB", "date": TOMORROW.isoformat(), "hour": "amc", "quarter": 3}
    return {**told, "year": 2026, "epsEstimate": 1.25, "epsActual": None, **more}


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch):
    answer = {"earningsCalendar": [report()]}
    with rest_double(lambda path, query, headers: (200, answer)) as running:
        monkeypatch.setenv("FINNHUB_API_KEY", "hush")
        defaults: dict[str, Any] = EarningsCalendarFeed.__init__.__kwdefaults__
        monkeypatch.setitem(defaults, "url", running.url)
        yield running


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert run([*arguments, "--json"]) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


@pytest.mark.usefixtures("knowledge_home")
def test_what_was_reported_is_a_correction_and_the_expectation_stays_as_of_before(
    capsys: pytest.CaptureFixture[str], double: Double
) -> None:
    assert told(capsys, *FETCH)["new"] == 1
    assert told(capsys, *FETCH)["same"] == 1
    between = datetime.now(UTC).isoformat()
    answer = {"earningsCalendar": [report(epsActual=1.5)]}
    double.answer = lambda *asked: (200, answer)
    assert told(capsys, *FETCH)["corrected"] == 1
    asked = ("knowledge", "search", "ZORB earnings per share", "--collection", "documents")
    now = told(capsys, *asked)["passages"][0]["text"]
    before = told(capsys, *asked, "--as-of", between)["passages"][0]["text"]
    assert "estimated 1.25, reported 1.5." in now
    assert "estimated 1.25, not reported yet." in before
    # A day, and no hour that nobody told.
    assert f"{TOMORROW}. ZORB" in now
    assert ":" not in now.split(f"{TOMORROW}. ZORB")[1].split("\n")[0]


def test_what_an_answer_lacks_is_told_and_is_no_failure(
    capsys: pytest.CaptureFixture[str], double: Double
) -> None:
    answer = {"earningsCalendar": [report(), report(date="soon")]}
    double.answer = lambda *asked: (200, answer)
    assert run([*FETCH]) == 0
    shown = capsys.readouterr()
    assert "1 new" in shown.out
    assert "Finnhub: left out 1 not as documented." in shown.err
    assert told(capsys, *FETCH)["notes"] == ["Finnhub: left out 1 not as documented."]
