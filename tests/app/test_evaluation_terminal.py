"""`tollgate eval retrieval` measures a folder of one's own, and says what is wrong with one."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from app.cli import run
from knowledge_base.articles import load_articles
from rag_index import choosing
from tests.rag_index.made import WordEncoder

PASSAGES = [
    {"_id": "a", "text": "Sales of anvils grew.", "company": "Acme Inc", "fiscal_year": 2019},
    {"_id": "b", "text": "Boats sank in the harbour.", "title": "Bolt", "fiscal_year": None},
    {"_id": "t", "text": "| year | cash |\n" * 5 + "| 2019 | 7 |"},
]
QUESTIONS = [
    {"text": "How did sales of anvils grow?", "relevant": ["a"]},
    {"text": "What sank in the harbour?", "relevant": ["b", "gone"]},
    {"text": "What was cash in 2019?", "relevant": ["t"]},
    {"text": "Who knows?", "relevant": ["gone"]},
]


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model and articles that take no time."""
    monkeypatch.setattr(choosing, "embedder_for", lambda name, **_: WordEncoder())
    monkeypatch.setattr("evals.retrieval_sets.load_articles", lambda: load_articles()[:3])


def lines(rows: list[dict]) -> str:
    return "\n\n".join(json.dumps(row) for row in rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "reports"
    made.mkdir()
    (made / "my_corpus.jsonl").write_text(lines(PASSAGES), "utf-8")
    with gzip.open(made / "my_queries.jsonl.gz", "wt") as file:
        file.write(lines(QUESTIONS))
    return made


def test_a_folder_of_reports_is_measured_beside_the_articles(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["eval", "retrieval", "--data", str(folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    articles, reports = told["sets"]
    assert told["skipped"] is None
    assert articles["name"] == "articles"
    assert reports["passages"] == 3
    by_words = {line["kind"]: line for line in reports["lines"] if line["way"] == "BM25"}
    assert {kind: line["questions"] for kind, line in by_words.items()} == {
        "all": 3,
        "table": 1,
        "text": 2,
    }
    assert by_words["all"]["measures"]["nDCG@10"]["mean"] == 1
    assert {line["way"] for line in reports["lines"]} == {"BM25", "dense", "fused"}


def test_for_people_it_prints_tables_and_says_what_it_left_out(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["eval", "retrieval", "--data", str(folder)]) == 0
    shown = capsys.readouterr().out
    assert "reports: 3 passages" in shown
    assert "Skipped" not in shown
    assert run(["eval", "retrieval"]) == 0
    assert "Skipped the reports: no folder of reports was given" in capsys.readouterr().out


def spoilt(name: str, text: str | bytes) -> object:
    content = text.encode("utf-8") if isinstance(text, str) else text
    return pytest.param(name, content, id=f"{name}: {content[:30]!r}")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        spoilt("my_corpus.jsonl", lines(PASSAGES[:1]) + '\n{"_id": "b", '),
        spoilt("my_corpus.jsonl", lines(PASSAGES[:1]) + "\n[1, 2]"),
        spoilt("my_corpus.jsonl", lines(PASSAGES[:1]) + '\n{"text": "no id"}'),
        spoilt("my_corpus.jsonl", lines([*PASSAGES, PASSAGES[0]])),
        spoilt("my_corpus.jsonl", lines([PASSAGES[0] | {"fiscal_year": "soon"}])),
        spoilt("my_corpus.jsonl", b"\xff\xfe"),
        spoilt("my_corpus.jsonl", "[" * 100_000),
        spoilt("my_corpus.jsonl", ""),
        spoilt("my_queries.jsonl", '{"text": "What?", "relevant": "a"}'),
        spoilt("my_queries.jsonl", '{"text": "", "relevant": ["a"]}'),
        spoilt("my_queries.jsonl", '{"text": "What?", "relevant": ["gone"]}'),
        spoilt("my_queries.jsonl.gz", b"no gzip"),
        spoilt("my_queries.jsonl.gz", gzip.compress(b"x" * 5_000, mtime=0)[:-20]),
        spoilt("my_queries.jsonl.gz", gzip.compress(b"", mtime=0)),
    ],
)
def test_a_folder_that_cannot_be_used_is_a_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes
) -> None:
    (folder / name).write_bytes(content)
    assert run(["eval", "retrieval", "--data", str(folder)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("Error: ")
    assert str(folder) in said.err.replace("\n", "")


@pytest.mark.parametrize("name", ["my_corpus.jsonl", "my_queries.jsonl.gz", ""])
def test_a_missing_file_or_folder_is_a_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    if name:
        (folder / name).unlink()
    where = folder if name else folder / "gone"
    assert run(["eval", "retrieval", "--data", str(where)]) == 2
    assert "Error: " in capsys.readouterr().err


def test_the_knowledge_index_is_measured_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("evals.retrieval_bench.load_articles", lambda: load_articles()[:3])
    assert run(["bench", "knowledge", "--count", "2000", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["figures"]
    figures = {row["what"]: row.get("measured", row.get("p50_ms")) for row in told}
    assert figures["passages"] == 2_000
    assert figures["recall@10 against an exact search"] == 1
    assert any(row.get("unit") == "passages/s" for row in told)
    for what in ("an update of one document", "the first search after an update"):
        assert figures[what] > 0
    for what in ("both rankings joined", "start, open and the first search, a new process"):
        assert figures[what] > 0
