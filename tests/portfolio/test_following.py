"""An account followed step by step is the account folded at once, whatever comes late."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.portfolio.movements import DAWN, buy, lives, paid, sell, split_of
from tools.domain.errors import InputError
from tools.domain.order import Fill
from tools.portfolio.accounting import Account, fold, in_order
from tools.portfolio.following import Following

D = Decimal
START = Account("USD", D(1000))


@settings(max_examples=300, deadline=None)
@given(lives(), st.randoms(use_true_random=False))
def test_steps_of_any_size_lead_to_the_same_account(rows, chance):
    fills = [row for row in rows if isinstance(row, Fill)]
    entries = [row for row in rows if not isinstance(row, Fill)]
    if chance.random() < 0.5:
        chance.shuffle(fills)  # told in another order than they happened
    following = Following(START)
    seen = [0, 0]
    while seen != [len(fills), len(entries)]:
        seen[0] = chance.randint(seen[0], len(fills))
        seen[1] = chance.randint(seen[1], len(entries))
        now = (tuple(fills[: seen[0]]), tuple(entries[: seen[1]]))
        assert following.account(*now) == fold(START, in_order(*now))


def test_a_split_goes_before_the_first_fill_that_came_after_it():
    late, early = buy(1, 50, n=2, at=DAWN + timedelta(days=2)), buy(10, 100, n=1)
    split = replace(split_of(D(10), D(2)), at=DAWN + timedelta(days=1))
    dividend = paid(3)
    assert list(in_order([early, late], [dividend, split])) == [early, split, late, dividend]
    following = Following(START)
    assert following.account([early, late]).holdings["IBM"].quantity == 11
    told = following.account([early, late], [split])
    assert told == fold(START, [early, split, late])


def test_a_fill_at_the_very_moment_of_a_split_is_in_new_shares():
    at = DAWN + timedelta(days=1)
    early, opening = buy(10, 100, n=1), buy(1, 50, n=2, at=at)
    split = replace(split_of(D(10), D(2)), at=at)
    assert list(in_order([early, opening], [split])) == [early, split, opening]


def test_a_busted_execution_is_gone_when_the_revision_says_so():
    fills = [buy(10, 100, n=1), buy(5, 90, n=2), buy(1, 80, n=3)]
    following = Following(START)
    following.account(fills)
    left = [fills[0], replace(fills[1], price=D(91)), fills[2]]
    assert following.account(left, revision=1) == fold(START, left)


def test_a_shorter_or_other_list_is_folded_afresh_without_being_told():
    fills = [buy(10, 100, n=1), buy(5, 90, n=2)]
    following = Following(START)
    following.account(fills)
    assert following.account(fills[:1]) == fold(START, fills[:1])
    other = [fills[0], sell(5, 90, n=9)]
    following.account(fills)
    assert following.account(other) == fold(START, other)


def test_what_cannot_be_booked_is_refused_every_time_and_half_booked_never():
    following = Following(START)
    fills = [buy(10, 100, n=1), buy(1, "NaN", n=2)]
    for _ in range(2):
        with pytest.raises(InputError):
            following.account(fills)
    assert following.account(fills[:1]) == fold(START, fills[:1])


def test_the_very_same_lists_are_followed_without_a_second_look():
    fills = (buy(10, 100, n=1), buy(5, 90, n=2))
    following = Following(START)
    first = following.account(fills, ())
    assert following.account(fills, ()) is first
    assert following.account(fills, (), revision=1) == first
    assert following.account(fills[:1], ()) == fold(START, fills[:1])


def test_a_list_that_changed_in_its_place_is_looked_at_again():
    fills = [buy(10, 100, n=1)]
    following = Following(START)
    following.account(fills)
    fills.append(buy(5, 90, n=2))
    assert following.account(fills) == fold(START, fills)
    fills[-1] = buy(4, 90, n=3)
    assert following.account(fills) == fold(START, fills)
