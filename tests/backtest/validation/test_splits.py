"""Nothing that is judged was learnt from, nor anything that reaches into it."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tools.backtest.validation.splits import combinatorial, paths, walk_forward
from tools.domain.errors import InputError


def test_a_walk_by_hand():
    found = [(s.learn.tolist(), s.judge.tolist()) for s in walk_forward(10, 4, 3, purge=1)]
    assert found == [([0, 1, 2], [4, 5, 6]), ([3, 4, 5], [7, 8, 9])]
    anchored = walk_forward(9, 4, 3, anchored=True)
    assert [s.learn.tolist() for s in anchored] == [[0, 1, 2, 3], [0, 1, 2, 3, 4, 5, 6]]
    assert anchored[1].judge.tolist() == [7, 8]


@given(
    st.integers(2, 200), st.integers(1, 50), st.integers(1, 30), st.integers(0, 5), st.booleans()
)
def test_every_bar_after_the_first_learning_is_judged_once(bars, learn, judge, purge, anchored):
    assume(purge < learn < bars)
    found = walk_forward(bars, learn, judge, purge=purge, anchored=anchored)
    assert np.concatenate([s.judge for s in found]).tolist() == list(range(learn, bars))
    for split in found:
        assert split.learn.size
        assert split.learn[-1] + purge < split.judge[0]


def test_combinations_by_hand():
    found = combinatorial(12, 4, 1, purge=1, embargo=1)
    assert [s.judge.tolist() for s in found] == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]]
    assert found[1].learn.tolist() == [0, 1, 8, 9, 10, 11]
    assert found[3].learn.tolist() == [0, 1, 2, 3, 4, 5, 6, 7]


@given(
    st.integers(4, 120), st.integers(2, 8), st.integers(1, 7), st.integers(0, 4), st.integers(0, 4)
)
def test_no_label_of_the_learning_reaches_the_judging(bars, groups, judged, purge, embargo):
    assume(judged < groups <= bars)
    try:
        found = combinatorial(bars, groups, judged, purge=purge, embargo=embargo)
    except InputError:
        return
    assert len(found) == comb(groups, judged)
    for split in found:
        for bar in split.learn:
            before = split.judge[split.judge > bar]
            after = split.judge[split.judge < bar]
            assert bar not in split.judge
            assert not before.size or before.min() - bar > purge
            assert not after.size or bar - after.max() > purge + embargo


@given(st.integers(2, 8), st.integers(1, 7))
def test_paths_use_each_judged_stretch_once(groups, judged):
    assume(judged < groups)
    found = paths(groups, judged)
    assert found.shape == (comb(groups - 1, judged - 1), groups)
    used = {(int(split), group) for path in found for group, split in enumerate(path)}
    assert len(used) == comb(groups, judged) * judged
    splits = combinatorial(10 * groups, groups, judged)
    for split, group in used:
        assert 10 * group in splits[split].judge


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: walk_forward(10, 10, 1),
        lambda: walk_forward(10, 0, 1),
        lambda: walk_forward(10, 3, 0),
        lambda: walk_forward(10, 3, 1, purge=3),
        lambda: combinatorial(10, 3, 3),
        lambda: combinatorial(2, 3, 1),
        lambda: combinatorial(10, 3, 1, purge=-1),
        lambda: combinatorial(10, 3, 2, purge=10),
    ],
)
def test_splits_that_leave_nothing_are_refused(wrong):
    with pytest.raises(InputError):
        wrong()
