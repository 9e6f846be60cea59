"""Dividends as a feed tells them apart from its prices."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, runtime_checkable

from tools.domain.actions import Dividend
from tools.market_data.feeds.feed import Feed


@runtime_checkable
class DividendsFeed(Protocol):
    """Cash paid a share, by the first session without it."""

    def dividends(self, symbol: str) -> tuple[Dividend, ...] | None:
        """All that were paid, oldest first, as they were paid then; None when not its symbol."""
        ...


def paid(
    feeds: Iterable[Feed], symbol: str, after: datetime, until: datetime
) -> tuple[Dividend, ...]:
    """Those above ``after`` and up to ``until``, of the feed that the symbol's prices are from.

    None where that feed doesn't tell any. Raises DataUnavailable where what it tells is broken.
    """
    for feed in feeds:
        if feed.bars(symbol) is None:
            continue
        told = feed.dividends(symbol) if isinstance(feed, DividendsFeed) else ()
        return tuple(one for one in told or () if after < one.ex <= until)
    return ()
