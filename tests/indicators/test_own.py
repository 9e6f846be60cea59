"""A person's own indicators: loaded from their folder, told about where they are wrong."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from app.cli.main import run
from tests.indicators.series import walk
from tools.domain.errors import InputError
from tools.indicators import own
from tools.indicators.registry import compute, find, indicators, unregister
from tools.indicators.streaming.stream import stream

GOOD = """
from tools.indicators.registry import register

@register("wide", "High less low", inputs=("high", "low"), outputs=("wide_{window}",), windows=(3,))
def wide(high, low, window=3):
    total = (high - low).cumsum()
    total[window:] -= total[:-window].copy()
    return total

@register("fragile", "Fails when it runs", outputs=("fragile",))
def fragile(close):
    close[0] = 0.0
    return close + missing
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(own, "_folder", None)
    monkeypatch.setattr(own, "_read", set())
    monkeypatch.setattr(own, "_problems", [])
    made = tmp_path / "indicators"
    made.mkdir()
    own.look_in(made)
    yield made
    for row in indicators():
        if own.is_own(row.function.__module__):
            unregister(row.name)
    for name in [name for name in sys.modules if own.is_own(name)]:
        del sys.modules[name]


def test_a_function_in_a_file_of_the_folder_joins_every_list(folder):
    (folder / "mine.py").write_text(GOOD)
    row, _, _ = find("wide")
    series = walk(20)
    assert row.family == "own"
    assert own.problems() == ()
    assert compute(series, ["wide_5"])["wide_5"].shape == (20,)
    state = stream("wide")
    found = [state.push(*bar) for bar in zip(series.open, series.high, series.low, series.close,
                                             series.volume, strict=True)]  # fmt: skip
    assert np.array_equal([x for (x,) in found], compute(series, ["wide"])["wide_3"])


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("x = 1\n\ndef f(:\n", 3, "SyntaxError"),
        ("x = 1\nraise ValueError('no')\n", 2, "ValueError: no"),
        ("import sys\nsys.exit(4)\n", 2, "SystemExit"),
        ("import no_such_module_at_all\n", 1, "No module named"),
        (
            """from tools.indicators.registry import register
@register('rsi', 'mine', outputs=('mine',))
def f(close): return close
""",
            2,
            "'rsi' is taken",
        ),
    ],
)
def test_a_fault_in_one_file_is_told_with_its_line_and_stops_nothing(folder, text, line, said):
    (folder / "a_bad.py").write_text(text)
    (folder / "mine.py").write_text(GOOD)
    assert find("wide")[0].name == "wide"
    (problem,) = own.problems()
    assert problem.file == str(folder / "a_bad.py")
    assert problem.line in (line, line + 1)
    assert said in problem.message


def test_a_file_that_is_no_text_is_a_problem_too(folder):
    (folder / "odd.py").write_bytes(b"\xff\xfe\x00")
    indicators()
    assert str(folder / "odd.py") in str(own.problems()[0])


def test_a_fault_while_computing_is_a_sentence_with_file_and_line(folder):
    (folder / "mine.py").write_text(GOOD)
    series = walk(10)
    before = series.close.copy()
    with pytest.raises(InputError, match=r"'fragile' failed: .*mine\.py, line 13: NameError"):
        compute(series, ["fragile"])
    assert np.array_equal(series.close, before)


def test_without_a_folder_nothing_is_read(folder, tmp_path):
    own.look_in(tmp_path / "nowhere")
    assert all(row.family != "own" for row in indicators())
    own.look_in(None)
    assert all(row.family != "own" for row in indicators())


def test_the_state_folder_is_where_the_command_line_looks(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TOLLGATE_HOME", str(tmp_path))
    (folder / "mine.py").write_text(GOOD)
    (folder / "bad.py").write_text("1 /\n")
    assert run(["indicators", "list", "--family", "own", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in found["indicators"]] == ["fragile", "wide"]
    assert "bad.py, line 1" in found["problems"][0]
    assert run(["indicators", "compute", "IBM", "wide", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["values"]["wide_3"]) == 5
    assert run(["indicators", "compute", "IBM", "fragile"]) != 0
    assert "mine.py, line 13" in capsys.readouterr().err
