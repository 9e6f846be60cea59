"""Figures come from tool results and claims from passages; nothing else gets a number."""

from __future__ import annotations

import pytest

from agents.rendering import WITHHELD, Rendered
from agents.state import Call


def call(
    call_id: str, data: dict[str, object], *, ok: bool = True, tool: str = "get_quote"
) -> Call:
    return Call(
        id=call_id,
        agent="data",
        tool=tool,
        arguments={},
        ok=ok,
        data=data,
        error="",
        untrusted=tool == "search_knowledge",
        ms=0.0,
    )


QUOTE = call("c1", {"last_close": "202.91", "change": 0.0104, "rows": [{"v": 7}], "none": None})
FOUND = call(
    "c2", {"passages": [{"id": "p1", "title": "RSI", "text": "…"}]}, tool="search_knowledge"
)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("[[c1:last_close]]", "202.91"),
        ("[[c1:last_close|,.1f]]", "202.9"),
        ("[[c1:change|+.2%]]", "+1.04%"),
        ("[[c1:rows.0.v]]", "7"),
    ],
)
def test_a_reference_shows_the_tools_value_and_records_it(raw: str, shown: str) -> None:
    rendered = Rendered([QUOTE])
    assert rendered.text(raw) == shown
    assert rendered.figures[0]["call"] == "c1"
    assert rendered.figures[0]["shown"] == shown


@pytest.mark.parametrize(
    "raw", ["[[c9:last_close]]", "[[c1:nothing]]", "[[c1:rows]]", "[[c1:rows.9.v]]"]
)
def test_a_reference_to_nothing_is_withheld(raw: str) -> None:
    assert Rendered([QUOTE]).text(raw) == WITHHELD


def test_what_a_tool_does_not_know_is_unknown_and_not_withheld() -> None:
    rendered = Rendered([QUOTE])
    assert rendered.text("[[c1:none|.1%]] of equity") == "unknown of equity"
    assert rendered.withheld == 0


def test_a_reference_to_a_failed_call_is_withheld() -> None:
    assert (
        Rendered([call("c1", {"last_close": "1"}, ok=False)]).text("[[c1:last_close]]") == WITHHELD
    )


def test_a_format_that_is_not_plain_is_ignored() -> None:
    assert Rendered([QUOTE]).text("[[c1:last_close|1000000d]]") == "202.91"


def test_a_citation_numbers_its_passage_once() -> None:
    rendered = Rendered([FOUND])
    assert rendered.text("a [[cite:p1]] b [[cite:p1]]") == "a [1] b [1]"
    assert [row["id"] for row in rendered.citations] == ["p1"]


def test_a_citation_of_an_unknown_passage_disappears() -> None:
    rendered = Rendered([FOUND])
    assert rendered.text("a [[cite:made-up]]") == "a "
    assert rendered.withheld == 1


@pytest.mark.parametrize("path", ["bars.²", "bars.--1", "rows.-1.v", "rows.999999999999.v"])
def test_a_malformed_path_is_withheld_and_breaks_nothing(path: str) -> None:
    assert Rendered([QUOTE]).text(f"[[c1:{path}]]") == WITHHELD


def test_only_a_fraction_is_shown_as_a_percentage() -> None:
    assert Rendered([QUOTE]).text("[[c1:rows.0.v|.0%]]") == "7"
