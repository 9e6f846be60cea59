"""A model's text cut into claims: each a sentence, with the references and quotations in it.

A citation covers what stands before it in its sentence, back to an earlier citation, and nothing
after it: words that follow it are a claim of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from agents.rendering import REFERENCE

QUOTED = re.compile(
    r"“(?P<q1>[^“”]{1,2000})”|„(?P<q2>[^„“”]{1,2000})[“”]|«(?P<q3>[^«»]{1,2000})»"
    r"|\"(?P<q4>(?:(?!\n\s*\n)[^\"]){1,2000})\""
    r"|(?<!\w)‘(?P<q5>[^‘\n]{3,2000}?)’(?!\w)|(?<!\w)'(?P<q6>[^'\n]{3,2000}?)'(?!\w)"
)
TOKEN = re.compile(rf"(?P<reference>{REFERENCE.pattern})|(?:{QUOTED.pattern})")
LOOSE_MARKS = re.compile(r"[“”„«»\"]")
MARKER = re.compile(r"\s*(?:[-*+]\s+|\d{1,3}[.)]\s+|#{1,6}\s+|>\s*)+")
FENCE = re.compile(r"^\s*(?:```|~~~).*$", re.MULTILINE)
ENDS = re.compile(r"[.!?…]+[*_)\]’']*(?=\s|$)")
ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|vs|cf|approx|Inc|Corp|Co|Ltd|No|St|Mr|Ms|Dr)|\b[A-Z])\.$"
)
CLOSING = re.compile(r"[\s.,;:!?)…*_]*")


@dataclass(frozen=True, slots=True)
class Words:
    """Plain text between references and quotations."""

    text: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words that the text gives as somebody's; ``written`` has its marks."""

    text: str
    written: str


@dataclass(frozen=True, slots=True)
class Reference:
    """``[[source:path|form]]``; a citation's source is ``cite``."""

    match: re.Match[str]

    @property
    def cites(self) -> str | None:
        """The id of the passage that it cites, None for a figure."""
        return self.match[2].strip() if self.match[1].strip() == "cite" else None


Atom = Words | Quoted | Reference


@dataclass(slots=True)
class Claim:
    """One sentence, or the part of one that a citation covers."""

    atoms: list[Atom] = field(default_factory=list)

    @property
    def cites(self) -> list[str]:
        """The ids of the passages that it cites."""
        return [a.cites for a in self.atoms if isinstance(a, Reference) and a.cites is not None]

    @property
    def words(self) -> str:
        """Its own words, without what it quotes."""
        return " ".join(a.text for a in self.atoms if isinstance(a, Words))


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, list item, heading or table row; ``marker`` is what begins it."""

    marker: str
    claims: list[Claim]


def lines(raw: str) -> Iterator[Line | None]:
    """The lines of a text in order; None stands for an empty line between them."""
    for block in re.split(r"\n\s*\n", FENCE.sub("", raw)):
        numbered = 0
        for line in _joined(block):
            found = MARKER.match(line)
            marker = found.group() if found else ""
            claims = list(_claims(_atoms(line[len(marker) :].strip())))
            if re.search(r"\d", marker):
                # Counted here: "310." at the head of a line is no price.
                numbered += 1
                marker = re.sub(r"\d+", str(numbered), marker)
            # A blockquote's mark goes: what is quoted stands in quotation marks.
            if claims:
                yield Line(re.sub(r">\s*", "", marker), claims)
        yield None


def _joined(block: str) -> list[str]:
    """The block's lines, those of one paragraph as one; a quotation is never cut."""
    out: list[str] = []
    for line in block.split("\n"):
        begins = MARKER.match(line) or line.lstrip().startswith("|")
        quoting = out and out[-1].count("“") > out[-1].count("”")
        if out and (quoting or not begins):
            out[-1] += "\n" + line
        else:
            out.append(line)
    return out


def _atoms(text: str) -> Iterator[Atom]:
    end = 0
    for match in TOKEN.finditer(text):
        yield from _sentences(text[end : match.start()])
        if match["reference"] is not None:
            inner = REFERENCE.fullmatch(match["reference"])
            if inner is not None:
                yield Reference(inner)
        else:
            said = next(v for name, v in match.groupdict().items() if name[0] == "q" and v)
            yield Quoted(said, match.group())
        end = match.end()
    yield from _sentences(text[end:])


def _sentences(text: str) -> Iterator[Words]:
    text = LOOSE_MARKS.sub("", text)
    begin = 0
    for stop in ENDS.finditer(text):
        if not ABBREVIATED.search(text[begin : stop.start() + 1]):
            yield Words(text[begin : stop.end()])
            begin = stop.end()
    if text[begin:]:
        yield Words(text[begin:])


def _claims(atoms: Iterator[Atom]) -> Iterator[Claim]:
    claim, cited, ended = Claim(), False, False
    for atom in atoms:
        cites = isinstance(atom, Reference) and atom.cites is not None
        closing = isinstance(atom, Words) and CLOSING.fullmatch(atom.text)
        if claim.atoms and not cites and not closing and (cited or ended):
            yield claim
            claim, cited, ended = Claim(), False, False
        claim.atoms.append(atom)
        cited = cited or cites
        ended = _ends(atom) or (ended and (cites or bool(closing)))
    if claim.atoms:
        yield claim


def _ends(atom: Atom) -> bool:
    if isinstance(atom, Words):
        return bool(re.search(r"[.!?…][*_)\]’']*$", atom.text)) and not ABBREVIATED.search(
            atom.text
        )
    return False
