"""A language model on the past: recorded, played back to the last bit, and without any power."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from agents.recorded_answer import Answer
from agents.recording import CallsSpent, NotRecorded, Recording
from app.past import asking
from app.past.decider import Decider
from tests.agents.openai_double import OpenAIDouble, calls, role_of, says
from tests.app.agents_past import played
from tests.backtest.past import market
from tools.domain.errors import ConfigError, InputError, ModelUnavailable

BUY = "Buy 10 shares of IBM"
PAST = market(24)


def sensible(body: dict[str, Any]) -> dict[str, Any]:
    """Each agent calls its tool once, then writes with references."""
    role = role_of(body)
    tool = {"data": "get_quote", "signal": "compute_indicators", "risk": "get_portfolio"}.get(role)
    if tool is None or any(m["role"] == "tool" for m in body["messages"]):
        return says(f"The {role} agent saw [[c1:last_close|,.2f]].")
    return calls(tool, **({} if role == "risk" else {"symbol": "IBM"}))


@pytest.fixture
def endpoint(monkeypatch):
    """Begin an endpoint that answers so; the settings name it."""
    made = []

    def begin(reply=sensible, **more):
        made.append(OpenAIDouble(reply, **more))
        monkeypatch.setenv("OPENAI_BASE_URL", made[-1].url)
        monkeypatch.setenv("TOLLGATE_MODEL", "some-model")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
        return made[-1]

    yield begin
    for double in made:
        double.close()


def without(monkeypatch):
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY", "TOLLGATE_MODEL"):
        monkeypatch.delenv(name)


def test_a_recording_gives_the_same_result_without_the_model(endpoint, monkeypatch, tmp_path):
    double, path = endpoint(), tmp_path / "r.jsonl"
    live = played(PAST, BUY, every="12", record=path, knowledge_ends=date(2009, 1, 1))
    asked = len(double.seen)
    assert asked == 2 * 7
    double.close()
    without(monkeypatch)
    one, other = (played(PAST, BUY, every="12", recorded=path) for _ in range(2))
    assert one == other == live
    assert one["hash"] == other["hash"] == live["hash"]
    assert one["decider"]["name"] == "language model some-model"
    assert len(one["record"]["params"]["recording"]) == 16
    first = PAST.bars["IBM"][0].close
    assert one["decisions"][0]["said"][0]["text"] == f"The data agent saw {first:,.2f}."
    assert "sk-canary" not in path.read_text() + json.dumps(live)


def test_recording_again_asks_nothing_that_is_kept(endpoint, tmp_path):
    double, path = endpoint(), tmp_path / "r.jsonl"
    played(PAST, BUY, every="8", record=path, end=date(2010, 1, 20))
    assert len(double.seen) == 2 * 7
    for _ in range(2):
        played(PAST, BUY, every="8", record=path)
        assert len(double.seen) == 3 * 7


@pytest.mark.parametrize("change", [{"cash": 90_000.0}, {"ask": "Buy 11 shares of IBM"}])
def test_what_has_no_recording_is_told_with_its_moment(endpoint, tmp_path, change):
    endpoint()
    path = tmp_path / "r.jsonl"
    played(PAST, BUY, every="8", record=path)
    ask = change.pop("ask", BUY)
    with pytest.raises(NotRecorded, match="2010-01-04T21:00"):
        played(PAST, ask, every="8", recorded=path, **change)


def test_a_recording_that_ends_too_soon_is_told_with_the_first_moment_that_lacks(
    endpoint, tmp_path
):
    endpoint()
    path = tmp_path / "r.jsonl"
    played(PAST, BUY, every="8", record=path, end=date(2010, 1, 20))
    with pytest.raises(NotRecorded, match="2010-01-27T21:00"):
        played(PAST, BUY, every="8", recorded=path)


def test_a_moment_at_which_the_model_fails_is_a_finding_and_the_run_goes_on(endpoint, tmp_path):
    seen = []

    def fails_once(body):
        seen.append(role_of(body))
        if seen.count("data") in (3, 4):  # the second moment's first request, and its retry
            raise ConnectionError
        return sensible(body)

    endpoint(fails_once)
    path = tmp_path / "r.jsonl"
    run = played(PAST, BUY, every="8", record=path)
    assert [bool(one["error"]) for one in run["decisions"]] == [False, True, False]
    found = next(f for f in run["findings"] if f["kind"] == "no answer")
    assert found["at"] == "2010-01-14 21:00"
    assert "can't be reached" in found["sentence"]
    assert played(PAST, BUY, every="8", recorded=path)["hash"] == run["hash"]


def test_an_order_proposed_before_the_model_failed_is_in_its_decision(endpoint):
    def silent_at_the_end(body):
        if role_of(body) == "execution" and "2010-01-14" in json.dumps(body):
            return {"role": "assistant", "content": None, "tool_calls": "nonsense"}
        return sensible(body)

    endpoint(silent_at_the_end)
    run = played(PAST, BUY, every="8")
    assert [len(one["orders"]) for one in run["decisions"]] == [1, 1, 1]
    assert run["decisions"][1]["error"]


def test_a_model_that_never_answers_ends_the_run_at_once(endpoint):
    double = endpoint(status=401)
    with pytest.raises(ModelUnavailable, match="refused the key"):
        played(PAST, BUY)
    assert len(double.seen) == 1


def test_a_model_that_is_gone_ends_the_run_after_some_moments(endpoint, monkeypatch):
    monkeypatch.setattr(asking, "MOST_SILENT", 3)
    first = []

    def once(body):
        first.append(role_of(body))
        return sensible(body) if len(first) <= 7 else {"role": "assistant", "tool_calls": 7}

    endpoint(once)
    heard = []
    with pytest.raises(ModelUnavailable):
        played(PAST, BUY, told=lambda *way: heard.append(way))
    assert heard[-1][0] == 3


def hostile(body: dict[str, Any]) -> dict[str, Any]:
    """Wants to order, to approve and to see the future, at every turn."""
    reply = calls("propose_order", symbol="IBM", side="buy", quantity="4999", as_of="2001-01-01")
    for name, given in {
        "approve_order": {"order_id": "x"},
        "get_quote": {"symbol": "IBM", "as_of": "2030-01-01"},
        "search_knowledge": {"query": "momentum", "as_of": "2030-01-01"},
    }.items():
        reply["tool_calls"] += calls(name, **given)["tool_calls"]
    return reply


def test_a_hostile_model_orders_nothing_but_the_instruction(endpoint):
    double = endpoint(hostile)
    run = played(PAST, BUY, every="24")
    orders = [o["order"] for one in run["decisions"] for o in one["orders"]]
    assert len(orders) == 1
    assert all(order.startswith("buy 10 IBM") for order in orders)
    assert "2030" not in json.dumps([m for body in double.seen for m in body["messages"]
                                     if m["role"] == "tool"])  # fmt: skip


def test_a_condition_is_weighed_by_host_code_whatever_the_model_looks_at(endpoint):
    endpoint(lambda body: says("Momentum is up, buy!"))
    past = market(90)
    closes = [float(bar.close) for bar in past.bars["IBM"]]
    rose = closes[80] > closes[60]
    sense, other = ("above", "below") if rose else ("below", "above")
    start = past.bars["IBM"][80].session
    asks = (f"Buy 10 IBM if momentum is {sense} zero", f"Buy 9 IBM if momentum is {other} zero")
    run = played(past, *asks, every="30", start=start)
    assert [len(one["orders"]) for one in run["decisions"]] == [1, 0]
    assert "it was asked for only if" in run["decisions"][1]["answer"]


@pytest.mark.parametrize(
    ("ends", "share", "says_"),
    [
        (None, None, "not to be trusted on any of them"),
        (date(2009, 12, 31), 0.0, "can't have read of them"),
        (date(2010, 1, 14), 2 / 3, "67% lie before that"),
        (date(2024, 6, 1), 1.0, "not to be trusted on any of them"),
    ],
)
def test_what_the_model_could_have_known_is_told(ends, share, says_):
    class Named:
        label = "language model some-model"

    days = (date(2010, 1, 4), date(2010, 1, 14), date(2010, 1, 27))
    who = Decider(Named(), Recording("some-model", "here"), knowledge_ends=ends).told(days)
    assert who["share_before"] == share
    assert who["knowledge_ends"] == (ends.isoformat() if ends else None)
    assert says_ in who["note"]
    assert "come from the instruction" in who["note"]


def test_the_cut_off_may_be_set_for_good(endpoint, monkeypatch):
    endpoint()
    monkeypatch.setenv("TOLLGATE_MODEL_KNOWLEDGE_ENDS", "2009-06-01")
    assert played(PAST, BUY, every="24")["decider"]["knowledge_ends"] == "2009-06-01"


def test_options_that_do_not_go_together_are_told(endpoint, tmp_path):
    with pytest.raises(InputError, match="needs a language model"):
        played(PAST, BUY, record=tmp_path / "r")
    with pytest.raises(InputError, match="say one of them"):
        played(PAST, BUY, record=tmp_path / "r", recorded=tmp_path / "r")


@pytest.mark.parametrize(
    "environment",
    [{"OPENAI_PROXY": "http://127.0.0.1:9"}, {"ALL_PROXY": "socks5://127.0.0.1:9"},
     {"HTTP_PROXY": "::"}, {"SSL_CERT_FILE": "/none"}],
)  # fmt: skip
def test_a_recording_needs_nothing_of_the_environment(endpoint, monkeypatch, tmp_path, environment):
    endpoint()
    path = tmp_path / "r.jsonl"
    live = played(PAST, BUY, every="24", record=path)
    without(monkeypatch)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert played(PAST, BUY, every="24", recorded=path)["hash"] == live["hash"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("ALL_PROXY", "socks5://127.0.0.1:9"), ("HTTP_PROXY", "::"), ("SSL_CERT_FILE", "/none"),
     ("OPENAI_PROXY", "nonsense"), ("OPENAI_API_KEY", "sk-é")],
)  # fmt: skip
def test_a_way_to_the_model_that_is_none_is_a_sentence(
    endpoint, monkeypatch, tmp_path, name, value
):
    endpoint()
    monkeypatch.setenv(name, value)
    path = tmp_path / "r.jsonl"
    with pytest.raises(ConfigError, match=name):
        played(PAST, BUY, every="24", record=path)
    assert not path.exists()


def test_the_proxy_that_is_set_is_asked(endpoint, monkeypatch):
    double = endpoint()
    monkeypatch.setenv("OPENAI_BASE_URL", "http://far.example/v1")
    monkeypatch.setenv("OPENAI_PROXY", double.url.removesuffix("/v1"))
    monkeypatch.setenv("NO_PROXY", "")
    assert not played(PAST, BUY, every="24")["decisions"][0]["error"]
    assert len(double.seen) == 7


def test_a_recording_without_an_answer_is_told(tmp_path):
    path = tmp_path / "r.jsonl"
    recording = Recording("some-model", "here")
    recording.keep_in(path)
    recording.note("a", Answer(failure="timeout"))
    with pytest.raises(InputError, match="no answer of a model in it"):
        played(PAST, BUY, recorded=path)


def test_a_run_ends_at_the_calls_allowed_and_goes_on_with_more(endpoint):
    double, heard = endpoint(), []
    whole = played(PAST, BUY, every="8")
    double.seen.clear()
    with pytest.raises(CallsSpent, match="asked 12 times, as often as --most-calls allows"):
        played(PAST, BUY, every="8", most_calls=12, cash=100_001.0)
    assert len(double.seen) == 12
    run = played(PAST, BUY, every="8", most_calls=14, cash=100_001.0, say=heard.append)
    assert len(double.seen) == 12 + 14
    assert "1 of 3 questions are answered already. 2 questions are ahead" in heard[0]
    assert [one["answer"] for one in run["decisions"]] == [
        one["answer"] for one in whole["decisions"]
    ]
    with pytest.raises(InputError, match="at least some 12 calls of some-model, and --most-calls"):
        played(PAST, BUY, every="8", most_calls=11, cash=100_002.0)


@pytest.mark.parametrize("recording", [False, True])
def test_a_model_is_not_asked_again_what_it_answered_before_the_run_was_stopped(
    endpoint, tmp_path, recording
):
    double = endpoint()
    path = tmp_path / "r.jsonl" if recording else None

    def stop(done, whole):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        played(PAST, BUY, every="8", record=path, told=stop)
    assert len(double.seen) == 2 * 7
    resumed = played(PAST, BUY, every="8", record=path)
    assert len(double.seen) == 3 * 7
    assert resumed["hash"] == played(PAST, BUY, every="8")["hash"]
    if path is not None:
        assert played(PAST, BUY, every="8", recorded=path)["hash"] == resumed["hash"]


def test_where_the_recording_was_taken_away_the_model_is_asked_again(endpoint, tmp_path):
    double, path = endpoint(), tmp_path / "r.jsonl"

    def stop(done, whole):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        played(PAST, BUY, every="8", record=path, told=stop)
    path.unlink()
    run = played(PAST, BUY, every="8", record=path)
    assert len(double.seen) == 4 * 7
    assert played(PAST, BUY, every="8", recorded=path)["hash"] == run["hash"]


def test_a_model_that_was_gone_is_asked_again_from_where_it_went(endpoint, monkeypatch):
    monkeypatch.setattr(asking, "MOST_SILENT", 2)
    gone = []

    def leaves(body):
        if gone and gone[0] <= 0:
            return {"role": "assistant", "tool_calls": 7}
        if gone:
            gone[0] -= 1
        return sensible(body)

    endpoint(leaves)
    whole = played(PAST, BUY, every="4")
    gone.append(2 * 7)
    with pytest.raises(ModelUnavailable):
        played(PAST, BUY, every="4")
    gone.clear()
    assert played(PAST, BUY, every="4")["hash"] == whole["hash"]


def test_a_hostile_model_s_orders_are_not_proposed_when_the_run_goes_on(endpoint):
    endpoint(hostile)

    def stop(done, whole):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        played(PAST, BUY, every="12", told=stop)
    run = played(PAST, BUY, every="12")
    orders = [o["order"] for one in run["decisions"] for o in one["orders"]]
    assert len(orders) == 2
    assert all(order.startswith("buy 10 IBM") for order in orders)


@pytest.mark.parametrize(
    "answer",
    [
        {"role": "assistant", "content": "", "tool_calls": [{"id": "1", "type": "function",
         "function": {"name": "get_tomorrow", "arguments": "{}"}}]},
        {"role": "assistant", "content": "", "tool_calls": [{"id": "1", "type": "function",
         "function": {"name": "get_quote", "arguments": "{not json"}}]},
        says("Tomorrow, on 2010-01-05, IBM closes at 999.99 and nobody knows but me."),
    ],
)  # fmt: skip
def test_nonsense_of_a_model_never_becomes_an_order_or_a_figure(endpoint, answer):
    endpoint(lambda body: dict(answer))
    run = played(PAST, BUY, every="24")
    assert "999.99" not in json.dumps(run)
    ordered = [order["order"] for one in run["decisions"] for order in one["orders"]]
    assert all(order.startswith("buy 10 IBM") for order in ordered)


@pytest.mark.parametrize("answer", [{"role": "assistant", "content": 7}, {"role": "user"}])
def test_an_answer_that_is_none_ends_a_run_at_its_first_question(endpoint, answer):
    endpoint(lambda body: dict(answer))
    with pytest.raises(ModelUnavailable, match="failed"):
        played(PAST, BUY, every="24")


@pytest.mark.parametrize("status", [429, 500])
def test_days_on_which_the_endpoint_refuses_are_counted(endpoint, status):
    double = endpoint()
    count = []

    def refusing(done, whole):
        count.append(done)
        double.status = 200 if done > 1 else status

    run = played(PAST, BUY, every="6", told=refusing)
    assert [bool(one["error"]) for one in run["decisions"]] == [False, True, False, False]
    (found,) = [one for one in run["findings"] if one["kind"] == "no answer"]
    assert "The model gave no answer on 2010-01-12" in found["sentence"]
    assert run["decider"]["unanswered"] == 1
    assert not run["decisions"][1]["orders"]
