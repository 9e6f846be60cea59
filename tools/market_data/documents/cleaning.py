"""Text from outside as a person would see it: no tags, no scripts, nothing unseen, of a length.

What it says is left as it is: an instruction in a document stays text, and is nobody's order.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin, urlsplit

LONGEST = 100_000
LONGEST_LINE = 300
LONGEST_ADDRESS = 2_000
# Control signs, invisible signs, signs that turn the direction of reading, private and tag signs.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ue000-\uf8ff"
    "\ud800-\udfff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
_SPACE = re.compile(r"[^\S\n]+")
_TAG = re.compile(r"<[a-zA-Z!/?][^<>]*>|&#?\w{1,31};")
_HIDING = re.compile(r"display:none|visibility:hidden|font-size:0(?![.\d])|opacity:0(?![.\d])")
_DROPPED = frozenset(
    "script style noscript template iframe object embed svg math head select button canvas audio "
    "video ix:header".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body center dd div dl dt fieldset figure figcaption "
    "footer h1 h2 h3 h4 h5 h6 header hr html main nav ol p pre section table ul".split()
)
_LINES = frozenset(("tr", "li", "br"))  # one below the other, without an empty line between
_CELLS = frozenset(("td", "th"))
_EMPTY_CELLS = re.compile(r" ?\|(?: ?\|)* ?")


def plain_text(markup: str, most: int = LONGEST) -> str:
    """The text of HTML, or of what may be HTML, as paragraphs; cells of a table with `` | ``.

    Longer than ``most`` characters it is cut, and says so at its end.
    """
    text = _of_html(markup) if _TAG.search(markup) else markup
    text = _SPACE.sub(" ", _UNSEEN.sub("", re.sub("\r\n?", "\n", text)))
    lines = (line.strip(" |") for line in text.split("\n"))
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    if len(text) <= most:
        return text
    said = f"\n\n[Cut after {most:,} of {len(text):,} characters.]"
    return text[:most].rstrip() + said


def one_line(markup: str, most: int = LONGEST_LINE) -> str:
    """A title or a name: cleaned, on one line, cut with an ellipsis."""
    text = " ".join(plain_text(markup[: 50 * most]).split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def web_address(written: str, base: str = "") -> str:
    """An address of http or https, made whole against ``base``; empty for any other.

    Nothing follows it: it is there for a person to open.
    """
    try:
        plain = _UNSEEN.sub("", written).strip()
        whole = urljoin(base, plain) if plain else ""
        parts = urlsplit(whole)
        fits = parts.scheme in ("http", "https") and parts.hostname and parts.username is None
    except ValueError:
        return ""
    return whole if fits and len(whole) <= LONGEST_ADDRESS and not re.search(r"\s", whole) else ""


def _of_html(markup: str) -> str:
    """What a reader of the page sees, a line for each block and each row of a table."""
    from lxml import etree, html

    # Bytes with the encoding said: a text that declares another one itself would be an error.
    raw = _UNSEEN.sub("", markup).encode("utf-8")
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=True, remove_comments=True, remove_pis=True
    )
    try:
        root = html.document_fromstring(raw, parser=parser)
    except (etree.ParserError, ValueError):
        return ""
    words: list[str] = []
    cells = 0  # that are open
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:
        hidden, cell = _hidden(element), element.tag in _CELLS
        if event == "start" and hidden:
            walker.skip_subtree()
        elif event == "start":
            words += [_break(element.tag in _BLOCKS, cells), _spaced(element.text)]
            cells += cell
        else:
            cells -= cell and not hidden
            ends = _break(element.tag in _BLOCKS or element.tag in _LINES, cells)
            words += ["" if hidden else " | " if cell else ends, _spaced(element.tail)]
    return _EMPTY_CELLS.sub(" | ", _SPACE.sub(" ", "".join(words)))


def _break(wanted: bool, cells: int) -> str:
    """A block in a cell doesn't end the row."""
    return (" " if cells else "\n") if wanted else ""


def _hidden(element: Any) -> bool:
    if element.tag in _DROPPED or "hidden" in element.attrib:
        return True
    style = element.get("style")
    return bool(style and _HIDING.search(re.sub(r"\s", "", style.lower())))


def _spaced(text: str | None) -> str:
    """Line ends of the page's source are spaces to its reader."""
    return re.sub(r"\s+", " ", text) if text else ""
