"""Which trades of the United States' tapes set which prices of a bar, by their sale conditions.

The two plans that run the tapes publish what each condition does to the consolidated open, high,
low, last and volume (Consolidated Tape Association, CTS specification, for tapes A and B, listings
of NYSE and others; Unlisted Trading Privileges plan, UTDF specification, for tape C, listings of
Nasdaq). Where a plan lets a trade set the last price only if it is the first or the only one of the
day, it sets none here: a bar can't know that. A trade with several conditions may do what all of
them allow. Bars that vendors publish follow the same tables.

Before and after the session nearly every trade says T, which sets no price of the day; the bars of
those hours take it as an ordinary trade (``outside_session``), as the vendors do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

import numpy as np

from tools.domain.errors import InputError
from tools.market_data.aggregation.items import ALL, LAST, RANGE, VOLUME, Effects
from tools.market_data.columns import Floats


class Plan(StrEnum):
    """Whose codes they are: tapes A and B (``cta``), or C (``utp``)."""

    CTA = "cta"
    UTP = "utp"


NOTHING: Final = 0
LATE: Final = RANGE | VOLUME  # reported late or priced elsewhere: in the range, never the last

SHARED: Final[Mapping[str, tuple[str, int]]] = {
    "@": ("regular", ALL),
    " ": ("no condition", ALL),
    "C": ("cash: settled the same day", VOLUME),
    "F": ("intermarket sweep order", ALL),
    "H": ("price variation", VOLUME),
    "I": ("odd lot", VOLUME),
    "K": ("rule 127 or 155", ALL),
    "L": ("sold last: reported late, in sequence", ALL),
    "M": ("an exchange's official close: repeats a price", NOTHING),
    "N": ("settled the next day", VOLUME),
    "O": ("opening trade", ALL),
    "P": ("at an earlier reference price", LATE),
    "Q": ("an exchange's official open: repeats a price", NOTHING),
    "R": ("seller's choice of settlement", VOLUME),
    "T": ("before or after the session (form T)", VOLUME),
    "U": ("before or after the session, out of sequence", VOLUME),
    "V": ("contingent on another trade", VOLUME),
    "X": ("cross", ALL),
    "Z": ("out of sequence", LATE),
    "4": ("priced from a derivative", LATE),
    "5": ("reopening", ALL),
    "6": ("closing", ALL),
    "7": ("qualified contingent", VOLUME),
    "9": ("corrected consolidated close", LAST | RANGE),
}
TABLE: Final[Mapping[Plan, Mapping[str, tuple[str, int]]]] = {
    Plan.CTA: {
        **SHARED,
        "B": ("average price", VOLUME),
        "E": ("executed automatically", ALL),
    },
    Plan.UTP: {
        **SHARED,
        "A": ("acquisition", ALL),
        "B": ("bunched", ALL),
        "D": ("distribution", ALL),
        "G": ("bunched and sold late", LATE),
        "S": ("split", ALL),
        "W": ("average price", VOLUME),
        "Y": ("yellow flag", ALL),
        "1": ("stopped stock", ALL),
        "2": ("stopped stock, sold last", LATE),
        "3": ("stopped stock, out of sequence", LATE),
    },
}
FORM_T: Final = "T"


def effect(codes: str, plan: Plan, *, outside_session: bool = False) -> int:
    """What a trade with these conditions (``"@ TI"``, one character each) changes of its bar.

    A sum of LAST, RANGE and VOLUME; InputError for a code that the plan does not have, because
    guessing would make a price of a trade that is none.
    """
    table = TABLE[plan]
    found = ALL
    for code in codes:
        if code not in table:
            raise InputError(
                f"The sale condition {code!r} is not one of the {plan.upper()} plan's: say which "
                "plan the codes are of, or take the trade out."
            )
        if not (outside_session and code == FORM_T):
            found &= table[code][1]
    return found


def effects(
    codes: Sequence[str], plan: Plan, outside_session: Sequence[bool] | None = None
) -> Effects:
    """``effect`` of each trade; ``outside_session`` says which happened before or after it."""
    outside = [False] * len(codes) if outside_session is None else outside_session
    known: dict[tuple[str, bool], int] = {}
    found = np.empty(len(codes), np.uint8)
    for row, pair in enumerate(zip(codes, outside, strict=True)):
        if pair not in known:
            known[pair] = effect(pair[0], plan, outside_session=bool(pair[1]))
        found[row] = known[pair]
    return found


def by_size(sizes: Floats, round_lot: float = 100.0) -> Effects:
    """For a tape of United States shares that came without conditions: odd lots set no price.

    The rest is taken for regular. ``round_lot`` is 100 shares, of shares above 250 dollars fewer
    since November 2025 (Regulation NMS, rule 600).
    """
    return np.where(sizes < round_lot, VOLUME, ALL).astype(np.uint8)
