"""What companies do to their shares, as the feeds that the prices are from tell it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from tools.domain.actions import CorporateAction, Dividend
from tools.domain.errors import DataUnavailable
from tools.execution.brokers.paper.adjusted import AdjustedSplits
from tools.market_data.feeds.corporate import DividendsFeed, SplitsFeed, of_one_day
from tools.market_data.feeds.feed import Feed
from tools.market_data.market import Market
from tools.ports import Clock, MarketData

logger = logging.getLogger(__name__)
Told = Sequence[CorporateAction]
# The venue asks at each look at it, and a feed that is out of order must not be asked that often.
PAUSE = timedelta(minutes=10)


class Companies:
    """Implements ``tools.ports.CorporateActions`` over the feeds of ``market``.

    Splits that the symbol's feed doesn't tell are read from its adjusted closes; dividends that it
    doesn't tell are none.
    """

    def __init__(self, market: MarketData) -> None:
        """Nothing is asked when made."""
        self._market, self._adjusted = market, AdjustedSplits(market)

    def actions(self, symbol: str, after: datetime, until: datetime) -> Told:
        """As in the port; raises DataUnavailable as the two below."""
        found = *self.splits(symbol, after, until), *self.dividends(symbol, after, until)
        return tuple(sorted(found, key=lambda one: one.ex))

    def splits(self, symbol: str, after: datetime, until: datetime) -> Told:
        """Those in the time; DataUnavailable where the feed doesn't answer."""
        feed = self._feed(symbol)
        if feed is None or not isinstance(feed, SplitsFeed):
            return self._adjusted.actions(symbol, after, until)
        told = feed.splits(symbol)
        if told is None:
            raise _silent(feed, symbol)
        return [one for one in told if after < one.ex <= until]

    def dividends(self, symbol: str, after: datetime, until: datetime) -> Told:
        """Those in the time.

        Raises DataUnavailable where the feed doesn't answer, or where one is in another currency
        than the listing's: nobody here knows what it was worth.
        """
        feed = self._feed(symbol)
        if feed is None or not isinstance(feed, DividendsFeed):
            return ()
        told = feed.dividends(symbol)
        if told is None:
            raise _silent(feed, symbol)
        paid = [one for one in told if after < one.ex <= until]
        if paid:
            _in_its_currency(paid, self._market.instrument(symbol).currency)
        return tuple(of_one_day(paid))

    def _feed(self, symbol: str) -> Feed | None:
        """The one that the symbol's days are from, None where nobody has any."""
        feeds = self._market.sources() if isinstance(self._market, Market) else ()
        return next((feed for feed in feeds if feed.bars(symbol)), None)


class Patient:
    """The same for a desk that must go on: what can't be told now is asked for again later."""

    def __init__(self, companies: Companies, clock: Clock) -> None:
        """Nothing is asked when made; ``clock.wall()`` says when it is later."""
        self._companies, self._clock = companies, clock
        self._said: set[str] = set()
        self._again: dict[tuple[str, str], datetime] = {}

    def actions(self, symbol: str, after: datetime, until: datetime) -> Told:
        """As in the port; nothing where the feed doesn't answer, which is logged once."""
        kinds = self._companies.splits, self._companies.dividends
        found = [one for kind in kinds for one in self._told(kind, symbol, after, until)]
        return tuple(sorted(found, key=lambda one: one.ex))

    def _told(
        self,
        ask: Callable[[str, datetime, datetime], Told],
        symbol: str,
        after: datetime,
        until: datetime,
    ) -> Told:
        wall, key = self._clock.wall(), (ask.__name__, symbol)
        if (again := self._again.get(key)) is not None and again - PAUSE <= wall < again:
            return ()
        try:
            return ask(symbol, after, until)
        except DataUnavailable as error:
            self._again[key] = wall + PAUSE
            if str(error) not in self._said:
                self._said.add(str(error))
                logger.warning("not booked at the paper venue: %s", error)
            return ()


def _silent(feed: Feed, symbol: str) -> DataUnavailable:
    why = feed.notice() or f"{feed.name} has no answer"
    return DataUnavailable(f"The dividends and splits of {symbol} are not known now: {why}.")


def _in_its_currency(paid: Sequence[Dividend], currency: str) -> None:
    for one in paid:
        if one.currency != currency:
            raise DataUnavailable(
                f"{one.symbol} paid its dividend of {one.ex.date()} in {one.currency}, and its "
                f"prices are in {currency}: what it was worth isn't known here, so it is not "
                f"booked. Leave those days out, or use a feed that tells it in {currency}."
            )
