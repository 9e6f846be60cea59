"""The seal on the journal's end: signed anew with every commit, so that nobody else can add to it.

Heads are signed now and then; until the next one, a program that can write the database could add
an event of its own and chain it as the desk would. It can't sign the new end.
"""

from __future__ import annotations

from tools.domain.errors import StateError
from tools.execution.signing_key import SigningKey
from tools.execution.store import End, Store

PURPOSE = "tollgate ledger end 1\n"


class Seal:
    """Seals one journal's end with its key."""

    def __init__(self, store: Store, key: SigningKey) -> None:
        """Nothing is read or made yet."""
        self._store, self._key = store, key

    def on(self, seq: int, own: str) -> str:
        """The seal on the end at event ``seq`` with that hash, by the writer.

        The key is made for a journal that has no heads yet. Raises StateError when the key is gone
        or unreadable: a desk that can't seal its journal writes nothing.
        """
        if not self._key.exists and self._store.last_head() is not None:
            raise StateError(
                "the key that signed the ledger's heads is gone, and another would prove nothing; "
                "nothing is sent. Put keys/ledger.key back"
            )
        return self._key.sign(_message(seq, own))

    def check(self, end: End) -> None:
        """Refuse to go on from an end that no desk with this key wrote: StateError, by the writer.

        An end without a seal is from before there were any, and then there are no heads either.
        """
        if end.seq == 0 or (not end.seal and self._store.last_head() is None):
            return
        if not self._key.exists or not self._key.verifies(_message(end.seq, end.hash), end.seal):
            raise StateError(
                f"event {end.seq} of {self._store.where} was not written by a desk with the key in "
                "keys/ledger.key; nothing is sent. Run `tollgate audit verify`, then put the right "
                "key or a sound copy back"
            )


def _message(seq: int, own: str) -> bytes:
    return f"{PURPOSE}{seq:d} {own}".encode()
