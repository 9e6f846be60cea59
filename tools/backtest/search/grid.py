"""A grid of parameters: every combination of the values given, but those that don't go together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import product

from tools.backtest.strategy import Strategy, Value, checked, made, parameters, ranges
from tools.domain.errors import InputError

MOST = 5_000
"""Backtests in one search: through the desk they take hours already."""


@dataclass(frozen=True, slots=True)
class Grid:
    """``values`` by parameter, as they were given; ``points`` in their order, the last turns first.

    Each point has every parameter of the strategy. ``left_out`` counts the combinations that the
    strategy refuses.
    """

    values: Mapping[str, tuple[Value, ...]]
    points: tuple[Mapping[str, Value], ...]
    left_out: int


def grid_of(kind: type[Strategy], given: Mapping[str, str], most: int = MOST) -> Grid:
    """The grid of ``fast=10,20,50`` and ``slow=100:300:50`` (from, to, step; both ends included).

    Raises InputError for a parameter or a value that the strategy doesn't have, more than ``most``
    combinations, and when the strategy refuses all of them.
    """
    usual = {str(one["name"]): one["default"] for one in ranges(kind)}
    values = {
        name: _values(kind, name, text, usual.get(name), most) for name, text in given.items()
    }
    size = math.prod(len(several) for several in values.values())
    need_fewer(size, most)
    points: list[Mapping[str, Value]] = []
    refusal = ""
    for chosen in product(*values.values()):
        try:
            points.append(parameters(made(kind, dict(zip(values, chosen, strict=True)))))
        except (InputError, ValueError, ArithmeticError) as error:
            refusal = refusal or str(error)
    if not points:
        raise InputError(f"The strategy refuses all {size} combinations, the first one: {refusal}")
    return Grid(values, tuple(points), size - len(points))


def need_fewer(size: int, most: int = MOST) -> None:
    """Refuse a search with more runs than anybody would wait for; raises InputError."""
    if size > most:
        raise InputError(
            f"That is {size:,} backtests; a search plays {most:,} at most. Take fewer values or "
            "larger steps."
        )


def _values(
    kind: type[Strategy], name: str, text: str, usual: object, most: int
) -> tuple[Value, ...]:
    """Each value once, as the kind of thing that the parameter is."""
    found: list[Value] = []
    for part in text.split(","):
        if not part.strip():
            raise InputError(f"{name} has an empty place in {text[:40]!r}: write {name}=10,20,50.")
        spread = (
            _stepped(name, part, most) if ":" in part and not isinstance(usual, str) else [part]
        )
        found += [checked_alone(kind, name, one.strip()) for one in spread]
    return tuple(dict.fromkeys(found))


def checked_alone(kind: type[Strategy], name: str, text: str) -> Value:
    """One value within its range, whatever the others are; raises InputError."""
    value = checked(kind, {name: text})[name]
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"{name} must be a finite number, was {text[:40]!r}.")
    return value


def _stepped(name: str, text: str, most: int) -> Sequence[str]:
    """``100:300:50``, counted in Decimal so that 0.1:0.3:0.1 ends on 0.3."""
    try:
        first, last, step = map(Decimal, text.split(":"))
    except (ValueError, InvalidOperation):
        raise InputError(
            f"{name} takes values such as 10,20,50 or from:to:step such as 100:300:50, was "
            f"{text[:40]!r}."
        ) from None
    if not all(one.is_finite() for one in (first, last, step)) or step <= 0 or first > last:
        raise InputError(f"{name} can't go in steps as {text[:40]!r}: from:to:step goes upwards.")
    # Before the list is made: a step of 1e-9 would fill the memory.
    steps = (last - first) / step
    need_fewer(int(min(steps, Decimal(10**12))) + 1, most)
    return [str(first + step * number) for number in range(int(steps) + 1)]
