"""Another model, a reranker and a Weaviate server, chosen by settings alone, in the terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli import run
from app.health import examine
from knowledge_base.articles import load_articles
from tests.rag_index.models_made import cross_encoder_folder, sentence_folder
from tests.rag_index.weaviate_double import Weaviate

SEARCH = ("knowledge", "search", "what of the anvil margin?", "--collection", "documents")


@pytest.fixture
def double() -> Iterator[Weaviate]:
    double = Weaviate()
    yield double
    double.stop()


@pytest.fixture(autouse=True)
def chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, double: Weaviate) -> None:
    monkeypatch.setenv("TOLLGATE_EMBEDDER", str(sentence_folder(tmp_path / "tiny")))
    monkeypatch.setenv("TOLLGATE_RERANKER", str(cross_encoder_folder(tmp_path / "judge")))
    monkeypatch.setenv("WEAVIATE_URL", double.url)
    monkeypatch.setenv("WEAVIATE_GRPC_URL", double.grpc_url)
    few = load_articles()[:5]
    for module in ("build", "check", "search"):
        monkeypatch.setattr(f"rag_index.{module}.load_articles", lambda: few)


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert run([*arguments, "--json"]) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def sentence(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run([*arguments]) != 0
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return " ".join(said.split())


def documents(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [row["text"] for row in told(capsys, *SEARCH)["passages"]]


def test_the_settings_carry_a_library_to_a_server_and_back(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    double: Weaviate,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, words in (("a", "The anvil margin was good."), ("b", "The anvil margin was bad.")):
        (tmp_path / f"{name}.md").write_text(f"# Anvils {name}\n\n{words}\n")
        told(capsys, "knowledge", "add", str(tmp_path / f"{name}.md"))
    found = documents(capsys)
    assert [text.split()[-1] for text in found] == ["good.", "bad."]  # the reranker's order
    index = told(capsys, "knowledge", "list")["index"]
    assert index["rows"] == f"Weaviate at {double.url}"
    assert index["model"].startswith("tiny/")
    assert index["reranker"].endswith("judge on the processor")
    assert told(capsys, "knowledge", "check")["ok"] is True

    double.stop()
    assert "start it, or unset WEAVIATE_URL" in sentence(capsys, *SEARCH)
    (finding,) = (one for one in examine() if one.part == "knowledge")
    assert finding.status == "broken"
    assert double.url in finding.found
    double.start()
    assert documents(capsys) == found

    # Without the server the same documents are put into LanceDB here, from the kept embeddings.
    monkeypatch.delenv("WEAVIATE_URL")
    assert documents(capsys) == found
    assert told(capsys, "knowledge", "list")["index"]["rows"] == "LanceDB on this machine"
    assert told(capsys, "knowledge", "check")["ok"] is True

    # Another model: nothing is mixed and nothing is built unless the person says so.
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("manifest.json")}
    monkeypatch.setenv("TOLLGATE_EMBEDDER", str(sentence_folder(tmp_path / "new", pooling="cls")))
    assert "knowledge build" in sentence(capsys, *SEARCH)
    (tmp_path / "c.md").write_text("# Anvils c\n\nThe anvil margin was one.\n")
    assert "knowledge build" in sentence(capsys, "knowledge", "add", str(tmp_path / "c.md"))
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("manifest.json")} == before
    assert told(capsys, "knowledge", "build")["documents"] == 2
    assert sorted(documents(capsys)) == sorted(found)


def test_a_model_that_is_not_there_is_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOLLGATE_EMBEDDER", "./nowhere")
    assert "there is no folder './nowhere'" in sentence(capsys, *SEARCH)
    assert "there is no folder" in told(capsys, "knowledge", "list")["index"]["problem"]
