"""``tollgate backtest``: what a person types, and the page that opens offline."""

import json
import re
from html.parser import HTMLParser

import pytest

from app.cli.main import run
from tests.backtest.kept import grown, run_of, trades_at
from tests.backtest.past import ran, written
from tests.doubles import FakeMarket
from tools.backtest.keeping import Runs
from tools.backtest.report import page


def said(capsys, *arguments):
    status = run(["backtest", *arguments])
    out = capsys.readouterr()
    return status, out.out, out.err


@pytest.fixture
def kept(capsys):
    status, out, _ = said(
        capsys, "run", "breakout", "-s", "IBM", "--from", "2011-01-03", "--to", "2012-06-29",
        "-p", "entry=20", "-p", "exit=10", "--cost", "slippage_bps=5", "--json",
    )  # fmt: skip
    assert status == 0
    return json.loads(out)


def test_a_run_is_told_beside_its_benchmarks_and_kept(capsys):
    status, out, _ = said(
        capsys, "run", "breakout", "--symbol", "IBM", "--from", "2011-01-03", "--to", "2012-06-29"
    )
    assert status == 0
    for word in ("SIMULATED", "buy and hold", "equal weight", "Sharpe", "drawdown", "Costs in USD"):
        assert word in out
    assert "no person was asked" in out


def test_a_run_as_json_has_everything_and_no_nan(kept):
    assert kept["record"]["params"] == {"entry": 20, "exit": 10, "weight": 0.9}
    assert kept["record"]["costs"]["slippage_bps"] == 5
    assert kept["fills"]
    assert len(kept["curve"]["equity"]) == kept["record"]["bars"] + 1
    assert set(kept["benchmarks"]) == {"buy and hold", "equal weight"}


def test_the_list_has_strategies_with_ranges_and_runs(capsys, kept):
    status, out, _ = said(capsys, "list", "--json")
    assert status == 0
    found = json.loads(out)
    assert [one["name"] for one in found["strategies"]] == [
        "breakout", "dual_moving_average", "mean_reversion", "momentum", "pairs",
        "volatility_target",
    ]  # fmt: skip
    assert found["runs"][0]["id"] == kept["id"]
    assert said(capsys, "list")[0] == 0


class Page(HTMLParser):
    """The tags of a page, and every address in it."""

    def __init__(self):
        super().__init__()
        self.tags, self.addresses = [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.addresses += [v for k, v in attributes if k in ("src", "href", "action", "data")]


def test_the_report_is_one_page_without_script_or_address(capsys, kept, tmp_path):
    path = tmp_path / "run.html"
    status, out, _ = said(capsys, "report", kept["id"][:5], "--html", str(path))
    assert status == 0
    assert "no network" in out
    text = path.read_text()
    parsed = Page()
    parsed.feed(text)
    assert not parsed.addresses
    assert not {"script", "img", "iframe", "link"} & set(parsed.tags)
    assert not re.search(r"https?:|url\(|@import", text)
    for part in ("Equity", "Drawdown", "Months", "Trades on the price", "Exposure", "Sharpe of the",
                 "Returns of single bars", "Costs", "Record", "SIMULATED"):  # fmt: skip
        assert part in text


def test_a_report_in_the_terminal_says_what_the_run_said(capsys, kept):
    status, out, _ = said(capsys, "report", kept["id"])
    assert status == 0
    assert kept["id"] in out
    assert json.loads(said(capsys, "report", kept["id"], "--json")[1]) == kept


def test_what_a_strategy_file_says_is_text_on_the_page(tmp_path):
    from tests.backtest.past import market

    path = written(tmp_path, "context.order('IBM', 1)", "x<script>y")
    text = page(ran(market(40), path))
    assert "<script" not in text
    assert "x&lt;script&gt;y" in text


def test_a_page_of_a_run_in_which_nothing_happened_is_still_a_page(tmp_path):
    from tests.backtest.past import bars_of

    flat = FakeMarket({"IBM": bars_of("IBM", [10.0] * 5)})
    text = page(ran(flat, written(tmp_path, "pass")))
    assert "The equity never moved" in text
    assert "never wanted to trade" in text


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["run", "martingale", "-s", "IBM"], 2, "There is no strategy"),
        (["run", "momentum", "-s", "ZZZZ"], 3, "No feed has prices of ZZZZ"),
        (["run", "momentum", "-s", "IBM", "-p", "lookback"], 2, "takes name=value"),
        (["run", "momentum", "-s", "IBM", "--cost", "luck=1"], 2, "There is no cost 'luck'"),
        (["run", "momentum", "-s", "IBM", "--cost", "impact=x"], 2, "must be a number"),
        (["run", "momentum", "-s", "IBM", "--from", "soon"], 2, "is no date"),
        (["run", "momentum", "-s", "IBM", "--from", "2013-03-01"], 2, "at least two"),
        (["run", "momentum", "-s", "IBM", "--timeframe", "1h"], 3, "No feed has 1h bars"),
        (["report", "0123"], 4, "there is no run"),
    ],
)
def test_bad_input_is_a_sentence_and_a_status(capsys, arguments, status, sentence):
    ended, out, err = said(capsys, *arguments)
    assert ended == status
    assert sentence in " ".join(err.split())
    assert not out
    assert "Traceback" not in err


