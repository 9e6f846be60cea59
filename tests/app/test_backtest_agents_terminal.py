"""``tollgate backtest agents`` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli import backtest_agents
from app.cli.main import run
from app.past import running
from tests.agents.openai_double import OpenAIDouble
from tests.app.agents_past import index_of
from tests.app.test_recorded_model import sensible
from tools.domain.errors import ModelUnavailable

SPAN = ("--from", "2012-01-03", "--to", "2012-01-31", "--every", "week")


@pytest.fixture(autouse=True)
def _few_articles(monkeypatch):
    monkeypatch.setattr(backtest_agents, "_index", lambda settings: index_of())


def said(capsys, *arguments):
    status = run(["backtest", *arguments])
    out, err = capsys.readouterr()
    return status, " ".join(out.split()), " ".join(err.split())


def test_a_run_tells_who_decided_what_each_time_and_what_they_could_have_known(capsys):
    status, out, _ = said(capsys, "agents", "Should I buy IBM?", *SPAN)
    assert status == 0
    assert "Decided by planner" in out
    assert "Knowledge of its own ends: has none" in out
    assert "5 decisions on 5 days" in out
    assert "2012-01-09 21:00" in out
    assert "Tools called: " in out
    assert "search_knowledge" in out
    assert "The planner has no knowledge of its own" in out
    assert "SIMULATED" in out


def test_it_is_kept_and_shown_again_here_and_as_a_page(capsys, tmp_path):
    said(capsys, "agents", "Buy $2000 of IBM", *SPAN, "--json")
    (kept,) = json.loads(_out(capsys, "list", "--json"))["runs"]
    assert kept["strategy"] == "agents"
    assert "Decided by planner" in said(capsys, "report", kept["id"])[1]
    page = tmp_path / "page.html"
    assert said(capsys, "report", kept["id"], "--html", str(page))[0] == 0
    assert "The planner has no knowledge of its own" in page.read_text()


def _out(capsys, *arguments) -> str:
    run(["backtest", *arguments])
    return capsys.readouterr().out


def test_json_is_one_document_with_every_decision(capsys):
    asks, span = ("Buy 5 IBM", "Sell half of my IBM"), (*SPAN[:4], "--every", "10", "--json")
    document = json.loads(_out(capsys, "agents", *asks, *span))
    assert len(document["decisions"]) == 4
    assert {one["asked"] for one in document["decisions"]} == {"Buy 5 IBM", "Sell half of my IBM"}
    assert document["decider"]["kind"] == "planner"


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["What is momentum?"], 2, "reads as a question of knowledge"),
        (["buy 10 IBM if it falls below 190"], 2, "can't be part of an order"),
        (["Buy 10 IBM", "buy  10 IBM", "Buy 10  IBM"], 2, "is said twice"),
        (["Buy 10 IBM", "--most-calls", "0"], 2, "--most-calls takes 1 to"),
        (["Buy 10 IBM", "--every", "never"], 2, "--every takes"),
        (["Buy 10 IBM", "--knowledge-ends", "2024-06-01"], 2, "the planner has no knowledge"),
        (["Buy 10 IBM", "--knowledge-ends", "soon"], 2, "is no date"),
        (["Buy 10 IBM", "--recorded", "nothing.jsonl"], 2, "can't be read"),
        (["Buy 10 IBM", "--record", "some.jsonl"], 2, "needs a language model"),
        (["Buy 10 IBM", "--cost", "luck=1"], 2, "There is no cost 'luck'"),
        (["Buy 10 IBM", "--from", "2013-03-01"], 2, "at least two"),
        (["Buy 10 IBM", "--cash", "-5"], 2, "The cash must be"),
        (["Buy 10 ZZZZ"], 3, "No feed has prices of ZZZZ"),
        (["Buy 10 IBM", "--limits", "none.toml"], 10, "limits"),
    ],
)
def test_bad_input_is_a_sentence_and_a_status(capsys, arguments, status, sentence):
    ended, out, err = said(capsys, "agents", *arguments)
    assert sentence in err
    assert ended == status
    assert not out
    assert "Traceback" not in err


@pytest.mark.parametrize("ends", [KeyboardInterrupt(), ModelUnavailable("It is gone.")])
def test_what_ends_a_run_says_what_is_kept(capsys, monkeypatch, tollgate_home, ends):
    def ended(*given):
        given[-1].told(3, 10)
        raise ends

    monkeypatch.setattr(running, "play", ended)
    status, _, err = said(capsys, "agents", "Buy 10 IBM")
    assert status == (130 if isinstance(ends, KeyboardInterrupt) else ends.exit_status)
    assert "after 3 of 10 questions. Their answers are kept: the same command goes on there" in err
    assert not list(tollgate_home.glob("backtests/*.json"))


def test_what_is_ahead_is_told_and_nothing_of_it_is_in_the_document(capsys, monkeypatch):
    double = OpenAIDouble(sensible)
    monkeypatch.setenv("OPENAI_BASE_URL", double.url)
    status, out, err = said(capsys, "agents", "Should I buy IBM?", *SPAN, "--json")
    double.close()
    assert status == 0
    assert "5 questions are ahead, with 4 to 24 calls of gpt-5-mini each: 20 to 120 calls" in err
    assert "The first question took 7 calls and 14 tokens: at that the other 4 take 28 calls" in err
    assert json.loads(out)["decider"]["requests"] == 35


def test_a_model_s_words_cannot_steer_the_terminal(capsys, monkeypatch):
    def escaping(body):
        answer = sensible(body)
        if answer["content"]:
            answer["content"] = "\x1b[2J\u202e gone [[c1:last_close|,.2f]]"
        return answer

    double = OpenAIDouble(escaping)
    monkeypatch.setenv("OPENAI_BASE_URL", double.url)
    _, out, _ = said(capsys, "agents", "Should I buy IBM?", *SPAN)
    double.close()
    assert "gone" in out
    assert "\x1b[2J" not in out
    assert "\u202e" not in out
    assert "UNKNOWN" in out


def test_with_the_whole_knowledge_base_it_cites_what_was_known_then(
    capsys, monkeypatch, knowledge_home: Path
):
    monkeypatch.undo()
    monkeypatch.setenv("TOLLGATE_HOME", str(knowledge_home))
    monkeypatch.setenv("TOLLGATE_FEED", "sample")
    document = json.loads(
        _out(capsys, "agents", "Should I buy IBM?", *SPAN[:4], "--every", "10", "--json")
    )
    assert len(document["decisions"]) == 2
    assert all(one["citations"] for one in document["decisions"])
    assert not [one for one in document["findings"] if one["kind"] == "ranks"]
