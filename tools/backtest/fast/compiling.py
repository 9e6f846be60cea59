"""How this room compiles: its files call each other, and threads run side by side.

Imported late: this imports numba.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from tools.indicators.compiled import leading_zeros, made, trailing_zeros

__all__ = ("bare", "compiled", "inlined", "leading_zeros", "trailing_zeros", "typed")
F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Machine code on the first call; other threads go on while it runs."""
    return made(function, nogil=True)


def bare(function: F) -> F:
    """As ``compiled``, for what makes no arrays: nothing counts references to those it has.

    Handing ten arrays from function to function takes longer with it than a fill does.
    """
    return made(function, nogil=True, _nrt=False)


def inlined(function: F) -> F:
    """As ``bare``, always copied into the compiled function that calls it.

    Eleven arrays of an account are some ninety words to hand over.
    """
    return made(function, nogil=True, _nrt=False, forceinline=True)


def typed(signature: Any, *, checked: bool = False) -> Callable[[F], F]:
    """Machine code at once, for one signature.

    The function can then be handed to one compiled for ``types.FunctionType(signature)``, which
    takes any of them without being compiled for each. ``checked`` raises IndexError for a place
    outside an array, where else it would write into whatever lies there.
    """

    def decorate(function: F) -> F:
        done: Any = made(function, nogil=True, boundscheck=checked)
        done.compile(signature)
        done.disable_compile()
        return cast("F", done)

    return decorate
