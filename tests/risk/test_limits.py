"""Limits are data that a person reads: every mistake is named, nothing becomes a float."""

from dataclasses import fields, replace
from decimal import Decimal
from importlib.resources import files

import pytest

from tests.doubles import order
from tools.domain.errors import ConfigError
from tools.domain.instrument import AssetClass
from tools.risk.limits import KEYS, ApprovalPolicy, Limits, load_limits
from tools.risk.limits_values import stricter

CAUTIOUS = files("tools.risk").joinpath("limits_cautious.toml").read_text(encoding="utf-8")


def written(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_cautious_limits_are_exact_and_each_has_a_comment():
    limits = load_limits()
    assert limits.price_collar == Decimal("0.05")
    assert limits.approval is ApprovalPolicy.ALWAYS
    assert limits.max_short == 0
    assert not any(isinstance(getattr(limits, f.name), float) for f in fields(Limits))
    before = ""
    for line in BARE.splitlines():
        if " = " in line:
            kin = ("#", "duplicate", "max_", "fee", "messages", "message_", "maintenance")
            kin = (*kin, "min_", "order_to_fill", "cancels", "asset_classes", "principals")
            assert before.startswith((*kin, "execution", "builds", "live")), line
        before = line or before


def test_the_same_file_gives_the_same_hash_and_any_change_another(tmp_path):
    assert load_limits(written(tmp_path, CAUTIOUS)).hash == load_limits().hash
    hashes = {load_limits().hash}
    for key in KEYS:
        value = getattr(load_limits(), key)
        new = {
            Decimal: lambda v: v / 2 + Decimal("0.001"),
            int: lambda v: v + 1,
            bool: lambda v: not v,
            str: lambda v: v + "!",
            tuple: lambda v: (*v, "X"),
            ApprovalPolicy: lambda _: ApprovalPolicy.ABOVE_SOFT,
        }[type(value)](value)
        hashes.add(replace(load_limits(), **{key: new}).hash)
    assert len(hashes) == len(KEYS) + 1


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('price_collar = "0.05"', "price_collar = 0.05", 'in quotes, such as "0.05"'),
        ('price_collar = "0.05"', 'price_collar = "5%"', "price_collar"),
        ('price_collar = "0.05"', 'price_collar = "NaN"', "price_collar"),
        ('price_collar = "0.05"', 'price_collar = "-1"', "price_collar"),
        ('price_collar = "0.05"', 'price_colar = "0.05"', "price_colar is not a limit"),
        ('price_collar = "0.05"', "", "price_collar is missing"),
        ('duplicate_count = "3"', 'duplicate_count = "2.5"', "whole number"),
        ('duplicate_count = "3"', "duplicate_count = true", "whole number"),
        ('approval = "always"', 'approval = "never"', "above_soft"),
        ("restricted = []", 'restricted = "IBM"', "list of symbols"),
        ("restricted = []", "restricted = [", "not TOML"),
    ],
)
def test_each_mistake_names_the_file_the_key_and_what_to_write(tmp_path, old, new, says):
    assert old in CAUTIOUS
    with pytest.raises(ConfigError) as caught:
        load_limits(written(tmp_path, CAUTIOUS.replace(old, new)))
    assert says in str(caught.value)
    assert "mine.toml" in str(caught.value)


