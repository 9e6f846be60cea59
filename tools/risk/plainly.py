"""Values of the gate as plain JSON values, exactly; ``case_codec`` reads them back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from functools import cache
from operator import attrgetter, methodcaller
from types import NoneType
from typing import Any

from tools.domain.errors import InputError
from tools.domain.instrument import Instrument
from tools.domain.money import plain
from tools.domain.portfolio import Health, OpenOrder, Position, Snapshot
from tools.domain.venue import Accepts
from tools.risk.case import MarketView, Source
from tools.risk.kept import Kept

Write = Callable[[Any], Any]
THEMSELVES = frozenset({NoneType, bool, int, str})
# How many of each kind are written once and then told by the same object again.
KEPT: Mapping[type, int] = {
    Position: 4096,
    OpenOrder: 4096,
    Instrument: 1024,
    Accepts: 64,
    Health: 4,
    MarketView: 64,
    Snapshot: 4,
    Source: 4,
}


def to_plain(value: object) -> Any:
    """A value as JSON values, sorted where it has no order; raises InputError for other kinds.

    What comes back is for reading only: a row that was asked for before is the same one again.
    """
    kind: Any = type(value)
    return _writer(kind)(value)


def _written_by(kind: type) -> Write:
    """The function that writes values of a type."""
    for kinds, write in WRITERS:
        if issubclass(kind, kinds):
            return write
    if not is_dataclass(kind):
        raise InputError(f"a {kind.__name__} has no plain form")
    write = whole(tuple(f.name for f in fields(kind) if f.init))
    # Most rows of an account are the very same objects from one verdict to the next.
    return Kept(write, most=KEPT[kind]) if kind in KEPT else write


_writer: Callable[[Any], Write] = cache(_written_by)


def whole(names: tuple[str, ...]) -> Write:
    """What writes these fields of a thing."""
    if len(names) < 2:
        return lambda value: {name: to_plain(getattr(value, name)) for name in names}
    values = attrgetter(*names)

    def write(thing: Any) -> dict[str, Any]:
        return {
            name: value if (kind := type(value)) in THEMSELVES else _writer(kind)(value)
            for name, value in zip(names, values(thing), strict=True)
        }

    return write


def _itself(value: Any) -> Any:
    return value


def _seconds(value: timedelta) -> str:
    return str(value.total_seconds())


def _sorted(value: frozenset[Any]) -> list[Any]:
    return sorted(to_plain(item) for item in value)


def _listed(value: tuple[Any, ...] | list[Any]) -> list[Any]:
    kinds = set(map(type, value))
    if len(kinds) == 1:  # as rows are: look for their writer once
        return list(map(_writer(kinds.pop()), value))
    return [to_plain(item) for item in value]


WRITERS: tuple[tuple[type | tuple[type, ...], Write], ...] = (
    (IntEnum, attrgetter("_name_")),  # as .name and .value, without a descriptor's two calls
    (Enum, attrgetter("_value_")),
    (tuple(THEMSELVES), _itself),
    (Decimal, plain),
    (date, methodcaller("isoformat")),  # a datetime as well
    (timedelta, _seconds),
    (frozenset, _sorted),
    ((tuple, list), _listed),
)
"""How values of a type and its subclasses are written, the first that fits; dataclasses apart."""
