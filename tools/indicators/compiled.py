"""The one place that names numba; whoever imports this pays for it, so import it late."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit, types
from numba.core import cgutils as _cgutils
from numba.cpython.unsafe import numbers as _numbers
from numba.extending import intrinsic
from numba.np import arrayobj as _arrayobj

from tools.indicators.kept import Kept, tell_once

cgutils: Any = _cgutils
arrayobj: Any = _arrayobj
trailing_zeros: Any = _numbers.trailing_zeros
leading_zeros: Any = _numbers.leading_zeros
F = TypeVar("F", bound=Callable[..., object])


def made(function: F, **options: bool) -> F:
    """Machine code on the first call, kept on disk for the next process where that can be written.

    Strict IEEE arithmetic in the order written: nothing is fused or reordered. ``options`` are
    those of ``numba.njit``.
    """
    done: Any = njit(function, error_model="numpy", **options)  # type: ignore[call-overload]
    try:
        done._cache = Kept(function)
    except RuntimeError:
        tell_once("neither the program's folder nor the person's cache can be written")
    return cast("F", done)


def compiled(function: F) -> F:
    """As ``made``."""
    return made(function)


def inlined(function: F) -> F:
    """As ``compiled``, always copied into the compiled function that calls it.

    It makes no arrays, so nothing counts references: that would take longer than the arithmetic.
    """
    done: Any = njit(  # type: ignore[call-overload]
        function, forceinline=True, error_model="numpy", _nrt=False
    )
    return cast("F", done)


def _fma(_: Any, a: Any, b: Any, c: Any) -> Any:
    """``a * b + c`` rounded once, as TA-Lib computes its averages."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.fma(*arguments)

    return types.float64(types.float64, types.float64, types.float64), code


fma: Any = intrinsic(_fma)


def _eight(_: Any) -> Any:
    """Eight numbers on the stack: where all indices are constants, they live in registers."""

    kind = types.Array(types.float64, 1, "C")

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        number = context.get_value_type(types.float64)
        made = arrayobj.make_array(kind)(context, builder)
        width = context.get_constant(types.intp, 8)
        arrayobj.populate_array(
            made,
            data=cgutils.alloca_once(builder, number, size=8),
            shape=cgutils.pack_array(builder, [width]),
            strides=cgutils.pack_array(builder, [width]),
            itemsize=width,
            meminfo=None,
        )
        return made._getvalue()

    return kind(), code


eight: Any = intrinsic(_eight)


def program(text: str, names: dict[str, Any], signature: str) -> Callable[..., Any]:
    """The function ``run`` that ``text`` defines, compiled for ``signature`` right away."""
    names |= {"eight": eight}
    exec(compile(text, "<fused indicators>", "exec"), names)  # noqa: S102 - our own pieces, joined
    made: Any = njit(signature, error_model="numpy", _nrt=False)  # type: ignore[call-overload]
    return cast("Callable[..., Any]", made(names["run"]))
