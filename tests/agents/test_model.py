"""A language model drives the same graph, and can neither type figures nor move money."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.agents.conftest import Opener, events_of
from tests.agents.openai_double import OpenAIDouble, calls, role_of, says
from tools.domain.errors import ModelUnavailable

QUESTION = "Should I buy 50 shares of IBM?"


def sensible(body: dict[str, Any]) -> dict[str, Any]:
    """Each agent calls its tool once, then writes with references."""
    role = role_of(body)
    done = [m for m in body["messages"] if m["role"] == "tool"]
    if role == "data":
        return (
            says("Closed at [[c1:last_close|,.2f]].") if done else calls("get_quote", symbol="IBM")
        )
    if role == "signal":
        return (
            says("Score [[c2:signal.score|+.2f]], and it closed at 999.99.")
            if done
            else calls("compute_indicators", symbol="IBM")
        )
    if role == "risk":
        return says("Equity [[c3:equity|,.2f]].") if done else calls("get_portfolio")
    return says("Order [[c4:id]] waits.")


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIDouble]:
    double = OpenAIDouble(sensible)
    monkeypatch.setenv("OPENAI_BASE_URL", double.url)
    yield double
    double.close()


async def test_the_model_answers_with_figures_from_tools(
    floor: Opener, model: OpenAIDouble
) -> None:
    async with floor() as desk:
        answer = (await events_of(desk, QUESTION))[-1]
    assert answer["mind"].startswith("language model")
    assert "Closed at 202.91." in answer["answer"]
    assert "Score +0.16" in answer["answer"]
    assert answer["orders"][0]["state"] == "awaiting_approval"


async def test_a_figure_that_the_model_types_is_withheld_and_counted(
    floor: Opener, model: OpenAIDouble
) -> None:
    async with floor() as desk:
        answer = (await events_of(desk, QUESTION))[-1]
    assert "999.99" not in answer["answer"]
    assert answer["withheld"] == 1


async def test_the_model_is_offered_only_its_roles_tools_and_no_host_arguments(
    floor: Opener, model: OpenAIDouble
) -> None:
    async with floor() as desk:
        await events_of(desk, QUESTION)
    offered = {
        role_of(body): {t["function"]["name"] for t in body.get("tools", [])} for body in model.seen
    }
    assert offered["risk"] == {
        "get_quote", "get_portfolio", "size_position", "assess_risk", "search_knowledge",
    }  # fmt: skip
    assert "propose_order" not in offered["execution"]
    for body in model.seen:
        for tool in body.get("tools", []):
            assert not {"as_of", "session", "intent_id"} & set(
                tool["function"]["parameters"]["properties"]
            )


async def test_no_key_reaches_a_prompt(
    floor: Opener, model: OpenAIDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-0123456789")
    async with floor() as desk:
        await events_of(desk, QUESTION)
    assert "sk-canary" not in str(model.seen)


@pytest.mark.parametrize("wrote", ["", "Order approved and filled!"])
async def test_whatever_a_model_writes_the_order_and_the_gates_reasons_are_shown(
    floor: Opener, monkeypatch: pytest.MonkeyPatch, wrote: str
) -> None:
    double = OpenAIDouble(lambda body: says(wrote))
    monkeypatch.setenv("OPENAI_BASE_URL", double.url)
    async with floor() as desk:
        answer = (await events_of(desk, QUESTION))[-1]
    double.close()
    assert "It waits for your approval" in answer["answer"]
    assert "G14: 50 IBM at up to 213.10 USD" in answer["answer"]


async def test_a_model_that_refuses_stops_no_order_that_a_person_asked_for(
    floor: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    double = OpenAIDouble(lambda body: says("I can't help with trading."))
    monkeypatch.setenv("OPENAI_BASE_URL", double.url)
    async with floor() as desk:
        answer = (await events_of(desk, QUESTION))[-1]
    double.close()
    assert answer["orders"][0]["state"] == "awaiting_approval"


def hostile(body: dict[str, Any]) -> dict[str, Any]:
    """Tries everything at once, at every turn."""
    reply = calls("propose_order", symbol="IBM", side="buy", quantity="4999", as_of="2001-01-01")
    for name in ("approve", "approve_order", "resume", "set_limits", "cancel_order"):
        reply["tool_calls"] += calls(name, order_id="x")["tool_calls"]
    return reply


async def test_a_hostile_model_sends_nothing_and_its_loop_ends(
    floor: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    double = OpenAIDouble(hostile)
    monkeypatch.setenv("OPENAI_BASE_URL", double.url)
    async with floor() as desk:
        answer = (await events_of(desk, QUESTION))[-1]
        orders = desk.house.desk.proposals.orders()
    double.close()
    assert [o.state for o in orders] == ["awaiting_approval"]
    assert str(orders[0].order.quantity) == "50"
    assert len(double.seen) <= 4 * 6
    assert answer["orders"][0]["quantity"] == "50"


@pytest.mark.parametrize("question", ["Should I buy IBM?", "What is the state of order {id}?"])
async def test_a_hostile_model_orders_nothing_that_the_person_did_not_name(
    floor: Opener, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    double = OpenAIDouble(hostile)
    async with floor() as desk:
        waiting = (await events_of(desk, "Buy 5 IBM"))[-1]["orders"][0]["id"]
    monkeypatch.setenv("OPENAI_BASE_URL", double.url)
    async with floor() as desk:
        await events_of(desk, question.format(id=waiting))
        orders = desk.house.desk.proposals.orders()
    double.close()
    assert [(str(o.order.quantity), o.state) for o in orders] == [("5", "awaiting_approval")]


@pytest.mark.parametrize("body", [None, "<html>hello</html>", "{}", '{"choices": null}'])
async def test_an_endpoint_that_is_no_language_model_is_told(
    floor: Opener, monkeypatch: pytest.MonkeyPatch, body: str | None
) -> None:
    double = OpenAIDouble(sensible, raw=body or "null")
    monkeypatch.setenv("OPENAI_BASE_URL", double.url)
    async with floor() as desk:
        with pytest.raises(ModelUnavailable):
            await events_of(desk, QUESTION)
    double.close()


@pytest.mark.parametrize(
    ("status", "says_"), [(401, "refused the key"), (404, "knows no model"), (429, "too many")]
)
async def test_a_model_that_does_not_answer_is_told_and_nothing_is_lost(
    floor: Opener, monkeypatch: pytest.MonkeyPatch, status: int, says_: str
) -> None:
    double = OpenAIDouble(sensible, status=status)
    monkeypatch.setenv("OPENAI_BASE_URL", double.url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-wrong")
    async with floor() as desk:
        with pytest.raises(ModelUnavailable, match=says_) as told:
            await events_of(desk, QUESTION)
    double.close()
    assert "sk-wrong" not in str(told.value)


async def test_an_unreachable_model_is_told_with_what_to_do(
    floor: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    async with floor() as desk:
        with pytest.raises(ModelUnavailable, match="can't be reached"):
            await events_of(desk, QUESTION)
