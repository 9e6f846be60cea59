"""The desk for the measurement of citations: a home of its own, the planner, made-up reports."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tools.settings import FeedChoice, load_settings

if TYPE_CHECKING:
    from evals.citations import Measured, Progress

KNOWN = datetime(2012, 2, 1, tzinfo=UTC)
EMBEDDINGS = "embeddings.sqlite"


async def cited_answers(progress: Progress) -> Measured:
    """Ask the whole graph over ``evaluations/citations`` in the state folder.

    Nothing of the person's is touched; their index's embeddings are copied, to build it in seconds.
    """
    from app.composition import open_floor
    from app.knowledge import library_at, open_index
    from evals.citation_reports import write_reports
    from evals.citations import measure, questions
    from rag_index.adding import add_documents
    from rag_index.documents.description import Given
    from tools.assembly import assemble

    settings = load_settings()
    home = settings.state / "evaluations" / "citations"
    knowledge = home / "knowledge"
    knowledge.mkdir(parents=True, exist_ok=True)
    theirs = settings.state / "knowledge" / EMBEDDINGS
    if theirs.exists() and not (knowledge / EMBEDDINGS).exists():
        shutil.copyfile(theirs, knowledge / EMBEDDINGS)
    own = {"home": home, "feed": FeedChoice.SAMPLE, "openai_api_key": None, "openai_base_url": None}
    house = assemble(settings.model_copy(update=own))
    await asyncio.to_thread(open_index, knowledge)
    await asyncio.to_thread(
        add_documents,
        knowledge,
        write_reports(home / "reports"),
        Given(fiscal_year=2011, known_at=KNOWN),
        now=house.clock.wall(),
        embedder=library_at(knowledge).embedder,
    )
    async with open_floor(settings.model_copy(update=own), house) as floor:
        return await measure(floor.conversation.ask, knowledge, questions(), progress)
