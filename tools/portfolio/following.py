"""An account that follows a growing list of fills and entries, each folded once."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime

from tools.domain.actions import Entry, Split
from tools.domain.order import Fill
from tools.portfolio.account import Account
from tools.portfolio.accounting import Books, in_order


class Following:
    """The account after lists that are given whole each time, with what is new at their ends.

    ``revision`` says by another number that something else in them changed (an execution was
    busted or corrected): all is then folded afresh. The same happens by itself when a fill or
    split comes too late for its place in time, so that the result is always that of one fold.
    Threads may share it.
    """

    def __init__(self, start: Account) -> None:
        """``start`` is the account before its first fill."""
        self._start = start
        self._lock = threading.Lock()
        self._books = Books(start)
        self._revision = self._fills = self._entries = 0
        self._last: tuple[Fill | None, Entry | None] = (None, None)
        self._lists: tuple[Sequence[Fill] | None, Sequence[Entry] | None] = (None, None)
        self._traded_at: dict[str, datetime] = {}
        self._split_at: dict[str, datetime] = {}
        self._early: set[str] = set()

    def account(
        self, fills: Sequence[Fill], entries: Sequence[Entry] = (), revision: int = 0
    ) -> Account:
        """That of ``fold(start, in_order(fills, entries))``; raises InputError like it."""
        with self._lock:
            return self._after(fills, entries, revision)

    def _after(self, fills: Sequence[Fill], entries: Sequence[Entry], revision: int) -> Account:
        if self._known(fills, entries, revision):
            return self._books.account
        new_fills, new_entries = fills[self._fills :], entries[self._entries :]
        if not self._goes_on(fills, entries, revision) or self._late(new_fills, new_entries):
            self._afresh(revision)
            new_fills, new_entries = fills, entries
        try:
            self._books.book(in_order(new_fills, new_entries))
        except Exception:
            self._afresh(revision)  # nothing is half booked
            raise
        self._note(new_fills, new_entries)
        self._fills, self._entries = len(fills), len(entries)
        # What may be changed in its place is looked at each time.
        frozen = not isinstance(fills, list) and not isinstance(entries, list)
        self._lists = (fills, entries) if frozen else (None, None)
        return self._books.account

    def _known(self, fills: Sequence[Fill], entries: Sequence[Entry], revision: int) -> bool:
        """Whether these are the very objects that were given last."""
        same = fills is self._lists[0] and entries is self._lists[1]
        return same and revision == self._revision

    def _afresh(self, revision: int) -> None:
        self._books = Books(self._start)
        self._revision = revision
        self._fills = self._entries = 0
        self._last = self._lists = (None, None)
        self._traded_at, self._split_at, self._early = {}, {}, set()

    def _goes_on(self, fills: Sequence[Fill], entries: Sequence[Entry], revision: int) -> bool:
        """Whether these are the known ones and perhaps more, as far as a look at the ends tells."""
        if revision != self._revision:
            return False
        if len(fills) < self._fills or len(entries) < self._entries:
            return False
        last = (
            fills[self._fills - 1] if self._fills else None,
            entries[self._entries - 1] if self._entries else None,
        )
        return all(a is b or a == b for a, b in zip(last, self._last, strict=True))

    def _late(self, fills: Sequence[Fill], entries: Sequence[Entry]) -> bool:
        """Whether something has its place before what is booked."""
        for fill in fills:
            split = self._split_at.get(fill.symbol)
            if fill.symbol in self._early or (split is not None and fill.at < split):
                return True
        for entry in entries:
            if isinstance(entry, Split):
                known = (self._traded_at.get(entry.symbol), self._split_at.get(entry.symbol))
                if any(moment is not None and entry.at <= moment for moment in known):
                    return True
        return False

    def _note(self, fills: Sequence[Fill], entries: Sequence[Entry]) -> None:
        for fill in fills:
            known = self._traded_at.get(fill.symbol)
            if known is None or fill.at > known:
                self._traded_at[fill.symbol] = fill.at
        for entry in entries:
            if entry.symbol and entry.symbol not in self._traded_at:
                self._early.add(entry.symbol)
            if isinstance(entry, Split):
                known = self._split_at.get(entry.symbol)
                self._split_at[entry.symbol] = entry.at if known is None else max(known, entry.at)
        if fills:
            self._last = (fills[-1], self._last[1])
        if entries:
            self._last = (self._last[0], entries[-1])
