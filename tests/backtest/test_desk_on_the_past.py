"""A run goes through the desk, the gate and the paper venue, and never ahead of time."""

from decimal import Decimal

import pytest

from tests.backtest.past import D, bars_of, market, ran, walk, written
from tests.doubles import FakeMarket
from tools.backtest.costs import Costs
from tools.domain.actions import Dividend, StockSplit


def fills_of(run):
    return [
        (f["at"][:10], f["side"], D(f["quantity"]), D(f["price"]), D(f["commission"]))
        for f in run["fills"]
    ]


UP, DOWN = "round(context.close('IBM') * 1.03, 2)", "round(context.close('IBM') * 0.97, 2)"
ONCE = "if context.bars('IBM') == 3:\n    context.order('IBM', {0})"


def test_what_is_decided_on_a_close_is_filled_at_the_next_open_with_slippage(tmp_path):
    past = market(10)
    run = ran(past, written(tmp_path, ONCE.format("100")))
    decided, following = past.bars["IBM"][2:4]
    [(day, side, quantity, price, commission)] = fills_of(run)
    assert (day, side, quantity) == (str(following.session), "buy", 100)
    assert day > str(decided.session)
    assert following.open < price < following.open * D("1.002")
    assert commission == 1


def test_no_order_is_ever_filled_by_the_bar_it_was_decided_on(tmp_path):
    past = market(60)
    body = "context.order('IBM', 5 if context.bars('IBM') % 2 else -5)"
    run = ran(past, written(tmp_path, body))
    assert len(run["fills"]) == 59
    days = [str(bar.session) for bar in past.bars["IBM"]]
    assert [fill["at"][:10] for fill in run["fills"]] == days[1:]


def test_a_latency_of_more_than_a_night_waits_for_a_later_bar(tmp_path):
    past = market(10)
    wish = "if context.bars('IBM') == 3:\n    context.order('IBM', 100, time='gtc')"
    run = ran(past, written(tmp_path, wish), costs=Costs(latency_s=86_400))
    [(day, *_)] = fills_of(run)
    assert day == str(past.bars["IBM"][4].session)


def test_the_curve_ends_where_the_desk_says_the_account_stands(tmp_path):
    body = "context.target('IBM', 0.5 if context.bars('IBM') % 7 else -0.3)"
    past = market(120)
    run = ran(past, written(tmp_path, body))
    cash = D(str(run["record"]["cash"]))
    held = D(0)
    for fill in run["fills"]:
        sign = 1 if fill["side"] == "buy" else -1
        cash -= sign * D(fill["quantity"]) * D(fill["price"]) + D(fill["commission"])
        held += sign * D(fill["quantity"])
    cash += D(run["costs"]["borrowing"])
    expected = cash + held * past.bars["IBM"][-1].close
    assert abs(Decimal(str(run["curve"]["equity"][-1])) - expected) < D("0.02")
    profits = sum(D(trade["profit"]) for trade in run["trades"])
    assert abs(D("100000") + profits + held * past.bars["IBM"][-1].close - expected) < D("1")


@pytest.mark.parametrize(
    ("terms", "how"),
    [
        ("limit=round(context.close('IBM') * 0.995, 2)", "at the limit or better"),
        ("stop=round(context.close('IBM') * 1.005, 2)", "once it is reached"),
        (f"stop=round(context.close('IBM') * 1.005, 2), limit={UP}", "both"),
        ("time='ioc'", "at once or not at all"),
        ("time='fok'", "whole or not at all"),
        (f"take_profit={UP}, stop_loss={DOWN}, time='gtc'", "a bracket"),
    ],
)
def test_every_kind_of_order_reaches_the_venue(tmp_path, terms, how):
    body = f"if context.bars('IBM') == 30:\n    context.order('IBM', 50, {terms})"
    run = ran(market(80), written(tmp_path, body))
    assert not run["refusals"], how
    assert run["fills"], how
    assert run["fills"][0]["side"] == "buy"
    if "take_profit" in terms:
        assert [fill["side"] for fill in run["fills"]] == ["buy", "sell"]


@pytest.mark.parametrize("terms", ["trail=2.5", "trail_fraction=0.03"])
def test_a_trailing_stop_sells_what_is_held(tmp_path, terms):
    body = (
        "if context.bars('IBM') == 30:\n    context.order('IBM', 50)\n"
        f"if context.bars('IBM') == 31:\n    context.order('IBM', -50, {terms}, time='gtc')"
    )
    run = ran(market(120), written(tmp_path, body))
    assert [fill["side"] for fill in run["fills"]] == ["buy", "sell"]


def test_an_oco_exits_once(tmp_path):
    body = (
        "price = context.close('IBM')\n"
        "if context.bars('IBM') == 30:\n    context.order('IBM', 50)\n"
        "if context.bars('IBM') == 31:\n"
        "    context.order('IBM', -50, limit=round(price * 1.03, 2),\n"
        "                  stop_loss=round(price * 0.97, 2), oco=True, time='gtc')"
    )
    run = ran(market(120), written(tmp_path, body))
    assert [(f["side"], f["quantity"]) for f in run["fills"]] == [("buy", "50"), ("sell", "50")]


def test_a_resting_order_is_seen_changed_and_canceled(tmp_path):
    body = (
        "n = context.bars('IBM')\n"
        "if n == 5:\n    context.order('IBM', 50, limit=80, time='gtc')\n"
        "if n == 8:\n    context.change(context.orders[0].id, limit=81)\n"
        "if n == 10:\n    assert context.orders[0].limit == 81, context.orders\n"
        "if n == 12:\n    context.cancel(context.orders[0].id)\n"
        "if n == 14:\n    assert not context.orders"
    )
    run = ran(market(20), written(tmp_path, body))
    assert run["orders"] == {"replaced": 1, "canceled": 1}


