"""The whole path in the terminal: ask, approve, look, verify; and every bad input a sentence."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli import run
from tools.desk import OrderRecord

QUESTION = "Should I buy 50 shares of IBM?"
ROOT = Path(__file__).parents[2]


def typed(monkeypatch: pytest.MonkeyPatch, lines: list[str]) -> None:
    """Standard input as a person's lines; each is there as soon as it is asked for."""
    ours, theirs = os.pipe()
    with os.fdopen(theirs, "w") as end:
        end.write("\n".join(lines) + "\n")
    monkeypatch.setattr("sys.stdin", os.fdopen(ours))


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
    assert run(["approvals", "approve", order["id"]]) == 5
    assert "goes on waiting, for trading is halted" in capsys.readouterr().err
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
        (["ask", QUESTION, "--as-of", "yesterday"], 2, "as of takes a date"),
        (["ask", QUESTION, "--as-of", "2012-13-45"], 2, "as of takes a date"),
        (["ask", QUESTION, "--as-of", ""], 2, "as of takes a date"),
        (["ask", QUESTION, "--as-of", "9999-12-31T23:59:59-14:00"], 2, "beyond the calendar"),
        (["portfolio", "--as-of", "0001-01-01T00:00:00+14:00"], 2, "beyond the calendar"),
        (["ask", "x" * 1500], 2, "nothing in the knowledge base"),
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


