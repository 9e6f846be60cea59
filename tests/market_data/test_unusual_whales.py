"""The feed of option flow against a local server that speaks Unusual Whales' documented JSON."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.contracts.option_flow import OptionFlowContract
from tests.market_data.clocks import SetClock
from tests.market_data.rest_double import FAULTS, patience, rest_double
from tools.domain.errors import DataUnavailable
from tools.domain.instrument import Right
from tools.market_data.feeds import unusual_whales
from tools.market_data.feeds.resilience.failure import Unanswered
from tools.market_data.feeds.unusual_whales import UnusualWhalesFeed

KEY = "whale-secret"
START = datetime(2025, 10, 22, 14, 0, tzinfo=UTC)
END = START + timedelta(hours=1)


def alert(n, at=None, **more):
    at = at or START + timedelta(minutes=n)
    return {
        "id": f"id-{n}",
        "ticker": "QQQ",
        "option_chain": "QQQ251028C00611000",
        "type": "call",
        "strike": "611",
        "expiry": "2025-10-28",
        "price": "2.8",
        "total_size": 514,
        "total_premium": "143920",
        "total_ask_side_prem": "143920",
        "total_bid_side_prem": "0",
        "created_at": f"{at:%Y-%m-%dT%H:%M:%S.%fZ}",
        "end_time": round((at.timestamp() - 5) * 1000),
        "alert_rule": "RepeatedHits",
        "has_sweep": False,
        "has_floor": False,
        "underlying_price": "605.65",
        "marketcap": "385698577500",
    } | more


class Whales:
    def __init__(self):
        self.alerts = [alert(n) for n in range(7)]

    def __call__(self, path, query, headers):
        assert path == "/api/option-trades/flow-alerts"
        if headers.get("authorization") != f"Bearer {KEY}":
            return 401, {"error": "Invalid API key"}
        newer, older = (datetime.fromisoformat(query[k]) for k in ("newer_than", "older_than"))
        rows = [
            row
            for row in sorted(self.alerts, key=lambda row: row["created_at"], reverse=True)
            if row["ticker"] == query["ticker_symbol"]
            and newer < datetime.fromisoformat(row["created_at"]) < older
        ]
        return 200, {"data": rows[: int(query["limit"])]}


@pytest.fixture
def double():
    with rest_double(Whales()) as running:
        yield running


@pytest.fixture
def feed(double, request):
    return UnusualWhalesFeed(KEY, SetClock(END), url=double.url, seconds=patience(request))


@pytest.fixture(params=[200, 2], ids=["one page", "pages of two"])
def pages(request, monkeypatch):
    monkeypatch.setattr(unusual_whales, "PAGE", request.param)


@pytest.mark.usefixtures("pages")
class TestContract(OptionFlowContract):
    @pytest.fixture
    def underlying(self):
        return "QQQ"

    @pytest.fixture
    def start(self):
        return START

    @pytest.fixture
    def end(self):
        return END


def test_an_alert_is_known_when_it_was_made_and_happened_before(feed):
    first = feed.flow("qqq", START, END)[0]
    assert (first.known_at, first.event_time) == (START, START - timedelta(seconds=5))
    assert (first.price, first.size, first.premium) == (Decimal("2.8"), 514, 143920)
    assert (first.terms.right, first.side, first.kind) == (Right.CALL, "ask", "RepeatedHits")
    assert first.underlying_price == Decimal("605.65")


@pytest.mark.parametrize(
    ("more", "side", "kind"),
    [
        ({"total_ask_side_prem": "0", "total_bid_side_prem": "143920"}, "bid", "RepeatedHits"),
        ({"total_ask_side_prem": "71960", "total_bid_side_prem": "71960"}, "mid", "RepeatedHits"),
        ({"total_ask_side_prem": None}, "", "RepeatedHits"),
        ({"has_sweep": True}, "ask", "sweep"),
        ({"has_floor": True}, "ask", "floor"),
    ],
)
def test_side_and_kind_are_by_the_premium_and_the_words_of_the_alert(
    feed, double, more, side, kind
):
    double.answer.alerts = [alert(1, **more)]
    (trade,) = feed.flow("QQQ", START, END)
    assert (trade.side, trade.kind) == (side, kind)


def test_alerts_of_another_share_are_not_taken(feed, double):
    double.answer = lambda *asked: (200, {"data": [alert(1, ticker="SPY")]})
    assert feed.flow("QQQ", START, END) == ()


def test_more_alerts_of_one_moment_than_a_page_holds_are_refused_and_not_cut(
    feed, double, monkeypatch
):
    monkeypatch.setattr(unusual_whales, "PAGE", 3)
    double.answer.alerts = [alert(n, at=START + timedelta(minutes=5)) for n in range(4)]
    with pytest.raises(DataUnavailable, match="ask for a shorter span"):
        feed.flow("QQQ", START, END)


def test_a_pair_is_left_to_others(feed, double):
    assert feed.flow("BTC/USD", START, END) is None
    assert double.asked == []


SAYS = {
    "html": "a web page instead of data",
    "truncated": "broke off or can't be read",
    "empty": "broke off or can't be read",
    "500": r"out of order \(500\)",
    "429": "rate limit",
    "401": "set UNUSUAL_WHALES_API_KEY",
    "redirect": r"out of order \(302\)",
    "hang-up": "could not be reached",
    "silent": r"did not answer within 0\.9 seconds",
    "drip": r"did not answer within 0\.9 seconds",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_told_in_a_sentence_without_the_key(feed, double, fault):
    double.broken = fault
    with pytest.raises(Unanswered, match=f"^Unusual Whales.*{SAYS[fault]}.*\\.$") as caught:
        feed.flow("QQQ", START, END)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    "row",
    [
        None,
        5,
        {},
        alert(1, strike="NaN"),
        alert(1, strike="-5"),
        alert(1, type="straddle"),
        alert(1, created_at="2025-10-22T14:01:00"),
        alert(1, total_size="many"),
    ],
)
def test_an_alert_of_another_shape_is_told(feed, double, row):
    double.answer = lambda *asked: (200, {"data": [row]})
    with pytest.raises(Unanswered, match="not as documented"):
        feed.flow("QQQ", START, END)
