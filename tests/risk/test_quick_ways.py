"""The gate's quick ways give what the long ones do, and leave nothing behind."""

import json
import threading
from dataclasses import fields, replace
from decimal import Context, Decimal, getcontext, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.doubles import case, order
from tests.risk.cases import ORDERS
from tests.risk.closedness import ODD, spoil
from tools.domain.canonical import _ENCODER, canonical
from tools.domain.order import OPTIONAL, Order
from tools.risk.gate import decide, weigh

D = Decimal
ALWAYS = [f.name for f in fields(Order) if f.name not in {*OPTIONAL, "session", "rationale"}]
texts = st.text(max_size=20) | st.sampled_from(["\u202e", "\ud800", '"\\', "\x00\x7f", "ıİ"])
numbers = st.decimals(allow_nan=True, allow_infinity=True)


def written(wish):
    """The bytes by the encoder alone; what it can't write by the type of its complaint."""
    numbers = {"limit_price", "quantity"}
    said = {name: getattr(wish, name) for name in ALWAYS}
    for name in numbers:
        said[name] = None if said[name] is None else text_of(said[name])
    said["as_of"] = wish.as_of.isoformat()
    return _ENCODER.encode(said).encode()


def text_of(number):
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


@given(texts, texts, texts, numbers, st.none() | numbers)
def test_the_quick_bytes_of_an_order_are_those_of_the_encoder(name, who, symbol, quantity, limit):
    wish = replace(
        order(), intent_id=name, principal=who, symbol=symbol, quantity=quantity, limit_price=limit
    )
    assert canonical(wish, {}) == written(wish) == wish.canonical()


@pytest.mark.parametrize("field", [name for name in ALWAYS if name not in {"quantity", "as_of"}])
def test_an_odd_order_has_the_bytes_that_it_always_had(field):
    for odd in ODD:
        if field == "limit_price" and not isinstance(odd, (Decimal, int, float, type(None))):
            continue
        wish = spoil(order(), field, odd)
        try:
            expected = written(wish)
        except (TypeError, ValueError) as error:
            with pytest.raises(type(error)):
                wish.canonical()
        else:
            assert wish.canonical() == expected


def test_every_field_that_an_order_always_has_is_in_its_bytes():
    assert sorted(json.loads(order().canonical())) == sorted(ALWAYS)


@pytest.mark.parametrize("kind", ORDERS)
def test_the_callers_arithmetic_is_as_it_was_and_changes_no_verdict(kind):
    wished = case(ORDERS[kind])
    judged = decide(wished)
    with localcontext(Context(prec=3, traps=[], capitals=0)) as mine:
        assert decide(wished) == judged
        assert getcontext() is mine
        assert (mine.prec, mine.capitals, any(mine.traps.values())) == (3, 0, False)
        assert not any(mine.flags.values())


def test_the_callers_arithmetic_is_as_it_was_after_a_rule_was_stopped():
    def stopped(facts):
        raise KeyboardInterrupt

    before = getcontext()
    with pytest.raises(KeyboardInterrupt):
        weigh(case(), [stopped])
    assert getcontext() is before


def test_threads_that_judge_at_once_disturb_each_other_no_more_than_their_callers():
    judged, found = decide(case()), []

    def judge():
        with localcontext(Context(prec=4)) as mine:
            verdicts = {decide(case()) for _ in range(200)}
            found.append((verdicts == {judged}, getcontext() is mine, str(D(1) / 3)))

    threads = [threading.Thread(target=judge) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [(True, True, "0.3333")] * 4
