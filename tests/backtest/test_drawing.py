"""Charts of a report can be read."""

import re

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from tools.backtest.report.drawing import Line, _thinned, bars, lines
from tools.backtest.report.tables import table

PRICE = st.floats(0.01, 1e7)


@given(PRICE, PRICE)
@example(0.010000000000000002, 0.01)
@example(1.0, 1.0)
def test_the_values_at_the_side_are_round_and_few(one, other):
    drawn = lines([Line("a", np.array([one, other]), "run")], ["1", "2"], "{:.12g}")
    wide, narrow = (re.findall(r'"end">([^<]+)<', one) for one in drawn.split("</svg>")[:2])
    assert wide == narrow
    units = {"k": "e3", "M": "e6"}
    shown = [float(text.replace(text[-1], units.get(text[-1], text[-1]))) for text in wide]
    steps = {float(f"{step:.3g}") for step in np.diff(shown)}
    assert 4 <= len(shown) <= 11
    assert all(f"{step:e}"[0] in "125" for step in steps)


def test_nothing_known_is_said_and_not_drawn():
    drawn = lines([Line("a", np.full(3, np.nan), "run")], ["1", "2", "3"], "{:.2f}")
    assert "too little to draw" in drawn


@given(st.floats(0.01, 1e6), st.floats(6.1, 1e6))
def test_money_that_changes_manifold_is_drawn_by_ratio_with_few_round_values(low, times):
    drawn = lines([Line("a", np.array([low, low * times]), "x")], ["1", "2"], "{:.12g}", money=True)
    texts = re.findall(r'"end">([^<]+)<', drawn.split("</svg>")[0])
    units = {"k": "e3", "M": "e6", "B": "e9", "T": "e12"}
    shown = [float(text.replace(text[-1], units.get(text[-1], text[-1]))) for text in texts]
    assert "Drawn by ratio" in drawn
    assert 2 <= len(shown) <= 16
    assert all(f"{value:e}"[0] in "125" for value in shown)


def test_a_hole_in_a_line_is_a_gap_and_what_stands_alone_a_dot():
    values = np.array([1.0, np.nan, 2.0, np.nan, 3.0, 4.0])
    drawn = lines([Line("a", values, "x")], list("abcdef"), "{:.0f}")
    path = re.search(r'class="line x" d="([^"]+)"', drawn)
    assert path is not None
    assert path.group(1).count("M") == 3
    assert path.group(1).count("h0") == 2


@given(st.integers(0, 10**6), st.floats(0, 1), st.integers(301, 2_000))
def test_a_thinned_line_keeps_its_highest_and_lowest(seed, unknown, count):
    lots = np.random.default_rng(seed)
    array = np.where(lots.random(count) < unknown, np.nan, lots.normal(size=count))
    known = array[np.isfinite(array)]
    kept = array[_thinned(array, 300)]
    assert len(kept) <= 302
    if known.size:
        assert (np.nanmin(kept), np.nanmax(kept)) == (known.min(), known.max())


@given(st.lists(st.integers(0, 40), min_size=2, max_size=12))
def test_the_counts_beside_a_histogram_are_whole_and_each_stands_once(counts):
    heights = np.array(counts, dtype=np.float64)
    drawn = bars(heights, np.arange(len(heights) + 1.0), "{:.0f}").split("</svg>")[0]
    shown = re.findall(r'"end">([^<]+)<', drawn)
    assert len(shown) == len(set(shown)) >= 2
    assert shown[0] == "0"


def test_the_head_of_a_column_of_numbers_stands_above_them():
    drawn = table(("who", "return", "said"), [("a", "+1.0%", "yes"), ("b", "", "no"), ("c",)])
    assert "<th scope=col>who" in drawn
    assert "<th scope=col class=num>return" in drawn
    assert "<th scope=col>said" in drawn
