"""The four agents answer with figures, citations and an order that waits for a person."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from langgraph.types import Command

from agents.services import Services
from tests.agents.conftest import Opener, events_of
from tools.domain.errors import DataUnavailable, InputError, NotFound

QUESTION = "Should I buy 50 shares of IBM?"


async def test_the_answer_has_figures_citations_dates_and_a_waiting_order(floor: Opener) -> None:
    async with floor() as desk:
        events = await events_of(desk, QUESTION)
    answer = events[-1]
    agents = [e["agent"] for e in events if e["type"] == "agent" and e["status"] == "start"]
    assert agents == ["data", "signal", "risk", "execution"]
    assert len(answer["figures"]) > 10
    assert all(figure["call"] for figure in answer["figures"])
    assert answer["citations"]
    assert answer["prices"] == {"feeds": ["sample"], "session": "2013-03-01", "notices": []}
    assert answer["orders"][0]["state"] == "awaiting_approval"
    assert {r["code"] for r in answer["orders"][0]["reasons"]} == {"G06", "G14"}
    assert "planner" in answer["mind"]
    assert answer["withheld"] == 0


async def test_every_tool_call_is_shown_with_its_arguments_before_its_result(
    floor: Opener,
) -> None:
    async with floor() as desk:
        events = await events_of(desk, QUESTION)
    called = [e["id"] for e in events if e["type"] == "tool_call"]
    told = [e["id"] for e in events if e["type"] == "tool_result"]
    assert called == told == [f"c{n + 1}" for n in range(len(called))]


async def test_every_citation_is_a_passage_that_resolves_byte_for_byte(floor: Opener) -> None:
    async with floor() as desk:
        answer = (await events_of(desk, QUESTION))[-1]
        bodies = {
            a.slug: a.text for a in __import__("knowledge_base.articles").articles.load_articles()
        }
    for row in answer["citations"]:
        assert bodies[row["document"]][row["start"] : row["end"]] == row["text"]


async def test_quoted_sentences_stand_in_the_passage_they_cite(floor: Opener) -> None:
    async with floor() as desk:
        answer = (await events_of(desk, QUESTION))[-1]
    for row in answer["citations"]:
        quoted = answer["answer"].split(f"[{row['number']}]")[0].rsplit("“", 1)[1].split("”")[0]
        assert quoted in " ".join(row["text"].replace('"', "'").split())


async def test_as_of_sees_nothing_later(floor: Opener) -> None:
    async with floor() as desk:
        answer = (await events_of(desk, QUESTION, as_of="2012-06-01"))[-1]
    assert answer["prices"]["session"] == "2012-06-01"
    assert all(c["known_at"] <= "2012-06-01T23:59:59.999999+00:00" for c in answer["citations"])
    assert "2013" not in answer["answer"]


async def test_as_of_may_be_said_in_the_question(floor: Opener) -> None:
    async with floor() as desk:
        answer = (await events_of(desk, "Buy 5 shares of IBM, as of 2012-06-01"))[-1]
    assert answer["prices"]["session"] == "2012-06-01"
    assert answer["orders"][0]["as_of"].startswith("2012-06-01")


async def test_asking_as_of_the_future_is_refused(floor: Opener) -> None:
    async with floor() as desk:
        with pytest.raises(InputError, match="market clock stands at 2013-03-01"):
            await events_of(desk, QUESTION, as_of="2020-01-01")


async def test_an_approved_order_is_reported_when_the_conversation_goes_on(floor: Opener) -> None:
    async with floor() as desk:
        answer = (await events_of(desk, QUESTION, session="s1"))[-1]
        record = await asyncio.to_thread(
            desk.house.desk.approvals.approve, answer["orders"][0]["id"], "person:test"
        )
        after = [event async for event in desk.conversation.settle("s1")][-1]
    assert record.state == "filled"
    assert after["orders"][0]["state"] == "filled"
    assert "Filled 50 at" in after["answer"]


async def test_a_decision_about_an_earlier_order_leaves_the_later_one_waiting(
    floor: Opener,
) -> None:
    async with floor() as desk:
        first = (await events_of(desk, QUESTION, session="s1"))[-1]["orders"][0]["id"]
        second = (await events_of(desk, "Buy 5 AAPL", session="s1"))[-1]["orders"][0]["id"]
        await asyncio.to_thread(desk.house.desk.approvals.approve, first, "person:test")
        assert not [event async for event in desk.conversation.settle("s1", first)]
        assert desk.house.desk.proposals.get(second).state == "awaiting_approval"


async def test_words_of_approval_in_the_conversation_approve_nothing(floor: Opener) -> None:
    async with floor() as desk:
        answer = (await events_of(desk, QUESTION, session="s1"))[-1]
        graph = desk.conversation._graph
        services = Services(desk.conversation._client, desk.conversation.mind, {})
        await graph.ainvoke(
            Command(resume="yes, approved, go go go"),
            {"configurable": {"thread_id": "s1"}},
            context=services,
        )
        record = desk.house.desk.proposals.get(answer["orders"][0]["id"])
    assert record.state == "awaiting_approval"
    assert not record.fills


async def test_a_session_survives_a_restart(floor: Opener) -> None:
    async with floor() as desk:
        before = (await events_of(desk, QUESTION, session="s1"))[-1]
    async with floor() as desk:
        assert await desk.conversation.answer("s1") == before
        with pytest.raises(NotFound):
            await desk.conversation.answer("never")


async def test_the_same_question_gets_the_same_words(floor: Opener) -> None:
    async with floor() as desk:
        first = (await events_of(desk, "How is AAPL doing?"))[-1]
        second = (await events_of(desk, "How is AAPL doing?"))[-1]
    assert first["answer"] == second["answer"]
    assert not first["orders"]


async def test_without_a_quantity_no_order_is_drafted_against_the_signal(floor: Opener) -> None:
    async with floor() as desk:
        answer = (await events_of(desk, "Should I buy IBM?"))[-1]
    assert not answer["orders"]
    assert "No order was drafted" in answer["answer"]


async def test_a_question_of_knowledge_is_answered_from_cited_passages(floor: Opener) -> None:
    async with floor() as desk:
        answer = (await events_of(desk, "What does an RSI above 70 mean?"))[-1]
    assert answer["citations"][0]["document"] == "relative-strength-index"


@pytest.mark.parametrize("question", ["zxcv qwer asdf uiop", "Who is the president of France?"])
async def test_a_question_without_evidence_is_refused_with_what_was_looked_for(
    floor: Opener, question: str
) -> None:
    async with floor() as desk:
        answer = (await events_of(desk, question, as_of="2012-06-01"))[-1]
    (looked,) = answer["refused"]["looked_for"]
    assert looked["query"] == question
    assert looked["collections"] == ["articles", "documents"]
    assert looked["as_of"].startswith("2012-06-01")
    assert (looked["filters"], looked["passages"]) == ({}, [])
    assert f"“{question}” in articles and documents, as of 2012-06-01" in answer["answer"]
    assert not answer["citations"]
    assert not answer["figures"]


@pytest.mark.parametrize(
    ("question", "error", "says"),
    [
        ("Should I buy 50 shares of XYZQ?", DataUnavailable, "XYZQ"),
        ("sell all my IBM", InputError, "holds no IBM"),
        ("Buy $5 of IBM", InputError, "less than one share"),
    ],
)
async def test_what_cannot_be_answered_is_told_in_a_sentence(
    floor: Opener, question: str, error: type[Exception], says: str
) -> None:
    async with floor() as desk:
        with pytest.raises(error, match=says):
            await events_of(desk, question)
        assert not desk.house.desk.proposals.orders()


async def test_a_date_before_the_prices_is_told_with_the_first_date(floor: Opener) -> None:
    async with floor() as desk:
        with pytest.raises(DataUnavailable, match="2000-03-01"):
            await events_of(desk, QUESTION, as_of="1990-01-01")


async def test_two_questions_at_once_in_one_session_keep_their_own_orders(floor: Opener) -> None:
    async with floor() as desk:
        first, second = await asyncio.gather(
            events_of(desk, "Buy 5 IBM", session="s1"), events_of(desk, "Buy 7 AAPL", session="s1")
        )
        proposed = {
            (str(r.order.quantity), r.order.symbol) for r in desk.house.desk.proposals.orders()
        }
    assert proposed == {("5", "IBM"), ("7", "AAPL")}
    shown = [next(e["order"] for e in events if e["type"] == "order") for events in (first, second)]
    assert [order["symbol"] for order in shown] == ["IBM", "AAPL"]


async def test_nobody_can_propose_a_turns_order_before_it(floor: Opener) -> None:
    async with floor() as desk:
        await events_of(desk, "Buy 5 IBM", session="s1")
        planted = {"symbol": "GOOG", "side": "buy", "quantity": "7", "intent_id": "s1:2"}
        await desk.conversation._client.call_tool("propose_order", planted)
        answer = (await events_of(desk, "Buy 6 IBM", session="s1"))[-1]
    assert (answer["orders"][0]["symbol"], answer["orders"][0]["quantity"]) == ("IBM", "6")


async def test_a_session_keeps_one_checkpoint_however_long_it_talks(
    floor: Opener, knowledge_home: Path
) -> None:
    async with floor() as desk:
        for n in range(4):
            await events_of(desk, f"Buy {n + 1} IBM", session="s1")
    with sqlite3.connect(knowledge_home / "sessions.db") as kept:
        assert kept.execute("SELECT COUNT(*) FROM checkpoints").fetchone() == (1,)
    async with floor() as desk:
        order = (await desk.conversation.answer("s1"))["orders"][0]["id"]
        await asyncio.to_thread(desk.house.desk.approvals.approve, order, "person:test")
        after = [event async for event in desk.conversation.settle("s1", order)][-1]
    assert after["orders"][0]["state"] == "filled"


async def test_selling_a_whole_holding_has_to_be_said(floor: Opener) -> None:
    async with floor() as desk:
        order = (await events_of(desk, "Buy 50 IBM"))[-1]["orders"][0]["id"]
        await asyncio.to_thread(desk.house.desk.approvals.approve, order, "person:test")
        vague = (await events_of(desk, "Should I sell my IBM?"))[-1]
        whole = (await events_of(desk, "sell all my IBM"))[-1]
        half = (await events_of(desk, "sell half of my IBM"))[-1]
    assert not vague["orders"]
    assert [a["orders"][0]["quantity"] for a in (whole, half)] == ["50", "25"]


async def test_on_a_first_session_the_figures_are_missing_and_the_gate_decides(
    floor: Opener,
) -> None:
    async with floor() as desk:
        answer = (await events_of(desk, "Buy 5 shares of FB", as_of="2012-05-18"))[-1]
    assert answer["orders"][0]["state"] == "awaiting_approval"
    assert "No signal for FB" in answer["answer"]


async def test_a_sale_in_the_past_makes_no_short_position_there(floor: Opener) -> None:
    async with floor() as desk:
        bought = (await events_of(desk, "Buy 5 IBM"))[-1]["orders"][0]["id"]
        await asyncio.to_thread(desk.house.desk.approvals.approve, bought, "person:test")
        sold = (await events_of(desk, "Sell 5 IBM", as_of="2011-06-01"))[-1]["orders"][0]
    assert sold["state"] == "denied"
    assert "G16" in {reason["code"] for reason in sold["reasons"] if reason["hard"]}
