"""Made-up annual reports, with tables and sentences as real ones have, and questions about them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

SEED = 20_261_121
COMPANIES = (
    "Ardent Looms", "Bexley Marine", "Corvane Optics", "Dunmore Grain", "Elstow Pumps",
    "Farrier Rail", "Galloway Glass", "Hestia Ovens", "Ilkley Paper", "Juniper Locks",
    "Kestrel Tyres", "Lomond Salt", "Merrow Paint", "Norbury Clocks", "Oakham Tiles",
    "Penrose Wire", "Quorn Lamps", "Rothbury Cranes", "Selby Foods", "Tamar Wool",
)  # fmt: skip
YEAR = 2011


@dataclass(frozen=True, slots=True)
class Report:
    """One report: its company, its text in Markdown, and what is asked about it."""

    company: str
    text: str
    questions: tuple[str, ...]


def reports() -> tuple[Report, ...]:
    """The same reports each time."""
    dice = random.Random(SEED)  # noqa: S311 (figures of companies that don't exist)
    return tuple(_report(company, dice) for company in COMPANIES)


def write_reports(folder: Path) -> list[Path]:
    """Write each report to a file of its own; gives the files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for report in reports():
        paths.append(folder / f"{report.company.lower().replace(' ', '-')}.md")
        paths[-1].write_text(report.text, "utf-8")
    return paths


def _report(company: str, dice: random.Random) -> Report:
    revenue, before = dice.uniform(200, 900), dice.uniform(200, 900)
    margin, staff = dice.uniform(20, 60), dice.randint(300, 9_000)
    way = "rose" if revenue > before else "fell"
    text = f"""# {company} annual report {YEAR}

## Results of operations

Revenue of {company} {way} to ${revenue:,.1f} million in {YEAR} from ${before:,.1f} million the year
before. The gross margin was {margin:.1f} % of revenue. Net loss from discontinued lines was
$({dice.uniform(1, 9):.1f}) million.

| in millions of dollars | {YEAR} | {YEAR - 1} |
|---|---|---|
| Revenue | {revenue:,.1f} | {before:,.1f} |
| Cost of sales | {revenue * (1 - margin / 100):,.1f} | {before * 0.6:,.1f} |

## Employees

At the end of {YEAR} the company “{company}” had {staff:,} employees, {dice.randint(5, 60)} % of
them abroad. Training costs were €{dice.uniform(0.1, 3):.2f} million.
"""
    return Report(
        company,
        text,
        (
            f"What was the revenue of {company} in {YEAR}?",
            f"What was the gross margin of {company}?",
            f"How many employees had {company} at the end of {YEAR}?",
        ),
    )
