"""Layers: a dict that is never changed, and cheap to have changed."""

from hypothesis import given
from hypothesis import strategies as st

from tools.execution.layers import SHORT, Layers

changes = st.dictionaries(st.integers(0, 400), st.integers(), max_size=40)


@given(st.lists(changes, max_size=30))
def test_layers_are_a_dict_in_order_and_earlier_ones_stay_as_they_were(steps):
    layers, plain, before = Layers(), {}, []
    for step in steps:
        before.append((layers, dict(plain)))
        layers, plain = layers.put(step), {**plain, **step}
        assert list(layers.items()) == list(plain.items())
        assert layers == plain
        assert (len(layers), list(layers), list(layers.values())) == (
            len(plain),
            list(plain),
            list(plain.values()),
        )
    for key in range(0, 401, 20):
        assert layers.get(key) == plain.get(key)
        assert (key in layers) == (key in plain)
    assert all(list(old.items()) == list(was.items()) for old, was in before)


def test_one_change_of_many_copies_the_upper_layer_alone():
    lower = {n: n for n in range(10_000)}
    layers, longest = Layers(lower), 0
    for n in range(100):
        layers = layers.put({n: -n})
        assert layers._lower is lower
        longest = max(longest, len(layers._upper))
    assert longest == 100
    assert layers.put({-1: 0})._upper == {}  # the square root of the lower one's length


def test_a_short_upper_layer_is_not_laid_together_each_time():
    layers = Layers()
    for n in range(SHORT):
        layers = layers.put({n: n})
    assert len(layers._upper) == SHORT
    assert layers.put({}) is layers
