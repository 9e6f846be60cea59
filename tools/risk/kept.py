"""The last answers of a pure function, told apart by which very object was asked about."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
Rows = dict[Hashable, tuple[Asked, Answer]]
NEVER: tuple[Any, Any] = (object(), None)
"""What was asked last before anything was: nobody else has this object."""


class Kept(Generic[Asked, Answer]):
    """Calls ``work`` once for an object and remembers; for frozen objects only.

    The objects are held on to, so an identity can't come to mean another one. There are the new
    rows and the old: when the new are ``most``, they become the old and the old are forgotten, but
    for those asked about in between. Threads may share it: at worst something is worked out twice.
    What ``work`` raises isn't kept.
    """

    __slots__ = ("_key", "_last", "_most", "_rows", "_work")

    def __init__(
        self,
        work: Callable[[Asked], Answer],
        most: int = 4,
        key: Callable[[Asked], Hashable] = id,
    ) -> None:
        """Remember at least the newest ``most`` answers, and fewer than twice as many.

        ``key`` tells objects apart: by their own identity, or that of all they are made of.
        """
        self._work = work
        self._most = most
        self._key = key
        self.forget()

    def forget(self) -> None:
        """Nothing is remembered."""
        self._last: tuple[Asked, Answer] = NEVER
        self._rows: tuple[()] | tuple[Rows[Asked, Answer], Rows[Asked, Answer]] = ()

    def __call__(self, asked: Asked) -> Answer:
        """The answer for this very object."""
        last, answer = self._last
        if last is asked:
            return answer
        key = self._key(asked)
        if not self._rows:
            self._rows = ({}, {})
        new, old = self._rows
        row = new.get(key)
        if row is None:
            row = old.get(key)
            if row is None:
                row = (asked, self._work(asked))
            if len(new) >= self._most:
                old, new = new, {}
                self._rows = (new, old)
            new[key] = row
        self._last = row
        return row[1]


def each(things: tuple[object, ...]) -> tuple[int, ...]:
    """Tells tuples apart by the identity of what is in them."""
    return tuple(map(id, things))
