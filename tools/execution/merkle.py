"""The Merkle tree of RFC 6962 over the events' hashes, as the writer extends it."""

from __future__ import annotations

import hashlib
import json

from tools.domain.errors import StateError


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a tree: one perfect subtree for each bit of its size, largest first.

    It is all that is needed to add leaves and to tell the root: O(log n) to keep, O(1) to extend.
    """

    def __init__(self) -> None:
        """The empty tree."""
        self.size = 0
        self._peaks: list[bytes] = []

    @classmethod
    def resumed(cls, size: int, peaks: str) -> Frontier:
        """The tree as ``peaks`` kept it; StateError when they can't be of a tree of that size."""
        tree = cls()
        try:
            tree._peaks = [bytes.fromhex(peak) for peak in json.loads(peaks)]
        except (TypeError, ValueError) as error:
            raise StateError(f"the tree of the journal can't be read ({error})") from error
        if len(tree._peaks) != size.bit_count():
            raise StateError("the tree of the journal has lost a part")
        tree.size = size
        return tree

    def add(self, event_hash: str) -> None:
        """One more leaf: the event's hash, as hex; StateError when it is no hash."""
        try:
            leaf = bytes.fromhex(event_hash)
        except ValueError:
            raise StateError(
                "an event of the ledger has no hash; see `tollgate audit verify`"
            ) from None
        peak = hashlib.sha256(b"\x00" + leaf).digest()
        # A binary counter: each trailing one of the size is a pair that becomes one subtree.
        size = self.size
        while size & 1:
            peak = _node(self._peaks.pop(), peak)
            size >>= 1
        self._peaks.append(peak)
        self.size += 1

    @property
    def peaks(self) -> str:
        """For ``resumed``: the subtrees' hashes, largest first, as JSON."""
        return json.dumps([peak.hex() for peak in self._peaks])

    @property
    def root(self) -> str:
        """The tree's root as hex; that of the empty tree is the hash of nothing."""
        if not self._peaks:
            return hashlib.sha256().hexdigest()
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = _node(peak, root)
        return root.hex()
