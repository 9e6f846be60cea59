"""Money in several currencies, beside the same by plain arithmetic on the fills."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.backtest.currencies.world import FREE, World, last_close, world
from tests.backtest.past import over, ran, written
from tools.backtest.costs import Costs
from tools.backtest.request import Request

D = Decimal
TRADES = """
for symbol in context.fresh:
    closes = context.closes(symbol, 3)
    context.target(symbol, 0.45 if closes[-1] > closes[0] else -0.2, 0.02)
"""
WAYS = {
    "direct": {"EURUSD": 1.2},
    "inverted": {"USDEUR": 0.8},
    "through a third": {"EURUSD": 1.2, "EURGBP": 0.85},
}


def worth_of_sap(past: World, at: datetime) -> Decimal:
    """One unit of SAP's currency in dollars, from the raw bars."""

    def close(symbol: str) -> Decimal | None:
        return last_close(past.bars[symbol], at) if symbol in past.bars else None

    if past.money["SAP"] == "GBP":
        return close("EUR/USD") / close("EUR/GBP")
    return close("EUR/USD") or 1 / close("USD/EUR")


def played(tmp_path_factory, past, body=TRADES, **more):
    path = written(tmp_path_factory.mktemp("own"), body)
    return ran(past, path, ("IBM", "SAP"), **({"costs": Costs(borrow=0.0)} | more))


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), start=st.floats(0.2, 5.0))
def test_equity_is_cash_and_holdings_of_each_currency_at_its_rate(tmp_path_factory, seed, start):
    past = world(40, seed, EURUSD=start)
    run = played(tmp_path_factory, past)
    assert len({fill["symbol"] for fill in run["fills"]}) == 2, "it proves nothing"
    assert_adds_up(run, past)


def assert_adds_up(run, past) -> None:
    curve, theirs = run["curve"], past.money["SAP"]
    for place, text in enumerate(curve["at"][1:], 1):
        at = datetime.fromisoformat(text)
        rates = {"USD": D(1), theirs: worth_of_sap(past, at)}
        cash, held = {"USD": D(100_000), theirs: D(0)}, {"IBM": D(0), "SAP": D(0)}
        for fill in run["fills"]:
            if datetime.fromisoformat(fill["at"]) <= at:
                sign = 1 if fill["side"] == "buy" else -1
                money = theirs if fill["symbol"] == "SAP" else "USD"
                assert fill["currency"] == money
                cash[money] -= sign * D(fill["quantity"]) * D(fill["price"])
                cash[money] -= D(fill["commission"])
                held[fill["symbol"]] += sign * D(fill["quantity"])
        value = sum(cash[money] * rates[money] for money in cash)
        value += held["IBM"] * last_close(past.bars["IBM"], at)
        value += held["SAP"] * last_close(past.bars["SAP"], at) * rates[theirs]
        assert abs(D(str(curve["equity"][place])) - value) <= D("0.01")
        for money, left in cash.items():
            assert abs(D(str(curve[f"cash {money}"][place])) - left) <= D("0.01")
            assert curve[f"rate {money}"][place] == pytest.approx(float(rates[money]), abs=1e-11)


@pytest.mark.parametrize("way", WAYS)
def test_a_pair_may_be_direct_inverted_or_through_a_third(tmp_path_factory, way):
    past = world(60, 5, **WAYS[way])
    past.money["SAP"] = "GBP" if "EURGBP" in WAYS[way] else "EUR"
    run = played(tmp_path_factory, past)
    named = [f"{name[:3]}/{name[3:]}" for name in WAYS[way]]
    assert sorted(run["currencies"][past.money["SAP"]]["pairs"]) == sorted(named)
    assert_adds_up(run, past)


def test_the_account_may_be_in_any_currency_that_has_rates(tmp_path_factory):
    past = world(60, 5)
    run = played(tmp_path_factory, past, currency="EUR")
    curve, record = run["curve"], run["record"]
    assert record["currency"] == "EUR"
    assert curve["cash EUR"][0] == 100_000.0 == curve["equity"][0]
    for place, text in enumerate(curve["at"][1:], 1):
        rate = 1 / float(worth_of_sap(past, datetime.fromisoformat(text)))
        books = [curve[f"{what} {money}"][place] for money in ("EUR", "USD")
                 for what in ("cash", "held")]  # fmt: skip
        assert curve["equity"][place] == pytest.approx(
            books[0] + books[1] + rate * (books[2] + books[3]), abs=0.01
        )


def test_a_weight_in_another_currency_is_of_the_whole_account(tmp_path_factory):
    body = "if context.bars('SAP') == 5: context.target('SAP', 0.5)"
    past = world(30, 3, EURUSD=4.0)
    run = played(tmp_path_factory, past, body, costs=Costs(**FREE))
    at = datetime.fromisoformat(run["curve"]["at"][5])
    [fill] = run["fills"]
    price = last_close(past.bars["SAP"], at) * worth_of_sap(past, at)
    assert D(fill["quantity"]) == 50_000 // price
    assert run["curve"]["held EUR"][7] > 0


