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


def recall(folder: Path, account: str, venue: str) -> Agreement | None:
    """The last comparison of this account by any process; None when there is none to be read.

    It is a memory and no proof: whoever finds none compares again.
    """
    try:
        data = json.loads((folder / NAME).read_text("utf-8"))
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
    mine = (found.account, found.venue) == (account, venue)
    return found if mine and found.at.tzinfo is not None else None


def remember(folder: Path, agreement: Agreement) -> None:
    """Write it down whole or not at all; a disk that refuses only makes others compare again."""
    text = json.dumps(
        {
            "account": agreement.account,
            "venue": agreement.venue,
            "at": agreement.at.isoformat(),
            "differences": agreement.differences,
            "gaps": {name: str(gap) for name, gap in agreement.gaps.items()},
            "blocked": agreement.blocked,
        }
    )
    draft = folder / f".{NAME}.{os.getpid()}"
    with contextlib.suppress(OSError):
        draft.touch(mode=0o600)
        draft.write_text(text, "utf-8")
        draft.replace(folder / NAME)
