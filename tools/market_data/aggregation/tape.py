"""The trades of a bar as they came, to make the bar again when one of them is taken back."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from tools.market_data.aggregation.items import Item


@dataclass(frozen=True, slots=True)
class Correction:
    """A trade that was cancelled, or that should have been at another price or size.

    ``time`` (nanoseconds since 1970 UTC), ``price`` and ``size`` say which, ``known`` when it was
    told. Both of the others are None for a cancelled trade.
    """

    time: int
    price: float
    size: float
    known: int
    right_price: float | None = None
    right_size: float | None = None

    @property
    def cancels(self) -> bool:
        """Whether the trade is gone altogether."""
        return self.right_price is None and self.right_size is None


class Tape:
    """Trades in the order they became known, 33 bytes each."""

    __slots__ = ("_effect", "_known", "_price", "_size", "_time")

    def __init__(self) -> None:
        self._time, self._known, self._effect = array("q"), array("q"), array("B")
        self._price, self._size = array("d"), array("d")

    def __len__(self) -> int:
        """How many trades."""
        return len(self._time)

    def keep(self, item: Item) -> None:
        """One more; its prices are one price."""
        self._time.append(item.time)
        self._known.append(item.known)
        self._effect.append(item.effect)
        self._price.append(item.close)
        self._size.append(item.volume)

    def items(self) -> Iterator[Item]:
        """Each of them, as it came."""
        for time, known, price, size, effect in zip(
            self._time, self._known, self._price, self._size, self._effect, strict=True
        ):
            yield Item(time, known, time, price, price, price, price, size, effect)

    def put_right(self, wrong: Correction) -> bool:
        """Take the first trade that it means out, or change it; whether there was one."""
        for row, time in enumerate(self._time):
            same = self._price[row] == wrong.price and self._size[row] == wrong.size
            if time == wrong.time and same and self._known[row] <= wrong.known:
                break
        else:
            return False
        if wrong.cancels:
            for column in (self._time, self._known, self._effect, self._price, self._size):
                del column[row]
            return True
        if wrong.right_price is not None:
            self._price[row] = wrong.right_price
        if wrong.right_size is not None:
            self._size[row] = wrong.right_size
        return True
