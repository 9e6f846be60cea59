"""A frozen mapping that is cheap to change a little: what is new lies over what was before."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from typing import TypeVar, overload

K = TypeVar("K")
V = TypeVar("V")
D = TypeVar("D")
# The upper layer may be this long before its square is compared with the lower one's length.
SHORT = 16


class Layers(Mapping[K, V]):
    """A mapping in the order of its first insertions; never changed once made.

    ``put`` copies the upper layer alone, and lays both together when that has grown to the square
    root of the lower one: n changes one by one cost n times the root of n, not its square.
    """

    __slots__ = ("_lower", "_upper", "_whole")

    def __init__(self, lower: dict[K, V] | None = None, upper: dict[K, V] | None = None) -> None:
        """Both belong to it from now on."""
        self._lower: dict[K, V] = lower if lower is not None else {}
        self._upper: dict[K, V] = upper if upper is not None else {}
        self._whole: dict[K, V] | None = None

    def put(self, changes: Mapping[K, V]) -> Layers[K, V]:
        """Another one with these entries new or in the place of others."""
        if not changes:
            return self
        upper = {**self._upper, **changes}
        if len(upper) > SHORT and len(upper) ** 2 > len(self._lower):
            return Layers({**self._lower, **upper})
        return Layers(self._lower, upper)

    def __getitem__(self, key: K) -> V:
        return self._upper[key] if key in self._upper else self._lower[key]

    @overload
    def get(self, key: K) -> V | None: ...

    @overload
    def get(self, key: K, default: V | D) -> V | D: ...

    def get(self, key: K, default: V | D | None = None) -> V | D | None:
        """As of a dict."""
        return self._upper[key] if key in self._upper else self._lower.get(key, default)

    def __contains__(self, key: object) -> bool:
        return key in self._upper or key in self._lower

    def __len__(self) -> int:
        return len(self._lower) + sum(key not in self._lower for key in self._upper)

    def __iter__(self) -> Iterator[K]:
        return iter(self._together())

    def keys(self) -> KeysView[K]:
        """As of a dict."""
        return self._together().keys()

    def values(self) -> ValuesView[V]:
        """As of a dict."""
        return self._together().values()

    def items(self) -> ItemsView[K, V]:
        """As of a dict."""
        return self._together().items()

    def __repr__(self) -> str:
        return f"Layers({self._together()!r})"

    def _together(self) -> dict[K, V]:
        if not self._upper:
            return self._lower
        if self._whole is None:
            self._whole = {**self._lower, **self._upper}
        return self._whole
