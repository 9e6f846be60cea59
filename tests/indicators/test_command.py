"""``tollgate indicators`` answers people and programs, and says what to do when it can't."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from app.cli.main import run


@pytest.fixture
def ask(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TOLLGATE_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")

    def asked(*words):
        status = run(["indicators", *words])
        said = capsys.readouterr()
        return status, said.out, said.err

    return asked


def test_the_list_has_every_family(ask):
    status, out, _ = ask("list", "--json")
    rows = json.loads(out)["indicators"]
    assert status == 0
    assert len(rows) >= 211
    assert {"candles", "momentum", "liquidity"} <= {row["family"] for row in rows}
    assert "rsi_14" in ask("list", "--family", "momentum")[1]


def test_an_indicator_is_described(ask):
    _, out, _ = ask("show", "macd", "--json")
    found = json.loads(out)
    assert found["parameters"] == {"fast": 12, "slow": 26, "signal": 9}
    assert found["first_value"] == "at bar 34"
    assert "G. Appel" in found["source"]
    assert "Moving average convergence" in ask("show", "macd")[1]


def test_a_ticker_still_shows_its_signal(ask):
    assert "Signal:" in ask("show", "IBM", "--as-of", "2012-06-01")[1]


def test_values_are_those_of_the_last_bars(ask):
    words = ("compute", "IBM", "rsi_7", "macd", "--set", "macd.fast=8", "--as-of", "2012-06-01")
    found = json.loads(ask(*words, "--last", "3", "--json")[1])
    assert found["sessions"][-1] == "2012-06-01"
    assert list(found["values"]) == ["rsi_7", "macd", "macd_signal", "macd_hist"]
    assert all(len(values) == 3 for values in found["values"].values())
    assert len(found["drawn"]["rsi_7"]) == 60
    assert "█" in ask(*words)[1]


def test_patterns_are_known_before_they_are_shown(ask):
    found = json.loads(ask("patterns", "IBM", "--as-of", "2012-06-01", "--json")[1])
    assert found["patterns"]
    for pattern in found["patterns"]:
        assert pattern["points"][-1][0] < pattern["known"] <= "2012-06-01"
        assert pattern["decided"] is None or pattern["known"] <= pattern["decided"] <= "2012-06-01"
    assert "no forecast" in ask("patterns", "IBM", "--as-of", "2012-06-01")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("compute", "IBM", "rsii"), "Did you mean rsi"),
        (("compute", "IBM", "rsi_0"), "window must be from 2"),
        (("compute", "IBM", "rsi", "--set", "rsi=7"), "NAME.PARAMETER=NUMBER"),
        (("compute", "IBM", "rsi", "--set", "rsi.window=many"), "NAME.PARAMETER=NUMBER"),
        (("compute", "IBM", "rsi", "--set", "rsi.length=7"), "no parameter 'length'"),
        (("compute", "IBM", "rsi", "--set", "sma.window=7"), "not computed"),
        (("list", "--family", "magic"), "there are averages"),
        (("patterns", "NOSUCH"), "NOSUCH"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(ask, words, said):
    status, out, err = ask(*words)
    assert status != 0
    assert out == ""
    assert said in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "program",
    [
        "from app.cli.main import run; run(['--help'])",
        (
            "from tests.indicators.series import walk\n"
            "from tools.catalog.analysis import STANDARD\n"
            "from tools.indicators.registry import compute\n"
            "from tools.signals.technical import READ\ncompute(walk(300), (*STANDARD, *READ))"
        ),
    ],
)
def test_what_the_planner_asks_does_not_pay_for_the_compiler(program):
    check = f"{program}\nimport sys; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
