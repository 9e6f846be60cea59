"""Rows of an answer read one by one: what can't be used is left out and told, the rest is kept."""

from __future__ import annotations

from collections import Counter
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from tools.market_data.feeds.resilience.failure import Unanswered

M = TypeVar("M", bound=BaseModel)


class LeftOut:
    """What one answer left out, in words; ``source`` is how a person knows the source."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._counts: Counter[str] = Counter()
        self._said: list[str] = []
        self._withdrawn: dict[str, None] = {}

    def count(self, why: str) -> None:
        """One more left out, such as ``"removed by its publisher"``."""
        self._counts[why] += 1

    def withdraw(self, key: str, why: str) -> None:
        """One more left out, which its source has taken back: an earlier fetch may have had it."""
        self.count(why)
        self._withdrawn[key] = None

    @property
    def withdrawn(self) -> tuple[str, ...]:
        """The keys of those."""
        return tuple(self._withdrawn)

    def say(self, words: str) -> None:
        """Something else to be told, without a full stop, once."""
        if words not in self._said:
            self._said.append(words)

    def words(self) -> str:
        """All of it without a full stop; empty when nothing was left out."""
        told = ", ".join(f"{count} {why}" for why, count in sorted(self._counts.items()))
        left = [f"{self._source}: left out {told}"] if told else []
        return "; ".join([*left, *self._said])

    def read(self, kind: type[M], row: object) -> M | None:
        """The row; None, and counted, where it is not as documented."""
        try:
            return kind.model_validate(row)
        except ValidationError:
            self.count("not as documented")
            return None

    def readable(self, kind: type[M], rows: object) -> list[M]:
        """The rows that are as documented; Unanswered where none is, or where there are no rows."""
        if not isinstance(rows, list):
            raise self.undocumented()
        found = [one for row in rows if (one := self.read(kind, row)) is not None]
        if rows and not found:
            raise self.undocumented()
        return found

    def undocumented(self) -> Unanswered:
        """The error for an answer of another shape."""
        return Unanswered(f"{self._source}'s answer can't be read: it is not as documented.")
