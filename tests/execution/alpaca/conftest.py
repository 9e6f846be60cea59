"""A double of Alpaca for each test, and ways to connect to it."""

from __future__ import annotations

import pytest

from tests.doubles import END, FakeClock
from tests.execution.alpaca.market import START
from tests.execution.alpaca.server import KEY, SECRET, Server
from tools.alpaca_session import Keys
from tools.domain.legs import legs
from tools.execution.brokers.alpaca import AlpacaBroker
from tools.execution.brokers.alpaca_line import Patience
from tools.execution.brokers.alpaca_stream import StreamTimes

QUICK = StreamTimes(first=10, ping=3, pong=3, least_pause=0.01, most_pause=0.02)


class Waits:
    """Counts the seconds that would have been slept, and lets virtual time pass instead."""

    def __init__(self, clock):
        self.clock, self.slept = clock, []

    def __call__(self, seconds):
        from datetime import timedelta

        self.slept.append(seconds)
        self.clock.real += timedelta(seconds=seconds)


@pytest.fixture(params=[True, False], ids=["unique", "not-unique"])
def both(request):
    """Whether the venue keeps client order ids unique: a test that takes this runs for either."""
    return request.param


@pytest.fixture
def serve():
    """Starts doubles; none may have seen anything that the document doesn't allow."""
    servers = []

    def start(**kinds):
        servers.append(Server(**kinds))
        return servers[-1]

    yield start
    for server in servers:
        server.close()
    assert [said for server in servers for said in server.wrong] == []


@pytest.fixture
def venue(serve):
    return serve()


@pytest.fixture
def clock():
    return FakeClock(END, real=START)


@pytest.fixture
def ledger():
    """What the desk's ledger would know: orders by client order id, the exits among them."""
    return {}


@pytest.fixture
def waits(clock):
    return Waits(clock)


@pytest.fixture
def connect(clock, ledger, waits):
    """Connects to a double as a process of its own would, with the ledger they all share."""

    class Journalled(AlpacaBroker):
        """Writes down before it sends, as the desk does."""

        def submit(self, order, *args, **options):
            for one in (order, *legs(order)):
                ledger[one.client_order_id] = one
            return super().submit(order, *args, **options)

        def replace(self, order, *args, **options):
            ledger[order.client_order_id] = order
            return super().replace(order, *args, **options)

    def make(server, *, answer=20.0, **options):
        return Journalled(
            Keys(KEY, SECRET),
            clock,
            account="paper",
            url=server.url,
            recall=ledger.get,
            patience=Patience(answer=answer),
            times=options.pop("times", QUICK),
            sleep=waits,
            jitter=lambda: 0.25,
            **options,
        )

    return make


@pytest.fixture
def broker(connect, venue):
    return connect(venue)
