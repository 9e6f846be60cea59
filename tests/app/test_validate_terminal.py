"""``tollgate data validate`` says whether prices are fit for use, in words, JSON and the status."""

from __future__ import annotations

import json

import pytest

from app.cli import run
from tests.market_data.quality.made import minutes
from tools.market_data.columns import moment_of


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOLLGATE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TOLLGATE_FEED", "sample")


def write(folder, name, keep=lambda _: True):
    bars = minutes()
    rows = [
        f"{moment_of(bars.start[i]).isoformat()},{bars.open[i]},{bars.high[i]},{bars.low[i]},"
        f"{bars.close[i]},{bars.volume[i]}"
        for i in range(len(bars))
        if keep(i)
    ]
    (folder / name).write_text("\n".join(["time,open,high,low,close,volume", *rows]) + "\n")


def told(capsys, *asked, status):
    assert run(["data", "validate", *asked, "--json"]) == status
    return json.loads(capsys.readouterr().out)


def test_a_good_file_and_a_symbol_are_fit_for_use(capsys, tmp_path):
    write(tmp_path, "IBM_1m.csv")
    document = told(capsys, "IBM_1m.csv", "IBM", status=0)
    assert document["usable"] is True
    file, symbol = document["series"]
    assert (file["score"], file["findings"], file["rows"]) == (100, [], 390)
    assert (symbol["symbol"], symbol["timeframe"], symbol["usable"]) == ("IBM", "1d", True)


def test_what_is_not_fit_has_a_status_of_its_own(capsys, tmp_path):
    write(tmp_path, "IBM_1m.csv", keep=lambda i: i % 2 == 0)
    document = told(capsys, "IBM_1m.csv", status=3)
    assert document["usable"] is False
    # The last minute is of a session that the file ends in: a note.
    assert document["series"][0]["counts"] == {"gap": 195}
    assert run(["data", "validate", "IBM_1m.csv"]) == 3
    shown = capsys.readouterr().out
    assert "NOT fit for use" in shown
    assert "--json lists all" in shown


def test_a_file_that_can_not_be_read_leaves_the_others_shown(capsys, tmp_path):
    write(tmp_path, "IBM_1m.csv")
    (tmp_path / "BAD.csv").write_text("rubbish")
    assert run(["data", "validate", "BAD.csv", "IBM_1m.csv"]) == 3
    shown = capsys.readouterr().out
    assert "BAD.csv: there is no column 'date'" in shown
    assert "score 100.0 of 100, fit for use" in shown


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("nothing.csv", "There is no file nothing.csv"),
        ("my prices.csv", "call it SYMBOL.csv"),
        ("I/B/M!", "is not a symbol"),
    ],
)
def test_what_can_not_be_asked_gets_a_sentence(capsys, tmp_path, asked, says):
    (tmp_path / "my prices.csv").write_text("")
    assert run(["data", "validate", asked]) == 2
    assert says in capsys.readouterr().err
