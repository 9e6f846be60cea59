"""Signed heads of the journal, kept in a second place.

A head says how many events there were and the root of the Merkle tree over them, signed. Whoever
edits, cuts or rewrites the journal afterwards contradicts a head that they can't sign anew. The
file only grows, one line of JSON a head, each on the disk before the database notes it; it is best
put on another disk or machine (``TOLLGATE_HEADS``).
"""

from __future__ import annotations

import errno
import json
import os
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from tools.domain.errors import StateError
from tools.execution.codec import canonical
from tools.execution.merkle import Frontier
from tools.execution.signing_key import SigningKey
from tools.execution.store import HeadRow

# What a signature is of, so that it can be taken for nothing else that this key might ever sign.
PURPOSE = b"tollgate ledger head 1\n"


@dataclass(frozen=True, slots=True)
class SignedHead:
    """The ``n``-th head, from 1: ``size`` events had the tree root ``root`` at ``at`` (UTC).

    ``key`` is the public key and ``signature`` the Ed25519 signature, both hex.
    """

    n: int
    size: int
    root: str
    at: str
    key: str
    signature: str = ""

    @property
    def message(self) -> bytes:
        """What is signed: all but the signature."""
        said = asdict(self)
        del said["signature"]
        return PURPOSE + canonical(said).encode()

    @property
    def line(self) -> str:
        """The head as a line of the file, without its end."""
        return canonical(asdict(self))

    @classmethod
    def read(cls, line: str) -> SignedHead:
        """A head from its line; ValueError when it is none."""
        try:
            return cls(**json.loads(line))
        except TypeError as error:
            raise ValueError(str(error)) from error


class Heads:
    """The signer of one journal: its key, and the file that its heads are appended to."""

    def __init__(self, file: Path, key: SigningKey) -> None:
        """Nothing is read or made before the first head."""
        self._file = file
        self._key = key

    def own(self, row: HeadRow) -> SignedHead:
        """A head that the database published; StateError when it was not signed by this key."""
        try:
            head = SignedHead.read(row.line)
        except ValueError:
            raise StateError(f"head {row.n} of the ledger can't be read; put a copy back") from None
        if not self._key.exists:
            raise StateError(
                "the key that signed the ledger's heads is gone, and another would prove nothing; "
                "put keys/ledger.key back"
            )
        if not self._signed_here(head) or head.n != row.n:
            raise StateError(
                "the ledger's last head was not signed by the key in keys/ledger.key; put the "
                "right one back, and run `tollgate audit verify`"
            )
        return head

    def sign(self, last: HeadRow | None, tree: Frontier, at: datetime) -> HeadRow:
        """Sign the tree as the head after ``last`` and put it into the file, durably.

        Ask ``ahead`` first: it sees that the file ends with ``last``.
        """
        n = 1 if last is None else last.n + 1
        at_text = at.astimezone(UTC).isoformat()
        bare = SignedHead(n, tree.size, tree.root, at_text, self._key.public)
        signed = replace(bare, signature=self._key.sign(bare.message))
        self._append(signed.line)
        return HeadRow(n, signed.line, tree.peaks)

    def ahead(self, last: HeadRow | None) -> SignedHead | None:
        """The one head that the file has and the database has not: what a crash between leaves.

        Raises StateError when the file and the database part in any other way.
        """
        line = self._last_line()
        if line == (None if last is None else last.line):
            return None
        if line is None:
            raise self._astray("is missing or empty, though heads were published")
        try:
            head = SignedHead.read(line)
        except ValueError:
            raise self._astray("ends with a line that is no head") from None
        n = 0 if last is None else last.n
        if head.n != n + 1:
            raise self._astray(f"ends with head {head.n}, but {n} were published")
        if not self._key.exists or not self._signed_here(head):
            raise self._astray("ends with a head that was not signed here")
        return head

    def _signed_here(self, head: SignedHead) -> bool:
        return head.key == self._key.public and self._key.verifies(head.message, head.signature)

    def _astray(self, what: str) -> StateError:
        return StateError(
            f"{self._file} {what}; no head is signed. Run `tollgate audit verify`, and put the "
            "file of this ledger back"
        )

    def _last_line(self) -> str | None:
        """The last whole line, None when there is none; what a crash tore off is passed over."""
        try:
            with self._file.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - 4096))
                lines = file.read().split(b"\n")[:-1]
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable(error) from error
        return lines[-1].decode("utf-8", "replace") if lines else None

    def _append(self, line: str) -> None:
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
            with os.fdopen(os.open(self._file, flags, 0o600), "rb+", buffering=0) as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - 4096))
                torn = len(file.read().rpartition(b"\n")[2])
                if torn:
                    file.truncate(size - torn)
                whole = line.encode() + b"\n"
                if file.write(whole) != len(whole):
                    raise OSError(errno.ENOSPC, "no space left on device")
                os.fsync(file.fileno())
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> StateError:
        return StateError(
            f"the heads file {self._file} can't be read or written ({error.strerror or error}). "
            "Make its folder writable, or point TOLLGATE_HEADS elsewhere before the first event"
        )
