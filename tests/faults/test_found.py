"""Schedules that once lost, doubled or misstated an order, cut to what made them do it."""

from pathlib import Path

import pytest

from tests.faults.invariants import settled
from tests.faults.schedule import schedule
from tests.faults.world import World, play
from tools.execution.kinds import Kind

FOUND = {
    "a spoiled execution in an answer that says filled": (
        [["order", ["w", "MSFT", "buy", "38", None], [["submit", "NaN price"]]]],
        True,
    ),
    "more shares than there are": (
        [["order", ["w", "MSFT", "buy", "21", None], [["submit", "huge"]]]],
        True,
    ),
    "a replaced order told without its fills": (
        [
            ["order", ["w", "IBM", "buy", "25", "150"], [["lookup", "fills missing"]]],
            ["trade", [1, 3], []],
            ["change", ["v", 0, "19", "205"], []],
        ],
        False,
    ),
    "one answer that lacks an execution, which is no bust": (
        [
            ["order", ["w", "IBM", "buy", "12", "205"], [["submit", "fill before ack"]]],
            ["look", [], [["lookup", "a fill missing"]]],
            ["wait", [31], []],
        ],
        True,
    ),
    "a spoiled execution that must not take a good one back": (
        [
            ["order", ["w", "IBM", "buy", "12", "205"], [["submit", "unknown status"]]],
            ["look", [], [["lookup", "misnamed"]]],
            ["wait", [31], []],
        ],
        True,
    ),
    "canceled while its request was 8 s late": (
        [
            ["order", ["w", "MSFT", "buy", "58", None], [["submit", "8 s late"]]],
            ["cancel", [0], []],
        ],
        True,
    ),
    "a bust that nobody told of and that opened the order again": (
        [["order", ["w", "MSFT", "buy", "23", None], []], ["bust", [0, False], []]],
        False,
    ),
    "a spoiled execution in an answer that says expired": (
        [
            ["order", ["w", "MSFT", "buy", "34", "24"], []],
            ["trade", [0, 1], []],
            ["expire", [0], []],
            ["resume", [], [["lookup", "misnamed"]]],
        ],
        False,
    ),
    "a second attempt that was refused while the first was 8 s late": (
        [
            [
                "order",
                ["w", "IBM", "buy", "28", "205"],
                [["submit", "8 s late"], ["submit", "refused"]],
            ],
            ["recover", [], []],
        ],
        True,
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_it_is_not_lost_doubled_or_misstated_again(name):
    steps, unique = FOUND[name]
    assert play(steps, unique).wrong == []


def test_four_false_answers_in_a_row_halt_and_leave_the_position_right(tmp_path, monkeypatch):
    """Seed 702711: two lack the same execution, two tell one that can't be.

    The journal then has one share of two under the order, and that is all that is wrong: position
    and cash are the venue's, and trading stood still until a person had looked.
    """
    monkeypatch.chdir(tmp_path)
    steps, unique = schedule(702711)
    world = World(Path("desk"), unique)
    for step in steps:
        world.line.alarms.clear()
        world.play(*step)
    world.end()
    (wrong,) = settled(world.desk, world.oracle, world=world)
    assert "filled 1, at the venue 2" in wrong
    trips = [str(e.data) for e in world.ledger.events() if e.kind == Kind.TRIPPED]
    world.ledger.close()
    assert any("an execution of order" in said for said in trips)
    assert any("the venue's figures were taken over" in said for said in trips)
