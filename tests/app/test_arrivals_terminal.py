"""News in the terminal: fetched, found as of its moment, untrusted, again by the clock."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.cli import run
from app.collecting import open_collector
from tests.contracts.documents import HOSTILE, INSTRUCTION
from tests.market_data.rest_double import Double, rest_double
from tools.settings import load_settings

ANVIL = "The anvil maker Zorblatt sold more anvils than ever."


def feed(*entries: tuple[str, str, str]) -> bytes:
    items = "".join(
        f"<item><guid>{n}</guid><title>{title}</title><pubDate>{date}</pubDate>"
        f"<description><![CDATA[{text}]]></description></item>"
        for n, (title, text, date) in enumerate(entries)
    )
    return f'<rss version="2.0"><channel><title>N</title>{items}</channel></rss>'.encode()


ENTRIES = (
    ("Zorblatt anvils", ANVIL, "Tue, 06 Feb 2024 10:00:00 GMT"),
    ("Zorblatt letter", HOSTILE, "Wed, 07 Feb 2024 10:00:00 GMT"),
)


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch):
    with rest_double(lambda path, query, headers: (200, feed(*ENTRIES))) as running:
        monkeypatch.setenv("TOLLGATE_RSS", f"{running.url}/a.xml?key=hush")
        yield running


def told(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> dict[str, Any]:
    assert run([*arguments, "--json"]) == status
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


FETCH = ("knowledge", "fetch", "rss", "--since", "2024-02-01")


class TestFetching:
    @pytest.mark.usefixtures("knowledge_home")
    def test_what_comes_is_found_from_its_moment_on_and_untrusted(
        self, capsys: pytest.CaptureFixture[str], double: Double
    ) -> None:
        first = told(capsys, *FETCH)
        assert (first["new"], first["corrected"], first["same"]) == (2, 0, 0)
        assert told(capsys, *FETCH)["same"] == 2
        asked = ("knowledge", "search", "how many anvils did Zorblatt sell?")
        passages = told(capsys, *asked, "--collection", "documents")["passages"]
        assert ANVIL in passages[0]["text"]
        assert all(row["untrusted"] for row in passages)
        assert passages[0]["known_at"] == "2024-02-06T10:00:00+00:00"
        assert "rss:127.0.0.1" in passages[0]["source"]
        before = told(capsys, *asked, "--as-of", "2024-02-06T09:59:59Z")["passages"]
        assert not [row for row in before if row["untrusted"]]
        whole = told(capsys, "knowledge", "show", first["documents"][1]["document"], "--text")
        assert whole["untrusted"] is True
        assert INSTRUCTION in whole["text"]
        assert "steal" not in whole["text"]
        assert told(capsys, "knowledge", "check")["ok"] is True

    @pytest.mark.usefixtures("knowledge_home")
    def test_a_correction_stands_beside_what_was_known_before_it(
        self, capsys: pytest.CaptureFixture[str], double: Double
    ) -> None:
        told(capsys, *FETCH)
        double.answer = lambda *_: (200, feed((ENTRIES[0][0], "Zorblatt: fewer anvils.",
                                               "Thu, 08 Feb 2024 10:00:00 GMT")))  # fmt: skip
        assert told(capsys, *FETCH)["corrected"] == 1
        asked = ("knowledge", "search", "Zorblatt anvils", "--collection", "documents")
        late = " ".join(row["text"] for row in told(capsys, *asked)["passages"])
        assert "fewer anvils" in late
        assert ANVIL not in late
        early = told(capsys, *asked, "--as-of", "2024-02-07")["passages"]
        assert ANVIL in " ".join(row["text"] for row in early)

    def test_a_table_tells_what_came(
        self, capsys: pytest.CaptureFixture[str], double: Double
    ) -> None:
        assert run([*FETCH]) == 0
        shown = capsys.readouterr().out
        assert "Zorblatt anvils" in shown
        assert "2 new, 0 corrected, 0 same." in shown

    def test_a_feed_that_does_not_answer_is_told_and_the_others_come(
        self, capsys: pytest.CaptureFixture[str], double: Double, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        good = f"{double.url}/a.xml"
        double.answer = lambda path, *_: (200, feed(*ENTRIES)) if path == "/a.xml" else (404, b"")
        monkeypatch.setenv("TOLLGATE_RSS", f"{double.url}/gone.xml?key=hush, {good}")
        assert run([*FETCH]) == 3
        shown = capsys.readouterr()
        assert "2 new" in shown.out
        assert "take its address out of TOLLGATE_RSS" in shown.err
        assert "hush" not in shown.out + shown.err

    def test_a_job_fetches_by_the_clock_and_survives_a_restart(
        self, capsys: pytest.CaptureFixture[str], double: Double
    ) -> None:
        added = told(
            capsys,
            *("data", "jobs", "add", "headlines", "--documents", "rss", "--about", "more ANVILS"),
            *("--days", "2000", "--cron", "*/15 * * * *", "--zone", "UTC"),
        )
        assert (added["what"], added["source"], added["symbols"]) == ("documents", "rss", [])
        (run_,) = told(capsys, "data", "jobs", "run", "headlines")["runs"]
        assert (run_["rows"], run_["error"]) == (1, "")
        again = open_collector(load_settings())
        assert again.run_now("headlines").rows == 0
        double.broken = "500"
        assert "out of order" in (again.run_now("headlines").error or "")
        (job,) = told(capsys, "data", "jobs", "list")["jobs"]
        assert len(job["runs"]) == 3


def test_the_sources_say_what_each_needs_and_show_no_value(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOLLGATE_RSS", "https://news.example/?key=hush")
    rows = {row["source"]: row for row in told(capsys, "knowledge", "sources")["sources"]}
    assert rows["rss"]["missing"] == []
    assert rows["edgar"]["missing"] == ["TOLLGATE_SEC_CONTACT"]
    assert run(["knowledge", "sources"]) == 0
    shown = capsys.readouterr().out
    assert "knowledge watch" in shown
    assert "hush" not in shown


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["edgar", "--symbol", "IBM"], 10, "set TOLLGATE_SEC_CONTACT first"),
        (["gazette"], 2, "no source 'gazette'"),
        (["rss", "--since", "last week"], 2, "--since takes a date"),
        (["rss", "--since", "2999-01-01"], 2, "span is empty"),
        (["rss", "--symbol", "I B M"], 2, "is not a symbol"),
    ],
)
def test_a_mistake_is_a_sentence_and_a_status(
    capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, said: str
) -> None:
    assert run(["knowledge", "fetch", *arguments]) == status
    shown = capsys.readouterr()
    assert said in " ".join(shown.err.split())
    assert "Traceback" not in shown.err


def test_the_address_of_a_feed_is_in_no_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOLLGATE_RSS", "ftp://news.example/?key=hush")
    assert run(["knowledge", "fetch", "rss"]) == 10
    assert "hush" not in capsys.readouterr().err


def test_a_job_for_documents_needs_a_source_and_one_for_prices_a_symbol(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["data", "jobs", "add", "one", "--documents", "gazette"]) == 2
    assert run(["data", "jobs", "add", "two"]) == 2
    assert run(["data", "jobs", "add", "three", "IBM", "--about", "rates"]) == 2
    said = capsys.readouterr().err
    assert "needs a symbol" in said
    assert "about something" in said
