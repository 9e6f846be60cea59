"""The examples of the document run as they stand there, one after the other."""

from __future__ import annotations

import re
from pathlib import Path


def test_the_examples_run(capsys):
    text = Path(__file__).resolve().parents[3].joinpath("docs/compiled-backtests.md").read_text()
    code = "\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL))
    exec(compile(code, "<example>", "exec"), {})
    first, *_, last = capsys.readouterr().out.splitlines()
    sharpe, profit = first.split()
    assert abs(float(sharpe)) < 5
    assert float(profit) != 0
    best, trades = last.split()
    assert abs(float(best)) < 5
    assert int(trades) > 50
