"""A bar while it is made."""

from __future__ import annotations

from collections.abc import Iterable

from tools.market_data.aggregation.finished import Finished
from tools.market_data.aggregation.items import LAST, RANGE, VOLUME, Item
from tools.market_data.aggregation.tape import Correction, Tape

NOTHING = float("nan")


class Forming:
    """Open and close go by the time of each item, the first and last to arrive when it is equal.

    Volume is summed as items arrive, which ``batch`` does too: sums of floats depend on the order.
    A bar that its source has ``settled`` takes no more items.
    """

    __slots__ = ("close_time", "end", "high", "known", "last", "low", "open", "open_time",
                 "parts", "priced", "settled", "start", "tape", "version", "volume")  # fmt: skip

    def __init__(self, start: int, end: int, tape: Tape | None = None) -> None:
        """An empty bar; its trades are kept on the ``tape``, if there is one."""
        self.start, self.end, self.known = start, end, -(2**62)
        self.parts: dict[int, Item] = {}
        self.version, self.tape, self.settled = 0, tape, False
        self._clear()

    def _clear(self) -> None:
        self.priced = False
        self.open_time = self.close_time = 0
        self.open = self.last = 0.0
        self.high, self.low = float("-inf"), float("inf")
        self.volume = 0.0

    def put(self, item: Item, replaces: bool) -> None:
        """Add it; ``replaces`` puts it in the place of an earlier item of the same time."""
        if replaces:
            again = item.time in self.parts
            self.parts[item.time] = item
            if again:
                self._again(self.parts.values(), item.known)
                return
        elif self.tape is not None:
            self.tape.keep(item)
        if not self.settled:
            self._add(item)

    def put_right(self, wrong: Correction) -> bool:
        """A trade of it taken back or changed; whether it was on the tape."""
        if self.tape is None or not self.tape.put_right(wrong):
            return False
        self.settled = False
        self._again(self.tape.items(), wrong.known)
        return True

    def without(self, time: int, known: int) -> None:
        """The shorter bar of that time is none any more."""
        if self.parts.pop(time, None) is not None:
            self._again(self.parts.values(), known)

    def settle(self, theirs: Finished) -> bool:
        """The figures that its source gives; whether they are others than those so far."""
        mine, self.settled = self.so_far(), True
        self.known = max(self.known, theirs.known)
        if mine is not None and mine[3:8] == theirs[3:8]:
            return False
        self.open, self.high, self.low, self.last, self.volume = theirs[3:8]
        self.priced = True
        return True

    def _again(self, items: Iterable[Item], known: int) -> None:
        self._clear()
        for item in items:
            self._add(item)
        self.known = max(self.known, known)

    def _add(self, item: Item) -> None:
        effect, time = item.effect, item.time
        self.known = max(self.known, item.known)
        if effect & VOLUME:
            self.volume += item.volume
        if effect & (RANGE | LAST):
            self.high = max(self.high, item.high)
            self.low = min(self.low, item.low)
        if effect & LAST:
            if not self.priced or time < self.open_time:
                self.open, self.open_time = item.open, time
            if not self.priced or time >= self.close_time:
                self.last, self.close_time = item.close, time
            self.priced = True

    def finished(self, earliest: int) -> Finished | None:
        """The bar as it is now, known at ``earliest`` at the soonest; None without a price."""
        row = self.so_far()
        if row is None:
            return None
        self.version += 1
        return row._replace(known=max(row.known, earliest))

    def emptied(self) -> Finished:
        """That there is no such bar any more: no prices and no volume."""
        self.version += 1
        none = NOTHING, NOTHING, NOTHING, NOTHING, 0.0
        return Finished(self.start, self.end, self.known, *none, self.version - 1)

    def so_far(self) -> Finished | None:
        """The bar as it would be if it ended now; None without a price."""
        if not self.priced:
            return None
        return Finished(
            self.start,
            self.end,
            self.known,
            self.open,
            self.high,
            self.low,
            self.last,
            self.volume,
            self.version,
        )
