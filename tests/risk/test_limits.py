"""Limits are data that a person reads: every mistake is named, nothing becomes a float."""

from dataclasses import fields, replace
from decimal import Decimal
from importlib.resources import files

import pytest

from tools.domain.errors import ConfigError
from tools.risk.limits import KEYS, ApprovalPolicy, Limits, load_limits

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
    for line in CAUTIOUS.splitlines():
        if " = " in line:
            assert before.startswith(("#", "duplicate", "max_open", "fee", "max_order")), line
        before = line or before


def test_the_same_file_gives_the_same_hash_and_any_change_another(tmp_path):
    assert load_limits(written(tmp_path, CAUTIOUS)).hash == load_limits().hash
    hashes = {load_limits().hash}
    for key in KEYS:
        value = getattr(load_limits(), key)
        new = {
            Decimal: lambda v: v / 2 + Decimal("0.001"),
            int: lambda v: v + 1,
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
