"""What a model answered, kept and played back: the same answer to the same request, or none."""

from __future__ import annotations

import json
import stat

import httpx
import pytest

from agents.recorded_answer import Answer
from agents.recorded_transport import RecordedTransport
from agents.recording import CallsSpent, NotRecorded, Recording
from tools.domain.errors import InputError, StateError

URL = "http://127.0.0.1:1/v1/chat/completions"


class Wire(httpx.AsyncBaseTransport):
    """Gives one outcome after another; ``asked`` counts."""

    def __init__(self, *outcomes) -> None:
        self.outcomes, self.asked = list(outcomes), 0

    async def handle_async_request(self, request):
        self.asked += 1
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


async def sent(recording, wire, body=b'{"a": 1}', headers=None):
    through = None if wire is None else httpx.AsyncClient(transport=wire)
    async with httpx.AsyncClient(transport=RecordedTransport(recording, through)) as client:
        return await client.post(URL, content=body, headers=headers)


def fresh(path=None, model="some-model"):
    recording = Recording(model, "http://127.0.0.1:1/v1", "2024-06-01")
    recording.at = "2012-01-03T21:00:00+00:00"
    if path is not None:
        recording.keep_in(path)
    return recording


def again(path):
    recording = Recording.read(path)
    recording.at = "2012-01-03T21:00:00+00:00"
    return recording


async def test_an_answer_is_played_back_from_the_file_without_asking(tmp_path):
    path = tmp_path / "r.jsonl"
    recording = fresh(path)
    first = await sent(recording, Wire(httpx.Response(200, text='{"said": "é"}')))
    kept = again(path)
    second = await sent(kept, None, b'{"a":1}')
    assert first.json() == second.json() == {"said": "é"}
    assert kept.hash == recording.hash
    assert (kept.model, kept.knowledge_ends) == ("some-model", "2024-06-01")


@pytest.mark.parametrize("change", ["body", "moment"])
async def test_another_request_has_no_answer_and_the_moment_is_told(tmp_path, change):
    path = tmp_path / "r.jsonl"
    await sent(fresh(path), Wire(httpx.Response(200, text="{}")))
    kept = again(path)
    if change == "moment":
        kept.at = "2012-01-04T21:00:00+00:00"
    with pytest.raises(NotRecorded, match=kept.at[:10]):
        await sent(kept, None, b'{"a": 1}' if change == "moment" else b'{"a": 2}')


async def test_recording_goes_on_where_it_stopped_and_asks_again_what_failed(tmp_path):
    path = tmp_path / "r.jsonl"
    wire = Wire(httpx.Response(200, text='"first"'), httpx.ReadTimeout("slow"))
    recording = fresh(path)
    await sent(recording, wire)
    with pytest.raises(httpx.ReadTimeout):
        await sent(recording, wire, b'{"b": 1}')
    with pytest.raises(httpx.ReadTimeout):
        await sent(again(path), None, b'{"b": 1}')
    wire = Wire(httpx.Response(200, text='"second"'))
    assert (await sent(fresh(path), wire)).json() == "first"
    assert wire.asked == 0
    assert (await sent(fresh(path), wire, b'{"b": 1}')).json() == "second"
    assert (await sent(again(path), None, b'{"b": 1}')).json() == "second"
    assert again(path).kept == 2


async def test_a_refusal_and_a_lost_connection_are_played_back_as_such(tmp_path):
    path = tmp_path / "r.jsonl"
    wire = Wire(httpx.Response(429, text="{}"), httpx.ConnectError("gone"))
    recording = fresh(path)
    assert (await sent(recording, wire)).status_code == 429
    with pytest.raises(httpx.ConnectError):
        await sent(recording, wire, b"no json")
    assert (await sent(again(path), None)).status_code == 429
    with pytest.raises(httpx.ConnectError):
        await sent(again(path), None, b"no json")


async def test_no_key_is_kept_and_nobody_else_can_read_the_file(tmp_path):
    path = tmp_path / "r.jsonl"
    headers = {"Authorization": "Bearer sk-canary"}
    await sent(fresh(path), Wire(httpx.Response(200, text="{}")), headers=headers)
    assert "sk-canary" not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_torn_last_line_is_left_out_and_the_next_begins_at_its_own(tmp_path):
    path = tmp_path / "r.jsonl"
    recording = fresh(path)
    await sent(recording, Wire(httpx.Response(200, text='"one"')))
    with path.open("a") as file:
        file.write('{"key": "torn')
    assert again(path).kept == 1
    await sent(fresh(path), Wire(httpx.Response(200, text='"two"')), b'{"b": 1}')
    assert again(path).kept == 2


