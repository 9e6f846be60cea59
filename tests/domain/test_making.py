"""A thing that is made quickly is what the standard library makes of it."""

import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace

import pytest

from tests.doubles import order
from tools.domain.making import quickly_made
from tools.domain.order import Order
from tools.execution.record import OrderRecord


@dataclass(frozen=True, slots=True)
class Slow:
    a: int
    b: str = "b"
    c: list[int] = field(default_factory=list)


@quickly_made
@dataclass(frozen=True, slots=True)
class Quick:
    a: int
    b: str = "b"
    c: list[int] = field(default_factory=list)


@pytest.mark.parametrize(
    ("given", "named"), [((1,), {}), ((1, "x"), {}), ((), {"c": [3], "a": 1}), ((1, "x", [2]), {})]
)
def test_it_has_the_same_fields(given, named):
    slow, quick = Slow(*given, **named), Quick(*given, **named)
    assert [getattr(quick, f.name) for f in fields(Quick)] == [slow.a, slow.b, slow.c]


@pytest.mark.parametrize(("given", "named"), [((), {}), ((1, "x", [], 4), {}), ((1,), {"d": 2})])
def test_what_is_missing_or_too_much_is_the_same_error(given, named):
    said = []
    for kind in (Slow, Quick):
        with pytest.raises(TypeError) as error:
            kind(*given, **named)
        said.append(str(error.value).replace(kind.__name__, "It"))
    assert said[0] == said[1]


def test_a_field_that_was_left_out_gets_a_value_of_its_own():
    assert Quick(1).c == []
    assert Quick(1).c is not Quick(1).c


def test_it_stays_frozen_and_can_be_altered_and_kept():
    one = Quick(1)
    with pytest.raises(FrozenInstanceError):
        one.a = 2
    assert replace(one, a=2) == Quick(2) != one
    assert pickle.loads(pickle.dumps(one)) == one
    assert pickle.loads(pickle.dumps(order("a"))) == order("a")


def test_what_is_checked_when_it_is_made_is_checked():
    @quickly_made
    @dataclass(frozen=True)
    class Pair:
        low: int
        high: int

        def __post_init__(self):
            if self.low > self.high:
                raise ValueError("low comes first")

    assert Pair(1, 2).high == 2
    with pytest.raises(ValueError, match="low"):
        Pair(2, 1)


@pytest.mark.parametrize("kind", [Order, OrderRecord])
def test_its_signature_names_every_field_in_its_place(kind):
    assert list(inspect.signature(kind).parameters) == [f.name for f in fields(kind)]


def test_fields_that_are_not_given_by_their_place_are_refused():
    with pytest.raises(TypeError, match="not given by its place"):
        quickly_made(
            dataclass(frozen=True, kw_only=True)(type("K", (), {"__annotations__": {"a": int}}))
        )
    with pytest.raises(TypeError, match="not given by its place"):

        @quickly_made
        @dataclass(frozen=True)
        class Hidden:
            a: int = field(default=0, init=False)
