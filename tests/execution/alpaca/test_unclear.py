"""Alpaca: answers that prove a refusal, answers that prove nothing, and answers that never come."""

from dataclasses import replace
from decimal import Decimal

import pytest
import requests

from tests.doubles import order
from tests.execution.alpaca.faults import REFUSING, UNCLEAR, WRONG_TYPE, changed, limited, unclear
from tests.execution.alpaca.market import START
from tests.execution.alpaca.server import KEY, SECRET
from tools.alpaca_session import LIVE_URL, Keys, checked_url
from tools.domain.errors import BrokerRejected, ConfigError, OutcomeUnknown
from tools.domain.money import Price
from tools.domain.order import OrderState, TimeInForce
from tools.execution.brokers.alpaca import AlpacaBroker

D, S = Decimal, OrderState
GTC = TimeInForce.GTC
# Only answers that don't come wait for the end of patience.
SLOW = {"late_done": 0.2, "slow_headers_done": 0.2}
WISH = order("a", limit="150", tif=GTC)


def patient(name):
    return {"answer": SLOW[name]} if name in SLOW else {}


# ------------------------------------------------------------------------------------- submit


@pytest.mark.parametrize("name", UNCLEAR)
def test_an_unclear_answer_to_an_order_is_unknown_and_never_sent_twice(serve, connect, both, name):
    venue = serve(unique=both)
    broker = connect(venue, unique_ids=both)
    hasty = connect(venue, unique_ids=both, **patient(name)) if name in SLOW else broker
    venue.fault("POST", "/v2/orders", unclear(name))
    with pytest.raises(OutcomeUnknown) as caught:
        hasty.submit(WISH)
    assert SECRET not in str(caught.value)
    assert KEY not in str(caught.value)
    assert len(venue.asked("POST")) == 1
    there = venue.market.under(WISH.client_order_id)
    assert len(there) == (1 if unclear(name).applied else 0)
    found = broker.lookup(WISH.client_order_id)
    assert (found is not None) == bool(there)
    if there:
        assert broker.submit(WISH).state is S.ACCEPTED
    elif not both:
        with pytest.raises(OutcomeUnknown, match="earlier attempt"):
            broker.submit(WISH)
        assert len(venue.asked("POST")) == 1
    assert len(venue.market.under(WISH.client_order_id)) == len(there)


@pytest.mark.parametrize("name", REFUSING)
def test_a_proven_refusal_is_rejected_with_the_venues_words(broker, venue, name):
    venue.fault("POST", "/v2/orders", REFUSING[name])
    with pytest.raises(BrokerRejected, match="Alpaca refused"):
        broker.submit(WISH)
    assert broker.lookup(WISH.client_order_id) is None
    assert broker.submit(WISH).state is S.ACCEPTED


def test_an_order_accepted_eight_seconds_after_a_time_out_is_found_and_is_the_only_one(
    serve, connect, both
):
    venue = serve(unique=both)
    broker = connect(venue)
    venue.fault("POST", "/v2/orders", unclear("504"))
    with pytest.raises(OutcomeUnknown):
        broker.submit(WISH)
    body = venue.asked("POST")[0][2]
    venue.later.append(lambda: venue.market.place(body))
    assert broker.lookup(WISH.client_order_id) is None
    with pytest.raises(OutcomeUnknown):
        broker.submit(WISH)
    venue.advance()
    assert broker.lookup(WISH.client_order_id).state is S.ACCEPTED
    assert broker.submit(WISH).state is S.ACCEPTED
    assert len(venue.market.under(WISH.client_order_id)) == 1


def test_a_used_id_is_no_refusal_of_the_order_that_used_it(venue, connect):
    first = connect(venue, unique_ids=True).submit(WISH)
    assert connect(venue, unique_ids=True).submit(WISH) == first
    assert len(venue.asked("POST")) == 2
    venue.fault("GET", ".*by_client.*", unclear("500"))
    with pytest.raises(OutcomeUnknown):
        connect(venue, unique_ids=True).submit(WISH)


def test_an_order_that_the_exchange_rejects_at_once_is_rejected(broker, venue):
    venue.fault("POST", "/v2/orders", changed(status="rejected"))
    with pytest.raises(BrokerRejected):
        broker.submit(WISH)


def test_a_good_answer_of_the_wrong_content_type_is_a_good_answer(broker, venue):
    venue.fault("POST", "/v2/orders", WRONG_TYPE)
    assert broker.submit(WISH).state is S.ACCEPTED


