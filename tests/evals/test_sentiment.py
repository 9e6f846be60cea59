"""The measurement of a scorer: figures by hand, and every way to be wrong counts."""

from __future__ import annotations

import math

import pytest

from evals.sentiment import HELD_OUT, TUNING, Labelled, macro_f1, measure, sentences
from tools.models.sentiment.scorer import UNREAD, Scored, Tone

GOOD, BAD, SO = Tone.POSITIVE, Tone.NEGATIVE, Tone.NEUTRAL


class Says:
    """A scorer that says what it is told to."""

    name, version = "says", "1"

    def __init__(self, *tones):
        self._told = [UNREAD if t is Tone.UNKNOWN else Scored(t, 0.0) for t in tones]

    def sentences(self, sentences):
        return tuple(self._told[: len(sentences)])


def test_the_figures_by_hand():
    rows = [Labelled("a", GOOD, "1"), Labelled("a", GOOD, "2"), Labelled("b", BAD, "3"),
            Labelled("b", SO, "4")]  # fmt: skip
    found = measure("made", rows, Says(GOOD, BAD, BAD, Tone.UNKNOWN))
    assert (found.count, found.accuracy, found.majority, found.unknown) == (4, 0.5, 0.5, 1)
    assert found.styles == {"a": (2, 0.5), "b": (2, 0.5)}
    assert found.macro_f1 == pytest.approx((2 / 3 + 2 / 3 + 0) / 3)
    assert found.majority_f1 == pytest.approx((2 * 2 / 6) / 3)
    assert found.low < 0.5 < found.high


def test_wilsons_interval_stays_within_a_share():
    rows = [Labelled("a", GOOD, str(n)) for n in range(10)]
    found = measure("made", rows, Says(*[GOOD] * 10))
    assert found.accuracy == 1
    assert found.high == pytest.approx(1)
    assert found.low == pytest.approx(10 / (10 + 1.96**2))


def test_a_label_that_is_never_rightly_told_counts_for_nothing():
    assert macro_f1([GOOD, BAD], [BAD, GOOD]) == 0
    assert math.isclose(macro_f1([GOOD, BAD, SO], [GOOD, BAD, SO]), 1)


@pytest.mark.parametrize("name", [HELD_OUT, TUNING])
def test_every_line_of_the_sets_is_a_labelled_sentence(name):
    rows = sentences(name)
    assert len(rows) >= 150
    assert {row.tone for row in rows} == {GOOD, BAD, SO}
    assert all(row.style and row.sentence.strip() == row.sentence for row in rows)
    assert len({row.sentence for row in rows}) == len(rows)
