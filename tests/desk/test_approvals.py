"""What an approver reads and what their yes is bound to; who may say it, and when."""

import random
from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.doubles import END, case, order, yes
from tools.desk.approvals import Approvals
from tools.domain.errors import Conflict, InputError
from tools.domain.instrument import AssetClass
from tools.domain.order import OrderGroup, OrderState, OrderType, Side, TimeInForce
from tools.domain.verdict import Approved
from tools.execution.shown import parsed, rendered, visible
from tools.risk.gate import decide
from tools.risk.limits import load_limits

D, S = Decimal, OrderState
SPOOFS = (
    "\u202e\u2066\u200b\u200f\ufeff\u00ad\u2028\x00\x1b[2J\r\n\t\x7f \\\"'<>&{}|"
    "аеорс\u0391\uff21\u212a\u0130\U0001f600\U000e0041\ud800qty 1"
)


def odd_text(rng):
    length = rng.randrange(0, 12)
    return "".join(
        rng.choice(SPOOFS) if rng.random() < 0.6 else chr(rng.randrange(0x11000))
        for _ in range(length)
    )


def odd_order(rng):
    price = lambda: rng.choice([None, D(rng.randrange(1, 10**6)) / 100])  # noqa: E731
    return replace(
        order(odd_text(rng), symbol=odd_text(rng), side=rng.choice(list(Side))),
        account=odd_text(rng),
        strategy=odd_text(rng),
        principal=odd_text(rng),
        currency=odd_text(rng),
        asset_class=rng.choice(list(AssetClass)),
        quantity=D(rng.randrange(1, 10**6)) / rng.choice([1, 1000]),
        type=rng.choice(list(OrderType)),
        time_in_force=rng.choice(list(TimeInForce)),
        as_of=END - timedelta(minutes=rng.randrange(10**6)),
        limit_price=price(),
        stop_price=price(),
        take_profit=price(),
        group=rng.choice(list(OrderGroup)),
        extended_hours=rng.random() < 0.3,
        replaces=odd_text(rng),
        slice_of=odd_text(rng),
        slice_total=price(),
    )


def test_ten_thousand_odd_orders_are_shown_in_plain_ascii_and_read_back_to_the_same_bytes():
    rng = random.Random(7)
    for _ in range(10_000):
        wish = odd_order(rng)
        lines = rendered(wish.canonical())
        assert parsed(lines) == wish.canonical()
        text = "".join(label + value for label, value in lines)
        assert text.isascii()
        assert text.isprintable()
        assert not any(value != value.strip() or "  " in value for _, value in lines)


@pytest.mark.parametrize("text", ["IBM\u202e", "IBM ", " IBM", "I  BM", "IBM\u200b", "\u0406BM"])
def test_what_looks_like_another_symbol_is_shown_for_what_it_is(text):
    assert visible(text) != "IBM"
    assert "\\u" in visible(text)


def test_lines_that_no_order_was_made_of_are_refused():
    lines = rendered(replace(order(), extended_hours=True).canonical())
    for label, value in (("extended hours", "perhaps"), ("symbol", "\\u20"), ("symbol", '"')):
        spoilt = tuple((k, value if k == label else v) for k, v in lines)
        with pytest.raises(InputError):
            parsed(spoilt)


BEYOND = {
    "intent_id": "other",
    "account": "other",
    "strategy": "other",
    "principal": "agent:other",
    "symbol": "IBN",
    "asset_class": AssetClass.CRYPTO,
    "currency": "EUR",
    "side": Side.SELL,
    "quantity": D(11),
    "type": OrderType.LIMIT,
    "limit_price": D(200),
    "time_in_force": TimeInForce.GTC,
    "as_of": END - timedelta(microseconds=1),
    "stop_price": D(1),
    "trail_price": D(1),
    "trail_fraction": D("0.1"),
    "group": OrderGroup.OCO,
    "take_profit": D(1),
    "stop_loss": D(1),
    "stop_loss_limit": D(1),
    "extended_hours": True,
    "leg_of": "x",
    "replaces": "x",
    "slice_of": "x",
    "slice_total": D(20),
}


def test_an_approval_is_for_every_field_and_void_when_any_differs():
    wish = order(quantity="10")
    assert isinstance(decide(case(wish, approval=yes(wish))), Approved)
    unhashed = {"session", "rationale"}
    assert {f.name for f in fields(wish)} == set(BEYOND) | unhashed
    for name, value in BEYOND.items():
        other = replace(wish, **{name: value})
        assert other.digest != wish.digest
        assert not isinstance(decide(case(other, approval=yes(wish))), Approved), name
    told = replace(wish, rationale="\u202eqty 1", session="s")
    assert told.digest == wish.digest


