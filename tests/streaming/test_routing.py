"""Several feeds as one source: who lists a symbol has it, and a wrong one costs nobody else."""

import json

import pytest

from tests.streaming.made import Wire, tick
from tests.streaming.test_chain import Line, track
from tools.bus.memory import MemoryBus
from tools.clock import SystemClock
from tools.domain.errors import DataUnavailable, InputError
from tools.streaming.chain import Chain
from tools.streaming.routing import Routed


class Lists(Wire):
    """Streams ``kinds`` and lists ``has``; None says that its listings can't be asked."""

    def __init__(self, name, kinds, has=()):
        super().__init__()
        self.name, self.kinds, self.has, self.looked = name, kinds, has, []

    def streams(self, symbol):
        return ("/" in symbol) == ("/" in self.kinds)

    def lists(self, symbol):
        self.looked.append(symbol)
        if self.has is None:
            raise DataUnavailable(f"{self.name} doesn't answer.")
        return symbol in self.has


@pytest.fixture
def feeds():
    return (
        Lists("alpaca", "shares", ("IBM", "MSFT")),
        Lists("binance", "a/b", ("BTC/USDT",)),
        Lists("oanda", "a/b", ("EUR/USD",)),
    )


def test_each_symbol_comes_from_the_first_feed_that_lists_it(feeds):
    routed = Routed(feeds)
    line = routed.stream(["IBM", "BTC/USDT", "EUR/USD"], print)
    assert [feed.asked for feed in feeds] == [[("IBM",)], [("BTC/USDT",)], [("EUR/USD",)]]
    assert [routed.label(name) for name in ("IBM", "BTC/USDT", "EUR/USD")] == [
        "alpaca", "binance", "oanda",
    ]  # fmt: skip
    line.close()
    assert [feed.heard for feed in feeds] == [None] * 3


def test_a_symbol_that_nobody_lists_is_told_and_the_others_are_asked_for(feeds):
    routed = Routed(feeds)
    routed.stream(["IBMX", "IBM", "XAU/USD"], print)
    assert feeds[0].asked == [("IBM",)]
    assert routed.problems() == {
        "IBMX": "No live prices of IBMX: alpaca doesn't list it.",
        "XAU/USD": "No live prices of XAU/USD: binance, oanda doesn't list it.",
    }
    only = Routed(feeds[1:])
    only.stream(["IBM"], print)
    assert "of no kind that binance, oanda streams" in only.problems()["IBM"]


def test_a_feed_whose_listings_cannot_be_asked_is_tried_after_those_that_list_it(feeds):
    feeds[1].has = None
    routed = Routed(feeds)
    routed.stream(["EUR/USD", "DOGE/USD"], print)
    assert routed.label("EUR/USD") == "oanda"
    assert routed.label("DOGE/USD") == "binance"


def test_what_is_decided_is_not_asked_again_and_a_crowd_is_not_looked_up_one_by_one(feeds):
    routed = Routed(feeds)
    routed.stream(["IBM"], print)
    routed.stream(["IBM", "MSFT"], print)
    assert feeds[0].looked == ["IBM", "MSFT"]
    routed.stream([f"S{n}" for n in range(40)], print)
    assert len(feeds[0].looked) == 2
    assert len(feeds[0].asked[-1]) == 40


def test_a_line_that_is_down_is_told_for_its_own_symbols_and_one_that_cannot_open_too(feeds):
    routed = Routed(feeds)
    line = routed.stream(["IBM", "BTC/USDT"], print)
    feeds[0].up = False
    assert line.connected()
    assert routed.problems() == {"IBM": "The key is not accepted."}
    feeds[1].up = False
    assert not line.connected()

    class Broken(Lists):
        def stream(self, symbols, heard):
            raise DataUnavailable("no keys")

    both = Routed([Broken("broken", "shares", ("IBM",)), feeds[1]])
    both.stream(["IBM", "BTC/USDT"], print)
    assert both.problems()["IBM"] == "no keys"
    assert both.label("IBM") == ""


async def test_prices_and_status_say_which_feed_each_symbol_is_from(feeds):
    routed = Routed(feeds)
    async with Line(routed) as line:
        await line.chain.follow(["BTC/USDT", "IBMX"])
        line.hub.watch(line.watcher, ["BTC/USDT"])
        feeds[0].heard(tick(1))
        feeds[1].heard(tick(2, symbol="BTC/USDT"))
        prices = await line.prices(2)
        status = line.chain.status()
    assert {row["symbol"]: row["label"] for row in prices} == {
        "IBM": "alpaca", "BTC/USDT": "binance",
    }  # fmt: skip
    assert status["feeds"]["binance"] == ["BTC/USDT"]
    assert "doesn't list it" in status["problems"]["IBMX"]


class Choosy(Wire):
    """One feed that refuses a whole line for one wrong symbol."""

    def stream(self, symbols, heard):
        if wrong := [name for name in symbols if name.startswith("X")]:
            raise InputError(f"{', '.join(wrong)} is no symbol of mine.")
        return super().stream(symbols, heard)


async def test_one_wrong_symbol_does_not_end_the_stream_of_the_others():
    wire = Choosy()
    async with Line(wire) as line:
        await line.chain.follow(["XX", "MSFT", "XY"])
        wire.heard(tick(1))
        assert (await line.prices(1))[0]["symbol"] == "IBM"
        assert line.chain.symbols == ("IBM", "MSFT")
        assert line.chain.problems() == {
            "XX": "XX is no symbol of mine.", "XY": "XY is no symbol of mine.",
        }  # fmt: skip
        assert line.chain.status()["line"] == "up"
    assert wire.asked[-1] == ("IBM", "MSFT")


async def test_a_desk_that_follows_a_wrong_symbol_first_follows_a_right_one_then():
    wire, bus = Choosy(), MemoryBus(SystemClock())
    chain = Chain(bus, wire, label="wire", track=track)
    await bus.start()
    await chain.start([])
    await chain.follow(["XX"])
    assert chain.status()["problems"] == {"XX": "XX is no symbol of mine."}
    await chain.follow(["IBM"])
    assert chain.status()["line"] == "up"
    await chain.stop()
    await bus.stop()


async def test_features_of_two_timeframes_are_both_kept_for_who_comes_later():
    wire = Wire()
    async with Line(wire) as line:
        update = {"symbol": "IBM", "type": "features"}
        both = [update | {"timeframe": frame} for frame in ("1m", "1h")]
        await line.hub._prices({"label": "wire", "updates": both})
        later = line.hub.join()
        line.hub.watch(later, ["IBM"])
        found = [json.loads(text) for text in await later.box.take(1)]
    assert [row["timeframe"] for row in found] == ["1m", "1h"]
