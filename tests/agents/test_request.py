"""What people write is read as they meant it, or refused with a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.request import Kind, parse
from agents.words import digits_for_words
from tools.domain.errors import InputError

KNOWN = {
    "IBM": "International Business Machines",
    "AAPL": "Apple Inc.",
    "GOOG": "Google Inc.",
    "MSFT": "Microsoft Corporation",
    "FB": "Facebook Inc.",
}


@pytest.mark.parametrize(
    ("said", "symbol", "side", "quantity"),
    [
        ("Should I buy 50 shares of IBM?", "IBM", "buy", "50"),
        ("should i buy fifty shares of ibm", "IBM", "buy", "50"),
        ("Buy one hundred and fifty IBM", "IBM", "buy", "150"),
        ("buy IBM, 50 shares", "IBM", "buy", "50"),
        ("buy IBM 50", "IBM", "buy", "50"),
        ("Sell 20 google", "GOOG", "sell", "20"),
        ("buy a dozen shares of Apple", "AAPL", "buy", "12"),
        ("buy 1,500 shares of MSFT", "MSFT", "buy", "1500"),
        ("buy 1.5 shares of IBM", "IBM", "buy", "1.5"),
        ("buy 5 thousand IBM", "IBM", "buy", "5000"),
        ("buy 1.5 million shares of IBM", "IBM", "buy", "1500000"),
        ("buy 3 dozen shares of IBM", "IBM", "buy", "36"),
        ("sell my 50 IBM", "IBM", "sell", "50"),
        ("sell some of my IBM", "IBM", "sell", None),
        ("sell two thirds of my IBM", "IBM", "sell", None),
        ("buy 50 shares of IBM using the 2 % rule", "IBM", "buy", "50"),
        ("buy the IBM 200 day breakout", "IBM", "buy", None),
        ("Tell me if I should buy 50 IBM", "IBM", "buy", "50"),
        ("buy 50 shares of International Business Machines", "IBM", "buy", "50"),
        ("Should I buy 50 shares of XYZQ?", "XYZQ", "buy", "50"),
        ("buy 50 shares of tesla", "TESLA", "buy", "50"),
        ("Should I buy IBM?", "IBM", "buy", None),
    ],
)
def test_an_order_is_read_as_said(said: str, symbol: str, side: str, quantity: str | None) -> None:
    found = parse(said, KNOWN)
    assert (found.kind, found.symbol, found.side, found.quantity) == (
        Kind.TRADE,
        symbol,
        side,
        quantity,
    )


@pytest.mark.parametrize(
    ("said", "limit", "force"),
    [
        ("buy 10 IBM at 200", "200", "day"),
        ("buy 10 shares of IBM at a limit of 200.50 gtc", "200.50", "gtc"),
        ("buy 10 IBM @ 199.99", "199.99", "day"),
        ("buy 10 IBM at market", None, "day"),
    ],
)
def test_a_limit_is_read_as_said(said: str, limit: str | None, force: str) -> None:
    found = parse(said, KNOWN)
    assert (found.terms.limit_price, found.terms.time_in_force) == (limit, force)


@pytest.mark.parametrize(
    ("said", "terms"),
    [
        ("sell 10 IBM stop 190", {"stop_price": "190"}),
        ("buy 50 IBM stop at $220", {"stop_price": "220"}),
        ("sell 10 IBM stop 190 limit 188 gtc", {"stop_price": "190", "limit_price": "188"}),
        ("sell all my IBM stop 190", {"stop_price": "190"}),
        ("sell 10 IBM trailing stop of 5%", {"trail_percent": "5"}),
        ("sell 10 IBM with a trailing stop of 3", {"trail_price": "3"}),
        (
            "buy 10 IBM at 200, take profit 220, stop loss 190",
            {"limit_price": "200", "take_profit": "220", "stop_loss": "190", "group": "bracket"},
        ),
        (
            "buy 10 IBM stop loss 190 limit 189",
            {"stop_loss": "190", "stop_loss_limit": "189", "group": "bracket"},
        ),
        (
            "sell 50 IBM take profit at 220 and stop loss at 190",
            {"take_profit": "220", "stop_loss": "190", "group": "oco"},
        ),
        (
            "short 10 IBM take profit 150 stop loss 220",
            {"take_profit": "150", "stop_loss": "220", "group": "bracket"},
        ),
        ("buy 10 IBM limit 200 extended hours", {"limit_price": "200", "extended_hours": True}),
    ],
)
def test_stops_and_exits_are_read_as_said(said: str, terms: dict[str, object]) -> None:
    found = parse(said, KNOWN).terms.arguments()
    found.pop("time_in_force")
    assert found == terms


@pytest.mark.parametrize(
    ("said", "force"),
    [("buy 10 IBM at 200 ioc", "ioc"), ("buy 10 IBM fill or kill at 200", "fok")],
)
def test_how_long_it_lasts_is_read_as_said(said: str, force: str) -> None:
    assert parse(said, KNOWN).terms.time_in_force == force


def test_an_order_is_changed_by_its_id_and_named_figures() -> None:
    found = parse("change order abc2def3gh to 20 shares limit 195", KNOWN)
    assert (found.kind, found.change, found.order_id) == (Kind.ORDER, True, "abc2def3gh")
    assert (found.quantity, found.terms.limit_price) == ("20", "195")
    with pytest.raises(InputError, match="no clear place"):
        parse("change order abc2def3gh limit 195, 20", KNOWN)
    with pytest.raises(InputError, match="what the order is to become"):
        parse("change order abc2def3gh", KNOWN)


@pytest.mark.parametrize(
    ("said", "portion"),
    [("sell all my IBM", "1"), ("sell half of my IBM", "0.5"), ("sell 12.5% of my IBM", "0.125")],
)
def test_a_part_of_a_holding_is_read_as_said(said: str, portion: str) -> None:
    assert parse(said, KNOWN).portion == portion


def test_an_amount_of_money_is_not_a_number_of_shares() -> None:
    found = parse("Buy $5,000 of MSFT", KNOWN)
    assert (found.value, found.quantity) == ("5000", None)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("How is AAPL doing?", Kind.ANALYSE),
        ("Is it a good time to buy or sell IBM?", Kind.ANALYSE),
        ("What is in my portfolio?", Kind.PORTFOLIO),
        ("What does an RSI above 70 mean?", Kind.KNOWLEDGE),
        ("What is a limit order?", Kind.KNOWLEDGE),
        ("how do I buy a stock?", Kind.KNOWLEDGE),
        ("asdf qwer", Kind.KNOWLEDGE),
        ("Don't buy 50 shares of IBM", Kind.ANALYSE),
        ("Why did funds dump IBM?", Kind.ANALYSE),
        ("should I not sell 5 IBM", Kind.ANALYSE),
        ("how much cash do I have?", Kind.PORTFOLIO),
        ("order immediately for 5 shares", Kind.KNOWLEDGE),
        ("cancel order abc2def3gh", Kind.ORDER),
    ],
)
def test_other_questions_are_told_apart(said: str, kind: Kind) -> None:
    assert parse(said, KNOWN).kind is kind


@pytest.mark.parametrize(
    "said",
    [
        "",
        "   \n ",
        "x" * 2001,
        "buy 0 shares of IBM",
        "buy -5 IBM",
        "sell minus five IBM",
        "buy NaN shares of IBM",
        "buy inf shares of IBM",
        "buy 99999999999999 shares of IBM",
        "buy 1e400 shares of IBM",
        "buy 50 IBM and 20 AAPL",
        "buy 100",
        "buy 50k IBM",
        "buy 50 IBM at 12.5% below market",
        "buy 50 IBM at 9:30",
        "buy 10 IBM at 3% risk",
        "sell IBM for $500",
        "sell 150% of my IBM",
        "buy 1 000 IBM",
        "buy 1/2 share of IBM",
        "buy 1,5 shares of IBM",
        "buy 5 IBM limit $1,90",
        "buy 10 to 20 shares of IBM",
        "buy 50 MSFT below 20",
        "buy 5 IBM at 200 and stop at 190",
        "buy 5 IBM at 200 gtc ioc",
        "sell 5 IBM oco at 200 take profit 220 stop loss 190",
        "sell 5 IBM at 200 take profit 220 stop loss 190",
        "buy 5 IBM oco",
        "buy 5 IBM trailing stop 5% limit 190",
        "if IBM drops buy 50 shares",
        "buy 50 call options on IBM",
        "buy IBM 2013-03-01",
        "sell 1/2 of my IBM",
        "buy 50 IBM at 3pm",
        "cancel the order to buy 50 shares of IBM",
        "buy €5000 of MSFT",
        "buy 50 IBM, sell 20 AAPL at 5",
        "What was IBM's price on 2012-06-01?",
    ],
)
def test_what_cannot_be_an_order_is_refused_with_a_sentence(said: str) -> None:
    with pytest.raises(InputError) as refused:
        parse(said, KNOWN)
    assert len(str(refused.value)) > 20


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_and_never_crashes(said: str) -> None:
    try:
        found = parse(said, KNOWN)
    except InputError:
        return
    assert found.kind in Kind


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("two hundred and five", "205"),
        ("three thousand one hundred", "3100"),
        ("twenty-five", "25"),
        ("someone often weights", "someone often weights"),
    ],
)
def test_spoken_numbers_become_digits(said: str, digits: str) -> None:
    assert digits_for_words(said) == digits
