"""Reads what a filing in inline XBRL says of itself: who files, for which year, which form."""

from __future__ import annotations

from typing import Any

_WANTED = {
    "dei:EntityRegistrantName": "company",
    "dei:TradingSymbol": "ticker",
    "dei:DocumentFiscalYearFocus": "fiscal_year",
    "dei:DocumentType": "form",
    "dei:DocumentPeriodEndDate": "period_end",
}


def tagged_facts(root: Any) -> dict[str, str]:
    """Give the facts of the cover page by our names; the first of each counts."""
    found: dict[str, str] = {}
    for element in root.iter("ix:nonnumeric"):
        name = _WANTED.get(element.get("name") or "")
        text = " ".join("".join(element.itertext()).split())
        if name and text and name not in found:
            found[name] = text[:200]
    return found
