"""Between the model's client and the wire: every answer is recorded, or comes from a recording.

It sees the request's body alone: keys and headers are never kept.
"""

from __future__ import annotations

import httpx

from agents.recorded_answer import Answer
from agents.recording import Recording

TIMEOUT, UNREACHABLE = "timeout", "unreachable"


class RecordedTransport(httpx.AsyncBaseTransport):
    """Asks ``through`` what has no good answer yet; with None nothing is ever asked.

    Raises NotRecorded then for what has none, and CallsSpent when the model was asked enough.
    """

    def __init__(self, recording: Recording, through: httpx.AsyncClient | None) -> None:
        """``through`` is closed with this."""
        self._recording, self._through = recording, through

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer; raises NotRecorded where there is none and nobody is asked."""
        key = self._recording.key(await request.aread())
        found = self._recording.find(key)
        if self._through is None:
            if found is None:
                raise self._recording.missing()
            return _played(found, request)
        if found is not None and found.good:
            return _played(found, request)
        return _played(await self._asked(key, request, self._through), request)

    async def _asked(self, key: str, request: httpx.Request, through: httpx.AsyncClient) -> Answer:
        self._recording.spend()
        try:
            response = await through.send(request)
            answer = Answer(response.status_code, response.text)
        except httpx.TimeoutException:
            answer = Answer(failure=TIMEOUT)
        except httpx.HTTPError:
            answer = Answer(failure=UNREACHABLE)
        self._recording.note(key, answer)
        return answer

    async def aclose(self) -> None:
        """Close what it asks through."""
        if self._through is not None:
            await self._through.aclose()


def _played(answer: Answer, request: httpx.Request) -> httpx.Response:
    if answer.failure == TIMEOUT:
        raise httpx.ReadTimeout("the recorded request timed out", request=request)
    if answer.failure:
        raise httpx.ConnectError("the recorded request failed", request=request)
    headers = {"content-type": "application/json"}
    content = answer.text.encode("utf-8")
    return httpx.Response(answer.status, headers=headers, content=content, request=request)
