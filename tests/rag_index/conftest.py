"""One index, built once, for every test that only reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag_index.embed import Embedder
from rag_index.search import KnowledgeIndex


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    return Embedder(threads=1)


@pytest.fixture(scope="session")
def index_folder(built_knowledge: Path) -> Path:
    return built_knowledge


@pytest.fixture(scope="session", params=["in memory", "LanceDB"])
def index(request: pytest.FixtureRequest, index_folder: Path, embedder: Embedder) -> KnowledgeIndex:
    in_memory = request.param == "in memory"
    return KnowledgeIndex.open(index_folder, embedder=embedder, in_memory=in_memory)
