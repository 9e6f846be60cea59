"""What the last comparison with the venue gave, kept in a small file for every other process."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

NAME = "reconciled.json"


@dataclass(frozen=True, slots=True)
class Agreement:
    """``at`` is the wall time of the comparison (aware UTC); ``differences`` one sentence each.

    ``gaps`` are the venue's figure less ours by symbol (the empty symbol for cash), for the next
    comparison to see whether they stay. ``blocked`` is the venue's word that the account may not
    trade.
    """

    account: str
    venue: str
    at: datetime
    differences: tuple[str, ...] = ()
    gaps: Mapping[str, Decimal] = field(default_factory=dict)
    blocked: bool = False


class Agreements:
    """The last comparison that any process over the same state folder made."""

    def __init__(self, folder: Path) -> None:
        """Nothing is read or written when made."""
        self._folder = folder

    def recall(self, account: str, venue: str) -> Agreement | None:
        """The last one, of this account at this venue; None when there is none to be read.

        It is a memory and no proof: whoever finds none compares again.
        """
        found = _read(self._folder / NAME)
        mine = found is not None and (found.account, found.venue) == (account, venue)
        return found if mine else None

    def remember(self, agreement: Agreement) -> None:
        """Write it down whole or not at all; a disk that refuses only makes others compare."""
        draft = self._folder / f".{NAME}.{os.getpid()}"
        with contextlib.suppress(OSError):
            draft.touch(mode=0o600)
            draft.write_text(_text(agreement), "utf-8")
            draft.replace(self._folder / NAME)


class MemoryAgreements(Agreements):
    """The last comparison of a desk that is alone, as one on the past is: gone with it."""

    def __init__(self) -> None:
        """Nothing was compared yet."""
        self._last: Agreement | None = None

    def recall(self, account: str, venue: str) -> Agreement | None:
        """The last one; its desk has one account at one venue."""
        return self._last

    def remember(self, agreement: Agreement) -> None:
        """Keep it in the place of the one before."""
        self._last = agreement


def _read(path: Path) -> Agreement | None:
    try:
        data = json.loads(path.read_text("utf-8"))
        found = Agreement(
            data["account"],
            data["venue"],
            datetime.fromisoformat(data["at"]),
            tuple(map(str, data["differences"])),
            {str(name): Decimal(gap) for name, gap in data["gaps"].items()},
            bool(data["blocked"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError):
        return None
    return found if found.at.tzinfo is not None else None


def _text(agreement: Agreement) -> str:
    return json.dumps(
        {
            "account": agreement.account,
            "venue": agreement.venue,
            "at": agreement.at.isoformat(),
            "differences": agreement.differences,
            "gaps": {name: str(gap) for name, gap in agreement.gaps.items()},
            "blocked": agreement.blocked,
        }
    )
