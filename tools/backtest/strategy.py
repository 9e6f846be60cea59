"""What a strategy is: a dataclass of parameters with one method, and the ranges it is held to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import field, fields, is_dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

from tools.domain.errors import InputError

if TYPE_CHECKING:
    from tools.backtest.context import Context

Value = int | float | str | bool
T = TypeVar("T", int, float)


@runtime_checkable
class Strategy(Protocol):
    """Runs unchanged in a backtest, on paper and with real money.

    It is a dataclass whose fields are its parameters. All it may go by is the context; what it
    wishes for goes through the desk and its gate.
    """

    def on_bar(self, context: Context) -> None:
        """Called at the close of each bar that was known at that moment."""
        ...


def within(default: T, least: T, most: T) -> T:
    """A parameter with a range, both ends included."""
    ranged: T = field(default=default, metadata={"least": least, "most": most})
    return ranged


def made(kind: type[Strategy], given: Mapping[str, Value]) -> Strategy:
    """A strategy with these parameters, as text or as they are, and the rest by default.

    Raises InputError for a parameter that it doesn't have, of another kind, or out of its range.
    """
    return kind(**checked(kind, given))


def checked(kind: type[Strategy], given: Mapping[str, Value]) -> dict[str, Value]:
    """The given parameters as the kinds of thing that they are; raises InputError as ``made``.

    Whether the strategy takes them together is told only when it is made.
    """
    known = {one.name: one for one in _fields(kind)}
    for name in given:
        if name not in known:
            there = ", ".join(known) or "none"
            raise InputError(f"{kind.__name__} has no parameter {name[:40]!r}; it has {there}.")
    values = {name: _read(name, known[name].default, value) for name, value in given.items()}
    for name, one in known.items():
        least, most = one.metadata.get("least"), one.metadata.get("most")
        value = values.get(name, one.default)
        if least is not None and most is not None and not least <= value <= most:
            raise InputError(f"{name} must be from {least:g} to {most:g}, was {value:g}.")
    return values


def parameters(strategy: Strategy) -> dict[str, Value]:
    """The parameters by name, as they are."""
    return {one.name: getattr(strategy, one.name) for one in _fields(type(strategy))}


def ranges(kind: type[Strategy]) -> list[dict[str, Any]]:
    """Each parameter's name, default and range (None where there is none)."""
    return [
        {"name": one.name, "default": one.default}
        | {edge: one.metadata.get(edge) for edge in ("least", "most")}
        for one in _fields(kind)
    ]


def _fields(kind: Any) -> list[Any]:
    return [one for one in fields(kind) if one.init] if is_dataclass(kind) else []


def _read(name: str, default: object, value: Value) -> Value:
    """The value as the kind of thing that the default is."""
    if isinstance(default, bool):
        words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        if isinstance(value, bool):
            return value
        if str(value).lower() in words:
            return words[str(value).lower()]
        raise InputError(f"{name} must be true or false, was {str(value)[:40]!r}.")
    if isinstance(default, (int, float)):
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if math.isnan(number) or (isinstance(default, int) and not number.is_integer()):
            kind = "a whole number" if isinstance(default, int) else "a number"
            raise InputError(f"{name} must be {kind}, was {str(value)[:40]!r}.")
        return int(number) if isinstance(default, int) else number
    return str(value)
