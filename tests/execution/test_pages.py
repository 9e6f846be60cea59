"""Pages: a tuple that is cheap to make longer."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.execution.pages import SIZE, Pages, paged

values = st.integers(0, 3 * SIZE).map(lambda count: tuple(range(count)))
places = st.none() | st.integers(-5 * SIZE, 5 * SIZE)


@settings(max_examples=40, deadline=None)
@given(st.lists(values, max_size=6), places, places, st.sampled_from([None, 1, 3, -1, -2]))
def test_pages_are_a_tuple_and_earlier_ones_stay_as_they_were(steps, start, stop, step):
    pages, plain, before = Pages(), (), []
    for new in steps:
        before.append((pages, plain))
        pages, plain = pages.plus(new), plain + new
    assert pages == plain
    assert plain == pages
    assert (len(pages), list(pages), list(reversed(pages))) == (
        len(plain),
        list(plain),
        list(reversed(plain)),
    )
    assert pages[start:stop:step] == plain[start:stop:step]
    assert all(old == was for old, was in before)


@settings(max_examples=40, deadline=None)
@given(values, st.integers(-4 * SIZE, 4 * SIZE))
def test_a_place_is_found_or_missed_as_in_a_tuple(plain, at):
    pages = Pages(plain)
    if -len(plain) <= at < len(plain):
        assert pages[at] == plain[at]
    else:
        with pytest.raises(IndexError):
            pages[at]


def test_one_more_copies_no_full_page():
    pages = Pages(range(10 * SIZE))
    longer = pages.plus((1,))
    assert all(mine is its for mine, its in zip(longer._full, pages._full, strict=True))
    assert longer._last == (1,)
    assert paged(longer) is longer


def test_pages_are_no_list_and_differ_from_others():
    assert Pages((1, 2)) != [1, 2]
    assert Pages((1, 2)) != Pages((1, 3))
    assert Pages((1, 2)) != (1,)
