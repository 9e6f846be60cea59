"""Every kind of request passes prism, which stands between the adapter and the double.

prism holds requests and answers against Alpaca's document and turns what doesn't fit into an error.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
from dataclasses import replace
from decimal import Decimal

import pytest
import requests

from tests.doubles import order
from tests.execution.alpaca.document import DOCUMENT, published
from tests.execution.alpaca.server import KEY, SECRET, Server
from tests.execution.alpaca.wishes import bracket, in_place_of, oco, stop, trailing
from tools.alpaca_session import Keys
from tools.domain.instrument import AssetClass
from tools.domain.legs import legs
from tools.domain.money import Price
from tools.domain.order import OrderState, OrderType, TimeInForce
from tools.execution.brokers.alpaca import AlpacaBroker
from tools.execution.brokers.alpaca_line import Patience

D = Decimal
GTC, IOC, FOK = TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK


def free_port():
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


@pytest.fixture(scope="module")
def double():
    server = Server()
    yield server
    server.close()


@pytest.fixture(scope="module")
def proxy(double, strict_skip, tmp_path_factory):
    """The address of a prism in front of the double."""
    if published() is None:
        strict_skip(f"{DOCUMENT.name} is not beside the checkout")
    program = shutil.which("prism")
    if program is None:
        strict_skip("prism is not installed: npm install --global @stoplight/prism-cli")
    used = tmp_path_factory.mktemp("prism") / DOCUMENT.name
    used.write_text(json.dumps(published()), encoding="utf-8")
    port = free_port()
    command = [program, "proxy", "--errors", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(
        [*command, str(used), double.url],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        for line in process.stdout:
            if re.search("Prism is listening", line):
                break
        else:
            pytest.fail("prism ended before it listened")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def through(proxy, clock, ledger):
    """A broker that reaches the double through prism only."""
    return AlpacaBroker(
        Keys(KEY, SECRET),
        clock,
        account="paper",
        url=proxy,
        recall=ledger.get,
        patience=Patience(answer=20),
    )


def test_prism_refuses_what_the_document_does_not_allow(proxy, double):
    """So that the tests below can fail."""
    keys = {"APCA-API-KEY-ID": KEY, "APCA-API-SECRET-KEY": SECRET}
    before = len(double.market.orders)
    body = {"symbol": "IBM", "qty": 5, "side": "buy", "type": "market", "time_in_force": "day"}
    answer = requests.post(f"{proxy}/v2/orders", json=body, headers=keys, timeout=20)
    assert answer.status_code == 422
    assert "must be string" in answer.text
    assert len(double.market.orders) == before


@pytest.mark.parametrize(
    "wish",
    [
        order("market"),
        order("part", quantity="0.5"),
        order("limit", limit="150", tif=GTC),
        order("ioc", limit="150", tif=IOC),
        order("fok", limit="150", tif=FOK),
        replace(order("extended", limit="150"), extended_hours=True),
        stop("stop"),
        replace(stop("sl"), type=OrderType.STOP_LIMIT, limit_price=Price(211)),
        trailing("trail", trail_price=Price(2)),
        bracket("bracket"),
        oco("oco"),
        replace(
            order("coin", symbol="BTC/USD", quantity="0.001", tif=GTC),
            asset_class=AssetClass.CRYPTO,
        ),
        replace(
            order("call", symbol="IBM260116C00200000", quantity="1", limit="4"),
            asset_class=AssetClass.OPTION,
        ),
    ],
    ids=lambda wish: wish.intent_id,
)
def test_an_order_of_each_kind_fits_the_document_on_the_way_there_and_back(through, wish):
    answer = through.submit(wish, D(60000) if wish.symbol == "BTC/USD" else D(210))
    assert answer.client_order_id == wish.client_order_id
    assert through.lookup(wish.client_order_id) == answer
    assert through.cancel(wish.client_order_id).state is not OrderState.NEEDS_HUMAN


def test_every_other_request_fits_it_too(through, double):
    old = order("old", limit="150", tif=GTC)
    through.submit(old)
    new = in_place_of(old, limit="151")
    through.replace(new)
    moving = trailing("moving", trail_price=Price(3), time_in_force=GTC)
    through.submit(moving)
    through.replace(
        replace(moving, intent_id="m2", replaces=moving.client_order_id, trail_price=Price(4))
    )
    held = bracket("held")
    through.submit(held)
    assert len(through.lookup(held.client_order_id).legs) == len(legs(held))
    assert through.open_orders()
    through.submit(order("filled"))
    double.market.book("DIV", "1.5", symbol="IBM")
    (dividend,) = through.entries()
    assert through.entries(dividend.id) == ()
    assert through.account().positions["IBM"]
    assert through.hours().is_open
    assert through.listing("IBM").tradable
    assert through.listing("BTC/USD").tradable
    through.cancel_all()
    assert through.open_orders() == ()
