"""Wishes of 0 and 1 as bits, 64 bars a word, and where they change.

Imported late: this imports numba.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import types
from numba.extending import intrinsic

from tools.backtest.fast.compiling import bare
from tools.backtest.fast.rules import Wishes
from tools.indicators.compiled import arrayobj, cgutils, trailing_zeros

Bits = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]
WIDTH = 64
AT_ONCE = 4
"""Changes in 64 bars that are written down whether they are there or not: guessing takes longer."""
_ONE, _63 = np.uint64(1), np.uint64(63)


def _above(_: Any, values: Any, start: Any, least: Any) -> Any:
    """Which of 64 bytes from ``start`` on are above ``least``, signs apart; the first is bit 0."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = arrayobj.make_array(signature.args[0])(context, builder, arguments[0])
        ir = cgutils.ir
        bytes_ = ir.VectorType(ir.IntType(8), WIDTH)
        first = builder.gep(array.data, [arguments[1]])
        found = builder.load(builder.bitcast(first, bytes_.as_pointer()))
        found.align = 1
        limit = ir.Constant(bytes_, [signature.args[2].literal_value] * WIDTH)
        return builder.bitcast(builder.icmp_unsigned(">", found, limit), ir.IntType(WIDTH))

    return types.uint64(values, types.intp, least), code


def _ones(_: Any, bits: Any) -> Any:
    """How many of the 64 bits are set."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), code


above: Any = intrinsic(prefer_literal=True)(_above)
ones: Any = intrinsic(_ones)


@bare
def packed(wish: Wishes, begin: int, masks: Bits) -> bool:
    """The wishes of 64 bars become a mask each; False where a wish is neither 0 nor 1.

    ``wish`` has room for all of the last mask's. What lies before ``begin`` counts as 0.
    """
    odd = np.uint64(0)
    for m in range(masks.size):
        masks[m] = above(wish, WIDTH * m, 0)
        odd |= above(wish, WIDTH * m, 1)
    masks[: begin // WIDTH] = 0
    if begin > 0:
        masks[begin // WIDTH] &= ~((_ONE << np.uint64(begin % WIDTH)) - _ONE)
    return bool(odd == 0)


@bare
def changes(masks: Bits, bars: int, places: Places) -> int:
    """Into ``places`` the bars whose wish differs from that of the bar before; how many.

    The last bar's wish is never traded. ``places`` has room for ``AT_ONCE`` beyond all bits.
    """
    count, before = 0, np.uint64(0)
    for m in range(masks.size):
        changed = masks[m] ^ (masks[m] << _ONE | before)
        before = masks[m] >> _63
        there = ones(changed)
        for k in range(there if there > AT_ONCE else AT_ONCE):
            places[count + k] = WIDTH * m + trailing_zeros(changed)
            changed &= changed - _ONE
        count += there
    while count > 0 and places[count - 1] >= bars - 1:
        count -= 1
    return count
