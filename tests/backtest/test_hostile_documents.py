"""A kept document that somebody edited gives a sentence or a page, never a traceback or markup."""

import copy
import json
from contextlib import suppress
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.backtest.kept import crossed_of, fill_at, grown, run_of, sweep_of, trades_at, walk_of
from tools.backtest.comparing.comparison import compare
from tools.backtest.other_pasts.document import Wish, monte_carlo
from tools.backtest.report import page
from tools.backtest.report.index_page import index_page
from tools.backtest.shelf import Shelf, row_of
from tools.domain.errors import StateError, TradingError

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>\u202e'
ODD = [
    None, True, -1, 0, 1e308, -1e308, float("nan"), float("inf"), 10**400, "", EVIL, "2011-13-45",
    "1e999999", [], [None], {}, {"a": []}, [[[]]], "x" * 5_000, "\ud800",
]  # fmt: skip
TAGS = set(
    "html head meta title style body main header section h1 h2 p b ul li dl dt dd div table tr th "
    "td span svg path text rect polygon".split()
)


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen, self.attributes = set(), set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}


def harmless(text):
    text.encode()
    found = Tags()
    found.feed(text)
    assert found.seen <= TAGS, found.seen - TAGS
    assert not {"href", "src", "style", "onerror"} & found.attributes
    assert "\u202e" not in text


def whole():
    document = run_of(grown(60))
    return document | {
        "trades": trades_at(document, (5, -3, 2, 8, -1, 4)),
        "fills": [fill_at(document, 3), fill_at(document, 9, side="sell")],
        "findings": [{"kind": "hole", "at": "", "symbol": "IBM", "sentence": "A hole."}],
        "validation": {"trials": 3, "red": False, "promoted": True, "reasons": []},
        "decider": {"name": "planner", "knowledge_ends": None, "share_before": None, "note": ""},
    }


def lots():
    return monte_carlo(whole(), Wish(paths=100))


VERDICT = {
    "trials": 3, "red": False, "promoted": False, "reasons": ["Too little."], "luck": 0.2,
    "deflated_sharpe": 0.5, "overfitting": 0.6, "note": "Two are kept.",
    "benchmark": {"name": "buy and hold", "beta": 1.0, "sharpe": 0.2, "deflated_sharpe": 0.1,
                  "luck": 0.4},
}  # fmt: skip
DOCUMENTS = {
    "run": whole(),
    "sweep": sweep_of({(1, 2): 0.5, (1, 3): None, (2, 3): 1.0}),
    "walk": walk_of(grown(60), validation={"trials": 2, "red": True, "reasons": ["A leak."]}),
    "few paths": crossed_of(grown(60), validation=VERDICT),
    "many paths": crossed_of(grown(60), 20, validation=VERDICT),
    "monte-carlo": lots(),
    "comparison": compare([whole(), whole() | {"id": "ab" * 6}]),
}


def places(value, path=()):
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*path, key))
    elif isinstance(value, list) and value:
        yield from places(value[0], (*path, 0))
        yield from places(value[-1], (*path, len(value) - 1))


def changed(document, path, odd, *, leave_out=False):
    made = copy.deepcopy(document)
    inner = made
    for step in path[:-1]:
        inner = inner[step]
    if leave_out:
        del inner[path[-1]]
    else:
        inner[path[-1]] = odd
    return made


def shown(document):
    try:
        text = page(document)
    except TradingError as error:
        text = ""
        told = str(error)
    else:
        told = "there is no page"
    harmless(text)
    assert "can't be shown" in told or "there is no page" in told


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_document_is_shown_as_it_is(name):
    harmless(page(DOCUMENTS[name]))


@pytest.mark.parametrize("name", DOCUMENTS)
@given(st.data())
@settings(max_examples=40)
def test_any_one_place_may_be_anything_or_missing(name, data):
    document = DOCUMENTS[name]
    path = data.draw(st.sampled_from([one for one in places(document) if one]))
    odd = data.draw(st.sampled_from(ODD))
    shown(changed(document, path, odd, leave_out=data.draw(st.booleans())))


def everywhere(value):
    """Every text made hostile."""
    if isinstance(value, dict):
        return {key: everywhere(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [everywhere(inner) for inner in value]
    return EVIL + value if isinstance(value, str) and len(value) < 12 else value


def test_texts_are_texts_wherever_they_stand():
    record = whole()["record"] | {"strategy": EVIL, "symbols": [EVIL, "IBM"], "limits": EVIL}
    document = whole() | {
        "id": EVIL, "hash": EVIL, "record": record, "findings": [{"sentence": EVIL}],
        "closes": {EVIL: [1.0] * 60}, "costs": {EVIL: "1"}, "benchmarks": {EVIL: {"sharpe": 1.0}},
        "validation": {"red": True, "reasons": [EVIL]},
        "decider": {"name": EVIL, "note": EVIL},
        "decisions": [
            {"at": "2011-01-01", "asked": EVIL, "answer": EVIL, "orders": [{"order": EVIL}]}
        ],
    }  # fmt: skip
    text = page(document)
    harmless(text)
    assert "&lt;script&gt;" in text
    for name in ("sweep", "monte-carlo", "comparison"):
        shown(everywhere(DOCUMENTS[name]) | {"kind": DOCUMENTS[name]["kind"]})


def test_a_strange_kind_is_a_sentence():
    with pytest.raises(StateError, match="there is no page"):
        page({"kind": EVIL})


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"format": 1}', '{"format": 1, "record": []}', '{"format": 1, "x": NaN}',
     "[" * 100_000, '{"format": 2}', json.dumps({"format": 1, "record": {"strategy": EVIL}})],
)  # fmt: skip
def test_a_list_of_kept_runs_survives_any_file(tmp_path, text):
    (tmp_path / "abc.json").write_text(text)
    (tmp_path / "def.json").write_text(json.dumps(whole()))
    rows = {row["id"]: row for row in Shelf(tmp_path).rows()}
    assert rows["def"]["figures"]["sharpe"] is not None
    assert rows["abc"]["error"] or "script" in rows["abc"]["title"]
    listed = index_page(list(rows.values()))
    listed.encode()
    assert "<script" not in listed


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=3)
                    | st.dictionaries(st.sampled_from(["record", "points", "best", "figures"]),
                                      inner)))  # fmt: skip
def test_a_row_of_anything_is_a_row_or_a_sentence(value):
    document = value if isinstance(value, dict) else {"record": value}
    with suppress(StateError):
        json.dumps(row_of(document), allow_nan=False)


def test_the_shelf_reads_a_file_again_only_when_it_changed(tmp_path):
    path = tmp_path / "abc.json"
    path.write_text(json.dumps(whole()))
    shelf = Shelf(tmp_path)
    (first,) = shelf.rows()
    assert shelf.rows()[0] is first
    path.write_text(json.dumps(whole() | {"figures": {"sharpe": 9.0}}))
    assert shelf.rows()[0]["figures"] == {"sharpe": 9.0}
    path.unlink()
    assert shelf.rows() == []