def test_no_file_and_no_text_are_config_errors(tmp_path):
    with pytest.raises(ConfigError):
        load_limits(tmp_path / "none.toml")
    (tmp_path / "odd.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError):
        load_limits(tmp_path / "odd.toml")


def test_symbols_are_tidied(tmp_path):
    text = CAUTIOUS.replace("restricted = []", 'restricted = [" ibm", "IBM", "aapl"]')
    assert load_limits(written(tmp_path, text)).restricted == ("AAPL", "IBM")


SCOPED = """
[class.crypto]
max_order_value = "30000"
price_collar = "0.02"
[symbol.ibm]
max_order_value = "7000"
[symbol."BTC/USD"]
price_collar = "0.08"
[account.paper]
max_order_value = "20000"
allowed = ["IBM", "BTC/USD"]
[strategy.slow]
max_order_value = "500"
min_order_value = "50"
principals = ["agent:*"]
[sectors]
ibm = "technology"
"""


# The values alone, so that a test can add tables of its own.
BARE = CAUTIOUS.partition("\n[sectors]\n")[0]


def scoped(tmp_path, text=SCOPED):
    return load_limits(written(tmp_path, BARE + text))


def test_a_symbol_wins_over_its_class_and_an_account_only_tightens(tmp_path):
    limits = scoped(tmp_path)
    coin = replace(order(symbol="BTC/USD"), asset_class=AssetClass.CRYPTO, account="other")
    assert limits.held_to(coin).max_order_value == 30_000
    assert limits.held_to(coin).price_collar == Decimal("0.08")
    assert limits.held_to(replace(coin, symbol="ETH/USD")).price_collar == Decimal("0.02")
    assert limits.held_to(replace(coin, account="paper")).max_order_value == 20_000
    assert limits.held_to(order()).max_order_value == 7_000
    assert limits.held_to(order(symbol="MSFT")).max_order_value == 20_000
    slow = limits.held_to(order(strategy="slow"))
    assert (slow.max_order_value, slow.min_order_value) == (500, 50)
    assert slow.principals == ("agent:*",)
    assert slow.allowed == ("BTC/USD", "IBM")
    assert limits.sector("IBM") == "technology"
    assert limits.held_to(replace(order(symbol="MSFT"), account="other")) is limits
    assert limits.held_to(order()) is limits.held_to(order())


def test_every_table_is_part_of_the_hash(tmp_path):
    whole = scoped(tmp_path).hash
    for line in ('max_order_value = "7000"', 'ibm = "technology"', "[strategy.slow]"):
        other = {'max_order_value = "7000"': 'max_order_value = "7001"',
                 'ibm = "technology"': 'ibm = "steel"',
                 "[strategy.slow]": "[strategy.fast]"}[line]  # fmt: skip
        assert scoped(tmp_path, SCOPED.replace(line, other)).hash != whole


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ('[account.a]\nmax_long = "10001"', "stricter"),
        ('[strategy.a]\nmin_order_value = "0.5"', "stricter"),
        ("[account.a]\nlive = true", "stricter"),
        ('[account.a]\nasset_classes = ["option"]', "stricter"),
        ("[account.a]\nflags = []", "stricter"),
        ('[account.a]\napproval = "above_soft"', "stricter"),
        ('[symbol.IBM]\nmax_lnog = "1"', "max_lnog is not a limit"),
        ('[symbol.IBM]\nname = "x"', "name is not a limit"),
        ('[symbol.IBM]\nprice_collar = "1.5"', "below 1"),
        ('[class.stock]\nmax_long = "1"', "no such class"),
        ('[symbol]\nIBM = "1"', "[symbol.NAME]"),
        ("[sectors]\nIBM = 3", "[sectors]"),
    ],
)
def test_each_mistake_in_a_table_is_named(tmp_path, table, says):
    with pytest.raises(ConfigError) as caught:
        scoped(tmp_path, f"\n{table}\n")
    assert says in str(caught.value)
    assert "mine.toml" in str(caught.value)


def test_lists_that_have_nothing_in_common_allow_nothing():
    assert stricter("allowed", ("IBM",), ("MSFT",)) == ("(none)",)
    assert stricter("allowed", (), ("MSFT",)) == ("MSFT",)
    assert stricter("principals", ("agent:*", "Ada"), ("agent:x", "Bob")) == ("agent:x",)
    assert stricter("restricted", ("A",), ("B",)) == ("A", "B")


def test_a_profile_is_chosen_by_name():
    assert load_limits("active").approval is ApprovalPolicy.ABOVE_SOFT
    assert load_limits("cautious").hash == load_limits().hash != load_limits("active").hash
    with pytest.raises(ConfigError, match="cautious and active"):
        load_limits("reckless")
