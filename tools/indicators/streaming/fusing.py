"""One compiled loop for a set of steps, written out as the few lines that call them.

numba has no loop over different functions that it can inline. So a short program is put together
from fixed pieces and whole numbers (no text of a person's gets into it) and compiled once for each
set of steps; parameters stay data, so other windows need no new program.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from tools.indicators.arrays import LARGEST

Shape = tuple[tuple[str, tuple[str, ...], int, int], ...]
"""For each part: its indicator, its inputs, and how many outputs and parameters it has."""
_LETTERS = {"open": "o", "high": "h", "low": "l", "close": "c", "volume": "v"}


def shape_of(parts: Sequence[Any]) -> Shape:
    """What the program depends on."""
    return tuple((p.row.name, p.row.inputs, len(p.keys), p.given) for p in parts)


def _good(letters: str) -> str:
    return " and ".join(f"abs({x}[i & mask]) <= LARGEST" for x in letters)


def _body(shape: Shape) -> tuple[list[str], list[str], int]:
    """The lines for one bar, the names of the outputs, and how many counters of bars there are."""
    from tools.indicators.streaming.recipes import RECIPES

    groups: dict[str, list[int]] = {}
    for number, (_, inputs, _, _) in enumerate(shape):
        groups.setdefault("".join(_LETTERS[x] for x in inputs), []).append(number)
    names = {n: [f"y{n}_{j}" for j in range(part[2])] for n, part in enumerate(shape)}
    lines: list[str] = []
    for counter, (letters, members) in enumerate(groups.items()):
        lines.append(f"if {_good(letters)}:")
        for n in members:
            left = ", ".join(names[n])
            lines.append(
                f"    {left}, = f{n}(s{n}, k{n}, p{n}, i, t{counter}, mask, o, h, l, c, v)"
            )
            if not RECIPES[shape[n][0]].bounded:
                lines += [f"    {y} = {y} if abs({y}) < inf else nan" for y in names[n]]
        lines += [f"    t{counter} += 1", "else:", f"    t{counter} = 0"]
        lines += [f"    {y} = nan" for n in members for y in names[n]]
    return lines, [y for n in range(len(shape)) for y in names[n]], len(groups)


def _memories(shape: Shape, *, local: bool) -> list[str]:
    """Each part's memory and parameters, read once, so that what follows is worked out once.

    With ``local`` a memory of few cells is copied to the stack, where it can become registers; what
    happens to it there is forgotten at the end.
    """
    from tools.indicators.streaming.recipes import RECIPES

    lines = []
    for n, (name, _, _, many) in enumerate(shape):
        values = ", ".join(f"s[at[{n}] + {j}]" for j in range(many)) or "0.0"
        lines.append(f"    p{n} = ({values},)")
        if local and isinstance(RECIPES[name].cells, int):
            lines += [f"    s{n}, k{n} = eight(), 0"]
            lines += [f"    s{n}[{j}] = 0.0" for j in range(8)]
        else:
            lines.append(f"    s{n}, k{n} = s, at[{n}]")
    return lines


@lru_cache(maxsize=64)
def over_arrays(shape: Shape) -> Callable[..., None]:
    """``run(s, at, o, h, l, c, v, out0, out1, …)``: whole arrays, one for each output."""
    lines, outputs, counters = _body(shape)
    outs = ", ".join(f"out{j}" for j in range(len(outputs)))
    text = [f"def run(s, at, o, h, l, c, v, {outs}):", "    mask = -1"]
    text += [f"    t{n} = 0" for n in range(counters)] + _memories(shape, local=True)
    text += ["    for i in range(c.size):", *(f"        {line}" for line in lines)]
    text += [f"        out{j}[i] = {y}" for j, y in enumerate(outputs)]
    arrays = ", ".join(["f8[::1]"] * (5 + len(outputs)))
    return _compiled(text, shape, f"void(f8[::1], i8[::1], {arrays})")


@lru_cache(maxsize=64)
def one_bar(shape: Shape) -> Callable[..., tuple[float, ...]]:
    """``run(s, at, ring, clock, open, high, low, close, volume)``: the outputs of the next bar.

    ``ring`` has shape ``(5, a power of two)``; ``clock`` holds the bar's number and the counters.
    """
    lines, outputs, counters = _body(shape)
    text = [
        "def run(s, at, ring, clock, a, b, d, e, g):",
        "    o, h, l, c, v = ring[0], ring[1], ring[2], ring[3], ring[4]",
        "    i, mask = clock[0], ring.shape[1] - 1",
        "    o[i & mask], h[i & mask], l[i & mask], c[i & mask], v[i & mask] = a, b, d, e, g",
        *(f"    t{n} = clock[{n + 1}]" for n in range(counters)),
        *_memories(shape, local=False),
        *(f"    {line}" for line in lines),
        "    clock[0] = i + 1",
        *(f"    clock[{n + 1}] = t{n}" for n in range(counters)),
        f"    return ({', '.join(outputs)},)",
    ]
    result = f"UniTuple(f8, {len(outputs)})"
    return _compiled(
        text, shape, f"{result}(f8[::1], i8[::1], f8[:, ::1], i8[::1], f8, f8, f8, f8, f8)"
    )


def _compiled(text: list[str], shape: Shape, signature: str) -> Callable[..., Any]:
    from math import inf, nan

    from tools.indicators.compiled import program
    from tools.indicators.streaming.recipes import RECIPES

    names: dict[str, Any] = {"LARGEST": LARGEST, "inf": inf, "nan": nan}
    names |= {f"f{n}": RECIPES[part[0]].step for n, part in enumerate(shape)}
    return program("\n".join(text), names, signature)
