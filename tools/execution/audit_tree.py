"""The verifier's own Merkle tree: RFC 6962 roots, and proofs as RFC 9162 checks them.

A proof is a list of hashes as hex. With an inclusion proof somebody who holds one event and a
signed head knows that the event is in the journal, and with a consistency proof somebody who holds
two heads knows that the later one only added to the earlier: neither needs the journal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def leaf(event_hash: str) -> bytes:
    """The leaf of an event; ValueError when its hash is no hex."""
    return hashlib.sha256(b"\x00" + bytes.fromhex(event_hash)).digest()


def parent(left: bytes, right: bytes) -> bytes:
    """The node over two."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class GrowingTree:
    """Roots while leaves come in: (size, hash) of each perfect subtree, left to right."""

    def __init__(self) -> None:
        """The empty tree."""
        self._parts: list[tuple[int, bytes]] = []

    def add(self, node: bytes) -> None:
        """One more leaf."""
        parts, size = self._parts, 1
        while parts and parts[-1][0] == size:
            node = parent(parts.pop()[1], node)
            size *= 2
        parts.append((size, node))

    def root(self) -> str:
        """The root as hex."""
        if not self._parts:
            return hashlib.sha256(b"").hexdigest()
        node = self._parts[-1][1]
        for _, left in self._parts[-2::-1]:
            node = parent(left, node)
        return node.hex()


def root(leaves: Sequence[bytes]) -> str:
    """The root over all leaves, as hex."""
    return _top(leaves, 0, len(leaves)).hex()


def inclusion(leaves: Sequence[bytes], index: int) -> list[str]:
    """The proof that the leaf at ``index``, from 0, is in the tree over ``leaves``."""
    path: list[bytes] = []
    low, high = 0, len(leaves)
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_top(leaves, middle, high))
            high = middle
        else:
            path.append(_top(leaves, low, middle))
            low = middle
    return [node.hex() for node in reversed(path)]


def consistency(leaves: Sequence[bytes], old: int) -> list[str]:
    """The proof that the tree over the first ``old`` leaves grew into the tree over all."""
    path: list[bytes] = []
    low, high, whole = 0, len(leaves), True
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(_top(leaves, middle, high))
            high = middle
        else:
            path.append(_top(leaves, low, middle))
            low, whole = middle, False
    if not whole:
        path.append(_top(leaves, low, high))
    return [node.hex() for node in reversed(path)]


def included(node: bytes, index: int, size: int, path: Sequence[str], top: str) -> bool:
    """Whether an inclusion proof holds (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    left, right = index, size - 1
    for step in path:
        if right == 0:
            return False
        other = bytes.fromhex(step)
        if left & 1 or left == right:
            node = parent(other, node)
            while left and not left & 1:
                left, right = left >> 1, right >> 1
        else:
            node = parent(node, other)
        left, right = left >> 1, right >> 1
    return right == 0 and node.hex() == top


def consistent(old: int, new: int, path: Sequence[str], old_top: str, new_top: str) -> bool:
    """Whether a consistency proof holds (RFC 9162, 2.1.4.2)."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not path and old_top == new_top
    nodes = [bytes.fromhex(step) for step in path]
    if old & (old - 1) == 0:
        nodes.insert(0, bytes.fromhex(old_top))
    if not nodes:
        return False
    left, right = old - 1, new - 1
    while left & 1:
        left, right = left >> 1, right >> 1
    before = after = nodes[0]
    for node in nodes[1:]:
        if right == 0:
            return False
        if left & 1 or left == right:
            before, after = parent(node, before), parent(node, after)
            while left and not left & 1:
                left, right = left >> 1, right >> 1
        else:
            after = parent(after, node)
        left, right = left >> 1, right >> 1
    return right == 0 and (before.hex(), after.hex()) == (old_top, new_top)


def _split(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << (size - 1).bit_length() - 1


def _top(leaves: Sequence[bytes], low: int, high: int) -> bytes:
    if high == low:
        return hashlib.sha256(b"").digest()
    tree = GrowingTree()
    for node in leaves[low:high]:
        tree.add(node)
    return bytes.fromhex(tree.root())
