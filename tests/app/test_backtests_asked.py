"""Backtests asked for in the chat: the sentence, the tools, and an answer true to what is kept."""

from __future__ import annotations

import asyncio
import json
from datetime import date

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from mcp import Client

from agents.conversation import Conversation
from agents.graph import build_graph
from agents.past_wish import GRIDS, LOTS, RUN, SWEEP, WALK
from agents.planner import Planner
from agents.request import Kind, parse
from mcp_server.knowledge import KnowledgeTool
from mcp_server.server import server_of
from tests.app.agents_past import index_of
from tools.assembly import assemble, open_backtester
from tools.backtest.keeping import Runs
from tools.backtest.loading import BUILT_IN, find
from tools.backtest.report import page
from tools.backtest.search.grid import grid_of
from tools.catalog import build_catalog
from tools.domain.errors import InputError
from tools.settings import load_settings

KNOWN = {
    "IBM": "International Business Machines Corp.", "AAPL": "Apple Inc.", "MSFT": "Microsoft Corp.",
    "GOOG": "Google Inc.",
}  # fmt: skip


@pytest.mark.parametrize(
    ("question", "symbols", "wish"),
    [
        ("how would buying IBM's 20 day breakouts have done since 2005?", "IBM",
         {"strategy": "breakout", "start": "2005-01-01", "params": {"entry": "20"}}),
        ("test a 10/50 moving average cross on AAPL and MSFT with $50k", "AAPL MSFT",
         {"strategy": "dual_moving_average", "cash": "50000",
          "params": {"fast": "10", "slow": "50"}}),
        ("Backtest a golden cross on Apple between 2003 and 2009 with 25,000 dollars", "AAPL",
         {"strategy": "dual_moving_average", "start": "2003-01-01", "end": "2009-12-31",
          "cash": "25000"}),
        ("how would a 12 month momentum strategy on AAPL, MSFT and GOOG have performed from 2004?",
         "AAPL MSFT GOOG", {"start": "2004-01-01", "params": {"lookback": "252"}}),
        ("What would mean reversion have earned on IBM in 2008?", "IBM",
         {"strategy": "mean_reversion", "start": "2008-01-01", "end": "2008-12-31"}),
        ("backtest momentum on IBM from 2005-01-03 to 2009-01-01", "IBM",
         {"start": "2005-01-03", "end": "2009-01-01"}),
        ("backtest momentum on IBM until 2008-06", "IBM", {"end": "2008-06-30", "start": None}),
        ("simulate 10 % volatility targeting on Microsoft in 2009", "MSFT",
         {"strategy": "volatility_target", "params": {"target": "0.1"}}),
        ("backtest pairs on IBM and AAPL until 2008", "IBM AAPL", {"strategy": "pairs"}),
        ("sweep the breakout window on IBM", "IBM",
         {"way": SWEEP, "params": {"entry": "10:100:10"}}),
        ("sweep breakout 10 to 60 by 10 on IBM", "IBM",
         {"way": SWEEP, "params": {"entry": "10:60:10"}}),
        ("optimise breakout on IBM entry=10:60:10 exit=5,10", "IBM",
         {"way": SWEEP, "params": {"entry": "10:60:10", "exit": "5,10"}}),
        ("sweep moving average on MSFT 2001-2007", "MSFT",
         {"way": SWEEP, "start": "2001-01-01", "end": "2007-12-31"}),
        ("walk momentum forward on IBM, AAPL and MSFT", "IBM AAPL MSFT",
         {"way": WALK, "strategy": "momentum", "params": GRIDS["momentum"]}),
        ("walk-forward mean reversion on IBM since 2003", "IBM",
         {"way": WALK, "start": "2003-01-01"}),
        ("monte carlo of a momentum backtest on IBM", "IBM", {"way": LOTS, "params": {}}),
    ],
)  # fmt: skip
def test_what_a_trader_says_is_read(question, symbols, wish):
    request = parse(question, KNOWN)
    assert request.kind is Kind.BACKTEST
    assert [request.symbol, *request.others] == symbols.split()
    assert {name: getattr(request, name) for name in wish} == wish
    assert request.way == wish.get("way", RUN)


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("walk momentum forward on these five", "on no symbol that is known here: name each one"),
        ("what would mean reversion have earned in 2008", "name each one"),
        ("backtest this idea", "names no strategy to play"),
        ("backtest IBM", "tollgate backtest run FILE"),
        ("backtest momentum on IBM over the last 5 years", "say the years instead"),
        ("backtest a 20 day breakout with a 3 % stop on IBM", "3 has no clear place"),
        ("backtest breakout on IBM entry=10,20", "one run has one value of each parameter"),
    ],
)
def test_what_cannot_be_played_is_told_with_what_to_type(question, says):
    with pytest.raises(InputError, match=says):
        parse(question, KNOWN)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What is walk-forward analysis?", Kind.KNOWLEDGE),
        ("What is Monte Carlo simulation?", Kind.KNOWLEDGE),
        ("What does a parameter sweep tell?", Kind.KNOWLEDGE),
        ("Should I buy 10 IBM after the breakout test?", Kind.TRADE),
        ("buy 50 shares of IBM", Kind.TRADE),
        ("How do I test whether AAPL has momentum?", Kind.ANALYSE),
        ("Could IBM have done better?", Kind.ANALYSE),
    ],
)
def test_no_order_and_no_question_becomes_a_backtest(question, kind):
    assert parse(question, KNOWN).kind is kind