def test_what_a_strategy_is_told_is_in_the_account_s_money(tmp_path):
    past = world(20, 3, EURUSD=2.0)
    body = """
if context.bars("SAP") == 3:
    context.order("SAP", 100)
if context.bars("SAP") == 6:
    value = 100 * context.close("SAP") * context.rate("SAP")
    assert abs(context.weight("SAP") - value / context.equity) < 1e-12
    assert context.rate("IBM") == 1.0
    raise ValueError(f"{context.cash:.2f} {context.equity - value:.2f} {context.rate('SAP'):.6f}")
"""
    path = written(tmp_path, body)
    with pytest.raises(Exception, match="ValueError") as caught:
        ran(past, path, ("IBM", "SAP"), costs=Costs(**FREE))
    cash, less, rate = str(caught.value).split("ValueError: ")[1].split()
    at = past.bars["SAP"][5].known_at
    # The venue's fill is at the open of the fourth bar: the third's close.
    owed = 100 * past.bars["SAP"][3].open * worth_of_sap(past, at)
    assert cash == less
    assert float(cash) == pytest.approx(100_000 - float(owed), abs=0.01)
    assert float(rate) == pytest.approx(float(worth_of_sap(past, at)), abs=1e-6)


def test_the_gate_reckons_in_the_account_s_currency(tmp_path_factory):
    body = "if context.bars('SAP') == 5: context.order('SAP', 3000)"
    cheap = played(tmp_path_factory, world(30, 3, EURUSD=0.1), body)
    dear = played(tmp_path_factory, world(30, 3, EURUSD=4.0), body)
    assert [fill["quantity"] for fill in cheap["fills"]] == ["3000"]
    assert dear["orders"] == {"denied": 1}
    assert "USD" in dear["refusals"][0]["reasons"][0][1]


def test_trades_say_their_own_money_and_the_account_s_at_the_rate_of_their_end(tmp_path_factory):
    body = """
if context.bars("SAP") in (5, 15):
    context.order("SAP", 100 if context.bars("SAP") == 5 else -100)
"""
    past = world(30, 3)
    run = played(tmp_path_factory, past, body)
    [trade] = run["trades"]
    bought, sold = run["fills"]
    own = 100 * (D(sold["price"]) - D(bought["price"]))
    own -= D(bought["commission"]) + D(sold["commission"])
    assert trade["currency"] == "EUR"
    assert D(trade["own_profit"]) == round(own, 2)
    rate = worth_of_sap(past, datetime.fromisoformat(trade["closed"]))
    assert abs(D(trade["profit"]) - own * rate) <= D("0.01")
    paid = sum(D(f["commission"]) * D(f["rate"]) for f in run["fills"])
    assert D(run["costs"]["commission"]) == round(paid, 2)


def test_what_rates_did_and_what_prices_did_are_the_whole_profit(tmp_path_factory):
    run = played(tmp_path_factory, world(100, 8))
    curve = run["curve"]
    books = {m: [a + b for a, b in zip(curve[f"cash {m}"], curve[f"held {m}"], strict=True)]
             for m in ("USD", "EUR")}  # fmt: skip
    rate = [1.0, *curve["rate EUR"][1:]]
    by_price = books["USD"][-1] - 100_000 + sum(
        r * (now - before) for r, now, before in zip(rate[1:], books["EUR"][1:], books["EUR"],
                                                     strict=False)
    )  # fmt: skip
    whole = curve["equity"][-1] - 100_000
    assert run["currencies"]["EUR"]["by_rate"] == pytest.approx(whole - by_price, abs=0.02)
    assert run["currencies"]["EUR"]["by_rate"] != 0


def test_buy_and_hold_owes_what_it_bought_in_its_own_currency():
    past = world(40, 4)
    run = (
        over(past)
        .run(Request("dual_moving_average", ("SAP",), costs=Costs(**FREE), currency="USD"))
        .document
    )
    bars = past.bars["SAP"]
    shares = 100_000 / (bars[1].open * worth_of_sap(past, bars[0].known_at))
    for place, bar in enumerate(bars[1:], 2):
        gained = shares * (bar.close - bars[1].open) * worth_of_sap(past, bar.known_at)
        assert run["curve"]["buy and hold"][place] == pytest.approx(100_000 + float(gained))


def test_one_currency_is_told_as_it_always_was(tmp_path):
    past = world(60, 5)
    path = written(tmp_path, TRADES)
    plain, asked = (ran(past, path, ("IBM",), currency=money) for money in ("", "USD"))
    assert plain == asked
    assert "currencies" not in plain
    assert set(plain["curve"]) == {
        "at", "equity", "invested", "net", "buy and hold", "equal weight"
    }  # fmt: skip
    assert ran(past, path, ("SAP",))["record"]["currency"] == "EUR"


def test_the_same_record_gives_the_same_and_another_currency_another(tmp_path):
    past = world(60, 5)
    path = written(tmp_path, TRADES)
    first, again, other = (
        ran(past, path, ("IBM", "SAP"), currency=money) for money in ("", "USD", "EUR")
    )
    assert first == again
    assert first["record"]["feeds"] == {"IBM": "fake", "SAP": "fake", "EUR/USD": "fake"}
    assert first["id"] != other["id"]
    past.bars["EUR/USD"][20:] = [
        type(b)(b.symbol, b.session, b.event_time, b.known_at, *(4 * [b.close + 1]), b.volume)
        for b in past.bars["EUR/USD"][20:]
    ]
    assert ran(past, path, ("IBM", "SAP"))["record"]["data"] != first["record"]["data"]
