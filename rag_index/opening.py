"""The knowledge folder with what a person chose for it: the model, the reranker, the server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from rag_index.backend import Backend
from rag_index.choosing import embedder_for, reranker_for, said_of
from rag_index.embed import Encoder
from rag_index.errors import KnowledgeIndexError, OtherModel
from rag_index.manifest import read_manifest
from rag_index.rerank import Reranker

Progress = Callable[[int, int, str], None]
_PLACE = "documents.place"
HERE = "LanceDB on this machine"


@dataclass(frozen=True)
class Choice:
    """What a person set; None takes the packaged model, no reranker, LanceDB on this machine."""

    embedder: str | None = None
    reranker: str | None = None
    weaviate_url: str | None = None
    weaviate_key: str | None = field(default=None, repr=False)
    weaviate_grpc_url: str | None = None


@dataclass(frozen=True)
class Library:
    """A knowledge folder and its choice; models and the server are opened at their first use."""

    folder: Path
    choice: Choice
    threads: int = 1

    @cached_property
    def embedder(self) -> Encoder:
        """The embedding model; raises ModelMissing with what to do."""
        return embedder_for(self.choice.embedder, threads=self.threads, graphs=self.folder)

    @cached_property
    def reranker(self) -> Reranker | None:
        """The cross-encoder, if one is set; raises ModelMissing with what to do."""
        return reranker_for(self.choice.reranker, threads=self.threads)

    @cached_property
    def server(self) -> Backend | None:
        """The server that keeps the rows, if one is set; it is not asked anything yet."""
        if self.choice.weaviate_url is None:
            return None
        from rag_index.weaviate_backend import WeaviateBackend
        from rag_index.weaviate_server import WeaviateServer, address_of

        address_of(self.choice.weaviate_url, self.choice.weaviate_grpc_url)
        return WeaviateBackend(
            WeaviateServer(
                self.choice.weaviate_url,
                self.choice.weaviate_key,
                self.choice.weaviate_grpc_url,
            )
        )

    @property
    def place(self) -> str:
        """Where the rows are, for people."""
        return HERE if self.server is None else self.server.label

    def made_with(self) -> str | None:
        """Give the id of the model that made the articles' index; None if there is none to read."""
        try:
            home = self.folder if self.server is None else self.server.home(self.folder)
            return read_manifest(home).model
        except KnowledgeIndexError:
            return None

    def need_model(self) -> None:
        """Raise OtherModel if another model made the index: only a person's word rebuilds it."""
        made = self.made_with()
        if made not in (None, self.embedder.model_id):
            raise OtherModel(f"the index in {self.folder}", str(made), self.embedder.model_id)

    def settle(self, progress: Progress | None = None) -> int:
        """Put the person's documents where the rows now belong, if they are elsewhere.

        Gives how many were put there. Their embeddings are kept, so that none is computed again.
        """
        from rag_index.documents.registry import Registry
        from rag_index.reindexing import index_again

        if self._settled_in() == self.place or not Registry(self.folder).records():
            return 0
        put = index_again(self.folder, self.embedder, progress, self.server)
        self.mark_settled()
        return put

    def mark_settled(self) -> None:
        """Remember where the documents' rows are."""
        (self.folder / _PLACE).write_text(self.place, encoding="utf-8")

    def words(self) -> dict[str, str]:
        """Say which model runs on which device, which reranker, and where the rows are."""
        said = {"rows": self.place}
        try:
            self.embedder.embed(["warm"])
            said["model"] = said_of(self.embedder)
            if self.reranker is not None:
                self.reranker.scores("one", ["two"])
                said["reranker"] = said_of(self.reranker)
        except KnowledgeIndexError as error:
            said["problem"] = str(error)
        return said

    def _settled_in(self) -> str:
        try:
            return (self.folder / _PLACE).read_text(encoding="utf-8")
        except FileNotFoundError:
            return HERE