def test_a_lookup_that_fails_keeps_an_order_from_being_sent(broker, venue):
    venue.fault("GET", ".*by_client.*", unclear("503"))
    with pytest.raises(OutcomeUnknown):
        broker.submit(WISH)
    assert venue.asked("POST") == []


# ------------------------------------------------------------------------------------- rate limit


def test_a_rate_limit_is_waited_out_to_its_reset_with_jitter_and_the_order_sent_once(
    broker, venue, waits
):
    venue.fault("POST", "/v2/orders", limited(START.timestamp() + 3))
    assert broker.submit(WISH).state is S.ACCEPTED
    assert waits.slept == [3.25]
    assert len(venue.market.under(WISH.client_order_id)) == 1


def test_a_rate_limit_that_lasts_is_a_refusal_that_says_not_sent(broker, venue, waits):
    venue.fault("POST", "/v2/orders", limited(START.timestamp() + 3600), times=5)
    with pytest.raises(BrokerRejected, match="not sent"):
        broker.submit(WISH)
    assert sum(waits.slept) <= 10
    venue.faults.clear()
    venue.fault("POST", "/v2/orders", limited("soon"), times=5)
    with pytest.raises(BrokerRejected, match="not sent"):
        broker.submit(WISH)
    assert len(venue.asked("POST")) == 1 + 3
    venue.faults.clear()
    assert broker.submit(WISH).state is S.ACCEPTED


def test_a_rate_limited_question_or_cancel_has_no_answer(broker, venue):
    broker.submit(WISH)
    venue.fault("GET", ".*by_client.*", limited(START.timestamp() + 3600), times=3)
    with pytest.raises(OutcomeUnknown, match="rate limit"):
        broker.lookup(WISH.client_order_id)
    venue.faults.clear()
    venue.fault("DELETE", ".*", limited(START.timestamp() + 3600), times=3)
    with pytest.raises(OutcomeUnknown, match="rate limit"):
        broker.cancel(WISH.client_order_id)


# ------------------------------------------------------------------------- lookup, cancel, replace


@pytest.mark.parametrize("name", [n for n in UNCLEAR if "redirect" not in n])
def test_an_unclear_answer_to_a_lookup_is_unknown_and_never_not_found(venue, connect, name):
    connect(venue).submit(WISH)
    venue.fault("GET", ".*by_client.*", replace(unclear(name), applied=True))
    with pytest.raises(OutcomeUnknown):
        connect(venue, **patient(name)).lookup(WISH.client_order_id)


def test_a_404_that_is_not_alpacas_own_is_no_proof_that_it_was_never_seen(broker, venue):
    from tests.execution.alpaca.faults import Fault, status

    for body in (None, {"message": "no Route matched with those values"}, {"error": "nope"}):
        venue.fault("GET", ".*by_client.*", Fault("404", False, status(404, body)))
        with pytest.raises(OutcomeUnknown):
            broker.lookup("never")


@pytest.mark.parametrize("name", [n for n in UNCLEAR if unclear(n).applied])
def test_after_an_unclear_answer_to_a_replacement_both_are_found_as_they_are(venue, connect, name):
    broker = connect(venue)
    broker.submit(WISH)
    new = replace(WISH, intent_id="new", replaces=WISH.client_order_id, limit_price=Price(D(151)))
    venue.fault("POST", ".*", unclear(name))
    with pytest.raises(OutcomeUnknown):
        connect(venue, **patient(name)).replace(new)
    assert broker.lookup(WISH.client_order_id).state is S.CANCELED
    assert broker.lookup(new.client_order_id).state is S.ACCEPTED
    assert broker.replace(new).state is S.ACCEPTED
    assert len(venue.asked("POST")) == 2


# A cancel has no body of its own: what is wrong inside one doesn't matter.
BODILESS = {"500", "500_done", "502", "503", "504_done", "dropped_before", "dropped_after_done"}


@pytest.mark.parametrize("name", sorted(BODILESS | SLOW.keys()))
def test_an_unclear_answer_to_a_cancel_is_unknown_and_asking_again_is_safe(venue, connect, name):
    broker = connect(venue)
    broker.submit(WISH)
    venue.fault("DELETE", ".*", unclear(name))
    with pytest.raises(OutcomeUnknown):
        connect(venue, **patient(name)).cancel(WISH.client_order_id)
    assert broker.cancel(WISH.client_order_id).state is S.CANCELED


