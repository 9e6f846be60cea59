"""A message as bytes, and a topic's name."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from tools.domain.errors import InputError

DEAD = "dead."
"""Before a topic's name: where its messages go that nobody could handle."""

LARGEST = 1_000_000
"""Bytes of one message: what every broker takes without being set up for more."""

_TOPIC = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_GROUP = re.compile(r"[a-z0-9_-]*")


def encoded(payload: Mapping[str, object]) -> bytes:
    """JSON in UTF-8; InputError for what JSON can't hold, NaN included, or above LARGEST."""
    try:
        text = json.dumps(payload, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"This message can't be written as JSON ({error}).") from None
    body = text.encode()
    if len(body) > LARGEST:
        raise InputError(f"This message has {len(body)} bytes; at most {LARGEST} are sent.")
    return body


def decoded(body: bytes) -> dict[str, object]:
    """The JSON object; InputError with the reason when it is none."""
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InputError(f"The message is no JSON ({error}).") from None
    if not isinstance(payload, dict):
        raise InputError(f"The message is a JSON {type(payload).__name__} and not an object.")
    return payload


def checked_topic(topic: str) -> str:
    """The topic; InputError unless it is words of a-z, 0-9, _ and - with dots between."""
    if len(topic) > 100 or not _TOPIC.fullmatch(topic):
        raise InputError(
            f"{topic[:40]!r} is no topic: use a-z, 0-9, _ and - with dots between, such as "
            "market.prices."
        )
    return topic


def checked_group(group: str) -> str:
    """The group; InputError unless it is a word of a-z, 0-9, _ and -, or empty."""
    if len(group) > 60 or not _GROUP.fullmatch(group):
        raise InputError(f"{group[:40]!r} is no group: use a-z, 0-9, _ and -.")
    return group
