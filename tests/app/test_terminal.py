"""The whole path in the terminal: ask, approve, look, verify; and every bad input a sentence."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.cli import run

QUESTION = "Should I buy 50 shares of IBM?"
ROOT = Path(__file__).parents[2]


def told(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> dict[str, Any]:
    """Run a command with ``--json`` and read its document."""
    assert run([*arguments, "--json"]) == status
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


@pytest.fixture(autouse=True)
def _home(knowledge_home: Path) -> Path:
    return knowledge_home


def test_a_question_becomes_an_approved_trade_that_the_ledger_proves(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer = told(capsys, "ask", QUESTION)
    assert {"answer", "citations", "figures", "orders", "session"} <= set(answer)
    order = answer["orders"][0]
    assert order["state"] == "awaiting_approval"
    assert told(capsys, "approvals", "list")["approvals"][0]["id"] == order["id"]
    filled = told(capsys, "approvals", "approve", order["id"])
    assert (filled["state"], filled["filled"]) == ("filled", "50")
    assert "simulated quote" in filled["fills"][0]["basis"]
    account = told(capsys, "portfolio")
    assert (account["positions"][0]["symbol"], account["positions"][0]["quantity"]) == ("IBM", "50")
    assert account["simulated"] is True
    kinds = [row["kind"] for row in told(capsys, "orders", order["id"])["history"]]
    assert kinds.index("approved") < kinds.index("send_intent") < kinds.index("fill")
    assert told(capsys, "audit", "verify")["ok"] is True


def test_an_order_as_of_the_past_fills_on_the_next_bar(capsys: pytest.CaptureFixture[str]) -> None:
    order = told(capsys, "ask", QUESTION, "--as-of", "2012-06-01")["orders"][0]
    filled = told(capsys, "approvals", "approve", order["id"])
    assert filled["fills"][0]["basis"].startswith("open of 2012-06-04")
    assert not told(capsys, "portfolio", "--as-of", "2012-06-01")["positions"]
    assert told(capsys, "portfolio", "--as-of", "2012-06-04")["positions"]


def test_the_terminal_shows_each_tool_call_and_the_sources(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["ask", QUESTION]) == 0
    shown = capsys.readouterr().out
    for agent in ("data", "signal", "risk", "execution"):
        assert f"── {agent} agent ──" in shown
    assert "get_quote(symbol='IBM')" in shown
    assert "Sources:" in shown
    assert "Prices: sample, up to 2013-03-01." in shown


def test_approving_twice_sends_once(capsys: pytest.CaptureFixture[str]) -> None:
    order = told(capsys, "ask", QUESTION)["orders"][0]
    told(capsys, "approvals", "approve", order["id"])
    assert run(["approvals", "approve", order["id"]]) == 5
    assert "filled" in capsys.readouterr().err
    assert told(capsys, "portfolio")["positions"][0]["quantity"] == "50"


def test_a_rejected_order_is_never_sent(capsys: pytest.CaptureFixture[str]) -> None:
    order = told(capsys, "ask", QUESTION)["orders"][0]
    assert told(capsys, "approvals", "reject", order["id"])["state"] == "declined"
    assert run(["approvals", "approve", order["id"]]) == 5
    assert not told(capsys, "portfolio")["positions"]


def test_a_halt_stops_new_and_waiting_orders_and_outlives_the_process(
    capsys: pytest.CaptureFixture[str],
) -> None:
    order = told(capsys, "ask", QUESTION)["orders"][0]
    assert told(capsys, "halt")["mode"] == "HALTED"
    assert told(capsys, "approvals", "approve", order["id"], status=11)["state"] == "denied"
    refused = told(capsys, "ask", QUESTION, status=11)["orders"][0]
    assert refused["state"] == "denied"
    assert "G01" in {reason["code"] for reason in refused["reasons"]}
    assert told(capsys, "resume")["mode"] == "ACTIVE"
    assert told(capsys, "ask", QUESTION)["orders"][0]["state"] == "awaiting_approval"


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["ask", ""], 2, "the question is empty"),
        (["ask", "Should I buy 50 shares of XYZQ?"], 3, "No feed has prices of XYZQ"),
        (["ask", "buy 0 shares of IBM"], 2, "above zero"),
        (["ask", "buy -5 shares of IBM"], 2, "above zero"),
        (["ask", "buy 99999999999999 shares of IBM"], 2, "more than any company has"),
        (["ask", "asdf zxcv qwer"], 2, "nothing in the knowledge base"),
        (["ask", QUESTION, "--as-of", "1990-01-01"], 3, "2000-03-01"),
        (["ask", QUESTION, "--as-of", "yesterday"], 2, "--as-of takes a date"),
        (["ask", QUESTION, "--as-of", "2012-13-45"], 2, "--as-of takes a date"),
        (["ask", QUESTION, "--session", "../x"], 2, "a session id has"),
        (["approvals", "approve", "nosuchid"], 4, "nosuchid"),
        (["orders", "nosuchid"], 4, "nosuchid"),
        (["data", "bars", "I/B/M!"], 2, ""),
        (["knowledge", "search", "  "], 2, "a few words"),
        (["gate", "explain", "G99"], 4, "G99"),
    ],
)
def test_bad_input_gets_a_sentence_and_a_status(
    capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, says: str
) -> None:
    assert run(arguments) == status
    told_ = capsys.readouterr().err
    assert told_.startswith("Error: ")
    assert says in told_
    assert "Traceback" not in told_


@pytest.mark.parametrize("said", ["buy 1.5 shares of IBM", "buy 1e9 shares of IBM"])
def test_what_the_gate_refuses_is_answered_with_every_reason(
    capsys: pytest.CaptureFixture[str], said: str
) -> None:
    order = told(capsys, "ask", said, status=11)["orders"][0]
    assert order["state"] == "denied"
    assert any(reason["hard"] for reason in order["reasons"])


def test_a_wrong_setting_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOLLGATE_FEEED", "sample")
    assert run(["portfolio"]) == 10
    assert "did you mean TOLLGATE_FEED?" in capsys.readouterr().err
    monkeypatch.delenv("TOLLGATE_FEEED")
    monkeypatch.setenv("TOLLGATE_FEED", "bloomberg")
    assert run(["portfolio"]) == 10
    assert "TOLLGATE_FEED" in capsys.readouterr().err


def test_a_state_folder_that_is_a_file_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("TOLLGATE_HOME", str(tmp_path / "file"))
    assert run(["portfolio"]) == 9
    assert "TOLLGATE_HOME" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["portfolio"], ["ask", QUESTION], ["halt"], ["orders"]])
def test_a_corrupt_ledger_is_told_and_kept(
    capsys: pytest.CaptureFixture[str], knowledge_home: Path, command: list[str]
) -> None:
    ledger = knowledge_home / "ledger.db"
    ledger.write_bytes(b"this is no database" * 100)
    assert run(command) == 9
    assert "Traceback" not in capsys.readouterr().err
    assert ledger.read_bytes() == b"this is no database" * 100


def test_corrupt_conversations_are_told_and_touch_no_order(
    capsys: pytest.CaptureFixture[str], knowledge_home: Path
) -> None:
    (knowledge_home / "sessions.db").write_bytes(b"garbage" * 1000)
    assert run(["ask", QUESTION]) == 9
    assert "sessions.db" in capsys.readouterr().err
    assert told(capsys, "audit", "verify")["ok"] is True


def test_a_tampered_ledger_is_found(
    capsys: pytest.CaptureFixture[str], knowledge_home: Path
) -> None:
    import sqlite3

    told(capsys, "ask", QUESTION)
    with sqlite3.connect(knowledge_home / "ledger.db") as raw:
        for (name,) in raw.execute(
            "select name from sqlite_master where type='trigger'"
        ).fetchall():
            raw.execute(f"drop trigger {name}")
        raw.execute("update events set data = replace(data, '50', '5000') where seq = 1")
    found = told(capsys, "audit", "verify", status=1)
    assert not found["ok"]
    assert found["problems"]


def test_doctor_names_every_part(capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "doctor")
    parts = {row["part"]: row["status"] for row in found["checks"]}
    assert found["ok"]
    assert {"state", "limits", "ledger", "mode", "prices", "knowledge", "model"} <= set(parts)


def test_doctor_says_what_is_broken(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    found = told(capsys, "doctor", status=1)
    broken = [row for row in found["checks"] if row["status"] == "broken"]
    assert [row["part"] for row in broken] == ["model"]
    assert "can't be reached" in broken[0]["found"]


def test_a_wrong_key_is_told_without_showing_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.agents.openai_double import OpenAIDouble, says

    double = OpenAIDouble(lambda body: says("hi"), status=401)
    monkeypatch.setenv("OPENAI_BASE_URL", double.url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-wrong")
    assert run(["ask", QUESTION]) == 8
    double.close()
    printed = capsys.readouterr()
    assert "refused the key" in printed.err
    assert "sk-canary" not in printed.out + printed.err


def test_own_prices_are_read_from_a_folder(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rows = ["Date,Open,High,Low,Close,Volume"]
    rows += [f"2024-{m:02}-{d:02},10,11,9,10.5,100000" for m in range(1, 7) for d in range(2, 20)]
    (tmp_path / "MINE.csv").write_text("\n".join(r for r in rows if not _weekend(r)))
    monkeypatch.setenv("TOLLGATE_DATA", str(tmp_path))
    monkeypatch.setenv("TOLLGATE_FEED", "files")
    found = told(capsys, "data", "bars", "MINE")
    assert found["feed"].startswith("file:")
    assert found["bars"][-1]["session"] == "2024-06-19"


def _weekend(row: str) -> bool:
    from datetime import date

    day = row.split(",", maxsplit=1)[0]
    return day[0].isdigit() and date.fromisoformat(day).weekday() > 4


def test_the_command_starts_as_a_program_and_help_names_the_commands() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "app", "--help"],
        cwd=ROOT,
        env=os.environ | {"TOLLGATE_FEED": "sample"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for command in ("ask", "chat", "serve", "mcp", "doctor", "approvals", "halt", "audit"):
        assert command in shown


def test_help_imports_no_heavy_library() -> None:
    code = (
        "import sys; from app.cli import run; run(['--help']);"
        "heavy = {'numpy', 'pandas', 'langgraph', 'mcp', 'nicegui', 'fastapi', 'lancedb', 'talib',"
        " 'onnxruntime', 'pydantic'} & set(sys.modules); sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_read_only_state_folder_is_told_and_nothing_is_lost(knowledge_home: Path) -> None:
    if os.geteuid() == 0:
        # Root may write anywhere: ask as a user who may not.
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    else:
        command = []
    knowledge_home.chmod(stat.S_IRUSR | stat.S_IXUSR | stat.S_IROTH | stat.S_IXOTH)
    for folder in knowledge_home.parents:
        if folder.stat().st_uid == os.geteuid() and folder != Path("/tmp"):
            folder.chmod(folder.stat().st_mode | stat.S_IXOTH)
    done = subprocess.run(
        [*command, sys.executable, "-m", "app", "ask", QUESTION],
        cwd=ROOT,
        env=os.environ | {"TOLLGATE_HOME": str(knowledge_home), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    knowledge_home.chmod(stat.S_IRWXU)
    if "Permission denied" in done.stderr and "python" in done.stderr:
        pytest.skip("another user can't start this Python")
    assert done.returncode == 9
    assert done.stderr.startswith("Error: the state folder")


def test_a_person_talks_approves_and_leaves_in_the_chat(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = iter(
        ["approve", "buy 50 IBM", "asdf zxcv", "approve", "halt drill", "buy 5 IBM", "quit"]
    )
    monkeypatch.setattr("builtins.input", lambda prompt: next(lines))
    assert run(["chat"]) == 0
    said = capsys.readouterr()
    assert "no order waits for approval" in said.err
    assert "nothing in the knowledge base" in said.err
    assert "50 filled at" in said.out
    assert "The gate refused it" in said.out
    assert told(capsys, "portfolio")["positions"][0]["quantity"] == "50"


def test_a_misspelt_setting_in_the_env_file_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from tools.settings import Settings

    (tmp_path / ".env").write_text("TOLLGATE_LIMITZ=x\nOTHER_PROJECT=1\n")
    monkeypatch.setitem(Settings.model_config, "env_file", str(tmp_path / ".env"))
    assert run(["portfolio"]) == 10
    assert "did you mean TOLLGATE_LIMITS?" in capsys.readouterr().err


@pytest.mark.parametrize(
    "said",
    ["\x1b[2J\x1b[31mbuy 50 shares of IBM", "buy 50 IBM \u202e", "\x1b]0;own\x07 how is XYZQ?"],
)
def test_nothing_in_a_question_steers_the_terminal(
    capsys: pytest.CaptureFixture[str], said: str
) -> None:
    run(["ask", said])
    printed = capsys.readouterr()
    assert not {"\x1b", "\x07", "\u202e"} & set(printed.out + printed.err)
