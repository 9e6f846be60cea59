"""Conversations on disk: the library's SQLite checkpoints, with the old ones cleared away."""

from __future__ import annotations

from collections.abc import Sequence

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

OLDER = (
    "thread_id = ? AND checkpoint_id < (SELECT MAX(checkpoint_id) FROM checkpoints AS latest "
    "WHERE latest.thread_id = {table}.thread_id AND latest.checkpoint_ns = {table}.checkpoint_ns)"
)


class Checkpoints(AsyncSqliteSaver):
    """Keeps the latest checkpoint of a conversation, from which it goes on after a restart."""

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Drop what came before each thread's latest checkpoint, or with ``delete`` all of it."""
        await self.setup()
        for thread_id in thread_ids:
            if strategy == "delete":
                await self.adelete_thread(thread_id)
                continue
            async with self.lock:
                for table in ("writes", "checkpoints"):
                    where = OLDER.format(table=table)
                    await self.conn.execute(f"DELETE FROM {table} WHERE {where}", (thread_id,))  # noqa: S608 (fixed names)
                await self.conn.commit()
