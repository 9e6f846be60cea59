"""Charts of a report can be read."""

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tools.backtest.report.drawing import Line, lines

PRICE = st.floats(0.01, 1e7)


@given(PRICE, PRICE)
def test_the_values_at_the_side_are_round_and_few(one, other):
    drawn = lines([Line("a", np.array([one, other]), "run")], ["1", "2"], "{:.12g}")
    shown = [float(text) for text in re.findall(r'"end">([^<]+)<', drawn)]
    steps = {float(f"{step:.3g}") for step in np.diff(shown)}
    assert 4 <= len(shown) <= 11
    assert all(f"{step:e}"[0] in "125" for step in steps)


def test_nothing_known_is_said_and_not_drawn():
    drawn = lines([Line("a", np.full(3, np.nan), "run")], ["1", "2", "3"], "{:.2f}")
    assert "too little to draw" in drawn
