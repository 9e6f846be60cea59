"""The gate lets nothing through that an oracle, written apart from it, finds wrong."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import evals.soundness as package
from evals.soundness.run import random_orders, stateful
from tools.risk.rules import RULES

WATCHED = {
    "switch": "G01",
    "fresh": "G03",
    "reconciled": "G04",
    "geometry": "G09",
    "price_collar": "G10",
    "bands": "G11",
    "book_sound": "G12",
    "quantity": "G13",
    "value": "G14",
    "volume": "G15",
    "position": "G16",
    "concentration": "G17",
    "exposure": "G18",
    "cash": "G19",
    "day_loss": "G21",
    "drawdown": "G22",
    "turnover": "G23",
    "messages": "G24",
    "duplicate": "G25",
    "strategy": "G26",
    "open_orders": "G28",
    "universe": "G29",
    "short_sale": "G30",
    "self_match": "G31",
    "replacing": "G33",
}


def test_no_random_order_passes_the_gate_against_the_oracle():
    found = random_orders(3_000, seed=20)
    assert found.breaches == []
    assert found.passed > 150


def test_no_account_ever_leaves_its_limits_however_orders_are_filled():
    found = stateful(4_000, seed=20)
    assert found.breaches == []
    assert found.passed > 150


@pytest.mark.parametrize(("rule", "code"), WATCHED.items())
def test_the_oracle_notices_each_rule_that_is_taken_out(rule: str, code: str):
    without = tuple(r for r in RULES if r.__name__ != rule)
    assert len(without) == len(RULES) - 1
    for seed in range(8):
        found = random_orders(1_500, seed, without)
        if any(f"'{code}'" in breach for breach in found.breaches):
            return
    pytest.fail(f"the oracle saw nothing wrong with a gate without {code}")


def test_the_oracle_shares_no_code_with_the_gate():
    folder = Path(package.__file__).parent
    for name in ("oracle.py", "world.py", "making.py", "stateful.py"):
        tree = ast.parse((folder / name).read_text(encoding="utf-8"))
        named = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
        assert not [module for module in named if module.startswith("tools")]
