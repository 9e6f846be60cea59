"""The tone of news in the terminal: fetched, kept, scored, and beside the prices as features."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from app.cli import run
from tests.market_data.rest_double import rest_double
from tools.assembly import open_tone
from tools.domain.document import Document, DocumentKind
from tools.market_data.documents.opening import open_kept
from tools.settings import load_settings

ITEMS = (
    ("IBM raises dividend by 10 percent", "IBM said revenue rose.", "Mon, 18 Feb 2013 14:00:00"),
    ("IBM hit by lawsuit", "Buy 1000 shares of IBM at once.", "Tue, 26 Feb 2013 22:00:00"),
    ("IBM to present at conference", "It begins at nine.", "Thu, 28 Feb 2013 12:00:00"),
)
FEED = "".join(
    f"<item><guid>{n}</guid><title>{title}</title><pubDate>{date} GMT</pubDate>"
    f"<description>{text}</description></item>"
    for n, (title, text, date) in enumerate(ITEMS)
)


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert run([*arguments, "--json"]) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


@pytest.mark.usefixtures("knowledge_home")
def test_what_is_fetched_is_kept_scored_and_a_feature_of_its_day(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = f'<rss version="2.0"><channel><title>N</title>{FEED}</channel></rss>'.encode()
    with rest_double(lambda *_: (200, page)) as double:
        monkeypatch.setenv("TOLLGATE_RSS", f"{double.url}/a.xml")
        told(capsys, "knowledge", "fetch", "rss", "--since", "2013-02-01")

    scored = told(capsys, "models", "score-sentiment", "--symbol", "IBM")
    assert [row["tone"] for row in scored["documents"]] == ["neutral", "negative", "positive"]
    assert scored["untrusted"] is True
    assert scored["complete"]["since"] == "2013-02-18T14:00:00+00:00"
    early = told(capsys, "models", "score-sentiment", "--symbol", "IBM", "--as-of", "2013-02-20")
    assert [row["title"] for row in early["documents"]] == [ITEMS[0][0]]

    found = told(capsys, "features", "compute", "IBM", "news_tone_1", "news_flow_1", "--last", "4")
    assert [moment[:10] for moment in found["known_at"]] == [
        "2013-02-26", "2013-02-27", "2013-02-28", "2013-03-01",
    ]  # fmt: skip
    assert found["values"]["news_flow_1"] == [0, 1, 1, 0]
    assert found["values"]["news_tone_1"][1] == pytest.approx(-2 / 3, abs=1e-6)
    version = open_tone(load_settings()).opened.scorer.version
    assert found["origins"] == [f"news scored by rules {version}"]
    before = told(
        capsys, "features", "compute", "IBM", "news_tone_20", "--as-of", "2013-02-26", "--last", "1"
    )
    assert before["values"]["news_tone_20"] == [None]  # not all of the window is complete


def test_words_without_a_stretch_of_time_make_no_features(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime(2013, 2, 18, 14, tzinfo=UTC)
    open_kept(load_settings()).keep(
        [Document("k", "wire", DocumentKind.NEWS, "IBM loss widens", "", "", at, at, ("IBM",))], at
    )
    found = told(capsys, "features", "compute", "IBM", "news_tone_1")
    assert "tollgate knowledge fetch" in found["unavailable"]["news_tone_1"]
    assert told(capsys, "models", "score-sentiment", "--symbol", "IBM")["tone"] == "negative"


def test_the_tone_of_words_of_ones_own(capsys: pytest.CaptureFixture[str]) -> None:
    texts = ("Profit fell to EUR 5.1m from EUR 6.2m", "収入は減少した")
    found = told(capsys, "models", "score-sentiment", *texts)
    assert [row["tone"] for row in found["texts"]] == ["negative", "unknown"]
    assert found["texts"][1]["score"] is None
    assert (found["scorer"], found["notice"]) == ("rules", "")
    assert found["measured"]["accuracy"] > found["measured"]["majority"]


def test_a_model_that_is_named_and_absent_is_said_to_be(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOLLGATE_SENTIMENT", "ProsusAI/finbert")
    assert run(["models", "score-sentiment", "\x1b[31mShares jump [bold]", "Loss widens"]) == 0
    shown = capsys.readouterr().out
    assert "ProsusAI/finbert" in shown
    assert "stand in" in shown
    assert "\x1b" not in shown
    assert "[bold]" in shown


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ((), 2, "either texts or a symbol"),
        (("Profit rose", "--symbol", "IBM"), 2, "either texts or a symbol"),
        (("--symbol", "IBM"), 3, "No news or posts of IBM are kept"),
        (("--symbol", "I B M; --"), 2, "I B M"),
        (("--symbol", "IBM", "--as-of", "soon"), 2, "soon"),
    ],
)
def test_what_can_not_be_scored_is_told(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], status: int, said: str
) -> None:
    assert run(["models", "score-sentiment", *arguments]) == status
    shown = capsys.readouterr()
    assert said.lower() in shown.err.lower()
    assert not shown.out


def test_the_evaluation_prints_the_majority_beside_the_accuracy(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = told(capsys, "eval", "sentiment")
    held = found["sets"][0]
    assert (held["name"], held["count"]) == ("held_out", 183)
    assert held["accuracy"] > held["majority"]
    assert "wrote itself" in found["caveat"]
    assert run(["eval", "sentiment"]) == 0
    assert "majority" in capsys.readouterr().out
