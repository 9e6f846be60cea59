"""How one indicator is streamed by compiled code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Params = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Recipe:
    """A step, and the memory it begins with.

    ``params`` gives the parameters in the step's order. ``cells`` is how many more numbers it keeps
    (at most eight with its parameters), or a function where that depends on them. ``reach`` is how
    many bars back it looks in the columns themselves. ``bounded`` promises that no output is
    infinite while inputs stay within LARGEST.
    """

    step: Callable[..., object]
    params: Callable[[Params], tuple[float, ...]]
    cells: int | Callable[[Params], float]
    reach: Callable[[Params], float]
    bounded: bool = False


def window(params: Params) -> tuple[float, ...]:
    """The one parameter that most have."""
    return (params["window"],)


def some(cells: int) -> Callable[[Params], float]:
    """The same number whatever the parameters are."""
    return lambda _: cells


def back(more: int = 0, name: str = "window") -> Callable[[Params], float]:
    """As many bars as the window, and some."""
    return lambda params: params[name] + more