@pytest.mark.parametrize("name", ["500", "504", "dropped_before", "403_of_a_proxy"])
def test_an_unclear_answer_to_cancel_all_is_unknown(broker, venue, name):
    venue.fault("DELETE", "/v2/orders", unclear(name))
    with pytest.raises(OutcomeUnknown):
        broker.cancel_all()


UNREADABLE = ["nan_done", "huge_done", "half_json_done", "html_done", "null_done", "not_utf8_done"]


@pytest.mark.parametrize("name", UNREADABLE)
@pytest.mark.parametrize("path", ["account", "positions", "orders", "account/activities/FILL"])
def test_figures_that_cannot_be_read_are_never_guessed(broker, venue, name, path):
    wish = order("f", quantity="10")
    broker.submit(wish, D(210))
    broker.submit(WISH)
    venue.fault("GET", f"/v2/{path}", unclear(name))
    ask = {
        "account": broker.account,
        "positions": broker.account,
        "orders": broker.open_orders,
        "account/activities/FILL": lambda: broker.lookup(wish.client_order_id),
    }[path]
    with pytest.raises(OutcomeUnknown):
        ask()


def test_pages_that_do_not_end_are_no_answer(broker, venue):
    wish = order("f", limit="150", tif=GTC, quantity="500")
    broker.submit(wish)
    for _ in range(100):
        venue.market.fill(venue.market.by_client(wish.client_order_id), 1, "150")
    same = [dict(trade) for trade in venue.market.trades]
    from tests.execution.alpaca.faults import Fault

    again = Fault(
        "again",
        True,
        lambda handler, *_: handler.reply(200, __import__("json").dumps(same).encode()),
    )
    venue.fault("GET", ".*FILL", again, times=3)
    with pytest.raises(OutcomeUnknown, match="does not end"):
        broker.lookup(wish.client_order_id)


# ------------------------------------------------------------------------------- keys and addresses


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "http://paper-api.alpaca.markets",
        "https://paper-api.alpaca.markets.evil.example",
        "https://user:word@paper-api.alpaca.markets",
        "https://evilalpaca.markets",
        "http://10.0.0.1:80",
        "ftp://x",
        "",
    ],
)
def test_keys_go_to_alpaca_or_this_machine_and_nowhere_else(url):
    with pytest.raises(ConfigError):
        checked_url(url, live=True)


def test_the_live_venue_has_to_be_asked_for(clock):
    with pytest.raises(ConfigError, match="explicitly"):
        checked_url(LIVE_URL, live=False)
    with pytest.raises(ConfigError, match="explicitly"):
        AlpacaBroker(Keys(KEY, SECRET), clock, account="x", url=LIVE_URL)
    for live in (False, True):
        broker = AlpacaBroker(Keys(KEY, SECRET), clock, account="x", live=live)
        assert (broker.real_money, broker.simulated_fills) == (live, False)


def test_the_secret_is_in_no_repr_and_no_refusal(broker, venue):
    from tests.execution.alpaca.faults import Fault, status

    assert SECRET not in repr(Keys(KEY, SECRET)) + repr(broker) + repr(broker._line)
    echo = {"code": 40310000, "message": f"key {KEY} with {SECRET} may not"}
    venue.fault("POST", "/v2/orders", Fault("echo", False, status(403, echo)))
    with pytest.raises(BrokerRejected) as caught:
        broker.submit(WISH)
    assert SECRET not in str(caught.value)
    assert KEY not in str(caught.value)


def test_wrong_keys_are_a_refusal_that_says_so(venue, clock):
    broker = AlpacaBroker(Keys(KEY, "other"), clock, account="x", url=venue.url, unique_ids=True)
    with pytest.raises(BrokerRejected, match="forbidden"):
        broker.submit(WISH)


def test_alpaca_py_itself_retries_nothing_more(broker):
    """The trap: its default sends one order up to four times on 429 and 504."""
    client = broker._line._calls["POST"].__self__
    assert client._retry == 0
    assert client._session.get_adapter("https://x").max_retries.total == 0


def test_every_request_also_has_requests_own_time_out(broker, monkeypatch):
    """So that the thread of an answer that never came ends too."""
    seen = []
    inner = requests.Session.request

    def spy(self, *args, **options):
        seen.append(options["timeout"])
        return inner(self, *args, **options)

    monkeypatch.setattr(requests.Session, "request", spy)
    broker.submit(WISH)
    assert seen
    assert set(seen) == {20.0}
