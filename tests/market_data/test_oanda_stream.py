"""OANDA's stream against a local server that speaks its protocol: a line of JSON for each price."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.contracts.stream import SILENCE_S, SOON, StreamContract
from tests.market_data.clocks import SetClock
from tests.market_data.oanda_double import ACCOUNT, HEARTBEAT, KEY, NOW, oanda_stream, price
from tools.domain.errors import InputError
from tools.domain.market import Quote
from tools.market_data.feeds.oanda import OandaFeed

AT = NOW - timedelta(milliseconds=40)
EURO = price(at=AT)
GOLD = price("XAU_USD", "2293.455", "2293.875", at=AT)


def quote(symbol, bid, ask):
    sizes = {"bid_size": Decimal(500000), "ask_size": Decimal(1000000)}
    return Quote(symbol, Decimal(bid), Decimal(ask), AT, NOW, "oanda", simulated=False, **sizes)


EURO_HEARD = quote("EUR/USD", "1.08912", "1.08925")


class TestOandaStream(StreamContract):
    symbols = pytest.fixture(lambda _: ("eur-usd", "XAU/USD"))
    unasked = pytest.fixture(lambda _: price("GBP_USD", at=AT))
    secret = pytest.fixture(lambda _: "wrong-secret")
    setting = pytest.fixture(lambda _: "OANDA_API_KEY")
    garbage = pytest.fixture(
        lambda _: [
            "{not json",
            "<!doctype html><html>Sign in</html>",
            b"\xff\xfe",
            "5",
            "[]",
            {"type": "A_KIND_OF_TOMORROW"},
            EURO | {"time": "x"},
            EURO | {"bids": [{"price": "x", "liquidity": 1}]},
            EURO | {"asks": [{"price": "NaN", "liquidity": 1}]},
            {"errorMessage": "down for maintenance"},
        ]
    )

    @pytest.fixture
    def said(self):
        return [(EURO, EURO_HEARD), (GOLD, quote("XAU/USD", "2293.455", "2293.875"))]

    @pytest.fixture
    def server(self):
        with oanda_stream() as running:
            yield running

    @pytest.fixture
    def feed(self, server, patience):
        return self._feed(KEY, server, patience)

    @pytest.fixture
    def stranger(self, server, patience, secret):
        return self._feed(secret, server, patience)

    def _feed(self, key, server, patience):
        return OandaFeed(key, ACCOUNT, SetClock(NOW), stream_url=server.url, patience=patience)

    def test_the_account_and_oandas_names_are_in_the_question(self, opened):
        path = f"/v3/accounts/{ACCOUNT}/pricing/stream"
        assert opened[1] == (path, ["EUR_USD", "XAU_USD"])

    def test_a_heartbeat_keeps_the_line_connected_while_nothing_is_dealt(
        self, line, server, heard, time, log
    ):
        server.send(EURO)
        heard.get(timeout=SOON)
        time.now += SILENCE_S - 1
        server.send(HEARTBEAT, "garbage")
        assert "can't be read" in log.get(timeout=SOON)  # so the heartbeat was read
        time.now += SILENCE_S - 1
        assert line.connected()
        assert server.opened == 1

    def test_garbage_is_no_sign_of_life(self, line, server, log):
        server.send("garbage")
        assert "can't be read" in log.get(timeout=SOON)
        assert not line.connected()

    @pytest.mark.parametrize(
        "odd",
        [
            price(tradeable=False, at=AT),
            EURO | {"bids": []},
            EURO | {"bids": [{"price": "1.2", "liquidity": 1}]},
        ],
    )
    def test_what_nobody_can_deal_at_is_left_out(self, line, server, heard, odd):
        server.send(odd, EURO)
        assert heard.get(timeout=SOON) == EURO_HEARD
        assert heard.empty()

    def test_where_the_chunks_end_makes_no_difference(self, line, server, heard, said):
        raw = b"".join(json.dumps(frame).encode() + b"\r\n\n" for frame, _ in said)
        server.send_parts(raw, *(raw[at : at + 50] for at in range(0, len(raw), 50)))
        assert [heard.get(timeout=SOON) for _ in range(4)] == [datum for _, datum in said] * 2
        assert heard.empty()

    @pytest.mark.parametrize(
        ("refusal", "said"),
        [
            ((403, {}, '{"errorMessage": "Not yours."}'), "OANDA refuses the question: Not yours."),
            ((400, {}, '{"errorMessage": "No such."}'), "OANDA refuses the question: No such."),
            ((404, {}, "{}"), "OANDA doesn't know the account; set OANDA_ACCOUNT_ID."),
        ],
    )
    def test_what_only_a_person_can_help_with_is_told_and_not_tried_again(
        self, server, feed, symbols, heard, log, refusal, said
    ):
        server.refusal = refusal
        line = feed.stream(symbols, heard.put)
        try:
            assert log.get(timeout=SOON) == said == line.problem()
            line._thread.join(SOON)
            assert not line._thread.is_alive()
        finally:
            line.close()
        assert server.opened == 1

    @pytest.mark.parametrize(
        ("refusal", "said", "waited"),
        [
            ((429, {"Retry-After": "33"}, "{}"), "takes no more questions for now", 33.0),
            ((503, {}, "<html>"), r"is out of order \(503\)", 2.0),
            ((302, {"Location": "http://127.0.0.1:1/"}, ""), r"is out of order \(302\)", 2.0),
        ],
    )
    def test_a_rate_limit_or_an_outage_is_waited_for(
        self, server, feed, symbols, heard, log, time, refusal, said, waited
    ):
        server.refusal, time.held = refusal, True
        line = feed.stream(symbols, heard.put)
        try:
            assert time.waits.get(timeout=SOON) == waited
            assert said.replace("\\", "") in log.get(timeout=SOON)
            server.refusal, server.greeting = None, [EURO]
            time.release()
            assert heard.get(timeout=SOON) == EURO_HEARD
        finally:
            line.close()

    def test_a_line_that_has_no_end_ends_the_connection(self, line, server, heard, log):
        server.greeting = [EURO]
        server.send_parts(b"1" * (2**20 + 1))
        server.gone.get(timeout=SOON)
        assert "broke off (ValueError); it is opened again" in log.get(timeout=SOON)
        assert heard.get(timeout=SOON) == EURO_HEARD


@pytest.mark.parametrize("symbols", [[], ["IBM"], ["EUR/USD", "^GSPC"], ["A/B/C"]])
def test_what_is_no_pair_is_refused(symbols):
    with pytest.raises(InputError, match="of pairs such as EUR/USD"):
        OandaFeed(KEY, ACCOUNT, SetClock(NOW)).stream(symbols, print)
