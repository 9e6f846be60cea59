"""Of what type and size each figure may be that the gate reckons with: the last that fits."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal

import pytest

from tools.domain.money import Quantity
from tools.domain.order import Side
from tools.risk.shapes import Shape

D = Decimal
ONE = D(1)
NOW = datetime(2013, 3, 1, 21, tzinfo=UTC)
NAIVE = datetime(2013, 3, 1)  # noqa: DTZ001 - a moment without a zone is the point


class Nowhere(tzinfo):
    """A zone that can't say how far from UTC it is."""

    def utcoffset(self, _):
        return None


class Moment(datetime):
    """A feed's own kind of moment."""


class Number(Decimal):
    """A kind of number that isn't the one annotated."""


@dataclass(frozen=True)
class Thing:
    number: Decimal = ONE
    maybe: Quantity | None = None
    count: int = 1
    other: int = 2
    at: datetime = NOW
    then: datetime | None = None
    age: timedelta = timedelta(0)
    flag: bool = True
    name: str = "x"
    side: Side = Side.BUY
    rows: tuple[str, ...] = ()
    _kept: dict = field(default_factory=dict)


def shape():
    """Of its own for each test: it remembers the types that it has seen."""
    return Shape(Thing, "thing")


DAYS = timedelta(days=100_000)
BIT = timedelta(microseconds=1)

FITS = [
    ("number", D("1e15")), ("number", D("-1e15")), ("number", D("999999999999999.5")),
    ("number", D(0)), ("number", D("-0")), ("number", D("0e-200")), ("number", D("1e-100")),
    ("number", D("-1e-100")), ("number", D("9.9e-100")), ("maybe", D("1e15")), ("maybe", D(0)),
    ("count", 0), ("count", 999), ("count", 1000), ("count", 1_000_000_000), ("other", 0),
    ("other", 1_000_000_000),
    ("at", datetime(2013, 3, 1, tzinfo=timezone(timedelta(hours=9)))),
    ("at", Moment(2013, 3, 1, tzinfo=UTC)), ("then", NOW), ("then", None),
    ("age", DAYS), ("age", -DAYS), ("flag", False), ("name", ""), ("rows", (1,)),
    ("_kept", None),
]  # fmt: skip
ODD = [
    ("number", D("1.000000000000001e15")), ("number", D("1000000000000001")),
    ("number", D("-1000000000000001")), ("number", D("9.9e-101")), ("number", D("-9.9e-101")),
    ("number", D("1e16")), ("number", D("NaN")), ("number", D("sNaN")), ("number", D("Infinity")),
    ("number", D("-Infinity")), ("number", None), ("number", 1), ("number", 1.0),
    ("number", Number(1)), ("maybe", D("NaN")), ("maybe", 1), ("maybe", D("1e16")),
    ("count", -1), ("count", 1_000_000_001), ("other", -1), ("other", 1_000_000_001),
    ("count", True), ("count", D(1)), ("count", None),
    ("at", NAIVE), ("at", Moment(2013, 3, 1)), ("at", datetime(2013, 3, 1, tzinfo=Nowhere())),
    ("at", None), ("at", NOW.date()), ("at", "2013-03-01"), ("then", NAIVE),
    ("age", DAYS + BIT), ("age", -DAYS - BIT), ("age", 1), ("age", None),
    ("flag", 1), ("flag", None), ("name", None), ("name", b"x"), ("side", "buy"), ("rows", []),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), FITS)
def test_the_last_that_fits_fits(name, value):
    first, later = shape(), shape()
    assert later.fits(Thing())
    for one in (first, later, first):
        assert one.fits(replace(Thing(), **{name: value}))
        assert one.problems(replace(Thing(), **{name: value})) == ()


@pytest.mark.parametrize(("name", "value"), ODD)
def test_one_step_beyond_is_odd_and_named_alone(name, value):
    first, later = shape(), shape()
    assert later.fits(Thing())
    odd = replace(Thing(), **{name: value})
    for one in (first, later, first):
        assert not one.fits(odd)
        (said,) = one.problems(odd)
        assert said.startswith(f"The thing's {name} is missing or odd, was ")
        assert one.fits(Thing())


@pytest.mark.parametrize("thing", [None, 1, "x", object(), Thing, {}])
def test_another_kind_of_thing_is_none(thing):
    assert not shape().fits(thing)
    assert shape().problems(thing) == ("The thing is missing or not what it should be.",)


def test_a_subclass_is_not_the_thing():
    class More(Thing):
        pass

    assert not shape().fits(More())
    assert shape().problems(More()) == ("The thing is missing or not what it should be.",)


def test_a_thing_with_no_figures_or_one_count_has_a_shape_too():
    @dataclass(frozen=True)
    class Plain:
        name: str = "x"
        title: str = "y"

    @dataclass(frozen=True)
    class Counted:
        name: str = "x"
        count: int = 0

    assert Shape(Plain, "plain").fits(Plain())
    assert Shape(Counted, "counted").fits(Counted())
    assert not Shape(Counted, "counted").fits(Counted("x", -1))


def test_a_thing_of_one_field_or_none_has_a_shape_too():
    @dataclass(frozen=True)
    class One:
        number: Decimal = ONE

    @dataclass(frozen=True)
    class Listed:
        rows: tuple[str, ...] = ()

    @dataclass(frozen=True)
    class Bare:
        pass

    one = Shape(One, "thing")
    assert one.fits(One())
    assert not one.fits(One(D("NaN")))
    assert one.problems(One(None)) == ("The thing's number is missing or odd, was None.",)
    assert Shape(Listed, "thing").fits(Listed(("x", "y")))
    assert not Shape(Listed, "thing").fits(Listed(["x"]))
    assert Shape(Bare, "thing").fits(Bare())
    assert not Shape(Bare, "thing").fits(One())


def test_an_annotation_that_is_no_type_has_no_shape():
    @dataclass(frozen=True)
    class Strange:
        name: 1 = 1

    with pytest.raises(TypeError):
        Shape(Strange, "strange")


@pytest.mark.parametrize(("name", "value"), FITS)
def test_what_fits_is_not_named_beside_what_is_odd(name, value):
    (said,) = shape().problems(replace(Thing(side="buy"), **{name: value}))
    assert said == "The thing's side is missing or odd, was buy."


def test_two_odd_fields_are_both_named():
    assert len(shape().problems(Thing(number=D("NaN"), count=-1))) == 2
