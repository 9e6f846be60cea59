"""Schedules that once lost, doubled or misstated an order, cut to what made them do it."""

import pytest

from tests.faults.world import play

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
