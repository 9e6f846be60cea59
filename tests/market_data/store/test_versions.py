"""Reading as of a moment agrees with a store that is played through, one answer after another."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tools.market_data.store.rows import Rows, joined
from tools.market_data.store.series import FIGURES, Kind
from tools.market_data.store.versions import bars_as_of, ticks_as_of

# A row of a bar: its start, how much later it is known, its close. Answers come at 100, 200, …
row = st.tuples(st.integers(0, 5), st.integers(0, 400), st.sampled_from([1.0, 2.0, np.nan]))
answers = st.lists(st.lists(row, max_size=6), max_size=5)


def rows(answer, recorded, kind=Kind.BARS):
    answer = sorted(answer, key=lambda r: (r[0], r[1]))
    time = np.array([r[0] for r in answer], np.int64)
    known = np.array([r[0] + r[1] for r in answer], np.int64)
    value = np.array([r[2] for r in answer], float)
    return Rows(
        time, known, np.full(len(answer), recorded, np.int64), dict.fromkeys(FIGURES[kind], value)
    )


def played(answers, moment):
    """{start: value} by the rule in words, one row at a time."""
    lives = {}
    for number, answer in enumerate(answers):
        for start, delay, value in sorted(answer, key=lambda r: (r[0], r[1])):
            recorded, told = 100 * (number + 1), start + delay
            before = lives.setdefault(start, [])
            believed = not before or told > max(v[2] for v in before)
            counts = told if believed else max(told, recorded)
            if before and repr(before[-1][3]) == repr(value):
                counts = None  # says nothing new
            before.append((counts, recorded, told, value))
    seen = {}
    for start, life in sorted(lives.items()):
        known = [v for v in life if v[0] is not None and v[0] <= moment]
        if known:
            seen[start] = repr(sorted(known, key=lambda v: v[:2])[-1][3])
    return seen


@given(answers, st.integers(0, 600), st.randoms())
def test_a_view_is_what_was_known_then_in_whatever_order_parts_are_read(answers, moment, random):
    parts = [rows(answer, 100 * (i + 1)) for i, answer in enumerate(answers)]
    random.shuffle(parts)
    found = bars_as_of(joined(parts, Kind.BARS), moment)
    assert {
        int(t): repr(float(v)) for t, v in zip(found.time, found.figures["close"], strict=True)
    } == played(answers, moment)
    assert (np.diff(found.time) > 0).all()
    assert (np.diff(found.known) >= 0).all()
    assert (found.known <= moment).all()


@given(answers, st.integers(0, 600), st.integers(0, 600))
def test_later_answers_never_change_an_earlier_view(answers, moment, split):
    """Answers of after the moment, which don't say otherwise, leave it as it was."""
    parts = [rows(answer, 100 * (i + 1)) for i, answer in enumerate(answers)]
    earlier = [part for i, part in enumerate(parts) if 100 * (i + 1) <= moment]
    starts = {int(t) for part in earlier for t in part.time}
    known = {}
    for part in earlier:
        for t, k in zip(part.time.tolist(), part.known.tolist(), strict=True):
            known[t] = max(k, known.get(t, k))
    later = [
        part.take(
            np.array(
                [
                    t in starts and k <= known[t]
                    for t, k in zip(part.time.tolist(), part.known.tolist(), strict=True)
                ],
                bool,
            )
        )
        for part in parts[len(earlier) :]
    ]
    before = bars_as_of(joined(earlier, Kind.BARS), moment)
    after = bars_as_of(joined([*earlier, *later], Kind.BARS), moment)
    assert before.time.tolist() == after.time.tolist()
    assert repr(before.figures["close"]) == repr(after.figures["close"])


@given(answers, st.randoms())
def test_a_tick_is_there_as_often_as_in_the_part_that_has_it_most(answers, random):
    kind = Kind.TRADES
    parts = [rows([(t, 0, v) for t, _, v in a], 100 * (i + 1), kind) for i, a in enumerate(answers)]
    wanted = {}
    for answer in answers:
        for key in {(t, repr(v)) for t, _, v in answer}:
            count = sum((t, repr(v)) == key for t, _, v in answer)
            wanted[key] = max(wanted.get(key, 0), count)
    random.shuffle(parts)
    found = ticks_as_of(parts, kind, None)
    counted = {}
    for time, price in zip(found.time.tolist(), found.figures["price"].tolist(), strict=True):
        counted[time, repr(price)] = counted.get((time, repr(price)), 0) + 1
    assert counted == wanted
