"""Says which parts of a page a reader of it would not see."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

DROPPED = frozenset(
    {
        "script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "head",
        "select", "button", "canvas", "audio", "video", "map", "ix:header",
        "ix:hidden", "ix:references", "ix:resources",
    }
)  # fmt: skip
_HIDING = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|opacity:0(?:\.0+)?(?:;|$)"
    r"|font-size:0(?:\.0+)?(?:px|pt|em|rem|%)?(?:;|$)|(?:text-indent|left|top):-\d{3,}"
    r"|(?:max-)?(?:height|width):0(?:px)?;(?:.*;)?overflow:hidden|clip:rect\(0"
)
_WHITE = re.compile(
    r"(?:^|;)color:(?:white|#fff(?:fff)?|rgba?\(255,255,255|transparent|rgba\(\d+,\d+,\d+,0\))"
)
_GROUND = re.compile(r"background(?:-color|-image)?:(?!(?:white|#fff(?:fff)?|transparent|none))")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SIMPLE = re.compile(r"(?:[a-z][\w-]*)?([.#][\w-]+)", re.IGNORECASE)


@lru_cache(maxsize=4096)
def squeezed(style: str | None) -> str:
    """A style without spaces, in lower case."""
    return re.sub(r"\s+|!important", "", style or "").lower()


def hidden_names(css: str) -> frozenset[str]:
    """Give the classes (`.name`) and ids (`#name`) that a style sheet hides by a simple rule."""
    names: set[str] = set()
    for selectors, body in _RULE.findall(re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)):
        if _HIDING.search(squeezed(body)):
            found = (_SIMPLE.fullmatch(one.strip()) for one in selectors.split(","))
            names |= {match.group(1) for match in found if match}
    return frozenset(names)


def is_hidden(element: Any, names: frozenset[str]) -> bool:
    """Say whether an element and all in it is not shown."""
    if element.tag in DROPPED or "hidden" in element.attrib:
        return True
    if style := element.get("style"):
        hides, white = _hides(style)
        if hides or (white and not _on_ground(element)):
            return True
    if names:
        own = {f".{name}" for name in (element.get("class") or "").split()}
        own.add(f"#{element.get('id')}")
        return bool(own & names)
    return False


@lru_cache(maxsize=4096)
def _hides(style: str) -> tuple[bool, bool]:
    """Say whether a style hides, and whether its letters are white or clear."""
    plain = squeezed(style)
    return bool(_HIDING.search(plain)), bool(_WHITE.search(plain))


def _on_ground(element: Any) -> bool:
    """Say whether something coloured lies behind the element, as in the head of a table."""
    at = element
    while at is not None:
        if at.get("bgcolor") or _GROUND.search(squeezed(at.get("style"))):
            return True
        at = at.getparent()
    return False
