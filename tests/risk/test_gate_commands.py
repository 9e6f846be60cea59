"""``tollgate gate``: check a case from a file, show limits and codes, replay the journal."""

import json
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.cli.case_file import read_case
from app.cli.main import run
from tests.doubles import case, order
from tests.risk.cases import ORDERS, rich
from tools.desk.judgement import verdict_name
from tools.desk.replaying import replay
from tools.domain.errors import InputError
from tools.execution.codec import to_plain
from tools.ports import Event
from tools.risk.case_codec import PARTS
from tools.risk.gate import codes, decide
from tools.risk.limits import PROFILES, load_limits

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "gate-case.json"


@contextmanager
def changed(tmp_path, **parts):
    data = json.loads(EXAMPLE.read_text(encoding="utf-8")) | parts
    path = tmp_path / "case.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    yield path


def test_the_example_is_checked_and_wants_a_person(capsys):
    assert run(["gate", "check", str(EXAMPLE), "--json"]) == 20
    said = json.loads(capsys.readouterr().out)
    assert said["verdict"] == "needs_human"
    assert [r["code"] for r in said["reasons"]] == ["G06"]


@pytest.mark.parametrize(
    ("parts", "status", "verdict"),
    [
        ({"limits": "active"}, 0, "Approved"),
        ({"mode": "HALTED"}, 21, "Refused"),
        ({"health": None}, 21, "Refused"),
    ],
)
def test_each_verdict_has_its_exit_status(tmp_path, capsys, parts, status, verdict):
    with changed(tmp_path, **parts) as path:
        assert run(["gate", "check", str(path)]) == status
    assert capsys.readouterr().out.startswith(verdict)


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"surprise": 1}, "surprise"),
        ({"order": {"symbol": "IBM"}}, "order.intent_id is missing"),
        ({"mode": 2}, "mode"),
        ({"limits": "brave"}, "brave"),
        ({"account": {"cash": 1}}, "account"),
    ],
)
def test_a_wrong_case_is_one_sentence_with_the_field(tmp_path, capsys, parts, says):
    with changed(tmp_path, **parts) as path:
        assert run(["gate", "check", str(path)]) not in (0, 20, 21, 70)
    assert says in capsys.readouterr().err


def test_a_file_that_is_none_is_an_input_error(tmp_path):
    for text in ("", "[]", "{"):
        (tmp_path / "odd.json").write_text(text, encoding="utf-8")
        with pytest.raises(InputError):
            read_case(tmp_path / "odd.json")
    with pytest.raises(InputError):
        read_case(tmp_path / "none.json")


@pytest.mark.parametrize("profile", PROFILES)
def test_limits_of_a_profile_are_shown_with_their_hash(capsys, profile):
    assert run(["gate", "limits", "--profile", profile, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["hash"] == load_limits(profile).hash
    assert run(["gate", "limits", "--profile", profile]) == 0
    assert load_limits(profile).hash in capsys.readouterr().out


def test_every_code_is_explained_at_the_terminal(capsys):
    assert run(["gate", "explain", "all", "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == set(codes())
    assert {f"G{n:02}" for n in range(35)} | {"G36"} == set(codes())
    assert run(["gate", "explain", "g31"]) == 0
    assert capsys.readouterr().out.startswith("G31: Self-match")
    assert run(["gate", "explain", "G99"]) == 4


def journal(*cases, limits=True):
    """The events that a desk writes for these cases."""
    rows = []
    if limits:
        held = cases[0].limits
        rows.append(("limits", "", {"hash": held.hash, "limits": held.canonical().decode()}))
    for c in cases:
        key, verdict = c.order.client_order_id, decide(c)
        rows.append(("proposed", key, {"order": to_plain(c.order)}))
        data = {
            "verdict": verdict_name(verdict),
            "digest": verdict.digest,
            "limits_hash": verdict.limits_hash,
            "reasons": to_plain(verdict.reasons),
            "inputs": {name: to_plain(getattr(c, name)) for name in PARTS},
        }
        rows.append(("verdict", key, data))
    at = datetime(2026, 1, 5, tzinfo=UTC)
    return [
        Event(n, at, kind, key, json.loads(json.dumps(data)), "", "")
        for n, (kind, key, data) in enumerate(rows, 1)
    ]


def test_a_replay_of_an_untouched_journal_finds_every_verdict_the_same():
    cases = [rich(wish) for wish in ORDERS.values()]
    cases += [case(order(quantity="999999")), case(account=None)]
    found = replay(journal(*cases))
    assert (found.verdicts, found.same) == (len(cases), len(cases))
    assert not found.differences


@pytest.mark.parametrize("key", ["verdict", "digest", "reasons"])
def test_a_replay_names_the_verdict_that_differs(key):
    events = journal(case())
    events[-1].data[key] = "another"
    (row,) = replay(events).differences
    assert row.seq == events[-1].seq
    assert row.sentence.startswith(key)


def test_a_verdict_without_its_inputs_is_counted_and_not_called_the_same():
    events = journal(case(), rich(ORDERS["oco"]))
    del events[2].data["inputs"]["activity"]
    found = replay(events)
    assert (found.verdicts, found.same) == (2, 1)
    assert "activity" in found.unreplayable[0].sentence
    assert len(replay(journal(case(), limits=False)).unreplayable) == 1


def test_the_journal_of_a_new_home_replays(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TOLLGATE_HOME", str(tmp_path))
    assert run(["gate", "replay", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verdicts"] == 0
