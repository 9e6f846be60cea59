"""A frozen dataclass with a few fields changed: what ``dataclasses.replace`` does, but quicker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any, TypeVar

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
