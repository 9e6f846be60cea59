"""The US market's session as Alpaca's clock and calendar tell it."""

from __future__ import annotations

from datetime import datetime, timedelta

from tools.domain.status import Session
from tools.market_data.feeds.alpaca_source import AlpacaSource, Api
from tools.market_data.feeds.alpaca_words import Day, MarketClock, read
from tools.market_data.sessions import NEW_YORK

CLOCK_KEPT = timedelta(seconds=5)
DAY_KEPT = timedelta(hours=1)


class MarketHours:
    """The clock is asked for every few seconds at most, the calendar once an hour.

    Raises DataUnavailable when Alpaca doesn't answer.
    """

    def __init__(self, source: AlpacaSource) -> None:
        self._source = source

    def session(self, now: datetime) -> Session:
        """What the exchanges do at ``now`` (aware UTC).

        Between two answers the opening and closing that the last one named are kept to.
        """
        told = self._source.lately.ask("clock", CLOCK_KEPT, self._clock)
        is_open = now < told.next_close if told.is_open else now >= told.next_open
        if is_open:
            return Session.OPEN
        local = now.astimezone(NEW_YORK)
        today = local.date().isoformat()
        day = self._source.lately.ask(("day", today), DAY_KEPT, lambda: self._day(today))
        if day is None:
            return Session.WAITING
        opens, closes = (hour.replace(":", "") for hour in (day.session_open, day.session_close))
        inside = opens <= local.strftime("%H%M") < closes
        return Session.EXTENDED if inside else Session.WAITING

    def _clock(self) -> MarketClock:
        return read(MarketClock, self._source.ask(Api.TRADING, "/clock"))

    def _day(self, today: str) -> Day | None:
        """The day's hours, None when there is no session on it."""
        answer = self._source.ask(Api.TRADING, "/calendar", {"start": today, "end": today})
        days = [read(Day, body) for body in answer or []]
        return next((day for day in days if day.date.isoformat() == today), None)
