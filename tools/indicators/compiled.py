"""The one place that names numba; whoever imports this pays for it, so import it late."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import njit, types
from numba.core import cgutils as _cgutils
from numba.core.caching import FunctionCache as _FunctionCache
from numba.cpython.unsafe import numbers as _numbers
from numba.extending import intrinsic
from numba.np import arrayobj as _arrayobj

cgutils: Any = _cgutils
FunctionCache: Any = _FunctionCache
arrayobj: Any = _arrayobj
trailing_zeros: Any = _numbers.trailing_zeros
leading_zeros: Any = _numbers.leading_zeros
F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Machine code on the first call, kept on disk for the next process where that can be written.

    Strict IEEE arithmetic in the order written: nothing is fused or reordered.
    """
    try:
        return cast("F", njit(function, cache=True, error_model="numpy"))
    except RuntimeError:  # neither the program's folder nor the person's cache can be written
        return cast("F", njit(function, error_model="numpy"))


class _Kept(FunctionCache):  # type: ignore[misc]
    """Machine code on disk that is out of date when any file it was made from is.

    Numba itself looks at the function's own file alone, and not at those whose functions it calls.
    """

    def __init__(self, function: Callable[..., object], sources: str) -> None:
        self._sources = sources
        super().__init__(function)

    def _index_key(self, signature: Any, codegen: Any) -> tuple[Any, ...]:
        return (*super()._index_key(signature, codegen), self._sources)


class Linked:
    """Compiles functions that call each other across the files of ``folder``, its folders too.

    As ``compiled``, and other threads go on while one runs.
    """

    def __init__(self, folder: Path) -> None:
        """Reads the folder's files, to know later whether they are still the same."""
        files = sorted(folder.rglob("*.py"))
        self._sources = sha256(b"".join(file.read_bytes() for file in files)).hexdigest()

    def compiled(self, function: F) -> F:
        """Machine code on the first call."""
        return self._made(function)

    def bare(self, function: F) -> F:
        """As ``compiled``, for what makes no arrays: nothing counts references to those it has.

        Handing ten arrays from function to function takes longer with it than a fill does.
        """
        return self._made(function, _nrt=False)

    def _made(self, function: F, **options: bool) -> F:
        made: Any = njit(  # type: ignore[call-overload]
            function, error_model="numpy", nogil=True, **options
        )
        with suppress(RuntimeError):  # nowhere to write: compiled anew in each process
            made._cache = _Kept(function, self._sources)
        return cast("F", made)

    def typed(self, signature: Any, *, checked: bool = False) -> Callable[[F], F]:
        """Machine code at once, for one signature.

        The function can then be handed to one compiled for ``types.FunctionType(signature)``,
        which takes any of them without being compiled for each. ``checked`` raises IndexError for
        a place outside an array, where else it would write into whatever lies there.
        """

        def decorate(function: F) -> F:
            made: Any = self._made(function, boundscheck=checked)
            made.compile(signature)
            made.disable_compile()
            return cast("F", made)

        return decorate


def inlined(function: F) -> F:
    """As ``compiled``, always copied into the compiled function that calls it.

    It makes no arrays, so nothing counts references: that would take longer than the arithmetic.
    """
    made: Any = njit(  # type: ignore[call-overload]
        function, forceinline=True, error_model="numpy", _nrt=False
    )
    return cast("F", made)


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
