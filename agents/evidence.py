"""Whether each claim of a language model stands on something: what doesn't is taken out or marked.

A citation counts when its passage was returned in this turn, a quotation when it stands there word
for word, a number when it stands there as written. What a source means is not judged; but a claim
whose words hardly occur in the passage that it cites is not taken as the passage's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from agents.claims import Atom, Claim, Quoted, Reference, lines
from agents.passages import Found, passages
from agents.rendering import WITHHELD
from agents.spans import find_number, find_quotation, numbers, one_line
from agents.state import Call, Unsupported
from agents.withholding import said_in, sourced, struck

NO_SOURCE = "[no source]"
FALSE_QUOTE = "[quotation removed, it does not stand in a source cited for it]"
FALSE_CITATION = "[claim removed, no such passage was found]"
# One or two words in quotation marks are a term; more are somebody's words.
TERM = re.compile(r"[^\W\d_]+(?:[ -][^\W\d_]+)?[.,]?")
BEFORE_A_STOP = re.compile(r"\s+(?=[.,;:!?])")
LONGEST = 20_000
"""Characters that are read of what a model writes in one go."""
LEAST_SHARED = 1 / 2
"""The part of a claim's words of content that its sources must have."""
SMALL_WORDS = frozenset(
    """
    according article base document explains knowledge notes passage report reports source states
    text writes wrote
    about above after again all also although among and any are because been before being below
    between both but can could did does done down during each either even ever every for from had
    has have having here how however into its itself just like made make many may mean means might
    more most much must neither nor not now off often one only other our out over own per rather
    said same say says she should since some such than that the their them then there these they
    this those through thus too under until upon very was way well were what when where whether
    which while who whom whose why will with within without would yet you your
    """.split()
)


def content_words(text: str) -> set[str]:
    """The words that say what a text is about, each by its first five letters."""
    words = re.findall(r"[^\W\d_]{3,}", text.lower())
    return {word[:5] for word in words if word not in SMALL_WORDS}


@dataclass(slots=True)
class Checked:
    """A model's text with references for all that is sourced, and what had no source.

    ``supported`` says that something in it is quoted or cited.
    """

    text: str = ""
    unsupported: list[Unsupported] = field(default_factory=list)
    supported: bool = False


def check(raw: str, question: str, calls: Sequence[Call], agent: str, *, marked: bool) -> Checked:
    """Go through a model's text claim by claim.

    A claim with neither a citation nor a tool's figure is marked where ``marked``. Where not, the
    question is one of knowledge: only what is cited stays, for no answer is a model's memory.
    """
    return _Check(question, calls, agent, marked=marked).run(raw)


class _Check:
    def __init__(self, question: str, calls: Sequence[Call], agent: str, *, marked: bool) -> None:
        self._question, self._said = question, said_in(question)
        self._calls, self._found = calls, passages(calls)
        self._agent, self._marked = agent, marked
        self._out = Checked()

    def run(self, raw: str) -> Checked:
        paragraphs: list[list[str]] = [[]]
        for line in lines(raw[:LONGEST]):
            if line is None:
                paragraphs.append([])
                continue
            kept = " ".join(text for claim in line.claims if (text := self._claim(claim)))
            if kept:
                paragraphs[-1].append(line.marker + kept)
        self._out.text = "\n\n".join("\n".join(rows) for rows in paragraphs if rows)
        return self._out

    def _claim(self, claim: Claim) -> str:
        sources = {cited: self._found[cited] for cited in claim.cites if cited in self._found}
        if claim.cites and not sources:
            self._tell("citation", claim)
            return FALSE_CITATION
        if len(sources) < len(set(claim.cites)):
            self._tell("citation", claim)
        if sources and not _alike(claim.words, list(sources.values())):
            self._tell("likeness", claim)
            sources = {}
        text = "".join(self._atom(atom, claim, sources) for atom in claim.atoms).strip()
        figures = any(
            isinstance(a, Reference) and a.cites is None and sourced(a.match, self._calls)
            for a in claim.atoms
        )
        if sources:
            told = bool(content_words(claim.words)) or "[[quote:" in text
            self._out.supported |= told
            return text if told or FALSE_QUOTE in text else ""
        if (figures and self._marked) or not any(c.isalnum() for c in text):
            return text
        if not claim.cites:
            self._tell("source", claim)
        return f"{BEFORE_A_STOP.sub('', text)} {NO_SOURCE}" if self._marked else ""

    def _atom(self, atom: Atom, claim: Claim, sources: dict[str, Found]) -> str:
        if isinstance(atom, Quoted):
            return self._quotation(atom, claim, sources)
        if not isinstance(atom, Reference):
            return self._words(atom.text, sources)
        if atom.cites is not None:
            return f"[[cite:{atom.cites}]]" if atom.cites in sources else ""
        return atom.match.group() if sourced(atom.match, self._calls) else WITHHELD

    def _quotation(self, atom: Quoted, claim: Claim, sources: dict[str, Found]) -> str:
        for cited, found in sources.items():
            if span := find_quotation(found.text, atom.text):
                return f"[[quote:{cited}|{span[0]}-{span[1]}]]"
        plain = one_line(atom.text)
        own = plain.lower() in one_line(self._question).lower()
        if not sources and (own or TERM.fullmatch(plain)):
            return f"“{struck(plain, self._said)}”"
        self._tell("quotation", claim)
        return FALSE_QUOTE

    def _words(self, text: str, sources: dict[str, Found]) -> str:
        parts: list[str] = []
        end = 0
        for row in numbers(text):
            if row.key in self._said:
                continue
            for cited, found in sources.items():
                if span := find_number(found.text, row):
                    parts += [
                        struck(text[end : row.start], self._said),
                        f"[[number:{cited}|{span[0]}-{span[1]}]]",
                    ]
                    end = row.end
                    break
        return "".join([*parts, struck(text[end:], self._said)])

    def _tell(self, why: str, claim: Claim) -> None:
        said = " ".join(
            atom.written if isinstance(atom, Quoted) else getattr(atom, "text", "")
            for atom in claim.atoms
        )
        told = struck(one_line(said), self._said)[:200]
        self._out.unsupported.append(Unsupported(agent=self._agent, why=why, text=told))


def _alike(words: str, sources: Sequence[Found]) -> bool:
    claimed = content_words(words)
    there: set[str] = set()
    for found in sources:
        there |= content_words(f"{found.row['title']} {found.row.get('section', '')} {found.text}")
    return len(claimed & there) >= LEAST_SHARED * len(claimed)
