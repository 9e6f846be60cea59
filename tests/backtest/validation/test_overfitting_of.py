"""Overfitting from any combinations is what the symmetric ones say of the same figures."""

from __future__ import annotations

import numpy as np
import pytest

from tools.backtest.validation.overfitting import overfitting_of
from tools.domain.errors import InputError

NAN = float("nan")


def test_the_place_of_the_choice_where_it_is_judged():
    chosen = np.array([[1.0, 2.0, 0.0], [3.0, NAN, 0.0], [NAN, NAN, NAN]])
    judged = np.array([[0.1, 0.3, 0.2], [-1.0, 5.0, NAN], [1.0, 1.0, 1.0]])
    found = overfitting_of(chosen, judged)
    # Best of three where judged, then worst: NaN ranks as 0, and a row of them says nothing.
    assert found.logit == pytest.approx([np.log(3), -np.log(3)])
    assert found.judged.tolist() == [0.3, -1.0]
    assert found.probability == 0.5


@pytest.mark.parametrize("chosen", [np.ones((3, 1)), np.full((3, 2), NAN)])
def test_nothing_chosen_from_anything_is_refused(chosen):
    with pytest.raises(InputError, match="Nothing was chosen"):
        overfitting_of(chosen, chosen)
