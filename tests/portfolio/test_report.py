"""What a person and a tool are shown of an account."""

import json
from decimal import Decimal
from types import SimpleNamespace

import pytest

from app.cli import portfolio as command
from tests.portfolio.movements import DAWN, buy, paid, sell
from tools.catalog.account import account_report
from tools.portfolio.accounting import Account
from tools.portfolio.snapshot import picture

D = Decimal
ROWS = [sell(10, 100, commission=2), buy(10, 50, "SAP")]
ENTRIES = [paid(-5), paid("-0.40", "borrow_fee", key="b"), paid(300, "deposit", "", key="d")]
KNOWN = {"IBM": 90, "SAP": 60, "EUR/USD": D("1.25")}


def desk(known):
    """A desk whose account stood at its opening when the day began."""
    marks = {name: (D(price), DAWN) for name, price in known.items()}

    def seen(at=None):
        now = ([], []) if at is not None else (ROWS, ENTRIES)
        start = Account("USD", D(10_000))
        return picture("paper", DAWN, start, now[0], marks.get, entries=now[1])

    return SimpleNamespace(
        proposals=SimpleNamespace(snapshot=seen),
        limits=SimpleNamespace(maintenance_margin=D("0.25")),
    )


@pytest.fixture
def shown(monkeypatch, capsys):
    def run(known, **options):
        house = SimpleNamespace(
            desk=desk(known), broker=SimpleNamespace(real_money=False, name="paper"), clock=None
        )
        monkeypatch.setattr(command, "open_house", lambda: house)
        command.portfolio(**options)
        return capsys.readouterr().out

    return run


def test_every_earlier_name_is_still_there_and_the_new_figures_beside_them():
    says = account_report(desk(KNOWN))
    earlier = {
        "account", "at", "currency", "cash", "reserved", "fees", "equity", "positions",
        "open_orders",
    }  # fmt: skip
    assert earlier <= says.keys()
    assert {
        "symbol", "quantity", "average_cost", "mark", "marked_at", "value", "unrealised",
        "realised", "weight",
    } <= says["positions"][0].keys()  # fmt: skip
    # Cash: 10,000 + 1,000 - 2 - 5 - 0.40 + 300, less 500 euro; then 10 short IBM, 10 SAP.
    assert (says["cash"], says["equity"]) == ("10667.60", "10517.60")
    assert (says["unrealised"], says["realised"], says["fees"]) == ("225.00", "0.00", "2.00")
    assert (says["dividends"], says["borrow"], says["deposits"]) == ("-5.00", "-0.40", "300.00")
    assert (says["long_value"], says["short_value"]) == ("750.00", "-900.00")
    assert (says["margin_used"], says["day_profit"]) == ("1650.00", "217.60")
    assert [(b["currency"], b["cash"], b["rate"]) for b in says["balances"]] == [
        ("EUR", "-500.00", "1.25"),
        ("USD", "11292.60", "1"),
    ]
    short, long = says["positions"]
    assert (short["side"], short["quantity"], short["cost"]) == ("short", "-10", "-1000.00")
    assert (long["side"], long["currency"], long["value"]) == ("long", "EUR", "750.00")


def test_a_person_sees_shorts_currencies_and_costs(shown):
    said = shown(KNOWN)
    for words in (
        "to be bought back: 10 IBM.",
        "SAP",
        "EUR",
        "One EUR is 1.25 USD.",
        "-0.40",
        "no real money",
    ):
        assert words in said
    assert "Profit today 217.60 (since 00:00 UTC)" in said


def test_what_is_missing_is_named_and_nothing_is_guessed(shown):
    said = shown({"IBM": 90})
    assert "equity unknown" in said
    assert "There is no exchange rate of EUR to USD." in said
    assert "There is no price of SAP." in said
    assert json.loads(shown({"IBM": 90}, json_=True))["equity"] is None
