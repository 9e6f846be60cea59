"""The frame of every page: one file, no script, and a policy that lets nothing else in."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from tools.backtest.report.words import safe

Part = tuple[str, str]


@cache
def sheet() -> str:
    """The style sheet."""
    return Path(__file__).with_name("sheet.css").read_text("utf-8")


@cache
def policy() -> str:
    """The content security policy: this style sheet, by its hash, and nothing else at all."""
    digest = b64encode(hashlib.sha256(sheet().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def framed(title: str, lead: str, parts: Iterable[Part]) -> str:
    """A page of sections; ``title`` and their names are text, ``lead`` and their bodies HTML."""
    body = "".join(
        f"<section><h2>{safe(name)}</h2>{part}</section>" for name, part in parts if part
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy()}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{safe(title)}</title><style>{sheet()}</style></head><body><main>"
        f"<header><h1>{safe(title)}</h1>{lead}</header>{body}</main></body></html>\n"
    )


def simulated(start: str, end: str) -> str:
    """What every page says first."""
    return (
        f'<p class="label"><b class="chip">SIMULATED</b> A backtest at past prices, '
        f"{safe(start[:10])} to {safe(end[:10])}. What happened then need not happen again.</p>"
    )


def tiles(rows: Iterable[tuple[str, str, str]]) -> str:
    """The first figures: name, value and what stands beside it, all text."""
    cells = "".join(
        f"<div><dt>{safe(name)}</dt><dd>{safe(value)}</dd><dd class=beside>{safe(more)}</dd></div>"
        for name, value, more in rows
    )
    return f'<dl class="tiles">{cells}</dl>'
