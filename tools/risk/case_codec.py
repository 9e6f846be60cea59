"""A case as plain JSON values and back, exactly: for the journal, for replays and for case files.

Reading is by the annotations of the dataclasses, so a new field can't be forgotten. Numbers are
text, moments ISO 8601, enums their value (a Mode its name). A field that a writer of an older
version left out has its default; a key that nobody knows is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum, IntEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

from tools.domain.errors import InputError
from tools.domain.order import Order
from tools.risk.case import Case
from tools.risk.kept import Kept
from tools.risk.limits import KEYS, TYPES, Limits, Scope
from tools.risk.limits_values import ApprovalPolicy
from tools.risk.mode import Mode
from tools.risk.plainly import to_plain, whole

__all__ = [
    "PARTS",
    "case_from_journal",
    "inputs_of",
    "limits_from",
    "read",
    "to_plain",
]

Thing = TypeVar("Thing")
Read = Callable[[Any, str], Any]
PARTS = tuple(f.name for f in fields(Case) if f.name not in ("order", "limits"))
"""What of a case is journalled with a verdict, beside the order and the hash of the limits."""


def case_from_journal(order: Order, inputs: Mapping[str, Any], limits: Limits) -> Case:
    """The case that a verdict was given on; raises InputError naming what is missing or odd.

    ``inputs`` is ``data["inputs"]`` of a verdict's event. Every part of ``PARTS`` must be there.
    """
    missing = [name for name in PARTS if name not in inputs]
    if missing:
        raise InputError(f"the journal does not hold {', '.join(missing)} of this decision")
    unknown = sorted(set(inputs) - set(PARTS))
    if unknown:
        raise InputError(f"the journal holds {', '.join(unknown)}, which this version doesn't know")
    hints = _hints(Case)
    parts = {name: _reader(hints[name])(inputs[name], name) for name in PARTS}
    return Case(order=order, limits=limits, **parts)


def inputs_of(case: Case) -> dict[str, Any]:
    """The parts of a case as they are journalled: what ``case_from_journal`` reads."""
    inputs: dict[str, Any] = _changing(case)
    inputs["accepts"] = _accepted(case.accepts)
    return inputs


_changing = whole(tuple(name for name in PARTS if name != "accepts"))
# What a venue takes is the same object as long as the venue is.
_accepted = Kept(to_plain)


def read(kind: type[Thing], data: object, what: str) -> Thing:
    """A dataclass from plain values; raises InputError naming the field."""
    hint: Any = kind
    thing: Thing = _reader(hint)(data, what)
    return thing


def limits_from(text: str | bytes) -> Limits:
    """Limits from their canonical form; raises InputError when it can't be read."""
    try:
        data = json.loads(text)
        values = {key: _limit(TYPES[key], data[key]) for key in KEYS}
        scopes = tuple(
            Scope(kind, name, tuple((k, _limit(TYPES[k], v)) for k, v in sorted(rows.items())))
            for kind, name, rows in data["scopes"]
        )
        return Limits(**values, scopes=scopes, sectors=tuple(sorted(data["sectors"].items())))
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise InputError(f"these limits can't be read: {error}") from None


def _limit(kind: str, value: Any) -> Any:
    if kind == "Decimal":
        return Decimal(value)
    if kind == "ApprovalPolicy":
        return ApprovalPolicy(value)
    return tuple(value) if kind.startswith("tuple") else value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _reader(hint: Any) -> Read:
    """The function that reads a value of an annotation."""
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        (inner,) = (part for part in get_args(hint) if part is not NoneType)
        return _optional(_reader(inner))
    if isinstance(hint, NewType):
        return _reader(hint.__supertype__)
    if origin in (tuple, frozenset):
        return _many(origin, _reader(get_args(hint)[0]))
    if is_dataclass(hint):
        return _whole(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _named(hint)
    return PLAIN[hint]


def _optional(inner: Read) -> Read:
    return lambda value, what: None if value is None else inner(value, what)


def _many(into: Callable[[Any], Any], each: Read) -> Read:
    def read_many(value: Any, what: str) -> Any:
        if not isinstance(value, list):
            raise InputError(f"{what} must be a list, was {_short(value)}")
        return into(each(item, f"{what}[{n}]") for n, item in enumerate(value))

    return read_many


def _whole(kind: Any) -> Read:
    def read_whole(value: Any, what: str) -> Any:
        if not isinstance(value, Mapping):
            raise InputError(f"{what} must be an object with fields, was {_short(value)}")
        hints, found = _hints(kind), {}
        known = [f for f in fields(kind) if f.init]
        unknown = sorted(set(value) - {f.name for f in known})
        if unknown:
            raise InputError(f"{what}.{unknown[0]} is not a field of it")
        for f in known:
            if f.name in value:
                found[f.name] = _reader(hints[f.name])(value[f.name], f"{what}.{f.name}")
            elif f.default is MISSING:
                raise InputError(f"{what}.{f.name} is missing")
        return kind(**found)

    return read_whole


def _named(kind: Any) -> Read:
    def read_named(value: Any, what: str) -> Any:
        try:
            return kind[value] if issubclass(kind, IntEnum) else kind(value)
        except (KeyError, ValueError):
            known = [member.name if kind is Mode else member.value for member in kind]
            raise InputError(
                f"{what} must be one of {', '.join(known)}, was {_short(value)}"
            ) from None

    return read_named


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise InputError(f"{what} must be text, was {_short(value)}")
    return value


def _number(value: Any, what: str) -> Decimal:
    try:
        return Decimal(_text(value, what))
    except (InputError, InvalidOperation):
        raise InputError(
            f'{what} must be a number in quotes, such as "10.5", was {_short(value)}'
        ) from None


def _count(value: Any, what: str) -> int:
    if type(value) is not int:
        raise InputError(f"{what} must be a whole number, was {_short(value)}")
    return value


def _switch(value: Any, what: str) -> bool:
    if type(value) is not bool:
        raise InputError(f"{what} must be true or false, was {_short(value)}")
    return value


def _moment(value: Any, what: str) -> datetime:
    try:
        return datetime.fromisoformat(_text(value, what))
    except ValueError:
        raise InputError(
            f"{what} must be a moment such as 2026-01-05T15:00:00+00:00, was {_short(value)}"
        ) from None


def _day(value: Any, what: str) -> date:
    try:
        return date.fromisoformat(_text(value, what))
    except ValueError:
        raise InputError(f"{what} must be a date such as 2026-01-05, was {_short(value)}") from None


def _duration(value: Any, what: str) -> timedelta:
    try:
        return timedelta(seconds=float(_number(value, what)))
    except (OverflowError, ValueError):
        raise InputError(f"{what} must be seconds, was {_short(value)}") from None


PLAIN: dict[Any, Read] = {
    str: _text,
    Decimal: _number,
    int: _count,
    bool: _switch,
    datetime: _moment,
    date: _day,
    timedelta: _duration,
}


def _short(value: object) -> str:
    return repr(value)[:40]
