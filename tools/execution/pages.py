"""A frozen sequence that is cheap to make longer: full pages are shared, the last alone is copied.

n values added one by one cost n times a page, not the square of n.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TypeVar, overload

V = TypeVar("V")
SIZE = 128


class Pages(Sequence[V]):
    """Values in the order in which they came; never changed once made. Equal to a like tuple."""

    __slots__ = ("_full", "_last")

    def __init__(self, values: Iterable[V] = ()) -> None:
        """The values as they are now."""
        self._full: tuple[tuple[V, ...], ...] = ()
        self._last: tuple[V, ...] = ()
        self._put(tuple(values))

    def plus(self, values: Sequence[V]) -> Pages[V]:
        """Another one with these at its end."""
        if not values:
            return self
        longer = Pages[V]()
        longer._full = self._full
        longer._put((*self._last, *values))
        return longer

    def _put(self, last: tuple[V, ...]) -> None:
        if len(last) >= SIZE:
            whole = len(last) // SIZE * SIZE
            self._full += tuple(last[at : at + SIZE] for at in range(0, whole, SIZE))
            last = last[whole:]
        self._last = last

    @overload
    def __getitem__(self, at: int) -> V: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[V, ...]: ...

    def __getitem__(self, at: int | slice) -> V | tuple[V, ...]:
        if isinstance(at, slice):
            first, stop, step = at.indices(len(self))
            if step != 1:
                return tuple(self)[at]
            page = min(first // SIZE, len(self._full))
            begin = page * SIZE
            return self._from(page)[first - begin : max(stop - begin, 0)]
        page, place = divmod(at + len(self) if at < 0 else at, SIZE)
        if not 0 <= page <= len(self._full):
            raise IndexError(at)
        return (self._full[page] if page < len(self._full) else self._last)[place]

    def _from(self, page: int) -> tuple[V, ...]:
        if page == len(self._full):
            return self._last
        return tuple(chain(*self._full[page:], self._last))

    def __len__(self) -> int:
        return len(self._full) * SIZE + len(self._last)

    def __iter__(self) -> Iterator[V]:
        return chain(*self._full, self._last)

    def __reversed__(self) -> Iterator[V]:
        yield from reversed(self._last)
        for page in reversed(self._full):
            yield from reversed(page)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (Pages, tuple)):
            return NotImplemented
        return self is other or (len(self) == len(other) and tuple(self) == tuple(other))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Pages({tuple(self)!r})"


def paged(values: Sequence[V]) -> Pages[V]:
    """Values that may be paged already."""
    return values if isinstance(values, Pages) else Pages(values)
