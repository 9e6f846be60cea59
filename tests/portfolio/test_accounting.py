"""Cash and positions are conserved through any sequence of movements, to the last digit."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.portfolio.movements import (
    DAWN,
    LISTED,
    Oracle,
    buy,
    drift,
    fill,
    lives,
    paid,
    sell,
    split_of,
)
from tools.domain.actions import CashKind, Split
from tools.domain.errors import InputError
from tools.domain.order import Fill, Side
from tools.portfolio.accounting import Account, Books, after, fold
from tools.portfolio.costing import sold_by_split

D = Decimal
START = Account("USD", D(100_000))

fills = st.builds(
    fill,
    st.sampled_from(Side),
    st.decimals("0.001", 10_000, places=3),
    st.decimals(0, 5000, places=4),
    symbol=st.sampled_from(["IBM", "MSFT", "AAPL"]),
    commission=st.decimals(0, 50, places=2),
)
runs = st.lists(fills, max_size=30)


def holding(*rows):
    return fold(START, rows).holdings["IBM"]


@pytest.mark.parametrize(
    ("rows", "quantity", "average", "realised"),
    [
        ([buy(10, 100), buy(10, 110)], 20, 105, 0),
        ([buy(10, 100), buy(10, 110), sell(5, 125)], 15, 105, 100),
        ([buy(10, 100), sell(10, 90)], 0, 0, -100),
        ([sell(10, 100), buy(4, 90)], -6, 100, 40),
        ([buy(10, 100), sell(15, 120)], -5, 120, 200),
        ([sell(10, 100), buy(15, 120)], 5, 120, -200),
        ([buy(3, 100), buy(1, 101), sell(1, 100)], 3, "100.25", "-0.25"),
    ],
)
def test_known_sequences(rows, quantity, average, realised):
    held = holding(*rows)
    assert (held.quantity, held.average_cost, held.realised) == (
        D(quantity), D(average), D(realised),
    )  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(runs)
def test_cash_and_cost_are_conserved_exactly(rows):
    account = fold(START, rows)
    cost = sum((Fraction(h.cost) for h in account.holdings.values()), Fraction(0))
    realised = sum((Fraction(h.realised) for h in account.holdings.values()), Fraction(0))
    whole = Fraction(account.cash) + cost - realised + Fraction(account.fees)
    assert whole == Fraction(START.cash)


@settings(max_examples=300, deadline=None)
@given(lives())
def test_every_currency_is_conserved_through_any_life_of_an_account(rows):
    account = fold(START, rows)
    for currency in {"USD", "EUR", "USDT", "GBP", *account.balances}:
        assert drift(account, currency) == 0
        mine = [h for h in account.holdings.values() if h.currency == currency]
        assert account.balance(currency).realised == sum((h.realised for h in mine), D(0))


@settings(max_examples=300, deadline=None)
@given(lives())
def test_it_agrees_with_an_oracle_that_never_rounds(rows):
    account, oracle = fold(START, rows), Oracle({"USD": Fraction(100_000)}).take(rows)
    for currency, row in account.balances.items():
        assert Fraction(row.cash) == oracle.cash[currency]
        assert Fraction(row.fees) == oracle.fees.get(currency, 0)
        assert sum(map(Fraction, row.entries.values()), Fraction(0)) == oracle.entries.get(
            currency, 0
        )
    assert account.holdings.keys() == oracle.held.keys()
    for symbol, held in account.holdings.items():
        mine = oracle.held[symbol]
        assert Fraction(held.quantity) == mine.quantity
        # Shares of a cost are kept to 1e-12, and each closing may add as much again.
        assert abs(Fraction(held.cost) - mine.cost) < Fraction(1, 10**8)
        assert abs(Fraction(held.realised) - mine.realised) < Fraction(1, 10**8)


@settings(max_examples=150, deadline=None)
@given(runs)
def test_quantities_and_cash_are_the_plain_sums(rows):
    account = fold(START, rows)
    for symbol, held in account.holdings.items():
        assert held.quantity == sum(f.quantity * f.side.sign for f in rows if f.symbol == symbol)
        assert (held.quantity == 0) <= (held.cost == 0)
        assert held.quantity * held.cost >= 0
    assert account.cash == START.cash - sum(
        f.quantity * f.side.sign * f.price + f.commission for f in rows
    )


@settings(max_examples=150, deadline=None)
@given(runs)
def test_a_closed_position_has_all_its_profit_realised(rows):
    account = fold(START, rows)
    closing = [
        fill(Side.SELL if h.quantity > 0 else Side.BUY, abs(h.quantity), "7", symbol=symbol)
        for symbol, h in account.holdings.items()
        if h.quantity
    ]
    flat = fold(account, closing)
    assert all(h.quantity == h.cost == 0 for h in flat.holdings.values())
    realised = sum((h.realised for h in flat.holdings.values()), D(0))
    assert flat.cash == START.cash + realised - flat.fees


@settings(max_examples=100, deadline=None)
@given(runs)
def test_the_order_of_independent_symbols_does_not_matter(rows):
    apart = sorted(rows, key=lambda f: f.symbol)  # stable: each symbol keeps its own order
    assert fold(START, apart) == fold(START, rows)


@settings(max_examples=150, deadline=None)
@given(lives(), st.randoms(use_true_random=False))
def test_symbols_of_any_currency_may_come_in_any_order(rows, chance):
    apart, waiting = [], {s: [r for r in rows if r.symbol == s] for s in ("", *LISTED)}
    while any(waiting.values()):
        symbol = chance.choice([s for s, mine in waiting.items() if mine])
        apart.append(waiting[symbol].pop(0))
    assert fold(START, apart) == fold(START, rows)


@settings(max_examples=150, deadline=None)
@given(lives(), st.integers(0, 25), st.integers(0, 25))
def test_folding_in_pieces_is_folding_at_once(rows, a, b):
    first, second = sorted((a, b))
    pieces = fold(fold(fold(START, rows[:first]), rows[first:second]), rows[second:])
    single = START
    for row in rows:
        single = after(single, row)
    assert fold(START, rows) == pieces == single


def test_an_account_that_was_published_never_changes():
    books = Books(START)
    books.book([buy(10, 100), paid(3)])
    before = books.account
    kept = replace(before)
    books.book([sell(4, 120), paid(9, key="f")])
    assert before == kept
    assert before is not books.account
    assert books.account is books.account


def test_the_same_entry_told_twice_is_booked_once_also_in_another_piece():
    rows = [buy(10, 100), paid(3), Split("s", "IBM", D(2), DAWN, D(10), "test")]
    once = fold(START, rows)
    assert fold(START, [*rows, *rows[1:], *rows[1:]]) == once
    assert fold(once, rows[1:]) == once


def test_a_busted_execution_leaves_no_trace():
    kept = [buy(10, 100, n=1), sell(5, 120, n=3)]
    assert fold(START, [kept[0], kept[1]]) == fold(
        START, [row for row in [kept[0], buy(7, 90, n=2), kept[1]] if row.execution_id != "x2"]
    )


def test_a_split_keeps_cost_and_cash_and_changes_the_shares():
    account = fold(START, [buy(10, 100), split_of(D(10), D(2))])
    held = account.holdings["IBM"]
    assert (held.quantity, held.cost, held.average_cost, held.realised) == (20, 1000, 50, 0)
    assert account.cash == 99_000


def test_a_short_is_split_as_well():
    held = holding(sell(10, 100), split_of(D(-10), D(3)))
    assert (held.quantity, held.cost) == (-30, -1000)
    assert held.average_cost == D("33.333333333333")


def test_the_part_of_a_share_that_is_paid_in_cash_is_sold():
    account = fold(
        START, [buy(5, 100), split_of(D(5), D("1.5")), paid("33.50", CashKind.CASH_IN_LIEU)]
    )
    held = account.holdings["IBM"]
    # 7.5 shares cost 500, half a share of it 33.33…, for which 33.50 was paid.
    assert held.quantity == 7
    assert held.cost == D("466.666666666667")
    assert held.realised == D("0.166666666667")
    assert account.balance("USD").entries == {}


def test_a_split_that_is_rounded_up_sells_nothing():
    held = holding(buy(5, 100), Split("s", "IBM", D("1.5"), DAWN, D(3), "test"))
    assert (held.quantity, held.cost, held.realised) == (8, 500, 0)


@pytest.mark.parametrize("change", ["100", "199", "201", "300"])
def test_a_split_that_is_whole_shares_off_sells_none_of_them(change):
    # The venue holds another number than we were told of: a gap for the reconciliation.
    held = holding(buy(200, 10), Split("s", "IBM", D(2), DAWN, D(change), "test"))
    assert (held.quantity, held.cost, held.realised) == (200 + D(change), 2000, 0)


def test_a_reverse_split_that_leaves_nothing_realises_all_of_the_cost():
    rows = [buy(3, 100), split_of(D(3), D("0.1")), paid("310", CashKind.CASH_IN_LIEU)]
    assert holding(*rows).quantity == holding(*rows).cost == 0
    assert holding(*rows).realised == 10


def test_dividends_on_shorts_and_borrow_fees_lower_the_cash_and_no_cost():
    rows = [sell(10, 100), paid(-5), paid("-0.25", CashKind.BORROW_FEE, key="b")]
    account = fold(START, rows)
    assert account.cash == 100_000 + 1000 - 5 - D("0.25")
    assert account.holdings["IBM"].cost == -1000
    assert account.holdings["IBM"].entries == {"dividend": -5, "borrow_fee": D("-0.25")}


def test_a_contract_moves_its_multiple():
    account = fold(START, [buy(2, "3.50", "IBM200117C00100000")])
    held = account.holdings["IBM200117C00100000"]
    assert account.cash == 100_000 - 700
    assert (held.cost, held.average_cost, held.multiplier) == (700, D("3.5"), 100)


def test_a_foreign_purchase_owes_its_own_currency():
    account = fold(START, [buy(10, 50, "SAP", commission=2)])
    assert account.cash == 100_000
    assert account.balance("EUR").cash == -502
    assert account.balance("EUR").fees == 2
    assert account.fees == 0


def test_what_cannot_be_booked_is_refused_and_leaves_the_account_as_it_was():
    odd = [replace(buy(1, 1), currency=""), buy(0, 1), buy(-1, 1), buy(1, -1)]
    odd += [buy(1, 1, commission="NaN"), buy("NaN", 1), buy(1, "sNaN"), buy("Infinity", 1)]
    odd += [replace(buy(1, 1), multiplier=D(0)), buy(1, "1e-70"), buy("1e80", "1.1")]
    odd += [paid("NaN"), paid("Infinity"), paid(1, currency="")]
    odd += [
        replace(split_of(D(10), D(2)), ratio=D(0)),
        replace(split_of(D(1), D(2)), change=D("NaN")),
    ]
    odd += [buy(1, 1, currency="EUR"), replace(buy(1, 1), multiplier=D(100))]
    held = fold(START, [buy(10, 100)])
    for row in odd:
        books = Books(held)
        with pytest.raises(InputError):
            books.book([row])
        assert books.account == held, row


def test_the_refusal_names_the_fill_and_what_to_do():
    with pytest.raises(InputError, match="x7 of IBM has figures that can't be booked exactly"):
        after(START, buy("NaN", 1, n=7))
    with pytest.raises(InputError, match="Correct the listing of IBM"):
        fold(START, [buy(1, 1), buy(1, 1, currency="EUR")])


def test_old_fills_are_of_one_unit_a_contract():
    assert Fill("x", "o", "IBM", Side.BUY, D(1), D(1), D(0), "USD", DAWN, "test").multiplier == 1


def test_the_cost_that_a_reverse_split_leaves_is_right_to_a_hundred_millionth():
    ratio = D("0.3333333333333333333333333333")
    sold = sold_by_split(D("38.865"), D("3497850"), D("11.999"), ratio)
    assert abs(Fraction(sold) - Fraction(3497850) * Fraction(956, 12955)) < Fraction(1, 10**8)


def test_a_split_by_three_and_back_moves_no_cost():
    third = D("0.3333333333333333333333333333")
    assert sold_by_split(D(10**9), D(1), D("333333333.333333333333333333"), third) == 0
    assert sold_by_split(D(30), D(900), D(10), third) == 0
