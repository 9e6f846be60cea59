"""A frozen dataclass with a few fields changed: what ``dataclasses.replace`` does, but quicker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

__all__ = ["altered", "altering"]

T = TypeVar("T")


def altering(kind: type[T]) -> Callable[..., T]:
    """What takes a thing of ``kind`` and the changed fields by their names.

    ``kind`` has two fields or more, and each of them is given when it is made. A name that is no
    field is a TypeError.
    """
    names = tuple(field.name for field in fields(kind))  # type: ignore[arg-type]
    values, places = attrgetter(*names), {name: n for n, name in enumerate(names)}

    def altered(thing: T, **changes: Any) -> T:
        new = list(values(thing))
        for name, value in changes.items():
            if name not in places:
                raise TypeError(f"{kind.__name__} has no field {name}")
            new[places[name]] = value
        return kind(*new)

    return altered


if TYPE_CHECKING:
    from dataclasses import replace as altered  # so that names and types of fields are checked
else:
    _of_kind = cache(altering)

    def altered(thing: T, /, **changes: Any) -> T:
        """The same of any kind, where it is altered in many places."""
        return _of_kind(type(thing))(thing, **changes)