def test_the_grid_that_is_taken_where_none_is_said_fits_its_strategy():
    assert set(GRIDS) == set(BUILT_IN)
    assert all(1 < len(grid_of(find(name).kind, grid).points) <= 12 for name, grid in GRIDS.items())


@pytest.fixture
def asked(tollgate_home):
    """An answer of the planner, by the house's own tools."""
    house = assemble(load_settings())
    rows = build_catalog(
        market=house.market, clock=house.clock, desk=house.desk, principal="agent:test",
        backtester=lambda: open_backtester(house.settings, house.market),
        runs=tollgate_home / "backtests",
    )  # fmt: skip
    server = server_of((*rows, KnowledgeTool(index_of(), house.clock).spec()))

    async def answer(question, **more):
        async with Client(server) as client:
            talk = Conversation(build_graph(InMemorySaver()), client, Planner())
            try:
                return [event async for event in talk.ask(question, **more)][-1]
            except InputError as error:
                return error  # raised below: the client would wrap it in a group

    def ask(question, **more):
        found = asyncio.run(answer(question, **more))
        if isinstance(found, InputError):
            raise found
        return found

    return ask


@pytest.mark.parametrize(
    ("question", "kind", "tools"),
    [
        ("How would 20 day breakouts on IBM have done in 2008 with $50k?", None, ["run_backtest"]),
        ("sweep breakout entry=10,20,40 on IBM in 2008", "sweep", ["run_sweep"]),
        ("walk breakout forward on IBM entry=20,40 from 2005 to 2009", "walk-forward",
         ["run_sweep"]),
        ("monte carlo of 20 day breakouts on IBM in 2008", "monte-carlo",
         ["run_backtest", "run_monte_carlo"]),
    ],
)  # fmt: skip
def test_every_figure_of_the_answer_is_in_the_document_that_is_kept(
    asked, tollgate_home, question, kind, tools
):
    answer = asked(question)
    assert [one["tool"] for one in answer["tools"] if one["tool"].startswith("run")] == tools
    assert answer["withheld"] == 0
    assert "SIMULATED" in answer["answer"]
    report = next(f for f in answer["figures"] if f["path"] == "report")["value"]
    run = report.split()[0].removeprefix("/backtests/")
    document = Runs(tollgate_home / "backtests").get(run)
    assert document.get("kind") == kind
    assert document["id"] in page(document)
    kept = _numbers(document)
    shown = [f for f in answer["figures"] if f["path"].endswith(("return", "sharpe", "drawdown"))]
    assert len(shown) >= 9
    assert all(any(abs(float(f["value"]) - one) < 1e-4 for one in kept) for f in shown)


def _numbers(value):
    if isinstance(value, dict):
        return [n for one in value.values() for n in _numbers(one)]
    if isinstance(value, list):
        return [n for one in value for n in _numbers(one)]
    return [float(value)] if isinstance(value, (int, float)) else []


def test_a_search_as_of_a_day_sees_nothing_later(asked, tollgate_home):
    for question in (
        "sweep breakout entry=10,20 on IBM since 2005",
        "walk breakout forward on IBM entry=20,40 since 2004",
        "backtest breakout on IBM since 2005",
    ):
        asked(question, as_of="2009-03-02")
    ends = [one["record"]["end"][:10] for one in Runs(tollgate_home / "backtests").all()]
    assert len(ends) == 3
    assert max(ends) <= "2009-03-02"
    assert min(ends) >= date(2009, 2, 27).isoformat()


def test_too_many_runs_for_one_answer_are_refused_with_what_to_type(asked):
    with pytest.raises(InputError, match="291 backtests, and 200 are played for one answer"):
        asked("sweep breakout entry=10:300:1 on IBM")
    with pytest.raises(InputError, match="tollgate backtest sweep"):
        asked("walk breakout forward on IBM entry=10:40:1 from 2003 to 2009")


def test_the_same_question_again_gives_the_same_answer_and_plays_nothing_anew(asked):
    one, other = (asked("sweep breakout entry=10,20 on IBM in 2008") for _ in range(2))
    assert json.dumps(one["figures"]) == json.dumps(other["figures"])
