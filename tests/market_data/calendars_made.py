"""Makes the tables in tools/market_data/calendars from exchange_calendars; run it to write them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import exchange_calendars

from tools.market_data import calendars

FOLDER = Path(calendars.__file__).parent
YEARS = {"XNYS": (1986, 2030), "XBOM": (1998, 2026)}


def made(name):
    """The table of a calendar: each weekday without a session, each session at odd hours."""
    exchange = calendars.EXCHANGES[name]
    first, last = (date(YEARS[name][0], 1, 1), date(YEARS[name][1], 12, 31))
    source = exchange_calendars.get_calendar(name, start=str(first), end=str(last))
    hours = {}
    for session, opens, closes in zip(
        source.schedule.index, source.schedule["open"], source.schedule["close"], strict=True
    ):
        local = (opens.tz_convert(exchange.zone), closes.tz_convert(exchange.zone))
        hours[session.date()] = tuple(moment.time() for moment in local)
    lines = [f"{first},{last},"]
    day = first
    while day <= last:
        found, weekday = hours.get(day), day.weekday() < calendars.SATURDAY
        if found is None and weekday:
            lines.append(f"{day},,")
        elif found is not None and not (weekday and found == (exchange.opens, exchange.closes)):
            lines.append(f"{day},{found[0]:%H:%M},{found[1]:%H:%M}")
        day += timedelta(days=1)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for calendar in YEARS:
        (FOLDER / f"{calendar}.csv").write_text(made(calendar), "ascii")
