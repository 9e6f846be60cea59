"""The whole desk on Alpaca's doubles: its prices and its venue, the cautious limits, no fakes."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from pydantic import SecretStr

from tests.desk.houses import House
from tests.doubles import FakeClock, order
from tests.execution.alpaca.faults import unclear
from tests.execution.alpaca.market import START
from tests.execution.alpaca.server import KEY, SECRET
from tests.market_data.alpaca_double import LAST, alpaca_double
from tools.alpaca_session import Keys
from tools.assembly import assemble, build_market
from tools.domain.errors import ConfigError
from tools.domain.instrument import AssetClass
from tools.domain.order import OrderState, Side, TimeInForce
from tools.execution.brokers.alpaca import AlpacaBroker
from tools.market_data.feeds.alpaca import AlpacaFeed
from tools.market_data.market import Market
from tools.risk.limits import load_limits
from tools.settings import AlpacaFeedChoice, BrokerChoice, FeedChoice, Settings

D, S = Decimal, OrderState
SNAPSHOTS = "/v2/stocks/snapshots"


@pytest.fixture
def double():
    with alpaca_double() as running:
        yield running


@pytest.fixture
def clock():
    return FakeClock(START, real=START)


@pytest.fixture
def desk_of(double, clock, tmp_path):
    """A desk as ``assemble`` would build it, but for its clock, which stands still."""

    def make(limits):
        keys = Keys(KEY, SECRET)
        feed = AlpacaFeed(keys, clock, trading_url=double.url, data_url=double.url)
        broker = AlpacaBroker(keys, clock, account="paper", url=double.url, jitter=lambda: 0.0)
        house = House(tmp_path, market=Market([feed], clock), clock=clock, limits=limits)
        desk = house.desk(broker=broker)
        desk.reconcile()
        return desk

    return make


@pytest.fixture
def desk(desk_of):
    return desk_of(load_limits("cautious"))


def wish(intent="a", *, symbol="IBM", **more):
    return order(intent, symbol=symbol, as_of=START, **{"quantity": "10", **more})


def test_a_market_order_is_proposed_approved_sent_and_filled_at_the_quote(desk, double):
    proposed = desk.proposals.propose(wish())
    assert proposed.state is S.AWAITING_APPROVAL, proposed.reasons
    sent = desk.approvals.approve(proposed.id, "ana")
    assert (sent.state, sent.filled, sent.average_price) == (S.FILLED, 10, D("200.01"))
    assert desk.proposals.snapshot().cash == double.market.cash
    assert desk.reconcile().differences == ()


def test_a_limit_order_that_rests_fills_when_the_market_comes_to_it(desk, double):
    resting = wish(limit="199", tif=TimeInForce.GTC)
    sent = desk.approvals.approve(desk.proposals.propose(resting).id, "ana")
    assert sent.state is S.ACCEPTED
    double.market.quote("IBM", "198.9", "198.95")
    desk.refresh()
    assert desk.proposals.get(sent.id).average_price == D("198.95")


def test_a_coin_trades_on_a_sunday(desk, double, clock):
    sunday = START - timedelta(days=1)
    clock.market = clock.real = double.market.wall = sunday
    desk.reconcile()
    coin = replace(
        wish(symbol="BTC/USD", tif=TimeInForce.GTC, quantity="0.1"),
        asset_class=AssetClass.CRYPTO,
        as_of=sunday,
    )
    sent = desk.approvals.approve(desk.proposals.propose(coin).id, "ana")
    assert (sent.state, sent.filled) == (S.FILLED, D("0.1"))


def halted(double):
    double.market.list("IBM", status="inactive")


def silent(double):
    double.traded_at = double.quoted_at = START - timedelta(minutes=6)


def stale(double):
    double.quoted_at = START - timedelta(days=6)


def after_hours(double):
    double.is_open = False


def closed(double):
    double.is_open, double.holidays = False, {LAST.isoformat()}


def one_sided(double):
    double.quote_extra = {"bp": 0, "bs": 0}


def empty(double):
    double.quote_extra = {"as": 0}


def thin(double):
    double.rows["IBM"] = [(day, close, 400) for day, close, _ in double.rows["IBM"]]


def down(double):
    double.fault("GET", SNAPSHOTS, unclear("503"), times=9)


# Without a price nothing else is known either: the rules that need one can't be applied.
BLIND = {"G00", "G02", "G07", "G11", "G15"}
REFUSED = [
    (halted, {"G11"}, "Trading in IBM is halted"),
    (silent, {"G11"}, "isn't known whether trading in IBM is halted"),
    (stale, {"G03"}, "The last price of IBM is from 2025-12-30"),
    (after_hours, {"G07"}, "The exchange is closed for a market order now"),
    (closed, {"G07", "G11"}, "The exchange is closed for a market order now"),
    (one_sided, BLIND, "Alpaca has no bid and ask of IBM now"),
    (empty, {"G12"}, "nothing on the ask of IBM"),
    (thin, {"G15"}, "more than 2 % of an average day's"),
    (down, BLIND, "Alpaca answered /stocks/snapshots with 503"),
]


@pytest.mark.parametrize(("state", "why", "said"), REFUSED, ids=[r[0].__name__ for r in REFUSED])
def test_what_the_market_does_not_allow_is_refused_with_its_reason(desk, double, state, why, said):
    state(double)
    refused = desk.proposals.propose(wish())
    assert refused.state is S.DENIED
    assert {reason.code for reason in refused.reasons if reason.hard} == why
    assert said in refused.sentence
    assert double.asked("POST") == []


@pytest.mark.parametrize(
    ("state", "why"), [row[:2] for row in REFUSED], ids=[r[0].__name__ for r in REFUSED]
)
def test_what_changes_after_the_approval_is_seen_before_sending(desk, double, clock, state, why):
    proposed = desk.proposals.propose(wish())
    clock.market = clock.real = START + timedelta(minutes=10)
    double.market.wall = clock.real
    state(double)
    desk.reconcile()
    refused = desk.approvals.approve(proposed.id, "ana")
    assert refused.state is S.DENIED
    assert {reason.code for reason in refused.reasons if reason.hard} == why
    assert double.asked("POST") == []


def test_an_order_of_the_past_is_refused_although_no_real_money_is_meant(desk, double):
    refused = desk.proposals.propose(replace(wish(), as_of=START - timedelta(days=6)))
    assert (refused.state, refused.simulated) == (S.DENIED, True)
    assert "this venue is not simulated" in refused.sentence
    assert double.asked("POST") == []


# ----------------------------------------------------------------------------------- short selling


@pytest.fixture
def shorting(desk_of):
    """A desk whose limits let shares be sold short."""
    return desk_of(load_limits("active"))


def short(intent="s", **more):
    return wish(intent, side=Side.SELL, **more)


def sold(desk, intent="s", **more):
    record = desk.proposals.propose(short(intent, **more))
    if record.state is S.AWAITING_APPROVAL:
        record = desk.approvals.approve(record.id, "ana")
    return record


def test_a_short_is_sold_and_bought_back_where_nothing_stands_against_it(shorting, double):
    sent = sold(shorting)
    assert (sent.state, sent.filled) == (S.FILLED, 10)
    assert shorting.proposals.snapshot().held("IBM") == double.market.positions["IBM"] == -10
    assert shorting.reconcile().differences == ()
    back = shorting.proposals.propose(wish("b"))
    if back.state is S.AWAITING_APPROVAL:
        back = shorting.approvals.approve(back.id, "ana")
    assert back.state is S.FILLED
    assert shorting.proposals.snapshot().held("IBM") == double.market.positions["IBM"] == 0


def test_the_limits_may_forbid_it(desk):
    assert "These limits allow no short selling" in sold(desk).sentence


@pytest.mark.parametrize(
    ("listed", "why"),
    [
        ({"shortable": False}, "would have to be borrowed"),
        ({"easy_to_borrow": False, "borrow_status": "hard_to_borrow"}, "would have to be borrowed"),
    ],
)
def test_what_is_hard_to_borrow_is_not_sold_short(shorting, double, listed, why):
    double.market.list("IBM", **listed)
    refused = sold(shorting)
    assert (refused.state, double.asked("POST")) == (S.DENIED, [])
    assert why in refused.sentence


def test_after_a_fall_of_ten_per_cent_a_short_needs_a_limit_above_the_bid(shorting, double):
    double.day_extra = {"l": 180.0}
    refused = sold(shorting)
    assert "Short sales of IBM are restricted today" in refused.sentence
    at_bid = sold(shorting, "bid", limit="199.99")
    assert at_bid.state is S.DENIED
    above = sold(shorting, "above", limit="200")
    assert above.state is S.ACCEPTED
    assert [body["limit_price"] for _, _, body in double.asked("POST")] == ["200"]


def test_where_a_fall_is_in_doubt_nothing_is_sold_short(shorting, double):
    double.day_extra = {"l": 183.0}  # of one exchange only
    assert "may be restricted today" in sold(shorting, limit="200").sentence
    assert double.asked("POST") == []


def test_the_settings_put_both_together(double, tmp_path):
    settings = Settings(
        home=tmp_path,
        feed=FeedChoice.ALPACA,
        alpaca_feed=AlpacaFeedChoice.SIP,
        broker=BrokerChoice.ALPACA_PAPER,
        apca_api_key_id=SecretStr(KEY),
        apca_api_secret_key=SecretStr(SECRET),
        apca_api_base_url=double.url,
        apca_api_data_url=double.url,
    )
    house = assemble(settings)
    assert house.market.instrument("IBM").venue == "NYSE"
    assert house.market.quote("IBM", house.clock.now()).source == "alpaca sip"
    assert house.broker.name == "alpaca"
    assert SECRET not in repr(settings)


def test_without_alpacas_package_a_named_feed_says_what_to_install(monkeypatch, tmp_path):
    for name in [n for n in sys.modules if "alpaca" in n.split(".")[-1]]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "alpaca.common.rest", None)
    keys = {"apca_api_key_id": SecretStr(KEY), "apca_api_secret_key": SecretStr(SECRET)}
    with pytest.raises(ConfigError, match="extra `alpaca`"):
        build_market(Settings(home=tmp_path, feed=FeedChoice.ALPACA, **keys))
    assert build_market(Settings(home=tmp_path, feed=FeedChoice.AUTO, **keys)) is not None
    with pytest.raises(ConfigError, match="APCA_API_KEY_ID"):
        build_market(Settings(home=tmp_path, feed=FeedChoice.ALPACA))