def test_more_than_a_bar_gives_is_filled_in_part(tmp_path):
    past = FakeMarket({"IBM": bars_of("IBM", walk(40), volume=50_000)})
    wish = written(tmp_path, "if context.bars('IBM') == 30:\n    context.order('IBM', 900)")
    run = ran(past, wish, costs=Costs(volume_share=0.01))
    [(_, _, quantity, _, _)] = fills_of(run)
    assert quantity == 500


def test_a_short_position_owes_the_lender_each_day(tmp_path):
    past = FakeMarket({"IBM": bars_of("IBM", [100.0] * 61)})
    run = ran(past, written(tmp_path, ONCE.format("-100")))
    paid = D(run["costs"]["borrowing"])
    days = (past.bars["IBM"][-1].session - past.bars["IBM"][3].session).days
    assert paid < 0
    assert abs(paid + D(100 * 100) * D("0.003") * days / 360) < D("0.30")


def test_a_split_changes_the_shares_and_not_the_equity(tmp_path):
    bars = bars_of("IBM", [100.0] * 20)
    for n in range(10, 20):
        bar = bars[n]
        bars[n] = type(bar)(
            bar.symbol, bar.session, bar.event_time, bar.known_at, bar.open / 2, bar.high / 2,
            bar.low / 2, bar.close / 2, bar.volume, bar.adjusted_close,
        )  # fmt: skip
    split = StockSplit("IBM", bars[10].event_time, D(2))
    past = FakeMarket({"IBM": bars})
    body = "if context.bars('IBM') == 3:\n    context.order('IBM', 100)\n"
    body += "if context.bars('IBM') == 15:\n    context.order('IBM', -context.position('IBM'))"
    run = ran(past, written(tmp_path, body), actions=[split])
    assert [f["quantity"] for f in run["fills"]] == ["100", "200"]
    equity = run["curve"]["equity"]
    assert abs(equity[11] - equity[10]) < 0.01
    assert run["benchmarks"]["buy and hold"]["total_return"] == pytest.approx(0, abs=1e-3)


def test_a_dividend_is_paid_to_who_holds_and_to_the_benchmark(tmp_path):
    past = FakeMarket({"IBM": bars_of("IBM", [100.0] * 20)})
    paid = Dividend("IBM", past.bars["IBM"][10].event_time, D("1.50"), "USD")
    run = ran(past, written(tmp_path, ONCE.format("100")), actions=[paid])
    assert run["costs"]["dividends"] == "150"
    assert run["benchmarks"]["buy and hold"]["total_return"] == pytest.approx(0.015, abs=5e-4)


def test_symbols_of_other_hours_are_shown_when_each_was_known(tmp_path):
    past = market(50, IBM=1, AAPL=2)
    del past.bars["AAPL"][20:25]
    body = (
        "days = {name: context.bars(name) for name in context.symbols}\n"
        "assert ('AAPL' in context.fresh) == (not 20 < days['IBM'] <= 25), days\n"
        "context.target('AAPL', 0.3)"
    )
    run = ran(past, written(tmp_path, body), ("IBM", "AAPL"))
    assert run["fills"]
    assert any(f["kind"] == "hole" and f["symbol"] == "AAPL" for f in run["findings"])


def test_the_policy_says_yes_and_the_record_says_so(tmp_path):
    run = ran(market(10), written(tmp_path, ONCE.format("100")), limits="cautious")
    assert run["orders"] == {"filled": 1}
    assert "no person was asked" in run["record"]["approvals"]
    assert run["record"]["limits"] == "cautious, unattended"


def test_the_limits_of_the_desk_hold_where_they_are_asked_for(tmp_path):
    run = ran(market(10), written(tmp_path, ONCE.format("900")), limits="cautious")
    assert run["orders"] == {"denied": 1}
    assert {code for code, _ in run["refusals"][0]["reasons"]} >= {"G14", "G17"}
    [refused] = [f for f in run["findings"] if f["kind"] == "no fills"]
    assert "Nothing was ever filled" in refused["sentence"]


def test_figures_come_with_the_benchmarks_beside_them(tmp_path):
    past = market(300)
    run = ran(past, written(tmp_path, "pass"))
    closes = [float(bar.close) for bar in past.bars["IBM"]]
    opened = float(past.bars["IBM"][1].open)
    held = run["benchmarks"]["buy and hold"]
    assert held["total_return"] == pytest.approx(closes[-1] / opened - 1, abs=1e-3)
    assert run["benchmarks"]["equal weight"]["sharpe"] == pytest.approx(held["sharpe"], abs=0.01)
    assert run["figures"]["sharpe"] is None


def test_bars_at_which_nothing_can_happen_need_no_visit_to_the_desk(tmp_path, monkeypatch):
    from tools.backtest.actions import KnownActions

    past = market(150)
    body = "context.target('IBM', (0, 0.4, -0.3)[context.bars('IBM') // 25 % 3], 0.1)"
    path = written(tmp_path, body)
    seldom = ran(past, path)
    moments = tuple(bar.known_at for bar in past.bars["IBM"])
    monkeypatch.setattr(KnownActions, "moments", lambda self: moments)
    always = ran(past, path)
    assert seldom["fills"]
    for part in ("fills", "trades", "curve", "costs", "figures"):
        assert seldom[part] == always[part]


def test_exposure_is_the_share_of_the_bars_and_of_nothing_before_them(tmp_path):
    run = ran(market(10), written(tmp_path, ONCE.format("100")))
    assert run["figures"]["exposure"] == 0.7
