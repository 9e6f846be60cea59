"""The unmodified alpaca-py against a local server that follows Alpaca's documents.

Long because each field that the gate asks for, and each way an answer goes wrong, is here.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from tests.execution.alpaca.document import PRICES, published, wrong_request
from tests.execution.alpaca.faults import Fault, limited, status, unclear
from tests.execution.alpaca.market import START
from tests.execution.alpaca.server import KEY, SECRET
from tests.market_data.alpaca_double import LAST, alpaca_double
from tests.market_data.clocks import SetClock
from tools.alpaca_session import Keys
from tools.domain.errors import ConfigError, DataUnavailable
from tools.domain.instrument import AssetClass
from tools.domain.status import Borrow, Session, Status
from tools.market_data.feeds.alpaca import AlpacaFeed
from tools.market_data.feeds.sample import SampleFeed
from tools.market_data.market import Market, build_market

D = Decimal
BARS, LOOK, ASSET = "/v2/stocks/bars", "/v2/stocks/snapshots", "/v2/assets/.*"
UNANSWERED = ("500", "502", "503", "504", "403_of_a_proxy", "418", "redirect", "dropped_before",
              "truncated_done", "half_json_done", "html_done", "empty_done", "null_done",
              "list_done", "not_utf8_done", "deep_json_done")  # fmt: skip


@pytest.fixture
def double():
    with alpaca_double() as running:
        yield running


@pytest.fixture
def clock():
    return SetClock(START)


@pytest.fixture
def feed(double, clock):
    return opened(double, clock)


def opened(double, clock, **more):
    keys = Keys(KEY, SECRET)
    return AlpacaFeed(keys, clock, trading_url=double.url, data_url=double.url, **more)


# ------------------------------------------------------------------------------------------- bars


def test_bars_are_as_traded_with_adjusted_closes_beside_them(feed):
    bars = {bar.session: bar for bar in feed.bars("IBM")}
    before, after = bars[date(2025, 12, 12)], bars[date(2025, 12, 15)]
    assert (before.close, before.adjusted_close) == (400, 200)
    assert (after.close, after.adjusted_close) == (200, 200)


def test_the_session_under_way_and_one_that_has_not_settled_are_left_out(feed, clock):
    assert feed.bars("IBM")[-1].session == date(2026, 1, 2)
    clock.advance(timedelta(hours=6, minutes=29))  # 16:29 in New York
    assert feed.bars("IBM")[-1].session == date(2026, 1, 2)
    clock.advance(timedelta(minutes=11))
    assert feed.bars("IBM")[-1].session == LAST


def test_every_page_is_read(double, clock):
    double.page_size = 1
    double.rows["IBM"] = double.rows["IBM"][-9:]
    assert len(opened(double, clock).bars("IBM")) == 8


def test_pages_without_end_are_given_up(double, feed):
    double.page_size = 1
    with pytest.raises(DataUnavailable, match="don't end"):
        feed.bars("IBM")


def test_an_empty_history_is_none_and_no_error(double, feed):
    double.rows["IBM"] = []
    assert feed.bars("IBM") is None
    assert feed.notice() == ""
    assert feed.instrument("IBM").tick == D("0.01")


def test_a_coins_day_that_does_not_begin_at_midnight_is_refused(double, feed):
    double.midnight = time(6)  # as it was before 2025: Chicago's midnight
    with pytest.raises(DataUnavailable, match="begins at 06:00 UTC and not at midnight"):
        feed.bars("BTC/USD")


def test_numbers_are_exact(double, feed):
    double.rows["IBM"] = [(date(2026, 1, 2), "0.1", 10)]
    double.market.quotes["IBM"] = (D("0.1"), D("0.3"))
    quote = feed.quote("IBM")
    assert (quote.bid, quote.ask) == (D("0.1"), D("0.3"))


# ------------------------------------------------------------------------------------- the listing


def test_a_listing_tells_steps_parts_and_warnings(double, feed):
    double.market.list("WHOLE", fractionable=False, exchange="OTC", tradable=False)
    double.rows["WHOLE"] = [(date(2026, 1, 2), "1.5", 10)]
    whole, ibm, coin = (feed.instrument(name) for name in ("WHOLE", "IBM", "BTC/USD"))
    assert (whole.lot, whole.flags, whole.tradable) == (1, ("otc",), False)
    assert (ibm.lot, ibm.tick, ibm.venue) == (D("1e-9"), D("0.01"), "NYSE")
    assert (coin.asset_class, coin.lot, coin.calendar) == (AssetClass.CRYPTO, D("0.0001"), "24/7")


@pytest.mark.parametrize(("close", "tick"), [("0.99", "0.0001"), ("1", "0.01")])
def test_below_a_dollar_shares_trade_in_hundredths_of_a_cent(double, feed, close, tick):
    double.split = date(2025, 1, 1)
    double.rows["IBM"] = [(date(2026, 1, 2), close, 10)]
    double.bar = lambda row, *_, **__: {
        "t": "2026-01-02T05:00:00Z", "o": float(close), "h": float(close), "l": float(close),
        "c": float(close), "v": 10, "n": 1, "vw": float(close),
    }  # fmt: skip
    assert feed.instrument("IBM").tick == D(tick)


def test_what_is_neither_share_nor_coin_is_left_to_the_next_feed(feed):
    option = "IBM260116C00200000"
    assert (feed.instrument(option), feed.bars(option)) == (None, None)
    assert (feed.quote(option), feed.status(option)) == (None, None)


@pytest.mark.parametrize(
    ("told", "borrow"),
    [
        ({"borrow_status": "easy_to_borrow", "easy_to_borrow": False}, Borrow.EASY),
        ({"borrow_status": "hard_to_borrow", "easy_to_borrow": True}, Borrow.HARD),
        ({"shortable": False}, Borrow.NONE),
    ],
)
def test_how_easily_it_is_borrowed(double, feed, told, borrow):
    double.market.list("IBM", **told)
    assert feed.status("IBM").borrow is borrow


# ------------------------------------------------------------------------------------ the present


def test_a_quote_is_the_markets_own_with_sizes_and_the_exchanges_moment(double, feed):
    double.quoted_at = START - timedelta(seconds=3)
    quote = feed.quote("IBM")
    assert (quote.bid, quote.bid_size, quote.ask, quote.ask_size) == (
        D("199.99"),
        300,
        D("200.01"),
        200,
    )
    assert (quote.event_time, quote.known_at) == (double.quoted_at, START)
    assert quote.simulated is False


def test_no_bid_is_no_quote(double, feed):
    double.quote_extra = {"bp": 0, "bs": 0}
    with pytest.raises(DataUnavailable, match="no bid and ask of IBM now"):
        feed.quote("IBM")


def test_the_feed_that_is_set_is_asked_for_quotes_and_all_exchanges_for_bars(double, clock):
    feed = opened(double, clock, stock_feed="sip")
    feed.quote("IBM")
    feed.bars("IBM")
    assert {call[2]["feed"] for call in double.asked("GET", LOOK)} == {"sip"}
    assert {call[2]["feed"] for call in double.asked("GET", BARS)} == {"sip"}
    opened(double, clock).quote("IBM")
    assert double.asked("GET", LOOK)[-1][2]["feed"] == "iex"


def test_one_look_serves_a_decision_and_a_later_one_looks_again(double, feed, clock):
    feed.quote("IBM")
    feed.status("IBM")
    assert len(double.asked("GET", LOOK)) == 1
    clock.advance(timedelta(seconds=1))
    feed.quote("IBM")
    assert len(double.asked("GET", LOOK)) == 2
    assert len(double.asked("GET", "/v2/clock")) == 1


@pytest.mark.parametrize(
    ("traded", "quoted", "conditions", "halted"),
    [
        (300, 900, ["R"], False),
        (900, 300, ["R"], False),
        (301, 301, ["R"], None),
        (900, 1, ["N"], None),  # not firm
        (-3, -3, ["R"], None),  # a clock that runs ahead proves nothing
    ],
)
def test_trading_goes_on_when_it_was_seen_within_five_minutes(
    double, feed, traded, quoted, conditions, halted
):
    double.traded_at = START - timedelta(seconds=traded)
    double.quoted_at = START - timedelta(seconds=quoted)
    double.conditions = conditions
    assert feed.status("IBM") == Status(halted, Session.OPEN, Borrow.EASY, short_restricted=False)


def test_a_trade_that_was_taken_back_is_no_sign_of_trading(double, feed):
    double.quoted_at = START - timedelta(hours=1)
    double.trade_extra = {"u": "canceled"}
    assert feed.status("IBM").halted is None


def test_a_listing_that_is_not_active_is_halted(double, feed):
    double.market.list("IBM", status="inactive")
    assert feed.status("IBM").halted is True


@pytest.mark.parametrize(
    ("hour", "holiday", "session", "halted"),
    [
        (3, False, Session.WAITING, None),
        (4, False, Session.EXTENDED, False),
        (9, False, Session.EXTENDED, False),
        (16, False, Session.EXTENDED, False),
        (20, False, Session.WAITING, None),
        (16, True, Session.WAITING, None),
    ],
)
def test_outside_the_session_the_calendar_tells_extended_hours_from_none(
    double, hour, holiday, session, halted
):
    double.is_open = False
    double.holidays = {"2026-01-05"} if holiday else set()
    moment = datetime(2026, 1, 5, 5, tzinfo=UTC) + timedelta(hours=hour)
    double.traded_at = moment
    found = opened(double, SetClock(moment)).status("IBM")
    assert (found.session, found.halted) == (session, halted)


@pytest.mark.parametrize(
    ("low", "by_one", "by_all"),
    [(199, False, False), (184.01, False, False), (184, None, False), (180, True, True)],
)
def test_short_sales_are_restricted_after_a_fall_of_ten_per_cent(
    double, clock, low, by_one, by_all
):
    double.day_extra = {"l": low}
    assert opened(double, clock).status("IBM").short_restricted is by_one
    assert opened(double, clock, stock_feed="sip").status("IBM").short_restricted is by_all


def test_a_day_that_was_not_told_leaves_short_sales_unknown(double, clock):
    double.day_extra = {"t": "2026-01-02T05:00:00Z"}
    assert opened(double, clock).status("IBM").short_restricted is None
    double.is_open = False
    early = datetime(2026, 1, 5, 13, tzinfo=UTC)  # before the session, nothing was traded in it
    assert opened(double, SetClock(early)).status("IBM").short_restricted is False
    double.market.list("IBM", shortable=False)
    assert opened(double, SetClock(early)).status("IBM").short_restricted is None


def test_the_session_ends_when_the_clock_said_it_would(double, feed, clock):
    assert feed.status("IBM").session is Session.OPEN
    double.fault("GET", "/v2/clock", unclear("503"))
    clock.advance(timedelta(hours=6) - timedelta(seconds=2))
    with pytest.raises(DataUnavailable):
        feed.status("IBM")
    clock.advance(timedelta(seconds=5))
    double.is_open = False
    assert feed.status("IBM").session is Session.EXTENDED


def test_a_coin_trades_round_the_clock_and_its_silence_is_told(double):
    sunday = datetime(2026, 1, 4, 12, tzinfo=UTC)
    double.traded_at = double.quoted_at = sunday
    feed = opened(double, SetClock(sunday))
    assert feed.status("BTC/USD") == Status(False, Session.OPEN, Borrow.NONE)
    double.traded_at = double.quoted_at = sunday - timedelta(minutes=6)
    assert opened(double, SetClock(sunday)).status("BTC/USD").halted is None


# -------------------------------------------------------------------------------------- what fails


@pytest.mark.parametrize("path", [ASSET, BARS, LOOK])
@pytest.mark.parametrize("name", UNANSWERED)
def test_an_answer_that_is_none_is_an_error_and_never_another_feeds_price(
    double, clock, path, name
):
    market = Market([opened(double, clock), SampleFeed()], clock)
    double.fault("GET", path, unclear(name))
    with pytest.raises(DataUnavailable, match="Alpaca"):
        market.quote("IBM", START)


def test_what_comes_too_late_is_given_up(double, clock):
    double.fault("GET", LOOK, unclear("slow_headers_done"))
    with pytest.raises(DataUnavailable, match="ReadTimeout"):
        opened(double, clock, seconds=0.3).quote("IBM")


@pytest.mark.parametrize("number", ["NaN", "-1", "1e999", '"x"', "true", "null"])
def test_a_number_that_is_none_is_an_error(double, feed, number):
    quote = b'{"t": "2026-01-05T15:00:00Z", "bp": %s, "bs": 1, "ap": 2, "as": 1}' % number.encode()
    answer = b'{"IBM": {"latestQuote": %s}}' % quote
    double.fault("GET", LOOK, Fault("odd", True, lambda handler, *_: handler.reply(200, answer)))
    with pytest.raises(DataUnavailable, match="can't be read"):
        feed.quote("IBM")


def test_a_rate_limit_is_told_and_nothing_is_asked_for_five_seconds(double, feed, clock):
    double.fault("GET", LOOK, limited(START.timestamp() + 60))
    for _ in range(2):
        with pytest.raises(DataUnavailable, match="rate limit"):
            feed.quote("IBM")
    assert len(double.asked("GET", LOOK)) == 1
    clock.advance(timedelta(seconds=5))
    assert feed.quote("IBM").bid == D("199.99")


def test_no_request_is_repeated_by_itself(double, feed):
    double.fault("GET", LOOK, unclear("504"), times=4)
    with pytest.raises(DataUnavailable):
        feed.quote("IBM")
    assert len(double.asked("GET", LOOK)) == 1


def test_the_keys_are_never_in_an_error(double, feed):
    said = {"message": f"no subscription for {KEY} {SECRET}"}
    double.fault("GET", LOOK, Fault("403", False, status(403, said)))
    with pytest.raises(DataUnavailable, match="subscription") as caught:
        feed.quote("IBM")
    assert KEY not in str(caught.value)
    assert SECRET not in str(caught.value)


def test_keys_that_are_not_accepted_are_named(double, clock):
    feed = AlpacaFeed(Keys(KEY, "wrong"), clock, trading_url=double.url, data_url=double.url)
    with pytest.raises(DataUnavailable, match="keys"):
        feed.bars("IBM")


def test_a_host_that_cannot_be_reached_leaves_the_symbol_to_the_next_feed(clock):
    feed = AlpacaFeed(Keys(KEY, SECRET), clock, data_url="http://127.0.0.1:1")
    assert feed.latest() is None
    with pytest.raises(DataUnavailable, match="Alpaca could not be reached"):
        Market([feed], clock).latest()
    known = Market([feed, SampleFeed()], clock).history("IBM", START)
    assert known.notice == "Alpaca could not be reached; these prices are from sample."


@pytest.mark.parametrize("name", ["trading_url", "data_url"])
def test_keys_go_to_no_other_host(clock, name):
    with pytest.raises(ConfigError, match="sent nowhere else"):
        AlpacaFeed(Keys(KEY, SECRET), clock, **{name: "https://example.com"})


# -------------------------------------------------------------------------------------- the market


def test_the_present_has_the_real_quote_and_the_past_one_made_from_its_close(feed, clock):
    market = Market([feed], clock)
    now, past = market.quote("ibm", START), market.quote("IBM", START - timedelta(days=5))
    assert (now.simulated, past.simulated) == (False, True)
    assert market.status("IBM", START).session is Session.OPEN
    assert market.status("IBM", START - timedelta(days=5)) is None
    assert market.latest() == START


def test_a_feed_that_sees_no_market_tells_no_status(clock):
    assert Market([SampleFeed()], clock).status("IBM", START) is None


def test_alpaca_stands_alone_by_name_and_before_yahoo_in_auto(feed, clock, tmp_path):
    def order(name, alpaca):
        return [one.name for one in build_market(name, None, tmp_path, clock, alpaca)._feeds]

    assert order("alpaca", feed) == ["alpaca"]
    assert order("auto", feed) == ["alpaca", "yahoo", "sample"]
    assert order("auto", None) == ["yahoo", "sample"]
    with pytest.raises(ConfigError, match="APCA_API_KEY_ID"):
        build_market("alpaca", None, tmp_path, clock)


def test_the_document_is_held_to(strict_skip):
    if published("/v2/stocks/bars") is None:
        strict_skip(f"{PRICES.name} is not beside the checkout")
    query = {"symbols": "IBM", "timeframe": "1Day", "feed": "nosuch", "colour": "red"}
    assert wrong_request("GET", "/v2/stocks/bars", query, None) == [
        "GET /v2/stocks/bars has no parameter colour",
        "feed can't be nosuch",
    ]
