"""The measurement of citations sees a span, a hash, a quotation or a number that is wrong."""

from __future__ import annotations

import copy
import hashlib
import json
from pathlib import Path

import pytest

from evals.citation_reports import reports, write_reports
from evals.citations import Asked, Line, Sources, measure, questions
from knowledge_base.articles import load_articles

ARTICLE = load_articles()[0]
START, END = 0, 40
QUOTE = (5, 20)


@pytest.fixture
def answer():
    text = ARTICLE.text[START:END]
    quoted = ARTICLE.text[slice(*QUOTE)]
    shown = " ".join(quoted.split())
    section = f"“{shown}” [1]"
    return {
        "refused": None,
        "sections": [{"text": section}],
        "citations": [
            {
                "number": 1, "id": "x", "collection": "articles", "document": ARTICLE.slug,
                "start": START, "end": END, "text": text,
                "sha256": hashlib.sha256(text.encode()).hexdigest(),
                "at": [[0, len(section) - 3, len(section)]],
            }
        ],
        "quotations": [
            {"text": quoted, "document": ARTICLE.slug, "start": QUOTE[0], "end": QUOTE[1],
             "at": [0, 1, 1 + len(shown)]}
        ],
        "figures": [],
    }  # fmt: skip


def test_what_stands_where_it_says_is_no_problem(answer, tmp_path):
    assert Sources(tmp_path).problems(answer) == []


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [
        ("citations", "start", 1),
        ("citations", "end", 39),
        ("citations", "sha256", "0" * 64),
        ("citations", "text", "made up"),
        ("citations", "at", [[0, 0, 3]]),
        ("quotations", "start", 4),
        ("quotations", "text", "made up"),
        ("quotations", "document", "elsewhere"),
        ("quotations", "at", [0, 0, 3]),
    ],
)
def test_whatever_is_off_by_anything_is_told(answer, tmp_path, part, key, value):
    wrong = copy.deepcopy(answer)
    wrong[part][0][key] = value
    assert Sources(tmp_path).problems(wrong)


def test_a_document_is_opened_by_the_hash_in_its_record(tmp_path: Path):
    home = tmp_path / "documents"
    for name, kept in (("records/a", {"text_sha256": "b"}), ("texts/b", {"text": "its words"})):
        path = home / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(kept))
    assert Sources(tmp_path).text("documents", "a") == "its words"


async def test_answers_refusals_and_failures_are_counted_apart(answer, tmp_path):
    async def ask(question):
        if question == "none":
            yield answer | {"refused": {"reason": "no passage"}, "citations": [], "quotations": []}
        else:
            yield answer

    asked = [Asked("a", "some"), Asked("a", "none"), Asked("b", "some")]
    measured = await measure(ask, tmp_path, asked, lambda *_: None)
    assert measured.lines == (
        Line("a", questions=2, answered=1, refused=1, citations=1, quotations=1),
        Line("b", questions=1, answered=1, citations=1, quotations=1),
    )


def test_there_are_more_than_200_questions_and_the_reports_are_the_same_each_time(tmp_path):
    assert len(questions()) > 280
    assert reports() == reports()
    assert len(write_reports(tmp_path)) == 20