@pytest.mark.parametrize("command", [["portfolio"], ["ask", QUESTION], ["resume"], ["orders"]])
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
    lines = ["approve", "buy 50 IBM", "asdf zxcv", "approve", "halt drill", "buy 5 IBM", "quit"]
    typed(monkeypatch, lines)
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


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nosuch"], "No such command 'nosuch'"),
        (["ask"], "Missing argument"),
        (["data", "bars", "IBM", "--limit", "x"], "--limit"),
        (["portfolio", "--nosuch"], "No such option"),
        (["audit", "nosuch"], "No such command"),
    ],
)
def test_a_command_line_that_is_not_understood_gets_its_usage(
    capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    assert run(arguments) == 2
    told_ = capsys.readouterr().err
    assert "Usage: tollgate" in told_
    assert says in told_


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("tollgate ")


def test_the_audit_shows_the_events_of_one_order(capsys: pytest.CaptureFixture[str]) -> None:
    order = told(capsys, "ask", QUESTION)["orders"][0]
    told(capsys, "ask", "Should I buy 7 shares of IBM?")
    events = told(capsys, "audit", "show", order["id"])["events"]
    assert len(events) >= 2
    assert {row["order_id"] for row in events} == {order["client_order_id"]}
    assert len(told(capsys, "audit", "show")["events"]) > len(events)


def test_what_is_wrong_with_the_ledger_is_a_sentence(
    capsys: pytest.CaptureFixture[str], knowledge_home: Path
) -> None:
    import sqlite3

    told(capsys, "ask", QUESTION)
    with sqlite3.connect(knowledge_home / "ledger.db") as raw:
        raw.execute("drop trigger events_never_change")
    assert run(["audit", "verify"]) == 1
    said = capsys.readouterr().out
    assert "  The guard events_never_change was removed" in said
    assert "Problem(" not in said
    (problem,) = told(capsys, "audit", "verify", status=1)["problems"]
    assert problem["sentence"].startswith("The guard")
    broken = [r for r in told(capsys, "doctor", status=1)["checks"] if r["status"] == "broken"]
    assert broken[0]["found"].startswith("The guard")


def test_an_approval_that_sent_nothing_is_not_a_success(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from contextlib import contextmanager

    from tools.desk.sending import Sending

    order = told(capsys, "ask", QUESTION)["orders"][0]

    @contextmanager
    def never_ours(_: Sending, wait_s: float) -> Iterator[bool]:
        yield False

    monkeypatch.setattr(Sending, "turn", never_ours)
    assert run(["approvals", "approve", order["id"]]) == 11
    said = capsys.readouterr().out
    assert order["id"] in said
    assert len(said.splitlines()) >= 2
    monkeypatch.undo()


def test_a_bare_approve_means_no_order_of_another_session(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = told(capsys, "ask", QUESTION)["orders"][0]
    typed(monkeypatch, ["approve", "reject", f"approve {elsewhere['id']}", "quit"])
    assert run(["chat"]) == 0
    said = capsys.readouterr()
    assert said.err.count("no order of this session waits") == 2
    assert elsewhere["id"] in said.err
    assert "50 filled at" in said.out


def test_the_terminal_prints_the_order_itself_and_its_reasons_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told(capsys, "halt")
    assert run(["ask", QUESTION]) == 11
    said = capsys.readouterr().out
    order = told(capsys, "orders")["orders"][0]
    before, card, after = said.partition(f"Order {order['id']} · denied: {order['summary']}\n")
    assert card
    reason = next(r for r in order["reasons"] if r["code"] == "G01")
    assert reason["sentence"] in before
    assert reason["sentence"] not in after


def test_a_models_words_do_not_replace_what_the_gate_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from app.cli.asking import show

    reason = {"code": "G01", "sentence": "Trading is halted.", "hard": True}
    order = {"id": "abc", "state": "denied", "summary": "buy 5 IBM", "reasons": [reason]}
    show({"type": "order", "order": order}, by_model=True)
    assert capsys.readouterr().out.strip().splitlines() == [
        "Order abc · denied: buy 5 IBM",
        "  G01: Trading is halted.",
    ]


STARTED = """
import runpy, signal
signal.signal(signal.SIGINT, signal.{ctrl_c})
runpy.run_module("app", run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize(
    ("number", "ctrl_c"),
    [
        (signal.SIGINT, "default_int_handler"),
        (signal.SIGTERM, "default_int_handler"),
        # As a shell starts what runs in the background.
        (signal.SIGTERM, "SIG_IGN"),
    ],
)
@pytest.mark.parametrize(
    ("command", "sign"),
    [(["chat"], "`quit` to leave."), (["ask", QUESTION], "agent ──")],
)
def test_a_signal_ends_the_terminal_at_once(
    knowledge_home: Path, command: list[str], sign: str, number: int, ctrl_c: str
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", STARTED.format(ctrl_c=ctrl_c), *command],
        cwd=ROOT,
        env=os.environ | {"TOLLGATE_HOME": str(knowledge_home), "TOLLGATE_FEED": "sample"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert any(sign in line for line in process.stdout)
    process.send_signal(number)
    try:
        _, said = process.communicate(timeout=20)
    finally:
        process.kill()
    assert (process.returncode, said) == (130, "Stopped.\n")


def test_what_a_terminal_would_hide_is_spelled_out_in_json(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from app.cli.output import print_json

    document = {"é\u202e": ["\x7f\x9b2J", "Zürich 株", "\u2028", "\U000e0041", "\ud800"]}
    print_json(document)
    said = capsys.readouterr().out
    assert json.loads(said) == document
    assert "Zürich 株" in said
    assert "\\u202e" in said
    assert all(c == "\n" or c.isprintable() for c in said)


def test_a_link_in_a_models_text_leads_nowhere(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.cli.output import markdown

    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    markdown("[your broker](https://evil.example)")
    said = capsys.readouterr().out
    assert "\x1b]8" not in said
    assert "https://evil.example" in said


def test_an_env_file_that_is_not_utf8_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from tools.settings import Settings

    (tmp_path / ".env").write_bytes("TOLLGATE_MODEL=é\n".encode("latin-1"))
    monkeypatch.setitem(Settings.model_config, "env_file", str(tmp_path / ".env"))
    assert run(["portfolio"]) == 10
    assert "not UTF-8" in capsys.readouterr().err


def test_the_tools_alone_tell_an_error_as_a_sentence(tmp_path: Path) -> None:
    def served(**more: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "mcp_server"],
            cwd=ROOT,
            env=os.environ | {"TOLLGATE_HOME": str(tmp_path), "TOLLGATE_FEED": "sample"} | more,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout == ""
        return done.returncode, done.stderr

    status, said = served()
    assert (status, said.count("\n")) == (3, 1)
    assert "tollgate knowledge build" in said
    status, said = served(TOLLGATE_FEED="bloomberg")
    assert (status, said.count("\n")) == (10, 1)
    assert said.startswith("Error: a setting is wrong")


def test_a_defect_keeps_its_traceback_where_only_the_owner_reads(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, knowledge_home: Path
) -> None:
    def broken() -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr("app.health.examine", broken)
    log = knowledge_home / "error.log"
    assert run(["doctor"]) == 70
    assert str(log) in capsys.readouterr().err
    assert "a defect" in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    monkeypatch.setenv("TOLLGATE_HOME", str(log))  # no folder: another place is found
    assert run(["doctor"]) == 70
    other = Path(capsys.readouterr().err.split("The details are in ")[1].split(". ")[0])
    assert "a defect" in other.read_text()
    assert stat.S_IMODE(other.stat().st_mode) == 0o600
    other.unlink()


def test_what_the_desk_writes_is_for_its_owner_alone(tmp_path: Path) -> None:
    home = tmp_path / "new"
    subprocess.run(
        [sys.executable, "-m", "app", "halt"],
        cwd=ROOT,
        env=os.environ | {"TOLLGATE_HOME": str(home), "TOLLGATE_FEED": "sample"},
        capture_output=True,
        check=True,
    )
    written = [home, *home.rglob("*")]
    assert len(written) > 1
    assert [path for path in written if path.stat().st_mode & 0o077] == []


def test_the_tools_for_an_ide_collect_their_garbage(monkeypatch: pytest.MonkeyPatch) -> None:
    import gc

    seen = []
    monkeypatch.setattr("mcp_server.stdio.run_stdio", lambda *_: seen.append(gc.isenabled()))
    gc.disable()
    try:
        assert run(["mcp"]) == 0
    finally:
        gc.enable()
        gc.unfreeze()
    assert seen == [True]


@pytest.mark.parametrize(
    ("command", "recovers"),
    [
        (["ask", "How is IBM?"], True),
        (["approvals", "approve", "nosuch"], True),
        (["approvals", "reject", "nosuch"], False),
        (["approvals", "list"], False),
        (["portfolio"], False),
        (["orders"], False),
        (["doctor"], False),
        (["halt"], False),
        (["resume"], False),
        (["audit", "show"], False),
        (["data", "symbols"], False),
        (["gate", "limits"], False),
    ],
)
def test_only_a_command_that_may_send_settles_what_was_left(
    monkeypatch: pytest.MonkeyPatch, command: list[str], recovers: bool
) -> None:
    import traceback

    from tools.desk import Desk

    calls = []
    real = Desk.recover

    def noted(desk: Desk) -> tuple[OrderRecord, ...]:
        if not any(
            f.name == "__init__" and "door" in f.filename for f in traceback.extract_stack()
        ):
            calls.append(desk)
        return real(desk)

    monkeypatch.setattr(Desk, "recover", noted)
    run(command)
    assert bool(calls) is recovers


def test_a_signal_ends_the_tools_for_an_ide(knowledge_home: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "mcp"],
        cwd=ROOT,
        env=os.environ | {"TOLLGATE_HOME": str(knowledge_home), "TOLLGATE_FEED": "sample"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}}
    hello |= {"clientInfo": {"name": "test", "version": "1"}}
    call = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}
    process.stdin.write(json.dumps(call) + "\n")
    process.stdin.flush()
    assert "result" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    try:
        assert process.wait(20) == -signal.SIGINT
        assert process.stderr is not None
        assert process.stderr.read() == ""
    finally:
        process.kill()
        process.communicate()


def test_the_ledger_is_exported_a_line_an_event(capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, "ask", QUESTION)
    assert run(["audit", "export"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [event["kind"] for event in events] == ["proposed", "limits", "equity", "verdict"]


def test_reduce_only_is_told_with_every_source_and_is_lifted_by_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    reduced = told(capsys, "halt", "careful", "--reduce-only")
    assert reduced["mode"] == "REDUCE_ONLY"
    modes = {row["source"]: row["mode"] for row in reduced["sources"]}
    assert modes["operator"] == "REDUCE_ONLY"
    assert {"switch", "monitoring", "data", "broker"} <= set(modes)
    assert run(["resume"]) == 0
    assert "Lifted: A person lets positions only get smaller" in capsys.readouterr().out


def test_a_halt_works_and_says_so_where_the_ledger_is_torn(
    capsys: pytest.CaptureFixture[str], knowledge_home: Path
) -> None:
    (knowledge_home / "ledger.db").write_bytes(b"torn")
    halted = told(capsys, "halt")
    assert halted["mode"] == "HALTED"
    assert "file HALTED alone" in halted["sentence"]
    assert (knowledge_home / "HALTED").exists()
    assert run(["resume"]) == 9


def test_comparing_with_the_venue_is_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    agreed = told(capsys, "orders", "--reconcile")
    assert agreed["differences"] == []
    assert agreed["reconciled_at"]
    assert run(["orders", "--reconcile"]) == 0
    assert "agree" in capsys.readouterr().out