def test_a_strategy_proposes_on_the_desk_and_waits_for_a_person(capsys):
    status, out, _ = said(
        capsys, "propose", "dual_moving_average", "-s", "AAPL", "-p", "fast=1", "-p", "slow=1500",
        "-p", "weight=0.1",
    )  # fmt: skip
    assert status == 0
    assert "waits" in out or "approval" in out


@pytest.fixture
def shelf(tollgate_home):
    """Two runs as if they had been played."""
    runs = Runs(tollgate_home / "backtests")
    for letter, seed in (("a", 3), ("b", 4)):
        document = run_of(grown(120, seed=seed), id=letter * 12)
        runs.put(document | {"trades": trades_at(document, (500, -200, 300, 100, -50, 80))})
    return runs


def test_monte_carlo_is_kept_and_is_on_the_run_s_page_from_then_on(capsys, shelf, tmp_path):
    path = tmp_path / "run.html"
    said(capsys, "report", "aaa", "--html", str(path))
    assert "Other pasts" not in path.read_text()
    status, out, _ = said(capsys, "monte-carlo", "aaa", "--paths", "200")
    assert status == 0
    for words in ("returns in blocks", "order of trades", "Chance of a loss", "Value at risk"):
        assert words in out
    said(capsys, "report", "aaa", "--html", str(path))
    assert "Other pasts: returns in blocks" in path.read_text()
    status, out, _ = said(capsys, "list", "--json")
    found = json.loads(out)
    assert [one["kind"] for one in found["others"]] == ["monte-carlo"]
    assert said(capsys, "report", found["others"][0]["id"])[0] == 0
    again = said(capsys, "monte-carlo", "aaa", "--paths", "200", "--json")[1]
    assert json.loads(again) == shelf.get(found["others"][0]["id"])


def test_a_page_that_can_not_be_written_whole_leaves_the_one_before(
    capsys, shelf, tmp_path, monkeypatch
):
    path = tmp_path / "run.html"
    path.write_text("the page before")

    def full(self, text, *_):
        with self.open("w") as file:
            file.write(text[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    status, _, err = said(capsys, "report", "aaa", "--html", str(path))
    assert status == 9
    assert "No space left on device" in err
    assert path.read_text() == "the page before"
    assert [one.name for one in tmp_path.glob("*.html*")] == ["run.html"]
    assert not list(tmp_path.glob(".run.html*"))


def test_runs_are_compared_in_the_terminal_as_json_and_as_a_page(capsys, shelf, tmp_path):
    path = tmp_path / "both.html"
    status, out, _ = said(capsys, "compare", "aaa", "bbb", "--html", str(path))
    assert status == 0
    assert "chance of it by luck" in out
    assert "2 runs side by side" in path.read_text()
    document = json.loads(said(capsys, "compare", "aaa", "bbb", "--json")[1])
    assert document["of"] == ["a" * 12, "b" * 12]


def test_a_comparison_is_kept_listed_and_shown_again(capsys, shelf, tmp_path):
    found = json.loads(said(capsys, "compare", "aaa", "bbb", "--json")[1])
    (row,) = json.loads(said(capsys, "list", "--json")[1])["others"]
    assert (row["kind"], row["id"]) == ("comparison", found["id"])
    assert row["title"] == "momentum on IBM"
    assert found["id"] in said(capsys, "list")[1]
    assert json.loads(said(capsys, "report", found["id"], "--json")[1]) == found
    assert f"Kept as {found['id']}" in said(capsys, "report", found["id"])[1]
    page_ = tmp_path / "again.html"
    assert said(capsys, "report", found["id"], "--html", str(page_))[0] == 0
    assert page_.read_text() == page(found)
    status, _, err = said(capsys, "compare", "aaa", found["id"])
    assert status == 2
    assert "Only runs can be compared" in err


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["monte-carlo", "ccc"], 4, "there is no run"),
        (["monte-carlo", "aaa", "--paths", "1"], 2, "Paths must be from"),
        (["monte-carlo", "aaa", "--block", "0"], 2, "A block must be from"),
        (["monte-carlo", "aaa", "--block", "nan"], 2, "A block must be from"),
        (["monte-carlo", "aaa", "--parameters", "1"], 2, "3 to 1,000 runs"),
        (["monte-carlo", "aaa", "--markets", "3"], 9, "doesn't say how to play it again"),
        (["compare", "aaa"], 2, "2 to 12 runs"),
        (["compare", "aaa", "aaaa"], 2, "named twice"),
    ],
)
def test_bad_reviews_are_a_sentence_and_a_status(capsys, shelf, arguments, status, sentence):
    document = shelf.get("aaa")
    document["record"]["costs"] = {"luck": 1}
    shelf.put(document)
    ended, out, err = said(capsys, *arguments)
    assert ended == status
    assert sentence in " ".join(err.split())
    assert not out
    assert "Traceback" not in err


def test_a_kept_run_that_was_edited_is_a_sentence_in_the_terminal(capsys, shelf, tollgate_home):
    document = shelf.get("aaa")
    for changed in ({"curve": {}}, {"orders": None}, {"record": {}}, {"findings": [1]}):
        shelf.put(document | changed)
        ended, _, err = said(capsys, "report", "aaa")
        assert ended == 9
        assert "can't be shown" in " ".join(err.split())
    (tollgate_home / "backtests" / "cccccccccccc.json").write_text("nonsense")
    ended, out, _ = said(capsys, "list")
    assert ended == 0
    assert "unreadable" in out