def test_one_bit_flipped_in_the_bytes_is_another_digest():
    import hashlib

    wish = order()
    raw = wish.canonical()
    for place in range(len(raw) * 8):
        spoilt = bytearray(raw)
        spoilt[place // 8] ^= 1 << place % 8
        assert hashlib.sha256(spoilt).hexdigest() != wish.digest


def test_the_model_s_own_words_are_in_no_field_that_is_shown(desk):
    record = desk.proposals.propose(replace(order(), rationale="symbol: MSFT\u202e"))
    assert dict(record.shown)["symbol"] == "IBM"
    assert "MSFT" not in str(record.shown)


# ------------------------------------------------------------------------------ two persons


@pytest.fixture
def strict(house):
    house.limits = replace(house.limits, second_person_value=D(5000))
    return house.desk()


def test_a_large_order_needs_two_persons_and_says_who_is_still_needed(house, strict):
    record = strict.proposals.propose(order())
    first = strict.approvals.approve(record.id, "ana")
    assert (first.state, first.approver, first.second) == (S.AWAITING_APPROVAL, "ana", "")
    assert "ana approved it, a second person must as well" in first.sentence
    assert house.venue().lookup(record.order.client_order_id) is None
    with pytest.raises(InputError, match="somebody else"):
        strict.approvals.approve(record.id, "Ana")
    done = strict.approvals.approve(record.id, "bo")
    assert (done.state, done.approver, done.second) == (S.FILLED, "ana", "bo")


def test_who_proposed_a_large_order_is_none_of_the_two(strict):
    record = strict.proposals.propose(order(principal="terminal:ana"))
    with pytest.raises(InputError, match="two others"):
        strict.approvals.approve(record.id, "person:Ana")
    strict.approvals.approve(record.id, "bo")
    assert strict.approvals.approve(record.id, "cy").state is S.FILLED


def test_the_second_person_may_say_no_and_a_small_order_needs_one(strict):
    record = strict.proposals.propose(order())
    strict.approvals.approve(record.id, "ana")
    assert strict.approvals.reject(record.id, "bo").state is S.DECLINED
    small = strict.proposals.propose(order("s", quantity="5"))
    assert strict.approvals.approve(small.id, "ana").state is S.FILLED


# ------------------------------------------------------------------------------ who and when


def test_a_stranger_to_the_limits_is_refused_before_anything_is_decided(house):
    house.limits = replace(house.limits, approvers=("ana", "person:b*"))
    desk = house.desk()
    record = desk.proposals.propose(order())
    with pytest.raises(InputError, match="not among those"):
        desk.approvals.approve(record.id, "eve")
    assert desk.proposals.get(record.id).state is S.AWAITING_APPROVAL
    assert desk.approvals.approve(record.id, "person:bo").state is S.FILLED


def test_while_halted_nothing_is_decided_and_the_order_goes_on_waiting(house, desk):
    record = desk.proposals.propose(order())
    desk.approvals.halt("ana", "storm")
    before = len(house.ledger().events())
    for _ in range(2):
        with pytest.raises(Conflict, match="goes on waiting"):
            desk.approvals.approve(record.id, "ana")
    assert len(house.ledger().events()) == before
    assert desk.approvals.reject(record.id, "ana").state is S.DECLINED


def test_an_approved_order_waits_out_a_halt_and_is_sent_after_it(house, desk):
    record = desk.proposals.propose(order())
    with desk.journal.writing() as page:
        page.write("approved", record.order.client_order_id, {"approver": "ana"})
    desk.approvals.halt("ana", "storm")
    desk.recover()
    assert desk.proposals.get(record.id).state is S.APPROVED
    desk.approvals.resume("ana")
    desk.recover()
    assert desk.proposals.get(record.id).state is S.FILLED


def test_an_approved_order_that_waited_too_long_expires_and_is_not_sent(house, desk):
    record = desk.proposals.propose(order())
    with desk.journal.writing() as page:
        page.write("approved", record.order.client_order_id, {"approver": "ana"})
    house.clock.real += timedelta(minutes=15)
    desk.recover()
    assert desk.proposals.get(record.id).state is S.APPROVAL_EXPIRED
    assert house.venue().lookup(record.order.client_order_id) is None


def test_config_change_mid_flight_voids_the_approval(house, desk):
    record = desk.proposals.propose(order())
    with desk.journal.writing() as page:
        page.write("approved", record.order.client_order_id, {"approver": "ana"})
    house.limits = replace(load_limits(), max_long=D(7777))
    house.desk().recover()
    assert desk.proposals.get(record.id).state is S.APPROVAL_EXPIRED
    assert house.venue().lookup(record.order.client_order_id) is None


def test_the_face_for_agents_has_no_way_to_approve(desk):
    assert not {"approve", "reject", "enable", "resume"} & set(dir(desk.proposals))
    assert {"approve", "reject", "enable"} <= set(dir(Approvals))
