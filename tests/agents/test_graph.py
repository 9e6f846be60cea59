"""The README's picture of the graph, and its tour, are what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from agents.graph import build_graph
from agents.toolbox import ROLES
from tests.agents.conftest import Opener, events_of

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def test_the_readmes_diagram_is_the_graph() -> None:
    drawn = {(a, b) for a, b in re.findall(r"^    (\w+) -(?:-|\.-)> (\w+)$", README, re.MULTILINE)}
    assert drawn == {(edge.source, edge.target) for edge in build_graph().get_graph().edges}


def test_no_role_may_call_a_tool_that_decides() -> None:
    allowed = set().union(*ROLES.values())
    assert not {name for name in allowed if re.search("approve|reject|halt|resume|limit", name)}
    assert [role for role, tools in ROLES.items() if "propose_order" in tools] == ["execution"]


async def test_the_readmes_tour_is_what_the_desk_answers(floor: Opener) -> None:
    async with floor() as desk:
        answer = (await events_of(desk, "Should I buy 50 shares of IBM?"))[-1]["answer"]
    plain = " ".join(re.sub(r"[*\\]|^- ", "", answer, flags=re.MULTILINE).split())
    tour = " ".join(re.sub(r"^- ", "", README, flags=re.MULTILINE).split())
    for sentence in (
        "closed at 202.91 USD on 2013-03-01, +1.04% on the day.",
        "The technical signal for IBM is neutral: +0.16 on a scale from −1 to +1",
        "rsi +0.00: The 14-day RSI of 57.9 is neither overbought nor oversold (30 to 70).",
        "The 2 % rule allows at most 98 shares: entry 202.96, stop 197.88",
        "The order is worth 10,148.00 (10.1% of equity)",
        "G06: Every order needs a person's approval under these limits.",
        "G14: 50 IBM at up to 213.10 USD is 10,655.00 USD, more than 10 % of the account's",
    ):
        assert sentence in plain
        assert sentence in tour
