"""What the fields of the gate's inputs may be, read from their annotations: none is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from operator import attrgetter, itemgetter
from types import NoneType, UnionType
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

from tools.domain.money import LARGEST
from tools.risk.rules_words import shown

SMALLEST = -LARGEST
# A number's first digit stands no further behind the point: such figures are noise.
FINEST = -100
# LARGEST has its first digit here; a number with it before is smaller.
ORDINARY = LARGEST.adjusted()
MOST = 1_000_000_000
FEW = frozenset(range(1000))
LONGEST_AGE = timedelta(days=100_000)
Plan = tuple[
    Sequence[int], Callable[[tuple[object, ...]], tuple[object, ...]] | None, Sequence[int]
]
"""Where the numbers stand, the counts (what gets them all) and the moments and durations."""


class Shape:
    """The fields of one frozen dataclass: each of exactly its annotated type, numbers finite.

    A number is a finite Decimal of at most 1e15, a count an int from 0 to 1e9, a moment a datetime
    with a time zone, a duration at most 100,000 days. None only where the annotation has it.
    Tuples and nested dataclasses are looked at by themselves.
    """

    def __init__(self, kind: type, label: str) -> None:
        """``label`` names the thing in sentences: "order", "account"."""
        hints = get_type_hints(kind)
        self.kind = kind
        self.label = label
        self.names = tuple(f.name for f in fields(kind) if not f.name.startswith("_"))
        self._types = tuple(_types(hints[name]) for name in self.names)
        self._values = _getter(self.names)
        # The types seen so far that are in order, with where their numbers and the like stand.
        self._plans: dict[tuple[type, ...], Plan] = {}

    def fits(self, thing: object) -> bool:
        """Whether every field is in order; the quick answer."""
        if type(thing) is not self.kind:
            return False
        values = self._values(thing)
        kinds = tuple(map(type, values))
        plan = self._plans.get(kinds)
        if plan is None:
            if not all(map(_is_one, kinds, self._types)):
                return False
            plan = self._plans[kinds] = _plan(kinds)
        numbers, counts, others = plan
        for i in numbers:
            value: Any = values[i]
            # Nearly every number is well inside; the others are looked at closely.
            if not (value.is_finite() and FINEST <= value.adjusted() < ORDINARY) and not _sound(
                value
            ):
                return False
        if counts is not None:
            known: Any = counts(values)
            # So are nearly all counts.
            if not FEW.issuperset(known) and (min(known) < 0 or max(known) > MOST):
                return False
        for i in others:
            value = values[i]
            if not ((isinstance(value, datetime) and value.tzinfo is UTC) or _sound(value)):
                return False
        return True

    def problems(self, thing: object) -> tuple[str, ...]:
        """What is odd, one sentence each; empty when it fits."""
        if self.fits(thing):
            return ()
        if type(thing) is not self.kind:
            return (f"The {self.label} is missing or not what it should be.",)
        values = self._values(thing)
        return tuple(
            f"The {self.label}'s {name.replace('_', ' ')} is missing or odd, was {shown(value)}."
            for name, value, kinds in zip(self.names, values, self._types, strict=True)
            if not (_is_one(type(value), kinds) and _sound(value))
        )


def _getter(names: tuple[str, ...]) -> Callable[[object], tuple[object, ...]]:
    """What gets the values of so many names; ``attrgetter`` makes no tuple of a single one."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda thing: tuple(getattr(thing, name) for name in names)


def _types(hint: Any) -> tuple[type, ...]:
    """The classes of an annotation: ``Price | None`` is Decimal and NoneType."""
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return tuple(kind for part in get_args(hint) for kind in _types(part))
    if isinstance(hint, NewType):
        return _types(hint.__supertype__)
    kind = origin or hint
    if not isinstance(kind, type):
        raise TypeError(f"no shape for {hint}")
    return (kind,)


def _is_one(kind: type, of: tuple[type, ...]) -> bool:
    # A feed may have its own kind of moment; everything else must be exactly what is annotated.
    return kind in of or (datetime in of and issubclass(kind, datetime))


def _plan(kinds: tuple[type, ...]) -> Plan:
    """Where the Decimals stand, and where what else may be odd although its type is right."""
    numbers = tuple(i for i, kind in enumerate(kinds) if kind is Decimal)
    counts = [i for i, kind in enumerate(kinds) if kind is int]
    others = tuple(
        i for i, kind in enumerate(kinds) if kind is timedelta or issubclass(kind, datetime)
    )
    # Twice the first, so that of a single count it makes a tuple as well.
    return numbers, itemgetter(counts[0], *counts) if counts else None, others


def _sound(value: Any) -> bool:
    """Whether a value of the right type is one that can be reckoned with."""
    kind = type(value)
    if kind is Decimal:
        return bool(
            value.is_finite()
            and SMALLEST <= value <= LARGEST
            and (not value or value.adjusted() >= FINEST)
        )
    if kind is int:
        return bool(0 <= value <= MOST)
    if kind is timedelta:
        return bool(abs(value) <= LONGEST_AGE)
    if kind is not NoneType and isinstance(value, datetime):
        return value.utcoffset() is not None
    return True
