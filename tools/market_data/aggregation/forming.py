"""A bar while it is made."""

from __future__ import annotations

from tools.market_data.aggregation.finished import Finished
from tools.market_data.aggregation.items import LAST, RANGE, VOLUME, Item


class Forming:
    """Open and close go by the time of each item, the first and last to arrive when it is equal.

    Volume is summed as items arrive, which ``batch`` does too: sums of floats depend on the order.
    """

    __slots__ = ("close_time", "end", "high", "known", "last", "low", "open", "open_time",
                 "parts", "priced", "start", "version", "volume")  # fmt: skip

    def __init__(self, start: int, end: int) -> None:
        """An empty bar."""
        self.start, self.end, self.known = start, end, -(2**62)
        self.parts: dict[int, Item] = {}
        self.version = 0
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
                self._clear()
                for part in self.parts.values():
                    self._add(part)
                self.known = max(self.known, item.known)
                return
        self._add(item)

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
