"""Publishing a head: from what the database holds to one more line in the second place."""

from __future__ import annotations

from datetime import datetime

from tools.domain.errors import StateError
from tools.execution.heads import Heads
from tools.execution.merkle import Frontier
from tools.execution.seal import Seal
from tools.execution.store import HeadRow, Store


def publish(store: Store, seal: Seal, heads: Heads, at: datetime) -> int:
    """Sign a head over all committed events, if there are new ones; how many events there are.

    File first, database second: a crash between them leaves the file one head ahead, which is taken
    up here when it is true of this journal. Raises StateError, and signs nothing, when file,
    database and key do not belong together.
    """
    end = store.begin()
    new: list[HeadRow] = []
    try:
        seal.check(end)
        last = store.last_head()
        tree = Frontier() if last is None else _resumed(heads, last)
        hashes = store.hashes(tree.size)
        ahead = heads.ahead(last)
        if ahead is not None:
            for own in hashes:
                tree.add(own)
                if tree.size == ahead.size:
                    break
            if (tree.size, tree.root) != (ahead.size, ahead.root):
                raise StateError(
                    "the heads file tells of events that this ledger does not hold; no head is "
                    "signed. Run `tollgate audit verify` and put a sound copy back"
                )
            # Committed alone before another is signed: the file is never two heads ahead.
            new.append(HeadRow(ahead.n, ahead.line, tree.peaks))
        elif tree.size < end.seq:
            for own in hashes:
                tree.add(own)
            new.append(heads.sign(last, tree, at))
    except BaseException:
        store.rollback()
        raise
    if new:
        # An end from before there were seals gets its own with the first head.
        store.commit((), "" if end.seal else seal.on(end.seq, end.hash), heads=new)
        if ahead is not None:
            return publish(store, seal, heads, at)
    else:
        store.rollback()
    return end.seq


def _resumed(heads: Heads, last: HeadRow) -> Frontier:
    """The tree as it was at the last head, whose signature vouches for it."""
    head = heads.own(last)
    tree = Frontier.resumed(head.size, last.peaks)
    if tree.root != head.root:
        raise StateError(
            "the tree of the ledger is not the one that was signed; no head is signed. Run "
            "`tollgate audit verify` and put a sound copy back"
        )
    return tree
