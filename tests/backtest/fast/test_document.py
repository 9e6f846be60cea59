"""The example of the document runs as it stands there."""

from __future__ import annotations

import re
from pathlib import Path


def test_the_example_runs(capsys):
    text = Path(__file__).resolve().parents[3].joinpath("docs/compiled-backtests.md").read_text()
    [code] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(compile(code, "<example>", "exec"), {})
    sharpe, profit = capsys.readouterr().out.splitlines()[0].split()
    assert abs(float(sharpe)) < 5
    assert float(profit) != 0