@pytest.mark.parametrize(
    "text",
    ["", "\n", "{}\n", "[]\n", '{"recording": 2}\n', '{"recording": 1}\n',
     "<html>\n", "\x00\xff\n", "null\n",
     '{"recording": 2, "model": "m", "where": "w", "knowledge_ends": 1}\nnull\n'],
)  # fmt: skip
def test_a_file_that_is_no_recording_is_told(tmp_path, text):
    path = tmp_path / "r.jsonl"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match="is no recording"):
        Recording.read(path)


def test_what_cannot_be_read_or_written_is_told(tmp_path):
    with pytest.raises(InputError, match="can't be read"):
        Recording.read(tmp_path / "none.jsonl")
    with pytest.raises(StateError, match="can't be recorded"):
        fresh(tmp_path / "none" / "r.jsonl")
    with pytest.raises(InputError, match="can't be read"):
        fresh(tmp_path)


def test_another_models_answers_are_not_mixed_in(tmp_path):
    path = tmp_path / "r.jsonl"
    fresh(path).note("a", Answer(200, "x"))
    with pytest.raises(InputError, match="a file of its own"):
        fresh(path, "another-model")


def test_the_hash_is_over_what_was_used_and_nothing_else(tmp_path):
    recording = fresh()
    recording.note("a", Answer(200, "x"))
    only = recording.hash
    other = fresh()
    other._answers["b"] = Answer(200, "y")
    other.note("a", Answer(200, "x"))
    assert other.hash == only
    other.note("a", Answer(200, "z"))
    assert other.hash != only
    assert json.loads('"x"') == "x"


async def test_a_file_is_begun_with_the_first_answer_and_never_with_a_head_alone(tmp_path):
    path = tmp_path / "r.jsonl"
    recording = fresh(path)
    assert not path.exists()
    await sent(recording, Wire(httpx.Response(200, text="{}")))
    assert len(path.read_text().splitlines()) == 2


@pytest.mark.parametrize(
    "edit", [("true", "false"), ('"status": 200', '"status": 500'), ("12-01-03", "12-01-04")]
)
def test_an_answer_that_was_edited_is_told_with_its_line(tmp_path, edit):
    path = tmp_path / "r.jsonl"
    recording = fresh(path)
    recording.note("a", Answer(200, "{}"))
    recording.note("b", Answer(200, "true"))
    path.write_text(path.read_text().replace(*edit))
    with pytest.raises(InputError, match="is not as it was recorded"):
        Recording.read(path)
    with pytest.raises(InputError, match="is not as it was recorded"):
        fresh(path)


def test_why_there_is_no_answer_is_told(tmp_path):
    recording = fresh()
    assert "no answer at all" in str(recording.missing())
    recording.asked = "Buy 10 IBM"
    recording.note("a", Answer(200, "x"))
    recording.at = "2012-01-17T21:00:00+00:00"
    recording.note("b", Answer(200, "x"))
    assert "not what the recorded model was asked then" in str(recording.missing())
    recording.asked = "Buy 11 IBM"
    assert "“Buy 10 IBM”, and not “Buy 11 IBM”" in str(recording.missing())
    recording.at = "2012-01-10T21:00:00+00:00"
    assert "some before and after" in str(recording.missing())
    recording.at = "2012-01-24T21:00:00+00:00"
    assert "made over other dates, or stopped before its end" in str(recording.missing())


async def test_no_more_calls_are_made_than_allowed_and_what_is_kept_costs_none():
    recording = fresh()
    recording.most_calls = 1
    wire = Wire(httpx.Response(200, text='{"usage": {"total_tokens": 7}}'))
    for _ in range(2):
        await sent(recording, wire)
    assert (recording.calls, recording.requests, recording.tokens) == (1, 1, 7)
    with pytest.raises(CallsSpent, match="asked 1 times, as often as --most-calls"):
        await sent(recording, wire, b"another")
    assert wire.asked == 1


@pytest.mark.parametrize("text", ["", "[]", '{"usage": null}', '{"usage": {"total_tokens": "x"}}'])
def test_an_endpoint_may_tell_no_tokens(text):
    assert Answer(200, text).tokens == 0
