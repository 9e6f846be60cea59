"""Ticks, quotes, bars and sources for these tests."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tools.domain.market import Bar, Quote, Tick

START = datetime(2013, 10, 7, 14, 30, tzinfo=UTC)


def at(seconds):
    return START + timedelta(seconds=seconds)


def tick(seconds, price="100", size="10", symbol="IBM", known=None):
    moment = at(seconds)
    return Tick(symbol, Decimal(price), Decimal(size), moment, known or moment)


def quote(seconds, bid="99.99", ask="100.01", symbol="IBM"):
    moment = at(seconds)
    return Quote(symbol, Decimal(bid), Decimal(ask), moment, moment, "x", False, Decimal(1), None)


def bar(minute, close="100", symbol="IBM"):
    start, price = at(60 * minute), Decimal(close)
    return Bar(
        symbol, start.date(), start, start + timedelta(minutes=1), price, price, price, price,
        Decimal(5),
    )  # fmt: skip


class Wire:
    """A live feed that says what the test tells it to."""

    name = "wire"

    def __init__(self):
        self.up, self.asked, self.heard = True, [], None

    def stream(self, symbols, heard):
        self.asked.append(tuple(symbols))
        self.heard = heard
        return self

    def connected(self):
        return self.up

    def problem(self):
        return "" if self.up else "The key is not accepted."

    def close(self):
        self.heard = None
