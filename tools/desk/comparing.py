"""Our own figures against the venue's: what we think is there, and every gap."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal

from tools.domain.money import plain
from tools.domain.venue import VenueAccount
from tools.portfolio.accounting import Account

CASH = ""
"""The name of the gap in cash, beside the symbols."""


def gaps(mine: Account, venue: VenueAccount, leave_out: Collection[str]) -> dict[str, Decimal]:
    """The venue's figure less ours by symbol, and of the cash; only those that aren't zero.

    What is in ``leave_out`` is not compared: orders in it are on their way, so nobody knows.
    """
    held = {symbol: holding.quantity for symbol, holding in mine.holdings.items()}
    found = {
        symbol: venue.positions.get(symbol, Decimal(0)) - held.get(symbol, Decimal(0))
        for symbol in sorted({*held, *venue.positions})
        if symbol not in leave_out
    }
    if CASH not in leave_out:
        found[CASH] = venue.cash - mine.cash
    return {name: gap for name, gap in found.items() if gap}


def sentences(found: Mapping[str, Decimal], mine: Account, venue: VenueAccount) -> tuple[str, ...]:
    """Each gap for people."""
    said = []
    for name in found:
        if name == CASH:
            said.append(
                f"The venue has {plain(venue.cash)} {venue.currency} in cash, this ledger "
                f"{plain(mine.cash)}."
            )
            continue
        held = mine.holdings[name].quantity if name in mine.holdings else Decimal(0)
        there = venue.positions.get(name, Decimal(0))
        said.append(f"The venue holds {plain(there)} {name}, this ledger {plain(held)}.")
    return tuple(said)
