"""The first search of a new process, whose files the system may have in its own cache."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from evals.retrieval_speed import Figure
from rag_index.rows import Vector
from rag_index.updates import documents_folder

ROOT = Path(__file__).parents[1]
_PROGRAM = """
import sys
from datetime import UTC, datetime
from pathlib import Path
import numpy as np
from rag_index.manifest import read_manifest
from rag_index.ranking import rank_documents
from rag_index.rows import Scope
from rag_index.store import LanceStore
home = Path(sys.argv[1])
now = read_manifest(home)
store = LanceStore(home, now.table, now.chunks, now.version)
vector = np.frombuffer(sys.stdin.buffer.read(), "<f4")
rank_documents(store, sys.argv[2], vector, Scope(datetime(2030, 1, 1, tzinfo=UTC)))
"""


def first_search(folder: Path, question: str, vector: Vector) -> Iterator[Figure]:
    """Start a process that opens the table and searches once, its question embedded before."""
    command = [sys.executable, "-c", _PROGRAM, str(documents_folder(folder)), question]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    given = vector.astype("<f4").tobytes()
    subprocess.run(command, check=True, cwd=ROOT, input=given)  # noqa: S603 (our own program)
    took = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    yield Figure("start, open and the first search, a new process", took, "s")
    yield Figure("the same by processor time", cpu, "CPU s")
